//! Runs. The running shop, with a window or without: assembles it, drives it, and does what a person asks of it.
//!
//! Promise: the one crate that builds adapters and reads clock, random numbers and environment. The window and the command
//! line both start here. Left out: what a command means (`counterfoil-commands`), printing, and everything that knows Tauri.

mod card_page;
mod clock;
mod compose;
mod contracts;
mod demo;
mod desk;
mod entropy;
mod return_listener;
mod run_loop;

pub use clock::Clock;
pub use compose::{
    Composition, VaultChoice, compose, compose_paused, default_data_folder, has_shop, open_reader,
};
pub use contracts::{
    add_shop, proof_failure, proof_view, prove_and_add_shop, prove_and_keep_bank, prove_and_keep_card_key,
    prove_and_keep_keys, prove_bank,
};
pub use counterfoil_domain::{Bank, Rail};
pub use counterfoil_engine::Notice;
pub use counterfoil_engine::shop::ShopRecord;
pub use demo::{demo_shop, is_demo_open};
pub use desk::{page_after, settings};
pub use entropy::OsEntropy;
pub use run_loop::{Desk, Job, Listener, Over, Seat, shop_view};
