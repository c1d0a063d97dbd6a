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

mod accepting;
mod cancels;
mod card_detail;
mod clock_cli;
mod clocks;
mod closed_doors;
mod closures;
mod conflicts;
mod contracts;
mod ctbc;
mod ctbc_hostile;
mod ctbc_operations;
mod discrepancies;
mod each_command;
mod faults;
mod foreign;
mod hands_cli;
#[cfg(target_os = "linux")]
mod hidden_clock;
mod hidden_names;
#[cfg(target_os = "linux")]
mod keyring;
mod ledger;
mod lists;
mod moved_clocks;
mod moved_file;
mod nears;
mod one_person;
mod other_file;
mod pace;
mod page_left;
mod people;
mod people_cli;
mod port_80;
mod process;
mod proved;
mod record;
mod refund_charges;
mod refund_edges;
mod refund_ends;
mod refund_faults;
mod refund_queue;
mod refund_ways_out;
mod refunds;
mod refunds_told;
mod refusals;
mod secrets;
mod seen;
mod selling;
mod settings;
mod shop_add;
mod sound_file;
mod terminal;
mod token;
mod tries;
#[cfg(unix)]
mod true_words;
