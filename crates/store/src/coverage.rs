//! Tables `coverage`, minutes of bank time that were asked about and answered completely, added and
//! never edited; and `coverage_marks`, how far they reach without a hole.
//!
//! A mark moves in the commit of the span that moves it. It follows from shop and spans, so the
//! digest of the audit row leaves it out. It may be missing, in the file of an older version or
//! after the shop's first minute has changed: the next span makes it, and until then readers walk
//! the spans themselves. They do the same for one that does not bear the key's mark: another hand
//! wrote it, and what it claims would never be asked about. No span holds the minute of a mark.

use counterfoil_domain::coverage::gaps;
use counterfoil_domain::{Bank, BankMinute, CoverageSpan, MinuteSpan};
use rusqlite::{Connection, Result, Row, params};

use crate::audit::Linked;
use crate::marks::{COVERAGE_MARKS, bears_mark};
use crate::rows::{Columns, all, cells, one};
use crate::shop;
use crate::writer::{Fault, Statement, Writer};

/// The sweep cuts its windows at midnight. A longer one would leave an alarm where there is none,
/// never the other way round.
const WINDOW_MINS_MAX: i64 = 24 * 60;

const ADD: Statement = Statement {
    name: "coverage-added",
    sql: "INSERT INTO coverage (pass, from_minute, to_minute, at, by_number, bank) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
};

pub(crate) fn add(writer: &mut Writer<'_>, coverage: &CoverageSpan) -> Result<(), Fault> {
    let CoverageSpan { bank, span, at, by_number, pass } = coverage;
    writer.run(&ADD, cells![*pass, span.from, span.to, *at, *by_number, bank.name()])?;
    Ok(move_mark(writer.conn(), writer.linked(), *bank, *pass, *span)?)
}

/// Walks on from the mark only when the new span holds it: a hole that stays costs the spans above
/// it nothing.
fn move_mark(
    conn: &Connection,
    linked: Option<&Linked<'_>>,
    bank: Bank,
    pass: u8,
    added: MinuteSpan,
) -> Result<()> {
    const MOVE: &str = "INSERT INTO coverage_marks (bank, pass, before_minute) VALUES (?1, ?2, ?3)
        ON CONFLICT (bank, pass) DO UPDATE SET before_minute = excluded.before_minute";
    let from = match mark(conn, linked, bank, pass)? {
        Some(mark) => added.holds(mark).then_some(mark),
        None => first_minute(conn)?,
    };
    let Some(from) = from else { return Ok(()) };
    let before = walk(conn, bank, pass, from)?;
    conn.prepare_cached(MOVE)?.execute(params![bank.name(), pass, before.minutes()]).map(drop)
}

/// Every minute of the shop before this one is covered; `None`: not even its first.
pub(crate) fn covered_before(
    conn: &Connection,
    linked: Option<&Linked<'_>>,
    bank: Bank,
    pass: u8,
) -> Result<Option<BankMinute>> {
    let snapshot = conn.unchecked_transaction()?;
    let Some(first) = first_minute(&snapshot)? else { return Ok(None) };
    let before = match mark(&snapshot, linked, bank, pass)? {
        Some(mark) => mark,
        None => walk(&snapshot, bank, pass, first)?,
    };
    Ok((before > first).then_some(before))
}

/// The banks and passes in which the mark is not what the spans say: more would never be asked
/// about, and less can be an older row that another hand has put back.
pub(crate) fn marks_that_lie(conn: &Connection) -> Result<Vec<(Bank, u8)>> {
    const MARKS: &str = "SELECT bank, pass, before_minute FROM coverage_marks ORDER BY bank, pass";
    let snapshot = conn.unchecked_transaction()?;
    let marks = all(&snapshot, MARKS, [], |row| {
        let mut columns = Columns::of(row);
        Ok((columns.name(Bank::parse)?, columns.get()?, columns.minute()?))
    })?;
    let first = first_minute(&snapshot)?;
    let mut lies = Vec::new();
    for (bank, pass, mark) in marks {
        let covered = first.map(|first| walk(&snapshot, bank, pass, first)).transpose()?;
        if covered != Some(mark) {
            lies.push((bank, pass));
        }
    }
    Ok(lies)
}

/// The first minute from `from` on that no span holds.
fn walk(conn: &Connection, bank: Bank, pass: u8, from: BankMinute) -> Result<BankMinute> {
    let mut before = from;
    for CoverageSpan { span, .. } in of(conn, bank, pass, from)? {
        if span.from > before {
            break;
        }
        before = before.max(span.to.plus(1));
    }
    Ok(before)
}

/// The one that the key proves.
fn mark(conn: &Connection, linked: Option<&Linked<'_>>, bank: Bank, pass: u8) -> Result<Option<BankMinute>> {
    const PROVED: &str =
        "SELECT bank, pass, before_minute, mark FROM coverage_marks WHERE bank = ?1 AND pass = ?2";
    const PLAIN: &str = "SELECT bank, pass, before_minute FROM coverage_marks WHERE bank = ?1 AND pass = ?2";
    let sql = if linked.is_some() { PROVED } else { PLAIN };
    let mark = one(conn, sql, params![bank.name(), pass], |row| {
        Ok(bears_mark(row, 3, &COVERAGE_MARKS, linked).then_some(BankMinute::from_minutes(row.get(2)?)))
    })?;
    Ok(mark.flatten())
}

fn first_minute(conn: &Connection) -> Result<Option<BankMinute>> {
    Ok(shop::get(conn)?.map(|shop| shop.added_at.minute()))
}

/// What no window of any pass has shown of the spans that the running sweep covered by number only.
/// Each span reads the windows around it and no others; the conditions are those of the indexes.
pub(crate) fn by_number(conn: &Connection, bank: Bank) -> Result<Vec<MinuteSpan>> {
    // left alone, SQLite walks every span of the pass
    const NUMBERED: &str = "SELECT from_minute, to_minute FROM coverage INDEXED BY coverage_by_number
        WHERE bank = ?1 AND by_number = 1 AND pass = 0 ORDER BY from_minute, to_minute";
    const WINDOWS: &str = "SELECT from_minute, to_minute FROM coverage
        WHERE bank = ?1 AND pass IN (0, 1, 3) AND to_minute BETWEEN ?2 AND ?3 AND from_minute <= ?4
            AND by_number = 0";
    let snapshot = conn.unchecked_transaction()?;
    let mut left = Vec::new();
    for numbered in all(&snapshot, NUMBERED, [bank.name()], span)? {
        let (from, to) = (numbered.from.minutes(), numbered.to.minutes());
        let last = numbered.to.plus(WINDOW_MINS_MAX - 1).minutes();
        let windows = all(&snapshot, WINDOWS, params![bank.name(), from, last, to], span)?;
        left.extend(gaps(numbered.from, numbered.to, windows));
    }
    left.sort_unstable();
    left.dedup();
    Ok(left)
}

pub(crate) fn of(conn: &Connection, bank: Bank, pass: u8, from: BankMinute) -> Result<Vec<CoverageSpan>> {
    const OF: &str = "SELECT bank, pass, from_minute, to_minute, at, by_number FROM coverage
        WHERE bank = ?1 AND pass = ?2 AND to_minute >= ?3 ORDER BY from_minute, to_minute, seq";
    all(conn, OF, params![bank.name(), pass, from.minutes()], read)
}

fn span(row: &Row<'_>) -> Result<MinuteSpan> {
    let mut columns = Columns::of(row);
    Ok(MinuteSpan { from: columns.minute()?, to: columns.minute()? })
}

fn read(row: &Row<'_>) -> Result<CoverageSpan> {
    let mut columns = Columns::of(row);
    Ok(CoverageSpan {
        bank: columns.name(Bank::parse)?,
        pass: columns.get()?,
        span: MinuteSpan { from: columns.minute()?, to: columns.minute()? },
        at: columns.moment()?,
        by_number: columns.get()?,
    })
}
