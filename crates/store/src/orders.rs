//! Table `orders`: what was sold. Added, never edited but for its version.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{CustomerId, Moment, Order, OrderId};
use counterfoil_engine::ports::{OrderRow, Page};
use rusqlite::{Connection, Result, Row, params};

use crate::rows::{Columns, ROWS_MAX, all, cells, one};
use crate::writer::{Fault, Statement, Writer};
use crate::{payments, words};

const ADD: Statement = Statement {
    name: "order-added",
    sql: "INSERT INTO orders (created_at, id, amount, description, customer_id, salt)
        VALUES (?1, ?2, ?3, ?4, ?5, randomblob(16))",
};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT created_at, id, amount, description, customer_id, version FROM orders ", $rest)
    };
}

pub(crate) fn add(writer: &mut Writer<'_>, order: &Order) -> Result<(), Fault> {
    let Order { id, amount, description, customer, created_at, version } = order;
    if *version != 1 {
        return Err(Fault::Refused("a new order has version 1"));
    }
    let customer = customer.as_ref().map(CustomerId::as_bytes);
    let cells = cells![*created_at, id.as_bytes(), *amount, description, customer];
    writer.run_without(&[3], &ADD, cells)?;
    words::add(writer.conn(), order)
}

const DECIDED: Statement = Statement {
    name: "order-decided",
    sql: "UPDATE orders SET version = version + 1 WHERE id = ?1 AND version = ?2",
};

/// A decision that rests on all payments of the order.
pub(crate) fn decided(writer: &mut Writer<'_>, id: OrderId, version: i64) -> Result<(), Fault> {
    if writer.run(&DECIDED, cells![id.as_bytes(), version])? == 1 { Ok(()) } else { Err(Fault::Conflict) }
}

pub(crate) fn get(conn: &Connection, id: OrderId) -> Result<Option<Order>> {
    one(conn, select!("WHERE id = ?1"), [id.as_bytes()], read)
}

pub(crate) fn of_customer(conn: &Connection, id: CustomerId) -> Result<Vec<Order>> {
    all(conn, select!("WHERE customer_id = ?1"), [id.as_bytes()], read)
}

/// The oldest that name a customer, behind one of them.
pub(crate) fn before_with_customer(
    conn: &Connection,
    before: Moment,
    after: Option<(Moment, OrderId)>,
    limit: u32,
) -> Result<Vec<Order>> {
    const BEFORE: &str = select!(
        "WHERE created_at < ?1 AND (created_at, id) > (?2, ?3) AND customer_id IS NOT NULL
            ORDER BY created_at, id LIMIT ?4"
    );
    let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (at.millis(), *id.as_bytes()));
    all(conn, BEFORE, params![before.millis(), at, id, limit.min(ROWS_MAX)], read)
}

/// A page by keyset without a filter, with the payments of each order.
pub(crate) fn page(conn: &Connection, page: Page) -> Result<Vec<OrderRow>> {
    // one moment for the orders and their payments, also beside the writer
    let snapshot = conn.unchecked_transaction()?;
    let (at, id, limit) = before(page);
    let sql = select!("WHERE (created_at, id) < (?1, ?2) ORDER BY created_at DESC, id DESC LIMIT ?3");
    let orders = all(&snapshot, sql, params![at, id, limit], read)?;
    orders.into_iter().map(|order| with_payments(&snapshot, order)).collect()
}

/// What a page is cut by: older than this, and at most so many. Nothing is newer than the end of
/// time, or than a filter's last day.
pub(crate) fn before(page: Page) -> (i64, [u8; 16], u32) {
    let end = page.only.to.map_or(i64::MAX, |day| Moment::start_of(day_plus(day, 1)).millis());
    let place = page.after.map(|(at, id)| (at.millis(), *id.as_bytes())).filter(|(at, _)| *at < end);
    let (at, id) = place.unwrap_or((end, if end == i64::MAX { [u8::MAX; 16] } else { [0; 16] }));
    (at, id, page.limit.clamp(1, ROWS_MAX))
}

/// An order's place in lists: when, and its id.
pub(crate) type Key = (i64, [u8; 16]);

/// The orders of the newest of these keys, each once, with their payments.
pub(crate) fn newest(conn: &Connection, mut keys: Vec<Key>, limit: u32) -> Result<Vec<OrderRow>> {
    keys.sort_unstable_by(|a, b| b.cmp(a));
    keys.dedup();
    keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let sql = select!("WHERE created_at = ?1 AND id = ?2");
    let mut rows = Vec::new();
    for (at, id) in keys {
        if let Some(order) = one(conn, sql, params![at, id], read)? {
            rows.push(with_payments(conn, order)?);
        }
    }
    Ok(rows)
}

fn with_payments(conn: &Connection, order: Order) -> Result<OrderRow> {
    let payments = payments::of(conn, order.id)?;
    Ok((order, payments))
}

/// Reads a key.
pub(crate) fn key(row: &Row<'_>) -> Result<Key> {
    Ok((row.get(0)?, row.get(1)?))
}

fn read(row: &Row<'_>) -> Result<Order> {
    let mut columns = Columns::of(row);
    Ok(Order {
        created_at: columns.moment()?,
        id: columns.id(OrderId::from_bytes)?,
        amount: columns.twd()?,
        description: columns.get()?,
        customer: columns.get::<Option<_>>()?.map(CustomerId::from_bytes),
        version: columns.get()?,
    })
}
