//! `counterfoil`: one command, one JSON value or a few lines, one exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    counterfoil_cli::run(std::env::args_os())
}
