//! A card page at CTBC that a customer has come back from, or that a person says is closed.

use crate::actor::Actor;
use crate::ids::PaymentId;
use crate::time::Moment;

/// The newest of its payment. It moves no state: only the bank's answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLeft {
    /// Whose page.
    pub payment: PaymentId,
    /// When it was said, by bank time.
    pub at: Moment,
    /// Who says so: the browser, or a person.
    pub who: Actor,
    /// Status and errcode that the bank has signed, as in `10/88`; `None`: a person's word.
    pub code: Option<String>,
    /// Nothing more comes of that page, by this code or this person (money rules 2).
    pub ends: bool,
    /// When the bank has answered a question that left after that, and knew of no card, or of one
    /// that failed.
    pub read_at: Option<Moment>,
}

impl PageLeft {
    /// The customer may be given another page, though the life of this one is not over.
    pub const fn lets_reissue(&self) -> bool {
        self.ends && self.read_at.is_some()
    }
}
