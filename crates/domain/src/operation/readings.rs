//! Readings of an unclear operation, and what they prove (money rules 3, reading out). Pure: the
//! rows are kept by the store.

use serde::{Deserialize, Serialize};

use super::rules::{And, COLLECTED, Done, Unchanged, refunds};
use super::{Operation, OperationKind, OperationState};
use crate::bank_state::BankState;
use crate::calendar::BankCalendar;
use crate::card::CardState;
use crate::evidence::Query;
use crate::ids::OperationId;
use crate::rail::Bank;
use crate::refund::Refusal;
use crate::seen::{RefundStatus, Seen};
use crate::time::Moment;

/// Scheduled answered readings of an `Unknown` before a person is asked.
pub const READINGS_MAX: u32 = 10;
/// Two equal readings prove "did not happen" when they are at least this far apart.
pub const APART_MS: i64 = 600_000;

/// One answered reading of an unclear operation. Only added, never edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Of which operation.
    pub operation: OperationId,
    /// When the answer was received, by bank time.
    pub at: Moment,
    /// When the question left: bank time that was surely past.
    pub asked_at: Moment,
    /// Which question.
    pub query: Query,
    /// It came by the schedule of readings, so it counts towards [`READINGS_MAX`].
    pub scheduled: bool,
    /// What it showed.
    pub shows: Shows,
}

/// What an answered reading shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Shows {
    /// The order as the bank shows it, and nothing that does not fit.
    Order(Seen),
    /// The bank has no such order.
    NotThere,
    /// An answer that proves nothing: refused, or about something that does not fit.
    Nothing,
    /// The bill of the day of the send holds no refund of the order (BillQuery).
    NoRefundInBill,
}

impl Shows {
    /// Of a row.
    pub fn of(seen: Option<&Seen>) -> Self {
        seen.map_or(Self::NotThere, |seen| Self::Order(seen.clone()))
    }

    const fn order(&self) -> Option<&Seen> {
        match self {
            Self::Order(seen) => Some(seen),
            Self::NotThere | Self::Nothing | Self::NoRefundInBill => None,
        }
    }
}

/// What a reading proves about an unclear operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOut {
    /// It was done.
    Accepted,
    /// It was not done.
    DidNotHappen,
    /// Unchanged: the first of two.
    Unchanged,
    /// Nothing either way.
    Nothing,
    /// No reading decides it: a person does.
    ForPerson,
}

/// What reading out needs beside the readings.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The bank's calendar. Without one CTBC's readings prove no "did not happen".
    pub calendar: Option<&'a BankCalendar>,
    /// Every attempt of the operation is closed: by its answer (a time-out is one), as never left,
    /// or by the next start of the program, which proves that the old one is dead. An attempt that
    /// is not closed may still be sent.
    pub attempts_closed: bool,
    /// The payment has an open discrepancy `refunded-outside`.
    pub refunded_outside: bool,
}

/// Reads out an unclear operation by a new reading and the `earlier` ones, oldest first.
pub fn read_out(
    op: &Operation,
    earlier: &[Reading],
    asked_at: Moment,
    shows: &Shows,
    facts: Facts<'_>,
) -> ReadOut {
    let Some(sent_at) = op.sent_at else { return ReadOut::Nothing };
    let proof = proof_of(op, sent_at, earlier, asked_at, shows, facts);
    let proof = match proof {
        ReadOut::DidNotHappen if !facts.attempts_closed => ReadOut::Nothing,
        ReadOut::Accepted
        | ReadOut::DidNotHappen
        | ReadOut::Unchanged
        | ReadOut::Nothing
        | ReadOut::ForPerson => proof,
    };
    if !op.kind.rule().gives_back() {
        return proof;
    }
    match who_decides(op, earlier, facts) {
        Decides::Readings => proof,
        Decides::Person => match shows {
            Shows::Order(_) | Shows::NotThere => ReadOut::ForPerson,
            Shows::Nothing | Shows::NoRefundInBill => ReadOut::Nothing,
        },
        // the evidence is collected, and then a person sees it side by side
        Decides::PersonAfterReadings => match proof {
            ReadOut::Accepted | ReadOut::DidNotHappen => ReadOut::ForPerson,
            ReadOut::Unchanged | ReadOut::Nothing | ReadOut::ForPerson => proof,
        },
    }
}

/// Who decides an unclear refund.
enum Decides {
    Readings,
    Person,
    PersonAfterReadings,
}

fn who_decides(op: &Operation, earlier: &[Reading], facts: Facts<'_>) -> Decides {
    let refused = op.code.as_deref().map(|code| Refusal::of(op.kind.rule().bank, code));
    // the bank has an earlier refund in its hands: that one it means by E9918
    let earlier_underway = || {
        let shown = op.snapshot.as_ref().and_then(refunds).and_then(|refunds| refunds.status.as_deref());
        shown.is_some_and(|status| RefundStatus::of(status) == RefundStatus::Underway)
    };
    let late = op.state == OperationState::NeedsPerson
        && is_remainder(op)
        && earlier
            .iter()
            .any(|reading| is_unchanged(op, &reading.shows) && is_late(op, reading.asked_at, facts));
    if facts.refunded_outside || late || refused == Some(Refusal::Duplicate) {
        Decides::Person
    } else if refused == Some(Refusal::UsedUp) && !earlier_underway() {
        Decides::PersonAfterReadings
    } else {
        Decides::Readings
    }
}

fn proof_of(
    op: &Operation,
    sent_at: Moment,
    earlier: &[Reading],
    asked_at: Moment,
    shows: &Shows,
    facts: Facts<'_>,
) -> ReadOut {
    let rule = op.kind.rule();
    if let Some(seen) = shows.order() {
        if rule.done.is_proved(op.snapshot.as_ref(), op.amount, seen) {
            return ReadOut::Accepted;
        }
        if rule.not_done.holds(seen) {
            return ReadOut::DidNotHappen;
        }
    }
    if !is_unchanged(op, shows) {
        return ReadOut::Nothing;
    }
    if is_remainder(op) && is_late(op, asked_at, facts) {
        return ReadOut::ForPerson;
    }
    match rule.unchanged {
        Unchanged::Once { after_ms } if asked_at.ms_since(sent_at) >= after_ms => ReadOut::DidNotHappen,
        Unchanged::Once { .. } => ReadOut::Nothing,
        Unchanged::Twice { after_ms, .. } if asked_at.ms_since(sent_at) < after_ms => ReadOut::Nothing,
        Unchanged::Twice { .. } if !is_outside_blackout(rule.bank, asked_at, facts.calendar) => {
            ReadOut::Nothing
        }
        Unchanged::Twice { and, .. } => {
            match first_unchanged(op, earlier, |at| is_outside_blackout(rule.bank, at, facts.calendar)) {
                None => ReadOut::Unchanged,
                Some(first) if asked_at.ms_since(first) < APART_MS => ReadOut::Nothing,
                Some(first) => {
                    let holds = match and {
                        And::Nothing => true,
                        And::Batch => has_batch(op, sent_at, asked_at, facts.calendar),
                        And::NextDayAndBill => {
                            asked_at.day() > sent_at.day().max(first.day())
                                && earlier.iter().any(|reading| is_bill_of(reading, sent_at))
                        }
                    };
                    if holds { ReadOut::DidNotHappen } else { ReadOut::Nothing }
                }
            }
        }
    }
}

/// Since when readings count towards "did not happen"; the next one that is [`APART_MS`] later may
/// prove it, unless the first came within a blackout.
pub fn unchanged_since(op: &Operation, readings: &[Reading]) -> Option<Moment> {
    first_unchanged(op, readings, |_| true)
}

fn first_unchanged(op: &Operation, readings: &[Reading], counts: impl Fn(Moment) -> bool) -> Option<Moment> {
    let after_ms = match op.kind.rule().unchanged {
        Unchanged::Once { .. } => return None,
        Unchanged::Twice { after_ms, .. } => after_ms,
    };
    let counts_from = op.sent_at?.plus_ms(after_ms);
    let counts = |reading: &&Reading| {
        reading.asked_at >= counts_from && is_unchanged(op, &reading.shows) && counts(reading.asked_at)
    };
    readings.iter().find(counts).map(|reading| reading.asked_at)
}

/// How many readings count towards [`READINGS_MAX`].
pub fn scheduled(readings: &[Reading]) -> u32 {
    u32::try_from(readings.iter().filter(|reading| reading.scheduled).count()).unwrap_or(u32::MAX)
}

/// Where a reading takes the operation. `None`: it stays what it is.
pub fn state_after(op: &Operation, proof: ReadOut, scheduled: u32) -> Option<OperationState> {
    match proof {
        ReadOut::Accepted => Some(OperationState::Accepted),
        ReadOut::DidNotHappen => Some(OperationState::DidNotHappen),
        ReadOut::ForPerson => {
            (op.state != OperationState::NeedsPerson).then_some(OperationState::NeedsPerson)
        }
        ReadOut::Unchanged | ReadOut::Nothing => {
            let tired = op.state == OperationState::Unknown && scheduled >= READINGS_MAX;
            tired.then_some(OperationState::NeedsPerson)
        }
    }
}

/// The bank shows what it showed before the send. A state that no list holds equals nothing. Of a
/// refund of SinoPac only the refunds count: the sale may be paid out to the shop meanwhile.
fn is_unchanged(op: &Operation, shows: &Shows) -> bool {
    if op.kind.rule().done == Done::Traceless {
        // it moves no money, whatever is shown of the sale
        return true;
    }
    match (shows, &op.snapshot) {
        (Shows::Order(seen), Some(snapshot)) => match (op.kind.rule().done, refunds(snapshot)) {
            (Done::NewRefund, Some(before)) => {
                COLLECTED.holds(snapshot) && COLLECTED.holds(seen) && refunds(seen) == Some(before)
            }
            (Done::NewRefund, None) | (Done::At(_) | Done::Traceless, _) => {
                seen == snapshot && seen.state() != BankState::Unlisted
            }
        },
        (Shows::NotThere, None) => true,
        (Shows::Order(_), None)
        | (Shows::NotThere, Some(_))
        | (Shows::Nothing | Shows::NoRefundInBill, _) => false,
    }
}

/// Inside a blackout CTBC's states say little. SinoPac has none.
fn is_outside_blackout(bank: Bank, at: Moment, calendar: Option<&BankCalendar>) -> bool {
    match bank {
        Bank::Sinopac => true,
        Bank::Ctbc => calendar.is_some_and(|calendar| calendar.may_send(at, 0)),
    }
}

/// The bill of the day of the send, asked when that day was over.
fn is_bill_of(reading: &Reading, sent_at: Moment) -> bool {
    reading.shows == Shows::NoRefundInBill && reading.asked_at.day() > sent_at.day()
}

/// A second refund of the same sale at CTBC: its end state is the one before it.
fn is_remainder(op: &Operation) -> bool {
    let card = op.snapshot.as_ref().and_then(Seen::card);
    op.kind == OperationKind::Refund && card == Some(CardState::Refunded)
}

/// A batch may have run since the send. Without a calendar we cannot tell, so it may.
fn is_late(op: &Operation, asked_at: Moment, facts: Facts<'_>) -> bool {
    let starts = op.sent_at.zip(facts.calendar).map(|(at, calendar)| calendar.next_possible_batch(at).starts);
    starts.is_none_or(|starts| asked_at >= starts)
}

/// A refund from 12 is in the file until a batch has run; one of a remainder, from 22, looks like
/// no refund once it has.
fn has_batch(op: &Operation, sent_at: Moment, asked_at: Moment, calendar: Option<&BankCalendar>) -> bool {
    let completed = calendar.and_then(|calendar| calendar.completed_batch(sent_at, asked_at));
    is_remainder(op) || completed.is_some()
}

#[cfg(test)]
mod tests;
