//! Readings: what a verified inquiry shows of a payment, and how it maps to our states (money rules
//! 2).

use crate::bank_state::BankState;
use crate::card::{CardState, CardTail};
use crate::discrepancy::DiscrepancyKind;
use crate::handles::Handles;
use crate::money::Twd;
use crate::payment::{Issued, Payment, PaymentState};
use crate::rail::Rail;
use crate::seen::Seen;
use crate::time::{BankMinute, Moment};

/// One order as a bank shows it, in our units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankRow {
    /// The bank's echo of the number.
    pub bank_order_no: String,
    /// State and refunds: all that a write of ours can change.
    pub seen: Seen,
    /// The state in the bank's own code, for the evidence.
    pub said: String,
    /// The amount, where the answer carries one.
    pub amount: Option<Twd>,
    /// The minute of creation by the bank's clock (TSDate).
    pub created_minute: Option<BankMinute>,
    /// The minute of payment or capture (PayDate).
    pub paid_minute: Option<BankMinute>,
    /// When the customer paid, by the bank's clock: SinoPac ApprovedDate of a card, else PayDate;
    /// CTBC Txn_date and Txn_time.
    pub paid_at: Option<Moment>,
    /// The last instant at which the customer could pay, by the bank (SinoPac ExpireDate).
    pub expires_at: Option<Moment>,
    /// Account or link, where the answer carries them.
    pub issued: Option<Issued>,
    /// The end of the card's number, where a row of CTBC shows it.
    pub card_tail: Option<CardTail>,
    /// What a write at CTBC names. In memory only.
    pub handles: Option<Handles>,
}

impl BankRow {
    /// The row names the state that the payment is in. Late money is money to the bank.
    pub fn says(&self, state: PaymentState) -> bool {
        let ours = if state == PaymentState::PaidLate { PaymentState::Paid } else { state };
        self.seen.state().payment_state() == Some(ours)
    }

    /// The row says what the payment is known to be: nothing follows from it. A row of a card may
    /// show how far it is.
    pub fn is_known(&self, payment: &Payment) -> bool {
        payment.state.has_money()
            && self.says(payment.state)
            && matches!(self.seen, Seen::Sinopac { .. })
            && !self.seen.shows_refund()
            && self.amount == Some(payment.amount)
            && self.paid_minute == payment.paid_minute
    }
}

impl BankState {
    /// Its payment state; `None` for an unlisted code.
    pub const fn payment_state(self) -> Option<PaymentState> {
        match self {
            Self::Waiting => Some(PaymentState::Awaiting),
            Self::Expired => Some(PaymentState::Expired),
            Self::Authorized => Some(PaymentState::Authorized),
            Self::Collected => Some(PaymentState::Paid),
            Self::Settled => Some(PaymentState::Settled),
            Self::Released => Some(PaymentState::Released),
            Self::Unlisted => None,
        }
    }
}

/// A card that was paid up to this long after the end of its page was paid in time.
const CARD_GRACE_MS: i64 = 600_000;

/// Did the customer pay after the end, by the bank's own times? `None` where it tells none. A card
/// page may take its time after the customer has pressed the key, an account has an end to the
/// minute.
pub(crate) fn is_late(payment: &Payment, row: &BankRow) -> Option<bool> {
    let end = match payment.rail {
        Rail::SinopacAccount => row.expires_at.unwrap_or(payment.expires_at),
        Rail::SinopacCard => row.expires_at.unwrap_or(payment.expires_at).plus_ms(CARD_GRACE_MS),
        Rail::CtbcCard => payment.expires_at.plus_ms(CARD_GRACE_MS),
    };
    row.paid_at.map(|paid_at| paid_at > end)
}

/// The payment state for a card at CTBC, and what does not fit it. A failed authorization is the
/// end only when the life of its page is over: the customer may try another card on it.
pub(crate) fn said_by_card(
    payment: &Payment,
    state: CardState,
    asked_at: Moment,
) -> (Option<PaymentState>, Option<DiscrepancyKind>) {
    let page_over = asked_at >= payment.expires_at;
    match state {
        CardState::Failed if page_over => (Some(PaymentState::Failed), None),
        CardState::Failed => (Some(PaymentState::Awaiting), None),
        CardState::Cancelled => (Some(PaymentState::Released), None),
        CardState::Authorized => (Some(PaymentState::Authorized), None),
        CardState::CaptureQueued | CardState::CaptureLocked | CardState::Captured => {
            (Some(PaymentState::Paid), None)
        }
        CardState::CaptureFailed => (Some(PaymentState::Paid), Some(DiscrepancyKind::CaptureFailed)),
        CardState::RefundQueued | CardState::RefundLocked | CardState::Refunded | CardState::RefundFailed => {
            (Some(PaymentState::Paid), Some(DiscrepancyKind::RefundedOutside))
        }
        CardState::Unlisted => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::RefundsSeen;
    use crate::testing::{payment, row};

    /// Nothing follows from a row that says what is known; each difference makes it news.
    #[test]
    fn a_row_is_known_when_nothing_of_it_differs() {
        let minute = BankMinute::from_minutes(10);
        let paid = Payment { paid_minute: Some(minute), ..payment(PaymentState::Paid) };
        let collected = row(BankState::Collected);
        assert!(collected.is_known(&paid));
        let late = Payment { state: PaymentState::PaidLate, ..paid.clone() };
        assert!(collected.is_known(&late), "late money is money to the bank");
        assert!(!collected.is_known(&Payment { state: PaymentState::Settled, ..paid.clone() }));
        assert!(!collected.is_known(&Payment { paid_minute: None, ..paid.clone() }));
        let expired = Payment { state: PaymentState::Expired, ..paid.clone() };
        assert!(!row(BankState::Expired).is_known(&expired), "without money it is always news");
        let refunds = RefundsSeen { flag: true, ..RefundsSeen::default() };
        let refunded = Seen::Sinopac { state: BankState::Collected, refunds };
        for other in [
            BankRow { amount: Some(Twd::new(9)), ..collected.clone() },
            BankRow { amount: None, ..collected.clone() },
            BankRow { seen: refunded, ..collected.clone() },
            BankRow { seen: Seen::of_ctbc(CardState::Captured), ..collected.clone() },
            row(BankState::Settled),
        ] {
            assert!(!other.is_known(&paid), "{other:?}");
        }
    }

    /// The end of each rail, to the instant; where the bank tells none, ours.
    #[test]
    fn late_counts_from_the_end_that_the_bank_names() {
        let at = Moment::from_millis;
        let end = at(100 * 60_000);
        let rows = [
            (Rail::SinopacAccount, Some(end), end, Some(false)),
            (Rail::SinopacAccount, Some(end), end.plus_ms(1), Some(true)),
            (Rail::SinopacAccount, None, at(90 * 60_000 + 1), Some(true)),
            (Rail::SinopacCard, Some(end), end.plus_mins(10), Some(false)),
            (Rail::SinopacCard, Some(end), end.plus_mins(10).plus_ms(1), Some(true)),
            (Rail::CtbcCard, Some(end), at(100 * 60_000), Some(false)),
            (Rail::CtbcCard, None, at(100 * 60_000 + 1), Some(true)),
        ];
        for (rail, theirs, paid_at, late) in rows {
            let ours = Payment { rail, expires_at: at(90 * 60_000), ..payment(PaymentState::Awaiting) };
            let seen = BankRow { expires_at: theirs, paid_at: Some(paid_at), ..row(BankState::Collected) };
            assert_eq!(is_late(&ours, &seen), late, "{rail:?} {theirs:?} {paid_at}");
        }
        assert_eq!(is_late(&payment(PaymentState::Awaiting), &row(BankState::Collected)), None);
    }
}
