//! The shop of a data file: everything of `shop.json` that is not a secret. A data folder is one
//! shop.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::refund::{Approvals, Contract, SinopacPaper};
use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Bank, BankOrderNo, Moment, Twd, named};
use serde::{Deserialize, Serialize};

named! {
    /// Which world a bank part belongs to. Hosts, keys and shop numbers of two never meet.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Environment {
        /// The simulator inside the program.
        Demo = "demo",
        /// The bank's test system.
        #[serde(alias = "test")]
        Sandbox = "sandbox",
        /// Real money.
        Production = "production",
        /// Any `http://127.0.0.1` base.
        Custom = "custom",
    }
}

impl Environment {
    /// A simulator: no money moves.
    pub const fn is_practice(self) -> bool {
        match self {
            Self::Demo | Self::Custom => true,
            Self::Sandbox | Self::Production => false,
        }
    }
}

/// Where the customer's browser returns to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnAddress {
    /// Our listener on 127.0.0.1 at this port; 0 = any.
    Loopback {
        /// 0, 80 or another.
        port: u16,
    },
    /// An https thank-you page of the shop.
    Page {
        /// Its address.
        url: String,
    },
}

/// The SinoPac part, without keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinopacSettings {
    /// Which world.
    pub environment: Environment,
    /// Of `custom` only: `http://127.0.0.1:port/…`.
    pub base_url: Option<String>,
    /// For example `NA0249_001`.
    pub shop_no: String,
    /// Mandatory (money rules 1).
    pub return_address: ReturnAddress,
    /// Cards are captured at once.
    pub auto_billing: bool,
    /// Single limit of the account rail.
    pub account_limit: Twd,
    /// Which paper the contract follows.
    #[serde(default)]
    pub paper: SinopacPaper,
    /// Numbers that begin like this are sold elsewhere under the same shop number: their money
    /// raises no alarm.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_prefixes: Vec<String>,
}

impl SinopacSettings {
    /// The shop sells under this number elsewhere. One of our own form may be of a file that was
    /// lost, however it begins.
    pub fn is_own(&self, bank_order_no: &str) -> bool {
        self.own_prefixes.iter().any(|prefix| bank_order_no.starts_with(prefix.as_str()))
            && !BankOrderNo::has_our_form(bank_order_no)
    }
}

/// The single limit of an account, unless the shop's contract says otherwise (sinopac.md 5).
pub const ACCOUNT_LIMIT: Twd = Twd::new(30_000);

named! {
    /// What the MAC behind an answer of CTBC's API has to be. That it is made like the one of a
    /// request is an inference (ctbc.md 5.1).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum ReplyMac {
        /// Right where there is one; without one, TLS and the inquiries are relied on.
        #[default]
        Check = "check",
        /// There and right.
        Require = "require",
        /// Not looked at.
        Ignore = "ignore",
    }
}

/// The CTBC part, without the key. We keep it in the form of a shop file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CtbcPart", into = "CtbcPart")]
pub struct CtbcSettings {
    /// Which world.
    pub environment: Environment,
    /// Of `custom` only: `http://127.0.0.1:port`.
    pub base_url: Option<String>,
    /// MerID 網站特店編號, a few digits. Not the next one.
    pub mer_id: String,
    /// MerchantID 特店代號, 13 digits.
    pub merchant_id: String,
    /// TerminalID 端末機代號, 8 digits.
    pub terminal_id: String,
    /// Where the customer's browser returns to.
    pub return_address: ReturnAddress,
    /// See there.
    pub reply_mac: ReplyMac,
    /// [`CtbcSettings::IV`] unless the bank says otherwise.
    pub iv: [u8; 8],
    /// A part of a sale may be refunded after a part of it was.
    pub refund_remainder: bool,
    /// When the bank's batch runs.
    pub batch: BankCalendar,
}

impl CtbcSettings {
    /// The IV that every published message has.
    pub const IV: [u8; 8] = *b"hywebpg5";
}

/// `ctbc` of a shop file, without its secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CtbcPart {
    environment: Environment,
    #[serde(default)]
    base_url: Option<String>,
    mer_id: String,
    merchant_id: String,
    terminal_id: String,
    return_url: String,
    #[serde(default)]
    loopback_port: u16,
    #[serde(default)]
    batch: BankCalendar,
    #[serde(default)]
    flags: CtbcFlags,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CtbcFlags {
    refund_remainder: bool,
    reply_mac: ReplyMac,
}

impl Default for CtbcFlags {
    fn default() -> Self {
        Self { refund_remainder: true, reply_mac: ReplyMac::Check }
    }
}

impl From<CtbcPart> for CtbcSettings {
    fn from(part: CtbcPart) -> Self {
        let return_address = match part.return_url.as_str() {
            "loopback" => ReturnAddress::Loopback { port: part.loopback_port },
            url => ReturnAddress::Page { url: url.to_owned() },
        };
        Self {
            environment: part.environment,
            base_url: part.base_url,
            mer_id: part.mer_id,
            merchant_id: part.merchant_id,
            terminal_id: part.terminal_id,
            return_address,
            reply_mac: part.flags.reply_mac,
            iv: Self::IV,
            refund_remainder: part.flags.refund_remainder,
            batch: part.batch,
        }
    }
}

impl From<CtbcSettings> for CtbcPart {
    fn from(shop: CtbcSettings) -> Self {
        let (return_url, loopback_port) = match shop.return_address {
            ReturnAddress::Loopback { port } => ("loopback".to_owned(), port),
            ReturnAddress::Page { url } => (url, 0),
        };
        let flags = CtbcFlags { refund_remainder: shop.refund_remainder, reply_mac: shop.reply_mac };
        Self {
            environment: shop.environment,
            base_url: shop.base_url,
            mer_id: shop.mer_id,
            merchant_id: shop.merchant_id,
            terminal_id: shop.terminal_id,
            return_url,
            loopback_port,
            batch: shop.batch,
            flags,
        }
    }
}

/// What a program wrote that did not speak CTBC yet. A part that is not complete is as if it were
/// not there.
fn ctbc_part<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<CtbcSettings>, D::Error> {
    let part = Option::<serde_json::Value>::deserialize(from)?;
    Ok(part.and_then(|part| serde_json::from_value(part).ok()))
}

/// One shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopRecord {
    /// Always visible.
    pub name: String,
    /// What the customer's bank app will show; printed on slips.
    pub payee_name: String,
    /// Absent when the shop has no SinoPac contract.
    pub sinopac: Option<SinopacSettings>,
    /// How often the bank is asked.
    #[serde(default)]
    pub polling: Polling,
    /// Absent when the shop has no CTBC contract.
    #[serde(default, deserialize_with = "ctbc_part")]
    pub ctbc: Option<CtbcSettings>,
    /// Coverage begins here.
    pub added_at: Moment,
    /// A bank has named that time, or has made it smaller. A file of an older program keeps what it
    /// began with.
    #[serde(default = "begins_by_bank")]
    pub begins_by_bank: bool,
    /// This computer's time of `shop add`, while only Dates in doubt have moved the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed_at: Option<Moment>,
    /// One-person mode: whoever asked for a refund may approve it alone, slowly.
    #[serde(default)]
    pub one_person: bool,
    /// Minutes without a key or a touch until the window locks; 0: never.
    #[serde(default = "lock_after_mins")]
    pub lock_after_mins: u16,
    /// Days after the end of an order until its customer is erased by itself; 0: never.
    #[serde(default)]
    pub customer_days: u16,
}

/// What a shop has unless its owner sets something else.
pub const LOCK_AFTER_MINS: u16 = 5;
/// The longest: two hours.
pub const LOCK_AFTER_MINS_MAX: u16 = 120;
/// The longest that a customer may be kept before being erased by itself: ten years.
pub const CUSTOMER_DAYS_MAX: u16 = 3_650;

fn lock_after_mins() -> u16 {
    LOCK_AFTER_MINS
}

fn begins_by_bank() -> bool {
    true
}

impl ShopRecord {
    /// Only demo and custom shops may do what practice needs and production must not (a chosen
    /// clock, a plain vault).
    pub fn is_production(&self) -> bool {
        let sinopac = self.sinopac.as_ref().is_some_and(|s| s.environment == Environment::Production);
        sinopac || self.ctbc.as_ref().is_some_and(|c| c.environment == Environment::Production)
    }

    /// Every bank of it is a simulator: no money moves.
    pub fn is_practice(&self) -> bool {
        let mut banks = Bank::ALL.into_iter().filter_map(|bank| self.environment(bank));
        banks.next().is_some_and(Environment::is_practice) && banks.all(Environment::is_practice)
    }

    fn environment(&self, bank: Bank) -> Option<Environment> {
        match bank {
            Bank::Sinopac => self.sinopac.as_ref().map(|s| s.environment),
            Bank::Ctbc => self.ctbc.as_ref().map(|c| c.environment),
        }
    }

    /// Where the customer's browser returns to from this bank.
    pub fn return_address(&self, bank: Bank) -> Option<&ReturnAddress> {
        match bank {
            Bank::Sinopac => self.sinopac.as_ref().map(|s| &s.return_address),
            Bank::Ctbc => self.ctbc.as_ref().map(|c| &c.return_address),
        }
    }

    /// Who has to agree to a refund of this bank. Until there are people, only a demo or custom
    /// shop refunds.
    pub fn approvals(&self, bank: Bank, has_people: bool) -> Approvals {
        if has_people {
            return if self.one_person { Approvals::OnePerson } else { Approvals::People };
        }
        Approvals::NoPeople { practice: self.environment(bank).is_some_and(Environment::is_practice) }
    }

    /// What the contracts say about refunds.
    pub fn contract(&self) -> Contract {
        let refund_remainder = self.ctbc.as_ref().is_none_or(|ctbc| ctbc.refund_remainder);
        let paper = self.sinopac.as_ref().map(|sinopac| sinopac.paper).unwrap_or_default();
        Contract { refund_remainder, paper }
    }

    /// CTBC's calendar; its usual one where the shop has none.
    pub fn calendar(&self) -> BankCalendar {
        self.ctbc.as_ref().map(|ctbc| ctbc.batch.clone()).unwrap_or_default()
    }

    /// The shop has a contract with this bank.
    pub fn has(&self, bank: Bank) -> bool {
        match bank {
            Bank::Sinopac => self.sinopac.is_some(),
            Bank::Ctbc => self.ctbc.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part that an older program wrote lacks the members that came later: each has a default of
    /// its own.
    #[test]
    fn an_older_part_reads_with_the_defaults_of_newer_members() {
        let record = |parts: &str| {
            let json = format!(r#"{{"name":"a","payee_name":"a","sinopac":null,"added_at":5,{parts}}}"#);
            serde_json::from_str::<ShopRecord>(&json).unwrap()
        };
        let polling = record(r#""polling":{"screen_s":5}"#).polling;
        assert_eq!(polling, Polling { screen_s: 5, ..Polling::default() });
        // as version 0.1 keeps it: whoever adds a member without a default loses the contract
        let ctbc = r#""ctbc":{"environment":"sandbox","base_url":null,"mer_id":"1","merchant_id":"8220000000001",
            "terminal_id":"90000001","return_url":"loopback","loopback_port":0,
            "batch":{},"flags":{"refund_remainder":true}}"#;
        let ctbc = record(ctbc).ctbc.unwrap();
        assert_eq!((ctbc.batch, ctbc.reply_mac), (BankCalendar::default(), ReplyMac::Check));
        let sinopac = r#""sinopac":{"environment":"sandbox","base_url":null,"shop_no":"A_1",
            "return_address":{"loopback":{"port":0}},"auto_billing":true,"account_limit":30000}"#;
        let json = format!(r#"{{"name":"a","payee_name":"a","added_at":5,{sinopac}}}"#);
        let shop: ShopRecord = serde_json::from_str(&json).unwrap();
        let sinopac = shop.sinopac.unwrap();
        assert_eq!((sinopac.account_limit, sinopac.paper), (ACCOUNT_LIMIT, SinopacPaper::V25));
    }

    /// One bank's production is enough: a chosen clock or a plain vault is refused there.
    #[test]
    fn a_shop_is_in_production_with_either_bank() {
        let shop = |sinopac: Option<&str>, ctbc: Option<&str>| {
            let sinopac = sinopac.map(|environment| {
                format!(
                    r#","sinopac":{{"environment":"{environment}","base_url":null,"shop_no":"A_1",
                    "return_address":{{"loopback":{{"port":0}}}},"auto_billing":true,"account_limit":30000}}"#
                )
            });
            let ctbc = ctbc.map(|environment| {
                format!(
                    r#","ctbc":{{"environment":"{environment}","mer_id":"1","merchant_id":"8220000000001",
                    "terminal_id":"90000001","return_url":"loopback"}}"#
                )
            });
            let json = format!(
                r#"{{"name":"a","payee_name":"a","added_at":5{}{}}}"#,
                sinopac.unwrap_or_default(),
                ctbc.unwrap_or_default()
            );
            serde_json::from_str::<ShopRecord>(&json).unwrap()
        };
        assert!(shop(Some("production"), None).is_production());
        assert!(shop(None, Some("production")).is_production());
        assert!(shop(Some("sandbox"), Some("production")).is_production());
        assert!(shop(Some("production"), Some("sandbox")).is_production());
        assert!(!shop(Some("sandbox"), Some("sandbox")).is_production());
        assert!(!shop(None, None).is_production());
        let both = shop(Some("sandbox"), None);
        assert!(both.has(Bank::Sinopac) && !both.has(Bank::Ctbc));
        assert!(both.return_address(Bank::Sinopac).is_some() && both.return_address(Bank::Ctbc).is_none());
    }

    /// A record of a program that knew neither polling nor who named the beginning.
    #[test]
    fn an_older_record_keeps_the_beginning_it_had() {
        let older = r#"{"name":"a","payee_name":"a","sinopac":null,"added_at":5}"#;
        let shop: ShopRecord = serde_json::from_str(older).unwrap();
        assert!(shop.begins_by_bank);
        assert_eq!((shop.added_at, &shop.ctbc), (Moment::from_millis(5), &None));
        let typed = ShopRecord { begins_by_bank: false, ..shop };
        let kept: ShopRecord = serde_json::from_str(&serde_json::to_string(&typed).unwrap()).unwrap();
        assert_eq!(kept, typed);
    }
}
