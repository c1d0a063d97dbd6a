//! SHELL: shows. The only Rust that knows Tauri.
//!
//! Opens the one window on the built screens. The rules stand in the crates below; nothing is decided here.

use std::process::ExitCode;

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    match tauri::Builder::default().run(tauri::generate_context!()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the window could not be opened: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Without a window the terminal is the only place where a failure to open one can be said.
#[expect(clippy::print_stderr, reason = "the output helper of this binary")]
fn complain(line: &str) {
    eprintln!("counterfoil: {line}");
}
