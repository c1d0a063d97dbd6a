//! The messages of a bank call with every secret masked: for the answers table and for diagnostics.
//!
//! Promise: no key, token, nonce, sign, ciphertext, link key, card number or payer's account in it,
//! and at most [`crate::transcript::BYTES_MAX`] bytes. Masks by name in objects, by form in
//! unverified texts, and at the end the keys by value and every number as long as a card's.

use std::fmt::Write as _;

use secrecy::SecretString;
use serde_json::Value;

use super::wire::Fields;
use crate::transcript::{
    MASK, PLAIN_CHARS_MAX, cut, is_masked, without_card_numbers, without_runs, without_secrets,
};

/// Members that are secrets, or the card's and the payer's and none of our business. What was sold
/// may name the customer, who can be erased from the order and not from here.
const MASKED: [&str; 15] = [
    "PrdtName",
    "PayToken",
    "RefundToken",
    "CCToken",
    "BindToken",
    "Sign",
    "Nonce",
    "Message",
    "AcctNo",
    "LeftCCNo",
    "RightCCNo",
    "CCExpDate",
    "AuthCode",
    "ApproveCode",
    "X-KeyID",
];

/// A shorter number is no card's: accounts and the bank's own numbers have 14 digits.
pub(super) const CARD_DIGITS_MIN: usize = 15;

/// The lines of one bank call.
#[derive(Default)]
pub struct Transcript(String);

impl Transcript {
    /// A request: path, then what is sent, readable.
    pub fn sent(&mut self, path: &str, service: &str, fields: &Fields) {
        let shown = masked(&Value::Object(fields.clone()));
        let _ = writeln!(self.0, "POST {path} {service} (Content-Type, X-KeyID: {MASK})\n> {shown}");
    }

    /// A verified answer.
    pub fn genuine(&mut self, status: u16, fields: &Fields) {
        let _ = writeln!(self.0, "< {status} {}", masked(&Value::Object(fields.clone())));
    }

    /// An unverified answer.
    pub fn plain(&mut self, status: u16, body: &[u8]) {
        let text = String::from_utf8_lossy(body);
        let shown = match serde_json::from_slice::<Value>(body) {
            Ok(value) => masked(&value).to_string(),
            Err(_) => text.chars().take(PLAIN_CHARS_MAX).collect(),
        };
        let _ = writeln!(self.0, "< {status} unverified, {} bytes: {}", body.len(), without_runs(&shown));
    }

    /// Whatever else there is to say.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.0, "< {text}");
    }

    /// The finished text, without any of these values, and cut.
    pub fn finish<'a>(self, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
        cut(without_card_numbers(&without_secrets(self.0, secrets), CARD_DIGITS_MIN))
    }
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let member = |(name, value): (&String, &Value)| {
                let hidden = is_masked(&MASKED, name, value);
                (name.clone(), if hidden { MASK.into() } else { masked(value) })
            };
            Value::Object(fields.iter().map(member).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::String(text) => Value::String(without_link_key(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A link without the value of its `TK`: who has it can see the customer's page.
fn without_link_key(text: &str) -> String {
    let Some(at) = ["?TK=", "&TK=", "?tk=", "&tk="].iter().find_map(|mark| text.find(mark)) else {
        return text.to_owned();
    };
    let (start, rest) = text.split_at(at.saturating_add(4));
    let end = rest.find('&').map_or("", |end| rest.split_at(end).1);
    format!("{start}{MASK}{end}")
}
