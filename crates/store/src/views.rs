//! The built-in views of the list of orders. Each walks a partial index from the newest; the lists of states are those of the
//! domain, and a test holds them against it.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Moment, View};
use counterfoil_engine::ports::{OrderRow, Page};
use rusqlite::{Connection, Result, params};

use crate::orders::{self, Key, before, key, newest};
use crate::rows::all;

macro_rules! unpaid {
    ($more:literal) => {
        concat!(
            "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
            WHERE p.state IN ('issuing', 'awaiting', 'authorized') AND (p.sold_at, p.order_id) < (?1, ?2) ",
            $more,
            " AND NOT EXISTS (SELECT 1 FROM payments m
                WHERE m.order_id = p.order_id AND m.state IN ('paid', 'paid-late', 'settled'))
            ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3"
        )
    };
}

const UNPAID: &str = unpaid!("");
const UNPAID_ENDS: &str = unpaid!("AND p.expires_at >= ?4 AND p.expires_at < ?5");

const PAID: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE state IN ('paid', 'paid-late', 'settled') AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

const FOR_A_PERSON: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE state IN ('authorized', 'paid-late') AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

/// What waits for a person is little, and is sorted.
const WITH_A_PERSON: &str =
    "SELECT DISTINCT p.sold_at, p.order_id FROM operations o JOIN payments p ON p.id = o.payment_id
    WHERE o.state = 'needs-person' AND (p.sold_at, p.order_id) < (?1, ?2)
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";

/// Likewise.
const IN_DOUBT: &str =
    "SELECT DISTINCT p.sold_at, p.order_id FROM discrepancies d JOIN payments p ON p.id = d.payment_id
    WHERE (p.sold_at, p.order_id) < (?1, ?2)
    ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3";

/// A page by keyset, with the payments of each order.
pub(crate) fn page(conn: &Connection, view: View, now: Moment, page: Page) -> Result<Vec<OrderRow>> {
    if view == View::All {
        return orders::page(conn, page);
    }
    let snapshot = conn.unchecked_transaction()?;
    let place = before(page);
    let keys = keys(&snapshot, view, now, place)?;
    newest(&snapshot, keys, place.2)
}

/// How many orders a view shows, counted up to `most`. Every order is not counted: nobody asks for that number.
pub(crate) fn count(conn: &Connection, view: View, now: Moment, most: u32) -> Result<u32> {
    if view == View::All {
        return Ok(most);
    }
    let (at, id, _) = before(Page::default());
    let snapshot = conn.unchecked_transaction()?;
    let mut keys = keys(&snapshot, view, now, (at, id, most))?;
    keys.sort_unstable();
    keys.dedup();
    Ok(u32::try_from(keys.len()).unwrap_or(most).min(most))
}

/// The places of a view's orders behind a place; one may stand twice.
fn keys(
    conn: &Connection,
    view: View,
    now: Moment,
    (at, id, limit): (i64, [u8; 16], u32),
) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for sql in plain(view) {
        keys.extend(all(conn, sql, params![at, id, limit], key)?);
    }
    if view == View::UnpaidEndsToday {
        let [today, tomorrow] = [0, 1].map(|days| Moment::start_of(day_plus(now.day(), days)).millis());
        keys.extend(all(conn, UNPAID_ENDS, params![at, id, limit, today, tomorrow], key)?);
    }
    Ok(keys)
}

/// The questions of a view that need no more than the place of the page.
fn plain(view: View) -> &'static [&'static str] {
    match view {
        View::All | View::UnpaidEndsToday => &[],
        View::Unpaid => &[UNPAID],
        View::NeedsMe => &[FOR_A_PERSON, WITH_A_PERSON, IN_DOUBT],
        View::Paid => &[PAID],
    }
}
