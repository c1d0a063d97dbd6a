//! A card sale at CTBC as the bank shows it, and what that makes of a payment (money rules 2).
//!
//! The customer's browser posts the form to the bank, so there is no answer to a request of ours: readings alone tell what became of it.
//! Left out: when to ask (`schedule`), and what a state means for a refund ([`crate::card_refund`]).

use crate::discrepancy::DiscrepancyKind;
use crate::payment::{Payment, PaymentState};
use crate::reading::BankState;
use crate::time::Moment;

/// Life of the bank's card page from the moment the form was handed out; the bank publishes none (money rules 1).
pub const PAGE_LIFE_MINS: i64 = 30;

/// The bank's state of a sale (ctbc.md 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardState {
    /// -1: the authorisation failed.
    Failed,
    /// 0: the authorisation was taken back.
    Cancelled,
    /// 1: authorised, not in the capture file.
    Authorized,
    /// 10: in the capture file, can still be taken out.
    CaptureQueued,
    /// 11: the batch runs, nothing can be done.
    CaptureLocked,
    /// 12: captured.
    Captured,
    /// 13: the capture failed.
    CaptureFailed,
    /// 20: a refund is in the file, can still be taken out.
    RefundQueued,
    /// 21: the batch runs, nothing can be done.
    RefundLocked,
    /// 22: refunded, wholly or in part: the bank does not say.
    Refunded,
    /// 23: the refund failed.
    RefundFailed,
    /// A number that no list of ours holds: never guessed.
    Unlisted,
}

impl CardState {
    /// Every state.
    pub const ALL: [Self; 12] = [
        Self::Failed,
        Self::Cancelled,
        Self::Authorized,
        Self::CaptureQueued,
        Self::CaptureLocked,
        Self::Captured,
        Self::CaptureFailed,
        Self::RefundQueued,
        Self::RefundLocked,
        Self::Refunded,
        Self::RefundFailed,
        Self::Unlisted,
    ];

    /// The name in rows and JSON: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Authorized => "authorized",
            Self::CaptureQueued => "capture-queued",
            Self::CaptureLocked => "capture-locked",
            Self::Captured => "captured",
            Self::CaptureFailed => "capture-failed",
            Self::RefundQueued => "refund-queued",
            Self::RefundLocked => "refund-locked",
            Self::Refunded => "refunded",
            Self::RefundFailed => "refund-failed",
            Self::Unlisted => "unlisted",
        }
    }

    /// Reads [`CardState::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The bank's number of it: labels differ between papers, numbers do not. An unlisted one has none here.
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

    /// May the bank show `to` after this? Readings miss states, so a step may skip some; refused is what no chain of the bank's own
    /// steps leads to. A captured card never waits for its capture again, and a cancelled one stays cancelled.
    pub const fn may_become(self, to: Self) -> bool {
        use CardState as C;
        let refund = matches!(to, C::RefundQueued | C::RefundLocked | C::Refunded | C::RefundFailed);
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
    /// Of a number that the bank has masked: at most six digits, at least four asterisks, four digits. Of any other text nothing is
    /// taken: it may be the whole number.
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

/// What only a card row of CTBC shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardSeen {
    /// The state.
    pub state: CardState,
    /// Several transactions stand under the number: charged twice.
    pub several: bool,
    /// The end of the card's number, where the row shows one.
    pub tail: Option<CardTail>,
}

impl Payment {
    /// Takes what a row that counts shows of the card. The customer may have tried another card after one that failed: its end is
    /// not kept beside the new state.
    pub fn see_card(&mut self, seen: CardSeen) {
        let kept = self.card_tail.filter(|_| self.card != Some(CardState::Failed));
        self.card_tail = seen.tail.or(kept);
        self.card = Some(seen.state);
    }

    /// Would [`Payment::see_card`] change anything that is worth a row?
    pub fn is_card_news(&self, seen: CardSeen) -> bool {
        match self.card {
            Some(state) if state == seen.state => self.card_tail.is_none() && seen.tail.is_some(),
            Some(state) => state.may_become(seen.state),
            None => true,
        }
    }

    /// The bank shows a card that cannot come after what it has shown before.
    pub(crate) fn is_card_back(&self, seen: CardSeen) -> bool {
        self.card.is_some_and(|state| state != seen.state && !state.may_become(seen.state))
    }
}

/// The payment state that a card row stands for, and what does not fit it (money rules 2). A failed authorisation is the end only
/// when the page's life is over: the customer may try another card on it.
pub(crate) fn said(
    payment: &Payment,
    seen: CardSeen,
    asked_at: Moment,
) -> (Option<PaymentState>, Option<DiscrepancyKind>) {
    let page_over = asked_at >= payment.expires_at;
    match seen.state {
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
    use crate::Rail;
    use crate::reading::tests::{payment, row};
    use crate::reading::{BankRow, judge};
    use PaymentState as S;

    const LIFE_MS: i64 = PAGE_LIFE_MINS * 60_000;

    fn sale(state: S) -> Payment {
        Payment {
            rail: Rail::CtbcCard,
            confirmed_at: None,
            expires_at: Moment::from_millis(LIFE_MS),
            ..payment(state)
        }
    }

    fn seen(state: CardState, several: bool) -> BankRow {
        BankRow { card: Some(CardSeen { state, several, tail: None }), ..row(state.bank_state()) }
    }

    fn judged(was: S, state: CardState, at_ms: i64) -> (Option<S>, Vec<DiscrepancyKind>) {
        let judgement = judge(&sale(was), Some(&seen(state, false)), Moment::from_millis(at_ms));
        (judgement.to, judgement.doubts.into_iter().map(|(kind, _)| kind).collect())
    }

    /// Money rules 2, a row each.
    #[test]
    fn the_table_of_card_states() {
        use CardState as C;
        use DiscrepancyKind as D;
        let rows: [(C, Option<S>, &[D]); 12] = [
            (C::Failed, None, &[]),
            (C::Cancelled, Some(S::Released), &[]),
            (C::Authorized, Some(S::Authorized), &[]),
            (C::CaptureQueued, Some(S::Paid), &[]),
            (C::CaptureLocked, Some(S::Paid), &[]),
            (C::Captured, Some(S::Paid), &[]),
            (C::CaptureFailed, Some(S::Paid), &[D::CaptureFailed]),
            (C::RefundQueued, Some(S::Paid), &[D::RefundedOutside]),
            (C::RefundLocked, Some(S::Paid), &[D::RefundedOutside]),
            (C::Refunded, Some(S::Paid), &[D::RefundedOutside]),
            (C::RefundFailed, Some(S::Paid), &[D::RefundedOutside]),
            (C::Unlisted, None, &[D::UnlistedState]),
        ];
        for (state, to, doubts) in rows {
            assert_eq!(judged(S::Awaiting, state, 1_000), (to, doubts.to_vec()), "{state:?}");
            assert_eq!(CardState::parse(state.name()), Some(state));
            assert_eq!(CardState::of_number(state.number().unwrap_or("14")), state);
        }
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

    #[test]
    fn the_end_of_a_card_stays_until_another_card_is_tried() {
        let seen = |state, tail| CardSeen { state, several: false, tail: CardTail::parse(tail) };
        let mut payment = sale(S::Awaiting);
        payment.see_card(seen(CardState::Failed, "1111"));
        assert_eq!(payment.card_tail, CardTail::parse("1111"));
        assert!(payment.is_card_news(seen(CardState::CaptureQueued, "")));
        payment.see_card(seen(CardState::CaptureQueued, ""));
        assert_eq!(payment.card_tail, None, "it was the other card's");
        assert!(payment.is_card_news(seen(CardState::CaptureQueued, "2222")));
        payment.see_card(seen(CardState::CaptureQueued, "2222"));
        assert!(!payment.is_card_news(seen(CardState::CaptureQueued, "2222")));
        payment.see_card(seen(CardState::Captured, ""));
        assert_eq!((payment.card, payment.card_tail), (Some(CardState::Captured), CardTail::parse("2222")));
    }

    #[test]
    fn a_failed_card_ends_the_payment_when_the_page_is_over() {
        assert_eq!(judged(S::Awaiting, CardState::Failed, LIFE_MS - 1), (None, vec![]));
        assert_eq!(judged(S::Awaiting, CardState::Failed, LIFE_MS), (Some(S::Failed), vec![]));
        assert_eq!(judged(S::Failed, CardState::Failed, 2 * LIFE_MS), (None, vec![]));
        assert_eq!(judged(S::Expired, CardState::Failed, 2 * LIFE_MS), (None, vec![]));
    }

    #[test]
    fn never_authorised_is_expired_when_the_page_is_over() {
        let nothing = |was, at| judge(&sale(was), None, Moment::from_millis(at));
        assert_eq!(nothing(S::Awaiting, LIFE_MS - 1).to, None);
        assert_eq!(nothing(S::Awaiting, LIFE_MS).to, Some(S::Expired));
        let mut ended = sale(S::Expired);
        ended.confirmed_at = Some(Moment::from_millis(LIFE_MS));
        let later = judge(&ended, None, Moment::from_millis(9 * LIFE_MS));
        assert_eq!((later.to, later.doubts), (None, vec![]));
        let mut paid = sale(S::Paid);
        paid.confirmed_at = Some(Moment::from_millis(0));
        assert_eq!(judge(&paid, None, Moment::from_millis(LIFE_MS)).doubts[0].0, DiscrepancyKind::WentBack);
    }

    #[test]
    fn a_card_that_goes_back_among_states_with_money_is_a_discrepancy() {
        let mut paid = sale(S::Paid);
        paid.confirmed_at = Some(Moment::from_millis(0));
        paid.card = Some(CardState::Captured);
        let back = seen(CardState::CaptureQueued, false);
        let later = judge(&paid, Some(&back), Moment::from_millis(LIFE_MS));
        assert_eq!((later.to, later.doubts.len()), (None, 1));
        assert_eq!(later.doubts[0].0, DiscrepancyKind::WentBack);
        assert!(judge(&paid, Some(&back), Moment::from_millis(1)).doubts.is_empty(), "lag");
        assert!(!paid.is_card_news(back.card.unwrap()));
    }

    #[test]
    fn money_after_the_end_is_late_and_several_are_charged_twice() {
        assert_eq!(
            judged(S::Expired, CardState::CaptureQueued, LIFE_MS),
            (Some(S::PaidLate), vec![DiscrepancyKind::PaidLate])
        );
        let twice = judge(&sale(S::Awaiting), Some(&seen(CardState::Captured, true)), Moment::from_millis(1));
        assert_eq!(twice.to, Some(S::Paid));
        assert_eq!(twice.doubts[0].0, DiscrepancyKind::ChargedTwice);
    }

    /// Of several under one number the newest may be the one that failed: the money of another is not given up for it.
    #[test]
    fn of_several_a_failed_one_ends_nothing() {
        for (state, was) in [
            (CardState::Failed, S::Awaiting),
            (CardState::Cancelled, S::Awaiting),
            (CardState::Authorized, S::Awaiting),
        ] {
            let twice = judge(&sale(was), Some(&seen(state, true)), Moment::from_millis(2 * LIFE_MS));
            assert_eq!((twice.to, twice.doubts[0].0), (None, DiscrepancyKind::ChargedTwice), "{state:?}");
        }
    }

    #[test]
    fn an_authorisation_that_is_not_there_any_more_is_a_discrepancy() {
        for (was, doubts) in [(S::Authorized, 1), (S::Released, 1), (S::Awaiting, 0)] {
            let mut p = sale(was);
            p.confirmed_at = Some(Moment::from_millis(0));
            let gone = judge(&p, None, Moment::from_millis(LIFE_MS - 1));
            assert_eq!((gone.to, gone.doubts.len()), (None, doubts), "{was:?}");
        }
    }

    #[test]
    fn an_authorisation_that_is_gone_after_the_money_is_a_discrepancy() {
        let mut paid = sale(S::Paid);
        paid.confirmed_at = Some(Moment::from_millis(0));
        for state in [CardState::Cancelled, CardState::Authorized] {
            let judgement = judge(&paid, Some(&seen(state, false)), Moment::from_millis(LIFE_MS));
            assert_eq!((judgement.to, judgement.doubts[0].0), (None, DiscrepancyKind::WentBack));
        }
    }
}
