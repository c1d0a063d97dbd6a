//! Table `foreign_lines`: rows of a bank that none of our payments explains. Added, never edited;
//! the same number, kind, minute and state seen again is the same row.

use std::collections::BTreeSet;

use counterfoil_domain::{Bank, BankMinute};
use counterfoil_engine::ports::{ForeignKind, ForeignLine};
use rusqlite::{Connection, Result, Row};

use crate::rows::{Columns, all, cells};
use crate::writer::{Fault, Statement, Writer};

const ADD: Statement = Statement {
    name: "foreign-line-added",
    sql: "INSERT INTO foreign_lines (bank_order_no, amount, said, paid_minute, seen_at, bank, kind)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
};

pub(crate) fn add(writer: &mut Writer<'_>, line: &ForeignLine) -> Result<(), Fault> {
    let ForeignLine { bank, bank_order_no, kind, amount, said, paid_minute, seen_at } = line;
    let cells = cells![bank_order_no, *amount, said, *paid_minute, *seen_at, bank.name(), kind.name()];
    writer.run(&ADD, cells).map(drop)
}

/// Money of the newest rows, paid from this minute on, newest first. Later states of a number are
/// the same money: one row for each.
pub(crate) fn money(conn: &Connection, since: BankMinute) -> Result<Vec<ForeignLine>> {
    const NEWEST: &str = "SELECT bank, bank_order_no, kind, amount, said, paid_minute, seen_at
        FROM (SELECT * FROM foreign_lines ORDER BY seq DESC LIMIT 500)
        WHERE kind = 'payment' AND paid_minute >= ?1 ORDER BY paid_minute DESC, seq DESC";
    let mut lines = all(conn, NEWEST, [since.minutes()], read)?;
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert((line.bank.name(), line.bank_order_no.clone())));
    Ok(lines)
}

fn read(row: &Row<'_>) -> Result<ForeignLine> {
    let mut columns = Columns::of(row);
    Ok(ForeignLine {
        bank: columns.name(Bank::parse)?,
        bank_order_no: columns.get()?,
        kind: columns.name(ForeignKind::parse)?,
        amount: columns.twd_or_none()?,
        said: columns.get()?,
        paid_minute: columns.minute_or_none()?,
        seen_at: columns.moment()?,
    })
}
