//! `cargo xtask bench --json [--quick] [NAME]…`: what the program does, against what the machine
//! could do.
//!
//! Only ratios are gates: both sides run in turn within each round, on the same disk, so that a
//! machine that is busy for a minute slows both. Only B18 has a fixed limit. The report
//! gives the median of the rounds' ratios, the worst one, and the spread (highest less lowest, by
//! the median); absolute figures are of this machine and this minute. Left out: the window's size
//! and start (they have their own tests). A median that misses its goal is reported and ends the
//! run with status 1.
//!
//! A further benchmark is a function that gives [`Outcome`]s, and a line in [`BENCHES`].

#![expect(clippy::float_arithmetic, reason = "rates and their ratios; no money in here")]

mod ciphers;
mod drain;
mod durable;
#[cfg(target_os = "linux")]
mod idle;
mod lists;
mod machine;
mod million;
mod pins;
mod rounds;
mod start;
mod storm_day;
mod trips;
mod years;

use std::process::ExitCode;

use rounds::{Outcome, Plan};

/// Name and function of each benchmark, in the order of the report.
const BENCHES: &[(&str, Bench)] = &[
    ("B1", durable::bench),
    ("B3", lists::pages),
    ("B4", lists::searches),
    ("B5", ciphers::bench),
    ("B5", trips::bench),
    ("B7", drain::bench),
    ("B9", start::bench),
    ("B14", durable::walk),
    ("B15", storm_day::bench),
    #[cfg(target_os = "linux")]
    ("B18", idle::bench),
    ("B19", years::bench),
    ("B20", pins::bench),
];

type Bench = fn(Plan) -> Result<Vec<Outcome>, String>;

fn main() -> ExitCode {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| BENCHES.iter().any(|(bench, _)| *bench == name);
    let known = |option: &String| matches!(option.as_str(), "--json" | "--quick") || named(option);
    if let Some(unknown) = options.iter().find(|option| !known(option)) {
        complain(&format!("unknown option: {unknown}"));
        return ExitCode::from(2);
    }
    let has = |name: &str| options.iter().any(|option| option == name);
    let plan = if has("--quick") { Plan::QUICK } else { Plan::FULL };
    let machine = machine::line();
    let mut done = ExitCode::SUCCESS;
    let all = !options.iter().any(|option| named(option));
    for (name, bench) in BENCHES.iter().filter(|(name, _)| all || has(name)) {
        match bench(plan) {
            Ok(outcomes) => {
                for outcome in outcomes {
                    say(&if has("--json") { outcome.json(name, &machine) } else { outcome.line(name) });
                    if let Some(missed) = outcome.missed() {
                        complain(&format!("{name} {missed}"));
                        done = ExitCode::FAILURE;
                    }
                }
            }
            Err(why) => {
                complain(&format!("{name}: {why}"));
                done = ExitCode::FAILURE;
            }
        }
    }
    done
}

#[expect(clippy::print_stdout, reason = "the output helper of this binary")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the output helper of this binary")]
fn complain(line: &str) {
    eprintln!("{line}");
}
