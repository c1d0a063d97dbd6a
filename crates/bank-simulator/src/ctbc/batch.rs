//! The nightly batch of each shop (ctbc.md 2 and 6.2): it locks what is in the file, and decides it at its end.
//!
//! A desk is a shop's place in the batch file. While its batch runs, the shop is locked (3/40). What is put into the file
//! meanwhile belongs to the next batch.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::time::BankTime;

use super::bank::{Bank, Refused, World};
use super::calendar::Calendar;
use super::ledger::{Slot, State};

/// Which lines of the next batch fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Fail {
    #[default]
    None,
    All,
    Captures,
    Refunds,
    Orders(BTreeSet<String>),
}

/// What was ordered for the next batch of a shop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    fail: Fail,
    start_late: i64,
    end_late: i64,
    skip: bool,
}

impl Script {
    /// From `{fail?, start_late_minutes?, end_late_minutes?, skip?}`; the error names the member that is wrong.
    pub(crate) fn read(args: &Value) -> Result<Self, &'static str> {
        let minutes = |name: &'static str| match args.get(name) {
            None | Some(Value::Null) => Ok(0),
            Some(value) => value.as_i64().filter(|minutes| (0..=10_080).contains(minutes)).ok_or(name),
        };
        let fail = match args.get("fail") {
            None | Some(Value::Null) => Fail::None,
            Some(Value::String(word)) => match word.as_str() {
                "all" => Fail::All,
                "captures" => Fail::Captures,
                "refunds" => Fail::Refunds,
                _ => return Err("fail"),
            },
            Some(Value::Array(orders)) => {
                let orders = orders.iter().map(|order| order.as_str().map(str::to_owned));
                Fail::Orders(orders.collect::<Option<_>>().ok_or("fail")?)
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => return Err("fail"),
        };
        let skip = match args.get("skip") {
            None | Some(Value::Null) => false,
            Some(skip) => skip.as_bool().ok_or("skip")?,
        };
        Ok(Self {
            fail,
            start_late: minutes("start_late_minutes")?,
            end_late: minutes("end_late_minutes")?,
            skip,
        })
    }

    fn spoils(&self, refund: bool, lidm: &str) -> bool {
        match &self.fail {
            Fail::None => false,
            Fail::All => true,
            Fail::Captures => !refund,
            Fail::Refunds => refund,
            Fail::Orders(orders) => orders.contains(lidm),
        }
    }
}

/// A batch that runs.
struct Running {
    batch: u64,
    started: BankTime,
    ends: BankTime,
}

/// A shop's place in the batch file.
pub(crate) struct Desk {
    pub(crate) open_batch: u64,
    next_seq: u64,
    term_seqs: u64,
    next_start: Option<BankTime>,
    running: Option<Running>,
    /// An operation of another till locks the shop until then (3/31).
    pub(crate) busy_until: Option<BankTime>,
    pub(crate) script: Script,
}

/// A batch that ran. Counts of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BatchLine {
    shop: String,
    batch_id: u64,
    started_at: String,
    ended_at: String,
    captured: u64,
    capture_failed: u64,
    refunded: u64,
    refund_failed: u64,
}

impl Desk {
    pub(crate) fn new(calendar: &Calendar, now: BankTime) -> Self {
        Self {
            open_batch: 1,
            next_seq: 1,
            term_seqs: 0,
            next_start: calendar.next_start(now),
            running: None,
            busy_until: None,
            script: Script::default(),
        }
    }

    /// The shop is locked.
    pub(crate) fn locked(&self) -> bool {
        self.running.is_some()
    }

    /// When its batch starts, or the running one ends.
    pub(crate) fn next(&self) -> Option<BankTime> {
        self.running.as_ref().map(|running| running.ends).or(self.next_start)
    }

    /// When the running batch ends.
    pub(crate) fn ends(&self) -> Option<BankTime> {
        self.running.as_ref().map(|running| running.ends)
    }

    /// When the next batch starts by itself.
    pub(crate) fn next_start(&self) -> Option<BankTime> {
        self.next_start
    }

    pub(crate) fn slot(&mut self, amount: i64) -> Slot {
        let slot = Slot { batch: self.open_batch, seq: self.next_seq, amount };
        self.next_seq += 1;
        slot
    }

    pub(crate) fn next_term_seq(&mut self) -> u64 {
        self.term_seqs += 1;
        self.term_seqs - 1
    }
}

impl Bank {
    /// Starts or ends the batch that is due first.
    pub(crate) fn run_desks(&mut self, world: &World<'_>) {
        let due = |at: &usize| self.desks.get(*at).and_then(Desk::next);
        let Some(shop) = (0..self.desks.len()).filter(|at| due(at).is_some()).min_by_key(due) else { return };
        let Some((desk, known)) = self.desks.get_mut(shop).zip(self.shops.get(shop)) else { return };
        if desk.locked() {
            self.end_batch(shop, world.now);
        } else if desk.script.skip {
            desk.script.skip = false;
            desk.next_start = known.calendar.next_start(world.now.plus_ms(1));
        } else if desk.script.start_late > 0 {
            let late = std::mem::take(&mut desk.script.start_late);
            desk.next_start = Some(world.now.plus_minutes(late));
        } else {
            self.start_batch(shop, world.now);
        }
    }

    /// The phase can be run by hand now.
    pub(crate) fn batch_can(&self, shop: usize, phase: Phase) -> bool {
        let locked = self.desks.get(shop).is_some_and(Desk::locked);
        match phase {
            Phase::Start => !locked,
            Phase::End => locked,
            Phase::Both => true,
        }
    }

    /// Runs the batch of a shop by hand.
    pub(crate) fn batch_by_hand(&mut self, shop: usize, phase: Phase, now: BankTime) -> Result<(), Refused> {
        if !self.batch_can(shop, phase) {
            return Err(Refused::State);
        }
        if phase != Phase::Start {
            // a batch that does not run has no end
            self.end_batch(shop, now);
        }
        if phase != Phase::End {
            self.start_batch(shop, now);
        }
        if phase == Phase::Both {
            self.end_batch(shop, now);
        }
        Ok(())
    }

    /// The clock was set back: what was planned for later is planned anew.
    pub(crate) fn clock_went_back(&mut self, now: BankTime) {
        for (desk, shop) in self.desks.iter_mut().zip(&self.shops) {
            desk.next_start = shop.calendar.next_start(now);
            if let Some(running) = &mut desk.running {
                running.ends = running.ends.min(now.plus_minutes(shop.calendar.minutes()));
            }
        }
    }

    /// Whole dollars of captures and of refunds that wait for a shop's next batch.
    pub(crate) fn waiting(&self, shop: usize) -> (i64, i64) {
        self.ledger.all().filter(|txn| txn.shop == shop).fold((0, 0), |(captures, refunds), txn| {
            let capture = txn.capture.filter(|_| txn.state == State::CaptureQueued);
            let refund = txn.refund.filter(|_| txn.state == State::RefundQueued);
            (
                captures + capture.map_or(0, |slot| slot.amount),
                refunds + refund.map_or(0, |queued| queued.slot.amount),
            )
        })
    }

    fn start_batch(&mut self, shop: usize, now: BankTime) {
        let Some((desk, known)) = self.desks.get_mut(shop).zip(self.shops.get(shop)) else { return };
        let minutes = known.calendar.minutes() + std::mem::take(&mut desk.script.end_late);
        desk.running =
            Some(Running { batch: desk.open_batch, started: now, ends: now.plus_minutes(minutes) });
        desk.next_start = known.calendar.next_start(now.plus_ms(1));
        desk.open_batch += 1;
        desk.next_seq = 1;
        for txn in self.ledger.all_mut().filter(|txn| txn.shop == shop) {
            if txn.state == State::CaptureQueued {
                txn.state = State::CaptureLocked;
            } else if txn.state == State::RefundQueued {
                txn.state = State::RefundLocked;
            }
        }
    }

    fn end_batch(&mut self, shop: usize, now: BankTime) {
        let Some((desk, known)) = self.desks.get_mut(shop).zip(self.shops.get(shop)) else { return };
        let Some(running) = desk.running.take() else { return };
        let script = std::mem::take(&mut desk.script);
        let mut line = BatchLine {
            shop: known.mer_id.clone(),
            batch_id: running.batch,
            started_at: running.started.rfc3339(),
            ended_at: now.rfc3339(),
            captured: 0,
            capture_failed: 0,
            refunded: 0,
            refund_failed: 0,
        };
        for txn in self.ledger.all_mut().filter(|txn| txn.shop == shop) {
            if txn.state == State::CaptureLocked {
                if script.spoils(false, &txn.lidm) {
                    txn.state = State::CaptureFailed;
                    line.capture_failed += 1;
                } else {
                    txn.state = State::Captured;
                    txn.captured = txn.capture.map_or(0, |slot| slot.amount);
                    txn.captured_at = Some(now);
                    line.captured += 1;
                }
            } else if txn.state == State::RefundLocked {
                let amount = txn.refund.take().map_or(0, |queued| queued.slot.amount);
                if script.spoils(true, &txn.lidm) {
                    txn.state = State::RefundFailed;
                    line.refund_failed += 1;
                } else {
                    txn.state = State::Refunded;
                    txn.refunded += amount;
                    line.refunded += 1;
                }
            }
        }
        self.batches.push(line);
    }
}

/// Which part of a batch is run by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Start,
    End,
    Both,
}

impl Phase {
    pub(crate) fn read(args: &Value) -> Option<Self> {
        match args.get("phase").map_or(Some("both"), Value::as_str)? {
            "both" => Some(Self::Both),
            "start" => Some(Self::Start),
            "end" => Some(Self::End),
            _ => None,
        }
    }
}
