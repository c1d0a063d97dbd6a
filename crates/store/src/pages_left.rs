//! Table `pages_left`: how a card page was left. The newest of a payment takes the place of the one
//! before. Table `pages_undated`: pages whose end the bank's time has not made yet.

use counterfoil_domain::{Actor, PageLeft, PaymentId};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, cells, one};
use crate::writer::{Fault, Statement, Writer};

const LEFT: Statement = Statement {
    name: "page-left",
    sql: "INSERT INTO pages_left (payment_id, at, who, code, ends, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (payment_id) DO UPDATE SET at = excluded.at, who = excluded.who, code = excluded.code,
            ends = excluded.ends, read_at = excluded.read_at",
};

const UNDATED: Statement = Statement {
    name: "page-undated",
    sql: "INSERT INTO pages_undated (payment_id) VALUES (?1) ON CONFLICT DO NOTHING",
};

const DATED: Statement =
    Statement { name: "page-dated", sql: "DELETE FROM pages_undated WHERE payment_id = ?1" };

pub(crate) fn undated(writer: &mut Writer<'_>, payment: PaymentId, undated: bool) -> Result<(), Fault> {
    writer.run(if undated { &UNDATED } else { &DATED }, cells![payment.as_bytes()]).map(drop)
}

pub(crate) fn is_undated(conn: &Connection, payment: PaymentId) -> Result<bool> {
    const IS: &str = "SELECT 1 FROM pages_undated WHERE payment_id = ?1";
    Ok(one(conn, IS, [payment.as_bytes()], |_| Ok(()))?.is_some())
}

pub(crate) fn set(writer: &mut Writer<'_>, left: &PageLeft) -> Result<(), Fault> {
    let PageLeft { payment, at, who, code, ends, read_at } = left;
    let who = who.name();
    let cells = cells![payment.as_bytes(), *at, &who, code.as_ref(), *ends, *read_at];
    writer.run(&LEFT, cells).map(drop)
}

pub(crate) fn of(conn: &Connection, payment: PaymentId) -> Result<Option<PageLeft>> {
    const OF: &str = "SELECT payment_id, at, who, code, ends, read_at FROM pages_left WHERE payment_id = ?1";
    one(conn, OF, [payment.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<PageLeft> {
    let mut columns = Columns::of(row);
    Ok(PageLeft {
        payment: columns.id(PaymentId::from_bytes)?,
        at: columns.moment()?,
        who: columns.name(Actor::parse)?,
        code: columns.get()?,
        ends: columns.get()?,
        read_at: columns.moment_or_none()?,
    })
}
