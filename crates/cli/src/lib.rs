//! Types, and composes. `compose` is the only place that builds adapters and reads clock, random numbers and environment; the
//! window and the terminal both start here. Left out: what a command means (`counterfoil-commands`).

pub mod args;
mod card;
mod clock;
mod compose;
mod demo;
mod desk;
mod door;
mod entropy;
mod run;
mod window;

pub use clock::Clock;
pub use compose::{
    Composition, VaultChoice, add_shop, compose, compose_paused, default_data_folder, has_shop, open_reader,
    proof_view, prove_and_add_shop, prove_and_keep_keys, prove_card_key, prove_keys,
};
pub use counterfoil_domain::Rail;
pub use counterfoil_engine::Notice;
pub use demo::demo_shop;
pub use desk::{Desk, Job, Listener, Over, Seat};
pub use entropy::OsEntropy;
pub use run::run;
pub use window::settings;
