//! Readings: what a verified inquiry says about a payment, and what it changes (money rules 1 and 2).

use serde::{Deserialize, Serialize};

use crate::card::{self, CardSeen};
use crate::discrepancy::DiscrepancyKind;
use crate::money::Twd;
use crate::payment::{Issued, Payment, PaymentState};
use crate::rail::Rail;
use crate::time::{BankMinute, Moment};

/// The bank's state of an order, without the bank's words. Each bank's `meaning.rs` maps its codes to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BankState {
    /// Nobody has paid yet.
    Waiting,
    /// Its time ran out, or it was disabled.
    Expired,
    /// A card is authorised, nothing is collected.
    Authorized,
    /// Collected.
    Collected,
    /// Collected and paid out to the shop.
    Settled,
    /// The authorisation lapsed or was cancelled.
    Released,
    /// A code that no list of ours holds: never guessed.
    Unlisted,
}

impl BankState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Expired,
        Self::Authorized,
        Self::Collected,
        Self::Settled,
        Self::Released,
        Self::Unlisted,
    ];

    /// The name in rows: kebab-case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Expired => "expired",
            Self::Authorized => "authorized",
            Self::Collected => "collected",
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Unlisted => "unlisted",
        }
    }

    /// Reads [`BankState::name`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The payment state it stands for (money rules 2); `None` for a code that nobody knows.
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

/// One order as a bank shows it, in our units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankRow {
    /// The bank's echo of the number.
    pub bank_order_no: String,
    /// The state.
    pub state: BankState,
    /// The state in the bank's own code, for the evidence.
    pub said: String,
    /// The amount, where the answer carries one.
    pub amount: Option<Twd>,
    /// The minute of creation by the bank's clock (TSDate).
    pub created_minute: Option<BankMinute>,
    /// The minute of payment or capture (PayDate).
    pub paid_minute: Option<BankMinute>,
    /// When the customer paid, by the bank's clock: SinoPac ApprovedDate of a card, else PayDate; CTBC Txn_date and Txn_time.
    pub paid_at: Option<Moment>,
    /// The last instant at which the customer could pay, by the bank (SinoPac ExpireDate).
    pub expires_at: Option<Moment>,
    /// Account or link, where the answer carries them.
    pub issued: Option<Issued>,
    /// The bank shows a refund of it.
    pub refunded: bool,
    /// Of a card at CTBC: the state in full.
    pub card: Option<CardSeen>,
}

/// What a reading changes, and what does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// The state the payment moves to.
    pub to: Option<PaymentState>,
    /// What does not fit, with the facts side by side.
    pub doubts: Vec<(DiscrepancyKind, String)>,
}

/// The bank's queries lag behind its other answers by up to this long: an earlier state within it is lag, not a discrepancy.
pub const LAG_MS: i64 = 600_000;
/// A card that was paid up to this long after the end of its page was paid in time.
const CARD_GRACE_MS: i64 = 600_000;

/// Judges one row about one payment. `asked_at`: bank time at which the question left.
///
/// Echo first: a row with another amount, or paid before it was made, changes no state. A row that shows less than the bank has
/// confirmed before changes nothing, and is a discrepancy unless it is lag or our own cancellation explains it.
///
/// `None`: the bank has no such order. That is news only about one it has confirmed before.
pub fn judge(payment: &Payment, row: Option<&BankRow>, asked_at: Moment) -> Judgement {
    let mut doubts = Vec::new();
    let Some(row) = row else {
        let approved = matches!(payment.state, PaymentState::Authorized | PaymentState::Released);
        if payment.rail == Rail::CtbcCard && !payment.state.has_money() && !approved {
            // never authorised: the normal case until the customer has typed a card
            let over = payment.state.may_become(PaymentState::Expired) && asked_at >= payment.expires_at;
            return Judgement { to: over.then_some(PaymentState::Expired), doubts };
        }
        let known = payment.confirmed_at.filter(|_| payment.state != PaymentState::NotIssued);
        if known.is_some_and(|at| asked_at.ms_since(at) >= LAG_MS) {
            doubts.push((
                DiscrepancyKind::WentBack,
                format!("{}, bank has no such order", payment.state.name()),
            ));
        }
        return Judgement { to: None, doubts };
    };
    if row.bank_order_no != payment.bank_order_no.as_str() {
        doubts.push((
            DiscrepancyKind::EchoDiffers,
            format!(
                "ours {}, bank {}",
                payment.bank_order_no,
                row.bank_order_no.chars().take(50).collect::<String>()
            ),
        ));
    }
    if let Some(amount) = row.amount.filter(|a| *a != payment.amount) {
        let detail = format!("ours {}, bank {}", payment.amount.dollars(), amount.dollars());
        doubts.push((DiscrepancyKind::AmountDiffers, detail));
    }
    if let (Some(created), Some(paid)) = (row.created_minute, row.paid_minute)
        && paid < created
    {
        doubts.push((DiscrepancyKind::PaidBeforeCreated, format!("created {created}, paid {paid}")));
    }
    if !doubts.is_empty() {
        return Judgement { to: None, doubts };
    }
    if row.refunded {
        doubts.push((DiscrepancyKind::RefundedOutside, row.said.clone()));
    }
    let said = match row.card {
        Some(seen) => {
            if seen.several {
                doubts.push((DiscrepancyKind::ChargedTwice, format!("several under {}", row.bank_order_no)));
            }
            let (said, doubt) = card::said(payment, seen, asked_at);
            doubts.extend(doubt.map(|kind| (kind, row.said.clone())));
            if seen.several && !said.is_some_and(PaymentState::has_money) {
                // another of them may have brought the money: this one ends nothing
                return Judgement { to: None, doubts };
            }
            said
        }
        None => row.state.payment_state(),
    };
    let Some(said) = said else {
        doubts.push((DiscrepancyKind::UnlistedState, row.said.clone()));
        return Judgement { to: None, doubts };
    };
    let to = payment.state.step(said, is_late(payment, row));
    if to == Some(PaymentState::PaidLate) {
        doubts.push((DiscrepancyKind::PaidLate, row.said.clone()));
    }
    let lags = payment.confirmed_at.is_some_and(|at| asked_at.ms_since(at) < LAG_MS);
    let back = row.card.is_some_and(|seen| payment.is_card_back(seen)) && !lags;
    if to.is_none() && (back || !explained(payment, said, asked_at)) {
        doubts.push((DiscrepancyKind::WentBack, format!("{}, bank {}", payment.state.name(), row.said)));
    }
    Judgement { to, doubts }
}

/// Did the customer pay after the end, by the bank's own times (money rules 2)? `None` where it tells none. A card page may take
/// its time after the customer has pressed the key, an account has an end to the minute.
fn is_late(payment: &Payment, row: &BankRow) -> Option<bool> {
    let end = match payment.rail {
        Rail::SinopacAccount => row.expires_at.unwrap_or(payment.expires_at),
        Rail::SinopacCard => row.expires_at.unwrap_or(payment.expires_at).plus_ms(CARD_GRACE_MS),
        Rail::CtbcCard => payment.expires_at.plus_ms(CARD_GRACE_MS),
    };
    row.paid_at.map(|paid_at| paid_at > end)
}

/// A reading that changes nothing, and need not: the same state in other words, an ended payment that is still (or no longer)
/// waiting, or news older than what we already hold.
fn explained(payment: &Payment, said: PaymentState, asked_at: Moment) -> bool {
    use PaymentState as S;
    let same = match payment.state {
        S::Paid | S::PaidLate => said == S::Paid,
        S::Settled => said == S::Settled,
        S::Issuing | S::Awaiting => true,
        S::Authorized => said == S::Authorized,
        S::Released => said == S::Released,
        // an unknown create that turned up after its end, or a disabled account
        S::NotIssued | S::Expired | S::Cancelled | S::Failed => {
            matches!(said, S::Awaiting | S::Expired | S::Failed)
        }
    };
    same || payment.confirmed_at.is_some_and(|at| asked_at.ms_since(at) < LAG_MS)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ids::{BankOrderNo, OrderId, PaymentId};

    pub(crate) fn payment(state: PaymentState) -> Payment {
        Payment {
            id: PaymentId::from_bytes([1; 16]),
            order: OrderId::from_bytes([2; 16]),
            rail: Rail::SinopacAccount,
            bank_order_no: BankOrderNo::from_text("T1A"),
            amount: Twd::new(100),
            state,
            shown: true,
            issued: None,
            created_at: Moment::from_millis(0),
            expires_at: Moment::from_millis(0),
            paid_minute: None,
            confirmed_at: Some(Moment::from_millis(0)),
            proof: None,
            late: false,
            asked_at: None,
            return_port: None,
            return_path: None,
            card: None,
            card_tail: None,
            version: 1,
        }
    }

    pub(crate) fn row(state: BankState) -> BankRow {
        BankRow {
            bank_order_no: "T1A".into(),
            state,
            said: "1A???".into(),
            amount: Some(Twd::new(100)),
            created_minute: Some(BankMinute::from_minutes(10)),
            paid_minute: Some(BankMinute::from_minutes(10)),
            paid_at: None,
            expires_at: None,
            issued: None,
            refunded: false,
            card: None,
        }
    }

    const LATER: Moment = Moment::from_millis(3_600_000);

    fn kinds(j: &Judgement) -> Vec<DiscrepancyKind> {
        j.doubts.iter().map(|d| d.0).collect()
    }

    #[test]
    fn the_bank_s_states() {
        use BankState as B;
        use PaymentState as S;
        let rows = [
            (S::Awaiting, B::Waiting, None),
            (S::Issuing, B::Waiting, Some(S::Awaiting)),
            (S::Awaiting, B::Expired, Some(S::Expired)),
            (S::Awaiting, B::Authorized, Some(S::Authorized)),
            (S::Awaiting, B::Collected, Some(S::Paid)),
            (S::Awaiting, B::Settled, Some(S::Settled)),
            (S::Authorized, B::Released, Some(S::Released)),
            (S::Expired, B::Collected, Some(S::PaidLate)),
            (S::Cancelled, B::Settled, Some(S::PaidLate)),
            (S::NotIssued, B::Collected, Some(S::PaidLate)),
            (S::Cancelled, B::Expired, None),
            (S::PaidLate, B::Collected, None),
            (S::Paid, B::Settled, Some(S::Settled)),
            // the same state again is no news, and goes nowhere back
            (S::Paid, B::Collected, None),
            (S::Settled, B::Settled, None),
            (S::Authorized, B::Authorized, None),
            (S::Released, B::Released, None),
        ];
        for (from, said, to) in rows {
            let j = judge(&payment(from), Some(&row(said)), LATER);
            let late = (to == Some(S::PaidLate)).then_some(DiscrepancyKind::PaidLate);
            assert_eq!((j.to, kinds(&j)), (to, late.into_iter().collect()), "{from:?} + {said:?}");
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

    #[test]
    fn money_back_at_the_bank_s_own_site_is_a_discrepancy() {
        let refunded = BankRow { refunded: true, ..row(BankState::Collected) };
        let j = judge(&payment(PaymentState::Paid), Some(&refunded), LATER);
        assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::RefundedOutside]));
    }

    #[test]
    fn an_unequal_echo_changes_nothing() {
        let p = payment(PaymentState::Awaiting);
        let mut r = row(BankState::Collected);
        r.amount = Some(Twd::new(101));
        let j = judge(&p, Some(&r), LATER);
        assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::AmountDiffers]));
        let mut r = row(BankState::Collected);
        r.bank_order_no = "T1B".into();
        let j = judge(&p, Some(&r), LATER);
        assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::EchoDiffers]));
        let mut r = row(BankState::Collected);
        r.paid_minute = Some(BankMinute::from_minutes(9));
        let j = judge(&p, Some(&r), LATER);
        assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::PaidBeforeCreated]));
    }

    #[test]
    fn what_goes_back_is_a_discrepancy_unless_it_is_lag() {
        let p = payment(PaymentState::Paid);
        let j = judge(&p, Some(&row(BankState::Waiting)), LATER);
        assert_eq!((j.to, kinds(&j)), (None, vec![DiscrepancyKind::WentBack]));
        let j = judge(&p, Some(&row(BankState::Waiting)), Moment::from_millis(LAG_MS - 1));
        assert_eq!((j.to, kinds(&j)), (None, vec![]));
    }

    #[test]
    fn an_unlisted_state_is_shown_raw_and_not_guessed() {
        let mut r = row(BankState::Unlisted);
        r.said = "1A777".into();
        let j = judge(&payment(PaymentState::Awaiting), Some(&r), LATER);
        assert_eq!(j, Judgement { to: None, doubts: vec![(DiscrepancyKind::UnlistedState, "1A777".into())] });
    }

    #[test]
    fn an_order_that_the_bank_confirmed_cannot_vanish() {
        let p = payment(PaymentState::Awaiting);
        assert_eq!(kinds(&judge(&p, None, LATER)), vec![DiscrepancyKind::WentBack]);
        assert_eq!(judge(&p, None, Moment::from_millis(LAG_MS - 1)), Judgement::default(), "queries lag");
        let mut unknown = payment(PaymentState::Issuing);
        unknown.confirmed_at = None;
        assert_eq!(judge(&unknown, None, LATER), Judgement::default());
        assert_eq!(judge(&payment(PaymentState::NotIssued), None, LATER), Judgement::default());
    }
}
