//! The keyring of the operating system: Credential Manager, Keychain, Secret Service.
//!
//! Promises: one entry per secret, as bytes; every call on one thread that is made for it, because
//! Windows does not put calls in order by itself and Linux may not be asked from an async runtime;
//! a bounded wait, because a keyring may ask a person. Nothing is kept anywhere else when it fails.
//! Left out: to take a late answer back: an entry that the keyring keeps after the wait is over
//! stays there, and the next try replaces it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use counterfoil_engine::ports::{KeyringFault, Vault, VaultError};
use keyring_core::{CredentialStore, Entry};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use crate::platform;

/// What every entry of ours is kept under; the second half of its name is the shop and the name of
/// the secret.
const SERVICE: &str = "tw.counterfoil";

/// The limit of Windows, kept everywhere.
const SECRET_BYTES_MAX: usize = 2_560;

/// The keyring of the person who is signed in. Dropping it ends its thread.
#[derive(Debug)]
pub struct OsVault {
    jobs: mpsc::Sender<Job>,
    wait: Duration,
}

/// What the thread opened at its start, or why it could not.
type Opened = Result<Arc<CredentialStore>, keyring_core::Error>;

type Job = Box<dyn FnOnce(&Opened) + Send>;

impl OsVault {
    /// Opens it. No call waits longer than this for the keyring and the person whom it may ask.
    ///
    /// # Errors
    /// [`KeyringFault::Absent`] where there is none.
    pub fn open(wait: Duration) -> Result<Self, VaultError> {
        Self::over(platform::store, wait)
    }

    fn over(open: impl FnOnce() -> Opened + Send + 'static, wait: Duration) -> Result<Self, VaultError> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let work = move || {
            let opened = open();
            for job in waiting {
                job(&opened);
            }
        };
        let thread = thread::Builder::new().name("keyring".into()).spawn(work);
        thread.map_err(|why| VaultError::Unavailable(why.to_string()))?;
        let vault = Self { jobs, wait };
        vault.ask(|_| Ok(()))?;
        Ok(vault)
    }

    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&CredentialStore) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let job = move |opened: &Opened| {
            let done = match opened {
                Ok(store) => job(store.as_ref()),
                Err(_) => Err(VaultError::Keyring(KeyringFault::Absent)),
            };
            // whoever asked may have given up
            let _ = answer.send(done);
        };
        // a thread that is gone takes the job's own sender with it, so the wait ends at once
        let _ = self.jobs.send(Box::new(job));
        match answered.recv_timeout(self.wait) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => Err(VaultError::Keyring(KeyringFault::Unanswered)),
            Err(RecvTimeoutError::Disconnected) => Err(VaultError::Unavailable("its thread ended".into())),
        }
    }

    /// Does something with the entry of a secret.
    fn at<T: Send + 'static>(
        &self,
        shop: &str,
        name: &str,
        act: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, VaultError> {
        let (user, name) = (format!("{shop}/{name}"), name.to_owned());
        self.ask(move |store| {
            // on Windows the keys of a shop do not roam to other computers with the user's profile
            let local = HashMap::from([("persistence", "Local")]);
            let entry = store.build(SERVICE, &user, cfg!(windows).then_some(&local));
            let done = entry.and_then(|entry| act(&entry));
            done.map_err(|error| platform::meaning(error, &name))
        })
    }
}

impl Vault for OsVault {
    fn set(&mut self, shop: &str, name: &str, secret: SecretString) -> Result<(), VaultError> {
        if secret.expose_secret().len() > SECRET_BYTES_MAX {
            let (name, bytes_max) = (name.to_owned(), SECRET_BYTES_MAX);
            return Err(VaultError::Keyring(KeyringFault::TooLong { name, bytes_max }));
        }
        self.at(shop, name, move |entry| entry.set_secret(secret.expose_secret().as_bytes()))
    }

    fn get(&self, shop: &str, name: &str) -> Result<SecretString, VaultError> {
        let read = self.at(shop, name, |entry| {
            let mut bytes = entry.get_secret()?;
            let text = std::str::from_utf8(&bytes).ok().filter(|text| !text.contains('\0'));
            let secret = text.map(SecretString::from);
            bytes.zeroize();
            Ok(secret)
        });
        // older programs on Windows kept UTF-16: not UTF-8, or full of zero characters, which no
        // key of a bank has
        read?.ok_or_else(|| VaultError::Keyring(KeyringFault::Unreadable(name.to_owned())))
    }

    fn delete(&mut self, shop: &str, name: &str) -> Result<(), VaultError> {
        match self.at(shop, name, Entry::delete_credential) {
            Err(VaultError::Missing(_)) => Ok(()),
            done => done,
        }
    }

    fn is_plain_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
