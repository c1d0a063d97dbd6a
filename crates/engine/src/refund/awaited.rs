//! Whose approval a request waits for, told before it is made (decision 25).
//!
//! Promise: what a person is told is true of that request. Left out: the approval itself
//! (`counterfoil_domain::refund::approval`).

use counterfoil_domain::refund::Approvals;
use counterfoil_domain::refund::approval::COOLING_MS;
use counterfoil_domain::{Actor, Clocks, Moment, PaymentId, RefundId, Right, Twd};

use super::with_others;
use crate::engine::EngineError;
use crate::people::allowed;
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
}

impl Awaited {
    /// Not approved before, when it is asked for at `at`.
    pub const fn from(self, at: Moment) -> Moment {
        match self {
            Self::Own => at.plus_ms(COOLING_MS),
            Self::AtOnce | Self::Another | Self::Either | Self::AnotherFirst => at,
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
    approvals: Approvals,
    wanted: (RefundId, PaymentId, Twd),
    who: Actor,
    clocks: Clocks,
) -> Result<Awaited, EngineError> {
    match approvals {
        Approvals::NoPeople { .. } => return Ok(Awaited::AtOnce),
        Approvals::People => return Ok(Awaited::Another),
        Approvals::OnePerson => {}
    }
    let may = |one: Actor| {
        let sum = with_others(store, wanted, |other| other.approver == Some(one))?;
        match allowed(store, one, Right::ApproveRefund, sum) {
            Ok(()) => Ok(true),
            Err(EngineError::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    };
    if !may(who)? {
        return Ok(Awaited::Another);
    }
    if clocks.passed.is_none() {
        return Ok(Awaited::AnotherFirst);
    }
    for person in store.people()? {
        let other = Actor::Person(person.id);
        if other != who && may(other)? {
            return Ok(Awaited::Either);
        }
    }
    Ok(Awaited::Own)
}
