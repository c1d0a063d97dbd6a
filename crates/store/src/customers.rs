//! Table `customers`: what a person typed about who buys. Added, and erased; never edited, never deleted.

use counterfoil_domain::{Customer, CustomerId};
use rusqlite::{Connection, Result, Row};

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{Columns, cells, one};
use crate::{orders, words};

const ADD: Statement =
    Statement { name: "customer-added", sql: "INSERT INTO customers (id, name, note) VALUES (?1, ?2, ?3)" };

const ERASE: Statement =
    Statement { name: "customer-erased", sql: "UPDATE customers SET name = '', note = '' WHERE id = ?1" };

pub(crate) fn add(writer: &mut Writer<'_>, customer: &Customer) -> Result<(), Fault> {
    let Customer { id, name, note } = customer;
    writer.run(&ADD, cells![id.as_bytes(), name, note]).map(drop)
}

/// The words of the customer's orders are made anew without name and note.
pub(crate) fn erase(writer: &mut Writer<'_>, id: CustomerId) -> Result<(), Fault> {
    let Some(before) = get(writer.conn(), id)? else { return Err(Fault::Conflict) };
    let orders = orders::of_customer(writer.conn(), id)?;
    for order in &orders {
        words::remove(writer.conn(), order, Some(&before))?;
    }
    writer.run(&ERASE, cells![id.as_bytes()])?;
    for order in &orders {
        words::add(writer.conn(), order)?;
    }
    Ok(())
}

pub(crate) fn get(conn: &Connection, id: CustomerId) -> Result<Option<Customer>> {
    one(conn, "SELECT id, name, note FROM customers WHERE id = ?1", [id.as_bytes()], read)
}

fn read(row: &Row<'_>) -> Result<Customer> {
    let mut columns = Columns::of(row);
    Ok(Customer { id: columns.id(CustomerId::from_bytes)?, name: columns.get()?, note: columns.get()? })
}
