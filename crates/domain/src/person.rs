//! The people of a shop: name, role, limits, and what a PIN may be.
//!
//! Promise: the rules here hold for window and command line alike. Left out: which role may do what
//! (`rights.rs`), how a PIN is kept (`counterfoil-vault`), and how tries are counted (`tries.rs`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::ids::PersonId;
use crate::money::Twd;
use crate::named::named;
use crate::rights::Right;
use crate::time::{Moment, Mono};
use crate::typed::{look_alike, trimmed, unseen_place};

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 30;
/// The longest PIN, in digits.
pub const PIN_DIGITS_MAX: usize = 12;
/// What an [`Actor`] that is no person is called, by the program or by people.
const RESERVED: [&str; 12] = [
    "owner",
    "engine",
    "browser",
    "負責人",
    "程式",
    "瀏覽器",
    "引擎",
    "系統",
    "system",
    "program",
    "nobody",
    "無人",
];
/// What an accountant approves unless an owner sets another limit.
pub const ACCOUNTANT_APPROVES: Twd = Twd::new(30_000);
/// How long a PIN that another hand set is shown to everyone, in days.
pub const RECOVERED_SHOWN_DAYS: i64 = 30;
/// After a given PIN was changed, so long its giver and its person still count as one hand: the
/// giver can change it too, and then the person's own PIN fails before this is over.
pub const APART_AFTER_HOURS: i64 = 24;
const APART_AFTER_MS: i64 = APART_AFTER_HOURS * 60 * 60 * 1000;

named! {
    /// What a person does at the shop. Each role may do what the ones before it may.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Role {
        /// Takes payments and asks for refunds.
        Clerk = "clerk",
        /// Reviews, approves within a limit, and closes what does not fit.
        Accountant = "accountant",
        /// Does everything.
        Owner = "owner",
    }
}

impl Role {
    /// The shortest PIN, in digits.
    pub const fn pin_digits_min(self) -> usize {
        match self {
            Self::Clerk | Self::Accountant => 6,
            Self::Owner => 8,
        }
    }
}

/// One of the people of a shop, as a row. Id, name and role never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Ours.
    pub id: PersonId,
    /// As [`checked_name`] leaves it. No two people share its [`typed::key`](crate::typed::key).
    pub name: String,
    /// See there.
    pub role: Role,
    /// The largest refund to ask for; `None`: what the role may.
    pub ask_max: Option<Twd>,
    /// The largest refund to approve; `None`: what the role may.
    pub approve_max: Option<Twd>,
    /// Acts no more. Never taken back: add the person again, under another name.
    pub retired: bool,
    /// When the person was added, by bank time.
    pub added_at: Moment,
    /// When a lost PIN was last replaced from this computer's account, by bank time.
    pub recovered_at: Option<Moment>,
    /// The hands that may know the PIN, besides the person: who set it last comes last.
    pub givers: Vec<PinGiven>,
    /// The key proves this row, and that it is the newest one. Without that it gives no right.
    pub proved: bool,
    /// Row version, 1 when new.
    pub version: i64,
}

/// A hand that has set a PIN, or could act as the one who did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinGiven {
    /// Whose; [`Actor::Owner`]: from this computer's account.
    pub by: Actor,
    /// When, by bank time.
    pub at: Moment,
    /// When the person first set another PIN. Whoever knew the given one could have done that too.
    pub changed: Option<PinChanged>,
    /// It binds. The first PIN of a person in a practice shop does not: no money moves there, and
    /// scripts set up people and refund at once.
    pub binds: bool,
}

/// When a given PIN was changed, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinChanged {
    /// Bank time.
    pub at: Moment,
    /// `None`: an older program did not keep it.
    pub mono: Option<Mono>,
    /// A bank had named that time: this computer's clock alone may have been put back.
    pub sure: bool,
}

/// The time at which a person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// Bank time.
    pub at: Moment,
    /// The clock that runs from the start of the computer.
    pub mono: Mono,
    /// What has surely passed, once a bank has named a time in this run.
    pub passed: Option<Moment>,
}

impl PinGiven {
    /// Giver and person have stopped counting as one hand: a day after the change, both dated by a
    /// bank. Whoever starts the program can move every clock of the computer for it.
    fn is_apart(&self, now: Clocks) -> bool {
        let Some(changed) = self.changed.filter(|_| self.binds) else { return !self.binds };
        let passed = now.passed.filter(|_| changed.sure);
        passed.is_some_and(|passed| passed.ms_since(changed.at) >= APART_AFTER_MS)
    }
}

/// What becomes of a person's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitChange {
    /// It stays.
    Kept,
    /// The person has no own limit any more: what the role may.
    Role,
    /// The person's own.
    Most(Twd),
}

impl LimitChange {
    /// To whole dollars; `None`: to what the role may.
    pub fn to(dollars: Option<i64>) -> Self {
        dollars.map_or(Self::Role, |dollars| Self::Most(Twd::new(dollars)))
    }

    /// The limit afterwards.
    pub fn of(self, limit: Option<Twd>) -> Option<Twd> {
        match self {
            Self::Kept => limit,
            Self::Role => None,
            Self::Most(most) => Some(most),
        }
    }
}

impl Person {
    /// The largest amount that a right covers; `None`: any.
    pub fn limit(&self, right: Right) -> Option<Twd> {
        match right {
            Right::AskRefund => self.ask_max,
            Right::ApproveRefund => self.approve_max.or(match self.role {
                Role::Clerk | Role::Owner => None,
                Role::Accountant => Some(ACCOUNTANT_APPROVES),
            }),
            Right::Sell
            | Right::Cancel
            | Right::Acknowledge
            | Right::WithdrawRefund
            | Right::DecideRefund
            | Right::BookRefund
            | Right::CloseDiscrepancy
            | Right::SeeCustomers
            | Right::CorrectCustomer
            | Right::EraseCustomer
            | Right::ExportAudit
            | Right::Settings
            | Right::Keys
            | Right::People => None,
        }
    }

    /// Who set the PIN, the last time that another hand did.
    pub fn pin_given(&self) -> Option<PinGiven> {
        self.givers.last().copied()
    }

    /// Another hand set the PIN: it opens nothing but its change.
    pub fn must_change_pin(&self) -> bool {
        self.pin_given().is_some_and(|given| given.binds && given.changed.is_none())
    }

    /// Who else can act as this person: whoever set the PIN, or could act as the one who did, until
    /// a day after its change.
    pub fn other_hands(&self, now: Clocks) -> Vec<Actor> {
        self.givers.iter().filter(|given| !given.is_apart(now)).map(|given| given.by).collect()
    }

    /// When the last giver and the person stop counting as one hand, at the earliest; `None` before
    /// the change.
    pub fn apart_at(&self) -> Option<Moment> {
        let changes = self.givers.iter().filter(|given| given.binds).filter_map(|given| given.changed);
        let last = changes.map(|changed| changed.at).max().filter(|_| !self.must_change_pin())?;
        Some(last.plus_ms(APART_AFTER_MS))
    }

    /// The person with a PIN that another hand has set. `hands`: who else can act as that one; all
    /// of them may know the PIN.
    #[must_use]
    pub fn pin_set_by(mut self, by: Actor, hands: Vec<Actor>, now: Clocks, binds: bool) -> Self {
        let knows = |given: &PinGiven| given.by == by || hands.contains(&given.by);
        self.givers.retain(|given| !(given.is_apart(now) || given.changed.is_none() && knows(given)));
        let given = |by| PinGiven { by, at: now.at, changed: None, binds };
        let others = hands.into_iter().filter(|hand| *hand != by && *hand != Actor::Person(self.id));
        self.givers.extend(others.chain([by]).map(given));
        self
    }

    /// The person with a PIN of their own. The first change of a given one counts.
    #[must_use]
    pub fn pin_changed(mut self, now: Clocks) -> Self {
        let at = now.passed.map_or(now.at, |passed| passed.max(now.at));
        let changed = PinChanged { at, mono: Some(now.mono), sure: now.passed.is_some() };
        for given in &mut self.givers {
            given.changed = given.changed.or(Some(changed));
        }
        self
    }

    /// Changes that no bank had dated count from now on, where a bank has named the time; `None`:
    /// nothing to date.
    pub fn dated(&self, now: Clocks) -> Option<Self> {
        let passed = now.passed?;
        let mut dated = self.clone();
        for changed in dated.givers.iter_mut().filter_map(|given| given.changed.as_mut()) {
            if !changed.sure {
                (changed.at, changed.sure) = (passed.max(changed.at), true);
            }
        }
        (dated != *self).then_some(dated)
    }

    /// Another hand set the PIN, and it has not been changed since or that is a short time ago.
    pub fn is_pin_given(&self, now: Moment) -> bool {
        self.pin_given().is_some_and(|given| given.changed.is_none() || is_shown(given.at, now))
    }

    /// The PIN was replaced from this computer's account a short time ago; everyone should know.
    pub fn was_recovered(&self, now: Moment) -> bool {
        self.recovered_at.is_some_and(|at| is_shown(at, now))
    }
}

/// What happened to a PIN then is still shown to everyone.
fn is_shown(at: Moment, now: Moment) -> bool {
    now.ms_since(at) < RECOVERED_SHOWN_DAYS * 24 * 60 * 60 * 1000
}

/// Why something about a person was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// Blank.
    #[error("the name is empty")]
    NameEmpty,
    /// Longer than [`NAME_CHARS_MAX`].
    #[error("the name has {chars} characters")]
    NameTooLong {
        /// How many were typed.
        chars: usize,
    },
    /// A control or hidden character at this place, counted from 1.
    #[error("the name holds a hidden character at {place}")]
    NameControl {
        /// Which character.
        place: usize,
    },
    /// It is the name of an [`Actor`] that is no person.
    #[error("the name is reserved")]
    NameReserved,
    /// An active person has it, or one that looks like it.
    #[error("the name is taken")]
    NameTaken,
    /// Likewise a person who has left: under one name two people would look like one.
    #[error("the name is that of a person who has left")]
    NameRetired,
    /// Without an owner nobody could add the next person.
    #[error("the first person is an owner")]
    FirstIsOwner,
    /// Without an owner nobody could manage people.
    #[error("the last owner stays")]
    LastOwner,
    /// The person has left.
    #[error("the person is retired")]
    Retired,
    /// Below zero.
    #[error("a limit is negative")]
    LimitNegative,
    /// This role approves nothing, so a limit would promise what it cannot.
    #[error("the role approves nothing")]
    ApprovesNothing,
    /// Only an owner's lost PIN has a way back; an owner sets the others.
    #[error("the person is no owner")]
    NoOwner,
}

/// Checks a name and takes the blanks off both ends.
///
/// # Errors
/// [`PersonError`]
pub fn checked_name(typed: &str) -> Result<String, PersonError> {
    let name = trimmed(typed);
    let chars = name.chars().count();
    if name.is_empty() {
        return Err(PersonError::NameEmpty);
    }
    if chars > NAME_CHARS_MAX {
        return Err(PersonError::NameTooLong { chars });
    }
    if let Some(place) = unseen_place(name) {
        return Err(PersonError::NameControl { place });
    }
    // `--as owner` must never mean two things, nor a line of the record look like the program's
    if RESERVED.iter().any(|reserved| look_alike(name, reserved)) {
        return Err(PersonError::NameReserved);
    }
    Ok(name.to_owned())
}

/// Why a PIN was not taken. Never holds the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Anything but so many digits.
    #[error("a PIN has {min} to {PIN_DIGITS_MAX} digits")]
    Digits {
        /// The least for this role.
        min: usize,
    },
    /// Digits in a row, a few that repeat, pairs, or a date: everyone tries these first.
    #[error("the PIN is easily guessed")]
    Guessable,
}

/// Checks a new PIN.
///
/// # Errors
/// [`PinError`]
pub fn check_pin(pin: &str, role: Role) -> Result<(), PinError> {
    let min = role.pin_digits_min();
    if !(min..=PIN_DIGITS_MAX).contains(&pin.len()) || !pin.bytes().all(|c| c.is_ascii_digit()) {
        return Err(PinError::Digits { min });
    }
    if is_guessable(pin.as_bytes()) { Err(PinError::Guessable) } else { Ok(()) }
}

/// What everyone tries first: digits in a row, up or down, a few that repeat, pairs, and dates.
fn is_guessable(pin: &[u8]) -> bool {
    let steps = || pin.iter().zip(pin.iter().skip(1)).map(|(one, next)| (10 + next - one) % 10);
    let in_a_row = [0, 1, 9].into_iter().any(|step| steps().all(|is| is == step));
    let repeats = |of| pin.iter().zip(pin.iter().skip(of)).all(|(one, other)| one == other);
    let in_pairs = pin.chunks(2).all(|pair| pair.iter().all(|digit| Some(digit) == pair.first()));
    in_a_row || (1..=pin.len() / 2).any(repeats) || in_pairs || is_date(pin)
}

/// A birthday as people write it: with a year of two or four digits at either end, or of the
/// Republic (民國) in front.
fn is_date(pin: &[u8]) -> bool {
    let number = |from: usize, digits: usize| {
        let text = pin.get(from..from + digits).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| text.parse::<u32>().ok()).unwrap_or_default()
    };
    // a leap year: the 29th of February is somebody's birthday
    let is_day = |month, day| NaiveDate::from_ymd_opt(2000, number(month, 2), number(day, 2)).is_some();
    let day_first_or_month = || is_day(0, 2) || is_day(2, 0);
    let of_four = |from| (1900..2100).contains(&number(from, 4));
    match pin.len() {
        6 => is_day(2, 4) || day_first_or_month(),
        7 => number(0, 3) < 200 && is_day(3, 5),
        8 => (of_four(0) || number(0, 4) < 200) && is_day(4, 6) || of_four(4) && day_first_or_month(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
