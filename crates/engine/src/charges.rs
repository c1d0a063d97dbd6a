//! Charged twice: other transactions of CTBC under the number of a payment (money rules 2 and 8).
//!
//! Promise: each that holds money is written down once, posted as not explained, and can be
//! refunded by its XID. A name alone proves nothing: each is asked about by itself first. Left out:
//! the discrepancy, which the reading of the payment raises.

use std::collections::{BTreeMap, VecDeque};

use counterfoil_domain::{Bank, BankRow, CardState, Charge, Entry, Mono, Now, Payment, PaymentId};

use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{BankReply, BankRequest, Change, Guard, Inquiry, Said, Store};
use crate::purpose::Purpose;

/// A transaction that holds no money is asked about again after this, while the bank shows it.
const AGAIN_MS: i64 = 3_600_000;

/// Transactions to ask about, by payment and XID.
#[derive(Default)]
pub(crate) struct Charges {
    wanted: VecDeque<(PaymentId, String)>,
    asked: BTreeMap<(PaymentId, String), Mono>,
}

impl Charges {
    pub(crate) fn is_due(&self) -> bool {
        !self.wanted.is_empty()
    }
}

impl<S: Store> Engine<S> {
    /// Notes the transactions of an answer that are not the payment's own.
    pub(crate) fn note_charges(
        &mut self,
        now: Now,
        id: PaymentId,
        rows: &[BankRow],
    ) -> Result<(), EngineError> {
        let named = rows.iter().filter(|row| row.seen.card().is_some()).filter_map(xid_of);
        let payment = self.payment(id)?;
        let Some(own) = payment.own_xid() else { return Ok(()) };
        let others: Vec<&str> = named.filter(|xid| *xid != own).collect();
        if others.is_empty() || !payment.state.has_money() {
            return Ok(());
        }
        let known = self.store.charges_of(id)?;
        for xid in others.into_iter().filter(|xid| !known.iter().any(|charge| charge.xid == *xid)) {
            let key = (id, xid.to_owned());
            let asked = self.charges.asked.get(&key);
            if asked.is_none_or(|asked| now.mono.ms_since(*asked) >= AGAIN_MS) {
                self.charges.asked.insert(key.clone(), now.mono);
                self.charges.wanted.push_back(key);
            }
        }
        Ok(())
    }

    /// The next transaction to ask about.
    pub(crate) fn next_charge(&mut self) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some((id, xid)) = self.charges.wanted.pop_front() else { return Ok(None) };
        let Payment { bank_order_no, amount, .. } = self.payment(id)?;
        let question = Inquiry::Card { bank_order_no, amount, xid: Some(xid) };
        Ok(Some((Purpose::Charge(id), BankRequest::Ask(question))))
    }

    /// One that holds money is a second charge.
    pub(crate) fn charge_answered(
        &mut self,
        now: Now,
        id: PaymentId,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Said::Rows(rows) = &reply.said else { return Ok(()) };
        let payment = self.payment(id)?;
        let Some((row, xid)) = rows.first().and_then(|row| Some((row, xid_of(row)?))) else { return Ok(()) };
        let known = self.store.charges_of(id)?.iter().any(|charge| charge.xid == xid);
        let holds_money = !row.seen.is_several() && row.seen.card().is_some_and(CardState::is_money);
        if known || !holds_money || payment.own_xid().is_none_or(|own| own == xid) {
            return Ok(());
        }
        let at = self.at(Bank::Ctbc, now).bank;
        let amount = row.amount.unwrap_or(payment.amount);
        let charge = Charge { payment: id, xid: xid.to_owned(), amount, at };
        let mut changes = vec![Change::ChargeAdded(charge)];
        changes.extend(Entry::charged_again(id, at, payment.rail, amount).map(Change::EntryAdded));
        changes.extend(crate::collect::capture(&payment, Some(row), at).map(Change::CaptureAdded));
        let guards = vec![Guard::Payment(id, payment.version), Guard::Day(at.day())];
        self.commit_on(by_engine(at, "charge", id, xid), guards, changes)
    }
}

fn xid_of(row: &BankRow) -> Option<&str> {
    row.issued.as_ref()?.bank_ref.as_deref()
}
