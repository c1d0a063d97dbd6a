//! Types, and composes. `compose` is the only place that builds adapters and reads clock, random numbers and environment; the
//! window and the terminal both start here. Left out: what a command means (`counterfoil-commands`).

pub mod args;
mod card;
mod clock;
mod compose;
mod contracts;
mod demo;
mod desk;
mod door;
mod entropy;
mod run;
mod window;

pub use clock::Clock;
pub use compose::{
    Composition, VaultChoice, compose, compose_paused, default_data_folder, has_shop, open_reader,
};
pub use contracts::{
    add_shop, proof_view, prove_and_add_shop, prove_and_keep_bank, prove_and_keep_card_key,
    prove_and_keep_keys, prove_bank,
};
pub use counterfoil_domain::{Bank, Rail};
pub use counterfoil_engine::Notice;
pub use counterfoil_engine::shop::ShopRecord;
pub use demo::{demo_shop, is_demo_open};
pub use desk::{Desk, Job, Listener, Over, Seat};
pub use entropy::OsEntropy;
pub use run::run;
pub use window::settings;
