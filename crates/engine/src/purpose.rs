//! What a call to a bank is for. Its answer is taken by that.

use counterfoil_domain::{OperationId, PaymentId, RefundId};

use crate::agenda::Why;

/// Why a call was sent.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// An attempt of this operation.
    Write(OperationId),
    /// The reading before an attempt.
    Before(OperationId, PaymentId),
    /// The reading before a plan of this refund.
    Refund(RefundId),
    /// The statement of the day on which this operation was sent.
    Bill(OperationId),
    /// Another transaction under the number of this payment, by its XID.
    Charge(PaymentId, String),
    /// A reading.
    Ask(PaymentId, Why),
    /// A token that a browser brought for this payment.
    Token(PaymentId),
    /// A window of the sweep, by its task number.
    Window(u64),
    /// Another question, to find out of what a window was refused.
    Check(u64),
    /// One number that is missing from a window.
    Proof(u64, PaymentId),
    /// One number, for the minutes that no window shows.
    Number(PaymentId),
    /// Authorized and not captured.
    Uncaptured,
    /// The bank's time, for a sale that waits.
    Time,
}

impl Purpose {
    /// The operation of a write.
    pub(crate) const fn written(&self) -> Option<OperationId> {
        if let Self::Write(id) = *self { Some(id) } else { None }
    }

    /// The payment of an inquiry by its number.
    pub(crate) const fn payment(&self) -> Option<PaymentId> {
        match *self {
            Self::Before(_, id)
            | Self::Charge(id, _)
            | Self::Ask(id, _)
            | Self::Token(id)
            | Self::Proof(_, id)
            | Self::Number(id) => Some(id),
            Self::Write(_)
            | Self::Refund(_)
            | Self::Bill(_)
            | Self::Window(_)
            | Self::Check(_)
            | Self::Uncaptured
            | Self::Time => None,
        }
    }

    /// Its answer keeps no one waiting.
    pub(crate) fn is_of_rest(&self) -> bool {
        match self {
            Self::Window(_)
            | Self::Check(_)
            | Self::Proof(..)
            | Self::Number(_)
            | Self::Uncaptured
            | Self::Bill(_)
            | Self::Charge(..)
            | Self::Ask(_, Why::Background) => true,
            Self::Write(_)
            | Self::Before(..)
            | Self::Refund(_)
            | Self::Token(_)
            | Self::Time
            | Self::Ask(_, Why::Unclear | Why::Screen) => false,
        }
    }
}
