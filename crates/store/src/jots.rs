//! Tables `asked` and `clocks`: what is worth remembering and no money rests on. Written without an audit row.

use counterfoil_domain::{Bank, Moment, PaymentId};
use counterfoil_engine::ports::{Jot, KeptClock};
use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

use crate::commit::Fault;
use crate::rows::{Columns, one};

/// Writes all of them in a transaction of its own, or none.
pub(crate) fn write(conn: &Connection, jots: &[Jot]) -> Result<(), Fault> {
    let transaction = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    for jot in jots {
        match jot {
            Jot::Asked(payment, at) => asked(&transaction, *payment, *at)?,
            Jot::Clock(bank, clock) => keep_clock(&transaction, *bank, *clock)?,
        }
    }
    Ok(transaction.commit()?)
}

fn asked(conn: &Connection, payment: PaymentId, at: Moment) -> Result<()> {
    const ASKED: &str = "INSERT INTO asked (payment_id, at) VALUES (?1, ?2)
        ON CONFLICT (payment_id) DO UPDATE SET at = excluded.at";
    conn.prepare_cached(ASKED)?.execute(params![payment.as_bytes(), at.millis()]).map(drop)
}

fn keep_clock(conn: &Connection, bank: Bank, clock: KeptClock) -> Result<()> {
    const CLOCK: &str = "INSERT INTO clocks (bank, offset_ms, bank_now) VALUES (?1, ?2, ?3)
        ON CONFLICT (bank) DO UPDATE SET offset_ms = excluded.offset_ms, bank_now = excluded.bank_now";
    let KeptClock { offset_ms, bank_now } = clock;
    conn.prepare_cached(CLOCK)?.execute(params![bank.name(), offset_ms, bank_now.millis()]).map(drop)
}

pub(crate) fn clock(conn: &Connection, bank: Bank) -> Result<Option<KeptClock>> {
    one(conn, "SELECT offset_ms, bank_now FROM clocks WHERE bank = ?1", [bank.name()], |row| {
        let mut columns = Columns::of(row);
        Ok(KeptClock { offset_ms: columns.get()?, bank_now: columns.moment()? })
    })
}
