//! Rails: the ways money comes in (money rules 1).

use crate::named::named;
use serde::{Deserialize, Serialize};

named! {
    /// A bank that is spoken to. Each has its own pace and its own troubles.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Bank {
        /// SinoPac 永豐.
        Sinopac = "sinopac",
        /// CTBC 中國信託.
        Ctbc = "ctbc",
    }
}

named! {
    /// The way money comes in. A request never goes to another bank than its payment's.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Rail {
        /// SinoPac 虛擬帳號: `OrderCreate` A, a 14-digit account at bank 807.
        SinopacAccount = "sinopac-account",
        /// SinoPac 刷卡連結: `OrderCreate` C, a link to the bank's card page.
        SinopacCard = "sinopac-card",
        /// CTBC 中信刷卡: a form that the browser on this computer posts to the card page of the bank.
        CtbcCard = "ctbc-card",
    }
}

impl Rail {
    /// Whose.
    pub const fn bank(self) -> Bank {
        match self {
            Self::SinopacAccount | Self::SinopacCard => Bank::Sinopac,
            Self::CtbcCard => Bank::Ctbc,
        }
    }
}
