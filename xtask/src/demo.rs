//! `cargo xtask demo`: the window with the demo shop; the same journey without a display; its pictures.

use std::path::Path;
use std::process::Command;

use crate::run::{Done, command, finish, root, sh, target};
use crate::{setup, stages};

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
    let program = target().join("debug").join(format!("counterfoil-desktop{}", std::env::consts::EXE_SUFFIX));
    finish(Command::new(program).arg("--demo").current_dir(root()))
}

/// Everything over real loopback HTTP, in one process, without window libraries.
fn headless(options: &[&str]) -> Done {
    let words = "cargo run --quiet --package counterfoil-tests --bin demo --";
    finish(command(words).args(options))
}

fn pictures(folder: &str) -> Done {
    setup::for_pictures()?;
    build_window()?;
    // a folder given from outside is meant from where the developer stands
    let folder = std::env::current_dir().unwrap_or_else(|_| root()).join(Path::new(folder));
    let words = "cargo run --quiet --package counterfoil-tests --bin pictures --";
    let mut command = if cfg!(target_os = "linux") {
        // a display of its own, in the size that the screens are drawn for
        let mut display = command("xvfb-run -a");
        display.arg("--server-args=-screen 0 1280x800x24").args(words.split_whitespace());
        display
    } else {
        command(words)
    };
    finish(command.arg(folder))
}

fn build_window() -> Done {
    stages::build_screens()?;
    sh("cargo build --package counterfoil-desktop --features custom-protocol")
}
