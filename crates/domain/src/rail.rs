//! Rails: the ways money comes in (money rules 1).

use serde::{Deserialize, Serialize};

/// The way money comes in. A request never goes to another bank than its payment's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rail {
    /// SinoPac 虛擬帳號: `OrderCreate` A, a 14-digit account at bank 807.
    SinopacAccount,
    /// SinoPac 刷卡連結: `OrderCreate` C, a link to the bank's card page.
    SinopacCard,
    /// CTBC 中信刷卡: declared, not spoken yet.
    CtbcCard,
}

impl Rail {
    /// The name scripts and screens use: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SinopacAccount => "sinopac-account",
            Self::SinopacCard => "sinopac-card",
            Self::CtbcCard => "ctbc-card",
        }
    }

    /// Reads [`Rail::name`].
    pub fn parse(name: &str) -> Option<Self> {
        [Self::SinopacAccount, Self::SinopacCard, Self::CtbcCard].into_iter().find(|r| r.name() == name)
    }
}
