//! What was said, with every secret masked: for the answers table and for diagnostics.
//!
//! Promise: no key, token, nonce, sign, ciphertext, link key or payer's account in it, and at most [`BYTES_MAX`] bytes. Masked
//! by name in objects, by form in texts that nobody vouches for, and by value at the end.

use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::wire::Fields;

/// A transcript is cut here.
pub const BYTES_MAX: usize = 4096;
/// An unverified text is cut here.
const PLAIN_CHARS_MAX: usize = 300;
/// A run of letters and digits this long in an unverified text is no word.
const RUN_CHARS_MIN: usize = 24;
const MASK: &str = "***";

/// Members that are secrets, or the card's and the payer's and none of our business.
const MASKED: [&str; 14] = [
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

/// The lines of one bank call.
#[derive(Default)]
pub struct Transcript(String);

impl Transcript {
    /// A request: path, then what is sent, readable.
    pub fn sent(&mut self, path: &str, service: &str, fields: &Fields) {
        let shown = masked(&Value::Object(fields.clone()));
        let _ = writeln!(self.0, "POST {path} {service} (Content-Type, X-KeyID: {MASK})\n> {shown}");
    }

    /// An answer that was verified.
    pub fn genuine(&mut self, status: u16, fields: &Fields) {
        let _ = writeln!(self.0, "< {status} {}", masked(&Value::Object(fields.clone())));
    }

    /// An answer that nobody vouches for.
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

    /// The finished text, without any of these values, cut to [`BYTES_MAX`].
    pub fn finish<'a>(self, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
        let mut text = self.0;
        for secret in secrets {
            let secret = secret.expose_secret().trim();
            for form in [secret.to_owned(), secret.to_ascii_lowercase(), secret.to_ascii_uppercase()] {
                if !form.is_empty() {
                    text = text.replace(&form, MASK);
                }
            }
        }
        if text.len() > BYTES_MAX {
            let end =
                (0..=BYTES_MAX - '…'.len_utf8()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let member = |(name, value): (&String, &Value)| {
                let secret = MASKED.iter().any(|m| m.eq_ignore_ascii_case(name));
                let empty = value.as_str().is_some_and(str::is_empty) || value.is_null();
                (name.clone(), if secret && !empty { MASK.into() } else { masked(value) })
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

/// A text on one line, with long runs of letters and digits masked: ciphertext, keys and tokens have such, words have not.
fn without_runs(text: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_') {
            run.push(c);
            continue;
        }
        shown.push_str(if run.len() >= RUN_CHARS_MIN { MASK } else { &run });
        run.clear();
        shown.push(if c.is_control() { ' ' } else { c });
    }
    shown.trim_end().to_owned()
}
