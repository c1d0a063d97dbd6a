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

/// One value for each bank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PerBank<T> {
    sinopac: T,
    ctbc: T,
}

impl<T> PerBank<T> {
    /// Makes each.
    pub fn from_fn(mut make: impl FnMut(Bank) -> T) -> Self {
        Self { sinopac: make(Bank::Sinopac), ctbc: make(Bank::Ctbc) }
    }

    /// The value of one bank.
    pub const fn get(&self, bank: Bank) -> &T {
        match bank {
            Bank::Sinopac => &self.sinopac,
            Bank::Ctbc => &self.ctbc,
        }
    }

    /// The same, to change it.
    pub const fn get_mut(&mut self, bank: Bank) -> &mut T {
        match bank {
            Bank::Sinopac => &mut self.sinopac,
            Bank::Ctbc => &mut self.ctbc,
        }
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
    /// The bank of this payment method.
    pub const fn bank(self) -> Bank {
        match self {
            Self::SinopacAccount | Self::SinopacCard => Bank::Sinopac,
            Self::CtbcCard => Bank::Ctbc,
        }
    }
}
