//! Approving a refund (money rules 4).
//!
//! Promise: the approver is never the requester, checked where the refund is approved and again
//! where its operation is made, so that no caller can skip it. One person alone approves in a
//! practice shop without people, and in one-person mode ([`approve_alone`]); the row says so.

use super::{Choice, Refund, RefundState};
use crate::actor::Actor;
use crate::money::Twd;
use crate::person::Clocks;
use crate::time::Moment;

/// Who has to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approvals {
    /// The shop has no people yet. A demo or custom shop approves at once; any other refunds
    /// nothing.
    NoPeople {
        /// A demo or custom shop.
        practice: bool,
    },
    /// Another person than the requester.
    People,
    /// As [`Approvals::People`], and the owner lets one person alone approve, slowly.
    OnePerson,
}

/// The two people of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Who approves.
    pub approver: Actor,
    /// Who else can act as the approver.
    pub as_approver: Vec<Actor>,
    /// Who else can act as the requester.
    pub as_requester: Vec<Actor>,
}

/// In one-person mode a request cools so long, by a time that a bank has named and by the monotonic
/// clock.
pub const COOLING_MS: i64 = 10 * 60_000;

/// Why a refund was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// It is not [`RefundState::Requested`].
    #[error("the refund is {}", .0.name())]
    NotRequested(RefundState),
    /// The approver is the requester.
    #[error("the requester cannot approve")]
    OwnRequest,
    /// Whoever asked says that the bank has not done it, which has it sent again.
    #[error("the requester cannot say that it was not done")]
    OwnWord,
    /// One of the two has set the other's PIN, and so can act as both.
    #[error("one of the two has set the PIN of the other")]
    OneHand,
    /// Only a person approves.
    #[error("the approver is no person")]
    NotAPerson,
    /// Only a demo or custom shop refunds before it has people.
    #[error("the shop has no people")]
    NoPeople,
    /// In one-person mode the amount is typed again, and must be the same.
    #[error("the amount was not typed again")]
    AmountAgain,
    /// In one-person mode a request cools first.
    #[error("the request cools for {left_ms} ms more")]
    Cooling {
        /// How long still.
        left_ms: i64,
    },
    /// A wait would be over by the clocks of this computer, and no bank has named its time yet.
    #[error("a bank has to name its time first")]
    BankTime,
}

/// Approves a request of another person; in a practice shop without people, one's own.
///
/// # Errors
/// [`ApprovalError`]
pub fn approve(refund: &Refund, pair: &Pair, approvals: Approvals) -> Result<Refund, ApprovalError> {
    let alone = match approvals {
        Approvals::NoPeople { practice: false } => return Err(ApprovalError::NoPeople),
        Approvals::NoPeople { practice: true } => pair.approver == refund.requester,
        Approvals::People | Approvals::OnePerson => false,
    };
    if !alone && is_one_hand(refund.requester, pair) {
        return Err(ApprovalError::OneHand);
    }
    approved(refund, pair.approver, alone)
}

/// Whoever set a PIN can act as its person too
/// ([`Person::other_hands`](crate::Person::other_hands)). One that was set by the account of this
/// computer may be anybody's: that account has no name here.
pub fn is_one_hand(requester: Actor, Pair { approver, as_approver, as_requester }: &Pair) -> bool {
    if as_approver.iter().chain(as_requester).any(|hand| *hand == Actor::Owner) {
        return true;
    }
    let both = as_requester.iter().any(|hand| as_approver.contains(hand));
    both || as_requester.contains(approver) || as_approver.contains(&requester)
}

/// Approves one's own request in one-person mode: the amount is typed again after the request has
/// cooled, by a bank's time and the clock of this computer, so that no move of its clocks shortens
/// it.
///
/// # Errors
/// [`ApprovalError`]
pub fn approve_alone(
    refund: &Refund,
    approver: Actor,
    approvals: Approvals,
    again: Option<Twd>,
    now: Clocks,
) -> Result<Refund, ApprovalError> {
    match approvals {
        Approvals::OnePerson => {}
        Approvals::People | Approvals::NoPeople { .. } => return Err(ApprovalError::OwnRequest),
    }
    // asked for before the mode was on, or before a bank had named a time: two people, or once more
    let Some(asked) = refund.asked_mono else { return Err(ApprovalError::OwnRequest) };
    let by_clocks = |at: Moment| now.mono.passed_since(asked).min(at.ms_since(refund.requested_at));
    let left_ms = COOLING_MS - by_clocks(now.passed.unwrap_or(now.at));
    if left_ms > 0 {
        return Err(ApprovalError::Cooling { left_ms });
    }
    if now.passed.is_none() {
        return Err(ApprovalError::BankTime);
    }
    if again != Some(refund.amount) {
        return Err(ApprovalError::AmountAgain);
    }
    approved(refund, approver, true)
}

/// The one constructor of an approval: it takes both people, and the row says when they are one.
fn approved(refund: &Refund, approver: Actor, alone: bool) -> Result<Refund, ApprovalError> {
    if refund.state != RefundState::Requested {
        return Err(ApprovalError::NotRequested(refund.state));
    }
    let row = Refund {
        approver: Some(approver),
        alone,
        state: RefundState::Approved,
        version: refund.version + 1,
        ..refund.clone()
    };
    check_approval(&row)?;
    Ok(row)
}

/// Another person agreed, or the row says that one was enough.
pub(crate) fn check_approval(refund: &Refund) -> Result<(), ApprovalError> {
    let Some(approver) = refund.approver.filter(|approver| approver.is_human()) else {
        return Err(ApprovalError::NotAPerson);
    };
    if approver == refund.requester && !refund.alone {
        return Err(ApprovalError::OwnRequest);
    }
    Ok(())
}

/// That the bank has not done it may have it sent again: another person than the requester says so,
/// in the place of the approver, unless one was enough to approve it.
///
/// # Errors
/// [`ApprovalError::OwnWord`], [`ApprovalError::OneHand`]
pub fn check_word(refund: &Refund, choice: Choice, pair: &Pair) -> Result<(), ApprovalError> {
    if choice != Choice::NotDone || refund.alone {
        return Ok(());
    }
    if pair.approver == refund.requester {
        return Err(ApprovalError::OwnWord);
    }
    if is_one_hand(refund.requester, pair) { Err(ApprovalError::OneHand) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::testing::refund;
    use crate::time::Mono;

    const SHE: Actor = Actor::Person(PersonId::from_bytes([1; 16]));
    const HE: Actor = Actor::Person(PersonId::from_bytes([2; 16]));
    const THIRD: Actor = Actor::Person(PersonId::from_bytes([3; 16]));

    fn by(approver: Actor) -> Pair {
        Pair { approver, as_approver: vec![], as_requester: vec![] }
    }

    fn asked() -> Refund {
        let asked_mono = Some(Mono::from_millis(5_000_000));
        let state = RefundState::Requested;
        Refund { requester: SHE, approver: None, alone: false, asked_mono, state, ..refund(50) }
    }

    #[test]
    fn only_another_person_says_that_it_was_not_done() {
        let two = Refund { approver: Some(HE), ..asked() };
        let alone = Refund { approver: Some(SHE), alone: true, ..asked() };
        for choice in Choice::ALL {
            let sent_again = choice == Choice::NotDone;
            let refused = |why| if sent_again { Err(why) } else { Ok(()) };
            assert_eq!(check_word(&two, choice, &by(SHE)), refused(ApprovalError::OwnWord), "{choice:?}");
            assert_eq!(check_word(&two, choice, &by(HE)), Ok(()));
            let hers = Pair { as_requester: vec![HE], ..by(HE) };
            assert_eq!(check_word(&two, choice, &hers), refused(ApprovalError::OneHand), "{choice:?}");
            assert_eq!(check_word(&alone, choice, &by(SHE)), Ok(()));
        }
    }

    /// One-person mode changes nothing about two people, and the quick way stays closed in it.
    #[test]
    fn another_person_approves_at_once_and_the_same_person_never_does() {
        for approvals in [Approvals::People, Approvals::OnePerson] {
            let approved = approve(&asked(), &by(HE), approvals).unwrap();
            assert_eq!((approved.approver, approved.alone), (Some(HE), false));
            assert_eq!(approve(&asked(), &by(SHE), approvals), Err(ApprovalError::OwnRequest));
        }
    }

    /// Whoever set the PIN of one of the two is not the other one, nor both by way of a third.
    #[test]
    fn whoever_knows_the_pin_of_one_is_not_the_other() {
        for (as_approver, as_requester, is_taken) in [
            (vec![], vec![THIRD, HE], false),
            (vec![SHE, THIRD], vec![], false),
            (vec![THIRD], vec![Actor::Owner, THIRD], false),
            (vec![THIRD], vec![], true),
            (vec![], vec![THIRD], true),
            (vec![], vec![Actor::Owner], false),
            (vec![Actor::Owner], vec![], false),
        ] {
            let pair = Pair { approver: HE, as_approver, as_requester };
            let approved = approve(&asked(), &pair, Approvals::People).map(|row| row.approver);
            let expected = if is_taken { Ok(Some(HE)) } else { Err(ApprovalError::OneHand) };
            assert_eq!(approved, expected, "{pair:?}");
        }
    }

    #[test]
    fn one_person_alone_types_the_amount_again_after_both_clocks_have_run() {
        let (row, typed) = (asked(), Some(Twd::new(50)));
        let clocks = |bank_ms: i64, mono_ms: i64| {
            let mono = row.asked_mono.unwrap().plus_ms(mono_ms);
            let at = Moment::from_millis(row.requested_at.millis() + bank_ms);
            Clocks { at, mono, passed: Some(at) }
        };
        let try_it = |approvals, again, at| approve_alone(&row, SHE, approvals, again, at);
        let late = clocks(COOLING_MS, COOLING_MS);
        let approved = try_it(Approvals::OnePerson, typed, late).unwrap();
        assert_eq!((approved.approver, approved.alone), (Some(SHE), true));
        for again in [None, Some(Twd::new(49))] {
            assert_eq!(try_it(Approvals::OnePerson, again, late), Err(ApprovalError::AmountAgain));
        }
        // either clock moved on alone
        for at in [clocks(COOLING_MS, COOLING_MS - 1), clocks(COOLING_MS - 1, COOLING_MS)] {
            let cooling = Err(ApprovalError::Cooling { left_ms: 1 });
            assert_eq!(try_it(Approvals::OnePerson, typed, at), cooling);
        }
        // all clocks of the computer moved, and no bank has said anything
        let untold = Clocks { passed: None, ..late };
        assert_eq!(try_it(Approvals::OnePerson, typed, untold), Err(ApprovalError::BankTime));
        // a bank says that it is not over
        let moved = Clocks { passed: Some(row.requested_at), ..late };
        let cooling = Err(ApprovalError::Cooling { left_ms: COOLING_MS });
        assert_eq!(try_it(Approvals::OnePerson, typed, moved), cooling);
        // after a restart of the computer: what has passed since then
        let restarted = Clocks { mono: Mono::from_millis(COOLING_MS - 7), ..late };
        let cooling = Err(ApprovalError::Cooling { left_ms: 7 });
        assert_eq!(try_it(Approvals::OnePerson, typed, restarted), cooling);
        let others = [Approvals::People, Approvals::NoPeople { practice: true }];
        for approvals in others {
            assert_eq!(try_it(approvals, typed, late), Err(ApprovalError::OwnRequest));
        }
        // what was asked for before the mode was on
        let older = Refund { asked_mono: None, ..row.clone() };
        let own = Err(ApprovalError::OwnRequest);
        assert_eq!(approve_alone(&older, SHE, Approvals::OnePerson, typed, late), own);
    }
}
