//! Writes statements, and digests them.
//!
//! The digest is the SHA-256 over each statement's name and every value bound to it, in order, with
//! types and lengths. It is hashed from what is bound anyway, about a microsecond for a sale.

use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::audit::Linked;
use crate::rows::Cell;

/// A statement that writes, by the name that the digest knows it by.
pub(crate) struct Statement {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// Why a commit was not written.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The row has another version, or is not there.
    Conflict,
    /// A rule that is checked here.
    Refused(&'static str),
    /// The chain goes on with its key only.
    NoKey,
    /// A rule of the file, or the file itself.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// A value that is kept as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|_| Fault::Refused("a value cannot be written as JSON"))
}

/// Writes the rows of one commit.
pub(crate) struct Writer<'c> {
    conn: &'c Connection,
    linked: Option<&'c Linked<'c>>,
    digest: Sha256,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(conn: &'c Connection, linked: Option<&'c Linked<'c>>) -> Self {
        Self { conn, linked, digest: Sha256::new() }
    }

    /// What proves a row that a write depends on.
    pub(crate) fn linked(&self) -> Option<&'c Linked<'c>> {
        self.linked
    }

    /// What was written, in 32 bytes.
    pub(crate) fn digest(self) -> [u8; 32] {
        self.digest.finalize().into()
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn run(&mut self, statement: &Statement, cells: &[Cell<'_>]) -> Result<usize, Fault> {
        self.note(statement, cells);
        Ok(self.conn.prepare_cached(statement.sql)?.execute(params_from_iter(cells))?)
    }

    /// The same without the values of these places in the digest: they are in a person's words and
    /// may name the customer, so nothing may prove a guess of them.
    pub(crate) fn run_without(
        &mut self,
        words: &[usize],
        statement: &Statement,
        cells: &[Cell<'_>],
    ) -> Result<usize, Fault> {
        let known = cells.iter().enumerate().filter(|(place, _)| !words.contains(place));
        note(&mut self.digest, statement, known.map(|(_, cell)| cell));
        Ok(self.conn.prepare_cached(statement.sql)?.execute(params_from_iter(cells))?)
    }

    /// Puts a statement and its values into the digest.
    pub(crate) fn note(&mut self, statement: &Statement, cells: &[Cell<'_>]) {
        note(&mut self.digest, statement, cells.iter());
    }

    /// For what a write depends on.
    pub(crate) fn conn(&self) -> &Connection {
        self.conn
    }
}

fn note<'c>(digest: &mut Sha256, statement: &Statement, cells: impl Iterator<Item = &'c Cell<'c>>) {
    feed(digest, 0, statement.name.as_bytes());
    for cell in cells {
        match cell {
            Cell::Null => feed(digest, 1, &[]),
            Cell::Int(n) => feed(digest, 2, &n.to_be_bytes()),
            Cell::Text(text) => feed(digest, 3, text.as_bytes()),
            Cell::Bytes(bytes) => feed(digest, 4, bytes),
        }
    }
}

/// Tag, length, bytes: no two lists of values feed the same.
fn feed(digest: &mut Sha256, tag: u8, bytes: &[u8]) {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    digest.update([tag]);
    digest.update(length.to_be_bytes());
    digest.update(bytes);
}
