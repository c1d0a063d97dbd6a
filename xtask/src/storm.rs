//! `cargo xtask storm [--uneven] --runs N [--number K]`: simulated days of `tests/uneven/`, from
//! the number K on; without `--uneven` full days whose sales are refunded.

use crate::run::{Done, sh};
use crate::setup;

const USAGE: &str = "storm [--uneven] --runs N [--number K]";

/// Builds the program and starts it.
pub(crate) fn storm(options: &[&str]) -> Done {
    let number = |text: &&str| text.parse::<u64>().map(|n| n.to_string()).map_err(|_| USAGE.to_owned());
    let (kind, options) = match options {
        ["--uneven", rest @ ..] => ("--uneven ", rest),
        rest => ("", rest),
    };
    let (runs, first) = match options {
        ["--runs", runs] => (number(runs)?, "1".to_owned()),
        ["--runs", runs, "--number", first] => (number(runs)?, number(first)?),
        [..] => return Err(USAGE.to_owned()),
    };
    setup::for_the_programs()?;
    sh(&format!(
        "cargo run --quiet --profile checked --package counterfoil-tests --bin storm -- {kind}--runs {runs} --number {first}"
    ))
}
