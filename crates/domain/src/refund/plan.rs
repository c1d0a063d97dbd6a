//! The planner: from a fresh reading to the next step of a refund (money rules 4, both tables).
//!
//! Promise: each step is planned by itself, after its own fresh reading, and no step is planned
//! while another money operation of the target is unclear, after a reading that does not fit, or
//! beyond what was captured. A step that the batch holds up is a wait here, so that a person sees
//! it; the gate itself is [`OperationKind::held_until`], where an operation is claimed. Left out:
//! what becomes of an unclear step (`operation/readings.rs`).

use super::answer::{
    FIRST_CALL_MS, FIRST_CALLS_MAX, LOCKED_MINS, Refusal, Refused, next_bank_day, too_often,
};
use super::shown::{Booked, Shown};
use super::why::{ByHandWhy, PersonWhy, RefundWhy, WaitWhy};
use super::{Refund, RefundState, spent};
use crate::bank_state::BankState;
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::discrepancy::DiscrepancyKind;
use crate::judge::LAG_MS;
use crate::money::Twd;
use crate::named::named;
use crate::operation::rules::refunds;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::rail::Rail;
use crate::seen::{RefundStatus, Seen};
use crate::time::Moment;

named! {
    /// Which paper of SinoPac a shop's contract follows (sinopac.md 14).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum SinopacPaper {
        /// One refund of a card sale, and a second may be refused.
        V24 = "v2.4",
        /// Several, at most one a day.
        V25 = "v2.5",
    }
}

/// What the shop's contracts say about refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// CTBC refunds a remainder from 22.
    pub refund_remainder: bool,
    /// SinoPac's paper.
    pub paper: SinopacPaper,
}

/// The reading that a plan rests on: of this target, answered after the last answer to a step.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<'a> {
    /// What the bank shows; `None`: it has no such order.
    pub seen: Option<&'a Seen>,
    /// When the question left, by bank time.
    pub asked_at: Moment,
    /// The verdict of this reading fits ([`crate::judge::Verdict::fits`]).
    pub fits: bool,
}

/// All that a plan rests on.
#[derive(Debug, Clone, Copy)]
pub struct RefundCase<'a> {
    /// The refund to plan.
    pub refund: &'a Refund,
    /// Of its payment.
    pub rail: Rail,
    /// What was captured, or is authorized, of this target.
    pub captured: Twd,
    /// The bank takes only the whole amount back: an instalment, bonus or UnionPay sale.
    pub whole_only: bool,
    /// The other refunds of this target.
    pub others: &'a [Refund],
    /// All operations of this target, oldest first, those of the other refunds included.
    pub operations: &'a [Operation],
    /// The attempts of this refund that did nothing, oldest first.
    pub refused: &'a [Refused],
    /// Refunds made elsewhere that a person has booked on this target.
    pub booked: &'a [Booked],
    /// The payment has an open discrepancy `refunded-outside`.
    pub refunded_outside: bool,
    /// The reading.
    pub reading: Fresh<'a>,
    /// CTBC: 20 or 21 was read since the last Refund of this refund was sent.
    pub queued_since_send: bool,
    /// Bank time.
    pub now: Moment,
    /// CTBC's calendar. SinoPac has no batch, and only workdays are counted with it.
    pub calendar: &'a BankCalendar,
    /// The shop's.
    pub contract: Contract,
}

/// One request to the bank, to be made into an operation by
/// [`super::request::operation_of`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: OperationKind,
    /// The money that it names.
    pub amount: Twd,
}

/// Nothing is sent before `until`; then a fresh reading and a new plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Bank time.
    pub until: Moment,
    /// The reason for the person who asked.
    pub why: WaitWhy,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Send this, through the gate.
    Step(Step),
    /// Wait.
    Wait(Wait),
    /// The bank has taken the last step: read on until its end state, with what it waits for.
    Track(Option<Wait>),
    /// A step is unclear: only readings go on.
    ReadOut,
    /// The bank shows the end state: post it.
    Done,
    /// The bank has undone it: the requester's withdrawal is complete.
    Withdrawn,
    /// The bank has collected nothing, so nothing goes back.
    NothingCollected {
        /// The account can still be paid: offer to cancel it.
        cancel_account: bool,
    },
    /// The bank takes only the whole amount back of such a sale. Nothing was sent.
    WholeOnly,
    /// The bank refused the step for good; the operation has the code.
    Refused,
    /// The shop transfers the money itself, and a person confirms it.
    ByHand(ByHandWhy),
    /// A person decides.
    NeedsPerson(PersonWhy),
    /// A person closes this discrepancy first.
    Discrepancy(DiscrepancyKind),
}

impl Plan {
    /// The state of the refund after this plan, by the table of refund states. A refund that was
    /// approved or waits goes through Working to what rests on a step that was sent.
    pub const fn refund_state(self, was: RefundState) -> RefundState {
        use RefundState as S;
        let planned = match self {
            Self::Step(_) | Self::ReadOut => S::Working,
            Self::Wait(_) => S::Waiting,
            Self::Track(_) => S::AtBank,
            Self::Done => S::Done,
            Self::Withdrawn => S::Withdrawn,
            Self::NothingCollected { .. } | Self::WholeOnly | Self::Refused => S::Declined,
            Self::ByHand(_) | Self::NeedsPerson(_) | Self::Discrepancy(_) => S::NeedsPerson,
        };
        match was {
            S::Requested | S::Done | S::Declined | S::Withdrawn => was,
            S::Approved | S::Waiting => match planned {
                S::AtBank | S::Done => S::Working,
                S::Requested
                | S::Approved
                | S::Waiting
                | S::Working
                | S::Declined
                | S::Withdrawn
                | S::NeedsPerson => planned,
            },
            S::Working | S::NeedsPerson => planned,
            S::AtBank => match self {
                Self::Wait(_) | Self::ReadOut => S::AtBank,
                // the bank has it, and we would send it again
                Self::Step(_) => S::NeedsPerson,
                Self::Track(_)
                | Self::Done
                | Self::Withdrawn
                | Self::NothingCollected { .. }
                | Self::WholeOnly
                | Self::Refused
                | Self::ByHand(_)
                | Self::NeedsPerson(_)
                | Self::Discrepancy(_) => planned,
            },
        }
    }

    /// What the row of the refund keeps as its reason.
    pub const fn why(self) -> Option<RefundWhy> {
        match self {
            Self::Step(_) | Self::ReadOut | Self::Track(None) | Self::Done | Self::Withdrawn => None,
            Self::Wait(wait) | Self::Track(Some(wait)) => Some(RefundWhy::Wait(wait.why)),
            Self::NothingCollected { .. } => Some(RefundWhy::NothingCollected),
            Self::WholeOnly => Some(RefundWhy::WholeOnly),
            Self::Refused => Some(RefundWhy::Refused),
            Self::ByHand(why) => Some(RefundWhy::ByHand(why)),
            Self::NeedsPerson(why) => Some(RefundWhy::Person(why)),
            Self::Discrepancy(kind) => Some(RefundWhy::Discrepancy(kind)),
        }
    }

    /// Until when it waits.
    pub const fn until(self) -> Option<Moment> {
        match self {
            Self::Wait(wait) | Self::Track(Some(wait)) => Some(wait.until),
            Self::Step(_)
            | Self::Track(None)
            | Self::ReadOut
            | Self::Done
            | Self::Withdrawn
            | Self::NothingCollected { .. }
            | Self::WholeOnly
            | Self::Refused
            | Self::ByHand(_)
            | Self::NeedsPerson(_)
            | Self::Discrepancy(_) => None,
        }
    }
}

impl Refund {
    /// The row after a plan; `None`: nothing changes.
    pub fn after(&self, plan: Plan) -> Option<Self> {
        let state = plan.refund_state(self.state);
        let (until, mut why) = (plan.until(), plan.why());
        if state == RefundState::NeedsPerson && why.is_none() {
            why = Some(RefundWhy::Person(PersonWhy::Unforeseen));
        }
        let next = Self { state, until, why, ..self.clone() };
        (next != *self).then(|| Self { version: self.version + 1, ..next })
    }
}

/// Plans the next step.
pub fn plan(case: &RefundCase<'_>) -> Plan {
    if let Some(blocked) = case.blocked() {
        return blocked;
    }
    let declined = case.own().next_back().filter(|op| op.state == OperationState::Declined);
    if let Some(why) = declined.and_then(Operation::refusal).and_then(Refusal::by_hand) {
        return Plan::ByHand(why);
    }
    let Some(seen) = case.reading.seen else { return Plan::NeedsPerson(PersonWhy::NotThere) };
    let planned = match (seen, case.rail) {
        (Seen::Ctbc { several: true, .. }, Rail::CtbcCard) => {
            Plan::NeedsPerson(PersonWhy::SeveralTransactions)
        }
        (Seen::Ctbc { state, several: false }, Rail::CtbcCard) => case.of_ctbc(*state),
        (Seen::Sinopac { state, .. }, Rail::SinopacAccount | Rail::SinopacCard) => {
            case.of_sinopac(*state, seen)
        }
        (Seen::Ctbc { .. }, Rail::SinopacAccount | Rail::SinopacCard)
        | (Seen::Sinopac { .. }, Rail::CtbcCard) => Plan::NeedsPerson(PersonWhy::Unforeseen),
    };
    case.checked(planned)
}

impl<'a> RefundCase<'a> {
    /// The operations of this refund.
    fn own(&self) -> impl DoubleEndedIterator<Item = &'a Operation> + use<'a> {
        let id = self.refund.id;
        self.operations.iter().filter(move |op| op.refund == Some(id))
    }

    fn last(&self, kind: OperationKind) -> Option<&'a Operation> {
        self.own().rfind(|op| op.kind == kind)
    }

    /// The bank has taken this step of ours.
    fn taken(&self, kind: OperationKind) -> Option<&'a Operation> {
        self.own().rfind(|op| op.kind == kind && op.state == OperationState::Accepted)
    }

    fn is_whole(&self) -> bool {
        self.refund.amount == self.captured
    }

    fn step(&self, kind: OperationKind) -> Plan {
        Plan::Step(Step { kind, amount: self.refund.amount })
    }

    fn wait(until: Moment, why: WaitWhy) -> Plan {
        Plan::Wait(Wait { until, why })
    }

    /// What keeps every new step of this target back.
    fn blocked(&self) -> Option<Plan> {
        let own = |op: &Operation| op.refund == Some(self.refund.id);
        let asked = self
            .operations
            .iter()
            .find(|op| op.state == OperationState::NeedsPerson && (op.kind.is_money() || own(op)));
        if let Some(op) = asked {
            return Some(Plan::NeedsPerson(self.undecided(op)));
        }
        let mut open = self.operations.iter().filter(|op| op.kind.blocks_money(op.state));
        open.find_map(|op| match op.state {
            OperationState::Sending | OperationState::Unknown | OperationState::Pending => {
                Some(Plan::ReadOut)
            }
            // the own one is planned anew: it goes again, or another one instead
            OperationState::Planned | OperationState::NotNow | OperationState::NotSent if own(op) => None,
            OperationState::Planned | OperationState::NotNow | OperationState::NotSent => {
                Some(Self::wait(self.now.plus_mins(1), WaitWhy::OtherStep))
            }
            OperationState::NeedsPerson
            | OperationState::Accepted
            | OperationState::Declined
            | OperationState::DidNotHappen
            | OperationState::Abandoned => None,
        })
    }

    /// What the person who decides an unclear step is told.
    fn undecided(&self, op: &Operation) -> PersonWhy {
        match op.refusal() {
            Some(Refusal::UsedUp) => {
                let before = op.snapshot.as_ref().and_then(refunds).cloned().unwrap_or_default();
                let new = self.reading.seen.and_then(refunds).is_some_and(|now| now.has_new(&before));
                if new { PersonWhy::SomebodyRefunded } else { PersonWhy::UsedUp }
            }
            Some(Refusal::Duplicate) => PersonWhy::AnotherHand,
            None
            | Some(
                Refusal::NotActivated
                | Refusal::NoPayerAccount
                | Refusal::TooOld
                | Refusal::NotInContract
                | Refusal::CapturesShort
                | Refusal::EarlierQueued
                | Refusal::CaptureUnconfirmed
                | Refusal::Locked
                | Refusal::DayLimit
                | Refusal::NotYet
                | Refusal::Other,
            ) => PersonWhy::Undecided,
        }
    }

    /// The last checks before anything moves.
    fn checked(&self, planned: Plan) -> Plan {
        match planned {
            Plan::Step(step) => self.checked_step(step),
            Plan::Done | Plan::Withdrawn if self.refunded_outside => {
                Plan::Discrepancy(DiscrepancyKind::RefundedOutside)
            }
            Plan::Done | Plan::Withdrawn | Plan::NothingCollected { .. } if !self.reading.fits => {
                Plan::NeedsPerson(PersonWhy::DoubtfulReading)
            }
            Plan::Done
            | Plan::Withdrawn
            | Plan::NothingCollected { .. }
            | Plan::Wait(_)
            | Plan::Track(_)
            | Plan::ReadOut
            | Plan::WholeOnly
            | Plan::Refused
            | Plan::ByHand(_)
            | Plan::NeedsPerson(_)
            | Plan::Discrepancy(_) => planned,
        }
    }

    fn checked_step(&self, step: Step) -> Plan {
        if self.refunded_outside {
            return Plan::Discrepancy(DiscrepancyKind::RefundedOutside);
        }
        if !self.reading.fits {
            return Plan::NeedsPerson(PersonWhy::DoubtfulReading);
        }
        let all = spent(self.others, self.booked).and_then(|sum| sum.checked_add(step.amount));
        if all.is_none_or(|all| all > self.captured) {
            return Plan::NeedsPerson(PersonWhy::OverCaptured);
        }
        if let Some(why) = too_often(self.refused, self.now, self.calendar) {
            return Plan::NeedsPerson(why);
        }
        if self.last(step.kind).is_some_and(|op| op.state == OperationState::Declined) {
            let half =
                step.kind == OperationKind::Reversal && self.taken(OperationKind::CapReversal).is_some();
            return Plan::NeedsPerson(if half { PersonWhy::HalfReversed } else { PersonWhy::StepDeclined });
        }
        match step.kind.held_until(&[self.now], self.calendar) {
            Some(until) => Self::wait(until, WaitWhy::Batch),
            None => Plan::Step(step),
        }
    }

    /// The bank has taken a step, and shows that it has not: its queries lag, up to a point.
    fn lag(&self, op: &Operation) -> Option<Wait> {
        let until = op.sent_at?.plus_ms(LAG_MS);
        (self.now < until).then_some(Wait { until, why: WaitWhy::Lag })
    }

    fn of_ctbc(&self, state: CardState) -> Plan {
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
                Some(op) if self.has_batch_since(op) => vanished,
                Some(_) => Plan::Track(None),
                None if self.whole_only && !self.is_whole() => Plan::WholeOnly,
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
            C::Failed | C::CaptureFailed => Plan::NothingCollected { cancel_account: false },
            C::RefundFailed => Plan::NeedsPerson(PersonWhy::RefundFailed),
            C::Unlisted => Plan::NeedsPerson(PersonWhy::UnlistedState),
        }
    }

    /// The end of the lock with its margin, at least half an hour away.
    fn locked(&self) -> Wait {
        let next = self.now.plus_mins(LOCKED_MINS);
        let until = self.calendar.earliest(next, OperationKind::Refund.span_ms()).unwrap_or(next);
        Wait { until, why: WaitWhy::Locked }
    }

    fn after_batch(&self, kind: OperationKind) -> Moment {
        let wait = self.calendar.wait_for_capture(self.now, kind.span_ms());
        wait.map_or(self.now.plus_days(1), |wait| wait.earliest)
    }

    fn has_batch_since(&self, op: &Operation) -> bool {
        op.sent_at.is_some_and(|at| self.calendar.completed_batch(at, self.reading.asked_at).is_some())
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
        self.others.iter().any(|other| !other.state.is_final() && taken(other)) || !self.booked.is_empty()
    }

    /// 22 is the end of this refund. After an earlier finished one it may be that one's end: then
    /// 20 or 21 was read since the send, or a batch has run.
    fn is_new_end(&self, op: &Operation) -> bool {
        let from_remainder = op.snapshot.as_ref().and_then(Seen::card) == Some(CardState::Refunded);
        let earlier = from_remainder || self.has_earlier_done();
        !earlier || self.queued_since_send || self.has_batch_since(op)
    }

    fn of_sinopac(&self, state: BankState, seen: &Seen) -> Plan {
        use BankState as B;
        let is_account = self.rail == Rail::SinopacAccount;
        let cancelled = self.taken(OperationKind::CancelAuthorization);
        let refunded = self.taken(OperationKind::CardRefund).or(self.taken(OperationKind::AccountRefund));
        let vanished = Plan::NeedsPerson(PersonWhy::Vanished);
        match state {
            B::Waiting | B::Expired if cancelled.or(refunded).is_some() => vanished,
            B::Waiting | B::Expired => {
                Plan::NothingCollected { cancel_account: is_account && state == B::Waiting }
            }
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
        if self.whole_only && !self.is_whole() {
            return Plan::WholeOnly;
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
        let today = self.now.day();
        let asked = |op: &&Operation| {
            op.kind == OperationKind::CardRefund
                && !matches!(op.state, S::Declined | S::NotNow | S::NotSent | S::DidNotHappen | S::Abandoned)
                && op.sent_at.is_some_and(|at| at.day() == today)
        };
        let row = self.reading.seen.and_then(refunds);
        let mut dates =
            row.into_iter().flat_map(|row| row.list.values().map(|one| one.date).chain([row.date]));
        self.operations.iter().any(|op| asked(&op))
            || dates.any(|date| date.is_some_and(|d| d.start().day() == today))
    }

    /// The first call of an account's refund, when no earlier one is alive at the bank. What comes
    /// between it and the second is [`super::answer::may_second_call_go`].
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

#[cfg(test)]
mod tests;
