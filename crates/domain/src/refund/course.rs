//! What the cardholder will see of a refund: as the requester was told, and as it ran (money
//! rules 4).
//!
//! Promise: both are kept, so that the person who asked learns when a wait across a batch has
//! changed the plan. Left out: the plan itself, which rests on a fresh reading; what the requester
//! is told rests on the last one.

use std::fmt;

use chrono::NaiveDate;

use super::{Refund, RefundState};
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::money::Twd;
use crate::named::named;
use crate::operation::OperationKind;
use crate::operation::rules::Accepted;
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::time::Moment;

named! {
    /// The way that money goes back.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Way {
        /// The card is not charged: the cardholder sees neither purchase nor refund.
        Cancel = "cancel",
        /// The payer sees a purchase and a refund.
        Refund = "refund",
    }
}

/// The way, and at CTBC the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// What the cardholder sees.
    pub way: Way,
    /// CTBC: the day of the batch that takes the refund along.
    pub batch: Option<NaiveDate>,
}

impl fmt::Display for Course {
    /// `cancel`; `refund`, with the day of its batch.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.way.name())?;
        self.batch.map_or(Ok(()), |day| write!(f, " {day}"))
    }
}

impl Course {
    /// Reads what [`fmt::Display`] has written.
    pub fn parse(text: &str) -> Option<Self> {
        let (way, batch) = match text.split_once(' ') {
            Some((way, day)) => (way, Some(day.parse().ok()?)),
            None => (text, None),
        };
        Some(Self { way: Way::parse(way)?, batch })
    }

    const CANCEL: Self = Self { way: Way::Cancel, batch: None };

    const fn refund(batch: Option<NaiveDate>) -> Self {
        Self { way: Way::Refund, batch }
    }

    /// What the requester is told at `now`, from the last reading of the payment.
    pub fn told(payment: &Payment, amount: Twd, now: Moment, calendar: &BankCalendar) -> Self {
        let is_whole = amount == payment.amount;
        match payment.rail {
            Rail::SinopacCard if is_whole && payment.state == PaymentState::Authorized => Self::CANCEL,
            Rail::SinopacAccount | Rail::SinopacCard => Self::refund(None),
            Rail::CtbcCard => {
                let free = |kind: OperationKind, at| calendar.earliest(at, kind.rule().span_ms).unwrap_or(at);
                let state = card_at(payment, now, calendar);
                let is_queued = state == Some(CardState::CaptureQueued);
                // the one that captures the sale
                let batch = calendar.next_batch(now);
                let before = is_queued && free(OperationKind::CapReversal, now) < batch.starts;
                if is_whole && (before || state == Some(CardState::Authorized)) {
                    return Self::CANCEL;
                }
                let sent = free(OperationKind::Refund, if is_queued { batch.ends } else { now });
                Self::refund(Some(calendar.next_batch(sent).day))
            }
        }
    }

    /// The requests to the bank that a refund of `payment` comes to, in their order, if nothing
    /// changes before.
    pub fn steps(self, payment: &Payment) -> &'static [OperationKind] {
        use OperationKind as K;
        match (payment.rail, self.way) {
            (Rail::SinopacAccount, Way::Cancel | Way::Refund) => &[K::AccountRefundToken, K::AccountRefund],
            (Rail::SinopacCard, Way::Cancel) => &[K::CancelAuthorization],
            (Rail::SinopacCard, Way::Refund) => &[K::CardRefund],
            (Rail::CtbcCard, Way::Cancel) if payment.card == Some(CardState::Authorized) => &[K::Reversal],
            (Rail::CtbcCard, Way::Cancel) => &[K::CapReversal, K::Reversal],
            (Rail::CtbcCard, Way::Refund) => &[K::Refund],
        }
    }

    /// Of a step that goes at `now`; `None`: it gives nothing back.
    pub fn of(kind: OperationKind, now: Moment, calendar: &BankCalendar) -> Option<Self> {
        let rule = kind.rule();
        if rule.gives_back() || rule.accepted == Accepted::Token {
            return Some(Self::refund(rule.waits_for_batch.then(|| calendar.next_batch(now).day)));
        }
        (rule.ends_refund() || kind == OperationKind::CapReversal).then_some(Self::CANCEL)
    }
}

/// The card as the last reading showed it, unless a batch has captured it since.
fn card_at(payment: &Payment, now: Moment, calendar: &BankCalendar) -> Option<CardState> {
    let batch = calendar.next_batch(payment.confirmed_at.unwrap_or(now));
    match payment.card {
        Some(CardState::CaptureQueued) if batch.starts <= now => Some(CardState::Captured),
        card => card,
    }
}

impl Refund {
    /// What the requester was told and what ran instead; `None`: nothing has changed, nothing ran
    /// yet, or nothing came of it.
    pub fn changed(&self) -> Option<(Course, Course)> {
        let came = !matches!(self.state, RefundState::Declined | RefundState::Withdrawn);
        self.told.zip(self.ran).filter(|(told, ran)| came && told != ran)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::CalendarFile;
    use crate::testing::{payment, refund};
    use crate::time::day_plus;

    /// 2026-11-23 is a Monday.
    fn at(text: &str) -> Moment {
        Moment::parse_rfc3339(&format!("2026-11-{text}:00+08:00")).unwrap()
    }

    fn calendar() -> BankCalendar {
        BankCalendar::new(&CalendarFile { holidays: vec!["2026-12-25".into()], ..CalendarFile::default() })
            .unwrap()
    }

    fn card(state: CardState) -> Payment {
        Payment {
            rail: Rail::CtbcCard,
            card: Some(state),
            confirmed_at: Some(at("23T10:00")),
            ..payment(PaymentState::Paid)
        }
    }

    fn told(payment: &Payment, dollars: i64, now: &str) -> Course {
        Course::told(payment, Twd::new(dollars), at(now), &calendar())
    }

    fn through(day: u32) -> Course {
        Course::refund(NaiveDate::from_ymd_opt(2026, 11, day))
    }

    /// Captured at 100 dollars; its batch starts on Monday at 20:00.
    #[test]
    fn the_requester_is_told_by_the_batch_that_captures_the_sale() {
        let queued = card(CardState::CaptureQueued);
        for (dollars, now, expected) in [
            (100, "23T10:00", Course::CANCEL),
            (100, "23T19:30", Course::CANCEL),
            // too near the batch, and after it: captured
            (100, "23T19:55", through(24)),
            (100, "24T09:00", through(24)),
            (100, "24T20:30", through(25)),
            // a part waits for the capture
            (40, "23T10:00", through(24)),
            (40, "23T19:55", through(24)),
        ] {
            assert_eq!(told(&queued, dollars, now), expected, "{dollars} {now}");
        }
        let captured = card(CardState::Captured);
        for dollars in [100, 40] {
            assert_eq!(told(&captured, dollars, "24T10:00"), through(24));
            assert_eq!(told(&captured, dollars, "24T19:55"), through(25));
        }
        assert_eq!(told(&card(CardState::Authorized), 100, "23T19:55"), Course::CANCEL);
    }

    #[test]
    fn sinopac_cancels_what_is_only_authorized() {
        let of = |rail, state| Payment { rail, ..payment(state) };
        let authorized = of(Rail::SinopacCard, PaymentState::Authorized);
        assert_eq!(told(&authorized, 100, "23T10:00"), Course::CANCEL);
        for rail in [Rail::SinopacCard, Rail::SinopacAccount] {
            assert_eq!(told(&of(rail, PaymentState::Paid), 100, "23T10:00"), Course::refund(None));
        }
    }

    /// The last one ends the refund, and each comes to the course that was told.
    #[test]
    fn the_steps_of_a_course_come_to_it() {
        use OperationKind as K;
        let of = |rail| Payment { rail, ..payment(PaymentState::Paid) };
        for (payment, course, expected) in [
            (of(Rail::SinopacAccount), Course::refund(None), &[K::AccountRefundToken, K::AccountRefund][..]),
            (of(Rail::SinopacCard), Course::CANCEL, &[K::CancelAuthorization]),
            (of(Rail::SinopacCard), Course::refund(None), &[K::CardRefund]),
            (card(CardState::Authorized), Course::CANCEL, &[K::Reversal]),
            (card(CardState::CaptureQueued), Course::CANCEL, &[K::CapReversal, K::Reversal]),
            (card(CardState::Captured), through(24), &[K::Refund]),
        ] {
            let steps = course.steps(&payment);
            assert_eq!(steps, expected);
            assert!(steps.last().is_some_and(|kind| kind.rule().ends_refund()), "{steps:?}");
            for kind in steps {
                let way = Course::of(*kind, at("23T10:00"), &calendar()).map(|of| of.way);
                assert_eq!(way, Some(course.way), "{kind:?}");
            }
        }
    }

    #[test]
    fn each_step_that_gives_back_has_its_course() {
        for kind in OperationKind::ALL {
            let course = Course::of(kind, at("23T22:10"), &calendar());
            let cancels =
                [OperationKind::CapReversal, OperationKind::Reversal, OperationKind::CancelAuthorization];
            let refunds =
                [OperationKind::CardRefund, OperationKind::AccountRefundToken, OperationKind::AccountRefund];
            let expected = if kind == OperationKind::Refund {
                Some(through(24))
            } else if refunds.contains(&kind) {
                Some(Course::refund(None))
            } else {
                cancels.contains(&kind).then_some(Course::CANCEL)
            };
            assert_eq!(course, expected, "{kind:?}");
        }
    }

    #[test]
    fn every_text_is_read_back() {
        for (course, text) in
            [(Course::CANCEL, "cancel"), (Course::refund(None), "refund"), (through(24), "refund 2026-11-24")]
        {
            assert_eq!((course.to_string().as_str(), Course::parse(text)), (text, Some(course)));
        }
        assert_eq!(["", "Cancel", "refund x", "refund "].map(Course::parse), [None; 4]);
    }

    #[test]
    fn another_way_or_another_batch_is_a_change() {
        let row = |told, ran| Refund { told, ran, ..refund(100) };
        let (first, next) = (through(23), through(24));
        assert_eq!(row(Some(Course::CANCEL), Some(next)).changed(), Some((Course::CANCEL, next)));
        assert_eq!(row(Some(first), Some(next)).changed(), Some((first, next)));
        for state in [RefundState::Withdrawn, RefundState::Declined] {
            let over = Refund { state, ..row(Some(first), Some(next)) };
            assert_eq!(over.changed(), None, "nothing came of it");
        }
        assert_eq!(first.batch.map(|day| day_plus(day, 1)), next.batch);
        for (told, ran) in [(Some(first), Some(first)), (Some(first), None), (None, Some(first))] {
            assert_eq!(row(told, ran).changed(), None);
        }
    }
}
