use super::*;
use crate::calendar::CalendarFile;
use crate::testing::operation;
use OperationKind as K;
use OperationState as O;

fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
}

/// 2026-11-23 is a Monday.
fn calendar() -> BankCalendar {
    BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
        .unwrap()
}

fn answered(kind: K, state: O, code: &str) -> Operation {
    Operation { state, code: Some(code.to_owned()).filter(|c| !c.is_empty()), ..operation(kind) }
}

fn after(op: &Operation, now: &str) -> AfterAnswer {
    let refused = [Refused { at: at(now), refusal: op.refusal(), is_proved: false }];
    after_answer(op, &refused, at(now), &calendar())
}

fn waits(until: &str, why: WaitWhy) -> AfterAnswer {
    AfterAnswer::Plan(Plan::Wait(Wait { until: at(until), why }))
}

/// A code a line: what it makes of the refund, answered on Monday at 14:30 …
#[test]
fn what_each_refusal_for_now_waits_for() {
    use WaitWhy as W;
    for (kind, code, until, why) in [
        (K::Refund, "3/71", "23T15:30", W::CapturesShort),
        (K::Refund, "3/70", "23T22:10", W::EarlierQueued),
        (K::Refund, "3/72", "23T22:10", W::CaptureUnconfirmed),
        (K::Refund, "3/31", "23T15:00", W::BankBusy),
        (K::CapReversal, "3/40", "23T15:00", W::BankBusy),
        (K::Reversal, "3/48", "23T15:00", W::BankBusy),
        (K::Refund, "2/40", "23T14:31", W::BankBusy),
        (K::Refund, "3/15", "23T14:31", W::BankBusy),
        (K::Refund, "8/90", "23T14:31", W::BankBusy),
        (K::CardRefund, "E3610", "24T00:10", W::NotYet),
        (K::CardRefund, "E3611", "24T00:10", W::NotYet),
        (K::AccountRefundToken, "E3604", "24T00:10", W::DayLimit),
        (K::AccountRefundToken, "E3609", "23T14:31", W::BankBusy),
        (K::CardRefund, "E3001", "23T14:31", W::BankBusy),
    ] {
        assert_eq!(after(&answered(kind, O::NotNow, code), "23T14:30"), waits(until, why), "{code}");
    }
    // … and a late batch at 22:20, after its end
    assert_eq!(after(&answered(K::Refund, O::NotNow, "3/40"), "23T22:20"), waits("23T22:50", W::Locked));
    assert_eq!(after(&answered(K::Refund, O::NotNow, "2/40"), "23T19:48"), waits("23T22:10", W::BankBusy));
    assert_eq!(after(&answered(K::Refund, O::NotNow, ""), "23T14:30"), waits("23T14:31", W::BankBusy));
    assert_eq!(after(&answered(K::Refund, O::NotSent, "3/71"), "23T14:30"), waits("23T14:31", W::NotSent));
    assert_eq!(after(&answered(K::Refund, O::NotSent, ""), "23T19:48"), waits("23T22:10", W::NotSent));
    assert_eq!(after(&answered(K::CardRefund, O::NotSent, ""), "23T19:55"), waits("23T19:56", W::NotSent));
}

/// A code that no list holds waits like a busy bank, and pauses get longer.
#[test]
fn pauses_grow() {
    let op = answered(K::CardRefund, O::NotNow, "E3001");
    for (attempts, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (19, 180)] {
        let refused = vec![Refused { at: at("23T10:00"), refusal: op.refusal(), is_proved: false }; attempts];
        let until = at("23T10:00").plus_mins(minutes);
        let expected = Plan::Wait(Wait { until, why: WaitWhy::BankBusy });
        assert_eq!(after_answer(&op, &refused, at("23T10:00"), &calendar()), AfterAnswer::Plan(expected));
    }
    let refused = vec![Refused { at: at("23T10:00"), refusal: op.refusal(), is_proved: false }; 20];
    let person = AfterAnswer::Plan(Plan::NeedsPerson(PersonWhy::TooOften));
    assert_eq!(after_answer(&op, &refused, at("23T10:00"), &calendar()), person);
}

/// 3/71: hourly until the margin, then on the next workday; after five of them a person is asked.
#[test]
fn refunds_above_the_captures_of_the_day() {
    use WaitWhy::CapturesShort;
    let op = answered(K::Refund, O::NotNow, "3/71");
    for (now, until) in [
        ("23T09:00", "23T10:00"),
        ("23T18:48", "23T19:48"),
        ("23T18:49", "24T12:00"),
        ("23T22:30", "24T12:00"),
        ("27T19:00", "30T12:00"),
        ("28T10:00", "30T12:00"),
    ] {
        assert_eq!(after(&op, now), waits(until, CapturesShort), "{now}");
    }
    let since = |first: &str, now: &str| {
        let refused = vec![Refused { at: at(first), refusal: op.refusal(), is_proved: false }; 40];
        too_often(&refused, at(now), &calendar())
    };
    // Monday to Friday, then the next Monday is the fifth workday after it
    assert_eq!(since("23T10:00", "29T23:59"), None, "it does not count towards the 20 attempts");
    assert_eq!(since("23T10:00", "30T00:00"), Some(PersonWhy::CapturesStayShort));
    let mut mixed = vec![Refused { at: at("23T10:00"), refusal: op.refusal(), is_proved: false }; 30];
    mixed.extend(vec![Refused { at: at("24T10:00"), refusal: None, is_proved: false }; 19]);
    assert_eq!(too_often(&mixed, at("24T12:00"), &calendar()), None);
    mixed.push(Refused { at: at("24T10:00"), refusal: Some(Refusal::Other), is_proved: false });
    assert_eq!(too_often(&mixed, at("24T12:00"), &calendar()), Some(PersonWhy::TooOften));
}

#[test]
fn fourteen_days_count_from_the_first_attempt() {
    let refused = [
        Refused { at: at("02T10:00"), refusal: None, is_proved: false },
        Refused { at: at("15T10:00"), refusal: None, is_proved: false },
    ];
    assert_eq!(too_often(&refused, at("16T09:59"), &calendar()), None);
    assert_eq!(too_often(&refused, at("16T10:00"), &calendar()), Some(PersonWhy::TooOften));
    assert_eq!(too_often(&[], at("16T10:00"), &calendar()), None);
    let proved = [Refused { at: at("02T10:00"), refusal: None, is_proved: true }];
    assert_eq!(too_often(&proved, at("16T10:00"), &calendar()), None);
}

/// What is refused for good. Whether a transfer by hand is left, a fresh reading tells: there must
/// be something to transfer.
#[test]
fn what_each_refusal_for_good_comes_to() {
    let refused = AfterAnswer::Plan(Plan::Refused);
    for (kind, code, expected) in [
        (K::CardRefund, "E3606", AfterAnswer::ReadAndPlan),
        (K::AccountRefundToken, "E3603", AfterAnswer::ReadAndPlan),
        (K::CardRefund, "E9922", AfterAnswer::ReadAndPlan),
        (K::Refund, "3/1", AfterAnswer::ReadAndPlan),
        (K::Refund, "3/20", AfterAnswer::ReadAndPlan),
        (K::Reversal, "9/nx", AfterAnswer::ReadAndPlan),
        (K::Refund, "3/7", refused),
        (K::CardRefund, "E3602", refused),
        (K::AccountRefund, "E3607", refused),
        (K::AccountRefundToken, "E1802", refused),
        // the sale may have moved on: a fresh reading, another path
        (K::CapReversal, "3/3", AfterAnswer::ReadAndPlan),
        (K::Reversal, "3/17", AfterAnswer::ReadAndPlan),
        (K::RefundReversal, "3/3", AfterAnswer::ReadAndPlan),
        (K::CancelAuthorization, "E1802", AfterAnswer::ReadAndPlan),
    ] {
        assert_eq!(after(&answered(kind, O::Declined, code), "23T14:30"), expected, "{kind:?} {code}");
    }
}

/// An unclear answer is read out, whatever its code; an accepted one is read.
#[test]
fn every_other_answer() {
    for code in ["E9918", "3/53", "9/ne", "", "E3606"] {
        for state in [O::Sending, O::Pending, O::Unknown] {
            for kind in [K::CardRefund, K::AccountRefundToken, K::Refund] {
                assert_eq!(after(&answered(kind, state, code), "23T14:30"), AfterAnswer::ReadOut, "{code}");
            }
        }
    }
    for kind in [K::CapReversal, K::Reversal, K::Refund, K::RefundReversal, K::CardRefund, K::AccountRefund] {
        assert_eq!(after(&answered(kind, O::Accepted, ""), "23T14:30"), AfterAnswer::ReadAndPlan);
    }
    let token = answered(K::AccountRefundToken, O::Accepted, "S0000");
    assert_eq!(after(&token, "23T14:30"), AfterAnswer::SecondCall);
    let person = AfterAnswer::Plan(Plan::NeedsPerson(PersonWhy::Undecided));
    assert_eq!(after(&answered(K::Refund, O::NeedsPerson, ""), "23T14:30"), person);
}

/// A code belongs to one bank.
#[test]
fn a_code_is_of_its_bank() {
    assert_eq!(Refusal::of(Bank::Ctbc, "E9918"), Refusal::Other);
    assert_eq!(Refusal::of(Bank::Sinopac, "3/71"), Refusal::Other);
    for code in ["3/52", "3/53", "3/54", "3/55", "3/56", "9/ne"] {
        assert_eq!(Refusal::of(Bank::Ctbc, code), Refusal::Duplicate);
    }
    assert_eq!(Refusal::of(Bank::Ctbc, "3/57"), Refusal::Other);
}

/// Less than 90 s, by the monotonic clock, of this run, with nothing asked in between.
#[test]
fn the_second_call_follows_the_first_at_once() {
    for (since, asked, may) in [
        (Some(0), false, true),
        (Some(89_999), false, true),
        (Some(90_000), false, false),
        (Some(-1), false, false),
        (Some(1_000), true, false),
        (None, false, false),
    ] {
        assert_eq!(may_second_call_go(since, asked), may, "{since:?} {asked}");
    }
}

/// Every management write of CTBC, for its whole span, by every clock (money rules 5).
#[test]
fn the_gate_holds_the_whole_step_by_every_clock() {
    let calendar = calendar();
    let held = |kind: K, clocks: &[&str]| {
        let clocks: Vec<Moment> = clocks.iter().map(|text| at(text)).collect();
        kind.held_until(&clocks, &calendar)
    };
    let free = Some(at("23T22:10"));
    for kind in [K::Cap, K::Reversal, K::Refund, K::RefundReversal] {
        assert_eq!(held(kind, &["23T19:48"]), None, "{kind:?}");
        assert_eq!(held(kind, &["23T19:49"]), free, "{kind:?} would straddle it");
        assert_eq!(held(kind, &["23T22:10"]), None, "{kind:?}");
        assert_eq!(held(kind, &["23T19:30", "23T20:00"]), free, "one clock is enough");
        assert_eq!(held(kind, &["23T22:10", "23T22:09"]), free, "{kind:?}");
    }
    assert_eq!(held(K::CapReversal, &["23T19:46"]), None);
    assert_eq!(held(K::CapReversal, &["23T19:47"]), free, "its Reversal has to fit too");
    for kind in K::ALL {
        let ctbc = [K::Cap, K::Reversal, K::CapReversal, K::Refund, K::RefundReversal].contains(&kind);
        assert_eq!(held(kind, &["23T20:30"]).is_some(), ctbc, "{kind:?}");
        assert!(kind.rule().span_ms > 35_000, "longer than a request may take");
    }
}

/// A shipped holiday of which the shop said nothing, and a day that no list holds.
#[test]
fn the_gate_holds_on_days_that_are_not_known_to_be_free() {
    let silent = BankCalendar::default();
    for day in ["2026-09-25", "2026-11-21", "2028-01-01"] {
        let at = |time| Moment::parse_rfc3339(&format!("{day}T{time}:00+08:00")).unwrap();
        assert_eq!(K::Refund.held_until(&[at("20:30")], &silent), Some(at("22:10")), "{day}");
    }
}

/// By day it is no batch that has the sale: the shop's other program, or the bank itself.
#[test]
fn only_around_its_time_the_batch_is_named() {
    let after = |now| after(&answered(K::Refund, O::NotNow, "3/31"), now);
    assert_eq!(after("24T15:00"), waits("24T15:30", WaitWhy::BankBusy));
    assert_eq!(after("24T19:49"), waits("24T22:10", WaitWhy::BankBusy));
    assert_eq!(after("24T19:50"), waits("24T22:10", WaitWhy::Locked));
    assert_eq!(after("24T22:30"), waits("24T23:00", WaitWhy::Locked), "a late one");
    assert_eq!(after("25T05:59"), waits("25T06:29", WaitWhy::Locked));
    assert_eq!(after("25T06:00"), waits("25T06:30", WaitWhy::BankBusy));
}
