//! The bank's units and ours: hundredths of a dollar, minutes and days of Taipei as digits
//! (sinopac.md 4). The only place in the project that knows them.

use chrono::{NaiveDate, NaiveDateTime};
use counterfoil_domain::{BankMinute, Moment, Twd};

/// An amount as the wire has it: dollars x 100. `None` outside 1 to 9,999,999 dollars, which nine
/// digits cannot carry.
pub fn amount_to_wire(amount: Twd) -> Option<i64> {
    amount.in_range(Twd::WIRE_MAX).ok()?.dollars().checked_mul(100)
}

/// Reads an amount to collect. `None` unless it is all digits, ends in 00, and lies between 1 and
/// 9,999,999 dollars: nothing is rounded, nothing is guessed.
pub fn amount_from_wire(text: &str) -> Option<Twd> {
    let digits = text.strip_suffix("00")?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Twd::new(digits.parse().ok()?).in_range(Twd::WIRE_MAX).ok()
}

/// A day as `yyyyMMdd`.
pub fn day_to_wire(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// A minute as `yyyyMMddHHmm`, Taipei.
pub fn minute_to_wire(minute: BankMinute) -> String {
    minute.start().taipei().format("%Y%m%d%H%M").to_string()
}

/// Reads `yyyyMMddHHmm`, Taipei. `None` when it is not exactly that.
pub fn minute_from_wire(text: &str) -> Option<BankMinute> {
    if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let wall = NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok()?;
    Some(Moment::from_taipei(wall).minute())
}

/// Reads the end of an order, `yyyyMMddHHmm` or `yyyyMMdd`, as its last instant: an end of 23:59
/// lasts through 23:59:59 (sinopac.md 5). `None` when it is neither.
pub fn last_instant_from_wire(text: &str) -> Option<Moment> {
    let last_minute = match text.len() {
        8 => format!("{text}2359"),
        _ => text.to_owned(),
    };
    minute_from_wire(&last_minute).map(|minute| minute.plus(1).start().plus_ms(-1))
}
