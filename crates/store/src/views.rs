//! The built-in views of the list of orders. Each walks a partial index from the newest, with a
//! filter the index of ways and states; the lists of states are those of the domain, and a test
//! holds them against it.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Moment, PaymentState, View};
use counterfoil_engine::ports::{OrderRow, Page};
use rusqlite::{Connection, Result, params};

use crate::orders::{self, Key, before, key, newest};
use crate::questions::{Question, by_way, keys_by_way, question};
use crate::rows::all;

macro_rules! no_money {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM payments m
            WHERE m.order_id = p.order_id AND m.state IN ('paid', 'paid-late', 'settled'))"
    };
}

macro_rules! unpaid {
    ($more:literal) => {
        concat!(
            "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
            WHERE (p.state = 'issuing' OR p.state = 'awaiting' OR p.state = 'authorized')
            AND (p.sold_at, p.order_id) < (?1, ?2) ",
            $more,
            no_money!(),
            " ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3"
        )
    };
}

const UNPAID: &str = unpaid!("");
const UNPAID_ENDS: &str = unpaid!("AND p.expires_at >= ?4 AND p.expires_at < ?5");

const ANY_BY_WAY: &str = by_way!("");
const UNPAID_BY_WAY: &str = by_way!(no_money!());
const UNPAID_ENDS_BY_WAY: &str =
    by_way!(concat!("AND p.expires_at >= ?7 AND p.expires_at < ?8", no_money!()));

const PAID: &str = "SELECT DISTINCT sold_at, order_id FROM payments
    WHERE (state = 'paid' OR state = 'paid-late' OR state = 'settled')
        AND (sold_at, order_id) < (?1, ?2)
    ORDER BY sold_at DESC, order_id DESC LIMIT ?3";

/// A refused refund that nobody requests again waits for a person this long.
const REFUSED_DAYS: i64 = 30;

/// Of refunds that the bank has refused since, the last of its transaction.
const REFUSED: Question = question!(
    "SELECT DISTINCT p.sold_at, p.order_id FROM refunds r JOIN payments p ON p.id = r.payment_id
    WHERE r.state IN ('done', 'declined', 'withdrawn') AND r.state = 'declined' AND r.since >= ?4
        AND (p.sold_at, p.order_id) < (?1, ?2)
        AND NOT EXISTS (SELECT 1 FROM refunds n WHERE n.payment_id = r.payment_id AND n.xid = r.xid
            AND n.requested_at > r.requested_at)",
    "p.sold_at",
    "p.order_id"
);

/// What waits for a person is little, and is sorted where no index gives it in order.
const FOR_A_PERSON: [Question; 4] = [
    question!(
        "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
        WHERE p.state IN ('authorized', 'paid-late') AND (p.sold_at, p.order_id) < (?1, ?2)
            AND NOT EXISTS (SELECT 1 FROM discrepancies d
                WHERE ifnull(d.payment_id, x'') = p.id AND d.kind = 'paid-late' AND d.closed = 1)",
        "p.sold_at",
        "p.order_id"
    ),
    question!(
        "SELECT DISTINCT p.sold_at, p.order_id FROM operations o JOIN payments p ON p.id = o.payment_id
        WHERE o.state = 'needs-person' AND (p.sold_at, p.order_id) < (?1, ?2)",
        "p.sold_at",
        "p.order_id"
    ),
    question!(
        "SELECT DISTINCT p.sold_at, p.order_id FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE r.state NOT IN ('done', 'declined', 'withdrawn') AND r.state = 'needs-person'
            AND (p.sold_at, p.order_id) < (?1, ?2)",
        "p.sold_at",
        "p.order_id"
    ),
    question!(
        "SELECT DISTINCT p.sold_at, p.order_id FROM discrepancies d JOIN payments p ON p.id = d.payment_id
        WHERE d.closed = 0 AND (p.sold_at, p.order_id) < (?1, ?2)",
        "p.sold_at",
        "p.order_id"
    ),
];

/// A page by keyset, with the payments of each order.
pub(crate) fn page(conn: &Connection, view: View, now: Moment, page: Page) -> Result<Vec<OrderRow>> {
    if view == View::All && page.only.is_empty() {
        return orders::page(conn, page);
    }
    let snapshot = conn.unchecked_transaction()?;
    let keys = keys(&snapshot, view, now, page)?;
    newest(&snapshot, keys, before(page).2)
}

/// How many orders a view shows, counted up to `most`. Every order is not counted: no screen needs
/// that number.
pub(crate) fn count(conn: &Connection, view: View, now: Moment, most: u32) -> Result<u32> {
    if view == View::All {
        return Ok(most);
    }
    let snapshot = conn.unchecked_transaction()?;
    let mut keys = keys(&snapshot, view, now, Page { limit: most, ..Page::default() })?;
    keys.sort_unstable();
    keys.dedup();
    Ok(u32::try_from(keys.len()).unwrap_or(most).min(most))
}

/// The places of a view's orders behind a place; one may come twice.
fn keys(conn: &Connection, view: View, now: Moment, page: Page) -> Result<Vec<Key>> {
    let today = [0, 1].map(|days| Moment::start_of(day_plus(now.day(), days)).millis());
    let ends = today.map(Into::into);
    let walk = |sql| {
        let (at, id, limit) = before(page);
        all(conn, sql, params![at, id, limit], key)
    };
    let whole = page.only.is_empty();
    let open = PaymentState::is_open;
    match view {
        View::All => keys_by_way(conn, ANY_BY_WAY, page, |_| true, &[]),
        View::Unpaid if whole => walk(UNPAID),
        View::Unpaid => keys_by_way(conn, UNPAID_BY_WAY, page, open, &[]),
        View::UnpaidEndsToday if whole => {
            let (at, id, limit) = before(page);
            all(conn, UNPAID_ENDS, params![at, id, limit, today[0], today[1]], key)
        }
        View::UnpaidEndsToday => keys_by_way(conn, UNPAID_ENDS_BY_WAY, page, open, &ends),
        View::Paid if whole => walk(PAID),
        View::Paid => keys_by_way(conn, ANY_BY_WAY, page, PaymentState::has_money, &[]),
        View::NeedsMe => {
            let since = now.plus_days(-REFUSED_DAYS).millis();
            let mut found = REFUSED.keys(conn, page, &[since.into()])?;
            for question in &FOR_A_PERSON {
                found.extend(question.keys(conn, page, &[])?);
            }
            Ok(found)
        }
    }
}
