//! Readings of an unclear operation, and what they prove (money rules 3, reading out). Pure: the
//! rows are kept by the store.

use serde::{Deserialize, Serialize};

use super::rules::{And, Unchanged};
use super::{Operation, OperationState};
use crate::bank_state::BankState;
use crate::calendar::BankCalendar;
use crate::evidence::Query;
use crate::ids::OperationId;
use crate::seen::Seen;
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
}

/// Reads out an unclear operation by a new reading and the `earlier` ones, oldest first. Without
/// the bank's `calendar` no proof that needs a batch is taken.
pub fn read_out(
    op: &Operation,
    earlier: &[Reading],
    asked_at: Moment,
    shows: &Shows,
    calendar: Option<&BankCalendar>,
) -> ReadOut {
    let Some(sent_at) = op.sent_at else { return ReadOut::Nothing };
    let rule = op.kind.rule();
    if let Some(seen) = shows.order() {
        if rule.done.is_proved(op.snapshot.as_ref(), seen) {
            return ReadOut::Accepted;
        }
        if rule.not_done.holds(seen) {
            return ReadOut::DidNotHappen;
        }
    }
    if !is_unchanged(op, shows) {
        return ReadOut::Nothing;
    }
    match rule.unchanged {
        Unchanged::Once { after_ms } if asked_at.ms_since(sent_at) >= after_ms => ReadOut::DidNotHappen,
        Unchanged::Once { .. } => ReadOut::Nothing,
        Unchanged::Twice { after_ms, .. } if asked_at.ms_since(sent_at) < after_ms => ReadOut::Nothing,
        Unchanged::Twice { and, .. } => match unchanged_since(op, earlier) {
            None => ReadOut::Unchanged,
            Some(first) if asked_at.ms_since(first) < APART_MS => ReadOut::Nothing,
            Some(first) => {
                let holds = match and {
                    And::Nothing => true,
                    And::Batch => has_batch(op, sent_at, asked_at, calendar),
                    And::NextDayAndBill => {
                        asked_at.day() > sent_at.day().max(first.day())
                            && earlier.iter().any(|reading| reading.shows == Shows::NoRefundInBill)
                    }
                };
                if holds { ReadOut::DidNotHappen } else { ReadOut::Nothing }
            }
        },
    }
}

/// Since when readings count towards "did not happen"; the next one that is [`APART_MS`] later may
/// prove it.
pub fn unchanged_since(op: &Operation, readings: &[Reading]) -> Option<Moment> {
    let after_ms = match op.kind.rule().unchanged {
        Unchanged::Once { .. } => return None,
        Unchanged::Twice { after_ms, .. } => after_ms,
    };
    let counts_from = op.sent_at?.plus_ms(after_ms);
    let counts = |reading: &&Reading| reading.asked_at >= counts_from && is_unchanged(op, &reading.shows);
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
        ReadOut::Unchanged | ReadOut::Nothing => {
            let tired = op.state == OperationState::Unknown && scheduled >= READINGS_MAX;
            tired.then_some(OperationState::NeedsPerson)
        }
    }
}

/// The bank shows what it showed before the send. A state that no list holds equals nothing.
fn is_unchanged(op: &Operation, shows: &Shows) -> bool {
    match (shows, &op.snapshot) {
        (Shows::Order(seen), Some(snapshot)) => seen == snapshot && seen.state() != BankState::Unlisted,
        (Shows::NotThere, None) => true,
        (Shows::Order(_), None)
        | (Shows::NotThere, Some(_))
        | (Shows::Nothing | Shows::NoRefundInBill, _) => false,
    }
}

/// A refund from 12 is in the file until a batch has run; one of a remainder, from 22, looks like
/// no refund once it has.
fn has_batch(op: &Operation, sent_at: Moment, asked_at: Moment, calendar: Option<&BankCalendar>) -> bool {
    use crate::card::CardState;
    let Some(calendar) = calendar else { return false };
    match op.snapshot.as_ref().and_then(Seen::card) {
        Some(CardState::Refunded) => asked_at < calendar.next_batch(sent_at).starts,
        Some(_) | None => calendar.completed_batch(sent_at, asked_at).is_some(),
    }
}

#[cfg(test)]
mod tests;
