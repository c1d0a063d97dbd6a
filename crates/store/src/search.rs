//! What the search box finds. Each thing that was typed can be asks one index for the newest orders; what they give is one list.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Moment, Search};
use counterfoil_engine::ports::{OrderRow, Page};
use rusqlite::{Connection, Result, params};

use crate::orders::{before, key, newest};
use crate::payments::backwards;
use crate::rows::all;
use crate::words::{self, place};

const BY_WORDS: &str =
    "SELECT p.created_at, p.order_id FROM order_words w JOIN order_places p ON p.place = w.rowid
    WHERE w.order_words MATCH ?4 AND w.rowid <= ?5 AND (p.created_at, p.order_id) < (?1, ?2)
    ORDER BY w.rowid DESC LIMIT ?3";

const BY_AMOUNT: &str = "SELECT created_at, id FROM orders WHERE amount = ?4 AND (created_at, id) < (?1, ?2)
    ORDER BY created_at DESC, id DESC LIMIT ?3";

/// A payment's orders stand by the end of its account: all that end alike are sorted, one in a thousand at most.
const BY_ACCOUNT_END: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE account_back >= ?4 AND account_back < ?5 AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

/// Those of one second, at least: sorted likewise.
const BY_NUMBER_START: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE bank_order_no >= ?4 AND bank_order_no < ?5 AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

const BY_DAY: &str = "SELECT created_at, id FROM orders
    WHERE created_at >= ?4 AND created_at < ?5 AND (created_at, id) < (?1, ?2)
    ORDER BY created_at DESC, id DESC LIMIT ?3";

/// Sorts after every digit and letter.
const PAST_ALL: char = '~';

/// A page by keyset, with the payments of each order.
pub(crate) fn page(conn: &Connection, search: &Search, page: Page) -> Result<Vec<OrderRow>> {
    let snapshot = conn.unchecked_transaction()?;
    let (at, id, limit) = before(page);
    let mut keys = Vec::new();
    if let Some(question) = words::question(search) {
        // an order that gave way to another's place stands a little higher
        let highest = place((at, id)).saturating_add(i64::from(u16::MAX));
        keys.extend(all(&snapshot, BY_WORDS, params![at, id, limit, question, highest], key)?);
    }
    if let Some(amount) = search.amount {
        keys.extend(all(&snapshot, BY_AMOUNT, params![at, id, limit, amount.dollars()], key)?);
    }
    for (sql, start) in [
        (BY_ACCOUNT_END, search.account_end.as_deref().map(backwards)),
        (BY_NUMBER_START, search.number_start.clone()),
    ] {
        if let Some(start) = start {
            let end = format!("{start}{PAST_ALL}");
            keys.extend(all(&snapshot, sql, params![at, id, limit, start, end], key)?);
        }
    }
    if let Some(day) = search.day {
        let [from, to] = [0, 1].map(|days| Moment::start_of(day_plus(day, days)).millis());
        keys.extend(all(&snapshot, BY_DAY, params![at, id, limit, from, to], key)?);
    }
    newest(&snapshot, keys, limit)
}
