//! Who bought: corrected and erased, by a person or when the shop's time for it is over.
//!
//! Promise: the audit says that it was done, without any text. Left out: what the data file
//! overwrites (`counterfoil-store`), and who may look (`commands`).

use std::collections::BTreeSet;

use counterfoil_domain::customer::NamingWords;
use counterfoil_domain::{Actor, Customer, CustomerId, Moment, Mono, Now, OrderId, Refund, Right};

use crate::engine::{Engine, EngineError, by_engine};
use crate::notice::Notice;
use crate::ports::{AuditLine, Change, Store, StoreError};
use crate::sell::Buyer;

/// How often what is put off is tried again, and the next batch is looked at.
const TEND_MS: i64 = 60_000;
/// After all orders were looked at.
const ROUND_MS: i64 = 60 * 60 * 1000;
/// Orders of one batch: no sale waits for it.
const BATCH_ORDERS: u32 = 100;

/// A field about an order in which people typed a name that was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameLeft {
    /// Of which order.
    pub order: OrderId,
    /// `description`, `refund-note`, `refund-word`, `booking-reason`, `closing-reason` or
    /// `transcript`.
    pub field: &'static str,
}

/// What is done about customers by itself.
#[derive(Debug, Default)]
pub(crate) struct Tending {
    due: Option<Mono>,
    batch_due: Option<Mono>,
    /// Where the next batch begins.
    after: Option<(Moment, OrderId)>,
}

impl<S: Store> Engine<S> {
    /// Forgets who bought, and what people typed about it. Done twice is done once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn erase_customer(&mut self, now: Now, id: CustomerId, who: Actor) -> Result<(), EngineError> {
        self.erase_customers(now, &BTreeSet::from([id]), who)
    }

    /// The same for several at once: one act leaves one line.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] with nothing erased, or of the store.
    pub fn erase_customers(
        &mut self,
        now: Now,
        ids: &BTreeSet<CustomerId>,
        who: Actor,
    ) -> Result<(), EngineError> {
        self.allowed(who, Right::EraseCustomer)?;
        let mut known = Vec::new();
        for id in ids {
            let customer = self.store.customer(*id)?.ok_or(EngineError::NotFound("customer"))?;
            known.extend((!customer.is_erased()).then_some(*id));
        }
        let Some(first) = known.first() else { return Ok(()) };
        let detail = if known.len() > 1 { format!("{} customers", known.len()) } else { String::new() };
        let audit = AuditLine { who, ..by_engine(self.bank_time(now), "erase-customer", first, detail) };
        self.commit_erasing(audit, known.into_iter().map(Change::CustomerErased).collect())
    }

    /// Forgets all that people typed about an order, and who bought: also an older name of the
    /// customer, which nothing tells from the other words. Done twice is done once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn erase_order(&mut self, now: Now, id: OrderId, who: Actor) -> Result<(), EngineError> {
        self.allowed(who, Right::EraseCustomer)?;
        let order = self.store.order(id)?.ok_or(EngineError::NotFound("order"))?;
        let customer = order.customer.map(|id| self.store.customer(id)).transpose()?.flatten();
        let customer = customer.filter(|customer| !customer.is_erased());
        let customer = customer.map(|customer| Change::CustomerErased(customer.id));
        let audit = AuditLine { who, ..by_engine(self.bank_time(now), "erase-order", id, "") };
        self.commit_erasing(audit, customer.into_iter().chain([Change::OrderErased(id)]).collect())
    }

    /// Puts the right name and note in the place of wrong ones, which are erased. Nothing to
    /// correct is no change. Returns where people typed the wrong ones too: there they are until
    /// the order is erased, see [`Engine::erase_order`].
    ///
    /// # Errors
    /// [`EngineError::NotFound`] also of a customer that was erased, or of the store.
    pub fn correct_customer(
        &mut self,
        now: Now,
        id: CustomerId,
        to: Buyer,
        who: Actor,
    ) -> Result<Vec<NameLeft>, EngineError> {
        self.allowed(who, Right::CorrectCustomer)?;
        if to == Buyer::default() {
            return self.erase_customer(now, id, who).map(|()| Vec::new());
        }
        let at = self.bank_time(now);
        let known = self.store.customer(id)?.filter(|customer| !customer.is_erased());
        let before = known.ok_or(EngineError::NotFound("customer"))?;
        let Buyer { name, note } = to;
        if (&before.name, &before.note) == (&name, &note) {
            return Ok(Vec::new());
        }
        let audit = AuditLine { who, ..by_engine(at, "customer-corrected", id, "") };
        let corrected = Customer { id, name, note, salt: self.random() };
        let left = self.names_left(&before.words_gone(&corrected), id)?;
        self.commit_erasing(audit, vec![Change::CustomerCorrected(corrected)])?;
        Ok(left)
    }

    /// Where people typed one of these words about the orders of a customer.
    fn names_left(&self, words: &NamingWords, id: CustomerId) -> Result<Vec<NameLeft>, EngineError> {
        let mut left = Vec::new();
        for order in self.store.orders_of_customer(id)? {
            let mut take = |field, text: &str| {
                let one = NameLeft { order: order.id, field };
                if words.is_in(text) && !left.contains(&one) {
                    left.push(one);
                }
            };
            take("description", &order.description);
            for payment in self.store.payments_of(order.id)? {
                for refund in self.store.refunds_of(payment.id)? {
                    take("refund-note", refund.note.as_deref().unwrap_or_default());
                    take("refund-word", refund.word.as_ref().map_or("", |word| &word.text));
                }
                for booked in self.store.refunds_booked(payment.id)? {
                    take("booking-reason", &booked.reason);
                }
                for closed in self.store.discrepancies_closed(payment.id)? {
                    let closing = self.store.discrepancy(closed.id)?.and_then(|(_, closing)| closing);
                    take("closing-reason", closing.as_ref().map_or("", |closing| &closing.reason));
                }
                for operation in self.store.operations_of(payment.id)? {
                    for answer in self.store.answers_of(operation.id)? {
                        take("transcript", &answer.transcript);
                    }
                }
            }
        }
        Ok(left)
    }

    fn commit_erasing(&mut self, audit: AuditLine, changes: Vec<Change>) -> Result<(), EngineError> {
        self.commit(audit, changes)?;
        if self.store.is_erasure_unfinished()? {
            self.notices.push(Notice::Health);
        }
        Ok(())
    }

    /// Goes on with an erasure that another program or a crash has put off, and erases customers
    /// whose time is over; each when it is due.
    ///
    /// # Errors
    /// Of the store.
    pub fn tend_customers(&mut self, now: Now) -> Result<(), EngineError> {
        if self.tending.due.is_none_or(|due| now.mono >= due) {
            self.tending.due = Some(now.mono.plus_ms(TEND_MS));
            if self.store.is_erasure_unfinished()? && self.store.finish_erasure()? {
                self.notices.push(Notice::Health);
            }
        }
        match self.erase_what_is_over(now) {
            // a copy of an upgrade cannot be removed, or another hand was faster: later
            Err(EngineError::Store(
                StoreError::CopyStays(_) | StoreError::Refused(_) | StoreError::Conflict,
            )) => Ok(()),
            erased => erased,
        }
    }

    /// One batch of the oldest orders, with one audit line where a customer goes.
    fn erase_what_is_over(&mut self, now: Now) -> Result<(), EngineError> {
        let days = i64::from(self.shop.customer_days);
        let is_due = self.tending.batch_due.is_none_or(|due| now.mono >= due);
        if days == 0 || !is_due {
            return Ok(());
        }
        // this computer's clock alone erases nothing
        let Some(passed) = self.clocks(now).passed else { return Ok(()) };
        self.tending.batch_due = Some(now.mono.plus_ms(TEND_MS));
        let (at, before) = (self.bank_time(now), passed.plus_days(-days));
        let orders = self.store.orders_before(before, self.tending.after, BATCH_ORDERS)?;
        let mut over = BTreeSet::new();
        for customer in orders.iter().filter_map(|order| order.customer) {
            if !over.contains(&customer) && self.is_over(customer, before)? {
                over.insert(customer);
            }
        }
        if !over.is_empty() {
            let detail = format!("{} customers", over.len());
            let audit = by_engine(at, "retention", format!("{days} days"), detail);
            self.commit_erasing(audit, over.into_iter().map(Change::CustomerErased).collect())?;
        }
        self.tending.after = orders.last().map(|order| (order.created_at, order.id));
        if orders.len() < usize::try_from(BATCH_ORDERS).unwrap_or(usize::MAX) {
            // from the first order again: one that was open then may have ended
            self.tending.after = None;
            self.tending.batch_due = Some(now.mono.plus_ms(ROUND_MS));
        }
        Ok(())
    }

    /// Nothing of the customer is open any more, and nothing has happened since an instant.
    fn is_over(&self, id: CustomerId, before: Moment) -> Result<bool, EngineError> {
        if self.store.customer(id)?.is_none_or(|customer| customer.is_erased()) {
            return Ok(false);
        }
        for order in self.store.orders_of_customer(id)? {
            for payment in self.store.payments_of(order.id)? {
                let ended = payment.confirmed_at.unwrap_or(payment.expires_at).max(payment.created_at);
                let refunds = self.store.refunds_of(payment.id)?;
                let goes_on = |refund: &Refund| {
                    !refund.state.is_final() || refund.since.unwrap_or(refund.requested_at) >= before
                };
                let is_open = payment.state.is_open() || ended >= before || refunds.iter().any(goes_on);
                if is_open || !self.store.discrepancies_of(payment.id)?.is_empty() {
                    return Ok(false);
                }
            }
            if order.created_at >= before {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
