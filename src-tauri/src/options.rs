//! How the window is started.

use std::path::PathBuf;

use clap::Parser;

/// Counterfoil 存根: the back office of a shop.
#[derive(Debug, Parser)]
#[command(name = "counterfoil-desktop", version)]
pub(crate) struct Options {
    /// The demo shop, with a bank inside the program: nothing to set up, no network
    #[arg(long)]
    pub(crate) demo: bool,
    /// Folder of the shop's data; one folder is one shop
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Where keys are kept: os, or file:PATH (plain text, for tests and demos)
    #[arg(long, default_value = "os", value_name = "os|file:PATH")]
    pub(crate) vault: String,
}
