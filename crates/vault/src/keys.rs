//! The keys of a bank, one entry each.

use counterfoil_engine::ports::{CtbcKeys, SinopacKeys, Vault, VaultError};

const KEY_ID: &str = "sinopac.key_id";
const A1: &str = "sinopac.a1";
const A2: &str = "sinopac.a2";
const B1: &str = "sinopac.b1";
const B2: &str = "sinopac.b2";
const MAC_KEY: &str = "ctbc.mac_key";

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
