//! A shop at CTBC: its settings and key, and whether they have the right form (ctbc.md 1 and 2).
//! Nothing is sent here.

pub use counterfoil_engine::ports::CtbcKeys;
pub use counterfoil_engine::shop::{CtbcSettings, ReplyMac};
use counterfoil_engine::shop::{Environment, ReturnAddress};
use url::Url;

use super::seal::{BadKey, ShopKey};
use super::wire::{BadInput, check_return_url};
use crate::addresses::loopback_base;

/// Why a shop cannot be spoken for. Never shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetUpError {
    /// Not 1 to 10 digits. 13 digits are the MerchantID.
    #[error("mer_id is not 1 to 10 digits")]
    MerId,
    /// Not 13 digits.
    #[error("merchant_id is not 13 digits")]
    MerchantId,
    /// Not 8 digits.
    #[error("terminal_id is not 8 digits")]
    TerminalId,
    /// Not 24 visible ASCII characters.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// The bank's page stays blank with such an address, or it is neither https nor this computer.
    #[error("return_url: {0}")]
    ReturnUrl(BadInput),
    /// The environment has its own base and takes no `base_url`, or needs `http://127.0.0.1:port`
    /// and did not get it.
    #[error("base_url does not belong to the environment")]
    BaseUrl,
}

impl SetUpError {
    /// The member of `shop.json` below `ctbc` that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::MerId => "mer_id",
            Self::MerchantId => "merchant_id",
            Self::TerminalId => "terminal_id",
            Self::Key(_) => "mac_key",
            Self::ReturnUrl(_) => "return_url",
            Self::BaseUrl => "base_url",
        }
    }
}

/// Looks at the form of everything.
///
/// # Errors
/// [`SetUpError`] names the first that is not of its form.
pub fn check(shop: &CtbcSettings, keys: &CtbcKeys) -> Result<(Url, ShopKey), SetUpError> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !(1..=10).contains(&shop.mer_id.len()) || !digits(&shop.mer_id) {
        return Err(SetUpError::MerId);
    }
    if shop.merchant_id.len() != 13 || !digits(&shop.merchant_id) {
        return Err(SetUpError::MerchantId);
    }
    if shop.terminal_id.len() != 8 || !digits(&shop.terminal_id) {
        return Err(SetUpError::TerminalId);
    }
    match &shop.return_address {
        ReturnAddress::Loopback { port: _ } => {}
        ReturnAddress::Page { url } => check_return_url(url).map_err(SetUpError::ReturnUrl)?,
    }
    Ok((base(shop)?, ShopKey::new(&keys.mac_key, shop.iv)?))
}

/// Where the services of a shop are (ctbc.md 2). Test and production have their own and take no
/// other; `demo` and `custom` take any `http://127.0.0.1:port`, which for `demo` the composition
/// fills in.
///
/// # Errors
/// [`SetUpError::BaseUrl`].
pub fn base(shop: &CtbcSettings) -> Result<Url, SetUpError> {
    let own = |text| if shop.base_url.is_none() { Url::parse(text).ok() } else { None };
    match shop.environment {
        Environment::Sandbox => own("https://testepos.ctbcbank.com"),
        Environment::Production => own("https://epos.ctbcbank.com"),
        Environment::Demo | Environment::Custom => shop.base_url.as_deref().and_then(loopback_base),
    }
    .ok_or(SetUpError::BaseUrl)
}
