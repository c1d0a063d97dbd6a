//! The form of a card sale at CTBC: handed to the browser once, written down before it is, and
//! never again (money rules 3). What a browser brings back is only a reason to ask.

use counterfoil_domain::card::PAGE_LIFE_MINS;
use counterfoil_domain::operation::{OperationKind, OperationState};
use counterfoil_domain::{
    Actor, Bank, BankRow, CardState, Moment, Now, Operation, PageLeft, Payment, PaymentId, PaymentState, Rail,
};

use crate::agenda::Why;
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{AuditLine, CardSale, Change, Store};

impl<S: Store> Engine<S> {
    /// What a card sale asks the bank for.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn card_sale(&self, payment: &Payment) -> Result<CardSale, EngineError> {
        let order = self.store.order(payment.order)?.ok_or(EngineError::NotFound("order"))?;
        Ok(CardSale {
            bank_order_no: payment.bank_order_no.clone(),
            amount: payment.amount,
            merchant_name: self.shop.payee_name.clone(),
            description: order.description,
            return_url: self.return_url(payment),
        })
    }

    /// The sale for the form that a browser wants. `None`: handed out before, or its time is over.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn form_wanted(&mut self, now: Now, id: PaymentId) -> Result<Option<CardSale>, EngineError> {
        let at = self.at(Bank::Ctbc, now);
        let payment = self.payment(id)?;
        let lives = self.ends.get(&id).is_some_and(|end| now.mono < *end);
        // this computer's clock alone ends nothing, nor does a clock in doubt that the newest Date
        // contradicts
        let told = self.lanes.get(Bank::Ctbc).clock.has_been_told();
        let ended = told && !lives && at.bank.min(at.asking) >= payment.expires_at;
        let wanted = payment.state == PaymentState::Awaiting && !ended;
        if !wanted || self.planned_form(&payment)?.is_none() {
            return Ok(None);
        }
        self.card_sale(&payment).map(Some)
    }

    /// The form is about to be handed out. From here on the bank may have the sale; the page lives
    /// from now.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when it was handed out before, or of the store. Then the form must
    /// not be handed out.
    pub fn form_handed_out(&mut self, now: Now, id: PaymentId) -> Result<(), EngineError> {
        let at = self.at(Bank::Ctbc, now);
        let mut payment = self.payment(id)?;
        let mut op = self.planned_form(&payment)?.ok_or(EngineError::NotFound("form"))?;
        op.state = OperationState::Sending;
        op.attempts += 1;
        op.sent_at = Some(at.bank);
        let op_id = op.id;
        let sending = Change::OperationChanged(op.clone());
        op.version += 1;
        // there will be no answer: the browser gets it
        op.state = OperationState::Pending;
        payment.expires_at = self.for_sale(Bank::Ctbc, now.mono).plus_mins(PAGE_LIFE_MINS);
        let audit = by_engine(at.bank, "hand-out", op.id, payment.bank_order_no.to_string());
        let mut changes = vec![sending, Change::OperationChanged(op), Change::PaymentChanged(payment)];
        if self.lanes.get(Bank::Ctbc).clock.settled(now.mono).is_none() {
            changes.push(Change::PageUndated(id, true));
        }
        self.commit(audit, changes)?;
        self.sent.insert(op_id, now.mono);
        self.ends.insert(id, now.mono.plus_mins(PAGE_LIFE_MINS));
        self.reschedule(id, now)
    }

    /// A browser came back, with whatever it brought. It proves nothing: the bank is asked.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn browser_returned(&mut self, now: Now, id: PaymentId) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        if payment.rail == Rail::CtbcCard && !payment.state.has_money() {
            self.ask_at(&payment, Some((Why::Screen, now.mono)));
        }
        Ok(())
    }

    /// The bank's signed word in a browser about a page, or a person's that it is closed. It moves
    /// no state: the bank is asked, and the answer to that question counts.
    pub(crate) fn take_page_left(
        &mut self,
        now: Now,
        left: PageLeft,
        audit: AuditLine,
    ) -> Result<(), EngineError> {
        let payment = self.payment(left.payment)?;
        self.left.insert(payment.id, now.mono);
        self.commit(audit, vec![Change::PageLeft(left)])?;
        // a later instant, so that the question is the later one
        self.ask_at(&payment, Some((Why::Screen, now.mono.plus_ms(1))));
        Ok(())
    }

    /// A browser came back with something that the bank has signed about this sale. The newest of
    /// it counts, as long as the page may still bring money.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn page_came_back(
        &mut self,
        now: Now,
        id: PaymentId,
        code: String,
        ends: bool,
    ) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let at = self.at(Bank::Ctbc, now).bank;
        let audit =
            AuditLine { who: Actor::Browser, ..by_engine(at, "return", id, format!("verified {code}")) };
        if payment.rail != Rail::CtbcCard || !payment.state.is_open() {
            return self.note(audit);
        }
        let left = PageLeft { payment: id, at, who: Actor::Browser, code: Some(code), ends, read_at: None };
        self.take_page_left(now, left, audit)
    }

    /// The answer to a question that left after the page was, and that knows of no card, or of one
    /// that failed: the customer may get another page.
    pub(crate) fn page_read(
        &self,
        payment: &Payment,
        row: Option<&BankRow>,
        asked: Asked,
        at: Moment,
    ) -> Result<Option<Change>, EngineError> {
        if payment.rail != Rail::CtbcCard || payment.state != PaymentState::Awaiting {
            return Ok(None);
        }
        let failed = |row: &BankRow| row.seen.card() == Some(CardState::Failed) && !row.seen.is_several();
        let later = self.left.get(&payment.id).is_none_or(|left| asked.mono > *left);
        let left = self.store.page_left(payment.id)?.filter(|left| left.read_at.is_none());
        let left = left.filter(|_| later && row.is_none_or(failed));
        Ok(left.map(|left| Change::PageLeft(PageLeft { read_at: Some(at), ..left })))
    }

    /// The form of a payment, if not handed out yet.
    pub(crate) fn planned_form(&self, payment: &Payment) -> Result<Option<Operation>, EngineError> {
        let ops = self.store.operations_of(payment.id)?;
        let planned =
            |op: &Operation| op.kind == OperationKind::PostForm && op.state == OperationState::Planned;
        Ok(ops.into_iter().find(planned))
    }
}
