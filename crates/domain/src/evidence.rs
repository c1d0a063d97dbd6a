//! Evidence: a verified answer of the bank that a state rests on.

use serde::{Deserialize, Serialize};

use crate::ids::{EvidenceId, PaymentId};
use crate::money::Twd;
use crate::payment::PaymentState;
use crate::time::{BankMinute, Moment};

/// Which question the bank answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// The answer to the create itself.
    Create,
    /// The answer to a cancel or capture itself.
    Maintain,
    /// `OrderQuery` by order number.
    ByNumber,
    /// `OrderQuery` by a window of PayDate.
    ByWindow,
    /// `OrderPayQuery` with the token that the customer's browser brought.
    ByToken,
    /// `OrderUnCapturedQuery`.
    Uncaptured,
}

impl Query {
    /// Every kind of question.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Maintain, Self::ByNumber, Self::ByWindow, Self::ByToken, Self::Uncaptured];

    /// The name in rows and JSON: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Maintain => "maintain",
            Self::ByNumber => "by-number",
            Self::ByWindow => "by-window",
            Self::ByToken => "by-token",
            Self::Uncaptured => "uncaptured",
        }
    }

    /// Reads [`Query::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name() == name)
    }
}

/// One verified answer. Only added, never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Ours.
    pub id: EvidenceId,
    /// About which payment.
    pub payment: PaymentId,
    /// Which question.
    pub query: Query,
    /// When the answer was received, by bank time.
    pub at: Moment,
    /// The state that the answer says the payment is in. `None`: it says none, like a request that the bank took.
    pub state: Option<PaymentState>,
    /// What the bank said, in its own code: `1A400`, `S0000` …
    pub said: String,
    /// The amount the bank said, where it said one.
    pub amount: Option<Twd>,
    /// The minute of payment the bank said.
    pub paid_minute: Option<BankMinute>,
}
