//! What names one transaction of a card at CTBC. Left out: the writes that use it.

use std::fmt;

use crate::ids::PaymentId;
use crate::money::Twd;
use crate::time::Moment;

/// What a write names: fresh from the inquiry before it, since batch and sequence change. For a
/// refund of a remainder the batch is the one that was read while the sale was captured.
#[derive(Clone, PartialEq, Eq)]
pub struct Handles {
    /// XID, trimmed: unique across payments.
    pub xid: String,
    /// AuthCode.
    pub auth_code: String,
    /// AuthRRPID; the XID replaces it where it is absent (ctbc.md 5.2).
    pub auth_rrpid: Option<String>,
    /// TermSeq.
    pub term_seq: Option<String>,
    /// BatchID.
    pub batch_id: Option<String>,
    /// BatchSeq.
    pub batch_seq: Option<String>,
}

impl fmt::Debug for Handles {
    /// Without the authorization code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handles({}, batch {:?}/{:?})", self.xid, self.batch_id, self.batch_seq)
    }
}

/// The transaction of a card, and the batch that captured it, as read then. Only added: a refund of
/// a remainder names both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Of which payment.
    pub payment: PaymentId,
    /// As in [`Handles::xid`].
    pub xid: String,
    /// As in [`Handles::batch_id`].
    pub batch_id: String,
    /// As in [`Handles::batch_seq`].
    pub batch_seq: String,
    /// When it was read, by bank time.
    pub at: Moment,
}

/// A transaction that holds money beside the one that is its payment: the customer was charged
/// twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Under the number of which payment.
    pub payment: PaymentId,
    /// As in [`Handles::xid`].
    pub xid: String,
    /// What was taken.
    pub amount: Twd,
    /// When it was read first, by bank time.
    pub at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorization_code_is_never_printed() {
        let handles = Handles {
            xid: "X1".into(),
            auth_code: "123456".into(),
            auth_rrpid: None,
            term_seq: None,
            batch_id: Some("B7".into()),
            batch_seq: None,
        };
        let printed = format!("{handles:?}");
        assert!(printed.contains("X1") && printed.contains("B7") && !printed.contains("123456"), "{printed}");
    }
}
