//! Tables `order_words`, `order_places` and `words_due`: the words of description, name and note of
//! the orders that have any.
//!
//! The newest orders, fewer than [`DUE_MAX`], wait in `words_due`, and a search looks through them.
//! One flush then takes all of them into the index: a flush costs more than the sale itself.
//!
//! An order's place is made of the instant of the sale and the beginning of its id, so that walking
//! down the places is walking the list of orders from the newest. (Two of one millisecond that
//! share these 21 bits of the id are in order of arrival.) The words are those of the domain
//! (`search::words`), with a blank between; the index parts them there and nowhere else. It keeps
//! no texts, so that removing an order's words takes the very words that were added: a change of
//! that function needs a migration that rebuilds these tables.

use counterfoil_domain::search::{Phrase, words};
use counterfoil_domain::{Customer, LookIn, Order, OrderId, Search};
use counterfoil_engine::ports::Page;
use rusqlite::{Connection, Result, params};

use crate::orders::Key;
use crate::questions::{Question, question};
use crate::rows::{all, one};
use crate::writer::Fault;
use crate::{customers, orders};

/// With so many orders that wait, the index takes them.
pub(crate) const DUE_MAX: u32 = 32;

/// Bits of a place that hold the beginning of the id; the 42 above it reach to the year 2109.
const ID_BITS: u32 = 21;
const MILLIS_MAX: i64 = (1 << 42) - 1;

/// Has the words of a new order, or of one after its words were removed, wait for the index.
pub(crate) fn add(conn: &Connection, order: &Order) -> Result<(), Fault> {
    const ADD: &str = "INSERT INTO words_due (order_id) VALUES (?1)";
    if order.description.is_empty() && order.customer.is_none() {
        return Ok(());
    }
    conn.prepare_cached(ADD)?.execute([order.id.as_bytes()])?;
    if due(conn)? >= DUE_MAX { index(conn) } else { Ok(()) }
}

/// How many orders wait for the index.
pub(crate) fn due(conn: &Connection) -> Result<u32> {
    Ok(one(conn, "SELECT count(*) FROM words_due", [], |row| row.get(0))?.unwrap_or(0))
}

/// Takes the words of all orders that wait into the index.
pub(crate) fn index(conn: &Connection) -> Result<(), Fault> {
    const DUE: &str = "SELECT order_id FROM words_due";
    for id in all(conn, DUE, [], |row| row.get(0).map(OrderId::from_bytes))? {
        if let Some(order) = orders::get(conn, id)? {
            put(conn, &order)?;
        }
    }
    conn.prepare_cached("DELETE FROM words_due")?.execute([])?;
    Ok(())
}

/// Puts the words of an order into the index, in files of older versions too.
pub(crate) fn put(conn: &Connection, order: &Order) -> Result<(), Fault> {
    const ADD: &str = "INSERT INTO order_words (rowid, description, name, note) VALUES (?1, ?2, ?3, ?4)";
    const ADD_PLACE: &str = "INSERT INTO order_places (place, created_at, order_id) VALUES (?1, ?2, ?3)";
    const TAKEN: &str = "SELECT 1 FROM order_places WHERE place = ?1";
    let [description, name, note] = texts(conn, order)?;
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
    const NOT_DUE: &str = "DELETE FROM words_due WHERE order_id = ?1";
    const REMOVE: &str = "INSERT INTO order_words (order_words, rowid, description, name, note) VALUES ('delete', ?1, ?2, ?3, ?4)";
    const REMOVE_PLACE: &str = "DELETE FROM order_places WHERE place = ?1";
    if conn.prepare_cached(NOT_DUE)?.execute([order.id.as_bytes()])? > 0 {
        return Ok(());
    }
    let key = (order.created_at.millis(), *order.id.as_bytes());
    let Some(at) = found_at(conn, key)? else { return Ok(()) };
    let [description, name, note] = of(order, customer);
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
    if question.is_empty() {
        return None;
    }
    Some(match search.look_in {
        LookIn::All => question,
        LookIn::Descriptions | LookIn::Shown => ["description : (", &question, ")"].concat(),
    })
}

/// The places of the orders that wait for the index and hold what is looked for.
pub(crate) fn among_due(conn: &Connection, search: &Search, page: Page) -> Result<Vec<Key>> {
    const DUE: Question = question!(
        "SELECT o.created_at, o.id FROM words_due d CROSS JOIN orders o ON o.id = d.order_id
        WHERE (o.created_at, o.id) < (?1, ?2)",
        "o.created_at",
        "o.id"
    );
    let mut found = Vec::new();
    if search.phrases.is_empty() {
        return Ok(found);
    }
    for key in DUE.keys(conn, Page { limit: DUE_MAX, ..page }, &[])? {
        if holds_all(conn, key, search)? {
            found.push(key);
        }
    }
    Ok(found)
}

/// Whether the texts of an order hold all words that are looked for.
pub(crate) fn holds_all(conn: &Connection, (_, id): Key, search: &Search) -> Result<bool> {
    let Some(order) = orders::get(conn, OrderId::from_bytes(id))? else { return Ok(false) };
    let customer = order.customer.map(|id| customers::get(conn, id)).transpose()?.flatten();
    let texts = match search.look_in {
        LookIn::All => of(&order, customer.as_ref()).into(),
        LookIn::Descriptions => vec![words(&order.description)],
        LookIn::Shown => {
            vec![words(&customer.map_or(order.description.clone(), |one| one.hidden_in(&order.description)))]
        }
    };
    Ok(search.phrases.iter().all(|phrase| texts.iter().any(|text| holds(text, phrase))))
}

/// As the index compares: words side by side, where the last one may only begin alike.
fn holds(text: &str, phrase: &Phrase) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let Some((last, first)) = phrase.words.split_last() else { return false };
    words.windows(phrase.words.len()).any(|part| {
        part.split_last().is_some_and(|(end, begin)| {
            begin == first && (end == last || phrase.open_ended && end.starts_with(last.as_str()))
        })
    })
}

fn texts(conn: &Connection, order: &Order) -> Result<[String; 3]> {
    let customer = order.customer.map(|id| customers::get(conn, id)).transpose()?.flatten();
    Ok(of(order, customer.as_ref()))
}

fn of(order: &Order, customer: Option<&Customer>) -> [String; 3] {
    let (name, note) = customer.map_or(("", ""), |c| (&c.name, &c.note));
    [&order.description, name, note].map(words)
}
