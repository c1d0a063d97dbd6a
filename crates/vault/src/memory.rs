//! A vault in memory, for the demo shop.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use counterfoil_engine::ports::{Vault, VaultError};
use secrecy::SecretString;

/// Secrets by shop and name.
type Secrets = BTreeMap<(String, String), SecretString>;

/// Secrets that end with the program. A clone is the same vault.
#[derive(Clone, Default)]
pub struct MemoryVault {
    secrets: Arc<Mutex<Secrets>>,
}

impl MemoryVault {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a thread that panicked has left is as good as it was.
    fn secrets(&self) -> std::sync::MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryVault({} secrets)", self.secrets().len())
    }
}

impl Vault for MemoryVault {
    fn set(&mut self, shop: &str, name: &str, secret: SecretString) -> Result<(), VaultError> {
        self.secrets().insert((shop.to_owned(), name.to_owned()), secret);
        Ok(())
    }

    fn get(&self, shop: &str, name: &str) -> Result<SecretString, VaultError> {
        let secret = self.secrets().get(&(shop.to_owned(), name.to_owned())).cloned();
        secret.ok_or_else(|| VaultError::Missing(name.to_owned()))
    }

    fn delete(&mut self, shop: &str, name: &str) -> Result<(), VaultError> {
        self.secrets().remove(&(shop.to_owned(), name.to_owned()));
        Ok(())
    }

    fn is_plain_text(&self) -> bool {
        // nothing is written; yet a production shop must not lose its keys with the program
        true
    }
}
