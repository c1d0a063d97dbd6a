//! The settings of a shop as a screen shows and changes them, and what a screen warns about. Keys are never in a view.

use std::collections::BTreeMap;

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Bank, Moment, Rail, View};
use counterfoil_engine::ports::Store;
use counterfoil_engine::shop::ShopRecord;
use counterfoil_engine::{BankHealth, BankTimes, Health};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::code::Code;
use crate::contracts::{
    CtbcChange, CtbcSettingsView, SinopacChange, SinopacSettingsView, change_ctbc, change_sinopac, ctbc_view,
    sinopac_view,
};
use crate::error::CommandError;
use crate::shop_file::{named, wrong_field};
use crate::text::{Language, is_refusal, lasting, sentence};
use crate::views::time;

/// What was not done, or is wrong: a code, values, and its sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Failure {
    /// Which sentence.
    #[ts(type = "Code")]
    pub code: Code,
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
        Self { code: error.code, values: error.values, zh, en }
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
    /// The clocks of the banks that the shop has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<ClockView>>")]
    pub clocks: Vec<ClockView>,
    /// Why nothing is sold or asked for the time being; what is there can be looked at.
    pub paused: Option<Failure>,
}

/// What a screen may say of a bank's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ClockView {
    /// Whose.
    #[ts(type = "Bank")]
    pub bank: Bank,
    /// Bank time.
    pub now: String,
    /// An answer since the start has set it; before that it is this computer's clock.
    pub known: bool,
    /// By how many seconds this computer's clock is behind the time that the bank names, while
    /// that is too far off to be believed at once. Whether it is right shows within minutes.
    #[ts(type = "number | null")]
    pub doubted_by_s: Option<i64>,
}

/// Since when nothing came, or the bank refuses what this shop asks, and what it looks like.
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
    /// What a person can do about it.
    pub step_zh: Option<String>,
    /// What a person can do about it.
    pub step_en: Option<String>,
    /// The bank answers, and refuses to serve this shop.
    pub refused: bool,
    /// When it is asked next, where that is known.
    pub next_at: Option<String>,
}

/// How many orders a view shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ViewCount {
    /// Which view.
    #[ts(type = "View")]
    pub view: View,
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

/// What is wrong now, as a screen shows it. `clocks`: of the banks that the shop has; `wall`:
/// what this computer's clock shows.
pub fn health_view(
    health: &Health,
    clocks: &[(Bank, BankTimes)],
    wall: Moment,
    paused: Option<&CommandError>,
) -> HealthView {
    let next_at = |bank| clocks.iter().find(|(of, _)| *of == bank).and_then(|(_, times)| times.next_try);
    let of = |bank: Bank, rail| {
        let BankHealth { silence, refused, .. } = health.of(bank);
        let said = refused.as_ref().or(silence.as_ref())?;
        let [(zh, step_zh), (en, step_en)] =
            Language::ALL.map(|language| lasting(language, rail, &said.code));
        Some(SilenceView {
            since: time(said.since),
            code: said.code.clone(),
            zh,
            en,
            step_zh,
            step_en,
            refused: refused.is_some() || is_refusal(&said.code),
            next_at: next_at(bank).map(time),
        })
    };
    let clock = |(bank, times): &(Bank, BankTimes)| ClockView {
        bank: *bank,
        now: time(times.at),
        known: times.known,
        doubted_by_s: times.named.map(|named| named.ms_since(wall) / 1000),
    };
    HealthView {
        bank: of(Bank::Sinopac, Rail::SinopacAccount),
        ctbc: of(Bank::Ctbc, Rail::CtbcCard),
        clocks: clocks.iter().map(clock).collect(),
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
        Ok(ViewCount { view, count: count.min(COUNT_MAX), more: count > COUNT_MAX })
    };
    views.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use counterfoil_engine::Silence;

    use super::*;
    use crate::text::bank_code;

    const WALL: Moment = Moment::from_millis(1_000_000_000_000);

    fn silence(code: &str) -> Silence {
        Silence { since: Moment::from_millis(0), code: code.into() }
    }

    fn told(health: &Health) -> HealthView {
        health_view(health, &[], WALL, None)
    }

    #[test]
    fn the_silence_of_each_bank_is_told_from_its_own_book() {
        let of = |code| BankHealth { silence: Some(silence(code)), ..BankHealth::default() };
        let view = told(&Health { sinopac: of("http-401"), ctbc: of("html"), ..Health::default() });
        let cause = |rail, code| bank_code(Language::Chinese, rail, code).map(|entry| entry.cause.clone());
        assert_eq!(view.bank.map(|of| of.zh), cause(Rail::SinopacCard, "http-401"));
        let ctbc = view.ctbc.unwrap();
        assert_eq!(ctbc.zh, "收到的是網頁，不是銀行的回覆：可能是防火牆或需要登入的網路。");
        assert!(!ctbc.refused && ctbc.step_zh.is_some_and(|step| step.contains("檢查網路")));
        let refused = BankHealth {
            silence: Some(silence("timeout")),
            refused: Some(silence("E0102")),
            clock_doubted: true,
        };
        let view = told(&Health { sinopac: refused, ..Health::default() });
        assert_eq!(view.bank.map(|of| (of.code, of.refused)), Some(("E0102".to_owned(), true)));
    }

    #[test]
    fn a_network_address_is_refused_by_either_bank_in_the_same_way() {
        let of = |code| BankHealth { silence: Some(silence(code)), ..BankHealth::default() };
        let times = BankTimes { at: WALL, known: true, named: None, next_try: Some(WALL.plus_ms(60_000)) };
        let health = Health { sinopac: of("http-499"), ctbc: of("9/nz"), ..Health::default() };
        let view = health_view(&health, &[(Bank::Ctbc, times)], WALL, None);
        for said in [view.bank.clone().unwrap(), view.ctbc.clone().unwrap()] {
            assert!(said.refused, "{said:?}");
            for text in [&said.zh, &said.en] {
                assert!(!text.contains("什麼都沒") && !text.contains("nothing"), "{text}");
            }
            assert!(said.step_zh.is_some_and(|step| step.contains("固定 IP")), "{}", said.code);
        }
        assert_eq!(view.bank.unwrap().next_at, None, "nobody knows");
        assert_eq!(view.ctbc.unwrap().next_at, Some(WALL.plus_ms(60_000).to_string()));
    }

    #[test]
    fn each_clock_is_told_with_what_is_known_of_it() {
        let known = BankTimes { at: WALL, known: true, named: None, next_try: None };
        let named = Some(WALL.plus_ms(-7_200_000));
        let doubted = BankTimes { known: false, named, ..known };
        let clocks = [(Bank::Sinopac, known), (Bank::Ctbc, doubted)];
        let view = health_view(&Health::default(), &clocks, WALL, None);
        let seen: Vec<_> = view.clocks.iter().map(|c| (c.bank, c.known, c.doubted_by_s)).collect();
        assert_eq!(seen, [(Bank::Sinopac, true, None), (Bank::Ctbc, false, Some(-7_200))]);
        assert_eq!(view.clocks[0].now, WALL.to_string());
    }

    /// The bar adds the code last, in small: what stands before it are words, in both languages.
    #[test]
    fn a_refusal_of_the_shop_is_told_by_its_cause() {
        let refused = |code: &str| BankHealth { refused: Some(silence(code)), ..BankHealth::default() };
        for code in ["E0100", "E0101", "E0102"] {
            let view = told(&Health { sinopac: refused(code), ..Health::default() });
            let said = view.bank.unwrap();
            assert!(said.refused && view.ctbc.is_none());
            assert!(said.zh.contains("商店") && said.en.contains("shop") && said.zh != said.en, "{code}");
            assert!(![said.zh, said.en].iter().any(|text| text.contains(code)), "{code}");
            assert!(said.step_zh.is_some_and(|step| step.contains("檢查設定") == (code != "E0102")));
        }
        let view = told(&Health { ctbc: refused("3/32"), ..Health::default() });
        let said = view.ctbc.unwrap();
        assert!(said.refused && said.zh.contains("網站特店編號") && said.en.contains("MerID"));
        // a code that no book holds is not explained by a guess
        let view = told(&Health { sinopac: refused("E7777"), ..Health::default() });
        assert_eq!(
            view.bank.map(|of| (of.zh, of.en, of.step_zh)),
            Some(("E7777".into(), "E7777".into(), None))
        );
    }
}
