//! `cargo xtask bench`: builds the bench with optimisation and hands its options on.

use crate::run::{Done, build_screens, command, finish, sh};
use crate::setup;

/// Starts the bench of the `tests` package; one JSON object per benchmark on standard output.
pub(crate) fn bench(options: &[&str]) -> Done {
    setup::everything()?;
    build_screens()?;
    // B18 opens the window as it is shipped
    sh("cargo build --quiet --release --workspace --features custom-protocol --bins")?;
    let words = "cargo run --quiet --release --package counterfoil-tests --bin bench --";
    finish(command(words).args(options))
}
