//! Rails: the ways money comes in (money rules 1).

use serde::{Deserialize, Serialize};

/// A bank that is spoken to. Each has its own pace and its own troubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bank {
    /// SinoPac 永豐.
    Sinopac,
    /// CTBC 中國信託.
    Ctbc,
}

impl Bank {
    /// Every bank.
    pub const ALL: [Self; 2] = [Self::Sinopac, Self::Ctbc];

    /// The name in `shop.json` and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sinopac => "sinopac",
            Self::Ctbc => "ctbc",
        }
    }

    /// Reads [`Bank::name`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bank| bank.name() == text)
    }
}

/// The way money comes in. A request never goes to another bank than its payment's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rail {
    /// SinoPac 虛擬帳號: `OrderCreate` A, a 14-digit account at bank 807.
    SinopacAccount,
    /// SinoPac 刷卡連結: `OrderCreate` C, a link to the bank's card page.
    SinopacCard,
    /// CTBC 中信刷卡: a form that the browser on this computer posts to the card page of the bank.
    CtbcCard,
}

impl Rail {
    /// Every rail, in the order of their keys.
    pub const ALL: [Self; 3] = [Self::SinopacAccount, Self::SinopacCard, Self::CtbcCard];

    /// The name scripts and screens use: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SinopacAccount => "sinopac-account",
            Self::SinopacCard => "sinopac-card",
            Self::CtbcCard => "ctbc-card",
        }
    }

    /// Whose.
    pub const fn bank(self) -> Bank {
        match self {
            Self::SinopacAccount | Self::SinopacCard => Bank::Sinopac,
            Self::CtbcCard => Bank::Ctbc,
        }
    }

    /// Reads [`Rail::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}
