//! The people of the shop: added, limited, retired; and who may do what.
//!
//! Promise: every verb of the engine that a person can ask for begins with [`allowed`], in the
//! function that builds the change, so that no caller can skip it. Left out: what a PIN is and who
//! has signed in (the composition).

use counterfoil_domain::typed::look_alike;
use counterfoil_domain::{
    Actor, Bank, Clocks, Denied, LimitChange, Moment, Now, Person, PersonError, PersonId, Right, Role, Twd,
    rights,
};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{ACCEPTED, AuditHead, AuditLine, AuditReport, Change, PinHash, Store, StoreError};

/// A person to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Made by the composition: the PIN is hashed with it.
    pub id: PersonId,
    /// Checked by `person::checked_name`.
    pub name: String,
    /// See there.
    pub role: Role,
}

/// What happened at the lock of a shop with people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTheLock {
    /// A person has signed in.
    In,
    /// A person has locked the window, or time has.
    Out,
    /// A PIN was wrong.
    Wrong,
    /// A PIN was wrong once too often: the next one is looked at later.
    Locked,
}

impl AtTheLock {
    const fn name(self) -> &'static str {
        match self {
            Self::In => "sign-in",
            Self::Out => "sign-out",
            Self::Wrong => "pin-wrong",
            Self::Locked => "pin-locked",
        }
    }
}

/// In the place of a person whose name nobody has.
const NOBODY: &str = "nobody";

/// May this actor do it now? `amount`: what a limit covers, else zero.
///
/// # Errors
/// [`EngineError::Denied`], or of the store.
pub fn allowed<S: Store>(store: &S, who: Actor, right: Right, amount: Twd) -> Result<(), EngineError> {
    let person = match who {
        Actor::Person(id) => store.person(id)?,
        Actor::Engine | Actor::Browser | Actor::Owner => None,
    };
    Ok(rights::check(who, person.as_ref(), store.has_people()?, right, amount)?)
}

/// Whether an actor may set a person's PIN: one's own always, for whoever has signed in with a PIN
/// that somebody else set can do nothing else.
///
/// # Errors
/// [`EngineError::Denied`], or of the store.
pub fn may_set_pin<S: Store>(store: &S, of: PersonId, who: Actor) -> Result<(), EngineError> {
    match allowed(store, who, Right::Sell, Twd::ZERO) {
        Err(EngineError::Denied(Denied::PinGiven)) if who == Actor::Person(of) => Ok(()),
        Ok(()) if who != Actor::Person(of) => allowed(store, who, Right::People, Twd::ZERO),
        others => others,
    }
}

/// Whether an actor may look at what names customers: anyone who has signed in, and before the shop
/// has people everyone.
///
/// # Errors
/// [`EngineError::Denied`], or of the store.
pub fn may_look<S: Store>(store: &S, who: Actor) -> Result<(), EngineError> {
    // every role has it
    allowed(store, who, Right::Sell, Twd::ZERO)
}

impl<S: Store> Engine<S> {
    pub(crate) fn allowed(&self, who: Actor, right: Right) -> Result<(), EngineError> {
        allowed(&self.store, who, right, Twd::ZERO)
    }

    /// Adds a person. The first one is an owner.
    ///
    /// # Errors
    /// [`EngineError::Person`] with nothing written, [`EngineError::Denied`], or of the store.
    pub fn add_person(
        &mut self,
        now: Now,
        new: NewPerson,
        pin: PinHash,
        who: Actor,
    ) -> Result<Person, EngineError> {
        self.allowed(who, Right::People)?;
        let NewPerson { id, name, role } = new;
        if !self.store.has_people()? && role != Role::Owner {
            return Err(PersonError::FirstIsOwner.into());
        }
        // what the one asked for, the other could approve under a name that looks the same
        match self.store.people()?.into_iter().find(|other| look_alike(&other.name, &name)) {
            Some(Person { retired: true, .. }) => return Err(PersonError::NameRetired.into()),
            Some(_) => return Err(PersonError::NameTaken.into()),
            None => {}
        }
        let clocks = self.clocks(now);
        let at = clocks.at;
        let person = Person {
            id,
            name,
            role,
            ask_max: None,
            approve_max: None,
            retired: false,
            added_at: at,
            recovered_at: None,
            givers: Vec::new(),
            proved: true,
            version: 1,
        };
        // the first owner sets the own PIN
        let person = match who {
            Actor::Person(_) => self.pin_set_by(person, who, clocks, !self.shop.is_practice())?,
            Actor::Owner | Actor::Engine | Actor::Browser => person,
        };
        // the name may be a customer's: only its row holds it
        let audit = AuditLine { who, ..by_engine(at, "people-add", id, role.name()) };
        self.commit(audit, vec![Change::PersonAdded(person.clone(), pin)])?;
        Ok(person)
    }

    /// Changes a person's limits.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn limit_person(
        &mut self,
        now: Now,
        id: PersonId,
        (ask, approve): (LimitChange, LimitChange),
        who: Actor,
    ) -> Result<Person, EngineError> {
        self.allowed(who, Right::People)?;
        let person = proved(self.active(id)?)?;
        let (ask_max, approve_max) = (ask.of(person.ask_max), approve.of(person.approve_max));
        if ask_max.into_iter().chain(approve_max).any(|limit| limit < Twd::ZERO) {
            return Err(PersonError::LimitNegative.into());
        }
        if approve_max.is_some() && person.role < Right::ApproveRefund.least() {
            return Err(PersonError::ApprovesNothing.into());
        }
        let next = Person { ask_max, approve_max, ..person };
        let said = |limit: Option<Twd>| limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
        let detail = format!("ask {} approve {}", said(next.ask_max), said(next.approve_max));
        self.person_is(now, ("people-limits", detail), next, None, who)
    }

    /// Retires a person: done twice is done once.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn retire_person(&mut self, now: Now, id: PersonId, who: Actor) -> Result<Person, EngineError> {
        self.allowed(who, Right::People)?;
        let person = self.person(id)?;
        if person.retired {
            return Ok(person);
        }
        let owners =
            |other: &Person| other.role == Role::Owner && !other.retired && other.proved && other.id != id;
        if person.role == Role::Owner && !self.store.people()?.iter().any(owners) {
            return Err(PersonError::LastOwner.into());
        }
        let next = Person { retired: true, ..person };
        self.person_is(now, ("people-retire", String::new()), next, None, who)
    }

    /// Sets a PIN: one's own, or as an owner that of another person.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn set_pin(
        &mut self,
        now: Now,
        id: PersonId,
        pin: PinHash,
        who: Actor,
    ) -> Result<Person, EngineError> {
        may_set_pin(&self.store, id, who)?;
        let (person, clocks) = (self.active(id)?, self.clocks(now));
        let person = if who == Actor::Person(id) {
            person.pin_changed(clocks)
        } else {
            self.pin_set_by(person, who, clocks, true)?
        };
        self.person_is(now, ("people-pin", String::new()), person, Some(pin), who)
    }

    /// Replaces the lost PIN of an owner. Nobody has signed in: whoever has this computer's account
    /// does it, so it leaves a mark that everyone sees.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn recover_person(&mut self, now: Now, id: PersonId, pin: PinHash) -> Result<Person, EngineError> {
        let person = self.recoverable(id)?;
        let next = self.pin_set_by(person, Actor::Owner, self.clocks(now), true)?;
        let next = Person { recovered_at: Some(self.bank_time(now)), ..next };
        self.person_is(now, ("people-recover", String::new()), next, Some(pin), Actor::Owner)
    }

    /// Records what happened at the lock. Who types a wrong PIN is not known; whose it was is.
    ///
    /// # Errors
    /// Of the store.
    pub fn at_the_lock(
        &mut self,
        now: Now,
        what: AtTheLock,
        of: Option<PersonId>,
    ) -> Result<(), EngineError> {
        let who = match (what, of) {
            (AtTheLock::In | AtTheLock::Out, Some(id)) => Actor::Person(id),
            (AtTheLock::In | AtTheLock::Out, None) | (AtTheLock::Wrong | AtTheLock::Locked, _) => {
                Actor::Engine
            }
        };
        let subject = of.map_or_else(|| NOBODY.to_owned(), |id| id.to_string());
        let person =
            of.filter(|_| what == AtTheLock::In).map(|id| self.store.person(id)).transpose()?.flatten();
        // a change of a given PIN that was made away from the banks
        let dated = person.filter(|person| person.proved).and_then(|person| person.dated(self.clocks(now)));
        let changes = dated.into_iter().map(|person| Change::PersonChanged(person, None)).collect();
        self.commit(AuditLine { who, ..by_engine(self.bank_time(now), what.name(), subject, "") }, changes)
    }

    /// Both clocks, and what has surely passed.
    pub fn clocks(&self, now: Now) -> Clocks {
        let banks = Bank::ALL.into_iter().filter(|bank| self.shop.has(*bank));
        let passed = banks.filter_map(|bank| self.lanes.get(bank).clock.passed(now.mono)).min();
        Clocks { at: self.bank_time(now), mono: now.mono, passed }
    }

    /// Whoever can act as the giver may have set it.
    fn pin_set_by(
        &self,
        person: Person,
        by: Actor,
        clocks: Clocks,
        binds: bool,
    ) -> Result<Person, EngineError> {
        Ok(person.pin_set_by(by, other_hands(&self.store, by, clocks)?, clocks, binds))
    }

    fn person(&self, id: PersonId) -> Result<Person, EngineError> {
        self.store.person(id)?.ok_or(EngineError::NotFound("person"))
    }

    /// An owner who has not left.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn recoverable(&self, id: PersonId) -> Result<Person, EngineError> {
        let person = self.active(id)?;
        if person.role == Role::Owner { Ok(person) } else { Err(PersonError::NoOwner.into()) }
    }

    /// A person who has not left.
    ///
    /// # Errors
    /// As [`Engine::add_person`].
    pub fn active(&self, id: PersonId) -> Result<Person, EngineError> {
        let person = self.person(id)?;
        if person.retired { Err(PersonError::Retired.into()) } else { Ok(person) }
    }

    fn person_is(
        &mut self,
        now: Now,
        (what, detail): (&str, String),
        next: Person,
        pin: Option<PinHash>,
        who: Actor,
    ) -> Result<Person, EngineError> {
        let id = next.id;
        let audit = AuditLine { who, ..by_engine(self.bank_time(now), what, id, detail) };
        self.commit(audit, vec![Change::PersonChanged(next, pin)])?;
        self.person(id)
    }

    /// An owner accepts what the record shows about keys and files that were put back or copied:
    /// this file goes on. The line names each and counts the rows, and later walks list them apart.
    ///
    /// Whoever can write the file can make himself its owner. So nobody accepts anything while the
    /// record does not prove every person.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] without any of these, [`EngineError::Unproved`],
    /// [`EngineError::Denied`], or of the store.
    pub fn accept_record(&mut self, now: Now, report: &AuditReport, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Keys)?;
        let detail = report.acceptance().ok_or(EngineError::NotFound("record"))?;
        if !report.people.is_empty() {
            return Err(EngineError::Unproved(report.people.clone()));
        }
        let at = self.bank_time(now);
        let audit = AuditLine { who, ..by_engine(at, ACCEPTED, &self.shop.name, detail) };
        self.commit(audit, vec![Change::PeopleAccepted])
    }

    /// The vault has held a head that this file does not have: a copy of it goes on elsewhere.
    ///
    /// # Errors
    /// Of the store.
    pub fn record_lost(&mut self, now: Now, head: &AuditHead) -> Result<(), EngineError> {
        let line = head.line(self.bank_time(now));
        self.commit(line, vec![])
    }

    /// Keys of the shop have changed in the vault.
    ///
    /// # Errors
    /// [`EngineError::Denied`], or of the store.
    pub fn keys_changed(&mut self, now: Now, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::Keys)?;
        let at = self.bank_time(now);
        let audit = AuditLine { who, ..by_engine(at, "shop-keys", &self.shop.name, "") };
        self.commit(audit, vec![])
    }
}

/// Who else can act as this actor.
///
/// # Errors
/// Of the store.
pub(crate) fn other_hands<S: Store>(store: &S, who: Actor, now: Clocks) -> Result<Vec<Actor>, StoreError> {
    Ok(match who {
        Actor::Person(id) => store.person(id)?.map_or_else(Vec::new, |person| person.other_hands(now)),
        Actor::Engine | Actor::Browser | Actor::Owner => Vec::new(),
    })
}

/// What another hand may have written is not passed on under the key.
fn proved(person: Person) -> Result<Person, EngineError> {
    if person.proved { Ok(person) } else { Err(EngineError::Unproved(vec![person.name])) }
}

/// The people whose lost PIN was replaced lately, for everyone to see.
///
/// # Errors
/// Of the store.
pub fn recovered<S: Store>(store: &S, at: Moment) -> Result<Vec<Person>, StoreError> {
    Ok(store.people()?.into_iter().filter(|person| !person.retired && person.was_recovered(at)).collect())
}
