//! The one judgement: what an answered reading does to a payment, to its unclear operation and to
//! its card, and what does not fit (money rules 2 and 3).
//!
//! Every veto of a verified row is in here, in `PaymentState::step` (`payment.rs`) and in `is_late`
//! (`reading.rs`, which also maps a bank's state to ours). Nothing else makes a payment paid: the
//! answer to a write makes it at most awaiting, cancelled or not issued (`write_answered` in
//! `engine/src/work.rs`).
//! - Before it: the signature and the shop (`receive` in `banks/src/sinopac/wire.rs`, `exchange` in
//!   `banks/src/ctbc/mod.rs`), the number and the echo (`rows` in `banks/src/sinopac/port.rs`,
//!   `ask` in `banks/src/ctbc/mod.rs`), a row whose amount or minutes cannot be read (`row` and
//!   `token_row` in `banks/src/sinopac/meaning.rs`), a token of another order (`token_answered` in
//!   `engine/src/collect.rs`).
//! - After it: the guards of a commit (`Facts::guards` in `engine/src/collect.rs`) and the triggers
//!   `payments_step` (V1) and `payments_with_money_are_proved` (V5) of the data file.
//!
//! Left out: loading what is known and committing what follows (`counterfoil-engine`), and a bank's
//! codes (`counterfoil-banks`).

use crate::card::{CardState, CardTail};
use crate::discrepancy::DiscrepancyKind;
use crate::evidence::Query;
use crate::ids::{BankOrderNo, RefundId};
use crate::operation::readings::{Facts, scheduled, state_after};
use crate::operation::rules::{Accepted, Explains};
use crate::operation::{Operation, OperationKind, OperationState, ReadOut, Reading, Shows, read_out};
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::reading::{BankRow, is_late, said_by_card};
use crate::refund::shown::{is_booking_not_shown, is_not_shown};
use crate::refund::{Booked, Refund, Shown};
use crate::schedule::shown_by;
use crate::seen::Seen;
use crate::time::Moment;

/// The bank's queries lag behind its other answers by up to this long: an earlier state within it
/// is lag, not a discrepancy.
pub const LAG_MS: i64 = 600_000;

/// What we know when an answer comes.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The payment it is about.
    pub payment: &'a Payment,
    /// Its operations, oldest first.
    pub operations: &'a [Operation],
    /// The readings of its unclear operation, oldest first.
    pub readings: &'a [Reading],
    /// The payment of ours that has the row's own reference, where it is another one.
    pub ref_taken_by: Option<&'a BankOrderNo>,
    /// A newer payment of the same order exists.
    pub superseded: bool,
    /// Another payment of the same order has money.
    pub order_is_paid: bool,
    /// What reading out the unclear operation needs; the calendar of a bank that has one.
    pub facts: Facts<'a>,
    /// Refunds made elsewhere that a person has booked: they count as refunded.
    pub booked: &'a [Booked],
    /// Refunds of ours that the bank, by a person's word, has not done: they explain no money that
    /// went back.
    pub not_done: &'a [RefundId],
    /// Refunds of the payment's own transaction that are done by a person's word alone.
    pub said_done: &'a [Refund],
}

impl Known<'_> {
    /// The operation that only readings can settle, if there is one.
    pub fn unclear(&self) -> Option<&Operation> {
        self.operations.iter().find(|op| op.state.may_be_proved())
    }
}

/// The question of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Which.
    pub query: Query,
    /// It belongs to the schedule of the unclear operation.
    pub scheduled: bool,
    /// Bank time that was surely past when it left.
    pub at: Moment,
    /// The same instant, counted from the send of the unclear operation by the monotonic clock
    /// where this run sent it.
    pub since_send: Moment,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// A write may rest on this reading: echo equal, and no discrepancy raised by it.
    pub fits: bool,
    /// The payment moves to this state.
    pub to: Option<PaymentState>,
    /// The payment stays what it is, and its card moves.
    pub card: Option<(CardState, Option<CardTail>)>,
    /// The payment stays what it is, and the bank names another minute of payment.
    pub minute: bool,
    /// What the reading says about the unclear operation.
    pub operation: Option<OperationVerdict>,
    /// The account is open at the bank, and the customer must not pay to it: cancel it.
    pub cancel: bool,
    /// What does not fit, with the facts side by side.
    pub discrepancies: Vec<(DiscrepancyKind, String)>,
}

/// What a reading says about an unclear operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationVerdict {
    /// It moves to this state.
    pub to: Option<OperationState>,
    /// To be kept as a reading. `None`: it adds nothing to those before.
    pub kept: Option<Shows>,
}

/// Judges one answered reading. `row`: `None` when the bank has no such order.
pub fn judge(known: &Known<'_>, row: Option<&BankRow>, asked: &Question) -> Verdict {
    let payment = known.payment;
    let vetoed = vetoed(known, row);
    let foreign = vetoed.is_some();
    let Judgement { mut to, mut discrepancies, lags } =
        vetoed.unwrap_or_else(|| of_row(known, row, asked.at));
    let foreign = foreign || discrepancies.iter().any(|(kind, _)| is_foreign(*kind));
    let mut verdict = Verdict { fits: discrepancies.is_empty(), ..Verdict::default() };
    // a row that does not fit says nothing about how far the card is
    let steps = !foreign && !lags && !discrepancies.iter().any(|(kind, _)| is_no_step(*kind));
    let card = row.filter(|_| steps).and_then(|row| card_news(payment, row));
    if let Some(op) = known.unclear() {
        let shows = if foreign { Shows::Nothing } else { Shows::of(row.map(|row| &row.seen)) };
        let proof = read_out(op, known.readings, asked.since_send, &shows, known.facts);
        let ends = match proof {
            ReadOut::Accepted if op.kind.rule().accepted == Accepted::Cancelled => {
                Some(PaymentState::Cancelled)
            }
            ReadOut::DidNotHappen if op.kind.is_create() => Some(PaymentState::NotIssued),
            ReadOut::Accepted
            | ReadOut::DidNotHappen
            | ReadOut::Unchanged
            | ReadOut::Nothing
            | ReadOut::ForPerson => None,
        };
        if to.is_none() || ends == Some(PaymentState::Cancelled) {
            to = ends.filter(|ends| payment.state.may_become(*ends)).or(to);
        }
        verdict.operation = Some(after(known, op, proof, shows, asked.scheduled, &mut discrepancies));
    }
    if let Some(to) = to {
        if to.has_money() && known.order_is_paid {
            let facts = format!("{} {}", payment.bank_order_no, payment.amount.dollars());
            discrepancies.push((DiscrepancyKind::PaidTwice, facts));
        }
    } else if card.is_some() {
        verdict.card = card;
    } else {
        verdict.minute = verdict.fits && row.is_some_and(|row| is_other_minute(payment, asked.query, row));
    }
    verdict.cancel = cancels(known, to.unwrap_or(payment.state), row);
    verdict.to = to;
    verdict.discrepancies = discrepancies;
    verdict
}

/// Judges one answered reading of another transaction under the payment's number, by its XID: it
/// settles the unclear operation of that target, and says nothing about the payment.
/// `known.operations` and `known.readings` are those of the target.
pub fn judge_target(known: &Known<'_>, row: Option<&BankRow>, asked: &Question) -> Verdict {
    let mut verdict = Verdict { fits: row.is_some(), ..Verdict::default() };
    if let Some(op) = known.unclear() {
        let shows = Shows::of(row.map(|row| &row.seen));
        let proof = read_out(op, known.readings, asked.since_send, &shows, known.facts);
        let discrepancies = &mut verdict.discrepancies;
        verdict.operation = Some(after(known, op, proof, shows, asked.scheduled, discrepancies));
    }
    verdict
}

/// A verified answer that proves nothing about the unclear operation, but counts.
pub fn judge_refused(known: &Known<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    if let Some(op) = known.unclear() {
        let discrepancies = &mut verdict.discrepancies;
        verdict.operation = Some(after(known, op, ReadOut::Nothing, Shows::Nothing, true, discrepancies));
    }
    verdict
}

/// What a row alone says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Judgement {
    pub(crate) to: Option<PaymentState>,
    pub(crate) discrepancies: Vec<(DiscrepancyKind, String)>,
    /// It may be of a time before the last confirmation.
    pub(crate) lags: bool,
}

impl Judgement {
    fn nothing(kind: DiscrepancyKind, facts: String) -> Self {
        Self { discrepancies: vec![(kind, facts)], ..Self::default() }
    }
}

/// Facts of another transaction under the number of a payment.
pub fn other_xid(ours: &str, theirs: &str) -> String {
    format!("XID: ours {ours}, bank {theirs}")
}

/// The row belongs to another sale, whatever it says.
fn vetoed(known: &Known<'_>, row: Option<&BankRow>) -> Option<Judgement> {
    let theirs = row?.issued.as_ref()?.bank_ref.as_ref()?;
    // a card at CTBC is one transaction: another under the same number is another charge, if it
    // holds money
    if let Some(ours) = known.payment.own_xid().filter(|ours| ours != theirs) {
        let holds_money = row?.seen.card().is_some_and(CardState::holds_money);
        let kind = if holds_money { DiscrepancyKind::ChargedTwice } else { DiscrepancyKind::EchoDiffers };
        return Some(Judgement::nothing(kind, other_xid(ours, theirs)));
    }
    let other = known.ref_taken_by?;
    Some(Judgement::nothing(DiscrepancyKind::EchoDiffers, format!("{theirs} belongs to {other}")))
}

/// Echo first: a row with another amount, or paid before it was made, changes no state. A row that
/// shows less than the bank has confirmed before changes nothing, and is a discrepancy unless it is
/// lag or an operation of ours explains it. "No such order" is news only about one that the bank
/// has confirmed before.
pub(crate) fn of_row(known: &Known<'_>, row: Option<&BankRow>, asked_at: Moment) -> Judgement {
    let payment = known.payment;
    let mut discrepancies = Vec::new();
    let lags = payment.confirmed_at.is_some_and(|at| asked_at.ms_since(at) < LAG_MS);
    let Some(row) = row else { return of_nothing(payment, asked_at) };
    if row.bank_order_no != payment.bank_order_no.as_str() {
        let theirs: String = row.bank_order_no.chars().take(50).collect();
        discrepancies
            .push((DiscrepancyKind::EchoDiffers, format!("ours {}, bank {theirs}", payment.bank_order_no)));
    }
    if let Some(amount) = row.amount.filter(|a| *a != payment.amount) {
        let facts = format!("ours {}, bank {}", payment.amount.dollars(), amount.dollars());
        discrepancies.push((DiscrepancyKind::AmountDiffers, facts));
    }
    if let (Some(created), Some(paid)) = (row.created_minute, row.paid_minute)
        && paid < created
    {
        discrepancies.push((DiscrepancyKind::PaidBeforeCreated, format!("created {created}, paid {paid}")));
    }
    if !discrepancies.is_empty() {
        return Judgement { discrepancies, ..Judgement::default() };
    }
    let explaining = explaining(known);
    let shown = Shown::of(&row.seen, &explaining, known.booked);
    if row.seen.shows_refund() && shown.is_foreign() {
        discrepancies.push((DiscrepancyKind::RefundedOutside, row.said.clone()));
    }
    if row.seen.is_several() {
        discrepancies.push((DiscrepancyKind::ChargedTwice, format!("several under {}", row.bank_order_no)));
    }
    if let Some(refund) = known.said_done.iter().find(|refund| is_contradicted(known, refund, row, asked_at))
    {
        let facts = format!("refund {}, bank {}", refund.amount.dollars(), row.said);
        discrepancies.push((DiscrepancyKind::RefundNotShown, facts));
    }
    let not_shown = |one: &&Booked| {
        had_its_time(known, one.at, asked_at)
            && (is_booking_not_shown(one, &row.seen) || shown.is_unseen(one))
    };
    if let Some(booked) = known.booked.iter().find(not_shown) {
        let facts = format!("booked {}, bank {}", booked.amount.dollars(), row.said);
        discrepancies.push((DiscrepancyKind::RefundNotShown, facts));
    }
    let said = match &row.seen {
        Seen::Sinopac { state, .. } => state.payment_state(),
        Seen::Ctbc { state, .. } => {
            let (said, discrepancy) = said_by_card(payment, *state, asked_at);
            let refund = discrepancy == Some(DiscrepancyKind::RefundedOutside);
            // one that failed (23) gave nothing back
            let failed = *state == CardState::RefundFailed && is_ours(known.operations, Explains::Refund);
            let made = failed || is_ours(&explaining, Explains::Refund);
            let mut booked = known.booked.iter();
            let booked = booked.any(|one| !state.is_in_refund() || one.may_be_underway(asked_at));
            let ours = refund && (made || booked);
            discrepancies.extend(discrepancy.filter(|_| !ours).map(|kind| (kind, row.said.clone())));
            said
        }
    };
    if row.seen.is_several() && !said.is_some_and(PaymentState::has_money) {
        // another of them may have brought the money: this one ends nothing
        return Judgement { discrepancies, ..Judgement::default() };
    }
    let Some(said) = said else {
        discrepancies.push((DiscrepancyKind::UnlistedState, row.said.clone()));
        return Judgement { discrepancies, ..Judgement::default() };
    };
    let to = payment.state.step(said, is_late(payment, row));
    if to == Some(PaymentState::PaidLate) {
        discrepancies.push((DiscrepancyKind::PaidLate, row.said.clone()));
    }
    // only the last step brings a sale to 0, and a booking says that another hand did
    let void = row.seen.card() == Some(CardState::Cancelled);
    let steps = known.operations.iter().filter(|op| !void || op.kind.rule().ends_refund());
    let ours = is_ours(steps, Explains::StepBack) || (void && !known.booked.is_empty());
    let back = row.seen.card().is_some_and(|state| payment.is_card_back(state));
    let back = to.is_none() && !ours && (back || !explained(payment.state, said));
    if back && !lags {
        discrepancies
            .push((DiscrepancyKind::WentBack, format!("{}, bank {}", payment.state.name(), row.said)));
    }
    Judgement { to, discrepancies, lags: back && lags }
}

fn of_nothing(payment: &Payment, asked_at: Moment) -> Judgement {
    let approved = matches!(payment.state, PaymentState::Authorized | PaymentState::Released);
    if payment.rail == Rail::CtbcCard && !payment.state.has_money() && !approved {
        // never authorized: the normal case until the customer has typed a card
        let over = payment.state.may_become(PaymentState::Expired) && asked_at >= payment.expires_at;
        return Judgement { to: over.then_some(PaymentState::Expired), ..Judgement::default() };
    }
    let known = payment.confirmed_at.filter(|_| payment.state != PaymentState::NotIssued);
    if known.is_some_and(|at| asked_at.ms_since(at) >= LAG_MS) {
        let facts = format!("{}, bank has no such order", payment.state.name());
        return Judgement::nothing(DiscrepancyKind::WentBack, facts);
    }
    Judgement::default()
}

/// What becomes of the unclear operation, and what a person must know of it.
fn after(
    known: &Known<'_>,
    op: &Operation,
    proof: ReadOut,
    shows: Shows,
    counts: bool,
    discrepancies: &mut Vec<(DiscrepancyKind, String)>,
) -> OperationVerdict {
    let readings = scheduled(known.readings).saturating_add(u32::from(counts));
    let to = state_after(op, proof, readings);
    if to == Some(OperationState::NeedsPerson) {
        let facts = format!("{} after {readings} readings", op.kind.name());
        discrepancies.push((DiscrepancyKind::StaysUnknown, facts));
    }
    let kept = counts || proof == ReadOut::Unchanged || to.is_some();
    OperationVerdict { to, kept: kept.then_some(shows) }
}

/// Whether to cancel, once, an account that turned up at the bank although it was never shown, or
/// after we had given it up. We never show it, and always watch it.
fn cancels(known: &Known<'_>, state: PaymentState, row: Option<&BankRow>) -> bool {
    let payment = known.payment;
    let open_there = row.is_some_and(|row| row.seen.state() == crate::BankState::Waiting);
    let unwanted = state == PaymentState::NotIssued
        || (state == PaymentState::Awaiting && !payment.shown && known.superseded);
    let in_the_way = |op: &Operation| {
        op.kind == OperationKind::CancelAccount || !(op.state.is_final() || op.state.may_be_proved())
    };
    open_there && unwanted && payment.rail == Rail::SinopacAccount && !known.operations.iter().any(in_the_way)
}

/// What the row shows of a card that the payment does not show yet. Of several only one with money
/// counts.
fn card_news(payment: &Payment, row: &BankRow) -> Option<(CardState, Option<CardTail>)> {
    let state = row.seen.card()?;
    let counts = !row.seen.is_several() || state.is_money();
    (counts && payment.is_card_news(state, row.card_tail)).then_some((state, row.card_tail))
}

/// Money that the bank dates otherwise by number than it did before.
fn is_other_minute(payment: &Payment, query: Query, row: &BankRow) -> bool {
    let dated = row.paid_minute.is_some() && row.paid_minute != payment.paid_minute;
    query == Query::ByNumber && payment.state.has_money() && row.says(payment.state) && dated
}

/// Such a row is not surely about this sale.
const fn is_foreign(kind: DiscrepancyKind) -> bool {
    use DiscrepancyKind as D;
    match kind {
        D::EchoDiffers | D::AmountDiffers | D::PaidBeforeCreated => true,
        D::WentBack
        | D::UnlistedState
        | D::RefundedOutside
        | D::RefundNotShown
        | D::CaptureFailed
        | D::ChargedTwice
        | D::PaidTwice
        | D::NotCaptured
        | D::CoveredByNumber
        | D::StaysUnknown
        | D::PaidLate
        | D::ForeignMoney => false,
    }
}

/// Such a row may be of another time.
const fn is_no_step(kind: DiscrepancyKind) -> bool {
    matches!(kind, DiscrepancyKind::WentBack | DiscrepancyKind::UnlistedState)
}

/// An operation of ours that explains it has reached the bank, or may have.
fn is_ours<'a>(operations: impl IntoIterator<Item = &'a Operation>, shown: Explains) -> bool {
    operations.into_iter().any(|op| op.kind.rule().explains == shown && op.state.may_have_acted())
}

/// The bank has had its time to show what a person says that it has done, and does not.
fn is_contradicted(known: &Known<'_>, refund: &Refund, row: &BankRow, asked_at: Moment) -> bool {
    refund.ended_at().is_some_and(|ended| had_its_time(known, ended, asked_at))
        && is_not_shown(refund, &row.seen, known.operations, known.booked)
}

fn had_its_time(known: &Known<'_>, from: Moment, asked_at: Moment) -> bool {
    let batch = |from| known.facts.calendar?.wait_for_capture(from, 0).map(|wait| wait.earliest);
    asked_at >= shown_by(known.payment.rail.bank(), from, batch)
}

/// The operations that may explain money that went back.
fn explaining(known: &Known<'_>) -> Vec<Operation> {
    let not_done = |op: &&Operation| op.refund.is_some_and(|id| known.not_done.contains(&id));
    known.operations.iter().filter(|op| !not_done(op)).cloned().collect()
}

/// A reading that changes nothing, and need not: the same state in other words, or an ended payment
/// that is still (or no longer) waiting.
const fn explained(state: PaymentState, said: PaymentState) -> bool {
    use PaymentState as S;
    match state {
        S::Paid | S::PaidLate => matches!(said, S::Paid),
        S::Settled => matches!(said, S::Settled),
        S::Issuing | S::Awaiting => true,
        S::Authorized => matches!(said, S::Authorized),
        S::Released => matches!(said, S::Released),
        // an unknown create that turned up after its end, or a disabled account
        S::NotIssued | S::Expired | S::Cancelled | S::Failed => {
            matches!(said, S::Awaiting | S::Expired | S::Failed)
        }
    }
}

#[cfg(test)]
mod tests;
