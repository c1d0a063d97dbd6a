//! Runs. Assembles a shop, drives it, and does what a person asks of it, with a window or without.
//!
//! Promise: the one crate that builds adapters and reads clock, random numbers and environment.
//! The window and the command line both start here.
//! Left out: what a command means (`counterfoil-commands`), printing, and all that knows Tauri.

mod card_page;
mod clock;
mod compose;
mod composition;
mod contracts;
mod demo;
mod desk;
mod dumps;
mod entropy;
mod export;
mod head;
mod moved;
mod pages;
mod people;
mod record;
mod refunds;
mod return_listener;
mod run_loop;
mod settings;
mod turns;

pub use clock::Clock;
pub use compose::{check_pages, compose, compose_or_paused, has_shop, open_reader};
pub use composition::{Composition, VaultChoice, default_data_folder};
pub use contracts::{
    add_shop, proof_failure, proof_view, prove_and_add_shop, prove_and_keep_bank, prove_and_keep_card_key,
    prove_and_keep_keys, prove_bank,
};
pub use counterfoil_domain::{Actor, Bank, LimitChange, Mono, Rail, RefundId, Right, Role};
pub use counterfoil_engine::Notice;
pub use counterfoil_engine::shop::ShopRecord;
pub use demo::demo_shop;
pub use desk::{page_after, shop_view};
pub use dumps::no_dumps;
pub use entropy::{OsEntropy, random_hex};
pub use export::export_audit;
pub use head::file_doubt;
pub use people::{
    NewPin, has_people, leave_wrong_pin, new_pin, other_pin, pin_wait_s, recovered_pin, sign_in,
};
pub use record::{HeadKept, RecordRead, open_proved, verify_audit};
pub use run_loop::{Desk, Job, Listener, Over, Seat};
pub use secrecy::SecretString;
pub use settings::settings;
