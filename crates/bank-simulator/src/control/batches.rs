//! Runs CTBC's batch by hand, scripts the next one, and locks orders for another till.

use serde_json::{Value, json};

use crate::ctbc::batch::{Phase, Script};
use crate::simulator::Simulator;
use crate::time::BankTime;

use super::args::text;
use super::error::ControlError;

impl Simulator {
    /// `{shop?, phase?}`: runs a batch by hand, of one shop or of all.
    pub(super) fn run_batch(&mut self, args: &Value) -> Result<Value, ControlError> {
        let phase = Phase::read(args).ok_or(ControlError::Member("phase"))?;
        let places = self.ctbc_shops_of(args)?;
        let free = places.iter().all(|at| self.ctbc.batch_can(*at, phase));
        if !free || places.is_empty() {
            return Err(ControlError::State);
        }
        let before = self.ctbc.batches.len();
        for at in places {
            self.ctbc.batch_by_hand(at, phase, self.now)?;
        }
        Ok(json!({ "batches": self.ctbc.batches.get(before..).unwrap_or_default() }))
    }

    /// `{shop?, fail?, start_late_minutes?, end_late_minutes?, skip?}`: orders how the next batch
    /// goes. Without any of them it only tells when batches run.
    pub(super) fn batch(&mut self, args: &Value) -> Result<Value, ControlError> {
        let places = self.ctbc_shops_of(args)?;
        let script = Script::read(args).map_err(ControlError::Member)?;
        let orders = ["fail", "start_late_minutes", "end_late_minutes", "skip"];
        let asks_only = !orders.iter().any(|name| args.get(name).is_some());
        let mut lines = Vec::new();
        for at in places {
            if let Some((run, shop)) = self.ctbc.runs.get_mut(at).zip(self.ctbc.shops.get(at)) {
                if !asks_only {
                    run.script = script.clone();
                }
                lines.push(json!({
                    "shop": shop.mer_id,
                    "open_batch": run.open_batch,
                    "running_until": run.ends().map(BankTime::rfc3339),
                    "next_start": run.next_start().map(BankTime::rfc3339),
                }));
            }
        }
        Ok(json!({ "batches": lines }))
    }

    /// `{shop, order?, seconds}`: an operation of another till runs for so long, on this order or
    /// on the whole shop.
    pub(super) fn busy(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop = self.ctbc_shop_at(text(args, "shop")?)?;
        let seconds = args.get("seconds").and_then(Value::as_i64).filter(|span| (0..=86_400).contains(span));
        let until = self.now.plus_ms(seconds.ok_or(ControlError::Member("seconds"))? * 1_000);
        match args.get("order") {
            None | Some(Value::Null) => {
                let run = self.ctbc.runs.get_mut(shop).ok_or(ControlError::UnknownShop)?;
                run.busy_until = Some(until);
            }
            Some(_) => {
                let newest = self.ctbc.ledger.by_lidm(shop, text(args, "order")?).last().copied();
                let txn = newest.and_then(|id| self.ctbc.ledger.get_mut(id));
                txn.ok_or(ControlError::UnknownOrder)?.busy_until = Some(until);
            }
        }
        Ok(json!({ "until": until.rfc3339() }))
    }

    fn ctbc_shops_of(&self, args: &Value) -> Result<Vec<usize>, ControlError> {
        match args.get("shop") {
            None | Some(Value::Null) => Ok((0..self.ctbc.shops.len()).collect()),
            Some(_) => Ok(vec![self.ctbc_shop_at(text(args, "shop")?)?]),
        }
    }
}
