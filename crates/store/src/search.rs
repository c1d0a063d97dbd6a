//! What the search box finds. Each thing that was typed can be asks one index for the newest
//! orders; what they give is one list.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{LookIn, Moment, OrderId, Search};
use counterfoil_engine::ports::{OrderRow, Page};
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use crate::orders::{Key, before, newest};
use crate::payments::backwards;
use crate::questions::{Question, question};
use crate::words::{self, place};

const BY_WORDS: Question = question!(
    "SELECT p.created_at, p.order_id FROM order_words w JOIN order_places p ON p.place = w.rowid
    WHERE w.order_words MATCH ?4 AND w.rowid <= ?5 AND (p.created_at, p.order_id) < (?1, ?2)",
    "p.created_at",
    "p.order_id",
    "w.rowid DESC"
);

const BY_AMOUNT: Question = question!(
    "SELECT created_at, id FROM orders WHERE amount = ?4 AND (created_at, id) < (?1, ?2)",
    "orders.created_at",
    "orders.id"
);

/// A payment's orders by the end of its account: all that end alike are sorted, one in a thousand
/// at most.
const BY_ACCOUNT_END: Question = question!(
    "SELECT DISTINCT sold_at, order_id FROM payments p
    WHERE account_back >= ?4 AND account_back < ?5 AND (sold_at, order_id) < (?1, ?2)",
    "p.sold_at",
    "p.order_id"
);

/// Those of one second, at least: sorted likewise.
const BY_NUMBER_START: Question = question!(
    "SELECT DISTINCT sold_at, order_id FROM payments p
    WHERE bank_order_no >= ?4 AND bank_order_no < ?5 AND (sold_at, order_id) < (?1, ?2)",
    "p.sold_at",
    "p.order_id"
);

const BY_DAY: Question = question!(
    "SELECT created_at, id FROM orders
    WHERE created_at >= ?4 AND created_at < ?5 AND (created_at, id) < (?1, ?2)",
    "orders.created_at",
    "orders.id"
);

/// By the bank's minute of the payment: those of one day are sorted.
const BY_PAID_DAY: Question = question!(
    "SELECT DISTINCT sold_at, order_id FROM payments p
    WHERE paid_minute >= ?4 AND paid_minute < ?5 AND (sold_at, order_id) < (?1, ?2)",
    "p.sold_at",
    "p.order_id"
);

/// Of one amount, sold or paid on a day that begins at this instant.
const BY_AMOUNT_AND_DAY: Question = question!(
    "SELECT created_at, id FROM orders WHERE amount = ?4 AND (created_at, id) < (?1, ?2)
    AND (created_at >= ?5 AND created_at < ?5 + 86400000 OR EXISTS (SELECT 1 FROM payments p
        WHERE p.order_id = orders.id AND p.paid_minute >= ?5 / 60000 AND p.paid_minute < ?5 / 60000 + 1440))",
    "orders.created_at",
    "orders.id"
);

/// Where texts are hidden, no more pages are looked through for one.
const HIDDEN_PAGES_MAX: u32 = 50;

const MINUTE_MS: i64 = 60_000;

/// Sorts after every digit and letter.
const PAST_ALL: char = '~';

/// A page by keyset, with the payments of each order.
pub(crate) fn page(conn: &Connection, search: &Search, page: Page) -> Result<Vec<OrderRow>> {
    let snapshot = conn.unchecked_transaction()?;
    let (_, _, limit) = before(page);
    let mut keys = by_words(&snapshot, search, page)?;
    if let Some(amount) = search.amount {
        keys.extend(BY_AMOUNT.keys(&snapshot, page, &[amount.dollars().into()])?);
    }
    for (question, start) in [
        (&BY_ACCOUNT_END, search.account_end.as_deref().map(backwards)),
        (&BY_NUMBER_START, search.number_start.clone()),
    ] {
        if let Some(start) = start {
            let end = format!("{start}{PAST_ALL}");
            keys.extend(question.keys(&snapshot, page, &[start.into(), end.into()])?);
        }
    }
    if let Some(day) = search.day {
        let [from, to] = [0, 1].map(|days| Moment::start_of(day_plus(day, days)).millis());
        keys.extend(BY_DAY.keys(&snapshot, page, &[from.into(), to.into()])?);
        let [from, to] = [from, to].map(|ms| Value::from(ms / MINUTE_MS));
        keys.extend(BY_PAID_DAY.keys(&snapshot, page, &[from, to])?);
    }
    if let Some((amount, day)) = search.amount_on {
        let from = Moment::start_of(day).millis();
        keys.extend(BY_AMOUNT_AND_DAY.keys(&snapshot, page, &[amount.dollars().into(), from.into()])?);
    }
    newest(&snapshot, keys, limit)
}

/// The orders that hold the words. The index knows the texts as they were typed: what is shown
/// another way is compared again, and the page goes on behind what did not fit.
fn by_words(conn: &Connection, search: &Search, mut page: Page) -> Result<Vec<Key>> {
    let Some(question) = words::question(search) else { return Ok(Vec::new()) };
    let mut keys = words::among_due(conn, search, page)?;
    let mut found = 0;
    for _ in 0..HIDDEN_PAGES_MAX {
        let (at, id, limit) = before(page);
        // an order that found its place taken is a little higher
        let highest = place((at, id)).saturating_add(i64::from(u16::MAX));
        let next = BY_WORDS.keys(conn, page, &[question.clone().into(), highest.into()])?;
        let (is_full, last) = (u32::try_from(next.len()) == Ok(limit), next.iter().min().copied());
        for key in next {
            if search.look_in != LookIn::Shown || words::holds_all(conn, key, search)? {
                keys.push(key);
                found += 1;
            }
        }
        match last {
            Some((at, id)) if is_full && found < limit => {
                page.after = Some((Moment::from_millis(at), OrderId::from_bytes(id)));
            }
            Some(_) | None => break,
        }
    }
    Ok(keys)
}
