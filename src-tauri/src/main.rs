//! The program with the window; the library beside it does all the work.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    counterfoil_desktop::run()
}
