//! What is planned, and when: every instant at which something will be done follows from what was
//! answered, so that it can be made again whenever a bank's clock moves.

use counterfoil_domain::DiscrepancyKind as D;
use counterfoil_domain::card::PAGE_LIFE_MINS;
use counterfoil_domain::operation::{OperationState, wait_after};
use counterfoil_domain::schedule::{self, AFTER_REFUND_DAYS};
use counterfoil_domain::{Bank, Moment, Mono, Now, Operation, Payment, PaymentId, Query, Rail, Refund};

use crate::agenda::Why;
use crate::bank_clock::MADE_AT;
use crate::engine::{Engine, EngineError, InFlight, by_engine};
use crate::ports::{Change, Jot, Store};
use crate::purpose::Purpose;
use crate::screen::Watched;

/// The instant at which the engine works, by the clock of one bank.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// Bank time: what is stamped, ends and is written goes by it.
    pub(crate) bank: Moment,
    /// The newest Date: what is planned goes by it.
    pub(crate) asking: Moment,
    pub(crate) mono: Mono,
}

/// The end of time.
const EVER: Moment = Moment::from_millis(i64::MAX);
/// A confirmation that is off by less is left as it is.
const MISDATED_MS: i64 = 60_000;
/// What is off by less is left as it is.
const MOVED_MS: i64 = 5_000;
/// While the bank's time is not settled, what may have ended is asked about this often.
const UNSETTLED_MS: i64 = 60_000;

impl At {
    /// When the monotonic clock will show what the bank's shows at `moment`.
    pub(crate) fn mono_of(self, moment: Moment) -> Mono {
        self.mono.plus_ms(moment.ms_since(self.asking))
    }
}

/// When a question left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// What its answer is judged by: bank time that was surely past, by the clock before the answer
    /// and by the answer's own Date.
    pub(crate) sure: Moment,
    /// What schedules count from.
    pub(crate) asking: Moment,
    pub(crate) mono: Mono,
}

impl<S: Store> Engine<S> {
    /// What money is stamped with: bank time, or while that is not settled the newest Date of the
    /// bank.
    pub(crate) fn stamp(&self, bank: Bank, now: Now) -> Moment {
        let clock = &self.lanes.get(bank).clock;
        clock.settled(now.mono).unwrap_or_else(|| clock.asking(now.mono))
    }

    /// Fills the agendas from the data file: all that is planned follows from what was answered.
    pub(crate) fn rebuild(&mut self, now: Now) -> Result<(), EngineError> {
        Bank::ALL.into_iter().try_for_each(|bank| self.rebuild_bank(bank, now))
    }

    pub(crate) fn rebuild_bank(&mut self, bank: Bank, now: Now) -> Result<(), EngineError> {
        let at = self.at(bank, now);
        self.lanes.get_mut(bank).turns.clear();
        self.take_turns(bank, EVER, at)?;
        let mut payments = self.store.payments_to_watch(self.shop.polling.watched_since(at.asking))?;
        payments.extend(self.store.payments_to_capture()?);
        payments.extend(self.store.payments_refunded_since(at.asking.plus_days(-AFTER_REFUND_DAYS))?);
        for payment in payments.into_iter().filter(|payment| payment.rail.bank() == bank) {
            if bank == Bank::Sinopac && payment.state.is_open() {
                // also what an earlier run has just sold is looked for
                self.sweep.sold(payment.id, at.mono_of(payment.created_at).min(now.mono));
            }
            self.reschedule(payment.id, now)?;
        }
        for op in self.store.open_operations()?.into_iter().filter(|op| op.refund.is_some()) {
            if op.kind.rule().bank == bank {
                self.reschedule(op.payment, now)?;
            }
        }
        self.rebuild_refunds(bank, now)
    }

    /// Gives a turn to each operation that the store shows as due by `until`, and that has none
    /// yet.
    pub(crate) fn take_turns(&mut self, bank: Bank, until: Moment, at: At) -> Result<(), EngineError> {
        // a step of a refund goes by its plan alone
        let due = self.store.due_operations(bank, until)?;
        for op in due.into_iter().filter(|op| op.refund.is_none()) {
            let is_read = |f: &InFlight| matches!(f.purpose, Purpose::Before(id, _) if id == op.id);
            let turns = &mut self.lanes.get_mut(bank).turns;
            if !turns.iter().any(|turn| turn.1 == op.id) && !self.in_flight.values().any(is_read) {
                turns.insert((attempt_at(&op, at), op.id));
            }
        }
        Ok(())
    }

    /// A bank's clock has moved: every instant at which something will be done is made again, here
    /// and nowhere else. What was done keeps its stamp.
    pub(crate) fn replan(&mut self, bank: Bank, now: Now) -> Result<(), EngineError> {
        let at = self.at(bank, now);
        for (id, end) in self.ends.clone() {
            let payment = self.payment(id)?;
            let ends = at.asking.plus_ms(end.ms_since(at.mono));
            let moved = ends.ms_since(payment.expires_at).abs() >= MOVED_MS;
            if payment.rail.bank() == bank && payment.state.is_open() && moved {
                let audit = by_engine(at.bank, "ends", id, ends.to_string());
                self.commit(audit, vec![Change::PaymentChanged(Payment { expires_at: ends, ..payment })])?;
            }
        }
        if bank == Bank::Sinopac {
            self.sweep.replan();
        }
        self.rebuild_bank(bank, now)?;
        self.confirm_again(bank, now)
    }

    /// A payment that was just confirmed: by a time that may be wrong, or by one that is not.
    pub(crate) fn note_date(&mut self, payment: &Payment, at: Moment, now: Now) {
        if payment.confirmed_at != Some(at) {
            return;
        }
        let lane = self.lanes.get_mut(payment.rail.bank());
        if lane.clock.settled(now.mono).is_some() {
            lane.misdated.remove(&payment.id);
        } else {
            lane.misdated.insert(payment.id, now.mono);
        }
    }

    /// Its confirmation bears a time that the bank's, known by now, does not bear out.
    pub(crate) fn is_misdated(&self, payment: &Payment, now: Now) -> bool {
        let lane = self.lanes.get(payment.rail.bank());
        let known = lane.misdated.get(&payment.id).zip(lane.clock.settled(now.mono));
        let off = known.zip(payment.confirmed_at).map(|((stamped, at), confirmed)| {
            at.plus_ms(-now.mono.ms_since(*stamped)).ms_since(confirmed).abs()
        });
        off.is_some_and(|off| off >= MISDATED_MS)
    }

    /// Its evidence bears a time that has not come yet, or of before this program was made: a run
    /// that ended too soon to find out took it from a wrong Date.
    pub(crate) fn has_odd_proof(
        &self,
        payment: &Payment,
        query: Query,
        now: Now,
    ) -> Result<bool, EngineError> {
        let settled = self.lanes.get(payment.rail.bank()).clock.settled(now.mono);
        let Some(at) = settled.filter(|_| payment.state.has_money() && query == Query::ByNumber) else {
            return Ok(false);
        };
        let evidence = self.store.evidence_of(payment.id)?;
        let proof = evidence.iter().find(|one| Some(one.id) == payment.proof);
        let is_odd = |proof: Moment| proof.ms_since(at) >= MISDATED_MS || (proof < MADE_AT && MADE_AT <= at);
        Ok(proof.is_some_and(|proof| is_odd(proof.at)))
    }

    /// What was confirmed while the bank's time was in doubt is asked about once more: the stamp
    /// that people read is then the bank's. The older evidence keeps its own.
    fn confirm_again(&mut self, bank: Bank, now: Now) -> Result<(), EngineError> {
        if self.lanes.get(bank).clock.settled(now.mono).is_none() {
            return Ok(());
        }
        for id in self.lanes.get(bank).misdated.keys().copied().collect::<Vec<_>>() {
            let payment = self.payment(id)?;
            if self.is_misdated(&payment, now) {
                self.ask_at(&payment, Some((Why::Background, now.mono)));
            } else {
                self.lanes.get_mut(bank).misdated.remove(&id);
            }
        }
        Ok(())
    }

    /// The next question about a payment: for its unclear operation, for the screen, or by its own
    /// schedule.
    pub(crate) fn reschedule(&mut self, id: PaymentId, now: Now) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let bank = payment.rail.bank();
        let at = self.at(bank, now);
        if payment.state.has_money() && self.screen.get(&id).is_some_and(|w| w.read || !w.once) {
            self.screen.remove(&id);
        }
        if !payment.state.is_open() {
            self.ends.remove(&id);
            self.left.remove(&id);
            self.born.remove(&id);
            self.noticed.remove(&id);
        }
        let polling = self.shop.polling;
        let held = self.lanes.get(bank).held.get(&id).copied();
        let planned = |next: Option<Moment>| {
            next.map(|next| at.mono_of(next)).map(|next| held.map_or(next, |held| held.max(next)))
        };
        let op = self.unclear_operation(id)?;
        let reading = self.next_reading(op.as_ref(), &payment, at.asking)?;
        let by_person = op.is_some_and(|op| op.state == OperationState::NeedsPerson);
        let why = if by_person { Why::Background } else { Why::Unclear };
        let on_screen = |w: &Watched| {
            schedule::next_on_screen(polling, w.since, w.asked.unwrap_or(w.since), w.way_ms).max(now.mono)
        };
        let screen = self.screen.get(&id).map(on_screen);
        if payment.state.is_open() && is_ahead(&payment, at) {
            self.noticed.entry(id).or_insert(now.mono);
        }
        let background = self.next_in_background(&payment, at)?;
        let entries =
            [(why, planned(reading)), (Why::Screen, screen), (Why::Background, planned(background))];
        let first = entries.into_iter().filter_map(|(why, at)| at.map(|at| (at, why))).min();
        self.ask_at(&payment, first.map(|(at, why)| (why, at)));
        Ok(())
    }

    /// The next question by the payment's own schedule, or after the end of a refund of it.
    fn next_in_background(&self, payment: &Payment, at: At) -> Result<Option<Moment>, EngineError> {
        let after = |from| self.batch_after(from);
        let dated = self.dated(payment, at);
        let own = schedule::next_in_background(self.shop.polling, &dated, after, at.asking);
        let refunds = if payment.state.is_open() { vec![] } else { self.store.refunds_of(payment.id)? };
        let booked = if payment.state.is_open() { vec![] } else { self.store.refunds_booked(payment.id)? };
        let booked = booked.into_iter().map(|booked| booked.booked.at);
        let ended = refunds.iter().filter_map(Refund::ended_at).chain(booked).max();
        let open = if ended.is_some() { self.store.discrepancies_of(payment.id)? } else { vec![] };
        let doubt = open.iter().any(|d| matches!(d.kind, D::RefundNotShown | D::NotCaptured));
        let refund =
            ended.and_then(|ended| schedule::next_after_refund(&dated, ended, doubt, after, at.asking));
        Ok(own.into_iter().chain(refund).min())
    }

    /// What this run sold, with the time of its sale by today's clock of the bank: it may have been
    /// sold by another one. What an earlier run has sold in the future, by a clock that was ahead,
    /// is as old as this run knows it.
    fn dated(&self, payment: &Payment, at: At) -> Payment {
        let known = self.noticed.get(&payment.id).filter(|_| is_ahead(payment, at));
        let born = self.born.get(&payment.id).or(known);
        let born = born.map(|born| at.asking.plus_ms(born.ms_since(at.mono)));
        let off = born.filter(|born| born.ms_since(payment.created_at).abs() >= MOVED_MS);
        // asked by a clock that was ahead: no later than now
        let asked_at = payment.asked_at.map(|asked| asked.min(at.asking));
        Payment { created_at: off.unwrap_or(payment.created_at), asked_at, ..payment.clone() }
    }

    /// The end, with its margin, of the batch that captures what is in CTBC's file at `from`.
    pub(crate) fn batch_after(&self, from: Moment) -> Option<Moment> {
        self.shop.ctbc.as_ref()?.batch.wait_for_capture(from, 0).map(|wait| wait.earliest)
    }

    fn next_reading(
        &self,
        op: Option<&Operation>,
        payment: &Payment,
        asking: Moment,
    ) -> Result<Option<Moment>, EngineError> {
        let Some(op) = op else { return Ok(None) };
        let readings = self.store.readings_of(op.id)?;
        let after = |from| self.batch_after(from);
        Ok(schedule::next_reading(op, &readings, after, payment.asked_at, asking))
    }

    /// A question about a payment was answered, which made of it what it `is`: its schedule counts
    /// from when the question left. Kept when a point of it had come. An end that only the newest
    /// Date is past is due still, and asked about again soon.
    pub(crate) fn was_asked(&mut self, was: &Payment, is: &Payment, asked: Asked) -> Result<(), EngineError> {
        let op = self.unclear_operation(was.id)?;
        let reading = self.next_reading(op.as_ref(), was, asked.asking)?;
        // the readings of an unclear operation are counted: they keep to their own schedule
        if reading.is_none() && self.waits_for_time(is, asked) {
            self.hold(was, asked.mono.plus_ms(UNSETTLED_MS));
            return Ok(());
        }
        self.lanes.get_mut(was.rail.bank()).held.remove(&was.id);
        let then = At { bank: asked.asking, asking: asked.asking, mono: asked.mono };
        let next = self.next_in_background(was, then)?;
        if reading.into_iter().chain(next).any(|point| point <= asked.asking) {
            self.store.jot(&[Jot::Asked(was.id, asked.asking)])?;
        }
        Ok(())
    }

    /// A question about a payment got no answer: it is due still, and held back for a while.
    pub(crate) fn hold(&mut self, payment: &Payment, until: Mono) {
        self.lanes.get_mut(payment.rail.bank()).held.insert(payment.id, until);
    }

    /// A card page ends a whole life from now at the latest: one that would end later was sold by
    /// a clock that was ahead. One that was handed out before the bank had told its time, in a run
    /// that ended before it did, ends then: earlier nothing says that its time is over.
    pub(crate) fn bound_end(&mut self, id: PaymentId, now: Now) -> Result<Payment, EngineError> {
        let payment = self.payment(id)?;
        if payment.rail == Rail::CtbcCard && payment.state.is_open() && self.store.is_page_undated(id)? {
            return self.date_page(payment, now);
        }
        let settled = self.lanes.get(payment.rail.bank()).clock.settled(now.mono);
        let latest = settled.map(|at| (at, at.plus_mins(PAGE_LIFE_MINS)));
        let bounded = payment.rail == Rail::CtbcCard && payment.state.is_open();
        let late = latest.filter(|(_, end)| bounded && payment.expires_at.ms_since(*end) >= MOVED_MS);
        let Some((at, end)) = late else { return Ok(payment) };
        let audit = by_engine(at, "ends", id, end.to_string());
        self.commit(audit, vec![Change::PaymentChanged(Payment { expires_at: end, ..payment })])?;
        self.ends.insert(id, now.mono.plus_mins(PAGE_LIFE_MINS));
        self.payment(id)
    }

    fn date_page(&mut self, payment: Payment, now: Now) -> Result<Payment, EngineError> {
        let (id, at) = (payment.id, self.at(Bank::Ctbc, now));
        let latest = now.mono.plus_mins(PAGE_LIFE_MINS);
        let end = *self.ends.entry(id).or_insert(latest);
        // until the bank's time is settled, whatever it has named
        let expires_at = at.bank.max(at.asking).plus_ms(end.ms_since(now.mono));
        let dated = Payment { expires_at, ..payment };
        if self.lanes.get(Bank::Ctbc).clock.settled(now.mono).is_none() {
            return Ok(dated);
        }
        let audit = by_engine(at.bank, "ends", id, expires_at.to_string());
        self.commit(audit, vec![Change::PaymentChanged(dated), Change::PageUndated(id, false)])?;
        self.payment(id)
    }

    /// When an answer's question left, as far as the end of a payment goes. Ends follow the anchor,
    /// which this answer may have moved, and not what is sure. What this run began ends by the
    /// monotonic clock too, and nothing ends while the bank's time is not settled.
    pub(crate) fn asked_about(&self, payment: &Payment, asked: Asked) -> Moment {
        if !payment.state.is_open() {
            return asked.sure;
        }
        let lives = self.ends.get(&payment.id).is_some_and(|end| asked.mono < *end);
        let settled = self.lanes.get(payment.rail.bank()).clock.settled(asked.mono).filter(|_| !lives);
        let ended = settled.filter(|at| *at >= payment.expires_at);
        ended.unwrap_or_else(|| asked.sure.min(payment.expires_at.plus_ms(-1)))
    }

    /// Its end has come by some clock, and the answer could not end it: not every clock is there
    /// yet.
    fn waits_for_time(&self, payment: &Payment, asked: Asked) -> bool {
        let ends = payment.expires_at;
        payment.state.is_open()
            && asked.sure.max(asked.asking) >= ends
            && self.asked_about(payment, asked) < ends
    }

    /// Replaces what a payment is asked about next.
    pub(crate) fn ask_at(&mut self, payment: &Payment, entry: Option<(Why, Mono)>) {
        self.lanes.get_mut(payment.rail.bank()).agenda.set(payment.id, entry);
    }
}

/// When an operation goes next. Never later than its own wait from now: its time may be of a clock
/// that was ahead.
fn attempt_at(op: &Operation, at: At) -> Mono {
    let wait_ms = if op.attempts == 0 { 0 } else { wait_after(op) };
    at.mono_of(op.due_at).min(at.mono.plus_ms(wait_ms))
}

/// Sold in the future.
fn is_ahead(payment: &Payment, at: At) -> bool {
    payment.created_at.ms_since(at.asking) >= MOVED_MS
}
