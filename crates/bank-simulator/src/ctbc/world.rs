//! Types that the files of this dialect share: what a step may use, and a card page with its end.

use crate::dice::Dice;
use crate::faults::Faults;
use crate::time::BankTime;

use super::codes::Code;
use super::switches::Switches;

/// What a step of the bank may use.
pub(crate) struct World<'a> {
    pub(crate) now: BankTime,
    pub(crate) dice: &'a mut Dice,
    pub(crate) switches: &'a Switches,
    pub(crate) faults: &'a mut Faults,
}

/// What stays in the books of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Nothing: it never came to an authorization.
    Nothing,
    Failed,
    Approved,
}

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The code that the shop gets.
    pub(crate) code: Code,
    pub(crate) kept: Kept,
}

impl Verdict {
    pub(crate) const APPROVED: Self = Self { code: Code::OK, kept: Kept::Approved };
    pub(crate) const CANCELLED: Self = Self { code: Code("10", "88"), kept: Kept::Nothing };
    pub(crate) const TIMED_OUT: Self = Self { code: Code("10", "E0"), kept: Kept::Nothing };

    pub(crate) const fn declined(code: Code) -> Self {
        Self { code, kept: Kept::Failed }
    }
}

/// An opened card page. No `Debug`: the ticket opens it.
pub(crate) struct Form {
    pub(crate) shop: usize,
    pub(crate) ticket: String,
    pub(crate) asked: Asked,
    pub(crate) opened: BankTime,
    pub(crate) ends: BankTime,
    /// Between the card and the OTP.
    pub(crate) pending: Option<(Verdict, String)>,
    pub(crate) done: bool,
}

/// What a shop asked for by its form.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) lidm: String,
    pub(crate) amount: i64,
    pub(crate) periods: u8,
    /// As in InMac.
    pub(crate) option: String,
    pub(crate) auto_cap: bool,
    pub(crate) merchant_name: String,
    pub(crate) detail: String,
    pub(crate) return_url: Option<String>,
}

/// Why the bank did not do what was asked of it by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    State,
    Unknown,
}
