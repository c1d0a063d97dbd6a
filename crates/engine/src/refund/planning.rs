//! From a fresh reading to the next step: loads what is known, lets the domain plan, and commits.

use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::operation::OperationState;
use counterfoil_domain::refund::request::{Target, Withdrawal, operation_of, take_back};
use counterfoil_domain::refund::{
    Booked, Course, Fresh, PersonWhy, Plan, RefundCase, RefundWhy, Refused, Step, Wait, WaitWhy,
    is_of_second, plan,
};
use counterfoil_domain::{
    Actor, Bank, BankAnswer, BankRow, CardState, DiscrepancyKind, Moment, Now, Operation, Payment, Query,
    Reading, Refund, RefundId, RefundReason, RefundState, Shows, Twd,
};

use super::{RefundRefused, abandoned, refund_changed};
use crate::collect::Ask;
use crate::engine::{Engine, EngineError, by_engine};
use crate::next::question;
use crate::plan::Asked;
use crate::ports::{AuditLine, BankReply, BankRequest, Change, Guard, Said, Store, StoreError};
use crate::purpose::Purpose;

/// A reading that got no clear answer is asked for again after this.
pub(super) const READ_AGAIN_MS: i64 = 60_000;

/// A bank that gives no clear answer is asked again after these minutes, and then every …
const SILENT_MINS: [i64; 4] = [1, 1, 5, 15];
/// … so many.
const SILENT_LAST_MINS: i64 = 60;

/// What the file knows about a refund and its target.
pub(super) struct RefundFacts {
    pub(super) payment: Payment,
    pub(super) captured: Twd,
    pub(super) others: Vec<Refund>,
    pub(super) operations: Vec<Operation>,
    pub(super) refused: Vec<Refused>,
    pub(super) booked: Vec<Booked>,
    pub(super) outside: bool,
    pub(super) queued: bool,
    pub(super) calendar: BankCalendar,
}

/// What the file holds of one target: a payment, or one transaction of it at CTBC.
pub struct TargetRows {
    /// What was taken, or is authorized; `None`: no such transaction is known.
    pub captured: Option<Twd>,
    /// Its refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// What a person has booked on it.
    pub booked: Vec<Booked>,
}

impl TargetRows {
    /// What a request about it is checked against.
    pub fn of<'a>(&'a self, payment: &'a Payment) -> Option<Target<'a>> {
        let Self { captured, refunds, booked } = self;
        captured.map(|captured| Target { payment, captured, refunds, booked })
    }
}

/// What the file holds of a target.
///
/// # Errors
/// Of the store.
pub fn target_rows<S: Store>(store: &S, payment: &Payment, xid: &str) -> Result<TargetRows, StoreError> {
    let is_here = |of: &str| payment.target(of) == payment.target(xid);
    let charge = store.charges_of(payment.id)?.into_iter().find(|charge| charge.xid == xid);
    let captured = charge.map(|charge| charge.amount).or(is_here("").then_some(payment.amount));
    let mut refunds = store.refunds_of(payment.id)?;
    refunds.retain(|refund| is_here(&refund.xid));
    let booked = store.refunds_booked(payment.id)?.into_iter().filter(|booked| is_here(&booked.xid));
    let booked = booked.map(|booked| booked.booked).collect();
    Ok(TargetRows { captured, refunds, booked })
}

impl<S: Store> Engine<S> {
    pub(super) fn refund_facts(&self, refund: &Refund) -> Result<RefundFacts, EngineError> {
        let payment = self.payment(refund.payment)?;
        let TargetRows { captured, refunds, booked } = target_rows(&self.store, &payment, &refund.xid)?;
        let is_here = |id: RefundId| refunds.iter().any(|refund| refund.id == id);
        let mut operations = self.store.operations_of(payment.id)?;
        operations.retain(|op| op.refund.is_none_or(is_here));
        let mut refused = Vec::new();
        let mut queued = false;
        for op in operations.iter().filter(|op| op.refund == Some(refund.id)) {
            for answer in self.store.answers_of(op.id)? {
                if matches!(answer.meaning, BankAnswer::NotNow | BankAnswer::NotSent) {
                    let coded = Operation { code: Some(answer.code.clone()), ..op.clone() };
                    let refusal = coded.refusal().filter(|_| answer.meaning == BankAnswer::NotNow);
                    refused.push(Refused { at: answer.at, refusal, is_proved: false });
                }
            }
            if op.state == OperationState::DidNotHappen {
                let at = op.sent_at.unwrap_or(op.planned_at);
                refused.push(Refused { at, refusal: op.refusal(), is_proved: true });
            }
            // of the last one that the bank has taken
            let shows = |reading: &Reading| shows_queued(&reading.shows);
            if op.state == OperationState::Accepted && op.kind.rule().gives_back() {
                queued = self.store.readings_of(op.id)?.iter().any(shows);
            }
        }
        let outside = |d: &counterfoil_domain::Discrepancy| d.kind == DiscrepancyKind::RefundedOutside;
        Ok(RefundFacts {
            others: refunds.into_iter().filter(|other| other.id != refund.id).collect(),
            operations,
            refused,
            booked,
            // an older file did not know the charge
            captured: captured.unwrap_or(payment.amount),
            outside: self.store.discrepancies_of(payment.id)?.iter().any(outside),
            queued,
            calendar: self.shop.calendar(),
            payment,
        })
    }

    /// A second payment of an order, or a second charge, was posted as not explained, and goes back
    /// from there.
    pub(super) fn is_second(
        &self,
        payment: &Payment,
        what: (&str, Option<RefundReason>, Twd),
    ) -> Result<bool, EngineError> {
        let charges = self.store.charges_of(payment.id)?;
        let refunds = self.store.refunds_of(payment.id)?;
        let done = refunds.iter().filter(|refund| refund.state == RefundState::Done);
        let known = self.known_discrepancies(payment.id)?;
        Ok(known.iter().any(|d| d.kind == DiscrepancyKind::PaidTwice)
            || is_of_second(payment, &charges, done, what))
    }

    /// The next refund of a bank that is due: it is asked about.
    pub(crate) fn next_refund(
        &mut self,
        bank: Bank,
        now: Now,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        while let Some(turn) = self.refunds.turns.get(bank).first().copied().filter(|t| t.0 <= now.mono) {
            self.refunds.turns.get_mut(bank).remove(&turn);
            let refund = self.refund(turn.1)?;
            if refund.state.is_final() || refund.state == RefundState::Requested {
                continue;
            }
            let lane = self.lanes.get_mut(bank);
            // a refused shop asks one question at a time, this one too
            if let Some(probe) = lane.probe_at().filter(|probe| *probe > now.mono) {
                self.refund_turn(&refund, bank, probe);
                continue;
            }
            lane.probes(now.mono);
            let payment = self.payment(refund.payment)?;
            return self.refund_question(&payment, &refund).map(Some);
        }
        Ok(None)
    }

    /// The question about the target of a refund. Where another transaction has the same number, it
    /// names the XID.
    pub(crate) fn refund_question(
        &self,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(Purpose, BankRequest), EngineError> {
        let xid = self.xid_to_name(payment, refund)?;
        Ok((Purpose::Refund(refund.id), question(payment, xid.as_deref())))
    }

    /// The XID of the target where the number alone does not name it.
    pub(crate) fn xid_to_name(
        &self,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<Option<String>, EngineError> {
        let named = !refund.xid.is_empty()
            || self.charges.share(payment.id)
            || !self.store.charges_of(payment.id)?.is_empty();
        let target = payment.target(&refund.xid);
        Ok(Some(target.to_owned()).filter(|xid| named && !xid.is_empty()))
    }

    /// The reading before a plan. It is a reading like any other; then the plan is made.
    pub(crate) fn refund_answered(
        &mut self,
        now: Now,
        id: RefundId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let refund = self.refund(id)?;
        let payment = self.payment(refund.payment)?;
        let bank = payment.rail.bank();
        let Said::Rows(rows) = &reply.said else { return self.not_read(now, &refund, reply, bank) };
        self.refunds.silent.remove(&id);
        let own = if refund.xid.is_empty() {
            self.own_row(now, &payment, rows)
        } else {
            let is_target = |row: &&BankRow| row.handles.as_ref().is_some_and(|of| of.xid == refund.xid);
            Ok(rows.iter().find(is_target).cloned())
        };
        let Ok(row) = own else {
            // the number alone does not name it
            self.note_charges(now, payment.id, rows)?;
            self.refund_turn(&refund, bank, now.mono);
            return Ok(());
        };
        let row = row.as_ref();
        let fits = if payment.target(&refund.xid) == payment.target("") {
            // an unclear step that its XID names has no other reading
            let unclear = self.unclear_operation(payment.id)?.is_some_and(|op| op.refund == Some(id));
            let scheduled = unclear && self.xid_to_name(&payment, &refund)?.is_some();
            let ask = Ask { query: Query::ByNumber, scheduled, asked };
            let fits = self.take_reading(now, refund.payment, row, &reply.code, ask)?;
            self.note_charges(now, refund.payment, rows)?;
            fits
        } else {
            self.take_target_reading(now, &refund, row, asked)?;
            row.is_some()
        };
        // a question that left before the last answer came shows the time before it
        if self.refunds.answered.get(&id).is_some_and(|answered| asked.mono <= *answered) {
            self.refund_turn(&refund, bank, now.mono);
            return Ok(());
        }
        if self.takes_back(now, &refund, row, fits, asked)? {
            return Ok(());
        }
        // one that waited or was approved is Working before it is at the bank or done
        while self.plan_refund(now, id, row, fits, asked)? {}
        Ok(())
    }

    /// Plans and commits. Returns whether the plan goes on at once.
    fn plan_refund(
        &mut self,
        now: Now,
        id: RefundId,
        row: Option<&BankRow>,
        fits: bool,
        asked: Asked,
    ) -> Result<bool, EngineError> {
        let refund = self.refund(id)?;
        if refund.state.is_final() || refund.state == RefundState::Requested {
            return Ok(false);
        }
        let facts = self.refund_facts(&refund)?;
        let bank = facts.payment.rail.bank();
        let at = self.at(bank, now);
        let reading = Fresh { seen: row.map(|row| &row.seen), asked_at: asked.sure, fits };
        let case = self.case(&refund, &facts, reading, at.bank);
        let planned = plan(&case);
        let uncollected = case.is_left_uncollected(planned);
        let state = planned.refund_state(refund.state);
        let step = planned.step().filter(|_| state == RefundState::Working);
        let course = step.and_then(|step| Course::of(step.kind, at.bank, &facts.calendar));
        let next = refund.after(planned, course);
        let mut changes: Vec<Change> = next.as_ref().map(refund_changed).into_iter().collect();
        changes.extend(self.tracked(&refund, &facts, row, at.bank, asked)?);
        if uncollected {
            let kind = DiscrepancyKind::NotCaptured;
            changes.extend(self.new_discrepancy(at.bank, facts.payment.id, kind, row)?);
        }
        let mut op = None;
        if let Some(step) = step {
            let of_refund = next.as_ref().unwrap_or(&refund);
            let (step_op, more) = self.step_op(of_refund, &facts, step, at.bank)?;
            changes.extend(more);
            op = Some(step_op);
        } else if state.is_final() {
            changes.extend(abandoned(&refund, &facts.operations));
        }
        if state == RefundState::Done {
            let done = next.as_ref().unwrap_or(&refund);
            changes.extend(self.refund_entry(&facts.payment, done, at.bank)?);
        }
        if !changes.is_empty() {
            let why = planned.why().map_or("", |why| why.name());
            let new = next.as_ref().filter(|next| next.ran != refund.ran).and_then(Refund::changed);
            let differs = new.map_or_else(String::new, |(told, ran)| format!("told {told}, ran {ran}"));
            let parts = [state.name(), why, differs.as_str()].into_iter().filter(|part| !part.is_empty());
            let detail = parts.collect::<Vec<_>>().join(" ");
            let guards =
                vec![Guard::Payment(facts.payment.id, facts.payment.version), Guard::Day(at.bank.day())];
            self.commit_on(by_engine(at.bank, "refund-plan", id, detail), guards, changes)?;
        }
        let refund = self.refund(id)?;
        if let Some(op) = op {
            self.ready(&op, bank, row, asked, now);
            return Ok(false);
        }
        self.refund_turn_after(&refund, planned, bank, now)?;
        let went = next.is_some() && state == RefundState::Working;
        Ok(went && matches!(planned, Plan::Track(_) | Plan::Done))
    }

    /// A step that the bank has taken is read on: what it showed is kept once.
    fn tracked(
        &self,
        refund: &Refund,
        facts: &RefundFacts,
        row: Option<&BankRow>,
        at: Moment,
        asked: Asked,
    ) -> Result<Option<Change>, EngineError> {
        let taken = facts.operations.iter().rfind(|op| {
            op.refund == Some(refund.id)
                && op.state == OperationState::Accepted
                && op.kind.rule().gives_back()
        });
        let Some((op, row)) = taken.zip(row) else { return Ok(None) };
        let shows = Shows::of(Some(&row.seen));
        if self.store.readings_of(op.id)?.last().is_some_and(|last| last.shows == shows) {
            return Ok(None);
        }
        Ok(Some(Change::ReadingAdded(Reading {
            operation: op.id,
            at,
            asked_at: asked.sure,
            query: Query::ByNumber,
            scheduled: false,
            shows,
        })))
    }

    pub(super) fn case<'a>(
        &self,
        refund: &'a Refund,
        facts: &'a RefundFacts,
        reading: Fresh<'a>,
        now: Moment,
    ) -> RefundCase<'a> {
        RefundCase {
            refund,
            rail: facts.payment.rail,
            captured: facts.captured,
            others: &facts.others,
            operations: &facts.operations,
            refused: &facts.refused,
            booked: &facts.booked,
            refunded_outside: facts.outside,
            reading,
            queued_since_send: facts.queued,
            now,
            calendar: &facts.calendar,
            contract: self.shop.contract(),
        }
    }

    /// The operation of a step: the own one that waits, when it is the same, else a new one.
    fn step_op(
        &mut self,
        refund: &Refund,
        facts: &RefundFacts,
        step: Step,
        at: Moment,
    ) -> Result<(Operation, Vec<Change>), EngineError> {
        let own = || facts.operations.iter().filter(|op| op.refund == Some(refund.id));
        let waits = own().rfind(|op| op.state.may_become(OperationState::Abandoned));
        let same = waits.filter(|op| op.kind == step.kind && op.amount == Some(step.amount));
        if let Some(op) = same {
            return Ok((op.clone(), Vec::new()));
        }
        let mut changes = abandoned(refund, &facts.operations);
        let number = u32::try_from(own().count()).unwrap_or(u32::MAX).saturating_add(1);
        let (id, bank) = (self.operation_id(at), facts.payment.rail.bank());
        let op =
            operation_of(refund, step, number, id, self.approvals(bank)?, at).map_err(RefundRefused::from)?;
        changes.push(Change::OperationAdded(op.clone()));
        Ok((op, changes))
    }

    /// The reading that the step rests on, for its claim, which goes at once.
    pub(super) fn ready(
        &mut self,
        op: &Operation,
        bank: Bank,
        row: Option<&BankRow>,
        asked: Asked,
        now: Now,
    ) {
        if let Some(row) = row {
            self.lanes.get_mut(bank).fresh.insert(op.id, (asked.mono, row.seen.clone()));
            if let Some(handles) = &row.handles {
                self.refunds.handles.insert(op.id, handles.clone());
            }
        }
        self.turn(bank, op.id, now.mono);
    }

    /// No row came. What does not fit is for a person; a bank that says nothing is asked again, and
    /// the row of the refund says so.
    fn not_read(
        &mut self,
        now: Now,
        refund: &Refund,
        reply: &BankReply,
        bank: Bank,
    ) -> Result<(), EngineError> {
        let silent = self.refunds.silent.entry(refund.id).or_default();
        let pause = SILENT_MINS.get(*silent).copied().unwrap_or(SILENT_LAST_MINS);
        *silent += 1;
        let open = !self.is_read_out(refund)?;
        if let Said::Unequal(kind, facts) = &reply.said {
            let payment = self.payment(refund.payment)?;
            self.unequal(now, &payment, *kind, facts)?;
            if open && refund.state != RefundState::NeedsPerson {
                let doubtful = Plan::NeedsPerson(PersonWhy::DoubtfulReading);
                return self.takes_plan(now, refund, doubtful, bank);
            }
        }
        let at = self.at(bank, now).bank;
        let until = at.plus_mins(pause);
        let begins = matches!(refund.state, RefundState::Approved | RefundState::Working);
        // a wait that the row has already stays; a person's word too
        let waits = refund.until.is_some_and(|wait| wait > at);
        if open && (begins || (refund.state == RefundState::Waiting && !waits)) {
            // the network is the likelier reason where nothing left before
            let not_sent = RefundWhy::Wait(WaitWhy::NotSent);
            let why = if refund.why == Some(not_sent) { WaitWhy::NotSent } else { WaitWhy::NoAnswer };
            return self.takes_plan(now, refund, Plan::Wait(Wait { until, why }), bank);
        }
        self.refund_turn(refund, bank, now.mono.plus_mins(pause));
        Ok(())
    }

    /// A person wants back what is in the bank's file still. Returns whether that settles this
    /// reading.
    fn takes_back(
        &mut self,
        now: Now,
        refund: &Refund,
        row: Option<&BankRow>,
        fits: bool,
        asked: Asked,
    ) -> Result<bool, EngineError> {
        let facts = self.refund_facts(refund)?;
        let bank = facts.payment.rail.bank();
        let at = self.at(bank, now).bank;
        let reading = Fresh { seen: row.map(|row| &row.seen), asked_at: asked.sure, fits };
        let taken = take_back(refund, &facts.operations, &facts.refused, &reading, at, &facts.calendar);
        let who = refund.wanted_back(&facts.operations).map_or(Actor::Engine, |wish| wish.who);
        let audit = AuditLine { who, ..by_engine(at, "refund-withdraw", refund.id, "") };
        match taken {
            Some(Withdrawal::Reverse(step)) => {
                let (op, mut changes) = self.step_op(refund, &facts, step, at)?;
                changes.extend(refund.after(Plan::Track(None), None).as_ref().map(refund_changed));
                changes.extend(self.tracked(refund, &facts, row, at, asked)?);
                if !changes.is_empty() {
                    self.commit(audit, changes)?;
                }
                self.ready(&op, bank, row, asked, now);
            }
            Some(Withdrawal::Free(row)) => {
                let mut changes = vec![refund_changed(&row)];
                changes.extend(abandoned(&row, &facts.operations));
                self.commit(audit, changes)?;
                self.ask_after(&row, now)?;
            }
            Some(Withdrawal::Wait(wait)) => self.takes_plan(now, refund, Plan::Track(Some(wait)), bank)?,
            // too late, or not yet: it goes its way
            Some(Withdrawal::Wanted(_)) | None => return Ok(false),
        }
        Ok(true)
    }
}

fn shows_queued(shows: &Shows) -> bool {
    match shows {
        Shows::Order(seen) => seen.card().is_some_and(CardState::is_in_refund),
        Shows::NotThere | Shows::Nothing | Shows::NoRefundInBill => false,
    }
}
