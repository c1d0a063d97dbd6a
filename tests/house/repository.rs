//! The files of the repository: what git tracks or would track. Build results and secrets of a
//! developer are ignored by git and therefore by the rules.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    counterfoil_tests::folder().join("..").canonicalize().expect("the workspace folder exists")
}

/// All paths, relative to the root, with `/` between their parts.
pub(crate) fn paths() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    // a file that was removed and not yet committed is still listed
    listed
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect()
}

/// The texts among them, as path and content.
pub(crate) fn texts() -> Vec<(String, String)> {
    let root = root();
    let read = |path: String| fs::read_to_string(root.join(&path)).ok().map(|text| (path, text));
    paths().into_iter().filter_map(read).collect()
}

/// Panics with all violations, one per line.
pub(crate) fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn the_repository_is_found() {
    assert!(paths().iter().any(|path| path == "Cargo.toml"));
    assert!(texts().iter().any(|(path, text)| path == "tests/house/main.rs" && text.contains("mod fences")));
}
