//! Table `customers`: what a person typed about who buys. Added, corrected, and erased; never
//! deleted. A correction erases what was there. With a customer everything that people typed about
//! the orders goes: the notes and reasons always; the description of an order, the word about a
//! refund and a transcript where they name the customer, for those are facts as well.
//!
//! Of one order all of it goes, when a person says so: nothing tells which of the words are a name,
//! or were one before a correction.
//!
//! The audit knows the texts by a digest with a random salt. The salt is erased with them, so the
//! audit cannot prove a guess afterwards.

use std::time::Duration;

use counterfoil_domain::{Customer, CustomerId, Order, OrderId, PaymentId};
use rusqlite::{Connection, Result, Row, params};
use sha2::{Digest, Sha256};

use crate::pragmas::BUSY_TIMEOUT_MS;
use crate::rows::{Columns, ROWS_MAX, all, cells, one};
use crate::writer::{Fault, Statement, Writer};
use crate::{answers, operations, orders, payments, refunds, words};

const ADD: Statement = Statement {
    name: "customer-known",
    sql: "INSERT INTO customers (id, name, note, salt) VALUES (?1, ?2, ?3, ?4)",
};

const CORRECT: Statement = Statement {
    name: "customer-corrected",
    sql: "UPDATE customers SET name = ?2, note = ?3, salt = ?4 WHERE id = ?1",
};

const ERASE: Statement = Statement {
    name: "customer-erased",
    sql: "UPDATE customers SET name = '', note = '', salt = x'' WHERE id = ?1",
};

/// The words about payments: each with a version of its own, where its row has one.
const ERASE_WORDS: [Statement; 4] = [
    Statement {
        name: "refund-notes-erased",
        sql: "UPDATE refunds SET note = NULL, salt = randomblob(16), version = version + 1
                WHERE note IS NOT NULL AND payment_id = ?1",
    },
    Statement {
        name: "refunds-booked-erased",
        sql: "UPDATE refunds_booked SET reason = '—', salt = randomblob(16)
                WHERE payment_id = ?1 AND reason <> '—'",
    },
    Statement {
        name: "refunds-unbooked-erased",
        sql: "UPDATE refunds_unbooked SET reason = '—', salt = randomblob(16)
                WHERE payment_id = ?1 AND reason <> '—'",
    },
    Statement {
        name: "discrepancy-closings-erased",
        sql: "UPDATE discrepancy_closings SET reason = '—', salt = randomblob(16) WHERE reason <> '—' AND discrepancy_id IN
                (SELECT id FROM discrepancies WHERE ifnull(payment_id, x'') = ?1)",
    },
];

const ERASE_DESCRIPTION: Statement = Statement {
    name: "order-description-erased",
    sql: "UPDATE orders SET description = '', salt = randomblob(16), version = version + 1 WHERE id = ?1",
};

const ERASE_WORD: Statement = Statement {
    name: "refund-word-erased",
    sql: "UPDATE refunds SET word = '—', salt = randomblob(16), version = version + 1 WHERE id = ?1",
};

const ERASE_TRANSCRIPT: Statement = Statement {
    name: "transcript-erased",
    sql: "UPDATE answers SET transcript = '' WHERE operation_id = ?1 AND attempt = ?2",
};

pub(crate) fn add(writer: &mut Writer<'_>, customer: &Customer) -> Result<(), Fault> {
    write(writer, &ADD, customer)
}

/// Rebuilds the words of the customer's orders with the new name and note.
pub(crate) fn correct(writer: &mut Writer<'_>, customer: &Customer) -> Result<(), Fault> {
    let Some(before) = get(writer.conn(), customer.id)? else { return Err(Fault::Conflict) };
    let orders = orders::of_customer(writer.conn(), customer.id)?;
    for order in &orders {
        words::remove(writer.conn(), order, Some(&before))?;
    }
    write(writer, &CORRECT, customer)?;
    erasure_begins(writer.conn())?;
    for order in &orders {
        words::add(writer.conn(), order)?;
    }
    Ok(())
}

fn write(writer: &mut Writer<'_>, statement: &Statement, customer: &Customer) -> Result<(), Fault> {
    let Customer { id, name, note, salt } = customer;
    let mut digest = Sha256::new();
    for text in [salt.as_slice(), name.as_bytes(), note.as_bytes()] {
        digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text);
    }
    let known: [u8; 32] = digest.finalize().into();
    writer.note(statement, cells![id.as_bytes(), &known]);
    writer.conn().prepare_cached(statement.sql)?.execute(params![id.as_bytes(), name, note, salt])?;
    Ok(())
}

/// Rebuilds the words of the customer's orders without name and note, and erases what was typed
/// about them.
pub(crate) fn erase(writer: &mut Writer<'_>, id: CustomerId) -> Result<(), Fault> {
    let Some(before) = get(writer.conn(), id)? else { return Err(Fault::Conflict) };
    let orders = orders::of_customer(writer.conn(), id)?;
    for order in &orders {
        words::remove(writer.conn(), order, Some(&before))?;
    }
    writer.run(&ERASE, cells![id.as_bytes()])?;
    erasure_begins(writer.conn())?;
    for order in orders {
        let named = before.is_named_in(&order.description);
        if named {
            writer.run(&ERASE_DESCRIPTION, cells![order.id.as_bytes()])?;
        }
        for payment in payments::of(writer.conn(), order.id)? {
            erase_typed(writer, payment.id)?;
            erase_naming(writer, payment.id, |text| before.is_named_in(text))?;
        }
        let description = if named { String::new() } else { order.description };
        words::add(writer.conn(), &Order { description, ..order })?;
    }
    Ok(())
}

/// Erases what was typed about an order, and a transcript that repeats its description.
pub(crate) fn erase_order(writer: &mut Writer<'_>, id: OrderId) -> Result<(), Fault> {
    let Some(order) = orders::get(writer.conn(), id)? else { return Err(Fault::Conflict) };
    let customer = order.customer.map(|id| get(writer.conn(), id)).transpose()?.flatten();
    words::remove(writer.conn(), &order, customer.as_ref())?;
    writer.run(&ERASE_DESCRIPTION, cells![id.as_bytes()])?;
    erasure_begins(writer.conn())?;
    let described = Customer {
        id: CustomerId::from_bytes(*id.as_bytes()),
        name: order.description.clone(),
        note: String::new(),
        salt: [0; 16],
    };
    for payment in payments::of(writer.conn(), id)? {
        erase_typed(writer, payment.id)?;
        erase_naming(writer, payment.id, |text| described.is_named_in(text))?;
        for refund in refunds::of(writer.conn(), payment.id)?.iter().filter(|refund| refund.word.is_some()) {
            writer.run(&ERASE_WORD, cells![refund.id.as_bytes()])?;
        }
    }
    words::add(writer.conn(), &Order { description: String::new(), ..order })
}

/// Notes and reasons about a payment.
fn erase_typed(writer: &mut Writer<'_>, payment: PaymentId) -> Result<(), Fault> {
    for statement in &ERASE_WORDS {
        writer.run(statement, cells![payment.as_bytes()])?;
    }
    Ok(())
}

/// Of the facts about a payment those that hold a name.
fn erase_naming(
    writer: &mut Writer<'_>,
    payment: PaymentId,
    holds_name: impl Fn(&str) -> bool,
) -> Result<(), Fault> {
    for refund in refunds::of(writer.conn(), payment)? {
        if refund.word.is_some_and(|word| holds_name(&word.text)) {
            writer.run(&ERASE_WORD, cells![refund.id.as_bytes()])?;
        }
    }
    for operation in operations::of(writer.conn(), payment)? {
        for answer in answers::of(writer.conn(), operation.id)? {
            if holds_name(&answer.transcript) {
                writer.run(&ERASE_TRANSCRIPT, cells![operation.id.as_bytes(), answer.attempt])?;
            }
        }
    }
    Ok(())
}

/// Those who are not erased, a page behind an id.
pub(crate) fn page(conn: &Connection, after: Option<CustomerId>) -> Result<Vec<Customer>> {
    const PAGE: &str = "SELECT id, name, note, salt FROM customers
        WHERE id > ?1 AND (name <> '' OR note <> '') ORDER BY id LIMIT ?2";
    let after = after.as_ref().map_or(&[][..], |id| id.as_bytes());
    all(conn, PAGE, params![after, ROWS_MAX], read)
}

/// With the commit that erases: from then on the log has to be emptied.
pub(crate) fn erasure_begins(conn: &Connection) -> Result<()> {
    conn.execute("UPDATE erasures SET unfinished = 1", []).map(drop)
}

/// Until it is emptied, the log holds pages as they were. Another program that reads puts that off;
/// the row remembers it, so that neither a crash nor the end of the program hides it.
pub(crate) fn empty_the_log(conn: &Connection, wait_ms: i64) -> Result<bool, Fault> {
    let wait = |ms: i64| conn.busy_timeout(Duration::from_millis(ms.unsigned_abs()));
    wait(wait_ms)?;
    let emptied = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    });
    wait(BUSY_TIMEOUT_MS)?;
    // not busy, and no frame left
    let is_empty = emptied? == (0, 0);
    if is_empty {
        conn.execute("UPDATE erasures SET unfinished = 0", [])?;
    }
    Ok(is_empty)
}

pub(crate) fn is_erasure_unfinished(conn: &Connection) -> Result<bool> {
    Ok(one(conn, "SELECT unfinished FROM erasures", [], |row| row.get(0))?.unwrap_or(false))
}

pub(crate) fn get(conn: &Connection, id: CustomerId) -> Result<Option<Customer>> {
    one(conn, "SELECT id, name, note, salt FROM customers WHERE id = ?1", [id.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Customer> {
    let mut columns = Columns::of(row);
    Ok(Customer {
        id: columns.id(CustomerId::from_bytes)?,
        name: columns.get()?,
        note: columns.get()?,
        // empty in a row of an older version, and once erased
        salt: <[u8; 16]>::try_from(columns.get::<Vec<u8>>()?).unwrap_or_default(),
    })
}
