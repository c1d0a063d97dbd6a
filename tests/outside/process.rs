//! The running window as the system sees it: what it may write, and how much memory it holds.

use std::path::Path;
use std::process::Command;

/// The window of this folder writes nothing to a file any more, as on a full disk.
///
/// # Panics
/// When there is not exactly one, or `prlimit` is missing.
pub fn fill_disk(folder: &Path) {
    limit(folder, "--fsize=1:");
}

/// And everything again.
///
/// # Panics
/// As above.
pub fn make_room(folder: &Path) {
    limit(folder, "--fsize=unlimited:");
}

/// What the window of this folder and its web view hold for themselves, and their share of the rest
/// (PSS), in kB.
///
/// # Panics
/// When there is no such window, or the system does not say.
pub fn memory_kb(folder: &Path) -> u64 {
    let program = window_of(folder);
    let children = Command::new("pgrep").args(["-P", &program]).output().expect("pgrep is there");
    let children = String::from_utf8_lossy(&children.stdout).into_owned();
    [program.as_str()].into_iter().chain(children.split_whitespace()).map(share_kb).sum()
}

/// What the window of this folder and its web view have computed so far, in hundredths of a second
/// of one core.
///
/// # Panics
/// As above.
pub fn cpu_ticks(folder: &Path) -> u64 {
    let program = window_of(folder);
    let children = Command::new("pgrep").args(["-P", &program]).output().expect("pgrep is there");
    let children = String::from_utf8_lossy(&children.stdout).into_owned();
    [program.as_str()].into_iter().chain(children.split_whitespace()).map(ticks).sum()
}

/// User and system time: the 14th and 15th word, counted behind the name, which may hold blanks.
fn ticks(program: &str) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{program}/stat")).unwrap_or_default();
    let words = told.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    words.map(|word| word.parse::<u64>().unwrap_or_else(|_| panic!("{program}: its time is not told"))).sum()
}

/// Whether a demo window with a folder inside this one is open.
///
/// # Panics
/// When `pgrep` is missing.
pub fn demo_beside(folder: &Path) -> bool {
    let pattern = format!("counterfoil-desktop --demo --data {}", folder.display());
    Command::new("pgrep").args(["-f", &pattern]).output().expect("pgrep is there").status.success()
}

/// Its share of memory; of a program that hides from whoever is not root, all that it holds.
fn share_kb(program: &str) -> u64 {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{program}/{file}")).unwrap_or_default();
    let told = read("smaps_rollup") + &read("status");
    let line = told.lines().find_map(|line| line.strip_prefix("Pss:").or(line.strip_prefix("VmRSS:")));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| panic!("{program}: its memory is not told"))
}

fn window_of(folder: &Path) -> String {
    let pattern = format!("counterfoil-desktop .*{}", folder.display());
    let found = Command::new("pgrep").args(["-f", &pattern]).output().expect("pgrep is there");
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    let [program] = found.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{pattern}: {found}") };
    program.to_owned()
}

fn limit(folder: &Path, bytes: &str) {
    let program = window_of(folder);
    let limited =
        Command::new("prlimit").args(["--pid", &program, bytes]).status().expect("prlimit is there");
    assert!(limited.success(), "{limited}");
}
