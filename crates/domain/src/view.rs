//! The built-in views of the list of orders.

use crate::named::named;

named! {
    /// Which orders a list shows.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum View {
        /// Every order.
        #[default]
        All = "all",
        /// No money, and somebody can still pay or we do not know yet.
        Unpaid = "unpaid",
        /// Of those, the ones of which a payment ends on the bank's day of today.
        UnpaidEndsToday = "unpaid-ends-today",
        /// A person must look: something does not fit, an operation waits for a person, a card is authorised and not captured,
        /// or money came after the end.
        NeedsMe = "needs-me",
        /// The bank has confirmed money.
        Paid = "paid",
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
