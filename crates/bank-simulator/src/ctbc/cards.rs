//! What a card number typed on the page is answered (ctbc.md 3.7, 13.1). Numbers are compared here
//! and forgotten.

use crate::time::BankTime;

use super::codes::Code;
use super::world::{Kept, Verdict};

/// Cards with a script of their own; the last digits say the code.
const SCRIPTS: &[(&str, Verdict)] = &[
    ("4444444444444444", Verdict::APPROVED),
    ("4123450131003312", Verdict::APPROVED),
    ("4444444444440805", Verdict::declined(Code("8", "05"))),
    ("4444444444440851", Verdict::declined(Code("8", "51"))),
    ("4444444444440854", Verdict::declined(Code("8", "54"))),
    ("4444444444441240", Verdict::declined(Code("12", "40"))),
    ("4444444444440401", Verdict::declined(Code("4", "1"))),
    // the host approved, and its answer was lost on the way
    ("4444444444440402", Verdict { code: Code("4", "1"), kept: Kept::Approved }),
];

/// The verdict on a card that passed the form check: sixteen digits, `MM`, `YY`.
pub(crate) fn verdict(number: &str, month: &str, year: &str, now: BankTime) -> Verdict {
    let expires = format!("20{year}{month}");
    if expires.as_str() < now.day().get(..6).unwrap_or_default() {
        return Verdict::declined(Code("8", "54"));
    }
    match SCRIPTS.iter().find(|script| script.0 == number) {
        Some(script) => script.1,
        // test shops take any number that starts so
        None if number.starts_with(['3', '5']) => Verdict::APPROVED,
        None => Verdict::declined(Code("8", "14")),
    }
}

/// The first six and the last four digits.
pub(crate) fn masked(number: &str) -> String {
    let head = number.get(..6).unwrap_or_default();
    let tail = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
    format!("{head}******{tail}")
}
