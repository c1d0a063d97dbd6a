//! The messages of a bank call with every secret masked: for the answers table and for diagnostics.
//!
//! Promise: no key, ciphertext, MAC, card number (the bank's own masked ones neither) or
//! authorization code in it, and at most [`crate::transcript::BYTES_MAX`] bytes. Masks by name in
//! messages, by form in unverified texts, and at the end the key by value and every number as long
//! as a card's, wherever it is.

use std::fmt::Write as _;

use secrecy::SecretString;
use serde_json::Value;

use super::wire::{Fields, Message};
use crate::transcript::{
    MASK, PLAIN_CHARS_MAX, cut, is_masked, without_card_numbers, without_runs, without_secrets,
};

/// Members that belong to the card or its holder, or that allow acting on a sale. `Data` is XML of
/// an unknown form with all of them.
const MASKED: [&str; 9] =
    ["PAN", "AuthCode", "CAVV", "PID", "BIRTHDAY", "ExpDate", "PaymentTokenData", "Data", "CardNo"];

/// A shorter number is no card's: a `MerchantID` has 13 digits.
pub(super) const CARD_DIGITS_MIN: usize = 14;

/// The lines of one bank call.
#[derive(Default)]
pub struct Transcript(String);

impl Transcript {
    /// A request, readable.
    pub fn sent(&mut self, message: &Message) {
        let shown = masked(&message.fields());
        let _ = writeln!(self.0, "POST {} (sealed: ApiEnc, MERID)\n> {shown}", message.path);
    }

    /// A verified answer.
    pub fn genuine(&mut self, status: u16, fields: &Fields) {
        let _ = writeln!(self.0, "< {status} {}", masked(fields));
    }

    /// An unverified answer.
    pub fn plain(&mut self, status: u16, body: &[u8]) {
        let start = body.get(..body.len().min(4 * PLAIN_CHARS_MAX)).unwrap_or_default();
        let text: String = String::from_utf8_lossy(start).chars().take(PLAIN_CHARS_MAX).collect();
        let _ = writeln!(self.0, "< {status} unverified, {} bytes: {}", body.len(), without_runs(&text));
    }

    /// Whatever else there is to say.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.0, "< {text}");
    }

    /// The finished text without the key, and cut.
    pub fn finish(self, mac_key: &SecretString) -> String {
        cut(without_card_numbers(&without_secrets(self.0, [mac_key]), CARD_DIGITS_MIN))
    }
}

/// The members on one line, those of the list masked unless they are empty.
fn masked(fields: &Fields) -> Value {
    let member = |(name, value): (&String, &Value)| {
        let hidden = is_masked(&MASKED, name, value);
        (name.clone(), if hidden { MASK.into() } else { value.clone() })
    };
    Value::Object(fields.iter().map(member).collect())
}
