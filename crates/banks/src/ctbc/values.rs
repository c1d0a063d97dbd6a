//! What the bank is asked with and what it answers, as plain values in our units.
//!
//! Promise: no secret and no card number in any of them, and nothing secret in their `Debug`. Left
//! out: the outcome of a write, which is the same for every bank
//! ([`counterfoil_engine::ports::BankReply`]).

use std::fmt;

use counterfoil_domain::{BankOrderNo, Moment, OperationKind, Twd};
pub use counterfoil_domain::{CardState, CardTail, Handles};
use counterfoil_engine::ports::RefusalOf;
use url::Url;

/// A sale, as the bank's card page is asked for it.
#[derive(Debug, Clone)]
pub struct Sale {
    /// Its lidm: new, and never used again.
    pub bank_order_no: BankOrderNo,
    /// To collect.
    pub amount: Twd,
    /// Shown on the bank's page; at most [`super::wire::NAME_CHARS_MAX`] characters of Big5.
    pub merchant_name: String,
    /// Shown there too; at most [`super::wire::DESCRIPTION_CHARS_MAX`] characters of Big5, may be
    /// empty.
    pub description: String,
    /// Where the browser returns to.
    pub return_url: String,
}

/// What a loopback page posts, once. Both fields are letters and digits, so they need no escaping
/// in an attribute.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    /// Where to.
    pub action: Url,
    /// The field `merID`.
    pub mer_id: String,
    /// The field `URLEnc`.
    pub url_enc: String,
}

impl fmt::Debug for Form {
    /// Without the sealed field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form(POST {}, merID {}, {} characters)", self.action, self.mer_id, self.url_enc.len())
    }
}

/// What a browser brought. A hint to ask the bank, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// A holder of the key wrote it for this shop, perhaps long ago; a browser may bring it again.
    Verified(Brought),
    /// Nothing that can be verified.
    Unverified,
}

/// What is covered by an OutMac, and nothing else of what was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The echo of the number.
    pub bank_order_no: String,
    /// The authorized amount, where one can be read.
    pub amount: Option<Twd>,
    /// Status and errcode, as in a reply: `0/00`, `10/88`.
    pub code: String,
    /// They are the ones of success.
    pub success: bool,
    /// Nothing more comes of the page: the customer cancelled, it timed out, or the card was
    /// declined (money rules 2, re-issue).
    pub ends: bool,
}

impl Brought {
    /// Does it say that this sale was approved? Still to be confirmed by an inquiry.
    pub fn approves(&self, bank_order_no: &BankOrderNo, amount: Twd) -> bool {
        self.success && self.bank_order_no == bank_order_no.as_str() && self.amount == Some(amount)
    }
}

/// A sale as the bank shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The state.
    pub state: CardState,
    /// The state in the bank's own number, for the evidence.
    pub said: String,
    /// Several transactions share this number and this is the latest: charged twice.
    pub several: bool,
    /// The authorized amount, where the answer carries one; equal to the one asked about.
    pub amount: Option<Twd>,
    /// The end of the card's number, where the answer carries it masked.
    pub tail: Option<CardTail>,
    /// When the customer paid, by the bank's clock; `None` also where the row shows no money and no
    /// authorization.
    pub paid_at: Option<Moment>,
    /// What a write must name. `None`: there is no transaction that could be named.
    pub handles: Option<Handles>,
}

/// What an answer echoes otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// Another number or transaction.
    Number,
    /// Another amount, or none that can be read.
    Amount,
    /// Another shop.
    Shop,
}

/// What an inquiry found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The sale.
    Row(CardRow),
    /// Never authorized: the bank says so in both of its ways.
    Nothing,
    /// An answer about something else: what, and the facts side by side. No state changes by it.
    Unequal(Differs, String),
    /// A verified refusal.
    Refused(RefusalOf),
    /// No clear answer. May be asked again.
    Silent,
}

/// What came of an inquiry.
#[derive(Debug, Clone)]
pub struct Inquired {
    /// The answer itself.
    pub found: Found,
    /// XIDs of other transactions of the number, where the found one is the latest of several.
    pub others: Vec<String>,
    /// As in [`counterfoil_engine::ports::BankReply::bank_now`].
    pub bank_now: Option<Moment>,
    /// As in [`counterfoil_engine::ports::BankReply::heard`].
    pub heard: Option<Moment>,
    /// As in [`counterfoil_engine::ports::BankReply::code`]: `0/00`, `9/nt`, `timeout`.
    pub code: String,
    /// As in [`counterfoil_engine::ports::BankReply::transcript`].
    pub transcript: String,
}

/// A write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Cap 請款, the whole amount: 1 becomes 10.
    Capture,
    /// CapRev 取消請款: 10 becomes 1.
    ReverseCapture,
    /// Reversal 取消授權, the whole amount: 1 becomes 0, for good.
    ReverseAuthorization,
    /// Refund 退貨: 12 becomes 20.
    Refund {
        /// Whole or in part; always sent.
        amount: Twd,
    },
    /// RefundRev 取消退貨: 20 becomes 12.
    ReverseRefund,
}

impl Action {
    /// The operation that it is an attempt of.
    pub const fn kind(self) -> OperationKind {
        match self {
            Self::Capture => OperationKind::Cap,
            Self::ReverseCapture => OperationKind::CapReversal,
            Self::ReverseAuthorization => OperationKind::Reversal,
            Self::Refund { .. } => OperationKind::Refund,
            Self::ReverseRefund => OperationKind::RefundReversal,
        }
    }
}
