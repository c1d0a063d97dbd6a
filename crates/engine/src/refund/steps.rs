//! The steps of a refund: each is claimed right after its plan, and its answer leads back to one.

use counterfoil_domain::operation::rules::Message;
use counterfoil_domain::operation::{OperationKind, OperationState};
use counterfoil_domain::refund::answer::{AfterAnswer, after_answer, may_second_call_go};
use counterfoil_domain::refund::request::operation_of;
use counterfoil_domain::refund::{PersonWhy, Plan, Step, Wait, WaitWhy};
use counterfoil_domain::{Bank, CardState, Now, Operation, Payment, Refund, Seen};
use secrecy::SecretString;

use super::{RefundRefused, abandoned, refund_changed};
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::At;
use crate::ports::{BankRequest, Change, Store, StoreError, Write};
use crate::purpose::Purpose;
use crate::work::FRESH_FOR_MS;

/// A step whose proof is not read yet is planned again after this.
const UNREAD_MS: i64 = 1_000;

impl<S: Store> Engine<S> {
    /// Claims the operation of a step: only right after its plan, and only when the gate is open.
    /// `None`: nothing goes now, and the refund is planned again.
    pub(crate) fn claim_step(
        &mut self,
        bank: Bank,
        now: Now,
        op: Operation,
        payment: &Payment,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        match self.store.hold(payment.id) {
            Err(StoreError::Unproved | StoreError::PutBack) => {
                let Some(refund) = op.refund.map(|id| self.refund(id)).transpose()? else { return Ok(None) };
                if !refund.state.is_final() {
                    self.takes_plan(now, &refund, Plan::NeedsPerson(PersonWhy::Unproved), bank)?;
                }
                return Ok(None);
            }
            Err(StoreError::Unread) => {
                if let Some(refund) = op.refund.map(|id| self.refund(id)).transpose()? {
                    self.refund_turn(&refund, bank, now.mono.plus_ms(UNREAD_MS));
                }
                return Ok(None);
            }
            held => held?,
        }
        let claimed = self.claim_held(bank, now, op, payment);
        self.store.let_go();
        claimed
    }

    fn claim_held(
        &mut self,
        bank: Bank,
        now: Now,
        op: Operation,
        payment: &Payment,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some(refund) = op.refund.map(|id| self.refund(id)).transpose()? else { return Ok(None) };
        let fresh = self.lanes.get_mut(bank).fresh.remove(&op.id);
        let handles = self.refunds.handles.remove(&op.id);
        let token = self.refunds.tokens.remove(&op.id);
        if refund.state.is_final() {
            return Ok(None);
        }
        let is_second_call = op.kind == OperationKind::AccountRefund;
        let goes = if is_second_call {
            let since = token.as_ref().map(|(_, sent)| now.mono.ms_since(*sent));
            may_second_call_go(since, self.refunds.asked_between.remove(&payment.id).unwrap_or(true))
        } else {
            fresh.as_ref().is_some_and(|(read, _)| now.mono.ms_since(*read) < FRESH_FOR_MS)
        };
        if !goes {
            return self.plan_again(&refund, &op, bank, now).map(|()| None);
        }
        let at = self.at(bank, now);
        if let Some(until) = op.kind.held_until(&[at.bank, at.asking], &self.shop.calendar()) {
            self.takes_plan(now, &refund, Plan::Wait(Wait { until, why: WaitWhy::Batch }), bank)?;
            return Ok(None);
        }
        let snapshot = match fresh {
            Some((_, seen)) => Some(seen),
            // the reading before the first call: none may come between the two
            None => op.snapshot.clone(),
        };
        let request = match bank {
            Bank::Sinopac => request_of_sinopac(&op, payment, token.map(|(token, _)| token)),
            Bank::Ctbc => self.request_of_ctbc(&op, payment, &refund, handles, snapshot.as_ref())?,
        };
        let Some(request) = request else {
            match bank {
                Bank::Sinopac => self.plan_again(&refund, &op, bank, now)?,
                // the row lacks what a write must name, and would lack it in the next reading too
                Bank::Ctbc => {
                    let doubtful = Plan::NeedsPerson(PersonWhy::DoubtfulReading);
                    self.takes_plan(now, &refund, doubtful, bank)?;
                }
            }
            return Ok(None);
        };
        let is_first_call = op.kind == OperationKind::AccountRefundToken;
        let claimed = self.claim_with(now, at.bank, op, snapshot, request)?;
        if is_first_call {
            self.refunds.asked_between.insert(payment.id, false);
        }
        Ok(Some(claimed))
    }

    /// A call leaves: an inquiry about a payment between the two calls of its refund is noted.
    pub(crate) fn note_inquiry(&mut self, purpose: &Purpose) {
        if let Some(asked) = purpose.payment().and_then(|id| self.refunds.asked_between.get_mut(&id)) {
            *asked = true;
        }
    }

    /// The step does not rest on anything fresh: another reading, another plan.
    fn plan_again(
        &mut self,
        refund: &Refund,
        op: &Operation,
        bank: Bank,
        now: Now,
    ) -> Result<(), EngineError> {
        if op.kind == OperationKind::AccountRefund && op.state.may_become(OperationState::Abandoned) {
            let at = self.at(bank, now).bank;
            let gone = Operation { state: OperationState::Abandoned, ..op.clone() };
            self.commit(
                by_engine(at, "abandon", op.id, "its token is over"),
                vec![Change::OperationChanged(gone)],
            )?;
        }
        self.refund_turn(refund, bank, now.mono);
        Ok(())
    }

    /// A refund of a remainder names the batch that captured the sale, as it was read then.
    fn request_of_ctbc(
        &self,
        op: &Operation,
        payment: &Payment,
        refund: &Refund,
        handles: Option<counterfoil_domain::Handles>,
        snapshot: Option<&Seen>,
    ) -> Result<Option<BankRequest>, EngineError> {
        let Some(mut handles) = handles else { return Ok(None) };
        let is_remainder = snapshot.and_then(Seen::card) == Some(CardState::Refunded);
        if op.kind == OperationKind::Refund && is_remainder {
            let captures = self.store.captures_of(payment.id)?;
            let target = payment.target(&refund.xid);
            let of_target = |xid: &str| target.is_empty() || target == xid;
            if let Some(capture) = captures.into_iter().rfind(|capture| of_target(&capture.xid)) {
                handles.batch_id = Some(capture.batch_id);
                handles.batch_seq = Some(capture.batch_seq);
            }
        }
        let amount = op.amount.filter(|_| op.kind == OperationKind::Refund);
        Ok(Some(BankRequest::Write(Write::Card {
            kind: op.kind,
            bank_order_no: payment.bank_order_no.clone(),
            authorized: payment.amount,
            amount,
            handles,
        })))
    }

    /// After the answer to a step is in the file: what follows for its refund.
    pub(crate) fn step_answered(
        &mut self,
        now: Now,
        op: &Operation,
        token: Option<&SecretString>,
    ) -> Result<(), EngineError> {
        let Some(refund) = op.refund.map(|id| self.refund(id)).transpose()? else { return Ok(()) };
        let bank = op.kind.rule().bank;
        self.refunds.answered.insert(refund.id, now.mono);
        self.refunds.reads.remove(&refund.id);
        let facts = self.refund_facts(&refund)?;
        let at = self.at(bank, now);
        match after_answer(op, &facts.refused, at.bank, &facts.calendar) {
            AfterAnswer::ReadAndPlan => self.refund_turn(&refund, bank, now.mono.plus_ms(1)),
            // its readings bring it back
            AfterAnswer::ReadOut => {}
            AfterAnswer::SecondCall => self.second_call(now, &refund, op, token, at)?,
            AfterAnswer::Plan(plan) => {
                self.takes_plan(now, &refund, plan, bank)?;
                if plan.wait().is_some() && refund.wish.is_some() {
                    // the bank has not taken it, and a person wants it back: no need to wait
                    self.refund_turn(&self.refund(refund.id)?, bank, now.mono.plus_ms(1));
                }
            }
        }
        Ok(())
    }

    /// A reading has settled a step that was unclear.
    pub(crate) fn step_settled(&mut self, op: &Operation, now: Now) -> Result<(), EngineError> {
        if let Some(refund) = op.refund.map(|id| self.refund(id)).transpose()? {
            self.refunds.answered.insert(refund.id, now.mono);
            self.refund_turn(&refund, op.kind.rule().bank, now.mono.plus_ms(1));
        }
        Ok(())
    }

    /// The second call of an account's refund, with the token of the first and no inquiry between.
    fn second_call(
        &mut self,
        now: Now,
        refund: &Refund,
        first: &Operation,
        token: Option<&SecretString>,
        at: At,
    ) -> Result<(), EngineError> {
        let bank = first.kind.rule().bank;
        let sent = self.sent.get(&first.id).copied();
        let Some((token, sent)) = token.cloned().zip(sent) else {
            self.refund_turn(refund, bank, now.mono);
            return Ok(());
        };
        let step = Step { kind: OperationKind::AccountRefund, amount: refund.amount };
        let number = first.step.unwrap_or(0).saturating_add(1);
        let id = self.operation_id(at.bank);
        let mut op = operation_of(refund, step, number, id, self.approvals(bank)?, at.bank)
            .map_err(RefundRefused::from)?;
        op.snapshot.clone_from(&first.snapshot);
        self.commit(
            by_engine(at.bank, "refund-step", refund.id, op.kind.name()),
            vec![Change::OperationAdded(op)],
        )?;
        self.refunds.tokens.insert(id, (token, sent));
        self.turn(bank, id, now.mono);
        Ok(())
    }

    /// A plan that needs no reading: the row, and when it is asked about again.
    pub(super) fn takes_plan(
        &mut self,
        now: Now,
        refund: &Refund,
        plan: Plan,
        bank: Bank,
    ) -> Result<(), EngineError> {
        if let Some(next) = refund.after(plan, None) {
            let at = self.at(bank, now).bank;
            let mut changes = vec![refund_changed(&next)];
            if next.state.is_final() {
                changes.extend(abandoned(refund, &self.store.operations_of(refund.payment)?));
            }
            let detail = format!("{} {}", next.state.name(), plan.why().map_or("", |why| why.name()));
            self.commit(by_engine(at, "refund-plan", refund.id, detail.trim_end()), changes)?;
        }
        let refund = self.refund(refund.id)?;
        self.refund_turn_after(&refund, plan, bank, now)
    }
}

fn request_of_sinopac(op: &Operation, payment: &Payment, token: Option<SecretString>) -> Option<BankRequest> {
    let bank_order_no = payment.bank_order_no.clone();
    let write = match op.kind.rule().message {
        Message::Order => Write::Manage { kind: op.kind, bank_order_no },
        Message::Refund => Write::Refund { kind: op.kind, bank_order_no, amount: op.amount?, token: None },
        Message::RefundWithToken => {
            Write::Refund { kind: op.kind, bank_order_no, amount: op.amount?, token: Some(token?) }
        }
        Message::Account | Message::Link | Message::Form | Message::Card => return None,
    };
    Some(BankRequest::Write(write))
}
