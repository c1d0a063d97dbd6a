//! The store. One SQLite file per shop, in the shop's own folder, with one writer.
//!
//! Promises:
//! - A [`Commit`](counterfoil_engine::ports::Commit) is in the file whole, with its one audit row,
//!   or not at all; when `commit` returns it has reached the disk (write-ahead log, `synchronous`
//!   FULL).
//! - The file itself enforces the rules that must never break, by unique indexes and triggers of
//!   `migrations/`: one open operation per payment, unique bank numbers, steps only along the
//!   transition tables, tables that are only added to.
//! - With the key of its audit chain ([`SqliteStore::link_with`]) each commit leaves a mark of
//!   every row that it wrote, and [`SqliteStore::verify`] names what another hand has changed.
//! - The file takes no authorization and no money without evidence: the row names a bank's answer
//!   to a question, with that state and that amount.
//! - A file that is not ours, is newer than the program, or is damaged is refused and kept as it
//!   is. An empty one is never put in its place. Before an upgrade there is a copy.
//! - After a disk error nothing more is committed until the file is opened again.
//!
//! Left out: rules about money (`counterfoil-domain`), threads (the composition owns the one that
//! writes), backups. This crate cannot notice a disk that lies about what it has written, or a
//! `-wal` file deleted after a crash; the sweep notices the money.

mod answers;
mod audit;
mod captures;
mod charges;
mod commit;
mod coverage;
mod crew;
mod customers;
mod discrepancies;
mod doubt;
mod entries;
mod error;
mod evidence;
mod failed;
mod folder;
mod foreign_lines;
mod jots;
mod marks;
mod migrate;
mod news;
mod open;
mod operations;
mod orders;
mod pages;
mod pages_left;
mod payments;
mod people;
mod place;
mod pragmas;
mod proved;
mod questions;
mod readings;
mod refunds;
mod rescue;
mod rows;
mod search;
mod shop;
mod sound;
mod standing;
mod store;
mod verify;
mod views;
mod words;
mod writer;

pub use error::{Mode, OpenError};
pub use folder::{DATA_FILE, copies_by_hand, remove_own, strangers, takes_something};
pub use pages::{PagesLook, StopLook};
pub use store::{SqliteStore, Walk};
pub use verify::Progress;

#[cfg(test)]
mod tests;
