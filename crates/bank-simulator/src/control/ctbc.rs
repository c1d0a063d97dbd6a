//! Control calls of the CTBC dialect, and its books as others read them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::ctbc::batch::{Phase, Script};
use crate::ctbc::{self, Code, Txn, Verdict};
use crate::simulator::Simulator;
use crate::time::BankTime;

use super::{BrowserReturn, ControlError, address_list, text, time};

/// One card transaction in CTBC's books. Amounts are whole dollars, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardLine {
    /// `ctbc`.
    pub bank: &'static str,
    /// The MERID.
    pub shop: String,
    /// The lidm; several transactions may have the same.
    pub order: String,
    /// The bank's own number.
    pub xid: String,
    /// As authorized.
    pub amount: i64,
    /// `CurrentState`, such as `12`.
    pub state: String,
    /// When it was authorized or declined.
    pub at: String,
    /// Empty when it was declined.
    pub auth_code: String,
    /// `TermSeq` of the authorization.
    pub term_seq: u64,
    /// Instalments; 0 = one-off.
    pub periods: u8,
    /// What a batch has collected.
    pub captured: i64,
    /// When a batch collected it.
    pub captured_at: Option<String>,
    /// What batches have given back.
    pub refunded: i64,
    /// What waits in the file to be given back.
    pub refund_queued: i64,
    /// `BatchID` of its line.
    pub batch_id: Option<u64>,
    /// `BatchSeq` of its line.
    pub batch_seq: Option<u64>,
    /// First six and last four digits.
    pub pan: String,
    /// It was planted; no form asked for it.
    pub planted: bool,
}

impl Simulator {
    /// CTBC's books, oldest transaction first.
    pub fn cards(&self) -> impl Iterator<Item = CardLine> {
        self.ctbc.ledger.all().map(|txn| self.card_line(txn))
    }

    /// The newest transaction of an order number at CTBC.
    pub fn card(&self, shop: &str, order: &str) -> Option<CardLine> {
        let shop = self.ctbc_shop_at(shop).ok()?;
        let id = self.ctbc.ledger.by_lidm(shop, order).last().copied()?;
        self.ctbc.ledger.get(id).map(|txn| self.card_line(txn))
    }

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
            "shops" => self.ctbc_shops(args),
            _ => Err(ControlError::NotBuilt),
        }
    }

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

    /// `{shop?, fail?, start_late_minutes?, end_late_minutes?, skip?}`: orders how the next batch goes. Without any of
    /// them it only tells when batches run.
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

    /// `{shop, order?, seconds}`: an operation of another till runs for so long, on this order or on the whole shop.
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

    pub(super) fn ctbc_shop_at(&self, shop: &str) -> Result<usize, ControlError> {
        let by_name = || self.ctbc.shops.iter().position(|known| known.name == shop);
        self.ctbc.shop(shop).or_else(by_name).ok_or(ControlError::UnknownShop)
    }

    /// The pages that were opened, newest last.
    pub(super) fn forms(&self, shop: Option<usize>) -> Vec<Value> {
        let wanted = self.ctbc.forms.iter().filter(|form| shop.is_none_or(|shop| form.shop == shop));
        wanted
            .map(|form| {
                let open = !form.done && self.now < form.ends;
                json!({
                    "shop": self.ctbc.shops.get(form.shop).map(|shop| &shop.mer_id),
                    "order": form.asked.lidm,
                    "amount": form.asked.amount,
                    "open": open,
                    "opened_at": form.opened.rfc3339(),
                    "ends_at": form.ends.rfc3339(),
                })
            })
            .collect()
    }

    pub(super) fn card_line(&self, txn: &Txn) -> CardLine {
        let slot = txn.shown_slot();
        CardLine {
            bank: "ctbc",
            shop: self.ctbc.shops.get(txn.shop).map(|shop| shop.mer_id.clone()).unwrap_or_default(),
            order: txn.lidm.clone(),
            xid: txn.xid.clone(),
            amount: txn.authorized,
            state: txn.state_text().to_owned(),
            at: txn.at.rfc3339(),
            auth_code: txn.auth_code.clone(),
            term_seq: txn.term_seq,
            periods: txn.periods,
            captured: txn.captured,
            captured_at: txn.captured_at.map(BankTime::rfc3339),
            refunded: txn.refunded,
            refund_queued: txn.refund.map_or(0, |queued| queued.slot.amount),
            batch_id: slot.map(|slot| slot.batch),
            batch_seq: slot.map(|slot| slot.seq),
            pan: txn.masked.clone(),
            planted: txn.planted,
        }
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

    fn ctbc_shops_of(&self, args: &Value) -> Result<Vec<usize>, ControlError> {
        match args.get("shop") {
            None | Some(Value::Null) => Ok((0..self.ctbc.shops.len()).collect()),
            Some(_) => Ok(vec![self.ctbc_shop_at(text(args, "shop")?)?]),
        }
    }
}

impl From<ctbc::Refused> for ControlError {
    fn from(refused: ctbc::Refused) -> Self {
        match refused {
            ctbc::Refused::State => Self::State,
            ctbc::Refused::Unknown => Self::UnknownOrder,
        }
    }
}
