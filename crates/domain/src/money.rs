//! Whole New Taiwan dollars. No floats, no bare numbers in a signature, every sum checked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whole New Taiwan dollars. May be negative (postings); an amount to collect is 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Twd(i64);

/// Why a typed amount was not taken. Every arm has a sentence with the way out in the text
/// catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing but blanks was typed.
    #[error("amount is empty")]
    Empty,
    /// Something other than digits and thousands commas was typed.
    #[error("amount is not a number")]
    NotANumber,
    /// A decimal point: New Taiwan dollars have no decimals here.
    #[error("amount has decimals")]
    Decimals,
    /// Zero or below.
    #[error("amount is not positive")]
    NotPositive,
    /// Above the limit of the rail or of what we can hold; the limit is carried along.
    #[error("amount is above {limit}")]
    AboveLimit {
        /// The largest amount that would be taken.
        limit: Twd,
    },
}

impl Twd {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount that any rail declares: SinoPac's Amount is nine digits of hundredths
    /// (sinopac.md 4.1).
    pub const WIRE_MAX: Self = Self(9_999_999);

    /// An amount of whole dollars.
    pub const fn new(dollars: i64) -> Self {
        Self(dollars)
    }

    /// The whole dollars.
    pub const fn dollars(self) -> i64 {
        self.0
    }

    /// Sum, or `None` beyond what an `i64` holds.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or `None` beyond what an `i64` holds.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The same amount on the other side of an entry. `None` for the one number without an
    /// opposite.
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Reads what a person typed: ASCII or full-width digits, thousands commas, an optional leading
    /// `NT$` or `$`.
    ///
    /// # Errors
    /// [`AmountError`], the first rule that was broken. Nothing is rounded and nothing is guessed.
    ///
    /// ```
    /// use counterfoil_domain::Twd;
    /// use counterfoil_domain::money::AmountError;
    ///
    /// let limit = Twd::new(30_000);
    /// assert_eq!(Twd::parse("NT$1,200", limit), Ok(Twd::new(1_200)));
    /// assert_eq!(Twd::parse("１２００", limit), Ok(Twd::new(1_200)));
    /// assert_eq!(Twd::parse("12.50", limit), Err(AmountError::Decimals));
    /// assert_eq!(Twd::parse("30001", limit), Err(AmountError::AboveLimit { limit }));
    /// ```
    pub fn parse(typed: &str, limit: Self) -> Result<Self, AmountError> {
        let text: String = typed.trim().chars().map(half_width).collect();
        let text = text.strip_prefix("NT$").or_else(|| text.strip_prefix('$')).unwrap_or(&text).trim();
        if text.is_empty() {
            return Err(AmountError::Empty);
        }
        if let Some(rest) = text.strip_prefix('-') {
            return Err(if rest.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.') {
                AmountError::NotPositive
            } else {
                AmountError::NotANumber
            });
        }
        let digits = match text.split_once(',') {
            Some((head, tail)) => grouped(head, tail).ok_or(AmountError::NotANumber)?,
            None => text.to_owned(),
        };
        if let Some((whole, part)) = digits.split_once('.') {
            let number = |s: &str| s.chars().all(|c| c.is_ascii_digit());
            return Err(if number(whole) && number(part) {
                AmountError::Decimals
            } else {
                AmountError::NotANumber
            });
        }
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(AmountError::NotANumber);
        }
        let dollars: i64 = digits.parse().map_err(|_| AmountError::AboveLimit { limit })?;
        Self(dollars).in_range(limit)
    }

    /// Checks an amount to collect: 1 up to `limit`.
    ///
    /// # Errors
    /// [`AmountError::NotPositive`] or [`AmountError::AboveLimit`].
    pub fn in_range(self, limit: Self) -> Result<Self, AmountError> {
        if self.0 <= 0 {
            return Err(AmountError::NotPositive);
        }
        if self > limit { Err(AmountError::AboveLimit { limit }) } else { Ok(self) }
    }
}

impl fmt::Display for Twd {
    /// `NT$1,234`, negative `-NT$500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut grouped = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(c);
        }
        write!(f, "{}NT${grouped}", if self.0 < 0 { "-" } else { "" })
    }
}

/// Full-width digits and signs as a Chinese input method types them.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '−' => '-',
        other => other,
    }
}

/// `1,234,567` without its commas; `None` when a group has not three digits.
fn grouped(head: &str, tail: &str) -> Option<String> {
    let mut digits = head.to_owned();
    if head.is_empty() || head.len() > 3 {
        return None;
    }
    for group in tail.split(',') {
        let whole = group.split('.').next().unwrap_or(group);
        if whole.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: Twd = Twd::new(30_000);

    #[test]
    fn typed_amounts() {
        let bad = [
            ("-1", AmountError::NotPositive),
            ("－1", AmountError::NotPositive),
            ("−1", AmountError::NotPositive),
            ("-1,000", AmountError::NotPositive),
            ("-1.5", AmountError::NotPositive),
            ("-x", AmountError::NotANumber),
            ("0", AmountError::NotPositive),
            ("1.5", AmountError::Decimals),
            ("1,234.0", AmountError::Decimals),
            ("30001", AmountError::AboveLimit { limit: LIMIT }),
            ("1000000000", AmountError::AboveLimit { limit: LIMIT }),
            ("1e9", AmountError::NotANumber),
            ("9223372036854775808", AmountError::AboveLimit { limit: LIMIT }),
            ("", AmountError::Empty),
            ("　", AmountError::Empty),
            ("壹佰", AmountError::NotANumber),
            ("--1", AmountError::NotANumber),
            ("12,34", AmountError::NotANumber),
            ("1234,567", AmountError::NotANumber),
            (",123", AmountError::NotANumber),
            ("1.x", AmountError::NotANumber),
            ("x.1", AmountError::NotANumber),
            ("+5", AmountError::NotANumber),
            ("0x10", AmountError::NotANumber),
        ];
        for (typed, error) in bad {
            assert_eq!(Twd::parse(typed, LIMIT), Err(error), "{typed:?}");
        }
        for (typed, dollars) in
            [("1", 1), ("１２３", 123), (" 1,234 ", 1234), ("NT$30,000", 30_000), ("＄５０", 50), ("007", 7)]
        {
            assert_eq!(Twd::parse(typed, LIMIT), Ok(Twd::new(dollars)), "{typed:?}");
        }
    }

    #[test]
    fn sums_end_where_an_i64_ends() {
        let (five, most) = (Twd::new(5), Twd::new(i64::MAX));
        assert_eq!(five.checked_add(five), Some(Twd::new(10)));
        assert_eq!(five.checked_sub(Twd::new(7)), Some(Twd::new(-2)));
        assert_eq!(five.checked_neg(), Some(Twd::new(-5)));
        assert_eq!(most.checked_add(five), None);
        assert_eq!(Twd::new(-7).checked_sub(most), None);
        assert_eq!(Twd::new(i64::MIN).checked_neg(), None);
    }

    #[test]
    fn amounts_are_shown_in_groups_of_three() {
        for (dollars, shown) in
            [(0, "NT$0"), (999, "NT$999"), (1_000, "NT$1,000"), (-1_234_567, "-NT$1,234,567")]
        {
            assert_eq!(Twd::new(dollars).to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(dollars in 1_i64..=9_999_999) {
            let shown = Twd::new(dollars).to_string();
            prop_assert_eq!(Twd::parse(&shown, Twd::WIRE_MAX), Ok(Twd::new(dollars)));
        }

        #[test]
        fn no_text_makes_it_panic(typed in ".{0,40}") {
            let _ = Twd::parse(&typed, LIMIT);
        }
    }
}
