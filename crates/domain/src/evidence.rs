//! Evidence: a verified answer of the bank that a state rests on.

use serde::{Deserialize, Serialize};

use crate::ids::{EvidenceId, PaymentId};
use crate::money::Twd;
use crate::named::named;
use crate::payment::PaymentState;
use crate::time::{BankMinute, Moment};

named! {
    /// Which question the bank answered.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Query {
        /// The answer to the create itself.
        Create = "create",
        /// The answer to a cancel or capture itself.
        Maintain = "maintain",
        /// `OrderQuery` by order number.
        ByNumber = "by-number",
        /// `OrderQuery` by a window of PayDate.
        ByWindow = "by-window",
        /// `OrderPayQuery` with the token that the customer's browser brought.
        ByToken = "by-token",
        /// `OrderUnCapturedQuery`.
        Uncaptured = "uncaptured",
        /// `BillQuery` of one day.
        Bill = "bill",
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
    /// The state that the answer says the payment is in. `None`: it says none, like a request that
    /// the bank took.
    pub state: Option<PaymentState>,
    /// What the bank said, in its own code: `1A400`, `S0000` …
    pub said: String,
    /// The amount the bank said, where it said one.
    pub amount: Option<Twd>,
    /// The minute of payment the bank said.
    pub paid_minute: Option<BankMinute>,
}
