//! The audit chain: whatever is done to it is found at the row where it was done. By another hand,
//! with the triggers dropped.

use std::collections::BTreeSet;

use counterfoil_domain::{Actor, Customer, CustomerId, Twd};
use counterfoil_engine::ports::{AuditFilter, AuditReport, Change, Commit, Store};

use rusqlite::Connection;

use super::support::*;
use crate::SqliteStore;
use crate::audit::{Hash, Link};
use crate::rows::Cell;
use crate::writer::{Statement, Writer};

/// Five rows under a key, and the report on them.
fn five_rows() -> (Place, AuditReport) {
    let place = Place::new();
    let store = place.writer();
    five_rows_in(place, store)
}

/// The same of an older program.
fn five_plain_rows() -> (Place, AuditReport) {
    let place = Place::new();
    let store = place.plain_writer();
    five_rows_in(place, store)
}

fn five_rows_in(place: Place, mut store: SqliteStore) -> (Place, AuditReport) {
    for n in 1..=5 {
        commit(&mut store, sale(n)).unwrap();
    }
    let report = store.verify_audit().unwrap();
    (place, report)
}

/// What the chain says after this was done to a copy of the file.
fn after(original: &Place, sql: &str) -> AuditReport {
    let place = original.copy();
    let conn = place.raw();
    conn.execute_batch(
        "DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_stays; PRAGMA ignore_check_constraints = 1",
    )
    .unwrap();
    conn.execute_batch(sql).unwrap();
    drop(conn);
    place.reader().verify_audit().unwrap()
}

/// What the head covers: a statement's name, and each value with its type, its length and its
/// place.
#[test]
fn no_two_lists_of_values_have_the_same_digest() {
    let conn = Connection::open_in_memory().unwrap();
    let lists: [(&'static str, &[Cell<'_>]); 9] = [
        ("a", &[Cell::Text("1"), Cell::Text("2")]),
        ("b", &[Cell::Text("1"), Cell::Text("2")]),
        ("a", &[Cell::Text("2"), Cell::Text("1")]),
        ("a", &[Cell::Text("12"), Cell::Text("")]),
        ("a", &[Cell::Text("1"), Cell::Bytes(b"2")]),
        ("a", &[Cell::Text("1"), Cell::Int(2)]),
        ("a", &[Cell::Text("1"), Cell::Int(3)]),
        ("a", &[Cell::Text("1"), Cell::Null]),
        ("a", &[Cell::Text("1"), Cell::Text("")]),
    ];
    let digests: BTreeSet<Hash> = lists
        .iter()
        .map(|(name, cells)| {
            let mut writer = Writer::new(&conn, None);
            // a statement that does nothing with what is bound
            let statement = Statement { name, sql: "CREATE TABLE IF NOT EXISTS t AS SELECT ?1, ?2" };
            writer.run(&statement, cells).unwrap();
            writer.digest()
        })
        .collect();
    assert_eq!(digests.len(), lists.len());
}

fn dearer() -> Change {
    Change::OrderAdded(counterfoil_domain::Order { amount: Twd::new(181), ..order(1) })
}

#[test]
fn an_untouched_chain_fits_and_its_head_stands_for_the_content() {
    let (_place, first) = five_plain_rows();
    assert_eq!((first.rows, first.broken_at), (5, None));
    let (_place, again) = five_plain_rows();
    assert_eq!(again, first, "the same changes, the same head");

    let empty = Place::new().plain_writer().verify_audit().unwrap();
    let head = "0".repeat(64);
    let expected = AuditReport {
        rows: 0,
        head,
        broken_at: None,
        found: vec![],
        accepted: vec![],
        people: vec![],
        tables: vec![],
    };
    assert_eq!(empty, expected);

    // one value of one row of a sale, or one text of the line, and the head is another
    let head = |change: fn(&mut Commit)| {
        let mut sold = commit_of(sale(1));
        change(&mut sold);
        let mut store = Place::new().plain_writer();
        store.commit(sold).unwrap();
        store.verify_audit().unwrap().head
    };
    let plain = head(|_| {});
    let others: [fn(&mut Commit); 7] = [
        |b| b.changes[0] = dearer(),
        |b| drop(b.changes.pop()),
        |b| b.audit.who = Actor::Engine,
        |b| b.audit.at = at(1),
        // a character that moves from one text to its neighbour
        |b| (b.audit.what, b.audit.subject) = ("sells".to_owned(), "ubject".to_owned()),
        |b| b.audit.subject.push('x'),
        |b| b.audit.detail.push('x'),
    ];
    for other in others {
        assert_ne!(head(other), plain);
    }
}

/// After the erasure a guess cannot be proved: the digest rests on a salt erased with the name.
#[test]
fn the_chain_knows_a_customer_by_a_salted_digest_only() {
    let head = |salt: u8, name: &str, note: &str| {
        let customer = Customer {
            id: CustomerId::from_bytes(bytes(1)),
            name: name.to_owned(),
            note: note.to_owned(),
            salt: [salt; 16],
        };
        let mut store = Place::new().plain_writer();
        commit(&mut store, [Change::CustomerAdded(customer)]).unwrap();
        store.verify_audit().unwrap().head
    };
    let heads = [head(1, "林", ""), head(2, "林", ""), head(1, "王", ""), head(1, "", "林")];
    assert_eq!(heads.iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(head(1, "林", ""), heads[0]);

    let place = Place::new();
    let mut store = place.writer();
    let id = CustomerId::from_bytes(bytes(1));
    let customer = Customer { id, name: "林".to_owned(), note: String::new(), salt: [1; 16] };
    commit(&mut store, [Change::CustomerAdded(customer.clone())]).unwrap();
    assert_eq!(store.customer(id).unwrap(), Some(customer));
    commit(&mut store, [Change::CustomerErased(id)]).unwrap();
    let salt: Vec<u8> = store.conn().query_row("SELECT salt FROM customers", [], |row| row.get(0)).unwrap();
    assert_eq!(salt, [0_u8; 0]);
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

#[test]
fn every_edit_is_found_where_it_was_made() {
    let edits = [
        "at = at + 1",
        "who = 'somebody'",
        "what = 'else'",
        "subject = ''",
        "detail = detail || ' '",
        "detail = CAST(x'ff' AS TEXT)",
        "changes = zeroblob(32)",
        "changes = x'00'",
        "prev_hash = zeroblob(32)",
        "hash = zeroblob(32)",
        "hash = x''",
        "seq = 9",
        "seq = -1",
    ];
    let (place, _) = five_rows();
    for edit in edits {
        for row in 2..=5 {
            let report = after(&place, &format!("UPDATE audit SET {edit} WHERE seq = {row}"));
            // moved to the front, it is the first row that does not fit
            let found = if edit == "seq = -1" { 1 } else { row };
            assert_eq!(report.broken_at, Some(found), "{edit} of row {row}");
            assert_eq!(report.rows, 5);
        }
    }
}

#[test]
fn a_missing_row_is_named_by_its_number() {
    let (place, _) = five_rows();
    for row in 1..=4 {
        let report = after(&place, &format!("DELETE FROM audit WHERE seq = {row}"));
        assert_eq!((report.rows, report.broken_at), (4, Some(row)));
    }
}

#[test]
fn a_row_put_in_between_is_found() {
    let (place, _) = five_rows();
    let report = after(
        &place,
        "UPDATE audit SET seq = -(seq + 1) WHERE seq >= 3; UPDATE audit SET seq = -seq WHERE seq < 0;
         INSERT INTO audit SELECT 1, 3, at, who, 'put in', subject, detail, changes, hash, zeroblob(32), marks FROM audit WHERE seq = 2",
    );
    assert_eq!((report.rows, report.broken_at), (6, Some(3)));
}

/// By a hand that knows how the hashes are made, and mends those of this row only.
#[test]
fn a_mended_row_is_found_at_its_neighbour() {
    let (place, _) = five_plain_rows();
    let conn = place.raw();
    conn.execute_batch("DROP TRIGGER audit_is_not_edited; UPDATE audit SET detail = 'else' WHERE seq = 3")
        .unwrap();
    mend(&conn, 3);
    drop(conn);
    assert_eq!(place.plain_writer().verify_audit().unwrap().broken_at, Some(4));
}

/// And by one that mends all of them, but leaves a number out.
#[test]
fn a_number_that_is_left_out_is_found() {
    let (place, _) = five_plain_rows();
    let conn = place.raw();
    conn.execute_batch("DROP TRIGGER audit_is_not_edited; UPDATE audit SET seq = 6 WHERE seq = 5").unwrap();
    mend(&conn, 6);
    drop(conn);
    let report = place.plain_writer().verify_audit().unwrap();
    assert_eq!((report.rows, report.broken_at), (5, Some(5)));
}

/// Writes the hash that fits the row.
fn mend(conn: &Connection, seq: i64) {
    let fitting: Hash = conn
        .query_row(
            "SELECT prev_hash, at, who, what, subject, detail, changes FROM audit WHERE seq = ?1",
            [seq],
            |row| {
                let texts: [String; 4] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
                let [before, changes]: [Hash; 2] = [row.get(0)?, row.get(6)?];
                let texts = texts.each_ref().map(String::as_str);
                Ok(Link { before: &before, seq, at: row.get(1)?, texts, changes: &changes }.plain())
            },
        )
        .unwrap();
    conn.execute("UPDATE audit SET hash = ?1 WHERE seq = ?2", rusqlite::params![fitting, seq]).unwrap();
}

/// The two things that a chain alone cannot show, and that its anchor outside the file does.
#[test]
fn a_cut_end_and_a_chain_written_anew_differ_from_the_anchor() {
    let (place, anchor) = five_rows();
    let conn = place.raw();
    conn.execute_batch("DROP TRIGGER audit_stays; DELETE FROM audit WHERE seq > 3").unwrap();
    drop(conn);
    let cut = place.writer().verify_audit().unwrap();
    assert_eq!((cut.rows, cut.broken_at), (3, None));
    assert_ne!((cut.rows, &cut.head), (anchor.rows, &anchor.head));

    // another history of the same length, chained just as well
    let other = Place::new();
    let mut store = other.writer();
    for n in 11..=15 {
        commit(&mut store, sale(n)).unwrap();
    }
    let anew = store.verify_audit().unwrap();
    assert_eq!((anew.rows, anew.broken_at), (anchor.rows, None));
    assert_ne!(anew.head, anchor.head);
}

#[test]
fn the_chain_goes_on_after_a_restart() {
    let (place, before) = five_rows();
    let mut store = place.writer();
    commit(&mut store, sale(6)).unwrap();
    let report = store.verify_audit().unwrap();
    assert_eq!((report.rows, report.broken_at), (6, None));
    let linked: String = store
        .conn()
        .query_row("SELECT lower(hex(prev_hash)) FROM audit WHERE seq = 6", [], |row| row.get(0))
        .unwrap();
    assert_eq!(linked, before.head);
}

/// A page of the record: newest first, before a row, and of each list what it names.
#[test]
fn a_page_holds_what_the_filter_names() {
    let place = Place::new();
    let mut store = place.writer();
    for (n, what) in [(1, "sell"), (2, "cancel"), (3, "sell"), (4, "seen"), (5, "sell")] {
        let mut one = commit_of(sale(n));
        what.clone_into(&mut one.audit.what);
        one.audit.subject = format!("subject-{n}");
        store.commit(one).unwrap();
    }
    let rows = |filter: AuditFilter| -> Vec<u64> {
        let filter = AuditFilter { limit: 3, ..filter };
        store.audit_rows(&filter).unwrap().into_iter().map(|row| row.seq).collect()
    };
    let every = AuditFilter::default;
    let of = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    assert_eq!(rows(every()), [5, 4, 3]);
    assert_eq!(rows(AuditFilter { before: Some(3), ..every() }), [2, 1]);
    assert_eq!(rows(AuditFilter { what: of(&["sell"]), ..every() }), [5, 3, 1]);
    assert_eq!(rows(AuditFilter { what: of(&["cancel", "seen"]), ..every() }), [4, 2]);
    // part of a text is another text
    assert_eq!(rows(AuditFilter { what: of(&["sel", "ell"]), ..every() }).len(), 0);
    assert_eq!(rows(AuditFilter { subjects: of(&["subject-2", "subject-5"]), ..every() }), [5, 2]);
    assert_eq!(rows(AuditFilter { subjects: of(&[]), ..every() }).len(), 0);
    assert_eq!(rows(AuditFilter { who: of(&["owner"]), ..every() }), [5, 4, 3]);
    assert_eq!(rows(AuditFilter { who: of(&["engine"]), ..every() }).len(), 0);
}

/// What people did about one thing, oldest first, and nothing that the engine did.
#[test]
fn the_acts_of_people_are_told_from_those_of_the_engine() {
    let place = Place::new();
    let mut store = place.writer();
    let rows =
        [(1, Actor::Owner, "a"), (2, Actor::Engine, "a"), (3, Actor::Owner, "b"), (4, Actor::Owner, "a")];
    for (n, who, subject) in rows {
        let mut one = commit_of(sale(n));
        (one.audit.who, one.audit.subject) = (who, subject.to_owned());
        store.commit(one).unwrap();
    }
    let acts = |subject| store.acts_of(subject).unwrap().into_iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!((acts("a"), acts("b"), acts("c")), (vec![1, 4], vec![3], vec![]));
}
