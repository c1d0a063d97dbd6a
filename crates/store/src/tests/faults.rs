//! F13 and F14: what a full or failing disk does.

use counterfoil_domain::PaymentState;
use counterfoil_engine::ports::{Change, Store, StoreError};

use super::support::*;
use crate::{Mode, SqliteStore};

/// F13, at every size at which the disk can be full: the commit is there whole or not at all,
/// nothing more is committed until the file is opened again, and then it works.
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    let pages: i64 = store.conn().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let mut filled = 0;
    for more in 0_i64.. {
        let limit: i64 = store
            .conn()
            .pragma_update_and_check(None, "max_page_count", pages + more, |row| row.get(0))
            .unwrap();
        assert_eq!(limit, pages + more);
        let before = store.verify_audit().unwrap();
        // large enough to need many pages in many tables
        let many = || (100..250).flat_map(sale);
        match commit(&mut store, many()) {
            Ok(()) => break,
            Err(StoreError::DiskFull) => {}
            Err(other) => panic!("{other}"),
        }
        filled += 1;
        assert_eq!(store.verify_audit().unwrap(), before);
        assert_eq!(store.order(order(100).id).unwrap(), None);
        // the disk has room again, and still this connection is done for
        store.conn().pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
        let error = commit(&mut store, sale(2)).unwrap_err();
        assert!(matches!(error, StoreError::DiskFull), "{error}");
        drop(store);
        store = place.writer();
        assert_eq!(store.verify_audit().unwrap(), before);
        assert_eq!(store.payment(payment(1).id).unwrap(), Some(payment(1)));
    }
    assert!(filled > 10, "the disk was full only {filled} times");
    drop(store);
    let store = place.writer();
    assert_eq!(store.order(order(249).id).unwrap(), Some(order(249)));
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

/// Pages of the file go bad under an open connection, and are good again later: the error was one
/// of the disk, and nothing more is committed before everything is read again.
#[test]
fn a_page_that_went_bad_ends_the_connection() {
    let place = Place::new();
    commit(&mut place.writer(), (1..=500).flat_map(sale)).unwrap();
    let good = std::fs::read(place.file()).unwrap();
    let mut store = place.writer();
    let mut bad = good.clone();
    bad[4096..].fill(0xA5);
    overwrite(&place, &store, &bad);
    let error = store.payment(payment(1).id).unwrap_err();
    assert!(matches!(error, StoreError::Damaged), "{error}");
    overwrite(&place, &store, &good);
    assert_eq!(store.payment(payment(1).id).unwrap(), Some(payment(1)));
    let error = commit(&mut store, sale(501)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged), "{error}");
    drop(store);
    commit(&mut place.writer(), sale(501)).unwrap();
}

/// Other bytes in the same file, and whatever the connection remembers of it forgotten.
fn overwrite(place: &Place, store: &SqliteStore, bytes: &[u8]) {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().write(true).open(place.file()).unwrap();
    file.write_all(bytes).unwrap();
    store.conn().execute_batch("PRAGMA shrink_memory").unwrap();
}

/// A refused commit and a conflict are not the disk's fault: the next commit goes through.
#[test]
fn a_refused_batch_does_not_end_the_connection() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    assert!(matches!(commit(&mut store, sale(1)), Err(StoreError::Refused(_))));
    let stale = changed(&store, 1, |p| p.version = 7);
    assert!(matches!(commit(&mut store, [stale]), Err(StoreError::Conflict)));
    let unproved = changed(&store, 1, |p| p.state = PaymentState::Paid);
    assert!(matches!(commit(&mut store, [unproved]), Err(StoreError::Refused(_))));
    let orphan = Change::PaymentAdded(payment(9));
    assert!(matches!(commit(&mut store, [orphan]), Err(StoreError::Refused(_))));
    commit(&mut store, sale(2)).unwrap();
}

#[test]
fn a_reader_commits_nothing() {
    let place = Place::new();
    commit(&mut place.writer(), sale(1)).unwrap();
    let mut reader = SqliteStore::open(&place.shop, Mode::Reader).unwrap();
    assert!(matches!(commit(&mut reader, sale(2)), Err(StoreError::Refused(_))));
    // and could not, even if it tried
    assert!(reader.conn().execute_batch("DELETE FROM refinery_schema_history").is_err());
}
