//! Checks the form of a shop's settings and keys (sinopac.md 1.1). Nothing is sent here.

use counterfoil_engine::ports::SinopacKeys;
use counterfoil_engine::shop::{Environment, SinopacSettings};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::seal::{BadKey, HashId};
use crate::addresses::loopback_base;

/// Why a shop cannot be spoken for. Never shows a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetUpError {
    /// One of the four values has not the right form.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// The X-KeyID is empty, or no valid header value.
    #[error("key_id is not a key")]
    KeyId,
    /// The environment has its own base and takes no `base_url`, or needs `http://127.0.0.1:port`
    /// and did not get it.
    #[error("base_url does not belong to the environment")]
    BaseUrl,
}

impl SetUpError {
    /// The member of `shop.json` below `sinopac` that is wrong.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Key(bad) => bad.field.name(),
            Self::KeyId => "key_id",
            Self::BaseUrl => "base_url",
        }
    }
}

/// Looks at the form of the five keys, without sending anything: four times 16 hex digits, and a
/// UUID.
///
/// # Errors
/// [`SetUpError`] names the first that is not of its form.
pub fn check_keys(keys: &SinopacKeys) -> Result<(), SetUpError> {
    HashId::derive(keys)?;
    let key_id = keys.key_id.expose_secret().trim();
    let groups = key_id.split('-').map(str::len);
    let hex = key_id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if hex && groups.eq([8, 4, 4, 4, 12]) { Ok(()) } else { Err(SetUpError::KeyId) }
}

/// Checks what a call needs, and gives it: the address, the X-KeyID and the key.
///
/// # Errors
/// [`SetUpError`] names the first that is not of its form.
pub fn check(shop: &SinopacSettings, keys: &SinopacKeys) -> Result<(Url, SecretString, HashId), SetUpError> {
    let base = base(shop)?;
    let key_id = keys.key_id.expose_secret().trim();
    if key_id.is_empty() || !key_id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(SetUpError::KeyId);
    }
    Ok((base, SecretString::from(key_id), HashId::derive(keys)?))
}

/// Where the services of a shop are (sinopac.md 1.1). Sandbox and production have their own and
/// take no other; `demo` and `custom` take any `http://127.0.0.1:port`, which for `demo` the
/// composition fills in.
///
/// # Errors
/// [`SetUpError::BaseUrl`].
pub fn base(shop: &SinopacSettings) -> Result<Url, SetUpError> {
    let own = |text| if shop.base_url.is_none() { Url::parse(text).ok() } else { None };
    match shop.environment {
        Environment::Sandbox => own("https://apisbx.sinopac.com/funBIZ-Sbx/QPay.WebAPI/api"),
        Environment::Production => own("https://api.sinopac.com/funBIZ/QPay.WebAPI/api"),
        Environment::Demo | Environment::Custom => shop.base_url.as_deref().and_then(loopback_base),
    }
    .ok_or(SetUpError::BaseUrl)
}
