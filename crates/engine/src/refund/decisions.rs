//! What people decide about a refund: withdraw it, say what the bank has told them, pay by hand, or
//! book one that was made at the bank.
//!
//! Promise: only a decision that `counterfoil_domain::refund::decide` leaves is taken, in one batch
//! with its posting. A wish to have a refund back is kept in its row.

use counterfoil_domain::operation::OperationState;
use counterfoil_domain::refund::approval::check_word;
use counterfoil_domain::refund::decide::done_by_hand;
use counterfoil_domain::refund::request::{RequestError, Withdrawal};
use counterfoil_domain::refund::{Booked, Choice, Confirmed, RefundWhy, Word, choices, left, withdraw};
use counterfoil_domain::{
    Actor, Clocks, DiscrepancyKind, Entry, Now, Operation, PaymentId, Refund, RefundId, RefundState, Right,
    Twd,
};

use super::planning::{TargetRows, target_rows};
use super::{Booking, Decision, RefundRefused, abandoned, pair, payment_of, refund_changed};
use crate::agenda::Why;
use crate::discrepancies::{self, is_of_unclear};
use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{AuditLine, BookedRefund, Change, Guard, Store, UnbookedRefund};

impl Decision {
    /// Which way out it is.
    pub const fn choice(&self) -> Choice {
        match self {
            Self::Done { .. } => Choice::Done,
            Self::NotDone { .. } => Choice::NotDone,
            Self::KeepAsking => Choice::KeepAsking,
            Self::ByHand { .. } => Choice::ByHand,
        }
    }

    fn word(&self, who: Actor) -> Option<Word> {
        let (confirmed, text) = match self {
            Self::Done { reference } => (Confirmed::Done, reference.clone()),
            Self::NotDone { told_by } => (Confirmed::NotDone, told_by.clone()),
            // the row says that it was by hand: this is what shows it
            Self::ByHand { proof } => (Confirmed::Done, proof.clone()?),
            Self::KeepAsking => return None,
        };
        Some(Word { confirmed, text, who })
    }
}

impl<S: Store> Engine<S> {
    /// Withdraws a refund: at once where nothing was sent, else the bank is asked first.
    ///
    /// # Errors
    /// [`EngineError::Refund`] with nothing written, or of the store.
    pub fn withdraw_refund(&mut self, now: Now, id: RefundId, who: Actor) -> Result<(), EngineError> {
        self.deciding_refund(payment_of::<S>(id), |engine| engine.decide_withdrawal(now, id, who))
    }

    fn decide_withdrawal(&mut self, now: Now, id: RefundId, who: Actor) -> Result<(), EngineError> {
        let refund = self.refund(id)?;
        let own = refund.requester == who;
        self.allowed(who, if own { Right::AskRefund } else { Right::WithdrawRefund })?;
        let bank = self.payment(refund.payment)?.rail.bank();
        let at = self.at(bank, now).bank;
        let operations = self.store.operations_of(refund.payment)?;
        let audit = AuditLine { who, ..by_engine(at, "refund-withdraw", id, "") };
        match withdraw(&refund, &operations, who, at).map_err(RefundRefused::from)? {
            Withdrawal::Free(row) => {
                let mut changes = vec![refund_changed(&row)];
                changes.extend(abandoned(&row, &operations));
                self.commit(audit, changes)?;
                self.ask_after(&row, now)
            }
            Withdrawal::Wanted(row) => {
                if row != refund {
                    self.commit(AuditLine { detail: "asked".into(), ..audit }, vec![refund_changed(&row)])?;
                }
                self.refund_turn(&row, bank, now.mono);
                Ok(())
            }
            Withdrawal::Reverse(_) | Withdrawal::Wait(_) => Err(EngineError::NotFound("reading")),
        }
    }

    /// A person's word about a refund that needs one.
    ///
    /// # Errors
    /// [`EngineError::Refund`] with nothing written, or of the store.
    pub fn decide_refund(
        &mut self,
        now: Now,
        id: RefundId,
        who: Actor,
        decision: &Decision,
    ) -> Result<Refund, EngineError> {
        self.deciding_refund(payment_of::<S>(id), |engine| engine.take_decision(now, id, who, decision))
    }

    fn take_decision(
        &mut self,
        now: Now,
        id: RefundId,
        who: Actor,
        decision: &Decision,
    ) -> Result<Refund, EngineError> {
        self.allowed(who, Right::DecideRefund)?;
        let refund = self.refund(id)?;
        let payment = self.payment(refund.payment)?;
        let bank = payment.rail.bank();
        let at = self.at(bank, now).bank;
        if refund.state != RefundState::NeedsPerson {
            return Err(RefundRefused::NothingToDecide.into());
        }
        let operations = self.store.operations_of(payment.id)?;
        let ways = choices(&refund, &payment, &operations, &self.store.refunds_of(payment.id)?);
        if !ways.contains(&decision.choice()) {
            return Err(RefundRefused::NotAChoice(ways).into());
        }
        let pair = pair(&self.store, &refund, who, Clocks { at, ..self.clocks(now) })?;
        check_word(&refund, decision.choice(), &pair).map_err(RefundRefused::from)?;
        let asked =
            operations.iter().find(|op| op.refund == Some(id) && op.state == OperationState::NeedsPerson);
        if decision.choice() == Choice::Done {
            // what was booked meanwhile may be this very refund
            let TargetRows { captured, mut refunds, booked } =
                target_rows(&self.store, &payment, &refund.xid)?;
            refunds.retain(|other| other.id != id);
            let captured = captured.unwrap_or(payment.amount);
            let left = left(captured, &refunds, &booked);
            if refund.amount > left {
                return Err(RefundRefused::from(RequestError::AboveLeft { left }).into());
            }
        }
        let word = decision.word(who);
        // the word may name a customer: only its row holds it
        let audit = AuditLine { who, ..by_engine(at, "refund-decide", id, decision.choice().name()) };
        let told = Refund { word: word.clone(), version: refund.version + 1, ..refund.clone() };
        let ended = |state| Refund { state, until: None, why: None, ..told.clone() };
        let mut changes = Vec::new();
        let ends = matches!(decision.choice(), Choice::Done | Choice::NotDone);
        if let Some(op) = asked.filter(|_| ends) {
            let open = self.store.discrepancies_of(payment.id)?;
            let open = open.iter().filter(|found| is_of_unclear(found, op.kind));
            changes
                .extend(open.map(|found| discrepancies::settled(found, at, who, decision.choice().name())));
        }
        let next = match (decision.choice(), asked) {
            (Choice::ByHand, _) => Some(done_by_hand(&Refund { word, ..refund.clone() })),
            (Choice::KeepAsking, Some(op)) => {
                changes.push(settled(op, OperationState::Unknown));
                None
            }
            (Choice::KeepAsking | Choice::Withdraw, _) => None,
            (Choice::Done, Some(op)) => {
                changes.push(settled(op, OperationState::Accepted));
                // the bank's word, by a person: what a reading says against it is a discrepancy
                Some(if op.kind.rule().ends_refund() { ended(RefundState::Done) } else { told.clone() })
            }
            (Choice::NotDone, Some(op)) => {
                changes.push(settled(op, OperationState::DidNotHappen));
                Some(told.clone())
            }
            (Choice::Done, None) => Some(ended(RefundState::Done)),
            // the bank took it, and has given nothing back: the sale is free for another refund
            (Choice::NotDone, None) => Some(ended(RefundState::Declined)),
        };
        if let Some(next) = &next {
            changes.push(refund_changed(next));
            if next.state.is_final() {
                changes.extend(abandoned(next, &operations));
            }
            changes.extend(self.refund_entry(&payment, next, at)?);
        }
        if !changes.is_empty() {
            self.commit_on(audit, vec![Guard::Day(at.day())], changes)?;
        }
        let refund = self.refund(id)?;
        self.refund_turn(&refund, bank, now.mono);
        self.ask_after(&refund, now)?;
        Ok(refund)
    }

    /// A person books a refund that was made at the bank's back office: it counts as given back,
    /// and is posted as one.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Refund`] with nothing written, or of the store.
    pub fn book_refund(&mut self, now: Now, booking: &Booking) -> Result<(), EngineError> {
        self.deciding_refund(|_| Ok(Some(booking.payment)), |engine| engine.decide_booking(now, booking))
    }

    fn decide_booking(&mut self, now: Now, booking: &Booking) -> Result<(), EngineError> {
        self.allowed(booking.who, Right::BookRefund)?;
        let payment = self.payment(booking.payment)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let Booking { xid, amount, refund_no, reason, who, .. } = booking.clone();
        let xid = payment.row_xid(&xid).to_owned();
        let TargetRows { captured, refunds, booked } = target_rows(&self.store, &payment, &xid)?;
        let captured = captured.ok_or(RefundRefused::NoSuchTransaction)?;
        if !payment.state.has_money() {
            return Err(RefundRefused::from(RequestError::NothingCollected).into());
        }
        if refund_no.is_some() && booked.iter().any(|one| one.refund_no == refund_no) {
            return Err(RefundRefused::BookedBefore.into());
        }
        // what waits for this booking is not given back yet
        let waits = |refund: &&Refund| {
            refund.state == RefundState::NeedsPerson
                && refund.why == Some(RefundWhy::Discrepancy(DiscrepancyKind::RefundedOutside))
        };
        let others = refunds.iter().filter(|refund| !waits(refund));
        let left = left(captured, others, &booked);
        if amount <= Twd::ZERO || amount > left {
            return Err(RefundRefused::from(RequestError::AboveLeft { left }).into());
        }
        // the reason may name a customer: only its row holds it
        let detail = format!("{} {amount}", payment.bank_order_no);
        let audit = AuditLine { who, ..by_engine(at, "refund-book", payment.id, detail) };
        let booked = Booked { refund_no, amount, at };
        let row = BookedRefund { payment: payment.id, xid, booked, who, reason };
        let is_second = self.is_second(&payment, (&row.xid, None, amount))?;
        let mut changes: Vec<Change> =
            Entry::booked(&payment, amount, is_second, at).map(Change::EntryAdded).into_iter().collect();
        changes.push(Change::RefundBooked(row));
        let guards = vec![Guard::Payment(payment.id, payment.version), Guard::Day(at.day())];
        self.commit_on(audit, guards, changes)?;
        self.reschedule(payment.id, now)?;
        self.plan_refunds_of(payment.id, now)
    }

    /// A person takes the last such booking back: it counts no more, and the sale is asked about.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Refund`] with nothing written, or of the store.
    pub fn unbook_refund(&mut self, now: Now, booking: &Booking) -> Result<(), EngineError> {
        self.deciding_refund(|_| Ok(Some(booking.payment)), |engine| engine.decide_unbooking(now, booking))
    }

    fn decide_unbooking(&mut self, now: Now, booking: &Booking) -> Result<(), EngineError> {
        self.allowed(booking.who, Right::BookRefund)?;
        let payment = self.payment(booking.payment)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let Booking { xid, amount, refund_no, reason, who, .. } = booking.clone();
        let is_it = |row: &BookedRefund| {
            payment.target(&row.xid) == payment.target(&xid)
                && row.booked.amount == amount
                && (refund_no.is_none() || row.booked.refund_no == refund_no)
        };
        let row = self.store.refunds_booked(payment.id)?.into_iter().rfind(is_it);
        let row = row.ok_or(RefundRefused::NoSuchBooking)?;
        let is_second = self.is_second(&payment, (&row.xid, None, amount))?;
        let entry = Entry::booked(&payment, amount, is_second, at).and_then(|entry| entry.taken_back(at));
        // the reason may name a customer: only its row holds it
        let detail = format!("{} {amount}", payment.bank_order_no);
        let audit = AuditLine { who, ..by_engine(at, "refund-unbook", payment.id, detail) };
        let back =
            UnbookedRefund { payment: payment.id, xid: row.xid, booked_at: row.booked.at, at, who, reason };
        let mut changes: Vec<Change> = entry.map(Change::EntryAdded).into_iter().collect();
        changes.push(Change::RefundUnbooked(back));
        let guards = vec![Guard::Payment(payment.id, payment.version), Guard::Day(at.day())];
        self.commit_on(audit, guards, changes)?;
        self.ask_at(&payment, Some((Why::Background, now.mono)));
        self.plan_refunds_of(payment.id, now)
    }

    /// A person has settled something about a payment: what waited for that is planned again.
    pub(crate) fn plan_refunds_of(&mut self, payment: PaymentId, now: Now) -> Result<(), EngineError> {
        let bank = self.payment(payment)?.rail.bank();
        for refund in self.store.refunds_of(payment)? {
            self.refund_turn(&refund, bank, now.mono);
        }
        Ok(())
    }
}

fn settled(op: &Operation, state: OperationState) -> Change {
    Change::OperationChanged(Operation { state, ..op.clone() })
}
