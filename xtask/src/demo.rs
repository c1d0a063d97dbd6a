//! `cargo xtask demo`: the window with the demo shop; the same journey without a display; its
//! pictures.

use std::path::Path;
use std::process::Command;

use crate::run::{Done, WHAT, build_screens, finish, root, sh, target};
use crate::setup;

/// Chooses by the options.
pub(crate) fn demo(options: &[&str]) -> Done {
    match options {
        [] => window(),
        ["--headless", rest @ ..] => headless(rest),
        ["--pictures", folder] => pictures(folder),
        [..] => Err(format!("unknown options: {}", options.join(" "))),
    }
}

fn window() -> Done {
    setup::for_the_window()?;
    build_window()?;
    finish(built("counterfoil-desktop").arg("--demo"))
}

/// Everything over real loopback HTTP, with the built programs as processes, without window
/// libraries.
fn headless(options: &[&str]) -> Done {
    setup::for_the_programs()?;
    sh(
        "cargo build --quiet --package counterfoil-cli --package counterfoil-bank-simulator --package counterfoil-tests --bins",
    )?;
    finish(built("demo").args(options))
}

/// The same with programs that are built already; a stage of `cargo xtask test`.
pub(crate) fn journey() -> Done {
    finish(&mut built("demo"))
}

fn pictures(folder: &str) -> Done {
    if !cfg!(target_os = "linux") {
        return Err("pictures are taken on Linux: they are read from a display of its own (Xvfb)".into());
    }
    setup::for_pictures()?;
    build_screens()?;
    sh(&format!("cargo build {WHAT} --bins"))?;
    // a relative folder is relative to the developer's current one
    let folder = std::env::current_dir().unwrap_or_else(|_| root()).join(Path::new(folder));
    finish(built("pictures").arg(folder))
}

fn build_window() -> Done {
    build_screens()?;
    sh(&format!("cargo build {WHAT} --bin counterfoil-desktop"))
}

/// A program that was just built.
fn built(name: &str) -> Command {
    let program = target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}
