//! A data file that is moved, deleted or replaced while it is open, and what is rescued of it.

#[cfg(unix)]
use std::fs;
use std::path::PathBuf;

#[cfg(unix)]
use counterfoil_engine::ports::Store;
use counterfoil_engine::ports::StoreError;
use rusqlite::Connection;

use super::support::*;
#[cfg(unix)]
use crate::Mode;
use crate::{DATA_FILE, SqliteStore};

fn log(place: &Place) -> PathBuf {
    place.shop.join(format!("{DATA_FILE}-wal"))
}

#[cfg(unix)]
fn lock(place: &Place) -> PathBuf {
    place.shop.join("counterfoil.lock")
}

/// Whoever asks before and after.
fn opened() -> (Place, SqliteStore) {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    assert!(store.is_in_place());
    (place, store)
}

#[cfg(unix)]
#[test]
fn whatever_takes_the_name_from_the_file_is_noticed() {
    let aside = |place: &Place| place.shop.join("aside.db");
    let hands: [fn(&Place, PathBuf); 7] = [
        |place, _| fs::remove_file(place.file()).unwrap(),
        |place, aside| fs::rename(place.file(), aside).unwrap(),
        |place, aside| {
            fs::copy(place.file(), &aside).unwrap();
            fs::rename(aside, place.file()).unwrap();
        },
        |place, aside| {
            fs::rename(place.file(), &aside).unwrap();
            std::os::unix::fs::symlink(&aside, place.file()).unwrap();
        },
        |place, _| fs::remove_file(log(place)).unwrap(),
        |place, _| fs::remove_file(lock(place)).unwrap(),
        |place, aside| {
            fs::write(&aside, "").unwrap();
            fs::rename(aside, lock(place)).unwrap();
        },
    ];
    for (number, hand) in hands.into_iter().enumerate() {
        let (place, mut store) = opened();
        // more commits are no other file
        commit(&mut store, sale(2)).unwrap();
        assert!(store.is_in_place(), "{number}");
        hand(&place, aside(&place));
        assert!(!store.is_in_place(), "{number}");
    }
    let (place, store) = opened();
    fs::rename(&place.shop, place.shop.with_extension("moved")).unwrap();
    assert!(!store.is_in_place());
    fs::rename(place.shop.with_extension("moved"), &place.shop).unwrap();
    assert!(store.is_in_place(), "back as it was");
}

/// The log would be taken for that of the next file of this name.
#[cfg(unix)]
#[test]
fn what_is_open_is_rescued_whole_and_becomes_the_data_file_by_its_name() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, mut store) = opened();
    fs::remove_file(place.file()).unwrap();
    let rescued = store.rescue(at(0)).unwrap();
    assert_eq!(rescued.parent(), Some(place.shop.as_path()));
    // an answer that was under way
    commit(&mut store, sale(2)).unwrap();
    assert_eq!(store.rescue(at(0)).unwrap(), rescued, "once more, under the same name");
    assert_eq!(fs::metadata(&rescued).unwrap().permissions().mode() & 0o777, 0o600);
    let head = store.audit_head().unwrap();
    assert!(!log(&place).exists());
    drop(store);
    assert!(SqliteStore::open(&place.shop, Mode::Writer).is_err());
    fs::rename(&rescued, place.file()).unwrap();
    let mut again = place.writer();
    assert_eq!(again.audit_head().unwrap(), head);
    assert_eq!(again.order(order(2).id).unwrap(), Some(order(2)));
    assert_eq!(again.verify_audit().unwrap().found, []);
    commit(&mut again, sale(3)).unwrap();

    // the folder is gone as well: as near as there is one
    fs::remove_dir_all(&place.shop).unwrap();
    let near = again.rescue(at(0)).unwrap();
    assert_eq!(near.parent(), place.shop.parent());
}

/// The log of a file that is in its place stays.
#[test]
fn a_copy_of_a_file_in_its_place_takes_nothing_away() {
    let (place, mut store) = opened();
    let copy = store.rescue(at(0)).unwrap();
    assert!(copy.exists() && log(&place).exists());
    commit(&mut store, sale(2)).unwrap();
    assert!(store.is_in_place());
}

#[test]
fn another_program_that_holds_the_file_is_named_as_such() {
    let (place, mut store) = opened();
    store.conn().pragma_update(None, "busy_timeout", 1).unwrap();
    let other = Connection::open(place.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = commit(&mut store, sale(2)).unwrap_err();
    assert!(matches!(error, StoreError::Locked), "{error}");
    assert!(store.is_done_for(), "until it is opened again");
}

#[test]
fn a_file_that_takes_no_writes_is_named_as_such() {
    let (_place, mut store) = opened();
    store.conn().pragma_update(None, "query_only", true).unwrap();
    let error = commit(&mut store, sale(2)).unwrap_err();
    assert!(matches!(error, StoreError::Denied), "{error}");
}
