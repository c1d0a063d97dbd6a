//! Table `coverage`: minutes of bank time that were asked about and answered completely. Added, never edited.

use counterfoil_domain::{BankMinute, CoverageSpan, MinuteSpan};
use rusqlite::{Connection, Result, Row, params};

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{Columns, all, cells};

const ADD: Statement = Statement {
    name: "coverage-added",
    sql: "INSERT INTO coverage (pass, from_minute, to_minute, at, by_number) VALUES (?1, ?2, ?3, ?4, ?5)",
};

pub(crate) fn add(writer: &mut Writer<'_>, coverage: &CoverageSpan) -> Result<(), Fault> {
    let CoverageSpan { span, at, by_number, pass } = coverage;
    writer.run(&ADD, cells![*pass, span.from, span.to, *at, *by_number]).map(drop)
}

pub(crate) fn of(conn: &Connection, pass: u8, from: BankMinute) -> Result<Vec<CoverageSpan>> {
    const OF: &str = "SELECT pass, from_minute, to_minute, at, by_number FROM coverage
        WHERE pass = ?1 AND to_minute >= ?2 ORDER BY from_minute, to_minute, seq";
    all(conn, OF, params![pass, from.minutes()], read)
}

fn read(row: &Row<'_>) -> Result<CoverageSpan> {
    let mut columns = Columns::of(row);
    Ok(CoverageSpan {
        pass: columns.get()?,
        span: MinuteSpan { from: columns.minute()?, to: columns.minute()? },
        at: columns.moment()?,
        by_number: columns.get()?,
    })
}
