//! How the window is started.

use std::path::PathBuf;

use clap::Parser;

/// The option with which the program starts when a person signs in to the computer.
pub(crate) const HIDDEN: &str = "--hidden";

/// Counterfoil 存根: the back office of a shop.
#[derive(Debug, Clone, Parser)]
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
    /// Begin in the tray, or minimised where there is none: for a start at sign-in
    #[arg(long)]
    pub(crate) hidden: bool,
}

impl Options {
    /// Nothing was asked for: a person opens the program.
    pub(crate) fn is_plain(&self) -> bool {
        !self.demo && self.data.is_none()
    }

    /// The folder of the shop's data, from the root.
    ///
    /// # Errors
    /// When this program has no current folder.
    pub(crate) fn folder(&self) -> std::io::Result<PathBuf> {
        let named = self.data.clone();
        std::path::absolute(named.unwrap_or_else(counterfoil_shop::default_data_folder))
    }
}
