//! The state of a refund (money rules 2). Left out: which step comes next, and what a step is
//! (`operation/rules.rs`).

use crate::named::named;

named! {
    /// The state of a person's request to give money back.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RefundState {
        /// A person asked for it.
        Requested = "requested",
        /// Another person agreed.
        Approved = "approved",
        /// It waits for an instant, and says why.
        Waiting = "waiting",
        /// One of its steps is planned or was sent.
        Working = "working",
        /// The bank has taken the last step and works on it.
        AtBank = "at-bank",
        /// The bank shows the end state. Posted.
        Done = "done",
        /// Refused, by a person or by the bank.
        Declined = "declined",
        /// Taken back before a step was sent, or at CTBC before the batch.
        Withdrawn = "withdrawn",
        /// A person decides, with the evidence.
        NeedsPerson = "needs-person",
    }
}

impl RefundState {
    /// The transition table (money rules 2).
    pub const fn may_become(self, to: Self) -> bool {
        use RefundState as S;
        match self {
            S::Requested => matches!(to, S::Approved | S::Withdrawn | S::Declined),
            S::Approved => matches!(to, S::Waiting | S::Working | S::Withdrawn | S::NeedsPerson),
            S::Waiting => matches!(to, S::Working | S::Withdrawn | S::Declined | S::NeedsPerson),
            S::Working => {
                matches!(to, S::Waiting | S::AtBank | S::Done | S::Declined | S::NeedsPerson)
            }
            S::AtBank => matches!(to, S::Done | S::Declined | S::Withdrawn | S::NeedsPerson),
            S::NeedsPerson => matches!(to, S::Waiting | S::Working | S::AtBank | S::Done | S::Declined),
            S::Done | S::Declined | S::Withdrawn => false,
        }
    }

    /// Nothing more will happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Declined | Self::Withdrawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_refund_moves_no_more_and_every_other_does() {
        for state in RefundState::ALL {
            let moves = RefundState::ALL.into_iter().any(|to| state.may_become(to));
            assert_eq!(moves, !state.is_final(), "{state:?}");
            assert!(!state.may_become(state) && !state.may_become(RefundState::Requested), "{state:?}");
        }
    }
}
