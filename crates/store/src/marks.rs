//! Marks of rows: what the audit chain knows about the content of the tables.
//!
//! A mark is the first half of the HMAC-SHA256 over a table's number and every column of a row.
//! A commit leaves in its audit row the mark of each row that it added, and of each row that it
//! changed the mark before and after. So the chain names the exact content of every table, and a
//! table needs no column for it.
//!
//! The words of people are in the mark behind a random salt of their row, which is erased with
//! them. Then the old mark proves no guess, and the row has a new one.
//!
//! The marks are made in one place: by triggers of this connection alone, after each insert, update
//! and delete of a table in [`MARKED`]. So no statement can forget them. A test compares the lists
//! with the schema: a new table belongs to one of the two.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use counterfoil_engine::ports::AuditKey;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Row};
use sha2::Sha256;

use crate::audit::{Hash, Linked};
use crate::verify::mark_of;

/// Half of a hash: nobody without the key can make one that fits.
pub(crate) const MARK_BYTES: usize = 16;
pub(crate) type Mark = [u8; MARK_BYTES];

/// A table whose rows the chain speaks of.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// In marks and in audit rows: never used for another table. At most 127.
    number: u8,
    /// Columns in a person's words, which may name the customer. The row's salt, which is erased
    /// with them, keeps a mark from proving a guess.
    words: &'static [&'static str],
}

/// The column that is erased with the words.
const SALT: &str = "salt";
/// The column of a row's own mark.
const MARK: &str = "mark";

const fn table(number: u8, name: &'static str) -> Table {
    Table { name, number, words: &[] }
}

/// Who may do what: nobody accepts anything while this table is not as the chain says.
pub(crate) const PEOPLE: Table = table(23, "people");

/// Whether one person is enough.
pub(crate) const SHOP: Table = table(1, "shop");

/// Every table that money or trust rests on.
pub(crate) const MARKED: &[Table] = &[
    SHOP,
    table(2, "customers"),
    Table { name: "orders", number: 3, words: &["description"] },
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
    Table { name: "refunds", number: 16, words: &["note", "word"] },
    table(17, "captures"),
    Table { name: "discrepancy_closings", number: 18, words: &["reason"] },
    table(19, "days"),
    Table { name: "refunds_booked", number: 20, words: &["reason"] },
    Table { name: "refunds_unbooked", number: 21, words: &["reason"] },
    table(22, "charges"),
    table(31, "pages_left"),
    table(32, "pages_undated"),
    PEOPLE,
];

/// Tables that are written without an audit row, or often: each row bears its mark itself. So a row
/// that was changed by hand is named, and one that was put back or taken out is not. What the
/// program begins with is proved where it is read ([`bears_mark`]).
pub(crate) const JOTTED: &[Table] = &[
    table(24, "asked"),
    CLOCKS,
    REFUSALS,
    CLOCK_DOUBTS,
    table(27, "discrepancies_gone"),
    COUNTERS,
    ERASURES,
    COVERAGE_MARKS,
];

/// The banks' times of the last run.
pub(crate) const CLOCKS: Table = table(25, "clocks");
/// Since when a bank refuses the shop.
pub(crate) const REFUSALS: Table = table(26, "refusals");
/// What a bank names, and is not believed yet.
pub(crate) const CLOCK_DOUBTS: Table = table(33, "clock_doubts");
/// How far coverage reaches.
pub(crate) const COVERAGE_MARKS: Table = table(30, "coverage_marks");
/// Counts the runs, in one row.
pub(crate) const COUNTERS: Table = table(28, "counters");
/// Whether the log is yet to be emptied, in one row.
pub(crate) const ERASURES: Table = table(29, "erasures");

/// The others, each with its reason.
#[cfg(test)]
pub(crate) const UNMARKED: &[(&str, &str)] = &[
    ("audit", "the chain itself"),
    ("order_words", "follows from orders and customers"),
    ("order_places", "follows from orders"),
    ("words_due", "orders that wait for order_words"),
    ("standing", "bears its own proof"),
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
    /// What its mark is made of, of the row of this name: the columns in their order, and the words
    /// behind their salt. Words that are empty count as none: a row of an older version without any
    /// keeps its mark.
    pub(crate) fn values(&self, conn: &Connection, row: &str) -> Result<Vec<String>> {
        let mut values = Vec::new();
        for column in self.columns(conn)? {
            values.push([row, ".", &column].concat());
            if column == SALT {
                values.extend(self.words.iter().map(|word| ["nullif(", row, ".", word, ", '')"].concat()));
            }
        }
        Ok(values)
    }

    /// The places of the salt and the words among these values, in a file that has them.
    pub(crate) fn salted(&self, conn: &Connection) -> Result<Range<usize>> {
        let salt = self.columns(conn)?.iter().position(|column| column == SALT);
        Ok(salt.filter(|_| !self.words.is_empty()).map_or(0..0, |salt| salt..salt + 1 + self.words.len()))
    }

    fn set_mark(&self, conn: &Connection, row: &str) -> Result<String> {
        let values = self.values(conn, row)?.join(", ");
        let call = ["counterfoil_own_mark(", &self.number.to_string(), ", ", &values, ")"].concat();
        Ok([" SET ", MARK, " = ", &call].concat())
    }

    /// A file of an older version has none.
    pub(crate) fn has_own_mark(&self, conn: &Connection) -> Result<bool> {
        const OWN: &str = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        conn.query_row(OWN, [self.name, MARK], |row| row.get(0))
    }

    fn columns(&self, conn: &Connection) -> Result<Vec<String>> {
        let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        let mut columns: Vec<String> =
            statement.query_map([self.name], |row| row.get(0))?.collect::<Result<_>>()?;
        columns.retain(|column| column != MARK && !self.words.contains(&column.as_str()));
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

    /// The hash of a message that begins with 255: what stands.
    pub(crate) fn proof(&self, message: &[u8]) -> Hash {
        let mut hmac = self.hmac.clone();
        hmac.update(&[0xFF]);
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
    let (keyed, own, into) = (keyed.clone(), keyed.clone(), collected.clone());
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
        conn.execute_batch(&triggers(table, conn)?)?;
    }
    conn.create_scalar_function("counterfoil_own_mark", -1, flags, move |call| {
        let table = u8::try_from(call.get::<i64>(0)?).unwrap_or(0);
        Ok(own.mark(table, (1..call.len()).map(|column| call.get_raw(column))))
    })?;
    for table in JOTTED.iter().filter(|table| table.has_own_mark(conn).unwrap_or(false)) {
        conn.execute_batch(&own_triggers(table, conn)?)?;
    }
    Ok(collected)
}

/// Has each row of these tables bear its mark, in a file that was written without a key: all of
/// them, or those without one, which a version before them has written.
pub(crate) fn mark_jotted(conn: &Connection, all: bool) -> Result<()> {
    let which = if all { "" } else { " WHERE mark IS NULL" };
    for table in JOTTED.iter().filter(|table| table.has_own_mark(conn).unwrap_or(false)) {
        let set = table.set_mark(conn, table.name)?;
        conn.execute_batch(&["UPDATE ", table.name, &set, which].concat())?;
    }
    Ok(())
}

/// Whether a row bears its own mark, which is selected behind its columns in their order. Without a
/// key every row counts.
pub(crate) fn bears_mark(row: &Row<'_>, columns: usize, table: &Table, linked: Option<&Linked<'_>>) -> bool {
    let own = || row.get::<_, Option<Mark>>(columns).unwrap_or_default();
    linked.is_none_or(|linked| own() == Some(mark_of(row, columns, table, linked)))
}

/// The triggers that keep a row's own mark.
fn own_triggers(table: &Table, conn: &Connection) -> Result<String> {
    let keys = table.key_columns(conn)?;
    let of_row = keys.iter().map(|key| [key, " = NEW.", key].concat()).collect::<Vec<_>>().join(" AND ");
    let set = table.set_mark(conn, "NEW")?;
    let columns = table.columns(conn)?.join(", ");
    let trigger = |event: &str, of: &str| {
        let name = ["CREATE TEMP TRIGGER mark_", event, "_", table.name].concat();
        let runs = [" BEGIN UPDATE ", table.name, &set, " WHERE ", &of_row, "; END;"].concat();
        [&name, " AFTER ", event, of, " ON main.", table.name, &runs].concat()
    };
    Ok(trigger("INSERT", "") + &trigger("UPDATE", &[" OF ", &columns].concat()))
}

/// The triggers of one table. Its name and columns come from the schema, not from a person.
fn triggers(table: &Table, conn: &Connection) -> Result<String> {
    let call = |row: &str, removed: &str| -> Result<String> {
        let values = table.values(conn, row)?.join(", ");
        Ok(["SELECT counterfoil_mark(", &table.number.to_string(), ", ", removed, ", ", &values, ");"]
            .concat())
    };
    let trigger = |event: &str, calls: String| {
        let name = ["CREATE TEMP TRIGGER mark_", event, "_", table.name].concat();
        [&name, " AFTER ", event, " ON main.", table.name, " BEGIN ", &calls, " END;"].concat()
    };
    let (old, new) = (call("OLD", "1")?, call("NEW", "0")?);
    let triggers =
        [trigger("INSERT", new.clone()), trigger("UPDATE", old.clone() + &new), trigger("DELETE", old)];
    Ok(triggers.concat())
}
