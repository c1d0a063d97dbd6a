//! Why a person's act on a refund was not taken, as an error with its code.

use counterfoil_domain::RefundState;
use counterfoil_domain::refund::approval::ApprovalError;
use counterfoil_domain::refund::request::{RequestError, WithdrawError};
use counterfoil_engine::RefundRefused;

use super::{SaidView, state_text};
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
            RefundRefused::NotAChoice(ways) => {
                let ways: Vec<_> = ways.into_iter().map(super::ways::way).collect();
                Self::input(Code::RefundNotAChoice).with("ways", ways.join(", "))
            }
            RefundRefused::NoSuchBooking => Self::input(Code::NotFound).with("what", "booking"),
            RefundRefused::BookedBefore => Self::input(Code::RefundBookedBefore),
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
            RequestError::NoteControl { place } => Self::input(Code::NoteControl).with("place", place),
            RequestError::NoPeople => Self::new(Code::RefundNoPeople, Exit::NotAllowed),
            RequestError::NotAPerson => Self::new(Code::NotAllowed, Exit::NotAllowed).with("what", "--as"),
        }
    }
}

impl From<ApprovalError> for CommandError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::NotRequested(state) => not_in(state),
            ApprovalError::OwnRequest => Self::new(Code::RefundOwnRequest, Exit::NotAllowed),
            ApprovalError::OwnWord => Self::new(Code::RefundOwnWord, Exit::NotAllowed),
            ApprovalError::OneHand => Self::new(Code::RefundOneHand, Exit::NotAllowed),
            ApprovalError::NotAPerson => Self::new(Code::NotAllowed, Exit::NotAllowed).with("what", "--as"),
            ApprovalError::NoPeople => Self::new(Code::RefundNoPeople, Exit::NotAllowed),
            ApprovalError::AmountAgain => Self::new(Code::RefundAmountAgain, Exit::NotAllowed),
            ApprovalError::BankTime => Self::new(Code::RefundBankTime, Exit::NotAllowed),
            ApprovalError::Cooling { left_ms } => {
                // a second that has begun is shown as one
                let seconds = left_ms.saturating_add(999) / 1000;
                Self::new(Code::RefundCooling, Exit::NotAllowed).with("seconds", seconds)
            }
        }
    }
}

impl From<WithdrawError> for CommandError {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::Over(state) => not_in(state),
            WithdrawError::StepSent => Self::new(Code::RefundSent, Exit::Declined),
        }
    }
}

/// In this state it cannot be done.
fn not_in(state: RefundState) -> CommandError {
    let SaidView { text_zh, text_en } = state_text(state);
    let error = CommandError::input(Code::RefundState).with("state", state.name());
    error.with("state_zh", text_zh).with("state_en", text_en)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentence names the state in words, the values name it for scripts.
    #[test]
    fn a_state_that_does_not_allow_it_is_named_in_words() {
        for state in RefundState::ALL {
            let error = CommandError::from(WithdrawError::Over(state));
            let SaidView { text_zh, text_en } = state_text(state);
            assert!(
                error.message().contains(&format!("「{text_zh}」")) && error.message().contains(&text_en)
            );
            assert_eq!(error.values["state"], state.name());
            assert_eq!(error, ApprovalError::NotRequested(state).into());
        }
        let error = CommandError::from(RequestError::NoteControl { place: 3 });
        assert!(error.message().contains("第 3 個字") && error.message().contains("Character 3"));
    }
}
