//! The bank's amounts and ours (dossier 3.2, 4 and 5.2): plain digits in the form, `currency amount exponent` in the API.
//! The only place in the project that knows them.

use counterfoil_domain::Twd;

/// New Taiwan dollars in the bank's numbers.
const CURRENCY: &str = "901";
/// No money: what a full undo is asked with.
pub const ZERO: &str = "901 0 0";

/// An amount to collect as the form has it. `None` outside 1 to 9,999,999 dollars, which seven digits cannot carry.
pub fn amount_to_form(amount: Twd) -> Option<String> {
    amount.in_range(Twd::WIRE_MAX).ok().map(|amount| amount.dollars().to_string())
}

/// Reads an amount of the form: one to seven digits.
pub fn amount_from_form(text: &str) -> Option<Twd> {
    digits(text)
}

/// An amount as the API has it. `None` outside 1 to 9,999,999 dollars.
pub fn amount_to_wire(amount: Twd) -> Option<String> {
    amount_to_form(amount).map(|digits| format!("{CURRENCY} {digits} 0"))
}

/// Reads an amount of the API, zero included. `None` for another currency, for decimals, and for anything else: nothing is
/// converted, nothing is guessed.
pub fn amount_from_wire(text: &str) -> Option<Twd> {
    let mut parts = text.split_ascii_whitespace();
    let (Some(CURRENCY), Some(amount), Some("0"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    digits(amount)
}

fn digits(text: &str) -> Option<Twd> {
    let good = (1..=7).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok().map(Twd::new) } else { None }
}
