//! `cargo xtask test`: every check and test of the project, in the order in which they fail
//! cheapest.
//!
//! All stages that compile name the same packages, targets and features: otherwise cargo would
//! build the dependencies once per set of features. Clippy's own results are the one duplicate that
//! stays.

use std::time::{Duration, Instant};

use crate::run::{Done, WHAT, build_screens, command, finish, quietly, say, sh, sh_in};
use crate::{demo, setup};

/// A stage: its name and what it does.
type Stage = (&'static str, fn() -> Done);

const STAGES: &[Stage] = &[
    ("set-up", setup::everything),
    ("format", || sh("cargo fmt --all --check")),
    ("screens", screens),
    ("clippy", || sh(&format!("cargo clippy {WHAT} --all-targets -- -D warnings"))),
    ("documents", documents),
    ("dependencies", dependencies),
    ("build", || sh(&format!("cargo build {WHAT} --all-targets"))),
    ("tests", tests),
    ("journey", demo::journey),
    ("examples", || sh(&format!("cargo test {WHAT} --doc"))),
];

/// Runs all stages; the first that fails ends the run under its name.
pub(crate) fn test() -> Done {
    let mut table = Vec::new();
    for (name, stage) in STAGES {
        say(&format!("\n== {name}"));
        let started = now();
        let done = stage();
        table.push((*name, started.elapsed()));
        if let Err(why) = done {
            print(&table);
            return Err(format!("stage `{name}` failed: {why}"));
        }
    }
    print(&table);
    say("All stages passed.");
    Ok(())
}

fn screens() -> Done {
    for script in ["check", "lint", "format:check", "test"] {
        sh_in("ui", &format!("npm run --silent {script}"))?;
    }
    build_screens()
}

/// The documents of every item, private ones too, so that each link in a comment leads somewhere.
fn documents() -> Done {
    let words = format!("cargo doc {WHAT} --no-deps --document-private-items");
    finish(command(&words).env("RUSTDOCFLAGS", "-D warnings"))
}

fn dependencies() -> Done {
    // advisories need a data base from the network; without it the rest of the check still counts
    let fetched = if cfg!(target_os = "linux") {
        quietly("timeout 60 cargo deny fetch db")
    } else {
        quietly("cargo deny fetch db")
    };
    if fetched {
        sh("cargo deny --workspace --log-level error check --disable-fetch advisories bans licenses sources")
    } else {
        say("Advisories were NOT checked: their data base could not be fetched.");
        sh("cargo deny --workspace --log-level error check bans licenses sources")
    }
}

/// The window tests bring a display of their own.
fn tests() -> Done {
    sh(&format!("cargo nextest run {WHAT}"))
}

#[expect(clippy::disallowed_methods, reason = "a tool that says how long a stage took")]
fn now() -> Instant {
    Instant::now()
}

fn print(table: &[(&str, Duration)]) {
    say("\nstage            min:s");
    let mut sum = Duration::ZERO;
    for (name, took) in table {
        sum = sum.saturating_add(*took);
        say(&format!("{name:<14} {}", minutes(*took)));
    }
    say(&format!("{:<14} {}", "all", minutes(sum)));
}

fn minutes(took: Duration) -> String {
    format!("{:>4}:{:02}", took.as_secs() / 60, took.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_seconds_line_up() {
        assert_eq!(minutes(Duration::from_secs(0)), "   0:00");
        assert_eq!(minutes(Duration::from_secs(754)), "  12:34");
    }

    #[test]
    fn every_stage_has_its_own_name() {
        let names: Vec<&str> = STAGES.iter().map(|(name, _)| *name).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }
}
