//! The built-in views of the list of orders.

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Every order.
    #[default]
    All,
    /// No money, and somebody can still pay or we do not know yet.
    Unpaid,
    /// Of those, the ones of which a payment ends on the bank's day of today.
    UnpaidEndsToday,
    /// A person must look: something does not fit, an operation waits for a person, a card is authorised and not captured,
    /// or money came after the end.
    NeedsMe,
    /// The bank has confirmed money.
    Paid,
}

impl View {
    /// Every view, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::All, Self::Unpaid, Self::UnpaidEndsToday, Self::NeedsMe, Self::Paid];

    /// The name scripts and screens use: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unpaid => "unpaid",
            Self::UnpaidEndsToday => "unpaid-ends-today",
            Self::NeedsMe => "needs-me",
            Self::Paid => "paid",
        }
    }

    /// Reads [`View::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
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
