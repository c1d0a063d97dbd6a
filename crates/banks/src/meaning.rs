//! The meaning of a bank's code: a row of its table, and the outcome of a question.

use counterfoil_domain::{BankAnswer, OperationKind};
use counterfoil_engine::ports::RefusalOf;

/// Our code of a write whose fuse burnt down before its first byte left.
pub(crate) const NEVER_LEFT: &str = "never-left";

/// Kinds of operations that a bank checks alike: its codes decline a group, so that one more kind
/// touches no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// SinoPac: what opens an order.
    Create,
    /// SinoPac `OrderMaintain`.
    Maintain,
    /// SinoPac: of these the cancel of an account.
    CancelAccount,
    /// SinoPac: of these the refunds.
    GiveBack,
    /// SinoPac: of these the refund of a card.
    GiveBackCard,
    /// SinoPac: of these both calls of an account refund.
    GiveBackAccount,
    /// SinoPac: of these the second call, with the token.
    SecondCall,
    /// SinoPac: carries an amount.
    WithAmount,
    /// CTBC: takes back an authorization.
    Reversal,
    /// CTBC: starts from an authorization (state 1).
    FromAuthorized,
    /// CTBC: changes the capture file.
    OfFile,
    /// CTBC: of these all but the undo of a capture.
    ButUndo,
    /// CTBC: names an amount to move.
    WithMoney,
    /// CTBC: captures.
    Cap,
    /// CTBC: starts from a capture.
    AfterCap,
    /// CTBC: refunds.
    Refund,
}

/// The groups of a kind. A new kind decides here; without a group a refusal of it is `Unknown`
/// unless its code declines every kind.
const fn groups(kind: OperationKind) -> &'static [Group] {
    use Group as G;
    use OperationKind as K;
    match kind {
        K::IssueAccount | K::CreateLink => &[G::Create, G::WithAmount],
        K::CancelAccount => &[G::Maintain, G::CancelAccount],
        K::Capture | K::CancelAuthorization => &[G::Maintain],
        K::Cap => &[G::FromAuthorized, G::OfFile, G::ButUndo, G::WithMoney, G::Cap],
        K::Reversal => &[G::Reversal, G::FromAuthorized],
        K::CapReversal => &[G::OfFile, G::AfterCap],
        K::Refund => &[G::OfFile, G::ButUndo, G::WithMoney, G::AfterCap, G::Refund],
        K::RefundReversal => &[G::OfFile, G::ButUndo, G::AfterCap],
        K::CardRefund => &[G::Maintain, G::WithAmount, G::GiveBack, G::GiveBackCard],
        K::AccountRefundToken => &[G::Maintain, G::WithAmount, G::GiveBack, G::GiveBackAccount],
        K::AccountRefund => &[G::Maintain, G::WithAmount, G::GiveBack, G::GiveBackAccount, G::SecondCall],
        K::PostForm => &[],
    }
}

/// What a code means for writes.
#[derive(Debug, Clone, Copy)]
pub enum Writes {
    /// Of every kind: the outcome is unknown.
    Unknown,
    /// Of every kind: surely not done, may be retried later.
    NotNow,
    /// Not now for the kinds of this group, unknown for any other.
    NotNowFor(Group),
    /// Of every kind: surely not done, and a retry would be refused.
    Declined,
    /// Declined for the kinds of this group, unknown for any other.
    DeclinedFor(Group),
}

// the letters of the tables, for a write
pub(crate) const U: Writes = Writes::Unknown;
pub(crate) const N: Writes = Writes::NotNow;
pub(crate) const D: Writes = Writes::Declined;
// and for a question: what the bank refuses
pub(crate) const P: Option<RefusalOf> = Some(RefusalOf::Shop);
pub(crate) const Q: Option<RefusalOf> = Some(RefusalOf::Question);
pub(crate) const V: Option<RefusalOf> = Some(RefusalOf::Unclear);
pub(crate) const O: Option<RefusalOf> = Some(RefusalOf::Nonce);
/// No refusal: the code of a success, or the bank itself has no outcome.
pub(crate) const S: Option<RefusalOf> = None;

/// One code.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// As the bank's list prints it.
    pub code: &'static str,
    /// What the bank refuses with it, as the answer to a question.
    pub asked: Option<RefusalOf>,
    writes: Writes,
}

impl Row {
    /// A row of a table.
    pub const fn of(code: &'static str, writes: Writes, asked: Option<RefusalOf>) -> Self {
        Self { code, asked, writes }
    }

    /// For a write of this kind: `Declined`, `NotNow` or `Unknown`.
    pub fn written(&self, kind: OperationKind) -> BankAnswer {
        match self.writes {
            Writes::NotNow => BankAnswer::NotNow,
            Writes::Declined => BankAnswer::Declined,
            Writes::NotNowFor(group) if groups(kind).contains(&group) => BankAnswer::NotNow,
            Writes::DeclinedFor(group) if groups(kind).contains(&group) => BankAnswer::Declined,
            Writes::NotNowFor(_) | Writes::DeclinedFor(_) | Writes::Unknown => BankAnswer::Unknown,
        }
    }
}

/// What a verified answer to a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Answered; rows may follow.
    Answered,
    /// Answered: there is nothing.
    NothingFound,
    /// Refused.
    Refused(RefusalOf),
    /// No clear answer.
    Silent,
}

impl Question {
    /// The bank answered with a code other than success. A code without a row is an unclear
    /// refusal.
    pub(crate) fn with_code(row: Option<&Row>) -> Self {
        row.map_or(V, |row| row.asked).map_or(Self::Silent, Self::Refused)
    }
}
