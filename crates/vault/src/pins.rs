//! PINs of people: hashed, compared, and how often they were wrong.
//!
//! Promises: a PIN is hashed with argon2id over a keyed hash. The key, the pepper, is a vault
//! entry, so a copy of the data file alone gives no PIN away. The keyed hash covers the person, so
//! one row's hash fits no other row. A name that does not exist costs the work of a wrong PIN.
//! Left out: what a PIN may be and how long the wait is (`counterfoil-domain`).

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use counterfoil_domain::{Mono, PersonId, Tries};
use counterfoil_engine::ports::{PinHash, Vault, VaultError};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

const PEPPER: &str = "people.pepper";
const TRIES: &str = "people.tries";

/// OWASP's least for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// So many names fit one entry of every keyring.
const TRIES_MAX: usize = 64;

/// What is hashed for a name that does not exist. No PIN is ever equal to it.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y291bnRlcmZvaWwhISEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The key of a shop's PINs.
pub struct Pepper(Zeroizing<Vec<u8>>);

/// Opens the pepper; makes one of these random bytes where there is none.
///
/// # Errors
/// Those of the vault.
pub fn pepper_or(vault: &mut dyn Vault, shop: &str, fresh: [u8; 32]) -> Result<Pepper, VaultError> {
    match open_pepper(vault, shop) {
        Err(VaultError::Missing(_)) => {
            vault.set(shop, PEPPER, SecretString::from(hex::encode(fresh)))?;
            open_pepper(vault, shop)
        }
        opened => opened,
    }
}

/// Opens the pepper.
///
/// # Errors
/// [`VaultError::Missing`] where the keyring was lost, or another error of the vault.
pub fn open_pepper(vault: &dyn Vault, shop: &str) -> Result<Pepper, VaultError> {
    let text = vault.get(shop, PEPPER)?;
    let bytes = hex::decode(text.expose_secret()).map_err(|_| VaultError::Missing(PEPPER.to_owned()))?;
    Ok(Pepper(Zeroizing::new(bytes)))
}

/// Whether a shop ever had people, as far as the vault knows.
///
/// # Errors
/// Those of the vault.
pub fn has_pepper(vault: &dyn Vault, shop: &str) -> Result<bool, VaultError> {
    match vault.get(shop, PEPPER) {
        Ok(_) => Ok(true),
        Err(VaultError::Missing(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes pepper and tries along when the keys of a shop move to another entry.
///
/// # Errors
/// Those of the vault.
pub fn move_people(vault: &mut dyn Vault, from: &str, to: &str) -> Result<(), VaultError> {
    for name in [PEPPER, TRIES] {
        match vault.get(from, name) {
            Ok(secret) => vault.set(to, name, secret)?,
            Err(VaultError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Pepper {
    /// Hashes a PIN with this random salt.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] without the memory for it.
    pub fn hash(&self, person: PersonId, pin: &SecretString, salt: [u8; 16]) -> Result<PinHash, VaultError> {
        let keyed = self.keyed(&[person.as_bytes(), pin.expose_secret().as_bytes()])?;
        let hash = argon2()?.hash_password_with_salt(&keyed[..], &salt).map_err(|why| unusable(&why))?;
        Ok(PinHash::new(hash.to_string()))
    }

    /// Whether it is the person's PIN. Without a hash, as of a name that does not exist, it never
    /// is, after the same work.
    ///
    /// # Errors
    /// As [`Pepper::hash`].
    pub fn is_pin(
        &self,
        person: PersonId,
        pin: &SecretString,
        kept: Option<&PinHash>,
    ) -> Result<bool, VaultError> {
        let keyed = self.keyed(&[person.as_bytes(), pin.expose_secret().as_bytes()])?;
        let fits = argon2()?.verify_password(&keyed[..], kept.map_or(DUMMY, PinHash::as_str)).is_ok();
        Ok(fits && kept.is_some())
    }

    /// A name as the tries know it: whoever reads the entry learns no name.
    fn tag(&self, name: &str) -> Result<String, VaultError> {
        let keyed = self.keyed(&[b"tries", name.as_bytes()])?;
        Ok(hex::encode(keyed.get(..6).unwrap_or_default()))
    }

    /// Each part goes in after its length, so that no two lists are the same bytes.
    fn keyed(&self, parts: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|why| unusable(&why))?;
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

fn argon2() -> Result<Argon2<'static>, VaultError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|why| unusable(&why))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn unusable(why: &dyn std::fmt::Display) -> VaultError {
    VaultError::Unavailable(format!("a PIN cannot be hashed: {why}"))
}

/// One name: its tag, how often in a row its PIN was wrong, and when, in milliseconds, where that
/// was known.
type Row = (String, u32, Option<i64>);

/// How often PINs were wrong, by name. Kept in the vault, so
/// that an older data file put back changes nothing.
pub struct TriesKept<'v> {
    vault: &'v mut dyn Vault,
    shop: &'v str,
    pepper: &'v Pepper,
}

impl<'v> TriesKept<'v> {
    /// Those of a shop.
    pub fn of(vault: &'v mut dyn Vault, shop: &'v str, pepper: &'v Pepper) -> Self {
        Self { vault, shop, pepper }
    }

    /// Those under a name.
    ///
    /// # Errors
    /// Those of the vault.
    pub fn get(&self, name: &str) -> Result<Option<Tries>, VaultError> {
        let tag = self.pepper.tag(name)?;
        let row = self.rows()?.into_iter().find(|row| row.0 == tag);
        Ok(row.map(|(_, wrong, at)| Tries { wrong, at: at.map(Mono::from_millis) }))
    }

    /// Keeps those under a name; `None` forgets them. In a full entry a name that is none of these
    /// people makes way: an older program kept each made-up one.
    ///
    /// # Errors
    /// Those of the vault.
    pub fn set(&mut self, name: &str, tries: Option<Tries>, people: &[String]) -> Result<(), VaultError> {
        let tag = self.pepper.tag(name)?;
        let people = people.iter().map(|name| self.pepper.tag(name)).collect::<Result<Vec<_>, _>>()?;
        let mut rows = self.rows()?;
        let before = rows.len();
        rows.retain(|row| row.0 != tag);
        if tries.is_none() && rows.len() == before {
            return Ok(());
        }
        if rows.len() >= TRIES_MAX
            && let Some((least, _)) =
                rows.iter().enumerate().min_by_key(|(_, row)| (people.contains(&row.0), row.1))
        {
            rows.remove(least);
        }
        rows.extend(tries.map(|Tries { wrong, at }| (tag, wrong, at.map(Mono::millis))));
        let text = serde_json::to_string(&rows).map_err(|why| unusable(&why))?;
        self.vault.set(self.shop, TRIES, SecretString::from(text))
    }

    fn rows(&self) -> Result<Vec<Row>, VaultError> {
        match self.vault.get(self.shop, TRIES) {
            Ok(text) => serde_json::from_str(text.expose_secret())
                .map_err(|_| VaultError::Unavailable(format!("{TRIES} is not as we keep it"))),
            Err(VaultError::Missing(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryVault;

    const SHE: PersonId = PersonId::from_bytes([1; 16]);
    const HE: PersonId = PersonId::from_bytes([2; 16]);

    fn pin(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn a_pin_fits_its_person_and_pepper_only() {
        let mut vault = MemoryVault::new();
        let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
        let kept = pepper.hash(SHE, &pin("274958"), [3; 16]).unwrap();
        let same = pepper_or(&mut vault, "shop", [8; 32]).unwrap();
        assert!(same.is_pin(SHE, &pin("274958"), Some(&kept)).unwrap(), "the pepper is made once");
        assert!(!same.is_pin(SHE, &pin("274959"), Some(&kept)).unwrap());
        assert!(!same.is_pin(HE, &pin("274958"), Some(&kept)).unwrap(), "a hash moved to another row");
        let other = pepper_or(&mut vault, "other", [8; 32]).unwrap();
        assert!(!other.is_pin(SHE, &pin("274958"), Some(&kept)).unwrap(), "another pepper");
        // salted, and with the parameters in front, so that they can grow later
        assert_ne!(pepper.hash(SHE, &pin("274958"), [4; 16]).unwrap(), kept);
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.as_str());
        assert_eq!(format!("{kept:?}"), "PinHash(…)");
    }

    /// The dummy is a hash that the library takes, with the same parameters: so it does the work.
    #[test]
    fn a_name_that_does_not_exist_costs_the_same_work_and_is_never_right() {
        let pepper = pepper_or(&mut MemoryVault::new(), "shop", [7; 32]).unwrap();
        assert!(!pepper.is_pin(SHE, &pin("274958"), None).unwrap());
        let parsed = argon2::password_hash::phc::PasswordHash::new(DUMMY).unwrap();
        let params = Params::try_from(&parsed).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, LANES));
        assert_eq!((parsed.salt.unwrap().len(), parsed.hash.unwrap().as_bytes().len()), (16, 32));
    }

    #[test]
    fn tries_are_kept_by_name_without_names() {
        let mut vault = MemoryVault::new();
        let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
        let tries = |wrong| Tries { wrong, at: (wrong != 4).then_some(Mono::from_millis(5)) };
        let mut kept = TriesKept::of(&mut vault, "shop", &pepper);
        assert_eq!(kept.get("林").unwrap(), None);
        kept.set("林", Some(tries(1)), &[]).unwrap();
        kept.set("林", Some(tries(2)), &[]).unwrap();
        kept.set("陳", Some(tries(4)), &[]).unwrap();
        assert_eq!((kept.get("林").unwrap(), kept.get("陳").unwrap()), (Some(tries(2)), Some(tries(4))));
        kept.set("陳", None, &[]).unwrap();
        assert_eq!(kept.get("陳").unwrap(), None);
        let text = vault.get("shop", TRIES).unwrap();
        assert!(!text.expose_secret().contains('林'), "{}", text.expose_secret());
        move_people(&mut vault, "shop", "moved").unwrap();
        let pepper = open_pepper(&vault, "moved").unwrap();
        assert_eq!(TriesKept::of(&mut vault, "moved", &pepper).get("林").unwrap(), Some(tries(2)));
        assert!(matches!(open_pepper(&vault, "nowhere"), Err(VaultError::Missing(_))));
    }

    /// Made-up names cannot push a lock out, nor outgrow the smallest keyring.
    #[test]
    fn a_full_entry_keeps_the_people_of_the_shop() {
        let mut vault = MemoryVault::new();
        let pepper = pepper_or(&mut vault, "shop", [7; 32]).unwrap();
        let mut kept = TriesKept::of(&mut vault, "shop", &pepper);
        let at = Some(Mono::from_millis(9_999_999_999_999));
        let people = ["林".to_owned()];
        kept.set("林", Some(Tries { wrong: 1, at }), &people).unwrap();
        for n in 0..200 {
            kept.set(&format!("nobody {n}"), Some(Tries { wrong: 99, at }), &people).unwrap();
        }
        assert_eq!(kept.get("林").unwrap().map(|tries| tries.wrong), Some(1));
        assert!(kept.get("nobody 199").unwrap().is_some() && kept.get("nobody 0").unwrap().is_none());
        let text = vault.get("shop", TRIES).unwrap();
        assert!(text.expose_secret().len() < 2_560, "{}", text.expose_secret().len());
    }
}
