//! Refunds that rest at the bank for too long (money rules 3 and 4).
//!
//! Promise: an alarm follows from the rows alone, so it ends by itself when the refund moves on.
//! Left out: what a person decides, which the refund says itself.

use chrono::NaiveDate;

use super::answer::workdays_since;
use super::{PersonWhy, Refund, RefundState, RefundWhy, WaitWhy};
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::named::named;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::payment::Payment;
use crate::time::Moment;

/// Longer at a locked state (11, 21), or without an answer, than this many workdays is an alarm.
pub const WAIT_WORKDAYS_MAX: i64 = 3;
/// Longer in the bank's hands than this many days is an alarm.
pub const PENDING_DAYS_MAX: i64 = 7;

named! {
    /// What takes too long. Call the bank.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RefundAlarm {
        /// The bank has not answered for more than 3 workdays, or nothing has left this computer.
        UnansweredTooLong = "unanswered-too-long",
        /// CTBC 11 or 21 for more than 3 workdays.
        LockedTooLong = "locked-too-long",
        /// The bank has the refund for more than 7 days.
        PendingTooLong = "pending-too-long",
    }
}

/// The alarm about a refund, and since when it has rested. `operations` of its payment.
pub fn alarm(
    refund: &Refund,
    payment: &Payment,
    operations: &[Operation],
    now: Moment,
    calendar: &BankCalendar,
) -> Option<(RefundAlarm, Moment)> {
    let locked = matches!(payment.card, Some(CardState::CaptureLocked | CardState::RefundLocked));
    // the reading that showed this state first
    let since = payment.confirmed_at.filter(|_| locked && waits_for_lock(refund));
    if let Some(since) = since.filter(|since| workdays_since(*since, now, calendar) > WAIT_WORKDAYS_MAX) {
        return Some((RefundAlarm::LockedTooLong, since));
    }
    let since = refund.since.filter(|_| waits_for_answer(refund));
    if let Some(since) = since.filter(|since| workdays_since(*since, now, calendar) > WAIT_WORKDAYS_MAX) {
        return Some((RefundAlarm::UnansweredTooLong, since));
    }
    // what a person wants back rests no shorter for it
    let own = |op: &&Operation| op.refund == Some(refund.id) && op.kind != OperationKind::RefundReversal;
    let last = operations.iter().rfind(own)?;
    let asks = refund.why == Some(RefundWhy::Person(PersonWhy::PendingTooLong));
    let pending = refund.state == RefundState::AtBank || asks || last.state == OperationState::Pending;
    let since = last.sent_at.filter(|_| pending && !refund.state.is_final())?;
    (now > since.plus_days(PENDING_DAYS_MAX)).then_some((RefundAlarm::PendingTooLong, since))
}

/// The workday on which a refund that the bank got at `sent` is told to be in its hands for too
/// long: on another day nobody there answers a call.
pub fn reminded_on(sent: Moment, calendar: &BankCalendar) -> NaiveDate {
    let day = sent.plus_days(PENDING_DAYS_MAX).day();
    if calendar.is_workday(day) { day } else { calendar.workday_after(day) }
}

fn waits_for_lock(refund: &Refund) -> bool {
    matches!(refund.state, RefundState::Waiting | RefundState::AtBank)
        && refund.why == Some(RefundWhy::Wait(WaitWhy::Locked))
}

fn waits_for_answer(refund: &Refund) -> bool {
    let no_answer = [WaitWhy::NoAnswer, WaitWhy::NotSent].map(|why| Some(RefundWhy::Wait(why)));
    refund.state == RefundState::Waiting && no_answer.contains(&refund.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarFile;
    use crate::operation::OperationKind;
    use crate::payment::PaymentState;
    use crate::rail::Rail;
    use crate::testing::{operation, payment, refund};
    use RefundAlarm as A;

    /// 2026-11-19 is a Thursday.
    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
    }

    fn calendar() -> BankCalendar {
        BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
            .unwrap()
    }

    fn of(refund: &Refund, card: CardState, operations: &[Operation], now: &str) -> Option<RefundAlarm> {
        let confirmed_at = Some(at("19T20:30"));
        let payment =
            Payment { rail: Rail::CtbcCard, card: Some(card), confirmed_at, ..payment(PaymentState::Paid) };
        alarm(refund, &payment, operations, at(now), &calendar()).map(|found| found.0)
    }

    /// Friday, Monday and Tuesday are three workdays.
    #[test]
    fn a_lock_of_more_than_three_workdays_is_an_alarm_until_it_is_over() {
        let why = Some(RefundWhy::Wait(WaitWhy::Locked));
        let waits = Refund { state: RefundState::Waiting, why, ..refund(40) };
        for card in [CardState::CaptureLocked, CardState::RefundLocked] {
            assert_eq!(of(&waits, card, &[], "24T23:59"), None);
            assert_eq!(of(&waits, card, &[], "25T00:00"), Some(A::LockedTooLong));
        }
        let late = "30T09:00";
        assert_eq!(of(&waits, CardState::Captured, &[], late), None, "it is over");
        for state in RefundState::ALL {
            let row = Refund { state, ..waits.clone() };
            let rests = matches!(state, RefundState::Waiting | RefundState::AtBank);
            assert_eq!(of(&row, CardState::RefundLocked, &[], late).is_some(), rests, "{state:?}");
        }
        let other = Refund { why: Some(RefundWhy::Wait(WaitWhy::Batch)), ..waits };
        assert_eq!(of(&other, CardState::CaptureLocked, &[], late), None);
    }

    /// From the first question without an answer, not from the request.
    #[test]
    fn a_bank_that_is_silent_for_more_than_three_workdays_is_an_alarm() {
        for why in WaitWhy::ALL {
            let since = Some(at("19T20:30"));
            let why = Some(RefundWhy::Wait(why));
            let waits = Refund { state: RefundState::Waiting, why, since, ..refund(40) };
            let silent = [WaitWhy::NoAnswer, WaitWhy::NotSent].map(|why| Some(RefundWhy::Wait(why)));
            let expected = silent.contains(&why).then_some(A::UnansweredTooLong);
            assert_eq!(of(&waits, CardState::Captured, &[], "24T23:59"), None, "{why:?}");
            assert_eq!(of(&waits, CardState::Captured, &[], "25T00:00"), expected, "{why:?}");
            let answered = Refund { state: RefundState::Working, why: None, ..waits };
            assert_eq!(of(&answered, CardState::Captured, &[], "25T00:00"), None);
        }
    }

    #[test]
    fn a_refund_that_the_bank_has_for_more_than_seven_days_is_an_alarm() {
        let sent = |state| Operation {
            refund: Some(refund(40).id),
            state,
            sent_at: Some(at("19T10:00")),
            ..operation(OperationKind::CardRefund)
        };
        let at_bank = Refund { state: RefundState::AtBank, ..refund(40) };
        let accepted = [sent(OperationState::Accepted)];
        assert_eq!(of(&at_bank, CardState::RefundQueued, &accepted, "26T10:00"), None);
        assert_eq!(of(&at_bank, CardState::RefundQueued, &accepted, "26T10:01"), Some(A::PendingTooLong));
        let working = Refund { state: RefundState::Working, ..refund(40) };
        let pending = [sent(OperationState::Pending)];
        assert_eq!(of(&working, CardState::Captured, &pending, "26T10:01"), Some(A::PendingTooLong));
        // unclear is not pending, and what is over is no alarm
        assert_eq!(of(&working, CardState::Captured, &[sent(OperationState::Unknown)], "30T10:01"), None);
        let done = Refund { state: RefundState::Done, ..refund(40) };
        assert_eq!(of(&done, CardState::Refunded, &pending, "30T10:01"), None);
        let other = [Operation { refund: None, ..accepted[0].clone() }];
        assert_eq!(of(&at_bank, CardState::RefundQueued, &other, "30T10:01"), None, "of another refund");
    }

    #[test]
    fn the_reminder_is_on_a_day_on_which_the_bank_answers() {
        for (sent, day) in [
            // a Thursday, a Saturday, a Sunday
            ("19T10:00", "2026-11-26"),
            ("21T10:00", "2026-11-30"),
            ("22T23:59", "2026-11-30"),
        ] {
            assert_eq!(reminded_on(at(sent), &calendar()).to_string(), day, "{sent}");
        }
        // Friday the 25th of December is a holiday
        let sent = Moment::parse_rfc3339("2026-12-18T10:00:00+08:00").unwrap();
        assert_eq!(reminded_on(sent, &calendar()).to_string(), "2026-12-28");
    }
}
