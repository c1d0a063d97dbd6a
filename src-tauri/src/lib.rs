//! SHELL: shows. The only Rust that knows Tauri.
//!
//! Opens the one window on the built screens, with one thread behind it at which the shop works. The rules stand in the crates
//! below; nothing is decided here. Promise: the window shows our own screens and nothing else, and gets views, never keys.

mod bank;
mod commands;
mod counter;
mod failure;
mod options;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use tauri::Manager as _;

use crate::counter::Counter;
use crate::options::Options;

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            say(&error.render().to_string());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            complain(&error.render().to_string());
            return ExitCode::from(2);
        }
    };
    let opened = tauri::Builder::default()
        .plugin(only_our_screens())
        .invoke_handler(tauri::generate_handler![
            commands::shop,
            commands::newest,
            commands::orders,
            commands::order,
            commands::coverage,
            commands::cancel,
            commands::sell,
            commands::payment,
            commands::open_link,
            commands::demo_pay
        ])
        .setup(move |app| {
            app.manage(Counter::open(options, app.handle().clone())?);
            Ok(())
        })
        .run(tauri::generate_context!());
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the window could not be opened: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// No page but ours is ever loaded, whatever a script asks for; a link opens in the person's own browser.
fn only_our_screens<R: tauri::Runtime>() -> tauri::plugin::TauriPlugin<R> {
    tauri::plugin::Builder::new("only-our-screens")
        .on_navigation(|_, url| match (url.scheme(), url.host_str()) {
            ("tauri", Some("localhost")) => true,
            // Windows has no schemes of its own in its web view
            ("http", Some("tauri.localhost")) => cfg!(windows),
            (_, _) => false,
        })
        .build()
}

/// Standard output; a closed one is nobody's error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{}", line.trim_end());
}

/// Without a window the terminal is the only place where a failure to open one can be said.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "counterfoil: {}", line.trim_end());
}
