//! Double entry. Entries are added, never edited; the postings of each sum to zero (money rules 8).

use serde::{Deserialize, Serialize};

use crate::ids::PaymentId;
use crate::money::Twd;
use crate::named::named;
use crate::time::Moment;

named! {
    /// The accounts of the books.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Account {
        /// What was sold.
        #[serde(rename = "sales")]
        Sales = "sales",
        /// What SinoPac has collected and owes the shop.
        #[serde(rename = "receivable.sinopac")]
        ReceivableSinopac = "receivable.sinopac",
        /// What CTBC has collected and owes the shop.
        #[serde(rename = "receivable.ctbc")]
        ReceivableCtbc = "receivable.ctbc",
        /// Money given back.
        #[serde(rename = "refunds")]
        Refunds = "refunds",
        /// What the banks keep.
        #[serde(rename = "fees")]
        Fees = "fees",
        /// The shop's own account.
        #[serde(rename = "bank")]
        Bank = "bank",
        /// Differences until a person explains them.
        #[serde(rename = "unexplained")]
        Unexplained = "unexplained",
    }
}

named! {
    /// Why an entry was made.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Cause {
        /// Money was seen at a bank.
        Paid = "paid",
    }
}

/// One side of an entry: positive is debit, negative is credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// Which account.
    pub account: Account,
    /// Debit positive, credit negative.
    pub amount: Twd,
}

/// One event in the books. [`Entry::new`] is the only way to make one, so an unbalanced entry
/// cannot exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    cause: Cause,
    payment: PaymentId,
    at: Moment,
    postings: Vec<Posting>,
}

impl Entry {
    /// An entry of these postings; `None` when they are fewer than two, or do not sum to zero.
    pub fn new(cause: Cause, payment: PaymentId, at: Moment, postings: Vec<Posting>) -> Option<Self> {
        let sum = postings.iter().try_fold(Twd::ZERO, |sum, p| sum.checked_add(p.amount))?;
        (postings.len() >= 2 && sum == Twd::ZERO).then_some(Self { cause, payment, at, postings })
    }

    /// Money seen at a bank: receivable against sales.
    pub fn paid(payment: PaymentId, at: Moment, rail: crate::Rail, amount: Twd) -> Option<Self> {
        let receivable = match rail {
            crate::Rail::SinopacAccount | crate::Rail::SinopacCard => Account::ReceivableSinopac,
            crate::Rail::CtbcCard => Account::ReceivableCtbc,
        };
        let credit = amount.checked_neg()?;
        let postings = vec![
            Posting { account: receivable, amount },
            Posting { account: Account::Sales, amount: credit },
        ];
        Self::new(Cause::Paid, payment, at, postings)
    }

    /// Why.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Of which payment.
    pub fn payment(&self) -> PaymentId {
        self.payment
    }

    /// When, by bank time; its day is the day of the books.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// Two or more, sum zero.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_balanced_entries_exist(amounts in prop::collection::vec(-1000_i64..1000, 0..6)) {
            let postings: Vec<_> =
                amounts.iter().map(|a| Posting { account: Account::Bank, amount: Twd::new(*a) }).collect();
            let balanced = amounts.len() >= 2 && amounts.iter().sum::<i64>() == 0;
            let made = Entry::new(Cause::Paid, PaymentId::from_bytes([0; 16]), Moment::from_millis(0), postings);
            prop_assert_eq!(made.is_some(), balanced);
        }
    }

    #[test]
    fn paid_is_receivable_against_sales() {
        let at = Moment::from_millis(0);
        let entry =
            Entry::paid(PaymentId::from_bytes([0; 16]), at, crate::Rail::SinopacCard, Twd::new(180)).unwrap();
        let sides: Vec<_> = entry.postings().iter().map(|p| (p.account.name(), p.amount.dollars())).collect();
        assert_eq!(sides, [("receivable.sinopac", 180), ("sales", -180)]);
        assert!(
            Entry::paid(PaymentId::from_bytes([0; 16]), at, crate::Rail::SinopacCard, Twd::new(i64::MIN))
                .is_none()
        );
    }
}
