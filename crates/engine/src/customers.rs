//! Who bought: corrected and erased.
//!
//! Promise: the audit says that it was done, without any text. Left out: what the data file
//! overwrites (`counterfoil-store`), and who may look (`commands`).

use counterfoil_domain::{Actor, Customer, CustomerId, Mono, Now, Right};

use crate::engine::{Engine, EngineError, by_engine};
use crate::notice::Notice;
use crate::ports::{AuditLine, Change, Store};
use crate::sell::Buyer;

/// How often what is put off is tried again.
const TEND_MS: i64 = 60_000;

/// What is done about customers by itself.
#[derive(Debug, Default)]
pub(crate) struct Tending {
    due: Option<Mono>,
}

impl<S: Store> Engine<S> {
    /// Forgets who bought, and what people typed about it. Done twice is done once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn erase_customer(&mut self, now: Now, id: CustomerId, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::EraseCustomer)?;
        let at = self.bank_time(now);
        let customer = self.store.customer(id)?.ok_or(EngineError::NotFound("customer"))?;
        if customer.is_erased() {
            return Ok(());
        }
        let audit = AuditLine { who, ..by_engine(at, "erase-customer", id, "") };
        self.commit_erasing(audit, vec![Change::CustomerErased(id)])
    }

    /// Puts the right name and note in the place of wrong ones, which are erased. Nothing to
    /// correct is no change.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] also of a customer that was erased, or of the store.
    pub fn correct_customer(
        &mut self,
        now: Now,
        id: CustomerId,
        to: Buyer,
        who: Actor,
    ) -> Result<(), EngineError> {
        self.allowed(who, Right::CorrectCustomer)?;
        if to == Buyer::default() {
            return self.erase_customer(now, id, who);
        }
        let at = self.bank_time(now);
        let known = self.store.customer(id)?.filter(|customer| !customer.is_erased());
        let before = known.ok_or(EngineError::NotFound("customer"))?;
        let Buyer { name, note } = to;
        if (&before.name, &before.note) == (&name, &note) {
            return Ok(());
        }
        let audit = AuditLine { who, ..by_engine(at, "customer-corrected", id, "") };
        let corrected = Customer { id, name, note, salt: self.random() };
        self.commit_erasing(audit, vec![Change::CustomerCorrected(corrected)])
    }

    fn commit_erasing(&mut self, audit: AuditLine, changes: Vec<Change>) -> Result<(), EngineError> {
        self.commit(audit, changes)?;
        if self.store.is_erasure_unfinished()? {
            self.notices.push(Notice::Health);
        }
        Ok(())
    }

    /// Goes on with an erasure that another program or a crash has put off, when it is due.
    ///
    /// # Errors
    /// Of the store.
    pub fn tend_customers(&mut self, now: Now) -> Result<(), EngineError> {
        if self.tending.due.is_some_and(|due| now.mono < due) {
            return Ok(());
        }
        self.tending.due = Some(now.mono.plus_ms(TEND_MS));
        if self.store.is_erasure_unfinished()? && self.store.finish_erasure()? {
            self.notices.push(Notice::Health);
        }
        Ok(())
    }
}
