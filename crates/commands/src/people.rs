//! The people of a shop as screens and scripts see them, and why something about them is refused.

use counterfoil_domain::person::{NAME_CHARS_MAX, PIN_DIGITS_MAX, checked_name};
use counterfoil_domain::typed::trimmed;
use counterfoil_domain::{
    Actor, Denied, Moment, PaymentState, Person, PersonError, PersonId, PinError, Right, Role, Twd, rights,
};
use counterfoil_engine::NewPerson;
use counterfoil_engine::ports::{Store, StoreError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::code::Code;
use crate::error::{CommandError, Exit};
use crate::text::{Language, sentences};
use crate::views::{PaymentView, is_false, time};

/// One of the people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PersonView {
    /// UUID.
    pub person: String,
    /// As typed.
    pub name: String,
    /// What the person may do.
    #[ts(type = "Role")]
    pub role: Role,
    /// The largest refund to ask for, whole dollars; `null`: any.
    #[ts(type = "number | null")]
    pub ask_max: Option<i64>,
    /// The largest refund to approve, whole dollars; `null`: any, if the role approves at all.
    #[ts(type = "number | null")]
    pub approve_max: Option<i64>,
    /// Acts no more.
    pub retired: bool,
    /// A lost PIN was replaced then from this computer's account; shown for 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recovered_at: Option<String>,
    /// Who set the PIN in the person's place; shown until the person has set another, and for 30
    /// days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pin_given_by: Option<String>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pin_given_at: Option<String>,
    /// The PIN was changed a short time ago. Until then who set it and this person count as one
    /// hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pin_apart_at: Option<String>,
    /// The person does nothing more before setting another PIN.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub pin_to_change: bool,
    /// The record does not prove the row: another hand may have changed it. It gives no right until
    /// the person has a new PIN.
    #[serde(skip_serializing_if = "is_false")]
    #[ts(optional, as = "Option<bool>")]
    pub unproved: bool,
}

/// Who is at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WhoView {
    /// Who has signed in; `null`: no one.
    pub person: Option<PersonView>,
    /// The shop has people: without signing in nothing is done.
    pub people: bool,
    /// What whoever is at the counter may do; the rest is refused, offered or not.
    #[ts(type = "Right[]")]
    pub rights: Vec<&'static str>,
    /// Minutes without a key or a touch until the window locks; 0: never.
    pub lock_after_mins: u16,
}

/// A PIN as it was typed. No `Debug`.
#[derive(Deserialize, TS)]
pub struct PinTyped(#[ts(type = "string")] SecretString);

impl From<PinTyped> for SecretString {
    fn from(PinTyped(pin): PinTyped) -> Self {
        pin
    }
}

/// A person as shown at this time.
///
/// # Errors
/// Of the store.
pub fn person_view<S: Store>(store: &S, person: &Person, at: Moment) -> Result<PersonView, CommandError> {
    let limit = |right| person.limit(right).map(Twd::dollars);
    let given = person.pin_given().filter(|_| person.is_pin_given(at));
    Ok(PersonView {
        person: person.id.to_string(),
        name: person.name.clone(),
        role: person.role,
        ask_max: limit(Right::AskRefund),
        approve_max: limit(Right::ApproveRefund),
        retired: person.retired,
        recovered_at: person.recovered_at.filter(|_| person.was_recovered(at)).map(time),
        pin_given_by: given.map(|given| name_of(store, given.by)).transpose()?,
        pin_given_at: given.map(|given| time(given.at)),
        pin_apart_at: person.apart_at().filter(|apart| at < *apart).map(time),
        pin_to_change: person.must_change_pin(),
        unproved: !person.proved,
    })
}

/// All people, in the order in which they were added.
///
/// # Errors
/// Of the store.
pub fn people_rows<S: Store>(store: &S, at: Moment) -> Result<Vec<PersonView>, CommandError> {
    store.people()?.iter().map(|person| person_view(store, person, at)).collect()
}

/// Who is at the counter: `actor` as the session holds it.
///
/// # Errors
/// Of the store.
pub fn who_view<S: Store>(
    store: &S,
    actor: Actor,
    at: Moment,
    lock_after_mins: u16,
) -> Result<WhoView, CommandError> {
    let person = match actor {
        Actor::Person(id) => store.person(id)?.filter(|person| !person.retired),
        Actor::Engine | Actor::Browser | Actor::Owner => None,
    };
    let people = store.has_people()?;
    let may = |right: &Right| rights::check(actor, person.as_ref(), people, *right, Twd::ZERO).is_ok();
    let rights = Right::ALL.into_iter().filter(may).map(Right::name).collect();
    let person = person.map(|person| person_view(store, &person, at)).transpose()?;
    Ok(WhoView { person, people, rights, lock_after_mins })
}

/// The name of whoever acted: of a person the name, of anything else its own.
///
/// # Errors
/// Of the store.
pub(crate) fn name_of<S: Store>(store: &S, who: Actor) -> Result<String, StoreError> {
    let person = match who {
        Actor::Person(id) => store.person(id)?,
        Actor::Engine | Actor::Browser | Actor::Owner => None,
    };
    Ok(person.map_or_else(|| who.name(), |person| person.name))
}

/// The person of this name or id.
///
/// # Errors
/// `not-found`, or of the store.
pub fn person_id<S: Store>(store: &S, typed: &str) -> Result<PersonId, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "person");
    if let Some(id) = PersonId::parse(typed.trim()) {
        return store.person(id)?.map(|person| person.id).ok_or_else(missing);
    }
    store.person_named(trimmed(typed))?.map(|person| person.id).ok_or_else(missing)
}

/// Checks name and role of a new person.
///
/// # Errors
/// `person-name-…`, `person-role`.
pub fn checked_person(id: PersonId, name: &str, role: &str) -> Result<NewPerson, CommandError> {
    let role = Role::parse(role).ok_or_else(|| {
        CommandError::input(Code::PersonRole).with("names", Role::ALL.map(Role::name).join(", "))
    })?;
    Ok(NewPerson { id, name: checked_name(name)?, role })
}

impl From<PersonError> for CommandError {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::NameEmpty => Self::input(Code::PersonNameEmpty),
            PersonError::NameTooLong { chars } => {
                Self::input(Code::PersonNameTooLong).with("chars", chars).with("max", NAME_CHARS_MAX)
            }
            PersonError::NameControl { place } => Self::input(Code::PersonNameControl).with("place", place),
            PersonError::NameReserved => Self::input(Code::PersonNameReserved),
            PersonError::NameTaken => Self::input(Code::PersonNameTaken),
            PersonError::NameRetired => Self::input(Code::PersonNameRetired),
            PersonError::FirstIsOwner => Self::input(Code::PersonFirstIsOwner),
            PersonError::LastOwner => Self::new(Code::PersonLastOwner, Exit::NotAllowed),
            PersonError::Retired => Self::new(Code::PersonRetired, Exit::NotAllowed),
            PersonError::LimitNegative => Self::input(Code::PersonLimitNegative),
            PersonError::ApprovesNothing => Self::input(Code::PersonApprovesNothing),
            PersonError::NoOwner => Self::new(Code::PersonNoOwner, Exit::NotAllowed),
        }
    }
}

impl From<PinError> for CommandError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Digits { min } => {
                Self::input(Code::PinDigits).with("min", min).with("max", PIN_DIGITS_MAX)
            }
            PinError::Guessable => Self::input(Code::PinGuessable),
        }
    }
}

impl From<Denied> for CommandError {
    fn from(denied: Denied) -> Self {
        let refused = |code| Self::new(code, Exit::NotAllowed);
        match denied {
            // whoever signed in may be gone from the file: sign in again
            Denied::SignedOut | Denied::Unknown => refused(Code::Locked),
            Denied::NotAPerson => refused(Code::NotAllowed).with("what", "--as"),
            Denied::Unproved => refused(Code::PersonUnproved),
            Denied::Retired => refused(Code::PersonRetired),
            Denied::PinGiven => refused(Code::PinToChange),
            Denied::Role { role, right } => {
                let least = right.least();
                let [role_zh, role_en] = role_text(role);
                let [least_zh, least_en] = role_text(least);
                let error = refused(Code::RoleMayNot).with("role", role.name()).with("right", right.name());
                error
                    .with("role_zh", role_zh)
                    .with("role_en", role_en)
                    .with("least_zh", least_zh)
                    .with("least_en", least_en)
            }
            Denied::AboveLimit { right, limit } => {
                refused(Code::AboveLimitOfPerson).with("right", right.name()).with("limit", limit.to_string())
            }
        }
    }
}

/// What a locked window is told of news: neither who paid nor how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ArrivedView {
    /// UUID.
    pub payment: String,
    /// How far it is.
    #[ts(type = "PaymentState")]
    pub state: PaymentState,
    /// It was paid after its end.
    pub late: bool,
}

impl From<&PaymentView> for ArrivedView {
    fn from(of: &PaymentView) -> Self {
        Self { payment: of.payment.clone(), state: of.state, late: of.late }
    }
}

/// A role in words, zh-TW and English.
fn role_text(role: Role) -> [String; 2] {
    let key = format!("named-role-{}", role.name());
    Language::ALL.map(|language| sentences(language).get(&key).cloned().unwrap_or_else(|| key.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a role may not do ends with 7, and says who may.
    #[test]
    fn a_refusal_names_the_role_that_may() {
        let denied = Denied::Role { role: Role::Clerk, right: Right::Keys };
        let error = CommandError::from(denied);
        assert_eq!((error.code, error.exit.status()), (Code::RoleMayNot, 7));
        let said = error.message();
        assert!(said.contains("店員") && said.contains("負責人") && !said.contains('{'), "{said}");
        assert!(said.contains("clerk") && said.contains("owner"), "{said}");
        for denied in [
            Denied::SignedOut,
            Denied::NotAPerson,
            Denied::Unknown,
            Denied::Unproved,
            Denied::Retired,
            Denied::PinGiven,
        ] {
            assert_eq!(CommandError::from(denied).exit, Exit::NotAllowed);
        }
    }
}
