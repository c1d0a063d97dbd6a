//! Table `evidence`: verified answers that states rest on. Added, never edited.

use counterfoil_domain::{Evidence, EvidenceId, PaymentId, PaymentState, Query};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "evidence-added",
    sql: "INSERT INTO evidence (payment_id, at, id, query, said, amount, paid_minute, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
};

pub(crate) fn add(writer: &mut Writer<'_>, evidence: &Evidence) -> Result<(), Fault> {
    let Evidence { id, payment, query, at, state, said, amount, paid_minute } = evidence;
    let (id, query, state) = (id.as_bytes(), query.name(), state.map(PaymentState::name));
    let cells = cells![payment.as_bytes(), *at, id, query, said, *amount, *paid_minute, state];
    writer.run(&ADD, cells).map(drop)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Evidence>> {
    const OF: &str = "SELECT payment_id, at, id, query, said, amount, paid_minute, state FROM evidence
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
        state: columns.name_or_none(PaymentState::parse)?,
    })
}
