//! Masks and bounds that the transcripts of both banks share.

use std::ops::Range;

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

/// A card's number has no more digits.
const CARD_DIGITS_MAX: usize = 19;

/// The text with each card number masked, whatever stands around it: the fewest groups of digits
/// behind each other, one blank or hyphen apart, that have `least` to 19 digits together. Digits
/// within a word belong to a name of the bank's or ours.
pub(crate) fn without_card_numbers(text: &str, least: usize) -> String {
    let groups = digit_groups(text);
    let mut shown = String::new();
    let (mut from, mut next) = (0, 0);
    while let Some((first, rest)) = groups.get(next..).and_then(<[Range<usize>]>::split_first) {
        let joined =
            |at: &Range<usize>, then: &Range<usize>| matches!(text.get(at.end..then.start), Some(" " | "-"));
        let (mut end, mut digits, mut count) = (first, first.len(), 1);
        for group in rest {
            if digits >= least || !joined(end, group) {
                break;
            }
            (end, digits, count) = (group, digits + group.len(), count + 1);
        }
        if (least..=CARD_DIGITS_MAX).contains(&digits) {
            shown.push_str(text.get(from..first.start).unwrap_or_default());
            shown.push_str(MASK);
            (from, next) = (end.end, next + count);
        } else {
            next += 1;
        }
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    shown
}

/// Where digits stand that touch no letter.
fn digit_groups(text: &str) -> Vec<Range<usize>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut groups = Vec::new();
    let mut at = 0;
    for word in text.split(|c| !is_word(c)) {
        let start = at + text.get(at..).and_then(|rest| rest.find(word)).unwrap_or(0);
        at = start + word.len();
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            groups.push(start..at);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_masked_whatever_stands_around_it() {
        for (text, shown) in [
            ("4123450131003312", "***"),
            ("卡號 4123 4501 3100 3312 無效", "卡號 *** 無效"),
            ("4123-4501-3100-3312", "***"),
            ("4123450131003312 2912", "*** 2912"),
            ("4123450131003312 declined", "*** declined"),
            ("card 4123 4501 3100 3312 declined", "card *** declined"),
            ("12 4123450131003312", "***"),
            ("1234 4123450131003312", "1234 ***"),
            ("4123450131003312 5555666677778884", "*** ***"),
            ("NT$4123450131003312元", "NT$***元"),
            // names, amounts, accounts and times of the bank
            ("91D319AF2E62C0C00031_TOXK406TL8F542T", "91D319AF2E62C0C00031_TOXK406TL8F542T"),
            ("901 100 0", "901 100 0"),
            ("99922123456789", "99922123456789"),
            ("202611231015", "202611231015"),
            ("x4123450131003312", "x4123450131003312"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            assert_eq!(without_card_numbers(text, 15), shown, "{text}");
        }
        assert_eq!(without_card_numbers("4123 4501 3100 33", 14), "***");
    }
}
