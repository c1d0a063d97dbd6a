//! The desk's verbs about refunds: what people ask for, approve, decide and work off. None of them
//! waits, but for a bank's time.

use counterfoil_commands::{
    Code, CommandError, DecisionTyped, Looks, RefundPreview, RefundRoom, RefundRowView, RefundTyped,
    RefundsView, UnfinishedView,
};
use counterfoil_domain::{Actor, PaymentId, RefundId, Right, Twd, View};
use counterfoil_engine::ports::{Entropy, Page, Store};
use counterfoil_engine::{Booking, Decision};

use crate::entropy::OsEntropy;
use crate::run_loop::Desk;

/// So long a terminal waits for a bank's time before what counts by it.
const TIME_WAITS_MS: i64 = 10_000;

impl Desk {
    /// What of a payment can be given back now, as `who` may ask for it.
    ///
    /// # Errors
    /// `not-found`, or the data file.
    pub fn refund_room(&self, payment: &str, xid: &str, who: Actor) -> Result<RefundRoom, CommandError> {
        counterfoil_commands::refund_room(self.engine.store(), self.known_payment(payment)?, xid, who)
    }

    /// What a person is told before asking. Nothing is sent and nothing is kept.
    ///
    /// # Errors
    /// What was typed, the person's limit, the refund's rules, or the data file.
    pub fn refund_preview(&self, typed: &RefundTyped, who: Actor) -> Result<RefundPreview, CommandError> {
        let store = self.engine.store();
        let (payment, amount) = counterfoil_commands::checked_amount(store, typed)?;
        // no id: of a request that is not there yet, all others count with it
        let none = RefundId::from_random([0; 16]);
        counterfoil_engine::may_ask(store, (none, payment, amount), who)?;
        counterfoil_commands::refund_preview(store, typed, self.looks(who))
    }

    /// Asks about a payment and waits, 10 seconds at most, until a bank has named its time in this
    /// run, where the shop has people: by it counts what has passed since a PIN was given, or a
    /// refund was requested. A terminal waits here before every act that counts so. `of`: a refund,
    /// or its payment; without one the newest sale serves.
    ///
    /// # Errors
    /// Of the data file.
    pub async fn wait_for_time_passed(&mut self, of: Option<&str>) -> Result<(), CommandError> {
        let now = self.from.clock.now();
        let store = self.engine.store();
        if self.paused.is_some() || !store.has_people()? || self.engine.clocks(now).passed.is_some() {
            return Ok(());
        }
        let payment = if let Some(of) = of {
            let refund = RefundId::parse(of).map(|id| store.refund(id)).transpose()?.flatten();
            refund.map(|refund| refund.payment).or_else(|| PaymentId::parse(of))
        } else {
            let newest = store.orders_in(View::All, now.wall, Page { limit: 1, ..Page::default() })?;
            newest.iter().flat_map(|(_, payments)| payments).next_back().map(|payment| payment.id)
        };
        // nothing else may be due: a run before this one has just asked
        let Some(payment) = payment.map(|id| store.payment(id)).transpose()?.flatten() else { return Ok(()) };
        self.engine.watch(now, payment.id)?;
        self.run_until(TIME_WAITS_MS, |engine, now| Ok(engine.clocks(now).passed.is_some())).await?;
        Ok(())
    }

    /// The refunds to work off, as `who` may see them.
    ///
    /// # Errors
    /// Of the data file.
    pub fn refunds(&self, who: Actor) -> Result<RefundsView, CommandError> {
        let mut view = counterfoil_commands::refund_queue(self.engine.store(), self.looks(who))?;
        for row in &mut view.rows {
            self.tell_next(row)?;
        }
        Ok(view)
    }

    /// One of them.
    ///
    /// # Errors
    /// `not-found`, or of the data file.
    pub fn refund_row(&self, refund: &str, who: Actor) -> Result<RefundRowView, CommandError> {
        let id = counterfoil_commands::refund_id(self.engine.store(), refund)?;
        let mut row = counterfoil_commands::refund_row(self.engine.store(), id, self.looks(who))?;
        self.tell_next(&mut row)?;
        Ok(row)
    }

    /// What goes on only while the program runs.
    ///
    /// # Errors
    /// Of the data file.
    pub fn unfinished(&self) -> Result<UnfinishedView, CommandError> {
        counterfoil_commands::unfinished(self.engine.store())
    }

    fn looks(&self, who: Actor) -> Looks {
        Looks { who, at: self.bank_time(), clocks: self.engine.clocks(self.from.clock.now()) }
    }

    fn tell_next(&self, row: &mut RefundRowView) -> Result<(), CommandError> {
        let Some(refund) = RefundId::parse(&row.refund.refund) else { return Ok(()) };
        if let Some(refund) = self.engine.store().refund(refund)? {
            let next = self.engine.refund_asked_at(&refund, self.from.clock.now())?;
            row.next_at = next.map(|at| at.to_string());
        }
        Ok(())
    }

    /// What a person has decided on a screen about a refund that needs one.
    ///
    /// # Errors
    /// What was typed, the refund's rules, or the data file.
    pub fn take_decision(
        &mut self,
        refund: &str,
        typed: DecisionTyped,
        who: Actor,
    ) -> Result<RefundId, CommandError> {
        let DecisionTyped { choice, text } = typed;
        let decision = match choice.as_str() {
            "done" => Decision::Done { reference: text },
            "not-done" => Decision::NotDone { told_by: text },
            "keep-asking" => Decision::KeepAsking,
            // on a screen nobody pays by hand without naming the transfer
            "by-hand" => Decision::ByHand { proof: Some(text) },
            _ => return Err(CommandError::input(Code::NotFound).with("what", "choice")),
        };
        self.decide_refund(refund, who, &decision)
    }

    /// Takes a refund down.
    ///
    /// # Errors
    /// What was typed, the refund's rules, or the data file.
    pub fn request_refund(&mut self, typed: &RefundTyped, who: Actor) -> Result<RefundId, CommandError> {
        let mut bytes = [0; 16];
        OsEntropy.fill(&mut bytes);
        self.request_refund_as(RefundId::from_random(bytes), typed, who)
    }

    /// The same under an id that the screen has made: a key pressed twice is one refund.
    ///
    /// # Errors
    /// `refund-id-used`, or as above.
    pub fn request_refund_as(
        &mut self,
        id: RefundId,
        typed: &RefundTyped,
        who: Actor,
    ) -> Result<RefundId, CommandError> {
        self.working()?;
        let asked = counterfoil_commands::checked_refund(self.engine.store(), typed, id, who)?;
        self.opens_for(asked.payment)?;
        let requested = self.engine.request_refund(self.from.clock.now(), &asked);
        requested.map(|refund| refund.id).map_err(|why| self.not_sent(why.into()))
    }

    /// Approves a refund. `again`: the amount as typed once more, for one-person mode.
    ///
    /// # Errors
    /// `not-found`, the refund's rules, or the data file.
    pub fn approve_refund(
        &mut self,
        refund: &str,
        again: Option<&str>,
        who: Actor,
    ) -> Result<RefundId, CommandError> {
        self.allowed(who, Right::ApproveRefund)?;
        let id = counterfoil_commands::refund_id(self.engine.store(), refund)?;
        self.working()?;
        // what is no amount is not the same amount
        let again = again.and_then(|typed| Twd::parse(typed, Twd::new(i64::MAX)).ok());
        let approved = self.engine.approve_refund(self.from.clock.now(), id, again, who);
        approved.map(|refund| refund.id).map_err(|why| self.not_sent(why.into()))
    }

    /// Withdraws a refund, or has the bank asked whether it can be.
    ///
    /// # Errors
    /// `not-found`, the refund's rules, or the data file.
    pub fn withdraw_refund(&mut self, refund: &str, who: Actor) -> Result<RefundId, CommandError> {
        self.may_look(who)?;
        let id = counterfoil_commands::refund_id(self.engine.store(), refund)?;
        self.working()?;
        let withdrawn = self.engine.withdraw_refund(self.from.clock.now(), id, who);
        withdrawn.map(|()| id).map_err(|why| self.not_sent(why.into()))
    }

    /// A person's word about a refund that needs one.
    ///
    /// # Errors
    /// `not-found`, the refund's rules, or the data file.
    pub fn decide_refund(
        &mut self,
        refund: &str,
        who: Actor,
        decision: &Decision,
    ) -> Result<RefundId, CommandError> {
        self.allowed(who, Right::DecideRefund)?;
        let id = counterfoil_commands::refund_id(self.engine.store(), refund)?;
        match decision {
            Decision::Done { reference: word }
            | Decision::NotDone { told_by: word }
            | Decision::ByHand { proof: Some(word) } => {
                counterfoil_commands::checked_reason(word)?;
            }
            Decision::KeepAsking | Decision::ByHand { proof: None } => {}
        }
        self.working()?;
        let decided = self.engine.decide_refund(self.from.clock.now(), id, who, decision);
        decided.map(|refund| refund.id).map_err(|why| self.not_sent(why.into()))
    }

    /// Books a refund that was made at the bank's back office, or takes such a booking back.
    ///
    /// # Errors
    /// What was typed, or the data file.
    pub fn book_refund(
        &mut self,
        typed: &RefundTyped,
        refund_no: Option<&str>,
        undo: bool,
        who: Actor,
    ) -> Result<PaymentId, CommandError> {
        let (payment, amount) = counterfoil_commands::checked_amount(self.engine.store(), typed)?;
        let reason = counterfoil_commands::checked_reason(&typed.reason)?;
        let refund_no = refund_no.map(counterfoil_commands::checked_refund_no).transpose()?;
        self.working()?;
        let xid = typed.xid.clone();
        let booking = Booking { payment, xid, amount, refund_no, reason, who };
        let now = self.from.clock.now();
        if undo {
            self.engine.unbook_refund(now, &booking)?;
        } else {
            self.engine.book_refund(now, &booking)?;
        }
        Ok(payment)
    }
}
