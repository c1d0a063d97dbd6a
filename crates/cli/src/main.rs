//! Types. `counterfoil`: one command, one JSON value or a few lines, one exit status.

mod acting;
mod args;
mod looking;
mod output;
mod people;
mod run;
mod waiting;

use std::process::ExitCode;

fn main() -> ExitCode {
    counterfoil_shop::no_dumps();
    run::run(std::env::args_os())
}
