//! Longer than 500 lines because the loop and what wakes it are read together.
//!
//! The desk: drives one shop. Asks the engine what to send, sends it, brings back what came, and waits for the next thing to
//! happen. The only loop of the program.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_banks::ctbc::Ctbc;
use counterfoil_banks::opener::{self, PayPages};
use counterfoil_banks::return_door::Brought;
use counterfoil_banks::transport::HttpTransport;
use counterfoil_commands::{
    Code, CommandError, Exit, Note, OWNER, PaymentView, SellRequest, ShopView, SoldView, WorkView,
};
use counterfoil_domain::{
    Bank, Moment, Mono, Now, OperationKind, OperationState, PaymentId, PaymentState, Rail,
};
use counterfoil_engine::ports::{BankPort, BankReply, Said, Store};
use counterfoil_engine::shop::{ReturnAddress, ShopRecord};
use counterfoil_engine::{CancelStarted, Engine, Notice, ReturnSpot, SALE_WAITS_MS, Step, Ticket};
use counterfoil_store::SqliteStore;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::card::form_page;
use crate::compose::Composition;
use crate::door::Door;

/// Something that another thread wants done at the desk.
pub type Job = Box<dyn FnOnce(&mut Desk) + Send>;
/// Hears what happened, as it happens.
pub type Listener = Box<dyn FnMut(&mut Desk, Notice) + Send>;

/// Who sits before the desk: the window.
pub struct Seat {
    /// What it wants done.
    pub jobs: mpsc::Receiver<Job>,
    /// What it is told.
    pub listener: Listener,
}

/// Why nobody is served any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The window is closed.
    Closed,
    /// The shop is to be composed anew.
    Again,
}

/// Nothing is waited for longer than this without looking again.
const NAP_MAX: Duration = Duration::from_mins(1);
/// After an error of the data file the disk is tried this often.
const PROBE: Duration = Duration::from_secs(5);
/// `sell` waits this long for a clear answer: three attempts within 20 s, the last with the bank's whole deadline.
const SELL_MS_MAX: i64 = 60_000;
/// A paid customer's browser may still be on its way back: the door stays open for it this long …
const COMING_BACK_MS: i64 = 3_000;
/// … looked at in steps of this.
const COMING_BACK_STEP_MS: i64 = 250;
/// `cancel` waits this long: a reading, the request, and a reading.
const CANCEL_MS_MAX: i64 = 90_000;

/// The banks of a shop; none of them while it is paused.
#[derive(Default)]
pub(crate) struct Banks {
    pub(crate) sinopac: Option<Arc<dyn BankPort>>,
    pub(crate) ctbc: Option<Arc<dyn BankPort>>,
    /// The second once more, for its form and for what a browser brings back.
    pub(crate) card: Option<Arc<Ctbc<HttpTransport>>>,
}

/// One shop at work.
pub struct Desk {
    pub(crate) engine: Engine<SqliteStore>,
    pub(crate) banks: Banks,
    pub(crate) from: Composition,
    door: Door,
    calls: FuturesUnordered<BoxFuture<'static, (Ticket, BankReply)>>,
    seat: Option<Seat>,
    pub(crate) over: Option<Over>,
    /// Why nothing is sold or asked for the time being.
    pub(crate) paused: Option<CommandError>,
    counts: WorkView,
    /// Jobs that wait for a bank to name its time.
    later: Vec<Later>,
}

/// A job that wants a bank's time, and waits for it no longer than this.
struct Later {
    bank: Bank,
    until: Mono,
    job: Job,
}

/// What woke the loop.
enum Woken {
    Answer(Ticket, BankReply),
    Brought(PaymentId, Brought),
    Job(Job),
    /// Whoever could hand in jobs is gone: the window is closed.
    NobodyLeft,
    Time,
}

impl Desk {
    pub(crate) fn new(
        engine: Engine<SqliteStore>,
        banks: Banks,
        from: Composition,
        door: Door,
        paused: Option<CommandError>,
    ) -> Self {
        Self {
            engine,
            banks,
            from,
            door,
            calls: FuturesUnordered::new(),
            seat: None,
            over: None,
            paused,
            counts: WorkView::default(),
            later: Vec::new(),
        }
    }

    /// The engine, for commands that only look.
    pub fn engine(&self) -> &Engine<SqliteStore> {
        &self.engine
    }

    /// Bank time now.
    pub fn bank_time(&self) -> Moment {
        self.engine.bank_time(self.from.clock.now())
    }

    /// Drives the shop until `done` says so or `for_ms` is over. Returns whether `done` said so.
    ///
    /// # Errors
    /// Of the data file: nothing more may be sent then.
    pub async fn run_until(
        &mut self,
        for_ms: i64,
        mut done: impl FnMut(&mut Engine<SqliteStore>, Now) -> Result<bool, CommandError>,
    ) -> Result<bool, CommandError> {
        let end = self.from.clock.now().mono.plus_ms(for_ms);
        loop {
            self.do_later_jobs()?;
            let now = self.from.clock.now();
            if done(&mut self.engine, now)? {
                return Ok(true);
            }
            if now.mono >= end || self.over.is_some() {
                return Ok(false);
            }
            self.counts.steps += 1;
            let until = match self.engine.step(now)? {
                Step::Send(call) => {
                    self.counts.sent += u64::from(call.is_write);
                    self.send(call.bank, call.ticket, call.request);
                    continue;
                }
                Step::Wait(at) => at.min(end),
                Step::Idle => end,
            };
            let until = self.later.iter().map(|later| later.until).chain([until]).min().unwrap_or(until);
            self.tell();
            let woken = self.wait(until).await;
            self.take(woken)?;
            self.tell();
        }
    }

    /// Drives the shop, doing jobs between: the life of the window. After an error of the data file it goes on with the jobs
    /// alone, so that what is there can be looked at, until the disk takes something again.
    pub async fn serve(&mut self, seat: Seat) -> (Seat, Over) {
        self.seat = Some(seat);
        if let Err(error) = self.reopen_doors() {
            self.pause(error);
        }
        loop {
            if let Some(over) = self.over
                && let Some(seat) = self.seat.take()
            {
                return (seat, over);
            }
            if self.paused.is_some() {
                self.serve_paused().await;
            } else if let Err(error) = self.run_until(i64::from(u32::MAX), |_, _| Ok(false)).await {
                self.pause(error);
            }
        }
    }

    async fn serve_paused(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        tokio::select! {
            job = seat.jobs.recv() => match job {
                Some(job) => job(self),
                None => self.over = Some(Over::Closed),
            },
            () = tokio::time::sleep(PROBE) => {
                let of_the_disk = self.paused.as_ref().is_some_and(|why| why.exit == Exit::Storage);
                if of_the_disk && counterfoil_store::takes_something(&self.from.data) {
                    self.over = Some(Over::Again);
                }
            }
        }
    }

    /// Nothing is sold or asked from here on. What was under way is unknown when the shop is composed anew, as after a crash.
    fn pause(&mut self, why: CommandError) {
        self.calls.clear();
        self.later.clear();
        self.paused = Some(why);
        self.hear(Notice::Health);
    }

    /// Whether anything may be written.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn working(&self) -> Result<(), CommandError> {
        self.paused.clone().map_or(Ok(()), Err)
    }

    /// Does a job when the bank of this way to pay has named its time in this run, or has been waited for long enough: a sale takes its
    /// day, end and number from the bank.
    pub fn when_the_bank_told_time(&mut self, rail: &str, job: Job) {
        let bank = Rail::parse(rail).map(Rail::bank).filter(|bank| self.engine.shop().has(*bank));
        match bank {
            Some(bank)
                if self.paused.is_none() && !self.engine.has_bank_time(self.from.clock.now(), bank) =>
            {
                let until = self.from.clock.now().mono.plus_ms(SALE_WAITS_MS);
                self.later.push(Later { bank, until, job });
            }
            Some(_) | None => job(self),
        }
    }

    fn do_later_jobs(&mut self) -> Result<(), CommandError> {
        let now = self.from.clock.now();
        let mut waiting = Vec::new();
        for later in std::mem::take(&mut self.later) {
            if self.engine.has_bank_time(now, later.bank) || later.until <= now.mono {
                self.engine.waits_no_longer(later.bank);
                self.take(Woken::Job(later.job))?;
            } else {
                waiting.push(later);
            }
        }
        waiting.append(&mut self.later);
        self.later = waiting;
        Ok(())
    }

    /// Begins a sale: the return address is bound first, then everything is committed. Nothing is waited for.
    ///
    /// # Errors
    /// What was typed, the listener, or the data file.
    pub fn begin_sale(&mut self, request: &SellRequest) -> Result<PaymentId, CommandError> {
        self.working()?;
        let mut sale =
            counterfoil_commands::checked_sale(&self.engine, request, ReturnSpot::default(), OWNER)?;
        let loopback = match self.engine.shop().return_address(sale.rail.bank()) {
            Some(ReturnAddress::Loopback { port }) => Some(*port),
            // the form is handed out here wherever the browser returns to
            Some(ReturnAddress::Page { .. }) if sale.rail == Rail::CtbcCard => Some(0),
            Some(ReturnAddress::Page { .. }) | None => None,
        };
        if sale.rail == Rail::CtbcCard {
            self.check_form(&sale)?;
        }
        if let Some(port) = loopback {
            sale.return_spot = self.door.new_spot(port)?;
        }
        let (spot, rail) = (sale.return_spot.clone(), sale.rail);
        let sold = self.engine.sell(self.from.clock.now(), sale)?;
        if let (Some(port), Some(path)) = (spot.port, spot.path) {
            self.door.listen_for(rail, port, path, sold.payment);
        }
        Ok(sold.payment)
    }

    /// Sells, and waits until the bank's answer is clear or surely is not.
    ///
    /// # Errors
    /// As [`Desk::begin_sale`].
    pub async fn sell(&mut self, request: &SellRequest) -> Result<(SoldView, Exit), CommandError> {
        counterfoil_commands::checked_sale(&self.engine, request, ReturnSpot::default(), OWNER)?;
        if let Some(bank) = Rail::parse(&request.rail).map(Rail::bank) {
            self.run_until(SALE_WAITS_MS, |engine, now| Ok(engine.has_bank_time(now, bank))).await?;
            self.engine.waits_no_longer(bank);
        }
        let id = self.begin_sale(request)?;
        self.run_until(SELL_MS_MAX, |engine, _| {
            let ops = engine.store().operations_of(id)?;
            let waits = |s: OperationState| {
                matches!(
                    s,
                    OperationState::Planned
                        | OperationState::Sending
                        | OperationState::NotSent
                        | OperationState::NotNow
                )
            };
            // a form waits for its browser, not for us
            Ok(!ops.iter().any(|op| waits(op.state) && op.kind != OperationKind::PostForm))
        })
        .await?;
        let view = counterfoil_commands::sold_view(self.engine.store(), id)?;
        let declined =
            self.engine.store().operations_of(id)?.iter().any(|op| op.state == OperationState::Declined);
        let exit = counterfoil_commands::sale_result(view.state, declined);
        Ok((view, exit))
    }

    /// Watches a payment until it has money or an end, asking at least once.
    ///
    /// # Errors
    /// `not-found`, the listener, or the data file.
    pub async fn watch(&mut self, payment: &str, for_secs: u32) -> Result<(PaymentView, Exit), CommandError> {
        let id = self.known_payment(payment)?;
        self.reopen_doors()?;
        self.engine.watch(self.from.clock.now(), id)?;
        self.run_until(i64::from(for_secs) * 1000, |engine, _| {
            let state = engine.store().payment(id)?.map(|p| p.state);
            Ok(state.is_some_and(|s| s.has_money() || (!s.is_open() && engine.was_read(id))))
        })
        .await?;
        while self.door.is_leaving(id) {
            // once more after the browser has come: it is still reading its page
            self.run_until(COMING_BACK_STEP_MS, |_, _| Ok(false)).await?;
        }
        self.result(id, None)
    }

    /// Cancels an unpaid account, and waits for what came of it. A card link runs out, and the view says so.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub async fn cancel(&mut self, payment: &str) -> Result<(PaymentView, Exit), CommandError> {
        let id = self.known_payment(payment)?;
        let op = match self.engine.cancel(self.from.clock.now(), id, OWNER)? {
            CancelStarted::RunsOut(_) => return self.cancelled(id, Some(Note::RunsOut)),
            CancelStarted::Nothing(_) => return self.cancelled(id, Some(Note::NothingToCancel)),
            CancelStarted::Planned(op) => op,
        };
        self.run_until(CANCEL_MS_MAX, |engine, _| {
            let state = engine.store().operation(op)?.map(|op| op.state);
            Ok(state.is_none_or(|s| s.is_final() || s.wants_reading() || s == OperationState::NeedsPerson))
        })
        .await?;
        self.cancelled(id, None)
    }

    /// Runs the workers: until nothing is due any more, or for a time.
    ///
    /// # Errors
    /// The listener, or the data file.
    pub async fn work(&mut self, for_secs: Option<u32>) -> Result<WorkView, CommandError> {
        self.reopen_doors()?;
        match for_secs {
            Some(secs) => self.run_until(i64::from(secs) * 1000, |_, _| Ok(false)).await?,
            None => self.run_until(i64::from(u32::MAX), |engine, now| Ok(engine.is_quiet(now)?)).await?,
        };
        counterfoil_commands::work_view(self.engine.store(), self.counts.clone())
    }

    /// Asks about a span of minutes now, and waits for the answers.
    ///
    /// # Errors
    /// Of the data file.
    pub async fn sweep(&mut self, span: counterfoil_domain::MinuteSpan) -> Result<(), CommandError> {
        self.engine.sweep_span(self.from.clock.now(), span);
        self.run_until(i64::from(u32::MAX), |engine, now| Ok(engine.is_quiet(now)?)).await?;
        Ok(())
    }

    /// Opens a payment's own link in the person's browser. The address was checked when the bank gave it, and is checked again.
    ///
    /// # Errors
    /// `not-found`, `link-refused`.
    pub fn open_link(&self, payment: &str) -> Result<(), CommandError> {
        let id = self.known_payment(payment)?;
        let shown = counterfoil_commands::sold_view(self.engine.store(), id)?;
        let refused = || CommandError::new(Code::LinkRefused, Exit::NotAllowed);
        if let Some(page) = self.engine.store().payment(id)?.as_ref().and_then(form_page) {
            let url = opener::loopback_base(&page).ok_or_else(refused)?;
            return opener::open(&url).map(drop).map_err(|_| CommandError::input(Code::BrowserAbsent));
        }
        let settings = self.engine.shop().sinopac.as_ref().ok_or_else(refused)?;
        let link = shown.link.ok_or_else(refused)?;
        let url = PayPages::sinopac(settings).checked_link(&link).map_err(|_| refused())?;
        opener::open(&url).map(drop).map_err(|_| CommandError::input(Code::BrowserAbsent))
    }

    fn cancelled(&self, id: PaymentId, note: Option<Note>) -> Result<(PaymentView, Exit), CommandError> {
        let (view, _) = self.result(id, note)?;
        let exit = match note {
            _ if view.state == PaymentState::Cancelled => Exit::Done,
            // nothing is wrong, and nothing was sent
            Some(Note::RunsOut) => Exit::Done,
            Some(Note::NothingToCancel | Note::BeingCancelled | Note::PaidNotCancelled) => Exit::Declined,
            None => Exit::Unknown,
        };
        Ok((view, exit))
    }

    fn result(&self, id: PaymentId, note: Option<Note>) -> Result<(PaymentView, Exit), CommandError> {
        let view = counterfoil_commands::payment_view(self.engine.store(), id, self.bank_time(), note)?;
        let exit = counterfoil_commands::payment_result(view.state);
        Ok((view, exit))
    }

    pub(crate) fn known_payment(&self, text: &str) -> Result<PaymentId, CommandError> {
        let missing = || CommandError::input(Code::NotFound).with("what", "payment");
        let id = PaymentId::parse(text).ok_or_else(missing)?;
        self.engine.store().payment(id)?.map(|p| p.id).ok_or_else(missing)
    }

    /// After a start the listener is bound again on the port stored with each open card payment; where that fails, polling does
    /// the work.
    fn reopen_doors(&mut self) -> Result<(), CommandError> {
        let since = self.bank_time();
        for p in self.engine.store().payments_to_watch(since)? {
            let returns = matches!(p.rail, Rail::SinopacCard | Rail::CtbcCard);
            if let (true, Some(port), Some(path)) = (returns, p.return_port, p.return_path) {
                self.door.reopen(port);
                self.door.listen_for(p.rail, port, path, p.id);
            }
        }
        Ok(())
    }

    fn send(&mut self, bank: Bank, ticket: Ticket, request: counterfoil_engine::ports::BankRequest) {
        let bank = match bank {
            Bank::Sinopac => self.banks.sinopac.clone(),
            Bank::Ctbc => self.banks.ctbc.clone(),
        };
        if let Some(bank) = bank {
            self.calls.push(Box::pin(async move { (ticket, bank.call(request).await) }));
        }
    }

    async fn wait(&mut self, until: Mono) -> Woken {
        let nap = u64::try_from(until.ms_since(self.from.clock.now().mono)).unwrap_or(0);
        let nap = Duration::from_millis(nap).min(NAP_MAX);
        let calls = &mut self.calls;
        let seat = &mut self.seat;
        let answer = async {
            match calls.next().await {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        };
        let job = async {
            match seat {
                Some(seat) => seat.jobs.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            (ticket, reply) = answer => Woken::Answer(ticket, reply),
            (payment, brought) = self.door.next() => Woken::Brought(payment, brought),
            job = job => job.map_or(Woken::NobodyLeft, Woken::Job),
            () = tokio::time::sleep(nap) => Woken::Time,
        }
    }

    fn take(&mut self, woken: Woken) -> Result<(), CommandError> {
        match woken {
            Woken::Answer(ticket, reply) => {
                self.counts.read += u64::from(matches!(reply.said, Said::Rows(_) | Said::Refused(_)));
                self.engine.answered(self.from.clock.now(), ticket, &reply)?;
            }
            Woken::Brought(payment, Brought::Token(token)) => self.engine.token_arrived(payment, token),
            Woken::Brought(payment, Brought::Result { mer_id, sealed }) => {
                self.came_back(payment, mer_id, &sealed)?;
            }
            Woken::Brought(payment, Brought::FormWanted(answer)) => self.hand_out(payment, answer)?,
            Woken::Job(job) => {
                job(self);
                // whoever handed it in knows by its answer; the rest of the shop stops with it
                if self.engine.store().is_done_for() {
                    return Err(CommandError::new(Code::Storage, Exit::Storage));
                }
            }
            Woken::NobodyLeft => self.over = Some(Over::Closed),
            Woken::Time => {}
        }
        Ok(())
    }

    fn tell(&mut self) {
        let now = self.from.clock.now().mono;
        for notice in self.engine.take_notices() {
            if let Notice::Moved(payment, state) = notice
                && !state.is_open()
            {
                // a question may be faster than the browser, which still has to find somebody at home
                let waits = state.has_money() && self.door.awaits(payment);
                self.door.close_at(payment, if waits { now.plus_ms(COMING_BACK_MS) } else { now });
            }
            self.hear(notice);
        }
        self.door.close_due(now);
    }

    fn hear(&mut self, notice: Notice) {
        if let Some(mut seat) = self.seat.take() {
            (seat.listener)(self, notice);
            self.seat = Some(seat);
        }
    }
}

/// A shop as a screen shows it.
pub(crate) fn shop_view(shop: &ShopRecord) -> ShopView {
    let sinopac = shop.sinopac.as_ref();
    ShopView {
        rails: Rail::ALL.into_iter().filter(|r| shop.has(r.bank())).collect(),
        name: shop.name.clone(),
        payee_name: shop.payee_name.clone(),
        environment: sinopac.map(|s| s.environment).or(shop.ctbc.as_ref().map(|c| c.environment)),
        account_limit: sinopac.map(|s| s.account_limit.dollars()),
        link_qr: false,
    }
}
