//! `cargo xtask mutants`: plants small faults in one crate and counts those that no test notices.
//!
//! cargo-mutants plants them in a copy, one at a time. Each fault meets the crate's own tests
//! first; journeys and storm, which take a minute each, meet only those that survive. A survivor
//! without a reason in `docs/mutants.md` fails the run. Counts and survivors are kept in
//! `target/mutants/PACKAGE/`.

use std::fs;
use std::path::Path;

use crate::run::{Done, command, root, say, target};
use crate::setup;

const PACKAGES: [&str; 2] = ["domain", "engine"];
const REASONS: &str = "docs/mutants.md";
/// Exit codes of cargo-mutants: all noticed, some not, some tests never ended.
const COUNTED: [Option<i32>; 3] = [Some(0), Some(2), Some(3)];
/// Left out are journeys that start built programs: every fault would need them built again.
const CROSSING: &str = "--test journeys --test storm -E !test(/^(contracts|keyring|process|secrets)::/)";

/// Chooses by the options.
pub(crate) fn mutants(options: &[&str]) -> Done {
    let (mut package, mut files) = (PACKAGES[0], Vec::new());
    for pair in options.chunks(2) {
        match pair {
            ["--package", name] if PACKAGES.contains(name) => package = name,
            ["--file", file] => files.extend(["--file", file]),
            [..] => return Err(format!("mutants [--package {}] [--file PATH]…", PACKAGES.join("|"))),
        }
    }
    setup::for_mutants()?;
    let place = target().join("mutants").join(package);
    fs::create_dir_all(&place).map_err(|error| format!("{} cannot be made: {error}", place.display()))?;
    let faults = format!("--package counterfoil-{package} {}", files.join(" "));
    plant(&place, &faults)?;
    let out = place.join("mutants.out");
    let [caught, endless, unviable, missed] =
        ["caught", "timeout", "unviable", "missed"].map(|outcome| lines(&out.join(format!("{outcome}.txt"))));
    // a fault after which a test never ends was noticed: it is not planted again
    let noticed = [caught, endless].concat();
    write(&out.join("caught.txt"), &noticed)?;
    let survivors = if missed.is_empty() {
        Vec::new()
    } else {
        plant(&place, &format!("{faults} --iterate --test-package counterfoil-tests -- {CROSSING}"))?;
        lines(&out.join("missed.txt"))
    };
    let counts = [
        ("do not compile", unviable.len()),
        ("noticed by its own tests", noticed.len()),
        ("noticed by journeys and storm", missed.len().saturating_sub(survivors.len())),
        ("survive", survivors.len()),
    ]
    .map(|(what, count)| format!("{count:>5} {what}"));
    counts.iter().chain(&survivors).for_each(|line| say(line));
    write(&place.join("counts.txt"), &counts)?;
    write(&place.join("survivors.txt"), &survivors)?;
    let reasons = lines(&root().join(REASONS));
    let unexplained = survivors.iter().filter(|survivor| !is_explained(survivor, &reasons)).count();
    if unexplained == 0 {
        Ok(())
    } else {
        Err(format!("{unexplained} survivors without a reason in {REASONS}"))
    }
}

/// Runs cargo-mutants. Its build folder keeps the dependencies for the next run.
fn plant(place: &Path, options: &str) -> Done {
    let mut planting = command("cargo mutants --test-tool nextest --gitignore true --no-shuffle --output");
    planting.arg(place).args(options.split_whitespace());
    let status = planting.env("CARGO_TARGET_DIR", target().join("mutants/build")).status();
    let status = status.map_err(|error| format!("cargo-mutants could not be started: {error}"))?;
    if COUNTED.contains(&status.code()) { Ok(()) } else { Err(format!("cargo-mutants ended with {status}")) }
}

/// Whether a line of the reasons names the file and the fault. Lines and columns move, so no reason
/// names them.
fn is_explained(survivor: &str, reasons: &[String]) -> bool {
    let Some((place, fault)) = survivor.split_once(": ") else { return false };
    let file = place.split(':').next().unwrap_or_default();
    reasons.iter().any(|line| line.contains(&format!("`{file}`")) && line.contains(&format!("`{fault}`")))
}

/// The lines of a file; none where there is no file.
fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn write(path: &Path, lines: &[String]) -> Done {
    fs::write(path, lines.join("\n") + "\n")
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_the_file_and_the_fault() {
        let reasons = ["- `a/b.rs`, `replace + with - in sum`: nothing differs".to_owned()];
        assert!(is_explained("a/b.rs:7:12: replace + with - in sum", &reasons));
        for other in
            ["a/c.rs:7:12: replace + with - in sum", "a/b.rs:7:12: replace + with * in sum", "a/b.rs"]
        {
            assert!(!is_explained(other, &reasons), "{other}");
        }
    }

    #[test]
    fn only_packages_and_files_are_options() {
        for wrong in [&["--package"][..], &["--package", "store"], &["--minutes", "1"], &["money.rs"]] {
            assert!(mutants(wrong).is_err(), "{wrong:?}");
        }
    }
}
