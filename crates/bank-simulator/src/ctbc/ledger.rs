//! The bank's books of card transactions (ctbc.md 6): states, batch lines, amounts. Whole dollars.

use std::collections::BTreeMap;

use crate::time::BankTime;

/// `CurrentState` (ctbc.md 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Failed,
    Cancelled,
    Authorized,
    CaptureQueued,
    CaptureLocked,
    Captured,
    CaptureFailed,
    RefundQueued,
    RefundLocked,
    Refunded,
    RefundFailed,
}

/// Every state with its number on the wire.
const STATES: [(State, &str); 11] = [
    (State::Failed, "-1"),
    (State::Cancelled, "0"),
    (State::Authorized, "1"),
    (State::CaptureQueued, "10"),
    (State::CaptureLocked, "11"),
    (State::Captured, "12"),
    (State::CaptureFailed, "13"),
    (State::RefundQueued, "20"),
    (State::RefundLocked, "21"),
    (State::Refunded, "22"),
    (State::RefundFailed, "23"),
];

impl State {
    /// The number on the wire.
    pub(crate) fn number(self) -> &'static str {
        STATES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The state of a number.
    pub(crate) fn from_number(text: &str) -> Option<Self> {
        STATES.iter().find(|row| row.1 == text).map(|row| row.0)
    }
}

/// A line of the batch file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) batch: u64,
    pub(crate) seq: u64,
    pub(crate) amount: i64,
    /// When the line was written.
    pub(crate) at: BankTime,
}

/// A refund in the batch file, and the state it goes back to when it is taken out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queued {
    pub(crate) slot: Slot,
    pub(crate) from: State,
}

/// What came of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// It waits in the file.
    Queued,
    /// A batch works on it.
    Locked,
    Done,
    Failed,
    /// It was taken out of the file.
    Reversed,
}

impl Came {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Locked => "locked",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
        }
    }
}

/// A refund of a transaction, kept for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CardRefund {
    pub(crate) slot: Slot,
    pub(crate) came: Came,
    pub(crate) asked: BankTime,
    pub(crate) ended: Option<BankTime>,
    /// Made at the bank's own back office.
    pub(crate) by_hand: bool,
}

/// Place of a transaction in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TxnId(usize);

/// One transaction.
#[derive(Clone, Debug)]
pub(crate) struct Txn {
    pub(crate) shop: usize,
    pub(crate) lidm: String,
    pub(crate) xid: String,
    /// As authorized; never changes.
    pub(crate) authorized: i64,
    /// What is still authorized after a partial reversal.
    pub(crate) open: i64,
    /// Instalments; 0 = one-off.
    pub(crate) periods: u8,
    pub(crate) state: State,
    /// A planted state that no list has.
    pub(crate) odd_state: Option<String>,
    /// First six and last four digits.
    pub(crate) masked: String,
    pub(crate) auth_code: String,
    pub(crate) term_seq: u64,
    pub(crate) retr_ref: String,
    pub(crate) at: BankTime,
    pub(crate) capture: Option<Slot>,
    /// It was taken out of the capture file.
    pub(crate) capture_reversed: bool,
    pub(crate) captured: i64,
    pub(crate) captured_at: Option<BankTime>,
    pub(crate) refund: Option<Queued>,
    /// A refund was taken out of the file.
    pub(crate) refund_reversed: bool,
    pub(crate) refunded: i64,
    /// Every refund, oldest first; planted states have none.
    pub(crate) refunds: Vec<CardRefund>,
    /// Another operation on it runs until then (3/15).
    pub(crate) busy_until: Option<BankTime>,
    pub(crate) planted: bool,
}

impl Txn {
    /// `CurrentState`.
    pub(crate) fn state_text(&self) -> &str {
        self.odd_state.as_deref().unwrap_or_else(|| self.state.number())
    }

    /// The batch line that an inquiry shows: the refund's while it is in the file, else the
    /// capture's.
    pub(crate) fn shown_slot(&self) -> Option<Slot> {
        let in_file = matches!(self.state, State::RefundQueued | State::RefundLocked);
        self.refund.filter(|_| in_file).map(|queued| queued.slot).or(self.capture)
    }

    /// What came of the refund in the file.
    pub(crate) fn refund_came(&mut self, came: Came, now: BankTime) {
        let open = |refund: &&mut CardRefund| matches!(refund.came, Came::Queued | Came::Locked);
        if let Some(refund) = self.refunds.iter_mut().rev().find(open) {
            refund.came = came;
            refund.ended = (came != Came::Locked).then_some(now);
        }
    }

    /// Puts it into a state by hand, with the facts that belong to it.
    pub(crate) fn settle_as(&mut self, state: State, line: Slot, now: BankTime) {
        let line = Slot { amount: self.open, at: now, ..line };
        let (in_file, collected, refund) = match state {
            State::Failed | State::Cancelled | State::Authorized => (false, false, None),
            State::CaptureQueued | State::CaptureLocked | State::CaptureFailed => (true, false, None),
            State::RefundQueued | State::RefundLocked => {
                (true, true, Some(Queued { slot: line, from: State::Captured }))
            }
            State::Captured | State::Refunded | State::RefundFailed => (true, true, None),
        };
        self.capture = self.capture.or(Some(line)).filter(|_| in_file);
        self.captured = if collected { self.open } else { 0 };
        self.captured_at = collected.then_some(now);
        self.refund = refund;
        self.refunded = if state == State::Refunded { self.open } else { 0 };
        self.state = state;
        self.odd_state = None;
    }

    /// `TX_ATTRIBUTE`.
    pub(crate) fn attribute(&self) -> &'static str {
        if self.periods == 0 { "0" } else { "1" }
    }
}

/// All transactions, oldest first.
#[derive(Default)]
pub(crate) struct Ledger {
    txns: Vec<Txn>,
    by_lidm: BTreeMap<(usize, String), Vec<TxnId>>,
    by_xid: BTreeMap<(usize, String), TxnId>,
}

impl Ledger {
    pub(crate) fn add(&mut self, txn: Txn) -> TxnId {
        let id = TxnId(self.txns.len());
        self.by_lidm.entry((txn.shop, txn.lidm.clone())).or_default().push(id);
        self.by_xid.insert((txn.shop, txn.xid.clone()), id);
        self.txns.push(txn);
        id
    }

    pub(crate) fn get(&self, id: TxnId) -> Option<&Txn> {
        self.txns.get(id.0)
    }

    pub(crate) fn get_mut(&mut self, id: TxnId) -> Option<&mut Txn> {
        self.txns.get_mut(id.0)
    }

    /// The transactions of an order number, oldest first.
    pub(crate) fn by_lidm(&self, shop: usize, lidm: &str) -> Vec<TxnId> {
        self.by_lidm.get(&(shop, lidm.to_owned())).cloned().unwrap_or_default()
    }

    pub(crate) fn by_xid(&self, shop: usize, xid: &str) -> Option<TxnId> {
        self.by_xid.get(&(shop, xid.to_owned())).copied()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Txn> {
        self.txns.iter()
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Txn> {
        self.txns.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_number() {
        for (state, number) in STATES {
            assert_eq!((state.number(), State::from_number(number)), (number, Some(state)));
        }
        assert_eq!(State::from_number("2"), None);
    }
}
