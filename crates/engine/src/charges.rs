//! Several transactions of CTBC under the number of one payment (money rules 2 and 8).
//!
//! Promise: the one that holds money is the payment, however many tries failed before or after it.
//! Each further one that holds money is a discrepancy, is posted once as not explained, and can be
//! refunded by its XID. A name alone proves nothing: each is asked about by itself first. Where the
//! bank names none of them, the reading of the newest one raises the discrepancy.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use counterfoil_domain::judge::other_xid;
use counterfoil_domain::{
    Bank, BankRow, CardState, Charge, DiscrepancyKind, Entry, Mono, Now, Payment, PaymentId, Seen,
};

use crate::agenda::Why;
use crate::collect::ASK_AGAIN_MS;
use crate::engine::{Engine, EngineError, by_engine};
use crate::ports::{BankReply, BankRequest, Change, Guard, Inquiry, Said, Store};
use crate::purpose::Purpose;

/// A transaction that is no money yet is asked about again after this, while the bank shows it.
const AGAIN_MS: i64 = 3_600_000;
/// So long its answer is awaited.
const ANSWER_MS: i64 = 60_000;

/// The transactions of payments that share a number, by payment and XID.
#[derive(Default)]
pub(crate) struct Charges {
    /// Payments whose number several transactions share.
    shared: BTreeSet<PaymentId>,
    wanted: VecDeque<(PaymentId, String)>,
    asked: BTreeMap<(PaymentId, String), Mono>,
    /// What the bank has shown of each, and when.
    shown: BTreeMap<(PaymentId, String), (Mono, BankRow)>,
    /// The next question about the payment names this one.
    next: BTreeMap<PaymentId, String>,
}

/// An answer shows nothing of the payment itself: other questions find out which transaction it is,
/// or what that one shows.
#[derive(Debug)]
pub(crate) struct Later;

impl Charges {
    pub(crate) fn is_due(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// Do several transactions share its number?
    pub(crate) fn share(&self, id: PaymentId) -> bool {
        self.shared.contains(&id)
    }

    /// The transaction that the next question about a payment names.
    pub(crate) fn take_next(&mut self, id: PaymentId) -> Option<String> {
        self.next.remove(&id)
    }

    fn of(&self, id: PaymentId) -> impl Iterator<Item = (&str, &BankRow)> {
        let shown = self.shown.range((id, String::new())..).take_while(move |((of, _), _)| *of == id);
        shown.map(|((_, xid), (_, row))| (xid.as_str(), row))
    }

    fn show(&mut self, now: Now, id: PaymentId, xid: &str, row: BankRow) {
        self.shown.insert((id, xid.to_owned()), (now.mono, row));
    }

    /// Asks about those of which nothing is known that still holds. Returns whether there are any.
    fn want(&mut self, now: Now, id: PaymentId, xids: &[&str]) -> bool {
        let mut any = false;
        for xid in xids {
            let key = (id, (*xid).to_owned());
            let known = self.shown.get(&key);
            if known.is_some_and(|(at, row)| is_money(row) || now.mono.ms_since(*at) < AGAIN_MS) {
                continue;
            }
            any = true;
            if self.asked.get(&key).is_none_or(|asked| now.mono.ms_since(*asked) >= ANSWER_MS) {
                self.asked.insert(key.clone(), now.mono);
                self.wanted.push_back(key);
            }
        }
        any
    }
}

impl<S: Store> Engine<S> {
    /// The transaction of an answer that is the payment: its own; else one that holds money; else
    /// the newest, once none of the others does. `None` when the bank has no such order.
    pub(crate) fn own_row(
        &mut self,
        now: Now,
        payment: &Payment,
        rows: &[BankRow],
    ) -> Result<Option<BankRow>, Later> {
        let Some(newest) = rows.first().filter(|row| row.seen.is_several()) else {
            return Ok(rows.first().cloned());
        };
        let named: Vec<&str> = rows.iter().skip(1).filter_map(xid_of).collect();
        if named.is_empty() {
            return Ok(Some(newest.clone()));
        }
        let (id, newest, its) = (payment.id, alone(newest), xid_of(newest));
        self.charges.shared.insert(id);
        if let Some(xid) = its {
            self.charges.show(now, id, xid, newest.clone());
        }
        let target = match payment.own_xid() {
            Some(own) => Some(own.to_owned()),
            None if holds_money(&newest) => return Ok(Some(newest)),
            None if self.charges.want(now, id, &named) => return Err(Later),
            None => {
                let money = self.charges.of(id).filter(|(_, row)| holds_money(row));
                let oldest = money.min_by_key(|(_, row)| (row.paid_at.is_none(), row.paid_at));
                oldest.map(|(xid, _)| xid.to_owned())
            }
        };
        let Some(other) = target.filter(|xid| its != Some(xid)) else { return Ok(Some(newest)) };
        self.charges.next.insert(id, other);
        Err(Later)
    }

    /// Nothing is known yet of the payment itself: where its transaction is known, that one is
    /// asked about at once.
    pub(crate) fn ask_own(&mut self, now: Now, payment: &Payment) -> Result<(), EngineError> {
        self.hold(payment, now.mono.plus_ms(ASK_AGAIN_MS));
        self.reschedule(payment.id, now)?;
        if self.charges.next.contains_key(&payment.id) {
            self.ask_at(payment, Some((Why::Screen, now.mono)));
        }
        Ok(())
    }

    /// Notes the transactions of an answer that are not the payment's own.
    pub(crate) fn note_charges(
        &mut self,
        now: Now,
        id: PaymentId,
        rows: &[BankRow],
    ) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
        let Some(own) = payment.own_xid().filter(|_| payment.state.has_money()) else { return Ok(()) };
        let named = rows.iter().filter(|row| row.seen.card().is_some()).filter_map(xid_of);
        let others: Vec<&str> = named.filter(|xid| *xid != own).collect();
        if others.is_empty() {
            return Ok(());
        }
        self.charges.want(now, id, &others);
        self.book_charges(now, &payment)
    }

    /// The next transaction to ask about.
    pub(crate) fn next_charge(&mut self) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some((id, xid)) = self.charges.wanted.pop_front() else { return Ok(None) };
        let Payment { bank_order_no, amount, .. } = self.payment(id)?;
        let question = Inquiry::Card { bank_order_no, amount, xid: Some(xid.clone()) };
        Ok(Some((Purpose::Charge(id, xid), BankRequest::Ask(question))))
    }

    /// One transaction, asked about by its XID.
    pub(crate) fn charge_answered(
        &mut self,
        now: Now,
        id: PaymentId,
        xid: &str,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Said::Rows(rows) = &reply.said else { return Ok(()) };
        let payment = self.payment(id)?;
        // a try that failed may come without its name
        let is_it = |row: &&BankRow| !row.seen.is_several() && xid_of(row).is_none_or(|its| its == xid);
        let Some(row) = rows.first().filter(is_it) else { return Ok(()) };
        self.charges.show(now, id, xid, row.clone());
        if payment.own_xid().is_some() {
            return self.book_charges(now, &payment);
        }
        if !self.charges.wanted.iter().any(|(of, _)| *of == id) {
            self.ask_at(&payment, Some((Why::Screen, now.mono)));
        }
        Ok(())
    }

    /// Each other transaction that holds money was charged on top.
    fn book_charges(&mut self, now: Now, payment: &Payment) -> Result<(), EngineError> {
        let Some(own) = payment.own_xid().filter(|_| payment.state.has_money()) else { return Ok(()) };
        let id = payment.id;
        let known = self.store.charges_of(id)?;
        let is_new = |xid: &str| xid != own && !known.iter().any(|charge| charge.xid == xid);
        let others = self.charges.of(id).filter(|(xid, row)| is_new(xid) && holds_money(row));
        let others: Vec<(String, BankRow)> = others.map(|(xid, row)| (xid.to_owned(), row.clone())).collect();
        for (xid, row) in others {
            self.unequal(now, payment, DiscrepancyKind::ChargedTwice, &other_xid(own, &xid))?;
            if is_money(&row) {
                self.book_charge(now, id, &xid, &row)?;
            }
        }
        Ok(())
    }

    fn book_charge(&mut self, now: Now, id: PaymentId, xid: &str, row: &BankRow) -> Result<(), EngineError> {
        let payment = self.payment(id)?;
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

/// What the bank shows of the newest of several is true of that one.
fn alone(row: &BankRow) -> BankRow {
    let seen = row.seen.card().map(|state| Seen::Ctbc { state, several: false });
    BankRow { seen: seen.unwrap_or_else(|| row.seen.clone()), ..row.clone() }
}

fn is_money(row: &BankRow) -> bool {
    row.seen.card().is_some_and(CardState::is_money)
}

fn holds_money(row: &BankRow) -> bool {
    row.seen.card().is_some_and(CardState::holds_money)
}

fn xid_of(row: &BankRow) -> Option<&str> {
    row.issued.as_ref()?.bank_ref.as_deref()
}
