//! F12: the power fails. What a commit wrote and had not synced yet is lost, in part or whole, or
//! torn. A file then is what it was before the commit, or after it, and never between.
//!
//! A commit writes to the log alone and syncs it before it returns (`synchronous` = FULL); a
//! checkpoint syncs the log before it writes to the file. So at a power cut the unsynced bytes are
//! the log's end behind the last commit that returned, or pages of the file while the whole log is
//! there. Both are made here, bit by bit, and opened again.

use std::fs;
use std::path::PathBuf;

use counterfoil_engine::ports::{AuditReport, Store};

use super::support::*;
use crate::{DATA_FILE, SqliteStore};

/// What a disk writes as one.
const SECTOR: usize = 512;
const PAGE: usize = 4096;

fn log_of(place: &Place) -> PathBuf {
    place.shop.join(format!("{DATA_FILE}-wal"))
}

/// The file and its log as a power cut has left them, in a folder of their own.
fn left(of: &Place, file: &[u8], log: &[u8]) -> Place {
    // a copy has the owner of the file, which its new bytes leave alone
    let place = of.copy();
    fs::copy(log_of(of), log_of(&place)).unwrap();
    fs::write(place.file(), file).unwrap();
    fs::write(log_of(&place), log).unwrap();
    place
}

/// Opens it, as the next start does: sound, with its chain unbroken, and it takes a commit.
fn opened(place: &Place, next: u32) -> AuditReport {
    let mut store = place.writer();
    let report = store.verify_audit().unwrap();
    assert_eq!(report.broken_at, None);
    assert_eq!(store.marks_that_lie().unwrap(), []);
    commit(&mut store, sale(next)).unwrap();
    report
}

fn no_checkpoint(store: &SqliteStore) {
    store.conn().pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(())).unwrap();
}

/// The log's end behind the last commit that returned is cut at every third sector, and torn there.
#[test]
fn f12_what_was_confirmed_survives_and_nothing_is_half_there() {
    let place = Place::new();
    let mut store = place.writer();
    commit(&mut store, sale(1)).unwrap();
    no_checkpoint(&store);
    let mut confirmed = store.verify_audit().unwrap();
    let mut whole = fs::read(log_of(&place)).unwrap();
    let mut cuts = 0;
    for n in 2..=3_u32 {
        let file = fs::read(place.file()).unwrap();
        let synced = whole.len();
        commit(&mut store, sale(n)).unwrap();
        let before = std::mem::replace(&mut whole, fs::read(log_of(&place)).unwrap());
        assert_eq!(whole[..synced], before[..], "the log is only added to");
        assert!(whole.len() > synced);
        let after = store.verify_audit().unwrap();
        assert_eq!(fs::read(place.file()).unwrap(), file, "a commit writes to the log alone");
        for end in (synced..whole.len()).step_by(3 * SECTOR).chain([whole.len() - 1]) {
            let lost = whole[..end].to_vec();
            // the sector under way is half new, and what lies behind it came first
            let mut torn = whole.clone();
            let stop = (end + SECTOR).min(whole.len());
            torn[end..stop].fill(0xA5);
            for log in [lost, torn] {
                let before = opened(&left(&place, &file, &log), 100 + n);
                assert_eq!(before, confirmed, "commit {n}, cut at {end}");
                cuts += 1;
            }
        }
        assert_eq!(opened(&left(&place, &file, &whole), 100 + n), after, "whole, it is there");
        confirmed = after;
    }
    assert!(cuts > 50, "{cuts} cuts");
}

/// A checkpoint writes pages of the file in any order, and the power fails between any two, or in
/// the middle of one: the log is there still, and the next start has everything.
#[test]
fn f12_a_checkpoint_that_was_cut_loses_nothing() {
    let place = Place::new();
    let mut store = place.writer();
    no_checkpoint(&store);
    for n in 1..=20 {
        commit(&mut store, sale(n)).unwrap();
    }
    let expected = store.verify_audit().unwrap();
    let (before, log) = (fs::read(place.file()).unwrap(), fs::read(log_of(&place)).unwrap());
    store.conn().query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
    let mut after = fs::read(place.file()).unwrap();
    assert_ne!(before, after);
    after.resize(after.len().max(before.len()), 0);
    let mut file = before.clone();
    file.resize(after.len(), 0);
    let changed: Vec<usize> =
        (0..after.len()).step_by(PAGE).filter(|at| file[*at..at + PAGE] != after[*at..at + PAGE]).collect();
    assert!(changed.len() > 5, "{} pages", changed.len());
    for (done, at) in changed.iter().enumerate() {
        // every second page from the back, then this one torn in its middle
        let mut cut = file.clone();
        for page in changed.iter().rev().take(done).step_by(2) {
            cut[*page..page + PAGE].copy_from_slice(&after[*page..page + PAGE]);
        }
        cut[*at..at + SECTOR * 3].copy_from_slice(&after[*at..at + SECTOR * 3]);
        cut[at + SECTOR * 3..at + SECTOR * 4].fill(0xA5);
        assert_eq!(opened(&left(&place, &cut, &log), 100), expected, "page {}", at / PAGE);
    }
}
