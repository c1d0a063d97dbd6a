//! Tables `discrepancies` and `discrepancy_closings`: what does not fit and waits for a person, and
//! that person's word, or the bank's later answer. Both are added, never edited. The same thing
//! seen again is the same row, until it was closed and gone.

use counterfoil_domain::{Actor, Closing, Discrepancy, DiscrepancyId, DiscrepancyKind, PaymentId};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, ROWS_MAX, all, cells, one};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "discrepancy-added",
    sql: "INSERT INTO discrepancies (id, kind, payment_id, at, detail, round)
        SELECT ?1, ?2, ?3, ?4, ?5, count(*) FROM discrepancies d
            JOIN discrepancy_closings c ON c.discrepancy_id = d.id
            LEFT JOIN discrepancies_gone g ON g.discrepancy_id = d.id
            WHERE (g.discrepancy_id IS NOT NULL OR c.who = 'engine') AND ifnull(d.payment_id, x'') = ifnull(?3, x'') AND d.kind = ?2 AND d.detail = ?5
        ON CONFLICT (ifnull(payment_id, x''), kind, detail, round) DO NOTHING",
};

const CLOSE: Statement = Statement {
    name: "discrepancy-closed",
    sql: "INSERT INTO discrepancy_closings (discrepancy_id, at, who, second, reason, salt)
        VALUES (?1, ?2, ?3, ?4, ?5, randomblob(16))
        ON CONFLICT DO NOTHING",
};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT d.id, d.kind, d.payment_id, d.at, d.detail FROM discrepancies d ", $rest)
    };
}

/// With how each was closed.
macro_rules! closable {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.kind, d.payment_id, d.at, d.detail, c.at, c.who, c.second, c.reason
                FROM discrepancies d LEFT JOIN discrepancy_closings c ON c.discrepancy_id = d.id ",
            $rest
        )
    };
}

/// A discrepancy, and how it was closed.
pub(crate) type Closable = (Discrepancy, Option<Closing>);

pub(crate) fn add(writer: &mut Writer<'_>, discrepancy: &Discrepancy) -> Result<(), Fault> {
    let Discrepancy { id, kind, payment, at, detail } = discrepancy;
    let payment = payment.as_ref().map(PaymentId::as_bytes);
    writer.run(&ADD, cells![id.as_bytes(), kind.name(), payment, *at, detail]).map(drop)
}

/// A second closing is a conflict: two people have decided.
pub(crate) fn close(writer: &mut Writer<'_>, closing: &Closing) -> Result<(), Fault> {
    let Closing { discrepancy, at, who, second, reason } = closing;
    let (who, second) = (who.name(), second.map(Actor::name));
    let cells = cells![discrepancy.as_bytes(), *at, &who, second.as_ref(), reason];
    if writer.run_without(&[4], &CLOSE, cells)? == 1 { Ok(()) } else { Err(Fault::Conflict) }
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Discrepancy>> {
    const OF: &str = select!("WHERE ifnull(d.payment_id, x'') = ?1 AND d.closed = 0 ORDER BY d.seq");
    all(conn, OF, [payment.as_bytes()], read)
}

/// What a person has closed, and no reading has missed since. What a reading has closed is gone.
pub(crate) fn closed(conn: &Connection, payment: PaymentId) -> Result<Vec<Discrepancy>> {
    const CLOSED: &str = select!(
        "JOIN discrepancy_closings c ON c.discrepancy_id = d.id
            WHERE ifnull(d.payment_id, x'') = ?1 AND d.closed = 1 AND c.who <> 'engine'
            AND NOT EXISTS (SELECT 1 FROM discrepancies_gone g WHERE g.discrepancy_id = d.id) ORDER BY d.seq"
    );
    all(conn, CLOSED, [payment.as_bytes()], read)
}

pub(crate) fn newest(conn: &Connection, limit: u32) -> Result<Vec<Discrepancy>> {
    const NEWEST: &str = select!("WHERE d.closed = 0 ORDER BY d.seq DESC LIMIT ?1");
    all(conn, NEWEST, [limit.min(ROWS_MAX)], read)
}

/// Closed ones too.
pub(crate) fn ever(conn: &Connection, limit: u32) -> Result<Vec<Closable>> {
    const EVER: &str = closable!("ORDER BY d.seq DESC LIMIT ?1");
    all(conn, EVER, [limit.min(ROWS_MAX)], read_closable)
}

pub(crate) fn get(conn: &Connection, id: DiscrepancyId) -> Result<Option<Closable>> {
    one(conn, closable!("WHERE d.id = ?1"), [id.as_bytes()], read_closable)
}

fn read_closable(row: &Row<'_>) -> Result<Closable> {
    let mut columns = Columns::of(row);
    let discrepancy = read_columns(&mut columns)?;
    let Some(at) = columns.moment_or_none()? else { return Ok((discrepancy, None)) };
    let (who, second) = (columns.name(Actor::parse)?, columns.name_or_none(Actor::parse)?);
    let reason = columns.get()?;
    let closing = Closing { discrepancy: discrepancy.id, at, who, second, reason };
    Ok((discrepancy, Some(closing)))
}

fn read(row: &Row<'_>) -> Result<Discrepancy> {
    read_columns(&mut Columns::of(row))
}

fn read_columns(columns: &mut Columns<'_, '_>) -> Result<Discrepancy> {
    Ok(Discrepancy {
        id: columns.id(DiscrepancyId::from_bytes)?,
        kind: columns.name(DiscrepancyKind::parse)?,
        payment: columns.get::<Option<_>>()?.map(PaymentId::from_bytes),
        at: columns.moment()?,
        detail: columns.get()?,
    })
}
