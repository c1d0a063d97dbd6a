//! Marks of rows: what the audit chain knows about the content of the tables.
//!
//! A mark is the first half of the HMAC-SHA256 over a table's number and every column of a row.
//! A commit leaves in its audit row the mark of each row that it added, and of each row that it
//! changed the mark before and after. So the chain names the exact content of every table, and a
//! table needs no column for it.
//!
//! The marks are made in one place: by triggers of this connection alone, after each insert, update
//! and delete of a table in [`MARKED`]. So no statement can forget them. A test compares the lists
//! with the schema: a new table belongs to one of the two.

use std::sync::{Arc, Mutex, PoisonError};

use counterfoil_engine::ports::AuditKey;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};
use sha2::Sha256;

use crate::audit::Hash;

/// Half of a hash: nobody without the key can make one that fits.
pub(crate) const MARK_BYTES: usize = 16;
pub(crate) type Mark = [u8; MARK_BYTES];

/// A table whose rows the chain speaks of.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// In marks and in audit rows: never used for another table. At most 127.
    number: u8,
    /// Columns in a person's words that may name the customer: nothing proves a guess of them.
    left_out: &'static [&'static str],
}

const fn table(number: u8, name: &'static str) -> Table {
    Table { name, number, left_out: &[] }
}

/// Every table that money or trust rests on.
pub(crate) const MARKED: &[Table] = &[
    table(1, "shop"),
    table(2, "customers"),
    Table { name: "orders", number: 3, left_out: &["description"] },
    table(4, "payments"),
    table(5, "operations"),
    table(6, "answers"),
    table(7, "evidence"),
    table(8, "entries"),
    table(9, "postings"),
    table(10, "discrepancies"),
    table(11, "coverage"),
    table(12, "foreign_lines"),
    table(13, "news"),
    table(14, "cards"),
    table(15, "readings"),
    Table { name: "refunds", number: 16, left_out: &["note", "word"] },
    table(17, "captures"),
    Table { name: "discrepancy_closings", number: 18, left_out: &["reason"] },
    table(19, "days"),
    Table { name: "refunds_booked", number: 20, left_out: &["reason"] },
    Table { name: "refunds_unbooked", number: 21, left_out: &["reason"] },
    table(22, "charges"),
    table(23, "people"),
];

/// The others, each with its reason.
#[cfg(test)]
pub(crate) const UNMARKED: &[(&str, &str)] = &[
    ("audit", "the chain itself"),
    ("asked", "no money rests on it"),
    ("clocks", "no money rests on it"),
    ("refusals", "no money rests on it"),
    ("discrepancies_gone", "no money rests on it"),
    ("coverage_marks", "follows from coverage, which is compared with it"),
    ("order_words", "follows from orders and customers"),
    ("order_places", "follows from orders"),
    ("words_due", "orders that wait for order_words"),
    ("counters", "counts the runs"),
    ("erasures", "whether the log is yet to be emptied"),
    ("file", "its id is in every link of the chain"),
    ("payment_steps", "a rule: compared with the program's"),
    ("payment_proofs", "a rule: compared with the program's"),
    ("operation_steps", "a rule: compared with the program's"),
    ("card_steps", "a rule: compared with the program's"),
    ("refund_steps", "a rule: compared with the program's"),
    ("refinery_schema_history", "compared with the program's when the file opens"),
];

/// Of a mark in an audit row: the row no longer has it.
const REMOVED: u8 = 0x80;

impl Table {
    /// Its columns in their order, without those that are left out.
    pub(crate) fn columns(&self, conn: &Connection) -> Result<Vec<String>> {
        let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut columns: Vec<String> =
            statement.query_map([self.name], |row| row.get(0))?.collect::<Result<_>>()?;
        columns.retain(|column| !self.left_out.contains(&column.as_str()));
        Ok(columns)
    }

    /// Its id where it has one, or its primary key.
    pub(crate) fn key_columns(&self, conn: &Connection) -> Result<Vec<String>> {
        const KEY: &str =
            "SELECT name FROM pragma_table_info(?1) AS t WHERE name = 'id' OR (pk > 0 AND NOT EXISTS
            (SELECT 1 FROM pragma_table_info(?1) WHERE name = 'id')) ORDER BY pk";
        conn.prepare(KEY)?.query_map([self.name], |row| row.get(0))?.collect()
    }

    pub(crate) const fn number(&self) -> u8 {
        self.number
    }
}

/// The table of a number.
pub(crate) fn table_of(number: u8) -> Option<&'static Table> {
    MARKED.iter().find(|table| table.number == number)
}

/// A mark that a commit added to a table or removed from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) table: u8,
    pub(crate) removed: bool,
    pub(crate) mark: Mark,
}

/// Marks as an audit row keeps them: the version of the file, then each with its table.
pub(crate) fn to_bytes(version: u16, moved: &[Moved]) -> Vec<u8> {
    let mut bytes = version.to_be_bytes().to_vec();
    for Moved { table, removed, mark } in moved {
        bytes.push(if *removed { table | REMOVED } else { *table });
        bytes.extend_from_slice(mark);
    }
    bytes
}

/// And back. What is no list of marks is read as far as it is one: its link does not fit anyway.
pub(crate) fn from_bytes(bytes: &[u8]) -> impl Iterator<Item = Moved> + '_ {
    let (moved, _) = bytes.get(2..).unwrap_or_default().as_chunks::<{ 1 + MARK_BYTES }>();
    moved.iter().map(|[table, mark @ ..]| Moved {
        table: table & !REMOVED,
        removed: table & REMOVED != 0,
        mark: *mark,
    })
}

/// The key at work. What it makes begins with another byte for each use.
#[derive(Clone)]
pub(crate) struct Keyed {
    hmac: Hmac<Sha256>,
    from: u64,
    replaces: bool,
}

impl Keyed {
    pub(crate) fn new(key: &AuditKey) -> Option<Self> {
        let hmac = Hmac::new_from_slice(key.bytes()).ok()?;
        Some(Self { hmac, from: key.from(), replaces: key.replaces() })
    }

    /// The first audit row that the key links.
    pub(crate) const fn from(&self) -> u64 {
        self.from
    }

    /// The rows before may have been another key's.
    pub(crate) const fn replaces(&self) -> bool {
        self.replaces
    }

    /// The hash of a message that begins with 0: an audit row.
    pub(crate) fn hash(&self, message: &[u8]) -> Hash {
        let mut hmac = self.hmac.clone();
        hmac.update(&[0]);
        hmac.update(message);
        hmac.finalize().into_bytes().into()
    }

    /// The mark of a row: its table's number, then each value with its type and length. Empty
    /// columns at the end do not count, so that a new one leaves the marks of older rows alone.
    pub(crate) fn mark<'v>(&self, table: u8, row: impl Iterator<Item = ValueRef<'v>>) -> Mark {
        let (mut message, mut end) = (vec![table], 1);
        for value in row {
            let (tag, text): (u8, &[u8]) = match value {
                ValueRef::Null => (0, &[]),
                ValueRef::Integer(_) => (1, &[]),
                ValueRef::Real(_) => (2, &[]),
                ValueRef::Text(text) => (3, text),
                ValueRef::Blob(bytes) => (4, bytes),
            };
            message.push(tag);
            match value {
                ValueRef::Null => continue,
                ValueRef::Integer(n) => message.extend_from_slice(&n.to_be_bytes()),
                ValueRef::Real(n) => message.extend_from_slice(&n.to_be_bytes()),
                ValueRef::Text(_) | ValueRef::Blob(_) => {
                    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
                    message.extend_from_slice(&length.to_be_bytes());
                    message.extend_from_slice(text);
                }
            }
            end = message.len();
        }
        let mut hmac = self.hmac.clone();
        hmac.update(message.get(..end).unwrap_or(&message));
        let hash: Hash = hmac.finalize().into_bytes().into();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

/// What the triggers of a connection have seen since it was taken last.
#[derive(Clone, Default)]
pub(crate) struct Collected(Arc<Mutex<Vec<Moved>>>);

impl Collected {
    /// A row that one commit adds and changes again leaves its last mark only.
    fn push(&self, moved: Moved) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let opposite = Moved { removed: !moved.removed, ..moved };
        match all.iter().rposition(|other| *other == opposite).filter(|_| moved.removed) {
            Some(place) => drop(all.remove(place)),
            None => all.push(moved),
        }
    }

    /// All of it, and begins again.
    pub(crate) fn take(&self) -> Vec<Moved> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Has every change of a marked table of this connection collected.
pub(crate) fn collect(conn: &Connection, keyed: &Keyed) -> Result<Collected> {
    let collected = Collected::default();
    let (keyed, into) = (keyed.clone(), collected.clone());
    // a trigger of this connection may call it although the schema is not trusted
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("counterfoil_mark", -1, flags, move |call| {
        let table = u8::try_from(call.get::<i64>(0)?).unwrap_or(0);
        let removed = call.get(1)?;
        let mark = keyed.mark(table, (2..call.len()).map(|column| call.get_raw(column)));
        into.push(Moved { table, removed, mark });
        Ok(true)
    })?;
    for table in MARKED {
        conn.execute_batch(&triggers(table, &table.columns(conn)?))?;
    }
    Ok(collected)
}

/// The triggers of one table. Its name and columns come from the schema, not from a person.
fn triggers(table: &Table, columns: &[String]) -> String {
    let call = |row: &str, removed: &str| {
        let mut call = ["SELECT counterfoil_mark(", &table.number.to_string(), ", ", removed].concat();
        for column in columns {
            call.push_str(&[", ", row, ".", column].concat());
        }
        call + ");"
    };
    let trigger = |event: &str, calls: String| {
        let name = ["CREATE TEMP TRIGGER mark_", event, "_", table.name].concat();
        [&name, " AFTER ", event, " ON main.", table.name, " BEGIN ", &calls, " END;"].concat()
    };
    [
        trigger("INSERT", call("NEW", "0")),
        trigger("UPDATE", call("OLD", "1") + &call("NEW", "0")),
        trigger("DELETE", call("OLD", "1")),
    ]
    .concat()
}
