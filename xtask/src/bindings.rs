//! `cargo xtask bindings`: the TypeScript types of the commands, the state diagrams of the money
//! rules, and the text that makes a new data file. The tests that keep them fresh write them.

use crate::run::{Done, command, finish};

/// Runs these tests with leave to write what they would otherwise compare.
pub(crate) fn bindings() -> Done {
    for words in [
        "cargo test --quiet --package counterfoil-store --lib -- tests::fresh::",
        "cargo test --quiet --package counterfoil-tests --test house -- bindings:: diagrams::",
    ] {
        finish(command(words).env("COUNTERFOIL_WRITE_BINDINGS", "1"))?;
    }
    Ok(())
}
