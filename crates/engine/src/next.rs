//! What a bank is asked next, and when: writes and what somebody waits for first, then the rest in turn.

use counterfoil_domain::time::day_plus;
use counterfoil_domain::{Bank, Moment, Payment};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError, Purpose};
use crate::limiter::SPACING_MS;
use crate::ports::{BankRequest, Store};

impl<S: Store> Engine<S> {
    /// When there is something to ask a bank next.
    pub(crate) fn next_of(&mut self, bank: Bank) -> Option<Moment> {
        let agenda = self.lanes.of(bank).agenda.next();
        match bank {
            Bank::Sinopac => {
                let due = self.due.first().map(|d| d.0);
                [due, agenda, self.sweep.next(), Some(self.uncaptured_at)].into_iter().flatten().min()
            }
            Bank::Ctbc => agenda,
        }
    }

    /// The most urgent call: writes and their readings, tokens and the screen, then the rest in turn with the sweep.
    pub(crate) fn next_call(
        &mut self,
        bank: Bank,
        at: Moment,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        match bank {
            Bank::Sinopac => self.next_call_of_sinopac(at),
            Bank::Ctbc => {
                for why in [Why::Unclear, Why::Screen, Why::Background] {
                    if let Some(call) = self.next_ask(bank, why, at)? {
                        return Ok(Some(call));
                    }
                }
                Ok(None)
            }
        }
    }

    fn next_call_of_sinopac(&mut self, at: Moment) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let bank = Bank::Sinopac;
        if let Some(call) = self.next_operation(at)? {
            return Ok(Some(call));
        }
        if let Some(call) = self.next_ask(bank, Why::Unclear, at)? {
            return Ok(Some(call));
        }
        if let Some((payment, token)) = self.tokens.pop_front() {
            return Ok(Some((Purpose::Token(payment), BankRequest::AskToken { token })));
        }
        if let Some(call) = self.next_ask(bank, Why::Screen, at)? {
            return Ok(Some(call));
        }
        // what nobody waits for stays behind a screen that is about to ask
        if self.lanes.of(bank).agenda.is_due_within(Why::Screen, at.plus_ms(SPACING_MS)) {
            return Ok(None);
        }
        if self.uncaptured_at <= at {
            self.uncaptured_at = Moment::start_of(day_plus(at.day(), 1)).plus_mins(30);
            return Ok(Some((Purpose::Uncaptured, BankRequest::AskUncaptured)));
        }
        self.sweeps_turn = !self.sweeps_turn;
        if self.sweeps_turn {
            return Ok(match self.next_window(at)? {
                Some(call) => Some(call),
                None => self.next_ask(bank, Why::Background, at)?,
            });
        }
        match self.next_ask(bank, Why::Background, at)? {
            Some(call) => Ok(Some(call)),
            None => self.next_window(at),
        }
    }

    fn next_ask(
        &mut self,
        bank: Bank,
        why: Why,
        at: Moment,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some(id) = self.lanes.of(bank).agenda.take_due(why, at) else { return Ok(None) };
        if let Some(watched) = self.screen.get_mut(&id) {
            watched.asked = at;
        }
        let Payment { bank_order_no, amount, .. } = self.payment(id)?;
        let request = match bank {
            Bank::Sinopac => BankRequest::AskOrder { bank_order_no },
            Bank::Ctbc => BankRequest::AskCard { bank_order_no, amount },
        };
        Ok(Some((Purpose::Ask(id, why), request)))
    }
}
