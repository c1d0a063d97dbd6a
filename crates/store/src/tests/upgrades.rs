//! Bringing a file up, tried with a version that does not exist yet.

use std::fs;

use counterfoil_domain::{CardState, CardTail, PaymentId};
use counterfoil_engine::ports::{Change, Store};
use refinery::Migration;
use rusqlite::Connection;

use super::support::*;
use crate::migrate::{check_copy, embedded, newest};
use crate::open::open_with;
use crate::{Mode, OpenError, SqliteStore};

fn with_next(sql: &str) -> Vec<Migration> {
    let mut migrations = embedded();
    migrations.push(Migration::unapplied("V5__next", sql).unwrap());
    migrations
}

const NEXT: &str = "ALTER TABLE orders ADD COLUMN note TEXT; PRAGMA user_version = 5;";

fn sold() -> Place {
    let place = Place::new();
    commit(&mut place.writer(), (1..=20).flat_map(sale)).unwrap();
    place
}

#[test]
fn migrations_lead_from_one_version_to_the_next() {
    let versions: Vec<i64> = embedded().iter().map(|m| i64::from(m.version())).collect();
    assert_eq!(versions, (1..=newest(&embedded())).collect::<Vec<_>>());
    for migration in embedded() {
        let ending = format!("PRAGMA user_version = {};", migration.version());
        assert!(migration.sql().unwrap().trim_end().ends_with(&ending), "{migration}");
    }
}

/// Each step from a file that a released program has written.
#[test]
fn a_file_of_the_first_version_is_brought_up_with_its_rows() {
    let place = Place::new();
    let mut first = open_with(&place.shop, Mode::Writer, &embedded()[..1]).unwrap();
    commit(&mut first, (1..=3).flat_map(sale)).unwrap();
    let report = first.verify_audit().unwrap();
    drop(first);
    let mut store = place.writer();
    assert_eq!(store.order(order(3).id).unwrap(), Some(order(3)));
    assert_eq!(store.verify_audit().unwrap(), report);
    commit(&mut store, [Change::NewsAdded(payment(3).id)]).unwrap();
    assert_eq!(store.news(10).unwrap(), [payment(3).id]);
    let card = changed(&store, 3, |p| {
        p.card = Some(CardState::CaptureQueued);
        p.card_tail = CardTail::parse("3312");
    });
    commit(&mut store, [card]).unwrap();
    assert_eq!(store.payments_to_capture().unwrap()[0].card_tail, CardTail::parse("3312"));
    assert!(place.shop.join("counterfoil-v1-before-v4.db").exists());
}

/// A card whose state an older program kept has no end yet, and takes the end of its number and nothing longer.
#[test]
fn a_card_of_an_older_file_takes_four_digits_at_most() {
    let place = Place::new();
    let third = open_with(&place.shop, Mode::Writer, &embedded()[..3]).unwrap();
    let add = "INSERT INTO orders (created_at, id, amount, description) VALUES (1, zeroblob(16), 5, '');
        INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued,
            expires_at, version)
        VALUES (zeroblob(16), 1, zeroblob(16), 1, 'ctbc-card', 'C1', 5, 'awaiting', 1, 0, 2, 1);
        INSERT INTO cards (payment_id, state) VALUES (zeroblob(16), 'failed');";
    third.conn().execute_batch(add).unwrap();
    drop(third);
    let store = place.writer();
    let kept = store.payment(PaymentId::from_bytes([0; 16])).unwrap().unwrap();
    assert_eq!((kept.card, kept.card_tail), (Some(CardState::Failed), None));
    let put = |tail: &str| store.conn().execute("UPDATE cards SET tail = ?1", [tail]);
    assert!(put("4123450131003312").is_err() && put("03312").is_err() && put("***2").is_err());
    assert_eq!(put("3312").unwrap(), 1);
}

#[test]
fn an_older_file_is_copied_and_brought_up() {
    let place = sold();
    let next = with_next(NEXT);
    let error = open_with(&place.shop, Mode::Reader, &next).err().unwrap();
    assert!(matches!(error, OpenError::Older { file: 4, program: 5 }), "{error}");

    let store = open_with(&place.shop, Mode::Writer, &next).unwrap();
    assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
    store.conn().execute_batch("SELECT note FROM orders").unwrap();
    let report = store.verify_audit().unwrap();
    drop(store);

    let copy = place.shop.join("counterfoil-v4-before-v5.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // the copy is a whole file of the version before
    let restored = Place::new();
    drop(restored.writer());
    fs::copy(&copy, restored.file()).unwrap();
    let store = restored.writer();
    assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
    assert_eq!(store.verify_audit().unwrap(), report);

    // the file is brought up once; the older program refuses it from now on
    let before = fs::metadata(&copy).unwrap().modified().unwrap();
    drop(open_with(&place.shop, Mode::Writer, &next).unwrap());
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), before);
    let error = SqliteStore::open(&place.shop, Mode::Writer).err().unwrap();
    assert!(matches!(error, OpenError::Newer { file: 5, program: 4 }), "{error}");
}

#[test]
fn a_failed_upgrade_changes_nothing_and_can_be_tried_again() {
    let place = sold();
    for bad in [
        "ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE nothing ADD COLUMN note; PRAGMA user_version = 5;",
        "ALTER TABLE orders ADD COLUMN note TEXT; INSERT INTO orders VALUES (1, x'00', 1, '', ''); PRAGMA user_version = 5;",
    ] {
        let error = open_with(&place.shop, Mode::Writer, &with_next(bad)).err().unwrap();
        assert!(matches!(error, OpenError::Upgrade(_)), "{error}");
        let store = place.writer();
        assert_eq!(store.order(order(20).id).unwrap(), Some(order(20)));
        assert!(store.conn().execute_batch("SELECT note FROM orders").is_err());
    }
    // each try kept its own copy
    drop(open_with(&place.shop, Mode::Writer, &with_next(NEXT)).unwrap());
    for name in
        ["counterfoil-v4-before-v5.db", "counterfoil-v4-before-v5-2.db", "counterfoil-v4-before-v5-3.db"]
    {
        let copy = Connection::open(place.shop.join(name)).unwrap();
        let orders: i64 = copy.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap();
        assert_eq!(orders, 20, "{name}");
    }
}

/// Without room for the copy there is no upgrade.
#[test]
fn without_a_copy_there_is_no_upgrade() {
    let place = sold();
    for n in 1..=100 {
        let again = if n == 1 { String::new() } else { format!("-{n}") };
        fs::write(place.shop.join(format!("counterfoil-v4-before-v5{again}.db")), "taken").unwrap();
    }
    let error = open_with(&place.shop, Mode::Writer, &with_next(NEXT)).err().unwrap();
    assert!(matches!(error, OpenError::Copy(_)), "{error}");
    drop(place.writer());
}

/// A copy is read before anything rests on it.
#[test]
fn a_copy_that_is_not_sound_is_none() {
    let place = sold();
    check_copy(&place.file(), 4).unwrap();
    assert!(matches!(check_copy(&place.file(), 5), Err(OpenError::Copy(_))));
    let good = fs::read(place.file()).unwrap();
    for page in 1..good.len() / 4096 {
        let mut bad = good.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xA5);
        fs::write(place.file(), bad).unwrap();
        assert!(matches!(check_copy(&place.file(), 4), Err(OpenError::Copy(_))), "page {page}");
    }
}
