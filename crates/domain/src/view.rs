//! The built-in views of the list of orders.

use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// Which orders a list shows, in the order in which a screen offers them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum View {
        /// A person must look: something does not fit, an operation or a refund waits for a person,
        /// the bank has refused a refund, a card is authorized and not captured, or money came
        /// after the end.
        NeedsMe = "needs-me",
        /// Of the unpaid, the ones of which a payment ends on the bank's day of today.
        UnpaidEndsToday = "unpaid-ends-today",
        /// No money, and a customer can still pay or we do not know yet.
        Unpaid = "unpaid",
        /// The bank has confirmed money.
        Paid = "paid",
        /// Every order.
        #[default]
        All = "all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for view in View::ALL {
            assert_eq!(View::parse(view.name()), Some(view));
        }
        assert_eq!(View::parse("Paid"), None);
    }
}
