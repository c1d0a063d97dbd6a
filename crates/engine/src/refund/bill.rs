//! The statement of a day: the proof of SinoPac that a refund of that day did not happen.

use counterfoil_domain::operation::readings::unchanged_since;
use counterfoil_domain::operation::rules::{And, Unchanged};
use counterfoil_domain::{Now, Operation, OperationId, Payment, Query, Reading, Shows};

use super::planning::READ_AGAIN_MS;
use crate::agenda::Why;
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{BankReply, BankRequest, BillKind, BillRow, Change, Inquiry, Said, Store};
use crate::purpose::Purpose;

/// A statement without a clear answer is asked for again after this.
const BILL_AGAIN_MS: i64 = 3_600_000;

impl<S: Store> Engine<S> {
    /// The statement of the day on which an unclear refund of SinoPac was sent: one of the proofs
    /// that it did not happen. Asked for once that day is over and a reading showed nothing new.
    pub(crate) fn bill_of(
        &self,
        payment: &Payment,
        now: Now,
    ) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some(op) = self.unclear_operation(payment.id)? else { return Ok(None) };
        let Some(sent_at) = op.sent_at.filter(|_| wants_bill(&op)) else {
            return Ok(None);
        };
        let today = self.at(payment.rail.bank(), now).bank.day();
        let readings = self.store.readings_of(op.id)?;
        let asked = readings.iter().any(|reading| reading.asked_at.day() == today && is_of_bill(reading));
        let unchanged = unchanged_since(&op, &readings).is_some();
        if today <= sent_at.day() || asked || !unchanged || readings.iter().any(proves_bill) {
            return Ok(None);
        }
        Ok(Some((Purpose::Bill(op.id), BankRequest::Ask(Inquiry::Bill { day: sent_at.day() }))))
    }

    /// The statement: a row of the order that is no payment may be the refund. Then the order is
    /// asked about as well.
    pub(crate) fn bill_answered(
        &mut self,
        now: Now,
        id: OperationId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let op = self.operation(id)?;
        let payment = self.payment(op.payment)?;
        let at = self.at(payment.rail.bank(), now).bank;
        let mut again_ms = BILL_AGAIN_MS;
        if let Said::Bill(rows) = &reply.said {
            again_ms = READ_AGAIN_MS;
            let may_be = |row: &BillRow| {
                row.bank_order_no == payment.bank_order_no.as_str() && row.kind != BillKind::Payment
            };
            let shows = if rows.iter().any(may_be) { Shows::Nothing } else { Shows::NoRefundInBill };
            let reading = Reading {
                operation: id,
                at,
                asked_at: asked.sure,
                query: Query::Bill,
                scheduled: false,
                shows,
            };
            let audit = by_engine(at, "reading", payment.id, "bill");
            self.commit(audit, vec![Change::ReadingAdded(reading)])?;
        }
        self.ask_at(&payment, Some((Why::Unclear, now.mono.plus_ms(again_ms))));
        Ok(())
    }
}

fn wants_bill(op: &Operation) -> bool {
    matches!(op.kind.rule().unchanged, Unchanged::Twice { and: And::NextDayAndBill, .. })
}

fn is_of_bill(reading: &Reading) -> bool {
    reading.query == Query::Bill
}

fn proves_bill(reading: &Reading) -> bool {
    reading.shows == Shows::NoRefundInBill
}
