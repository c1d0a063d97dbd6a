//! The shop's one thread, and how the window's commands reach it.
//!
//! The thread owns everything that cannot be shared: the data file, the keys, the bank calls. A
//! command sends it a job and waits for the answer; the thread sends everything else to the window
//! as events. Without keys or disk space the desk only displays what it has. Without a desk, every
//! command returns the reason until a retry is requested, or the program that had the data has
//! ended.
//!
//! Longer than 500 lines because the thread, its jobs and what it tells the window share one state.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use counterfoil_commands::{
    ArrivedView, Code, CommandError, Environment, Exit, Failure, RefundRowView, RefundState,
};
use counterfoil_shop::{
    Actor, Clock, Composition, Desk, Job, Listener, Mono, Notice, Over, Right, Seat, VaultChoice,
    compose_or_paused,
};
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::bank::DemoBank;
use crate::beside::Beside;
use crate::closing::Closing;
use crate::options::Options;
use crate::{notify, tray};

/// Commands that wait for the thread; a screen has one or two under way.
const JOBS_WAITING_MAX: usize = 16;
/// Another program has the data, or holds its file: so often this one looks again.
const IN_USE: Duration = Duration::from_secs(1);

/// The way to the thread.
pub(crate) struct Counter {
    jobs: mpsc::Sender<Job>,
    known: Arc<Known>,
    options: Options,
    beside: Beside,
    app: AppHandle,
}

/// What thread and commands leave for each other.
#[derive(Default)]
struct Known {
    /// Why there is no desk.
    trouble: Mutex<Option<CommandError>>,
    /// A retry was requested.
    again: Notify,
    /// Look up the shop of the options again.
    afresh: AtomicBool,
    /// The bank of the demo shop; of no other.
    bank: Mutex<Option<Arc<DemoBank>>>,
    /// Who has signed in to the shop that is open.
    session: Mutex<Option<Session>>,
    /// The state of each refund that has moved in this run, or was open at its start.
    refunds: Mutex<BTreeMap<String, RefundState>>,
}

/// Somebody who has signed in.
#[derive(Clone, Copy)]
struct Session {
    who: Actor,
    /// When the PIN was right.
    since: Mono,
    /// The last sign of a person, since the start of the computer, sleep included.
    last: Mono,
}

/// So long after a PIN was right its person may set another. Whoever finds the window open later
/// may not.
pub(crate) const FRESH_MINS: i64 = 2;

impl Session {
    fn is_fresh(self, now: Mono) -> bool {
        now.passed_since(self.since) < FRESH_MINS * 60_000
    }

    fn is_over(self, now: Mono, after_mins: u16) -> bool {
        after_mins > 0 && now.passed_since(self.last) >= i64::from(after_mins) * 60_000
    }
}

impl Counter {
    /// Starts the thread. Every command returns the error if it fails.
    ///
    /// # Errors
    /// When the system makes no thread.
    pub(crate) fn open(options: Options, app: AppHandle) -> std::io::Result<Self> {
        let (jobs, receiver) = mpsc::channel(JOBS_WAITING_MAX);
        let known = Arc::new(Known::default());
        let (theirs, same, ours) = (Arc::clone(&known), options.clone(), app.clone());
        std::thread::Builder::new().name("desk".into()).spawn(move || {
            let worked = catch_unwind(AssertUnwindSafe(|| work(&same, &app, receiver, &theirs)));
            if !matches!(worked, Ok(Ok(()))) {
                // a fault of ours stops the shop like a broken data file
                theirs.fail(CommandError::new(Code::Storage, Exit::Storage));
                // a window that waits for nothing would never hear of it
                let _ = app.emit("shop", ());
            }
        })?;
        Ok(Self { jobs, known, options, beside: Beside::new(), app: ours })
    }

    /// Has something done at the desk.
    ///
    /// # Errors
    /// Of the job, or why there is no desk.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.ask_by(job, |job| job).await
    }

    /// The same, done by whoever is at the counter.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn ask_as<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk, Actor) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        let known = Arc::clone(&self.known);
        self.ask(move |desk| job(desk, known.at_counter(desk))).await
    }

    /// The same, for what names customers: refused while no one has signed in.
    ///
    /// # Errors
    /// `locked`, or as above.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.look_as(move |desk, _| job(desk)).await
    }

    /// The same, as whoever is at the counter may see it.
    ///
    /// # Errors
    /// `locked`, or as above.
    pub(crate) async fn look_as<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk, Actor) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        self.ask_as(move |desk, who| desk.may_look(who).and_then(|()| job(desk, who))).await
    }

    /// The window, for what takes long and tells how far it is.
    pub(crate) fn app(&self) -> AppHandle {
        self.app.clone()
    }

    /// Somebody has signed in, or out.
    pub(crate) fn seat(&self, person: Option<Actor>) {
        *lock(&self.known.session) = person.map(|who| Session { who, since: now(), last: now() });
    }

    /// Whoever is at the counter has typed the PIN a moment ago.
    pub(crate) fn has_just_signed_in(&self) -> bool {
        lock(&self.known.session).is_some_and(|session| session.is_fresh(now()))
    }

    /// A key or a touch of whoever has signed in.
    ///
    /// # Errors
    /// `locked` for who was away for too long, or why there is no desk.
    pub(crate) async fn still_here(&self) -> Result<(), Failure> {
        let known = Arc::clone(&self.known);
        self.ask(move |desk| {
            desk.may_stay(known.at_counter(desk))?;
            if let Some(session) = lock(&known.session).as_mut() {
                session.last = now();
            }
            Ok(())
        })
        .await
    }

    /// As [`Counter::ask_as`], when the bank of this way to pay has named its time.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn ask_with_time<T: Send + 'static>(
        &self,
        rail: String,
        job: impl FnOnce(&mut Desk, Actor) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        // whoever pressed the key, not whoever has signed in when the bank has named its time
        let who = self.ask_as(|_, who| Ok(who)).await?;
        let job = move |desk: &mut Desk| job(desk, who);
        self.ask_by(job, move |job| Box::new(move |desk| desk.when_the_bank_told_time(&rail, job))).await
    }

    async fn ask_by<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, CommandError> + Send + 'static,
        by: impl FnOnce(Job) -> Job,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let job = by(Box::new(move |desk| {
            // a screen that has gone does not wait any more
            let _ = answer.send(desk.acting(job));
        }));
        // a job that is dropped undone means that there is no desk, and the reason was left before
        if self.jobs.send(job).await.is_ok()
            && let Ok((done, kept)) = answered.await
        {
            kept.wait().await;
            return done.map_err(Failure::from);
        }
        let why = lock(&self.known.trouble).clone();
        Err(why.unwrap_or_else(|| CommandError::new(Code::Storage, Exit::Storage)).into())
    }

    /// Tries again what could not be opened.
    pub(crate) async fn again(&self) {
        let asked = self.ask(|desk| {
            desk.again();
            Ok(())
        });
        if asked.await.is_err() {
            self.known.again.notify_one();
        }
    }

    /// Opens the shop that was just added in place of the demo shop.
    pub(crate) async fn open_added(&self) {
        self.known.afresh.store(true, Ordering::Relaxed);
        self.again().await;
    }

    /// Where a shop of one's own goes, as long as the demo shop is open for want of one.
    ///
    /// # Errors
    /// `shop-exists` or `vault` of the options.
    pub(crate) fn place_for_a_shop(&self) -> Result<Composition, CommandError> {
        if self.options.demo || self.demo_bank().is_err() {
            return Err(CommandError::new(Code::NotAllowed, Exit::NotAllowed).with("what", "add_shop"));
        }
        own(&self.options)
    }

    /// Whether this program can start by itself when a person signs in to the computer: only one
    /// that was started for no folder in particular finds its shop again.
    pub(crate) fn may_start_at_login(&self) -> bool {
        self.options.is_plain() && self.options.vault == "os"
    }

    /// Opens the demo shop in a window beside that of a shop of one's own.
    ///
    /// # Errors
    /// `not-allowed` in the demo shop itself, or of [`Beside::open`].
    pub(crate) fn open_demo(&self) -> Result<(), CommandError> {
        let refused = || CommandError::new(Code::NotAllowed, Exit::NotAllowed).with("what", "open_demo");
        let own = self.demo_bank().is_err().then(|| self.options.folder().ok()).flatten();
        self.beside.open(&own.ok_or_else(refused)?)
    }

    /// The bank of the demo shop.
    ///
    /// # Errors
    /// `not-allowed` in every other shop: only a customer pays there.
    pub(crate) fn demo_bank(&self) -> Result<Arc<DemoBank>, Failure> {
        let none = || CommandError::new(Code::NotAllowed, Exit::NotAllowed).with("what", "demo");
        lock(&self.known.bank).clone().ok_or_else(|| none().into())
    }
}

impl Known {
    /// Who is at the counter. Without people it is the owner; with people the owner is no one.
    /// Nobody stays for longer than the shop's owner has set, whatever the window says.
    fn at_counter(&self, desk: &Desk) -> Actor {
        let mut session = lock(&self.session);
        let after_mins = desk.engine().shop().lock_after_mins;
        *session = session.filter(|session| !session.is_over(now(), after_mins));
        session.map_or(Actor::Owner, |session| session.who)
    }

    /// Whether a refund is in another state than before.
    fn has_moved(&self, row: &RefundRowView) -> bool {
        let Some(state) = RefundState::parse(row.refund.state) else { return false };
        lock(&self.refunds).insert(row.refund.refund.clone(), state) != Some(state)
    }

    fn fail(&self, why: CommandError) {
        crate::complain(&why.message());
        *lock(&self.trouble) = Some(why);
    }
}

/// Since the start of the computer, sleep included.
fn now() -> Mono {
    Clock::System.now().mono
}

/// What a thread that panicked has left is as good as it was.
fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The life of the thread.
fn work(
    options: &Options,
    app: &AppHandle,
    jobs: mpsc::Receiver<Job>,
    known: &Arc<Known>,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut seat = Seat { jobs, listener: listener(app.clone(), Arc::clone(known)) };
        let mut from = None;
        let mut told = None;
        loop {
            match open(options, known, &mut from).await {
                Ok(mut desk) => {
                    told = None;
                    *lock(&known.trouble) = None;
                    show(app, &desk, known);
                    let (back, over) = desk.serve(seat).await;
                    seat = back;
                    if over == Over::Closed {
                        return Ok(());
                    }
                }
                Err(why) => {
                    let code = why.code;
                    if told.replace(code) != Some(code) {
                        known.fail(why);
                        let _window_closed = app.emit("shop", ());
                    }
                    loop {
                        tokio::select! {
                            biased;
                            () = known.again.notified() => {
                                told = None;
                                break;
                            }
                            // the program before this one is still ending, or will
                            () = tokio::time::sleep(IN_USE), if [Code::InUse, Code::FileLocked].contains(&code) => break,
                            job = seat.jobs.recv() => if job.is_none() { return Ok(()) },
                        }
                    }
                }
            }
        }
    })
}

/// Opens the shop; without its keys it opens for viewing only.
async fn open(
    options: &Options,
    known: &Known,
    from: &mut Option<Composition>,
) -> Result<Desk, CommandError> {
    if known.afresh.swap(false, Ordering::Relaxed) {
        *from = None;
    }
    let from = if let Some(from) = from {
        from
    } else {
        // another shop has other people
        *lock(&known.session) = None;
        from.insert(composition(options, known).await?)
    };
    compose_or_paused(from)
}

/// The shop of the data folder; the demo shop when it is asked for, or when there is no shop yet.
async fn composition(options: &Options, known: &Known) -> Result<Composition, CommandError> {
    let own = own(options)?;
    *lock(&known.bank) = None;
    if !options.demo && counterfoil_shop::has_shop(&own.data) {
        return Ok(own);
    }
    let bank = DemoBank::open().await?;
    let from = counterfoil_shop::demo_shop(
        &own.data,
        &bank.shop_file,
        bank.base(),
        Arc::clone(&bank.ahead_ms),
        Actor::Owner,
    );
    *lock(&known.bank) = Some(Arc::new(bank));
    from
}

/// The shop of the data folder that the options name.
fn own(options: &Options) -> Result<Composition, CommandError> {
    let data = options.data.clone().unwrap_or_else(counterfoil_shop::default_data_folder);
    let vault = VaultChoice::parse(&options.vault)?;
    Ok(Composition { data, vault, clock: Clock::System, demo_base: None })
}

/// A shop has been opened: the window reloads everything.
fn show(app: &AppHandle, desk: &Desk, known: &Known) {
    if let Ok(refunds) = desk.refunds(known.at_counter(desk)) {
        for row in &refunds.rows {
            known.has_moved(row);
        }
    }
    count_news(app, desk);
    count_left(app, desk);
    let _window_closed = app.emit("shop", ());
}

/// Sends changes to the window, and news to the desktop as well. A locked window is told only that
/// there is news: whoever opens the page's inspector finds nothing in it.
fn listener(app: AppHandle, known: Arc<Known>) -> Listener {
    Box::new(move |desk, notice| {
        let locked = desk.may_look(known.at_counter(desk)).is_err();
        // skips a closed window, and an unreadable row: the next command for it reports the error
        let tell = |id: String| {
            let view = desk.payment(&id).ok()?;
            if !locked {
                app.emit("payment", &view).ok()?;
            }
            Some(view)
        };
        match notice {
            Notice::Moved(id, _)
            | Notice::Unclear(id)
            | Notice::Retrying(id)
            | Notice::Dropped(id)
            | Notice::Asked(id)
            | Notice::PageLeft(id)
            | Notice::Discrepancy(Some(id)) => {
                let _ = tell(id.to_string());
            }
            Notice::News(id) => {
                if let Some(view) = tell(id.to_string()) {
                    notify::payment(&app, &desk.shop(), &view, locked);
                    let _ = if locked {
                        app.emit("arrived", ArrivedView::from(&view))
                    } else {
                        app.emit("news", view)
                    };
                }
                count_news(&app, desk);
            }
            Notice::Seen(_) => count_news(&app, desk),
            Notice::Refund(id) => {
                let who = known.at_counter(desk);
                if let Ok(row) = desk.refund_row(&id.to_string(), who) {
                    let concerns = locked || row.own || desk.allowed(who, Right::DecideRefund).is_ok();
                    if known.has_moved(&row) && concerns {
                        notify::refund(&app, &desk.shop(), &row, locked);
                    }
                    if !locked {
                        let _ = app.emit("refund", row);
                    }
                }
            }
            Notice::Covered => {
                let _ = app.emit("covered", ());
            }
            // about no payment: money that is not ours, or minutes
            Notice::Health | Notice::Discrepancy(None) => {
                let health = desk.health();
                let _ = app.emit("health", if locked { health.masked() } else { health });
            }
        }
        count_left(&app, desk);
    })
}

/// Counts what goes on only while the program runs, for the tray and for closing the window.
fn count_left(app: &AppHandle, desk: &Desk) {
    if let (Ok(left), Some(closing)) = (desk.unfinished(), app.try_state::<Closing>())
        && closing.counted(left.clone())
    {
        tray::left(app, left, desk.shop().environment == Some(Environment::Demo));
    }
}

/// Shows the number of unacknowledged payments in the tray.
fn count_news(app: &AppHandle, desk: &Desk) {
    if let Ok(news) = desk.news() {
        tray::unseen(app, u32::try_from(news.len()).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_the_shops_minutes_whatever_slept() {
        let at = |s: i64| Mono::from_millis(s * 1000);
        let session = Session { who: Actor::Owner, since: at(0), last: at(1_000) };
        for (now, after_mins, over) in [
            (1_000, 5, false),
            (1_299, 5, false),
            (1_300, 5, true),
            (90_000, 5, true),
            (90_000, 0, false),
            (90_000, 120, true),
        ] {
            assert_eq!(session.is_over(at(now), after_mins), over, "{now} s, {after_mins} min");
        }
    }

    /// Keys that were pressed since do not count: only the PIN does.
    #[test]
    fn a_sign_in_is_fresh_for_two_minutes() {
        let at = |s: i64| Mono::from_millis(s * 1000);
        let session = Session { who: Actor::Owner, since: at(1_000), last: at(5_000) };
        assert!(session.is_fresh(at(1_119)) && !session.is_fresh(at(1_120)));
    }
}
