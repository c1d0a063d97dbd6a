//! Table `charges`: transactions of a card beside the one that is its payment. Added, never edited.

use counterfoil_domain::{Charge, PaymentId};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "charge-added",
    sql: "INSERT INTO charges (payment_id, xid, amount, at) VALUES (?1, ?2, ?3, ?4)",
};

pub(crate) fn add(writer: &mut Writer<'_>, charge: &Charge) -> Result<(), Fault> {
    let Charge { payment, xid, amount, at } = charge;
    writer.run(&ADD, cells![payment.as_bytes(), xid, *amount, *at]).map(drop)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Vec<Charge>> {
    const OF: &str = "SELECT payment_id, xid, amount, at FROM charges WHERE payment_id = ?1 ORDER BY at, xid";
    all(conn, OF, [payment.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Charge> {
    let mut columns = Columns::of(row);
    Ok(Charge {
        payment: columns.id(PaymentId::from_bytes)?,
        xid: columns.get()?,
        amount: columns.twd()?,
        at: columns.moment()?,
    })
}
