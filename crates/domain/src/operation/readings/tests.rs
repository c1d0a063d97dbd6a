use super::*;
use crate::calendar::CalendarFile;
use crate::card::CardState as C;
use crate::operation::OperationKind as K;
use crate::operation::rules::{Accepted, Declined, Done, Message, Part, Retry, States};
use crate::rail::Bank;
use crate::seen::{RefundSeen, RefundsSeen};
use crate::testing::operation;
use BankState as B;
use ReadOut as R;

/// Nothing but closed attempts.
const NONE: Facts<'static> = Facts { calendar: None, attempts_closed: true, refunded_outside: false };

/// And the calendar.
fn by(calendar: &BankCalendar) -> Facts<'_> {
    Facts { calendar: Some(calendar), ..NONE }
}

/// So many seconds after the send.
fn at(secs: i64) -> Moment {
    Moment::from_millis(secs * 1000)
}

fn reading(asked_at: Moment, shows: Shows) -> Reading {
    Reading {
        operation: operation(K::Capture).id,
        at: asked_at,
        asked_at,
        query: Query::ByNumber,
        scheduled: true,
        shows,
    }
}

fn unclear(kind: K, snapshot: Option<Seen>) -> Operation {
    Operation { snapshot, ..operation(kind) }
}

fn seen(state: B) -> Shows {
    Shows::Order(Seen::of_sinopac(state))
}

fn card(state: C) -> Shows {
    Shows::Order(Seen::of_ctbc(state))
}

#[test]
fn not_there_is_proved_by_two_readings_ten_minutes_apart_from_ten_minutes_after_the_send() {
    let op = unclear(K::IssueAccount, None);
    let not_there = |earlier: &[Reading], secs| read_out(&op, earlier, at(secs), &Shows::NotThere, NONE);
    assert_eq!([5, 599, 600].map(|secs| not_there(&[], secs)), [R::Nothing, R::Nothing, R::Unchanged]);
    // one that came too early is no first one
    let early = reading(at(599), Shows::NotThere);
    let first = [early.clone(), reading(at(600), Shows::NotThere)];
    assert_eq!([1_199, 1_200].map(|secs| not_there(&first, secs)), [R::Nothing, R::DidNotHappen]);
    assert_eq!(not_there(&[early], 1_200), R::Unchanged);
    assert_eq!(read_out(&op, &[], at(5), &seen(B::Waiting), NONE), R::Accepted);
    assert_eq!(read_out(&op, &first, at(7_200), &seen(B::Unlisted), NONE), R::Nothing, "it is read on");
    assert_eq!(
        read_out(&op, &first, at(7_200), &Shows::Nothing, NONE),
        R::Nothing,
        "nor is a refusal a reading"
    );
    assert_eq!(read_out(&unclear(K::PostForm, None), &[], at(1_799), &Shows::NotThere, NONE), R::Nothing);
    assert_eq!(
        read_out(&unclear(K::PostForm, None), &[], at(1_800), &Shows::NotThere, NONE),
        R::DidNotHappen
    );
}

#[test]
fn a_cancel_is_read_out_by_the_end_state() {
    let op = unclear(K::CancelAccount, Some(Seen::of_sinopac(B::Waiting)));
    let rows = [
        (B::Expired, 5, R::Accepted),
        (B::Collected, 5, R::DidNotHappen),
        (B::Settled, 5, R::DidNotHappen),
        (B::Waiting, 60, R::Nothing),
        (B::Waiting, 600, R::Unchanged),
        (B::Authorized, 600, R::Nothing),
    ];
    for (state, secs, expected) in rows {
        assert_eq!(read_out(&op, &[], at(secs), &seen(state), NONE), expected, "{state:?}");
    }
}

/// What each kind is proved by, a line a kind: snapshot, done, surely not done.
#[test]
fn each_kind_is_proved_by_its_own_states() {
    let sinopac: [(K, B, &[B], &[B]); 3] = [
        (K::CancelAccount, B::Waiting, &[B::Expired], &[B::Collected, B::Settled]),
        (K::Capture, B::Authorized, &[B::Collected, B::Settled], &[]),
        (K::CancelAuthorization, B::Authorized, &[B::Released], &[]),
    ];
    for (kind, snapshot, done, not_done) in sinopac {
        let op = unclear(kind, Some(Seen::of_sinopac(snapshot)));
        for state in B::ALL {
            let expected = match state {
                state if done.contains(&state) => R::Accepted,
                state if not_done.contains(&state) => R::DidNotHappen,
                state if state == snapshot => R::Unchanged,
                _ => R::Nothing,
            };
            assert_eq!(read_out(&op, &[], at(600), &seen(state), NONE), expected, "{kind:?} {state:?}");
        }
    }
    let ctbc: [(K, C, &[C], &[C]); 6] = [
        (K::Cap, C::Authorized, &[C::CaptureQueued, C::CaptureLocked, C::Captured, C::CaptureFailed], &[]),
        (K::Reversal, C::Authorized, &[C::Cancelled], &[]),
        (K::CapReversal, C::CaptureQueued, &[C::Authorized, C::Cancelled], &[C::CaptureLocked, C::Captured]),
        (K::Refund, C::Captured, &[C::RefundQueued, C::RefundLocked, C::Refunded], &[]),
        // a remainder: refunded is what it was before
        (K::Refund, C::Refunded, &[C::RefundQueued, C::RefundLocked], &[]),
        (K::RefundReversal, C::RefundQueued, &[C::Captured], &[C::RefundLocked, C::Refunded]),
    ];
    let usual = BankCalendar::default();
    for (kind, snapshot, done, not_done) in ctbc {
        let op = unclear(kind, Some(Seen::of_ctbc(snapshot)));
        for state in C::ALL {
            let expected = match state {
                state if done.contains(&state) => R::Accepted,
                state if not_done.contains(&state) => R::DidNotHappen,
                state if state == snapshot => R::Unchanged,
                _ => R::Nothing,
            };
            assert_eq!(read_out(&op, &[], at(600), &card(state), by(&usual)), expected, "{kind:?} {state:?}");
            let several = Shows::Order(Seen::Ctbc { state, several: true });
            assert_eq!(
                read_out(&op, &[], at(600), &several, by(&usual)),
                R::Nothing,
                "{kind:?} several {state:?}"
            );
        }
    }
}

fn calendar() -> BankCalendar {
    BankCalendar::new(&CalendarFile {
        start: "20:00".into(),
        minutes: 120,
        margin_minutes: 10,
        weekdays: vec![1, 2, 3, 4, 5],
        holidays: Vec::new(),
        extra_workdays: vec!["2026-11-25".into(), "2026-11-26".into()],
        no_batch_on_public_holidays: false,
    })
    .unwrap()
}

fn day(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
}

/// A refund that the bank took may look like none until its batch has run; the trial that paid
/// twice.
#[test]
fn a_refund_from_12_did_not_happen_only_after_a_batch() {
    let calendar = calendar();
    let sent_at = Some(day("25T14:00"));
    let op = Operation { sent_at, ..unclear(K::Refund, Some(Seen::of_ctbc(C::Captured))) };
    let first = [reading(day("25T15:00"), card(C::Captured))];
    let captured = |asked, calendar| read_out(&op, &first, day(asked), &card(C::Captured), calendar);
    assert_eq!(captured("25T19:00", by(&calendar)), R::Nothing);
    assert_eq!(captured("25T22:09", by(&calendar)), R::Nothing);
    assert_eq!(captured("25T22:10", by(&calendar)), R::DidNotHappen);
    assert_eq!(captured("26T22:10", NONE), R::Nothing, "no calendar, no proof");
    for state in [C::RefundQueued, C::RefundLocked, C::Refunded] {
        assert_eq!(read_out(&op, &first, day("26T22:10"), &card(state), by(&calendar)), R::Accepted);
    }
}

#[test]
fn a_refund_of_a_remainder_did_not_happen_only_before_the_next_batch() {
    let calendar = calendar();
    let sent_at = Some(day("25T14:00"));
    let op = Operation { sent_at, ..unclear(K::Refund, Some(Seen::of_ctbc(C::Refunded))) };
    let first = [reading(day("25T15:00"), card(C::Refunded))];
    let refunded = |asked| read_out(&op, &first, day(asked), &card(C::Refunded), by(&calendar));
    let expected = [R::Nothing, R::DidNotHappen, R::Nothing];
    assert_eq!(["25T15:09", "25T19:49", "25T19:59"].map(refunded), expected, "and outside the margin");
    assert_eq!(
        ["25T20:00", "26T22:10"].map(refunded),
        [R::ForPerson; 2],
        "it may have been given back by then"
    );
    assert_eq!(state_after(&op, R::ForPerson, 1), Some(OperationState::NeedsPerson));
    // and then no reading decides it, not even one that looks like the bank works on it
    let asked = Operation { state: OperationState::NeedsPerson, ..op };
    assert_eq!(state_after(&asked, R::ForPerson, 1), None);
    let late = [first[0].clone(), reading(day("25T22:10"), card(C::Refunded))];
    let read =
        |earlier: &[Reading], state| read_out(&asked, earlier, day("26T10:00"), &card(state), by(&calendar));
    assert_eq!(read(&late, C::RefundQueued), R::ForPerson);
    assert_eq!(read(&first, C::RefundQueued), R::Accepted, "a person was asked for another reason");
}

#[test]
fn a_refund_of_sinopac_is_proved_by_a_new_number_and_disproved_on_the_next_day_with_the_bill() {
    let with = |refunds| Seen::Sinopac { state: B::Collected, refunds };
    let one = RefundSeen { status: "2C900".into(), amount: None, date: None };
    let before =
        RefundsSeen { flag: true, list: [("C1".into(), one.clone())].into(), ..RefundsSeen::default() };
    let sent_at = Some(day("25T14:00"));
    for kind in [K::CardRefund, K::AccountRefund] {
        let op = Operation { sent_at, ..unclear(kind, Some(with(before.clone()))) };
        let mut more = before.clone();
        more.list.insert("C2".into(), one.clone());
        let read = |earlier: &[Reading], asked, refunds| {
            read_out(&op, earlier, day(asked), &Shows::Order(with(refunds)), NONE)
        };
        assert_eq!(read(&[], "25T14:01", more), R::Accepted);
        assert_eq!(read(&[], "25T14:29", before.clone()), R::Nothing);
        assert_eq!(read(&[], "25T14:30", before.clone()), R::Unchanged);
        let first = reading(day("25T14:30"), Shows::Order(with(before.clone())));
        let bill = reading(day("26T01:00"), Shows::NoRefundInBill);
        let too_early = reading(day("25T23:59"), Shows::NoRefundInBill);
        assert_eq!(read(&[first.clone(), bill.clone()], "25T23:59", before.clone()), R::Nothing);
        assert_eq!(
            read(std::slice::from_ref(&first), "26T01:00", before.clone()),
            R::Nothing,
            "the bill decides too"
        );
        assert_eq!(
            read(&[first.clone(), too_early], "26T01:00", before.clone()),
            R::Nothing,
            "the bill of a day that is not over"
        );
        assert_eq!(read(&[first, bill], "26T01:00", before.clone()), R::DidNotHappen);
    }
    // without a list the date of the last one tells
    let dated =
        |minutes| RefundsSeen { date: Some(crate::BankMinute::from_minutes(minutes)), ..Default::default() };
    let op = unclear(K::CardRefund, Some(with(dated(10))));
    let read = |refunds| read_out(&op, &[], at(60), &Shows::Order(with(refunds)), NONE);
    assert_eq!([dated(11), dated(10), dated(9)].map(read), [R::Accepted, R::Nothing, R::Nothing]);
}

#[test]
fn the_first_call_of_an_account_refund_moves_no_money() {
    let snapshot = Seen::of_sinopac(B::Settled);
    let op = unclear(K::AccountRefundToken, Some(snapshot));
    let read = |secs| read_out(&op, &[], at(secs), &seen(B::Settled), NONE);
    assert_eq!([149, 150].map(read), [R::Nothing, R::DidNotHappen]);
    // another hand has refunded meanwhile
    let refunds = RefundsSeen { flag: true, ..Default::default() };
    let refunded = Shows::Order(Seen::Sinopac { state: B::Settled, refunds });
    for shows in [refunded, Shows::NotThere, Shows::Nothing] {
        assert_eq!(read_out(&op, &[], at(150), &shows, NONE), R::DidNotHappen, "{shows:?}");
    }
}

#[test]
fn after_ten_scheduled_readings_a_person_is_asked() {
    let op = unclear(K::Capture, Some(Seen::of_sinopac(B::Authorized)));
    let mut readings = vec![reading(at(60), Shows::Nothing); 9];
    assert_eq!(scheduled(&readings), 9);
    readings.push(Reading { scheduled: false, ..reading(at(70), Shows::Nothing) });
    assert_eq!(scheduled(&readings), 9, "the screen asks as often as it likes");
    assert_eq!(state_after(&op, R::Nothing, 9), None);
    assert_eq!(state_after(&op, R::Unchanged, READINGS_MAX), Some(OperationState::NeedsPerson));
    let pending = Operation { state: OperationState::Pending, ..op };
    assert_eq!(state_after(&pending, R::Nothing, 99), None, "the bank is working on it");
}

/// What the rules say beside the proofs, a line a kind.
#[test]
fn the_rules_of_each_kind() {
    let rows = [
        (K::IssueAccount, Bank::Sinopac, Retry::Patience, Accepted::Issued),
        (K::CreateLink, Bank::Sinopac, Retry::Patience, Accepted::Issued),
        (K::PostForm, Bank::Ctbc, Retry::Never, Accepted::Taken),
        (K::CancelAccount, Bank::Sinopac, Retry::Days, Accepted::Cancelled),
        (K::Capture, Bank::Sinopac, Retry::Days, Accepted::Taken),
        (K::CancelAuthorization, Bank::Sinopac, Retry::Replan, Accepted::Taken),
        (K::Cap, Bank::Ctbc, Retry::Days, Accepted::Taken),
        (K::Reversal, Bank::Ctbc, Retry::Replan, Accepted::Taken),
        (K::CapReversal, Bank::Ctbc, Retry::Replan, Accepted::Taken),
        (K::Refund, Bank::Ctbc, Retry::Replan, Accepted::Taken),
        (K::RefundReversal, Bank::Ctbc, Retry::Replan, Accepted::Taken),
        (K::CardRefund, Bank::Sinopac, Retry::Replan, Accepted::Taken),
        (K::AccountRefundToken, Bank::Sinopac, Retry::Replan, Accepted::Token),
        (K::AccountRefund, Bank::Sinopac, Retry::Replan, Accepted::Taken),
    ];
    assert_eq!(rows.map(|(kind, ..)| kind), K::ALL);
    for (kind, bank, retry, accepted) in rows {
        let rule = kind.rule();
        assert_eq!((rule.bank, rule.retry, rule.accepted), (bank, retry, accepted), "{kind:?}");
        assert_eq!(K::parse(kind.name()), Some(kind));
        // what opens a payment has no object, and only that has patience
        assert_eq!(rule.opens, retry == Retry::Patience, "{kind:?}");
        assert!(!rule.opens || rule.object.is_none(), "{kind:?}");
        // nothing that is wanted before the send proves the send
        if let (Some(States::Ctbc(object)), Done::At(done)) = (rule.object, rule.done) {
            let both = object.iter().filter(|state| done.holds(&Seen::of_ctbc(**state)));
            assert!(both.count() <= usize::from(kind == K::Refund), "{kind:?}");
        }
    }
}

/// What the rules say of a refund and of the batch, a line a kind.
#[test]
fn the_part_of_each_kind_in_a_refund() {
    use Declined::{Ends, Replan};
    use Message as M;
    let rows = [
        (K::IssueAccount, Part::Nothing, Ends, M::Account),
        (K::CreateLink, Part::Nothing, Ends, M::Link),
        (K::PostForm, Part::Nothing, Ends, M::Form),
        (K::CancelAccount, Part::Nothing, Ends, M::Order),
        (K::Capture, Part::Nothing, Ends, M::Order),
        (K::CancelAuthorization, Part::SafeEnd, Replan, M::Order),
        (K::Cap, Part::Nothing, Ends, M::Card),
        (K::Reversal, Part::End, Replan, M::Card),
        (K::CapReversal, Part::Way, Replan, M::Card),
        (K::Refund, Part::End, Ends, M::Card),
        (K::RefundReversal, Part::Way, Replan, M::Card),
        (K::CardRefund, Part::End, Ends, M::Refund),
        (K::AccountRefundToken, Part::Nothing, Ends, M::Refund),
        (K::AccountRefund, Part::End, Ends, M::RefundWithToken),
    ];
    assert_eq!(rows.map(|(kind, ..)| kind), K::ALL);
    for (kind, part, declined, message) in rows {
        let rule = kind.rule();
        assert_eq!((rule.refund, rule.declined, rule.message), (part, declined, message), "{kind:?}");
        assert_eq!(rule.is_money(), matches!(part, Part::Way | Part::End), "{kind:?}");
        assert_eq!(rule.ends_refund(), matches!(part, Part::End | Part::SafeEnd), "{kind:?}");
        assert_eq!(rule.waits_for_batch, message == M::Card, "{kind:?}");
        assert_eq!(rule.span_ms, if kind == K::CapReversal { 180_000 } else { 60_000 }, "{kind:?}");
        assert!(!rule.gives_back() || rule.ends_refund(), "{kind:?}");
    }
    for state in C::ALL {
        let proves = matches!(K::Refund.rule().done, Done::At(done) if done.holds(&Seen::of_ctbc(state)));
        assert_eq!(proves, state.is_refund(), "{state:?}");
    }
}

/// Paid out to the shop meanwhile: the refunds are what counts.
#[test]
fn a_settlement_between_two_readings_of_a_refund_changes_nothing() {
    let with = |state| Seen::Sinopac { state, refunds: RefundsSeen::default() };
    let op = Operation { sent_at: Some(day("25T14:00")), ..unclear(K::CardRefund, Some(with(B::Collected))) };
    let earlier = [
        reading(day("25T14:30"), Shows::Order(with(B::Collected))),
        reading(day("26T01:00"), Shows::NoRefundInBill),
    ];
    let read = |state| read_out(&op, &earlier, day("26T01:01"), &Shows::Order(with(state)), NONE);
    assert_eq!([B::Settled, B::Released, B::Unlisted].map(read), [R::DidNotHappen, R::Nothing, R::Nothing]);
}

/// A refund of another amount is somebody else's (fault F21).
#[test]
fn a_new_refund_of_another_amount_is_not_ours() {
    let with = |refunds| Seen::Sinopac { state: B::Collected, refunds };
    let amount = Some(crate::Twd::new(30));
    let op = Operation { amount, ..unclear(K::CardRefund, Some(with(RefundsSeen::default()))) };
    let shows = |amount: Option<i64>| {
        let one = RefundSeen { status: "2C400".into(), amount: amount.map(crate::Twd::new), date: None };
        Shows::Order(with(RefundsSeen { list: [("C1".into(), one)].into(), ..RefundsSeen::default() }))
    };
    let read = |amount| read_out(&op, &[], at(60), &shows(amount), NONE);
    assert_eq!([Some(30), None, Some(31)].map(read), [R::Accepted, R::Accepted, R::Nothing]);
    // without a list the sum tells
    let sum = |dollars| {
        let date = Some(crate::BankMinute::from_minutes(10));
        let sum = Some(crate::Twd::new(dollars));
        Shows::Order(with(RefundsSeen { date, sum, ..RefundsSeen::default() }))
    };
    let read = |dollars| read_out(&op, &[], at(60), &sum(dollars), NONE);
    assert_eq!([30, 31].map(read), [R::Accepted, R::Nothing]);
}

/// A computer that slept between claim and send may still send.
#[test]
fn an_open_attempt_may_still_happen() {
    let calendar = BankCalendar::default();
    let op = unclear(K::Reversal, Some(Seen::of_ctbc(C::Authorized)));
    let first = [reading(at(600), card(C::Authorized))];
    let read = |facts| read_out(&op, &first, at(1_200), &card(C::Authorized), facts);
    assert_eq!(read(by(&calendar)), R::DidNotHappen);
    let open = Facts { attempts_closed: false, ..by(&calendar) };
    assert_eq!(read(open), R::Nothing);
    assert_eq!(read_out(&op, &first, at(1_200), &card(C::Cancelled), open), R::Accepted);
    let locked =
        Operation { snapshot: Some(Seen::of_ctbc(C::CaptureQueued)), ..unclear(K::CapReversal, None) };
    assert_eq!(read_out(&locked, &[], at(60), &card(C::Captured), open), R::Nothing, "nor by another state");
}

/// Two equal readings, one of them while the batch may run.
#[test]
fn a_reading_within_the_blackout_counts_for_neither() {
    let calendar = calendar();
    let op = Operation {
        sent_at: Some(day("25T19:30")),
        ..unclear(K::Reversal, Some(Seen::of_ctbc(C::Authorized)))
    };
    let read = |first, second| {
        let first = [reading(day(first), card(C::Authorized))];
        read_out(&op, &first, day(second), &card(C::Authorized), by(&calendar))
    };
    assert_eq!(read("25T20:30", "25T22:10"), R::Unchanged, "the second is the first that counts");
    assert_eq!(read("25T19:45", "25T20:30"), R::Nothing);
    assert_eq!(read("25T19:45", "25T22:10"), R::DidNotHappen);
    assert_eq!(read_out(&op, &[], day("25T22:10"), &card(C::Authorized), NONE), R::Nothing, "no calendar");
}

/// 3/52 to 3/56, 9/ne: what CapRev and Reversal undid is read; a Refund is a person's.
#[test]
fn a_duplicate_of_a_refund_is_decided_by_a_person() {
    let usual = BankCalendar::default();
    for code in ["3/52", "3/53", "3/54", "3/55", "3/56", "9/ne"] {
        let coded = |kind, snapshot| Operation {
            code: Some(code.into()),
            ..unclear(kind, Some(Seen::of_ctbc(snapshot)))
        };
        let read = |op: &Operation, shows: &Shows| read_out(op, &[], at(60), shows, by(&usual));
        let refund = coded(K::Refund, C::Captured);
        for state in C::ALL {
            assert_eq!(read(&refund, &card(state)), R::ForPerson, "{code} {state:?}");
        }
        assert_eq!(read(&refund, &Shows::Nothing), R::Nothing, "a refused question shows nothing");
        assert_eq!(read(&coded(K::Reversal, C::Authorized), &card(C::Cancelled)), R::Accepted);
        assert_eq!(read(&coded(K::CapReversal, C::CaptureQueued), &card(C::Authorized)), R::Accepted);
    }
}

/// E9918: the evidence is collected, then a person sees it, whatever it shows.
#[test]
fn used_up_is_decided_by_a_person_after_all_readings() {
    let with = |refunds| Seen::Sinopac { state: B::Collected, refunds };
    let sent_at = Some(day("25T14:00"));
    let code = Some("E9918".to_owned());
    let before = RefundsSeen::default();
    let op = Operation { sent_at, code, ..unclear(K::CardRefund, Some(with(before.clone()))) };
    let earlier = [
        reading(day("25T14:30"), Shows::Order(with(before.clone()))),
        reading(day("26T01:00"), Shows::NoRefundInBill),
    ];
    let read = |op: &Operation, earlier: &[Reading], asked, refunds| {
        read_out(op, earlier, day(asked), &Shows::Order(with(refunds)), NONE)
    };
    assert_eq!(read(&op, &[], "25T14:30", before.clone()), R::Unchanged);
    assert_eq!(read(&op, &earlier, "26T01:00", before.clone()), R::ForPerson);
    let one = RefundSeen { status: "2C900".into(), amount: None, date: None };
    let new = RefundsSeen { list: [("C1".into(), one)].into(), ..RefundsSeen::default() };
    assert_eq!(read(&op, &[], "25T14:01", new), R::ForPerson, "somebody refunded this");
    // an earlier refund of ours was under way: that one the bank means
    let status = Some("2C400".to_owned());
    let busy = RefundsSeen { status, ..RefundsSeen::default() };
    let op = Operation { snapshot: Some(with(busy.clone())), ..op };
    let earlier = [
        reading(day("25T14:30"), Shows::Order(with(busy.clone()))),
        reading(day("26T01:00"), Shows::NoRefundInBill),
    ];
    assert_eq!(read(&op, &earlier, "26T01:00", busy), R::DidNotHappen);
}

/// "refunded outside" may be what a reading shows as ours.
#[test]
fn on_a_payment_refunded_outside_a_person_decides() {
    let usual = BankCalendar::default();
    let outside = Facts { refunded_outside: true, ..by(&usual) };
    let op = unclear(K::Refund, Some(Seen::of_ctbc(C::Captured)));
    assert_eq!(read_out(&op, &[], at(60), &card(C::Refunded), outside), R::ForPerson);
    let op = unclear(K::Reversal, Some(Seen::of_ctbc(C::Authorized)));
    assert_eq!(read_out(&op, &[], at(60), &card(C::Cancelled), outside), R::Accepted);
}

/// On a holiday of the shipped list a batch may run, and the remainder may be given back by it.
#[test]
fn a_remainder_is_proved_before_the_next_possible_batch_only() {
    let calendar = BankCalendar::default();
    let friday = |time: &str| Moment::parse_rfc3339(&format!("2026-09-25T{time}:00+08:00")).unwrap();
    let op =
        Operation { sent_at: Some(friday("14:00")), ..unclear(K::Refund, Some(Seen::of_ctbc(C::Refunded))) };
    let first = [reading(friday("15:00"), card(C::Refunded))];
    let read = |asked| read_out(&op, &first, friday(asked), &card(C::Refunded), by(&calendar));
    assert_eq!(["15:10", "22:30"].map(read), [R::DidNotHappen, R::ForPerson]);
}
