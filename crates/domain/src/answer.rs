//! What a bank's answer to a write means (money rules 3). Each bank's `meaning.rs` maps its codes
//! to these; an unlisted code is `Unknown`.

use serde::{Deserialize, Serialize};

/// The meaning of the answer to a write. There is no boolean "success".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BankAnswer {
    /// Verified, the success code, echo equal: the bank has taken the request.
    Accepted,
    /// Verified, and the code names a field, status, limit or permission check: surely not done.
    Declined,
    /// Verified refusal, surely not done, may be asked later.
    NotNow,
    /// Not one byte of the request left, or the nonce before it failed: may go again by itself.
    NotSent,
    /// The bank is working on it.
    Pending,
    /// Everything else. Answered by reading, never by sending again.
    Unknown,
}
