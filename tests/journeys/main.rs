//! Journeys of an order through engine, store, bank adapter and simulator, on simulated time.

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
    reason = "tests"
)]

mod card_detail;
mod contracts;
mod ctbc;
mod ctbc_hostile;
mod ctbc_operations;
mod faults;
#[cfg(target_os = "linux")]
#[cfg(target_os = "linux")]
mod keyring;
mod process;
mod secrets;
mod selling;
