//! One shop and its bank on one thread. One number gives one history. Longer than 500 lines because
//! the shop, its bank and the people at both are one world.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use counterfoil_bank_simulator::{BankTime, BookLine, Simulator, demo_shop};
use counterfoil_banks::ctbc::Ctbc;
use counterfoil_banks::sinopac::Sinopac;
use counterfoil_commands::shop_file::{self, ShopFile};
use counterfoil_disk::Disk;
use counterfoil_domain::{
    Actor, Bank, Moment, Mono, Now, OrderId, Payment, PaymentId, PaymentState, Rail, Refund, Twd,
};
use counterfoil_engine::ports::{
    AuditHead, AuditKey, AuditLine, BankPort, BankReply, BankRequest, CardForm, Change, Commit, Entropy,
    FormPort, Fuse, Inquiry, Store, Write,
};
use counterfoil_engine::{
    Buyer, CALLS_APART_MS, Engine, EngineError, Expiry, RefundAsked, ReturnSpot, SALE_WAITS_MS, Sale,
    SaleRefused, Sold, Step,
};
use counterfoil_store::{Mode, OpenError, SqliteStore};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::crash::{Committed, Ending, Points};
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

/// The last call to a bank.
#[derive(Debug, Clone, Copy)]
struct Left {
    at: Mono,
    /// For the bank's time: its nonce serves the sale, which may follow at once.
    for_time: bool,
    /// Of this run.
    run: u64,
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
    /// The computer sleeps so long between the claim of a write and its first byte, once.
    pub falls_asleep_ms: i64,
    /// Bank calls so far.
    pub calls: u64,
    /// Every commit that was committed, for whoever takes them out.
    pub committed: Committed,
    /// How far the record has come, as the vault keeps it where files are put back.
    pub head: Option<AuditHead>,
    /// A disk of its own under the data file, for a test in which it fails.
    pub disk: Option<Disk>,
    /// The last call to each bank: two requests a second are all that a key may make.
    left: BTreeMap<Bank, Left>,
    /// The adapters, once they are needed.
    ports: (Option<Sinopac<InProcess>>, Option<Ctbc<InProcess>>),
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

fn file(shop: &Value) -> ShopFile {
    shop_file::parse(&shop.to_string(), Moment::from_millis(0)).map_err(|e| e.to_json()).unwrap()
}

fn sinopac(shop: &Value, line: &InProcess) -> Sinopac<InProcess> {
    let file = file(shop);
    Sinopac::new(file.shop.sinopac.as_ref().unwrap(), &file.sinopac.unwrap(), line.clone()).unwrap()
}

fn ctbc(shop: &Value, line: &InProcess) -> Ctbc<InProcess> {
    let file = file(shop);
    Ctbc::new(file.shop.ctbc.as_ref().unwrap(), &file.ctbc.unwrap(), line.clone()).unwrap()
}

/// Reads RFC 3339.
pub fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(text).expect("RFC 3339")
}

/// Simulated days are about order, not about disks: where there is a file system in memory they use
/// it.
fn memory_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Where the loopback page of a card sale would be.
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
        who: Actor::Owner,
    }
}

/// The key of the audit chain of every shop of the tests.
pub fn audit_key() -> AuditKey {
    AuditKey::new([0x4B; 32], 1)
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
            falls_asleep_ms: 0,
            calls: 0,
            committed: Committed::default(),
            head: None,
            disk: None,
            left: BTreeMap::new(),
            ports: (None, None),
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
        let mut store = SqliteStore::open(&self.folder, Mode::Maker).unwrap();
        store.link_with(&audit_key(), None, self.now).unwrap();
        let audit = AuditLine {
            at: self.now,
            who: Actor::Owner,
            what: "shop-add".into(),
            subject: shop.name.clone(),
            detail: String::new(),
        };
        store.commit(Commit { audit, guards: Vec::new(), changes: vec![Change::ShopAdded(shop)] }).unwrap();
    }

    /// Reopens the file, as a start of the program does.
    pub fn open(&mut self) {
        self.try_open().unwrap_or_else(|Ended| panic!("ended while opening"));
    }

    /// As above; the start itself may be the end.
    pub fn try_open(&mut self) -> Result<(), Ended> {
        self.engine = None;
        self.seed += 1;
        let mut store = match SqliteStore::open(&self.folder, Mode::Writer) {
            Ok(store) => store,
            // a file that cannot be read is not one that is damaged
            Err(OpenError::Sqlite(_) | OpenError::Full) if self.disk_has_failed() => return Err(Ended),
            Err(error) => panic!("{error:?}"),
        };
        match store.link_with(&audit_key(), self.head.as_ref(), self.now) {
            Err(_) if self.disk_has_failed() => return Err(Ended),
            linked => linked.unwrap(),
        }
        if let Some(lost) = self.head.as_ref().filter(|head| !store.holds(head).unwrap()) {
            let told = Commit { audit: lost.line(self.now), guards: Vec::new(), changes: Vec::new() };
            store.commit(told).unwrap();
        }
        let store = Ending::new(store, self.points.clone(), self.committed.clone());
        let now = self.clocks();
        let opened = Engine::open(store, Box::new(Seeded(self.seed)), now);
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
        if self.ends_by_the_disk(&result) {
            self.engine = None;
            return Err(Ended);
        }
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

    /// A sale as it comes from the counter.
    pub fn sale(order: OrderId, rail: Rail, dollars: i64) -> Sale {
        sale(order, false, rail, dollars)
    }

    /// A sale with this id; it may be the end.
    pub fn try_sell(&mut self, order: OrderId, again: bool, rail: Rail, dollars: i64) -> Result<Sold, Ended> {
        self.try_wait_for_time(rail.bank())?;
        let (now, sale) = (self.clocks(), sale(order, again, rail, dollars));
        let sold = self.engine().sell(now, &sale);
        self.lives(sold)
    }

    /// A sale that the engine refuses; why.
    pub fn refused(&mut self, order: OrderId, again: bool, rail: Rail, dollars: i64) -> SaleRefused {
        let (now, sale) = (self.clocks(), sale(order, again, rail, dollars));
        match self.engine().sell(now, &sale) {
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
            self.try_step(until)?;
        }
        Ok(())
    }

    /// One call there and back, or time until the next, and not beyond `until`.
    fn try_step(&mut self, until: Moment) -> Result<(), Ended> {
        let now = self.clocks();
        let step = self.engine().step(now);
        match self.lives(step)? {
            Step::Send(call) => {
                self.waits_its_turn(call.bank);
                self.keeps_the_pace(call.bank, &call.request);
                if self.points.pass() {
                    self.engine = None;
                    return Err(Ended);
                }
                let asleep = if call.is_write { std::mem::take(&mut self.falls_asleep_ms) } else { 0 };
                self.sleep_to(self.now.plus_ms(asleep));
                let young = !call.is_write || call.leaves.in_time(self.clocks());
                let mut reply = self.call_while(
                    call.bank,
                    call.request.clone(),
                    Fuse::new(move || young).with_nonce(call.has_nonce),
                );
                self.calls += 1;
                if self.points.pass() {
                    self.engine = None;
                    return Err(Ended);
                }
                if let Some(tamper) = &mut self.tamper {
                    tamper(&call.request, &mut reply);
                }
                self.sleep_to(self.now.plus_ms(CALL_MS));
                let now = self.clocks();
                let taken = self.engine().answered(now, call.ticket, &reply);
                self.lives(taken)?;
            }
            Step::Wait(wake) => {
                let wake = self.now.plus_ms(wake.ms_since(now.mono));
                self.sleep_to(wake.min(until));
            }
            Step::Idle => self.sleep_to(until),
        }
        Ok(())
    }

    /// As at the desk: the programs of one computer take turns.
    fn waits_its_turn(&mut self, bank: Bank) {
        let mono = self.clocks().mono;
        if let Some(last) = self.left.get(&bank).filter(|last| last.run != self.seed) {
            let wait_ms = (CALLS_APART_MS - mono.ms_since(last.at)).max(0);
            self.sleep_to(self.now.plus_ms(wait_ms));
        }
    }

    /// One call, of two HTTP requests, in a second.
    fn keeps_the_pace(&mut self, bank: Bank, request: &BankRequest) {
        let of_sale =
            matches!(request, BankRequest::Write(Write::IssueAccount { .. } | Write::CreateLink { .. }));
        let for_time = matches!(request, BankRequest::Ask(Inquiry::Time { .. }));
        let (at, run) = (self.clocks().mono, self.seed);
        if let Some(last) = self.left.insert(bank, Left { at, for_time, run })
            && !(last.for_time && of_sale)
        {
            let apart_ms = at.ms_since(last.at);
            assert!(apart_ms >= CALLS_APART_MS, "{request:?} {apart_ms} ms after {last:?}");
        }
    }

    /// A sale waits for the bank to name its time, as at the desk.
    fn try_wait_for_time(&mut self, bank: Bank) -> Result<(), Ended> {
        let (until, since) = (self.now.plus_ms(SALE_WAITS_MS), self.clocks().mono);
        loop {
            let now = self.clocks();
            if self.engine().has_bank_time(now, bank) || self.now >= until {
                break;
            }
            self.try_step(until)?;
        }
        self.engine().waits_no_longer(bank, since);
        Ok(())
    }

    /// Both clocks of the shop's computer. The monotonic one runs with the bank's: nothing makes it
    /// jump.
    pub fn clocks(&self) -> Now {
        let mono = Mono::from_millis(self.now.plus_ms(-self.skew_ms).millis());
        Now { wall: self.now, mono }
    }

    /// A person asks for a refund. May be the end.
    pub fn try_refund(&mut self, asked: &RefundAsked) -> Result<Refund, Ended> {
        let now = self.clocks();
        let taken = self.engine().request_refund(now, asked);
        self.lives(taken)
    }

    /// Runs for so many seconds.
    pub fn run_secs(&mut self, secs: i64) {
        self.run_to(self.now.plus_secs(secs));
    }

    /// One bank call, answered at once.
    pub fn call(&mut self, bank: Bank, request: BankRequest) -> BankReply {
        self.call_while(bank, request, Fuse::endless())
    }

    pub(crate) fn call_while(&mut self, bank: Bank, request: BankRequest, fuse: Fuse) -> BankReply {
        let port: &dyn BankPort = match bank {
            Bank::Sinopac => self.ports.0.get_or_insert_with(|| sinopac(&self.shop, &self.line)),
            Bank::Ctbc => self.ports.1.get_or_insert_with(|| ctbc(&self.shop, &self.line)),
        };
        port.call_while(request, fuse).now_or_never().expect("in process")
    }

    /// Whether the bank acted on the last request.
    pub(crate) fn acted(&self) -> bool {
        self.bank.lock().unwrap().calls().last().is_some_and(|call| call.acted)
    }

    /// The adapter of the other bank over the same line.
    pub fn card_adapter(&self) -> Ctbc<InProcess> {
        ctbc(&self.shop, &self.line)
    }

    /// A browser asks for the form of a sale: what it gets. May be the end.
    pub fn try_hand_out(&mut self, payment: PaymentId) -> Result<Option<CardForm>, Ended> {
        let now = self.clocks();
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

    /// The real adapter over the line in process.
    pub fn adapter(&self) -> Sinopac<InProcess> {
        sinopac(&self.shop, &self.line)
    }

    /// The engine does nothing until then; time passes, at the bank too.
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

    /// The same, for what the bank may refuse.
    pub fn try_control(&self, call: &str, args: &Value) -> Option<Value> {
        self.bank.lock().unwrap().control(call, args).ok()
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
