//! The loop that drives one shop, the only one of the program. It asks the engine what to send,
//! sends it, brings back what came, and waits for the next thing to happen.
//! Left out: what a person asks of the desk (`desk.rs`, `settings.rs`).

use std::cell::OnceCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterfoil_banks::ctbc::Ctbc;
use counterfoil_banks::return_door::Brought;
use counterfoil_banks::transport::HttpTransport;
use counterfoil_commands::{CommandError, Exit, Sent, WorkView};
use counterfoil_domain::{Bank, Moment, Mono, Now, PaymentId, PerBank, Rail};
use counterfoil_engine::ports::{AuditHead, BankPort, BankReply, FileDoubt, Fuse, Said};
use counterfoil_engine::{BankCall, Engine, Notice, SALE_WAITS_MS, Step, Ticket};
use counterfoil_store::SqliteStore;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use crate::clock::since_boot;
use crate::composition::Composition;
use crate::head::{self, HeadInVault};
use crate::moved::is_moved;
use crate::pages::Pages;
use crate::record::{self, RecordRead};
use crate::return_listener::ReturnListener;
use crate::turns::{Takes, Turns};

/// Something that another thread wants done at the desk.
pub type Job = Box<dyn FnOnce(&mut Desk) + Send>;
/// Hears what happened, as it happens.
pub type Listener = Box<dyn FnMut(&mut Desk, Notice) + Send>;

/// The window's end of the desk: its job queue and its event listener.
pub struct Seat {
    /// The jobs.
    pub jobs: mpsc::Receiver<Job>,
    /// The listener.
    pub listener: Listener,
}

/// Why the loop stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The window is closed.
    Closed,
    /// The shop is to be composed again.
    Again,
}

/// Nothing is waited for longer than this without looking again, at the data file too.
const NAP_MAX: Duration = Duration::from_secs(10);
/// After an error of the data file the disk is tried this often.
const PROBE: Duration = Duration::from_secs(5);
/// A request that gives money back waits so long at most for the keyring to keep that.
pub(crate) const HEAD_WAIT: Duration = Duration::from_secs(1);
/// A paid customer's browser may still be on its way back: its path stays open this long …
const COMING_BACK_MS: i64 = 3_000;
/// … looked at in steps of this.
const COMING_BACK_STEP_MS: i64 = 250;

/// The banks of a shop; none of them while it is paused.
#[derive(Default)]
pub(crate) struct Banks {
    pub(crate) sinopac: Option<Arc<dyn BankPort>>,
    pub(crate) ctbc: Option<Arc<dyn BankPort>>,
    /// The second once more, for its form and for what a browser brings back.
    pub(crate) card: Option<Arc<Ctbc<HttpTransport>>>,
    /// Why a bank of the shop is not spoken to, while the other one is.
    pub(crate) shut: PerBank<Option<CommandError>>,
}

/// One shop at work.
pub struct Desk {
    pub(crate) engine: Engine<SqliteStore>,
    pub(crate) banks: Banks,
    pub(crate) from: Composition,
    pub(crate) returns: ReturnListener,
    calls: FuturesUnordered<BoxFuture<'static, (Ticket, BankReply)>>,
    seat: Option<Seat>,
    over: Option<Over>,
    /// Why nothing is sold or asked for the time being.
    pub(crate) paused: Option<CommandError>,
    counts: WorkView,
    /// Jobs that wait for a bank to name its time.
    pub(crate) later: Vec<Later>,
    /// When the head of the record was kept last, and of how many rows.
    pub(crate) head_kept: (Mono, u64),
    pub(crate) head_in_vault: Arc<Mutex<HeadInVault>>,
    /// Whether the file is the one of before; not looked at yet, or anew.
    pub(crate) doubt: OnceCell<Option<FileDoubt>>,
    /// When the file was found moved: a name for what is rescued.
    pub(crate) moved_at: Option<Moment>,
    pub(crate) record_read: RecordRead,
    pub(crate) pages: Pages,
}

impl Drop for Desk {
    fn drop(&mut self) {
        // its reader before the writer, which takes the log away
        self.pages = Pages::default();
        // the vault may be gone by now; the next end keeps it
        if self.paused.as_ref().is_none_or(is_moved) {
            self.keep_last_head();
        }
    }
}

/// A job that wants a bank's time, and waits for it no longer than this.
pub(crate) struct Later {
    bank: Bank,
    since: Mono,
    pub(crate) job: Job,
}

/// What woke the loop.
enum Woken {
    Answer(Ticket, BankReply),
    Brought(PaymentId, Brought),
    Job(Job),
    /// A look at the data file has found it.
    Damage(CommandError),
    /// Whoever could hand in jobs is gone: the window is closed.
    NobodyLeft,
    Time,
}

impl Desk {
    pub(crate) fn new(
        engine: Engine<SqliteStore>,
        banks: Banks,
        from: Composition,
        returns: ReturnListener,
        (paused, head): (Option<CommandError>, HeadInVault),
    ) -> Self {
        let head_kept = (from.clock.now().mono, 0);
        Self {
            engine,
            banks,
            from,
            returns,
            head_kept,
            head_in_vault: Arc::new(Mutex::new(head)),
            doubt: OnceCell::new(),
            moved_at: None,
            calls: FuturesUnordered::new(),
            seat: None,
            over: None,
            paused,
            counts: WorkView::default(),
            later: Vec::new(),
            record_read: RecordRead::default(),
            pages: Pages::default(),
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

    /// What this run has done, and what is left to do.
    ///
    /// # Errors
    /// Of the data file.
    pub fn work_view(&self) -> Result<WorkView, CommandError> {
        counterfoil_commands::work_view(self.engine.store(), self.counts.clone())
    }

    /// Drives the shop until `done` says so or `for_ms` is over. Returns whether `done` said so.
    ///
    /// # Errors
    /// Of the data file: nothing more may be sent then. What a moved file still gets by answers is
    /// rescued with it.
    pub async fn run_until(
        &mut self,
        for_ms: i64,
        done: impl FnMut(&mut Engine<SqliteStore>, Now) -> Result<bool, CommandError>,
    ) -> Result<bool, CommandError> {
        let ran = self.drive(for_ms, done).await;
        if ran.is_err() {
            // the cause of other errors too
            drop(self.look_at_file());
        }
        if !self.paused.as_ref().is_some_and(is_moved) {
            return ran;
        }
        while let Some((ticket, reply)) = self.calls.next().await {
            self.answered_late(ticket, &reply);
        }
        self.paused.clone().map_or(ran, Err)
    }

    async fn drive(
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
            self.look_at_file()?;
            self.note_missed_head()?;
            self.keep_head_when_due(now.mono);
            self.look_at_pages(now.mono);
            self.engine.tend_customers(now)?;
            self.counts.steps += 1;
            let until = match self.engine.step(now)? {
                Step::Send(call) => {
                    self.counts.sent += u64::from(call.is_write);
                    self.send(call);
                    continue;
                }
                Step::Wait(at) => at.min(end),
                Step::Idle => end,
            };
            let until = self
                .later
                .iter()
                .map(|later| later.since.plus_ms(SALE_WAITS_MS))
                .chain([until])
                .min()
                .unwrap_or(until);
            self.tell();
            let woken = self.wait(until).await;
            self.take(woken)?;
            self.tell();
        }
    }

    /// Drives the shop, doing jobs between: the life of the window. After an error of the data file
    /// it goes on with the jobs alone, so that what is there can be looked at, until the disk takes
    /// something again.
    pub async fn serve(&mut self, seat: Seat) -> (Seat, Over) {
        self.seat = Some(seat);
        self.read_record();
        self.watch_pages();
        if let Err(error) = self.listen_again() {
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
            } else if let Err(error) = self.drive(i64::from(u32::MAX), |_, _| Ok(false)).await
                && self.look_at_file().is_ok()
                && self.paused.is_none()
            {
                self.pause(error);
            }
        }
    }

    async fn serve_paused(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        tokio::select! {
            // of a file that was moved: its answers are kept all the same
            Some((ticket, reply)) = self.calls.next() => self.answered_late(ticket, &reply),
            job = seat.jobs.recv() => match job {
                Some(job) => job(self),
                None => self.over = Some(Over::Closed),
            },
            () = tokio::time::sleep(PROBE) => {
                // which file is the right one is for a person to say
                let of_the_disk =
                    self.paused.as_ref().is_some_and(|why| why.exit == Exit::Storage && !is_moved(why));
                if of_the_disk && counterfoil_store::takes_something(&self.from.data) {
                    self.over = Some(Over::Again);
                }
            }
        }
    }

    pub(crate) fn record_head(&self) -> Result<(String, AuditHead), CommandError> {
        let store = self.engine.store();
        Ok((record::entry(store)?, store.audit_head()?))
    }

    /// Sells and asks nothing from here on. What was under way is unknown when the shop is composed
    /// again, as after a crash.
    fn pause(&mut self, why: CommandError) {
        self.calls.clear();
        self.later.clear();
        self.paused = Some(why);
        self.hear(Notice::Health);
    }

    /// Ends the loop, to compose this shop again, or another one in its place.
    pub fn again(&mut self) {
        self.over = Some(Over::Again);
    }

    /// Whether anything may be written.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn working(&self) -> Result<(), CommandError> {
        // whatever asks has done nothing yet
        self.paused.clone().map_or(Ok(()), |why| Err(why.sent(Sent::No, false)))
    }

    /// Does a job when the bank of this way to pay has named its time in this run, or has been
    /// waited for long enough: a sale takes its day, end and number from the bank.
    pub fn when_the_bank_told_time(&mut self, rail: &str, job: Job) {
        let bank = Rail::parse(rail).map(Rail::bank).filter(|bank| self.engine.shop().has(*bank));
        let bank = bank.filter(|bank| self.opens(*bank).is_ok());
        match bank {
            Some(bank)
                if self.paused.is_none() && !self.engine.has_bank_time(self.from.clock.now(), bank) =>
            {
                let since = self.from.clock.now().mono;
                self.later.push(Later { bank, since, job });
            }
            Some(_) | None => job(self),
        }
    }

    /// Waits until a bank has named its time in this run, or has been waited for long enough.
    ///
    /// # Errors
    /// Of the data file.
    pub async fn wait_for_bank_time(&mut self, bank: Bank) -> Result<(), CommandError> {
        let since = self.from.clock.now().mono;
        self.run_until(SALE_WAITS_MS, |engine, now| Ok(engine.has_bank_time(now, bank))).await?;
        self.engine.waits_no_longer(bank, since);
        Ok(())
    }

    /// Waits until a paid customer's browser has come back, or its path is closed.
    ///
    /// # Errors
    /// Of the data file.
    pub async fn wait_for_browser(&mut self, payment: PaymentId) -> Result<(), CommandError> {
        while self.returns.is_leaving(payment) {
            // once more after the browser has come: it is still reading its page
            self.run_until(COMING_BACK_STEP_MS, |_, _| Ok(false)).await?;
        }
        Ok(())
    }

    fn do_later_jobs(&mut self) -> Result<(), CommandError> {
        let now = self.from.clock.now();
        let mut waiting = Vec::new();
        for later in std::mem::take(&mut self.later) {
            let is_over = now.mono.ms_since(later.since) >= SALE_WAITS_MS;
            if self.engine.has_bank_time(now, later.bank) || is_over {
                self.engine.waits_no_longer(later.bank, later.since);
                self.take(Woken::Job(later.job))?;
            } else {
                waiting.push(later);
            }
        }
        waiting.append(&mut self.later);
        self.later = waiting;
        Ok(())
    }

    fn send(&mut self, call: BankCall) {
        let BankCall { ticket, bank, request, is_write, leaves, has_nonce, has_turn } = call;
        let port = match bank {
            Bank::Sinopac => self.banks.sinopac.clone(),
            Bank::Ctbc => self.banks.ctbc.clone(),
        };
        let turns = Turns::at(&self.from, self.engine.shop(), bank);
        let takes = Takes::of(&request, is_write, has_turn);
        let clock = self.from.clock.clone();
        let in_time = move || leaves.in_time(clock.now());
        let fuse = if is_write { Fuse::new(in_time).with_nonce(has_nonce) } else { Fuse::endless() };
        // what gives money back is in the vault before it leaves: no old file hides it then
        let head = self.record_head().ok().filter(|_| is_write && !request.is_sale());
        let (from, in_vault) = (self.from.clone(), Arc::clone(&self.head_in_vault));
        let kept = head.map(|(file, head)| {
            tokio::task::spawn_blocking(move || drop(head::keep_head(&from, &file, &head, &in_vault)))
        });
        if let Some(port) = port {
            self.calls.push(Box::pin(async move {
                if let Some(kept) = kept {
                    drop(tokio::time::timeout(HEAD_WAIT, kept).await);
                }
                turns.wait(takes, since_boot).await;
                (ticket, port.call_while(request, fuse).await)
            }));
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
            (payment, brought) = self.returns.next() => Woken::Brought(payment, brought),
            why = self.pages.damage() => Woken::Damage(why),
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
            Woken::Brought(payment, Brought::FormWanted(answer)) => {
                self.look_at_file()?;
                self.hand_out(payment, answer)?;
            }
            Woken::Job(job) => {
                let in_place = self.look_at_file();
                job(self);
                in_place?;
                // whoever handed it in knows by its answer; the rest of the shop stops with it
                if let Some(trouble) = self.engine.store().trouble() {
                    return Err(trouble.into());
                }
            }
            Woken::Damage(why) => return Err(why),
            Woken::NobodyLeft => self.over = Some(Over::Closed),
            Woken::Time => {}
        }
        Ok(())
    }

    pub(crate) fn tell(&mut self) {
        let now = self.from.clock.now().mono;
        for notice in self.engine.take_notices() {
            if let Notice::Moved(payment, state) = notice
                && !state.is_open()
            {
                // a question may be faster than the browser, which still has to find its path open
                let waits = state.has_money() && self.returns.awaits(payment);
                self.returns.close_at(payment, if waits { now.plus_ms(COMING_BACK_MS) } else { now });
            }
            self.hear(notice);
        }
        self.returns.close_due(now);
    }

    pub(crate) fn hear(&mut self, notice: Notice) {
        if let Some(mut seat) = self.seat.take() {
            (seat.listener)(self, notice);
            self.seat = Some(seat);
        }
    }
}
