//! The planner: from a fresh reading to the next step of a refund (money rules 4, both tables).
//!
//! Promise: each step is planned by itself, after its own fresh reading, and no step is planned
//! while another money operation of the target is unclear, after a reading that does not fit, or
//! beyond what was captured. A step that the batch holds up is a wait here, so that a person sees
//! it; the gate itself is [`OperationKind::held_until`], where an operation is claimed. Left out:
//! what becomes of an unclear step (`operation/readings.rs`).

mod ctbc;
mod sinopac;

use serde::{Deserialize, Serialize};

use super::alarm::PENDING_DAYS_MAX;
use super::answer::{Refusal, Refused, still_waits, too_often};
use super::course::Course;
use super::shown::Booked;
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
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
    pub enum SinopacPaper {
        /// One refund of a card sale, and a second may be refused.
        #[serde(rename = "v2.4")]
        V24 = "v2.4",
        /// Several, at most one a day.
        #[default]
        #[serde(rename = "v2.5")]
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
    NothingCollected,
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
            Self::NothingCollected | Self::Refused => S::Declined,
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
                | Self::NothingCollected
                | Self::Refused
                | Self::ByHand(_)
                | Self::NeedsPerson(_)
                | Self::Discrepancy(_) => planned,
            },
        }
    }

    /// What is to be sent.
    pub const fn step(self) -> Option<Step> {
        if let Self::Step(step) = self { Some(step) } else { None }
    }

    /// What it waits for.
    pub const fn wait(self) -> Option<Wait> {
        if let Self::Wait(wait) | Self::Track(Some(wait)) = self { Some(wait) } else { None }
    }

    /// What the row of the refund keeps as its reason.
    pub const fn why(self) -> Option<RefundWhy> {
        match self {
            Self::Step(_) | Self::ReadOut | Self::Track(None) | Self::Done | Self::Withdrawn => None,
            Self::Wait(wait) | Self::Track(Some(wait)) => Some(RefundWhy::Wait(wait.why)),
            Self::NothingCollected => Some(RefundWhy::NothingCollected),
            Self::Refused => Some(RefundWhy::Refused),
            Self::ByHand(why) => Some(RefundWhy::ByHand(why)),
            Self::NeedsPerson(why) => Some(RefundWhy::Person(why)),
            Self::Discrepancy(kind) => Some(RefundWhy::Discrepancy(kind)),
        }
    }
}

impl Refund {
    /// The row after a plan whose step, if it has one, is of this course; `None`: nothing changes.
    pub fn after(&self, plan: Plan, course: Option<Course>) -> Option<Self> {
        let state = plan.refund_state(self.state);
        let (until, mut why) = (plan.wait().map(|wait| wait.until), plan.why());
        if state == RefundState::NeedsPerson && why.is_none() {
            why = Some(RefundWhy::Person(PersonWhy::Unforeseen));
        }
        let ran = course.or(self.ran);
        let next = Self { state, until, why, ran, ..self.clone() };
        (next != *self).then(|| Self { version: self.version + 1, ..next })
    }
}

/// Plans the next step.
pub fn plan(case: &RefundCase<'_>) -> Plan {
    if let Some(blocked) = case.blocked() {
        return blocked;
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

/// E9918, and surely not done, while the bank had no earlier refund of the order in its hands: it
/// takes no other one.
fn is_used_up(op: &Operation) -> bool {
    let shown = op.snapshot.as_ref().and_then(refunds).and_then(|refunds| refunds.status.as_deref());
    let underway = shown.is_some_and(|status| RefundStatus::of(status) == RefundStatus::Underway);
    op.refusal() == Some(Refusal::UsedUp) && op.state == OperationState::DidNotHappen && !underway
}

/// The bank refused the step, and only a transfer by hand is left.
fn by_hand(op: &Operation) -> Option<ByHandWhy> {
    let refused = matches!(op.state, OperationState::Declined | OperationState::DidNotHappen);
    op.refusal().filter(|_| refused).and_then(Refusal::by_hand)
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
            .find(|op| op.state == OperationState::NeedsPerson && (op.kind.rule().is_money() || own(op)));
        if let Some(op) = asked {
            return Some(Plan::NeedsPerson(self.undecided(op)));
        }
        let mut open = self.operations.iter().filter(|op| op.kind.blocks_money(op.state));
        open.find_map(|op| match op.state {
            OperationState::Sending | OperationState::Unknown | OperationState::Pending => {
                Some(Plan::ReadOut)
            }
            // the own one is planned again: it goes once more, or another one instead
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

    /// Out of the capture file, and only authorized still, when a person has to take over: the bank
    /// will not collect it by itself.
    pub fn is_left_uncollected(&self, planned: Plan) -> bool {
        planned.refund_state(self.refund.state) == RefundState::NeedsPerson
            && self.reading.fits
            && self.reading.seen == Some(&Seen::of_ctbc(CardState::Authorized))
            && self.taken(OperationKind::CapReversal).is_some()
    }

    /// The last checks before anything moves.
    fn checked(&self, planned: Plan) -> Plan {
        match planned {
            Plan::Step(step) => self.checked_step(step),
            Plan::Track(None) if self.is_pending_too_long() => Plan::NeedsPerson(PersonWhy::PendingTooLong),
            Plan::Done | Plan::Withdrawn if self.refunded_outside => {
                Plan::Discrepancy(DiscrepancyKind::RefundedOutside)
            }
            // that the bank could not collect is the very thing that does not fit
            Plan::NothingCollected if self.reading.seen == Some(&Seen::of_ctbc(CardState::CaptureFailed)) => {
                planned
            }
            Plan::Done | Plan::Withdrawn | Plan::NothingCollected if !self.reading.fits => {
                Plan::NeedsPerson(PersonWhy::DoubtfulReading)
            }
            Plan::Done
            | Plan::Withdrawn
            | Plan::NothingCollected
            | Plan::Wait(_)
            | Plan::Track(_)
            | Plan::ReadOut
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
        // what the bank has taken is never sent once more, whatever it shows
        if self.own().any(|op| op.kind.rule().gives_back() && op.state == OperationState::Accepted) {
            return Plan::NeedsPerson(PersonWhy::Unforeseen);
        }
        let last = self.own().next_back();
        let by_hand = last.and_then(by_hand);
        if let Some(why) = by_hand.filter(|_| self.is_collected()) {
            return Plan::ByHand(why);
        }
        if let Some(wait) = last.and_then(|op| still_waits(op, self.refused, self.now, self.calendar)) {
            return Plan::Wait(wait);
        }
        let declined = |op: &Operation| op.state == OperationState::Declined;
        if by_hand.is_some() || self.last(step.kind).is_some_and(declined) {
            let half =
                step.kind == OperationKind::Reversal && self.taken(OperationKind::CapReversal).is_some();
            return Plan::NeedsPerson(if half { PersonWhy::HalfReversed } else { PersonWhy::StepDeclined });
        }
        if self.own().rfind(|op| op.kind.rule().gives_back()).is_some_and(is_used_up) {
            return Plan::NeedsPerson(PersonWhy::UsedUp);
        }
        match step.kind.held_until(&[self.now], self.calendar) {
            Some(until) => Self::wait(until, WaitWhy::Batch),
            None => Plan::Step(step),
        }
    }

    /// The bank has had the step for so long that a person asks what becomes of it.
    fn is_pending_too_long(&self) -> bool {
        let mut taken = self.own().filter(|op| op.kind.rule().gives_back());
        let sent = taken.rfind(|op| op.state == OperationState::Accepted).and_then(|op| op.sent_at);
        sent.is_some_and(|sent| self.now > sent.plus_days(PENDING_DAYS_MAX))
    }

    /// Money that is only authorized is not transferred by hand.
    fn is_collected(&self) -> bool {
        self.reading.seen.is_some_and(|seen| seen.state() != BankState::Authorized)
    }

    /// The bank has taken a step, and shows that it has not: its queries lag, up to a point.
    fn lag(&self, op: &Operation) -> Option<Wait> {
        let until = op.sent_at?.plus_ms(LAG_MS);
        (self.now < until).then_some(Wait { until, why: WaitWhy::Lag })
    }
}

#[cfg(test)]
mod tests;
