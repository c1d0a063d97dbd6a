//! Discrepancies: made once, closed by a person or by the bank's later answer, and made again only
//! after they were gone.

use counterfoil_domain::{
    Actor, BankRow, Closing, Discrepancy, DiscrepancyId, DiscrepancyKind, Moment, Now, OperationKind,
    PaymentId, PaymentState, Right,
};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{AuditLine, Change, Jot, Store};

/// A closing by what settled it: an answer of the bank, or a person's decision about the operation.
pub(crate) fn settled(found: &Discrepancy, at: Moment, who: Actor, reason: &str) -> Change {
    let reason = reason.to_owned();
    Change::DiscrepancyClosed(Closing { discrepancy: found.id, at, who, second: None, reason })
}

/// It was raised when the readings of an operation of this kind had come to no end.
pub(crate) fn is_of_unclear(found: &Discrepancy, kind: OperationKind) -> bool {
    let rest = found.detail.strip_prefix(kind.name());
    found.kind == DiscrepancyKind::StaysUnknown && rest.is_some_and(|rest| rest.starts_with(' '))
}

/// An answer, as far as it may settle what did not fit.
pub(crate) struct Settling<'a> {
    /// Its row, where it fits.
    pub(crate) row: Option<&'a BankRow>,
    /// The payment's state by then.
    pub(crate) becomes: PaymentState,
    /// When its question left.
    pub(crate) asked: Moment,
    /// The kind of the operation that it ends.
    pub(crate) ended: Option<OperationKind>,
    pub(crate) at: Moment,
    /// The bank's words.
    pub(crate) said: &'a str,
}

impl Settling<'_> {
    pub(crate) fn closings(&self, open: &[Discrepancy]) -> Vec<Change> {
        let by_row = |found: &Discrepancy| {
            // a question that left before it was raised has not seen it
            let later = self.asked >= found.at;
            later && self.row.is_some_and(|row| found.kind.is_settled_by(row, self.becomes))
        };
        let by_end = |found: &Discrepancy| self.ended.is_some_and(|kind| is_of_unclear(found, kind));
        let settles = |found: &&Discrepancy| by_row(found) || by_end(found);
        open.iter().filter(settles).map(|found| settled(found, self.at, Actor::Engine, self.said)).collect()
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn discrepancy(
        &mut self,
        at: Moment,
        payment: PaymentId,
        kind: DiscrepancyKind,
        detail: String,
    ) -> Change {
        let id = self.discrepancy_id(at);
        Change::DiscrepancyAdded(Discrepancy { id, kind, payment: Some(payment), at, detail })
    }

    /// One that is raised once for its payment, whatever the bank says later.
    pub(crate) fn new_discrepancy(
        &mut self,
        at: Moment,
        payment: PaymentId,
        kind: DiscrepancyKind,
        row: Option<&BankRow>,
    ) -> Result<Option<Change>, EngineError> {
        let known = self.known_discrepancies(payment)?.iter().any(|d| d.kind == kind);
        let said = row.map_or_else(String::new, |row| row.said.clone());
        Ok((!known).then(|| self.discrepancy(at, payment, kind, said)))
    }

    /// Open ones, and closed ones that the bank still shows: report neither again.
    pub(crate) fn known_discrepancies(&self, id: PaymentId) -> Result<Vec<Discrepancy>, EngineError> {
        let mut known = self.store.discrepancies_of(id)?;
        known.extend(self.store.discrepancies_closed(id)?);
        Ok(known)
    }

    /// Remembers which closed discrepancies a reading does not show any more: seen again, they are
    /// new ones.
    pub(crate) fn gone(
        &mut self,
        closed: &[Discrepancy],
        shown: &[(DiscrepancyKind, String)],
    ) -> Result<(), EngineError> {
        let is_shown =
            |d: &Discrepancy| shown.iter().any(|(kind, detail)| d.kind == *kind && d.detail == *detail);
        let gone = closed.iter().filter(|d| d.kind.is_shown_by_readings() && !is_shown(d));
        let jots: Vec<_> = gone.map(|d| Jot::Gone(d.id)).collect();
        if !jots.is_empty() {
            self.store.jot(&jots)?;
        }
        Ok(())
    }

    /// A person closes a discrepancy, with a reason. Done twice is done once.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], or of the store.
    pub fn close_discrepancy(
        &mut self,
        now: Now,
        id: DiscrepancyId,
        who: Actor,
        reason: String,
    ) -> Result<(), EngineError> {
        self.allowed(who, Right::CloseDiscrepancy)?;
        let (found, closed) = self.store.discrepancy(id)?.ok_or(EngineError::NotFound("discrepancy"))?;
        if closed.is_some() {
            return Ok(());
        }
        let at = self.bank_time(now);
        let closing = Closing { discrepancy: id, at, who, second: None, reason };
        // the reason may name a customer: only its row holds it
        let audit = AuditLine { who, ..by_engine(at, "close-discrepancy", id, found.kind.name()) };
        self.commit(audit, vec![Change::DiscrepancyClosed(closing)])?;
        found.payment.map_or(Ok(()), |payment| self.plan_refunds_of(payment, now))
    }
}
