//! What to ask a bank next, and when: first writes and what a person waits for, then the rest in
//! turn.

use counterfoil_domain::{Bank, BankOrderNo, Mono, Now, Payment, Rail};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError};
use crate::limiter::CALLS_APART_MS;
use crate::ports::{BankRequest, Inquiry, Store};
use crate::purpose::Purpose;

/// From one answer to the next while the bank's time is in doubt.
const DOUBT_MS: i64 = 25_000;
/// From one question to the next while a move forward is not sure.
const HELD_MS: i64 = 180_000;
/// From one question to the next while no answer of this run has named the bank's time.
const UNKNOWN_MS: i64 = 60_000;

/// The next call to a bank, or how long there is none.
#[expect(clippy::large_enum_variant, reason = "one at a time, moved once: a box would only be opened again")]
pub(crate) enum Next {
    /// Now.
    Call(Purpose, BankRequest),
    /// Not before this instant, or not before something happens.
    Wait(Option<Mono>),
}

type Call = Option<(Purpose, BankRequest)>;

impl<S: Store> Engine<S> {
    /// The most urgent call: a sale's time, writes and their readings, tokens and the screen, then
    /// the rest in turn with the sweep. Reads leave a place for a write; while the shop is refused
    /// they are one question at a time.
    pub(crate) fn next_call(&mut self, bank: Bank, now: Now) -> Result<Next, EngineError> {
        let lane = self.lanes.get_mut(bank);
        if lane.clock.wants_answers(now.mono) {
            // whatever is asked: three answers prove the bank's time
            lane.agenda.no_later_than(now.mono.plus_ms(DOUBT_MS));
        } else if lane.clock.is_held() {
            // a wrong Date that was believed is found out by the next ones
            lane.agenda.no_later_than(now.mono.plus_ms(HELD_MS));
        } else if !lane.clock.is_anchored() && lane.clock.doubted(now.mono).is_none() {
            // by the computer's clock alone nothing may be due
            let first = lane.limiter.is_unused();
            lane.agenda.no_later_than(if first { now.mono } else { now.mono.plus_ms(UNKNOWN_MS) });
        }
        let lane = self.lanes.get(bank);
        if !lane.has_place() {
            return Ok(Next::Wait(None));
        }
        let ready = lane.limiter.ready_at(now.mono);
        if ready > now.mono && !(lane.prepaid && lane.has_nonce(now.mono) && self.create_is_due(bank, now)?) {
            let next = self.earliest(bank, now);
            return Ok(Next::Wait(next.map(|next| next.max(ready))));
        }
        if (lane.time_wanted || lane.nonce_wanted) && lane.has_place_to_read() {
            self.lanes.get_mut(bank).nonce_wanted = false;
            let bank_order_no = BankOrderNo::make(self.bank_time(now), self.random(), rail_of(bank));
            return Ok(Next::Call(Purpose::Time, BankRequest::Ask(Inquiry::Time { bank_order_no })));
        }
        if let Some((purpose, request)) = self.next_operation(bank, now)? {
            return Ok(Next::Call(purpose, request));
        }
        if let Some((purpose, request)) = self.next_refund(bank, now)? {
            return Ok(Next::Call(purpose, request));
        }
        let writes = self.next_write(bank).filter(|at| *at > now.mono);
        if let Some(until) = self.lanes.get(bank).is_quiet_until(now.mono) {
            return Ok(Next::Wait(writes.into_iter().chain([until]).min()));
        }
        if !self.lanes.get(bank).has_place_to_read() {
            return Ok(Next::Wait(writes));
        }
        if let Some(probe) = self.lanes.get(bank).probe_at() {
            if let Some((purpose, request)) = self.fresh_on_screen(bank, now)? {
                return Ok(Next::Call(purpose, request));
            }
            let next = self.earliest_read(bank, now);
            if probe > now.mono {
                return Ok(Next::Wait(writes.into_iter().chain(next.map(|next| next.max(probe))).min()));
            }
        }
        if let Some((purpose, request)) = self.next_read(bank, now)? {
            self.lanes.get_mut(bank).probes(now.mono);
            return Ok(Next::Call(purpose, request));
        }
        Ok(Next::Wait(writes.into_iter().chain(self.earliest_read(bank, now)).min()))
    }

    /// The next operation is a create, and goes now.
    fn create_is_due(&self, bank: Bank, now: Now) -> Result<bool, EngineError> {
        let due = self.lanes.get(bank).turns.first().filter(|turn| turn.0 <= now.mono);
        due.map_or(Ok(false), |due| Ok(self.operation(due.1)?.kind.is_create()))
    }

    fn next_read(&mut self, bank: Bank, now: Now) -> Result<Call, EngineError> {
        if bank == Bank::Sinopac {
            self.sweep_plan(now)?;
        }
        if self.lanes.get(bank).is_rests_turn()
            && let Some(call) = self.next_of_rest(bank, now)?
        {
            return Ok(Some(call));
        }
        if let Some(call) = self.next_ask(bank, Why::Unclear, now)? {
            return Ok(Some(call));
        }
        if bank == Bank::Sinopac
            && let Some((payment, token)) = self.tokens.pop_front()
        {
            return Ok(Some((Purpose::Token(payment), BankRequest::Ask(Inquiry::Token { token }))));
        }
        if bank == Bank::Ctbc
            && let Some(call) = self.next_charge()?
        {
            return Ok(Some(call));
        }
        if let Some(call) = self.next_ask(bank, Why::Screen, now)? {
            return Ok(Some(call));
        }
        if self.held_back_until(bank, now).is_some() {
            return Ok(None);
        }
        self.next_of_rest(bank, now)
    }

    /// Windows before numbers, so that one question finds what many would; but the background is
    /// never without its turn.
    fn next_of_rest(&mut self, bank: Bank, now: Now) -> Result<Call, EngineError> {
        if bank == Bank::Ctbc {
            return self.next_ask(bank, Why::Background, now);
        }
        if self.sweep.takes_uncaptured(self.at(bank, now)) {
            return Ok(Some((Purpose::Uncaptured, BankRequest::Ask(Inquiry::Uncaptured))));
        }
        if self.sweep.is_backgrounds_turn()
            && let Some(call) = self.next_ask(bank, Why::Background, now)?
        {
            self.sweep.gives_turn();
            return Ok(Some(call));
        }
        match self.next_window(now)? {
            Some(call) => Ok(Some(call)),
            None => self.next_ask(bank, Why::Background, now),
        }
    }

    /// When there is something to do at a bank next, as far as is known without doing it.
    fn earliest(&self, bank: Bank, now: Now) -> Option<Mono> {
        let lane = self.lanes.get(bank);
        let time = (lane.time_wanted || lane.nonce_wanted).then_some(now.mono);
        self.next_write(bank).into_iter().chain(time).chain(self.earliest_read(bank, now)).min()
    }

    /// When a write, or the reading before one, goes next.
    pub(crate) fn next_write(&self, bank: Bank) -> Option<Mono> {
        self.lanes.get(bank).next_turn().into_iter().chain(self.next_refund_turn(bank)).min()
    }

    fn earliest_read(&self, bank: Bank, now: Now) -> Option<Mono> {
        let agenda = &self.lanes.get(bank).agenda;
        let waits = match bank {
            Bank::Sinopac => !self.tokens.is_empty(),
            Bank::Ctbc => self.charges.is_due(),
        };
        let tokens = waits.then_some(now.mono);
        let sweep = (bank == Bank::Sinopac).then(|| self.sweep.next(now.mono));
        let rest = agenda.first_of(Why::Background).into_iter().chain(sweep).min();
        let rest = rest.map(|rest| self.held_back_until(bank, now).map_or(rest, |screen| rest.max(screen)));
        [agenda.first_of(Why::Unclear), agenda.first_of(Why::Screen), tokens, rest]
            .into_iter()
            .flatten()
            .min()
    }

    /// What no one waits for stays behind a screen that is about to ask, but for its turn.
    fn held_back_until(&self, bank: Bank, now: Now) -> Option<Mono> {
        let lane = self.lanes.get(bank);
        let screen = lane.agenda.first_of(Why::Screen)?;
        let near = screen <= now.mono.plus_ms(CALLS_APART_MS) && !lane.is_rests_turn();
        near.then_some(screen)
    }

    /// A person has pressed a key: that is asked about at once, whatever the bank said to the shop
    /// before.
    fn fresh_on_screen(&mut self, bank: Bank, now: Now) -> Result<Call, EngineError> {
        let fresh = self.screen.iter().filter(|(_, watched)| watched.asked.is_none()).map(|(id, _)| *id);
        for id in fresh.collect::<Vec<_>>() {
            let payment = self.payment(id)?;
            if payment.rail.bank() == bank {
                self.ask_at(&payment, None);
                return Ok(Some(self.ask(&payment, Why::Screen, now)));
            }
        }
        Ok(None)
    }

    fn next_ask(&mut self, bank: Bank, why: Why, now: Now) -> Result<Call, EngineError> {
        let Some(id) = self.lanes.get_mut(bank).agenda.take_due(why, now.mono) else { return Ok(None) };
        let payment = self.payment(id)?;
        if why == Why::Unclear {
            if let Some(call) = self.bill_of(&payment, now)? {
                return Ok(Some(call));
            }
            // of several transactions each step is read by its own XID
            let op = self.unclear_operation(id)?;
            if let Some(refund) = op.and_then(|op| op.refund).map(|of| self.refund(of)).transpose()?
                && self.xid_to_name(&payment, &refund)?.is_some()
            {
                return self.refund_question(&payment, &refund).map(Some);
            }
        }
        Ok(Some(self.ask(&payment, why, now)))
    }

    fn ask(&mut self, payment: &Payment, why: Why, now: Now) -> (Purpose, BankRequest) {
        if let Some(watched) = self.screen.get_mut(&payment.id) {
            watched.asked = Some(now.mono);
        }
        let xid = self.charges.take_next(payment.id);
        (Purpose::Ask(payment.id, why), question(payment, xid.as_deref()))
    }
}

/// One payment by its number, or one transaction of it at CTBC.
pub(crate) fn question(payment: &Payment, xid: Option<&str>) -> BankRequest {
    let Payment { bank_order_no, amount, rail, .. } = payment;
    match rail.bank() {
        Bank::Sinopac => BankRequest::Ask(Inquiry::Order { bank_order_no: bank_order_no.clone() }),
        Bank::Ctbc => {
            let bank_order_no = bank_order_no.clone();
            BankRequest::Ask(Inquiry::Card { bank_order_no, amount: *amount, xid: xid.map(str::to_owned) })
        }
    }
}

const fn rail_of(bank: Bank) -> Rail {
    match bank {
        Bank::Sinopac => Rail::SinopacAccount,
        Bank::Ctbc => Rail::CtbcCard,
    }
}
