//! `cargo xtask storm --uneven --runs N [--number K]`: simulated days of `tests/uneven/`, from the
//! number K on.

use crate::run::{Done, sh};
use crate::setup;

const USAGE: &str = "storm --uneven --runs N [--number K]";

/// Builds the program and starts it.
pub(crate) fn storm(options: &[&str]) -> Done {
    let number = |text: &&str| text.parse::<u64>().map(|n| n.to_string()).map_err(|_| USAGE.to_owned());
    let (runs, first) = match options {
        ["--uneven", "--runs", runs] => (number(runs)?, "1".to_owned()),
        ["--uneven", "--runs", runs, "--number", first] => (number(runs)?, number(first)?),
        [..] => return Err(USAGE.to_owned()),
    };
    setup::for_the_programs()?;
    sh(&format!(
        "cargo run --quiet --profile checked --package counterfoil-tests --bin storm -- --runs {runs} --number {first}"
    ))
}
