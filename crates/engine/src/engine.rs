//! The engine itself: what it holds, its start, and the two functions that drive everything: `step` and `answered`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use counterfoil_domain::operation::OperationState;
use counterfoil_domain::schedule;
use counterfoil_domain::{
    Bank, BankState, DiscrepancyId, EvidenceId, Moment, Operation, OperationId, OperationKind, Payment,
    PaymentId, PaymentState, View,
};
use secrecy::SecretString;

use crate::agenda::Why;
use crate::bank_clock::{BankClock, SKEW_WARNING_MS};
use crate::health::Health;
use crate::lane::Lanes;
use crate::ports::{
    AuditLine, BankReply, BankRequest, Batch, Change, Entropy, Page, Said, Store, StoreError,
};
use crate::screen::Watched;
use crate::sell::SaleRefused;
use crate::shop::ShopRecord;
use crate::sweep::Sweep;

/// Tokens from browsers that wait to be asked about.
const TOKENS_MAX: usize = 64;

/// Names one bank call between [`Engine::step`] and [`Engine::answered`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// What to send. A write has been committed as `Sending` before it stands here.
#[derive(Debug)]
pub struct BankCall {
    /// Give it back with the answer.
    pub ticket: Ticket,
    /// To whom it goes.
    pub bank: Bank,
    /// What to ask.
    pub request: BankRequest,
    /// It may change something at the bank.
    pub is_write: bool,
}

/// What to do now.
#[derive(Debug)]
pub enum Step {
    /// Send this, and ask `step` again at once.
    Send(BankCall),
    /// Nothing to send before this instant of the caller's clock, unless something happens.
    Wait(Moment),
    /// Nothing to send until something happens.
    Idle,
}

/// What a screen may want to know at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A payment is in a new state.
    Moved(PaymentId, PaymentState),
    /// Nobody knows what became of a request; the engine is asking.
    Unclear(PaymentId),
    /// A request never left, or the bank put it off: it goes again by itself, unless a further notice says what it came to.
    Retrying(PaymentId),
    /// The bank has answered about a payment for the first time since it came on the screen, whatever it said.
    Asked(PaymentId),
    /// Something does not fit.
    Doubt(Option<PaymentId>),
    /// Minutes of bank time were covered.
    Covered,
    /// Somebody must see this payment: money came, or will not come.
    News(PaymentId),
    /// And somebody has.
    Seen(PaymentId),
    /// What [`Engine::health`] says is new.
    Health,
}

/// Why the engine did not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data file; after [`StoreError::Storage`] nothing may be sent until it is opened anew.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data file holds no shop yet.
    #[error("there is no shop in this data file")]
    NoShop,
    /// No row of that id.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A sale that was not begun.
    #[error(transparent)]
    Sale(#[from] SaleRefused),
}

/// Why a call was sent.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// An attempt of this operation.
    Write(OperationId),
    /// The reading before an attempt.
    Before(OperationId, PaymentId),
    /// A reading.
    Ask(PaymentId, Why),
    /// A token that a browser brought for this payment.
    Token(PaymentId),
    /// A window of the sweep, by its task number.
    Window(u64),
    /// One number for a task of the sweep.
    Number(u64, PaymentId),
    /// Authorised and not captured.
    Uncaptured,
}

/// A call that was handed out.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) bank: Bank,
    pub(crate) purpose: Purpose,
    /// Bank time.
    pub(crate) asked_at: Moment,
}

/// One shop at work. `S` keeps, everything else is in memory and can be lost at any line.
pub struct Engine<S> {
    pub(crate) store: S,
    pub(crate) shop: ShopRecord,
    entropy: Box<dyn Entropy>,
    clock: BankClock,
    health: Health,
    /// Each bank's own pace and agenda: one bank's trouble does not stop the other.
    pub(crate) lanes: Lanes,
    /// On the screen.
    pub(crate) screen: BTreeMap<PaymentId, Watched>,
    /// Operations to attempt; SinoPac's only: CTBC's one so far is posted by the browser.
    pub(crate) due: BTreeSet<(Moment, OperationId)>,
    /// State read before an attempt, and when it was asked for.
    pub(crate) fresh: BTreeMap<OperationId, (Moment, BankState)>,
    pub(crate) tokens: VecDeque<(PaymentId, SecretString)>,
    pub(crate) sweep: Sweep,
    pub(crate) sweeps_turn: bool,
    pub(crate) uncaptured_at: Moment,
    in_flight: BTreeMap<Ticket, InFlight>,
    tickets: u64,
    pub(crate) notices: Vec<Notice>,
}

impl<S: Store> Engine<S> {
    /// Opens a shop: every operation that was being sent is `Unknown` from here on, as after a lost answer.
    ///
    /// # Errors
    /// [`EngineError::NoShop`] before `shop add`, else of the store.
    pub fn open(store: S, entropy: Box<dyn Entropy>, now: Moment) -> Result<Self, EngineError> {
        let shop = store.shop()?.ok_or(EngineError::NoShop)?;
        let mut engine = Self {
            store,
            shop,
            entropy,
            clock: BankClock::default(),
            health: Health::default(),
            lanes: Lanes::default(),
            screen: BTreeMap::new(),
            due: BTreeSet::new(),
            fresh: BTreeMap::new(),
            tokens: VecDeque::new(),
            sweep: Sweep::default(),
            sweeps_turn: false,
            uncaptured_at: now,
            in_flight: BTreeMap::new(),
            tickets: 0,
            notices: Vec::new(),
        };
        let at = engine.bank_time(now);
        engine.recover(at)?;
        engine.rebuild(at)?;
        engine.catch_up(at)?;
        if let Some(sent_at) = engine.last_sent(now)? {
            engine.lanes.of(Bank::Sinopac).limiter.spend(sent_at);
        }
        Ok(engine)
    }

    /// What to do at `now` (the caller's clock). Commits before it hands out a write.
    ///
    /// # Errors
    /// Of the store. Then nothing was handed out.
    pub fn step(&mut self, now: Moment) -> Result<Step, EngineError> {
        let at = self.bank_time(now);
        self.sweep_plan(at)?;
        let mut wake = None;
        for bank in Bank::ALL.into_iter().filter(|bank| self.shop.has(*bank)).collect::<Vec<_>>() {
            let Some(ready) = self.lanes.of(bank).ready_at(at) else { continue };
            if ready <= at
                && let Some((purpose, request)) = self.next_call(bank, at)?
            {
                self.lanes.of(bank).goes(at);
                self.tickets += 1;
                let ticket = Ticket(self.tickets);
                let is_write = matches!(purpose, Purpose::Write(_));
                self.in_flight.insert(ticket, InFlight { bank, purpose, asked_at: at });
                return Ok(Step::Send(BankCall { ticket, bank, request, is_write }));
            }
            let next = self.next_of(bank).map(|next| next.max(ready).max(at.plus_ms(1)));
            wake = wake.into_iter().chain(next).min();
        }
        Ok(wake.map_or(Step::Idle, |w: Moment| Step::Wait(now.plus_ms(w.ms_since(at)))))
    }

    /// Takes the answer to a call. `now` as in [`Engine::step`].
    ///
    /// # Errors
    /// Of the store: then what was sent is `Unknown` at the next start.
    pub fn answered(&mut self, now: Moment, ticket: Ticket, reply: &BankReply) -> Result<(), EngineError> {
        let Some(flight) = self.in_flight.remove(&ticket) else { return Ok(()) };
        self.lanes.of(flight.bank).came_back();
        // one clock: two banks that disagree must not move it to and fro
        let tells_time = flight.bank == Bank::Sinopac || !self.shop.has(Bank::Sinopac);
        if let Some(bank_now) = reply.bank_now.filter(|_| tells_time) {
            let moved = self.clock.told(now, bank_now);
            if moved.abs() >= SKEW_WARNING_MS {
                let at = self.bank_time(now);
                self.rebuild(at)?;
            }
        }
        let at = self.bank_time(now);
        let health = self.health.after(flight.bank, reply, at, self.clock.offset_ms());
        if health != self.health {
            self.health = health;
            self.notices.push(Notice::Health);
        }
        if let Purpose::Ask(id, _) = flight.purpose
            && let Some(watched) = self.screen.get_mut(&id)
        {
            watched.way_ms = at.ms_since(flight.asked_at);
        }
        match flight.purpose {
            Purpose::Write(id) => self.write_answered(at, id, reply),
            Purpose::Before(op, payment) => self.before_answered(at, op, payment, flight.asked_at, reply),
            Purpose::Ask(payment, why) => self.ask_answered(at, payment, why, flight.asked_at, reply),
            Purpose::Token(payment) => self.token_answered(at, payment, flight.asked_at, reply),
            Purpose::Window(task) => self.window_answered(at, task, flight.asked_at, reply),
            Purpose::Number(task, payment) => self.number_answered(at, task, payment, flight.asked_at, reply),
            Purpose::Uncaptured => self.uncaptured_answered(at, flight.asked_at, reply),
        }
    }

    /// Everything that happened since the last call of this.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// A browser brought a token for this payment. It proves nothing: it only makes us ask.
    pub fn token_arrived(&mut self, payment: PaymentId, token: SecretString) {
        if self.tokens.len() < TOKENS_MAX {
            self.tokens.push_back((payment, token));
        }
    }

    /// The shop.
    pub fn shop(&self) -> &ShopRecord {
        &self.shop
    }

    /// The store, for reading.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Bank time at the caller's `now`.
    pub fn bank_time(&mut self, now: Moment) -> Moment {
        self.clock.at(now)
    }

    /// The same, for a view: nothing moves.
    pub fn bank_time_seen(&self, now: Moment) -> Moment {
        self.clock.seen_at(now)
    }

    /// What a screen warns about.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Calls that were handed out and not answered yet.
    pub fn calls_under_way(&self) -> usize {
        self.in_flight.len()
    }

    /// Nothing is due at `now`, nothing is under way, and every due minute is covered.
    ///
    /// # Errors
    /// Of the store.
    pub fn is_quiet(&mut self, now: Moment) -> Result<bool, EngineError> {
        let at = self.bank_time(now);
        self.sweep_plan(at)?;
        let due = self.due.first().is_some_and(|d| d.0 <= at);
        let asks = Bank::ALL.into_iter().any(|bank| self.lanes.of(bank).is_due(at) && self.shop.has(bank));
        Ok(!due && !asks && self.tokens.is_empty() && self.in_flight.is_empty() && !self.sweep.is_due(at))
    }

    /// When the newest sale was sent: a program that is started for each sale keeps the pace too.
    fn last_sent(&self, at: Moment) -> Result<Option<Moment>, EngineError> {
        let newest = self.store.orders_in(View::All, at, Page { limit: 1, ..Page::default() })?.pop();
        let payment = newest.and_then(|(_, payments)| payments.last().map(|p| p.id));
        let Some(payment) = payment else { return Ok(None) };
        Ok(self.store.operations_of(payment)?.into_iter().filter_map(|op| op.sent_at).max())
    }

    /// Fills the agenda from the data file.
    pub(crate) fn rebuild(&mut self, at: Moment) -> Result<(), EngineError> {
        self.due.clear();
        for op in self.store.open_operations()? {
            if op.kind == OperationKind::PostForm {
                continue;
            }
            if matches!(op.state, OperationState::Planned | OperationState::NotSent | OperationState::NotNow)
            {
                self.due.insert((op.due_at, op.id));
            }
        }
        for payment in self.store.payments_to_watch(self.shop.polling.watched_since(at))? {
            self.reschedule(payment.id, at)?;
        }
        for payment in self.store.payments_to_capture()? {
            self.reschedule(payment.id, at)?;
        }
        Ok(())
    }

    /// CTBC has no window to sweep: what came due while nobody was there is asked about now, each payment by its number.
    fn catch_up(&mut self, at: Moment) -> Result<(), EngineError> {
        let mut payments = self.store.payments_to_watch(self.shop.polling.watched_since(at))?;
        payments.extend(self.store.payments_to_capture()?);
        for payment in payments.into_iter().filter(|payment| payment.rail.bank() == Bank::Ctbc) {
            self.ask_at(&payment, Some((Why::Background, at)));
        }
        Ok(())
    }

    /// The next question about a payment: for its unclear operation, for the screen, or by its own schedule.
    pub(crate) fn reschedule(&mut self, id: PaymentId, at: Moment) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        if payment.state.has_money() && self.screen.get(&id).is_some_and(|w| w.read || !w.once) {
            self.screen.remove(&id);
        }
        let polling = self.shop.polling;
        let unclear = self.unclear_operation(id)?.and_then(|op| schedule::next_reading(&op, at));
        let on_screen = |w: &Watched| schedule::next_on_screen(polling, w.since, w.asked, w.way_ms).max(at);
        let screen = self.screen.get(&id).map(on_screen);
        let background = match payment.rail.bank() {
            Bank::Sinopac => schedule::next_in_background(polling, &payment, at),
            Bank::Ctbc => schedule::next_of_card(polling, &payment, self.batch_done(&payment, at), at),
        };
        let entries = [(Why::Unclear, unclear), (Why::Screen, screen), (Why::Background, background)];
        let first = entries.into_iter().filter_map(|(why, at)| at.map(|at| (at, why))).min();
        self.ask_at(&payment, first.map(|(at, why)| (why, at)));
        Ok(())
    }

    /// The end, with its margin, of the batch that captures this sale, or of the next one.
    fn batch_done(&self, payment: &Payment, at: Moment) -> Option<Moment> {
        let batch = &self.shop.ctbc.as_ref()?.batch;
        let done = |from| batch.wait_for_capture(from, 0).map(|wait| wait.earliest);
        [done(payment.created_at), done(at)].into_iter().flatten().filter(|done| *done > at).min()
    }

    /// Replaces what a payment is asked about next.
    pub(crate) fn ask_at(&mut self, payment: &Payment, entry: Option<(Why, Moment)>) {
        self.lanes.of(payment.rail.bank()).agenda.set(payment.id, entry);
    }

    pub(crate) fn unclear_operation(&self, id: PaymentId) -> Result<Option<Operation>, EngineError> {
        Ok(self.store.operations_of(id)?.into_iter().find(|op| op.state.wants_reading()))
    }

    pub(crate) fn payment(&self, id: PaymentId) -> Result<Payment, EngineError> {
        self.store.payment(id)?.ok_or(EngineError::NotFound("payment"))
    }

    pub(crate) fn operation(&self, id: OperationId) -> Result<Operation, EngineError> {
        self.store.operation(id)?.ok_or(EngineError::NotFound("operation"))
    }

    /// One batch with its audit line. Committed, or nothing happened.
    pub(crate) fn commit(&mut self, audit: AuditLine, changes: Vec<Change>) -> Result<(), EngineError> {
        for change in &changes {
            match change {
                Change::PaymentChanged(p) => self.notices.push(Notice::Moved(p.id, p.state)),
                Change::DiscrepancyAdded(d) => self.notices.push(Notice::Doubt(d.payment)),
                Change::NewsAdded(id) => self.notices.push(Notice::News(*id)),
                Change::NewsSeen(id) => self.notices.push(Notice::Seen(*id)),
                Change::CoverageAdded(_) => self.notices.push(Notice::Covered),
                Change::OperationChanged(op) if op.state == OperationState::Unknown => {
                    self.notices.push(Notice::Unclear(op.payment));
                }
                Change::OperationChanged(op)
                    if matches!(op.state, OperationState::NotSent | OperationState::NotNow) =>
                {
                    self.notices.push(Notice::Retrying(op.payment));
                }
                Change::ShopAdded(_)
                | Change::ShopChanged(_)
                | Change::CustomerAdded(_)
                | Change::CustomerErased(_)
                | Change::OrderAdded(_)
                | Change::PaymentAdded(_)
                | Change::OperationAdded(_)
                | Change::OperationChanged(_)
                | Change::AnswerAdded(_)
                | Change::EvidenceAdded(_)
                | Change::EntryAdded(_)
                | Change::ForeignLineAdded(_) => {}
            }
        }
        Ok(self.store.commit(Batch { audit, changes })?)
    }

    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn evidence_id(&mut self) -> EvidenceId {
        EvidenceId::from_random(self.random())
    }

    pub(crate) fn discrepancy_id(&mut self) -> DiscrepancyId {
        DiscrepancyId::from_random(self.random())
    }

    pub(crate) fn operation_id(&mut self) -> OperationId {
        OperationId::from_random(self.random())
    }

    fn uncaptured_answered(
        &mut self,
        at: Moment,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Said::Rows(rows) = &reply.said else {
            self.uncaptured_at = at.plus_mins(15);
            return Ok(());
        };
        for row in rows {
            self.uncaptured_row(at, asked_at, row)?;
        }
        Ok(())
    }
}

/// An audit line of the engine's own doing.
pub(crate) fn by_engine(
    at: Moment,
    what: &str,
    subject: impl std::fmt::Display,
    detail: impl Into<String>,
) -> AuditLine {
    AuditLine {
        at,
        who: "engine".into(),
        what: what.into(),
        subject: subject.to_string(),
        detail: detail.into(),
    }
}
