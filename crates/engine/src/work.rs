//! The worker: attempts of operations, what their answers come to, and what a start makes of unfinished ones.

use counterfoil_domain::operation::{CREATE_LIFE_MS, OperationKind, OperationState, next_attempt};
use counterfoil_domain::{
    BankAnswer, BankState, Discrepancy, DiscrepancyKind, Evidence, Issued, Moment, Operation, OperationId,
    Payment, PaymentId, PaymentState, Query,
};

use crate::engine::{Engine, EngineError, Purpose, by_engine};
use crate::ports::{AnswerRecord, BankReply, BankRequest, Change, Said, Store};

/// A reading older than this is asked for again before a write (money rules 6).
const FRESH_FOR_MS: i64 = 600_000;
/// A reading before a write that got no clear answer is asked for again after this.
const READ_AGAIN_MS: i64 = 60_000;

impl<S: Store> Engine<S> {
    /// After a start: what was being sent is unclear, and a create that nobody sent in time is given up.
    pub(crate) fn recover(&mut self, at: Moment) -> Result<(), EngineError> {
        for mut op in self.store.open_operations()? {
            if op.state == OperationState::Sending {
                op.state = OperationState::Unknown;
                let audit = by_engine(at, "recover", op.id, "was being sent when the program ended");
                self.commit(audit, vec![Change::OperationChanged(op)])?;
            } else if given_up(&op, at) {
                self.give_up(op, at)?;
            }
        }
        Ok(())
    }

    /// The next operation that is due: its reading first where it wants one, then the attempt itself, committed as `Sending`.
    pub(crate) fn next_operation(
        &mut self,
        at: Moment,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        while let Some((due_at, id)) = self.due.first().copied().filter(|(due_at, _)| *due_at <= at) {
            self.due.remove(&(due_at, id));
            let op = self.operation(id)?;
            let payment = self.payment(op.payment)?;
            if given_up(&op, at) {
                self.give_up(op, at)?;
                continue;
            }
            if !op.state.may_become(OperationState::Sending) {
                continue;
            }
            let snapshot = match self.fresh.remove(&id) {
                _ if op.kind.is_create() => None,
                Some((read_at, state)) if at.ms_since(read_at) < FRESH_FOR_MS => Some(state),
                Some(_) | None => {
                    let bank_order_no = payment.bank_order_no;
                    return Ok(Some((
                        Purpose::Before(id, payment.id),
                        BankRequest::AskOrder { bank_order_no },
                    )));
                }
            };
            return self.claim(at, op, &payment, snapshot).map(Some);
        }
        Ok(None)
    }

    fn claim(
        &mut self,
        at: Moment,
        mut op: Operation,
        payment: &Payment,
        snapshot: Option<BankState>,
    ) -> Result<(Purpose, BankRequest), EngineError> {
        let request = self.request_of(&op, payment)?;
        op.state = OperationState::Sending;
        op.attempts += 1;
        op.sent_at = Some(at);
        op.snapshot = snapshot;
        let (id, detail) = (op.id, format!("{} attempt {}", op.kind.name(), op.attempts));
        self.commit(by_engine(at, "send", id, detail), vec![Change::OperationChanged(op)])?;
        Ok((Purpose::Write(id), request))
    }

    fn request_of(&self, op: &Operation, payment: &Payment) -> Result<BankRequest, EngineError> {
        let bank_order_no = payment.bank_order_no.clone();
        let product = || -> Result<String, EngineError> {
            let order = self.store.order(payment.order)?.ok_or(EngineError::NotFound("order"))?;
            Ok(if order.description.is_empty() { self.shop.payee_name.clone() } else { order.description })
        };
        Ok(match op.kind {
            OperationKind::IssueAccount => BankRequest::IssueAccount {
                bank_order_no,
                amount: payment.amount,
                product: product()?,
                expires_on: payment.expires_at.day(),
                return_url: self.return_url(payment),
            },
            OperationKind::CreateLink => BankRequest::CreateLink {
                bank_order_no,
                amount: payment.amount,
                product: product()?,
                minutes: u8::try_from(payment.expires_at.ms_since(payment.created_at) / 60_000).unwrap_or(1),
                auto_billing: self.shop.sinopac.as_ref().is_none_or(|s| s.auto_billing),
                return_url: self.return_url(payment),
            },
            OperationKind::CancelAccount | OperationKind::Capture | OperationKind::CancelAuthorization => {
                BankRequest::Maintain { kind: op.kind, bank_order_no }
            }
            // the browser posts it: it is never due here
            OperationKind::PostForm => return Err(EngineError::NotFound("request")),
        })
    }

    /// The answer to an attempt: one batch with the answer, the operation, the payment and its evidence.
    pub(crate) fn write_answered(
        &mut self,
        at: Moment,
        id: OperationId,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let mut op = self.operation(id)?;
        let payment = self.payment(op.payment)?;
        let (meaning, issued, unequal) = match &reply.said {
            Said::Write { meaning, issued, unequal } => {
                match self.used_before(payment.id, issued.as_ref())? {
                    Some(used) => (BankAnswer::Unknown, None, Some(used)),
                    None => (*meaning, issued.clone(), unequal.clone()),
                }
            }
            Said::Unequal(_, detail) => (BankAnswer::Unknown, None, Some(detail.clone())),
            Said::Rows(_) | Said::Refused | Said::Silent => (BankAnswer::Unknown, None, None),
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
            BankAnswer::NotSent | BankAnswer::NotNow => next_attempt(&op, at),
            BankAnswer::Accepted | BankAnswer::Declined | BankAnswer::Pending | BankAnswer::Unknown => None,
        };
        if let Some(due_at) = retry {
            op.due_at = due_at;
            self.due.insert((due_at, id));
        }
        changes.push(Change::OperationChanged(op.clone()));
        let given_up = retry.is_none() && matches!(meaning, BankAnswer::NotSent | BankAnswer::NotNow);
        if given_up {
            op.version += 1;
            op.state =
                if op.kind.is_create() { OperationState::Abandoned } else { OperationState::NeedsPerson };
            changes.push(Change::OperationChanged(op.clone()));
        }
        let to = match (op.kind, meaning) {
            (OperationKind::IssueAccount | OperationKind::CreateLink, BankAnswer::Accepted) => {
                Some(PaymentState::Awaiting)
            }
            (OperationKind::IssueAccount | OperationKind::CreateLink, BankAnswer::Declined) => {
                Some(PaymentState::NotIssued)
            }
            (OperationKind::IssueAccount | OperationKind::CreateLink, _) if given_up => {
                Some(PaymentState::NotIssued)
            }
            (OperationKind::CancelAccount, BankAnswer::Accepted) => Some(PaymentState::Cancelled),
            // what a capture or a cancelled authorisation came to is told by a reading
            (_, _) => None,
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
            changes.push(self.doubt(at, payment.id, DiscrepancyKind::EchoDiffers, detail));
        }
        let detail = format!("{} {} {}", op.kind.name(), op.state.name(), reply.code);
        self.commit(by_engine(at, "answer", id, detail), changes)?;
        self.reschedule(payment.id, at)?;
        if !op.kind.is_create() && !op.state.wants_reading() {
            // the bank's own state tells the rest
            self.ask_at(&payment, Some((crate::agenda::Why::Screen, at)));
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
            id: self.evidence_id(),
            payment: payment.id,
            query,
            at,
            said: said.to_owned(),
            amount: None,
            paid_minute: None,
        };
        [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
    }

    /// The reading before an attempt. It is a reading like any other; then the operation is due at once, or has become pointless.
    pub(crate) fn before_answered(
        &mut self,
        at: Moment,
        id: OperationId,
        payment: PaymentId,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Said::Rows(rows) = &reply.said else {
            self.due.insert((at.plus_ms(READ_AGAIN_MS), id));
            return Ok(());
        };
        let row = rows.first();
        self.take_reading(at, payment, Query::ByNumber, row, asked_at, false)?;
        let mut op = self.operation(id)?;
        let state = row.map(|r| r.state);
        let wanted = match op.kind {
            OperationKind::CancelAccount => state == Some(BankState::Waiting),
            OperationKind::Capture | OperationKind::CancelAuthorization => {
                state == Some(BankState::Authorized)
            }
            OperationKind::IssueAccount | OperationKind::CreateLink | OperationKind::PostForm => true,
        };
        if let Some(state) = state.filter(|_| wanted) {
            self.fresh.insert(id, (asked_at, state));
            self.due.insert((at, id));
            return Ok(());
        }
        if op.state.may_become(OperationState::Abandoned) {
            op.state = OperationState::Abandoned;
            let detail = format!("{} has no object any more", op.kind.name());
            self.commit(by_engine(at, "abandon", id, detail), vec![Change::OperationChanged(op)])?;
        }
        self.reschedule(payment, at)
    }

    /// A create that surely never reached the bank, and whose clerk has moved on.
    fn give_up(&mut self, mut op: Operation, at: Moment) -> Result<(), EngineError> {
        let mut payment = self.payment(op.payment)?;
        op.state = OperationState::Abandoned;
        payment.state = PaymentState::NotIssued;
        let audit = by_engine(at, "abandon", op.id, "never left this computer");
        self.commit(audit, vec![Change::OperationChanged(op), Change::PaymentChanged(payment)])
    }

    /// The bank's own reference is unique across payments: one that another payment of ours has is not believed.
    pub(crate) fn used_before(
        &self,
        id: PaymentId,
        issued: Option<&Issued>,
    ) -> Result<Option<String>, EngineError> {
        let Some(bank_ref) = issued.and_then(|i| i.bank_ref.as_deref()) else { return Ok(None) };
        let other = self.store.payment_by_bank_ref(bank_ref)?.filter(|other| other.id != id);
        Ok(other.map(|other| format!("{bank_ref} belongs to {}", other.bank_order_no)))
    }

    pub(crate) fn doubt(
        &mut self,
        at: Moment,
        payment: PaymentId,
        kind: DiscrepancyKind,
        detail: String,
    ) -> Change {
        let id = self.discrepancy_id();
        Change::DiscrepancyAdded(Discrepancy { id, kind, payment: Some(payment), at, detail })
    }
}

fn given_up(op: &Operation, at: Moment) -> bool {
    let waits =
        matches!(op.state, OperationState::Planned | OperationState::NotSent | OperationState::NotNow);
    op.kind.is_create() && waits && at.ms_since(op.planned_at) >= CREATE_LIFE_MS
}
