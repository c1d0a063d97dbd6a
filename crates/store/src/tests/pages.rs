//! When the pages of a file are read, and what becomes of damage.

use std::fs;
use std::path::Path;

use counterfoil_domain::{Moment, View};
use counterfoil_engine::ports::{Page, Store, StoreError};

use super::support::*;
use crate::migrate::embedded;
use crate::open::open_with;
use crate::{Mode, OpenError, SqliteStore};

const DAY_MS: i64 = 24 * 3_600_000;
/// Nothing asks this index while a file opens.
const INDEX: &str = "payments_open";

fn sold() -> Place {
    let place = Place::new();
    commit(&mut place.writer(), (1..=300).flat_map(sale)).unwrap();
    place
}

/// Overwrites a page of the index in a file, and returns what was there.
fn harm(place: &Place, file: &Path) -> Vec<u8> {
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root: i64 = place.raw().query_row(root, [INDEX], |row| row.get(0)).unwrap();
    let root = usize::try_from(root).unwrap();
    let before = fs::read(file).unwrap();
    let mut bytes = before.clone();
    bytes[(root - 1) * 4096..root * 4096].fill(0xA5);
    fs::write(file, bytes).unwrap();
    before
}

fn open(place: &Place) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(&place.shop, Mode::Writer)
}

fn is_damaged(place: &Place) -> bool {
    matches!(open(place), Err(OpenError::Damaged(_)))
}

/// Takes the look that is due at a time; whether it was.
fn look(store: &SqliteStore, now: Moment) -> bool {
    let look = store.look_ahead(now);
    look.map(|look| look.take().unwrap()).is_some()
}

fn note(place: &Place) -> Option<String> {
    fs::read_to_string(place.shop.join("counterfoil.checked")).ok()
}

#[test]
fn damage_that_nothing_touches_is_found_beside_the_running_shop_and_stops_the_next_start() {
    let place = sold();
    let good = harm(&place, &place.file());
    let mut store = open(&place).unwrap();
    let found = store.look_ahead(at(0)).unwrap().take();
    assert!(matches!(&found, Err(OpenError::Damaged(text)) if !text.is_empty()), "{found:?}");
    // what the damage does not reach goes on
    store.link_with(&place.key(), None, at(1)).unwrap();
    assert_eq!(store.order(order(7).id).unwrap(), Some(order(7)));
    drop(store);
    for _ in 0..2 {
        assert!(is_damaged(&place), "each start");
    }
    assert_eq!(note(&place).as_deref(), Some("damaged"));
    fs::write(place.file(), good).unwrap();
    let store = open(&place).unwrap();
    assert_eq!(note(&place), None);
    assert!(look(&store, at(0)));
}

#[test]
fn damage_that_a_question_meets_stops_the_next_start() {
    let place = sold();
    harm(&place, &place.file());
    let store = open(&place).unwrap();
    let met = store.orders_in(View::Unpaid, at(9), Page { limit: 50, ..Page::default() });
    assert!(matches!(met, Err(StoreError::Damaged)), "{met:?}");
    drop(store);
    assert!(is_damaged(&place));
}

/// The log of a program that was cut off is still there, and every page is read before it is used.
#[test]
fn after_an_end_that_was_none_the_next_start_reads_all_pages() {
    let place = sold();
    let mut store = place.writer();
    commit(&mut store, sale(301)).unwrap();
    let log = place.shop.join("counterfoil.db-wal");
    let cut_off = place.copy();
    fs::copy(&log, cut_off.shop.join("counterfoil.db-wal")).unwrap();
    drop(store);
    assert!(!log.exists(), "an end by itself takes the log away");
    let good = harm(&place, &cut_off.file());
    for _ in 0..2 {
        assert!(is_damaged(&cut_off), "the log is not used up by a start that fails");
    }
    fs::write(cut_off.file(), good).unwrap();
    let store = open(&cut_off).unwrap();
    assert_eq!(store.order(order(301).id).unwrap(), Some(order(301)));
}

#[test]
fn an_older_file_is_read_before_it_is_brought_up() {
    let place = Place::new();
    let older = open_with(&place.shop, Mode::Maker, &embedded()[..embedded().len() - 1]).unwrap();
    drop(older);
    harm(&place, &place.file());
    let before = fs::read(place.file()).unwrap();
    assert!(is_damaged(&place));
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[test]
fn a_file_is_looked_through_once_a_day_and_another_in_its_place_at_once() {
    let place = sold();
    let store = open(&place).unwrap();
    let after = |ms| at(0).plus_ms(ms);
    assert!(look(&store, after(0)));
    assert!(!look(&store, after(0)) && !look(&store, after(DAY_MS - 1)));
    assert!(look(&store, after(DAY_MS)));
    // the clock was ahead
    assert!(look(&store, after(DAY_MS - 1)));
    drop(store);
    let copy = place.copy();
    fs::rename(copy.file(), place.file()).unwrap();
    let store = open(&place).unwrap();
    assert!(look(&store, after(DAY_MS)));
    for unread in ["", "damaged\n", "1 2 3 4", &"9".repeat(200)] {
        fs::write(place.shop.join("counterfoil.checked"), unread).unwrap();
        assert!(look(&store, after(DAY_MS)), "{unread:?}");
    }
    assert!(store.look(after(DAY_MS)).is_some(), "whoever asks for it has it");
}

/// What was not read to its end is not called sound.
#[test]
fn a_look_that_is_stopped_leaves_no_note() {
    let place = sold();
    let store = open(&place).unwrap();
    let look = store.look_ahead(at(0)).unwrap();
    look.stop().stop();
    look.take().unwrap();
    assert_eq!(note(&place), None);
}
