//! The schedule, followed from answer to answer.

use super::*;
use crate::PaymentState as S;
use crate::evidence::Query;
use crate::operation::{OperationKind, Shows};
use crate::testing::{operation as unclear, payment};

const RULE: Polling = Polling { screen_s: 3, screen_later_s: 10, after_expiry_days: 14 };

/// The minutes after the sale at which it is asked about, when every question is answered at its
/// time.
fn minutes(p: &Payment, batch_after: impl Fn(Moment) -> Option<Moment>) -> Vec<i64> {
    let mut p = p.clone();
    let mut minutes = Vec::new();
    let mut now = p.created_at;
    while let Some(at) = next_in_background(RULE, &p, &batch_after, now) {
        minutes.push(at.ms_since(p.created_at) / 60_000);
        now = at;
        p.asked_at = Some(at);
        if minutes.len() > 80 {
            break;
        }
    }
    minutes
}

fn no_batch(_: Moment) -> Option<Moment> {
    None
}

#[test]
fn the_numbers_have_bounds_and_the_rule_is_what_a_shop_begins_with() {
    assert_eq!(Polling::default(), RULE);
    assert_eq!(RULE.out_of_bounds(), None);
    assert_eq!(Polling { screen_s: 2, ..RULE }.out_of_bounds(), Some(("screen_s", 3, 30)));
    assert_eq!(Polling { screen_later_s: 121, ..RULE }.out_of_bounds(), Some(("screen_later_s", 5, 120)));
    let least = Polling { screen_s: 3, screen_later_s: 5, after_expiry_days: 7 };
    assert_eq!(least.out_of_bounds(), None);
    assert_eq!(Polling { after_expiry_days: 6, ..least }.out_of_bounds(), Some(("after_expiry_days", 7, 60)));
}

#[test]
fn on_screen_three_seconds_for_two_minutes_then_ten() {
    let since = Mono::from_millis(0);
    let next = |asked, way| next_on_screen(RULE, since, Mono::from_millis(asked), way).millis();
    assert_eq!((next(119_999, 0), next(120_000, 0)), (122_999, 130_000));
    // the answer is there in time; a slow bank, and a clock that was set back, do not change the
    // pace
    assert_eq!((next(0, 120), next(0, 901), next(0, -5)), (2_880, 2_100, 3_000));
}

#[test]
fn in_the_background_at_1_5_15_60_minutes_at_the_end_and_daily_for_14_days() {
    let mut p = payment(S::Awaiting);
    p.expires_at = p.created_at.plus_days(3);
    assert_eq!(minutes(&p, no_batch)[..9], [1, 5, 15, 60, 1440, 2880, 4320, 4321, 4 * 1440]);
    assert!(minutes(&p, no_batch).len() > 80, "an open one is asked about until it has ended");
    p.state = S::Expired;
    assert_eq!(minutes(&p, no_batch).last(), Some(&(17 * 1440)));
    for state in [S::Paid, S::PaidLate, S::Settled, S::Released] {
        p.state = state;
        assert!(minutes(&p, no_batch).is_empty(), "{state:?}");
    }
}

/// The program was closed at every point of the schedule: one question is due, then the next point
/// counts from it.
#[test]
fn what_is_overdue_is_due_once_and_no_point_is_skipped() {
    let mut p = payment(S::Awaiting);
    p.expires_at = p.created_at.plus_mins(10);
    let opened = p.created_at.plus_days(20);
    let due = next_in_background(RULE, &p, no_batch, opened).unwrap();
    assert_eq!(due, p.created_at.plus_mins(1), "overdue");
    p.asked_at = Some(p.created_at.plus_mins(2));
    assert_eq!(next_in_background(RULE, &p, no_batch, opened), Some(p.created_at.plus_mins(5)));
    p.asked_at = Some(opened);
    assert_eq!(next_in_background(RULE, &p, no_batch, opened), Some(p.created_at.plus_days(21)));
}

/// A sale by a clock that was ahead is asked about at once and hourly; an answer from the future
/// counts for nothing.
#[test]
fn a_clock_that_was_ahead_hides_nothing() {
    let now = Moment::from_millis(0);
    let mut p = payment(S::Awaiting);
    p.created_at = now.plus_days(2);
    p.expires_at = now.plus_days(3);
    assert_eq!(next_in_background(RULE, &p, no_batch, now), Some(now));
    p.asked_at = Some(now.plus_mins(-10));
    assert_eq!(next_in_background(RULE, &p, no_batch, now), Some(now.plus_mins(50)));
    p.created_at = now.plus_mins(-30);
    p.asked_at = Some(now.plus_days(2));
    assert_eq!(next_in_background(RULE, &p, no_batch, now), Some(now.plus_mins(-29)));
    p.state = S::Paid;
    p.created_at = now.plus_days(2);
    assert_eq!(next_in_background(RULE, &p, no_batch, now), None);
}

#[test]
fn a_card_at_ctbc_while_its_page_is_open_35_minutes_after_its_form_after_the_batch_then_daily() {
    use crate::card::CardState as C;
    let mut p = payment(S::Awaiting);
    p.rail = Rail::CtbcCard;
    // handed out two minutes after the sale
    p.expires_at = p.created_at.plus_mins(2 + PAGE_LIFE_MINS);
    let batch = p.created_at.plus_mins(600);
    let one_batch = |at: Moment| Some(batch).filter(|batch| *batch > at);
    assert_eq!(
        minutes(&p, one_batch)[..17],
        [1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 37, 600, 1440, 2880]
    );
    assert!(minutes(&p, one_batch).len() > 40, "what nobody has answered is asked on");
    p.state = S::Expired;
    assert_eq!(minutes(&p, one_batch).last(), Some(&(14 * 1440)), "without an approval it stops");
    p.state = S::Paid;
    let daily_batch = |at: Moment| Some(batch.plus_days(at.ms_since(batch).div_euclid(DAY_MS) + 1));
    for moving in [C::CaptureQueued, C::CaptureLocked, C::CaptureFailed, C::RefundQueued, C::RefundLocked] {
        p.card = Some(moving);
        assert_eq!(minutes(&p, daily_batch)[..4], [37, 600, 1440, 2040], "{moving:?}");
    }
    for still in [C::Captured, C::Refunded, C::RefundFailed] {
        p.card = Some(still);
        assert!(minutes(&p, daily_batch).is_empty(), "{still:?}");
    }
}

#[test]
fn when_nobody_asks_any_more_about_a_card_that_was_never_approved() {
    let mut p = payment(S::Expired);
    p.rail = Rail::CtbcCard;
    let last = p.expires_at.plus_days(14);
    assert_eq!(stopped_asking(RULE, &p, last), None, "it may still be asked about now");
    p.asked_at = Some(last.plus_days(-1));
    assert_eq!(next_in_background(RULE, &p, no_batch, last), Some(last));
    assert_eq!(stopped_asking(RULE, &p, last.plus_mins(1)), Some(last));
    p.asked_at = Some(last);
    assert_eq!(next_in_background(RULE, &p, no_batch, last.plus_mins(1)), None, "and it is not asked about");
    let week = Polling { after_expiry_days: 7, ..RULE };
    assert_eq!(stopped_asking(week, &p, last), Some(p.expires_at.plus_days(7)));
    for state in S::ALL {
        p.state = state;
        let ended = matches!(state, S::NotIssued | S::Expired | S::Cancelled | S::Failed);
        assert_eq!(stopped_asking(RULE, &p, last.plus_days(9)).is_some(), ended, "{state:?}");
    }
    p.state = S::Expired;
    p.rail = Rail::SinopacAccount;
    assert_eq!(stopped_asking(RULE, &p, last.plus_days(9)), None, "its money is seen by the sweep");
}

/// A bank with a wrong Date moved its end: however long it is open, the next point is 3 min away.
#[test]
fn a_page_that_is_open_for_days_is_asked_about_every_three_minutes() {
    let mut p = Payment { rail: Rail::CtbcCard, ..payment(S::Awaiting) };
    p.expires_at = p.created_at.plus_days(2);
    p.asked_at = Some(p.created_at.plus_mins(30 * 60 + 1));
    let next = next_in_background(RULE, &p, |_| None, p.created_at.plus_mins(30 * 60 + 2));
    assert_eq!(next, Some(p.created_at.plus_mins(30 * 60 + 3)));
}

/// Or it moved the end before the sale, and the program ended before it was put right: the page is
/// asked about for its life all the same.
#[test]
fn a_page_whose_end_lies_before_its_sale_is_asked_about_for_its_life() {
    let mut p = Payment { rail: Rail::CtbcCard, ..payment(S::Awaiting) };
    p.expires_at = p.created_at.plus_days(-2);
    let points = [1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 35, 1440];
    assert_eq!(minutes(&p, no_batch)[..14], points);
}

fn operation(kind: OperationKind, state: OperationState) -> Operation {
    Operation { state, ..unclear(kind) }
}

fn next(op: &Operation, readings: &[Reading], last: Option<Moment>, now: Moment) -> Option<Moment> {
    next_reading(op, readings, |_| None, last, now)
}

/// Seconds, or days, after the send.
fn readings(op: &Operation, count: usize, unit_ms: i64) -> Vec<i64> {
    let mut last = None;
    let mut at = Moment::from_millis(0);
    std::iter::from_fn(|| {
        at = next(op, &[], last, at)?;
        last = Some(at);
        Some(at.millis() / unit_ms)
    })
    .take(count)
    .collect()
}

#[test]
fn an_unclear_operation_is_read_by_its_own_points_and_never_given_up() {
    use OperationKind as K;
    let create = operation(K::CreateLink, OperationState::Unknown);
    assert_eq!(readings(&create, 9, 1000), [5, 20, 60, 300, 660, 1_320, 3_600, 86_400, 172_800]);
    let cancel = operation(K::CancelAccount, OperationState::Pending);
    assert_eq!(readings(&cancel, 6, 1000), [60, 300, 660, 1_320, 3_600, 86_400]);
    let asked = operation(K::CancelAccount, OperationState::NeedsPerson);
    let days = readings(&asked, 17, DAY_MS);
    assert_eq!(days[..3], [1, 2, 3]);
    assert_eq!(days[13..], [14, 21, 28, 35]);
    for (kind, state) in [(K::PostForm, OperationState::Pending), (K::CreateLink, OperationState::Accepted)] {
        assert_eq!(next(&operation(kind, state), &[], None, Moment::from_millis(9)), None);
    }
}

/// A day after the send one reading is due, however many points have passed; a stamp from the
/// future is none.
#[test]
fn readings_that_fell_due_while_closed_are_due_at_the_start() {
    let op = operation(OperationKind::IssueAccount, OperationState::Unknown);
    let now = Moment::from_millis(DAY_MS + 5);
    assert_eq!(next(&op, &[], None, now), Some(Moment::from_millis(5_000)));
    assert_eq!(next(&op, &[], Some(now), now), Some(Moment::from_millis(2 * DAY_MS)));
    assert_eq!(next(&op, &[], Some(now.plus_days(3)), now), Some(Moment::from_millis(5_000)));
    let first = Reading {
        operation: op.id,
        at: now,
        asked_at: now,
        query: Query::ByNumber,
        scheduled: true,
        shows: Shows::NotThere,
    };
    assert_eq!(next(&op, &[first], Some(now), now), Some(now.plus_ms(605_000)), "the proof");
    let ahead = Operation { sent_at: Some(now.plus_days(1)), ..op };
    assert_eq!(next(&ahead, &[], None, now), Some(now));
    assert_eq!(next(&ahead, &[], Some(now), now), Some(now.plus_mins(60)));
}

#[test]
fn the_days_after_expiry_count_back_from_now() {
    let now = Moment::from_millis(20 * 86_400_000);
    assert_eq!(RULE.watched_since(now), Moment::from_millis(6 * 86_400_000));
}

/// The minutes after the end of its refund at which a sale is asked about.
fn after_refund(p: &Payment, contradicted: bool, batch_after: impl Fn(Moment) -> Option<Moment>) -> Vec<i64> {
    let ended = p.created_at.plus_days(2);
    let mut p = Payment { asked_at: Some(ended), ..p.clone() };
    let mut minutes = Vec::new();
    while let Some(at) = next_after_refund(&p, ended, contradicted, &batch_after, p.asked_at.unwrap_or(ended))
    {
        minutes.push(at.ms_since(ended) / 60_000);
        p.asked_at = Some(at);
    }
    minutes
}

/// One reading when the bank has had its batch or its day; on while it contradicts.
#[test]
fn after_the_end_of_a_refund_a_sale_is_asked_about_once() {
    let sinopac = payment(S::Paid);
    let card = Payment { rail: Rail::CtbcCard, ..payment(S::Paid) };
    let batch = |from: Moment| Some(from.plus_mins(300));
    let to_midnight = Moment::end_of(sinopac.created_at.plus_days(2).day()).plus_secs(1);
    let next_day = to_midnight.ms_since(sinopac.created_at.plus_days(2)) / 60_000 + 11;
    assert_eq!(after_refund(&sinopac, false, no_batch), [next_day]);
    assert_eq!(
        (after_refund(&card, false, batch), after_refund(&card, false, no_batch)),
        (vec![301], vec![1441])
    );
    let on = after_refund(&card, true, batch);
    assert_eq!(on[..4], [301, 1440, 2 * 1440, 3 * 1440]);
    assert_eq!(on[14..], [14 * 1440, 21 * 1440, 28 * 1440], "then weekly, and not for ever");
}

/// A long closure skips nothing, and a clock that was ahead holds nothing up.
#[test]
fn the_question_after_a_refund_is_overdue_until_it_is_asked() {
    let card = Payment { rail: Rail::CtbcCard, ..payment(S::Paid) };
    let ended = card.created_at.plus_days(2);
    let batch = |from: Moment| Some(from.plus_mins(300));
    let next = |p: &Payment, now| next_after_refund(p, ended, false, batch, now);
    let due = Some(ended.plus_mins(301));
    assert_eq!((next(&card, ended.plus_days(20)), next(&card, ended)), (due, due));
    let asked = Payment { asked_at: Some(ended.plus_mins(302)), ..card.clone() };
    assert_eq!(next(&asked, ended.plus_days(20)), None);
    assert_eq!(next(&card, ended.plus_days(-1)), Some(ended.plus_days(-1)));
}
