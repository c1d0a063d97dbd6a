//! The table of CTBC: what a fresh state means for a refund (money rules 4).

use super::super::Refund;
use super::super::alarm::PENDING_DAYS_MAX;
use super::super::answer::LOCKED_MINS;
use super::super::why::{PersonWhy, WaitWhy};
use super::{Plan, RefundCase, Wait};
use crate::card::CardState;
use crate::discrepancy::DiscrepancyKind;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::seen::Seen;
use crate::time::Moment;

impl RefundCase<'_> {
    pub(super) fn of_ctbc(&self, state: CardState) -> Plan {
        use CardState as C;
        use OperationKind as K;
        let [refund, reversal, cap_reversal] =
            [K::Refund, K::Reversal, K::CapReversal].map(|kind| self.taken(kind));
        let vanished = Plan::NeedsPerson(PersonWhy::Vanished);
        match state {
            C::Authorized => match (refund, reversal) {
                (Some(_), Some(_) | None) => vanished,
                (None, Some(op)) => self.lag(op).map_or(vanished, |wait| Plan::Track(Some(wait))),
                (None, None) if self.is_whole() => self.step(K::Reversal),
                (None, None) => Plan::NeedsPerson(PersonWhy::PartOfAuthorization),
            },
            C::CaptureQueued if refund.or(reversal).is_some() => vanished,
            C::CaptureQueued => match cap_reversal {
                Some(op) => self.lag(op).map_or(vanished, Plan::Wait),
                None if self.is_whole() => self.step(K::CapReversal),
                None => Self::wait(self.after_batch(K::Refund), WaitWhy::Capture),
            },
            C::RefundLocked if refund.is_some() => Plan::Track(Some(self.locked())),
            C::CaptureLocked | C::RefundLocked => Plan::Wait(self.locked()),
            C::Captured if reversal.or(cap_reversal).is_some() => vanished,
            C::Captured => match refund {
                Some(_) if self.is_taken_back() => Plan::Withdrawn,
                Some(op) if self.has_batch_since(op) || self.is_out_of_file(op) => vanished,
                Some(_) => Plan::Track(None),
                None => self.step(K::Refund),
            },
            C::RefundQueued => match refund {
                Some(_) => Plan::Track(None),
                None if self.has_earlier_underway() => {
                    Self::wait(self.after_batch(K::Refund), WaitWhy::EarlierQueued)
                }
                None => Plan::Discrepancy(DiscrepancyKind::RefundedOutside),
            },
            C::Refunded => match refund {
                Some(op) if self.is_new_end(op) => Plan::Done,
                Some(_) => Plan::Track(None),
                None if !self.has_earlier_done() => Plan::Discrepancy(DiscrepancyKind::RefundedOutside),
                None if self.contract.refund_remainder => self.step(K::Refund),
                None => Plan::NeedsPerson(PersonWhy::RemainderNotEnabled),
            },
            C::Cancelled if self.is_whole() && reversal.is_some() => Plan::Done,
            C::Cancelled => Plan::Discrepancy(DiscrepancyKind::RefundedOutside),
            C::Failed | C::CaptureFailed if refund.or(reversal).or(cap_reversal).is_some() => vanished,
            C::Failed | C::CaptureFailed => Plan::NothingCollected,
            C::RefundFailed => Plan::NeedsPerson(PersonWhy::RefundFailed),
            C::Unlisted => Plan::NeedsPerson(PersonWhy::UnlistedState),
        }
    }

    /// The end of the lock with its margin, at least half an hour away.
    fn locked(&self) -> Wait {
        let next = self.now.plus_mins(LOCKED_MINS);
        let until = self.calendar.earliest(next, OperationKind::Refund.rule().span_ms).unwrap_or(next);
        Wait { until, why: WaitWhy::Locked }
    }

    fn after_batch(&self, kind: OperationKind) -> Moment {
        let wait = self.calendar.wait_for_capture(self.now, kind.rule().span_ms);
        wait.map_or(self.now.plus_days(1), |wait| wait.earliest)
    }

    fn has_batch_since(&self, op: &Operation) -> bool {
        op.sent_at.is_some_and(|at| self.calendar.completed_batch(at, self.reading.asked_at).is_some())
    }

    /// 12 after 20 or 21, or after so long that every shop had a batch: another hand took it out of
    /// the bank's file. No holiday list is needed to tell.
    fn is_out_of_file(&self, op: &Operation) -> bool {
        let long = op.sent_at.is_none_or(|at| self.reading.asked_at > at.plus_days(PENDING_DAYS_MAX));
        long || (self.queued_since_send && self.lag(op).is_none())
    }

    /// Our RefundRev was taken after the Refund.
    fn is_taken_back(&self) -> bool {
        let mut taken = self.own().filter(|op| op.state == OperationState::Accepted);
        taken.next_back().is_some_and(|op| op.kind == OperationKind::RefundReversal)
    }

    /// The bank gave an earlier refund back, ours or one that a person has booked.
    fn has_earlier_done(&self) -> bool {
        self.others.iter().any(Refund::is_done_at_bank) || !self.booked.is_empty()
    }

    /// The bank has an earlier refund of ours in its hands, or one that a person has booked.
    fn has_earlier_underway(&self) -> bool {
        let taken = |refund: &Refund| {
            let mut ops = self.operations.iter().filter(|op| op.refund == Some(refund.id));
            ops.any(|op| op.kind.rule().gives_back() && op.state.may_have_acted())
        };
        self.others.iter().any(|other| !other.state.is_final() && taken(other))
            || self.booked.iter().any(|one| one.may_be_underway(self.reading.asked_at))
    }

    /// 22 is the end of this refund. After an earlier finished one it may be that one's end: then
    /// 20 or 21 was read since the send, or a batch has run.
    fn is_new_end(&self, op: &Operation) -> bool {
        let from_remainder = op.snapshot.as_ref().and_then(Seen::card) == Some(CardState::Refunded);
        let earlier = from_remainder || self.has_earlier_done();
        !earlier || self.queued_since_send || self.has_batch_since(op)
    }
}
