//! Table `orders`: what was sold. Added, never edited.

use counterfoil_domain::{Order, OrderId, Payment};
use counterfoil_engine::ports::Page;
use rusqlite::{Connection, Result, Row, params};

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{Columns, all, cells, one};
use crate::{payments, store::ROWS_MAX};

const ADD: Statement = Statement {
    name: "order-added",
    sql: "INSERT INTO orders (created_at, id, amount, description) VALUES (?1, ?2, ?3, ?4)",
};

pub(crate) fn add(writer: &mut Writer<'_>, order: &Order) -> Result<(), Fault> {
    let Order { id, amount, description, created_at } = order;
    writer.run(&ADD, cells![*created_at, id.as_bytes(), *amount, description]).map(drop)
}

pub(crate) fn get(conn: &Connection, id: OrderId) -> Result<Option<Order>> {
    one(conn, "SELECT created_at, id, amount, description FROM orders WHERE id = ?1", [id.as_bytes()], read)
}

/// A page by keyset, with the payments of each order.
pub(crate) fn page(conn: &Connection, page: Page) -> Result<Vec<(Order, Vec<Payment>)>> {
    const NEWEST: &str = "SELECT created_at, id, amount, description FROM orders
        ORDER BY created_at DESC, id DESC LIMIT ?1";
    const OLDER: &str = "SELECT created_at, id, amount, description FROM orders
        WHERE (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?1";
    // one moment for the orders and their payments, also beside the writer
    let snapshot = conn.unchecked_transaction()?;
    let limit = page.limit.clamp(1, ROWS_MAX);
    let orders = match page.after {
        None => all(&snapshot, NEWEST, [limit], read)?,
        Some((at, id)) => all(&snapshot, OLDER, params![limit, at.millis(), id.as_bytes()], read)?,
    };
    orders
        .into_iter()
        .map(|order| Ok((payments::of(&snapshot, order.id)?, order)).map(|(p, o)| (o, p)))
        .collect()
}

fn read(row: &Row<'_>) -> Result<Order> {
    let mut columns = Columns::of(row);
    Ok(Order {
        created_at: columns.moment()?,
        id: columns.id(OrderId::from_bytes)?,
        amount: columns.twd()?,
        description: columns.get()?,
    })
}
