//! Whether the rows that a refund rests on are what the chain says.
//!
//! A hand that changes a row, has something decided, and changes it back leaves rows that fit the
//! chain. So the rows are proved where a decision reads them, in the transaction that writes it.
//! The first decision of a run walks the chain, each later one goes on from there. A program that
//! stays open has another thread walk ahead: a person's key waits for no walk.
//!
//! Tables of refunds are compared whole, so that none can be hidden. Of the large tables the rows
//! of the payment are proved, and the table has as many rows as the chain says. A row that was
//! made out of one that was not proved is not proved either.
//!
//! A file that was put back is right in itself, and lacks what was decided since. So nothing is
//! decided in it until an owner has accepted it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use counterfoil_domain::PaymentId;
use counterfoil_engine::ports::{AuditHead, Finding};
use rusqlite::{Connection, Result};

use crate::audit::{self, Fits, Linked, WALK_ON, Walk};
use crate::marks::{MARKED, Moved, Table};
use crate::rows::one;
use crate::verify::{accepted_at, each_row_of, lost_at, mark_of, marks_of};

/// Where a row names its payment; of `None` every row counts.
const RESTS_ON: [(&str, Option<&str>); 8] = [
    ("payments", Some("id")),
    ("operations", Some("payment_id")),
    ("cards", Some("payment_id")),
    ("captures", Some("payment_id")),
    ("charges", Some("payment_id")),
    ("refunds", None),
    ("refunds_booked", None),
    ("refunds_unbooked", None),
];

/// What a decision may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Every row is what the chain says.
    Proved,
    /// One is not.
    Unproved,
    /// The file was put back, and nobody has accepted it.
    PutBack,
}

/// What the chain says of these tables, as far as it was walked.
pub(crate) struct Witness {
    walk: Walk,
    random: RandomState,
    /// The rows by table, each as a hash of its mark.
    rows: HashMap<u8, HashSet<u64>>,
    broken: bool,
    /// Heads that a program missed when it opened the file, and what an owner has accepted.
    lost: Vec<AuditHead>,
    accepted: HashSet<String>,
}

impl Witness {
    pub(crate) fn new() -> Self {
        Self {
            walk: Walk::new(),
            random: RandomState::new(),
            rows: HashMap::new(),
            broken: false,
            lost: Vec::new(),
            accepted: HashSet::new(),
        }
    }

    /// What a walk of its own has shown, as of one moment.
    pub(crate) fn walked(conn: &Connection, linked: &Linked<'_>) -> Result<Self> {
        let (snapshot, mut witness) = (conn.unchecked_transaction()?, Self::new());
        witness.follow(&snapshot, linked)?;
        Ok(witness)
    }

    /// Goes on to the end of the chain.
    fn follow(&mut self, conn: &Connection, linked: &Linked<'_>) -> Result<()> {
        let end = self.walk.head_as_kept();
        self.broken |= !audit::holds(conn, &end)?;
        let mut statement = conn.prepare_cached(WALK_ON)?;
        let mut rows = statement.query([i64::try_from(self.walk.count).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            self.lost.extend(lost_at(row)?);
            match self.walk.take(row, Some(linked))? {
                Fits::Keyed => self.accepted.extend(accepted_at(row)?),
                Fits::Plain => {}
                // its key is lost: a later row sealed what it found
                Fits::Unproved => continue,
                Fits::Not => self.broken = true,
            }
            let moved: Vec<Moved> = marks_of(row)?.filter(|moved| rests_on(moved.table)).collect();
            self.take(&moved);
        }
        Ok(())
    }

    /// The marks of one commit.
    fn take(&mut self, moved: &[Moved]) {
        let mut tainted = HashSet::new();
        for Moved { table, mark, .. } in moved.iter().filter(|moved| moved.removed) {
            let hash = self.random.hash_one(mark);
            if !self.rows.entry(*table).or_default().remove(&hash) {
                tainted.insert(*table);
            }
        }
        for Moved { table, mark, .. } in moved.iter().filter(|moved| !moved.removed) {
            if !tainted.contains(table) {
                self.rows.entry(*table).or_default().insert(self.random.hash_one(mark));
            }
        }
    }

    /// Whether every row that a refund of this payment rests on is what the chain says.
    pub(crate) fn proves(
        &mut self,
        conn: &Connection,
        linked: &Linked<'_>,
        payment: PaymentId,
    ) -> Result<Proof> {
        self.follow(conn, linked)?;
        if self.broken {
            return Ok(Proof::Unproved);
        }
        for (name, column) in RESTS_ON {
            let Some(table) = MARKED.iter().find(|table| table.name == name) else {
                return Ok(Proof::Unproved);
            };
            if !self.proves_table(conn, linked, table, column.map(|column| (column, payment)))? {
                return Ok(Proof::Unproved);
            }
        }
        for head in &self.lost {
            let is_accepted =
                Finding::Cut(head.clone()).acceptable().is_some_and(|it| self.accepted.contains(&it));
            if !is_accepted && !audit::holds(conn, head)? {
                return Ok(Proof::PutBack);
            }
        }
        Ok(Proof::Proved)
    }

    fn proves_table(
        &self,
        conn: &Connection,
        linked: &Linked<'_>,
        table: &Table,
        of: Option<(&str, PaymentId)>,
    ) -> Result<bool> {
        let none = HashSet::new();
        let said = self.rows.get(&table.number()).unwrap_or(&none);
        // names of the schema, not a person's
        let count: i64 =
            one(conn, &["SELECT count(*) FROM ", table.name].concat(), [], |row| row.get(0))?.unwrap_or(0);
        if usize::try_from(count) != Ok(said.len()) {
            return Ok(false);
        }
        let wanted = of.map(|(column, id)| (column, *id.as_bytes()));
        each_row_of(conn, table, "", wanted, |row, columns, _| {
            Ok(said.contains(&self.random.hash_one(mark_of(row, columns, table, linked))))
        })
    }
}

fn rests_on(number: u8) -> bool {
    MARKED
        .iter()
        .any(|table| table.number() == number && RESTS_ON.iter().any(|(name, _)| *name == table.name))
}
