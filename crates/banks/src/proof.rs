//! The result of a check of a shop's settings. Each bank's `prove` asks the question.

/// What the question brought to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Whether the settings work.
    pub verdict: Verdict,
    /// The members of the bank's part of `shop.json` that are wrong, or that include the wrong one.
    pub fields: Vec<&'static str>,
    /// The bank's code or ours, as in a reply; the error book has a sentence for it.
    pub code: String,
}

impl Proof {
    pub(crate) fn of(verdict: Verdict, fields: &[&'static str], code: impl Into<String>) -> Self {
        Self { verdict, fields: fields.to_vec(), code: code.into() }
    }
}

/// Whether the settings work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The settings work.
    Good,
    /// [`Proof::fields`] are wrong.
    Wrong,
    /// The values of [`Proof::fields`] are swapped.
    Exchanged,
    /// The bank does not take calls from the address of this network.
    AddressNotListed,
    /// No answer that says anything about them.
    Unclear,
}
