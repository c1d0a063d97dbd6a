//! The nightly batch of each shop (ctbc.md 2 and 6.2): its file, its times and its script. `night`
//! runs it.
//!
//! While its batch runs, the shop is locked (3/40). What enters the file meanwhile belongs to the
//! next batch.

mod night;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::time::BankTime;

use super::calendar::Calendar;
use super::ledger::Slot;

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
    /// From `{fail?, start_late_minutes?, end_late_minutes?, skip?}`; the error names the member
    /// that is wrong.
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

/// The batch of one shop: its open file, and when it runs.
pub(crate) struct BatchRun {
    pub(crate) open_batch: u64,
    next_seq: u64,
    term_seqs: u64,
    next_start: Option<BankTime>,
    running: Option<Running>,
    /// When the last batch ended.
    ended: Option<BankTime>,
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

impl BatchRun {
    pub(crate) fn new(calendar: &Calendar, now: BankTime) -> Self {
        Self {
            open_batch: 1,
            next_seq: 1,
            term_seqs: 0,
            next_start: calendar.next_start(now),
            running: None,
            ended: None,
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

    pub(crate) fn slot(&mut self, amount: i64, at: BankTime) -> Slot {
        let slot = Slot { batch: self.open_batch, seq: self.next_seq, amount, at };
        self.next_seq += 1;
        slot
    }

    pub(crate) fn next_term_seq(&mut self) -> u64 {
        self.term_seqs += 1;
        self.term_seqs - 1
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
