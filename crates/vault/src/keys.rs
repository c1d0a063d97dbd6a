//! The keys of a bank and of the audit record, one entry each.

use counterfoil_engine::ports::{AuditHead, AuditKey, CtbcKeys, SinopacKeys, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

const KEY_ID: &str = "sinopac.key_id";
const A1: &str = "sinopac.a1";
const A2: &str = "sinopac.a2";
const B1: &str = "sinopac.b1";
const B2: &str = "sinopac.b2";
const MAC_KEY: &str = "ctbc.mac_key";
const AUDIT_KEY: &str = "audit.key";
const AUDIT_HEAD: &str = "audit.head";
const AUDIT_FILES: &str = "audit.files";
const AUDIT_FILE: &str = "audit.file";
const AUDIT_UNTOLD: &str = "audit.untold";

/// So many names fit one entry of every keyring.
const FILES_MAX: usize = 32;
const UNTOLD_MAX: usize = 32;

/// Keeps the keys of a SinoPac shop.
///
/// # Errors
/// Those of the vault; some of the keys may be kept then, and are replaced by the next try.
pub fn keep_sinopac(vault: &mut dyn Vault, shop: &str, keys: SinopacKeys) -> Result<(), VaultError> {
    let SinopacKeys { key_id, a1, a2, b1, b2 } = keys;
    for (name, secret) in [(KEY_ID, key_id), (A1, a1), (A2, a2), (B1, b1), (B2, b2)] {
        vault.set(shop, name, secret)?;
    }
    Ok(())
}

/// Opens the keys of a SinoPac shop.
///
/// # Errors
/// [`VaultError::Missing`] with the name of the first key that is not there, or another error of
/// the vault.
pub fn open_sinopac(vault: &dyn Vault, shop: &str) -> Result<SinopacKeys, VaultError> {
    Ok(SinopacKeys {
        key_id: vault.get(shop, KEY_ID)?,
        a1: vault.get(shop, A1)?,
        a2: vault.get(shop, A2)?,
        b1: vault.get(shop, B1)?,
        b2: vault.get(shop, B2)?,
    })
}

/// Keeps the key of a CTBC shop.
///
/// # Errors
/// Those of the vault.
pub fn keep_ctbc(vault: &mut dyn Vault, shop: &str, keys: CtbcKeys) -> Result<(), VaultError> {
    vault.set(shop, MAC_KEY, keys.mac_key)
}

/// Opens the key of a CTBC shop.
///
/// # Errors
/// [`VaultError::Missing`], or another error of the vault.
pub fn open_ctbc(vault: &dyn Vault, shop: &str) -> Result<CtbcKeys, VaultError> {
    Ok(CtbcKeys { mac_key: vault.get(shop, MAC_KEY)? })
}

/// Keeps the key of a data file's audit chain.
///
/// # Errors
/// Those of the vault.
pub fn keep_audit_key(vault: &mut dyn Vault, file: &str, key: &AuditKey) -> Result<(), VaultError> {
    vault.set(file, AUDIT_KEY, key.to_text())
}

/// Opens the key of a data file's audit chain. A text that is none counts as missing.
///
/// # Errors
/// [`VaultError::Missing`], or another error of the vault.
pub fn open_audit_key(vault: &dyn Vault, file: &str) -> Result<AuditKey, VaultError> {
    let text = vault.get(file, AUDIT_KEY)?;
    AuditKey::parse(&text).ok_or_else(|| VaultError::Missing(AUDIT_KEY.to_owned()))
}

/// Keeps how far an audit chain has come. It is no secret; here nobody can change it who has the
/// file alone.
///
/// # Errors
/// Those of the vault.
pub fn keep_audit_head(vault: &mut dyn Vault, file: &str, head: &AuditHead) -> Result<(), VaultError> {
    vault.set(file, AUDIT_HEAD, head.to_text().into())
}

/// How far an audit chain had come when its program ended last; `None`: it never did.
///
/// # Errors
/// Those of the vault.
pub fn open_audit_head(vault: &dyn Vault, file: &str) -> Result<Option<AuditHead>, VaultError> {
    Ok(open_maybe(vault, file, AUDIT_HEAD)?.and_then(|text| AuditHead::parse(text.expose_secret())))
}

/// Keeps with a shop that a data file of it has a key: from then on no other file is its first one.
///
/// # Errors
/// Those of the vault.
pub fn keep_audit_file(vault: &mut dyn Vault, shop: &str, file: &str) -> Result<(), VaultError> {
    let mut files = open_audit_files(vault, shop)?;
    if files.len() < FILES_MAX {
        files.push(file.to_owned());
        vault.set(shop, AUDIT_FILES, files.join(",").into())?;
    }
    Ok(())
}

/// The data files of a shop that have a key, the first one first.
///
/// # Errors
/// Those of the vault.
pub fn open_audit_files(vault: &dyn Vault, shop: &str) -> Result<Vec<String>, VaultError> {
    let text = open_maybe(vault, shop, AUDIT_FILES)?;
    Ok(text.iter().flat_map(|text| text.expose_secret().split(',')).map(str::to_owned).collect())
}

/// Keeps which data file lies in a folder.
///
/// # Errors
/// Those of the vault.
pub fn keep_audit_folder(vault: &mut dyn Vault, folder: &str, file: &str) -> Result<(), VaultError> {
    vault.set(folder, AUDIT_FILE, file.to_owned().into())
}

/// The data file that lay in a folder when it was opened last.
///
/// # Errors
/// Those of the vault.
pub fn open_audit_folder(vault: &dyn Vault, folder: &str) -> Result<Option<String>, VaultError> {
    Ok(open_maybe(vault, folder, AUDIT_FILE)?.map(|text| text.expose_secret().to_owned()))
}

/// Keeps a line that the record of a data file is yet to get: another program has the file open.
/// The first ones stay.
///
/// # Errors
/// Those of the vault.
pub fn keep_untold(vault: &mut dyn Vault, file: &str, line: &str) -> Result<(), VaultError> {
    let mut lines = open_untold(vault, file)?;
    if lines.len() >= UNTOLD_MAX {
        return Ok(());
    }
    lines.push(line.to_owned());
    vault.set(file, AUDIT_UNTOLD, lines.join("\n").into())
}

/// The lines that the record of a data file is yet to get.
///
/// # Errors
/// Those of the vault.
pub fn open_untold(vault: &dyn Vault, file: &str) -> Result<Vec<String>, VaultError> {
    let text = open_maybe(vault, file, AUDIT_UNTOLD)?;
    Ok(text.iter().flat_map(|text| text.expose_secret().lines()).map(str::to_owned).collect())
}

/// The record has them.
///
/// # Errors
/// Those of the vault.
pub fn forget_untold(vault: &mut dyn Vault, file: &str) -> Result<(), VaultError> {
    vault.delete(file, AUDIT_UNTOLD)
}

fn open_maybe(vault: &dyn Vault, entry: &str, name: &str) -> Result<Option<SecretString>, VaultError> {
    match vault.get(entry, name) {
        Ok(text) => Ok(Some(text)),
        Err(VaultError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
