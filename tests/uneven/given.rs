//! The judge of refunds: each write that leaves, each commit about a refund, and the whole file at
//! every crash, batch and end, held against the bank's books.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use counterfoil_domain::{
    Moment, Operation, OperationId, OperationKind, OperationState, PaymentId, PaymentState, Rail, Refund,
    RefundId, RefundState, Twd,
};
use counterfoil_engine::ports::{BankRequest, Change, Commit, Inquiry, Said, Store, Write};

use super::books::given_back;
use super::judge::Judge;
use crate::ledger;
use crate::world::World;

/// A step leaves within so much time of the reading that it rests on.
const READ_WITHIN_MS: i64 = 10 * 60_000 + 15_000;

/// What the judge remembers of refunds.
#[derive(Default)]
pub(super) struct Given {
    /// The last attempt of each kind of operation of a payment.
    claimed: BTreeMap<(PaymentId, OperationKind), (OperationId, u32, Option<RefundId>)>,
    /// Attempts that have left.
    left: BTreeSet<(OperationId, u32)>,
    /// What the bank has done for them.
    acted: BTreeSet<OperationId>,
    withdrawn: BTreeSet<RefundId>,
    /// When each order was last read by its number.
    read: BTreeMap<PaymentId, i64>,
    /// The bank day of the last refund of a card of SinoPac.
    refunded_on: BTreeMap<PaymentId, NaiveDate>,
    /// From when on the bank's rows of an order contradict themselves.
    odd_since: BTreeMap<PaymentId, i64>,
    /// Payments that another hand has touched at the bank, or that it has answered oddly about.
    touched: BTreeSet<PaymentId>,
}

/// Of which order a write is.
pub(super) fn number_of(write: &Write) -> &str {
    match write {
        Write::IssueAccount { bank_order_no, .. }
        | Write::CreateLink { bank_order_no, .. }
        | Write::Manage { bank_order_no, .. }
        | Write::Refund { bank_order_no, .. }
        | Write::Card { bank_order_no, .. } => bank_order_no.as_str(),
    }
}

fn is_open_money(op: &Operation) -> bool {
    let gives_back = op.refund.is_some() && op.kind != OperationKind::AccountRefundToken;
    gives_back
        && matches!(
            op.state,
            OperationState::Sending
                | OperationState::Unknown
                | OperationState::Pending
                | OperationState::NeedsPerson
        )
}

impl Judge {
    /// The bank has acted for this operation.
    pub(super) fn has_acted(&self, op: OperationId) -> bool {
        self.given.acted.contains(&op)
    }

    /// What the bank has given back by our requests covers this operation too.
    pub(super) fn is_ended(&self, world: &World, op: &Operation) -> bool {
        let Some(truth) = self.truths.get(&op.payment) else { return false };
        let refunds = world.engine.as_ref().unwrap().store().refunds_of(op.payment).unwrap();
        let wanted = done(&refunds) + op.amount.map_or(0, Twd::dollars);
        given_back(world, truth.rail, &truth.number, false) >= wanted
    }

    pub(super) fn sold_as(&self, payment: PaymentId) -> Option<(Rail, String, PaymentState)> {
        self.truths.get(&payment).map(|truth| (truth.rail, truth.number.clone(), truth.state))
    }

    /// Another hand has acted at the bank; `odd`: its rows contradict themselves now.
    pub(super) fn bank_acted(&mut self, payment: PaymentId, now: i64, odd: bool) {
        self.given.touched.insert(payment);
        if odd {
            self.given.odd_since.entry(payment).or_insert(now);
        }
    }

    /// The bank's answer about this order is a wrong one.
    pub(super) fn spoilt(&mut self, number: &str) {
        if let Some(payment) = self.by_number.get(number) {
            self.given.touched.insert(*payment);
        }
    }

    pub(super) fn is_touched(&self, payment: PaymentId) -> bool {
        self.given.touched.contains(&payment)
    }

    /// A question by number is answered.
    pub(super) fn read(&mut self, now: i64, request: &BankRequest, said: &Said) {
        if let BankRequest::Ask(Inquiry::Order { bank_order_no } | Inquiry::Card { bank_order_no, .. }) =
            request
            && matches!(said, Said::Rows(_))
            && let Some(payment) = self.by_number.get(bank_order_no.as_str())
        {
            self.given.read.insert(*payment, now);
        }
    }

    /// A write leaves this computer (I3, I6, I7, W1, W2). Gives its operation.
    pub(super) fn write_leaves(&mut self, now: i64, write: &Write) -> Option<OperationId> {
        let (kind, payment) = (write.kind(), *self.by_number.get(number_of(write))?);
        let name = kind.name();
        let Some((op, attempt, refund)) = self.given.claimed.get(&(payment, kind)).copied() else {
            self.violation("I6", now, &format!("{name} of {payment} was never claimed"));
            return None;
        };
        if !self.given.left.insert((op, attempt)) {
            self.violation("I3", now, &format!("{name} of {payment} left twice in attempt {attempt}"));
        }
        let Some(refund) = refund else { return Some(op) };
        if self.given.withdrawn.contains(&refund) {
            self.violation("I7", now, &format!("{name} of {payment} left, and {refund} is withdrawn"));
        }
        let read = self.given.read.get(&payment).map(|read| now - read);
        if read.is_none_or(|read| read > READ_WITHIN_MS) {
            self.violation("W1", now, &format!("{name} of {payment} left {read:?} ms after its reading"));
        }
        let odd = self.given.odd_since.get(&payment).map(|since| now - since);
        if let Some(odd) = odd.filter(|odd| *odd > READ_WITHIN_MS) {
            self.violation(
                "W1",
                now,
                &format!("{name} of {payment} left on rows that are odd since {odd} ms"),
            );
        }
        let today = self.start.plus_ms(now).day();
        if kind == OperationKind::CardRefund && self.given.refunded_on.get(&payment) == Some(&today) {
            self.violation("W2", now, &format!("a second refund of {payment} left on {today}"));
        }
        Some(op)
    }

    /// The bank has taken a write, by its own log.
    pub(super) fn bank_took(&mut self, now: i64, op: OperationId, write: &Write) {
        self.given.acted.insert(op);
        if write.kind() == OperationKind::CardRefund
            && let Some(payment) = self.by_number.get(number_of(write))
        {
            self.given.refunded_on.insert(*payment, self.start.plus_ms(now).day());
        }
    }

    /// The touched payments of a commit (I1, I2, I4, I8).
    pub(super) fn refunds_committed(&mut self, world: &World, now: i64, commit: &Commit) {
        let mut touched = BTreeSet::new();
        for change in &commit.changes {
            if let Change::OperationAdded(op) | Change::OperationChanged(op) = change {
                self.operation_committed(now, op);
                touched.extend(op.refund.map(|_| op.payment));
            }
            if let Change::RefundAdded(refund) | Change::RefundChanged(refund) = change {
                touched.insert(refund.payment);
                if refund.state == RefundState::Withdrawn {
                    self.given.withdrawn.insert(refund.id);
                }
            }
        }
        for payment in touched {
            self.target(world, now, payment);
        }
    }

    fn operation_committed(&mut self, now: i64, op: &Operation) {
        match op.state {
            OperationState::Sending => {
                self.given.claimed.insert((op.payment, op.kind), (op.id, op.attempts, op.refund));
            }
            OperationState::DidNotHappen
            | OperationState::Declined
            | OperationState::NotNow
            | OperationState::NotSent
            | OperationState::Abandoned => {
                // another hand's refund looks like ours, which its lost withdrawal took out
                let again = op.kind == OperationKind::RefundReversal && self.is_touched(op.payment);
                if self.has_acted(op.id) && op.kind != OperationKind::AccountRefundToken && !again {
                    let what =
                        format!("{} of {} is {:?}, and the bank acted", op.kind.name(), op.payment, op.state);
                    self.violation("I8", now, &what);
                }
            }
            OperationState::Planned
            | OperationState::Accepted
            | OperationState::Pending
            | OperationState::Unknown
            | OperationState::NeedsPerson => {}
        }
    }

    fn target(&mut self, world: &World, now: i64, payment: PaymentId) {
        let (Some(truth), Some(engine)) = (self.truths.get(&payment), &world.engine) else { return };
        let (amount, rail, number) = (truth.amount, truth.rail, truth.number.clone());
        let refunds = engine.store().refunds_of(payment).unwrap();
        let spent: i64 = refunds
            .iter()
            .filter(|refund| !matches!(refund.state, RefundState::Declined | RefundState::Withdrawn))
            .map(|refund| refund.amount.dollars())
            .sum();
        if spent > amount {
            self.violation("I1", now, &format!("{spent} of {amount} is on its way back of {payment}"));
        }
        let operations = engine.store().operations_of(payment).unwrap();
        let open = operations.iter().filter(|op| is_open_money(op)).count();
        if open > 1 {
            self.violation("I2", now, &format!("{open} money operations of {payment} are open"));
        }
        let done = done(&refunds);
        if done > 0 {
            // another hand may have given back what a lost one of ours would have; CTBC shows no
            // amount
            let touched = self.is_touched(payment);
            let at_bank = given_back(world, rail, &number, touched);
            if at_bank < if touched && rail == Rail::CtbcCard { 1 } else { done } {
                self.violation("I4", now, &format!("done of {payment}: bank {at_bank}, ours {done}"));
            }
        }
    }

    /// The whole file: the books fit the states, the audit chain holds, and no payment has given
    /// back more than the bank says or than was collected.
    pub(super) fn whole_file(&mut self, world: &World, now: i64) {
        let Some(engine) = &world.engine else { return };
        ledger::must_fit(world.folder());
        if let Some(broken) = engine.store().verify_audit().unwrap().broken_at {
            self.violation("I13", now, &format!("the audit chain breaks at {broken}"));
        }
        let with_refunds: BTreeSet<PaymentId> =
            self.given.claimed.keys().map(|(payment, _)| *payment).collect();
        for payment in with_refunds {
            self.target(world, now, payment);
        }
    }
}

/// What of these is done, in dollars.
pub(super) fn done(refunds: &[Refund]) -> i64 {
    refunds
        .iter()
        .filter(|refund| refund.state == RefundState::Done)
        .map(|refund| refund.amount.dollars())
        .sum()
}

/// CTBC's batch runs, by the bank's true time.
pub(super) fn is_in_the_batch(at: Moment) -> bool {
    use chrono::Datelike;
    let holidays = ["2026-12-25", "2027-01-01"];
    let day = at.day();
    let workday = day.weekday().number_from_monday() <= 5 && !holidays.contains(&day.to_string().as_str());
    let of_day = at.ms_since(Moment::start_of(day));
    workday && (20 * 3_600_000..22 * 3_600_000).contains(&of_day)
}
