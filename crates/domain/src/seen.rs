//! What a bank shows of one order, in full: the snapshot before a write and each reading after it
//! are compared by it.
//!
//! Promise: two values are equal only if the bank shows the same in everything that a write can
//! change. Left out: amounts and times of the sale itself ([`crate::reading::BankRow`]), and what a
//! value means for a payment ([`crate::reading`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bank_state::BankState;
use crate::card::CardState;
use crate::money::Twd;
use crate::named::named;
use crate::time::BankMinute;

/// One order as its bank shows it. As JSON: `{"sinopac":{"state":"waiting"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Seen {
    /// Of SinoPac.
    Sinopac {
        /// The state.
        state: BankState,
        /// The refunds.
        #[serde(default, skip_serializing_if = "RefundsSeen::is_empty")]
        refunds: RefundsSeen,
    },
    /// Of CTBC.
    Ctbc {
        /// The state, of the latest transaction where there are several.
        state: CardState,
        /// Several transactions share the number.
        #[serde(default, skip_serializing_if = "is_false")]
        several: bool,
    },
}

/// The refunds that a row of SinoPac shows (sinopac.md 4.4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundsSeen {
    /// RefundFlag: one has succeeded.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flag: bool,
    /// RefundStatus of the last one, in the bank's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// RefundDate of the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<BankMinute>,
    /// RefundList by RefundNo.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub list: BTreeMap<String, RefundSeen>,
    /// RefundAmount: what was given back in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Twd>,
}

/// One refund of a row's RefundList.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundSeen {
    /// RefundStatus, in the bank's code.
    pub status: String,
    /// RefundAmount; `None` where it cannot be read.
    pub amount: Option<Twd>,
    /// RefundDate.
    pub date: Option<BankMinute>,
}

impl RefundSeen {
    /// It failed for good, and gave nothing back.
    pub(crate) fn has_failed(&self) -> bool {
        RefundStatus::of(&self.status) == RefundStatus::Failed
    }
}

impl RefundsSeen {
    /// The row shows nothing of a refund.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A refund exists that was not there in `before`: a new RefundNo, or without a list a later
    /// RefundDate.
    pub fn has_new(&self, before: &Self) -> bool {
        if self.list.is_empty() {
            return self.date > before.date;
        }
        self.new_lines(before).next().is_some()
    }

    /// The lines that were not there in `before`. SinoPac shows no list until a refund has
    /// succeeded: a line that failed may be one of then.
    pub(crate) fn new_lines<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = (&'a String, &'a RefundSeen)> {
        let hid = before.may_hide_failed();
        let new = move |(no, line): &(&String, &RefundSeen)| {
            !(before.list.contains_key(*no) || hid && line.has_failed())
        };
        self.list.iter().filter(new)
    }

    /// Without a list, and its last refund had failed.
    pub(crate) fn may_hide_failed(&self) -> bool {
        let status = self.status.as_deref().map(RefundStatus::of);
        self.list.is_empty() && status == Some(RefundStatus::Failed)
    }

    /// The refund that is new since `before` and may be ours of `amount`: the bank shows no other
    /// amount for it. An amount that cannot be read, and `None` of ours, exclude nothing.
    pub fn new_of(&self, before: &Self, amount: Option<Twd>) -> Option<RefundStatus> {
        let fits = |shown: Option<Twd>| shown.is_none() || amount.is_none() || shown == amount;
        if self.list.is_empty() {
            let zero = before.sum.unwrap_or(Twd::ZERO);
            let given = self.sum.and_then(|sum| sum.checked_sub(zero));
            // the sum of a refund under way may not be counted yet
            let given = given.filter(|given| *given != Twd::ZERO);
            let is_new = self.date > before.date && fits(given);
            return is_new.then(|| RefundStatus::of(self.status.as_deref().unwrap_or_default()));
        }
        self.new_lines(before)
            .find(|(_, refund)| fits(refund.amount))
            .map(|(_, refund)| RefundStatus::of(&refund.status))
    }
}

named! {
    /// What a RefundStatus of SinoPac means (sinopac.md 9.3).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RefundStatus {
        /// 2C200, 2C400, 2A400: the bank is working on it.
        Underway = "underway",
        /// 2A900, 2C900: given back.
        Done = "done",
        /// 2A260: it failed, and the money is on its way back to the shop.
        Returning = "returning",
        /// 2A290: it failed for good.
        Failed = "failed",
        /// A code that no list of ours holds: never guessed.
        Unlisted = "unlisted",
    }
}

impl RefundStatus {
    /// Of the bank's code.
    pub fn of(code: &str) -> Self {
        match code {
            "2C200" | "2C400" | "2A400" => Self::Underway,
            "2A900" | "2C900" => Self::Done,
            "2A260" => Self::Returning,
            FAILED_FOR_GOOD => Self::Failed,
            _ => Self::Unlisted,
        }
    }
}

/// 2A290: this refund failed for good, so the bank gave nothing back by it (sinopac.md 9.3).
const FAILED_FOR_GOOD: &str = "2A290";

impl Seen {
    /// Of SinoPac, without a refund.
    pub fn of_sinopac(state: BankState) -> Self {
        Self::Sinopac { state, refunds: RefundsSeen::default() }
    }

    /// Of CTBC, one transaction.
    pub const fn of_ctbc(state: CardState) -> Self {
        Self::Ctbc { state, several: false }
    }

    /// The state in the words that both banks share.
    pub const fn state(&self) -> BankState {
        match self {
            Self::Sinopac { state, .. } => *state,
            Self::Ctbc { state, .. } => state.bank_state(),
        }
    }

    /// The state of a card at CTBC.
    pub const fn card(&self) -> Option<CardState> {
        match self {
            Self::Sinopac { .. } => None,
            Self::Ctbc { state, .. } => Some(*state),
        }
    }

    /// Several transactions share one number.
    pub const fn is_several(&self) -> bool {
        matches!(self, Self::Ctbc { several: true, .. })
    }

    /// SinoPac shows a refund, other than one that failed for good. CTBC's are states.
    pub fn shows_refund(&self) -> bool {
        match self {
            Self::Sinopac { refunds, .. } => {
                refunds.flag || refunds.status.as_ref().is_some_and(|status| status != FAILED_FOR_GOOD)
            }
            Self::Ctbc { .. } => false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(refunds: RefundsSeen) -> Seen {
        Seen::Sinopac { state: BankState::Collected, refunds }
    }

    fn listed(numbers: &[&str]) -> RefundsSeen {
        let one = RefundSeen { status: "2A200".into(), amount: None, date: None };
        let list = numbers.iter().map(|no| ((*no).to_owned(), one.clone())).collect();
        RefundsSeen { list, ..RefundsSeen::default() }
    }

    /// Data files keep only what differs from the usual.
    #[test]
    fn what_is_usual_is_not_written() {
        let flagged = RefundsSeen { flag: true, ..RefundsSeen::default() };
        for (seen, refunds, several) in [
            (of(RefundsSeen::default()), false, false),
            (of(flagged), true, false),
            (Seen::of_ctbc(CardState::Captured), false, false),
            (Seen::Ctbc { state: CardState::Captured, several: true }, false, true),
        ] {
            let text = serde_json::to_string(&seen).unwrap();
            assert_eq!((text.contains("refunds"), text.contains("several")), (refunds, several), "{text}");
            assert_eq!(serde_json::from_str::<Seen>(&text).unwrap(), seen);
        }
    }

    #[test]
    fn a_refund_that_failed_for_good_is_not_shown() {
        let with = |status: &str| of(RefundsSeen { status: Some(status.into()), ..RefundsSeen::default() });
        assert!(with("2A200").shows_refund());
        assert!(!with(FAILED_FOR_GOOD).shows_refund());
        assert!(!of(RefundsSeen::default()).shows_refund());
    }

    #[test]
    fn a_new_refund_has_a_new_number_or_a_later_date() {
        assert!(listed(&["R1", "R2"]).has_new(&listed(&["R1"])));
        assert!(!listed(&["R1"]).has_new(&listed(&["R1", "R2"])));
        let dated =
            |minute| RefundsSeen { date: Some(BankMinute::from_minutes(minute)), ..RefundsSeen::default() };
        assert!(dated(2).has_new(&dated(1)));
        assert!(!dated(1).has_new(&dated(1)));
        assert!(dated(1).has_new(&RefundsSeen::default()));
    }
}
