//! A vault in memory: the demo shop's published sample keys.

use std::collections::BTreeMap;
use std::fmt;

use counterfoil_engine::ports::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

/// Secrets that end with the program.
#[derive(Default)]
pub struct MemoryVault {
    secrets: BTreeMap<(String, String), SecretString>,
}

impl MemoryVault {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryVault({} secrets)", self.secrets.len())
    }
}

impl Vault for MemoryVault {
    fn set(&mut self, shop: &str, name: &str, secret: SecretString) -> Result<(), VaultError> {
        self.secrets.insert((shop.to_owned(), name.to_owned()), secret);
        Ok(())
    }

    fn get(&self, shop: &str, name: &str) -> Result<SecretString, VaultError> {
        let secret = self.secrets.get(&(shop.to_owned(), name.to_owned()));
        secret.map(|s| s.expose_secret().into()).ok_or_else(|| VaultError::Missing(name.to_owned()))
    }

    fn delete(&mut self, shop: &str, name: &str) -> Result<(), VaultError> {
        self.secrets.remove(&(shop.to_owned(), name.to_owned()));
        Ok(())
    }

    fn is_plain_text(&self) -> bool {
        // nothing is written; yet a production shop must not lose its keys with the program
        true
    }
}
