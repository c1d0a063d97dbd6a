//! `cargo xtask bindings`: the TypeScript types of the commands, and the state diagrams of the
//! money rules. The tests that keep them fresh write them.

use crate::run::{Done, command, finish};

/// Runs the house tests of both with leave to write what it would otherwise compare.
pub(crate) fn bindings() -> Done {
    let words = "cargo test --quiet --package counterfoil-tests --test house -- bindings:: diagrams::";
    finish(command(words).env("COUNTERFOIL_WRITE_BINDINGS", "1"))
}
