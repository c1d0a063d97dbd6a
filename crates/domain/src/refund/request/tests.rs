use super::*;
use crate::calendar::CalendarFile;
use crate::refund::approval::{Pair, approve};
use crate::refund::{ByHandWhy, PersonWhy, RefundWhy};
use crate::testing::{operation, payment, refund};
use OperationKind as K;
use OperationState as O;
use RefundState as S;

const PEOPLE: Approvals = Approvals::People;
const DEMO: Approvals = Approvals::NoPeople { practice: true };
const REAL: Approvals = Approvals::NoPeople { practice: false };

fn by(approver: Actor) -> Pair {
    Pair { approver, as_approver: vec![], as_requester: vec![] }
}

fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
}

fn wanted(dollars: i64) -> Wanted {
    Wanted {
        id: RefundId::from_bytes([9; 16]),
        xid: String::new(),
        amount: Twd::new(dollars),
        reason: RefundReason::Returned,
        note: None,
        requester: Actor::Owner,
        now: at("23T14:30"),
        mono: Mono::from_millis(7),
    }
}

/// 100 were captured.
fn ask(rail: Rail, wanted: &Wanted, refunds: &[Refund]) -> Result<Refund, RequestError> {
    let payment = Payment { rail, ..payment(PaymentState::Paid) };
    let captured = Twd::new(100);
    let target = Target { payment: &payment, captured, refunds, booked: &[] };
    request(wanted, &target, DEMO)
}

fn was(dollars: i64, state: S) -> Refund {
    Refund { state, ..refund(dollars) }
}

#[test]
fn a_request_is_taken_down_as_typed() {
    let asked = Wanted { note: Some(" 少一包 ".into()), ..wanted(100) };
    let row = ask(Rail::SinopacCard, &asked, &[]).unwrap();
    assert_eq!((row.state, row.version, row.approver), (S::Requested, 1, None));
    assert_eq!((row.amount, row.note.as_deref()), (Twd::new(100), Some("少一包")));
    assert_eq!((row.requested_at, row.requester), (at("23T14:30"), Actor::Owner));
}

#[test]
fn the_amount_is_positive_and_at_most_what_is_left() {
    for rail in [Rail::SinopacAccount, Rail::SinopacCard] {
        let ask = |dollars, refunds: &[Refund]| ask(rail, &wanted(dollars), refunds).map(|_| ());
        assert_eq!([0, -1].map(|dollars| ask(dollars, &[])), [Err(RequestError::NotPositive); 2]);
        assert_eq!(ask(100, &[]), Ok(()));
        assert_eq!(ask(101, &[]), Err(RequestError::AboveLeft { left: Twd::new(100) }));
        let done = [was(70, S::Done), was(90, S::Withdrawn), was(90, S::Declined)];
        assert_eq!(ask(30, &done), Ok(()), "the exact remainder");
        assert_eq!(ask(31, &done), Err(RequestError::AboveLeft { left: Twd::new(30) }));
        assert!(ask(1, &[was(i64::MAX, S::Done), was(1, S::Done)]).is_err());
    }
}

/// Two equal parts, the first one not over (fault F23).
#[test]
fn a_target_has_one_open_refund() {
    for state in S::ALL {
        let refunds = [was(20, state)];
        let asked = ask(Rail::SinopacCard, &wanted(20), &refunds);
        let expected =
            if state.is_final() { Ok(()) } else { Err(RequestError::OneIsOpen { refund: refunds[0].id }) };
        assert_eq!(asked.map(|_| ()), expected, "{state:?}");
    }
    // 2A290: the bank gave nothing back, and never will
    let why = Some(RefundWhy::Person(PersonWhy::FailedForGood));
    let failed = [Refund { why, ..was(100, S::NeedsPerson) }];
    assert!(ask(Rail::SinopacAccount, &wanted(100), &failed).is_ok());
    let why = Some(RefundWhy::Person(PersonWhy::Undecided));
    let unclear = [Refund { why, ..was(100, S::NeedsPerson) }];
    assert!(ask(Rail::SinopacAccount, &wanted(1), &unclear).is_err());
}

#[test]
fn what_a_person_booked_is_spent() {
    let payment = Payment { rail: Rail::CtbcCard, ..payment(PaymentState::Paid) };
    let booked = [Booked { refund_no: None, amount: Twd::new(70), at: Moment::from_millis(0) }];
    let captured = Twd::new(100);
    let target = Target { payment: &payment, captured, refunds: &[], booked: &booked };
    let ask = |dollars| request(&wanted(dollars), &target, DEMO).map(|_| ());
    assert_eq!((ask(31), ask(30)), (Err(RequestError::AboveLeft { left: Twd::new(30) }), Ok(())));
}

#[test]
fn other_reasons_say_which() {
    let asked = |reason, note: Option<&str>| {
        let asked = Wanted { reason, note: note.map(str::to_owned), ..wanted(1) };
        ask(Rail::SinopacCard, &asked, &[]).map(|row| row.note)
    };
    for reason in RefundReason::ALL {
        let expected = if reason == RefundReason::Other { Err(RequestError::NoteMissing) } else { Ok(None) };
        assert_eq!(asked(reason, None), expected, "{reason:?}");
        assert_eq!(asked(reason, Some("  ")), expected, "{reason:?}");
        assert_eq!(asked(reason, Some("破損")), Ok(Some("破損".into())));
    }
    let other = RefundReason::Other;
    assert!(asked(other, Some(&"破".repeat(200))).is_ok());
    assert_eq!(asked(other, Some(&"破".repeat(201))), Err(RequestError::NoteTooLong { chars: 201 }));
    assert_eq!(asked(other, Some(" a\u{1b}b")), Err(RequestError::NoteControl { place: 2 }));
}

#[test]
fn only_what_has_money_or_an_authorization_goes_back() {
    use PaymentState as P;
    for state in P::ALL {
        let payment = payment(state);
        let captured = Twd::new(100);
        let target = Target { payment: &payment, captured, refunds: &[], booked: &[] };
        let asked = request(&wanted(100), &target, DEMO).map(|_| ());
        let has = matches!(state, P::Authorized | P::Paid | P::PaidLate | P::Settled);
        assert_eq!(asked, if has { Ok(()) } else { Err(RequestError::NothingCollected) }, "{state:?}");
    }
}

#[test]
fn before_people_exist_real_money_stays() {
    let payment = payment(PaymentState::Paid);
    let captured = Twd::new(100);
    let target = Target { payment: &payment, captured, refunds: &[], booked: &[] };
    let ask =
        |requester, approvals| request(&Wanted { requester, ..wanted(1) }, &target, approvals).map(|_| ());
    assert_eq!(ask(Actor::Owner, REAL), Err(RequestError::NoPeople));
    assert_eq!(ask(Actor::Owner, DEMO), Ok(()));
    assert_eq!(ask(Actor::Owner, PEOPLE), Ok(()));
    // switching one-person mode on opens nothing that was asked for before
    let cools = |approvals| request(&wanted(1), &target, approvals).unwrap().asked_mono.is_some();
    assert_eq!([PEOPLE, Approvals::OnePerson].map(cools), [false, true]);
    for actor in [Actor::Engine, Actor::Browser] {
        assert_eq!(ask(actor, DEMO), Err(RequestError::NotAPerson));
    }
}

#[test]
fn the_approver_is_never_the_requester() {
    let row = Refund { approver: None, alone: false, state: S::Requested, version: 1, ..refund(50) };
    let approved = approve(&row, &by(Actor::Owner), DEMO).unwrap();
    assert_eq!((approved.state, approved.approver, approved.version), (S::Approved, Some(Actor::Owner), 2));
    assert_eq!(approve(&row, &by(Actor::Owner), PEOPLE), Err(ApprovalError::OwnRequest));
    assert_eq!(approve(&row, &by(Actor::Owner), REAL), Err(ApprovalError::NoPeople));
    assert_eq!(approve(&row, &by(Actor::Engine), PEOPLE), Err(ApprovalError::NotAPerson));
    assert!(approved.alone, "the row says it");
    let of_another = Refund { requester: Actor::Browser, ..row };
    assert!(approve(&of_another, &by(Actor::Owner), PEOPLE).is_ok());
    for state in S::ALL.into_iter().filter(|state| *state != S::Requested) {
        let row = Refund { state, ..refund(50) };
        assert_eq!(approve(&row, &by(Actor::Owner), DEMO), Err(ApprovalError::NotRequested(state)));
    }
}

/// A row that was written in another way moves no money either.
#[test]
fn no_operation_without_an_approval() {
    let step = Step { kind: K::Refund, amount: Twd::new(50) };
    let make = |refund: &Refund, approvals| {
        operation_of(refund, step, 2, OperationId::from_bytes([3; 16]), approvals, at("23T14:30"))
    };
    let op = make(&refund(50), DEMO).unwrap();
    assert_eq!((op.refund, op.step, op.amount), (Some(refund(50).id), Some(2), Some(Twd::new(50))));
    assert_eq!((op.state, op.attempts, op.kind), (O::Planned, 0, K::Refund));
    assert_eq!((op.planned_at, op.due_at, op.version), (at("23T14:30"), at("23T14:30"), 1));
    assert_eq!(make(&Refund { alone: false, ..refund(50) }, PEOPLE), Err(ApprovalError::OwnRequest));
    assert!(make(&refund(50), PEOPLE).is_ok(), "approved by the rule of its day");
    assert_eq!(make(&refund(50), REAL), Err(ApprovalError::NoPeople));
    assert_eq!(make(&Refund { approver: None, ..refund(50) }, DEMO), Err(ApprovalError::NotAPerson));
    assert_eq!(
        make(&Refund { approver: Some(Actor::Engine), ..refund(50) }, PEOPLE),
        Err(ApprovalError::NotAPerson)
    );
}

fn calendar() -> BankCalendar {
    BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
        .unwrap()
}

fn own(kind: K, state: O) -> Operation {
    Operation { refund: Some(refund(50).id), state, ..operation(kind) }
}

fn withdrawn(ops: &[Operation]) -> Result<Withdrawal, WithdrawError> {
    withdraw(&was(50, S::Working), ops, Actor::Owner, at("23T14:30"))
}

#[test]
fn a_withdrawal_is_free_until_a_step_was_sent() {
    for state in S::ALL {
        let result = withdraw(&was(50, state), &[], Actor::Owner, at("23T14:30"));
        let expected = if state.is_final() { Err(WithdrawError::Over(state)) } else { Ok(S::Withdrawn) };
        let got = result.map(|w| match w {
            Withdrawal::Free(row) => row.state,
            Withdrawal::Wanted(_) | Withdrawal::Reverse(_) | Withdrawal::Wait(_) => S::AtBank,
        });
        assert_eq!(got, expected, "{state:?}");
        assert!(state.is_final() || state.may_become(S::Withdrawn), "{state:?}");
    }
    for kind in
        [K::CapReversal, K::Reversal, K::Refund, K::CardRefund, K::AccountRefund, K::CancelAuthorization]
    {
        for state in O::ALL {
            let free = matches!(withdrawn(&[own(kind, state)]), Ok(Withdrawal::Free(_)));
            assert_eq!(free, !state.may_have_acted(), "{kind:?} {state:?}");
        }
    }
    // the first call of an account's refund moves no money, but the second follows it at once
    for state in O::ALL {
        let free = withdrawn(&[own(K::AccountRefundToken, state)]).is_ok();
        assert_eq!(free, !matches!(state, O::Sending | O::Pending | O::Unknown), "{state:?}");
    }
    // what another refund of the target did is not this one's step
    let other = Operation { refund: Some(RefundId::from_bytes([8; 16])), ..own(K::Refund, O::Accepted) };
    assert!(withdrawn(&[other]).is_ok());
}

/// Sent from 12 on Monday at 14:00.
fn sent(state: O) -> Operation {
    let snapshot = Some(Seen::of_ctbc(CardState::Captured));
    Operation { snapshot, sent_at: Some(at("23T14:00")), ..own(K::Refund, state) }
}

/// Wanted back since Monday at 14:30.
fn wanted_back() -> Refund {
    let wish = Some(Wish { who: Actor::Owner, at: at("23T14:30") });
    Refund { wish, ..was(50, S::AtBank) }
}

fn back(
    refund: &Refund,
    ops: &[Operation],
    refused: &[Refused],
    seen: CardState,
    now: &str,
) -> Option<Withdrawal> {
    let seen = Seen::of_ctbc(seen);
    let fresh = Fresh { seen: Some(&seen), asked_at: at(now), fits: true };
    take_back(refund, ops, refused, &fresh, at(now), &calendar())
}

/// CTBC: what it has in its file, or may have. Never a remainder, nor what is half undone.
#[test]
fn a_wish_is_taken_down_where_the_bank_can_take_it_back() {
    for state in O::ALL {
        let result = withdrawn(&[sent(state)]);
        let expected = matches!(state, O::Sending | O::Accepted | O::Pending | O::Unknown);
        assert_eq!(matches!(result, Ok(Withdrawal::Wanted(_))), expected, "{state:?}");
    }
    let Ok(Withdrawal::Wanted(row)) = withdrawn(&[sent(O::Accepted)]) else { panic!() };
    assert_eq!((row.wish, row.version), (wanted_back().wish, was(50, S::Working).version + 1));
    // asked twice is asked once
    let twice = withdraw(&row, &[sent(O::Accepted)], Actor::Owner, at("23T14:40"));
    assert_eq!(twice, Ok(Withdrawal::Wanted(row)));
    let remainder = Operation { snapshot: Some(Seen::of_ctbc(CardState::Refunded)), ..sent(O::Accepted) };
    for op in [remainder, own(K::CapReversal, O::Accepted), own(K::CardRefund, O::Accepted)] {
        assert_eq!(withdrawn(std::slice::from_ref(&op)), Err(WithdrawError::StepSent), "{op:?}");
    }
    let person = withdraw(&was(50, S::NeedsPerson), &[sent(O::Accepted)], Actor::Owner, at("23T14:30"));
    assert_eq!(person, Err(WithdrawError::StepSent), "the bank's word decides");
}

#[test]
fn at_20_before_the_batch_it_is_taken_back() {
    let step = Step { kind: K::RefundReversal, amount: Twd::new(50) };
    let (taken, queued) = ([sent(O::Accepted)], CardState::RefundQueued);
    let reverse = Some(Withdrawal::Reverse(step));
    assert_eq!(back(&wanted_back(), &taken, &[], queued, "23T14:30"), reverse);
    assert_eq!(back(&wanted_back(), &taken, &[], queued, "23T22:10"), reverse, "still queued");
    let wait = Some(Withdrawal::Wait(Wait { until: at("23T22:10"), why: WaitWhy::Batch }));
    assert_eq!(back(&wanted_back(), &taken, &[], queued, "23T19:49"), wait);
    for state in CardState::ALL.into_iter().filter(|state| *state != queued) {
        assert_eq!(back(&wanted_back(), &taken, &[], state, "23T14:30"), None, "{state:?}");
    }
    assert_eq!(back(&was(50, S::AtBank), &taken, &[], queued, "23T14:30"), None, "nobody wants it back");
    let seen = Seen::of_ctbc(queued);
    let doubtful = Fresh { seen: Some(&seen), asked_at: at("23T14:30"), fits: false };
    let doubtful = take_back(&wanted_back(), &taken, &[], &doubtful, at("23T14:30"), &calendar());
    assert_eq!(doubtful, None, "it does not fit");
    for ops in [vec![sent(O::Unknown)], vec![sent(O::Accepted), own(K::RefundReversal, O::Unknown)]] {
        assert_eq!(back(&wanted_back(), &ops, &[], queued, "23T14:30"), None, "readings go first");
    }
    let never = back(&wanted_back(), &[sent(O::DidNotHappen)], &[], CardState::Captured, "23T14:30");
    assert!(matches!(never, Some(Withdrawal::Free(row)) if row.state == S::Withdrawn));
}

/// The row says neither what it waited for nor until when.
#[test]
fn a_withdrawn_refund_waits_for_nothing() {
    let why = Some(RefundWhy::Wait(WaitWhy::Batch));
    let waits = Refund { until: Some(at("23T22:10")), why, ..was(50, S::Waiting) };
    let free = withdraw(&waits, &[], Actor::Owner, at("23T19:55"));
    let version = waits.version + 1;
    assert_eq!(free, Ok(Withdrawal::Free(Refund { version, ..was(50, S::Withdrawn) })));
}

/// Refused for now, it is asked again then; lost and read out, at once; refused for good, only by
/// whoever asks again.
#[test]
fn a_wish_outlives_a_refusal_for_now() {
    let queued = CardState::RefundQueued;
    let step = Step { kind: K::RefundReversal, amount: Twd::new(50) };
    let with = |state, code: &str| {
        let op = Operation {
            code: Some(code.into()),
            planned_at: at("23T14:30"),
            ..own(K::RefundReversal, state)
        };
        [sent(O::Accepted), op]
    };
    let refused =
        [Refused { at: at("23T14:31"), refusal: Some(crate::refund::Refusal::Locked), is_proved: false }];
    let locked = with(O::NotNow, "3/40");
    let wait = Some(Withdrawal::Wait(Wait { until: at("23T15:01"), why: WaitWhy::BankBusy }));
    assert_eq!(back(&wanted_back(), &locked, &refused, queued, "23T14:32"), wait);
    let reverse = Some(Withdrawal::Reverse(step));
    assert_eq!(back(&wanted_back(), &locked, &refused, queued, "23T15:01"), reverse);
    assert_eq!(back(&wanted_back(), &with(O::DidNotHappen, ""), &[], queued, "23T14:45"), reverse);
    let declined = with(O::Declined, "3/2");
    assert!(wanted_back().is_wish_refused(&declined));
    assert_eq!(back(&wanted_back(), &declined, &[], queued, "23T14:45"), None);
    let Ok(Withdrawal::Wanted(again)) = withdraw(&wanted_back(), &declined, Actor::Owner, at("23T14:45"))
    else {
        panic!()
    };
    assert!(!again.is_wish_refused(&declined));
    assert_eq!(back(&again, &declined, &[], queued, "23T14:45"), reverse);
}

/// The clerk is told before asking: the older paper of SinoPac, a contract without remainders.
#[test]
fn a_second_refund_of_a_sale_is_warned_of() {
    use Warning::{MayBeRefused, NotEnabled};
    let by_hand = Refund { why: Some(RefundWhy::ByHand(ByHandWhy::Chosen)), ..was(70, S::Done) };
    for (rail, paper, refund_remainder, expected) in [
        (Rail::SinopacCard, SinopacPaper::V24, true, Some(MayBeRefused)),
        (Rail::SinopacCard, SinopacPaper::V25, false, None),
        (Rail::SinopacAccount, SinopacPaper::V24, false, None),
        (Rail::CtbcCard, SinopacPaper::V24, false, Some(NotEnabled)),
        (Rail::CtbcCard, SinopacPaper::V24, true, None),
    ] {
        let payment = Payment { rail, ..payment(PaymentState::Paid) };
        let told = |refunds: &[Refund], booked: &[Booked]| {
            let target = Target { payment: &payment, captured: Twd::new(100), refunds, booked };
            warning(&target, Contract { refund_remainder, paper })
        };
        assert_eq!(told(&[was(1, S::Done)], &[]), expected, "{rail:?} {paper:?}");
        let booked = Booked { refund_no: None, amount: Twd::new(1), at: Moment::from_millis(0) };
        assert_eq!(told(&[], &[booked]), expected, "{rail:?} {paper:?}");
        assert_eq!((told(&[], &[]), told(&[was(1, S::Withdrawn)], &[])), (None, None));
        if rail == Rail::CtbcCard {
            assert_eq!(told(std::slice::from_ref(&by_hand), &[]), None, "the bank gave nothing back");
        }
    }
}
