//! What asks for the places of orders in a list: the newest behind a place, of those that a filter
//! leaves.
//!
//! Each question is written once and gives two statements, without and with a filter; the plain one
//! stays as quick as it was.

use counterfoil_domain::{Filter, Moment, PaymentState, Rail};
use counterfoil_engine::ports::Page;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};

use crate::orders::{Key, before, key};
use crate::rows::all;

/// Parameters: `?1` to `?3` the place and the limit, `?4` and `?5` the question's own, `?6` to `?8`
/// the filter's.
pub(crate) struct Question {
    plain: &'static str,
    narrowed: &'static str,
}

/// A question from its text up to ORDER BY, and the names of instant and id in it.
macro_rules! question {
    ($text:literal, $at:literal, $id:literal) => {
        question!($text, $at, $id, concat!($at, " DESC, ", $id, " DESC"))
    };
    ($text:literal, $at:literal, $id:literal, $order:expr) => {
        $crate::questions::Question::new(
            concat!($text, " ORDER BY ", $order, " LIMIT ?3"),
            concat!(
                $text,
                " AND ",
                $at,
                " >= ?6 AND EXISTS (SELECT 1 FROM payments f WHERE f.order_id = ",
                $id,
                " AND (?7 IS NULL OR f.rail = ?7) AND (?8 IS NULL OR f.state = ?8)) ORDER BY ",
                $order,
                " LIMIT ?3"
            ),
        )
    };
}
pub(crate) use question;

impl Question {
    pub(crate) const fn new(plain: &'static str, narrowed: &'static str) -> Self {
        Self { plain, narrowed }
    }

    /// The places that it finds, with its own parameters.
    pub(crate) fn keys(&self, conn: &Connection, page: Page, own: &[Value]) -> Result<Vec<Key>> {
        let mut values = place(page);
        values.extend_from_slice(own);
        if page.only.is_empty() {
            return all(conn, self.plain, params_from_iter(values), key);
        }
        values.resize(5, Value::Null);
        let name = |name: Option<&str>| name.map_or(Value::Null, |name| name.to_owned().into());
        let Filter { rail, state, .. } = page.only;
        values.extend([from(page.only), name(rail.map(Rail::name)), name(state.map(PaymentState::name))]);
        all(conn, self.narrowed, params_from_iter(values), key)
    }
}

/// The places of orders with a payment of a way in a state, through their own index.
macro_rules! by_way {
    ($more:expr) => {
        concat!(
            "SELECT DISTINCT p.sold_at, p.order_id FROM payments p
            WHERE p.rail = ?5 AND p.state = ?6 AND p.sold_at >= ?4 AND (p.sold_at, p.order_id) < (?1, ?2) ",
            $more,
            " ORDER BY p.sold_at DESC, p.order_id DESC LIMIT ?3"
        )
    };
}
pub(crate) use by_way;

/// Asks `sql` of [`by_way`] for each way and each state of these that the filter leaves.
pub(crate) fn keys_by_way(
    conn: &Connection,
    sql: &str,
    page: Page,
    shown: impl Fn(PaymentState) -> bool,
    own: &[Value],
) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    for rail in page.only.rails() {
        for state in page.only.states().filter(|state| shown(*state)) {
            let mut values = place(page);
            values.extend([from(page.only), rail.name().to_owned().into(), state.name().to_owned().into()]);
            values.extend_from_slice(own);
            keys.extend(all(conn, sql, params_from_iter(values), key)?);
        }
    }
    Ok(keys)
}

fn place(page: Page) -> Vec<Value> {
    let (at, id, limit) = before(page);
    vec![at.into(), id.to_vec().into(), limit.into()]
}

fn from(only: Filter) -> Value {
    only.from.map_or(i64::MIN, |day| Moment::start_of(day).millis()).into()
}
