//! Collecting: every verified reading about a payment goes through `take_reading`, whichever
//! question brought it.
//!
//! Longer than 500 lines because what a reading loads, decides and commits is read in one go.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::judge::{Known, OperationVerdict, Question, judge, judge_target};
use counterfoil_domain::operation::readings::{Facts as ReadFacts, scheduled};
use counterfoil_domain::refund::Booked;
use counterfoil_domain::{
    Bank, BankOrderNo, BankRow, Capture, CardState, Discrepancy, DiscrepancyKind, Entry, Evidence, Moment,
    Now, Operation, OperationKind, OperationState, Payment, PaymentId, PaymentState, Query, Rail, Reading,
    Refund, RefundId,
};

use crate::agenda::Why;
use crate::charges::Later;
use crate::discrepancies::Settling;
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{BankReply, Change, Guard, Said, Store};
use crate::sell::planned;
use crate::told::refused_wait;

/// A question in the background without a clear answer is asked again after this …
pub(crate) const ASK_AGAIN_MS: i64 = 300_000;
/// … and one about an unclear operation after this.
const READ_AGAIN_MS: i64 = 60_000;
/// Evidence keeps the bank's words up to here.
const SAID_CHARS_MAX: usize = 40;

/// How an answer was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) query: Query,
    /// It belongs to the schedule of the unclear operation.
    pub(crate) scheduled: bool,
    pub(crate) asked: Asked,
}

/// A reading, as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadAt {
    pub(crate) at: Moment,
    pub(crate) asked_at: Moment,
    pub(crate) query: Query,
    pub(crate) scheduled: bool,
}

/// What the file knows about a payment when an answer comes.
pub(crate) struct Facts {
    operations: Vec<Operation>,
    readings: Vec<Reading>,
    ref_taken_by: Option<BankOrderNo>,
    superseded: bool,
    order_is_paid: bool,
    order_version: i64,
    calendar: Option<BankCalendar>,
    about_refunds: AboutRefunds,
}

/// Of these what reading out a refund needs.
struct AboutRefunds {
    attempts_closed: bool,
    refunded_outside: bool,
    booked: Vec<Booked>,
    not_done: Vec<RefundId>,
    said_done: Vec<Refund>,
}

impl Facts {
    fn unclear(&self) -> Option<&Operation> {
        self.operations.iter().find(|op| op.state.may_be_proved())
    }

    /// A step of one payment rests on the others of its order, and posts to a day that is open.
    fn guards(&self, payment: &Payment, at: Moment) -> Vec<Guard> {
        vec![Guard::Order(payment.order, self.order_version), Guard::Day(at.day())]
    }

    pub(crate) fn known<'a>(&'a self, payment: &'a Payment) -> Known<'a> {
        Known {
            payment,
            operations: &self.operations,
            readings: &self.readings,
            ref_taken_by: self.ref_taken_by.as_ref(),
            superseded: self.superseded,
            order_is_paid: self.order_is_paid,
            facts: ReadFacts {
                calendar: self.calendar.as_ref(),
                attempts_closed: self.about_refunds.attempts_closed,
                refunded_outside: self.about_refunds.refunded_outside,
            },
            booked: &self.about_refunds.booked,
            not_done: &self.about_refunds.not_done,
            said_done: &self.about_refunds.said_done,
        }
    }
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
        let payment = self.payment(id)?;
        if let Said::Rows(rows) = &reply.said {
            let own = self.own_row(now, &payment, rows);
            if let Ok(row) = &own {
                let ask = Ask { query: Query::ByNumber, scheduled: why == Why::Unclear, asked };
                self.take_reading(now, id, row.as_ref(), &reply.code, ask)?;
            }
            self.note_charges(now, id, rows)?;
            return own.map_or_else(|Later| self.ask_own(now, &payment), |_| Ok(()));
        }
        match &reply.said {
            Said::Unequal(kind, facts) => {
                self.unequal(now, &payment, *kind, facts)?;
                self.tell_asked(id);
            }
            Said::Refused(_) => {
                self.tell_asked(id);
                if why == Why::Unclear {
                    self.refused_reading(now, &payment, asked)?;
                }
            }
            Said::Rows(_) | Said::Bill(_) | Said::Write { .. } | Said::Silent => {}
        }
        let refused = matches!(reply.said, Said::Refused(_));
        let again_ms = match self.unclear_operation(id)?.filter(|_| why == Why::Unclear) {
            Some(op) if refused => refused_wait(scheduled(&self.store.readings_of(op.id)?)),
            Some(_) => READ_AGAIN_MS,
            None => ASK_AGAIN_MS,
        };
        if why != Why::Screen {
            self.hold(&payment, now.mono.plus_ms(again_ms));
        }
        self.reschedule(id, now)
    }

    /// A token only made us ask. The answer counts for the payment with its number, and only if
    /// that payment's browser brought the token.
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
                    let ask = Ask { query: Query::ByToken, scheduled: false, asked };
                    return self.take_reading(now, id, Some(row), &reply.code, ask).map(drop);
                }
                Some(_) => {
                    let discrepancy = self.discrepancy(
                        at,
                        id,
                        DiscrepancyKind::EchoDiffers,
                        "a token of another order came back".into(),
                    );
                    self.commit(by_engine(at, "token", id, "refused"), vec![discrepancy])?;
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
    pub(crate) fn unequal(
        &mut self,
        now: Now,
        payment: &Payment,
        kind: DiscrepancyKind,
        facts: &str,
    ) -> Result<(), EngineError> {
        let id = payment.id;
        if self.known_discrepancies(id)?.iter().any(|d| d.kind == kind && d.detail == facts) {
            return Ok(());
        }
        let at = self.at(payment.rail.bank(), now).bank;
        let discrepancy = self.discrepancy(at, id, kind, facts.to_owned());
        self.commit(by_engine(at, "reading", id, "unequal"), vec![discrepancy])
    }

    /// One verified reading: loads what is known, judges, and commits when something changed.
    /// `code`: of the whole answer. Returns whether a write may rest on it.
    pub(crate) fn take_reading(
        &mut self,
        now: Now,
        id: PaymentId,
        row: Option<&BankRow>,
        code: &str,
        ask: Ask,
    ) -> Result<bool, EngineError> {
        let Ask { query, scheduled, asked } = ask;
        let payment = self.bound_end(id, now)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let asked_at = self.asked_about(&payment, asked);
        let facts = self.facts(&payment, row)?;
        let known = facts.known(&payment);
        // what this run sent is as old as the monotonic clock says
        let sent = known.unclear().and_then(|op| op.sent_at.zip(self.sent.get(&op.id)));
        let since_send = sent.map_or(asked_at, |(at, sent)| at.plus_ms(asked.mono.ms_since(*sent)));
        let verdict = judge(&known, row, &Question { query, scheduled, at: asked_at, since_send });
        // money bears the time that its bank names; of all else the lag is counted
        let is_money = verdict.to.is_some_and(PaymentState::has_money);
        let at = if is_money { self.stamp(payment.rail.bank(), now) } else { at };
        let read = ReadAt { at, asked_at: since_send, query, scheduled };
        let outcome = verdict.operation.as_ref().and_then(|op| op.to);
        let settled = facts.unclear().cloned().zip(outcome);
        let mut changes = self.operation_read(&facts, verdict.operation, read);
        let known = self.store.discrepancies_closed(id)?;
        if row.is_some() {
            self.gone(&known, &verdict.discrepancies)?;
        }
        // what a person has closed holds nothing back; a row of another order never fits
        let closed = |(kind, detail): &(DiscrepancyKind, String)| {
            *kind != DiscrepancyKind::EchoDiffers
                && known.iter().any(|d| d.kind == *kind && d.detail == *detail)
        };
        let fits = verdict.fits || verdict.discrepancies.iter().all(closed);
        let open = self.store.discrepancies_of(id)?;
        // CTBC's state of one refund moves on: 20, 22, 23
        let shifts = |kind| kind == DiscrepancyKind::RefundedOutside && payment.rail == Rail::CtbcCard;
        let mut differs = false;
        for (kind, detail) in verdict.discrepancies {
            let same = |d: &Discrepancy| d.kind == kind && d.detail == detail;
            if !known.iter().any(same) && !open.iter().any(|d| same(d) || (d.kind == kind && shifts(kind))) {
                differs |= kind == DiscrepancyKind::AmountDiffers;
                changes.push(self.discrepancy(at, id, kind, detail));
            }
        }
        let said: String = row.map_or(code, |row| row.said.as_str()).chars().take(SAID_CHARS_MAX).collect();
        let becomes = verdict.to.unwrap_or(payment.state);
        let ended = settled.as_ref().filter(|(_, to)| to.is_final()).map(|(op, _)| op.kind);
        let row_that_fits = row.filter(|_| verdict.fits);
        let settling = Settling { row: row_that_fits, becomes, asked: asked.sure, ended, at, said: &said };
        let settlements = settling.closings(&open);
        let is_settled = !settlements.is_empty();
        changes.extend(settlements);
        let evidence = self.evidence(at, &payment, query, row, said);
        let redated = self.is_misdated(&payment, now) || self.has_odd_proof(&payment, query, now)?;
        if let Some(to) = verdict.to {
            changes.extend(self.moved_by_reading(&facts, payment.clone(), to, row, evidence)?);
        } else if let Some((state, tail)) = verdict.card {
            let moved = |payment: &mut Payment| payment.see_card(state, tail);
            changes.extend(confirmed(payment.clone(), row, evidence, redated, moved));
        } else if verdict.minute {
            let minute = row.and_then(|row| row.paid_minute);
            let moved = |payment: &mut Payment| payment.paid_minute = minute;
            changes.extend(confirmed(payment.clone(), row, evidence, redated, moved));
        } else if verdict.fits && row.is_some() && (redated || is_settled) {
            // the same state once more, now that the bank's time is known, or that settles a doubt
            changes.extend(confirmed(payment.clone(), row, evidence, redated, |_| ()));
        }
        if query == Query::ByNumber && verdict.fits && becomes == payment.state {
            changes.extend(self.page_read(&payment, row, asked, at)?);
        }
        let cancel =
            verdict.cancel.then(|| planned(self.operation_id(at), id, OperationKind::CancelAccount, at));
        changes.extend(cancel.clone().map(Change::OperationAdded));
        if !changes.is_empty() {
            changes.extend(capture(&payment, row, at).map(Change::CaptureAdded));
            let detail = format!(
                "{} {} {}",
                query.name(),
                row.map_or("-", |r| r.said.as_str()),
                verdict.to.map_or("", PaymentState::name)
            );
            let guards = if verdict.to.is_some() { facts.guards(&payment, at) } else { Vec::new() };
            self.commit_on(by_engine(at, "reading", id, detail), guards, changes)?;
        }
        if let Some(cancel) = cancel {
            self.turn(payment.rail.bank(), cancel.id, now.mono);
        }
        let moved = self.payment(id)?;
        self.note_date(&moved, at, now);
        self.tell_asked(id);
        if let Some(watched) = self.screen.get_mut(&id) {
            watched.read = true;
        }
        if query != Query::ByWindow {
            self.was_asked(&payment, &moved, asked)?;
        }
        self.reschedule(id, now)?;
        if let Some((op, _)) = settled {
            self.step_settled(&op, now)?;
        }
        if is_settled {
            self.plan_refunds_of(id, now)?;
        }
        if differs && query == Query::ByWindow {
            // a row by number says more than a row of a list
            self.ask_at(&payment, Some((Why::Unclear, now.mono)));
        }
        Ok(fits)
    }

    /// One verified reading of another transaction under the payment's number, by its XID: it
    /// settles the unclear step of this refund, and says nothing about the payment.
    pub(crate) fn take_target_reading(
        &mut self,
        now: Now,
        refund: &Refund,
        row: Option<&BankRow>,
        asked: Asked,
    ) -> Result<(), EngineError> {
        let payment = self.payment(refund.payment)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let mut facts = self.facts(&payment, None)?;
        facts.operations = self.store.operations_of(payment.id)?;
        facts.operations.retain(|op| op.refund == Some(refund.id));
        let Some(op) = facts.unclear().cloned() else { return Ok(()) };
        facts.readings = self.store.readings_of(op.id)?;
        facts.about_refunds.attempts_closed = self.attempts_are_closed(&op)?;
        let sent = op.sent_at.zip(self.sent.get(&op.id));
        let asked_at = sent.map_or(asked.sure, |(at, sent)| at.plus_ms(asked.mono.ms_since(*sent)));
        // only its schedule asks about it
        let question =
            Question { query: Query::ByNumber, scheduled: true, at: asked.sure, since_send: asked_at };
        let verdict = judge_target(&facts.known(&payment), row, &question);
        let read = ReadAt { at, asked_at, query: Query::ByNumber, scheduled: true };
        let settled = verdict.operation.as_ref().is_some_and(|op| op.to.is_some());
        let mut changes = self.operation_read(&facts, verdict.operation, read);
        let known = self.known_discrepancies(payment.id)?;
        for (kind, detail) in verdict.discrepancies {
            if !known.iter().any(|d| d.kind == kind && d.detail == detail) {
                changes.push(self.discrepancy(at, payment.id, kind, detail));
            }
        }
        if !changes.is_empty() {
            let detail = row.map_or("-", |row| row.said.as_str());
            self.commit(by_engine(at, "reading", payment.id, format!("by-xid {detail}")), changes)?;
        }
        self.was_asked(&payment, &payment, asked)?;
        self.reschedule(payment.id, now)?;
        if settled { self.step_settled(&op, now) } else { Ok(()) }
    }

    /// What the file knows.
    pub(crate) fn facts(&self, payment: &Payment, row: Option<&BankRow>) -> Result<Facts, EngineError> {
        let mut operations = self.store.operations_of(payment.id)?;
        let refunds = self.store.refunds_of(payment.id)?;
        // a step of another transaction is read by its XID
        let elsewhere = |refund: &Refund| payment.target(&refund.xid) != payment.target("");
        let elsewhere: Vec<_> = refunds.iter().filter(|of| elsewhere(of)).map(|of| of.id).collect();
        operations.retain(|op| op.refund.is_none_or(|refund| !elsewhere.contains(&refund)));
        let unclear = operations.iter().find(|op| op.state.may_be_proved());
        let readings = unclear.map_or(Ok(Vec::new()), |op| self.store.readings_of(op.id))?;
        let payments = self.store.payments_of(payment.order)?;
        let order = self.store.order(payment.order)?.ok_or(EngineError::NotFound("order"))?;
        let attempts_closed = unclear.map_or(Ok(true), |op| self.attempts_are_closed(op))?;
        let outside = DiscrepancyKind::RefundedOutside;
        let booked = self.store.refunds_booked(payment.id)?.into_iter().map(|booked| booked.booked);
        let refunded_outside = self.store.discrepancies_of(payment.id)?.iter().any(|d| d.kind == outside);
        let not_done = refunds.iter().filter(|row| row.is_said_not_done()).map(|row| row.id).collect();
        let own = |refund: &Refund| !elsewhere.contains(&refund.id);
        let said_done = refunds.into_iter().filter(|row| row.is_said_done() && own(row)).collect();
        let booked = booked.collect();
        let about_refunds = AboutRefunds { attempts_closed, refunded_outside, booked, not_done, said_done };
        Ok(Facts {
            about_refunds,
            order_version: order.version,
            readings,
            ref_taken_by: self.ref_taken_by(
                payment.rail.bank(),
                payment.id,
                row.and_then(|row| row.issued.as_ref()),
            )?,
            superseded: payments.last().is_some_and(|newest| newest.id != payment.id),
            order_is_paid: payments.iter().any(|p| p.id != payment.id && p.state.has_money()),
            calendar: match payment.rail.bank() {
                Bank::Sinopac => None,
                Bank::Ctbc => self.shop.ctbc.as_ref().map(|ctbc| ctbc.batch.clone()),
            },
            operations,
        })
    }

    /// The unclear operation, and the reading that is kept of it.
    pub(crate) fn operation_read(
        &mut self,
        facts: &Facts,
        verdict: Option<OperationVerdict>,
        read: ReadAt,
    ) -> Vec<Change> {
        let Some((op, OperationVerdict { to, kept })) = facts.unclear().zip(verdict) else {
            return Vec::new();
        };
        let ReadAt { at, asked_at, query, scheduled } = read;
        let kept = kept.map(|shows| {
            Change::ReadingAdded(Reading { operation: op.id, at, asked_at, query, scheduled, shows })
        });
        let moved = to.map(|state| {
            if state.is_final() {
                self.sent.remove(&op.id);
            }
            Change::OperationChanged(Operation { state, ..op.clone() })
        });
        kept.into_iter().chain(moved).collect()
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
        if !row.is_known(&payment) {
            self.take_reading(now, payment.id, Some(row), &row.said, Ask { query, scheduled: false, asked })?;
        }
        Ok(true)
    }

    /// Authorized and not captured: any row of ours is an alarm, since this shop captures at once.
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
        if payment.state.has_money() {
            return Ok(());
        }
        let at = self.at(Bank::Sinopac, now).bank;
        match self.new_discrepancy(at, payment.id, DiscrepancyKind::NotCaptured, Some(row))? {
            Some(new) => self.commit(by_engine(at, "uncaptured", payment.id, row.said.clone()), vec![new]),
            None => Ok(()),
        }
    }

    /// The payment row in its new state, the evidence it rests on, and the postings when it is
    /// money.
    fn moved_by_reading(
        &mut self,
        facts: &Facts,
        mut payment: Payment,
        to: PaymentState,
        row: Option<&BankRow>,
        evidence: Evidence,
    ) -> Result<Vec<Change>, EngineError> {
        let (was, at) = (payment.state, evidence.at);
        if payment.rail == Rail::CtbcCard && payment.own_xid().is_none() {
            // what it may name is a try that failed
            payment.issued = None;
        }
        payment.state = to;
        payment.late |= to == PaymentState::PaidLate;
        payment.confirmed_at = Some(at);
        payment.proof = Some(evidence.id);
        payment.paid_minute =
            payment.paid_minute.or(row.and_then(|r| r.paid_minute).filter(|_| to.has_money()));
        payment.issued = payment.issued.take().or_else(|| row.and_then(|r| r.issued.clone()));
        if let Some((row, state)) = row.and_then(|row| Some((row, row.seen.card()?))) {
            payment.see_card(state, row.card_tail);
        }
        let bank_ref = row.and_then(|r| r.issued.as_ref()?.bank_ref.clone());
        if let Some(issued) = payment.issued.as_mut().filter(|issued| issued.bank_ref.is_none()) {
            issued.bank_ref = bank_ref.filter(|_| to.has_money() || to == PaymentState::Authorized);
        }
        // an answer lost on the way and found now is shown, unless the clerk has reissued meanwhile
        payment.shown = payment.shown || (to == PaymentState::Awaiting && !facts.superseded);
        let mut changes = vec![Change::EvidenceAdded(evidence)];
        if to.is_news_after(was) {
            changes.push(Change::NewsAdded(payment.id));
        }
        if to.has_money() && !was.has_money() {
            let post = if facts.order_is_paid { Entry::paid_again } else { Entry::paid };
            let entry = post(payment.id, at, payment.rail, payment.amount);
            changes.extend(entry.map(Change::EntryAdded));
        }
        let form = if to.has_ended() { self.planned_form(&payment)? } else { None };
        changes.push(Change::PaymentChanged(payment));
        let abandoned = |form| Operation { state: OperationState::Abandoned, ..form };
        changes.extend(form.map(abandoned).map(Change::OperationChanged));
        Ok(changes)
    }

    fn evidence(
        &mut self,
        at: Moment,
        payment: &Payment,
        query: Query,
        row: Option<&BankRow>,
        said: String,
    ) -> Evidence {
        Evidence {
            id: self.evidence_id(at),
            payment: payment.id,
            query,
            state: row.and_then(|r| r.seen.state().payment_state()),
            at,
            said,
            amount: row.and_then(|r| r.amount),
            paid_minute: row.and_then(|r| r.paid_minute),
        }
    }
}

/// A payment that stays what it is, with more known about it, and the evidence of that.
fn confirmed(
    mut payment: Payment,
    row: Option<&BankRow>,
    evidence: Evidence,
    redated: bool,
    moved: impl FnOnce(&mut Payment),
) -> [Change; 2] {
    moved(&mut payment);
    payment.confirmed_at = Some(evidence.at);
    // money rests on the answer that first showed it, unless that one bears a wrong time
    let rests = payment.state.has_money() && payment.proof.is_some() && !redated;
    if !rests && (!payment.state.has_money() || row.is_some_and(|row| row.says(payment.state))) {
        payment.proof = Some(evidence.id);
    }
    [Change::EvidenceAdded(evidence), Change::PaymentChanged(payment)]
}

/// The batch that holds a card, as a row shows it.
pub(crate) fn capture(payment: &Payment, row: Option<&BankRow>, at: Moment) -> Option<Capture> {
    let row = row.filter(|row| row.seen.card().is_some_and(CardState::is_in_capture))?;
    let handles = row.handles.as_ref()?;
    let (batch_id, batch_seq) = (handles.batch_id.clone()?, handles.batch_seq.clone()?);
    Some(Capture { payment: payment.id, xid: handles.xid.clone(), batch_id, batch_seq, at })
}
