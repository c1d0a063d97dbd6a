//! A refund: a person's wish to give money back, its states, and what they rest on (money rules 2
//! to 4).
//!
//! - [`mod@plan`] is the planner: from a fresh reading to the next step.
//! - [`mod@alarm`]: what rests at the bank for too long.
//! - [`answer`]: what an answer to a step does to its refund.
//! - [`approval`]: who approves, and that it is another person.
//! - [`course`]: what the requester was told, and what ran instead.
//! - [`decide`]: what a person can decide.
//! - [`mod@request`]: asking, withdrawing, and the one way to make a step's operation.
//! - [`shown`]: which refunds that SinoPac shows are ours.
//! - [`why`]: why a refund waits, or needs a person.
//!
//! Promise: a target, which is a payment and at CTBC one of its transactions (XID), has one open
//! refund, and its refunds never sum to more than what was captured. Left out: what a step is
//! (`operation/rules.rs`), reading out (`operation/readings.rs`), and a person's limits
//! (`rights.rs`).

pub mod alarm;
pub mod answer;
pub mod approval;
pub mod course;
pub mod decide;
pub mod plan;
pub mod request;
pub mod shown;
pub mod why;

pub use self::alarm::{RefundAlarm, alarm};
pub use self::answer::{AfterAnswer, Refusal, Refused, after_answer};
pub use self::approval::{Approvals, Pair, approve, approve_alone};
pub use self::course::{Course, Way};
pub use self::decide::{Choice, choices};
pub use self::plan::{Contract, Fresh, Plan, RefundCase, SinopacPaper, Step, Wait, plan};
pub use self::request::{Wanted, request, withdraw};
pub use self::shown::{Booked, Shown};
pub use self::why::{ByHandWhy, PersonWhy, RefundWhy, WaitWhy};

use crate::actor::Actor;
use crate::handles::Charge;
use crate::ids::{PaymentId, RefundId};
use crate::money::Twd;
use crate::named::named;
use crate::operation::{OperationKind, OperationState};
use crate::payment::Payment;
use crate::time::{Moment, Mono};

named! {
    /// The state of a person's request to give money back.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RefundState {
        /// A person asked for it.
        Requested = "requested",
        /// Another person agreed.
        Approved = "approved",
        /// It waits for an instant, and says why.
        Waiting = "waiting",
        /// One of its steps is planned or was sent.
        Working = "working",
        /// The bank has taken the last step and works on it.
        AtBank = "at-bank",
        /// The bank shows the end state. Posted.
        Done = "done",
        /// Refused, by a person or by the bank.
        Declined = "declined",
        /// Taken back before a step was sent, or at CTBC before the batch.
        Withdrawn = "withdrawn",
        /// A person decides, with the evidence.
        NeedsPerson = "needs-person",
    }
}

impl RefundState {
    /// The transition table (money rules 2).
    pub const fn may_become(self, to: Self) -> bool {
        use RefundState as S;
        match self {
            S::Requested => matches!(to, S::Approved | S::Withdrawn | S::Declined),
            S::Approved => {
                matches!(to, S::Waiting | S::Working | S::Withdrawn | S::Declined | S::NeedsPerson)
            }
            S::Waiting => matches!(to, S::Working | S::Withdrawn | S::Declined | S::NeedsPerson),
            S::Working => !matches!(to, S::Requested | S::Approved | S::Working),
            S::AtBank => matches!(to, S::Done | S::Declined | S::Withdrawn | S::NeedsPerson),
            S::NeedsPerson => !matches!(to, S::Requested | S::Approved | S::NeedsPerson),
            S::Done | S::Declined | S::Withdrawn => false,
        }
    }

    /// Nothing more will happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Declined | Self::Withdrawn)
    }
}

named! {
    /// Why money is given back. [`RefundReason::Other`] needs a note.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum RefundReason {
        /// The customer brought the goods back.
        Returned = "returned",
        /// The customer paid twice.
        Duplicate = "duplicate",
        /// The amount or the order was wrong.
        Mistake = "mistake",
        /// The shop cannot deliver.
        Unavailable = "unavailable",
        /// Anything else; the note says what.
        Other = "other",
    }
}

/// A refund, as a row. Payment, target, amount, reason and requester never change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Ours.
    pub id: RefundId,
    /// Of which payment.
    pub payment: PaymentId,
    /// Of which transaction at CTBC; empty for the only one, and at SinoPac.
    pub xid: String,
    /// To give back: 1 or more.
    pub amount: Twd,
    /// Why.
    pub reason: RefundReason,
    /// In the requester's own words.
    pub note: Option<String>,
    /// Who asked for it.
    pub requester: Actor,
    /// Who agreed. Set in `approval.rs` only.
    pub approver: Option<Actor>,
    /// The requester approved it alone: before the shop had people, or in one-person mode.
    pub alone: bool,
    /// When it was asked for, by the clock that counts from the start of the computer. `None` in
    /// rows of older programs.
    pub asked_mono: Option<Mono>,
    /// Its state.
    pub state: RefundState,
    /// A refund that waits: not before this instant.
    pub until: Option<Moment>,
    /// Why it waits, or what the person has to decide. [`RefundState::Done`] with
    /// [`RefundWhy::ByHand`]: the shop transferred the money itself.
    pub why: Option<RefundWhy>,
    /// What the requester was told. Never changes; `None` in rows of older programs.
    pub told: Option<Course>,
    /// What its last step comes to.
    pub ran: Option<Course>,
    /// What the bank last confirmed to a person.
    pub word: Option<Word>,
    /// Who wants it back from the bank: [`Refund::wanted_back`].
    pub wish: Option<Wish>,
    /// When it was asked for, by bank time.
    pub requested_at: Moment,
    /// When it came to its state for its reason, by bank time. `None` in rows of older programs.
    pub since: Option<Moment>,
    /// Row version, 1 when new.
    pub version: i64,
}

named! {
    /// What the bank has confirmed to a person.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Confirmed {
        /// It was done; the text is the bank's reference.
        Done = "done",
        /// It was not done; the text says who told it, and when.
        NotDone = "not-done",
    }
}

/// A person wants back what CTBC has in its file. It is kept until the bank shows what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Who.
    pub who: Actor,
    /// When, by bank time; later than every step that was planned before.
    pub at: Moment,
}

/// What a person has heard from the bank about a refund that no reading could settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What the bank has confirmed.
    pub confirmed: Confirmed,
    /// As typed; never empty.
    pub text: String,
    /// Who heard it.
    pub who: Actor,
}

impl Refund {
    /// The row as it is kept at `at`, in the place of `was`.
    #[must_use]
    pub fn kept(self, was: Option<&Self>, at: Moment) -> Self {
        let same = was.filter(|was| (was.state, was.why) == (self.state, self.why));
        Self { since: same.map_or(Some(at), |was| was.since), ..self }
    }

    /// When it was over, by bank time.
    pub fn ended_at(&self) -> Option<Moment> {
        self.since.filter(|_| self.state.is_final())
    }

    /// A row of the same target may not be added while this one is open. A refund that failed for
    /// good at the bank (2A290) blocks nothing: the engine declines it with the new request.
    pub fn is_open(&self) -> bool {
        !self.state.is_final() && !self.has_failed_for_good()
    }

    /// Its amount counts as given back: it is, or may be.
    pub fn is_spent(&self) -> bool {
        match self.state {
            RefundState::Declined | RefundState::Withdrawn => false,
            RefundState::NeedsPerson => !self.has_failed_for_good(),
            RefundState::Requested
            | RefundState::Approved
            | RefundState::Waiting
            | RefundState::Working
            | RefundState::AtBank
            | RefundState::Done => true,
        }
    }

    /// The bank gave nothing back by it, and never will.
    pub fn has_failed_for_good(&self) -> bool {
        self.state == RefundState::NeedsPerson
            && self.why == Some(RefundWhy::Person(PersonWhy::FailedForGood))
    }

    /// It came to nothing by the bank's word, which a person has heard.
    pub fn is_said_not_done(&self) -> bool {
        let not_done = |word: &Word| word.confirmed == Confirmed::NotDone;
        self.state == RefundState::Declined && self.word.as_ref().is_some_and(not_done)
    }

    /// It is done by the bank's word alone, which a person has heard.
    pub fn is_said_done(&self) -> bool {
        let done = |word: &Word| word.confirmed == Confirmed::Done;
        self.is_done_at_bank() && self.word.as_ref().is_some_and(done)
    }

    /// The bank gave it back: it is done, and the shop did not transfer the money itself.
    pub fn is_done_at_bank(&self) -> bool {
        self.state == RefundState::Done && !matches!(self.why, Some(RefundWhy::ByHand(_)))
    }
}

/// What is given back of a target, or may be: the refunds of it and what a person has booked.
/// `None`: more than an `i64` holds.
pub fn spent<'a>(refunds: impl IntoIterator<Item = &'a Refund>, booked: &[Booked]) -> Option<Twd> {
    let ours = refunds.into_iter().filter(|refund| refund.is_spent()).map(|refund| refund.amount);
    sum(ours.chain(booked.iter().map(|booked| booked.amount)))
}

/// Where the money of a target has gone. What an `i64` does not hold is shown as the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// The bank has given it back, and says so.
    pub returned: Twd,
    /// The shop transferred it itself, or a person has booked it.
    pub by_hand: Twd,
    /// Asked for, and not over.
    pub in_flight: Twd,
}

impl Gone {
    /// Of a target with these refunds, of which a person has booked `booked`.
    pub fn of(refunds: &[Refund], booked: &[Booked]) -> Self {
        let those = |is: &dyn Fn(&Refund) -> bool| {
            refunds.iter().filter(|refund| is(refund)).map(|refund| refund.amount).collect::<Vec<_>>()
        };
        let over = |refund: &Refund| refund.state == RefundState::Done;
        let of_shop = those(&|refund| over(refund) && !refund.is_done_at_bank());
        let booked = booked.iter().map(|booked| booked.amount);
        let most = |amounts: Option<Twd>| amounts.unwrap_or(Twd::new(i64::MAX));
        Self {
            returned: most(sum(those(&Refund::is_done_at_bank))),
            by_hand: most(sum(of_shop.into_iter().chain(booked))),
            in_flight: most(sum(those(&|refund| refund.is_spent() && !over(refund)))),
        }
    }
}

/// What of `captured` can still be given back.
pub fn left<'a>(captured: Twd, refunds: impl IntoIterator<Item = &'a Refund>, booked: &[Booked]) -> Twd {
    let left = spent(refunds, booked).and_then(|spent| captured.checked_sub(spent));
    left.unwrap_or(Twd::ZERO).max(Twd::ZERO)
}

fn sum(amounts: impl IntoIterator<Item = Twd>) -> Option<Twd> {
    amounts.into_iter().try_fold(Twd::ZERO, Twd::checked_add)
}

/// What goes back comes from the second charges of its payment (money rules 8): a refund of their
/// XID, or one of the first that is `duplicate`, as far as those charges go. `others`: the refunds
/// that are counted already.
pub fn is_of_second<'a>(
    payment: &Payment,
    charges: &[Charge],
    others: impl IntoIterator<Item = &'a Refund>,
    (xid, reason, amount): (&str, Option<RefundReason>, Twd),
) -> bool {
    let means = |xid: &str, reason| {
        payment.target(xid) != payment.target("") || reason == Some(RefundReason::Duplicate)
    };
    let others = others.into_iter().filter(|other| means(&other.xid, Some(other.reason)));
    let given = others.map(|other| other.amount).chain([amount]).try_fold(Twd::ZERO, Twd::checked_add);
    let taken = charges.iter().map(|charge| charge.amount).try_fold(Twd::ZERO, Twd::checked_add);
    means(xid, reason) && given.zip(taken).is_some_and(|(given, taken)| given <= taken)
}

impl OperationKind {
    /// In this state it blocks every new money operation of its target (money rules 3). An old
    /// create, cancel or capture that a person decides blocks none.
    pub const fn blocks_money(self, state: OperationState) -> bool {
        match state {
            OperationState::Planned
            | OperationState::Sending
            | OperationState::NotNow
            | OperationState::NotSent
            | OperationState::Pending
            | OperationState::Unknown => true,
            OperationState::NeedsPerson => self.rule().is_money(),
            OperationState::Accepted
            | OperationState::Declined
            | OperationState::DidNotHappen
            | OperationState::Abandoned => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::refund;

    #[test]
    fn a_final_refund_moves_no_more_and_every_other_does() {
        for state in RefundState::ALL {
            let moves = RefundState::ALL.into_iter().any(|to| state.may_become(to));
            assert_eq!(moves, !state.is_final(), "{state:?}");
            assert!(!state.may_become(state) && !state.may_become(RefundState::Requested), "{state:?}");
        }
    }

    #[test]
    fn the_table_of_refund_states() {
        use RefundState as S;
        let rows: [(S, &[S]); 9] = [
            (S::Requested, &[S::Approved, S::Withdrawn, S::Declined]),
            (S::Approved, &[S::Waiting, S::Working, S::Withdrawn, S::Declined, S::NeedsPerson]),
            (S::Waiting, &[S::Working, S::Withdrawn, S::Declined, S::NeedsPerson]),
            (S::Working, &[S::Waiting, S::AtBank, S::Done, S::Declined, S::Withdrawn, S::NeedsPerson]),
            (S::AtBank, &[S::Done, S::Declined, S::Withdrawn, S::NeedsPerson]),
            (S::Done, &[]),
            (S::Declined, &[]),
            (S::Withdrawn, &[]),
            (S::NeedsPerson, &[S::Waiting, S::Working, S::AtBank, S::Done, S::Declined, S::Withdrawn]),
        ];
        assert_eq!(rows.map(|(from, _)| from), S::ALL);
        for (from, tos) in rows {
            for to in S::ALL {
                assert_eq!(from.may_become(to), tos.contains(&to), "{from:?} -> {to:?}");
            }
        }
    }

    /// Money in flight counts as spent, a refund by hand too; what failed for good does not.
    #[test]
    fn money_in_flight_is_spent() {
        use RefundState as S;
        for state in S::ALL {
            let row = Refund { state, ..refund(40) };
            let expected = !matches!(state, S::Declined | S::Withdrawn);
            assert_eq!(row.is_spent(), expected, "{state:?}");
            assert_eq!(row.is_open(), !state.is_final(), "{state:?}");
        }
        let why = Some(RefundWhy::Person(PersonWhy::FailedForGood));
        let failed = Refund { state: S::NeedsPerson, why, ..refund(40) };
        assert!(!failed.is_spent() && !failed.is_open(), "2A290");
        let by_hand = Some(RefundWhy::ByHand(ByHandWhy::NotActivated));
        let by_hand = Refund { state: S::Done, why: by_hand, ..refund(40) };
        assert!(by_hand.is_spent() && !by_hand.is_done_at_bank());
        let done = Refund { state: S::Done, ..refund(30) };
        assert!(done.is_done_at_bank());
        let booked = [Booked { refund_no: None, amount: Twd::new(5), at: Moment::from_millis(0) }];
        assert_eq!(spent([&failed, &by_hand, &done], &booked), Some(Twd::new(75)));
        let asked = Refund { state: S::Requested, ..refund(7) };
        let all = [failed, by_hand, done.clone(), asked];
        let gone = Gone { returned: Twd::new(30), by_hand: Twd::new(45), in_flight: Twd::new(7) };
        assert_eq!(Gone::of(&all, &booked), gone, "each refund is in one of the three, or in none");
        let sum = [gone.returned, gone.by_hand, gone.in_flight].map(Twd::dollars).iter().sum();
        assert_eq!(spent(&all, &booked), Some(Twd::new(sum)));
        assert_eq!(
            [100, 82, 50].map(|captured| left(Twd::new(captured), &all, &booked).dollars()),
            [18, 0, 0]
        );
        let most = Refund { state: S::Done, ..refund(i64::MAX) };
        assert_eq!(spent([&most, &done], &[]), None);
        assert_eq!(
            (Gone::of(&[most, done], &[]).returned, left(Twd::new(9), &[], &[])),
            (Twd::new(i64::MAX), Twd::new(9))
        );
    }

    /// Two charges of 300 beside the sale of 300: what goes back of them, and what of the sale.
    #[test]
    fn the_second_charges_go_back_once() {
        use crate::payment::{Issued, PaymentState};
        use crate::rail::Rail;
        let issued = Issued { account: None, link: None, web_atm: None, bank_ref: Some("OWN".to_owned()) };
        let payment = Payment {
            rail: Rail::CtbcCard,
            issued: Some(issued),
            ..crate::testing::payment(PaymentState::Paid)
        };
        let charge = |xid: &str| Charge {
            payment: payment.id,
            xid: xid.to_owned(),
            amount: Twd::new(300),
            at: Moment::from_millis(0),
        };
        let charges = [charge("X2"), charge("X3")];
        let of = |xid: &str, reason, amount| Refund { xid: xid.to_owned(), reason, ..refund(amount) };
        let double = Some(RefundReason::Duplicate);
        let is = |others: &[Refund], xid, reason, amount| {
            is_of_second(&payment, &charges, others, (xid, reason, Twd::new(amount)))
        };
        assert!(is(&[], "X2", None, 300) && is(&[], "", double, 300) && is(&[], "OWN", double, 300));
        assert!(!is(&[], "", Some(RefundReason::Returned), 300) && !is(&[], "OWN", None, 300));
        let first = of("", RefundReason::Duplicate, 300);
        assert!(is(std::slice::from_ref(&first), "X2", None, 300), "the other of the two");
        let both = [first, of("X2", RefundReason::Returned, 300)];
        assert!(!is(&both, "X3", None, 1) && !is(&both, "", double, 1), "no more than was charged");
        let sale = [of("", RefundReason::Returned, 300)];
        assert!(is(&sale, "X3", None, 300) && !is_of_second(&payment, &[], &[], ("", double, Twd::new(1))));
    }

    #[test]
    fn only_money_operations_block_while_a_person_is_asked() {
        use OperationKind as K;
        use OperationState as O;
        let money =
            [K::Reversal, K::CapReversal, K::Refund, K::RefundReversal, K::CardRefund, K::AccountRefund];
        for kind in K::ALL {
            assert_eq!(kind.rule().is_money(), money.contains(&kind), "{kind:?}");
            for state in O::ALL {
                let expected =
                    if state == O::NeedsPerson { money.contains(&kind) } else { !state.is_final() };
                assert_eq!(kind.blocks_money(state), expected, "{kind:?} {state:?}");
            }
        }
    }
}
