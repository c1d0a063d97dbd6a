//! Tables `order_words` and `order_places`: the words of description, name and note of the orders
//! that have any.
//!
//! An order's place is made of the instant of the sale and the beginning of its id, so that walking
//! down the places is walking the list of orders from the newest. (Two of one millisecond that
//! share the first 21 bits of the id are in order of arrival.) The words are those of the domain
//! (`search::words`), with a blank between; the index parts them there and nowhere else. It keeps
//! no texts, so that removing an order's words takes the very words that were added: a change of
//! that function needs a migration that rebuilds both tables.

use counterfoil_domain::search::words;
use counterfoil_domain::{Customer, Order, Search};
use rusqlite::{Connection, Result, params};

use crate::customers;
use crate::orders::Key;
use crate::rows::one;
use crate::writer::Fault;

/// Bits of a place that hold the beginning of the id; the 42 above it reach to the year 2109.
const ID_BITS: u32 = 21;
const MILLIS_MAX: i64 = (1 << 42) - 1;

/// Adds the words of a new order, or of one after its words were removed.
pub(crate) fn add(conn: &Connection, order: &Order) -> Result<(), Fault> {
    const ADD: &str = "INSERT INTO order_words (rowid, description, name, note) VALUES (?1, ?2, ?3, ?4)";
    const ADD_PLACE: &str = "INSERT INTO order_places (place, created_at, order_id) VALUES (?1, ?2, ?3)";
    const TAKEN: &str = "SELECT 1 FROM order_places WHERE place = ?1";
    let customer = order.customer.map(|id| customers::get(conn, id)).transpose()?.flatten();
    let [description, name, note] = texts(order, customer.as_ref());
    if description.is_empty() && name.is_empty() && note.is_empty() {
        return Ok(());
    }
    let key = (order.created_at.millis(), *order.id.as_bytes());
    let mut at = place(key);
    // another order of the same millisecond, with an id that begins alike
    while one(conn, TAKEN, [at], |_| Ok(()))?.is_some() {
        at = at.saturating_add(1);
    }
    conn.prepare_cached(ADD_PLACE)?.execute(params![at, key.0, key.1])?;
    conn.prepare_cached(ADD)?.execute(params![at, description, name, note])?;
    Ok(())
}

/// Removes the words of an order, which are those of this customer.
pub(crate) fn remove(conn: &Connection, order: &Order, customer: Option<&Customer>) -> Result<(), Fault> {
    const REMOVE: &str = "INSERT INTO order_words (order_words, rowid, description, name, note) VALUES ('delete', ?1, ?2, ?3, ?4)";
    const REMOVE_PLACE: &str = "DELETE FROM order_places WHERE place = ?1";
    let key = (order.created_at.millis(), *order.id.as_bytes());
    let Some(at) = found_at(conn, key)? else { return Ok(()) };
    let [description, name, note] = texts(order, customer);
    conn.prepare_cached(REMOVE)?.execute(params![at, description, name, note])?;
    conn.prepare_cached(REMOVE_PLACE)?.execute([at])?;
    Ok(())
}

/// The place of an order that has words.
pub(crate) fn found_at(conn: &Connection, key: Key) -> Result<Option<i64>> {
    const FIND: &str =
        "SELECT place FROM order_places WHERE place >= ?1 AND created_at = ?2 AND order_id = ?3 LIMIT 1";
    // from the first place of its millisecond: older rows have theirs by another rule
    let lowest = place((key.0, [0; 16]));
    one(conn, FIND, params![lowest, key.0, key.1], |row| row.get(0))
}

/// Words side by side, as the index is asked for them: they hold no quotes.
pub(crate) fn quoted(words: &str) -> String {
    ["\"", words, "\""].concat()
}

/// The place that an order older than this can have at most.
pub(crate) fn place((millis, id): Key) -> i64 {
    let begins = match id {
        // an id of version 7 begins with its instant: behind that, version and variant it is random
        [_, _, _, _, _, _, a @ 0x70..=0x7F, b, c, d, ..] => {
            (i64::from(a & 15) << 17) | (i64::from(b) << 9) | (i64::from(c & 63) << 3) | (i64::from(d) >> 5)
        }
        [a, b, c, ..] => (i64::from(a) << 13) | (i64::from(b) << 5) | (i64::from(c) >> 3),
    };
    (millis.clamp(0, MILLIS_MAX) << ID_BITS) | begins
}

/// What the index is asked for; `None`: no words are looked for. Words hold letters, digits and
/// characters beyond ASCII only, so nothing in them can end the quotes.
pub(crate) fn question(search: &Search) -> Option<String> {
    let phrases = search.phrases.iter().map(|phrase| {
        let open = if phrase.open_ended { " *" } else { "" };
        quoted(&phrase.words.join(" ")) + open
    });
    let question = phrases.collect::<Vec<_>>().join(" AND ");
    let question = if search.without_customers && !question.is_empty() {
        ["description : (", &question, ")"].concat()
    } else {
        question
    };
    (!question.is_empty()).then_some(question)
}

fn texts(order: &Order, customer: Option<&Customer>) -> [String; 3] {
    let (name, note) = customer.map_or(("", ""), |c| (&c.name, &c.note));
    [&order.description, name, note].map(words)
}
