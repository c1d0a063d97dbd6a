//! The settings of a shop as a screen shows and changes them, and what a screen warns about. Keys are never in a view.

use std::collections::BTreeMap;

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Moment, Rail, View};
use counterfoil_engine::ports::{SinopacKeys, Store};
use counterfoil_engine::shop::{ReturnAddress, ShopRecord};
use counterfoil_engine::{Health, Silence};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;

use crate::error::CommandError;
use crate::shop_file::{account_limit, named, return_address, wrong_field};
use crate::text::{Language, bank_code, sentence};
use crate::views::time;

/// What was not done, or is wrong: a code, values, and its sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Failure {
    /// Stable.
    pub code: String,
    /// What the sentence speaks of.
    #[ts(type = "Record<string, unknown>")]
    pub values: BTreeMap<&'static str, Value>,
    /// Cause and way out.
    pub zh: String,
    /// Cause and way out.
    pub en: String,
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let [zh, en] = Language::ALL.map(|language| sentence(language, error.code, &error.values));
        Self { code: error.code.into(), values: error.values, zh, en }
    }
}

/// How often the bank is asked; the bounds are those of `schedule::Polling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PollingView {
    /// Seconds, on screen.
    pub screen_s: u16,
    /// Seconds, on screen after two minutes.
    pub screen_later_s: u16,
    /// Days after expiry in which late money is looked for.
    pub after_expiry_days: u16,
}

impl From<Polling> for PollingView {
    fn from(Polling { screen_s, screen_later_s, after_expiry_days }: Polling) -> Self {
        Self { screen_s, screen_later_s, after_expiry_days }
    }
}

impl From<PollingView> for Polling {
    fn from(PollingView { screen_s, screen_later_s, after_expiry_days }: PollingView) -> Self {
        Self { screen_s, screen_later_s, after_expiry_days }
    }
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SettingsView {
    /// Of the shop.
    pub name: String,
    /// The payee name that the customer's bank app will show.
    pub payee_name: String,
    /// As in [`crate::ShopView`].
    pub environment: Option<String>,
    /// The shop's number at the bank.
    pub shop_no: Option<String>,
    /// Of a `custom` shop.
    pub base_url: Option<String>,
    /// `loopback`, or the shop's own page.
    pub return_url: String,
    /// 0 = any.
    pub loopback_port: u16,
    /// Cards are captured at once.
    pub auto_billing: bool,
    /// Single limit of the account rail, whole dollars.
    #[ts(type = "number")]
    pub account_limit: i64,
    /// How often.
    pub polling: PollingView,
    /// What is wrong with the keys; `null` when all are there and can be read.
    pub keys: Option<Failure>,
    /// Where the data file is.
    pub folder: String,
    /// The demo shop is open because there is no other yet.
    pub can_add: bool,
}

/// Settings as somebody wants them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// As in [`SettingsView`].
    pub payee_name: String,
    /// As in [`SettingsView`].
    pub return_url: String,
    /// As in [`SettingsView`].
    pub loopback_port: u16,
    /// As in [`SettingsView`].
    #[ts(type = "number")]
    pub account_limit: i64,
    /// As in [`SettingsView`].
    pub polling: PollingView,
}

/// The five keys as they were typed. No `Debug`.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeysTyped {
    /// X-KeyID.
    #[ts(type = "string")]
    pub key_id: SecretString,
    /// 16 hex digits, like the following.
    #[ts(type = "string")]
    pub a1: SecretString,
    /// A2.
    #[ts(type = "string")]
    pub a2: SecretString,
    /// B1.
    #[ts(type = "string")]
    pub b1: SecretString,
    /// B2.
    #[ts(type = "string")]
    pub b2: SecretString,
}

impl From<KeysTyped> for SinopacKeys {
    fn from(KeysTyped { key_id, a1, a2, b1, b2 }: KeysTyped) -> Self {
        Self { key_id, a1, a2, b1, b2 }
    }
}

/// A shop as it was typed. No `Debug`: it holds keys.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ShopTyped {
    name: String,
    payee_name: String,
    environment: String,
    shop_no: String,
    #[ts(type = "string")]
    key_id: SecretString,
    #[ts(type = "string")]
    a1: SecretString,
    #[ts(type = "string")]
    a2: SecretString,
    #[ts(type = "string")]
    b1: SecretString,
    #[ts(type = "string")]
    b2: SecretString,
    return_url: String,
    loopback_port: u16,
}

impl ShopTyped {
    /// As `shop add` takes it.
    pub fn into_shop_file(self) -> SecretString {
        let key = |secret: &SecretString| Value::from(secret.expose_secret().trim());
        let sinopac = json!({
            "environment": self.environment.trim(), "shop_no": self.shop_no.trim(), "key_id": key(&self.key_id),
            "a1": key(&self.a1), "a2": key(&self.a2), "b1": key(&self.b1), "b2": key(&self.b2),
            "return_url": self.return_url.trim(), "loopback_port": self.loopback_port,
        });
        let shop = json!({ "name": self.name, "payee_name": self.payee_name, "sinopac": sinopac });
        SecretString::from(shop.to_string())
    }
}

/// What a check of the keys came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProofView {
    /// The bank has answered as it answers right keys.
    pub ok: bool,
    /// What was typed is kept from now on.
    pub kept: bool,
    /// The fields that are wrong, or among which the wrong one is: `a1`, `shop_no` …
    pub fields: Vec<String>,
    /// Why it is not proved.
    pub failure: Option<Failure>,
}

/// What is wrong now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HealthView {
    /// The bank, or the way to it, does not answer.
    pub bank: Option<SilenceView>,
    /// CTBC, or the way to it, does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ctbc: Option<SilenceView>,
    /// By how many seconds this computer's clock is behind the bank's; more than a minute either way.
    #[ts(type = "number | null")]
    pub clock_off_s: Option<i64>,
    /// Why nothing is sold or asked for the time being; what is there can be looked at.
    pub paused: Option<Failure>,
}

/// Since when nothing came, and what it looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SilenceView {
    /// The first question without an answer.
    pub since: String,
    /// Ours: `timeout`, `dns`, `http-502` …
    pub code: String,
    /// What it means.
    pub zh: String,
    /// What it means.
    pub en: String,
}

/// How many orders a view shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ViewCount {
    /// Its name.
    pub view: String,
    /// Up to [`COUNT_MAX`].
    pub count: u32,
    /// There are more.
    pub more: bool,
}

/// Nobody reads a longer number beside a view.
pub const COUNT_MAX: u32 = 999;

/// The settings of a shop, without what only the composition knows.
pub fn settings_view(shop: &ShopRecord, keys: Option<CommandError>, folder: String) -> SettingsView {
    let sinopac = shop.sinopac.as_ref();
    let (return_url, loopback_port) = match sinopac.map(|s| &s.return_address) {
        Some(ReturnAddress::Page { url }) => (url.clone(), 0),
        Some(ReturnAddress::Loopback { port }) => ("loopback".to_owned(), *port),
        None => (String::new(), 0),
    };
    SettingsView {
        name: shop.name.clone(),
        payee_name: shop.payee_name.clone(),
        environment: sinopac.map(|s| s.environment.name().into()),
        shop_no: sinopac.map(|s| s.shop_no.clone()),
        base_url: sinopac.and_then(|s| s.base_url.clone()),
        return_url,
        loopback_port,
        auto_billing: sinopac.is_some_and(|s| s.auto_billing),
        account_limit: sinopac.map_or(0, |s| s.account_limit.dollars()),
        polling: shop.polling.into(),
        keys: keys.map(Failure::from),
        folder,
        can_add: false,
    }
}

/// The shop with the change, checked as `shop add` checks it.
///
/// # Errors
/// `shop-field` with the field.
pub fn changed_settings(shop: &ShopRecord, change: &SettingsChange) -> Result<ShopRecord, CommandError> {
    let polling = Polling::from(change.polling);
    if let Some((name, least, most)) = polling.out_of_bounds() {
        return Err(wrong_field("polling", &format!("{name} {least}-{most}")));
    }
    let mut shop =
        ShopRecord { payee_name: named("payee_name", &change.payee_name)?, polling, ..shop.clone() };
    if let Some(sinopac) = &mut shop.sinopac {
        sinopac.return_address = return_address(Some(change.return_url.trim()), change.loopback_port)?;
        sinopac.account_limit = account_limit(change.account_limit)?;
    }
    Ok(shop)
}

/// What is wrong now, as a screen shows it.
pub fn health_view(health: &Health, paused: Option<&CommandError>) -> HealthView {
    let view = |silence: &Silence, rail| {
        let cause = |language| {
            bank_code(language, rail, &silence.code).map_or(silence.code.clone(), |entry| entry.cause.clone())
        };
        SilenceView {
            since: time(silence.since),
            code: silence.code.clone(),
            zh: cause(Language::Chinese),
            en: cause(Language::English),
        }
    };
    HealthView {
        bank: health.silence.as_ref().map(|silence| view(silence, Rail::SinopacAccount)),
        ctbc: health.ctbc_silence.as_ref().map(|silence| view(silence, Rail::CtbcCard)),
        clock_off_s: health.clock_off_ms.map(|ms| ms / 1000),
        paused: paused.cloned().map(Failure::from),
    }
}

/// How many orders the views show that a person works off, at bank time `at`.
///
/// # Errors
/// Of the store.
pub fn view_counts<S: Store>(store: &S, at: Moment) -> Result<Vec<ViewCount>, CommandError> {
    let views = [View::NeedsMe, View::UnpaidEndsToday, View::Unpaid];
    let count = |view: View| {
        let count = store.count_in(view, at, COUNT_MAX + 1)?;
        let view = view.name().into();
        Ok(ViewCount { view, count: count.min(COUNT_MAX), more: count > COUNT_MAX })
    };
    views.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_of_each_bank_is_told_from_its_own_book() {
        let silence = |code: &str| Some(Silence { since: Moment::from_millis(0), code: code.into() });
        let health = Health { silence: silence("E9900"), ctbc_silence: silence("9/nz"), ..Health::default() };
        let view = health_view(&health, None);
        let cause = |rail, code| bank_code(Language::Chinese, rail, code).map(|entry| entry.cause.clone());
        assert_eq!(view.bank.map(|of| of.zh), cause(Rail::SinopacCard, "E9900"));
        assert_eq!(view.ctbc.map(|of| of.zh), cause(Rail::CtbcCard, "9/nz"));
    }
}
