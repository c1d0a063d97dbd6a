//! An order: what was sold. Its state is derived from its payments, never set by hand.

use serde::{Deserialize, Serialize};

use crate::ids::{CustomerId, OrderId};
use crate::money::Twd;
use crate::named::named;
use crate::payment::{Payment, PaymentState};
use crate::time::Moment;
use crate::typed::trimmed;

/// What was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Ours.
    pub id: OrderId,
    /// The price.
    pub amount: Twd,
    /// As typed; empty when nothing was.
    pub description: String,
    /// Who buys, where something was typed about it.
    pub customer: Option<CustomerId>,
    /// When.
    pub created_at: Moment,
    /// Starts at 1 and grows with each decision that rests on all payments of the order.
    pub version: i64,
}

named! {
    /// Derived; see [`order_state`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum OrderState {
        /// A customer can still pay, or we do not know yet.
        Open = "open",
        /// One payment brought the money.
        Paid = "paid",
        /// More than one did: a refund is proposed.
        PaidTwice = "paid-twice",
        /// Nothing is open and no money came.
        Ended = "ended",
    }
}

/// The state of an order from the states of its payments.
pub fn order_state<'a>(payments: impl IntoIterator<Item = &'a Payment>) -> OrderState {
    let states: Vec<PaymentState> = payments.into_iter().map(|p| p.state).collect();
    match states.iter().filter(|s| s.has_money()).count() {
        0 if states.iter().any(|s| s.is_open()) => OrderState::Open,
        0 => OrderState::Ended,
        1 => OrderState::Paid,
        _ => OrderState::PaidTwice,
    }
}

/// The longest description: SinoPac's PrdtName takes 60 characters (sinopac.md 4.1).
pub const DESCRIPTION_CHARS_MAX: usize = 60;

/// Why a description was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// Longer than [`DESCRIPTION_CHARS_MAX`]; the length is carried along.
    #[error("description has {chars} characters")]
    TooLong {
        /// How many characters were typed.
        chars: usize,
    },
    /// A control character (NUL, escape, line break …) at this place, counted from 1.
    #[error("description holds a control character at {place}")]
    Control {
        /// Which character, from 1.
        place: usize,
    },
}

/// Checks a description and takes the blanks off both ends: the bank's sign must not begin or end
/// with one (sinopac.md 3.4).
///
/// # Errors
/// [`DescriptionError`]; what was typed stays with the caller.
pub fn check_description(typed: &str) -> Result<String, DescriptionError> {
    let text = trimmed(typed);
    if let Some(place) = text.chars().position(char::is_control) {
        return Err(DescriptionError::Control { place: place + 1 });
    }
    let chars = text.chars().count();
    if chars > DESCRIPTION_CHARS_MAX { Err(DescriptionError::TooLong { chars }) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::payment;

    #[test]
    fn an_order_is_what_its_payments_are() {
        use PaymentState as P;
        for (states, expected) in [
            (&[][..], OrderState::Ended),
            (&[P::Expired, P::Failed], OrderState::Ended),
            (&[P::Expired, P::Awaiting], OrderState::Open),
            (&[P::Awaiting, P::Paid], OrderState::Paid),
            (&[P::PaidLate, P::Expired], OrderState::Paid),
            (&[P::Awaiting, P::Paid, P::Settled], OrderState::PaidTwice),
        ] {
            let payments: Vec<Payment> = states.iter().copied().map(payment).collect();
            assert_eq!(order_state(&payments), expected, "{states:?}");
        }
    }

    #[test]
    fn descriptions() {
        assert_eq!(check_description(" 茶葉 2 包 "), Ok("茶葉 2 包".to_owned()));
        assert_eq!(check_description(&"茶".repeat(60)).map(|t| t.chars().count()), Ok(60));
        assert_eq!(check_description(&"茶".repeat(61)), Err(DescriptionError::TooLong { chars: 61 }));
        assert_eq!(check_description("a\0b"), Err(DescriptionError::Control { place: 2 }));
        assert_eq!(check_description("a\u{1b}[31m"), Err(DescriptionError::Control { place: 2 }));
        assert_eq!(check_description("'10%' \"off\" 🍵"), Ok("'10%' \"off\" 🍵".to_owned()));
    }
}
