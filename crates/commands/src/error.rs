//! Errors as a screen or a script gets them: a stable code, values, and the exit status of the
//! command line.

use std::collections::BTreeMap;

use counterfoil_domain::customer::{CustomerError, CustomerField};
use counterfoil_domain::money::AmountError;
use counterfoil_domain::order::DescriptionError;
use counterfoil_domain::{Rail, Twd};
use counterfoil_engine::ports::{KeyringFault, StoreError, VaultError};
use counterfoil_engine::{EngineError, SaleRefused};
use serde_json::Value;

use crate::code::Code;

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

/// Whether a request may have reached the bank before an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Nothing has left.
    No,
    /// It may have: the bank is asked about it.
    Maybe,
}

/// A command that was not done. The text catalogues hold its sentence under `code`.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandError {
    /// Which sentence.
    pub code: Code,
    /// What the sentence fills in. Never a secret.
    pub values: BTreeMap<&'static str, Value>,
    /// Exit status.
    pub exit: Exit,
}

impl CommandError {
    /// An error without values.
    pub fn new(code: Code, exit: Exit) -> Self {
        Self { code, values: BTreeMap::new(), exit }
    }

    /// An error of the input.
    pub fn input(code: Code) -> Self {
        Self::new(code, Exit::Input)
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.insert(name, value.into());
        self
    }

    /// Of what would have been sent to a bank: whether it may have been, and whether the data file
    /// holds it, or may: then its state is told when the shop is open again. Nothing is
    /// added to what was typed wrong, nor where it is known already.
    #[must_use]
    pub fn sent(self, sent: Sent, stays: bool) -> Self {
        if self.exit == Exit::Input || self.values.contains_key("sent") {
            return self;
        }
        let name = match sent {
            Sent::No => "no",
            Sent::Maybe => "maybe",
        };
        // what could be saved nowhere does not stay
        let stays = stays && self.code != Code::FileMovedUnsaved;
        self.with("sent", name).with("stays", stays)
    }

    /// `{"error":{"code","message","values"}}`, the message in both languages.
    pub fn to_json(&self) -> Value {
        serde_json::json!({ "error": { "code": self.code, "message": self.message(), "values": self.values } })
    }

    /// The sentence in zh-TW, then in English.
    pub fn message(&self) -> String {
        let [zh, en] = crate::text::Language::ALL
            .map(|language| crate::failure::told(language, self.code, &self.values));
        format!("{zh} / {en}")
    }

    /// What was typed as an amount.
    pub fn amount(error: AmountError, rail: Rail) -> Self {
        match error {
            AmountError::Empty => Self::input(Code::AmountEmpty),
            AmountError::NotANumber => Self::input(Code::AmountNotANumber),
            AmountError::Decimals => Self::input(Code::AmountDecimals),
            AmountError::NotPositive => Self::input(Code::AmountNotPositive),
            AmountError::AboveLimit { limit } => Self::above_limit(limit, rail),
        }
    }

    /// What the system did not read or write.
    pub fn of_system(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let code = if matches!(error.kind(), StorageFull | QuotaExceeded) {
            Code::DiskFull
        } else if matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) {
            Code::FileDenied
        } else {
            Code::Storage
        };
        Self::new(code, Exit::Storage)
    }

    /// Above what the rail takes, with the way out.
    pub fn above_limit(limit: Twd, rail: Rail) -> Self {
        let code = match rail {
            Rail::SinopacAccount => Code::AmountAboveAccountLimit,
            Rail::SinopacCard | Rail::CtbcCard => Code::AmountAboveLimit,
        };
        Self::input(code).with("limit", limit.to_string())
    }
}

impl From<CustomerError> for CommandError {
    fn from(error: CustomerError) -> Self {
        use CustomerField::{Name, Note};
        let (field, code) = match error {
            CustomerError::TooLong { field: Name, .. } => (Name, Code::CustomerTooLong),
            CustomerError::TooLong { field: Note, .. } => (Note, Code::NoteTooLong),
            CustomerError::Control { field: Name, .. } => (Name, Code::CustomerControl),
            CustomerError::Control { field: Note, .. } => (Note, Code::NoteControl),
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
            DescriptionError::TooLong { chars } => Self::input(Code::DescriptionTooLong)
                .with("chars", chars)
                .with("max", counterfoil_domain::order::DESCRIPTION_CHARS_MAX),
            DescriptionError::Control { place } => Self::input(Code::DescriptionControl).with("place", place),
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::NoShop => Self::input(Code::NoShop),
            EngineError::NotFound(what) => Self::input(Code::NotFound).with("what", what),
            EngineError::Sale(SaleRefused::NoRail { rail }) => {
                Self::input(Code::RailAbsent).with("rail", rail.name())
            }
            EngineError::Sale(SaleRefused::Amount { limit }) => {
                Self::input(Code::AmountAboveLimit).with("limit", limit.to_string())
            }
            EngineError::Sale(SaleRefused::Expiry) => Self::input(Code::ExpiryOutOfRange),
            EngineError::Sale(SaleRefused::OrderIdUsed) => Self::input(Code::OrderIdUsed),
            EngineError::Sale(SaleRefused::StillOpen) => Self::input(Code::OrderStillOpen),
            EngineError::Refund(refused) => refused.into(),
            EngineError::Person(error) => error.into(),
            EngineError::Denied(denied) => denied.into(),
            EngineError::Unproved(people) => {
                Self::new(Code::RecordPeople, Exit::NotAllowed).with("people", people.join(", "))
            }
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new(Code::StorageConflict, Exit::Storage),
            StoreError::CopyStays(copy) => Self::new(Code::CopyStays, Exit::Storage).with("copy", copy),
            StoreError::Refused(_) => Self::new(Code::StorageRefused, Exit::Storage),
            StoreError::Unproved => Self::new(Code::RefundUnproved, Exit::NotAllowed),
            StoreError::PutBack => Self::new(Code::RecordOlder, Exit::NotAllowed),
            StoreError::Unread => Self::new(Code::RecordUnread, Exit::Storage),
            StoreError::DiskFull => Self::new(Code::DiskFull, Exit::Storage),
            StoreError::Locked => Self::new(Code::FileLocked, Exit::Storage),
            StoreError::Denied => Self::new(Code::FileDenied, Exit::Storage),
            StoreError::Damaged => Self::new(Code::FileDamaged, Exit::Storage),
            StoreError::Storage(_) => Self::new(Code::Storage, Exit::Storage),
            StoreError::NoKey => Self::new(Code::AuditKeyMissing, Exit::Vault),
        }
    }
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_) => Self::new(Code::VaultUnavailable, Exit::Vault),
            VaultError::Keyring(fault) => fault.into(),
            VaultError::Missing(name) => {
                let code = match name.split_once('.') {
                    Some(("ctbc", _)) => Code::CtbcVaultMissing,
                    Some(("people", _)) => Code::PinsLost,
                    Some(("audit", _)) => Code::AuditKeyMissing,
                    _ => Code::VaultMissing,
                };
                Self::new(code, Exit::Vault).with("name", name)
            }
            VaultError::PlainText => Self::new(Code::VaultPlainText, Exit::NotAllowed),
        }
    }
}

impl From<KeyringFault> for CommandError {
    fn from(fault: KeyringFault) -> Self {
        let vault = |code| Self::new(code, Exit::Vault);
        match fault {
            KeyringFault::Absent => vault(Code::VaultAbsent),
            KeyringFault::Locked => vault(Code::VaultLocked),
            KeyringFault::Denied => vault(Code::VaultDenied),
            KeyringFault::Unanswered => vault(Code::VaultUnanswered),
            KeyringFault::TooLong { name, bytes_max } => {
                vault(Code::VaultTooLong).with("name", name).with("max", bytes_max)
            }
            KeyringFault::Unreadable(name) => {
                let code = if is_ctbcs(&name) { Code::CtbcVaultUnreadable } else { Code::VaultUnreadable };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_saved_nowhere_does_not_stay() {
        let told =
            |code| CommandError::new(code, Exit::Storage).sent(Sent::Maybe, true).values["stays"].clone();
        assert_eq!((told(Code::FileMoved), told(Code::FileMovedUnsaved)), (true.into(), false.into()));
    }
}
