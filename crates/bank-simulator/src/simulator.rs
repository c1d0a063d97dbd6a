//! The simulator: its clock, its banks, and the way of a request through it.
//!
//! Promises to read nothing from outside: same shops, same seed, same calls in the same order give
//! the same bytes. Only `run_to`, `advance`, `flow` and the control call `clock` move time.

use std::time::Duration;

use serde_json::Value;

use crate::calls::{Call, Calls};
use crate::ctbc;
use crate::dice::Dice;
use crate::faults::{FaultKind, Faults, Leg, Target};
use crate::http::{Effect, HttpAnswer, HttpRequest};
use crate::push::Push;
use crate::shops::{self, ShopsError};
use crate::sinopac::bank::{Bank, World};
use crate::sinopac::{self, Incoming, page, tamper};
use crate::switches::Switches;
use crate::time::BankTime;

/// Answers that are kept for replays.
const RECENT_MAX: usize = 32;

/// Two banks that pretend, with one clock.
pub struct Simulator {
    pub(crate) now: BankTime,
    pub(crate) frozen: bool,
    pub(crate) base: String,
    pub(crate) dice: Dice,
    pub(crate) switches: Switches,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) bank: Bank,
    pub(crate) ctbc: ctbc::Bank,
    pub(crate) ctbc_switches: ctbc::Switches,
}

impl Simulator {
    /// Banks that serve these shop files (a JSON array), at this time, with this history.
    ///
    /// # Errors
    /// When the files are not shop files, or a bank's part is not complete.
    pub fn new(shop_files: &Value, at: BankTime, seed: u64) -> Result<Self, ShopsError> {
        let (sinopac, cards) = shops::read(shop_files)?;
        Ok(Self {
            now: at,
            frozen: false,
            base: "http://127.0.0.1".to_owned(),
            dice: Dice::new(seed),
            switches: Switches::default(),
            faults: Faults::default(),
            calls: Calls::default(),
            bank: Bank::new(sinopac),
            ctbc: ctbc::Bank::new(cards, at),
            ctbc_switches: ctbc::Switches::default(),
        })
    }

    /// The time of the bank's clock.
    pub fn now(&self) -> BankTime {
        self.now
    }

    /// Where the hosted pages are reached, such as `http://127.0.0.1:8080`.
    pub fn set_base(&mut self, base: &str) {
        base.trim_end_matches('/').clone_into(&mut self.base);
    }

    /// Moves the clock on to a time; everything due until then happens at its own time. Never moves
    /// back.
    pub fn run_to(&mut self, at: BankTime) {
        loop {
            let (sinopac, cards) = (self.bank.next_event(), self.ctbc.next_event());
            let Some(next) = sinopac.into_iter().chain(cards).min().filter(|next| *next <= at) else { break };
            self.now = self.now.max(next);
            if sinopac == Some(next) {
                let (bank, mut world) = self.parts();
                bank.run_event(&mut world);
            } else {
                let (bank, mut world) = self.ctbc_parts();
                bank.run_event(&mut world);
            }
        }
        self.now = self.now.max(at);
    }

    /// Moves the clock on.
    pub fn advance(&mut self, span: Duration) {
        self.run_to(self.now.plus(span));
    }

    /// Real time went by (times the speed): moves the clock on unless it is frozen.
    pub fn flow(&mut self, span: Duration) {
        if !self.frozen {
            self.advance(span);
        }
    }

    /// Sets the clock: onward like `run_to`, back without undoing anything.
    pub fn set_clock(&mut self, at: BankTime) {
        if at < self.now {
            self.now = at;
            self.ctbc.clock_went_back(at);
        }
        self.run_to(at);
    }

    /// Stops or restarts the flow of time; `advance` and `run_to` still work.
    pub fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Answers one request at the present bank time. Every answer carries a `Date` header.
    pub fn handle(&mut self, request: &HttpRequest) -> HttpAnswer {
        let path = request.bare_path().to_owned();
        let date_off_ms = self.date_off_ms(&path);
        let mut answer = if is_control(&path) {
            self.control_request(request)
        } else if path.starts_with(page::PATH) {
            let (bank, mut world) = self.parts();
            page::answer(bank, &mut world, request)
        } else if is_api(&path) {
            self.api(request)
        } else if ctbc::is_page(&path) {
            self.ctbc_page(request)
        } else if ctbc::is_api(&path) {
            self.ctbc_api(request)
        } else {
            HttpAnswer::text(404, "9999 Not Found")
        };
        // what the request set off is due now, such as a first notice
        self.run_to(self.now);
        answer.headers.push(("Date".to_owned(), self.now.plus_ms(date_off_ms).http_date()));
        answer
    }

    /// How far the `Date` header of the bank at this path lies from the clock; control calls tell
    /// the clock itself.
    fn date_off_ms(&self, path: &str) -> i64 {
        if path.starts_with(page::PATH) || is_api(path) {
            self.switches.date_off_ms
        } else if ctbc::is_page(path) || ctbc::is_api(path) {
            self.ctbc_switches.date_off_ms
        } else {
            0
        }
    }

    /// The next notice of SinoPac, or second reply of CTBC, that should be sent now, if any.
    pub fn take_push(&mut self) -> Option<Push> {
        self.bank.notices.take().or_else(|| self.ctbc.outbox.pop_front())
    }

    /// Reports the body that a notice was answered with; `{"Status":"S"}` ends its repetition.
    pub fn push_answered(&mut self, notice: usize, body: &[u8]) {
        self.bank.notices.answered(notice, body);
    }

    pub(crate) fn parts(&mut self) -> (&mut Bank, World<'_>) {
        let world = World { now: self.now, dice: &mut self.dice, switches: &self.switches, base: &self.base };
        (&mut self.bank, world)
    }

    pub(crate) fn ctbc_parts(&mut self) -> (&mut ctbc::Bank, ctbc::World<'_>) {
        let world = ctbc::World {
            now: self.now,
            dice: &mut self.dice,
            switches: &self.ctbc_switches,
            faults: &mut self.faults,
        };
        (&mut self.ctbc, world)
    }

    /// A page of CTBC. Only the form that opens one is a call: what follows is the customer's.
    fn ctbc_page(&mut self, request: &HttpRequest) -> HttpAnswer {
        let mut call = self.new_call(request);
        let (bank, mut world) = self.ctbc_parts();
        let answer = ctbc::page(bank, &mut world, request, &mut call);
        if !call.service.is_empty() {
            call.status = answer.status;
            self.calls.push(call);
        }
        answer
    }

    fn ctbc_api(&mut self, request: &HttpRequest) -> HttpAnswer {
        self.calls.count(self.now, ("ctbc", ctbc::key_of(&self.ctbc, request)));
        let mut call = self.new_call(request);
        let (bank, mut world) = self.ctbc_parts();
        let answer = ctbc::answer(bank, &mut world, request, &mut call);
        call.status = answer.status;
        self.calls.push(call);
        answer
    }

    fn new_call(&self, request: &HttpRequest) -> Call {
        Call {
            at: self.now.rfc3339(),
            path: request.bare_path().to_owned(),
            service: String::new(),
            shop: None,
            order: None,
            command: None,
            amount: None,
            xid: None,
            status: 0,
            code: String::new(),
            acted: false,
            fault: None,
        }
    }

    fn api(&mut self, request: &HttpRequest) -> HttpAnswer {
        let in_second = self.calls.count(self.now, ("sinopac", sinopac::key_of(&self.bank, request)));
        let over_rate = self.switches.rate_limit > 0 && in_second > self.switches.rate_limit;
        let mut call = self.new_call(request);
        let incoming = Incoming::read(request);
        let answer = match sinopac::gateway(&self.bank, &incoming, over_rate) {
            Some(refused) => refused,
            None => self.application(&incoming, &mut call),
        };
        call.status = answer.status;
        self.calls.push(call);
        answer
    }

    fn application(&mut self, incoming: &Incoming<'_>, call: &mut Call) -> HttpAnswer {
        let peek = sinopac::target_of(&self.bank, incoming, self.faults.want_orders());
        call.service.clone_from(&peek.service);
        call.order.clone_from(&peek.order);
        call.shop = peek.shop.and_then(|at| self.bank.shops.get(at)).map(|shop| shop.number.clone());
        let can_replay = self.bank.recent.iter().any(|row| {
            Some(row.0) == peek.shop && row.1 == peek.service && row.2.is_some() && row.2 != peek.order
        });
        let target = Target {
            leg: Leg::Sinopac,
            service: &peek.service,
            command: peek.command.as_deref(),
            order: peek.order.as_deref(),
            can_replay,
        };
        let fault = self.faults.take(&target);
        call.fault = fault.as_ref().map(|fault| fault.name.clone());
        if let Some(fault) = &fault {
            if fault.kind == FaultKind::DropBefore {
                let mut answer = HttpAnswer::text(200, "");
                answer.effect = Effect::Drop;
                return answer;
            }
            if let (FaultKind::Html(status), false) = (&fault.kind, fault.acts) {
                return tamper::html_page(*status);
            }
        }
        let forced = fault.as_ref().and_then(tamper::forced_code);
        let (bank, mut world) = self.parts();
        let outcome = sinopac::answer(bank, &mut world, incoming, forced.as_deref());
        let shown = fault.as_ref().and_then(tamper::shown_code);
        call.code = shown.unwrap_or_else(|| outcome.code.clone());
        call.acted = outcome.acted;
        call.command.clone_from(&outcome.command);
        call.amount = outcome.amount;
        call.order = outcome.order.clone().or_else(|| call.order.take());
        if let Some(fault) = &fault {
            return tamper::tampered(bank, &mut world, outcome, fault);
        }
        let body = outcome.seal(bank, &mut world);
        if let Some(shop) = outcome.shop {
            if bank.recent.len() == RECENT_MAX {
                bank.recent.pop_front();
            }
            bank.recent.push_back((shop, outcome.service, outcome.order, body.clone()));
        }
        HttpAnswer { body, ..HttpAnswer::json(200, &Value::Null) }
    }
}

pub(crate) fn is_control(path: &str) -> bool {
    path == "/control" || path.starts_with("/control/")
}

pub(crate) fn is_api(path: &str) -> bool {
    path.get(..sinopac::API_PATH.len()).is_some_and(|head| head.eq_ignore_ascii_case(sinopac::API_PATH))
}
