//! Table `captures`: the batches at CTBC that captured a card. Added, never edited; the same seen
//! again is the same row.

use counterfoil_domain::{Capture, PaymentId};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "capture-added",
    sql: "INSERT INTO captures (payment_id, xid, batch_id, batch_seq, at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO NOTHING",
};

pub(crate) fn add(writer: &mut Writer<'_>, capture: &Capture) -> Result<(), Fault> {
    let Capture { payment, xid, batch_id, batch_seq, at } = capture;
    writer.run(&ADD, cells![payment.as_bytes(), xid, batch_id, batch_seq, *at]).map(drop)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Capture>> {
    const OF: &str = "SELECT payment_id, xid, batch_id, batch_seq, at FROM captures
        WHERE payment_id = ?1 ORDER BY at, xid, batch_id, batch_seq";
    all(conn, OF, [payment.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Capture> {
    let mut columns = Columns::of(row);
    Ok(Capture {
        payment: columns.id(PaymentId::from_bytes)?,
        xid: columns.get()?,
        batch_id: columns.get()?,
        batch_seq: columns.get()?,
        at: columns.moment()?,
    })
}
