//! What odd bytes are thrown at: one target for everything that reads what others wrote.
//!
//! A target takes any bytes and panics where a promise does not hold: nothing panics, what comes
//! out is bounded, whatever is wrong is one value, and nothing is believed without the right key.
//! `corpus/` holds a folder of seeds per target; the test `replay` runs them every time, `cargo
//! xtask fuzz` lets an engine change them (docs/decisions/0011). Left out: sockets
//! (`crates/banks/tests`) and what an answer does to a payment (`tests/journeys`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a target says by a panic what does not hold"
)]

mod ctbc;
mod paper;
mod plain;
#[path = "../vectors/published.rs"]
mod published;
mod sinopac;

/// One reader of what others wrote.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Panics on a finding.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 12] = [
    Target { name: "big5", run: plain::big5 },
    Target { name: "ctbc-answer", run: ctbc::answer },
    Target { name: "ctbc-form", run: ctbc::form },
    Target { name: "ctbc-message", run: ctbc::message },
    Target { name: "ctbc-return", run: ctbc::returned },
    Target { name: "ctbc-return-text", run: ctbc::returned_text },
    Target { name: "pay-link", run: plain::pay_link },
    Target { name: "return-door", run: plain::return_door },
    Target { name: "shop-file", run: plain::shop_file },
    Target { name: "sinopac-answer", run: sinopac::answer },
    Target { name: "sinopac-message", run: sinopac::message },
    Target { name: "sinopac-nonce", run: sinopac::nonce },
];
