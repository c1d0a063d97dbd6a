//! One thread at which the shop works, and how the window's commands reach it.
//!
//! The thread owns everything that may not be shared: the data file, the keys, the bank calls. A command hands it a job and waits
//! for the answer; what happens by itself is told to the window as the event `payment`. When the shop could not be opened, or
//! stopped because its data file failed, every command says so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use counterfoil_cli::{Clock, Composition, Desk, Job, Listener, Notice, VaultChoice};
use counterfoil_commands::{CommandError, Exit};
use tauri::{AppHandle, Emitter as _};
use tokio::sync::{SetOnce, mpsc, oneshot};

use crate::bank::DemoBank;
use crate::failure::Failure;
use crate::options::Options;

/// Commands that wait for the thread; a screen has one or two under way.
const JOBS_WAITING_MAX: usize = 16;

/// The way to the thread.
pub(crate) struct Counter {
    jobs: mpsc::Sender<Job>,
    known: Arc<Known>,
}

/// What the thread leaves for the commands to see.
#[derive(Default)]
struct Known {
    /// Why it ended before the window did.
    ended: SetOnce<CommandError>,
    /// The bank of the demo shop; of no other.
    bank: OnceLock<DemoBank>,
}

impl Counter {
    /// Starts the thread. What goes wrong there is told by the first command.
    ///
    /// # Errors
    /// When the system makes no thread.
    pub(crate) fn open(options: Options, app: AppHandle) -> std::io::Result<Self> {
        let (jobs, receiver) = mpsc::channel(JOBS_WAITING_MAX);
        let known = Arc::new(Known::default());
        let left = Arc::clone(&known);
        std::thread::Builder::new().name("desk".into()).spawn(move || {
            let ended = catch_unwind(AssertUnwindSafe(|| work(&options, app, receiver, &left)));
            let error = match ended {
                Ok(Err(error)) => error,
                // a window that has closed has nobody to tell; a fault of ours stops the shop like a broken data file
                Ok(Ok(())) => return,
                Err(_) => CommandError::new("storage", Exit::Storage),
            };
            crate::complain(&error.message());
            let _only = left.ended.set(error);
        })?;
        Ok(Self { jobs, known })
    }

    /// Has something done at the desk.
    ///
    /// # Errors
    /// Of the job, or why there is no desk.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Desk) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |desk| {
            // a screen that has gone does not wait any more
            let _ = answer.send(job(desk));
        });
        // a job that is dropped undone, before or after it was taken, means that the thread is ending and leaves its reason
        if self.jobs.send(job).await.is_ok()
            && let Ok(done) = answered.await
        {
            return done.map_err(Failure::from);
        }
        Err(self.known.ended.wait().await.clone().into())
    }

    /// The bank of the demo shop.
    ///
    /// # Errors
    /// `not-allowed` in every other shop: nobody but a customer pays there.
    pub(crate) fn demo_bank(&self) -> Result<&DemoBank, Failure> {
        let none = || CommandError::new("not-allowed", Exit::NotAllowed).with("what", "demo");
        self.known.bank.get().ok_or_else(|| none().into())
    }
}

/// The life of the thread.
fn work(
    options: &Options,
    app: AppHandle,
    jobs: mpsc::Receiver<Job>,
    known: &Known,
) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| CommandError::new("storage", Exit::Storage))?;
    runtime.block_on(async {
        let from = composition(options, known).await?;
        counterfoil_cli::compose(&from)?.serve(jobs, listener(app)).await
    })
}

/// The shop of the data folder; the demo shop when it is asked for, or when there is no shop yet.
async fn composition(options: &Options, known: &Known) -> Result<Composition, CommandError> {
    let data = options.data.clone().unwrap_or_else(counterfoil_cli::default_data_folder);
    if !options.demo && counterfoil_cli::has_shop(&data) {
        let vault = VaultChoice::parse(&options.vault)?;
        return Ok(Composition { data, vault, clock: Clock::System, demo_base: None });
    }
    let bank = DemoBank::open().await?;
    let from = counterfoil_cli::demo_shop(&data, &bank.shop_file, bank.base());
    let _only = known.bank.set(bank);
    from
}

/// Tells the window what has changed about a payment.
fn listener(app: AppHandle) -> Listener {
    Box::new(move |store, notice| {
        let id = match notice {
            Notice::Moved(id, _) | Notice::Unclear(id) | Notice::Doubt(Some(id)) => id,
            Notice::Doubt(None) | Notice::Covered => return,
        };
        // a row that cannot be read now is told by the next command that wants it
        if let Ok(view) = counterfoil_commands::payment_view(store, id, None) {
            if matches!(notice, Notice::Moved(..)) {
                crate::notify::payment(&app, &view);
            }
            let _ = app.emit("payment", view);
        }
    })
}
