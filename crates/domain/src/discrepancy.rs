//! Discrepancies: what does not fit and waits for a person. They never change a payment's state.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::card::CardState;
use crate::ids::{DiscrepancyId, PaymentId};
use crate::named::named;
use crate::payment::PaymentState;
use crate::reading::BankRow;
use crate::time::Moment;

named! {
    /// What does not fit.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum DiscrepancyKind {
        /// The bank echoes another amount than ours.
        AmountDiffers = "amount-differs",
        /// The bank echoes another order number or shop than ours.
        EchoDiffers = "echo-differs",
        /// Paid in a minute before the bank's own minute of creation.
        PaidBeforeCreated = "paid-before-created",
        /// The bank shows an earlier state than it has confirmed before.
        WentBack = "went-back",
        /// A state that no list of ours holds.
        UnlistedState = "unlisted-state",
        /// The bank shows a refund that none of ours explains.
        RefundedOutside = "refunded-outside",
        /// A refund is done by the bank's word, which a person has heard, and the bank shows none.
        RefundNotShown = "refund-not-shown",
        /// The bank could not collect an authorized card.
        CaptureFailed = "capture-failed",
        /// Several transactions share one number of ours: the customer was charged twice.
        ChargedTwice = "charged-twice",
        /// A second payment of the same order brought money: a refund of it is proposed.
        PaidTwice = "paid-twice",
        /// A card is authorized and not captured, for longer than a workday or because its capture
        /// was taken back.
        NotCaptured = "not-captured",
        /// A minute of bank time could only be covered by asking for each of our numbers.
        CoveredByNumber = "covered-by-number",
        /// No clear answer after all readings.
        StaysUnknown = "stays-unknown",
        /// Money came after the end that the customer was told.
        PaidLate = "paid-late",
        /// The bank has money under a number that this data file does not know. It is about no
        /// payment; `detail` is the number.
        ForeignMoney = "foreign-money",
    }
}

impl DiscrepancyKind {
    /// Every reading of the payment shows it again for as long as it lasts. Others are found in
    /// another way.
    pub const fn is_shown_by_readings(self) -> bool {
        match self {
            Self::AmountDiffers
            | Self::PaidBeforeCreated
            | Self::WentBack
            | Self::UnlistedState
            | Self::RefundedOutside
            | Self::RefundNotShown
            | Self::CaptureFailed
            | Self::ChargedTwice => true,
            Self::EchoDiffers
            | Self::PaidTwice
            | Self::NotCaptured
            | Self::CoveredByNumber
            | Self::StaysUnknown
            | Self::PaidLate
            | Self::ForeignMoney => false,
        }
    }

    /// A reading that fits settles it, for a payment that is in `state` by then. Where money may be
    /// at the wrong place a person decides.
    pub fn is_settled_by(self, row: &BankRow, state: PaymentState) -> bool {
        match self {
            Self::WentBack | Self::UnlistedState | Self::RefundNotShown => row.says(state),
            Self::NotCaptured => row.says(state) && (state.has_money() || state == PaymentState::Released),
            Self::CaptureFailed => row.seen.card() == Some(CardState::Captured),
            Self::AmountDiffers
            | Self::EchoDiffers
            | Self::PaidBeforeCreated
            | Self::RefundedOutside
            | Self::ChargedTwice
            | Self::PaidTwice
            | Self::CoveredByNumber
            | Self::StaysUnknown
            | Self::PaidLate
            | Self::ForeignMoney => false,
        }
    }
}

/// One question for a person. The same kind with the same `detail` on the same payment is one row,
/// however often it is seen: until a person has closed it, and a reading has not shown it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Ours.
    pub id: DiscrepancyId,
    /// What does not fit.
    pub kind: DiscrepancyKind,
    /// About which payment, where it is about one.
    pub payment: Option<PaymentId>,
    /// First seen.
    pub at: Moment,
    /// The facts side by side, short, without secrets: `ours 100, bank 101`.
    pub detail: String,
}

/// That a discrepancy is settled: a person's word, or the engine's, which names what the bank has
/// said. Added, never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Of which discrepancy.
    pub discrepancy: DiscrepancyId,
    /// When, by bank time.
    pub at: Moment,
    /// Who closed it.
    pub who: Actor,
    /// Who agreed, where two are needed.
    pub second: Option<Actor>,
    /// Why; never empty.
    pub reason: String,
}

/// The longest reason of a closing, in characters.
pub const REASON_CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank_state::BankState;
    use crate::testing::row;
    use DiscrepancyKind as D;

    /// Only these may be closed again by a reading that no longer shows them.
    #[test]
    fn readings_show_these_again() {
        let shown: Vec<_> = D::ALL.into_iter().filter(|kind| kind.is_shown_by_readings()).collect();
        let expected = [
            D::AmountDiffers,
            D::PaidBeforeCreated,
            D::WentBack,
            D::UnlistedState,
            D::RefundedOutside,
            D::RefundNotShown,
            D::CaptureFailed,
            D::ChargedTwice,
        ];
        assert_eq!(shown.len(), expected.len());
        assert!(expected.iter().all(|kind| shown.contains(kind)));
    }

    /// By kind, whether a row settles it that shows: what is known, less, and more.
    #[test]
    fn what_a_fitting_row_settles() {
        use PaymentState as S;
        let settled = |state: S, shown: BankState| {
            let row = row(shown);
            D::ALL.into_iter().filter(|kind| kind.is_settled_by(&row, state)).collect::<Vec<_>>()
        };
        let known = [D::WentBack, D::UnlistedState, D::RefundNotShown];
        assert_eq!(settled(S::Awaiting, BankState::Waiting), known);
        assert_eq!(settled(S::Authorized, BankState::Authorized), known, "it is still not captured");
        let captured = [D::WentBack, D::UnlistedState, D::RefundNotShown, D::NotCaptured];
        assert_eq!(settled(S::Paid, BankState::Collected), captured);
        assert_eq!(settled(S::PaidLate, BankState::Collected), captured);
        assert_eq!(settled(S::Paid, BankState::Authorized), [], "less than is known");
    }
}
