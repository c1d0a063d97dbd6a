//! Starting other programs, and the two places where this program prints.
//!
//! Every failure is a sentence for a person that names the command, as `Err(String)`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is compiled, word for word the same in every stage. `custom-protocol` makes the window show
/// the built screens instead of looking for a development server.
pub(crate) const WHAT: &str = "--workspace --features custom-protocol";

/// Success, or one sentence about what failed.
pub(crate) type Done = Result<(), String>;

/// The folder of the workspace. Cargo sets it at every start: copies of the workspace that build
/// into one folder share the builds.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// A command in the workspace's folder. `words` is split at spaces: no argument of ours holds one.
pub(crate) fn command(words: &str) -> Command {
    let mut parts = words.split_whitespace();
    let name = parts.next().unwrap_or_default();
    // npm is a script on Windows, which needs its ending
    let name = if cfg!(windows) && name == "npm" { "npm.cmd" } else { name };
    let mut command = Command::new(name);
    command.args(parts).current_dir(root());
    command
}

/// Runs a command with its output shown.
pub(crate) fn sh(words: &str) -> Done {
    finish(&mut command(words))
}

/// The same, in a folder of the workspace.
pub(crate) fn sh_in(folder: &str, words: &str) -> Done {
    finish(command(words).current_dir(root().join(folder)))
}

/// Runs a prepared command with its output shown.
pub(crate) fn finish(command: &mut Command) -> Done {
    let shown = shown(command);
    say(&format!("$ {shown}"));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}")),
        Err(error) => Err(format!("`{shown}` could not be started: {error}")),
    }
}

/// Whether a command succeeds, its output hidden.
pub(crate) fn quietly(words: &str) -> bool {
    command(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a command prints, if it succeeds.
pub(crate) fn output(words: &str) -> Option<String> {
    let output = command(words).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Prints a line; a developer's tool speaks on standard error, so that `--json` keeps standard
/// output.
#[expect(clippy::print_stderr, reason = "the output helper of this binary")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints a failure.
pub(crate) fn complain(line: &str) {
    say(&format!("\n{line}"));
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Builds the screens into `ui/dist`, which the window program takes in.
pub(crate) fn build_screens() -> Done {
    sh_in("ui", "npm run --silent build")
}
