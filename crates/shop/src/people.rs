//! People: signing in by PIN, and what an owner does with people.
//!
//! Promises: every try is counted in the vault before its PIN is compared, one at a time, so that
//! neither a crash nor many programs at once give free tries. A name that does not exist takes the
//! same way as a wrong PIN and gets the same answer. Left out: who has signed in, which the window
//! holds and the command line asks for each time.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::sync::{Mutex, MutexGuard, PoisonError};

use counterfoil_commands::{AuditAsked, AuditPage, Code, CommandError, Exit, PersonView, WhoView};
use counterfoil_domain::person::check_pin;
use counterfoil_domain::{Actor, Denied, LimitChange, Mono, Person, PersonId, Right, Role, Tries, Twd};
use counterfoil_engine::ports::{Entropy, PinHash, Store, Vault, VaultError};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_engine::{AtTheLock, NewPerson};
use counterfoil_vault::{Pepper, TriesKept, keep_untold, open_pepper, pepper_or};
use secrecy::{ExposeSecret, SecretString};

use crate::clock::SinceBoot;
use crate::compose::{open_reader, open_vault, vault_entry};
use crate::composition::{Composition, VaultChoice, default_data_folder};
use crate::entropy::OsEntropy;
use crate::record::{entry, open_proved};
use crate::run_loop::Desk;

/// Held while a try is counted and compared.
const LOCK_FILE: &str = "people.lock";

/// For whom the PIN of a name that does not exist is compared.
const NO_ONE: PersonId = PersonId::from_bytes([0; 16]);

/// A new PIN, to be given to a person.
pub struct NewPin {
    /// Whose: hashed along.
    pub person: PersonId,
    /// As it is kept.
    pub hash: PinHash,
}

/// Whether the shop has people. Where there is no data file there are none. Of an older one nobody
/// can tell before it is brought up to date; then the engine asks again, and refuses the nameless.
/// A table without people is believed only where the vault knows of none.
///
/// # Errors
/// `record-people-gone`, the vault, or the data file.
pub fn has_people(from: &Composition) -> Result<bool, CommandError> {
    match open_reader(&from.data) {
        Ok(store) if store.has_people()? => Ok(true),
        Ok(_) if open_proved(from)?.has_people()? => {
            Err(CommandError::new(Code::RecordPeopleGone, Exit::Storage))
        }
        Ok(_) => Ok(false),
        Err(error) if matches!(error.code, Code::NoShop | Code::FileOlder) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Signs a person in. Asks the keyring and takes a while: not at the desk.
///
/// # Errors
/// `pin-wrong`, `pin-locked`, `pin-missing`, the vault, or the data file.
pub fn sign_in(from: &Composition, name: &str, pin: &SecretString) -> Result<Actor, CommandError> {
    if pin.expose_secret().is_empty() {
        return Err(CommandError::new(Code::PinMissing, Exit::NotAllowed));
    }
    let store = open_proved(from)?;
    let shop = shop_of(&store)?;
    let people: Vec<String> =
        store.people()?.iter().filter(|p| !p.retired).map(|p| p.id.to_string()).collect();
    let _one_at_a_time = lock(from)?;
    let mut vault = open_vault(&from.vault)?;
    let entry = vault_entry(&shop);
    let pepper = open_pepper(vault.as_ref(), &entry)?;
    let mut kept = TriesKept::of(vault.as_mut(), &entry, &pepper);
    let person = active(&store, name)?;
    if person.as_ref().is_some_and(|person| !person.proved) {
        return Err(Denied::Unproved.into());
    }
    let id = person.as_ref().map_or(NO_ONE, |person| person.id);
    let name = counted_as(person.as_ref());
    let hash = store.pin_of(id)?;
    let compare = || pepper.is_pin(id, pin, hash.as_ref());
    counted(&mut kept, &mut Waits::of_this_run(), (&name, &people), SinceBoot::now(), compare)?;
    Ok(Actor::Person(id))
}

/// Keeps a wrong PIN for the record, which another program has open: the next one that opens it
/// writes the line, with the time of the try.
///
/// # Errors
/// The vault, or the data file.
pub fn leave_wrong_pin(from: &Composition, name: &str, why: &CommandError) -> Result<(), CommandError> {
    let store = open_reader(&from.data)?;
    let _one_at_a_time = lock(from)?;
    let of = active(&store, name)?.map_or_else(|| "nobody".to_owned(), |person| person.id.to_string());
    let is_last = why.values.get("left").is_some_and(|left| *left == 0);
    let what = if is_last { "pin-locked" } else { "pin-wrong" };
    let line = format!("{what} {of} {}", from.clock.wall());
    Ok(keep_untold(open_vault(&from.vault)?.as_mut(), &entry(&store)?, &line)?)
}

fn active<S: Store>(store: &S, name: &str) -> Result<Option<Person>, CommandError> {
    Ok(store.person_named(name)?.filter(|person| !person.retired))
}

/// A person's tries are counted together, however the name is written, and whatever another hand
/// makes of it in a copy: the id is what the PIN's hash covers. All names that are no person's are
/// counted as one, which is nobody's: made-up names take one place and push nobody out.
fn counted_as(person: Option<&Person>) -> String {
    person.map_or_else(String::new, |person| person.id.to_string())
}

/// Counts a try, then compares, then forgets the tries of who was right.
fn counted(
    kept: &mut TriesKept<'_>,
    waits: &mut Waits,
    (name, people): (&str, &[String]),
    now: SinceBoot,
    compare: impl FnOnce() -> Result<bool, VaultError>,
) -> Result<(), CommandError> {
    let refused = |code| CommandError::new(code, Exit::NotAllowed);
    let tries = kept.get(name)?;
    let locked_ms = waits.locked_ms(name, tries, now);
    if locked_ms > 0 {
        if let Some(undated) = tries.filter(|tries| tries.at.is_none() && now.known) {
            // the wait begins where its time is known first
            kept.set(name, Some(Tries { at: now.sure(), ..undated }), people)?;
        }
        return Err(refused(Code::PinLocked).with("seconds", seconds(locked_ms)));
    }
    let tries = Tries::one_more(tries, now.sure());
    kept.set(name, Some(tries), people)?;
    waits.locked_ms(name, Some(tries), now);
    if !compare()? {
        return Err(refused(Code::PinWrong).with("left", tries.left()));
    }
    Ok(kept.set(name, None, people)?)
}

/// Seconds until a PIN is looked at again under this name; 0: now. Asks the keyring: not at the
/// desk.
///
/// # Errors
/// The vault, or the data file.
pub fn pin_wait_s(from: &Composition, name: &str) -> Result<i64, CommandError> {
    let store = open_reader(&from.data)?;
    let shop = shop_of(&store)?;
    let mut vault = open_vault(&from.vault)?;
    let entry = vault_entry(&shop);
    let pepper = open_pepper(vault.as_ref(), &entry)?;
    let name = counted_as(active(&store, name)?.as_ref());
    let tries = TriesKept::of(vault.as_mut(), &entry, &pepper).get(&name)?;
    Ok(seconds(Waits::of_this_run().locked_ms(&name, tries, SinceBoot::now())))
}

/// How long this run has known each count of wrong PINs, for where nothing else tells the time.
#[derive(Default)]
struct Waits(BTreeMap<String, (u32, Mono)>);

impl Waits {
    fn of_this_run() -> MutexGuard<'static, Self> {
        static WAITS: Mutex<Waits> = Mutex::new(Waits(BTreeMap::new()));
        // what a thread that panicked has left is as good as it was
        WAITS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds until a PIN is looked at under this name.
    fn locked_ms(&mut self, name: &str, tries: Option<Tries>, now: SinceBoot) -> i64 {
        let Some(tries) = tries else {
            self.0.remove(name);
            return 0;
        };
        let known = self.0.entry(name.to_owned()).or_insert((tries.wrong, now.at));
        if known.0 != tries.wrong {
            *known = (tries.wrong, now.at);
        }
        tries.locked_ms(now.sure(), now.at.ms_since(known.1))
    }
}

/// A second that has begun is shown as one.
const fn seconds(ms: i64) -> i64 {
    ms.saturating_add(999) / 1000
}

/// Hashes the PIN of a new person.
///
/// # Errors
/// `pin-digits`, `pin-guessable`, `pin-missing`, the vault, or the data file.
pub fn new_pin(from: &Composition, role: Role, pin: &SecretString) -> Result<NewPin, CommandError> {
    let store = open_reader(&from.data)?;
    let person = PersonId::from_random(random());
    // a pepper that is missing though there are people was lost: their PINs are not valid any more
    hashed(from, &shop_of(&store)?, (person, role), pin, !store.has_people()?)
}

/// Hashes another PIN of a person. One's own differs from the one before, which somebody else may
/// know; of another's nobody is told whether it does.
///
/// # Errors
/// As above, `pin-same`.
pub fn other_pin(
    from: &Composition,
    id: PersonId,
    pin: &SecretString,
    who: Actor,
) -> Result<NewPin, CommandError> {
    let store = open_proved(from)?;
    let (shop, role) = (shop_of(&store)?, role_of(&store, id)?);
    let new = hashed(from, &shop, (id, role), pin, false)?;
    if who == Actor::Person(id) {
        let pepper = open_pepper(open_vault(&from.vault)?.as_ref(), &vault_entry(&shop))?;
        if pepper.is_pin(id, pin, store.pin_of(id)?.as_ref())? {
            return Err(CommandError::input(Code::PinSame));
        }
    }
    Ok(new)
}

/// The same for an owner whose PIN is lost. Where the keyring was lost too, a new pepper is made:
/// whoever has this computer's account could do that anyway.
///
/// # Errors
/// As above.
pub fn recovered_pin(from: &Composition, id: PersonId, pin: &SecretString) -> Result<NewPin, CommandError> {
    let store = open_reader(&from.data)?;
    let role = role_of(&store, id)?;
    hashed(from, &shop_of(&store)?, (id, role), pin, true)
}

fn shop_of<S: Store>(store: &S) -> Result<ShopRecord, CommandError> {
    store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))
}

fn role_of<S: Store>(store: &S, id: PersonId) -> Result<Role, CommandError> {
    let missing = || CommandError::input(Code::NotFound).with("what", "person");
    Ok(store.person(id)?.ok_or_else(missing)?.role)
}

fn hashed(
    from: &Composition,
    shop: &ShopRecord,
    (person, role): (PersonId, Role),
    pin: &SecretString,
    make: bool,
) -> Result<NewPin, CommandError> {
    if pin.expose_secret().is_empty() {
        return Err(CommandError::input(Code::PinMissing));
    }
    check_pin(pin.expose_secret(), role)?;
    let mut vault = open_vault(&from.vault)?;
    let pepper = pepper(vault.as_mut(), shop, make)?;
    Ok(NewPin { person, hash: pepper.hash(person, pin, random())? })
}

fn pepper(vault: &mut dyn Vault, shop: &ShopRecord, make: bool) -> Result<Pepper, CommandError> {
    let entry = vault_entry(shop);
    let opened = if make { pepper_or(vault, &entry, random()) } else { open_pepper(vault, &entry) };
    Ok(opened?)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsEntropy.fill(&mut bytes);
    bytes
}

/// Ends with the file that it returns. It lies beside the vault, which counts the tries: copies of
/// a shop's folder take turns too.
fn lock(from: &Composition) -> Result<File, CommandError> {
    let taken = || {
        let path = match &from.vault {
            VaultChoice::File(vault) => vault.with_added_extension(LOCK_FILE),
            VaultChoice::Os => {
                std::fs::create_dir_all(default_data_folder())?;
                default_data_folder().join(LOCK_FILE)
            }
            VaultChoice::Memory(_) => from.data.join(LOCK_FILE),
        };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    taken().map_err(|error| CommandError::of_system(&error))
}

impl Desk {
    /// Records that a person has signed in, or that a PIN was wrong. A try while it is locked is no
    /// try, and leaves nothing. A file that takes nothing keeps nobody out.
    pub fn signed_in(&mut self, name: &str, done: &Result<Actor, CommandError>) {
        let (what, of) = match done {
            Ok(Actor::Person(id)) => (AtTheLock::In, Some(*id)),
            Err(why) if why.code == Code::PinWrong => {
                let is_last = why.values.get("left").is_some_and(|left| *left == 0);
                let of = active(self.engine.store(), name).ok().flatten().map(|person| person.id);
                (if is_last { AtTheLock::Locked } else { AtTheLock::Wrong }, of)
            }
            Ok(Actor::Engine | Actor::Browser | Actor::Owner) | Err(_) => return,
        };
        drop(self.engine.at_the_lock(self.from.clock.now(), what, of));
    }

    /// Records that the window was locked under a person.
    pub fn signed_out(&mut self, who: Actor) {
        if let Actor::Person(id) = who {
            drop(self.engine.at_the_lock(self.from.clock.now(), AtTheLock::Out, Some(id)));
        }
    }

    /// Whether whoever is at the counter may see what names customers.
    ///
    /// # Errors
    /// `locked`, `person-retired`.
    pub fn may_look(&self, who: Actor) -> Result<(), CommandError> {
        Ok(counterfoil_engine::may_look(self.engine.store(), who)?)
    }

    /// Whether this actor may set a person's PIN, for what begins away from the desk.
    ///
    /// # Errors
    /// `locked`, `role-may-not`, `person-retired`.
    pub fn may_set_pin(&self, of: PersonId, who: Actor) -> Result<(), CommandError> {
        Ok(counterfoil_engine::may_set_pin(self.engine.store(), of, who)?)
    }

    /// Whether this actor has signed in, also with a PIN that is to be changed first.
    ///
    /// # Errors
    /// `locked`, `person-retired`.
    pub fn may_stay(&self, who: Actor) -> Result<(), CommandError> {
        match who {
            Actor::Person(id) => self.may_set_pin(id, who),
            Actor::Engine | Actor::Browser | Actor::Owner => self.may_look(who),
        }
    }

    /// Whether this actor may do it, for what begins away from the desk.
    ///
    /// # Errors
    /// `locked`, `role-may-not`, `person-retired`.
    pub fn allowed(&self, who: Actor, right: Right) -> Result<(), CommandError> {
        Ok(counterfoil_engine::allowed(self.engine.store(), who, right, Twd::ZERO)?)
    }

    /// A page of the audit record, for who may export it.
    ///
    /// # Errors
    /// `locked`, `role-may-not`, `filter-day`, `filter-days`, or the data file.
    pub fn audit(
        &self,
        filter: &AuditAsked,
        before: Option<u64>,
        who: Actor,
    ) -> Result<AuditPage, CommandError> {
        self.allowed(who, Right::ExportAudit)?;
        counterfoil_commands::audit_page(self.engine.store(), filter, before, self.bank_time())
    }

    /// Who is at the counter.
    ///
    /// # Errors
    /// Of the data file.
    pub fn who(&self, actor: Actor) -> Result<WhoView, CommandError> {
        let mins = self.engine.shop().lock_after_mins;
        counterfoil_commands::who_view(self.engine.store(), actor, self.bank_time(), mins)
    }

    /// All people.
    ///
    /// # Errors
    /// Of the data file.
    pub fn people(&self) -> Result<Vec<PersonView>, CommandError> {
        counterfoil_commands::people_rows(self.engine.store(), self.bank_time())
    }

    /// Adds a person.
    ///
    /// # Errors
    /// `person-…`, `role-may-not`, or the data file.
    pub fn add_person(
        &mut self,
        name: &str,
        role: &str,
        NewPin { person, hash }: NewPin,
        who: Actor,
    ) -> Result<PersonView, CommandError> {
        let new: NewPerson = counterfoil_commands::checked_person(person, name, role)?;
        let added = self.engine.add_person(self.from.clock.now(), new, hash, who)?;
        self.shown(&added)
    }

    /// Changes a person's limits.
    ///
    /// # Errors
    /// As above.
    pub fn limit_person(
        &mut self,
        person: &str,
        limits: (LimitChange, LimitChange),
        who: Actor,
    ) -> Result<PersonView, CommandError> {
        let id = self.person(person)?;
        let limited = self.engine.limit_person(self.from.clock.now(), id, limits, who)?;
        self.shown(&limited)
    }

    /// Retires a person.
    ///
    /// # Errors
    /// As above.
    pub fn retire_person(&mut self, person: &str, who: Actor) -> Result<PersonView, CommandError> {
        let id = self.person(person)?;
        let retired = self.engine.retire_person(self.from.clock.now(), id, who)?;
        self.shown(&retired)
    }

    /// Sets a person's PIN: one's own, or as an owner another's.
    ///
    /// # Errors
    /// As above.
    pub fn set_pin(
        &mut self,
        NewPin { person, hash }: NewPin,
        who: Actor,
    ) -> Result<PersonView, CommandError> {
        self.may_set_pin(person, who)?;
        self.forget_tries(&self.engine.active(person)?)?;
        let changed = self.engine.set_pin(self.from.clock.now(), person, hash, who)?;
        self.shown(&changed)
    }

    /// Replaces an owner's lost PIN, with a mark for everyone to see.
    ///
    /// # Errors
    /// `person-no-owner`, `person-retired`, or the data file.
    pub fn recover_person(&mut self, NewPin { person, hash }: NewPin) -> Result<PersonView, CommandError> {
        self.forget_tries(&self.engine.recoverable(person)?)?;
        let recovered = self.engine.recover_person(self.from.clock.now(), person, hash)?;
        self.shown(&recovered)
    }

    /// Switches one-person mode.
    ///
    /// # Errors
    /// `role-may-not`, or the data file.
    pub fn set_one_person(&mut self, on: bool, who: Actor) -> Result<(), CommandError> {
        let to = ShopRecord { one_person: on, ..self.engine.shop().clone() };
        Ok(self.engine.change_settings(self.from.clock.now(), to, who)?)
    }

    /// The id of the person of this name or id.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn person(&self, typed: &str) -> Result<PersonId, CommandError> {
        counterfoil_commands::person_id(self.engine.store(), typed)
    }

    /// With a new PIN. Before it is in the file: where the vault takes no writes, nothing changes.
    fn forget_tries(&self, person: &Person) -> Result<(), CommandError> {
        let _one_at_a_time = lock(&self.from)?;
        let mut vault = open_vault(&self.from.vault)?;
        let entry = vault_entry(self.engine.shop());
        let pepper = open_pepper(vault.as_ref(), &entry)?;
        Ok(TriesKept::of(vault.as_mut(), &entry, &pepper).set(&counted_as(Some(person)), None, &[])?)
    }

    fn shown(&self, person: &Person) -> Result<PersonView, CommandError> {
        counterfoil_commands::person_view(self.engine.store(), person, self.bank_time())
    }
}

#[cfg(test)]
mod tests;
