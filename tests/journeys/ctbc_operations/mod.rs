//! Every operation on a card sale at CTBC, by our client against the simulated bank's own books:
//! what moves a sale from state to state (`transitions`), each operation in each state (`pairs`),
//! every refusal with its code (`refusals`), and answers that are lost or spoilt (`faults`).
//!
//! Rows are scripts: [`Step`]s that bring one sale of NT$500 somewhere, one event, and what must
//! come of it. Every answer's class is the one of money rules 3; the client reads every state back
//! itself, in its three ways, which must agree. The engine takes no part: it plans no write yet.

mod faults;
mod pairs;
mod refusals;
mod transitions;

use std::sync::{Arc, Mutex};

use counterfoil_bank_simulator::{BankTime, CardLine, HttpRequest as Posted, Simulator};
use counterfoil_banks::ctbc::seal::{self, ShopKey};
use counterfoil_banks::ctbc::{
    Action, CardRow, CardState, Ctbc, CtbcKeys, CtbcSettings, Found, Handles, Sale,
};
use counterfoil_banks::ctbc::{Inquired, wire};
use counterfoil_banks::transport::{HttpReply, HttpRequest, SendError, Transport};
use counterfoil_commands::shop_file;
use counterfoil_domain::{BankAnswer, BankOrderNo, Twd};
use counterfoil_engine::ports::{BankReply, BoxFuture, Said};
use counterfoil_tests::transport::{InProcess, SharedBank};
use counterfoil_tests::world::{at, shop_json};
use futures_util::FutureExt;
use serde_json::{Value, json};

/// A Monday.
const START: &str = "2026-11-23T10:00:00+08:00";
const SHOP: &str = "10000";
/// Of the sale.
const WHOLE: Twd = Twd::new(500);
const ORDER: &str = "SALE";

const CAP: Action = Action::Capture;
const CAP_REV: Action = Action::ReverseCapture;
const REVERSAL: Action = Action::ReverseAuthorization;
const REFUND_REV: Action = Action::ReverseRefund;

const fn refund(dollars: i64) -> Action {
    Action::Refund { amount: Twd::new(dollars) }
}

/// The five, as the columns of every table.
const ACTIONS: [Action; 5] = [CAP, CAP_REV, REVERSAL, refund(500), REFUND_REV];

/// What the bank calls it.
fn service(action: Action) -> &'static str {
    match action {
        Action::Capture => "Cap",
        Action::ReverseCapture => "CapRev",
        Action::ReverseAuthorization => "Reversal",
        Action::Refund { .. } => "Refund",
        Action::ReverseRefund => "RefundRev",
    }
}

/// The bank's number of a state; none of them is missing here.
fn number(state: CardState) -> Option<&'static str> {
    match state {
        CardState::Failed => Some("-1"),
        CardState::Cancelled => Some("0"),
        CardState::Authorized => Some("1"),
        CardState::CaptureQueued => Some("10"),
        CardState::CaptureLocked => Some("11"),
        CardState::Captured => Some("12"),
        CardState::CaptureFailed => Some("13"),
        CardState::RefundQueued => Some("20"),
        CardState::RefundLocked => Some("21"),
        CardState::Refunded => Some("22"),
        CardState::RefundFailed => Some("23"),
        CardState::Unlisted => None,
    }
}

/// Something that happens to the sale, to the shop or to the time.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The client's own form, and a card that is approved.
    Sold,
    /// As the shop's other program may sell, with a form of its own: not captured at once.
    Authorized,
    /// The same, in three instalments.
    Instalments,
    /// The client's own form, and a card that is declined by this code.
    DeclinedCard(&'static str),
    /// By the client, after an inquiry.
    Do(Action),
    /// The last write once more, with what it named.
    Again,
    /// The bank's clock runs to where its next batch starts.
    BatchStarts,
    /// … to where the running one ends.
    BatchEnds,
    /// Both.
    Batch,
    /// How the next batch goes: `fail` is this.
    Fails(&'static str),
    /// … it starts so many minutes late.
    StartsLate(i64),
    /// … ends so many minutes late.
    EndsLate(i64),
    /// … does not run.
    Skipped,
    /// Another sale of so many dollars goes into the capture file.
    Other(i64),
    /// A policy of the bank.
    Switch(&'static str, bool),
    /// A time limit of the bank.
    Limit(&'static str, i64),
    /// So many seconds go by.
    Later(i64),
    /// The books are set to a state by hand, where the bank gets there by accident only.
    Planted(&'static str),
    /// The contract loses its refunds.
    NoRefunds,
    /// Another till's operation runs for a minute: on the sale, or on the whole shop.
    Busy(bool),
    /// A service of the bank is scripted to answer with this code.
    Told(&'static str),
}

use Step::{
    Again, Authorized, Batch, BatchEnds, BatchStarts, Busy, DeclinedCard, Do, EndsLate, Fails, Instalments,
    Later, Limit, NoRefunds, Other, Planted, Skipped, Sold, StartsLate, Switch, Told,
};

/// Where a message is turned on its way.
#[derive(Clone, Copy, Debug)]
enum Turned {
    /// In its first block. The MAC of this wire does not see that: the blocks behind it stay as
    /// they are.
    Head,
    /// At its MAC.
    Mac,
}

/// The line in process, with a fault on the way to the bank.
#[derive(Clone)]
struct Line {
    inner: InProcess,
    turned: Arc<Mutex<Option<Turned>>>,
}

impl Transport for Line {
    fn post(&self, mut request: HttpRequest) -> BoxFuture<'_, Result<HttpReply, SendError>> {
        if let Some(turned) = *self.turned.lock().unwrap() {
            let place = match turned {
                Turned::Head => "ApiEnc=".len() + 2,
                // three blocks before the end, so that the padding stays whole
                Turned::Mac => request.body.find('&').unwrap() - 40,
            };
            let other = if request.body.as_bytes()[place] == b'0' { "1" } else { "0" };
            request.body.replace_range(place..=place, other);
        }
        self.inner.post(request)
    }
}

/// One shop, its client and its bank.
struct Shop {
    bank: SharedBank,
    line: Line,
    client: Ctbc<Line>,
    settings: CtbcSettings,
    keys: CtbcKeys,
    order: BankOrderNo,
    /// The line of the capture, as it was read last: what all but the undoing of a refund name.
    capture_line: (Option<String>, Option<String>),
    /// The last write.
    sent: Option<(Action, Handles)>,
    others: usize,
}

/// What the bank has of the money: captured, refunded, waiting to be refunded.
type Money = (i64, i64, i64);

impl Shop {
    fn new() -> Self {
        Self::of(&shop_json())
    }

    fn of(shop: &Value) -> Self {
        let mut bank = Simulator::new(&json!([shop]), BankTime::from_rfc3339(START).unwrap(), 7).unwrap();
        bank.set_base("http://127.0.0.1:18080");
        // refunds above the captures of the open batch are refused
        bank.control("switch", &json!({ "refund_cover": "batch" })).unwrap();
        let bank = Arc::new(Mutex::new(bank));
        let file = shop_file::parse(&shop.to_string(), at(START)).map_err(|e| e.to_json()).unwrap();
        let (settings, keys) = (file.shop.ctbc.unwrap(), file.ctbc.unwrap());
        let line = Line { inner: InProcess::new(Arc::clone(&bank)), turned: Arc::default() };
        let client = Ctbc::new(&settings, &keys, line.clone()).unwrap();
        let order = BankOrderNo::from_text(ORDER);
        let (capture_line, sent) = ((None, None), None);
        Self { bank, line, client, settings, keys, order, capture_line, sent, others: 0 }
    }

    /// A shop after these steps, every write among them accepted.
    fn after(steps: &[Step]) -> Self {
        let mut shop = Self::new();
        for step in steps {
            if let Some(reply) = shop.step(*step) {
                assert_eq!(said(&reply), (BankAnswer::Accepted, "0/00"), "{step:?} of {steps:?}");
            }
        }
        shop
    }

    /// One step; the answer where it is a write of ours.
    fn step(&mut self, step: Step) -> Option<BankReply> {
        match step {
            Sold => self.page("pay", &json!({}), &[]),
            Authorized => self.page("pay", &json!({}), &[("AutoCap", "0")]),
            Instalments => {
                self.control("shops", json!({ "tx_type": 1 }));
                let fields = [("AutoCap", "0"), ("txType", "1"), ("NumberOfPay", "3")];
                self.page("pay", &json!({}), &fields);
            }
            DeclinedCard(code) => self.page("decline", &json!({ "code": code }), &[]),
            Do(action) => return Some(self.write(action)),
            Again => {
                let (action, handles) = self.sent.clone().expect("a write before");
                return Some(self.send(action, WHOLE, &handles));
            }
            BatchStarts => self.run_to("next_start"),
            BatchEnds => self.run_to("running_until"),
            Batch => {
                self.run_to("next_start");
                self.run_to("running_until");
            }
            Fails(what) => self.control("batch", json!({ "fail": what })),
            StartsLate(minutes) => self.control("batch", json!({ "start_late_minutes": minutes })),
            EndsLate(minutes) => self.control("batch", json!({ "end_late_minutes": minutes })),
            Skipped => self.control("batch", json!({ "skip": true })),
            Other(dollars) => {
                self.others += 1;
                let order = format!("OTHER{}", self.others);
                self.open_page(&order, dollars, &[]);
                self.control("pay", json!({ "order": order }));
            }
            Switch(name, on) => {
                self.bank.lock().unwrap().control("switch", &json!({ name: on })).unwrap();
            }
            Limit(name, days) => {
                self.bank.lock().unwrap().control("switch", &json!({ name: days })).unwrap();
            }
            Later(seconds) => self.control("advance", json!({ "seconds": seconds })),
            Planted(state) => self.control("plant", json!({ "order": self.order.as_str(), "state": state })),
            NoRefunds => self.control("shops", json!({ "refunds": false })),
            Busy(shop) => {
                let order = if shop { Value::Null } else { self.order.as_str().into() };
                self.control("busy", json!({ "order": order, "seconds": 60 }));
            }
            Told(code) => {
                let write = |service| json!({ "kind": format!("code:{code}"), "match": service });
                for action in ACTIONS {
                    self.control("fault", write(service(action)));
                }
            }
        }
        None
    }

    fn control(&self, call: &str, mut args: Value) {
        args["bank"] = "ctbc".into();
        if call != "fault" {
            args["shop"] = SHOP.into();
        }
        let done = self.bank.lock().unwrap().control(call, &args);
        done.unwrap_or_else(|e| panic!("{call} {args}: {e}"));
    }

    /// The clock runs to where a batch does this next.
    fn run_to(&self, what: &str) {
        let mut bank = self.bank.lock().unwrap();
        let plan = bank.control("batch", &json!({ "bank": "ctbc", "shop": SHOP })).unwrap();
        let time = plan["batches"][0][what].as_str().unwrap_or_else(|| panic!("no {what}: {plan}"));
        bank.run_to(BankTime::from_rfc3339(time).unwrap());
    }

    /// A page is opened by a form and ends so.
    fn page(&self, end: &str, more: &Value, fields: &[(&str, &str)]) {
        self.open_page(self.order.as_str(), WHOLE.dollars(), fields);
        let mut args = more.clone();
        args["order"] = self.order.as_str().into();
        self.control(end, args);
    }

    /// The client's form, or one with these fields instead.
    fn open_page(&self, order: &str, dollars: i64, fields: &[(&str, &str)]) {
        let sale = Sale {
            bank_order_no: BankOrderNo::from_text(order),
            amount: Twd::new(dollars),
            merchant_name: "存根".into(),
            description: "茶葉".into(),
            return_url: "http://127.0.0.1:18081/r/x".into(),
        };
        let url_enc = if fields.is_empty() {
            self.client.form(&sale).unwrap().url_enc
        } else {
            self.form_of_another(&sale, fields)
        };
        let request = Posted {
            method: "POST".into(),
            path: "/mauth/SSLAuthUI.jsp".into(),
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            body: format!("merID={SHOP}&URLEnc={url_enc}").into_bytes(),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        assert_eq!(self.bank.lock().unwrap().handle(&request).status, 200);
    }

    /// Our client writes one kind of form only; this is another program's.
    fn form_of_another(&self, sale: &Sale, changes: &[(&str, &str)]) -> String {
        let key = ShopKey::new(&self.keys.mac_key, self.settings.iv).unwrap();
        let (mut pairs, _) = wire::sale(sale, &self.settings).unwrap();
        for (name, value) in &mut pairs {
            let change = changes.iter().find(|change| change.0 == *name);
            *value = change.map_or_else(|| value.clone(), |change| change.1.to_owned());
        }
        let of = |name: &str| pairs.iter().find(|pair| pair.0 == name).unwrap().1.as_str();
        let names = ["MerchantID", "TerminalID", "lidm", "purchAmt", "txType", "NumberOfPay"];
        let in_mac = wire::in_mac_text(names.map(of));
        pairs.push(("InMac", seal::mac(&key, in_mac.as_bytes())));
        seal::encipher(&key, &seal::big5(&wire::form_text(&pairs).unwrap()).unwrap())
    }

    /// A write as a careful program does it: with what an inquiry has just shown.
    fn write(&mut self, action: Action) -> BankReply {
        let handles = self.handles(action);
        self.send(action, WHOLE, &handles)
    }

    fn send(&mut self, action: Action, authorized: Twd, handles: &Handles) -> BankReply {
        self.sent = Some((action, handles.clone()));
        self.client.manage(action, authorized, handles).now_or_never().expect("in process")
    }

    /// What a write of this kind names; made-up values where the bank shows nothing to name.
    fn handles(&mut self, action: Action) -> Handles {
        let shown = self.read().and_then(|row| row.handles);
        let made_up = || {
            let line = self.line_of_sale();
            let xid = line.as_ref().map_or("NOBODY", |line| line.xid.as_str()).to_owned();
            let term_seq = line.map_or(1, |line| line.term_seq).to_string();
            let (auth_rrpid, term_seq) = (Some(xid.clone()), Some(term_seq));
            Handles { auth_code: "000000".into(), xid, auth_rrpid, term_seq, batch_id: None, batch_seq: None }
        };
        let mut handles = shown.unwrap_or_else(made_up);
        // while a refund is in the file an inquiry shows its line, which only its undoing names
        if action != REFUND_REV && self.capture_line.0.is_some() {
            (handles.batch_id, handles.batch_seq) = self.capture_line.clone();
        }
        handles.batch_id = handles.batch_id.or_else(|| Some("1".into()));
        handles.batch_seq = handles.batch_seq.or_else(|| Some("1".into()));
        handles
    }

    /// The sale as the client reads it, in its three ways. `None`: never authorized.
    fn read(&mut self) -> Option<CardRow> {
        let row = match self.inquire(None).found {
            Found::Row(row) => Some(row),
            Found::Nothing => None,
            unclear @ (Found::Unequal(..) | Found::Refused(_) | Found::Silent) => panic!("{unclear:?}"),
        };
        // the other way of asking is taken when the bank does not like the first question
        self.control("fault", json!({ "kind": "code:9/nt", "match": "Inquiry" }));
        let by_number = self.inquire(None);
        let expected = row.clone().map_or(Found::Nothing, Found::Row);
        assert_eq!(by_number.found, expected, "by number alone");
        if let Some(handles) = row.as_ref().and_then(|row| row.handles.as_ref()) {
            assert_eq!(self.inquire(Some(&handles.xid)).found, expected, "by transaction");
            let in_file = row.as_ref().is_some_and(|row| matches!(row.said.as_str(), "20" | "21"));
            if !in_file && handles.batch_id.is_some() {
                self.capture_line = (handles.batch_id.clone(), handles.batch_seq.clone());
            }
        }
        row
    }

    fn inquire(&self, xid: Option<&str>) -> Inquired {
        self.client.inquire(&self.order, WHOLE, xid).now_or_never().expect("in process")
    }

    /// State as the client reads it, `none` where there is nothing; it must be the one of the
    /// bank's books.
    fn state(&mut self) -> String {
        let row = self.read();
        let state = row.as_ref().map_or("none", |row| row.said.as_str()).to_owned();
        if let Some(row) = row {
            assert_eq!(number(row.state), Some(state.as_str()));
        }
        let books = self.line_of_sale().map_or("none".to_owned(), |line| line.state);
        assert_eq!(state, books, "what is read is what stands in the books");
        state
    }

    fn line_of_sale(&self) -> Option<CardLine> {
        self.bank.lock().unwrap().card(SHOP, self.order.as_str())
    }

    fn money(&self) -> Money {
        self.line_of_sale().map_or((0, 0, 0), |line| (line.captured, line.refunded, line.refund_queued))
    }

    /// Writes that arrived so far.
    fn writes(&self) -> usize {
        let services = ACTIONS.map(service);
        self.bank.lock().unwrap().calls().filter(|call| services.contains(&call.service.as_str())).count()
    }
}

/// Class and code of the answer to a write.
fn said(reply: &BankReply) -> (BankAnswer, &str) {
    let Said::Write { meaning, issued: None, .. } = &reply.said else { panic!("{:?}", reply.said) };
    (*meaning, reply.code.as_str())
}
