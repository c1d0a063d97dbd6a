//! What was asked of the bank: one line per request, without secrets, so that tests can count.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::time::BankTime;

/// Older lines are dropped beyond this.
const LINES_MAX: usize = 200_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// Bank time, RFC 3339.
    pub at: String,
    /// The path, without query.
    pub path: String,
    /// `Nonce` or the `APIService`; for CTBC the last part of the path; empty when it could not be
    /// read.
    pub service: String,
    /// The shop number, when it is one of ours.
    pub shop: Option<String>,
    /// The order number, when the message could be opened and has one.
    pub order: Option<String>,
    /// The `Command` of `OrderMaintain`; `R2` is R with a RefundToken.
    pub command: Option<String>,
    /// The amount that a write names, in whole dollars.
    pub amount: Option<i64>,
    /// The XID that a write at CTBC names.
    pub xid: Option<String>,
    /// The HTTP status of the answer (200 also when a fault closed the connection).
    pub status: u16,
    /// The code answered, or empty for a gateway error or a request that never arrived.
    pub code: String,
    /// The books were changed by it.
    pub acted: bool,
    /// The fault it met.
    pub fault: Option<String>,
}

/// The key of a request limit: the bank and the index of the shop.
pub(crate) type Key = (&'static str, Option<usize>);

/// All lines, and how many requests of one key came in one second of bank time.
#[derive(Default)]
pub(crate) struct Calls {
    lines: VecDeque<Call>,
    pub(crate) requests: u64,
    pub(crate) busiest_second: u32,
    by_key: BTreeMap<Key, (i64, u32)>,
}

impl Calls {
    /// Counts a request of a key and gives how many of it came in this second, this one included.
    pub(crate) fn count(&mut self, now: BankTime, key: Key) -> u32 {
        let second = now.unix_ms().div_euclid(1_000);
        let counted = self.by_key.entry(key).or_insert((second, 0));
        if counted.0 != second {
            *counted = (second, 0);
        }
        counted.1 += 1;
        self.requests += 1;
        self.busiest_second = self.busiest_second.max(counted.1);
        counted.1
    }

    pub(crate) fn push(&mut self, call: Call) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(call);
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &Call> {
        self.lines.iter()
    }
}
