//! A batch, written: every change in order and one audit row, all in one transaction.
//!
//! `changes` of the audit row is the SHA-256 over each statement's name and every value bound to it, in order, with types and
//! lengths. So the head of the chain stands for the whole content: two files with the same head took the same changes. It is
//! hashed from what is bound anyway, about a microsecond for a sale. The words that are searched and the marks of coverage are
//! not in it: they follow from what is. A customer's texts are in it by their salted digest (`customers.rs`).

use counterfoil_domain::time::day_number;
use counterfoil_engine::ports::{Batch, Change, Guard};
use rusqlite::{Connection, Transaction, TransactionBehavior, params_from_iter};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::rows::Cell;
use crate::{
    answers, audit, captures, coverage, customers, discrepancies, entries, evidence, foreign_lines, news,
    operations, orders, payments, readings, shop,
};

/// A statement that writes, by the name that the digest knows it by.
pub(crate) struct Statement {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The row has another version, or is not there.
    Conflict,
    /// A rule that is checked here.
    Refused(&'static str),
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

/// Writes the rows of one batch.
pub(crate) struct Writer<'c> {
    conn: &'c Connection,
    digest: Sha256,
}

impl<'c> Writer<'c> {
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self { conn, digest: Sha256::new() }
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

    /// Puts a statement and its values into the digest.
    pub(crate) fn note(&mut self, statement: &Statement, cells: &[Cell<'_>]) {
        feed(&mut self.digest, 0, statement.name.as_bytes());
        for cell in cells {
            match cell {
                Cell::Null => feed(&mut self.digest, 1, &[]),
                Cell::Int(n) => feed(&mut self.digest, 2, &n.to_be_bytes()),
                Cell::Text(text) => feed(&mut self.digest, 3, text.as_bytes()),
                Cell::Bytes(bytes) => feed(&mut self.digest, 4, bytes),
            }
        }
    }

    /// For what a write depends on.
    pub(crate) fn conn(&self) -> &Connection {
        self.conn
    }

    fn guard(&mut self, guard: Guard) -> Result<(), Fault> {
        match guard {
            Guard::Order(id, version) => orders::decided(self, id, version),
            Guard::Payment(id, version) => payments::has_version(self.conn, id, version),
            Guard::Day(day) => entries::day_is_open(self.conn, day_number(day)),
        }
    }

    fn change(&mut self, change: &Change) -> Result<(), Fault> {
        match change {
            Change::ShopAdded(record) => shop::add(self, record),
            Change::ShopChanged(record) => shop::change(self, record),
            Change::NewsAdded(payment) => news::add(self, *payment),
            Change::NewsSeen(payment) => news::seen(self, *payment),
            Change::CustomerAdded(customer) => customers::add(self, customer),
            Change::CustomerErased(id) => customers::erase(self, *id),
            Change::OrderAdded(order) => orders::add(self, order),
            Change::PaymentAdded(payment) => payments::add(self, payment),
            Change::PaymentChanged(payment) => payments::change(self, payment),
            Change::OperationAdded(operation) => operations::add(self, operation),
            Change::OperationChanged(operation) => operations::change(self, operation),
            Change::AnswerAdded(answer) => answers::add(self, answer),
            Change::ReadingAdded(reading) => readings::add(self, reading),
            Change::EvidenceAdded(evidence) => evidence::add(self, evidence),
            Change::CaptureAdded(capture) => captures::add(self, capture),
            Change::EntryAdded(entry) => entries::add(self, entry),
            Change::DiscrepancyAdded(discrepancy) => discrepancies::add(self, discrepancy),
            Change::DiscrepancyClosed(closing) => discrepancies::close(self, closing),
            Change::CoverageAdded(span) => coverage::add(self, span),
            Change::ForeignLineAdded(line) => foreign_lines::add(self, line),
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

/// Writes a batch in a transaction of its own. After an error nothing of it is there.
/// The first one of a run counts the run.
pub(crate) fn commit(conn: &Connection, batch: &Batch, is_first: bool) -> Result<(), Fault> {
    const RUN: &str = "UPDATE counters SET incarnation = incarnation + 1 WHERE id = 1";
    // the one writer takes the file at once: it never finds out half-way that somebody else is writing
    let transaction = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    if is_first {
        transaction.execute(RUN, [])?;
    }
    let mut writer = Writer::new(&transaction);
    for guard in &batch.guards {
        writer.guard(*guard)?;
    }
    for change in &batch.changes {
        writer.change(change)?;
    }
    audit::add(&transaction, &batch.audit, writer.digest())?;
    Ok(transaction.commit()?)
}
