//! A payment: the agreement to collect for an order by one rail. States are one-way (money rules
//! 2).

use serde::{Deserialize, Serialize};

use crate::card::{CardState, CardTail};
use crate::ids::{BankOrderNo, EvidenceId, OrderId, PaymentId};
use crate::money::Twd;
use crate::named::named;
use crate::operation::OperationState;
use crate::page_left::PageLeft;
use crate::rail::Rail;
use crate::time::{BankMinute, Moment};

named! {
    /// The state of a payment. Readings move it only forward; see [`PaymentState::step`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum PaymentState {
        /// We are asking the bank to open it, and have shown nothing yet.
        Issuing = "issuing",
        /// The customer can pay.
        Awaiting = "awaiting",
        /// A card is authorized. **Not collected.**
        Authorized = "authorized",
        /// The bank says the money was collected.
        Paid = "paid",
        /// The bank says the money was paid out to the shop.
        Settled = "settled",
        /// An authorization lapsed or was cancelled.
        Released = "released",
        /// The bank refused it, or it was surely never opened.
        NotIssued = "not-issued",
        /// The bank says its time ran out.
        Expired = "expired",
        /// The bank took our cancellation.
        Cancelled = "cancelled",
        /// The bank says the payment failed for good.
        Failed = "failed",
        /// Money came after the end. Normal, and a state of its own.
        PaidLate = "paid-late",
    }
}

impl PaymentState {
    /// May a payment in this state become `to`? The whole table of money rules 2; nothing is gone
    /// back to.
    pub const fn may_become(self, to: Self) -> bool {
        use PaymentState as S;
        match self {
            S::Issuing => !matches!(to, S::Issuing),
            S::Awaiting => !matches!(to, S::Issuing | S::Awaiting),
            S::Authorized => matches!(to, S::Paid | S::PaidLate | S::Settled | S::Released),
            S::Paid | S::PaidLate => matches!(to, S::Settled),
            S::Expired => matches!(to, S::Paid | S::PaidLate),
            S::NotIssued | S::Cancelled | S::Failed => matches!(to, S::PaidLate),
            S::Settled | S::Released => false,
        }
    }

    /// Where a reading that says `said` takes a payment in this state. `None`: it changes nothing.
    /// `late`: the customer paid after the end, by the bank's own times; `None` where the bank
    /// tells none. Then the state decides, and money on an ended payment is late. An expired one
    /// that was paid in time is paid; what was cancelled, failed or never issued is late always.
    pub const fn step(self, said: Self, late: Option<bool>) -> Option<Self> {
        let is_late = match self {
            Self::NotIssued | Self::Cancelled | Self::Failed => true,
            Self::Expired => !matches!(late, Some(false)),
            Self::Issuing | Self::Awaiting | Self::Authorized => matches!(late, Some(true)),
            Self::Paid | Self::PaidLate | Self::Settled | Self::Released => false,
        };
        let to = match (said.has_money(), is_late) {
            (true, true) => Self::PaidLate,
            (true, false) if self.has_ended() => Self::Paid,
            (true | false, _) => said,
        };
        if self.may_become(to) { Some(to) } else { None }
    }

    /// The bank has confirmed money.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Paid | Self::PaidLate | Self::Settled)
    }

    /// The counter must see that a payment went from `was` to this: money came, or will not come.
    pub const fn is_news_after(self, was: Self) -> bool {
        (self.has_money() && !was.has_money()) || matches!(self, Self::Failed)
    }

    /// Ended without money; only late money can still come.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::NotIssued | Self::Expired | Self::Cancelled | Self::Failed)
    }

    /// The customer may still be given its account or link.
    pub const fn can_be_handed_out(self) -> bool {
        matches!(self, Self::Awaiting)
    }

    /// The bank can still be expected to say something new without anything having gone wrong.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Issuing | Self::Awaiting | Self::Authorized)
    }
}

/// What the bank gave for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// 14 digits at bank 807, kept as text; `None` on card rails.
    pub account: Option<String>,
    /// The bank's card page; `None` on the account rail.
    pub link: Option<String>,
    /// The bank's web ATM page, second choice of the account rail.
    pub web_atm: Option<String>,
    /// SinoPac TSNo: unique across payments.
    pub bank_ref: Option<String>,
}

/// One payment, as a row. `version` is the row's own; a change names the version it expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Ours.
    pub id: PaymentId,
    /// What it collects for.
    pub order: OrderId,
    /// By which way.
    pub rail: Rail,
    /// What the bank calls it.
    pub bank_order_no: BankOrderNo,
    /// To collect.
    pub amount: Twd,
    /// Its state.
    pub state: PaymentState,
    /// We have shown the account or link.
    pub shown: bool,
    /// What the bank gave, once it has.
    pub issued: Option<Issued>,
    /// When it was asked for, by our clock with the bank's offset.
    pub created_at: Moment,
    /// Until when the customer can pay, as we asked for it; only the bank's word ends it.
    pub expires_at: Moment,
    /// The minute the bank says it was paid in.
    pub paid_minute: Option<BankMinute>,
    /// When the answer that the state rests on was received.
    pub confirmed_at: Option<Moment>,
    /// The answer that the state rests on. The data file takes no state with money without one that
    /// says so.
    pub proof: Option<EvidenceId>,
    /// It was paid after its end. A fact: the settlement does not end it.
    pub late: bool,
    /// When the last answered question about it was asked, by the bank's clock. Kept apart from the
    /// row ([`crate::schedule`]).
    pub asked_at: Option<Moment>,
    /// Where the customer's browser returns to: the loopback port, when the shop uses loopback.
    pub return_port: Option<u16>,
    /// The random path segment of the loopback return address.
    pub return_path: Option<String>,
    /// A card at CTBC: what the bank showed last. 10 and 11 are "tonight's batch".
    pub card: Option<CardState>,
    /// And the end of the card's number, where the bank showed it.
    pub card_tail: Option<CardTail>,
    /// Row version, 1 when new.
    pub version: i64,
}

impl Payment {
    /// Takes what a row that counts shows of the card. The customer may have tried another card
    /// after one that failed: its end is not kept beside the new state.
    pub fn see_card(&mut self, state: CardState, tail: Option<CardTail>) {
        let kept = self.card_tail.filter(|_| self.card != Some(CardState::Failed));
        self.card_tail = tail.or(kept);
        self.card = Some(state);
    }

    /// The XID of the transaction that is this payment, once CTBC has authorized it. One that
    /// failed is not: the customer may try another card under the same number.
    pub fn own_xid(&self) -> Option<&str> {
        let was_approved =
            self.state.has_money() || matches!(self.state, PaymentState::Authorized | PaymentState::Released);
        let issued = self.issued.as_ref().filter(|_| self.rail == Rail::CtbcCard && was_approved)?;
        issued.bank_ref.as_deref()
    }

    /// A transaction by its one name: its own has none, or is called by its XID.
    pub fn target<'a>(&'a self, xid: &'a str) -> &'a str {
        if xid.is_empty() { self.own_xid().unwrap_or(xid) } else { xid }
    }

    /// A transaction as the row of a refund names it: its own is empty.
    pub fn row_xid<'a>(&self, xid: &'a str) -> &'a str {
        if self.own_xid() == Some(xid) { "" } else { xid }
    }

    /// Would [`Payment::see_card`] change anything that is worth a row?
    pub fn is_card_news(&self, state: CardState, tail: Option<CardTail>) -> bool {
        match self.card {
            Some(was) if was == state => self.card_tail.is_none() && tail.is_some(),
            Some(was) => was.may_become(state),
            None => true,
        }
    }

    /// The bank shows a card that cannot come after what it has shown before.
    pub(crate) fn is_card_back(&self, state: CardState) -> bool {
        self.card.is_some_and(|was| was != state && !was.may_become(state))
    }
}

/// A payment of an order, with what tells whether a further one may be opened.
#[derive(Debug, Clone)]
pub struct Replaced<'a> {
    /// The payment.
    pub payment: &'a Payment,
    /// The state of its create.
    pub create: Option<OperationState>,
    /// How its card page was left.
    pub left: Option<PageLeft>,
}

/// May a further payment be opened for an order that has these? (money rules 2, re-issue)
///
/// Only when each old one ended without money, gave its authorization back, was never shown, or its
/// card page was left for good. Not shown: its create was sent with an unknown outcome, or it
/// turned up at the bank after it had been replaced. We wait for a create that may still go, or is
/// on its way.
pub fn may_reissue(payments: &[Replaced<'_>]) -> bool {
    use OperationState as S;
    payments.iter().all(|Replaced { payment, create, left }| {
        let unclear = matches!(create, Some(S::Unknown | S::Pending | S::NeedsPerson));
        let awaits = payment.state == PaymentState::Awaiting;
        let unseen = awaits || (payment.state == PaymentState::Issuing && unclear);
        payment.state.has_ended()
            || payment.state == PaymentState::Released
            || (unseen && !payment.shown)
            || (awaits && left.as_ref().is_some_and(PageLeft::lets_reissue))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::testing::payment;
    use PaymentState as S;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_steps() {
        let rows: &[(S, &[S])] = &[
            (
                S::Issuing,
                &[
                    S::Awaiting,
                    S::Authorized,
                    S::Paid,
                    S::Settled,
                    S::Released,
                    S::NotIssued,
                    S::Expired,
                    S::Cancelled,
                    S::Failed,
                    S::PaidLate,
                ],
            ),
            (
                S::Awaiting,
                &[
                    S::Authorized,
                    S::Paid,
                    S::Settled,
                    S::Released,
                    S::NotIssued,
                    S::Expired,
                    S::Cancelled,
                    S::Failed,
                    S::PaidLate,
                ],
            ),
            (S::Authorized, &[S::Paid, S::PaidLate, S::Settled, S::Released]),
            (S::Paid, &[S::Settled]),
            (S::PaidLate, &[S::Settled]),
            (S::Settled, &[]),
            (S::Released, &[]),
            (S::NotIssued, &[S::PaidLate]),
            (S::Expired, &[S::Paid, S::PaidLate]),
            (S::Cancelled, &[S::PaidLate]),
            (S::Failed, &[S::PaidLate]),
        ];
        for (from, tos) in rows {
            for to in S::ALL {
                assert_eq!(from.may_become(to), tos.contains(&to), "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn a_new_number_only_for_what_ended_or_what_nobody_saw() {
        use OperationState as O;
        let unclear = [O::Pending, O::Unknown, O::NeedsPerson];
        for state in S::ALL {
            for shown in [true, false] {
                for create in O::ALL {
                    let payment = Payment { shown, ..payment(state) };
                    let expected = match state {
                        S::NotIssued | S::Expired | S::Cancelled | S::Failed | S::Released => true,
                        S::Issuing => !shown && unclear.contains(&create),
                        S::Awaiting => !shown,
                        S::Authorized | S::Paid | S::PaidLate | S::Settled => false,
                    };
                    let create = Some(create);
                    let may = |left| may_reissue(&[Replaced { payment: &payment, create, left }]);
                    assert_eq!(may(None), expected, "{state:?} {shown} {create:?}");
                    let (read_at, who) = (Some(payment.created_at), Actor::Browser);
                    let code = Some("8/05".to_owned());
                    let left = PageLeft {
                        payment: payment.id,
                        at: payment.created_at,
                        who,
                        code,
                        ends: true,
                        read_at,
                    };
                    let expected_then = expected || state == S::Awaiting;
                    assert_eq!(may(Some(left.clone())), expected_then, "{state:?} {shown} {create:?}");
                    assert_eq!(
                        may(Some(PageLeft { read_at: None, ..left.clone() })),
                        expected,
                        "not read yet"
                    );
                    assert_eq!(may(Some(PageLeft { ends: false, ..left })), expected, "it may go on");
                }
            }
        }
        let [ended, open] = [S::Expired, S::Paid].map(payment);
        let both = [&ended, &open].map(|payment| Replaced { payment, create: None, left: None });
        assert!(!may_reissue(&both), "each of them counts");
    }

    /// A row per state: money in time, late, and by a bank that tells no time.
    #[test]
    fn late_is_what_the_bank_s_own_times_say() {
        let rows = [
            (S::Issuing, [Some(S::Paid), Some(S::PaidLate), Some(S::Paid)]),
            (S::Awaiting, [Some(S::Paid), Some(S::PaidLate), Some(S::Paid)]),
            (S::Authorized, [Some(S::Paid), Some(S::PaidLate), Some(S::Paid)]),
            (S::Expired, [Some(S::Paid), Some(S::PaidLate), Some(S::PaidLate)]),
            (S::NotIssued, [Some(S::PaidLate); 3]),
            (S::Cancelled, [Some(S::PaidLate); 3]),
            (S::Failed, [Some(S::PaidLate); 3]),
            (S::Paid, [None; 3]),
            (S::PaidLate, [None; 3]),
            (S::Settled, [None; 3]),
            (S::Released, [None; 3]),
        ];
        for (state, expected) in rows {
            let steps = [Some(false), Some(true), None].map(|late| state.step(S::Paid, late));
            assert_eq!(steps, expected, "{state:?}");
        }
        assert_eq!(S::Expired.step(S::Settled, Some(false)), Some(S::Paid));
        assert_eq!(S::Paid.step(S::Settled, Some(true)), Some(S::Settled));
        assert_eq!(S::Awaiting.step(S::Expired, Some(true)), Some(S::Expired));
    }

    #[test]
    fn the_end_of_a_card_stays_until_another_card_is_tried() {
        let tail = CardTail::parse;
        let mut payment = payment(S::Awaiting);
        payment.see_card(CardState::Failed, tail("1111"));
        assert_eq!(payment.card_tail, CardTail::parse("1111"));
        assert!(payment.is_card_news(CardState::CaptureQueued, tail("")));
        payment.see_card(CardState::CaptureQueued, tail(""));
        assert_eq!(payment.card_tail, None, "it was the other card's");
        assert!(payment.is_card_news(CardState::CaptureQueued, tail("2222")));
        payment.see_card(CardState::CaptureQueued, tail("2222"));
        assert!(!payment.is_card_news(CardState::CaptureQueued, tail("2222")));
        payment.see_card(CardState::Captured, tail(""));
        assert_eq!((payment.card, payment.card_tail), (Some(CardState::Captured), CardTail::parse("2222")));
    }

    /// A card's states come one after another; the same again is no step back.
    #[test]
    fn a_card_goes_back_only_to_a_state_before() {
        let with = |card| Payment { card, ..payment(S::Paid) };
        assert!(with(Some(CardState::Captured)).is_card_back(CardState::CaptureQueued));
        assert!(!with(Some(CardState::Captured)).is_card_back(CardState::Captured));
        assert!(!with(Some(CardState::CaptureQueued)).is_card_back(CardState::Captured));
        assert!(!with(None).is_card_back(CardState::CaptureQueued));
    }

    #[test]
    fn only_an_open_account_or_link_is_handed_out() {
        assert_eq!(S::ALL.into_iter().filter(|s| s.can_be_handed_out()).collect::<Vec<_>>(), [S::Awaiting]);
    }

    #[test]
    fn money_is_news_once_and_a_failure_is() {
        assert!(S::Paid.is_news_after(S::Awaiting) && S::PaidLate.is_news_after(S::Expired));
        assert!(S::Settled.is_news_after(S::Awaiting) && S::Failed.is_news_after(S::Awaiting));
        assert!(!S::Settled.is_news_after(S::Paid) && !S::Expired.is_news_after(S::Awaiting));
    }

    proptest! {
        /// Shuffled, repeated, late news always end with money when any of it said money, and never
        /// leave it again.
        #[test]
        fn money_is_never_lost_again(news in prop::collection::vec((0_usize..8, prop::option::of(prop::bool::ANY)), 0..60)) {
            let said = [S::Awaiting, S::Expired, S::Paid, S::Settled, S::Awaiting, S::Failed, S::Cancelled, S::NotIssued];
            let mut state = S::Issuing;
            for (n, late) in &news {
                let had_money = state.has_money();
                state = state.step(said[*n], *late).unwrap_or(state);
                prop_assert!(!had_money || state.has_money());
            }
            prop_assert_eq!(state.has_money(), news.iter().any(|(n, _)| said[*n].has_money()));
        }
    }
}
