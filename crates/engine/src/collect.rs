//! Collecting: every verified reading about a payment goes through `take_reading`, whichever question brought it.

use counterfoil_domain::operation::{OperationKind, OperationState, READINGS_MAX, ReadOut, read_out};
use counterfoil_domain::reading::{Judgement, judge};
use counterfoil_domain::{
    Bank, BankOrderNo, BankRow, CardSeen, DiscrepancyKind, Entry, Evidence, Moment, Operation, Payment,
    PaymentId, PaymentState, Query, Rail,
};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{BankReply, Change, Said, Store};
use crate::sell::planned;

/// A question without a clear answer is asked again after this, where no schedule says otherwise.
const ASK_AGAIN_MS: i64 = 300_000;

impl<S: Store> Engine<S> {
    pub(crate) fn ask_answered(
        &mut self,
        at: Moment,
        id: PaymentId,
        why: Why,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        if let Said::Rows(rows) = &reply.said {
            return self.take_reading(at, id, Query::ByNumber, rows.first(), asked_at, why == Why::Unclear);
        }
        match &reply.said {
            Said::Unequal(kind, facts) => {
                self.unequal(at, id, *kind, facts)?;
                self.tell_asked(id);
            }
            Said::Refused => self.tell_asked(id),
            Said::Rows(_) | Said::Write { .. } | Said::Silent => {}
        }
        self.reschedule(id, at)?;
        if why == Why::Background {
            let payment = self.payment(id)?;
            self.ask_at(&payment, Some((why, at.plus_ms(ASK_AGAIN_MS))));
        }
        Ok(())
    }

    /// A token only made us ask. The answer counts for the payment whose number it carries, and only if it is the one whose
    /// browser brought it.
    pub(crate) fn token_answered(
        &mut self,
        at: Moment,
        id: PaymentId,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        if let Said::Rows(rows) = &reply.said {
            match rows.first() {
                Some(row) if row.bank_order_no == payment.bank_order_no.as_str() => {
                    return self.take_reading(at, id, Query::ByToken, Some(row), asked_at, false);
                }
                Some(_) => {
                    let doubt = self.doubt(
                        at,
                        id,
                        DiscrepancyKind::EchoDiffers,
                        "a token of another order came back".into(),
                    );
                    self.commit(by_engine(at, "token", id, "refused"), vec![doubt])?;
                }
                None => {}
            }
        }
        // whatever it was, the payment itself is worth a look
        if payment.state.is_open() {
            self.ask_at(&payment, Some((Why::Screen, at)));
        }
        Ok(())
    }

    /// A verified answer about something else: a discrepancy, once, and nothing moves.
    fn unequal(
        &mut self,
        at: Moment,
        id: PaymentId,
        kind: DiscrepancyKind,
        facts: &str,
    ) -> Result<(), EngineError> {
        if self.store.discrepancies_of(id)?.iter().any(|d| d.kind == kind && d.detail == facts) {
            return Ok(());
        }
        let doubt = self.doubt(at, id, kind, facts.to_owned());
        self.commit(by_engine(at, "reading", id, "unequal"), vec![doubt])
    }

    /// One verified reading: moves the payment forward, reads out an unclear operation, lists what does not fit. Commits only
    /// when something changed.
    pub(crate) fn take_reading(
        &mut self,
        at: Moment,
        id: PaymentId,
        query: Query,
        row: Option<&BankRow>,
        asked_at: Moment,
        scheduled: bool,
    ) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let unclear = self.unclear_operation(id)?;
        let mut judgement = judge(&payment, row, asked_at);
        if let Some(used) = self.used_before(id, row.and_then(|r| r.issued.as_ref()))? {
            judgement = Judgement { to: None, doubts: vec![(DiscrepancyKind::EchoDiffers, used)] };
        }
        let other = another_transaction(&payment, row);
        let is_other = other.is_some();
        if let Some(facts) = other {
            judgement = Judgement { to: None, doubts: vec![(DiscrepancyKind::ChargedTwice, facts)] };
        }
        let doubtful = is_other
            || judgement.doubts.iter().any(|(kind, _)| {
                matches!(
                    kind,
                    DiscrepancyKind::EchoDiffers
                        | DiscrepancyKind::AmountDiffers
                        | DiscrepancyKind::PaidBeforeCreated
                )
            });
        let mut changes = Vec::new();
        let mut to = judgement.to;
        let nothing = match payment.rail.bank() {
            Bank::Sinopac => "S0001",
            Bank::Ctbc => "QueryCode 0",
        };
        let mut said = row.map_or(nothing, |r| r.said.as_str()).to_owned();
        // a row that does not fit says nothing about how far the card is
        let fits = !doubtful && !judgement.doubts.iter().any(|(kind, _)| is_no_step(*kind));
        let card = row
            .and_then(|r| r.card)
            .filter(|seen| fits && (!seen.several || seen.state.is_money()) && payment.is_card_news(*seen));
        if let Some(op) = unclear {
            let verdict =
                if doubtful { ReadOut::Nothing } else { read_out(&op, row.map(|r| r.state), asked_at) };
            let new_to =
                self.read_out_operation(at, &payment, op, verdict, asked_at, scheduled, &mut changes);
            if to.is_none() || new_to == Some(PaymentState::Cancelled) {
                to = new_to.filter(|to| payment.state.may_become(*to)).or(to);
            }
        }
        for (kind, detail) in judgement.doubts {
            if !self.store.discrepancies_of(id)?.iter().any(|d| d.kind == kind && d.detail == detail) {
                changes.push(self.doubt(at, id, kind, detail));
            }
        }
        if let Some(to) = to {
            if to.has_money() && self.another_has_money(&payment)? {
                let detail = format!("{} {}", payment.bank_order_no, payment.amount.dollars());
                changes.push(self.doubt(at, id, DiscrepancyKind::PaidTwice, detail));
            }
            said.truncate(40);
            changes.extend(self.moved_by_reading(at, payment.clone(), to, query, row, said)?);
            if to.has_ended()
                && let Some(mut form) = self.planned_form(&payment)?
            {
                form.state = OperationState::Abandoned;
                changes.push(Change::OperationChanged(form));
            }
        } else if let Some(seen) = card {
            said.truncate(40);
            changes.extend(self.card_moved(at, payment.clone(), seen, query, row, said));
        }
        self.cancel_what_nobody_saw(at, &payment, to.unwrap_or(payment.state), row, &mut changes)?;
        if !changes.is_empty() {
            let detail = format!(
                "{} {} {}",
                query.name(),
                row.map_or("-", |r| r.said.as_str()),
                to.map_or("", PaymentState::name)
            );
            self.commit(by_engine(at, "reading", id, detail), changes)?;
        }
        self.tell_asked(id);
        if let Some(watched) = self.screen.get_mut(&id) {
            watched.read = true;
        }
        self.reschedule(id, at)
    }

    /// A row of a window or of the uncaptured list. Returns whether it is one of ours.
    pub(crate) fn row_seen(
        &mut self,
        at: Moment,
        asked_at: Moment,
        query: Query,
        row: &BankRow,
    ) -> Result<bool, EngineError> {
        let no = BankOrderNo::from_text(row.bank_order_no.clone());
        let Some(payment) = self.store.payment_by_number(&no)? else { return Ok(false) };
        self.take_reading(at, payment.id, query, Some(row), asked_at, false)?;
        Ok(true)
    }

    /// Authorised and not captured: any row of ours is an alarm, since this shop captures at once.
    pub(crate) fn uncaptured_row(
        &mut self,
        at: Moment,
        asked_at: Moment,
        row: &BankRow,
    ) -> Result<(), EngineError> {
        if !self.row_seen(at, asked_at, Query::Uncaptured, row)? {
            return Ok(());
        }
        let no = BankOrderNo::from_text(row.bank_order_no.clone());
        let Some(payment) = self.store.payment_by_number(&no)? else { return Ok(()) };
        let kind = DiscrepancyKind::NotCaptured;
        if payment.state.has_money()
            || self.store.discrepancies_of(payment.id)?.iter().any(|d| d.kind == kind)
        {
            return Ok(());
        }
        let doubt = self.doubt(at, payment.id, kind, row.said.clone());
        self.commit(by_engine(at, "uncaptured", payment.id, row.said.clone()), vec![doubt])
    }

    /// Where a reading takes an unclear operation, and the payment with it.
    #[expect(clippy::too_many_arguments, reason = "one reading, as its facts stand side by side")]
    fn read_out_operation(
        &mut self,
        at: Moment,
        payment: &Payment,
        mut op: Operation,
        verdict: ReadOut,
        asked_at: Moment,
        scheduled: bool,
        changes: &mut Vec<Change>,
    ) -> Option<PaymentState> {
        let before = op.clone();
        op.readings += u32::from(scheduled);
        let to = match verdict {
            ReadOut::Accepted => {
                op.state = OperationState::Accepted;
                (op.kind == OperationKind::CancelAccount).then_some(PaymentState::Cancelled)
            }
            ReadOut::DidNotHappen => {
                op.state = OperationState::DidNotHappen;
                op.kind.is_create().then_some(PaymentState::NotIssued)
            }
            ReadOut::Unchanged => {
                op.unchanged_since = Some(asked_at);
                None
            }
            ReadOut::Nothing => None,
        };
        if op.state == OperationState::Unknown && op.readings >= READINGS_MAX {
            op.state = OperationState::NeedsPerson;
            let detail = format!("{} after {} readings", op.kind.name(), op.readings);
            changes.push(self.doubt(at, payment.id, DiscrepancyKind::StaysUnknown, detail));
        }
        if op != before {
            changes.push(Change::OperationChanged(op));
        }
        to
    }

    /// The payment row in its new state, the evidence it rests on, and the postings when it is money.
    fn moved_by_reading(
        &mut self,
        at: Moment,
        mut payment: Payment,
        to: PaymentState,
        query: Query,
        row: Option<&BankRow>,
        said: String,
    ) -> Result<Vec<Change>, EngineError> {
        let was = payment.state;
        let superseded = self.is_superseded(&payment)?;
        let evidence = Evidence {
            id: self.evidence_id(),
            payment: payment.id,
            query,
            at,
            said,
            amount: row.and_then(|r| r.amount),
            paid_minute: row.and_then(|r| r.paid_minute),
        };
        payment.state = to;
        payment.confirmed_at = Some(at);
        payment.paid_minute =
            payment.paid_minute.or(row.and_then(|r| r.paid_minute).filter(|_| to.has_money()));
        payment.issued = payment.issued.take().or_else(|| row.and_then(|r| r.issued.clone()));
        if let Some(seen) = row.and_then(|r| r.card) {
            payment.see_card(seen);
        }
        let bank_ref = row.and_then(|r| r.issued.as_ref()?.bank_ref.clone());
        if let Some(issued) = payment.issued.as_mut().filter(|issued| issued.bank_ref.is_none()) {
            issued.bank_ref = bank_ref.filter(|_| to.has_money() || to == PaymentState::Authorized);
        }
        // an answer lost on the way and found now is shown, unless the clerk has issued anew meanwhile
        payment.shown = payment.shown || (to == PaymentState::Awaiting && !superseded);
        let mut changes = vec![Change::EvidenceAdded(evidence)];
        if to.is_news_after(was) {
            changes.push(Change::NewsAdded(payment.id));
        }
        if to.has_money() && !was.has_money() {
            let entry = Entry::paid(payment.id, at, payment.rail, payment.amount);
            changes.extend(entry.map(Change::EntryAdded));
        }
        changes.push(Change::PaymentChanged(payment));
        Ok(changes)
    }

    /// A card that is further on its way, or back, while its payment stays what it is: 10, 11, 12 are all paid.
    fn card_moved(
        &mut self,
        at: Moment,
        mut payment: Payment,
        seen: CardSeen,
        query: Query,
        row: Option<&BankRow>,
        said: String,
    ) -> [Change; 2] {
        let evidence = Evidence {
            id: self.evidence_id(),
            payment: payment.id,
            query,
            at,
            said,
            amount: row.and_then(|r| r.amount),
            paid_minute: None,
        };
        payment.see_card(seen);
        payment.confirmed_at = Some(at);
        [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
    }

    /// An account that turned up at the bank although nobody was shown it, or after we had given it up, is cancelled: never
    /// shown, always watched. Once.
    fn cancel_what_nobody_saw(
        &mut self,
        at: Moment,
        payment: &Payment,
        state: PaymentState,
        row: Option<&BankRow>,
        changes: &mut Vec<Change>,
    ) -> Result<(), EngineError> {
        let open_there = row.is_some_and(|r| r.state == counterfoil_domain::BankState::Waiting);
        let unwanted = state == PaymentState::NotIssued
            || (state == PaymentState::Awaiting && !payment.shown && self.is_superseded(payment)?);
        if !open_there || !unwanted || payment.rail != Rail::SinopacAccount {
            return Ok(());
        }
        let ops = self.store.operations_of(payment.id)?;
        let still_open = ops.iter().any(|op| !op.state.is_final() && !op.state.wants_reading());
        if still_open || ops.iter().any(|op| op.kind == OperationKind::CancelAccount) {
            return Ok(());
        }
        let op = planned(self.operation_id(), payment.id, OperationKind::CancelAccount, at);
        self.due.insert((at, op.id));
        changes.push(Change::OperationAdded(op));
        Ok(())
    }

    /// A newer payment of the same order exists.
    fn is_superseded(&self, payment: &Payment) -> Result<bool, EngineError> {
        Ok(self.store.payments_of(payment.order)?.last().is_some_and(|newest| newest.id != payment.id))
    }

    fn another_has_money(&self, payment: &Payment) -> Result<bool, EngineError> {
        let payments = self.store.payments_of(payment.order)?;
        Ok(payments.iter().any(|p| p.id != payment.id && p.state.has_money()))
    }
}

/// A card at CTBC is one transaction: another under the same number is another charge (money rules 1).
fn another_transaction(payment: &Payment, row: Option<&BankRow>) -> Option<String> {
    let theirs = row.filter(|r| r.card.is_some())?.issued.as_ref()?.bank_ref.as_ref()?;
    let ours = payment.issued.as_ref()?.bank_ref.as_ref().filter(|ours| *ours != theirs)?;
    Some(format!("XID: ours {ours}, bank {theirs}"))
}

/// Such a row may be of another sale, or of another time.
fn is_no_step(kind: DiscrepancyKind) -> bool {
    matches!(kind, DiscrepancyKind::WentBack | DiscrepancyKind::UnlistedState)
}
