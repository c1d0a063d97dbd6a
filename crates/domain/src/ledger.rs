//! Double entry. Entries are added, never edited; the postings of each sum to zero (money rules 8).

use serde::{Deserialize, Serialize};

use crate::ids::PaymentId;
use crate::money::Twd;
use crate::named::named;
use crate::payment::Payment;
use crate::rail::Rail;
use crate::refund::{Refund, RefundState};
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
        /// Money of a second payment of an order.
        PaidAgain = "paid-again",
        /// A second charge under the number of a payment.
        ChargedAgain = "charged-again",
        /// The bank gave it back.
        Refunded = "refunded",
        /// The shop transferred it back itself.
        RefundedByHand = "refunded-by-hand",
        /// A second charge, or a second payment of an order, went back.
        SecondRefunded = "second-refunded",
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
    pub fn paid(payment: PaymentId, at: Moment, rail: Rail, amount: Twd) -> Option<Self> {
        Self::of_two(Cause::Paid, payment, at, receivable(rail), Account::Sales, amount)
    }

    /// Money of a second payment of an order that has money: receivable against unexplained.
    pub fn paid_again(payment: PaymentId, at: Moment, rail: Rail, amount: Twd) -> Option<Self> {
        Self::of_two(Cause::PaidAgain, payment, at, receivable(rail), Account::Unexplained, amount)
    }

    /// A second charge under the number of a payment: receivable against unexplained.
    pub fn charged_again(payment: PaymentId, at: Moment, rail: Rail, amount: Twd) -> Option<Self> {
        Self::of_two(Cause::ChargedAgain, payment, at, receivable(rail), Account::Unexplained, amount)
    }

    /// A refund that is [`RefundState::Done`], at the open day: refunds
    /// against receivable; by hand, refunds against bank; of a second charge or a second payment of
    /// the order (`is_second`), which was seen as receivable against unexplained, unexplained takes
    /// the debit. `None` where nothing is posted: the refund is not done, or the payment never
    /// had money (an authorization that was taken back).
    pub fn refunded(payment: &Payment, refund: &Refund, is_second: bool, at: Moment) -> Option<Self> {
        let is_done = refund.state == RefundState::Done && refund.payment == payment.id;
        if !is_done || !payment.state.has_money() {
            return None;
        }
        let by_hand = !refund.is_done_at_bank();
        let credit = if by_hand { Account::Bank } else { receivable(payment.rail) };
        let debit = if is_second { Account::Unexplained } else { Account::Refunds };
        let cause = match (is_second, by_hand) {
            (true, true | false) => Cause::SecondRefunded,
            (false, true) => Cause::RefundedByHand,
            (false, false) => Cause::Refunded,
        };
        Self::of_two(cause, payment.id, at, debit, credit, refund.amount)
    }

    /// A refund that was made at the bank's back office and that a person books: as one of ours.
    pub fn booked(payment: &Payment, amount: Twd, is_second: bool, at: Moment) -> Option<Self> {
        let (cause, debit) = if is_second {
            (Cause::SecondRefunded, Account::Unexplained)
        } else {
            (Cause::Refunded, Account::Refunds)
        };
        Self::of_two(cause, payment.id, at, debit, receivable(payment.rail), amount)
    }

    /// The same event taken back at `at`: each posting with the other sign.
    pub fn taken_back(&self, at: Moment) -> Option<Self> {
        let back = |posting: &Posting| Some(Posting { amount: posting.amount.checked_neg()?, ..*posting });
        let postings: Option<Vec<Posting>> = self.postings.iter().map(back).collect();
        Self::new(self.cause, self.payment, at, postings?)
    }

    fn of_two(
        cause: Cause,
        payment: PaymentId,
        at: Moment,
        debit: Account,
        credit: Account,
        amount: Twd,
    ) -> Option<Self> {
        let postings = vec![
            Posting { account: debit, amount },
            Posting { account: credit, amount: amount.checked_neg()? },
        ];
        Self::new(cause, payment, at, postings)
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

const fn receivable(rail: Rail) -> Account {
    match rail {
        Rail::SinopacAccount | Rail::SinopacCard => Account::ReceivableSinopac,
        Rail::CtbcCard => Account::ReceivableCtbc,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::PaymentState;
    use crate::refund::{ByHandWhy, RefundWhy};
    use crate::testing::{payment, refund};
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
            Entry::paid(PaymentId::from_bytes([0; 16]), at, Rail::SinopacCard, Twd::new(180)).unwrap();
        let sides: Vec<_> = entry.postings().iter().map(|p| (p.account.name(), p.amount.dollars())).collect();
        assert_eq!(sides, [("receivable.sinopac", 180), ("sales", -180)]);
        assert!(
            Entry::paid(PaymentId::from_bytes([0; 16]), at, Rail::SinopacCard, Twd::new(i64::MIN)).is_none()
        );
    }

    #[test]
    fn a_second_payment_of_an_order_and_a_second_charge_are_no_sale() {
        let (at, id) = (Moment::from_millis(5), PaymentId::from_bytes([1; 16]));
        for (entry, cause) in [
            (Entry::paid_again(id, at, Rail::CtbcCard, Twd::new(180)), "paid-again"),
            (Entry::charged_again(id, at, Rail::CtbcCard, Twd::new(180)), "charged-again"),
        ] {
            let entry = entry.unwrap();
            let sides: Vec<_> =
                entry.postings().iter().map(|p| (p.account.name(), p.amount.dollars())).collect();
            assert_eq!(sides, [("receivable.ctbc", 180), ("unexplained", -180)]);
            assert_eq!(entry.cause().name(), cause);
        }
    }

    /// Money rules 8, a line an event.
    #[test]
    fn each_refund_is_posted_by_its_event() {
        let at = Moment::from_millis(5);
        let by_hand = Some(RefundWhy::ByHand(ByHandWhy::Chosen));
        for (rail, why, second, expected) in [
            (Rail::SinopacCard, None, false, ("refunded", "refunds", "receivable.sinopac")),
            (Rail::SinopacAccount, None, false, ("refunded", "refunds", "receivable.sinopac")),
            (Rail::CtbcCard, None, false, ("refunded", "refunds", "receivable.ctbc")),
            (Rail::CtbcCard, by_hand, false, ("refunded-by-hand", "refunds", "bank")),
            (Rail::CtbcCard, None, true, ("second-refunded", "unexplained", "receivable.ctbc")),
            (Rail::SinopacCard, by_hand, true, ("second-refunded", "unexplained", "bank")),
        ] {
            let done = Refund { state: RefundState::Done, why, ..refund(30) };
            for state in [PaymentState::Paid, PaymentState::PaidLate, PaymentState::Settled] {
                let payment = Payment { rail, ..payment(state) };
                let entry = Entry::refunded(&payment, &done, second, at).unwrap();
                let sides: Vec<_> =
                    entry.postings().iter().map(|p| (p.account.name(), p.amount.dollars())).collect();
                assert_eq!((entry.cause().name(), entry.at()), (expected.0, at));
                assert_eq!(sides, [(expected.1, 30), (expected.2, -30)], "{rail:?} {why:?}");
            }
        }
    }

    #[test]
    fn nothing_is_posted_before_the_end_nor_for_an_authorization() {
        let at = Moment::from_millis(5);
        let post =
            |payment: &Payment, state| Entry::refunded(payment, &Refund { state, ..refund(30) }, false, at);
        for state in RefundState::ALL {
            let posted = post(&payment(PaymentState::Paid), state).is_some();
            assert_eq!(posted, state == RefundState::Done, "{state:?}");
        }
        for state in PaymentState::ALL {
            assert_eq!(post(&payment(state), RefundState::Done).is_some(), state.has_money(), "{state:?}");
        }
        let other = Payment { id: PaymentId::from_bytes([5; 16]), ..payment(PaymentState::Paid) };
        assert_eq!(post(&other, RefundState::Done), None, "of another payment");
    }
}
