//! Refunds: what people ask for, and what of them is in memory (money rules 2 to 4).
//!
//! - [`mod@awaited`]: whose approval a request waits for.
//! - [`bill`] asks for the statement of a day.
//! - [`decisions`]: what people withdraw, decide and book.
//! - [`planning`] asks the bank, lets the domain plan, and commits what follows.
//! - [`steps`] claims the operation of a step and takes its answer.
//!
//! Promise: a step is sent only after a fresh reading and its plan, and what is in memory can be
//! lost at any line: a start asks about every open refund again. Left out: the rules themselves
//! (`counterfoil_domain::refund`).

mod awaited;
mod bill;
mod decisions;
mod planning;
mod reads;
mod steps;

pub use self::awaited::{Awaited, approvers, awaited};
pub use self::planning::{TargetRows, target_rows};

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::operation::OperationState;
use counterfoil_domain::refund::approval::ApprovalError;
use counterfoil_domain::refund::request::{RequestError, WithdrawError};
use counterfoil_domain::refund::{Approvals, Choice, Course, Pair, Wanted, approve, approve_alone, request};
use counterfoil_domain::{
    Actor, Bank, Clocks, Handles, Moment, Mono, Now, Operation, OperationId, Payment, PaymentId, PerBank,
    Refund, RefundId, RefundReason, RefundState, Right, Twd,
};
use secrecy::SecretString;

use crate::engine::{Engine, EngineError, by_engine};
use crate::people::{allowed, other_hands};
use crate::ports::{AuditLine, Change, Guard, Store, StoreError};
use crate::purpose::Purpose;

/// A reading that comes so soon belongs to what is going on.
const PLANNING_MS: i64 = 2_000;

/// What of the refunds is in memory.
#[derive(Default)]
pub(crate) struct Refunds {
    /// When each open refund is asked about next.
    turns: PerBank<BTreeSet<(Mono, RefundId)>>,
    /// How often a refund at the bank was read in this run.
    reads: BTreeMap<RefundId, usize>,
    /// When the last answer to a step of it came.
    answered: BTreeMap<RefundId, Mono>,
    /// What names the transaction, as read right before the step.
    handles: BTreeMap<OperationId, Handles>,
    /// Payments with the first call of an account's refund: did an inquiry leave since it was sent?
    asked_between: BTreeMap<PaymentId, bool>,
    /// The token of the first call for the second, and when the first call was sent.
    tokens: BTreeMap<OperationId, (SecretString, Mono)>,
    /// How often the bank was asked about it in a row and gave no clear answer.
    silent: BTreeMap<RefundId, usize>,
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAsked {
    /// Made by the screen, before anything else: the same id twice is one refund.
    pub id: RefundId,
    /// Of which payment.
    pub payment: PaymentId,
    /// Of which transaction at CTBC; empty for the only one, and at SinoPac.
    pub xid: String,
    /// To give back.
    pub amount: Twd,
    /// Why.
    pub reason: RefundReason,
    /// As typed.
    pub note: Option<String>,
    /// Who asks.
    pub who: Actor,
}

/// A refund that was made at the bank's back office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Of which payment.
    pub payment: PaymentId,
    /// Of which transaction, as in [`RefundAsked::xid`].
    pub xid: String,
    /// What was given back.
    pub amount: Twd,
    /// SinoPac's RefundNo, where the bank shows one.
    pub refund_no: Option<String>,
    /// In the person's words.
    pub reason: String,
    /// Who books it.
    pub who: Actor,
}

/// Why a person's act on a refund was not taken. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefused {
    /// The request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The approval.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The withdrawal.
    #[error(transparent)]
    Withdraw(#[from] WithdrawError),
    /// The same id with another payment, transaction, amount or reason. A note is not compared: it
    /// may have been erased with the customer.
    #[error("this refund id was used for something else")]
    IdUsed,
    /// The payment has no transaction of this XID, as far as is known.
    #[error("the payment has no such transaction")]
    NoSuchTransaction,
    /// No person is asked about it now.
    #[error("there is nothing to decide")]
    NothingToDecide,
    /// This decision is none of those that it leaves.
    #[error("this is no way out of it")]
    NotAChoice(Vec<Choice>),
    /// This RefundNo was booked before.
    #[error("this refund was booked before")]
    BookedBefore,
    /// No booking of this amount and number counts.
    #[error("there is no such booking")]
    NoSuchBooking,
}

/// A person's word about what needs one (money rules 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The bank confirms that it was done: its reference.
    Done {
        /// As the bank named it.
        reference: String,
    },
    /// The bank confirms that it was not done.
    NotDone {
        /// Who at the bank, and when.
        told_by: String,
    },
    /// The bank is asked on, and the plan is made again.
    KeepAsking,
    /// The shop has transferred the money itself.
    ByHand {
        /// What shows it: a reference of the transfer, as typed.
        proof: Option<String>,
    },
}

impl<S: Store> Engine<S> {
    /// Takes a refund down. Without people a demo or custom shop approves it at once.
    ///
    /// # Errors
    /// [`EngineError::Refund`] with nothing written, or of the store.
    pub fn request_refund(&mut self, now: Now, asked: &RefundAsked) -> Result<Refund, EngineError> {
        self.deciding_refund(|_| Ok(Some(asked.payment)), |engine| engine.decide_request(now, asked))
    }

    fn decide_request(&mut self, now: Now, asked: &RefundAsked) -> Result<Refund, EngineError> {
        allowed(&self.store, asked.who, Right::AskRefund, asked.amount)?;
        let payment = self.payment(asked.payment)?;
        let asked = &RefundAsked { xid: payment.row_xid(&asked.xid).to_owned(), ..asked.clone() };
        let at = self.at(payment.rail.bank(), now).bank;
        may_ask(&self.store, (asked.id, payment.id, asked.amount), asked.who)?;
        if let Some(known) = self.store.refund(asked.id)? {
            let same = (known.payment, known.amount, &known.xid, known.reason)
                == (asked.payment, asked.amount, &asked.xid, asked.reason);
            return if same { Ok(known) } else { Err(RefundRefused::IdUsed.into()) };
        }
        let rows = target_rows(&self.store, &payment, &asked.xid)?;
        let target = rows.of(&payment).ok_or(RefundRefused::NoSuchTransaction)?;
        let RefundAsked { id, xid, amount, reason, note, who, .. } = asked.clone();
        let wanted = Wanted { id, xid, amount, reason, note, requester: who, now: at, mono: now.mono };
        let approvals = self.approvals(payment.rail.bank())?;
        let mut row = request(&wanted, &target, approvals).map_err(RefundRefused::from)?;
        if self.clocks(now).passed.is_none() {
            // a clock that was put back for the request would shorten its cooling
            row.asked_mono = None;
        }
        let awaited = awaited(&self.store, &payment, (id, amount), who, self.clocks(now))?;
        row.told = Some(Course::told(&payment, amount, awaited.from(at), &self.shop.calendar()));
        // what failed for good at the bank makes way
        let failed = rows.refunds.iter().filter(|refund| refund.has_failed_for_good());
        let mut changes: Vec<Change> = failed
            .map(|refund| Change::RefundChanged(Refund { state: RefundState::Declined, ..refund.clone() }))
            .collect();
        changes.push(Change::RefundAdded(row.clone()));
        let mut refund = row;
        if matches!(approvals, Approvals::NoPeople { .. }) {
            let pair = pair(&self.store, &refund, who, Clocks { at, ..self.clocks(now) })?;
            let approved = approve(&refund, &pair, approvals).map_err(RefundRefused::from)?;
            changes.push(refund_changed(&approved));
            refund = approved;
        }
        let detail = format!("{} {} {}", payment.bank_order_no, refund.amount, refund.reason.name());
        let audit = AuditLine { who, ..by_engine(at, "refund", refund.id, detail) };
        self.commit_on(audit, vec![Guard::Payment(payment.id, payment.version)], changes)?;
        self.refund_turn(&refund, payment.rail.bank(), now.mono);
        Ok(refund)
    }

    /// Approves a refund. `again`: the amount as typed once more, which one-person mode wants.
    ///
    /// # Errors
    /// [`EngineError::Refund`] with nothing written, [`EngineError::Denied`], or of the store.
    pub fn approve_refund(
        &mut self,
        now: Now,
        id: RefundId,
        again: Option<Twd>,
        who: Actor,
    ) -> Result<Refund, EngineError> {
        self.deciding_refund(payment_of::<S>(id), |engine| {
            let refund = engine.refund(id)?;
            allowed(&engine.store, who, Right::ApproveRefund, refund.amount)?;
            // a key pressed twice; of two people the second is told
            let over = matches!(refund.state, RefundState::Withdrawn | RefundState::Declined);
            if refund.approver == Some(who) && !over {
                return Ok(refund);
            }
            let bank = engine.payment(refund.payment)?.rail.bank();
            let (at, approvals) = (engine.at(bank, now).bank, engine.approvals(bank)?);
            let approved = approval_of(
                &engine.store,
                &refund,
                approvals,
                again,
                who,
                Clocks { at, ..engine.clocks(now) },
            )?;
            let alone = approved.alone;
            let detail = if alone { "alone" } else { "" };
            let audit = AuditLine { who, ..by_engine(at, "refund-approve", id, detail) };
            engine.commit(audit, vec![refund_changed(&approved)])?;
            engine.refund_turn(&approved, bank, now.mono);
            Ok(approved)
        })
    }

    /// As [`Engine::deciding`] for what gives money back: every row that it rests on is proved, and
    /// no other hand writes until it is committed.
    pub(crate) fn deciding_refund<T>(
        &mut self,
        of: impl Fn(&Self) -> Result<Option<PaymentId>, EngineError>,
        mut decide: impl FnMut(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.deciding(|engine| {
            let held = of(engine)?;
            if let Some(payment) = held {
                engine.store.hold(payment)?;
            }
            let is_same = of(engine).map(|payment| payment == held);
            let decided = match is_same {
                Ok(true) => decide(engine),
                Ok(false) => Err(StoreError::Conflict.into()),
                Err(error) => Err(error),
            };
            engine.store.let_go();
            decided
        })
    }

    /// Whether something about a refund goes now or is under way.
    pub fn is_planning(&self, id: RefundId, now: Now) -> bool {
        let due = |turns: &BTreeSet<(Mono, RefundId)>| {
            turns.iter().any(|(at, of)| *of == id && *at <= now.mono.plus_ms(PLANNING_MS))
        };
        let ops = |op: OperationId| self.operation(op).is_ok_and(|op| op.refund == Some(id));
        let in_flight = self.in_flight.values().any(|call| match call.purpose {
            Purpose::Refund(of) => of == id,
            Purpose::Write(op) => ops(op),
            Purpose::Before(..)
            | Purpose::Bill(_)
            | Purpose::Charge(..)
            | Purpose::Ask(..)
            | Purpose::Token(_)
            | Purpose::Window(_)
            | Purpose::Check(_)
            | Purpose::Proof(..)
            | Purpose::Number(_)
            | Purpose::Uncaptured
            | Purpose::Time => false,
        });
        in_flight
            || Bank::ALL.into_iter().any(|bank| {
                due(self.refunds.turns.get(bank)) || self.lanes.get(bank).turns.iter().any(|turn| ops(turn.1))
            })
    }

    /// When the bank is asked about a refund next, by bank time; `None`: it waits for a person, or
    /// is being asked now.
    ///
    /// # Errors
    /// Of the store.
    pub fn refund_asked_at(&self, refund: &Refund, now: Now) -> Result<Option<Moment>, EngineError> {
        let bank = self.payment(refund.payment)?.rail.bank();
        let planned = self.refunds.turns.get(bank).iter().find(|(_, id)| *id == refund.id).map(|turn| turn.0);
        let ours = |op: OperationId| self.operation(op).is_ok_and(|op| op.refund == Some(refund.id));
        let read = self.lanes.get(bank).turns.iter().find(|(_, op)| ours(*op)).map(|turn| turn.0);
        let at = planned.into_iter().chain(read).min();
        Ok(at.map(|at| self.at(bank, now).bank.plus_ms(at.ms_since(now.mono).max(0))))
    }

    /// Who has to agree to a refund of this bank.
    pub(crate) fn approvals(&self, bank: Bank) -> Result<Approvals, EngineError> {
        Ok(self.shop.approvals(bank, self.store.has_people()?))
    }

    pub(crate) fn refund(&self, id: RefundId) -> Result<Refund, EngineError> {
        self.store.refund(id)?.ok_or(EngineError::NotFound("refund"))
    }

    /// Asks about a refund at this instant. One that is over, or not approved, is not asked about.
    pub(crate) fn refund_turn(&mut self, refund: &Refund, bank: Bank, at: Mono) {
        let turns = self.refunds.turns.get_mut(bank);
        turns.retain(|(_, id)| *id != refund.id);
        if !refund.state.is_final() && refund.state != RefundState::Requested {
            turns.insert((at, refund.id));
        }
    }

    /// The sale of a refund that is over is asked about once more.
    pub(crate) fn ask_after(&mut self, refund: &Refund, now: Now) -> Result<(), EngineError> {
        if refund.state.is_final() { self.reschedule(refund.payment, now) } else { Ok(()) }
    }

    /// When a refund of this bank is asked about next.
    pub(crate) fn next_refund_turn(&self, bank: Bank) -> Option<Mono> {
        self.refunds.turns.get(bank).first().map(|turn| turn.0)
    }

    /// Every open refund of a bank is asked about again, and planned again.
    pub(crate) fn rebuild_refunds(&mut self, bank: Bank, now: Now) -> Result<(), EngineError> {
        self.refunds.turns.get_mut(bank).clear();
        for refund in self.store.open_refunds()? {
            let payment = self.payment(refund.payment)?;
            if payment.rail.bank() == bank && !self.is_read_out(&refund)? {
                self.refund_turn(&refund, bank, now.mono);
            }
        }
        Ok(())
    }

    /// A step of it is under way or unclear: readings by its own schedule go on, and bring it back
    /// here.
    fn is_read_out(&self, refund: &Refund) -> Result<bool, EngineError> {
        let operations = self.store.operations_of(refund.payment)?;
        let unclear = |op: &Operation| match op.state {
            OperationState::Sending | OperationState::Pending | OperationState::Unknown => true,
            // the program may have ended before the refund was planned by it
            OperationState::NeedsPerson
            | OperationState::Planned
            | OperationState::Accepted
            | OperationState::Declined
            | OperationState::NotNow
            | OperationState::NotSent
            | OperationState::DidNotHappen
            | OperationState::Abandoned => false,
        };
        // what a person has to say of a step is read on with the step
        let asked = |op: &Operation| {
            refund.state == RefundState::NeedsPerson && op.state == OperationState::NeedsPerson
        };
        Ok(operations.iter().any(|op| op.refund == Some(refund.id) && (unclear(op) || asked(op))))
    }

    /// Refunds among these changes that come to another state or reason do so at `at`.
    pub(crate) fn refunds_dated(
        &self,
        mut changes: Vec<Change>,
        at: Moment,
    ) -> Result<Vec<Change>, EngineError> {
        for change in &mut changes {
            if let Change::RefundChanged(refund) = change {
                *refund = refund.clone().kept(self.store.refund(refund.id)?.as_ref(), at);
            }
        }
        Ok(changes)
    }

    /// The posting of a refund that is done.
    fn refund_entry(
        &self,
        payment: &Payment,
        done: &Refund,
        at: Moment,
    ) -> Result<Option<Change>, EngineError> {
        let is_second = self.is_second(payment, (&done.xid, Some(done.reason), done.amount))?;
        let entry = counterfoil_domain::Entry::refunded(payment, done, is_second, at);
        Ok(entry.map(Change::EntryAdded))
    }
}

/// Of which payment a refund is; `None`: there is no such refund.
fn payment_of<S: Store>(id: RefundId) -> impl Fn(&Engine<S>) -> Result<Option<PaymentId>, EngineError> {
    move |engine| Ok(engine.store.refund(id)?.map(|refund| refund.payment))
}

/// Whether a person may ask for this amount of a payment: many small refunds come no further than
/// one large one.
///
/// # Errors
/// [`EngineError::Denied`], or of the store.
pub fn may_ask<S: Store>(
    store: &S,
    wanted: (RefundId, PaymentId, Twd),
    who: Actor,
) -> Result<(), EngineError> {
    let sum = with_others(store, wanted, |refund| refund.requester == who)?;
    allowed(store, who, Right::AskRefund, sum)
}

/// The row as this person's approval makes it, with nothing written: an approval and the screen
/// that offers it go by the same rules. `again`: the amount as typed once more.
///
/// # Errors
/// [`EngineError::Denied`], [`EngineError::Refund`], or of the store.
pub fn approval_of<S: Store>(
    store: &S,
    refund: &Refund,
    approvals: Approvals,
    again: Option<Twd>,
    who: Actor,
    clocks: Clocks,
) -> Result<Refund, EngineError> {
    let wanted = (refund.id, refund.payment, refund.amount);
    let sum = with_others(store, wanted, |other| other.approver == Some(who))?;
    allowed(store, who, Right::ApproveRefund, sum)?;
    let approval = |clocks: Clocks| {
        Ok::<_, EngineError>(if approvals == Approvals::OnePerson && who == refund.requester {
            approve_alone(refund, who, approvals, again, clocks)
        } else {
            approve(refund, &pair(store, refund, who, clocks)?, approvals)
        })
    };
    let mut approved = approval(clocks)?;
    let said = Clocks { passed: clocks.passed.or(Some(clocks.at)), ..clocks };
    if approved == Err(ApprovalError::OneHand) && approval(said)?.is_ok() {
        // by the clocks of this computer the two are apart
        approved = Err(ApprovalError::BankTime);
    }
    Ok(approved.map_err(RefundRefused::from)?)
}

/// An amount with what the same person did of the payment before.
fn with_others<S: Store>(
    store: &S,
    (id, payment, amount): (RefundId, PaymentId, Twd),
    is_theirs: impl Fn(&Refund) -> bool,
) -> Result<Twd, EngineError> {
    let refunds = store.refunds_of(payment)?;
    let others = refunds.iter().filter(|other| other.id != id && other.is_spent() && is_theirs(other));
    let sum = others.map(|other| other.amount).try_fold(amount, Twd::checked_add);
    Ok(sum.unwrap_or(Twd::new(i64::MAX)))
}

/// Requester and approver, with who else can act as each.
fn pair<S: Store>(store: &S, refund: &Refund, approver: Actor, now: Clocks) -> Result<Pair, EngineError> {
    let as_approver = other_hands(store, approver, now)?;
    Ok(Pair { approver, as_approver, as_requester: other_hands(store, refund.requester, now)? })
}

/// The row as a plan or a person has made it; the store takes the version that was read.
pub(crate) fn refund_changed(next: &Refund) -> Change {
    Change::RefundChanged(Refund { version: next.version - 1, ..next.clone() })
}

/// Operations of a refund that never left and never will.
pub(crate) fn abandoned(refund: &Refund, operations: &[Operation]) -> Vec<Change> {
    let open =
        |op: &&Operation| op.refund == Some(refund.id) && op.state.may_become(OperationState::Abandoned);
    let abandoned = |op: &Operation| Operation { state: OperationState::Abandoned, ..op.clone() };
    operations.iter().filter(open).map(abandoned).map(Change::OperationChanged).collect()
}
