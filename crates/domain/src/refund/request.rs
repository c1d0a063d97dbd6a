//! Asking for a refund, approving it, withdrawing it, confirming one by hand, and making an
//! operation of a step (money rules 4).
//!
//! Promise: the approver is never the requester, checked where the refund is approved and again
//! where its operation is made, so that no caller can skip it. Left out: limits of amounts, which
//! come with people; the data file checks sums and "one open" again in its transaction.

use super::plan::{Contract, Fresh, SinopacPaper, Step};
use super::shown::Booked;
use super::why::{ByHandWhy, RefundWhy};
use super::{Refund, RefundReason, RefundState, spent};
use crate::actor::Actor;
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::ids::{OperationId, RefundId};
use crate::money::Twd;
use crate::operation::rules::{Accepted, Rule};
use crate::operation::{Operation, OperationKind, OperationState};
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::seen::Seen;
use crate::time::Moment;

/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 200;

/// Who has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approvals {
    /// The shop has no people yet. A demo or custom shop approves at once; any other refunds
    /// nothing.
    NoPeople {
        /// A demo or custom shop.
        practice: bool,
    },
    /// Another person than the requester.
    People,
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Made by the composition.
    pub id: RefundId,
    /// Of which transaction at CTBC; empty for the only one, and at SinoPac.
    pub xid: String,
    /// To give back.
    pub amount: Twd,
    /// Why.
    pub reason: RefundReason,
    /// As typed; blanks at the ends are taken off, and nothing left is no note.
    pub note: Option<String>,
    /// Who asks.
    pub requester: Actor,
    /// Bank time.
    pub now: Moment,
}

/// What the request is about.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// What was captured, or is authorized, of this target.
    pub captured: Twd,
    /// All refunds of this target.
    pub refunds: &'a [Refund],
    /// Refunds made elsewhere that a person has booked on it.
    pub booked: &'a [Booked],
}

/// Why a refund was not taken down. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Zero or below.
    #[error("amount is not positive")]
    NotPositive,
    /// The payment has brought no money: offer to cancel an account.
    #[error("nothing was collected")]
    NothingCollected,
    /// More than is left of what was captured, with money in flight counted as spent.
    #[error("amount is above {left}")]
    AboveLeft {
        /// What can still be given back.
        left: Twd,
    },
    /// The target has an open refund.
    #[error("refund {refund} is open")]
    OneIsOpen {
        /// Which.
        refund: RefundId,
    },
    /// [`RefundReason::Other`] without a note.
    #[error("a note is missing")]
    NoteMissing,
    /// Longer than [`NOTE_CHARS_MAX`].
    #[error("note has {chars} characters")]
    NoteTooLong {
        /// How many were typed.
        chars: usize,
    },
    /// A control character in the note.
    #[error("note holds a control character at {place}")]
    NoteControl {
        /// Which character, from 1.
        place: usize,
    },
    /// CTBC gives a remainder back only where the contract says so.
    #[error("a remainder is not refunded by this contract")]
    RemainderNotEnabled,
    /// Only a demo or custom shop refunds before it has people.
    #[error("the shop has no people")]
    NoPeople,
    /// Only a person asks for a refund.
    #[error("the requester is no person")]
    NotAPerson,
}

/// Takes a request down. The row begins as [`RefundState::Requested`]; [`approve`] follows.
///
/// # Errors
/// [`RequestError`], the first rule that was broken.
pub fn request(
    wanted: &Wanted,
    target: &Target<'_>,
    contract: Contract,
    approvals: Approvals,
) -> Result<Refund, RequestError> {
    if matches!(approvals, Approvals::NoPeople { practice: false }) {
        return Err(RequestError::NoPeople);
    }
    if !is_person(wanted.requester) {
        return Err(RequestError::NotAPerson);
    }
    if wanted.amount <= Twd::ZERO {
        return Err(RequestError::NotPositive);
    }
    let note = check_note(wanted.reason, wanted.note.as_deref())?;
    if !has_something(target.payment.state) {
        return Err(RequestError::NothingCollected);
    }
    if let Some(open) = target.refunds.iter().find(|refund| refund.is_open()) {
        return Err(RequestError::OneIsOpen { refund: open.id });
    }
    let left = spent(target.refunds, target.booked).and_then(|spent| target.captured.checked_sub(spent));
    let left = left.unwrap_or(Twd::ZERO);
    if wanted.amount > left {
        return Err(RequestError::AboveLeft { left });
    }
    let is_remainder = target.refunds.iter().any(Refund::is_done_at_bank) || !target.booked.is_empty();
    if target.payment.rail == Rail::CtbcCard && is_remainder && !contract.refund_remainder {
        return Err(RequestError::RemainderNotEnabled);
    }
    Ok(Refund {
        id: wanted.id,
        payment: target.payment.id,
        xid: wanted.xid.clone(),
        amount: wanted.amount,
        reason: wanted.reason,
        note,
        requester: wanted.requester,
        approver: None,
        state: RefundState::Requested,
        until: None,
        why: None,
        told: None,
        ran: None,
        word: None,
        requested_at: wanted.now,
        version: 1,
    })
}

/// To say before asking: by its older paper SinoPac may refuse a second refund of a card sale.
pub fn second_may_be_refused(target: &Target<'_>, contract: Contract) -> bool {
    let second = target.refunds.iter().any(Refund::is_spent) || !target.booked.is_empty();
    match (target.payment.rail, contract.paper) {
        (Rail::SinopacCard, SinopacPaper::V24) => second,
        (Rail::SinopacCard, SinopacPaper::V25)
        | (Rail::SinopacAccount | Rail::CtbcCard, SinopacPaper::V24 | SinopacPaper::V25) => false,
    }
}

/// A refund of it gives something back: money, or an authorization.
const fn has_something(state: PaymentState) -> bool {
    match state {
        PaymentState::Authorized | PaymentState::Paid | PaymentState::Settled | PaymentState::PaidLate => {
            true
        }
        PaymentState::Issuing
        | PaymentState::Awaiting
        | PaymentState::Released
        | PaymentState::NotIssued
        | PaymentState::Expired
        | PaymentState::Cancelled
        | PaymentState::Failed => false,
    }
}

const fn is_person(actor: Actor) -> bool {
    match actor {
        Actor::Owner => true,
        Actor::Engine | Actor::Browser => false,
    }
}

fn check_note(reason: RefundReason, typed: Option<&str>) -> Result<Option<String>, RequestError> {
    let note = typed.map(str::trim).filter(|note| !note.is_empty());
    if note.is_none() && reason == RefundReason::Other {
        return Err(RequestError::NoteMissing);
    }
    let Some(note) = note else { return Ok(None) };
    let chars = note.chars().count();
    if chars > NOTE_CHARS_MAX {
        return Err(RequestError::NoteTooLong { chars });
    }
    if let Some(place) = note.chars().position(char::is_control) {
        return Err(RequestError::NoteControl { place: place + 1 });
    }
    Ok(Some(note.to_owned()))
}

/// Why a refund was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// It is not [`RefundState::Requested`].
    #[error("the refund is {}", .0.name())]
    NotRequested(RefundState),
    /// The approver is the requester.
    #[error("the requester cannot approve")]
    OwnRequest,
    /// Only a person approves.
    #[error("the approver is no person")]
    NotAPerson,
    /// Only a demo or custom shop refunds before it has people.
    #[error("the shop has no people")]
    NoPeople,
}

/// Approves a request.
///
/// # Errors
/// [`ApprovalError`]
pub fn approve(refund: &Refund, approver: Actor, approvals: Approvals) -> Result<Refund, ApprovalError> {
    if refund.state != RefundState::Requested {
        return Err(ApprovalError::NotRequested(refund.state));
    }
    let row = Refund {
        approver: Some(approver),
        state: RefundState::Approved,
        version: refund.version + 1,
        ..refund.clone()
    };
    check_approval(&row, approvals)?;
    Ok(row)
}

fn check_approval(refund: &Refund, approvals: Approvals) -> Result<(), ApprovalError> {
    let Some(approver) = refund.approver.filter(|approver| is_person(*approver)) else {
        return Err(ApprovalError::NotAPerson);
    };
    match approvals {
        Approvals::NoPeople { practice: false } => Err(ApprovalError::NoPeople),
        Approvals::People if approver == refund.requester => Err(ApprovalError::OwnRequest),
        Approvals::NoPeople { practice: true } | Approvals::People => Ok(()),
    }
}

/// Makes the operation of a planned step, [`OperationState::Planned`] and due now: the only way to
/// one. `step_no` counts the steps of the refund from 1.
///
/// # Errors
/// [`ApprovalError`]: a refund that no other person approved moves no money.
pub fn operation_of(
    refund: &Refund,
    step: Step,
    step_no: u32,
    id: OperationId,
    approvals: Approvals,
    now: Moment,
) -> Result<Operation, ApprovalError> {
    check_approval(refund, approvals)?;
    Ok(Operation {
        id,
        payment: refund.payment,
        kind: step.kind,
        refund: Some(refund.id),
        step: Some(step_no),
        amount: Some(step.amount),
        state: OperationState::Planned,
        planned_at: now,
        due_at: now,
        attempts: 0,
        sent_at: None,
        snapshot: None,
        code: None,
        version: 1,
    })
}

/// What a withdrawal comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// Withdrawn: the new row. Its planned operations are abandoned with it.
    Free(Refund),
    /// The bank is asked to take the refund out of its file, before the batch. The refund is
    /// [`super::Plan::Withdrawn`] when the bank shows 12.
    Reverse(Step),
}

/// Why a refund cannot be withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawError {
    /// It is over.
    #[error("the refund is {}", .0.name())]
    Over(RefundState),
    /// A step was sent, and the bank cannot take it back.
    #[error("a step was sent")]
    StepSent,
    /// The batch is in the way, and takes the refund along.
    #[error("the batch is in the way")]
    Batch,
}

/// Withdraws a refund: free until a step was sent; at CTBC state 20, ours, before the batch, by
/// RefundRev. `operations` of its target; `reading` a fresh one, `None` where nothing was sent.
///
/// A remainder is not taken back: after RefundRev the bank may show 22, as it does after the batch.
///
/// # Errors
/// [`WithdrawError`]
pub fn withdraw(
    refund: &Refund,
    operations: &[Operation],
    reading: Option<&Fresh<'_>>,
    now: Moment,
    calendar: &BankCalendar,
) -> Result<Withdrawal, WithdrawError> {
    if refund.state.is_final() {
        return Err(WithdrawError::Over(refund.state));
    }
    let own = || operations.iter().filter(|op| op.refund == Some(refund.id));
    if !own().any(was_sent) {
        let version = refund.version + 1;
        let state = RefundState::Withdrawn;
        return Ok(Withdrawal::Free(Refund { state, until: None, why: None, version, ..refund.clone() }));
    }
    let queued =
        |reading: &Fresh<'_>| reading.fits && reading.seen == Some(&Seen::of_ctbc(CardState::RefundQueued));
    let taken = own().next_back().filter(|op| {
        op.kind == OperationKind::Refund
            && op.state == OperationState::Accepted
            && op.snapshot == Some(Seen::of_ctbc(CardState::Captured))
    });
    if taken.is_none() || !reading.is_some_and(queued) {
        return Err(WithdrawError::StepSent);
    }
    if OperationKind::RefundReversal.held_until(&[now], calendar).is_some() {
        return Err(WithdrawError::Batch);
    }
    Ok(Withdrawal::Reverse(Step { kind: OperationKind::RefundReversal, amount: refund.amount }))
}

/// A step left this computer and may have done something. The first call of an account's refund
/// moves no money, but while it is on its way the second may follow at once.
fn was_sent(op: &Operation) -> bool {
    match op.kind.rule().accepted {
        Accepted::Token => {
            matches!(op.state, OperationState::Sending | OperationState::Unknown | OperationState::Pending)
        }
        Accepted::Issued | Accepted::Cancelled | Accepted::Taken => op.state.may_have_acted(),
    }
}

/// May a person choose to transfer the money by hand? Not while any operation of the payment is
/// unclear or a refund of it is at the bank.
pub fn is_by_hand_offered(refund: &Refund, operations: &[Operation], refunds: &[Refund]) -> bool {
    use OperationState as S;
    let unclear = |op: &Operation| matches!(op.state, S::Sending | S::Unknown | S::Pending | S::NeedsPerson);
    let in_flight = |other: &Refund| {
        other.id != refund.id && matches!(other.state, RefundState::AtBank | RefundState::NeedsPerson)
    };
    // of this refund nothing may have gone back
    let moves = |rule: Rule| rule.is_money() || rule.ends_refund();
    let taken =
        |op: &Operation| op.refund == Some(refund.id) && moves(op.kind.rule()) && op.state == S::Accepted;
    refund.state == RefundState::NeedsPerson
        && !operations.iter().any(|op| unclear(op) || (taken(op) && !refund.has_failed_for_good()))
        && !refunds.iter().any(in_flight)
}

/// A person has transferred the money: done, by hand. `None` where that is not offered.
pub fn done_by_hand(
    refund: &Refund,
    why: ByHandWhy,
    operations: &[Operation],
    refunds: &[Refund],
) -> Option<Refund> {
    is_by_hand_offered(refund, operations, refunds).then(|| Refund {
        state: RefundState::Done,
        until: None,
        why: Some(RefundWhy::ByHand(why)),
        version: refund.version + 1,
        ..refund.clone()
    })
}

#[cfg(test)]
mod tests;
