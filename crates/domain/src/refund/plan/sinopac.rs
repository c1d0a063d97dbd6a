//! The table of SinoPac, both methods (money rules 4).

use super::super::answer::{FIRST_CALL_MS, FIRST_CALLS_MAX, Refusal, next_bank_day};
use super::super::shown::Shown;
use super::super::why::{PersonWhy, WaitWhy};
use super::{Plan, RefundCase, Wait};
use crate::bank_state::BankState;
use crate::discrepancy::DiscrepancyKind;
use crate::operation::rules::refunds;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::rail::Rail;
use crate::seen::{RefundStatus, Seen};
use crate::time::Moment;

impl RefundCase<'_> {
    pub(super) fn of_sinopac(&self, state: BankState, seen: &Seen) -> Plan {
        use BankState as B;
        let is_account = self.rail == Rail::SinopacAccount;
        let cancelled = self.taken(OperationKind::CancelAuthorization);
        let refunded = self.taken(OperationKind::CardRefund).or(self.taken(OperationKind::AccountRefund));
        let vanished = Plan::NeedsPerson(PersonWhy::Vanished);
        match state {
            B::Waiting | B::Expired if cancelled.or(refunded).is_some() => vanished,
            B::Waiting | B::Expired => Plan::NothingCollected,
            B::Authorized if is_account => Plan::NeedsPerson(PersonWhy::Unforeseen),
            B::Authorized => match cancelled {
                Some(op) => self.lag(op).map_or(vanished, |wait| Plan::Track(Some(wait))),
                None if refunded.is_some() => vanished,
                None if self.is_whole() => self.step(OperationKind::CancelAuthorization),
                None => Plan::NeedsPerson(PersonWhy::PartOfAuthorization),
            },
            B::Released if self.is_whole() && cancelled.is_some() => Plan::Done,
            B::Released => Plan::Discrepancy(DiscrepancyKind::RefundedOutside),
            B::Collected | B::Settled if cancelled.is_some() => vanished,
            B::Collected | B::Settled => {
                self.of_collected(&Shown::of(seen, self.operations, self.booked), refunded)
            }
            B::Unlisted => Plan::NeedsPerson(PersonWhy::UnlistedState),
        }
    }

    fn of_collected(&self, shown: &Shown, refunded: Option<&Operation>) -> Plan {
        use RefundStatus as R;
        let foreign = |status| shown.foreign().contains(&status);
        if foreign(R::Done) || foreign(R::Unlisted) {
            return Plan::Discrepancy(DiscrepancyKind::RefundedOutside);
        }
        if let Some(op) = refunded {
            return self
                .of_taken(shown.of_operation(op.id), shown.others(Some(op.id)).any(|s| s == R::Unlisted));
        }
        let other = |status| foreign(status) || shown.others(None).any(|shown| shown == status);
        let tomorrow = next_bank_day(self.now);
        if other(R::Unlisted) {
            return Plan::NeedsPerson(PersonWhy::UnlistedState);
        }
        if other(R::Returning) {
            return Self::wait(tomorrow, WaitWhy::MoneyReturning);
        }
        if other(R::Underway) {
            return Self::wait(tomorrow, WaitWhy::OtherUnderway);
        }
        if self.rail == Rail::SinopacCard && self.asked_today() {
            return Self::wait(tomorrow, WaitWhy::OneADay);
        }
        if self.rail == Rail::SinopacCard { self.step(OperationKind::CardRefund) } else { self.first_call() }
    }

    /// The bank has taken our refund.
    fn of_taken(&self, status: Option<RefundStatus>, unlisted: bool) -> Plan {
        match status {
            Some(RefundStatus::Unlisted) => Plan::NeedsPerson(PersonWhy::UnlistedState),
            Some(_) | None if unlisted => Plan::NeedsPerson(PersonWhy::UnlistedState),
            Some(RefundStatus::Done) => Plan::Done,
            Some(RefundStatus::Returning) => {
                let until = next_bank_day(self.now);
                Plan::Track(Some(Wait { until, why: WaitWhy::MoneyReturning }))
            }
            Some(RefundStatus::Failed) => Plan::NeedsPerson(PersonWhy::FailedForGood),
            Some(RefundStatus::Underway) | None => Plan::Track(None),
        }
    }

    /// A refund of this card sale was asked today, or the row shows one of today.
    fn asked_today(&self) -> bool {
        use OperationState as S;
        // by our clock, or by what the bank itself has just named: one of them may be wrong
        let today = [self.now, self.reading.asked_at].map(Moment::day);
        // the bank's own day is never ahead: where it is, our today is behind
        let is_todays = |day| today.iter().any(|today| day >= *today);
        let asked = |op: &&Operation| {
            op.kind == OperationKind::CardRefund
                && !matches!(op.state, S::Declined | S::NotNow | S::NotSent | S::DidNotHappen | S::Abandoned)
                && op.sent_at.is_some_and(|at| today.contains(&at.day()))
        };
        let row = self.reading.seen.and_then(refunds);
        let mut dates =
            row.into_iter().flat_map(|row| row.list.values().map(|one| one.date).chain([row.date]));
        self.operations.iter().any(|op| asked(&op))
            || dates.any(|date| date.is_some_and(|date| is_todays(date.start().day())))
    }

    /// The first call of an account's refund, when no earlier one is alive at the bank. What comes
    /// between it and the second is [`crate::refund::answer::may_second_call_go`].
    fn first_call(&self) -> Plan {
        let calls = || self.own().filter(|op| op.kind == OperationKind::AccountRefundToken);
        if let Some(sent_at) = calls().next_back().and_then(|op| op.sent_at) {
            let over = sent_at.plus_ms(FIRST_CALL_MS);
            let alive = calls().next_back().is_some_and(|op| {
                matches!(op.state, OperationState::Accepted | OperationState::DidNotHappen)
            });
            if alive && self.now < over {
                return Self::wait(over, WaitWhy::FirstCall);
            }
        }
        if calls().filter(|op| op.refusal() == Some(Refusal::UsedUp)).count() >= FIRST_CALLS_MAX {
            return Plan::NeedsPerson(PersonWhy::FirstCallLives);
        }
        self.step(OperationKind::AccountRefundToken)
    }
}
