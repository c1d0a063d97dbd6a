//! A card sale at CTBC as the bank shows it, and what that makes of a payment (money rules 2).
//!
//! The customer's browser posts the form to the bank, so there is no answer to a request of ours:
//! readings alone tell what became of it. Left out: when to ask (`schedule`), and what a state
//! means for a refund ([`crate::card_refund`]).

use serde::{Deserialize, Serialize};

use crate::bank_state::BankState;
use crate::named::named;

/// Life of the bank's card page from the moment the form was handed out; the bank publishes none
/// (money rules 1).
pub const PAGE_LIFE_MINS: i64 = 30;

named! {
    /// The bank's state of a sale (ctbc.md 6.1).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum CardState {
        /// -1: the authorization failed.
        Failed = "failed",
        /// 0: the authorization was taken back.
        Cancelled = "cancelled",
        /// 1: authorized, not in the capture file.
        Authorized = "authorized",
        /// 10: in the capture file, can still be taken out.
        CaptureQueued = "capture-queued",
        /// 11: the batch runs, nothing can be done.
        CaptureLocked = "capture-locked",
        /// 12: captured.
        Captured = "captured",
        /// 13: the capture failed.
        CaptureFailed = "capture-failed",
        /// 20: a refund is in the file, can still be taken out.
        RefundQueued = "refund-queued",
        /// 21: the batch runs, nothing can be done.
        RefundLocked = "refund-locked",
        /// 22: refunded, wholly or in part: the bank does not say.
        Refunded = "refunded",
        /// 23: the refund failed.
        RefundFailed = "refund-failed",
        /// A number that no list of ours holds: never guessed.
        Unlisted = "unlisted",
    }
}

impl CardState {
    /// The bank's number of it: labels differ between papers, numbers do not. An unlisted one has
    /// none here.
    pub const fn number(self) -> Option<&'static str> {
        match self {
            Self::Failed => Some("-1"),
            Self::Cancelled => Some("0"),
            Self::Authorized => Some("1"),
            Self::CaptureQueued => Some("10"),
            Self::CaptureLocked => Some("11"),
            Self::Captured => Some("12"),
            Self::CaptureFailed => Some("13"),
            Self::RefundQueued => Some("20"),
            Self::RefundLocked => Some("21"),
            Self::Refunded => Some("22"),
            Self::RefundFailed => Some("23"),
            Self::Unlisted => None,
        }
    }

    /// The state of a number, exactly as the bank writes it.
    pub fn of_number(number: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.number() == Some(number)).unwrap_or(Self::Unlisted)
    }

    /// The transaction holds the customer's money: it is authorized, or was collected.
    pub const fn holds_money(self) -> bool {
        self.is_money() || matches!(self, Self::Authorized)
    }

    /// The bank has collected, or is about to.
    pub const fn is_money(self) -> bool {
        match self {
            Self::CaptureQueued
            | Self::CaptureLocked
            | Self::CaptureFailed
            | Self::Captured
            | Self::RefundQueued
            | Self::RefundLocked
            | Self::Refunded
            | Self::RefundFailed => true,
            Self::Failed | Self::Cancelled | Self::Authorized | Self::Unlisted => false,
        }
    }

    /// 10 to 12: the batch that the bank names captures it.
    pub const fn is_in_capture(self) -> bool {
        matches!(self, Self::CaptureQueued | Self::CaptureLocked | Self::Captured)
    }

    /// 20, 21: a refund is in the bank's file.
    pub const fn is_in_refund(self) -> bool {
        matches!(self, Self::RefundQueued | Self::RefundLocked)
    }

    /// 20 to 22: the bank has taken a refund.
    pub const fn is_refund(self) -> bool {
        self.is_in_refund() || matches!(self, Self::Refunded)
    }

    /// A batch of the bank's still has to move it: it is polled after each until none does.
    pub const fn waits_for_batch(self) -> bool {
        match self {
            Self::CaptureQueued
            | Self::CaptureLocked
            | Self::CaptureFailed
            | Self::RefundQueued
            | Self::RefundLocked => true,
            Self::Failed
            | Self::Cancelled
            | Self::Authorized
            | Self::Captured
            | Self::Refunded
            | Self::RefundFailed
            | Self::Unlisted => false,
        }
    }

    /// May the bank show `to` after this? Readings miss states, so a step may skip some; refused is
    /// what no chain of the bank's own steps leads to. A captured card never waits for its capture
    /// again, and a cancelled one stays cancelled.
    pub const fn may_become(self, to: Self) -> bool {
        use CardState as C;
        let refund = to.is_refund() || matches!(to, C::RefundFailed);
        match self {
            C::Failed | C::Unlisted => true,
            C::Cancelled => false,
            C::Authorized | C::CaptureQueued | C::CaptureLocked | C::CaptureFailed => {
                !matches!(to, C::Failed | C::Unlisted)
            }
            C::Captured | C::RefundQueued | C::RefundLocked | C::RefundFailed => {
                refund || matches!(to, C::Captured)
            }
            C::Refunded => refund,
        }
    }

    /// In the words that all banks share.
    pub const fn bank_state(self) -> BankState {
        match self {
            Self::Failed => BankState::Waiting,
            Self::Cancelled => BankState::Released,
            Self::Authorized => BankState::Authorized,
            Self::CaptureQueued
            | Self::CaptureLocked
            | Self::Captured
            | Self::CaptureFailed
            | Self::RefundQueued
            | Self::RefundLocked
            | Self::Refunded
            | Self::RefundFailed => BankState::Collected,
            Self::Unlisted => BankState::Unlisted,
        }
    }
}

/// The last four digits of a card: all that is ever kept or shown of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardTail([u8; 4]);

impl CardTail {
    /// Of a number that the bank has masked: at most six digits, at least four asterisks, four
    /// digits. Of any other text nothing is taken: it may be the whole number.
    pub fn of_masked(text: &str) -> Option<Self> {
        let text = text.trim();
        let head = text.bytes().take_while(u8::is_ascii_digit).count();
        let (rest, tail) = text.get(head..)?.split_at_checked(text.len().checked_sub(head + 4)?)?;
        let masked = rest.len() >= 4 && rest.bytes().all(|b| b == b'*');
        Self::parse(tail).filter(|_| masked && head <= 6)
    }

    /// Reads the four digits.
    pub fn parse(digits: &str) -> Option<Self> {
        let tail: [u8; 4] = digits.as_bytes().try_into().ok()?;
        tail.iter().all(u8::is_ascii_digit).then_some(Self(tail))
    }

    /// The four digits.
    pub fn digits(self) -> String {
        self.0.into_iter().map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_back_by_its_number() {
        for state in CardState::ALL {
            assert_eq!(CardState::of_number(state.number().unwrap_or("14")), state);
        }
    }

    #[test]
    fn what_a_state_means() {
        let money = ["10", "11", "12", "13", "20", "21", "22", "23"];
        for state in CardState::ALL {
            let number = state.number().unwrap_or("14");
            assert_eq!(state.is_money(), money.contains(&number), "{number}");
            assert_eq!(state.is_in_capture(), ["10", "11", "12"].contains(&number), "{number}");
            assert_eq!(state.is_in_refund(), ["20", "21"].contains(&number), "{number}");
            assert_eq!(state.is_refund(), ["20", "21", "22"].contains(&number), "{number}");
        }
    }

    #[test]
    fn a_captured_card_never_fails_and_is_refunded_or_captured() {
        use CardState as C;
        for before in [C::Authorized, C::CaptureQueued, C::CaptureLocked, C::CaptureFailed] {
            assert!(!before.may_become(C::Failed) && !before.may_become(C::Unlisted), "{before:?}");
            assert!(before.may_become(C::Captured) && before.may_become(C::Refunded), "{before:?}");
        }
        for after in [C::Captured, C::RefundQueued, C::RefundLocked, C::RefundFailed] {
            assert!(after.may_become(C::Captured) && after.may_become(C::RefundQueued), "{after:?}");
            assert!(!after.may_become(C::CaptureQueued) && !after.may_become(C::Cancelled), "{after:?}");
        }
        assert!(C::Refunded.may_become(C::RefundQueued) && !C::Refunded.may_become(C::Captured));
        assert!(!C::Cancelled.may_become(C::Captured));
    }

    /// A text that may hold more of the number than the bank masks is as if it were not there.
    #[test]
    fn of_a_card_only_the_end_of_a_masked_number_is_taken() {
        let tail = |text| CardTail::of_masked(text).map(CardTail::digits);
        for masked in
            ["654321******1234", " ************1234 ", "3*********1234", "654321*********1234", "****1234"]
        {
            assert_eq!(tail(masked).as_deref(), Some("1234"), "{masked}");
        }
        for whole in [
            "6543210987651234",
            "1234",
            "6543210*****1234",
            "654321***1234",
            "654321******01234",
            "654321*****51234",
            "654321**98**1234",
            "654321******123",
            "654321******12３4",
            "654321XXXXXX1234",
            "****",
            "",
        ] {
            assert_eq!(tail(whole), None, "{whole}");
        }
    }
}
