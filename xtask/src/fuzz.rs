//! `cargo xtask fuzz`: every target of `tests/fuzz/` in turn, with an engine that looks for new
//! paths (docs/decisions/0011).
//!
//! The engine builds into `target/fuzz`, which leaves the ordinary build alone. It keeps its corpus
//! there for the next run, and its findings in `target/fuzz/findings`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, command, finish, output, root, say, target};
use crate::setup;

const MINUTES: u64 = 10;
const MINUTES_MAX: u64 = 24 * 60;
/// Longer than any seed; what is longer still has its tests in `crates/banks/tests`.
const INPUT_BYTES_MAX: u32 = 8192;
/// One input that takes longer is a finding.
const INPUT_SECONDS_MAX: u32 = 10;
/// A target that takes more memory is a finding.
const MEMORY_MB_MAX: u32 = 1024;
/// What is shown of a finding.
const LINES_SHOWN_MAX: usize = 40;

/// What makes the engine see where a program goes. None of it needs a nightly compiler.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "--cfg=fuzzing_libfuzzer",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// Chooses by the options.
pub(crate) fn fuzz(options: &[&str]) -> Done {
    match options {
        [] => all(MINUTES),
        ["--minutes", minutes] => match minutes.parse() {
            Ok(minutes) if (1..=MINUTES_MAX).contains(&minutes) => all(minutes),
            Ok(_) | Err(_) => Err(format!("{minutes} is not 1 to {MINUTES_MAX} minutes")),
        },
        [..] => Err(format!("unknown options: {}", options.join(" "))),
    }
}

fn all(minutes: u64) -> Done {
    if cfg!(windows) {
        return Err(
            "the engine is for Linux and macOS; `cargo xtask test` replays the corpus here".to_owned()
        );
    }
    setup::for_the_programs()?;
    let program = build()?;
    let names = names(&program)?;
    if names.is_empty() {
        return Err("the program names no target".to_owned());
    }
    let seconds = share(minutes, names.len());
    let findings = target().join("fuzz/findings");
    make(&findings)?;
    let mut table = Vec::new();
    for name in &names {
        say(&format!("{name}: {seconds} s"));
        table.push((name, one(&program, name, seconds, &findings)?));
    }
    say("\ntarget                     runs");
    for (name, ran) in &table {
        say(&format!("{name:<18} {:>12}{}", ran.runs, if ran.held { "" } else { "  FINDING" }));
    }
    let found = table.iter().filter(|(_, ran)| !ran.held).count();
    let kept = findings.display();
    if found == 0 { Ok(()) } else { Err(format!("{found} findings, their bytes stand in {kept}")) }
}

/// Seconds for each target.
fn share(minutes: u64, targets: usize) -> u64 {
    let targets = u64::try_from(targets).unwrap_or(u64::MAX).max(1);
    minutes.saturating_mul(60).checked_div(targets).unwrap_or(0).max(1)
}

/// Builds the targets with the engine. Named is this machine's own triple, so that the flags reach
/// neither build scripts nor macros.
fn build() -> Result<PathBuf, String> {
    let version = output("rustc -vV").ok_or("rustc does not say its version")?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not say its host")?;
    let folder = target().join("fuzz");
    let words = format!(
        "cargo build --quiet --package counterfoil-fuzz --bin fuzz --profile checked --target {host}"
    );
    finish(command(&words).arg("--target-dir").arg(&folder).env("RUSTFLAGS", FLAGS.join(" ")))?;
    Ok(folder.join(host).join("checked/fuzz"))
}

fn names(program: &Path) -> Result<Vec<String>, String> {
    let output = Command::new(program).output().map_err(|error| format!("the targets: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// What came of a target.
struct Ran {
    runs: String,
    held: bool,
}

/// One target. The paths are relative, since the engine takes its options apart at spaces.
fn one(program: &Path, name: &str, seconds: u64, findings: &Path) -> Result<Ran, String> {
    let place = target().join("fuzz");
    copy(&root().join("tests/fuzz/corpus").join(name), &place.join("learnt").join(name))?;
    let options = format!(
        "learnt/{name} -artifact_prefix=findings/{name}- -max_total_time={seconds} -max_len={INPUT_BYTES_MAX} \
         -timeout={INPUT_SECONDS_MAX} -rss_limit_mb={MEMORY_MB_MAX} -print_final_stats=1"
    );
    let ran = Command::new(program)
        .arg(name)
        .env("RUST_BACKTRACE", "0")
        .env("BOLERO_LIBFUZZER_ARGS", options)
        .current_dir(place)
        .output();
    let ran = ran.map_err(|error| format!("{name} could not be started: {error}"))?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let runs = runs(&said);
    // an engine that does not count has not run
    let held = ran.status.success() && runs.is_some();
    if !held {
        let lines: Vec<&str> = said.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(LINES_SHOWN_MAX)).for_each(|line| say(line));
        say(&format!("{name}: its bytes stand in {}", findings.display()));
    }
    Ok(Ran { runs: runs.unwrap_or("?").to_owned(), held })
}

/// Copies the seeds to what was learnt from them before: the engine writes into the folder it
/// reads.
fn copy(seeds: &Path, learnt: &Path) -> Done {
    make(learnt)?;
    let copied = fs::read_dir(seeds).and_then(|mut entries| {
        entries.try_for_each(|entry| {
            let entry = entry?;
            fs::copy(entry.path(), learnt.join(entry.file_name())).map(|_| ())
        })
    });
    copied.map_err(|error| format!("{} cannot be copied: {error}", seeds.display()))
}

/// The number of runs in what the engine says at its end.
fn runs(said: &str) -> Option<&str> {
    said.lines().rev().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).map(str::trim)
}

fn make(folder: &Path) -> Done {
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_stand_in_the_last_statistics() {
        let said = "INFO: seed\nstat::number_of_executed_units: 3\nstat::number_of_executed_units: 4711\nstat::new: 1";
        assert_eq!(runs(said), Some("4711"));
        assert_eq!(runs("no engine in here"), None);
    }

    #[test]
    fn the_minutes_are_shared_out() {
        assert_eq!(share(10, 12), 50);
        assert_eq!(share(1, 0), 60);
        assert_eq!(share(1, 1000), 1);
    }

    #[test]
    fn only_minutes_are_an_option() {
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--minutes", "x"], &["--hours", "1"]] {
            assert!(fuzz(wrong).is_err(), "{wrong:?}");
        }
    }
}
