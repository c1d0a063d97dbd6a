//! Sets how the banks run: clock, addresses that may ask, faults, switches, reset.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::calls::Calls;
use crate::ctbc;
use crate::faults::{Fault, Faults};
use crate::simulator::Simulator;
use crate::sinopac::bank::Bank;
use crate::switches::Switches;

use super::args::{address_list, text, time};
use super::error::ControlError;

/// Longest step of the clock in one call.
const ADVANCE_SECONDS_MAX: u64 = 400 * 86_400;

impl Simulator {
    /// Forgets orders, calls, faults and switches; shops and clock stay.
    pub fn reset(&mut self) {
        let shops = std::mem::take(&mut self.bank.shops);
        self.bank = Bank::new(shops);
        self.calls = Calls::default();
        self.faults = Faults::default();
        self.switches = Switches::default();
        let shops = std::mem::take(&mut self.ctbc.shops);
        self.ctbc = ctbc::Bank::new(shops, self.now);
        self.ctbc_switches = ctbc::Switches::default();
    }

    pub(super) fn clock(&mut self, args: &Value) -> Result<Value, ControlError> {
        let freeze = match args.get("freeze") {
            None | Some(Value::Null) => None,
            Some(freeze) => Some(freeze.as_bool().ok_or(ControlError::Member("freeze"))?),
        };
        if let Some(at) = time(args, "at")? {
            self.set_clock(at);
        }
        if let Some(freeze) = freeze {
            self.freeze(freeze);
        }
        Ok(json!({"at": self.now.rfc3339(), "frozen": self.frozen}))
    }

    pub(super) fn advance_by(&mut self, args: &Value) -> Result<Value, ControlError> {
        let seconds = args.get("seconds").and_then(Value::as_u64);
        let seconds = seconds.filter(|seconds| *seconds <= ADVANCE_SECONDS_MAX);
        self.advance(Duration::from_secs(seconds.ok_or(ControlError::Member("seconds"))?));
        self.clock(&Value::Null)
    }

    pub(super) fn shops(&mut self, args: &Value) -> Result<Value, ControlError> {
        let at = self.shop_at(text(args, "shop")?)?;
        let allow = address_list(args)?;
        let open = match args.get("open") {
            None | Some(Value::Null) => None,
            Some(open) => Some(open.as_bool().ok_or(ControlError::Member("open"))?),
        };
        let refunds = match args.get("refunds") {
            None | Some(Value::Null) => None,
            Some(refunds) => Some(refunds.as_bool().ok_or(ControlError::Member("refunds"))?),
        };
        let shop = self.bank.shops.get_mut(at).ok_or(ControlError::UnknownShop)?;
        shop.refunds = refunds.unwrap_or(shop.refunds);
        if let Some(ips) = allow {
            shop.allow_ips = ips.0;
        }
        if let Some(open) = open {
            shop.open = open;
        }
        Ok(json!({
            "shop": shop.number,
            "allow_ips": shop.allow_ips,
            "open": shop.open,
            "refunds": shop.refunds,
        }))
    }

    pub(super) fn switch(&mut self, args: &Value) -> Result<Value, ControlError> {
        let mut switches = self.switches.clone();
        let mut cards = self.ctbc_switches.clone();
        for (name, value) in args.as_object().unwrap_or(&Map::new()) {
            if name != "bank" {
                let set = switches.set(name, value).or_else(|| cards.set(name, value));
                set.ok_or(ControlError::Member("switch"))?;
            }
        }
        self.switches = switches;
        self.ctbc_switches = cards;
        if self.switches.pay_job {
            self.bank.plan_pay_job(self.now);
        }
        let mut shown = self.switches.show();
        if let (Some(all), Value::Object(cards)) = (shown.as_object_mut(), self.ctbc_switches.show()) {
            all.extend(cards);
        }
        Ok(shown)
    }

    pub(super) fn fault(&mut self, args: &Value) -> Result<Value, ControlError> {
        self.faults.add(Fault::read(args).map_err(ControlError::Member)?);
        Ok(json!({ "faults": self.faults.show() }))
    }

    pub(super) fn show_faults(&mut self, args: &Value) -> Value {
        if args.get("clear").and_then(Value::as_bool) == Some(true) {
            self.faults = Faults::default();
        }
        json!({ "faults": self.faults.show() })
    }
}
