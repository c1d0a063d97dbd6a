//! What narrows a list of orders: the rail, the state and the days.

use chrono::NaiveDate;

use crate::payment::PaymentState;
use crate::rail::Rail;
use crate::search;

/// Orders of these days with a payment of this rail in this state; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// The rail.
    pub rail: Option<Rail>,
    /// The state of that payment.
    pub state: Option<PaymentState>,
    /// The first of the bank's days on which the order was sold.
    pub from: Option<NaiveDate>,
    /// The last.
    pub to: Option<NaiveDate>,
}

impl Filter {
    /// It narrows nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Reads a day as people write it, on `today`: as in the search box.
    pub fn day(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
        search::day_typed(typed, today)
    }

    /// The rails that it leaves.
    pub fn rails(self) -> impl Iterator<Item = Rail> {
        Rail::ALL.into_iter().filter(move |rail| self.rail.is_none_or(|only| only == *rail))
    }

    /// The states that it leaves.
    pub fn states(self) -> impl Iterator<Item = PaymentState> {
        PaymentState::ALL.into_iter().filter(move |state| self.state.is_none_or(|only| only == *state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_does_not_narrow() {
        let all = Filter::default();
        assert!(all.is_empty());
        assert_eq!(all.rails().collect::<Vec<_>>(), Rail::ALL);
        assert_eq!(all.states().collect::<Vec<_>>(), PaymentState::ALL);
        let one = Filter { rail: Some(Rail::CtbcCard), state: Some(PaymentState::Paid), ..all };
        assert!(!one.is_empty());
        assert_eq!(one.rails().collect::<Vec<_>>(), [Rail::CtbcCard]);
        assert_eq!(one.states().collect::<Vec<_>>(), [PaymentState::Paid]);
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(Filter::day("11/3", today), NaiveDate::from_ymd_opt(2026, 11, 3));
        assert_eq!(Filter::day("x", today), None);
    }
}
