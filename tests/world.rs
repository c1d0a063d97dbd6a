//! One shop and its bank on one thread. One number gives one history.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use counterfoil_bank_simulator::{BankTime, BookLine, HttpRequest, Simulator, demo_shop};
use counterfoil_banks::ctbc::Ctbc;
use counterfoil_banks::sinopac::Sinopac;
use counterfoil_commands::shop_file;
use counterfoil_domain::{Bank, Moment, OrderId, Payment, PaymentId, PaymentState, Rail, Twd};
use counterfoil_engine::ports::{
    AuditLine, BankPort, BankReply, BankRequest, Batch, CardForm, Change, Entropy, FormPort, SinopacKeys,
    Store,
};
use counterfoil_engine::{Buyer, Engine, EngineError, Expiry, ReturnSpot, Sale, SaleRefused, Sold, Step};
use counterfoil_store::{Mode, SqliteStore};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::crash::{Ending, Points};
use crate::transport::{InProcess, SharedBank};

/// A bank call takes this long, both ways together.
const CALL_MS: i64 = 120;

/// Random numbers from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Seeded(pub u64);

impl Seeded {
    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..below`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next_u64() % below
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The program ended at a numbered point.
#[derive(Debug)]
pub struct Ended;

/// The shop at work, and everything around it that survives its end.
pub struct World {
    /// The bank.
    pub bank: SharedBank,
    /// The line to it.
    pub line: InProcess,
    /// The shop's clock.
    pub now: Moment,
    /// How far the shop's clock is ahead of the bank's, ms.
    pub skew_ms: i64,
    /// Points of the run.
    pub points: Points,
    /// The shop; `None` after its end.
    pub engine: Option<Engine<Ending>>,
    /// A look at every answer before the engine gets it; may replace it.
    pub tamper: Option<Box<dyn FnMut(&BankRequest, &mut BankReply)>>,
    /// Bank calls so far.
    pub calls: u64,
    shop: Value,
    folder: PathBuf,
    seed: u64,
    _kept: tempfile::TempDir,
}

/// The shop file that world and simulator share.
pub fn shop_json() -> Value {
    let mut shop = demo_shop();
    shop["sinopac"]["environment"] = "custom".into();
    shop["sinopac"]["base_url"] = "http://127.0.0.1:18080/funBIZ-Sbx/QPay.WebAPI/api".into();
    shop["ctbc"]["environment"] = "custom".into();
    shop["ctbc"]["base_url"] = "http://127.0.0.1:18080".into();
    shop
}

/// Reads RFC 3339.
pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(text).expect("RFC 3339")
}

/// Simulated days are about order, not about disks: where there is a file system in memory they use it.
fn memory_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Where the loopback page of a card sale would stand.
fn spot(order: OrderId, rail: Rail) -> ReturnSpot {
    match rail {
        Rail::SinopacAccount | Rail::SinopacCard => ReturnSpot::default(),
        Rail::CtbcCard => ReturnSpot { port: Some(18_081), path: Some(format!("r/{order}")) },
    }
}

fn sale(order: OrderId, again: bool, rail: Rail, dollars: i64) -> Sale {
    Sale {
        order,
        again,
        rail,
        amount: Twd::new(dollars),
        description: "茶葉".into(),
        customer: Buyer::default(),
        expiry: Expiry::Default,
        return_spot: spot(order, rail),
        who: "owner".into(),
    }
}

impl World {
    /// A shop added at this time.
    pub fn new(start: &str, seed: u64) -> Self {
        Self::with_points(start, seed, Points::default())
    }

    /// As above, ending at a point.
    pub fn with_points(start: &str, seed: u64, points: Points) -> Self {
        Self::of_shop(shop_json(), start, seed, points)
    }

    /// As above, with a shop file of its own.
    pub fn of_shop(shop: Value, start: &str, seed: u64, points: Points) -> Self {
        let kept = memory_folder();
        let bank_at = BankTime::from_rfc3339(start).unwrap();
        let mut bank = Simulator::new(&json!([&shop]), bank_at, seed).unwrap();
        bank.set_base("http://127.0.0.1:18080");
        let bank = Arc::new(Mutex::new(bank));
        let mut world = Self {
            line: InProcess::new(Arc::clone(&bank)),
            bank,
            now: at(start),
            skew_ms: 0,
            points: Points::default(),
            engine: None,
            tamper: None,
            calls: 0,
            shop,
            folder: kept.path().join("shop"),
            seed,
            _kept: kept,
        };
        world.add_shop();
        world.points = points;
        world.open();
        world
    }

    fn add_shop(&mut self) {
        let shop = shop_file::parse(&self.shop.to_string(), self.now).map_err(|e| e.to_json()).unwrap().shop;
        let mut store = SqliteStore::open(&self.folder, Mode::Writer).unwrap();
        let audit = AuditLine {
            at: self.now,
            who: "owner".into(),
            what: "shop-add".into(),
            subject: shop.name.clone(),
            detail: String::new(),
        };
        store.commit(Batch { audit, changes: vec![Change::ShopAdded(shop)] }).unwrap();
    }

    /// Opens the file anew, as a start of the program does.
    pub fn open(&mut self) {
        self.try_open().unwrap_or_else(|Ended| panic!("ended while opening"));
    }

    /// As above; the start itself may be the end.
    pub fn try_open(&mut self) -> Result<(), Ended> {
        self.engine = None;
        self.seed += 1;
        let store = Ending::new(SqliteStore::open(&self.folder, Mode::Writer).unwrap(), self.points.clone());
        let opened = Engine::open(store, Box::new(Seeded(self.seed)), self.now);
        self.engine = Some(self.lives(opened)?);
        Ok(())
    }

    /// The program ends: every handle is dropped.
    pub fn end(&mut self) {
        self.engine = None;
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine<Ending> {
        self.engine.as_mut().expect("the shop is open")
    }

    fn lives<T>(&mut self, result: Result<T, EngineError>) -> Result<T, Ended> {
        match result {
            Ok(value) => Ok(value),
            Err(_) if self.points.ended() => {
                self.engine = None;
                Err(Ended)
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// A sale by this rail.
    pub fn sell(&mut self, rail: Rail, dollars: i64) -> Sold {
        let mut id = [0; 16];
        Seeded(self.seed ^ u64::try_from(self.now.millis()).unwrap() ^ dollars.unsigned_abs()).fill(&mut id);
        self.try_sell(OrderId::from_random(id), false, rail, dollars)
            .unwrap_or_else(|Ended| panic!("ended in a sale"))
    }

    /// A sale with this id; it may be the end.
    pub fn try_sell(&mut self, order: OrderId, again: bool, rail: Rail, dollars: i64) -> Result<Sold, Ended> {
        let (now, sale) = (self.now, sale(order, again, rail, dollars));
        let sold = self.engine().sell(now, sale);
        self.lives(sold)
    }

    /// A sale that the engine refuses; why.
    pub fn refused(&mut self, order: OrderId, again: bool, rail: Rail, dollars: i64) -> SaleRefused {
        let (now, sale) = (self.now, sale(order, again, rail, dollars));
        match self.engine().sell(now, sale) {
            Err(EngineError::Sale(refused)) => refused,
            other => panic!("{other:?}"),
        }
    }

    /// Lets the world run until this instant.
    pub fn run_to(&mut self, until: Moment) {
        self.try_run_to(until).unwrap_or_else(|Ended| panic!("ended on the way"));
    }

    /// As above; it may be the end.
    pub fn try_run_to(&mut self, until: Moment) -> Result<(), Ended> {
        while self.now < until {
            let now = self.now;
            let step = self.engine().step(now);
            match self.lives(step)? {
                Step::Send(call) => {
                    if self.points.pass() {
                        self.engine = None;
                        return Err(Ended);
                    }
                    let mut reply = self.call(call.bank, call.request.clone());
                    self.calls += 1;
                    if self.points.pass() {
                        self.engine = None;
                        return Err(Ended);
                    }
                    if let Some(tamper) = &mut self.tamper {
                        tamper(&call.request, &mut reply);
                    }
                    self.sleep_to(now.plus_ms(CALL_MS));
                    let now = self.now;
                    let taken = self.engine().answered(now, call.ticket, &reply);
                    self.lives(taken)?;
                }
                Step::Wait(wake) => self.sleep_to(wake.min(until)),
                Step::Idle => self.sleep_to(until),
            }
        }
        Ok(())
    }

    /// Runs for so many seconds.
    pub fn run_secs(&mut self, secs: i64) {
        self.run_to(self.now.plus_secs(secs));
    }

    fn call(&mut self, bank: Bank, request: BankRequest) -> BankReply {
        match bank {
            Bank::Sinopac => self.adapter().call(request).now_or_never(),
            Bank::Ctbc => self.card_adapter().call(request).now_or_never(),
        }
        .expect("in process")
    }

    /// The adapter of the other bank over the same line.
    pub fn card_adapter(&self) -> Ctbc<InProcess> {
        let file = shop_file::parse(&self.shop.to_string(), self.now).map_err(|e| e.to_json()).unwrap();
        Ctbc::new(file.shop.ctbc.as_ref().unwrap(), &file.ctbc.unwrap(), self.line.clone()).unwrap()
    }

    /// A browser asks for the form of a sale: what it gets. May be the end.
    pub fn try_hand_out(&mut self, payment: PaymentId) -> Result<Option<CardForm>, Ended> {
        let now = self.now;
        let wanted = self.engine().form_wanted(now, payment);
        let Some(sale) = self.lives(wanted)? else { return Ok(None) };
        let form = FormPort::form(&self.card_adapter(), &sale).unwrap();
        let handed = self.engine().form_handed_out(now, payment);
        self.lives(handed)?;
        Ok(Some(form))
    }

    /// As above.
    pub fn hand_out(&mut self, payment: PaymentId) -> Option<CardForm> {
        self.try_hand_out(payment).unwrap_or_else(|Ended| panic!("ended on the way"))
    }

    /// The browser posts a form to the bank. Gives the status of the page that comes.
    pub fn post_form(&self, form: &CardForm) -> u16 {
        let request = HttpRequest {
            method: "POST".into(),
            path: "/mauth/SSLAuthUI.jsp".into(),
            headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
            body: format!("merID={}&URLEnc={}", form.mer_id, form.url_enc).into_bytes(),
            source_ip: std::net::Ipv4Addr::LOCALHOST.into(),
        };
        self.bank.lock().unwrap().handle(&request).status
    }

    /// The form of a sale is handed out and posted: the customer sees the bank's page.
    pub fn open_page(&mut self, payment: PaymentId) {
        let form = self.hand_out(payment).expect("a form");
        assert_eq!(self.post_form(&form), 200);
    }

    /// A control call about a card sale at CTBC.
    pub fn card_control(&self, call: &str, payment: PaymentId, more: &Value) -> Value {
        let mut args = more.clone();
        args["bank"] = "ctbc".into();
        args["shop"] = "10000".into();
        args["order"] = self.payment(payment).bank_order_no.to_string().into();
        self.control(call, &args)
    }

    /// The real adapter over the line in process.
    pub fn adapter(&self) -> Sinopac<InProcess> {
        let file = shop_file::parse(&self.shop.to_string(), self.now).map_err(|e| e.to_json()).unwrap();
        let keys: SinopacKeys = file.sinopac.unwrap();
        Sinopac::new(file.shop.sinopac.as_ref().unwrap(), &keys, self.line.clone()).unwrap()
    }

    /// Nobody does anything until then; time passes, at the bank too.
    pub fn sleep_to(&mut self, at: Moment) {
        self.now = at.max(self.now);
        let bank = at.plus_ms(-self.skew_ms).to_string();
        self.bank.lock().unwrap().run_to(BankTime::from_rfc3339(&bank).unwrap());
    }

    /// A control call of the simulator.
    pub fn control(&self, call: &str, args: &Value) -> Value {
        let mut args = args.clone();
        if args.get("shop").is_none() && args.get("order").is_some() {
            args["shop"] = "NA0249_001".into();
        }
        self.bank.lock().unwrap().control(call, &args).unwrap_or_else(|e| panic!("{call} {args}: {e}"))
    }

    /// The customer pays now.
    pub fn pay(&self, payment: PaymentId) {
        let order = self.payment(payment).bank_order_no.to_string();
        self.control("pay", &json!({ "order": order }));
    }

    /// The payment's row.
    pub fn payment(&self, id: PaymentId) -> Payment {
        self.engine.as_ref().unwrap().store().payment(id).unwrap().unwrap()
    }

    /// The payment's state.
    pub fn state(&self, id: PaymentId) -> PaymentState {
        self.payment(id).state
    }

    /// The bank's books.
    pub fn books(&self) -> Vec<BookLine> {
        self.bank.lock().unwrap().books().collect()
    }

    /// The folder of the shop's data.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}
