//! The settings of a shop as a screen shows and changes them, and what a screen warns about. Keys are never in a view.

use std::collections::BTreeMap;

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Bank, Moment, Rail, View};
use counterfoil_engine::ports::Store;
use counterfoil_engine::shop::ShopRecord;
use counterfoil_engine::{BankHealth, Health, Silence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::contracts::{
    CtbcChange, CtbcSettingsView, SinopacChange, SinopacSettingsView, change_ctbc, change_sinopac, ctbc_view,
    sinopac_view,
};
use crate::error::CommandError;
use crate::shop_file::{named, wrong_field};
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
    /// `null`: the shop has no contract with this bank.
    pub sinopac: Option<SinopacSettingsView>,
    /// `null`: the shop has no contract with this bank.
    pub ctbc: Option<CtbcSettingsView>,
    /// How often.
    pub polling: PollingView,
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
    /// `null`: stays as it is, or is not there.
    pub sinopac: Option<SinopacChange>,
    /// `null`: stays as it is, or is not there.
    pub ctbc: Option<CtbcChange>,
    /// As in [`SettingsView`].
    pub polling: PollingView,
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
    /// A bank names a time that is too far off to be believed at once: whether it is right shows within minutes.
    pub clock_doubted: bool,
    /// Why nothing is sold or asked for the time being; what is there can be looked at.
    pub paused: Option<Failure>,
}

/// Since when nothing came, or the bank refuses all that this shop asks, and what it looks like.
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
    /// The bank answers, and refuses everything that this shop asks.
    pub refused: bool,
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

/// The settings of a shop at a time, without what only the composition knows. `trouble`: what is wrong with the keys of a bank.
pub fn settings_view(
    shop: &ShopRecord,
    trouble: impl Fn(Bank) -> Option<CommandError>,
    folder: String,
    at: Moment,
) -> SettingsView {
    SettingsView {
        name: shop.name.clone(),
        payee_name: shop.payee_name.clone(),
        sinopac: shop.sinopac.as_ref().map(|s| sinopac_view(s, trouble(Bank::Sinopac))),
        ctbc: shop.ctbc.as_ref().map(|c| ctbc_view(c, trouble(Bank::Ctbc), at)),
        polling: shop.polling.into(),
        folder,
        can_add: false,
    }
}

/// The shop with the change, checked as `shop add` checks it.
///
/// # Errors
/// `shop-field` with the field, `rail-absent` for a bank that the shop has no contract with.
pub fn changed_settings(shop: &ShopRecord, change: &SettingsChange) -> Result<ShopRecord, CommandError> {
    let polling = Polling::from(change.polling);
    if let Some((name, least, most)) = polling.out_of_bounds() {
        return Err(wrong_field("polling", &format!("{name} {least}-{most}")));
    }
    let mut shop =
        ShopRecord { payee_name: named("payee_name", &change.payee_name)?, polling, ..shop.clone() };
    change.sinopac.as_ref().map(|change| change_sinopac(&mut shop, change)).transpose()?;
    change.ctbc.as_ref().map(|change| change_ctbc(&mut shop, change)).transpose()?;
    Ok(shop)
}

/// What is wrong now, as a screen shows it.
pub fn health_view(health: &Health, paused: Option<&CommandError>) -> HealthView {
    let view = |silence: &Silence, rail, refused| {
        let cause = |language| {
            bank_code(language, rail, &silence.code).map_or(silence.code.clone(), |entry| entry.cause.clone())
        };
        SilenceView {
            since: time(silence.since),
            code: silence.code.clone(),
            zh: cause(Language::Chinese),
            en: cause(Language::English),
            refused,
        }
    };
    let of = |health: &BankHealth, rail| {
        let refused = health.refused.as_ref().map(|refused| view(refused, rail, true));
        refused.or_else(|| health.silence.as_ref().map(|silence| view(silence, rail, false)))
    };
    HealthView {
        bank: of(&health.sinopac, Rail::SinopacAccount),
        ctbc: of(&health.ctbc, Rail::CtbcCard),
        clock_doubted: health.sinopac.clock_doubted || health.ctbc.clock_doubted,
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
        let of = |code| BankHealth { silence: silence(code), ..BankHealth::default() };
        let health = Health { sinopac: of("E9900"), ctbc: of("9/nz"), ..Health::default() };
        let view = health_view(&health, None);
        let cause = |rail, code| bank_code(Language::Chinese, rail, code).map(|entry| entry.cause.clone());
        assert_eq!(view.bank.map(|of| of.zh), cause(Rail::SinopacCard, "E9900"));
        assert_eq!(
            view.ctbc.map(|of| (of.zh, of.refused)),
            cause(Rail::CtbcCard, "9/nz").map(|zh| (zh, false))
        );
        let refused =
            BankHealth { silence: silence("timeout"), refused: silence("E0102"), clock_doubted: true };
        let view = health_view(&Health { sinopac: refused, ..Health::default() }, None);
        assert_eq!(view.bank.map(|of| (of.code, of.refused)), Some(("E0102".to_owned(), true)));
        assert!(view.clock_doubted);
    }

    /// The bar adds the code last, in small: what stands before it are words, in both languages.
    #[test]
    fn a_refusal_of_the_shop_is_told_by_its_cause() {
        let refused = |code: &str| BankHealth {
            refused: Some(Silence { since: Moment::from_millis(0), code: code.into() }),
            ..BankHealth::default()
        };
        for code in ["E0100", "E0101", "E0102"] {
            let view = health_view(&Health { sinopac: refused(code), ..Health::default() }, None);
            let said = view.bank.unwrap();
            assert!(said.refused && view.ctbc.is_none());
            assert!(said.zh.contains("商店") && said.en.contains("shop") && said.zh != said.en, "{code}");
            assert!(![said.zh, said.en].iter().any(|text| text.contains(code)), "{code}");
        }
        let view = health_view(&Health { ctbc: refused("3/32"), ..Health::default() }, None);
        let said = view.ctbc.unwrap();
        assert!(said.refused && said.zh.contains("網站特店編號") && said.en.contains("MerID"));
        // a code that no book holds is not explained by a guess
        let view = health_view(&Health { sinopac: refused("E7777"), ..Health::default() }, None);
        assert_eq!(view.bank.map(|of| (of.zh, of.en)), Some(("E7777".into(), "E7777".into())));
    }
}
