//! The settings of the shop while it is open, and what somebody at the counter has seen.

use counterfoil_domain::{Moment, PaymentId};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{AuditLine, Change, Store};
use crate::shop::ShopRecord;

impl<S: Store> Engine<S> {
    /// Takes settings as they shall be; they hold from now on. What makes the shop this shop stays as it is: its name, since when
    /// it is asked about, its environment and number at the bank. Keys are not settings.
    ///
    /// # Errors
    /// Of the store.
    pub fn change_settings(&mut self, now: Moment, to: ShopRecord, who: &str) -> Result<(), EngineError> {
        let mut shop = self.shop.clone();
        shop.payee_name = to.payee_name;
        shop.polling = to.polling;
        if let (Some(old), Some(new)) = (&mut shop.sinopac, to.sinopac) {
            old.return_address = new.return_address;
            old.account_limit = new.account_limit;
        }
        if shop == self.shop {
            return Ok(());
        }
        let at = self.bank_time(now);
        let mut audit = by_engine(at, "settings", &shop.name, "");
        who.clone_into(&mut audit.who);
        self.commit(audit, vec![Change::ShopChanged(shop.clone())])?;
        self.shop = shop;
        self.rebuild(at)
    }

    /// Writes down what happened outside of the data file, for example to the keys.
    ///
    /// # Errors
    /// Of the store.
    pub fn note(&mut self, audit: AuditLine) -> Result<(), EngineError> {
        self.commit(audit, vec![])
    }

    /// Somebody has seen the news about a payment. Seen twice is seen once.
    ///
    /// # Errors
    /// Of the store.
    pub fn seen(&mut self, now: Moment, payment: PaymentId, who: &str) -> Result<(), EngineError> {
        let at = self.bank_time(now);
        let mut audit = by_engine(at, "seen", payment, "");
        who.clone_into(&mut audit.who);
        self.commit(audit, vec![Change::NewsSeen(payment)])
    }
}
