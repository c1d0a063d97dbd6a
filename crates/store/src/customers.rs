//! Table `customers`: what a person typed about who buys. Added, corrected, and erased; never
//! deleted. A correction erases what stood there. The notes of refunds are erased with it.
//!
//! The audit knows the texts by a digest with a random salt. The salt is erased with them, so the
//! audit cannot prove a guess afterwards.

use counterfoil_domain::{Customer, CustomerId};
use rusqlite::{Connection, Result, Row, params};
use sha2::{Digest, Sha256};

use crate::rows::{Columns, cells, one};
use crate::writer::{Fault, Statement, Writer};
use crate::{orders, words};

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

/// Each with a version of its own, as every change of a refund.
const ERASE_NOTES: Statement = Statement {
    name: "refund-notes-erased",
    sql: "UPDATE refunds SET note = NULL, version = version + 1 WHERE note IS NOT NULL AND payment_id IN
            (SELECT payments.id FROM payments JOIN orders ON orders.id = payments.order_id
                WHERE orders.customer_id = ?1)",
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
/// about refunds of them.
pub(crate) fn erase(writer: &mut Writer<'_>, id: CustomerId) -> Result<(), Fault> {
    let Some(before) = get(writer.conn(), id)? else { return Err(Fault::Conflict) };
    let orders = orders::of_customer(writer.conn(), id)?;
    for order in &orders {
        words::remove(writer.conn(), order, Some(&before))?;
    }
    writer.run(&ERASE, cells![id.as_bytes()])?;
    writer.run(&ERASE_NOTES, cells![id.as_bytes()])?;
    for order in &orders {
        words::add(writer.conn(), order)?;
    }
    Ok(())
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
