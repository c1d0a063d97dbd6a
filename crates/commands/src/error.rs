//! Errors as a screen or a script gets them: a stable code, values, and the exit status of the command line.

use std::collections::BTreeMap;

use counterfoil_domain::customer::{CustomerError, CustomerField};
use counterfoil_domain::money::AmountError;
use counterfoil_domain::order::DescriptionError;
use counterfoil_domain::{Rail, Twd};
use counterfoil_engine::ports::{KeyringFault, StoreError, VaultError};
use counterfoil_engine::{EngineError, SaleRefused};
use serde_json::Value;

/// Exit status of the command line (contract, "The command line").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 2: wrong usage or input.
    Input,
    /// 3: the bank declined.
    Declined,
    /// 4: unknown, or a person is needed.
    Unknown,
    /// 5
    Vault,
    /// 6
    Storage,
    /// 7
    NotAllowed,
}

impl Exit {
    /// The number.
    pub const fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Input => 2,
            Self::Declined => 3,
            Self::Unknown => 4,
            Self::Vault => 5,
            Self::Storage => 6,
            Self::NotAllowed => 7,
        }
    }
}

/// A command that was not done. Its sentence stands in the text catalogues under `code`.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandError {
    /// Stable, kebab-case.
    pub code: &'static str,
    /// What the sentence fills in. Never a secret.
    pub values: BTreeMap<&'static str, Value>,
    /// Exit status.
    pub exit: Exit,
}

impl CommandError {
    /// An error without values.
    pub fn new(code: &'static str, exit: Exit) -> Self {
        Self { code, values: BTreeMap::new(), exit }
    }

    /// An error of the input.
    pub fn input(code: &'static str) -> Self {
        Self::new(code, Exit::Input)
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// `{"error":{"code","message","values"}}`, the message in both languages.
    pub fn to_json(&self) -> Value {
        serde_json::json!({ "error": { "code": self.code, "message": self.message(), "values": self.values } })
    }

    /// The sentence in zh-TW, then in English.
    pub fn message(&self) -> String {
        let [zh, en] = crate::text::Language::ALL
            .map(|language| crate::text::sentence(language, self.code, &self.values));
        format!("{zh} / {en}")
    }

    /// What was typed as an amount.
    pub fn amount(error: AmountError, rail: Rail) -> Self {
        match error {
            AmountError::Empty => Self::input("amount-empty"),
            AmountError::NotANumber => Self::input("amount-not-a-number"),
            AmountError::Decimals => Self::input("amount-decimals"),
            AmountError::NotPositive => Self::input("amount-not-positive"),
            AmountError::AboveLimit { limit } => Self::above_limit(limit, rail),
        }
    }

    /// Above what the rail takes, with the way out.
    pub fn above_limit(limit: Twd, rail: Rail) -> Self {
        let code = match rail {
            Rail::SinopacAccount => "amount-above-account-limit",
            Rail::SinopacCard | Rail::CtbcCard => "amount-above-limit",
        };
        Self::input(code).with("limit", limit.to_string())
    }
}

impl From<CustomerError> for CommandError {
    fn from(error: CustomerError) -> Self {
        use CustomerField::{Name, Note};
        let (field, code) = match error {
            CustomerError::TooLong { field: Name, .. } => (Name, "customer-too-long"),
            CustomerError::TooLong { field: Note, .. } => (Note, "note-too-long"),
            CustomerError::Control { field: Name, .. } => (Name, "customer-control"),
            CustomerError::Control { field: Note, .. } => (Note, "note-control"),
        };
        match error {
            CustomerError::TooLong { chars, .. } => {
                Self::input(code).with("chars", chars).with("max", field.chars_max())
            }
            CustomerError::Control { place, .. } => Self::input(code).with("place", place),
        }
    }
}

impl From<DescriptionError> for CommandError {
    fn from(error: DescriptionError) -> Self {
        match error {
            DescriptionError::TooLong { chars } => Self::input("description-too-long")
                .with("chars", chars)
                .with("max", counterfoil_domain::order::DESCRIPTION_CHARS_MAX),
            DescriptionError::Control { place } => Self::input("description-control").with("place", place),
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::NoShop => Self::input("no-shop"),
            EngineError::NotFound(what) => Self::input("not-found").with("what", what),
            EngineError::Sale(SaleRefused::NoRail { rail }) => {
                Self::input("rail-absent").with("rail", rail.name())
            }
            EngineError::Sale(SaleRefused::Amount { limit }) => {
                Self::input("amount-above-limit").with("limit", limit.to_string())
            }
            EngineError::Sale(SaleRefused::Expiry) => Self::input("expiry-out-of-range"),
            EngineError::Sale(SaleRefused::OrderIdUsed) => Self::input("order-id-used"),
            EngineError::Sale(SaleRefused::StillOpen) => Self::input("order-still-open"),
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new("storage-conflict", Exit::Storage),
            StoreError::Refused(_) => Self::new("storage-refused", Exit::Storage),
            StoreError::Storage(_) => Self::new("storage", Exit::Storage),
        }
    }
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_) => Self::new("vault-unavailable", Exit::Vault),
            VaultError::Keyring(fault) => fault.into(),
            VaultError::Missing(name) => {
                let code = if is_ctbcs(&name) { "ctbc-vault-missing" } else { "vault-missing" };
                Self::new(code, Exit::Vault).with("name", name)
            }
            VaultError::PlainText => Self::new("vault-plain-text", Exit::NotAllowed),
        }
    }
}

impl From<KeyringFault> for CommandError {
    fn from(fault: KeyringFault) -> Self {
        let vault = |code| Self::new(code, Exit::Vault);
        match fault {
            KeyringFault::Absent => vault("vault-absent"),
            KeyringFault::Locked => vault("vault-locked"),
            KeyringFault::Denied => vault("vault-denied"),
            KeyringFault::Unanswered => vault("vault-unanswered"),
            KeyringFault::TooLong { name, bytes_max } => {
                vault("vault-too-long").with("name", name).with("max", bytes_max)
            }
            KeyringFault::Unreadable(name) => {
                let code = if is_ctbcs(&name) { "ctbc-vault-unreadable" } else { "vault-unreadable" };
                vault(code).with("name", name)
            }
        }
    }
}

/// The way out is on the screen of that bank.
fn is_ctbcs(name: &str) -> bool {
    name.starts_with("ctbc.")
}

/// Typed text, short enough to be a value of an error.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
