//! The form of a card sale at CTBC, as the engine asks the bank's crate for it. Part of
//! [`crate::ports`].

use counterfoil_domain::{BankOrderNo, Twd};

/// A card sale at CTBC, as the bank's card page is asked for it.
#[derive(Debug, Clone)]
pub struct CardSale {
    /// New, and never used again.
    pub bank_order_no: BankOrderNo,
    /// To collect.
    pub amount: Twd,
    /// The payee's name, shown on the bank's page.
    pub merchant_name: String,
    /// As typed, may be empty; the bank's crate widens and cuts it for the wire.
    pub description: String,
    /// Where the browser returns to.
    pub return_url: String,
}

/// What the browser posts, once. The two fields are letters and digits.
#[derive(Clone, PartialEq, Eq)]
pub struct CardForm {
    /// The bank's card page.
    pub action: String,
    /// The field `merID`.
    pub mer_id: String,
    /// The field `URLEnc`.
    pub url_enc: String,
}

impl std::fmt::Debug for CardForm {
    /// Without the sealed field.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardForm(POST {}, merID {}, {} characters)", self.action, self.mer_id, self.url_enc.len())
    }
}

/// The bank's page cannot show something of a sale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} cannot be written: {why}")]
pub struct FormRefused {
    /// The bank's field.
    pub field: String,
    /// What is wrong with it, in the words of the bank's crate.
    pub why: String,
}

/// Makes forms. Nothing is sent by it.
pub trait FormPort: Send + Sync {
    /// The form of a sale: the same sale gives the same form.
    ///
    /// # Errors
    /// [`FormRefused`] names the field.
    fn form(&self, sale: &CardSale) -> Result<CardForm, FormRefused>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sealed_field_is_not_printed() {
        let form =
            CardForm { action: "https://bank/".into(), mer_id: "12345".into(), url_enc: "C0FFEE".into() };
        assert_eq!(format!("{form:?}"), "CardForm(POST https://bank/, merID 12345, 6 characters)");
    }
}
