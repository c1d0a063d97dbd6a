//! The worker: attempts of operations, what their answers come to, and what a start makes of
//! unfinished ones.

use counterfoil_domain::judge::LAG_MS;
use counterfoil_domain::operation::rules::{Accepted, Message};
use counterfoil_domain::operation::{CREATE_LIFE_MS, OperationKind, OperationState, next_attempt};
use counterfoil_domain::{
    Bank, BankAnswer, BankOrderNo, DiscrepancyKind, Evidence, Issued, Moment, Mono, Now, Operation,
    OperationId, Payment, PaymentId, PaymentState, Query, Seen,
};

use crate::collect::Ask;
use crate::engine::{Engine, EngineError, by_engine};
use crate::next::question;
use crate::plan::Asked;
use crate::ports::{AnswerRecord, BankReply, BankRequest, Change, Said, Store, StoreError, Write};
use crate::purpose::Purpose;

/// A reading older than this is asked for again before a write (money rules 6).
pub(crate) const FRESH_FOR_MS: i64 = 600_000;
/// A reading before a write that got no clear answer is asked for again after this.
const READ_AGAIN_MS: i64 = 60_000;

/// The code of an attempt that got no answer before the program ended.
const ENDED: &str = "ended";

impl<S: Store> Engine<S> {
    /// After a start: what was being sent is unclear, and a create that was not sent is given up:
    /// the clerk has moved on, and no clock knows how long ago.
    pub(crate) fn recover(&mut self, now: Now) -> Result<(), EngineError> {
        for mut op in self.store.open_operations()? {
            let at = self.at(self.payment(op.payment)?.rail.bank(), now).bank;
            if op.state.may_be_proved() && !self.attempts_are_closed(&op)? {
                // an older program kept no word of it: this start proves that it is over
                let audit = by_engine(at, "recover", op.id, "its program has ended");
                self.commit(audit, vec![Change::AnswerAdded(ended(&op, at))])?;
            } else if op.state == OperationState::Sending {
                op.state = OperationState::Unknown;
                let audit = by_engine(at, "recover", op.id, "was being sent when the program ended");
                // the lock on the folder proves that the program which sent it is dead: the attempt
                // is closed
                let ended = Change::AnswerAdded(ended(&op, at));
                self.commit(audit, vec![ended, Change::OperationChanged(op)])?;
            } else if self.is_given_up(&op, now.mono) {
                self.give_up(op, at)?;
            }
        }
        Ok(())
    }

    /// Every attempt has its answer, or its program is proved dead: nothing of it may still be
    /// sent. A form is the browser's, and goes once.
    pub(crate) fn attempts_are_closed(&self, op: &Operation) -> Result<bool, EngineError> {
        if op.kind == OperationKind::PostForm {
            return Ok(true);
        }
        let answers = self.store.answers_of(op.id)?;
        Ok((1..=op.attempts).all(|attempt| answers.iter().any(|answer| answer.attempt == attempt)))
    }

    /// A bank's next operation that is due: its reading first where it wants one, then the attempt
    /// itself, committed as `Sending`.
    pub(crate) fn next_operation(
        &mut self,
        bank: Bank,
        now: Now,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let at = self.at(bank, now);
        self.take_turns(bank, at.asking, at)?;
        while let Some(id) = self.lanes.get_mut(bank).take_turn(now.mono) {
            let op = self.operation(id)?;
            let payment = self.payment(op.payment)?;
            if self.is_given_up(&op, now.mono) {
                self.give_up(op, at.bank)?;
                continue;
            }
            if !op.state.may_become(OperationState::Sending) {
                continue;
            }
            if let Some(refund) = op.refund {
                let claimed = self.claim_step(bank, now, op, &payment);
                if matches!(claimed, Err(EngineError::Store(StoreError::Conflict))) {
                    // what the claim rested on is used up: it is read and planned again
                    let refund = self.refund(refund)?;
                    self.refund_turn(&refund, bank, now.mono);
                }
                if let Some(call) = claimed? {
                    return Ok(Some(call));
                }
                continue;
            }
            let lane = self.lanes.get_mut(bank);
            let snapshot = match lane.fresh.remove(&id) {
                _ if op.kind.rule().object.is_none() => None,
                Some((read, seen)) if now.mono.ms_since(read) < FRESH_FOR_MS => Some(seen),
                Some(_) | None => {
                    // a refused shop asks one question at a time, this one too
                    if let Some(probe) = lane.probe_at().filter(|probe| *probe > now.mono) {
                        lane.turns.insert((probe, id));
                        continue;
                    }
                    lane.probes(now.mono);
                    return Ok(Some((Purpose::Before(id, payment.id), question(&payment, None))));
                }
            };
            return self.claim(now, at.bank, op, &payment, snapshot).map(Some);
        }
        Ok(None)
    }

    fn claim(
        &mut self,
        now: Now,
        at: Moment,
        op: Operation,
        payment: &Payment,
        snapshot: Option<Seen>,
    ) -> Result<(Purpose, BankRequest), EngineError> {
        let request = self.request_of(&op, payment)?;
        self.claim_with(now, at, op, snapshot, request)
    }

    /// Commits the attempt as `Sending`; then its request may go.
    pub(crate) fn claim_with(
        &mut self,
        now: Now,
        at: Moment,
        mut op: Operation,
        snapshot: Option<Seen>,
        request: BankRequest,
    ) -> Result<(Purpose, BankRequest), EngineError> {
        op.state = OperationState::Sending;
        op.attempts += 1;
        op.sent_at = Some(at);
        op.snapshot = snapshot;
        let (id, detail) = (op.id, format!("{} attempt {}", op.kind.name(), op.attempts));
        self.commit(by_engine(at, "send", id, detail), vec![Change::OperationChanged(op)])?;
        self.sent.insert(id, now.mono);
        Ok((Purpose::Write(id), request))
    }

    fn request_of(&self, op: &Operation, payment: &Payment) -> Result<BankRequest, EngineError> {
        let bank_order_no = payment.bank_order_no.clone();
        let product = || -> Result<String, EngineError> {
            let order = self.store.order(payment.order)?.ok_or(EngineError::NotFound("order"))?;
            Ok(if order.description.is_empty() { self.shop.payee_name.clone() } else { order.description })
        };
        Ok(match op.kind.rule().message {
            Message::Account => BankRequest::Write(Write::IssueAccount {
                bank_order_no,
                amount: payment.amount,
                product: product()?,
                expires_on: payment.expires_at.day(),
                return_url: self.return_url(payment),
            }),
            Message::Link => BankRequest::Write(Write::CreateLink {
                bank_order_no,
                amount: payment.amount,
                product: product()?,
                minutes: u8::try_from(payment.expires_at.ms_since(payment.created_at) / 60_000).unwrap_or(1),
                auto_billing: self.shop.sinopac.as_ref().is_none_or(|s| s.auto_billing),
                return_url: self.return_url(payment),
            }),
            Message::Order => BankRequest::Write(Write::Manage { kind: op.kind, bank_order_no }),
            // the browser posts the form; a refund makes its own requests
            Message::Form | Message::Refund | Message::RefundWithToken | Message::Card => {
                return Err(EngineError::NotFound("request"));
            }
        })
    }

    /// The answer to an attempt: one batch with the answer, the operation, the payment and its
    /// evidence.
    pub(crate) fn write_answered(
        &mut self,
        now: Now,
        id: OperationId,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let mut op = self.operation(id)?;
        let payment = self.payment(op.payment)?;
        if self.store.answers_of(id)?.iter().any(|answer| answer.attempt == op.attempts) {
            // it is in the file since another hand changed a row of what follows
            return self.write_kept(now, &op, &payment, reply);
        }
        let at = self.at(payment.rail.bank(), now).bank;
        let waited_ms = self.waited_ms(id, now.mono);
        let (meaning, issued, unequal) = match &reply.said {
            Said::Write { meaning, issued, unequal, token: _ } => {
                match self.ref_taken_by(payment.rail.bank(), payment.id, issued.as_ref())? {
                    Some(other) => {
                        let theirs = issued.as_ref().and_then(|i| i.bank_ref.as_deref()).unwrap_or_default();
                        (BankAnswer::Unknown, None, Some(format!("{theirs} belongs to {other}")))
                    }
                    None => (*meaning, issued.clone(), unequal.clone()),
                }
            }
            Said::Unequal(_, detail) => (BankAnswer::Unknown, None, Some(detail.clone())),
            Said::Rows(_) | Said::Bill(_) | Said::Refused(_) | Said::Silent => {
                (BankAnswer::Unknown, None, None)
            }
        };
        let mut changes = vec![Change::AnswerAdded(AnswerRecord {
            operation: id,
            attempt: op.attempts,
            at,
            meaning,
            code: reply.code.clone(),
            transcript: reply.transcript.clone(),
        })];
        op.state = meaning.into();
        op.code = Some(reply.code.clone());
        let retry = match meaning {
            BankAnswer::NotSent | BankAnswer::NotNow => next_attempt(&op, waited_ms, at),
            BankAnswer::Accepted | BankAnswer::Declined | BankAnswer::Pending | BankAnswer::Unknown => None,
        };
        if let Some(wait_ms) = retry {
            op.due_at = at.plus_ms(wait_ms);
            self.turn(payment.rail.bank(), id, now.mono.plus_ms(wait_ms));
        } else {
            self.patience.remove(&id);
        }
        changes.push(Change::OperationChanged(op.clone()));
        // a step of a refund is planned again instead
        let given_up = op.refund.is_none()
            && retry.is_none()
            && matches!(meaning, BankAnswer::NotSent | BankAnswer::NotNow);
        if given_up {
            op.version += 1;
            op.state =
                if op.kind.is_create() { OperationState::Abandoned } else { OperationState::NeedsPerson };
            changes.push(Change::OperationChanged(op.clone()));
        }
        let rule = op.kind.rule();
        let to = match meaning {
            BankAnswer::Accepted => match rule.accepted {
                Accepted::Issued => Some(PaymentState::Awaiting),
                Accepted::Cancelled => Some(PaymentState::Cancelled),
                Accepted::Taken | Accepted::Token => None,
            },
            BankAnswer::Declined => rule.opens.then_some(PaymentState::NotIssued),
            BankAnswer::NotNow | BankAnswer::NotSent => {
                (rule.opens && given_up).then_some(PaymentState::NotIssued)
            }
            BankAnswer::Pending | BankAnswer::Unknown => None,
        };
        if let Some(to) = to.filter(|to| payment.state.may_become(*to)) {
            if given_up {
                // no answer of the bank, so no evidence: it never left this computer
                changes.push(Change::PaymentChanged(Payment { state: to, ..payment.clone() }));
            } else {
                let query = if op.kind.is_create() { Query::Create } else { Query::Maintain };
                changes.extend(self.moved(at, payment.clone(), to, issued, query, &reply.code));
            }
        }
        if let Some(detail) = unequal {
            changes.push(self.discrepancy(at, payment.id, DiscrepancyKind::EchoDiffers, detail));
        }
        let detail = format!("{} {} {}", op.kind.name(), op.state.name(), reply.code);
        self.commit(by_engine(at, "answer", id, detail), changes)?;
        self.reschedule(payment.id, now)?;
        let op = self.operation(id)?;
        self.write_kept(now, &op, &payment, reply)
    }

    /// What follows once the answer is in the file.
    fn write_kept(
        &mut self,
        now: Now,
        op: &Operation,
        payment: &Payment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        if op.refund.is_some() {
            let token = match &reply.said {
                Said::Write { token, .. } => token.as_ref(),
                Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(_) | Said::Silent => None,
            };
            return self.step_answered(now, op, token);
        }
        if !op.kind.is_create() && !op.state.wants_reading() {
            // the bank's own state tells the rest
            self.ask_at(payment, Some((crate::agenda::Why::Screen, now.mono)));
        }
        Ok(())
    }

    /// The payment row in its new state, and the evidence that it rests on.
    fn moved(
        &mut self,
        at: Moment,
        mut payment: Payment,
        to: PaymentState,
        issued: Option<Issued>,
        query: Query,
        said: &str,
    ) -> [Change; 2] {
        payment.state = to;
        payment.confirmed_at = Some(at);
        payment.shown = payment.shown || to == PaymentState::Awaiting;
        payment.issued = issued.or(payment.issued);
        let evidence = Evidence {
            id: self.evidence_id(at),
            payment: payment.id,
            query,
            // a request that the bank took says nothing about money
            state: None,
            at,
            said: said.to_owned(),
            amount: None,
            paid_minute: None,
        };
        [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
    }

    /// The reading before an attempt. It is a reading like any other; then the operation is due at
    /// once, waits, or has become pointless. A write follows only a reading that fits.
    pub(crate) fn before_answered(
        &mut self,
        now: Now,
        id: OperationId,
        payment: PaymentId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let bank = self.payment(payment)?.rail.bank();
        let again = now.mono.plus_ms(READ_AGAIN_MS);
        let Said::Rows(rows) = &reply.said else {
            self.turn(bank, id, again);
            return Ok(());
        };
        let row = rows.first();
        let ask = Ask { query: Query::ByNumber, scheduled: false, asked };
        let fits = self.take_reading(now, payment, row, &reply.code, ask)?;
        let confirmed = self.payment(payment)?.confirmed_at;
        let mut op = self.operation(id)?;
        let object = op.kind.rule().object;
        let wanted = row.map(|row| &row.seen).filter(|seen| object.is_none_or(|object| object.holds(seen)));
        // an order that was just made is not in the bank's lists yet; one that contradicts itself
        // may not tomorrow
        let lags = row.is_none() && confirmed.is_some_and(|at| asked.sure.ms_since(at) < LAG_MS);
        if lags || (!fits && row.is_some()) {
            self.turn(bank, id, again);
            return Ok(());
        }
        if let Some(seen) = wanted {
            self.lanes.get_mut(bank).fresh.insert(id, (asked.mono, seen.clone()));
            self.turn(bank, id, now.mono);
            return Ok(());
        }
        if op.state.may_become(OperationState::Abandoned) {
            op.state = OperationState::Abandoned;
            let at = self.at(bank, now).bank;
            let detail = format!("{} has no object any more", op.kind.name());
            self.commit(by_engine(at, "abandon", id, detail), vec![Change::OperationChanged(op)])?;
        }
        self.reschedule(payment, now)
    }

    /// When an operation goes next.
    pub(crate) fn turn(&mut self, bank: Bank, id: OperationId, at: Mono) {
        self.lanes.get_mut(bank).turns.insert((at, id));
    }

    /// How long an operation of this run has waited; one of an earlier run for longer than any
    /// patience.
    fn waited_ms(&self, id: OperationId, mono: Mono) -> i64 {
        self.patience.get(&id).map_or(i64::MAX, |planned| mono.ms_since(*planned))
    }

    /// What is left of the clerk's patience; `None`: it is no create of this run.
    pub(crate) fn patience_left_ms(&self, id: OperationId, mono: Mono) -> Option<i64> {
        self.patience.get(&id).map(|planned| CREATE_LIFE_MS - mono.ms_since(*planned))
    }

    fn is_given_up(&self, op: &Operation, mono: Mono) -> bool {
        let waits =
            matches!(op.state, OperationState::Planned | OperationState::NotSent | OperationState::NotNow);
        op.kind.is_create() && waits && self.waited_ms(op.id, mono) >= CREATE_LIFE_MS
    }

    /// Gives up a create that surely never reached the bank: the clerk has moved on.
    fn give_up(&mut self, mut op: Operation, at: Moment) -> Result<(), EngineError> {
        let mut payment = self.payment(op.payment)?;
        op.state = OperationState::Abandoned;
        payment.state = PaymentState::NotIssued;
        let audit = by_engine(at, "abandon", op.id, "never left this computer");
        self.commit(audit, vec![Change::OperationChanged(op), Change::PaymentChanged(payment)])
    }

    /// The bank's own reference is unique across payments: the other payment of ours that has it.
    pub(crate) fn ref_taken_by(
        &self,
        bank: Bank,
        id: PaymentId,
        issued: Option<&Issued>,
    ) -> Result<Option<BankOrderNo>, EngineError> {
        let Some(bank_ref) = issued.and_then(|i| i.bank_ref.as_deref()) else { return Ok(None) };
        let other = self.store.payment_by_bank_ref(bank, bank_ref)?.filter(|other| other.id != id);
        Ok(other.map(|other| other.bank_order_no))
    }
}

/// The end of an attempt whose program got no answer.
fn ended(op: &Operation, at: Moment) -> AnswerRecord {
    AnswerRecord {
        operation: op.id,
        attempt: op.attempts,
        at,
        meaning: BankAnswer::Unknown,
        code: ENDED.to_owned(),
        transcript: String::new(),
    }
}
