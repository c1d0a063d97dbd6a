//! Storms: days of a shop on one thread, with the bank at its worst.

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

mod crashes;
mod disks;
mod refund_crashes;
mod refund_days;
mod sweep;
mod uneven;
