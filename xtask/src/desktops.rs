//! `cargo xtask windows --check`, `cargo xtask macos --check`: clippy as another system compiles.
//!
//! Promise: the whole workspace, window and tests included, passes every lint for that system. Left
//! out: linking and running. mingw compiles the C parts for Windows. Apple's compiler exists on
//! macOS only, so the scripts in `xtask/apple` replace it.

use crate::run::{Done, WHAT, build_screens, command, finish, root};
use crate::setup;

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MACOS: &str = "aarch64-apple-darwin";

/// Checks for Windows.
pub(crate) fn windows() -> Done {
    check(WINDOWS, &[])
}

/// Checks for macOS.
pub(crate) fn macos() -> Done {
    check(MACOS, &[("CC", "cc"), ("CXX", "cc"), ("AR", "ar")])
}

/// `tools`: which program of `xtask/apple` takes the place of which tool of the C parts.
fn check(target: &str, tools: &[(&str, &str)]) -> Done {
    if !cfg!(target_os = "linux") {
        return Err(
            "this checks from Linux; elsewhere `cargo xtask test` compiles for the system itself".into()
        );
    }
    setup::for_another_system(target)?;
    build_screens()?;
    let words = format!("cargo clippy {WHAT} --all-targets --target {target} -- -D warnings");
    let mut clippy = command(&words);
    let apple = root().join("xtask/apple");
    for (tool, program) in tools {
        clippy.env(format!("{tool}_{}", target.replace('-', "_")), apple.join(program));
    }
    finish(clippy.env("SDKROOT", apple))
}
