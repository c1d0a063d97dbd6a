//! A message that a bank sends by itself.

/// A POST from the bank that should be sent now. No `Debug`: the body holds a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Push {
    /// Which notice this is; to be given back to `push_answered`.
    pub notice: usize,
    /// Where to POST it.
    pub url: String,
    /// The body.
    pub body: String,
    /// Its `Content-Type`.
    pub media: &'static str,
}
