//! Both golden tables of money rules 4, a test per cell; then what holds for every cell.

use super::*;
use crate::calendar::CalendarFile;
use crate::ids::{OperationId, RefundId};
use crate::seen::{RefundSeen, RefundsSeen};
use crate::testing::{operation, refund};
use CardState as C;
use DiscrepancyKind as D;
use OperationKind as K;
use OperationState as O;
use PersonWhy as P;
use Rail::{CtbcCard, SinopacAccount, SinopacCard};
use WaitWhy as W;

const CAPTURED: i64 = 100;

/// 2026-11-23 is a Monday.
fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
}

fn calendar() -> BankCalendar {
    BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
        .unwrap()
}

#[expect(clippy::struct_excessive_bools, reason = "each is varied by itself")]
/// A case to be varied; planned on Monday at 14:30.
struct Case {
    rail: Rail,
    refund: Refund,
    whole_only: bool,
    others: Vec<Refund>,
    operations: Vec<Operation>,
    refused: Vec<Refused>,
    booked: Vec<Booked>,
    refunded_outside: bool,
    fits: bool,
    queued_since_send: bool,
    now: &'static str,
    contract: Contract,
}

fn case(rail: Rail, amount: i64) -> Case {
    Case {
        rail,
        refund: refund(amount),
        whole_only: false,
        others: Vec::new(),
        operations: Vec::new(),
        refused: Vec::new(),
        booked: Vec::new(),
        refunded_outside: false,
        fits: true,
        queued_since_send: false,
        now: "23T14:30",
        contract: Contract { refund_remainder: false, paper: SinopacPaper::V25 },
    }
}

impl Case {
    fn plan(&self, seen: Option<&Seen>) -> Plan {
        plan(&RefundCase {
            refund: &self.refund,
            rail: self.rail,
            captured: Twd::new(CAPTURED),
            whole_only: self.whole_only,
            others: &self.others,
            operations: &self.operations,
            refused: &self.refused,
            booked: &self.booked,
            refunded_outside: self.refunded_outside,
            reading: Fresh { seen, asked_at: at(self.now), fits: self.fits },
            queued_since_send: self.queued_since_send,
            now: at(self.now),
            calendar: &calendar(),
            contract: self.contract,
        })
    }

    fn ctbc(&self, state: C) -> Plan {
        self.plan(Some(&Seen::of_ctbc(state)))
    }

    fn sinopac(&self, state: BankState, refunds: RefundsSeen) -> Plan {
        self.plan(Some(&Seen::Sinopac { state, refunds }))
    }

    fn with(mut self, op: Operation) -> Self {
        self.operations.push(op);
        self
    }

    fn at(self, now: &'static str) -> Self {
        Self { now, ..self }
    }

    /// An earlier refund of the target, in this state.
    fn after(mut self, amount: i64, state: RefundState) -> Self {
        self.others.push(Refund { id: earlier_id(), state, ..refund(amount) });
        self
    }
}

fn earlier_id() -> RefundId {
    RefundId::from_bytes([8; 16])
}

/// Ours, Accepted, sent on Monday at 14:00.
fn ours(kind: K) -> Operation {
    sent(kind, O::Accepted, "23T14:00")
}

fn sent(kind: K, state: O, at_text: &str) -> Operation {
    Operation {
        id: OperationId::from_bytes([kind_no(kind); 16]),
        refund: Some(refund(1).id),
        state,
        sent_at: Some(at(at_text)),
        ..operation(kind)
    }
}

fn kind_no(kind: K) -> u8 {
    u8::try_from(K::ALL.iter().position(|one| *one == kind).unwrap()).unwrap()
}

/// Of the earlier refund.
fn earlier(kind: K, at_text: &str) -> Operation {
    Operation {
        id: OperationId::from_bytes([99; 16]),
        refund: Some(earlier_id()),
        ..sent(kind, O::Accepted, at_text)
    }
}

fn step(kind: K, amount: i64) -> Plan {
    Plan::Step(Step { kind, amount: Twd::new(amount) })
}

fn wait(until: &str, why: W) -> Plan {
    Plan::Wait(Wait { until: at(until), why })
}

fn track(until: &str, why: W) -> Plan {
    Plan::Track(Some(Wait { until: at(until), why }))
}

fn one(status: &str, amount: i64) -> RefundSeen {
    RefundSeen { status: status.into(), amount: Some(Twd::new(amount)), date: None }
}

fn row(list: &[(&str, RefundSeen)]) -> RefundsSeen {
    let list = list.iter().map(|(no, one)| ((*no).to_owned(), one.clone())).collect();
    RefundsSeen { flag: true, list, ..RefundsSeen::default() }
}

const WHOLE: i64 = CAPTURED;
const PART: i64 = 30;

mod ctbc {
    use super::*;

    const OUTSIDE: Plan = Plan::Discrepancy(D::RefundedOutside);

    #[test]
    fn authorized_whole() {
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Authorized), step(K::Reversal, WHOLE));
        // CapRev done, Reversal not: only Reversal is resumed
        assert_eq!(
            case(CtbcCard, WHOLE).with(ours(K::CapReversal)).ctbc(C::Authorized),
            step(K::Reversal, WHOLE)
        );
    }

    #[test]
    fn authorized_part() {
        assert_eq!(case(CtbcCard, PART).ctbc(C::Authorized), Plan::NeedsPerson(P::PartOfAuthorization));
    }

    #[test]
    fn capture_queued_whole() {
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::CaptureQueued), step(K::CapReversal, WHOLE));
    }

    #[test]
    fn capture_queued_part() {
        assert_eq!(case(CtbcCard, PART).ctbc(C::CaptureQueued), wait("23T22:10", W::Capture));
        let friday_night = case(CtbcCard, PART).at("27T22:30");
        assert_eq!(friday_night.ctbc(C::CaptureQueued), wait("30T22:10", W::Capture));
    }

    #[test]
    fn locked_whole_and_part() {
        for amount in [WHOLE, PART] {
            for state in [C::CaptureLocked, C::RefundLocked] {
                let planned = |now| case(CtbcCard, amount).at(now).ctbc(state);
                assert_eq!(planned("23T20:30"), wait("23T22:10", W::Locked), "the end of the lock");
                assert_eq!(
                    planned("23T21:50"),
                    wait("23T22:20", W::Locked),
                    "half an hour, where that is later"
                );
                assert_eq!(planned("23T14:30"), wait("23T15:00", W::Locked));
                assert_eq!(planned("23T19:30"), wait("23T22:10", W::Locked), "into the next one");
            }
        }
        // ours at 21: at the bank, and the same wait is shown
        let ours = case(CtbcCard, PART).with(ours(K::Refund)).at("23T20:30");
        assert_eq!(ours.ctbc(C::RefundLocked), track("23T22:10", W::Locked));
    }

    #[test]
    fn captured_whole() {
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Captured), step(K::Refund, WHOLE));
    }

    #[test]
    fn captured_part() {
        assert_eq!(case(CtbcCard, PART).ctbc(C::Captured), step(K::Refund, PART));
        let instalment = Case { whole_only: true, ..case(CtbcCard, PART) };
        assert_eq!(instalment.ctbc(C::Captured), Plan::WholeOnly);
        let instalment = Case { whole_only: true, ..case(CtbcCard, WHOLE) };
        assert_eq!(instalment.ctbc(C::Captured), step(K::Refund, WHOLE));
    }

    #[test]
    fn refund_queued_whole() {
        assert_eq!(case(CtbcCard, WHOLE).with(ours(K::Refund)).ctbc(C::RefundQueued), Plan::Track(None));
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::RefundQueued), OUTSIDE);
    }

    #[test]
    fn refund_queued_part() {
        let ours =
            || case(CtbcCard, PART).after(40, RefundState::AtBank).with(earlier(K::Refund, "23T10:00"));
        assert_eq!(ours().ctbc(C::RefundQueued), wait("23T22:10", W::EarlierQueued));
        assert_eq!(case(CtbcCard, PART).ctbc(C::RefundQueued), OUTSIDE);
        // an earlier one that is done explains nothing that is queued now
        let done = case(CtbcCard, PART).after(40, RefundState::Done).with(earlier(K::Refund, "20T10:00"));
        assert_eq!(done.ctbc(C::RefundQueued), OUTSIDE);
        assert_eq!(
            case(CtbcCard, PART).with(super::ours(K::Refund)).ctbc(C::RefundQueued),
            Plan::Track(None)
        );
    }

    #[test]
    fn refunded_whole() {
        let snapshot = Some(Seen::of_ctbc(C::Captured));
        let op = Operation { snapshot, ..ours(K::Refund) };
        assert_eq!(case(CtbcCard, WHOLE).with(op).ctbc(C::Refunded), Plan::Done);
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Refunded), OUTSIDE);
    }

    #[test]
    fn refunded_part() {
        let remainder = |enabled| Case {
            contract: Contract { refund_remainder: enabled, paper: SinopacPaper::V25 },
            ..case(CtbcCard, PART).after(70, RefundState::Done).with(earlier(K::Refund, "20T10:00"))
        };
        assert_eq!(remainder(true).ctbc(C::Refunded), step(K::Refund, PART), "the exact remainder");
        assert_eq!(remainder(false).ctbc(C::Refunded), Plan::NeedsPerson(P::RemainderNotEnabled));
        assert_eq!(Case { others: Vec::new(), ..remainder(true) }.ctbc(C::Refunded), OUTSIDE);
        let outside = Case { refunded_outside: true, ..remainder(true) };
        assert_eq!(outside.ctbc(C::Refunded), OUTSIDE, "one of them is not ours");
        let booked = vec![Booked { refund_no: None, amount: Twd::new(70) }];
        let booked = Case { others: Vec::new(), booked, ..remainder(true) };
        assert_eq!(booked.ctbc(C::Refunded), step(K::Refund, PART), "a person has booked it");
    }

    /// 22 of a remainder may be the 22 of the refund before.
    #[test]
    fn the_end_of_a_remainder_is_a_new_one() {
        let op = Operation { snapshot: Some(Seen::of_ctbc(C::Refunded)), ..ours(K::Refund) };
        let at = |now| case(CtbcCard, PART).after(70, RefundState::Done).with(op.clone()).at(now);
        assert_eq!(at("23T14:30").ctbc(C::Refunded), Plan::Track(None));
        assert_eq!(at("23T22:09").ctbc(C::Refunded), Plan::Track(None));
        assert_eq!(at("23T22:10").ctbc(C::Refunded), Plan::Done, "after a completed batch");
        let queued = Case { queued_since_send: true, ..at("23T14:30") };
        assert_eq!(queued.ctbc(C::Refunded), Plan::Done, "20 or 21 was read");
        // from 12 after an earlier one, as after a RefundRev
        let op = Operation { snapshot: Some(Seen::of_ctbc(C::Captured)), ..op };
        let again = case(CtbcCard, PART).after(70, RefundState::Done).with(op);
        assert_eq!(again.ctbc(C::Refunded), Plan::Track(None));
    }

    #[test]
    fn cancelled_whole() {
        assert_eq!(case(CtbcCard, WHOLE).with(ours(K::Reversal)).ctbc(C::Cancelled), Plan::Done);
        assert_eq!(case(CtbcCard, WHOLE).ctbc(C::Cancelled), OUTSIDE);
        assert_eq!(case(CtbcCard, WHOLE).with(ours(K::CapReversal)).ctbc(C::Cancelled), OUTSIDE);
    }

    #[test]
    fn cancelled_part() {
        assert_eq!(case(CtbcCard, PART).ctbc(C::Cancelled), OUTSIDE);
        assert_eq!(case(CtbcCard, PART).with(ours(K::Reversal)).ctbc(C::Cancelled), OUTSIDE);
    }

    #[test]
    fn nothing_collected_whole_and_part() {
        for amount in [WHOLE, PART] {
            for state in [C::Failed, C::CaptureFailed] {
                let nothing = Plan::NothingCollected { cancel_account: false };
                assert_eq!(case(CtbcCard, amount).ctbc(state), nothing, "{state:?}");
                let ours = case(CtbcCard, amount).with(ours(K::Refund));
                assert_eq!(ours.ctbc(state), Plan::NeedsPerson(P::Vanished), "{state:?}");
                let doubtful = Case { fits: false, ..case(CtbcCard, amount) };
                assert_eq!(doubtful.ctbc(state), Plan::NeedsPerson(P::DoubtfulReading), "{state:?}");
            }
        }
    }

    #[test]
    fn for_a_person_whole_and_part() {
        for amount in [WHOLE, PART] {
            let case = || case(CtbcCard, amount);
            assert_eq!(case().ctbc(C::RefundFailed), Plan::NeedsPerson(P::RefundFailed));
            assert_eq!(case().ctbc(C::Unlisted), Plan::NeedsPerson(P::UnlistedState));
            for state in C::ALL {
                let several = Seen::Ctbc { state, several: true };
                assert_eq!(
                    case().plan(Some(&several)),
                    Plan::NeedsPerson(P::SeveralTransactions),
                    "{state:?}"
                );
            }
            assert_eq!(case().plan(None), Plan::NeedsPerson(P::NotThere));
            let other_bank = Seen::of_sinopac(BankState::Collected);
            assert_eq!(case().plan(Some(&other_bank)), Plan::NeedsPerson(P::Unforeseen));
        }
    }

    /// The bank took a step and shows that it did not: lag for ten minutes, then a person.
    #[test]
    fn a_step_that_vanished_is_never_repeated() {
        let vanished = Plan::NeedsPerson(P::Vanished);
        let at = |now, kind| case(CtbcCard, WHOLE).with(ours(kind)).at(now);
        assert_eq!(at("23T14:09", K::CapReversal).ctbc(C::CaptureQueued), wait("23T14:10", W::Lag));
        assert_eq!(at("23T14:10", K::CapReversal).ctbc(C::CaptureQueued), vanished);
        assert_eq!(at("23T14:09", K::Reversal).ctbc(C::Authorized), track("23T14:10", W::Lag));
        assert_eq!(at("23T14:10", K::Reversal).ctbc(C::Authorized), vanished);
        assert_eq!(at("23T14:30", K::Reversal).ctbc(C::CaptureQueued), vanished);
        assert_eq!(at("23T14:30", K::CapReversal).ctbc(C::Captured), vanished);
        assert_eq!(at("23T14:30", K::Refund).ctbc(C::CaptureQueued), vanished);
        assert_eq!(at("23T14:30", K::Refund).ctbc(C::Authorized), vanished);
        assert_eq!(at("23T14:30", K::Refund).ctbc(C::Captured), Plan::Track(None));
        assert_eq!(at("23T22:09", K::Refund).ctbc(C::Captured), Plan::Track(None));
        assert_eq!(at("23T22:10", K::Refund).ctbc(C::Captured), vanished, "a batch has run");
    }

    #[test]
    fn a_refund_taken_back_is_withdrawn() {
        let case = case(CtbcCard, PART).with(ours(K::Refund)).with(ours(K::RefundReversal));
        assert_eq!(case.ctbc(C::Captured), Plan::Withdrawn);
        assert_eq!(case.ctbc(C::RefundQueued), Plan::Track(None));
    }

    /// Asked at 19:55: nothing is sent before 22:10, and then by the new state.
    #[test]
    fn beside_the_batch_every_step_waits() {
        for (state, kind) in
            [(C::Authorized, K::Reversal), (C::CaptureQueued, K::CapReversal), (C::Captured, K::Refund)]
        {
            let planned = |now| case(CtbcCard, WHOLE).at(now).ctbc(state);
            assert_eq!(planned("23T19:55"), wait("23T22:10", W::Batch), "{state:?}");
            assert_eq!(planned("23T22:10"), step(kind, WHOLE), "{state:?}");
        }
        // CapRev takes its Reversal along
        let planned = |now, state| case(CtbcCard, WHOLE).at(now).ctbc(state);
        assert_eq!(planned("23T19:46", C::CaptureQueued), step(K::CapReversal, WHOLE));
        assert_eq!(planned("23T19:47", C::CaptureQueued), wait("23T22:10", W::Batch));
        assert_eq!(planned("23T19:48", C::Captured), step(K::Refund, WHOLE));
        assert_eq!(planned("23T19:49", C::Captured), wait("23T22:10", W::Batch));
    }
}

mod sinopac {
    use super::*;
    use BankState as B;

    const OUTSIDE: Plan = Plan::Discrepancy(D::RefundedOutside);

    fn none() -> RefundsSeen {
        RefundsSeen::default()
    }

    #[test]
    fn not_paid_whole_and_part() {
        for amount in [WHOLE, PART] {
            for (rail, state, cancel_account) in [
                (SinopacAccount, B::Waiting, true),
                (SinopacAccount, B::Expired, false),
                (SinopacCard, B::Waiting, false),
                (SinopacCard, B::Expired, false),
            ] {
                let planned = case(rail, amount).sinopac(state, none());
                assert_eq!(planned, Plan::NothingCollected { cancel_account }, "{rail:?} {state:?}");
                let op = if rail == SinopacCard { K::CardRefund } else { K::AccountRefund };
                let planned = case(rail, amount).with(ours(op)).sinopac(state, none());
                assert_eq!(planned, Plan::NeedsPerson(P::Vanished));
            }
        }
    }

    #[test]
    fn authorized_whole() {
        let cancel = step(K::CancelAuthorization, WHOLE);
        assert_eq!(case(SinopacCard, WHOLE).sinopac(B::Authorized, none()), cancel);
        let taken = |now| case(SinopacCard, WHOLE).with(ours(K::CancelAuthorization)).at(now);
        assert_eq!(taken("23T14:09").sinopac(B::Authorized, none()), track("23T14:10", W::Lag));
        assert_eq!(taken("23T14:10").sinopac(B::Authorized, none()), Plan::NeedsPerson(P::Vanished));
        assert_eq!(taken("23T14:10").sinopac(B::Collected, none()), Plan::NeedsPerson(P::Vanished));
        let account = case(SinopacAccount, WHOLE).sinopac(B::Authorized, none());
        assert_eq!(account, Plan::NeedsPerson(P::Unforeseen), "no account is ever authorized");
    }

    #[test]
    fn authorized_part() {
        let planned = case(SinopacCard, PART).sinopac(B::Authorized, none());
        assert_eq!(planned, Plan::NeedsPerson(P::PartOfAuthorization));
    }

    #[test]
    fn released_whole() {
        let ours = case(SinopacCard, WHOLE).with(ours(K::CancelAuthorization));
        assert_eq!(ours.sinopac(B::Released, none()), Plan::Done);
        assert_eq!(case(SinopacCard, WHOLE).sinopac(B::Released, none()), OUTSIDE);
    }

    #[test]
    fn released_part() {
        assert_eq!(case(SinopacCard, PART).sinopac(B::Released, none()), OUTSIDE);
        let ours = case(SinopacCard, PART).with(ours(K::CancelAuthorization));
        assert_eq!(ours.sinopac(B::Released, none()), OUTSIDE);
    }

    /// 1x400, 1x900: R, with the amount, on both rails and by both papers.
    #[test]
    fn collected_whole_and_part() {
        for amount in [WHOLE, PART] {
            for state in [B::Collected, B::Settled] {
                for paper in SinopacPaper::ALL {
                    for (rail, kind) in
                        [(SinopacCard, K::CardRefund), (SinopacAccount, K::AccountRefundToken)]
                    {
                        let contract = Contract { refund_remainder: false, paper };
                        let case = Case { contract, ..case(rail, amount) };
                        assert_eq!(case.sinopac(state, none()), step(kind, amount), "{rail:?} {state:?}");
                    }
                }
            }
        }
    }

    /// 2x900 and every refund ours: R again, by both papers.
    #[test]
    fn collected_after_refunds_of_ours() {
        for paper in SinopacPaper::ALL {
            for (rail, first, kind, done) in [
                (SinopacCard, K::CardRefund, K::CardRefund, "2C900"),
                (SinopacAccount, K::AccountRefund, K::AccountRefundToken, "2A900"),
            ] {
                let op = Operation { amount: Some(Twd::new(70)), ..earlier(first, "20T10:00") };
                let contract = Contract { refund_remainder: false, paper };
                let case = || Case { contract, ..case(rail, PART).after(70, RefundState::Done) };
                let row = row(&[("R1", one(done, 70))]);
                assert_eq!(case().with(op).sinopac(B::Settled, row.clone()), step(kind, PART));
                assert_eq!(case().sinopac(B::Settled, row), OUTSIDE, "none of ours");
            }
        }
    }

    #[test]
    fn staging_bonus_and_cup_only_whole() {
        for (rail, kind) in [(SinopacCard, K::CardRefund), (SinopacAccount, K::AccountRefundToken)] {
            let planned =
                |amount| Case { whole_only: true, ..case(rail, amount) }.sinopac(B::Collected, none());
            assert_eq!(planned(PART), Plan::WholeOnly);
            assert_eq!(planned(WHOLE), step(kind, WHOLE));
        }
    }

    /// One a day: by our own send of today in each state, or by a RefundDate of today.
    #[test]
    fn a_second_refund_of_a_card_waits_for_the_next_bank_day() {
        for paper in SinopacPaper::ALL {
            for amount in [20, PART] {
                let contract = Contract { refund_remainder: false, paper };
                let tomorrow = wait("24T00:10", W::OneADay);
                let case = || Case { contract, ..case(SinopacCard, amount).after(70, RefundState::Done) };
                for state in O::ALL {
                    let op = Operation { state, ..earlier(K::CardRefund, "23T00:00") };
                    let planned = case().with(op).sinopac(B::Collected, none());
                    let expected = match state {
                        O::Accepted => tomorrow,
                        O::Declined | O::DidNotHappen | O::Abandoned => step(K::CardRefund, amount),
                        O::Planned | O::NotNow | O::NotSent => wait("23T14:31", W::OtherStep),
                        O::Sending | O::Pending | O::Unknown => Plan::ReadOut,
                        O::NeedsPerson => Plan::NeedsPerson(P::Undecided),
                    };
                    assert_eq!(planned, expected, "{state:?}");
                }
                let yesterday =
                    Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "22T23:59") };
                let dated = |text: &str| {
                    let date = Some(at(text).minute());
                    RefundsSeen { date, ..row(&[("R1", RefundSeen { date, ..one("2C900", 70) })]) }
                };
                let planned = |text| case().with(yesterday.clone()).sinopac(B::Collected, dated(text));
                assert_eq!(planned("22T23:59"), step(K::CardRefund, amount));
                assert_eq!(planned("23T00:00"), tomorrow, "{paper:?}");
            }
        }
        // an account has no such limit
        let op = Operation { amount: Some(Twd::new(70)), ..earlier(K::AccountRefund, "23T10:00") };
        let account = case(SinopacAccount, PART).after(70, RefundState::Done).with(op);
        let planned = account.sinopac(B::Collected, row(&[("R1", one("2A900", 70))]));
        assert_eq!(planned, step(K::AccountRefundToken, PART));
    }

    /// Our own attempt of today that came to nothing is no refund of today.
    #[test]
    fn an_attempt_of_today_that_did_nothing_does_not_count() {
        for state in [O::NotNow, O::NotSent, O::DidNotHappen] {
            let case = case(SinopacCard, PART).with(sent(K::CardRefund, state, "23T10:00"));
            assert_eq!(case.sinopac(B::Collected, none()), step(K::CardRefund, PART), "{state:?}");
        }
    }

    #[test]
    fn card_answered_used_up() {
        let op = |state| Operation { code: Some("E9918".into()), ..sent(K::CardRefund, state, "23T10:00") };
        for amount in [WHOLE, PART] {
            let case = |state| case(SinopacCard, amount).with(op(state));
            assert_eq!(case(O::Unknown).sinopac(B::Collected, none()), Plan::ReadOut);
            let asked = case(O::NeedsPerson);
            assert_eq!(asked.sinopac(B::Collected, none()), Plan::NeedsPerson(P::UsedUp));
            let new = row(&[("R1", one("2C200", amount))]);
            assert_eq!(asked.sinopac(B::Collected, new), Plan::NeedsPerson(P::SomebodyRefunded));
        }
        // an earlier refund of ours under way: tracked by its own row, then the next bank day
        let busy = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
        let case = super::case(SinopacCard, PART)
            .after(70, RefundState::AtBank)
            .with(busy)
            .with(op(O::DidNotHappen));
        let planned = case.sinopac(B::Collected, row(&[("R1", one("2C400", 70))]));
        assert_eq!(planned, wait("24T00:10", W::OtherUnderway));
    }

    #[test]
    fn account_answered_used_up() {
        let call = |at| {
            let op = sent(K::AccountRefundToken, O::DidNotHappen, at);
            Operation { code: Some("E9918".into()), ..op }
        };
        for amount in [WHOLE, PART] {
            let case = |now| case(SinopacAccount, amount).at(now).with(call("23T14:00"));
            assert_eq!(case("23T14:02").plan(Some(&Seen::of_sinopac(B::Settled))), {
                let until = at("23T14:02").plus_secs(30);
                Plan::Wait(Wait { until, why: W::FirstCall })
            });
            let again = step(K::AccountRefundToken, amount);
            assert_eq!(case("23T14:03").sinopac(B::Settled, none()), again);
            let twice = || case("23T14:30").with(call("23T14:05"));
            assert_eq!(twice().sinopac(B::Settled, none()), again);
            let thrice = twice().with(call("23T14:10"));
            assert_eq!(thrice.sinopac(B::Settled, none()), Plan::NeedsPerson(P::FirstCallLives));
        }
    }

    #[test]
    fn a_refund_that_is_not_ours_whole_and_part() {
        for rail in [SinopacCard, SinopacAccount] {
            for status in ["2C900", "2A900", "2X999"] {
                for amount in [WHOLE, PART] {
                    let planned = case(rail, amount).sinopac(B::Collected, row(&[("R1", one(status, 40))]));
                    assert_eq!(planned, OUTSIDE, "{status}");
                }
                let booked = vec![Booked { refund_no: Some("R1".into()), amount: Twd::new(40) }];
                let booked = Case { booked, ..case(rail, PART) };
                let planned = booked.sinopac(B::Collected, row(&[("R1", one(status, 40))]));
                if status == "2X999" {
                    assert_eq!(planned, Plan::NeedsPerson(P::UnlistedState));
                } else {
                    assert!(matches!(planned, Plan::Step(_)), "booked: {planned:?}");
                }
                let too_much = Case { booked: booked.booked.clone(), ..case(rail, 61) };
                let planned = too_much.sinopac(B::Collected, row(&[("R1", one("2C900", 40))]));
                assert_eq!(planned, Plan::NeedsPerson(P::OverCaptured), "it counts as refunded");
            }
            // one that failed for good gave nothing back
            let failed = case(rail, PART).sinopac(B::Collected, row(&[("R1", one("2A290", 40))]));
            assert!(matches!(failed, Plan::Step(_)), "{failed:?}");
        }
    }

    #[test]
    fn underway_ours_is_tracked_and_else_waits() {
        for (rail, kind, codes) in [
            (SinopacCard, K::CardRefund, &["2C200", "2C400"][..]),
            (SinopacAccount, K::AccountRefund, &["2A400"][..]),
        ] {
            for (code, amount) in codes.iter().flat_map(|code| [(code, WHOLE), (code, PART)]) {
                let row = row(&[("R1", one(code, amount))]);
                let op = Operation { amount: Some(Twd::new(amount)), ..ours(kind) };
                assert_eq!(case(rail, amount).with(op).sinopac(B::Collected, row.clone()), Plan::Track(None));
                let other = wait("24T00:10", W::OtherUnderway);
                assert_eq!(case(rail, amount).sinopac(B::Collected, row), other, "not ours");
            }
        }
    }

    #[test]
    fn money_that_comes_back_is_waited_for() {
        for amount in [WHOLE, PART] {
            let row = row(&[("R1", one("2A260", amount))]);
            let waits = wait("24T00:10", W::MoneyReturning);
            assert_eq!(case(SinopacAccount, amount).sinopac(B::Collected, row.clone()), waits);
            let op = Operation { amount: Some(Twd::new(amount)), ..ours(K::AccountRefund) };
            let ours = case(SinopacAccount, amount).with(op);
            assert_eq!(ours.sinopac(B::Collected, row), track("24T00:10", W::MoneyReturning));
        }
    }

    #[test]
    fn failed_for_good_is_for_a_person_and_a_new_one_is_allowed() {
        for amount in [WHOLE, PART] {
            let row = row(&[("R1", one("2A290", amount))]);
            let op = Operation { amount: Some(Twd::new(amount)), ..ours(K::AccountRefund) };
            let ours = case(SinopacAccount, amount).with(op.clone());
            assert_eq!(ours.sinopac(B::Collected, row.clone()), Plan::NeedsPerson(P::FailedForGood));
            let new = case(SinopacAccount, amount).after(amount, RefundState::Declined);
            let new = new.with(Operation { refund: Some(earlier_id()), ..op });
            assert_eq!(new.sinopac(B::Collected, row), step(K::AccountRefundToken, amount));
        }
    }

    #[test]
    fn done_is_a_refund_number_that_is_new() {
        for (rail, kind, code) in
            [(SinopacCard, K::CardRefund, "2C900"), (SinopacAccount, K::AccountRefund, "2A900")]
        {
            let before = row(&[("R1", one(code, 70))]);
            let snapshot = Some(Seen::Sinopac { state: B::Collected, refunds: before.clone() });
            let op = Operation { amount: Some(Twd::new(PART)), snapshot, ..ours(kind) };
            let first = Operation { amount: Some(Twd::new(70)), ..earlier(kind, "20T10:00") };
            let case = case(rail, PART).after(70, RefundState::Done).with(first).with(op);
            assert_eq!(case.sinopac(B::Collected, before), Plan::Track(None), "the end of the one before");
            let after = row(&[("R1", one(code, 70)), ("R2", one(code, PART))]);
            assert_eq!(case.sinopac(B::Settled, after), Plan::Done);
            let more = row(&[("R1", one(code, 70)), ("R2", one(code, PART)), ("R3", one(code, 5))]);
            assert_eq!(case.sinopac(B::Settled, more), OUTSIDE);
        }
    }

    /// Without a list the date of the last one tells.
    #[test]
    fn done_without_a_list_is_a_later_date() {
        let dated = |text: &str| RefundsSeen {
            flag: true,
            status: Some("2C900".into()),
            date: Some(at(text).minute()),
            ..RefundsSeen::default()
        };
        let before = dated("20T10:00");
        let snapshot = Some(Seen::Sinopac { state: B::Collected, refunds: before.clone() });
        let op = Operation { amount: Some(Twd::new(PART)), snapshot, ..ours(K::CardRefund) };
        let first = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
        let case = case(SinopacCard, PART).after(70, RefundState::Done).with(first).with(op);
        assert_eq!(case.sinopac(B::Collected, before), Plan::Track(None));
        assert_eq!(case.sinopac(B::Collected, dated("23T14:00")), Plan::Done);
        let more = RefundsSeen { sum: Some(Twd::new(101)), ..dated("23T14:00") };
        assert_eq!(case.sinopac(B::Collected, more), OUTSIDE, "more than all of ours");
        let none = super::case(SinopacCard, PART);
        assert_eq!(none.sinopac(B::Collected, dated("23T14:00")), OUTSIDE);
    }

    /// The row's own status is of its last refund: what it says counts beside the list.
    #[test]
    fn a_status_that_no_line_of_the_list_has_counts_too() {
        let before = row(&[("R1", one("2C900", 70))]);
        let first = Operation { amount: Some(Twd::new(70)), ..earlier(K::CardRefund, "20T10:00") };
        let case = || case(SinopacCard, PART).after(70, RefundState::Done).with(first.clone());
        let status = |code: &str| RefundsSeen { status: Some(code.into()), ..before.clone() };
        assert_eq!(case().sinopac(B::Collected, status("2C900")), step(K::CardRefund, PART));
        assert_eq!(case().sinopac(B::Collected, status("2C400")), wait("24T00:10", W::OtherUnderway));
        assert_eq!(case().sinopac(B::Collected, status("2X111")), Plan::NeedsPerson(P::UnlistedState));
    }

    #[test]
    fn a_first_call_is_over_before_the_next() {
        let case = |now| case(SinopacAccount, PART).at(now).with(ours(K::AccountRefundToken));
        let until = at("23T14:02").plus_secs(30);
        let alive = Plan::Wait(Wait { until, why: W::FirstCall });
        assert_eq!(case("23T14:02").sinopac(B::Collected, none()), alive);
        assert_eq!(case("23T14:03").sinopac(B::Collected, none()), step(K::AccountRefundToken, PART));
    }
}

/// E3606, E3603, E9922; CTBC 3/1, 3/20, 9/nx: whole and part, whatever the bank shows now.
#[test]
fn by_hand() {
    use ByHandWhy as H;
    for amount in [WHOLE, PART] {
        for (rail, kind, code, why) in [
            (SinopacCard, K::CardRefund, "E3606", H::NotActivated),
            (SinopacAccount, K::AccountRefundToken, "E3606", H::NotActivated),
            (SinopacAccount, K::AccountRefundToken, "E3603", H::NoPayerAccount),
            (SinopacCard, K::CardRefund, "E9922", H::TooOld),
            (CtbcCard, K::Refund, "3/1", H::NotInContract),
            (CtbcCard, K::Refund, "3/20", H::TooOld),
            (CtbcCard, K::Refund, "9/nx", H::NotInContract),
        ] {
            let op = Operation { code: Some(code.into()), ..sent(kind, O::Declined, "23T14:00") };
            let case = case(rail, amount).with(op);
            let seen = if rail == CtbcCard {
                Seen::of_ctbc(C::Captured)
            } else {
                Seen::of_sinopac(BankState::Settled)
            };
            assert_eq!(case.plan(Some(&seen)), Plan::ByHand(why), "{code}");
        }
    }
}

/// What holds for every cell that would send.
mod checks {
    use super::*;

    fn sends() -> Vec<(Case, Seen)> {
        [WHOLE, PART]
            .into_iter()
            .flat_map(|amount| {
                [
                    (case(CtbcCard, amount), Seen::of_ctbc(C::Captured)),
                    (case(SinopacCard, amount), Seen::of_sinopac(BankState::Collected)),
                    (case(SinopacAccount, amount), Seen::of_sinopac(BankState::Settled)),
                ]
            })
            .chain([
                (case(CtbcCard, WHOLE), Seen::of_ctbc(C::Authorized)),
                (case(CtbcCard, WHOLE), Seen::of_ctbc(C::CaptureQueued)),
                (case(SinopacCard, WHOLE), Seen::of_sinopac(BankState::Authorized)),
            ])
            .collect()
    }

    #[test]
    fn a_write_follows_only_a_reading_that_fits() {
        for (case, seen) in sends() {
            assert!(matches!(case.plan(Some(&seen)), Plan::Step(_)));
            let doubtful = Case { fits: false, ..case };
            assert_eq!(doubtful.plan(Some(&seen)), Plan::NeedsPerson(P::DoubtfulReading));
        }
    }

    #[test]
    fn nothing_is_sent_where_somebody_refunded_outside() {
        for (case, seen) in sends() {
            let outside = Case { refunded_outside: true, ..case };
            assert_eq!(outside.plan(Some(&seen)), Plan::Discrepancy(D::RefundedOutside));
        }
        let done = Case { refunded_outside: true, ..case(CtbcCard, WHOLE).with(ours(K::Reversal)) };
        assert_eq!(done.ctbc(C::Cancelled), Plan::Discrepancy(D::RefundedOutside), "nor is anything done");
        let doubtful = Case { fits: false, ..case(CtbcCard, WHOLE).with(ours(K::Reversal)) };
        assert_eq!(doubtful.ctbc(C::Cancelled), Plan::NeedsPerson(P::DoubtfulReading));
    }

    #[test]
    fn never_more_than_was_captured() {
        for (case, seen) in sends() {
            let full = case.after(1, RefundState::Done);
            let over = full.refund.amount == Twd::new(WHOLE);
            let planned = full.plan(Some(&seen));
            assert_eq!(planned == Plan::NeedsPerson(P::OverCaptured), over, "{planned:?}");
        }
    }

    /// A step that is unclear, of any refund of the target, keeps every other one back.
    #[test]
    fn one_money_operation_at_a_time() {
        for (case, seen) in sends() {
            let rail = case.rail;
            let kind = if rail == CtbcCard { K::Refund } else { K::AccountRefund };
            for (state, expected) in [
                (O::Sending, Plan::ReadOut),
                (O::Pending, Plan::ReadOut),
                (O::Unknown, Plan::ReadOut),
                (O::NeedsPerson, Plan::NeedsPerson(P::Undecided)),
                (O::Planned, wait("23T14:31", W::OtherStep)),
            ] {
                let op = Operation { state, ..earlier(kind, "20T10:00") };
                let blocked = super::case(rail, case.refund.amount.dollars()).with(op);
                assert_eq!(blocked.plan(Some(&seen)), expected, "{rail:?} {state:?}");
            }
            // an old cancel, capture or create that a person decides blocks nothing
            for kind in [K::CancelAccount, K::Capture, K::Cap, K::CreateLink, K::CancelAuthorization] {
                let op = Operation { state: O::NeedsPerson, refund: None, ..earlier(kind, "20T10:00") };
                let free = super::case(rail, case.refund.amount.dollars()).with(op);
                assert!(matches!(free.plan(Some(&seen)), Plan::Step(_)), "{kind:?}");
            }
        }
        // one that is its own step does
        let own = sent(K::CancelAuthorization, O::NeedsPerson, "23T10:00");
        let planned =
            case(SinopacCard, WHOLE).with(own).sinopac(BankState::Authorized, RefundsSeen::default());
        assert_eq!(planned, Plan::NeedsPerson(P::Undecided));
        let duplicate =
            Operation { code: Some("3/53".into()), ..sent(K::Refund, O::NeedsPerson, "23T10:00") };
        let planned = case(CtbcCard, WHOLE).with(duplicate).ctbc(C::RefundQueued);
        assert_eq!(planned, Plan::NeedsPerson(P::AnotherHand));
    }

    /// The void was refused: another path may go, the same one does not go again (fault F19).
    #[test]
    fn a_declined_step_is_not_repeated() {
        let declined = |kind| Operation { code: Some("3/3".into()), ..sent(kind, O::Declined, "23T14:00") };
        let person = |why| Plan::NeedsPerson(why);
        let case = |kind| case(CtbcCard, WHOLE).with(declined(kind));
        assert_eq!(case(K::CapReversal).ctbc(C::CaptureQueued), person(P::StepDeclined));
        assert_eq!(case(K::CapReversal).ctbc(C::Captured), step(K::Refund, WHOLE));
        assert_eq!(case(K::Reversal).ctbc(C::Authorized), person(P::StepDeclined));
        let half = super::case(CtbcCard, WHOLE).with(ours(K::CapReversal)).with(declined(K::Reversal));
        assert_eq!(half.ctbc(C::Authorized), person(P::HalfReversed));
    }

    #[test]
    fn after_twenty_attempts_or_fourteen_days_a_person_is_asked() {
        for (case, seen) in sends() {
            let refused =
                |count: usize, at_text: &str| vec![Refused { at: at(at_text), refusal: None }; count];
            let planned = |refused| {
                let case = Case { refused, ..super::case(case.rail, case.refund.amount.dollars()) };
                case.plan(Some(&seen))
            };
            assert!(matches!(planned(refused(19, "23T10:00")), Plan::Step(_)));
            assert_eq!(planned(refused(20, "23T10:00")), Plan::NeedsPerson(P::TooOften));
            assert!(matches!(planned(refused(1, "09T14:31")), Plan::Step(_)));
            assert_eq!(planned(refused(1, "09T14:30")), Plan::NeedsPerson(P::TooOften));
        }
    }

    /// Whatever is planned, the row can follow: each state that planning starts from, each plan.
    #[test]
    fn every_plan_has_a_state_that_the_table_allows() {
        use RefundState as S;
        let plans = [
            step(K::Refund, 1),
            wait("23T22:10", W::Batch),
            Plan::Track(None),
            track("23T22:10", W::Locked),
            Plan::ReadOut,
            Plan::Done,
            Plan::Withdrawn,
            Plan::NothingCollected { cancel_account: true },
            Plan::WholeOnly,
            Plan::Refused,
            Plan::ByHand(ByHandWhy::TooOld),
            Plan::NeedsPerson(P::UsedUp),
            Plan::Discrepancy(D::RefundedOutside),
        ];
        for state in S::ALL {
            let row = Refund { state, ..refund(1) };
            for plan in plans {
                let to = plan.refund_state(state);
                let planned_from = !state.is_final() && state != S::Requested;
                assert!(to == state || (planned_from && state.may_become(to)), "{state:?} {plan:?} {to:?}");
                if let Some(next) = row.after(plan).filter(|_| planned_from) {
                    assert_eq!((next.version, next.state), (row.version + 1, to));
                    assert_eq!(
                        next.state == S::NeedsPerson,
                        next.state == S::NeedsPerson && next.why.is_some()
                    );
                    assert_eq!(next.after(plan).filter(|again| again.state == next.state), None, "{plan:?}");
                }
            }
        }
        assert_eq!(
            Plan::Wait(Wait { until: at("23T22:10"), why: W::Lag }).refund_state(S::AtBank),
            S::AtBank
        );
        assert_eq!(step(K::Refund, 1).refund_state(S::AtBank), S::NeedsPerson);
        assert_eq!(Plan::Done.refund_state(S::Working), S::Done);
    }
}
