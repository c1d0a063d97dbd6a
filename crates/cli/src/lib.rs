//! Types, and composes. `compose` is the only place that builds adapters and reads clock, random numbers and environment; the
//! window and the terminal both start here. Left out: what a command means (`counterfoil-commands`).

pub mod args;
mod clock;
mod compose;
mod demo;
mod desk;
mod door;
mod entropy;
mod run;

pub use clock::Clock;
pub use compose::{
    Composition, VaultChoice, add_shop, compose, default_data_folder, has_shop, open_reader, prove_keys,
};
pub use counterfoil_engine::Notice;
pub use demo::demo_shop;
pub use desk::{Desk, Job, Listener};
pub use entropy::OsEntropy;
pub use run::run;
