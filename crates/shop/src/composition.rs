//! What is chosen before a shop opens: its folder, its vault and its clock.

use std::path::PathBuf;

use counterfoil_commands::{Code, CommandError};
use counterfoil_vault::MemoryVault;

use crate::clock::Clock;

/// Where secrets are kept.
#[derive(Debug, Clone)]
pub enum VaultChoice {
    /// The operating system's keyring.
    Os,
    /// A plain text file, for tests and demos.
    File(PathBuf),
    /// In this program only. The demo shop's published sample keys.
    Memory(MemoryVault),
}

impl VaultChoice {
    /// As it is typed: `os`, or `file:PATH`.
    ///
    /// # Errors
    /// `usage`.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        match text.strip_prefix("file:") {
            Some(path) => Ok(Self::File(path.into())),
            None if text == "os" => Ok(Self::Os),
            None => Err(CommandError::input(Code::Usage).with("why", "--vault os|file:PATH")),
        }
    }
}

/// What a shop is assembled from. A data folder is one profile = one shop.
#[derive(Debug, Clone)]
pub struct Composition {
    /// The profile's folder.
    pub data: PathBuf,
    /// Where secrets are kept.
    pub vault: VaultChoice,
    /// The clock.
    pub clock: Clock,
    /// Address of the simulator inside the program, for shops of the demo environment.
    pub demo_base: Option<String>,
}

/// The folder of this user's data, when none is named. On Windows it does not roam to other
/// computers with the user's profile, and is not the folder into which the program is installed.
pub fn default_data_folder() -> PathBuf {
    let name = if cfg!(windows) { "Counterfoil Data" } else { "counterfoil" };
    dirs::data_local_dir().unwrap_or_else(|| PathBuf::from(".")).join(name)
}
