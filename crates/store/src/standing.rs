//! Table `standing`: the rows of people that the key proves, and who else may know their PINs.
//!
//! A right rests on a person's row, and each click cannot wait for a walk of the chain. So one row
//! holds the mark of each person's row, as the last commit wrote it, under an HMAC of the same key,
//! and the number of that commit's audit row. The vault keeps this number with the head of the
//! chain. A row that another hand has changed, put in, put back or taken out gives no right, also
//! where it is undone before anybody walks the chain. The same holds for one-person mode in the row
//! of the shop.

use std::collections::BTreeMap;
use std::hash::RandomState;
use std::ops::ControlFlow;

use counterfoil_domain::{Person, PersonId, PinGiven};
use counterfoil_engine::ports::Change;
use counterfoil_engine::shop::ShopRecord;
use rusqlite::{Connection, Result, params};
use serde::{Deserialize, Serialize};

use crate::audit::{Hash, Linked};
use crate::marks::{Mark, PEOPLE, SHOP, Table};
use crate::people::given_by_record;
use crate::rows::one;
use crate::shop;
use crate::verify::{Chain, Counter, each_row, mark_of};

/// What the key proves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The audit row with which a person, or one-person mode, was written last.
    /// 0: there never was a person.
    pub(crate) row: u64,
    people: BTreeMap<PersonId, Stands>,
    shop: Option<Mark>,
    one_person: bool,
}

/// What the key proves about one person.
#[derive(Debug, Serialize, Deserialize)]
struct Stands {
    mark: Mark,
    givers: Vec<PinGiven>,
}

impl Standing {
    /// `None`: the row is not the key's, or is older than one that is known.
    pub(crate) fn load(conn: &Connection, linked: &Linked<'_>, known: u64) -> Result<Option<Self>> {
        const LOAD: &str = "SELECT body, proof FROM standing WHERE one = 1";
        let row = one(conn, LOAD, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Hash>(1)?)))?;
        let proved = row.filter(|(body, proof)| *proof == linked.vouches(body.as_bytes()));
        let standing: Option<Self> = proved.and_then(|(body, _)| serde_json::from_str(&body).ok());
        Ok(standing.filter(|standing| standing.row >= known))
    }

    fn save(&self, conn: &Connection, linked: &Linked<'_>) -> Result<()> {
        const SAVE: &str = "INSERT OR REPLACE INTO standing (one, body, proof) VALUES (1, ?1, ?2)";
        let body = serde_json::to_string(self)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        conn.execute(SAVE, params![body, linked.vouches(body.as_bytes())]).map(drop)
    }

    /// What the chain proves, for a file that has no such row yet, or that an owner has accepted: a
    /// walk over all of it.
    pub(crate) fn build(conn: &Connection, linked: &Linked<'_>) -> Result<Self> {
        let mut goes_on = |_| ControlFlow::Continue(());
        let mut counter = Counter::new(&mut goes_on);
        let Some(chain) = Chain::walk(conn, Some(linked), &RandomState::new(), &mut counter)? else {
            return Ok(Self::default());
        };
        let (row, is_lost) = (chain.walk.count, chain.unproved || linked.keyed.replaces());
        let had_people = chain.people.had_any();
        let mut standing = Self { row: if had_people { row } else { 0 }, ..Self::default() };
        for (id, mark) in chain.people.compared(conn, linked, is_lost)?.proved {
            standing.people.insert(id, Stands { mark, givers: given_by_record(conn, id)? });
        }
        standing.shop = marks(conn, linked, &SHOP)?.pop().map(|(_, mark)| mark);
        // a row of the shop that cannot be read is named by the walk, and gives no right
        standing.one_person = shop::get(conn).ok().flatten().is_some_and(|shop| shop.one_person);
        standing.save(conn, linked)?;
        Ok(standing)
    }

    /// Brings it in line with what a commit has written, whose audit row is `seq`. Returns the
    /// number that is known from then on.
    pub(crate) fn follow(
        conn: &Connection,
        linked: &Linked<'_>,
        known: u64,
        changes: &[Change],
        seq: u64,
    ) -> Result<u64> {
        if changes.iter().any(|change| matches!(change, Change::PeopleAccepted)) {
            return Ok(Self::build(conn, linked)?.row);
        }
        let people: Vec<&Person> = changes.iter().filter_map(person_of).collect();
        let shop = changes.iter().rev().find_map(shop_of);
        if people.is_empty() && shop.is_none() {
            return Ok(known);
        }
        let loaded = Self::load(conn, linked, known)?;
        if people.is_empty() && known > 0 && loaded.is_none() {
            // only a commit about a person proves anyone again
            return Ok(known);
        }
        let mut standing = loaded.unwrap_or_default();
        let marks_now = marks(conn, linked, &PEOPLE)?;
        for person in &people {
            if let Some((_, mark)) = marks_now.iter().find(|(id, _)| id == person.id.as_bytes()) {
                let stands = Stands { mark: *mark, givers: person.givers.clone() };
                standing.people.insert(person.id, stands);
            }
        }
        // another setting of the shop gives no right: a backup from before it is good
        let rights_move =
            !people.is_empty() || shop.is_some_and(|shop| shop.one_person != standing.one_person);
        if let Some(shop) = shop {
            standing.shop = marks(conn, linked, &SHOP)?.pop().map(|(_, mark)| mark);
            standing.one_person = shop.one_person;
        }
        if rights_move && !standing.people.is_empty() {
            standing.row = seq;
        }
        standing.save(conn, linked)?;
        Ok(standing.row)
    }

    /// Whether the row of the shop is proved.
    pub(crate) fn has_shop(&self, conn: &Connection, linked: &Linked<'_>) -> Result<bool> {
        let now = marks(conn, linked, &SHOP)?.pop();
        Ok(now.is_some_and(|(_, mark)| Some(mark) == self.shop))
    }
}

/// The rows of people beside what stands.
#[derive(Default)]
pub(crate) struct Proofs {
    standing: Standing,
    now: Vec<([u8; 16], Mark)>,
}

impl Proofs {
    pub(crate) fn of(conn: &Connection, linked: &Linked<'_>, standing: Standing) -> Result<Self> {
        Ok(Self { standing, now: marks(conn, linked, &PEOPLE)? })
    }

    /// Whether the row of a person is proved.
    pub(crate) fn has(&self, id: PersonId) -> bool {
        let now = self.now.iter().find(|(other, _)| other == id.as_bytes());
        let stands = self.standing.people.get(&id);
        stands.is_some_and(|stands| now.is_some_and(|(_, mark)| *mark == stands.mark))
    }

    /// The hands of a person, where anything proves them.
    pub(crate) fn givers(&self, id: PersonId) -> Option<Vec<PinGiven>> {
        self.standing.people.get(&id).map(|stands| stands.givers.clone())
    }
}

fn person_of(change: &Change) -> Option<&Person> {
    if let Change::PersonAdded(person, _) | Change::PersonChanged(person, _) = change {
        Some(person)
    } else {
        None
    }
}

fn shop_of(change: &Change) -> Option<&ShopRecord> {
    if let Change::ShopAdded(shop) | Change::ShopChanged(shop) = change { Some(shop) } else { None }
}

/// The mark of each row, by its id; of the shop's one row the id is zero.
fn marks(conn: &Connection, linked: &Linked<'_>, table: &Table) -> Result<Vec<([u8; 16], Mark)>> {
    let mut marks = Vec::new();
    each_row(conn, table, "", |row, columns, _| {
        marks.push((row.get(columns).unwrap_or_default(), mark_of(row, columns, table, linked)));
        Ok(true)
    })?;
    Ok(marks)
}
