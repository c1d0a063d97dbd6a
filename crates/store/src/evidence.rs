//! Table `evidence`: verified answers that states rest on. Added, never edited.

use counterfoil_domain::{Evidence, EvidenceId, PaymentId, Query};
use rusqlite::{Connection, Result, Row};

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{Columns, all, cells, one};

const ADD: Statement = Statement {
    name: "evidence-added",
    sql: "INSERT INTO evidence (payment_id, at, id, query, said, amount, paid_minute)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
};

pub(crate) fn add(writer: &mut Writer<'_>, evidence: &Evidence) -> Result<(), Fault> {
    let Evidence { id, payment, query, at, said, amount, paid_minute } = evidence;
    writer
        .run(&ADD, cells![payment.as_bytes(), *at, id.as_bytes(), query.name(), said, *amount, *paid_minute])
        .map(drop)
}

/// Is there the answer that the payment's state rests on: received when the payment says it was, and with its amount where
/// the answer carries one?
pub(crate) fn proves(conn: &Connection, payment: PaymentId) -> Result<bool> {
    const PROOF: &str =
        "SELECT 1 FROM payments AS p JOIN evidence AS e ON e.payment_id = p.id AND e.at = p.confirmed_at
        WHERE p.id = ?1 AND (e.amount IS NULL OR e.amount = p.amount) LIMIT 1";
    Ok(one(conn, PROOF, [payment.as_bytes()], |_| Ok(()))?.is_some())
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Evidence>> {
    const OF: &str = "SELECT payment_id, at, id, query, said, amount, paid_minute FROM evidence
        WHERE payment_id = ?1 ORDER BY at, id";
    all(conn, OF, [payment.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Evidence> {
    let mut columns = Columns::of(row);
    Ok(Evidence {
        payment: columns.id(PaymentId::from_bytes)?,
        at: columns.moment()?,
        id: columns.id(EvidenceId::from_bytes)?,
        query: columns.name(Query::parse)?,
        said: columns.get()?,
        amount: columns.twd_or_none()?,
        paid_minute: columns.minute_or_none()?,
    })
}
