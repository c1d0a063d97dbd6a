//! Tables `entries`, `postings` and `days`: double entry. Added, never edited; the file itself
//! refuses an entry that does not sum to zero, or falls on a closed day.

use counterfoil_domain::Entry;
use counterfoil_domain::time::day_number;
use rusqlite::Connection;

use crate::rows::{cells, one};
use crate::writer::{Fault, Statement, Writer};

const POST: Statement = Statement {
    name: "posting-added",
    sql: "INSERT INTO postings (entry, no, account, amount) VALUES (?1, ?2, ?3, ?4)",
};

const CLOSE: Statement = Statement {
    name: "entry-added",
    sql: "INSERT INTO entries (seq, payment_id, at, day, cause) VALUES (?1, ?2, ?3, ?4, ?5)",
};

/// Postings first: adding the entry closes them and checks their sum.
pub(crate) fn add(writer: &mut Writer<'_>, entry: &Entry) -> Result<(), Fault> {
    const NEXT: &str = "SELECT ifnull(max(seq), 0) + 1 FROM entries";
    let seq: i64 = one(writer.conn(), NEXT, [], |row| row.get(0))?.unwrap_or(1);
    for (no, posting) in (1_i64..).zip(entry.postings()) {
        writer.run(&POST, cells![seq, no, posting.account.name(), posting.amount])?;
    }
    let (payment, at) = (entry.payment(), entry.at());
    let cells = cells![seq, payment.as_bytes(), at, day_number(at.day()), entry.cause().name()];
    writer.run(&CLOSE, cells).map(drop)
}

/// A commit posts to this day.
pub(crate) fn day_is_open(conn: &Connection, day: i64) -> Result<(), Fault> {
    let closed = one(conn, "SELECT 1 FROM days WHERE day = ?1", [day], |_| Ok(()))?;
    closed.map_or(Ok(()), |()| Err(Fault::Conflict))
}
