//! Control calls that put disagreement into the books: planted orders and states, late rows, stray
//! notices, mass payment.

use serde_json::{Value, json};

use crate::simulator::Simulator;
use crate::sinopac::bank::{World, late_until};
use crate::sinopac::{Facts, Kind, NewOrder, OrderId, State};
use crate::time::BankTime;

use super::args::{text, time};
use super::error::ControlError;

/// Orders that one call may plant, and copies of a notice that one call may send.
const PLANTS_MAX: u64 = 10_000;

impl Simulator {
    /// `{shop, at?, orders?}`: pays these orders, or every waiting account of the shop, with one
    /// time.
    pub(super) fn pay_all(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop = self.shop_at(text(args, "shop")?)?;
        let at = time(args, "at")?.unwrap_or(self.now);
        if at > self.now {
            return Err(ControlError::Member("at"));
        }
        let ids: Vec<OrderId> = match args.get("orders") {
            None | Some(Value::Null) => self.bank.ledger.waiting_accounts(),
            Some(list) => {
                let list = list.as_array().ok_or(ControlError::Member("orders"))?;
                let ids = list.iter().map(|number| {
                    let number = number.as_str().ok_or(ControlError::Member("orders"))?;
                    self.bank.ledger.by_number(shop, number).ok_or(ControlError::UnknownOrder)
                });
                ids.collect::<Result<_, _>>()?
            }
        };
        let (bank, mut world) = self.parts();
        let mut paid = 0;
        for id in ids {
            let ours = bank.ledger.get(id).is_some_and(|order| order.shop == shop);
            if ours && bank.pay(&mut world, id, at).is_ok() {
                paid += 1;
            }
        }
        self.run_to(self.now);
        Ok(json!({ "paid": paid }))
    }

    /// `{shop, order, amount?, state?, paid_at?, created_at?, pay_type?, whole_only?, payer?,
    /// count?}`: changes the facts of a known order, or writes one (or `count` of them, numbered)
    /// that no request created. Amount in dollars; state any code.
    pub(super) fn plant(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop = self.shop_at(text(args, "shop")?)?;
        let order = text(args, "order")?;
        let amount = match args.get("amount") {
            None | Some(Value::Null) => None,
            Some(amount) => {
                let dollars = amount.as_i64().filter(|dollars| (0..=9_999_999).contains(dollars));
                Some(dollars.ok_or(ControlError::Member("amount"))? * 100)
            }
        };
        let count = match args.get("count") {
            None | Some(Value::Null) => None,
            Some(count) => {
                let count = count.as_u64().filter(|count| (1..=PLANTS_MAX).contains(count));
                Some(count.ok_or(ControlError::Member("count"))?)
            }
        };
        let facts = Planted {
            amount,
            code: args.get("state").and_then(Value::as_str),
            paid: time(args, "paid_at")?,
            whole_only: flag(args, "whole_only")?,
            payer: flag(args, "payer")?,
            created: time(args, "created_at")?.unwrap_or(self.now),
            kind: match args.get("pay_type").and_then(Value::as_str) {
                None | Some("A") => Kind::Account,
                Some("C") => Kind::Card,
                Some(_) => return Err(ControlError::Member("pay_type")),
            },
        };
        let numbers: Vec<String> = match count {
            None => vec![order.to_owned()],
            Some(count) => (1..=count).map(|at| format!("{order}{at:05}")).collect(),
        };
        for number in &numbers {
            self.plant_one(shop, number, &facts);
        }
        Ok(json!({ "planted": numbers.len() }))
    }

    /// `{shop, order, seconds, what}`: with `row` the order is hidden from queries for so long;
    /// with `changes` (default) only what happens to it from now on shows so much later.
    pub(super) fn late(&mut self, args: &Value) -> Result<Value, ControlError> {
        let id = self.order_id(text(args, "shop")?, text(args, "order")?)?;
        let seconds = args.get("seconds").and_then(Value::as_u64).filter(|seconds| *seconds <= 864_000);
        let seconds = i64::try_from(seconds.ok_or(ControlError::Member("seconds"))?).unwrap_or(0);
        match args.get("what").and_then(Value::as_str) {
            None | Some("changes") => {}
            Some("row") => self.bank.ledger.hide_until(id, self.now.plus_ms(seconds * 1_000)),
            Some(_) => return Err(ControlError::Member("what")),
        }
        if let Some(order) = self.bank.ledger.get_mut(id) {
            order.late_ms = Some(seconds * 1_000);
        }
        Ok(json!({ "late": seconds }))
    }

    /// `{shop, url | order, token?, count?}`: sends a notice of anyone's making, with a token that
    /// may mean nothing.
    pub(super) fn notify(&mut self, args: &Value) -> Result<Value, ControlError> {
        let shop_no = text(args, "shop")?;
        let shop = self.shop_at(shop_no)?;
        let url = if let Some(url) = args.get("url").and_then(Value::as_str) {
            url.to_owned()
        } else {
            let id = self.order_id(shop_no, text(args, "order")?)?;
            let order = self.bank.ledger.get(id).ok_or(ControlError::UnknownOrder)?;
            order.backend_url.clone().ok_or(ControlError::State)?
        };
        let count = match args.get("count") {
            None | Some(Value::Null) => 1,
            Some(count) => {
                count.as_u64().filter(|count| *count <= PLANTS_MAX).ok_or(ControlError::Member("count"))?
            }
        };
        let token = match args.get("token").and_then(Value::as_str) {
            Some(token) => token.to_owned(),
            None => self.dice.hex64(),
        };
        let shop_no = self.bank.shops.get(shop).map(|shop| shop.number.clone()).unwrap_or_default();
        for _ in 0..count {
            self.bank.notices.send_once(url.clone(), &shop_no, &token);
        }
        Ok(json!({ "sent": count }))
    }

    fn plant_one(&mut self, shop: usize, number: &str, planted: &Planted<'_>) {
        let known = self.bank.ledger.by_number(shop, number);
        let id = known.unwrap_or_else(|| {
            let (bank, world) = self.parts();
            let mut then = World { now: planted.created, ..world };
            bank.open(&mut then, shop, planted.order(number))
        });
        let now = self.now;
        let (bank, mut world) = self.parts();
        let own = bank.ledger.get(id).and_then(|order| order.late_ms);
        let visible = late_until(&mut world, own);
        bank.ledger.change(id, visible, |facts| planted.apply(facts, now));
        if let Some(order) = bank.ledger.get_mut(id) {
            order.whole_only = planted.whole_only.unwrap_or(order.whole_only);
            order.has_payer = planted.payer.unwrap_or(order.has_payer);
        }
    }
}

struct Planted<'a> {
    amount: Option<i64>,
    code: Option<&'a str>,
    paid: Option<BankTime>,
    created: BankTime,
    kind: Kind,
    whole_only: Option<bool>,
    payer: Option<bool>,
}

/// A member that is true or false, or absent.
fn flag(args: &Value, name: &'static str) -> Result<Option<bool>, ControlError> {
    match args.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(flag) => flag.as_bool().map(Some).ok_or(ControlError::Member(name)),
    }
}

impl Planted<'_> {
    fn order(&self, number: &str) -> NewOrder {
        let ends = self.created.start_of_day().plus_days(4);
        NewOrder {
            number: number.to_owned(),
            kind: self.code.and_then(State::from_code).map_or(self.kind, |found| found.0),
            amount: self.amount.unwrap_or(10_000),
            product: "他處訂單".to_owned(),
            memo: None,
            params: [None, None, None],
            return_url: "https://shop.invalid/".to_owned(),
            backend_url: None,
            ends,
            expire_shown: ends.plus_ms(-1).minute(),
            auto_billing: true,
            billing_days: None,
            planted: true,
        }
    }

    fn apply(&self, facts: &mut Facts, now: BankTime) {
        if let Some(amount) = self.amount {
            facts.amount = amount;
        }
        if let Some(code) = self.code {
            match State::from_code(code) {
                Some((_, state)) => {
                    facts.state = state;
                    facts.odd_code = None;
                }
                None => facts.odd_code = Some(code.to_owned()),
            }
        }
        if self.paid.is_some() {
            facts.paid = self.paid;
            if self.code.is_none() {
                facts.state = State::Paid;
            }
        }
        let should = matches!(facts.state, State::Paid | State::Settled);
        if should && facts.paid.is_none() {
            facts.paid = Some(now);
        }
        if matches!(facts.state, State::Authorized) && facts.approved.is_none() {
            facts.approved = Some(now);
        }
    }
}
