//! Discrepancies: what does not fit and waits for a person. They never change a payment's state.

use serde::{Deserialize, Serialize};

use crate::ids::{DiscrepancyId, PaymentId};
use crate::time::Moment;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiscrepancyKind {
    /// The bank echoes another amount than ours.
    AmountDiffers,
    /// The bank echoes another order number or shop than ours.
    EchoDiffers,
    /// Paid in a minute before the bank's own minute of creation.
    PaidBeforeCreated,
    /// The bank shows an earlier state than it has confirmed before.
    WentBack,
    /// A state that no list of ours holds.
    UnlistedState,
    /// The bank shows a refund that none of ours explains.
    RefundedOutside,
    /// The bank could not collect an authorised card.
    CaptureFailed,
    /// Several transactions stand under one number of ours: the customer was charged twice.
    ChargedTwice,
    /// A second payment of the same order brought money: a refund of it is proposed.
    PaidTwice,
    /// A card is authorised and not captured for longer than a workday.
    NotCaptured,
    /// A minute of bank time could only be covered by asking for each of our numbers.
    CoveredByNumber,
    /// No clear answer after all readings.
    StaysUnknown,
    /// Money came after the end that the customer was told.
    PaidLate,
}

impl DiscrepancyKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::AmountDiffers,
        Self::EchoDiffers,
        Self::PaidBeforeCreated,
        Self::WentBack,
        Self::UnlistedState,
        Self::RefundedOutside,
        Self::CaptureFailed,
        Self::ChargedTwice,
        Self::PaidTwice,
        Self::NotCaptured,
        Self::CoveredByNumber,
        Self::StaysUnknown,
        Self::PaidLate,
    ];

    /// The name in rows and JSON: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountDiffers => "amount-differs",
            Self::EchoDiffers => "echo-differs",
            Self::PaidBeforeCreated => "paid-before-created",
            Self::WentBack => "went-back",
            Self::UnlistedState => "unlisted-state",
            Self::RefundedOutside => "refunded-outside",
            Self::CaptureFailed => "capture-failed",
            Self::ChargedTwice => "charged-twice",
            Self::PaidTwice => "paid-twice",
            Self::NotCaptured => "not-captured",
            Self::CoveredByNumber => "covered-by-number",
            Self::StaysUnknown => "stays-unknown",
            Self::PaidLate => "paid-late",
        }
    }

    /// Reads [`DiscrepancyKind::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// One open question. The same kind with the same `detail` on the same payment is one row, however often it is seen.
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
