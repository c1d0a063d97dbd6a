//! Which keyring this system has, and what its own errors mean to a person.
//!
//! Promises: an unknown error is shown as it is, never guessed; bytes in an error are not shown.

use std::sync::Arc;

use counterfoil_engine::ports::{KeyringFault, VaultError};
use keyring_core::error::PlatformError;
use keyring_core::{CredentialStore, Error};

/// The keyring of the person who is signed in.
#[cfg(target_os = "linux")]
pub(crate) fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// As above.
#[cfg(target_os = "macos")]
pub(crate) fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

/// As above.
#[cfg(target_os = "windows")]
pub(crate) fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// As above: there is none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
pub(crate) fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoDefaultStore)
}

/// What it means that the entry of this secret could not be used.
pub(crate) fn meaning(error: Error, name: &str) -> VaultError {
    match error {
        Error::NoEntry => VaultError::Missing(name.to_owned()),
        Error::NoDefaultStore => VaultError::Keyring(KeyringFault::Absent),
        Error::BadEncoding(_) | Error::BadDataFormat(_, _) | Error::Ambiguous(_) => {
            VaultError::Keyring(KeyringFault::Unreadable(name.to_owned()))
        }
        // a keyring that gives no reason why it is closed is locked
        Error::NoStorageAccess(why) => VaultError::Keyring(known(&why).unwrap_or(KeyringFault::Locked)),
        Error::PlatformFailure(why) => {
            known(&why).map_or_else(|| VaultError::Unavailable(why.to_string()), VaultError::Keyring)
        }
        other @ (Error::BadStoreFormat(_)
        | Error::TooLong(_, _)
        | Error::Invalid(_, _)
        | Error::NotSupportedByStore(_)
        | _) => VaultError::Unavailable(other.to_string()),
    }
}

/// The Secret Service: <https://specifications.freedesktop.org/secret-service-spec/latest/>.
#[cfg(target_os = "linux")]
fn known(why: &PlatformError) -> Option<KeyringFault> {
    use secret_service::Error as Service;
    match why.downcast_ref::<Service>()? {
        Service::Locked => Some(KeyringFault::Locked),
        Service::Prompt => Some(KeyringFault::Denied),
        Service::NoResult | Service::Unavailable => Some(KeyringFault::Absent),
        // the keyring or the bus ended meanwhile, without a refusal
        Service::PromptDisconnected => Some(KeyringFault::Unanswered),
        Service::Crypto(_) | Service::Zbus(_) | Service::ZbusFdo(_) | Service::Zvariant(_) | _ => None,
    }
}

/// By the codes of `SecBase.h`.
#[cfg(target_os = "macos")]
fn known(why: &PlatformError) -> Option<KeyringFault> {
    match why.downcast_ref::<security_framework::base::Error>()?.code() {
        // interaction not allowed, interaction required
        -25_308 | -25_315 => Some(KeyringFault::Locked),
        // cancelled, wrong password, another owner's entry, read-only twice
        -128 | -25_293 | -25_244 | -25_292 | -61 => Some(KeyringFault::Denied),
        // not available, no such keychain, not a keychain, no default keychain
        -25_291 | -25_294 | -25_295 | -25_307 => Some(KeyringFault::Absent),
        _ => None,
    }
}

/// The Credential Manager gives one reason only: no user is signed in (service, network sign-in).
#[cfg(target_os = "windows")]
fn known(why: &PlatformError) -> Option<KeyringFault> {
    (why.to_string() == "Windows ERROR_NO_SUCH_LOGON_SESSION").then_some(KeyringFault::Absent)
}

/// As above: there is no keyring.
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
fn known(_: &PlatformError) -> Option<KeyringFault> {
    None
}
