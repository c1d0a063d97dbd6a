//! Payments on the screen.

use counterfoil_domain::{Mono, Now, Payment, PaymentId, Rail};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError};
use crate::notice::Notice;
use crate::ports::Store;

/// Payments on the screen at once: each is asked about every few seconds, and the bank takes one
/// question a second.
const ON_SCREEN_MAX: usize = 3;

/// A payment on the screen: since when, when it was asked about last, how long that answer took,
/// and whether an answer and a reading have come since. Where there is money already, one reading
/// is enough.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) since: Mono,
    /// `None`: a person has just pressed a key for it. It is asked about at once, even while the
    /// bank refuses the shop.
    pub(crate) asked: Option<Mono>,
    pub(crate) way_ms: i64,
    pub(crate) answered: bool,
    pub(crate) read: bool,
    pub(crate) once: bool,
}

impl<S: Store> Engine<S> {
    /// Puts a payment on the screen: asked about at once, then every few seconds until there is
    /// money.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn watch(&mut self, now: Now, id: PaymentId) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let once = payment.state.has_money();
        let since = now.mono;
        let watched = Watched { since, asked: None, way_ms: 0, answered: false, read: false, once };
        self.screen.insert(id, watched);
        self.ask_at(&payment, Some((Why::Screen, now.mono)));
        // the page that it replaces may still bring money
        for other in self.left_pages(&payment)? {
            let watched = Watched { since, asked: None, way_ms: 0, answered: true, read: false, once: false };
            self.screen.insert(other.id, watched);
            self.ask_at(&other, Some((Why::Screen, now.mono)));
        }
        // who came first is the least looked at
        if self.screen.len() > ON_SCREEN_MAX
            && let Some(oldest) = self.screen.iter().min_by_key(|(_, w)| w.since).map(|(id, _)| *id)
        {
            self.unwatch(now, oldest)?;
        }
        Ok(())
    }

    /// The bank has answered about this payment since it came on the screen.
    pub fn was_read(&self, id: PaymentId) -> bool {
        self.screen.get(&id).is_some_and(|watched| watched.read)
    }

    /// The bank has answered about it, whatever it said: told for the first time since it came on
    /// the screen.
    pub(crate) fn tell_asked(&mut self, id: PaymentId) {
        if let Some(watched) = self.screen.get_mut(&id).filter(|watched| !watched.answered) {
            watched.answered = true;
            self.notices.push(Notice::Asked(id));
        }
    }

    /// It is no longer on the screen.
    ///
    /// # Errors
    /// Of the store.
    pub fn unwatch(&mut self, now: Now, id: PaymentId) -> Result<(), EngineError> {
        for other in self.left_pages(&self.payment(id)?)? {
            self.screen.remove(&other.id);
            self.reschedule(other.id, now)?;
        }
        self.screen.remove(&id);
        self.reschedule(id, now)
    }

    /// The open pages of the same order that were left before this one was made.
    fn left_pages(&self, payment: &Payment) -> Result<Vec<Payment>, EngineError> {
        let mut others = self.store.payments_of(payment.order)?;
        others
            .retain(|other| other.id != payment.id && other.rail == Rail::CtbcCard && other.state.is_open());
        Ok(others)
    }
}
