//! Table `people`: who works at the shop. Added, changed by one version at a time, and retired;
//! never renamed, never deleted. No two share the key of a name, also after one has left.

use counterfoil_domain::typed::key;
use counterfoil_domain::{Actor, Person, PersonId, PinChanged, PinGiven, Role};
use counterfoil_engine::ports::PinHash;
use rusqlite::{Connection, Result, Row, params};

use crate::rows::{Columns, ROWS_MAX, all, cells, one};
use crate::shop;
use crate::standing::Proofs;
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "person-added",
    sql: "INSERT INTO people (id, name, role, ask_max, approve_max, retired, added_at, recovered_at, version, pin, key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
};

/// Without a new PIN the old one stays.
const CHANGE: Statement = Statement {
    name: "person-changed",
    sql:
        "UPDATE people SET ask_max = ?4, approve_max = ?5, retired = ?6, recovered_at = ?8, version = ?9 + 1,
            pin = ifnull(?10, pin)
        WHERE id = ?1 AND name = ?2 AND role = ?3 AND added_at = ?7 AND version = ?9 AND ifnull(key, ?11) = ?11",
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, role, ask_max, approve_max, retired, added_at, recovered_at, version FROM people ",
            $rest
        )
    };
}

pub(crate) fn add(writer: &mut Writer<'_>, person: &Person, pin: &PinHash) -> Result<(), Fault> {
    write(writer, &ADD, person, Some(pin)).map(drop)
}

pub(crate) fn change(writer: &mut Writer<'_>, person: &Person, pin: Option<&PinHash>) -> Result<(), Fault> {
    if write(writer, &CHANGE, person, pin)? == 1 { Ok(()) } else { Err(Fault::Conflict) }
}

fn write(
    writer: &mut Writer<'_>,
    statement: &Statement,
    person: &Person,
    pin: Option<&PinHash>,
) -> Result<usize, Fault> {
    let Person { id, name, role, ask_max, approve_max, retired, added_at, recovered_at, version, .. } =
        person;
    let key = key(name);
    let cells = cells![
        id.as_bytes(),
        name,
        role.name(),
        *ask_max,
        *approve_max,
        *retired,
        *added_at,
        *recovered_at,
        *version,
        pin.map(PinHash::as_str),
        &key,
    ];
    writer.run(statement, cells)
}

pub(crate) fn get(conn: &Connection, proofs: &Proofs, id: PersonId) -> Result<Option<Person>> {
    let person = one(conn, select!("WHERE id = ?1"), [id.as_bytes()], read)?;
    person.map(|person| with_proof(conn, proofs, person)).transpose()
}

/// Who bears a name, or one that looks like it; a retired person too. In older files two may: then
/// who is active, and whose name it is to the letter.
pub(crate) fn named(conn: &Connection, proofs: &Proofs, name: &str) -> Result<Option<Person>> {
    const NAMED: &str =
        select!("WHERE key = ?2 OR name = ?1 ORDER BY retired, name = ?1 DESC, added_at DESC LIMIT 1");
    let person = one(conn, NAMED, [name, &key(name)], read)?;
    person.map(|person| with_proof(conn, proofs, person)).transpose()
}

/// Retired ones too, in the order in which they came.
pub(crate) fn list(conn: &Connection, proofs: &Proofs) -> Result<Vec<Person>> {
    let people = all(conn, select!("ORDER BY added_at, id LIMIT ?1"), [ROWS_MAX], read)?;
    people.into_iter().map(|person| with_proof(conn, proofs, person)).collect()
}

fn with_proof(conn: &Connection, proofs: &Proofs, person: Person) -> Result<Person> {
    let proved = proofs.has(person.id);
    let givers = proofs.givers(person.id).map_or_else(|| given_by_record(conn, person.id), Ok)?;
    Ok(Person { givers, proved, ..person })
}

/// Who else has set the PIN of a person, and when the person has set another since, by the lines of
/// a file in which nothing stands yet.
pub(crate) fn given_by_record(conn: &Connection, id: PersonId) -> Result<Vec<PinGiven>> {
    // the first owner of a shop sets the own PIN
    const GIVEN: &str = "SELECT seq, who, at, what FROM audit WHERE counter = 1
            AND who NOT IN ('engine', 'browser') AND who <> ?1 AND subject = ?1
            AND (what IN ('people-pin', 'people-recover') OR what = 'people-add' AND who <> 'owner')
        ORDER BY seq DESC LIMIT 1";
    const CHANGED: &str = "SELECT at FROM audit WHERE counter = 1
            AND who NOT IN ('engine', 'browser') AND who = ?1 AND subject = ?1
            AND what = 'people-pin' AND seq > ?2
        ORDER BY seq LIMIT 1";
    let id = id.to_string();
    let given = one(conn, GIVEN, [&id], |row| {
        let mut columns = Columns::of(row);
        let seq: i64 = columns.get()?;
        Ok((seq, columns.name(Actor::parse)?, columns.moment()?, columns.get::<String>()?))
    })?;
    let Some((seq, by, at, what)) = given else { return Ok(Vec::new()) };
    let changed_at = one(conn, CHANGED, params![id, seq], |row| Columns::of(row).moment())?;
    let practice = || shop::get(conn).map(|shop| shop.is_some_and(|shop| shop.is_practice()));
    let binds = what != "people-add" || !practice()?;
    let changed = changed_at.map(|at| PinChanged { at, mono: None, sure: true });
    Ok(vec![PinGiven { by, at, changed, binds }])
}

pub(crate) fn exist(conn: &Connection) -> Result<bool> {
    Ok(one(conn, "SELECT 1 FROM people LIMIT 1", [], |_| Ok(()))?.is_some())
}

/// Of a row that is proved: any other hash may be of a PIN that another hand knows.
pub(crate) fn pin(conn: &Connection, proofs: &Proofs, id: PersonId) -> Result<Option<PinHash>> {
    if !proofs.has(id) {
        return Ok(None);
    }
    let read = |row: &Row<'_>| Columns::of(row).get::<String>().map(PinHash::new);
    one(conn, "SELECT pin FROM people WHERE id = ?1", [id.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Person> {
    let mut columns = Columns::of(row);
    Ok(Person {
        id: columns.id(PersonId::from_bytes)?,
        name: columns.get()?,
        role: columns.name(Role::parse)?,
        ask_max: columns.twd_or_none()?,
        approve_max: columns.twd_or_none()?,
        retired: columns.get()?,
        added_at: columns.moment()?,
        recovered_at: columns.moment_or_none()?,
        givers: Vec::new(),
        proved: false,
        version: columns.get()?,
    })
}
