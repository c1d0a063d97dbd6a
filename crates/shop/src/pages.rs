//! A look at all pages of the data file beside the running shop: once a day, on a thread of its
//! own. Damage ends the work of the shop, as if it had been met.

use std::thread::JoinHandle;

use counterfoil_commands::CommandError;
use counterfoil_domain::Mono;
use counterfoil_store::StopLook;
use tokio::sync::oneshot;

use crate::compose::open_error;
use crate::run_loop::Desk;

/// Whether a look is due is asked this often.
const ASK_AGAIN_MS: i64 = 3_600_000;

/// The look that is being taken.
#[derive(Default)]
pub(crate) struct Pages {
    look: Option<Look>,
    /// When the next one may be due; none for a command that is over in a moment.
    next: Option<Mono>,
}

struct Look {
    stop: StopLook,
    thread: Option<JoinHandle<()>>,
    damage: oneshot::Receiver<CommandError>,
}

impl Drop for Look {
    fn drop(&mut self) {
        self.stop.stop();
        // a reader that outlives the shop would keep its log from being taken away
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Pages {
    /// Waits for damage, for ever where there is none.
    pub(crate) async fn damage(&mut self) -> CommandError {
        if let Some(look) = &mut self.look {
            let found = (&mut look.damage).await;
            self.look = None;
            if let Ok(why) = found {
                return why;
            }
        }
        std::future::pending().await
    }
}

impl Desk {
    /// From here on looks are taken: the shop runs for a while.
    pub fn watch_pages(&mut self) {
        self.pages.next = Some(self.from.clock.now().mono);
    }

    /// Begins a look where one is due.
    pub(crate) fn look_at_pages(&mut self, mono: Mono) {
        if self.pages.look.is_some() || self.pages.next.is_none_or(|next| mono < next) {
            return;
        }
        self.pages.next = Some(mono.plus_ms(ASK_AGAIN_MS));
        let Some(look) = self.engine.store().look_ahead(self.from.clock.wall()) else { return };
        let (tell, damage) = oneshot::channel();
        let stop = look.stop();
        let take = move || {
            if let Err(error) = look.take() {
                let _ = tell.send(open_error(&error));
            }
        };
        // without a thread the next hour tries again
        let thread = std::thread::Builder::new().name("pages".into()).spawn(take).ok();
        self.pages.look = Some(Look { stop, thread, damage });
    }
}
