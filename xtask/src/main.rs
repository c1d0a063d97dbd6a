//! `cargo xtask …`: what a developer types.
//!
//! Installs what is missing and runs other programs; it holds no rule of the product and links none
//! of our crates, so that it builds in seconds on a fresh machine. The `tests` package holds the
//! demo, the bench and the bindings; this program only starts them.

mod bench;
mod bindings;
mod demo;
mod desktops;
mod fuzz;
mod mutants;
mod run;
mod setup;
mod stages;
mod storm;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test                            set up what is missing, then every check and test
cargo xtask demo                            set up, build, open the window with the demo shop
cargo xtask demo --headless --json          the same journey without a display, one JSON object per step
cargo xtask demo --pictures DIR             drive the window through the journey and save a PNG of each screen
cargo xtask bench --json [--quick] [NAME]…  measure against the bounds of the machine
cargo xtask fuzz [--minutes N]              odd bytes for every reader, 10 minutes in all; fails on a finding
cargo xtask storm [--uneven] --runs N [--number K]  days of refunds, or uneven days, from numbers
cargo xtask windows --check                 every lint over the workspace as Windows compiles it, from Linux
cargo xtask macos --check                   the same as macOS compiles it
cargo xtask mutants [--package P] [--file F]  which small faults in domain or engine no test notices
cargo xtask bindings                        write the types of ui/src/bindings, the diagrams of the money rules, and fresh.sql
cargo xtask setup                           only set up what is missing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => stages::test(),
        ["demo", options @ ..] => demo::demo(options),
        ["bench", options @ ..] => bench::bench(options),
        ["fuzz", options @ ..] => fuzz::fuzz(options),
        ["storm", options @ ..] => storm::storm(options),
        ["windows", "--check"] => desktops::windows(),
        ["macos", "--check"] => desktops::macos(),
        ["mutants", options @ ..] => mutants::mutants(options),
        ["bindings"] => bindings::bindings(),
        ["setup"] => setup::everything(),
        [] | ["help" | "--help" | "-h"] => {
            run::say(USAGE);
            return ExitCode::SUCCESS;
        }
        [..] => {
            run::complain(&format!("no such task: {}\n\n{USAGE}", words.join(" ")));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            run::complain(&format!("cargo xtask {}: {why}", words.first().unwrap_or(&"")));
            ExitCode::FAILURE
        }
    }
}
