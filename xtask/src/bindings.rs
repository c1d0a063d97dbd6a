//! `cargo xtask bindings`: the TypeScript types of the commands, written by the test that keeps them fresh.

use crate::run::{Done, command, finish};

/// Runs the house test of the bindings with leave to write what it would otherwise compare.
pub(crate) fn bindings() -> Done {
    let words = "cargo test --quiet --package counterfoil-tests --test house -- bindings::";
    finish(command(words).env("COUNTERFOIL_WRITE_BINDINGS", "1"))
}
