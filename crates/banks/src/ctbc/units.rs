//! The bank's amounts and times and ours (ctbc.md 3.2, 4, 5.2 and 14): plain digits in the form,
//! `currency amount exponent` in the API, dates and times with marks or without. The only place in
//! the project that knows them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use counterfoil_domain::{Moment, Twd};

/// New Taiwan dollars in the bank's numbers.
const CURRENCY: &str = "901";
/// No money: what a full undo is asked with.
pub const ZERO: &str = "901 0 0";

/// An amount to collect as the form has it. `None` outside 1 to 9,999,999 dollars, which seven
/// digits cannot carry.
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

/// Reads an amount of the API, zero included. `None` for another currency, for decimals, and for
/// anything else: nothing is converted, nothing is guessed.
pub fn amount_from_wire(text: &str) -> Option<Twd> {
    let mut parts = text.split_ascii_whitespace();
    let (Some(CURRENCY), Some(amount), Some("0"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    digits(amount)
}

/// Reads Txn_date and Txn_time, Taipei: `yyyyMMdd` or `yyyy-MM-dd`, and `HHmmss` or `HH:mm:ss`.
/// `None` for anything else.
pub fn moment_from_wire(date: &str, time: &str) -> Option<Moment> {
    let day = NaiveDate::parse_from_str(&digits_of(date, [4, 2, 2], '-')?, "%Y%m%d").ok()?;
    let clock = NaiveTime::parse_from_str(&digits_of(time, [2, 2, 2], ':')?, "%H%M%S").ok()?;
    // chrono reads a second 60, which no clock of Taipei shows
    let whole = chrono::Timelike::nanosecond(&clock) == 0;
    whole.then(|| Moment::from_taipei(NaiveDateTime::new(day, clock)))
}

/// The digits of three groups, all with this mark between them or all without.
fn digits_of(text: &str, groups: [usize; 3], mark: char) -> Option<String> {
    let bare: String = if text.contains(mark) {
        let parts: Vec<&str> = text.split(mark).collect();
        parts.iter().map(|part| part.len()).eq(groups).then(|| parts.concat())?
    } else {
        text.to_owned()
    };
    let good = bare.len() == groups.iter().sum::<usize>() && bare.bytes().all(|b| b.is_ascii_digit());
    good.then_some(bare)
}

fn digits(text: &str) -> Option<Twd> {
    let good = (1..=7).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if good { text.parse().ok().map(Twd::new) } else { None }
}
