//! Refunds at the banks' own back offices, and refunds that end as a test wants them to.

use serde_json::{Value, json};

use crate::ctbc::{Operation, act};
use crate::simulator::Simulator;
use crate::sinopac::{RefundState, State};

use super::args::text;
use super::error::ControlError;

impl Simulator {
    /// `{shop, order, amount?}`: a person refunds at SinoPac's back office, which checks neither
    /// the number of refunds nor the contract. Without an amount: all that is left.
    pub(super) fn refund_by_hand(&mut self, args: &Value) -> Result<Value, ControlError> {
        let id = self.order_id(text(args, "shop")?, text(args, "order")?)?;
        let wanted = dollars(args)?;
        let order = self.bank.ledger.get(id).ok_or(ControlError::UnknownOrder)?;
        let left = order.facts.left();
        let amount = wanted.map_or(left, |dollars| dollars * 100);
        let paid = matches!(order.facts.state, State::Paid | State::Settled);
        if !paid || amount == 0 || amount > left {
            return Err(ControlError::State);
        }
        let (bank, mut world) = self.parts();
        bank.refund(&mut world, id, amount, true);
        self.run_to(self.now);
        let refund = self.bank.ledger.get(id).and_then(|order| order.facts.refunds.last());
        Ok(json!({ "refund": refund.map(|refund| &refund.no) }))
    }

    /// `{shop, order, state, refund?}`: puts the newest refund of an order, or the one with this
    /// RefundNo, into a state of its kind. It stays there until the next such call.
    pub(super) fn refund_state(&mut self, args: &Value) -> Result<Value, ControlError> {
        let id = self.order_id(text(args, "shop")?, text(args, "order")?)?;
        let state = RefundState::from_code(text(args, "state")?).ok_or(ControlError::Member("state"))?;
        let wanted = match args.get("refund") {
            None | Some(Value::Null) => None,
            Some(no) => Some(no.as_str().ok_or(ControlError::Member("refund"))?),
        };
        let order = self.bank.ledger.get(id).ok_or(ControlError::UnknownOrder)?;
        if state.kind() != order.kind {
            return Err(ControlError::Member("state"));
        }
        let place = order.facts.refunds.iter().rposition(|refund| wanted.is_none_or(|no| no == refund.no));
        let place = place.ok_or(ControlError::State)?;
        let (bank, mut world) = self.parts();
        bank.fix_refund(&mut world, id, place, state);
        self.run_to(self.now);
        Ok(json!({ "state": state.code() }))
    }

    /// `{shop, order, xid?, operation?, amount?}`: a person acts at CTBC's back office on the
    /// newest transaction of the lidm, or on this one. Default: a Refund of all that is left.
    pub(super) fn ctbc_refund(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop = self.ctbc_shop_at(text(args, "shop")?)?;
        let newest = self.ctbc.ledger.by_lidm(shop, text(args, "order")?).last().copied();
        let id = match args.get("xid") {
            None | Some(Value::Null) => newest,
            Some(_) => self.ctbc.ledger.by_xid(shop, text(args, "xid")?),
        };
        let operation = match args.get("operation").map(Value::as_str) {
            None | Some(Some("Refund")) => Operation::Refund,
            Some(Some("Cap")) => Operation::Cap,
            Some(Some("CapRev")) => Operation::CapRev,
            Some(Some("Reversal")) => Operation::Reversal,
            Some(Some("RefundRev")) => Operation::RefundRev,
            Some(_) => return Err(ControlError::Member("operation")),
        };
        let id = id.ok_or(ControlError::UnknownOrder)?;
        let txn = self.ctbc.ledger.get(id).ok_or(ControlError::UnknownOrder)?;
        let whole = match operation {
            Operation::Refund => txn.captured - txn.refunded,
            Operation::Cap => txn.open,
            Operation::CapRev
            | Operation::Reversal
            | Operation::RefundRev
            | Operation::Inquiry
            | Operation::InquiryByLidm
            | Operation::Other(_) => 0,
        };
        let amount = dollars(args)?.unwrap_or(whole);
        let (bank, mut world) = self.ctbc_parts();
        let done = act(bank, &mut world, id, operation, amount, true).map_err(|_| ControlError::State)?;
        let state = self.ctbc.ledger.get(done.txn).map(|txn| txn.state_text().to_owned());
        Ok(json!({ "state": state }))
    }
}

/// The member `amount`, whole dollars.
fn dollars(args: &Value) -> Result<Option<i64>, ControlError> {
    match args.get("amount") {
        None | Some(Value::Null) => Ok(None),
        Some(amount) => {
            let dollars = amount.as_i64().filter(|dollars| (1..=9_999_999).contains(dollars));
            dollars.map(Some).ok_or(ControlError::Member("amount"))
        }
    }
}
