//! What people typed, in the record: a hand that changes it is named, also where only case or a
//! sign differs, and what was erased is proved by nothing that is left.

use counterfoil_domain::refund::{Booked, Confirmed, Word};
use counterfoil_domain::{Actor, CustomerId, Twd};
use counterfoil_engine::ports::{BookedRefund, Change, Finding, Store, UnbookedRefund};

use super::erasing::refund_of;
use super::record::{found, tampered};
use super::search::sale_to;
use super::support::*;
use crate::marks::{MARKED, from_bytes};
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, SqliteStore};

/// A sale to a customer, with words in every place that takes any.
fn with_words() -> Place {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale_to(1, "林小姐", "", "Tea (green)")).unwrap();
    let (payment, who, xid) = (payment(1).id, Actor::Owner, String::new());
    let booked = Booked { refund_no: None, amount: Twd::new(5), at: at(7) };
    let (words, odd) = (|| "She came in".to_owned(), discrepancy(1, Some(payment), "odd"));
    let word = Word { confirmed: Confirmed::NotDone, text: words(), who };
    let closing = closing(odd.id, &words());
    let taken_back =
        UnbookedRefund { payment, xid: xid.clone(), booked_at: at(7), at: at(8), who, reason: words() };
    let changes = [
        Change::RefundBooked(BookedRefund { payment, xid, booked, who, reason: words() }),
        Change::RefundUnbooked(taken_back),
        Change::RefundAdded(counterfoil_domain::Refund {
            word: Some(word),
            note: Some(words()),
            ..refund_of(1)
        }),
        Change::DiscrepancyAdded(odd),
        Change::DiscrepancyClosed(closing),
    ];
    commit(&mut store, changes).unwrap();
    place
}

const WORDS: [(&str, &str); 6] = [
    ("orders", "description"),
    ("refunds", "note"),
    ("refunds", "word"),
    ("refunds_booked", "reason"),
    ("refunds_unbooked", "reason"),
    ("discrepancy_closings", "reason"),
];

#[test]
fn words_changed_by_hand_are_named_also_when_only_case_or_a_sign_differs() {
    let place = with_words();
    assert_eq!(found(&place), [""; 0]);
    for (table, column) in WORDS {
        for to in [format!("upper({column})"), format!("{column} || '.'"), "''".to_owned()] {
            let named = found(&tampered(&place, &format!("UPDATE {table} SET {column} = {to}")));
            let by_hand = |one: &String| one.starts_with(table) && one.ends_with("by another hand");
            assert!(named.iter().any(by_hand), "{table}.{column} = {to}: {named:?}");
        }
        let named = found(&tampered(&place, &format!("UPDATE {table} SET salt = randomblob(16)")));
        assert!(named.iter().any(|one| one.starts_with(table)), "{table}.salt: {named:?}");
    }
}

/// The marks of the words stay in the chain. What they rested on is gone.
#[test]
fn erased_words_leave_a_new_salt_and_a_chain_that_holds() {
    let place = with_words();
    let mut store = place.writer();
    let salts = |store: &SqliteStore| -> Vec<Vec<u8>> {
        let of = |table| format!("SELECT salt FROM {table}");
        let salt = |table| store.conn().query_row(&of(table), [], |row| row.get(0)).unwrap();
        WORDS.map(|(table, _)| salt(table)).to_vec()
    };
    let before = salts(&store);
    commit(&mut store, [Change::CustomerErased(CustomerId::from_bytes(bytes(1)))]).unwrap();
    let after = salts(&store);
    // a description that does not name the customer is a fact and stays
    assert_eq!(before[0], after[0]);
    assert!(before[1..].iter().all(|salt| !after.contains(salt)));
    assert_eq!(store.verify_audit().unwrap().found, []);
    drop(store);
    let file = std::fs::read(place.file()).unwrap();
    for salt in &before[1..] {
        assert!(!file.windows(16).any(|part| part == salt), "an old salt is in the file");
    }
    for (table, column) in WORDS {
        let named = found(&tampered(&place, &format!("UPDATE {table} SET {column} = 'else'")));
        assert!(named.iter().any(|one| one.starts_with(table)), "{table}.{column}: {named:?}");
    }
}

/// Two files with the same sale but for the description have the same digest of the sale: nothing
/// proves a guess of it, without the key nor with it.
#[test]
fn the_digest_of_a_sale_does_not_know_its_description() {
    let digests = ["茶葉", "林小姐的蛋糕"].map(|description| {
        let place = Place::new();
        let mut store = place.plain_writer();
        let order = counterfoil_domain::Order { description: description.to_owned(), ..order(1) };
        commit(&mut store, [Change::OrderAdded(order)]).unwrap();
        let sql = "SELECT changes FROM audit";
        store.conn().query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).unwrap()
    });
    assert_eq!(digests[0], digests[1]);
}

/// Version 19 marked no words. Those that are there get their marks, once, and a row that a hand
/// had changed before stays named.
#[test]
fn a_file_of_the_nineteenth_version_has_its_words_marked_and_hides_nothing() {
    let place = Place::new();
    let rows = "INSERT INTO orders (created_at, id, amount, description) VALUES
            (1, x'00000000000000000000000000000001', 5, '舊茶'),
            (2, x'00000000000000000000000000000002', 5, ''),
            (3, x'00000000000000000000000000000003', 5, '紅茶');";
    let older = open_with(&place.shop, Mode::Maker, &embedded()[..19]).unwrap();
    older.conn().execute_batch(rows).unwrap();
    // what today's program reads beside them
    let later = "CREATE TABLE standing (one INTEGER PRIMARY KEY, body, proof); CREATE TABLE pages_left (one);
        CREATE TABLE pages_undated (one); CREATE TABLE clock_doubts (one)";
    older.conn().execute_batch(later).unwrap();
    drop(older);
    drop(place.linked());
    place
        .raw()
        .execute_batch(
            "DROP TABLE standing; DROP TABLE pages_left; DROP TABLE pages_undated; DROP TABLE clock_doubts",
        )
        .unwrap();
    let marks: Vec<u8> = {
        let sql = "SELECT marks FROM audit ORDER BY seq LIMIT 1";
        place.raw().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let orders = MARKED.iter().find(|table| table.name == "orders").unwrap().number();
    assert_eq!(from_bytes(&marks).filter(|moved| moved.table == orders).count(), 3);
    place
        .raw()
        .execute_batch(
            "DROP TRIGGER orders_are_not_edited; UPDATE orders SET amount = 6 WHERE created_at = 3;
        CREATE TRIGGER orders_are_not_edited BEFORE UPDATE ON orders BEGIN SELECT 1; END",
        )
        .unwrap();
    drop(place.writer());
    let report = place.reader().verify_audit().unwrap();
    let of_orders = report.found.iter().filter(|one| !matches!(one, Finding::Index(_) | Finding::Words));
    let named: Vec<String> = of_orders.map(Finding::to_string).collect();
    assert_eq!(
        named,
        [
            format!("orders {}: changed or put in by another hand", order(3).id),
            "orders: a row of audit row 1 is changed or gone".to_owned()
        ]
    );
    let salted = "SELECT count(salt) FROM orders WHERE description <> ''";
    assert_eq!(place.raw().query_row(salted, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    let rows = report.rows;
    assert_eq!(place.writer().verify_audit().unwrap().rows, rows, "sealed once");
    // what was without words is marked as such
    for edit in ["'舊茶 '", "'x'"] {
        let sql = format!("UPDATE orders SET description = {edit} WHERE created_at < 3");
        assert!(found(&tampered(&place, &sql)).len() > named.len() + 1, "{edit}");
    }
}
