//! The operations on a transaction (ctbc.md 6.2 and 6.4): every check with its code, then the step.
//!
//! Promises that a refused operation changed nothing. Where the paper names no code, the README
//! says which was chosen.

use crate::time::BankTime;

use super::bank::Bank;
use super::codes::Code;
use super::ledger::{Came, CardRefund, Queued, Slot, State, Txn, TxnId};
use super::message::{Fields, dollars};
use super::shapes::Operation;
use super::world::World;

/// What an operation gives back.
pub(crate) struct Done {
    pub(crate) txn: TxnId,
    /// `ResAmt`.
    pub(crate) amount: i64,
    /// The batch line it made.
    pub(crate) slot: Option<Slot>,
}

/// A refusal and what it is about; empty for the text of the code itself.
pub(crate) type Refusal = (Code, String);

/// Runs an operation that passed the shape check.
pub(crate) fn run(
    bank: &mut Bank,
    world: &mut World<'_>,
    shop: usize,
    operation: Operation,
    fields: &Fields,
) -> Result<Done, Refusal> {
    let (id, amount) = find(bank, world, shop, operation, fields)?;
    act(bank, world, id, operation, amount, false)
}

/// Runs an operation on a transaction, for a request or by hand at the bank.
pub(crate) fn act(
    bank: &mut Bank,
    world: &mut World<'_>,
    id: TxnId,
    operation: Operation,
    amount: i64,
    by_hand: bool,
) -> Result<Done, Refusal> {
    let txn = bank.ledger.get(id).ok_or_else(|| plain(Code("3", "25")))?;
    let shop = txn.shop;
    let run = bank.runs.get(shop);
    let busy = |until: Option<BankTime>| until.is_some_and(|until| world.now < until);
    if busy(run.and_then(|run| run.busy_until)) {
        return Err(plain(Code("3", "31")));
    }
    if busy(txn.busy_until) {
        return Err(plain(Code("3", "15")));
    }
    let locked = run.is_some_and(super::batch::BatchRun::locked);
    let allowed = operation == Operation::Reversal
        && txn.state == State::Authorized
        && world.switches.reversal_in_batch;
    if locked && !allowed {
        return Err(plain(world.switches.batch_code));
    }
    let refuse = |code: Code| Err(plain(code));
    match operation {
        Operation::Cap => {
            if let Some(code) = cap_refused(txn, world, amount) {
                return refuse(code);
            }
            bank.enter_capture(id, amount, world.now);
        }
        Operation::CapRev => {
            if let Some(code) = cap_rev_refused(txn, amount) {
                return refuse(code);
            }
            change(bank, id, |txn| {
                txn.state = State::Authorized;
                txn.capture = None;
                txn.capture_reversed = true;
            });
        }
        Operation::Reversal => {
            if let Some(code) = reversal_refused(txn, world, amount) {
                return refuse(code);
            }
            change(bank, id, |txn| {
                if amount == 0 {
                    txn.state = State::Cancelled;
                    txn.capture = None;
                }
                txn.open = amount;
            });
        }
        Operation::Refund => {
            if let Some(code) = refund_refused(bank, txn, world, amount) {
                return refuse(code);
            }
            let slot = bank.slot(shop, amount, world.now);
            change(bank, id, |txn| {
                let from = if txn.refunded > 0 { State::Refunded } else { State::Captured };
                txn.refunds.push(CardRefund {
                    slot,
                    came: Came::Queued,
                    asked: world.now,
                    ended: None,
                    by_hand,
                });
                txn.refund = Some(Queued { slot, from });
                txn.state = State::RefundQueued;
            });
            return Ok(Done { txn: id, amount, slot: Some(slot) });
        }
        Operation::RefundRev => {
            let earlier = refund_rev(txn, amount).map_err(plain)?;
            change(bank, id, |txn| {
                txn.state = earlier;
                txn.refund = None;
                txn.refund_reversed = true;
                txn.refund_came(Came::Reversed, world.now);
            });
        }
        Operation::Inquiry | Operation::InquiryByLidm | Operation::Other(_) => {
            return refuse(Code("9", "nx"));
        }
    }
    let slot = bank.ledger.get(id).and_then(|txn| txn.capture).filter(|_| operation == Operation::Cap);
    Ok(Done { txn: id, amount, slot })
}

/// The transaction that is meant, and the amount to be set, after every check that does not look at
/// its state.
fn find(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    operation: Operation,
    fields: &Fields,
) -> Result<(TxnId, i64), Refusal> {
    let bad = |name: &str| (Code("9", "nt"), name.to_owned());
    let xid = fields.text("XID").trim_end();
    if xid.is_empty() || xid.len() > 40 {
        return Err(bad("XID"));
    }
    let original =
        dollars(fields.text("OrgAmt")).filter(|amount| *amount > 0).ok_or_else(|| bad("OrgAmt"))?;
    let amount_member = operation.amount_member();
    let amount = dollars(fields.text(amount_member)).ok_or_else(|| bad(amount_member))?;
    let auth_code = fields.text("AuthCode").trim();
    if auth_code.len() > 6 || !auth_code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(bad("AuthCode"));
    }
    let batch = operation.batch_members();
    let numbers = [Some("TermSeq"), batch.map(|names| names.0), batch.map(|names| names.1)];
    for name in numbers.into_iter().flatten() {
        let value = fields.text(name);
        if value.len() > 12 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad(name));
        }
    }
    let id = bank.ledger.by_xid(shop, xid).ok_or_else(|| plain(Code("3", "25")))?;
    let txn = bank.ledger.get(id).ok_or_else(|| plain(Code("3", "25")))?;
    if fields.get("LID-M").is_some_and(|lidm| lidm != txn.lidm) {
        return Err(plain(Code("3", "25")));
    }
    if original != txn.authorized {
        return Err(plain(Code("3", "21")));
    }
    if world.switches.check_fields {
        check_true(txn, operation, fields, auth_code)?;
    }
    Ok((id, amount))
}

/// The echoed fields are those of the transaction (ctbc.md 14.6: not known whether the bank looks).
fn check_true(txn: &Txn, operation: Operation, fields: &Fields, auth_code: &str) -> Result<(), Refusal> {
    // a declined one has none that could be echoed
    if auth_code != txn.auth_code && txn.state != State::Failed {
        return Err(plain(Code("3", "24")));
    }
    let differs = |name: &str, truth: &str| fields.get(name).is_some_and(|value| value.trim_end() != truth);
    if differs("AuthRRPID", &txn.xid) {
        return Err((Code("9", "nd"), "AuthRRPID".to_owned()));
    }
    if differs("TermSeq", &txn.term_seq.to_string()) {
        return Err((Code("9", "nd"), "TermSeq".to_owned()));
    }
    // a refund names the line of the capture, the undoing of a refund the line of the refund
    let line = match operation {
        Operation::RefundRev => txn.refund.map(|queued| queued.slot),
        Operation::Cap
        | Operation::CapRev
        | Operation::Reversal
        | Operation::Refund
        | Operation::Inquiry
        | Operation::InquiryByLidm
        | Operation::Other(_) => txn.capture,
    };
    if let Some((names, line)) = operation.batch_members().zip(line)
        && (differs(names.0, &line.batch.to_string()) || differs(names.1, &line.seq.to_string()))
    {
        return Err(plain(Code("3", "33")));
    }
    Ok(())
}

fn cap_refused(txn: &Txn, world: &World<'_>, amount: i64) -> Option<Code> {
    let by_state = match txn.state {
        State::Authorized => None,
        State::CaptureFailed if world.switches.retry_failed => None,
        State::CaptureFailed => Some(Code("3", "2")),
        State::Failed => Some(Code("3", "6")),
        State::Cancelled => Some(Code("3", "17")),
        State::CaptureQueued | State::CaptureLocked => Some(Code("3", "52")),
        State::Captured
        | State::RefundQueued
        | State::RefundLocked
        | State::Refunded
        | State::RefundFailed => Some(Code("9", "ne")),
    };
    if by_state.is_some() {
        return by_state;
    }
    if world.now >= txn.at.plus_days(world.switches.capture_days) {
        return Some(Code("3", "19"));
    }
    if txn.periods > 0 && amount != txn.open {
        return Some(Code("3", "51"));
    }
    let fits = amount == txn.open || (world.switches.partial_capture && (1..txn.open).contains(&amount));
    (!fits).then_some(Code("3", "21"))
}

fn cap_rev_refused(txn: &Txn, amount: i64) -> Option<Code> {
    match txn.state {
        State::CaptureQueued => (amount != 0).then_some(Code("3", "21")),
        State::Authorized if txn.capture_reversed => Some(Code("3", "55")),
        State::Failed => Some(Code("3", "6")),
        State::Cancelled => Some(Code("3", "17")),
        State::CaptureLocked => Some(Code("3", "40")),
        State::Authorized
        | State::Captured
        | State::CaptureFailed
        | State::RefundQueued
        | State::RefundLocked
        | State::Refunded
        | State::RefundFailed => Some(Code("3", "2")),
    }
}

fn reversal_refused(txn: &Txn, world: &World<'_>, amount: i64) -> Option<Code> {
    match txn.state {
        State::Authorized => {
            let part = world.switches.partial_reversal && (1..txn.open).contains(&amount);
            (amount != 0 && !part).then_some(Code("3", "21"))
        }
        State::CaptureFailed if world.switches.retry_failed => (amount != 0).then_some(Code("3", "21")),
        State::CaptureFailed => Some(Code("3", "2")),
        State::Failed => Some(Code("3", "6")),
        State::Cancelled => Some(Code("3", "54")),
        State::CaptureQueued
        | State::CaptureLocked
        | State::Captured
        | State::RefundQueued
        | State::RefundLocked
        | State::Refunded
        | State::RefundFailed => Some(Code("9", "ne")),
    }
}

fn refund_refused(bank: &Bank, txn: &Txn, world: &World<'_>, amount: i64) -> Option<Code> {
    let known = bank.shops.get(txn.shop)?;
    if !known.refunds {
        return Some(Code("3", "1"));
    }
    let left = txn.captured - txn.refunded;
    let by_state = match txn.state {
        State::Captured => None,
        State::Refunded if left > 0 && world.switches.refund_remainder => None,
        State::Refunded => Some(Code("3", "53")),
        State::RefundFailed if world.switches.retry_failed => None,
        State::RefundFailed => Some(Code("3", "2")),
        State::RefundQueued | State::RefundLocked => {
            let same = txn.refund.is_some_and(|queued| queued.slot.amount == amount);
            Some(if same { Code("3", "53") } else { Code("3", "70") })
        }
        State::Authorized | State::CaptureQueued | State::CaptureLocked | State::CaptureFailed => {
            Some(Code("3", "72"))
        }
        State::Failed => Some(Code("3", "6")),
        State::Cancelled => Some(Code("3", "17")),
    };
    if by_state.is_some() {
        return by_state;
    }
    if txn.captured_at.is_some_and(|at| world.now >= at.plus_days(world.switches.refund_days)) {
        return Some(Code("3", "20"));
    }
    if txn.periods > 0 && amount != txn.captured {
        return Some(Code("3", "51"));
    }
    let part_fits = world.switches.partial_refund || amount == txn.captured;
    if amount == 0 || amount > left || !part_fits {
        return Some(Code("3", "21"));
    }
    let cover = bank.cover(txn.shop, world.switches.refund_cover, world.now);
    cover.is_some_and(|left| amount > left).then_some(Code("3", "71"))
}

/// The state that the transaction goes back to.
fn refund_rev(txn: &Txn, amount: i64) -> Result<State, Code> {
    match (txn.state, txn.refund) {
        (State::RefundQueued, Some(queued)) if amount == 0 => Ok(queued.from),
        (State::RefundQueued, _) => Err(Code("3", "21")),
        (State::Captured | State::Refunded, _) if txn.refund_reversed => Err(Code("3", "56")),
        (State::RefundLocked, _) => Err(Code("3", "40")),
        (State::Failed, _) => Err(Code("3", "6")),
        (State::Cancelled, _) => Err(Code("3", "17")),
        (
            State::Authorized
            | State::CaptureQueued
            | State::CaptureLocked
            | State::Captured
            | State::CaptureFailed
            | State::Refunded
            | State::RefundFailed,
            _,
        ) => Err(Code("3", "2")),
    }
}

fn plain(code: Code) -> Refusal {
    (code, String::new())
}

fn change(bank: &mut Bank, id: TxnId, edit: impl FnOnce(&mut Txn)) {
    if let Some(txn) = bank.ledger.get_mut(id) {
        edit(txn);
        txn.odd_state = None;
    }
}
