//! The shop of a data file: everything of `shop.json` that is not a secret. A data folder is one shop.

use counterfoil_domain::schedule::Polling;
use counterfoil_domain::{Moment, Twd};
use serde::{Deserialize, Serialize};

/// Which world a bank part belongs to. Hosts, keys and shop numbers of one never meet those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// The simulator inside the program.
    Demo,
    /// The bank's test system.
    #[serde(alias = "test")]
    Sandbox,
    /// Real money.
    Production,
    /// Any `http://127.0.0.1` base.
    Custom,
}

impl Environment {
    /// The name in `shop.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Custom => "custom",
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
}

/// The single limit of an account, unless the shop's contract says otherwise (dossier 5).
pub const ACCOUNT_LIMIT: Twd = Twd::new(30_000);

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
    /// The CTBC part as it was given, without its secrets, unread until that bank is spoken.
    pub ctbc: Option<serde_json::Value>,
    /// Coverage begins here.
    pub added_at: Moment,
}

impl ShopRecord {
    /// Only demo and custom shops may do what practice needs and production must not (a chosen clock, a plain vault).
    pub fn is_production(&self) -> bool {
        let sinopac = self.sinopac.as_ref().is_some_and(|s| s.environment == Environment::Production);
        let ctbc = self.ctbc.as_ref().and_then(|c| c.get("environment")).and_then(|e| e.as_str())
            == Some("production");
        sinopac || ctbc
    }
}
