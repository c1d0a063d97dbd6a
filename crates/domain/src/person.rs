//! The people of a shop: name, role, limits, and what a PIN may be.
//!
//! Promise: the rules here hold for window and command line alike. Left out: which role may do what
//! (`rights.rs`), how a PIN is kept (`counterfoil-vault`), and how tries are counted (`tries.rs`).

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::ids::PersonId;
use crate::money::Twd;
use crate::named::named;
use crate::rights::Right;
use crate::time::Moment;
use crate::typed::{look_alike, trimmed, unseen_place};

/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 30;
/// The longest PIN, in digits.
pub const PIN_DIGITS_MAX: usize = 12;
/// What an [`Actor`] that is no person is called, by the program or by people.
const RESERVED: [&str; 10] =
    ["owner", "engine", "browser", "負責人", "程式", "瀏覽器", "引擎", "系統", "system", "program"];
/// What an accountant approves unless an owner sets another limit.
pub const ACCOUNTANT_APPROVES: Twd = Twd::new(30_000);
/// How long a PIN that another hand set is shown to everyone, in days.
pub const RECOVERED_SHOWN_DAYS: i64 = 30;
/// After a given PIN was changed, so long its giver and its person still count as one hand: the
/// giver can change it too, and then the person's own PIN fails before this is over.
pub const APART_AFTER_HOURS: i64 = 24;

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
    /// Another hand set the PIN. It follows from the audit.
    pub pin_given: Option<PinGiven>,
    /// Row version, 1 when new.
    pub version: i64,
}

/// A PIN that another hand set, the last time that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinGiven {
    /// Who set it; [`Actor::Owner`] from this computer's account.
    pub by: Actor,
    /// When, by bank time.
    pub at: Moment,
    /// When the person first set another one. Whoever knew the given PIN could have done that too.
    pub changed_at: Option<Moment>,
    /// It binds. The first PIN of a person in a practice shop does not: no money moves there, and
    /// scripts set up people and refund at once.
    pub binds: bool,
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

    /// Another hand set the PIN: it opens nothing but its change.
    pub fn must_change_pin(&self) -> bool {
        self.pin_given.is_some_and(|given| given.binds && given.changed_at.is_none())
    }

    /// Whoever can act as this person too: who set the PIN, until a day after its change.
    pub fn other_hand(&self, now: Moment) -> Option<Actor> {
        let given = self.pin_given.filter(|given| given.binds)?;
        self.apart_at().is_none_or(|apart| now < apart).then_some(given.by)
    }

    /// When giver and person stop counting as one hand; `None` before the change.
    pub fn apart_at(&self) -> Option<Moment> {
        let changed_at = self.pin_given.filter(|given| given.binds)?.changed_at?;
        Some(changed_at.plus_ms(APART_AFTER_HOURS * 60 * 60 * 1000))
    }

    /// Another hand set the PIN, and it has not been changed since or that is a short time ago.
    pub fn is_pin_given(&self, now: Moment) -> bool {
        self.pin_given.is_some_and(|given| given.changed_at.is_none() || is_shown(given.at, now))
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
    /// One digit repeated, or digits in a row, up or down: everyone tries these first.
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
    let steps = || pin.bytes().zip(pin.bytes().skip(1)).map(|(one, next)| (10 + next - one) % 10);
    if [0, 1, 9].into_iter().any(|step| steps().all(|is| is == step)) {
        return Err(PinError::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(checked_name("　林小姐 "), Ok("林小姐".to_owned()));
        assert_eq!(checked_name(" 　"), Err(PersonError::NameEmpty));
        assert_eq!(checked_name(&"林".repeat(30)).map(|name| name.chars().count()), Ok(30));
        assert_eq!(checked_name(&"林".repeat(31)), Err(PersonError::NameTooLong { chars: 31 }));
        for hidden in ["a\u{1b}b", "a\u{202e}b", "a\u{200b}b", "負\u{2060}責人"] {
            assert_eq!(checked_name(hidden), Err(PersonError::NameControl { place: 2 }), "{hidden:?}");
        }
        for reserved in [
            "owner",
            "Engine",
            "BROWSER",
            "ｏwner",
            "оwnеr",
            "o w n e r",
            "ΕΝGΙΝΕ",
            "負責人",
            "負 責 人",
            "程式",
            "引擎",
            "系統",
            "System",
        ] {
            assert_eq!(checked_name(reserved), Err(PersonError::NameReserved), "{reserved}");
        }
    }

    #[test]
    fn pins_have_the_digits_of_the_role_and_are_not_the_first_guess() {
        for (role, min) in [(Role::Clerk, 6), (Role::Accountant, 6), (Role::Owner, 8)] {
            let pin = |digits: usize| "274958103664".repeat(2)[..digits].to_owned();
            assert_eq!(check_pin(&pin(min), role), Ok(()));
            assert_eq!(check_pin(&pin(12), role), Ok(()));
            for wrong in [pin(min - 1), pin(13), String::new(), "27495a".into(), "２７４９５８１０".into()]
            {
                assert_eq!(check_pin(&wrong, role), Err(PinError::Digits { min }), "{wrong}");
            }
        }
        for guessed in ["000000", "777777777", "123456", "012345678901", "890123", "987654", "3210987"] {
            assert_eq!(check_pin(guessed, Role::Clerk), Err(PinError::Guessable), "{guessed}");
        }
        for fine in ["123457", "112345", "135790", "121212"] {
            assert_eq!(check_pin(fine, Role::Clerk), Ok(()), "{fine}");
        }
    }

    #[test]
    fn limits_are_the_persons_own_or_the_roles() {
        let person = |role| Person {
            id: PersonId::from_bytes([1; 16]),
            name: "林".into(),
            role,
            ask_max: None,
            approve_max: None,
            retired: false,
            added_at: Moment::from_millis(0),
            recovered_at: None,
            pin_given: None,
            version: 1,
        };
        let limits = |person: &Person| [Right::AskRefund, Right::ApproveRefund].map(|r| person.limit(r));
        assert_eq!(limits(&person(Role::Owner)), [None, None]);
        assert_eq!(limits(&person(Role::Accountant)), [None, Some(Twd::new(30_000))]);
        let own =
            Person { ask_max: Some(Twd::new(5)), approve_max: Some(Twd::new(7)), ..person(Role::Owner) };
        assert_eq!(limits(&own), [Some(Twd::new(5)), Some(Twd::new(7))]);
        assert_eq!(own.limit(Right::Sell), None);
        let changed =
            [LimitChange::Kept, LimitChange::to(None), LimitChange::to(Some(9))].map(|to| to.of(own.ask_max));
        assert_eq!(changed, [own.ask_max, None, Some(Twd::new(9))]);
        let recovered = Person { recovered_at: Some(Moment::from_millis(0)), ..own };
        let day = |n: i64| Moment::from_millis(n * 86_400_000);
        assert!(recovered.was_recovered(day(29)) && !recovered.was_recovered(day(30)));
    }

    /// Whoever has set a PIN can change it as its person too: that shows before a day is over.
    #[test]
    fn whoever_set_a_pin_is_another_hand_until_a_day_after_its_change() {
        let hour = |n: i64| Moment::from_millis(n * 3_600_000);
        let given = |changed: Option<i64>, binds| Person {
            id: PersonId::from_bytes([1; 16]),
            name: "林".into(),
            role: Role::Clerk,
            ask_max: None,
            approve_max: None,
            retired: false,
            added_at: hour(0),
            recovered_at: None,
            pin_given: Some(PinGiven { by: Actor::Owner, at: hour(0), changed_at: changed.map(hour), binds }),
            version: 1,
        };
        let hand = |person: &Person, at| (person.must_change_pin(), person.other_hand(hour(at)).is_some());
        let (kept, changed) = (given(None, true), given(Some(100), true));
        assert_eq!([100, 9_000].map(|at| hand(&kept, at)), [(true, true); 2]);
        assert_eq!(
            [100, 123, 124].map(|at| hand(&changed, at)),
            [(false, true), (false, true), (false, false)]
        );
        assert_eq!((kept.apart_at(), changed.apart_at()), (None, Some(hour(124))));
        for practice in [given(None, false), given(Some(100), false)] {
            assert_eq!((hand(&practice, 100), practice.apart_at()), ((false, false), None));
        }
        let shown = |person: &Person, day: i64| person.is_pin_given(hour(day * 24));
        assert!(shown(&kept, 30), "until it is changed");
        assert!(shown(&changed, 29) && !shown(&changed, 30));
    }
}
