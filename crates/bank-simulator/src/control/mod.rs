//! The `/control` calls: what a test, a demo or a person makes the bank do. The README of this crate lists them.
//!
//! Promises that a call over HTTP and a call of the library do the same, and that a refused call changes nothing.

mod ctbc;
mod plant;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::calls::{Call, Calls};
use crate::ctbc::Switches as CtbcSwitches;
use crate::faults::{Fault, Faults};
use crate::http::{HttpAnswer, HttpRequest};
use crate::simulator::Simulator;
use crate::sinopac::bank::{Bank, Event, Refused};
use crate::sinopac::{NoticeLine, Order, OrderId};
use crate::switches::Switches;
use crate::time::BankTime;

pub use ctbc::CardLine;

/// Longest step of the clock in one call.
const ADVANCE_SECONDS_MAX: u64 = 400 * 86_400;

/// Why a control call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// There is no such call.
    UnknownCall,
    /// A member is missing or does not fit.
    Member(&'static str),
    /// No shop has that number or name.
    UnknownShop,
    /// The shop has no such order.
    UnknownOrder,
    /// The order is not in a state for that.
    State,
    /// The dialect or the call is not built.
    NotBuilt,
}

/// What the browser would post to the shop's return address. No `Debug`: a token or a result is in it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BrowserReturn {
    /// `ReturnURL` or `AuthResURL` of the order.
    pub url: String,
    /// The fields of the form.
    pub fields: BTreeMap<String, String>,
}

/// One order in SinoPac's books. Amounts are whole dollars, times RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookLine {
    /// `sinopac`.
    pub bank: &'static str,
    /// The shop number.
    pub shop: String,
    /// The order number.
    pub order: String,
    /// The bank's own number.
    pub ts_no: String,
    /// `A` or `C`.
    pub pay_type: &'static str,
    /// Whole dollars.
    pub amount: i64,
    /// The bank's state code, such as `1A400`.
    pub state: String,
    /// When it was created.
    pub created_at: String,
    /// The first moment at which it could no longer be paid.
    pub expires_at: String,
    /// When a card was approved.
    pub approved_at: Option<String>,
    /// When it was paid or captured.
    pub pay_date: Option<String>,
    /// Whole dollars that went back.
    pub refunded: i64,
    /// The virtual account; empty for cards.
    pub account: String,
    /// It was planted; no request created it.
    pub planted: bool,
}

impl ControlError {
    /// A code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownCall => "unknown-call",
            Self::Member(_) => "member",
            Self::UnknownShop => "unknown-shop",
            Self::UnknownOrder => "unknown-order",
            Self::State => "state",
            Self::NotBuilt => "not-built",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Member(_) => 400,
            Self::UnknownCall | Self::UnknownShop | Self::UnknownOrder => 404,
            Self::State => 409,
            Self::NotBuilt => 501,
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCall => out.write_str("there is no such control call"),
            Self::Member(name) => write!(out, "member {name} is missing or does not fit"),
            Self::UnknownShop => out.write_str("no shop has that number or name"),
            Self::UnknownOrder => out.write_str("the shop has no such order"),
            Self::State => out.write_str("the order is not in a state for that"),
            Self::NotBuilt => out.write_str("this part of the simulator is not built"),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<Refused> for ControlError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::State => Self::State,
            Refused::Unknown => Self::UnknownOrder,
        }
    }
}

impl Simulator {
    /// Any control call by name, with the arguments that `/control` takes.
    ///
    /// # Errors
    /// When the call is unknown, an argument does not fit, or the order is not in a state for it.
    pub fn control(&mut self, call: &str, args: &Value) -> Result<Value, ControlError> {
        let bank = bank(args)?;
        let of_one_bank = ["pay", "decline", "pay_all", "plant", "late", "notify", "shops"];
        if bank == Some("ctbc") && of_one_bank.contains(&call) {
            return self.ctbc_call(call, args);
        }
        match call {
            "pay" => {
                let answer = self.pay(text(args, "shop")?, text(args, "order")?, time(args, "at")?)?;
                Ok(json!({ "return": answer }))
            }
            "decline" => {
                let answer = self.decline(text(args, "shop")?, text(args, "order")?)?;
                Ok(json!({ "return": answer }))
            }
            "pay_all" => self.pay_all(args),
            "plant" => self.plant(args),
            "late" => self.late(args),
            "notify" => self.notify(args),
            "clock" => self.clock(args),
            "advance" => {
                let seconds = args.get("seconds").and_then(Value::as_u64);
                let seconds = seconds.filter(|seconds| *seconds <= ADVANCE_SECONDS_MAX);
                self.advance(Duration::from_secs(seconds.ok_or(ControlError::Member("seconds"))?));
                self.clock(&Value::Null)
            }
            "shops" => self.shops(args),
            "fault" => {
                self.faults.add(Fault::read(args).map_err(ControlError::Member)?);
                Ok(json!({ "faults": self.faults.show() }))
            }
            "faults" => {
                if args.get("clear").and_then(Value::as_bool) == Some(true) {
                    self.faults = Faults::default();
                }
                Ok(json!({ "faults": self.faults.show() }))
            }
            "switch" => self.switch(args),
            "books" => self.show_books(args),
            "calls" => Ok(self.show_calls(args)),
            "reset" => {
                self.reset();
                Ok(json!({ "reset": true }))
            }
            "run_batch" | "batch" | "busy" if bank == Some("sinopac") => Err(ControlError::NotBuilt),
            "run_batch" => self.run_batch(args),
            "batch" => self.batch(args),
            "busy" => self.busy(args),
            _ => Err(ControlError::UnknownCall),
        }
    }

    /// The customer pays: money arrives on the account, or the card is approved. Also after the end (late money). With a
    /// time in the past the payment carries that time; with one in the future it happens then (and gives `None`).
    ///
    /// # Errors
    /// When shop or order is unknown, or the order is paid already.
    pub fn pay(
        &mut self,
        shop: &str,
        order: &str,
        at: Option<BankTime>,
    ) -> Result<Option<BrowserReturn>, ControlError> {
        let id = self.order_id(shop, order)?;
        if let Some(later) = at.filter(|at| *at > self.now) {
            self.bank.plan(later, Event::Pay(id));
            return Ok(None);
        }
        let at = at.unwrap_or(self.now);
        let (bank, mut world) = self.parts();
        let token = bank.pay(&mut world, id, at)?;
        self.run_to(self.now);
        Ok(self.browser_return(id, token))
    }

    /// The card is declined; the order waits on while its link lives.
    ///
    /// # Errors
    /// When shop or order is unknown, or the order is no waiting card order.
    pub fn decline(&mut self, shop: &str, order: &str) -> Result<Option<BrowserReturn>, ControlError> {
        let id = self.order_id(shop, order)?;
        let (bank, mut world) = self.parts();
        let token = bank.decline(&mut world, id, "E2700")?;
        Ok(self.browser_return(id, token))
    }

    /// One order of the bank's books.
    pub fn book(&self, shop: &str, order: &str) -> Option<BookLine> {
        let id = self.order_id(shop, order).ok()?;
        self.bank.ledger.get(id).map(|order| self.book_line(order))
    }

    /// The whole books, oldest order first.
    pub fn books(&self) -> impl Iterator<Item = BookLine> {
        self.bank.ledger.all().map(|order| self.book_line(order))
    }

    /// What was asked of the bank, oldest first.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.lines()
    }

    /// The notices so far.
    pub fn notices(&self) -> Vec<NoticeLine> {
        self.bank.notices.lines()
    }

    /// Forgets orders, calls, faults and switches; shops and clock stay.
    pub fn reset(&mut self) {
        let shops = std::mem::take(&mut self.bank.shops);
        self.bank = Bank::new(shops);
        self.calls = Calls::default();
        self.faults = Faults::default();
        self.switches = Switches::default();
        let shops = std::mem::take(&mut self.ctbc.shops);
        self.ctbc = crate::ctbc::Bank::new(shops, self.now);
        self.ctbc_switches = CtbcSwitches::default();
    }

    /// A request to `/control`: `/control/NAME` with the arguments as body, or `/control` with `{"NAME": arguments}`.
    pub(crate) fn control_request(&mut self, request: &HttpRequest) -> HttpAnswer {
        let name = request.bare_path().trim_start_matches("/control").trim_matches('/').to_owned();
        let asks_only = matches!(name.as_str(), "books" | "calls" | "clock" | "faults");
        if request.method != "POST" && !(request.method == "GET" && asks_only) {
            return error(405, "method", "control calls are POST");
        }
        let body = if request.body.is_empty() {
            Some(json!({}))
        } else {
            serde_json::from_slice(&request.body).ok()
        };
        let Some(body) = body else { return error(400, "json", "the body is not JSON") };
        let (name, args) = match (name.is_empty(), body) {
            (true, Value::Object(map)) if map.len() == 1 => map.into_iter().next().unwrap_or_default(),
            (_, body) => (name, body),
        };
        match self.control(&name, &args) {
            Ok(answer) => HttpAnswer::json(200, &answer),
            Err(refused) => error(refused.status(), refused.code(), &refused.to_string()),
        }
    }

    pub(crate) fn shop_at(&self, shop: &str) -> Result<usize, ControlError> {
        let by_name = || self.bank.shops.iter().position(|known| known.name == shop);
        self.bank.shop(shop).or_else(by_name).ok_or(ControlError::UnknownShop)
    }

    pub(crate) fn order_id(&self, shop: &str, order: &str) -> Result<OrderId, ControlError> {
        let shop = self.shop_at(shop)?;
        self.bank.ledger.by_number(shop, order).ok_or(ControlError::UnknownOrder)
    }

    fn clock(&mut self, args: &Value) -> Result<Value, ControlError> {
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

    fn shops(&mut self, args: &Value) -> Result<Value, ControlError> {
        let at = self.shop_at(text(args, "shop")?)?;
        let allow = address_list(args)?;
        let open = match args.get("open") {
            None | Some(Value::Null) => None,
            Some(open) => Some(open.as_bool().ok_or(ControlError::Member("open"))?),
        };
        let shop = self.bank.shops.get_mut(at).ok_or(ControlError::UnknownShop)?;
        if let Some(ips) = allow {
            shop.allow_ips = ips.0;
        }
        if let Some(open) = open {
            shop.open = open;
        }
        Ok(json!({"shop": shop.number, "allow_ips": shop.allow_ips, "open": shop.open}))
    }

    fn switch(&mut self, args: &Value) -> Result<Value, ControlError> {
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

    fn show_books(&self, args: &Value) -> Result<Value, ControlError> {
        let bank = bank(args)?;
        let shop = args.get("shop").and_then(Value::as_str);
        let order = args.get("order").and_then(Value::as_str);
        // `None` = no shop of this bank is meant
        let place = |of: &str, found: Result<usize, ControlError>| match shop {
            _ if bank.is_some_and(|bank| bank != of) => None,
            None => Some(None),
            Some(_) => found.ok().map(Some),
        };
        let name = shop.unwrap_or_default();
        let (sinopac, cards) = (place("sinopac", self.shop_at(name)), place("ctbc", self.ctbc_shop_at(name)));
        if shop.is_some() && sinopac.is_none() && cards.is_none() {
            return Err(ControlError::UnknownShop);
        }
        let wanted = |shop: Option<Option<usize>>, at: usize, number: &str| {
            shop.is_some_and(|shop| shop.is_none_or(|shop| shop == at))
                && order.is_none_or(|order| order == number)
        };
        let orders = self.bank.ledger.all().filter(|line| wanted(sinopac, line.shop, &line.number));
        let txns = self.ctbc.ledger.all().filter(|txn| wanted(cards, txn.shop, &txn.lidm));
        let orders = orders.map(|order| json!(self.book_line(order)));
        Ok(json!({
            "at": self.now.rfc3339(),
            "orders": orders.chain(txns.map(|txn| json!(self.card_line(txn)))).collect::<Vec<_>>(),
            "forms": cards.map_or_else(Vec::new, |shop| self.forms(shop)),
            "batches": self.ctbc.batches,
            "notices": self.notices(),
            "requests": self.calls.requests,
            "busiest_second": self.calls.busiest_second,
        }))
    }

    fn show_calls(&self, args: &Value) -> Value {
        let wanted = |name: &str, value: Option<&str>| {
            args.get(name).and_then(Value::as_str).is_none_or(|wanted| value == Some(wanted))
        };
        let lines = self.calls.lines().filter(|call| {
            wanted("order", call.order.as_deref())
                && wanted("service", Some(&call.service))
                && wanted("shop", call.shop.as_deref())
        });
        json!({ "calls": lines.collect::<Vec<_>>() })
    }

    fn book_line(&self, order: &Order) -> BookLine {
        BookLine {
            bank: "sinopac",
            shop: self.bank.shops.get(order.shop).map(|shop| shop.number.clone()).unwrap_or_default(),
            order: order.number.clone(),
            ts_no: order.ts_no.clone(),
            pay_type: order.kind.letter(),
            amount: order.facts.amount / 100,
            state: order.facts.code(order.kind).to_owned(),
            created_at: order.created.rfc3339(),
            expires_at: order.ends.rfc3339(),
            approved_at: order.facts.approved.map(BankTime::rfc3339),
            pay_date: order.facts.paid.map(BankTime::rfc3339),
            refunded: 0,
            account: order.account.clone(),
            planted: order.planted,
        }
    }

    fn browser_return(&self, id: OrderId, token: String) -> Option<BrowserReturn> {
        let order = self.bank.ledger.get(id)?;
        let shop = self.bank.shops.get(order.shop)?;
        // nobody stands in a browser when money arrives on an account
        (order.account.is_empty()).then(|| BrowserReturn {
            url: order.return_url.clone(),
            fields: BTreeMap::from([
                ("ShopNo".to_owned(), shop.number.clone()),
                ("PayToken".to_owned(), token),
            ]),
        })
    }
}

fn error(status: u16, code: &str, message: &str) -> HttpAnswer {
    HttpAnswer::json(status, &json!({"error": {"code": code, "message": message}}))
}

/// The member `bank`.
fn bank(args: &Value) -> Result<Option<&str>, ControlError> {
    match args.get("bank") {
        None | Some(Value::Null) => Ok(None),
        Some(bank) => {
            let known = bank.as_str().filter(|bank| matches!(*bank, "sinopac" | "ctbc"));
            known.map(Some).ok_or(ControlError::Member("bank"))
        }
    }
}

/// Addresses that may ask; `None` = all.
struct Addresses(Option<Vec<IpAddr>>);

/// The member `allow_ips`: absent, `null` for all addresses, or a list.
fn address_list(args: &Value) -> Result<Option<Addresses>, ControlError> {
    match args.get("allow_ips") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Addresses(None))),
        Some(list) => {
            let ips = list.as_array().ok_or(ControlError::Member("allow_ips"))?.iter();
            let ips: Option<Vec<_>> = ips.map(|ip| ip.as_str().and_then(|ip| ip.parse().ok())).collect();
            Ok(Some(Addresses(Some(ips.ok_or(ControlError::Member("allow_ips"))?))))
        }
    }
}

fn text<'a>(args: &'a Value, name: &'static str) -> Result<&'a str, ControlError> {
    args.get(name).and_then(Value::as_str).ok_or(ControlError::Member(name))
}

/// An optional time: RFC 3339, or a bank minute `yyyyMMddHHmm`.
fn time(args: &Value, name: &'static str) -> Result<Option<BankTime>, ControlError> {
    match args.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str().ok_or(ControlError::Member(name))?;
            let at = BankTime::from_rfc3339(text).or_else(|| BankTime::from_minute(text));
            at.map(Some).ok_or(ControlError::Member(name))
        }
    }
}
