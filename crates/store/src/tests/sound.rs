//! What follows from the rows, changed by another hand: indexes and the words for searching.

use counterfoil_engine::ports::{Finding, Store};
use rusqlite::{Connection, params};

use super::search::sale_to;
use super::support::*;

fn found(place: &Place) -> Vec<Finding> {
    place.reader().verify_audit().unwrap().found
}

fn three_sales() -> Place {
    let place = Place::new();
    let mut store = place.writer();
    for n in 1..=3 {
        commit(&mut store, sale_to(n, "林小姐", "外送", "凍頂烏龍")).unwrap();
    }
    crate::words::index(store.conn()).unwrap();
    place
}

/// Drops a trigger, and returns how it was made.
fn without_trigger(conn: &Connection, name: &str) -> String {
    let made = "SELECT sql FROM sqlite_schema WHERE name = ?1";
    let made: String = conn.query_row(made, [name], |row| row.get(0)).unwrap();
    conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    made
}

/// Has a change of a table pass an index by: the index goes, and comes back as it was.
fn beside_the_index(place: &Place, index: &str, sql: &str) {
    type Entry = (String, String, String, i64, Option<String>);
    let conn = place.raw();
    let columns = "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = ?1";
    let read =
        |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?));
    let entry: Entry = conn.query_row(columns, [index], read).unwrap();
    conn.execute_batch("PRAGMA writable_schema = 1").unwrap();
    conn.execute("DELETE FROM sqlite_schema WHERE name = ?1", [index]).unwrap();
    drop(conn);
    place.raw().execute_batch(sql).unwrap();
    let conn = place.raw();
    conn.execute_batch("PRAGMA writable_schema = 1").unwrap();
    let (kind, name, table, page, text) = entry;
    let back = "INSERT INTO sqlite_schema VALUES (?1, ?2, ?3, ?4, ?5)";
    conn.execute(back, params![kind, name, table, page, text]).unwrap();
}

/// The table is as the chain says; only what a list of orders by amount shows is not.
#[test]
fn an_index_that_lies_is_named() {
    let place = three_sales();
    assert_eq!(found(&place), []);
    let conn = place.raw();
    let trigger = without_trigger(&conn, "orders_are_not_edited");
    let right: i64 = conn.query_row("SELECT min(amount) FROM orders", [], |row| row.get(0)).unwrap();
    conn.execute_batch("UPDATE orders SET amount = 7").unwrap();
    drop(conn);
    beside_the_index(&place, "orders_amount", &format!("UPDATE orders SET amount = {right}; {trigger};"));
    assert_eq!(found(&place), [Finding::Index("orders_amount".to_owned())]);
}

#[test]
fn words_that_are_gone_or_another_orders_are_noticed() {
    for sql in [
        "INSERT INTO order_words (order_words) VALUES ('delete-all')",
        "DELETE FROM order_places",
        "DELETE FROM order_words_docsize WHERE id = (SELECT min(id) FROM order_words_docsize)",
        "UPDATE customers SET name = '王小姐'",
    ] {
        let place = three_sales();
        let conn = place.raw();
        let trigger = without_trigger(&conn, "customers_are_erased_or_corrected");
        conn.execute_batch(sql).unwrap();
        conn.execute_batch(&trigger).unwrap();
        drop(conn);
        assert!(found(&place).contains(&Finding::Words), "{sql}");
    }
    // the words of the index itself
    let place = three_sales();
    place.raw().execute_batch("DELETE FROM order_words_data WHERE id > 10").unwrap();
    let found = found(&place);
    assert!(found.iter().any(|one| matches!(one, Finding::Words | Finding::Pages(_))), "{found:?}");
}

/// An order that waits for the index is looked for in its texts: neither may it be made to wait for
/// ever, nor be neither here nor there.
#[test]
fn orders_that_wait_for_the_index_are_few_and_not_forgotten() {
    let place = Place::new();
    commit(&mut place.writer(), (1..=3).flat_map(|n| sale_to(n, "林小姐", "", "烏龍"))).unwrap();
    assert_eq!(found(&place), []);
    place.raw().execute_batch("UPDATE words_due SET order_id = zeroblob(16) WHERE order_id = (SELECT min(order_id) FROM words_due)").unwrap();
    assert_eq!(found(&place), [Finding::Words]);
    let place = Place::new();
    commit(&mut place.writer(), (1..=40).flat_map(|n| sale_to(n, "林小姐", "", "烏龍"))).unwrap();
    assert_eq!(found(&place), []);
    let hidden = "DELETE FROM order_places; INSERT INTO order_words (order_words) VALUES ('delete-all');
        INSERT OR IGNORE INTO words_due SELECT id FROM orders";
    place.raw().execute_batch(hidden).unwrap();
    assert_eq!(found(&place), [Finding::Words]);
}
