//! What the tests that cross crates share: a simulated world of one shop and its banks on one
//! thread, driven by one number.
//!
//! [`world::World`] composes the real engine, store and bank adapter over the simulator's core in
//! process, moves one clock, and can stop the program at any numbered commit or send. [`outside`]
//! starts the built programs instead and looks at them over HTTP and through the real window.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::type_complexity,
    clippy::similar_names,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    reason = "helpers of tests"
)]

mod cards;
pub mod crash;
mod failing;
pub mod ledger;
pub mod outside;
pub mod transport;
pub mod uneven;
pub mod world;

/// The folder of these tests. Cargo sets it at every start: copies of the workspace that build into
/// one folder share the builds.
pub fn folder() -> std::path::PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
}
