//! The bank's state of an order, in the words that both banks share (money rules 2).

use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// The bank's state of an order, without the bank's words. Each bank's `meaning.rs` maps its
    /// codes to these.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum BankState {
        /// Not paid yet.
        Waiting = "waiting",
        /// Its time ran out, or it was disabled.
        Expired = "expired",
        /// A card is authorized, nothing is collected.
        Authorized = "authorized",
        /// Collected.
        Collected = "collected",
        /// Collected and paid out to the shop.
        Settled = "settled",
        /// The authorization lapsed or was cancelled.
        Released = "released",
        /// A code that no list of ours holds: never guessed.
        Unlisted = "unlisted",
    }
}
