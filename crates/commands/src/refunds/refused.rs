//! Why a person's act on a refund was not taken, as an error with its code.

use counterfoil_domain::refund::request::{ApprovalError, RequestError, WithdrawError};
use counterfoil_engine::RefundRefused;

use crate::code::Code;
use crate::error::{CommandError, Exit};

impl From<RefundRefused> for CommandError {
    fn from(refused: RefundRefused) -> Self {
        match refused {
            RefundRefused::Request(error) => error.into(),
            RefundRefused::Approval(error) => error.into(),
            RefundRefused::Withdraw(error) => error.into(),
            RefundRefused::IdUsed => Self::input(Code::RefundIdUsed),
            RefundRefused::NoSuchTransaction => Self::input(Code::NotFound).with("what", "xid"),
            RefundRefused::NothingToDecide => Self::input(Code::RefundNothingToDecide),
        }
    }
}

impl From<RequestError> for CommandError {
    fn from(error: RequestError) -> Self {
        use counterfoil_domain::refund::request::NOTE_CHARS_MAX;
        match error {
            RequestError::NotPositive => Self::input(Code::AmountNotPositive),
            RequestError::NothingCollected => Self::input(Code::RefundNothingCollected),
            RequestError::AboveLeft { left } => {
                Self::input(Code::RefundAboveLeft).with("left", left.to_string())
            }
            RequestError::OneIsOpen { refund } => {
                Self::input(Code::RefundOneIsOpen).with("refund", refund.to_string())
            }
            RequestError::NoteMissing => Self::input(Code::RefundNoteMissing),
            RequestError::NoteTooLong { chars } => {
                Self::input(Code::NoteTooLong).with("chars", chars).with("max", NOTE_CHARS_MAX)
            }
            RequestError::NoteControl => Self::input(Code::NoteControl).with("place", 0),
            RequestError::RemainderNotEnabled => Self::input(Code::RefundRemainder),
            RequestError::WholeOnly => Self::input(Code::RefundWholeOnly),
            RequestError::NoPeople => Self::new(Code::RefundNoPeople, Exit::NotAllowed),
            RequestError::NotAPerson => Self::new(Code::NotAllowed, Exit::NotAllowed).with("what", "--as"),
        }
    }
}

impl From<ApprovalError> for CommandError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::NotRequested(state) => Self::input(Code::RefundState).with("state", state.name()),
            ApprovalError::OwnRequest => Self::new(Code::RefundOwnRequest, Exit::NotAllowed),
            ApprovalError::NotAPerson => Self::new(Code::NotAllowed, Exit::NotAllowed).with("what", "--as"),
            ApprovalError::NoPeople => Self::new(Code::RefundNoPeople, Exit::NotAllowed),
        }
    }
}

impl From<WithdrawError> for CommandError {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::Over(state) => Self::input(Code::RefundState).with("state", state.name()),
            WithdrawError::StepSent => Self::new(Code::RefundSent, Exit::Declined),
            WithdrawError::Batch => Self::new(Code::RefundInBatch, Exit::Declined),
        }
    }
}
