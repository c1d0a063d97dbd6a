//! What a person can decide about a refund that needs one (money rules 3 and 4).
//!
//! Promise: every reason has a way out, and no way out gives money back twice, or money that was
//! never collected. The engine, the views and the errors ask here. Left out: what a decision writes
//! (`counterfoil-engine`).

use super::request::was_sent;
use super::why::{ByHandWhy, PersonWhy, RefundWhy};
use super::{Refund, RefundState};
use crate::card::CardState;
use crate::named::named;
use crate::operation::rules::Rule;
use crate::operation::{Operation, OperationState};
use crate::payment::Payment;

named! {
    /// One way out.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Choice {
        /// The bank confirms that it was done.
        Done = "done",
        /// The bank confirms that it was not done.
        NotDone = "not-done",
        /// The bank is asked on, and the plan is made again.
        KeepAsking = "keep-asking",
        /// The shop has transferred the money itself.
        ByHand = "by-hand",
        /// The requester takes it back: nothing was sent.
        Withdraw = "withdraw",
    }
}

/// The ways out of a refund that needs a person; none of any other. `operations` and `refunds` of
/// its payment.
pub fn choices(
    refund: &Refund,
    payment: &Payment,
    operations: &[Operation],
    refunds: &[Refund],
) -> Vec<Choice> {
    if refund.state != RefundState::NeedsPerson {
        return Vec::new();
    }
    let own = || operations.iter().filter(|op| op.refund == Some(refund.id));
    let asked = own().any(|op| op.state == OperationState::NeedsPerson);
    let under_way = own().any(|op| op.state == OperationState::Sending || op.state.wants_reading());
    let sent = own().any(was_sent);
    let is_offered = |choice: &Choice| match choice {
        // what the bank has to say about a step; of one that failed for good it has said it
        Choice::Done => (asked || (sent && !under_way)) && !refund.has_failed_for_good(),
        Choice::NotDone => asked || (sent && !under_way),
        Choice::KeepAsking => true,
        Choice::ByHand => is_by_hand_offered(refund, payment, operations, refunds),
        Choice::Withdraw => !sent,
    };
    Choice::ALL.into_iter().filter(is_offered).collect()
}

/// May a person choose to transfer the money by hand? Only what was collected, and not while any
/// operation of the payment is unclear or a refund of it is at the bank.
fn is_by_hand_offered(
    refund: &Refund,
    payment: &Payment,
    operations: &[Operation],
    refunds: &[Refund],
) -> bool {
    use OperationState as S;
    let unclear = |op: &Operation| matches!(op.state, S::Sending | S::Unknown | S::Pending | S::NeedsPerson);
    let in_flight = |other: &Refund| {
        other.id != refund.id && matches!(other.state, RefundState::AtBank | RefundState::NeedsPerson)
    };
    // of this refund nothing may have gone back
    let moves = |rule: Rule| rule.is_money() || rule.ends_refund();
    let taken =
        |op: &Operation| op.refund == Some(refund.id) && moves(op.kind.rule()) && op.state == S::Accepted;
    refund.state == RefundState::NeedsPerson
        && refund.why.is_some_and(leaves_a_transfer)
        && is_collected(payment)
        && !operations.iter().any(|op| unclear(op) || (taken(op) && !refund.has_failed_for_good()))
        && !refunds.iter().any(in_flight)
}

/// The shop has, or is sure to get, the money that it would transfer.
fn is_collected(payment: &Payment) -> bool {
    use CardState as C;
    let card = payment.card.is_none_or(|card| match card {
        C::CaptureQueued
        | C::CaptureLocked
        | C::Captured
        | C::RefundQueued
        | C::RefundLocked
        | C::Refunded
        | C::RefundFailed => true,
        C::Authorized | C::Cancelled | C::Failed | C::CaptureFailed | C::Unlisted => false,
    });
    payment.state.has_money() && card
}

/// A transfer by hand answers this reason: the bank has the customer's money still, as far as is
/// known, and will not give it back by itself.
const fn leaves_a_transfer(why: RefundWhy) -> bool {
    match why {
        RefundWhy::ByHand(
            ByHandWhy::NotActivated
            | ByHandWhy::NoPayerAccount
            | ByHandWhy::TooOld
            | ByHandWhy::NotInContract
            | ByHandWhy::Chosen,
        ) => true,
        RefundWhy::Person(why) => match why {
            PersonWhy::RefundFailed
            | PersonWhy::FailedForGood
            | PersonWhy::RemainderNotEnabled
            | PersonWhy::StepDeclined
            | PersonWhy::UsedUp
            | PersonWhy::FirstCallLives
            | PersonWhy::Undecided
            | PersonWhy::TooOften
            | PersonWhy::CapturesStayShort => true,
            // nothing was collected, or it is not known what the bank has
            PersonWhy::PartOfAuthorization
            | PersonWhy::UnlistedState
            | PersonWhy::SeveralTransactions
            | PersonWhy::NotThere
            | PersonWhy::DoubtfulReading
            | PersonWhy::HalfReversed
            | PersonWhy::Vanished
            | PersonWhy::PendingTooLong
            // it may have gone back already
            | PersonWhy::SomebodyRefunded
            | PersonWhy::AnotherHand
            | PersonWhy::OverCaptured
            | PersonWhy::Unproved
            | PersonWhy::Unforeseen => false,
        },
        RefundWhy::Discrepancy(_) | RefundWhy::Wait(_) | RefundWhy::NothingCollected | RefundWhy::Refused => {
            false
        }
    }
}

/// The row after a person has transferred the money: done, by hand.
pub fn done_by_hand(refund: &Refund) -> Refund {
    let why = match refund.why {
        Some(RefundWhy::ByHand(why)) => why,
        Some(_) | None => ByHandWhy::Chosen,
    };
    Refund {
        state: RefundState::Done,
        until: None,
        why: Some(RefundWhy::ByHand(why)),
        version: refund.version + 1,
        ..refund.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discrepancy::DiscrepancyKind;
    use crate::ids::RefundId;
    use crate::operation::OperationKind;
    use crate::payment::PaymentState;
    use crate::testing::{operation, payment, refund};
    use Choice as Ch;
    use OperationKind as K;
    use OperationState as O;
    use RefundState as S;

    fn needs(why: RefundWhy) -> Refund {
        Refund { state: S::NeedsPerson, why: Some(why), ..refund(50) }
    }

    fn own(kind: K, state: O) -> Operation {
        Operation { refund: Some(refund(50).id), state, ..operation(kind) }
    }

    fn whys() -> Vec<RefundWhy> {
        let persons = PersonWhy::ALL.map(RefundWhy::Person).into_iter();
        let others = ByHandWhy::ALL.map(RefundWhy::ByHand).into_iter();
        persons.chain(others).chain(DiscrepancyKind::ALL.map(RefundWhy::Discrepancy)).collect()
    }

    fn of(refund: &Refund, operations: &[Operation]) -> Vec<Choice> {
        choices(refund, &payment(PaymentState::Paid), operations, &[])
    }

    /// A refund that needs a person blocks its sale: whatever was sent, one of these ends it.
    #[test]
    fn every_reason_has_an_end_whatever_was_sent() {
        for why in whys() {
            let row = needs(why);
            assert!(of(&row, &[]).contains(&Ch::Withdraw), "{why:?}");
            for kind in K::ALL {
                for state in O::ALL {
                    let ops = [own(kind, state)];
                    let ways = of(&row, &ops);
                    let under_way = matches!(state, O::Sending | O::Unknown | O::Pending);
                    let ends = ways.iter().any(|way| *way != Ch::KeepAsking);
                    assert!(ends || under_way, "{why:?} {kind:?} {state:?}: its readings end it");
                    assert!(ways.contains(&Ch::KeepAsking));
                    // what may have moved money is never just taken back
                    let acted = was_sent(&ops[0]);
                    assert_eq!(ways.contains(&Ch::Withdraw), !acted, "{why:?} {kind:?} {state:?}");
                    assert!(
                        !acted
                            || !ways.contains(&Ch::ByHand)
                            || row.has_failed_for_good()
                            || !kind.rule().is_money()
                    );
                }
            }
        }
        for state in S::ALL.into_iter().filter(|state| *state != S::NeedsPerson) {
            assert_eq!(of(&Refund { state, ..needs(RefundWhy::Refused) }, &[]), [], "{state:?}");
        }
    }

    #[test]
    fn what_the_bank_has_taken_is_decided_by_its_word() {
        let vanished = needs(RefundWhy::Person(PersonWhy::Vanished));
        let word = [Ch::Done, Ch::NotDone, Ch::KeepAsking];
        assert_eq!(of(&vanished, &[own(K::Refund, O::Accepted)]), word);
        let half = needs(RefundWhy::Person(PersonWhy::HalfReversed));
        assert_eq!(of(&half, &[own(K::CapReversal, O::Accepted), own(K::Reversal, O::Declined)]), word);
        assert_eq!(
            of(&vanished, &[own(K::Refund, O::Accepted), own(K::Refund, O::Unknown)]),
            [Ch::KeepAsking]
        );
    }

    #[test]
    fn by_hand_is_offered_when_nothing_is_in_flight() {
        let row = needs(RefundWhy::ByHand(ByHandWhy::NotActivated));
        let offered = |row: &Refund, ops: &[Operation], refunds: &[Refund]| {
            choices(row, &payment(PaymentState::Paid), ops, refunds).contains(&Ch::ByHand)
        };
        assert!(offered(&row, &[], &[]));
        for state in O::ALL {
            let unclear = matches!(state, O::Sending | O::Unknown | O::Pending | O::NeedsPerson);
            let any = Operation { refund: None, state, ..operation(K::Capture) };
            assert_eq!(offered(&row, &[any], &[]), !unclear, "{state:?}");
            let own = offered(&row, &[own(K::Refund, state)], &[]);
            assert_eq!(own, !unclear && state != O::Accepted, "{state:?}");
        }
        let other = |state| Refund { id: RefundId::from_bytes([8; 16]), state, ..refund(10) };
        for state in S::ALL {
            let free = offered(&row, &[], &[other(state)]);
            assert_eq!(free, !matches!(state, S::AtBank | S::NeedsPerson), "{state:?}");
        }
        // what the bank has taken of it may have given something back
        for kind in K::ALL {
            let moves = kind.rule().is_money() || kind.rule().ends_refund();
            assert_eq!(offered(&row, &[own(kind, O::Accepted)], &[]), !moves, "{kind:?}");
        }
        // 2A290: the bank took it and gave nothing back
        let failed = needs(RefundWhy::Person(PersonWhy::FailedForGood));
        assert!(offered(&failed, &[own(K::AccountRefund, O::Accepted)], &[]));
        let ways = of(&failed, &[own(K::AccountRefund, O::Accepted)]);
        assert_eq!(ways, [Ch::NotDone, Ch::KeepAsking, Ch::ByHand], "nobody says that it was done");
        assert_eq!(done_by_hand(&failed).why, Some(RefundWhy::ByHand(ByHandWhy::Chosen)));
        assert_eq!((done_by_hand(&row).state, done_by_hand(&row).why), (S::Done, row.why));
    }

    /// Not captured, capture failed, reversed at the bank, refunded elsewhere: the shop would pay
    /// out of its own pocket.
    #[test]
    fn nobody_is_told_to_pay_out_what_was_not_collected() {
        let by_hand = needs(RefundWhy::ByHand(ByHandWhy::NotInContract));
        for card in CardState::ALL {
            let sale = Payment { card: Some(card), ..payment(PaymentState::Paid) };
            let offered = choices(&by_hand, &sale, &[], &[]).contains(&Ch::ByHand);
            let none = [None, Some("1"), Some("0"), Some("-1"), Some("13")].contains(&card.number());
            assert_eq!(offered, !none, "{card:?}");
        }
        for state in PaymentState::ALL {
            let offered = choices(&by_hand, &payment(state), &[], &[]).contains(&Ch::ByHand);
            assert_eq!(offered, state.has_money(), "{state:?}");
        }
        for why in whys() {
            let refused = matches!(
                why,
                RefundWhy::Discrepancy(_)
                    | RefundWhy::Person(
                        PersonWhy::DoubtfulReading | PersonWhy::HalfReversed | PersonWhy::SomebodyRefunded
                    )
            );
            assert!(!refused || !of(&needs(why), &[]).contains(&Ch::ByHand), "{why:?}");
        }
    }
}
