//! Table `news`: payments that a person must see, because money came or will not come.
//! Acknowledging one removes its row.

use counterfoil_domain::PaymentId;
use rusqlite::{Connection, Result};

use crate::rows::{Columns, ROWS_MAX, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "news-added",
    sql: "INSERT INTO news (payment_id) VALUES (?1) ON CONFLICT (payment_id) DO NOTHING",
};
const SEEN: Statement = Statement { name: "news-seen", sql: "DELETE FROM news WHERE payment_id = ?1" };

pub(crate) fn add(writer: &mut Writer<'_>, payment: PaymentId) -> Result<(), Fault> {
    writer.run(&ADD, cells![payment.as_bytes()]).map(drop)
}

pub(crate) fn seen(writer: &mut Writer<'_>, payment: PaymentId) -> Result<(), Fault> {
    writer.run(&SEEN, cells![payment.as_bytes()]).map(drop)
}

pub(crate) fn oldest(conn: &Connection, limit: u32) -> Result<Vec<PaymentId>> {
    const OLDEST: &str = "SELECT payment_id FROM news ORDER BY seq LIMIT ?1";
    all(conn, OLDEST, [limit.min(ROWS_MAX)], |row| Columns::of(row).id(PaymentId::from_bytes))
}
