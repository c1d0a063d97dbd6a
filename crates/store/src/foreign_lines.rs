//! Table `foreign_lines`: rows of a bank that none of our payments explains. Added, never edited;
//! the same number, kind, minute and state seen again is the same row.

use std::collections::BTreeSet;

use counterfoil_domain::{Bank, Twd};
use counterfoil_engine::ports::{ForeignKind, ForeignLine, ForeignMoney};
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

macro_rules! money {
    ($where:literal) => {
        concat!(
            "SELECT bank, bank_order_no, kind, amount, said, paid_minute, seen_at FROM foreign_lines f
                WHERE kind = 'payment' AND paid_minute IS NOT NULL AND ",
            $where,
            " ORDER BY paid_minute DESC, seq DESC"
        )
    };
}

/// Newest first. Later states of a number are the same money: one row for each. The bank is named
/// where an index begins with it.
pub(crate) fn money(conn: &Connection, which: ForeignMoney<'_>) -> Result<Vec<ForeignLine>> {
    const UNTOLD: &str = money!(
        "paid_minute >= ?1 AND NOT EXISTS (SELECT 1 FROM discrepancies d
            WHERE ifnull(d.payment_id, x'') = x'' AND d.kind = 'foreign-money' AND d.detail = f.bank_order_no)"
    );
    const OPEN: &str = money!(
        "bank IN ('sinopac', 'ctbc') AND bank_order_no IN (SELECT d.detail FROM discrepancies d
            WHERE d.closed = 0 AND d.kind = 'foreign-money')"
    );
    const NUMBER: &str = money!("bank IN ('sinopac', 'ctbc') AND bank_order_no = ?1");
    const FOUND: &str = money!("(amount = ?2 OR ?1 <> '' AND instr(upper(bank_order_no), upper(?1)) > 0)");
    let mut lines = match which {
        ForeignMoney::Untold { since } => all(conn, UNTOLD, [since.minutes()], read)?,
        ForeignMoney::Open => all(conn, OPEN, [], read)?,
        ForeignMoney::Number(number) => all(conn, NUMBER, [number], read)?,
        ForeignMoney::Found { part, amount } => all(conn, FOUND, (part, amount.map(Twd::dollars)), read)?,
    };
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
