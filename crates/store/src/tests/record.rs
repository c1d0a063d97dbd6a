//! The chain under its key: whatever another hand does to it, or to the rows that it speaks of, is
//! named. That hand has the file and no key; it drops triggers as it likes.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use counterfoil_domain::{Customer, CustomerId, Order, PaymentState};
use counterfoil_engine::ports::{AuditHead, AuditKey, AuditReport, Change, Finding, Store, StoreError};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::support::*;
use super::upgrades::old_orders;
use crate::audit::{GENESIS, Link, Linked};
use crate::marks::{JOTTED, Keyed, MARKED, UNMARKED, from_bytes, to_bytes};
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, SqliteStore};

/// Three sales, the first one paid, and its customer.
fn shop_of_three() -> Place {
    let place = Place::new();
    let mut store = place.writer();
    let id = CustomerId::from_bytes(bytes(9));
    let buyer = Customer { id, name: "林".to_owned(), note: String::new(), salt: [1; 16] };
    let [_, payment, operation] = sale(1);
    let bought = Change::OrderAdded(Order { customer: Some(id), ..order(1) });
    commit(&mut store, [Change::CustomerAdded(buyer), bought, payment, operation]).unwrap();
    for n in 2..=3 {
        commit(&mut store, sale(n)).unwrap();
    }
    crate::words::index(store.conn()).unwrap();
    let evidence = proof(1, 1, PaymentState::Paid);
    let paid = changed(&store, 1, |p| (p.state, p.proof) = (PaymentState::Paid, Some(evidence.id)));
    commit(&mut store, [Change::EvidenceAdded(evidence), paid]).unwrap();
    place
}

/// Does this to a copy of the file with every trigger dropped, and puts the triggers back.
pub(super) fn tampered(original: &Place, sql: &str) -> Place {
    let place = original.copy();
    let conn = place.raw();
    let triggers = triggers(&conn);
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1").unwrap();
    conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    for (_, trigger) in triggers {
        conn.execute_batch(&trigger).unwrap();
    }
    place
}

fn triggers(conn: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let mut statement = conn.prepare(sql).unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

pub(super) fn found(place: &Place) -> Vec<String> {
    place.reader().verify_audit().unwrap().found.iter().map(Finding::to_string).collect()
}

fn found_after(original: &Place, sql: &str) -> Vec<String> {
    found(&tampered(original, sql))
}

fn id(n: u32) -> String {
    order(n).id.to_string()
}

#[test]
fn one_amount_one_state_one_payee_changed_by_hand_is_named() {
    let place = shop_of_three();
    assert_eq!(found(&place), [""; 0]);
    let wrote = |row: u64, table: &str| format!("{table}: a row of audit row {row} is changed or gone");
    let by_hand = |table: &str, n| format!("{table} {}: changed or put in by another hand", id(n));
    let one = hex::encode(bytes(1));
    for (sql, expected) in [
        (
            format!("UPDATE payments SET amount = 1 WHERE id = x'{one}'"),
            vec![by_hand("payments", 1), wrote(4, "payments")],
        ),
        (
            "UPDATE payments SET state = 'paid' WHERE state = 'issuing' AND bank_order_no = 'N2A'".to_owned(),
            vec![by_hand("payments", 2), wrote(2, "payments")],
        ),
        (
            "UPDATE payments SET account = '9' WHERE bank_order_no = 'N3A'".to_owned(),
            vec![by_hand("payments", 3), wrote(3, "payments")],
        ),
        (
            "UPDATE orders SET amount = 1 WHERE description = '茶葉 2'".to_owned(),
            vec![by_hand("orders", 2), wrote(2, "orders")],
        ),
        (
            "UPDATE customers SET name = '王'".to_owned(),
            vec![by_hand("customers", 9), wrote(1, "customers"), Finding::Words.to_string()],
        ),
        (
            "DELETE FROM operations WHERE planned_at = (SELECT max(planned_at) FROM operations)".to_owned(),
            vec![wrote(3, "operations")],
        ),
        (
            "INSERT INTO days (day, closed_at) VALUES (7, 7)".to_owned(),
            vec!["days 7: changed or put in by another hand".to_owned()],
        ),
        // back to what the first commit wrote
        (
            format!("UPDATE payments SET state = 'issuing', proof = NULL, version = 1 WHERE id = x'{one}'"),
            vec![format!("payments {}: rolled back to an older content", id(1)), wrote(4, "payments")],
        ),
    ] {
        assert_eq!(found_after(&place, &sql), expected, "{sql}");
    }
}

/// What came later rests on what was there: the row it met is not the one that was written.
#[test]
fn a_row_changed_by_hand_and_then_by_a_commit_is_still_named() {
    let place = tampered(&shop_of_three(), "UPDATE payments SET account = '9' WHERE bank_order_no = 'N2A'");
    let mut store = place.writer();
    let shown = changed(&store, 2, |p| p.shown = true);
    commit(&mut store, [shown]).unwrap();
    let before = "payments: a row was changed by another hand before audit row 5";
    assert_eq!(found(&place), ["payments: a row of audit row 2 is changed or gone", before]);
}

/// A row of each table, of which a hand changes each column, also those in a person's words.
#[test]
fn every_column_of_every_table_counts() {
    let place = Place::new();
    old_orders(place.plain_writer().conn(), 9..=9);
    let conn = place.raw();
    for (name, _) in triggers(&conn) {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let free = "PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1";
    conn.execute_batch(free).unwrap();
    let columns = |table: &str| -> Vec<(String, String)> {
        let mut statement = conn.prepare("SELECT name, type FROM pragma_table_info(?1)").unwrap();
        let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    for table in MARKED.iter().filter(|table| table.name != "orders") {
        let values: Vec<&str> = columns(table.name)
            .iter()
            .map(|(_, kind)| match kind.as_str() {
                "INTEGER" => "1",
                "TEXT" => "'{}'",
                "BLOB" => "zeroblob(16)",
                other => panic!("{other}"),
            })
            .collect();
        conn.execute_batch(&format!("INSERT INTO {} VALUES ({})", table.name, values.join(", "))).unwrap();
    }
    let of_rows = |place: &Place| {
        let found = place.reader().verify_audit().unwrap().found.into_iter();
        found.filter(|finding| !matches!(finding, Finding::Rule(_))).collect::<Vec<_>>()
    };
    drop(place.linked());
    assert_eq!(of_rows(&place), []);
    let mut edits = 0;
    for table in MARKED {
        for (column, kind) in columns(table.name) {
            let value = match kind.as_str() {
                "INTEGER" => "7",
                "TEXT" => "'else'",
                _ => "x'00112233445566778899AABBCCDDEEFF'",
            };
            let kept = format!("SELECT {column} FROM {} LIMIT 1", table.name);
            let kept: rusqlite::types::Value = conn.query_row(&kept, [], |row| row.get(0)).unwrap();
            conn.execute_batch(&format!("UPDATE {} SET {column} = {value}", table.name)).unwrap();
            let of_table: Vec<_> = of_rows(&place)
                .into_iter()
                .filter(|finding| {
                    matches!(finding, Finding::Changed { table: of, .. } | Finding::Missing { table: of, .. }
                        if *of == table.name)
                })
                .collect();
            assert_eq!(of_table.len(), 2, "{}.{column}: {of_table:?}", table.name);
            conn.execute(&format!("UPDATE {} SET {column} = ?1", table.name), [kept]).unwrap();
            edits += 1;
        }
    }
    assert!(edits > 140, "{edits} edits");
}

/// A table that is forgotten fails here: it is in one of the two lists.
#[test]
fn every_table_is_marked_or_says_why_not() {
    let store = Place::new().writer();
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'order~_words~_%' ESCAPE '~'";
    let mut statement = store.conn().prepare(sql).unwrap();
    let tables: BTreeSet<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let marked = || MARKED.iter().chain(JOTTED);
    let listed: Vec<&str> =
        marked().map(|table| table.name).chain(UNMARKED.iter().map(|(name, _)| *name)).collect();
    assert_eq!(listed.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), tables);
    assert_eq!(listed.len(), tables.len(), "in one list only");
    let numbers: BTreeSet<u8> = marked().map(crate::marks::Table::number).collect();
    assert_eq!(numbers.len(), marked().count());
    assert!(numbers.iter().all(|number| (1..128).contains(number)));
}

/// A rule of the file that is weaker than the program's, though every row fits.
#[test]
fn a_dropped_trigger_and_a_new_step_are_named() {
    let place = shop_of_three();
    for (sql, name) in [
        ("DROP TRIGGER payments_step", "payments_step"),
        ("DROP INDEX operations_one_open", "operations_one_open"),
        ("INSERT INTO payment_steps VALUES ('paid', 'awaiting')", "payment_steps"),
        ("CREATE TRIGGER theirs AFTER INSERT ON audit BEGIN SELECT 1; END", "theirs"),
        ("UPDATE order_words_config SET v = 0 WHERE k = 'secure-delete'", "order_words_config"),
    ] {
        let copy = place.copy();
        copy.raw().execute_batch(sql).unwrap();
        assert_eq!(found(&copy), [format!("the file's own rule {name} is not the program's")], "{sql}");
    }
}

/// Without the key: the whole chain in the old way, or under another key, or of another file.
#[test]
fn a_chain_written_anew_without_the_key_is_named() {
    let place = shop_of_three();
    // as an older program would have written the same rows
    let copy = tampered(&place, "UPDATE audit SET marks = NULL");
    let conn = copy.raw();
    conn.execute_batch("DROP TRIGGER audit_is_not_edited").unwrap();
    let mut before = GENESIS;
    for seq in 1..=4_i64 {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (at, changes) =
            conn.query_row("SELECT at, changes FROM audit WHERE seq = ?1", [seq], read).unwrap();
        let texts = ["owner", "sell", "subject", "detail"];
        let hash = Link { before: &before, seq, at, texts, changes: &changes }.plain();
        let sql = "UPDATE audit SET prev_hash = ?1, hash = ?2 WHERE seq = ?3";
        conn.execute(sql, rusqlite::params![before, hash, seq]).unwrap();
        before = hash;
    }
    drop(conn);
    let report = copy.reader().verify_audit().unwrap();
    assert_eq!((report.rows, report.broken_at), (4, Some(1)));
    // a program that has the key goes on with it, and does not take the rows for its own
    commit(&mut copy.writer(), sale(4)).unwrap();
    let report = copy.reader().verify_audit().unwrap();
    assert_eq!(report.broken_at, Some(1));
    assert!(report.found.len() > 5, "{:?}", report.found);

    let mut other = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    other.link_with(&AuditKey::new([1; 32], 1), None, at(0)).unwrap();
    assert_eq!(other.verify_audit().unwrap().broken_at, Some(1));

    let moved = tampered(&place, "UPDATE file SET id = zeroblob(16)");
    assert_eq!(moved.reader().verify_audit().unwrap().broken_at, Some(1));
}

#[test]
fn without_its_key_a_chain_is_not_verified_and_nothing_is_committed() {
    let place = shop_of_three();
    let mut store = place.plain_writer();
    assert!(matches!(commit(&mut store, sale(4)), Err(StoreError::NoKey)));
    assert!(matches!(store.verify_audit(), Err(StoreError::NoKey)));
    nothing_of(&store, 4);
    drop(store);
    commit(&mut place.writer(), sale(4)).unwrap();
    assert_eq!(found(&place), [""; 0]);
}

fn verified(place: &Place, kept: &AuditHead) -> AuditReport {
    let store = place.reader();
    store.verify(Some(kept), &mut |_| ControlFlow::Continue(())).unwrap().unwrap()
}

/// A cut tail leaves rows that no commit wrote; a file put back whole no longer holds what was kept
/// outside.
#[test]
fn a_cut_tail_and_a_file_put_back_are_named() {
    let place = shop_of_three();
    let kept = place.reader().audit_head().unwrap();
    assert_eq!(verified(&place, &kept).found, []);
    for rows in 0..4 {
        let copy = tampered(&place, &format!("DELETE FROM audit WHERE seq > {rows}"));
        let report = verified(&copy, &kept);
        assert_eq!(report.rows, rows);
        assert!(report.found.contains(&Finding::Cut(kept.clone())), "{rows}: {:?}", report.found);
        let of_tables = report.found.iter().any(|finding| matches!(finding, Finding::Changed { .. }));
        assert!(of_tables || rows == 0, "{rows}: {:?}", report.found);
    }
    // yesterday's file, with other sales since
    let yesterday = place.copy();
    commit(&mut place.writer(), sale(4)).unwrap();
    let kept = place.reader().audit_head().unwrap();
    assert_eq!(verified(&yesterday, &kept).found, [Finding::Cut(kept.clone())]);
    commit(&mut yesterday.writer(), sale(5)).unwrap();
    assert_eq!(verified(&yesterday, &kept).found, [Finding::Cut(kept.clone())]);
    commit(&mut place.writer(), sale(6)).unwrap();
    assert_eq!(verified(&place, &kept).found, [], "it has only grown");
    assert_eq!(AuditHead::parse(&kept.to_text()), Some(kept));
}

/// Rows of older programs get their marks when the key comes; from then on they are named too.
#[test]
fn rows_of_an_older_version_are_sealed_once_and_named_afterwards() {
    let place = Place::new();
    let old = open_with(&place.shop, Mode::Maker, &embedded()[..14]).unwrap();
    old_orders(old.conn(), 1..=5);
    drop(old);
    // opened and closed before its key was made, as after a crash
    drop(place.plain_writer());
    for rows in [2, 2, 2] {
        assert_eq!(place.writer().verify_audit().unwrap().rows, rows, "sealed once");
    }
    commit(&mut place.writer(), sale(6)).unwrap();
    assert_eq!(found(&place), [""; 0]);
    let sql = "UPDATE orders SET amount = 1 WHERE description = '茶葉 3'";
    let gone = "orders: a row of audit row 2 is changed or gone".to_owned();
    assert_eq!(
        found_after(&place, sql),
        [format!("orders {}: changed or put in by another hand", id(3)), gone]
    );
    // the rows before the key keep their old links
    let sql = "UPDATE audit SET detail = 'x' WHERE seq = 1";
    assert_eq!(found_after(&place, sql), ["audit row 1"]);
}

/// A key that is lost and made anew: what it had linked cannot be proved any more, and that shows.
#[test]
fn a_key_made_anew_seals_the_rows_and_leaves_a_finding() {
    let place = shop_of_three();
    let mut store = SqliteStore::open(&place.shop, Mode::Maker).unwrap();
    let key = AuditKey::new([7; 32], 5);
    store.link_with(&key, None, at(1)).unwrap();
    commit(&mut store, sale(4)).unwrap();
    let report = store.verify_audit().unwrap();
    assert_eq!((report.rows, report.found), (6, vec![Finding::KeyLost(5)]));
}

/// The rows look as an older program's do, but the computer had a key for the shop's file.
#[test]
fn a_key_that_replaces_another_is_a_finding_though_the_rows_have_no_marks() {
    let place = Place::new();
    commit(&mut place.plain_writer(), sale(1)).unwrap();
    let mut store = SqliteStore::open(&place.shop, Mode::Maker).unwrap();
    let key = AuditKey::new([7; 32], 2).replacing();
    let key = AuditKey::parse(&key.to_text()).unwrap();
    store.link_with(&key, None, at(1)).unwrap();
    assert_eq!(store.verify_audit().unwrap().found, [Finding::KeyLost(2)]);
}

#[test]
fn a_row_outside_the_chain_is_named() {
    let sql = "INSERT INTO audit (counter, seq, at, who, what, subject, detail, changes, prev_hash, hash)
        SELECT 2, seq, at, who, what, subject, detail, changes, prev_hash, hash FROM audit WHERE seq = 1";
    assert_eq!(found_after(&shop_of_three(), sql), ["audit rows outside the chain: 1"]);
}

/// A hand that cut the chain to where the key begins does not get the rows sealed again.
#[test]
fn a_chain_shorter_than_what_was_kept_is_not_sealed() {
    let place = Place::new();
    commit(&mut place.plain_writer(), sale(1)).unwrap();
    drop(place.writer());
    let kept = place.reader().audit_head().unwrap();
    let cut = tampered(&place, "DELETE FROM audit WHERE seq > 1; UPDATE orders SET amount = 1");
    let mut store = cut.plain_writer();
    store.link_with(&cut.key(), Some(&kept), at(0)).unwrap();
    assert_eq!(store.audit_head().unwrap().rows, 1);
}

#[test]
fn a_refused_commit_leaves_no_mark_and_a_row_of_one_commit_leaves_one() {
    let (_place, mut store) = two_sales();
    refused(&mut store, Change::PaymentAdded(payment(1)), "UNIQUE");
    let (bought, twice) = arrived(3, payment(3));
    let twice: Vec<_> = [Change::OrderAdded(order(3))].into_iter().chain(twice).collect();
    assert_eq!(bought.version, 1);
    commit(&mut store, twice).unwrap();
    let marks: Vec<u8> =
        store.conn().query_row("SELECT marks FROM audit WHERE seq = 3", [], |row| row.get(0)).unwrap();
    assert_eq!(from_bytes(&marks).map(|moved| moved.table).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(store.verify_audit().unwrap().found, []);
}

/// Who waits is told, and may stop it.
#[test]
fn a_walk_tells_how_far_it_is_and_can_be_stopped() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, (1..=7_000).map(|n| Change::OrderAdded(order(n)))).unwrap();
    commit(&mut store, (7_001..=14_000).map(|n| Change::OrderAdded(order(n)))).unwrap();
    let mut told = Vec::new();
    let stopped = store.verify(None, &mut |rows| {
        told.push(rows);
        ControlFlow::Break(())
    });
    assert_eq!((stopped.unwrap(), told), (None, vec![10_000]));
    assert_eq!(store.verify_audit().unwrap().found, []);
}

/// A list that is too long to read is counted.
#[test]
fn a_report_names_a_hundred_and_counts_the_rest() {
    let place = Place::new();
    commit(&mut place.writer(), (1..=150).map(|n| Change::OrderAdded(order(n)))).unwrap();
    let report = tampered(&place, "UPDATE orders SET amount = 1").reader().verify_audit().unwrap();
    assert_eq!(report.found.len(), 101);
    assert_eq!(report.found.last(), Some(&Finding::More(200)));
}

/// Computed from the headers of `audit.rs` and `marks.rs` by another program.
#[test]
fn the_hashes_are_those_that_the_documents_describe() {
    let keyed = Keyed::new(&AuditKey::new([0x4B; 32], 1)).unwrap();
    let row = [
        ValueRef::Integer(1_795_000_000_000),
        ValueRef::Text("茶葉".as_bytes()),
        ValueRef::Null,
        ValueRef::Blob(&[1, 2, 3]),
        ValueRef::Null,
    ];
    let mark = keyed.mark(3, row.into_iter());
    assert_eq!(hex::encode(mark), MARK);
    assert_eq!(mark, keyed.mark(3, row.into_iter().take(4)), "empty columns at the end do not count");
    assert_ne!(mark, keyed.mark(4, row.into_iter()));
    let marks = to_bytes(16, &[crate::marks::Moved { table: 3, removed: true, mark }]);
    assert_eq!(hex::encode(&marks), ["0010", "83", MARK].concat());
    let texts = ["owner", "sell", "subject", ""];
    let first = Link { before: &GENESIS, seq: 1, at: 1_795_000_000_000, texts, changes: &[7; 32] };
    assert_eq!(hex::encode(first.plain()), PLAIN);
    let linked = Linked { keyed: &keyed, file: [9; 16] };
    let first = first.keyed(&linked, &marks);
    assert_eq!(hex::encode(first), FIRST);
    let second = Link { before: &first, seq: 2, at: -1, texts: ["engine", "", "", "é"], changes: &[0; 32] };
    assert_eq!(hex::encode(second.keyed(&linked, &[0, 16])), SECOND);
}

const MARK: &str = "bc0a18efba45b4fb194ce771ff6ffad7";
const PLAIN: &str = "d8d97d873a9b188db62a0de2b3f74c20eeca37d7583aeafc731b8afadcf90f4b";
const FIRST: &str = "4828f0058894f65fbb113babcbb5873b8c1839a7e0ab74a8932d74129492d876";
const SECOND: &str = "a5aa5e2e911e5c63c382ff83e827049074b8bbe8427f84abfc0a793f0639e84f";
