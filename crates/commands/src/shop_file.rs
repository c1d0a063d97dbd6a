//! Reads `shop.json` (`docs/shop-file.md`): the secrets go to the vault, the rest to the data file.
//! Whatever is wrong is named by its field. Longer than 500 lines because each field has its rule
//! and its test here.

use counterfoil_domain::calendar::{BankCalendar, CalendarFile};
use counterfoil_domain::refund::SinopacPaper;
use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Moment, Twd};
use counterfoil_engine::ports::{CtbcKeys, SinopacKeys};
use counterfoil_engine::shop::{
    ACCOUNT_LIMIT, CtbcSettings, Environment, LOCK_AFTER_MINS, ReplyMac, ReturnAddress, ShopRecord,
    SinopacSettings,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::code::Code;
use crate::error::CommandError;

/// A shop file, taken apart. No `Debug`: it holds keys.
pub struct ShopFile {
    /// What the data file keeps.
    pub shop: ShopRecord,
    /// What the vault keeps.
    pub sinopac: Option<SinopacKeys>,
    /// And of the other bank.
    pub ctbc: Option<CtbcKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    payee_name: String,
    sinopac: Option<Sinopac>,
    ctbc: Option<Ctbc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sinopac {
    environment: String,
    base_url: Option<String>,
    #[serde(default)]
    shop_no: String,
    key_id: Option<SecretString>,
    a1: Option<SecretString>,
    a2: Option<SecretString>,
    b1: Option<SecretString>,
    b2: Option<SecretString>,
    return_url: Option<String>,
    #[serde(default)]
    loopback_port: u16,
    auto_billing: Option<String>,
    account_limit: Option<i64>,
    #[serde(default)]
    flags: SinopacFlags,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SinopacFlags {
    paper: Option<String>,
    #[serde(default)]
    own_prefixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ctbc {
    environment: String,
    base_url: Option<String>,
    #[serde(default)]
    mer_id: String,
    #[serde(default)]
    merchant_id: String,
    #[serde(default)]
    terminal_id: String,
    mac_key: Option<SecretString>,
    return_url: Option<String>,
    #[serde(default)]
    loopback_port: u16,
    batch: Option<CalendarFile>,
    #[serde(default)]
    flags: Flags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Flags {
    refund_remainder: bool,
    reply_mac: String,
}

impl Default for Flags {
    fn default() -> Self {
        Self { refund_remainder: true, reply_mac: "check".to_owned() }
    }
}

/// Longest name of a shop and of a payee, characters.
const NAME_CHARS_MAX: usize = 60;
/// Most prefixes that a shop calls its own, and the characters of each.
const OWN_PREFIXES_MAX: usize = 20;
const OWN_PREFIX_CHARS_MAX: usize = 20;
/// A member's name that is longer is not repeated: it is none of ours, and a MAC key has 24.
const MEMBER_CHARS_MAX: usize = 20;
/// A key of SinoPac, or a part of its X-KeyID, has no fewer.
const HEX_KEY_CHARS: usize = 8;

/// Reads a shop file. `now` begins the coverage.
///
/// # Errors
/// `shop-file-json` with the line, or `shop-field` with the field and what is wrong with it. An
/// error never repeats a value: it may be a secret in the wrong place.
pub fn parse(text: &str, now: Moment) -> Result<ShopFile, CommandError> {
    let file: File = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => unknown_member(&error),
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => {
            CommandError::input(Code::ShopFileJson).with("line", error.line())
        }
    })?;
    let name = named("name", &file.name)?;
    let payee_name =
        named("payee_name", if file.payee_name.is_empty() { &file.name } else { &file.payee_name })?;
    let (sinopac, keys) = match file.sinopac {
        Some(part) => sinopac(part).map(|(settings, keys)| (Some(settings), Some(keys)))?,
        None => (None, None),
    };
    let (ctbc, mac_key) = match file.ctbc {
        Some(part) => ctbc(part).map(|(settings, keys)| (Some(settings), Some(keys)))?,
        None => (None, None),
    };
    if sinopac.is_none() && ctbc.is_none() {
        return Err(wrong_field("sinopac", "至少要有一家銀行 / at least one bank is needed"));
    }
    let polling = Polling::default();
    let shop = ShopRecord {
        name,
        payee_name,
        sinopac,
        polling,
        ctbc,
        added_at: now,
        begins_by_bank: false,
        typed_at: None,
        one_person: false,
        lock_after_mins: LOCK_AFTER_MINS,
        customer_days: 0,
    };
    one_world(&shop)?;
    Ok(ShopFile { shop, sinopac: keys, ctbc: mac_key })
}

fn sinopac(part: Sinopac) -> Result<(SinopacSettings, SinopacKeys), CommandError> {
    let environment = match part.environment.as_str() {
        "demo" => Environment::Demo,
        "sandbox" => Environment::Sandbox,
        "production" => Environment::Production,
        "custom" => Environment::Custom,
        _ => return Err(wrong_field("sinopac.environment", "demo, sandbox, production, custom")),
    };
    let base_url = base_url("sinopac.base_url", environment, part.base_url)?;
    let shop_no = shop_no(&part.shop_no)?;
    let key = |value: Option<SecretString>, name: &'static str| {
        value.ok_or_else(|| wrong_field(name, "缺少 / missing"))
    };
    let keys = SinopacKeys {
        key_id: key(part.key_id, "sinopac.key_id")?,
        a1: key(part.a1, "sinopac.a1")?,
        a2: key(part.a2, "sinopac.a2")?,
        b1: key(part.b1, "sinopac.b1")?,
        b2: key(part.b2, "sinopac.b2")?,
    };
    let auto_billing = match part.auto_billing.as_deref() {
        None | Some("Y") => true,
        Some("N") => false,
        Some(_) => return Err(wrong_field("sinopac.auto_billing", "Y, N")),
    };
    let account_limit = account_limit(part.account_limit.unwrap_or(ACCOUNT_LIMIT.dollars()))?;
    let return_address = return_address(part.return_url.as_deref(), part.loopback_port)?;
    let paper = part.flags.paper.as_deref().map(paper).transpose()?.unwrap_or_default();
    let settings = SinopacSettings {
        environment,
        base_url,
        shop_no,
        return_address,
        auto_billing,
        account_limit,
        paper,
        own_prefixes: own_prefixes(part.flags.own_prefixes)?,
    };
    Ok((settings, keys))
}

/// Of numbers that are sold elsewhere under this shop number. One of our own form is told all the
/// same.
fn own_prefixes(prefixes: Vec<String>) -> Result<Vec<String>, CommandError> {
    let is_one = |prefix: &String| {
        (3..=OWN_PREFIX_CHARS_MAX).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let rule = "3-20 個英數字、_ 或 - / 3-20 of A-Z a-z 0-9 _ -";
    if prefixes.len() <= OWN_PREFIXES_MAX && prefixes.iter().all(is_one) {
        return Ok(prefixes);
    }
    Err(wrong_field("sinopac.flags.own_prefixes", rule))
}

fn ctbc(part: Ctbc) -> Result<(CtbcSettings, CtbcKeys), CommandError> {
    let environment = match part.environment.as_str() {
        "demo" => Environment::Demo,
        "test" => Environment::Sandbox,
        "production" => Environment::Production,
        "custom" => Environment::Custom,
        _ => return Err(wrong_field("ctbc.environment", "demo, test, production, custom")),
    };
    let base_url = base_url("ctbc.base_url", environment, part.base_url)?;
    let mac_key = part.mac_key.ok_or_else(|| wrong_field("ctbc.mac_key", "缺少 / missing"))?;
    let key = mac_key.expose_secret().trim();
    if key.len() != 24 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong_field("ctbc.mac_key", "24 個英數符號 / 24 visible ASCII characters"));
    }
    let settings = CtbcSettings {
        environment,
        base_url,
        mer_id: mer_id(&part.mer_id)?,
        merchant_id: merchant_id(&part.merchant_id)?,
        terminal_id: terminal_id(&part.terminal_id)?,
        return_address: card_return_address(part.return_url.as_deref(), part.loopback_port)?,
        reply_mac: reply_mac(&part.flags.reply_mac)?,
        iv: CtbcSettings::IV,
        refund_remainder: part.flags.refund_remainder,
        batch: batch(&part.batch.unwrap_or_else(|| usual_batch(environment)))?,
    };
    Ok((settings, CtbcKeys { mac_key }))
}

fn digits(
    name: &'static str,
    text: &str,
    least: usize,
    most: usize,
    why: &str,
) -> Result<String, CommandError> {
    let text = text.trim();
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err(wrong_field(name, why)) }
}

/// ShopNo as it was typed, checked.
///
/// # Errors
/// `shop-field`.
pub fn shop_no(text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    let fits = (1..=20).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let wanted = "1-20 個英數字或底線 / 1-20 letters, digits, underscore";
    if fits { Ok(text.to_owned()) } else { Err(wrong_field("sinopac.shop_no", wanted)) }
}

/// MerID as it was typed, checked.
///
/// # Errors
/// `shop-field`.
pub fn mer_id(text: &str) -> Result<String, CommandError> {
    digits("ctbc.mer_id", text, 1, 10, "1-10 位數字 / 1-10 digits")
}

pub(crate) fn merchant_id(text: &str) -> Result<String, CommandError> {
    digits("ctbc.merchant_id", text, 13, 13, "13 位數字 / 13 digits")
}

pub(crate) fn terminal_id(text: &str) -> Result<String, CommandError> {
    digits("ctbc.terminal_id", text, 8, 8, "8 位數字 / 8 digits")
}

/// As [`return_address`]; the page of this bank stays blank with more characters than the other's
/// (ctbc.md 3.2).
pub(crate) fn card_return_address(url: Option<&str>, port: u16) -> Result<ReturnAddress, CommandError> {
    const NEVER: [char; 10] = ['?', '@', '&', '$', '#', '=', '|', '<', '>', '`'];
    match return_address(url, port) {
        Ok(ReturnAddress::Page { url }) if url.contains(NEVER) => {
            Err(wrong_field("ctbc.return_url", "不可有 / must not hold ? % @ & $ # = |"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err(wrong_field("ctbc.return_url", "loopback, https://…")),
    }
}

/// The batch if the file has none: the test system's starts at another hour (ctbc.md 2).
fn usual_batch(environment: Environment) -> CalendarFile {
    match environment {
        Environment::Sandbox => CalendarFile { start: "15:30".to_owned(), ..CalendarFile::default() },
        Environment::Demo | Environment::Production | Environment::Custom => CalendarFile::default(),
    }
}

pub(crate) fn batch(file: &CalendarFile) -> Result<BankCalendar, CommandError> {
    BankCalendar::new(file).map_err(|bad| {
        let field = format!("ctbc.batch.{}", bad.field);
        CommandError::input(Code::ShopField).with("field", field).with("why", bad.wants)
    })
}

pub(crate) fn paper(name: &str) -> Result<SinopacPaper, CommandError> {
    SinopacPaper::parse(name).ok_or_else(|| wrong_field("sinopac.flags.paper", "v2.4, v2.5"))
}

pub(crate) fn reply_mac(name: &str) -> Result<ReplyMac, CommandError> {
    ReplyMac::parse(name).ok_or_else(|| wrong_field("ctbc.flags.reply_mac", "check, require, ignore"))
}

/// Real money at one bank and none at the other: every slip would say the wrong thing about one of
/// them.
///
/// # Errors
/// `shop-field` with the environment.
pub fn one_world(shop: &ShopRecord) -> Result<(), CommandError> {
    let real = |environment| environment == Environment::Production;
    match (&shop.sinopac, &shop.ctbc) {
        (Some(sinopac), Some(ctbc)) if real(sinopac.environment) != real(ctbc.environment) => {
            Err(wrong_field(
                "ctbc.environment",
                "兩家銀行要同是正式，或同不是 / production at both banks, or at neither",
            ))
        }
        _ => Ok(()),
    }
}

fn base_url(
    name: &'static str,
    environment: Environment,
    base: Option<String>,
) -> Result<Option<String>, CommandError> {
    match (environment, base) {
        (Environment::Custom, Some(base)) if is_loopback(&base) => {
            Ok(Some(base.trim_end_matches('/').to_owned()))
        }
        (Environment::Custom, _) => Err(wrong_field(name, "http://127.0.0.1:PORT/…")),
        (Environment::Demo | Environment::Sandbox | Environment::Production, None) => Ok(None),
        (Environment::Demo | Environment::Sandbox | Environment::Production, Some(_)) => {
            Err(wrong_field(name, "只用於 custom / only with custom"))
        }
    }
}

pub(crate) fn account_limit(dollars: i64) -> Result<Twd, CommandError> {
    let limit = Twd::new(dollars);
    limit.in_range(Twd::WIRE_MAX).map_err(|_| wrong_field("sinopac.account_limit", "1-9999999"))?;
    Ok(limit)
}

/// The bank refuses `'`, `"` and `%` in it, and more than 255 characters (sinopac.md 4, 4.1).
pub(crate) fn return_address(url: Option<&str>, port: u16) -> Result<ReturnAddress, CommandError> {
    match url {
        Some("loopback") => Ok(ReturnAddress::Loopback { port }),
        Some(url)
            if url.starts_with("https://")
                && url.len() <= 255
                && !url.contains(['\'', '"', '%', ' ', '\\'])
                && !url.chars().any(char::is_control) =>
        {
            Ok(ReturnAddress::Page { url: url.to_owned() })
        }
        Some(_) | None => Err(wrong_field("sinopac.return_url", "loopback, https://…")),
    }
}

fn is_loopback(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://127.0.0.1") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let port_fits = authority.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
    (authority.is_empty() || port_fits)
        && !base.chars().any(|c| c.is_control() || c == ' ' || c == '@' || c == '\\')
}

pub(crate) fn named(name: &'static str, text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    let fits =
        !text.is_empty() && text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(wrong_field(name, "1-60 個字 / 1-60 characters")) }
}

pub(crate) fn wrong_field(name: &'static str, why: &str) -> CommandError {
    CommandError::input(Code::ShopField).with("field", name).with("why", why)
}

/// A member that is missing, unknown or of another type: serde's sentence names it between
/// backticks; only that name is kept.
fn unknown_member(error: &serde_json::Error) -> CommandError {
    let text = error.to_string();
    // a key that stands in the place of a name is not repeated: it is hex, or begins with a digit
    let plain = |n: &&str| {
        n.starts_with(|c: char| c.is_ascii_lowercase())
            && n.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && (n.len() < HEX_KEY_CHARS || !n.chars().all(|c| c.is_ascii_hexdigit()))
    };
    let name = text.split('`').nth(1).filter(|n| n.len() <= MEMBER_CHARS_MAX).filter(plain);
    let why = if text.starts_with("unknown") {
        "不認得 / unknown"
    } else {
        "缺少或型別不對 / missing or of another type"
    };
    let name = name.unwrap_or("?").to_owned();
    CommandError::input(Code::ShopField).with("field", name).with("line", error.line()).with("why", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn shop(change: impl Fn(&mut Value)) -> Result<ShopFile, CommandError> {
        let mut file = serde_json::json!({
            "name": "茶行", "payee_name": "茶行有限公司",
            "sinopac": { "environment": "custom", "base_url": "http://127.0.0.1:9/x", "shop_no": "NA0249_001",
                "key_id": "k-canary", "a1": "a-canary", "a2": "2", "b1": "3", "b2": "4", "return_url": "loopback" },
            "ctbc": { "environment": "test", "mac_key": "m-canary-m-canary-m-cana", "mer_id": "1", "merchant_id": "8220000000001",
                "terminal_id": "90000001", "return_url": "loopback", "batch": { "holidays": ["2026-12-25"] } }
        });
        change(&mut file);
        parse(&file.to_string(), Moment::from_millis(0))
    }

    #[test]
    fn secrets_and_the_rest_go_apart() {
        let file = shop(|_| {}).unwrap_or_else(|e| panic!("{e:?}"));
        let kept = serde_json::to_string(&file.shop).unwrap();
        let again: ShopRecord = serde_json::from_str(&kept).unwrap();
        assert_eq!(again, file.shop);
        // a program that did not speak this bank kept whatever stood there
        let mut old: Value = serde_json::from_str(&kept).unwrap();
        old["ctbc"] = serde_json::json!({ "mer_id": "1" });
        assert_eq!(serde_json::from_value::<ShopRecord>(old).unwrap().ctbc, None);
        assert!(!kept.contains("canary"), "{kept}");
        assert_eq!(file.ctbc.unwrap().mac_key.expose_secret(), "m-canary-m-canary-m-cana");
        assert_eq!(file.sinopac.unwrap().a1.expose_secret(), "a-canary");
    }

    #[test]
    fn the_test_system_has_its_own_hour_of_the_batch() {
        for (environment, base_url, starts) in
            [("test", Value::Null, "15:30"), ("custom", "http://127.0.0.1:9".into(), "20:00")]
        {
            let file = shop(|f| {
                f["ctbc"]["environment"] = environment.into();
                f["ctbc"]["base_url"] = base_url.clone();
                f["ctbc"].as_object_mut().unwrap().remove("batch");
            });
            let batch = file.unwrap_or_else(|e| panic!("{e:?}")).shop.ctbc.unwrap().batch;
            assert_eq!(CalendarFile::from(batch).start, starts, "{environment}");
        }
    }

    #[test]
    fn the_paper_of_sinopac_is_the_newest_unless_the_file_names_another() {
        for (flags, paper) in [
            (serde_json::json!({}), SinopacPaper::V25),
            (serde_json::json!({ "paper": "v2.4" }), SinopacPaper::V24),
            (serde_json::json!({ "paper": "v2.5" }), SinopacPaper::V25),
        ] {
            let file = shop(|f| f["sinopac"]["flags"] = flags.clone()).unwrap_or_else(|e| panic!("{e:?}"));
            let kept = serde_json::to_string(&file.shop).unwrap();
            let kept: ShopRecord = serde_json::from_str(&kept).unwrap();
            assert_eq!(kept.sinopac.unwrap().paper, paper, "{flags}");
        }
    }

    #[test]
    fn a_prefix_of_its_own_has_its_length_and_letters() {
        let with = |prefixes: Value| {
            shop(|f| f["sinopac"]["flags"] = serde_json::json!({ "own_prefixes": prefixes.clone() }))
        };
        for good in ["WEB-", "WEB", "web", "A_1", "23456"] {
            let file = with(serde_json::json!([good])).unwrap_or_else(|e| panic!("{e:?}"));
            let kept: ShopRecord = serde_json::from_str(&serde_json::to_string(&file.shop).unwrap()).unwrap();
            assert_eq!(kept.sinopac.unwrap().own_prefixes, [good]);
        }
        for bad in ["", "WE", "a b", "網路店", &"-".repeat(21)] {
            let error = with(serde_json::json!(["WEB-", bad])).err().unwrap();
            assert_eq!(error.values["field"], "sinopac.flags.own_prefixes", "{bad}");
        }
        assert!(with(serde_json::json!(vec!["WEB-"; 21])).is_err());
    }

    /// A key in the place of a member's name is not repeated.
    #[test]
    fn a_value_is_never_named_as_a_field() {
        for key in [
            "8650123434567890",
            "86d5012343456789",
            "deadbeef",
            "A1B2C3D4E5F60718",
            "m_canary_m_canary_m_cana",
        ] {
            let error = shop(|f| f["sinopac"][key] = "x".into()).err().unwrap();
            assert_eq!(error.values["field"], "?", "{key}");
            assert!(!error.to_json().to_string().contains(key));
        }
        let error = shop(|f| f["sinopac"]["loopback_port"] = 70_000.into()).err().unwrap();
        assert!(!error.to_json().to_string().contains("70000"), "{:?}", error.values);
    }

    #[test]
    fn wrong_fields_are_named_and_values_are_not_repeated() {
        type Break = fn(&mut Value);
        let rows: [(Break, &str); 22] = [
            (|f| f["sinopac"]["environment"] = "live".into(), "sinopac.environment"),
            (|f| f["sinopac"]["base_url"] = "http://evil.example".into(), "sinopac.base_url"),
            (|f| f["sinopac"]["base_url"] = "http://127.0.0.1@evil.example".into(), "sinopac.base_url"),
            (|f| f["sinopac"]["shop_no"] = "".into(), "sinopac.shop_no"),
            (|f| f["sinopac"]["return_url"] = "http://shop.example".into(), "sinopac.return_url"),
            (|f| f["sinopac"]["b2"] = Value::Null, "sinopac.b2"),
            (|f| f["sinopac"]["a3"] = "a-canary".into(), "a3"),
            (|f| f["name"] = "\0".into(), "name"),
            (|f| f["sinopac"]["auto_billing"] = "yes".into(), "sinopac.auto_billing"),
            (|f| f["sinopac"]["flags"] = serde_json::json!({ "paper": "v2.6" }), "sinopac.flags.paper"),
            (|f| f["ctbc"]["environment"] = "sandbox".into(), "ctbc.environment"),
            (|f| f["ctbc"]["base_url"] = "http://127.0.0.1:9".into(), "ctbc.base_url"),
            (|f| f["ctbc"]["mer_id"] = "8220000000001".into(), "ctbc.mer_id"),
            (|f| f["ctbc"]["merchant_id"] = "1".into(), "ctbc.merchant_id"),
            (|f| f["ctbc"]["terminal_id"] = "m-canary".into(), "ctbc.terminal_id"),
            (|f| f["ctbc"]["mac_key"] = "m-canary".into(), "ctbc.mac_key"),
            (|f| f["ctbc"]["return_url"] = "https://shop.example/a?b".into(), "ctbc.return_url"),
            (|f| f["ctbc"]["batch"]["minutes"] = 0.into(), "ctbc.batch.minutes"),
            (|f| f["ctbc"]["flags"] = serde_json::json!({ "reply_mac": "maybe" }), "ctbc.flags.reply_mac"),
            (|f| f["ctbc"]["mac_kee"] = "m-canary".into(), "mac_kee"),
            (|f| f["ctbc"]["return_url"] = Value::Null, "ctbc.return_url"),
            (|f| f["ctbc"]["environment"] = "production".into(), "ctbc.environment"),
        ];
        for (change, name) in rows {
            let error = shop(change).err().unwrap();
            assert_eq!(error.values["field"], name);
            assert!(!error.to_json().to_string().contains("canary"));
        }
        assert_eq!(parse("{", Moment::from_millis(0)).err().unwrap().code, Code::ShopFileJson);
    }
}
