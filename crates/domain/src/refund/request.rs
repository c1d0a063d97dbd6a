//! Asking for a refund, withdrawing it, and making an operation of a step (money rules 4).
//!
//! Promise: an operation is made of an approved refund only. Left out: the approval
//! (`approval.rs`), limits of amounts (`rights.rs`); the data file checks sums and "one open" again
//! in its transaction.

use super::answer::{Refused, still_waits};
use super::approval::{ApprovalError, Approvals, check_approval};
use super::plan::{Contract, Fresh, SinopacPaper, Step, Wait};
use super::shown::Booked;
use super::why::WaitWhy;
use super::{Refund, RefundReason, RefundState, Wish, left};
use crate::actor::Actor;
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::ids::{OperationId, RefundId};
use crate::money::Twd;
use crate::operation::rules::Accepted;
use crate::operation::{Operation, OperationKind, OperationState};
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::seen::Seen;
use crate::time::{Moment, Mono};
use crate::typed::trimmed;

/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 200;

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
    /// The monotonic clock.
    pub mono: Mono,
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
    /// Only a demo or custom shop refunds before it has people.
    #[error("the shop has no people")]
    NoPeople,
    /// Only a person asks for a refund.
    #[error("the requester is no person")]
    NotAPerson,
}

/// Takes a request down. The row begins as [`RefundState::Requested`]; an approval follows.
///
/// # Errors
/// [`RequestError`], the first rule that was broken.
pub fn request(wanted: &Wanted, target: &Target<'_>, approvals: Approvals) -> Result<Refund, RequestError> {
    if matches!(approvals, Approvals::NoPeople { practice: false }) {
        return Err(RequestError::NoPeople);
    }
    if !wanted.requester.is_human() {
        return Err(RequestError::NotAPerson);
    }
    if wanted.amount <= Twd::ZERO {
        return Err(RequestError::NotPositive);
    }
    let note = check_note(wanted.reason, wanted.note.as_deref())?;
    if !has_something(target.payment) {
        return Err(RequestError::NothingCollected);
    }
    if let Some(open) = target.refunds.iter().find(|refund| refund.is_open()) {
        return Err(RequestError::OneIsOpen { refund: open.id });
    }
    let left = left(target.captured, target.refunds, target.booked);
    if wanted.amount > left {
        return Err(RequestError::AboveLeft { left });
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
        alone: false,
        // only what was asked for in one-person mode cools: switching it on opens nothing older
        asked_mono: (approvals == Approvals::OnePerson).then_some(wanted.mono),
        state: RefundState::Requested,
        until: None,
        why: None,
        told: None,
        ran: None,
        word: None,
        wish: None,
        requested_at: wanted.now,
        since: Some(wanted.now),
        version: 1,
    })
}

/// What to say before asking for a second refund of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// By its older paper SinoPac may refuse it.
    MayBeRefused,
    /// By the contract CTBC gives no remainder back: a person will be asked.
    NotEnabled,
}

/// To be said before asking.
pub fn warning(target: &Target<'_>, contract: Contract) -> Option<Warning> {
    let booked = !target.booked.is_empty();
    match target.payment.rail {
        Rail::SinopacCard => {
            let second = booked || target.refunds.iter().any(Refund::is_spent);
            (second && contract.paper == SinopacPaper::V24).then_some(Warning::MayBeRefused)
        }
        Rail::CtbcCard => {
            let remainder = booked || target.refunds.iter().any(Refund::is_done_at_bank);
            (remainder && !contract.refund_remainder).then_some(Warning::NotEnabled)
        }
        Rail::SinopacAccount => None,
    }
}

/// A refund of it gives something back: money, or an authorization.
const fn has_something(payment: &Payment) -> bool {
    if matches!(payment.card, Some(CardState::CaptureFailed | CardState::Failed)) {
        return false;
    }
    match payment.state {
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

fn check_note(reason: RefundReason, typed: Option<&str>) -> Result<Option<String>, RequestError> {
    let note = typed.map(trimmed).filter(|note| !note.is_empty());
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
    if matches!(approvals, Approvals::NoPeople { practice: false }) {
        return Err(ApprovalError::NoPeople);
    }
    check_approval(refund)?;
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
    /// The wish is in the new row, and a fresh reading comes next.
    Wanted(Refund),
    /// The bank is asked to take the refund out of its file, before the batch. The refund is
    /// [`super::Plan::Withdrawn`] when the bank shows 12.
    Reverse(Step),
    /// It is asked then, if the bank has it in its file still.
    Wait(Wait),
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
}

/// A person withdraws a refund: free until a step was sent. CTBC may take a refund out of its file
/// before the batch: the wish is kept in the row until the bank shows what came of it.
/// `operations` of its target.
///
/// A remainder is not taken back: after RefundRev the bank may show 22, as it does after the batch.
///
/// # Errors
/// [`WithdrawError`]
pub fn withdraw(
    refund: &Refund,
    operations: &[Operation],
    who: Actor,
    now: Moment,
) -> Result<Withdrawal, WithdrawError> {
    if refund.state.is_final() {
        return Err(WithdrawError::Over(refund.state));
    }
    if let Some(free) = withdrawn(refund, operations) {
        return Ok(Withdrawal::Free(free));
    }
    let waits = matches!(refund.state, RefundState::Working | RefundState::AtBank);
    let taken = taken_back_from(refund, operations)
        .is_some_and(|op| op.state.may_have_acted() && op.state != OperationState::NeedsPerson);
    if !waits || !taken {
        return Err(WithdrawError::StepSent);
    }
    if refund.wanted_back(operations).is_some() {
        return Ok(Withdrawal::Wanted(refund.clone()));
    }
    // after what the bank has refused
    let last = operations.iter().map(|op| op.planned_at.plus_ms(1)).max().unwrap_or(now);
    let wish = Some(Wish { who, at: now.max(last) });
    Ok(Withdrawal::Wanted(Refund { wish, version: refund.version + 1, ..refund.clone() }))
}

/// What becomes of the wish after a fresh reading. `None`: nothing now, and the refund goes its
/// way. `refused` as in [`super::RefundCase::refused`].
pub fn take_back(
    refund: &Refund,
    operations: &[Operation],
    refused: &[Refused],
    reading: &Fresh<'_>,
    now: Moment,
    calendar: &BankCalendar,
) -> Option<Withdrawal> {
    refund.wanted_back(operations)?;
    if let Some(free) = withdrawn(refund, operations) {
        return Some(Withdrawal::Free(free));
    }
    let own = || operations.iter().filter(|op| op.refund == Some(refund.id));
    let unclear = |op: &Operation| op.state == OperationState::Sending || op.state.may_be_proved();
    let taken = taken_back_from(refund, operations)?.state == OperationState::Accepted;
    let queued = reading.fits && reading.seen == Some(&Seen::of_ctbc(CardState::RefundQueued));
    if !taken || !queued || own().any(unclear) {
        return None;
    }
    let kind = OperationKind::RefundReversal;
    if let Some(wait) = own().next_back().and_then(|op| still_waits(op, refused, now, calendar)) {
        return Some(Withdrawal::Wait(wait));
    }
    Some(match kind.held_until(&[now], calendar) {
        Some(until) => Withdrawal::Wait(Wait { until, why: WaitWhy::Batch }),
        None => Withdrawal::Reverse(Step { kind, amount: refund.amount }),
    })
}

/// The row, where nothing was sent.
fn withdrawn(refund: &Refund, operations: &[Operation]) -> Option<Refund> {
    let version = refund.version + 1;
    let row = || Refund { state: RefundState::Withdrawn, until: None, why: None, version, ..refund.clone() };
    (!operations.iter().any(|op| op.refund == Some(refund.id) && was_sent(op))).then(row)
}

/// The refund of a captured sale that CTBC may have in its file.
fn taken_back_from<'a>(refund: &Refund, operations: &'a [Operation]) -> Option<&'a Operation> {
    let own = || operations.iter().filter(|op| op.refund == Some(refund.id));
    let is_back =
        |op: &Operation| op.kind == OperationKind::RefundReversal && op.state == OperationState::Accepted;
    let captured = Seen::of_ctbc(CardState::Captured);
    own()
        .rfind(|op| op.kind == OperationKind::Refund)
        .filter(|op| op.snapshot.as_ref() == Some(&captured) && !own().any(is_back))
}

impl Refund {
    /// The wish to have it back that is still to be carried out. The bank's refusal ends a wish:
    /// whoever asks again has another one.
    pub fn wanted_back(&self, operations: &[Operation]) -> Option<Wish> {
        let wish = self.wish.filter(|_| !self.state.is_final())?;
        (!self.is_wish_refused(operations)).then_some(wish)
    }

    /// The bank has refused to take it out of its file, since that was asked last.
    pub fn is_wish_refused(&self, operations: &[Operation]) -> bool {
        let since = |op: &Operation| self.wish.is_some_and(|wish| op.planned_at >= wish.at);
        let refused = |op: &Operation| {
            op.kind == OperationKind::RefundReversal && op.state == OperationState::Declined && since(op)
        };
        operations.iter().any(|op| op.refund == Some(self.id) && refused(op))
    }
}

/// A step left this computer and may have done something. The first call of an account's refund
/// moves no money, but while it is on its way the second may follow at once.
pub(super) fn was_sent(op: &Operation) -> bool {
    match op.kind.rule().accepted {
        Accepted::Token => {
            matches!(op.state, OperationState::Sending | OperationState::Unknown | OperationState::Pending)
        }
        Accepted::Issued | Accepted::Cancelled | Accepted::Taken => op.state.may_have_acted(),
    }
}

#[cfg(test)]
mod tests;
