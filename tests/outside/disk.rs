//! A disk that takes nothing any more, for one program: the system refuses every byte that it writes to a file.

use std::path::Path;
use std::process::Command;

/// The program that works in this folder writes no more than nothing.
///
/// # Panics
/// When there is not exactly one, or `prlimit` is missing.
pub fn fill(folder: &Path) {
    limit(folder, "--fsize=1:");
}

/// And everything again.
///
/// # Panics
/// As above.
pub fn make_room(folder: &Path) {
    limit(folder, "--fsize=unlimited:");
}

fn limit(folder: &Path, bytes: &str) {
    let pattern = format!("counterfoil-desktop .*{}", folder.display());
    let found = Command::new("pgrep").args(["-f", &pattern]).output().expect("pgrep is there");
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    let [program] = found.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{pattern}: {found}") };
    let limited = Command::new("prlimit").args(["--pid", program, bytes]).status().expect("prlimit is there");
    assert!(limited.success(), "{limited}");
}
