//! The calls that both banks have, at CTBC: `pay`, `decline`, `plant`, `refund` and `shops`.

use serde_json::{Value, json};

use crate::ctbc::{Code, Verdict};
use crate::simulator::Simulator;
use crate::time::BankTime;

use super::args::{address_list, text, time};
use super::customer::BrowserReturn;
use super::error::ControlError;

impl Simulator {
    /// The calls that name `"bank": "ctbc"`.
    pub(super) fn ctbc_call(&mut self, call: &str, args: &Value) -> Result<Value, ControlError> {
        match call {
            "pay" => {
                let at = time(args, "at")?;
                let form = self.form_at(args)?;
                if let Some(later) = at.filter(|at| *at > self.now) {
                    self.ctbc.plan_pay(later, form);
                    return Ok(json!({ "return": null }));
                }
                self.conclude(form, Verdict::APPROVED, at.unwrap_or(self.now))
            }
            "decline" => {
                let code = match args.get("code") {
                    None | Some(Value::Null) => Code("8", "05"),
                    Some(code) => {
                        let code = code.as_str().and_then(Code::find).filter(|code| *code != Code::OK);
                        code.ok_or(ControlError::Member("code"))?
                    }
                };
                let form = self.form_at(args)?;
                let verdict = match code {
                    Code("10", "88") => Verdict::CANCELLED,
                    Code("10", "E0") => Verdict::TIMED_OUT,
                    code => Verdict::declined(code),
                };
                self.conclude(form, verdict, self.now)
            }
            "plant" => self.ctbc_plant(args),
            "refund" => self.ctbc_refund(args),
            "shops" => self.ctbc_shops(args),
            _ => Err(ControlError::NotBuilt),
        }
    }

    pub(super) fn ctbc_shop_at(&self, shop: &str) -> Result<usize, ControlError> {
        let by_name = || self.ctbc.shops.iter().position(|known| known.name == shop);
        self.ctbc.shop(shop).or_else(by_name).ok_or(ControlError::UnknownShop)
    }

    fn form_at(&self, args: &Value) -> Result<usize, ControlError> {
        let shop = self.ctbc_shop_at(text(args, "shop")?)?;
        self.ctbc.form_of(shop, text(args, "order")?).ok_or(ControlError::UnknownOrder)
    }

    fn conclude(&mut self, form: usize, verdict: Verdict, at: BankTime) -> Result<Value, ControlError> {
        let ended = self.ctbc.forms.get(form).is_none_or(|form| self.now >= form.ends);
        if ended && verdict != Verdict::TIMED_OUT {
            return Err(ControlError::State);
        }
        let (bank, mut world) = self.ctbc_parts();
        let reply = bank.conclude(&mut world, form, verdict, None, at)?;
        self.run_to(self.now);
        let answer = reply.map(|reply| BrowserReturn { url: reply.url.clone(), fields: reply.fields() });
        Ok(json!({ "return": answer }))
    }

    /// `{shop, order, amount?, state?}`.
    fn ctbc_plant(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop = self.ctbc_shop_at(text(args, "shop")?)?;
        let order = text(args, "order")?;
        let amount = match args.get("amount") {
            None | Some(Value::Null) => None,
            Some(amount) => {
                let dollars = amount.as_i64().filter(|dollars| (1..=9_999_999).contains(dollars));
                Some(dollars.ok_or(ControlError::Member("amount"))?)
            }
        };
        let state = match args.get("state") {
            None | Some(Value::Null) => None,
            Some(state) => Some(state.as_str().ok_or(ControlError::Member("state"))?),
        };
        let (bank, mut world) = self.ctbc_parts();
        bank.plant(&mut world, shop, order, amount, state);
        Ok(json!({ "planted": 1 }))
    }

    /// `{shop, allow_ips?, tx_type?, refunds?}`.
    fn ctbc_shops(&mut self, args: &Value) -> Result<Value, ControlError> {
        let place = self.ctbc_shop_at(text(args, "shop")?)?;
        let allow = address_list(args)?;
        let tx_type = match args.get("tx_type") {
            None | Some(Value::Null) => None,
            Some(kind) => {
                let kind = kind.as_u64().filter(|kind| *kind <= 1).and_then(|kind| u8::try_from(kind).ok());
                Some(kind.ok_or(ControlError::Member("tx_type"))?)
            }
        };
        let refunds = match args.get("refunds") {
            None | Some(Value::Null) => None,
            Some(refunds) => Some(refunds.as_bool().ok_or(ControlError::Member("refunds"))?),
        };
        let shop = self.ctbc.shops.get_mut(place).ok_or(ControlError::UnknownShop)?;
        if let Some(ips) = allow {
            shop.allow_ips = ips.0;
        }
        shop.tx_type = tx_type.unwrap_or(shop.tx_type);
        shop.refunds = refunds.unwrap_or(shop.refunds);
        Ok(json!({
            "shop": shop.mer_id,
            "allow_ips": shop.allow_ips,
            "tx_type": shop.tx_type,
            "refunds": shop.refunds,
        }))
    }
}
