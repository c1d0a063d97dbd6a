//! Whose approval a request waits for, told before it is made (decision 25).
//!
//! Promise: what a person is told is true of that request. Left out: the approval itself
//! (`counterfoil_domain::refund::approval`).

use counterfoil_domain::refund::Approvals;
use counterfoil_domain::refund::approval::{COOLING_MS, Pair, is_one_hand};
use counterfoil_domain::{Actor, Clocks, Moment, Payment, Person, RefundId, Right, Twd};

use super::with_others;
use crate::engine::EngineError;
use crate::people::{allowed, other_hands};
use crate::ports::Store;

/// Whose approval a request waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// It is approved with the request: a practice shop without people.
    AtOnce,
    /// Another person's.
    Another,
    /// Another person's, or the requester's own once the request has cooled.
    Either,
    /// The requester's own, once it has cooled: no one else may.
    Own,
    /// Another person's: no bank has named its time in this run, so the request cools for nobody.
    AnotherFirst,
    /// As before, and no other person may approve it.
    NoneFirst,
    /// No one may approve it by what is known now.
    None,
}

impl Awaited {
    /// Not approved before, when it is asked for at `at`.
    pub const fn from(self, at: Moment) -> Moment {
        match self {
            Self::Own => at.plus_ms(COOLING_MS),
            Self::AtOnce
            | Self::Another
            | Self::Either
            | Self::AnotherFirst
            | Self::NoneFirst
            | Self::None => at,
        }
    }
}

/// Whose approval it is when `who` asks for this now: the request, and what is told before it, go
/// by the same rules.
///
/// # Errors
/// Of the store.
pub fn awaited<S: Store>(
    store: &S,
    payment: &Payment,
    (id, amount): (RefundId, Twd),
    who: Actor,
    clocks: Clocks,
) -> Result<Awaited, EngineError> {
    let shop = store.shop()?.ok_or(EngineError::NotFound("shop"))?;
    let alone = match shop.approvals(payment.rail.bank(), store.has_people()?) {
        Approvals::NoPeople { .. } => return Ok(Awaited::AtOnce),
        Approvals::People => false,
        Approvals::OnePerson => may(store, (id, payment, amount), who)?,
    };
    let others = !approvers(store, payment, (id, amount), who, clocks)?.is_empty();
    Ok(match (alone, clocks.passed.is_some(), others) {
        (false, _, true) => Awaited::Another,
        (false, _, false) => Awaited::None,
        (true, false, true) => Awaited::AnotherFirst,
        (true, false, false) => Awaited::NoneFirst,
        (true, true, true) => Awaited::Either,
        (true, true, false) => Awaited::Own,
    })
}

/// The people other than the requester who may approve it now: by role and limit, and of another
/// hand.
///
/// # Errors
/// Of the store.
pub fn approvers<S: Store>(
    store: &S,
    payment: &Payment,
    (id, amount): (RefundId, Twd),
    requester: Actor,
    clocks: Clocks,
) -> Result<Vec<Person>, EngineError> {
    let as_requester = other_hands(store, requester, clocks)?;
    let mut found = Vec::new();
    for person in store.people()? {
        let approver = Actor::Person(person.id);
        let as_approver = other_hands(store, approver, clocks)?;
        let pair = Pair { approver, as_approver, as_requester: as_requester.clone() };
        let another = approver != requester && !is_one_hand(requester, &pair);
        if another && may(store, (id, payment, amount), approver)? {
            found.push(person);
        }
    }
    Ok(found)
}

/// Whether role and limit let this person approve it, with what the same person approved before.
fn may<S: Store>(
    store: &S,
    (id, payment, amount): (RefundId, &Payment, Twd),
    who: Actor,
) -> Result<bool, EngineError> {
    let sum = with_others(store, (id, payment.id, amount), |other| other.approver == Some(who))?;
    match allowed(store, who, Right::ApproveRefund, sum) {
        Ok(()) => Ok(true),
        Err(EngineError::Denied(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
