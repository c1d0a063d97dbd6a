//! Tables `asked`, `clocks`, `clock_doubts`, `refusals` and `discrepancies_gone`: what is worth
//! remembering and no money rests on. Written without an audit row.

use counterfoil_domain::{Bank, DiscrepancyId, Moment, PaymentId};
use counterfoil_engine::ports::{Jot, KeptClock, Silence};
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

use crate::audit::{self, Linked};
use crate::marks::{CLOCK_DOUBTS, CLOCKS, REFUSALS, bears_mark};
use crate::rows::one;
use crate::writer::Fault;

/// Writes all of them in a transaction of its own, or none. Without its key nothing is remembered
/// in a file that has one: the row would bear no mark.
pub(crate) fn write(conn: &Connection, jots: &[Jot], is_linked: bool) -> Result<(), Fault> {
    if !is_linked && audit::last(conn)?.keyed {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    for jot in jots {
        match jot {
            Jot::Asked(payment, at) => asked(&transaction, *payment, *at)?,
            Jot::Gone(id) => gone(&transaction, *id)?,
            Jot::Clock(bank, clock) => keep_clock(&transaction, *bank, *clock)?,
            Jot::Doubted(bank, off_ms) => keep_doubt(&transaction, *bank, *off_ms)?,
            Jot::Refused(bank, refusal) => keep_refusal(&transaction, *bank, refusal.as_ref())?,
        }
    }
    Ok(transaction.commit()?)
}

/// Puts back the only row of a table that a hand has emptied: nothing could be committed without
/// the one, and without the other an erasure would be forgotten. Runs are counted on from the
/// newest that is known.
pub(crate) fn mend(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "INSERT INTO counters (id, incarnation) SELECT 1, (SELECT ifnull(max(incarnation), 0) FROM operations)
            WHERE NOT EXISTS (SELECT 1 FROM counters WHERE id = 1);
        INSERT INTO erasures (one, unfinished) SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM erasures)",
    )
}

fn asked(conn: &Connection, payment: PaymentId, at: Moment) -> Result<()> {
    const ASKED: &str = "INSERT INTO asked (payment_id, at) VALUES (?1, ?2)
        ON CONFLICT (payment_id) DO UPDATE SET at = excluded.at";
    conn.prepare_cached(ASKED)?.execute(params![payment.as_bytes(), at.millis()]).map(drop)
}

fn gone(conn: &Connection, id: DiscrepancyId) -> Result<()> {
    let sql = "INSERT INTO discrepancies_gone (discrepancy_id) VALUES (?1) ON CONFLICT DO NOTHING";
    conn.prepare_cached(sql)?.execute([id.as_bytes()]).map(drop)
}

fn keep_clock(conn: &Connection, bank: Bank, clock: KeptClock) -> Result<()> {
    const CLOCK: &str = "INSERT OR REPLACE INTO clocks (bank, offset_ms, bank_now, behind_ms, moved_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let KeptClock { offset_ms, bank_now, behind_ms, moved_at } = clock;
    let row = params![bank.name(), offset_ms, bank_now.millis(), behind_ms, moved_at.map(Moment::millis)];
    conn.prepare_cached(CLOCK)?.execute(row).map(drop)
}

fn keep_doubt(conn: &Connection, bank: Bank, off_ms: Option<i64>) -> Result<()> {
    const DOUBT: &str = "INSERT OR REPLACE INTO clock_doubts (bank, off_ms) VALUES (?1, ?2)";
    let Some(off_ms) = off_ms else {
        return conn.execute("DELETE FROM clock_doubts WHERE bank = ?1", [bank.name()]).map(drop);
    };
    conn.prepare_cached(DOUBT)?.execute(params![bank.name(), off_ms]).map(drop)
}

fn keep_refusal(conn: &Connection, bank: Bank, refusal: Option<&Silence>) -> Result<()> {
    const REFUSAL: &str = "INSERT OR REPLACE INTO refusals (bank, since, code) VALUES (?1, ?2, ?3)";
    let Some(Silence { since, code }) = refusal else {
        return conn.execute("DELETE FROM refusals WHERE bank = ?1", [bank.name()]).map(drop);
    };
    conn.prepare_cached(REFUSAL)?.execute(params![bank.name(), since.millis(), code]).map(drop)
}

/// A row that another hand has written is none: a bank that answers tells itself.
pub(crate) fn refusal(conn: &Connection, linked: Option<&Linked<'_>>, bank: Bank) -> Result<Option<Silence>> {
    const REFUSAL: &str = "SELECT bank, since, code, mark FROM refusals WHERE bank = ?1";
    let refusal = one(conn, REFUSAL, [bank.name()], |row| {
        let silence = Silence { since: Moment::from_millis(row.get(1)?), code: row.get(2)? };
        Ok(bears_mark(row, 3, &REFUSALS, linked).then_some(silence))
    })?;
    Ok(refusal.flatten())
}

/// A row that another hand has written is none: the bank is asked as in a first run.
pub(crate) fn clock(conn: &Connection, linked: Option<&Linked<'_>>, bank: Bank) -> Result<Option<KeptClock>> {
    const CLOCK: &str =
        "SELECT bank, offset_ms, bank_now, behind_ms, moved_at, mark FROM clocks WHERE bank = ?1";
    let clock = one(conn, CLOCK, [bank.name()], |row| {
        let kept = KeptClock {
            offset_ms: row.get(1)?,
            bank_now: Moment::from_millis(row.get(2)?),
            behind_ms: row.get(3)?,
            moved_at: row.get::<_, Option<i64>>(4)?.map(Moment::from_millis),
        };
        Ok(bears_mark(row, 5, &CLOCKS, linked).then_some(kept))
    })?;
    Ok(clock.flatten())
}

/// A row that another hand has written is none: a bank that answers tells itself.
pub(crate) fn doubt(conn: &Connection, linked: Option<&Linked<'_>>, bank: Bank) -> Result<Option<i64>> {
    const DOUBT: &str = "SELECT bank, off_ms, mark FROM clock_doubts WHERE bank = ?1";
    let off_ms = one(conn, DOUBT, [bank.name()], |row| {
        let off_ms = row.get(1)?;
        Ok(bears_mark(row, 2, &CLOCK_DOUBTS, linked).then_some(off_ms))
    })?;
    Ok(off_ms.flatten())
}
