//! Collecting: every verified reading about a payment goes through `take_reading`, whichever question brought it.

use counterfoil_domain::operation::{OperationKind, OperationState, READINGS_MAX, ReadOut, read_out};
use counterfoil_domain::reading::{Judgement, judge};
use counterfoil_domain::{
    Bank, BankOrderNo, BankRow, CardSeen, DiscrepancyKind, Entry, Evidence, Moment, Now, Operation, Payment,
    PaymentId, PaymentState, Query, Rail,
};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{BankReply, Change, Said, Store};
use crate::sell::planned;
use crate::told::refused_wait;

/// A question in the background without a clear answer is asked again after this …
const ASK_AGAIN_MS: i64 = 300_000;
/// … and one about an unclear operation after this.
const READ_AGAIN_MS: i64 = 60_000;

/// Whether a reading is one that a write may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Echo equal, and no doubt raised by it.
    Fits,
    /// It may be about something else, or the bank contradicts itself.
    Doubtful,
}

impl<S: Store> Engine<S> {
    pub(crate) fn ask_answered(
        &mut self,
        now: Now,
        id: PaymentId,
        why: Why,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        if let Said::Rows(rows) = &reply.said {
            let scheduled = why == Why::Unclear;
            return self.take_reading(now, id, Query::ByNumber, rows.first(), asked, scheduled).map(drop);
        }
        let payment = self.payment(id)?;
        match &reply.said {
            Said::Unequal(kind, facts) => {
                self.unequal(now, &payment, *kind, facts)?;
                self.tell_asked(id);
            }
            Said::Refused(_) => {
                self.tell_asked(id);
                if why == Why::Unclear {
                    self.refused_reading(now, &payment)?;
                }
            }
            Said::Rows(_) | Said::Write { .. } | Said::Silent => {}
        }
        let refused = matches!(reply.said, Said::Refused(_));
        let again_ms = match self.unclear_operation(id)?.filter(|_| why == Why::Unclear) {
            Some(op) if refused => refused_wait(&op),
            Some(_) => READ_AGAIN_MS,
            None => ASK_AGAIN_MS,
        };
        if why != Why::Screen {
            self.hold(&payment, now.mono.plus_ms(again_ms));
        }
        self.reschedule(id, now)
    }

    /// A token only made us ask. The answer counts for the payment whose number it carries, and only if it is the one whose
    /// browser brought it.
    pub(crate) fn token_answered(
        &mut self,
        now: Now,
        id: PaymentId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let at = self.at(payment.rail.bank(), now).bank;
        if let Said::Rows(rows) = &reply.said {
            match rows.first() {
                Some(row) if row.bank_order_no == payment.bank_order_no.as_str() => {
                    return self.take_reading(now, id, Query::ByToken, Some(row), asked, false).map(drop);
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
            self.ask_at(&payment, Some((Why::Screen, now.mono)));
        }
        Ok(())
    }

    /// A verified answer about something else: a discrepancy, once, and nothing moves.
    fn unequal(
        &mut self,
        now: Now,
        payment: &Payment,
        kind: DiscrepancyKind,
        facts: &str,
    ) -> Result<(), EngineError> {
        let id = payment.id;
        if self.store.discrepancies_of(id)?.iter().any(|d| d.kind == kind && d.detail == facts) {
            return Ok(());
        }
        let at = self.at(payment.rail.bank(), now).bank;
        let doubt = self.doubt(at, id, kind, facts.to_owned());
        self.commit(by_engine(at, "reading", id, "unequal"), vec![doubt])
    }

    /// One verified reading: moves the payment forward, reads out an unclear operation, lists what does not fit. Commits only
    /// when something changed.
    pub(crate) fn take_reading(
        &mut self,
        now: Now,
        id: PaymentId,
        query: Query,
        row: Option<&BankRow>,
        asked: Asked,
        scheduled: bool,
    ) -> Result<Fit, EngineError> {
        let payment = self.payment(id)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let asked_at = self.asked_about(&payment, asked);
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
            // what this run sent is as old as the monotonic clock says
            let sent = op.sent_at.zip(self.sent.get(&op.id));
            let read_at = sent.map_or(asked_at, |(at, sent)| at.plus_ms(asked.mono.ms_since(*sent)));
            let verdict =
                if doubtful { ReadOut::Nothing } else { read_out(&op, row.map(|r| r.state), read_at) };
            let new_to = self.read_out_operation(at, &payment, op, verdict, read_at, scheduled, &mut changes);
            if to.is_none() || new_to == Some(PaymentState::Cancelled) {
                to = new_to.filter(|to| payment.state.may_become(*to)).or(to);
            }
        }
        let fit = if doubtful || !judgement.doubts.is_empty() { Fit::Doubtful } else { Fit::Fits };
        let differs = judgement.doubts.iter().any(|(kind, _)| *kind == DiscrepancyKind::AmountDiffers);
        let known = changes.len();
        for (kind, detail) in judgement.doubts {
            if !self.store.discrepancies_of(id)?.iter().any(|d| d.kind == kind && d.detail == detail) {
                changes.push(self.doubt(at, id, kind, detail));
            }
        }
        let is_news = changes.len() > known;
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
        } else if let Some(row) = row.filter(|row| fit == Fit::Fits && is_other_minute(&payment, query, row))
        {
            changes.extend(self.minute_corrected(at, payment.clone(), query, row));
        }
        self.cancel_what_nobody_saw(now, &payment, to.unwrap_or(payment.state), row, &mut changes)?;
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
        if query != Query::ByWindow {
            self.was_asked(&payment, asked)?;
        }
        self.reschedule(id, now)?;
        if differs && is_news && query == Query::ByWindow {
            // a row by number says more than a row of a list
            self.ask_at(&payment, Some((Why::Unclear, now.mono)));
        }
        Ok(fit)
    }

    /// A row of a window or of the uncaptured list. Returns whether it is one of ours.
    pub(crate) fn row_seen(
        &mut self,
        now: Now,
        asked: Asked,
        query: Query,
        row: &BankRow,
    ) -> Result<bool, EngineError> {
        let no = BankOrderNo::from_text(row.bank_order_no.clone());
        let Some(payment) = self.store.payment_by_number(&no)? else { return Ok(false) };
        if !is_known(&payment, row) {
            self.take_reading(now, payment.id, query, Some(row), asked, false)?;
        }
        Ok(true)
    }

    /// Authorised and not captured: any row of ours is an alarm, since this shop captures at once.
    pub(crate) fn uncaptured_row(
        &mut self,
        now: Now,
        asked: Asked,
        row: &BankRow,
    ) -> Result<(), EngineError> {
        if !self.row_seen(now, asked, Query::Uncaptured, row)? {
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
        let at = self.at(Bank::Sinopac, now).bank;
        let doubt = self.doubt(at, payment.id, kind, row.said.clone());
        self.commit(by_engine(at, "uncaptured", payment.id, row.said.clone()), vec![doubt])
    }

    /// Where a reading takes an unclear operation, and the payment with it.
    #[expect(clippy::too_many_arguments, reason = "one reading, as its facts stand side by side")]
    pub(crate) fn read_out_operation(
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
        if op.state.is_final() {
            self.sent.remove(&op.id);
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
            state: row.and_then(|r| r.state.payment_state()),
            at,
            said,
            amount: row.and_then(|r| r.amount),
            paid_minute: row.and_then(|r| r.paid_minute),
        };
        payment.state = to;
        payment.late |= to == PaymentState::PaidLate;
        payment.confirmed_at = Some(at);
        payment.proof = Some(evidence.id);
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
            state: row.and_then(|r| r.state.payment_state()),
            at,
            said,
            amount: row.and_then(|r| r.amount),
            paid_minute: None,
        };
        payment.see_card(seen);
        payment.confirmed_at = Some(at);
        payment.proof = Some(evidence.id);
        [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
    }

    /// The bank's list and its answer by number may name two minutes of one payment (approval and capture): the one by number is the
    /// payment's from now on.
    fn minute_corrected(
        &mut self,
        at: Moment,
        mut payment: Payment,
        query: Query,
        row: &BankRow,
    ) -> [Change; 2] {
        let evidence = Evidence {
            id: self.evidence_id(),
            payment: payment.id,
            query,
            state: row.state.payment_state(),
            at,
            said: row.said.chars().take(40).collect(),
            amount: row.amount,
            paid_minute: row.paid_minute,
        };
        payment.paid_minute = row.paid_minute;
        payment.confirmed_at = Some(at);
        payment.proof = Some(evidence.id);
        [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
    }

    /// An account that turned up at the bank although nobody was shown it, or after we had given it up, is cancelled: never
    /// shown, always watched. Once.
    fn cancel_what_nobody_saw(
        &mut self,
        now: Now,
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
        let still_open = ops.iter().any(|op| !op.state.is_final() && !op.state.may_be_proved());
        if still_open || ops.iter().any(|op| op.kind == OperationKind::CancelAccount) {
            return Ok(());
        }
        let at = self.at(Bank::Sinopac, now).bank;
        let op = planned(self.operation_id(), payment.id, OperationKind::CancelAccount, at);
        self.due.insert((now.mono, op.id));
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

/// The row says what the payment is known to be: nothing follows from it.
fn is_known(payment: &Payment, row: &BankRow) -> bool {
    payment.state.has_money()
        && says_the_same(payment, row)
        && row.card.is_none()
        && !row.refunded
        && row.amount == Some(payment.amount)
        && row.paid_minute == payment.paid_minute
}

/// Money that the bank dates otherwise by number than it did before.
fn is_other_minute(payment: &Payment, query: Query, row: &BankRow) -> bool {
    let dated = row.paid_minute.is_some() && row.paid_minute != payment.paid_minute;
    query == Query::ByNumber && payment.state.has_money() && says_the_same(payment, row) && dated
}

/// The row names the state that the payment is in. Late money is money to the bank.
fn says_the_same(payment: &Payment, row: &BankRow) -> bool {
    let ours = if payment.state == PaymentState::PaidLate { PaymentState::Paid } else { payment.state };
    row.state.payment_state() == Some(ours)
}
