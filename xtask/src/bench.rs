//! `cargo xtask bench`: builds the bench with optimisation and hands its options on.

use crate::run::{Done, command, finish};

/// Starts the bench of the `tests` package; one JSON object per benchmark on standard output.
pub(crate) fn bench(options: &[&str]) -> Done {
    let words = "cargo run --quiet --release --package counterfoil-tests --bin bench --";
    finish(command(words).args(options))
}
