//! Table `discrepancies`: what does not fit and waits for a person. Added, never edited; the same thing seen again is the same
//! row.

use counterfoil_domain::{Discrepancy, DiscrepancyId, DiscrepancyKind, PaymentId};
use rusqlite::{Connection, Result, Row};

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{Columns, all, cells};
use crate::store::ROWS_MAX;

const ADD: Statement = Statement {
    name: "discrepancy-added",
    sql: "INSERT INTO discrepancies (id, kind, payment_id, at, detail) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (ifnull(payment_id, x''), kind, detail) DO NOTHING",
};

pub(crate) fn add(writer: &mut Writer<'_>, discrepancy: &Discrepancy) -> Result<(), Fault> {
    let Discrepancy { id, kind, payment, at, detail } = discrepancy;
    let payment = payment.as_ref().map(PaymentId::as_bytes);
    writer.run(&ADD, cells![id.as_bytes(), kind.name(), payment, *at, detail]).map(drop)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Discrepancy>> {
    const OF: &str = "SELECT id, kind, payment_id, at, detail FROM discrepancies
        WHERE ifnull(payment_id, x'') = ?1 ORDER BY seq";
    all(conn, OF, [payment.as_bytes()], read)
}

pub(crate) fn newest(conn: &Connection, limit: u32) -> Result<Vec<Discrepancy>> {
    const NEWEST: &str =
        "SELECT id, kind, payment_id, at, detail FROM discrepancies ORDER BY seq DESC LIMIT ?1";
    all(conn, NEWEST, [limit.min(ROWS_MAX)], read)
}

fn read(row: &Row<'_>) -> Result<Discrepancy> {
    let mut columns = Columns::of(row);
    Ok(Discrepancy {
        id: columns.id(DiscrepancyId::from_bytes)?,
        kind: columns.name(DiscrepancyKind::parse)?,
        payment: columns.get::<Option<_>>()?.map(PaymentId::from_bytes),
        at: columns.moment()?,
        detail: columns.get()?,
    })
}
