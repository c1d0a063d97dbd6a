//! How a refund can end, as it is typed, and what comes of a wish to have it back from the bank.

use counterfoil_domain::refund::Choice;
use counterfoil_domain::{Operation, OperationState, Refund, RefundState};

pub(super) const UNCLEAR: &str = "unclear";
pub(super) const LATE: &str = "wish.late";
pub(super) const REFUSED: &str = "wish.refused";
pub(super) const WANTED: &str = "wish.wanted";

/// The bank's answer to a step is unclear, and readings go on.
pub(super) fn is_unclear(refund: &Refund, operations: &[Operation]) -> bool {
    let unclear = |op: &Operation| op.refund == Some(refund.id) && op.state == OperationState::Unknown;
    !refund.state.is_final() && operations.iter().any(unclear)
}

/// What comes of the wish to have it back: its sentence.
pub(super) fn wish(refund: &Refund, operations: &[Operation]) -> Option<&'static str> {
    refund.wish?;
    if refund.is_wish_refused(operations) {
        return Some(REFUSED);
    }
    match refund.state {
        RefundState::Withdrawn => None,
        RefundState::Done => Some(LATE),
        RefundState::Requested
        | RefundState::Approved
        | RefundState::Waiting
        | RefundState::Working
        | RefundState::AtBank
        | RefundState::NeedsPerson
        | RefundState::Declined => Some(WANTED),
    }
}

/// A way out, as it is typed.
pub(super) fn way(choice: Choice) -> &'static str {
    match choice {
        Choice::Done => "refund decide --done",
        Choice::NotDone => "refund decide --not-done",
        Choice::KeepAsking => "refund decide --keep-asking",
        Choice::ByHand => "refund decide --by-hand",
        Choice::Withdraw => "refund withdraw",
    }
}
