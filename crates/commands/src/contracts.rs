//! The contracts of a shop with its banks: as a screen shows them, changes them, and types a new
//! one. Keys only come in.

use counterfoil_domain::calendar::{CalendarFile, typed_date};
use counterfoil_domain::{Bank, Moment};
use counterfoil_engine::ports::{CtbcKeys, SinopacKeys};
use counterfoil_engine::shop::{
    CtbcSettings, Environment, ReplyMac, ReturnAddress, ShopRecord, SinopacSettings,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;
use crate::failure::Failure;
use crate::shop_file::{
    account_limit, batch, card_return_address, merchant_id, paper, reply_mac, return_address, terminal_id,
};

/// So long before a year begins a person is warned that it has no holiday list.
const UNLISTED_DAYS: i64 = 60;

/// The contract with SinoPac.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SinopacSettingsView {
    /// Which world.
    #[ts(type = "Environment")]
    pub environment: Environment,
    /// The shop's number at the bank.
    pub shop_no: String,
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
    /// `v2.4` or `v2.5`: which paper of the bank the contract follows.
    #[ts(optional, as = "Option<String>")]
    pub paper: &'static str,
    /// What is wrong with the keys; `null` when all are there and can be read.
    pub keys: Option<Failure>,
}

/// The contract with CTBC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CtbcSettingsView {
    /// Which world; the bank's test system is `sandbox` here.
    #[ts(type = "Environment")]
    pub environment: Environment,
    /// Of a `custom` shop.
    pub base_url: Option<String>,
    /// MerID 網站特店編號.
    pub mer_id: String,
    /// MerchantID 特店代號.
    pub merchant_id: String,
    /// TerminalID 端末機代號.
    pub terminal_id: String,
    /// `loopback`, or the shop's own page.
    pub return_url: String,
    /// 0 = any.
    pub loopback_port: u16,
    /// What the MAC of an answer has to be.
    #[ts(type = "ReplyMac")]
    pub reply_mac: ReplyMac,
    /// A further part may be refunded after a part was.
    pub refund_remainder: bool,
    /// When the bank's nightly batch runs.
    pub batch: BatchView,
    /// Years, this one or one that is near, without a holiday in the list.
    pub unlisted_years: Vec<i32>,
    /// What is wrong with the key; `null` when it is there and can be read.
    pub key: Option<Failure>,
}

/// The bank's nightly batch. The bounds are those of `calendar::BankCalendar`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BatchView {
    /// `20:00`
    pub start: String,
    /// How long it takes.
    #[ts(type = "number")]
    pub minutes: i64,
    /// Before and after it.
    #[ts(type = "number")]
    pub margin_minutes: i64,
    /// 1 Monday to 7 Sunday.
    #[ts(type = "number[]")]
    pub weekdays: Vec<i64>,
    /// Weekdays without a batch. As typed they are lines, empty ones too: `2026-01-01` or
    /// `2026/1/1`.
    pub holidays: Vec<String>,
    /// Other days with a batch 補班日.
    pub extra_workdays: Vec<String>,
    /// The shop's contract says that no batch runs on public holidays.
    pub no_batch_on_public_holidays: bool,
}

/// What may change of the contract with SinoPac; each as in [`SinopacSettingsView`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SinopacChange {
    /// See there.
    pub return_url: String,
    /// See there.
    pub loopback_port: u16,
    /// See there.
    #[ts(type = "number")]
    pub account_limit: i64,
    /// See there. Left out: it stays.
    #[serde(default)]
    #[ts(optional)]
    pub paper: Option<String>,
}

/// What may change of the contract with CTBC; each as in [`CtbcSettingsView`]. The two numbers take
/// no part in a check: only the first sale proves them, so they can be corrected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CtbcChange {
    /// See there.
    pub merchant_id: String,
    /// See there.
    pub terminal_id: String,
    /// See there.
    pub return_url: String,
    /// See there.
    pub loopback_port: u16,
    /// See there.
    pub reply_mac: String,
    /// See there.
    pub refund_remainder: bool,
    /// See there.
    pub batch: BatchView,
}

/// The five keys of SinoPac as they were typed. No `Debug`.
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

/// The key of CTBC as it was typed. No `Debug`.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CardKeyTyped {
    /// 壓碼字串, 24 characters.
    #[ts(type = "string")]
    pub mac_key: SecretString,
}

impl From<CardKeyTyped> for CtbcKeys {
    fn from(CardKeyTyped { mac_key }: CardKeyTyped) -> Self {
        Self { mac_key }
    }
}

/// A contract with SinoPac as it was typed. No `Debug`: it holds keys.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SinopacTyped {
    environment: String,
    shop_no: String,
    keys: KeysTyped,
    return_url: String,
    loopback_port: u16,
}

/// A contract with CTBC as it was typed. No `Debug`: it holds a key.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CtbcTyped {
    environment: String,
    mer_id: String,
    merchant_id: String,
    terminal_id: String,
    keys: CardKeyTyped,
    return_url: String,
    loopback_port: u16,
}

/// One contract, or two. No `Debug`: it holds keys.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BanksTyped {
    sinopac: Option<SinopacTyped>,
    ctbc: Option<CtbcTyped>,
}

/// A shop as it was typed. No `Debug`: it holds keys.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ShopTyped {
    name: String,
    payee_name: String,
    banks: BanksTyped,
}

impl ShopTyped {
    /// As `shop add` takes it.
    pub fn into_shop_file(self) -> SecretString {
        self.banks.into_shop_file(&self.name, &self.payee_name)
    }
}

impl BanksTyped {
    /// A shop file of these contracts for the shop of this name.
    pub fn into_shop_file(self, name: &str, payee_name: &str) -> SecretString {
        let key = |secret: &SecretString| Value::from(secret.expose_secret().trim());
        let mut shop = json!({ "name": name, "payee_name": payee_name });
        if let (Some(typed), Some(file)) = (self.sinopac, shop.as_object_mut()) {
            let keys = typed.keys;
            let part = json!({
                "environment": typed.environment.trim(), "shop_no": typed.shop_no.trim(), "key_id": key(&keys.key_id),
                "a1": key(&keys.a1), "a2": key(&keys.a2), "b1": key(&keys.b1), "b2": key(&keys.b2),
                "return_url": typed.return_url.trim(), "loopback_port": typed.loopback_port,
            });
            file.insert("sinopac".to_owned(), part);
        }
        if let (Some(typed), Some(file)) = (self.ctbc, shop.as_object_mut()) {
            // one word on the screens for the test system of either bank
            let environment = match typed.environment.trim() {
                "sandbox" => "test",
                other => other,
            };
            let part = json!({
                "environment": environment, "mer_id": typed.mer_id.trim(), "merchant_id": typed.merchant_id.trim(),
                "terminal_id": typed.terminal_id.trim(), "mac_key": key(&typed.keys.mac_key),
                "return_url": typed.return_url.trim(), "loopback_port": typed.loopback_port,
            });
            file.insert("ctbc".to_owned(), part);
        }
        SecretString::from(shop.to_string())
    }
}

/// What a check of the keys came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProofView {
    /// Which bank.
    #[ts(type = "Bank")]
    pub bank: Bank,
    /// The bank has answered as it answers right keys.
    pub ok: bool,
    /// What was typed is kept from now on.
    pub kept: bool,
    /// The fields that are wrong, or among which the wrong one is: `a1`, `shop_no`, `mac_key` …
    pub fields: Vec<String>,
    /// Why it is not proved.
    pub failure: Option<Failure>,
}

pub(crate) fn sinopac_view(settings: &SinopacSettings, keys: Option<CommandError>) -> SinopacSettingsView {
    let (return_url, loopback_port) = shown(&settings.return_address);
    SinopacSettingsView {
        environment: settings.environment,
        shop_no: settings.shop_no.clone(),
        base_url: settings.base_url.clone(),
        return_url,
        loopback_port,
        auto_billing: settings.auto_billing,
        account_limit: settings.account_limit.dollars(),
        paper: settings.paper.name(),
        keys: keys.map(Failure::from),
    }
}

pub(crate) fn ctbc_view(settings: &CtbcSettings, key: Option<CommandError>, at: Moment) -> CtbcSettingsView {
    let (return_url, loopback_port) = shown(&settings.return_address);
    CtbcSettingsView {
        environment: settings.environment,
        base_url: settings.base_url.clone(),
        mer_id: settings.mer_id.clone(),
        merchant_id: settings.merchant_id.clone(),
        terminal_id: settings.terminal_id.clone(),
        return_url,
        loopback_port,
        reply_mac: settings.reply_mac,
        refund_remainder: settings.refund_remainder,
        batch: CalendarFile::from(settings.batch.clone()).into(),
        unlisted_years: settings.batch.unlisted_years(at, UNLISTED_DAYS),
        key: key.map(Failure::from),
    }
}

fn shown(address: &ReturnAddress) -> (String, u16) {
    match address {
        ReturnAddress::Page { url } => (url.clone(), 0),
        ReturnAddress::Loopback { port } => ("loopback".to_owned(), *port),
    }
}

impl From<CalendarFile> for BatchView {
    fn from(file: CalendarFile) -> Self {
        let CalendarFile {
            start,
            minutes,
            margin_minutes,
            weekdays,
            holidays,
            extra_workdays,
            no_batch_on_public_holidays,
        } = file;
        Self {
            start,
            minutes,
            margin_minutes,
            weekdays,
            holidays,
            extra_workdays,
            no_batch_on_public_holidays,
        }
    }
}

pub(crate) fn change_sinopac(shop: &mut ShopRecord, change: &SinopacChange) -> Result<(), CommandError> {
    let settings = shop.sinopac.as_mut().ok_or_else(|| absent("sinopac"))?;
    settings.return_address = return_address(Some(change.return_url.trim()), change.loopback_port)?;
    settings.account_limit = account_limit(change.account_limit)?;
    settings.paper = change.paper.as_deref().map(paper).transpose()?.unwrap_or(settings.paper);
    Ok(())
}

pub(crate) fn change_ctbc(shop: &mut ShopRecord, change: &CtbcChange) -> Result<(), CommandError> {
    let settings = shop.ctbc.as_mut().ok_or_else(|| absent("ctbc-card"))?;
    settings.merchant_id = merchant_id(&change.merchant_id)?;
    settings.terminal_id = terminal_id(&change.terminal_id)?;
    settings.return_address = card_return_address(Some(change.return_url.trim()), change.loopback_port)?;
    settings.reply_mac = reply_mac(&change.reply_mac)?;
    settings.refund_remainder = change.refund_remainder;
    let typed = &change.batch;
    settings.batch = batch(&CalendarFile {
        start: typed.start.trim().to_owned(),
        minutes: typed.minutes,
        margin_minutes: typed.margin_minutes,
        weekdays: typed.weekdays.clone(),
        holidays: dates("ctbc.batch.holidays", &typed.holidays)?,
        extra_workdays: dates("ctbc.batch.extra_workdays", &typed.extra_workdays)?,
        no_batch_on_public_holidays: typed.no_batch_on_public_holidays,
    })?;
    Ok(())
}

fn absent(rail: &'static str) -> CommandError {
    CommandError::input(Code::RailAbsent).with("rail", rail)
}

/// Lines as they were typed; those that are no date are named by their numbers.
fn dates(field: &'static str, lines: &[String]) -> Result<Vec<String>, CommandError> {
    let (mut dates, mut wrong) = (Vec::new(), Vec::new());
    for (line, text) in (1_u32..).zip(lines).filter(|(_, text)| !text.trim().is_empty()) {
        match typed_date(text) {
            Some(date) => dates.push(date.to_string()),
            None => wrong.push(line.to_string()),
        }
    }
    if wrong.is_empty() {
        return Ok(dates);
    }
    let lines = wrong.join(", ");
    let why = format!("第 {lines} 行要寫成 2026-01-01 / line {lines}: 2026-01-01");
    Err(CommandError::input(Code::ShopField).with("field", field).with("lines", lines).with("why", why))
}

#[cfg(test)]
mod tests;
