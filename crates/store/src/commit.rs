//! A commit, written: every change in order and one audit row, all in one transaction.
//!
//! `changes` of the audit row is the digest of what was written (`writer.rs`). So the head of the
//! chain covers the whole content: two files with the same head took the same changes. The words
//! for searching and the marks of coverage are not in it: they follow from what is. A customer's
//! texts are in it by their salted digest (`customers.rs`).

use counterfoil_domain::time::day_number;
use counterfoil_engine::ports::{Change, Commit, Guard};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::audit::Linked;
use crate::marks::to_bytes;
use crate::standing::Standing;
use crate::store::Auditor;
use crate::writer::{Fault, Writer};
use crate::{
    answers, audit, captures, charges, coverage, customers, discrepancies, entries, evidence, foreign_lines,
    news, operations, orders, pages_left, payments, people, readings, refunds, shop,
};

/// Writes a commit in a transaction of its own. After an error nothing of it is there.
/// The first one of a run counts the run. `people_row` and what is returned: the audit row with
/// which a person was written last.
pub(crate) fn commit(
    conn: &Connection,
    commit: &Commit,
    is_first: bool,
    auditor: Option<&Auditor>,
    people_row: u64,
) -> Result<u64, Fault> {
    const RUN: &str = "UPDATE counters SET incarnation = incarnation + 1 WHERE id = 1";
    // the one writer takes the file at once: it never meets another writer half-way
    let begun = if conn.is_autocommit() {
        Some(Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?)
    } else {
        // a decision holds the file since it read what it rests on
        None
    };
    let transaction = begun.as_deref().unwrap_or(conn);
    match auditor {
        // what a commit that failed has left
        Some(auditor) => drop(auditor.collected.take()),
        None if audit::last(transaction)?.keyed => return Err(Fault::NoKey),
        None => {}
    }
    if is_first {
        transaction.execute(RUN, [])?;
    }
    let linked = auditor.map(|auditor| Linked { keyed: &auditor.keyed, file: auditor.file });
    let mut writer = Writer::new(transaction, linked.as_ref());
    for guard in &commit.guards {
        keep(&mut writer, *guard)?;
    }
    for change in &commit.changes {
        write(&mut writer, change)?;
    }
    let changes = writer.digest();
    let people_row = if let (Some(linked), Some(auditor)) = (&linked, auditor) {
        let marks = to_bytes(auditor.version, &auditor.collected.take());
        audit::add(transaction, &commit.audit, changes, Some((linked, &marks)))?;
        let seq = audit::last(transaction)?.seq.unsigned_abs();
        Standing::follow(transaction, linked, people_row, &commit.changes, seq)?
    } else {
        audit::add(transaction, &commit.audit, changes, None)?;
        people_row
    };
    match begun {
        Some(begun) => begun.commit()?,
        None => conn.execute_batch("COMMIT")?,
    }
    Ok(people_row)
}

fn keep(writer: &mut Writer<'_>, guard: Guard) -> Result<(), Fault> {
    match guard {
        Guard::Order(id, version) => orders::decided(writer, id, version),
        Guard::Payment(id, version) => payments::has_version(writer.conn(), id, version),
        Guard::Day(day) => entries::day_is_open(writer.conn(), day_number(day)),
    }
}

fn write(writer: &mut Writer<'_>, change: &Change) -> Result<(), Fault> {
    match change {
        Change::ShopAdded(record) => shop::add(writer, record),
        Change::ShopChanged(record) => shop::change(writer, record),
        Change::NewsAdded(payment) => news::add(writer, *payment),
        Change::NewsSeen(payment) => news::seen(writer, *payment),
        Change::PersonAdded(person, pin) => people::add(writer, person, pin),
        Change::PersonChanged(person, pin) => people::change(writer, person, pin.as_ref()),
        // what stands follows the record (`standing.rs`)
        Change::PeopleAccepted => Ok(()),
        Change::CustomerAdded(customer) => customers::add(writer, customer),
        Change::CustomerErased(id) => customers::erase(writer, *id),
        Change::OrderErased(id) => customers::erase_order(writer, *id),
        Change::CustomerCorrected(customer) => customers::correct(writer, customer),
        Change::OrderAdded(order) => orders::add(writer, order),
        Change::PaymentAdded(payment) => payments::add(writer, payment),
        Change::PaymentChanged(payment) => payments::change(writer, payment),
        Change::OperationAdded(operation) => operations::add(writer, operation),
        Change::OperationChanged(operation) => operations::change(writer, operation),
        Change::RefundAdded(refund) => refunds::add(writer, refund),
        Change::RefundChanged(refund) => refunds::change(writer, refund),
        Change::RefundBooked(booked) => refunds::book(writer, booked),
        Change::RefundUnbooked(unbooked) => refunds::unbook(writer, unbooked),
        Change::AnswerAdded(answer) => answers::add(writer, answer),
        Change::ReadingAdded(reading) => readings::add(writer, reading),
        Change::EvidenceAdded(evidence) => evidence::add(writer, evidence),
        Change::CaptureAdded(capture) => captures::add(writer, capture),
        Change::ChargeAdded(added) => charges::add(writer, added),
        Change::PageLeft(left) => pages_left::set(writer, left),
        Change::PageUndated(payment, undated) => pages_left::undated(writer, *payment, *undated),
        Change::EntryAdded(entry) => entries::add(writer, entry),
        Change::DiscrepancyAdded(discrepancy) => discrepancies::add(writer, discrepancy),
        Change::DiscrepancyClosed(closing) => discrepancies::close(writer, closing),
        Change::CoverageAdded(span) => coverage::add(writer, span),
        Change::ForeignLineAdded(line) => foreign_lines::add(writer, line),
    }
}
