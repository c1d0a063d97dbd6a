//! Masks and bounds that the transcripts of both banks share.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// A transcript is cut here.
pub const BYTES_MAX: usize = 4096;
/// An unverified text is cut here.
pub(crate) const PLAIN_CHARS_MAX: usize = 300;
/// A run of letters and digits this long in an unverified text is no word.
const RUN_CHARS_MIN: usize = 24;
pub(crate) const MASK: &str = "***";

/// Whether a member must not be seen. An empty one hides nothing.
pub(crate) fn is_masked(names: &[&str], name: &str, value: &Value) -> bool {
    let secret = names.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    secret && !value.is_null() && value.as_str() != Some("")
}

/// The text without these values: as they are, in lower case and in upper case.
pub(crate) fn without_secrets<'a>(
    mut text: String,
    secrets: impl IntoIterator<Item = &'a SecretString>,
) -> String {
    for secret in secrets {
        let secret = secret.expose_secret().trim();
        for form in [secret.to_owned(), secret.to_ascii_lowercase(), secret.to_ascii_uppercase()] {
            if !form.is_empty() {
                text = text.replace(&form, MASK);
            }
        }
    }
    text
}

/// The text, cut to [`BYTES_MAX`].
pub(crate) fn cut(mut text: String) -> String {
    if text.len() > BYTES_MAX {
        let end = (0..=BYTES_MAX - '…'.len_utf8()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A text on one line, with long runs of letters and digits masked: ciphertext, keys and tokens
/// have such, words have not.
pub(crate) fn without_runs(text: &str) -> String {
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
