//! What a store remembers beside its rows.

use counterfoil_domain::{Bank, Moment, PaymentId};

/// What is worth remembering and no money rests on: lost, it costs one question more. Written without an audit line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jot {
    /// The last answered question about a payment was asked then, by the bank's clock ([`counterfoil_domain::Payment::asked_at`]).
    Asked(PaymentId, Moment),
    /// A bank's clock, as it was seen last.
    Clock(Bank, KeptClock),
}

/// A bank's clock beside this computer's (money rules 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptClock {
    /// Add it to this computer's clock to have the bank's.
    pub offset_ms: i64,
    /// The latest bank time that was believed.
    pub bank_now: Moment,
}
