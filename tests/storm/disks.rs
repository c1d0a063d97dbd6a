//! Disks that fail: every operation on the data file, from a sale to its money and along every path
//! of a refund, is numbered. At each one the disk fails, is full, or loses its power and what it
//! had not synced. The file is opened again and the shop goes on: the bank's books and ours agree,
//! nothing is sent twice, and no commit that was confirmed is gone.
//!
//! The log is nearly full at the start, so that it is brought back into the file on the way; and
//! the program ends and starts again at the end, which brings back the rest.

use std::path::{Path as Folder, PathBuf};

use counterfoil_disk::{Count, Disk, Fault, Left};
use counterfoil_domain::{Actor, OrderId, PaymentId, Rail};
use counterfoil_engine::ports::{AuditLine, Commit, Store};
use counterfoil_store::{DATA_FILE, Mode, SqliteStore};
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{Ended, World, audit_key, shop_json};

use crate::crashes::{self, Customer, QUIET_MINS, START};
use crate::refund_crashes::{self, PATHS, Path};

/// Pages of the log at which it is brought back into the file.
const CHECKPOINT: u64 = 1_000;
/// Bytes of the log's own head, and of each of its pages.
const HEAD: u64 = 32;
const FRAME: u64 = 24 + 4_096;
/// So many pages are free at the start: some commits of each work need more.
const FREE: u64 = 20;

/// `COUNTERFOIL_EVERY_OPERATION=1` in the environment makes it 1: some minutes.
const STRIDE: usize = 29;

/// What the shop is at when its disk fails.
#[derive(Clone, Copy)]
enum Work {
    Account,
    Card,
    Form,
    Refund(Path),
}

const SALES: [Work; 3] = [Work::Account, Work::Card, Work::Form];
const REFUNDS: [Work; 4] =
    [Work::Refund(PATHS[0]), Work::Refund(PATHS[1]), Work::Refund(PATHS[2]), Work::Refund(PATHS[3])];

impl Work {
    fn name(self) -> String {
        match self {
            Self::Account => "a sale by account".into(),
            Self::Card => "a sale by card link".into(),
            Self::Form => "a sale by card form".into(),
            Self::Refund(path) => format!("a refund of {} {}", path.rail.name(), path.asked),
        }
    }
}

/// A shop at work, on a disk of its own.
struct Run {
    world: World,
    work: Work,
    /// Of a refund.
    payment: Option<PaymentId>,
    /// How often the form of a card sale was posted.
    posted: u32,
}

impl Run {
    /// Everything before the first operation that is numbered.
    fn ready(work: Work) -> Self {
        let (mut world, payment) = match work {
            Work::Refund(path) => {
                let (world, payment) = refund_crashes::paid(path);
                (world, Some(payment))
            }
            Work::Account | Work::Card => (World::new(START, 77), None),
            Work::Form => {
                let mut shop = shop_json();
                shop.as_object_mut().unwrap().remove("sinopac");
                (World::of_shop(shop, START, 79, Points::default()), None)
            }
        };
        world.end();
        world.disk = Some(Disk::under(world.folder()).unwrap());
        world.committed.watch();
        // the log stays as long as a reader is there
        let beside = ledger::read(world.folder());
        beside.query_row("SELECT count(*) FROM payments", [], |_| Ok(())).unwrap();
        fill_the_log(world.folder(), &world);
        world.open();
        drop(beside);
        world.committed.take();
        Self { world, work, payment, posted: 0 }
    }

    fn disk(&self) -> &Disk {
        self.world.disk.as_ref().unwrap()
    }

    /// Rows of the audit chain: one for each commit.
    fn commits(&mut self) -> u64 {
        let report = self.world.engine().store().verify_audit().unwrap();
        assert_eq!(report.broken_at, None);
        report.rows
    }

    /// The work, for so many minutes; short: only what is numbered.
    fn goes(&mut self, short: bool) -> Result<(), Ended> {
        let world = &mut self.world;
        let mins = |is_short, is_long| if short { is_short } else { is_long };
        match self.work {
            Work::Account => sale(world, Rail::SinopacAccount, mins(1, QUIET_MINS)),
            Work::Card => sale(world, Rail::SinopacCard, mins(1, QUIET_MINS)),
            Work::Form => {
                crashes::card_journey(world, Customer::Pays, order(), &mut self.posted, mins(1, QUIET_MINS))
            }
            Work::Refund(path) => {
                let payment = self.payment.unwrap();
                refund_crashes::journey(world, payment, path, path.mins)?;
                // whatever happened on the way, it is quiet at last
                let end = world.now.plus_days(if short { 0 } else { path.quiet_days });
                while world.now < end && !refund_crashes::is_over(world, payment) {
                    world.try_run_to(world.now.plus_mins(60))?;
                }
                Ok(())
            }
        }
    }

    fn judge(&mut self, what: &str) {
        let world = &mut self.world;
        match self.work {
            Work::Account => crashes::judge(world, Rail::SinopacAccount, Customer::Pays, order(), what),
            Work::Card => crashes::judge(world, Rail::SinopacCard, Customer::Pays, order(), what),
            Work::Form => crashes::card_judge(world, Customer::Pays, order(), self.posted, what),
            Work::Refund(path) => refund_crashes::judge(world, self.payment.unwrap(), path, what),
        }
    }
}

fn order() -> OrderId {
    OrderId::from_bytes([7; 16])
}

fn sale(world: &mut World, rail: Rail, mins: i64) -> Result<(), Ended> {
    crashes::journey(world, rail, Customer::Pays, order(), mins)
}

fn log_of(folder: &Folder) -> PathBuf {
    folder.join(format!("{DATA_FILE}-wal"))
}

/// Small commits until the log is nearly full.
fn fill_the_log(folder: &Folder, world: &World) {
    let mut store = SqliteStore::open(folder, Mode::Writer).unwrap();
    store.link_with(&audit_key(), None, world.now).unwrap();
    let log = log_of(folder);
    let pages = || (std::fs::metadata(&log).unwrap().len().saturating_sub(HEAD)) / FRAME;
    while pages() < CHECKPOINT - FREE {
        let audit = AuditLine {
            at: world.now,
            who: Actor::Owner,
            what: "settings".into(),
            subject: String::new(),
            detail: String::new(),
        };
        store.commit(Commit { audit, guards: Vec::new(), changes: Vec::new() }).unwrap();
    }
}

/// The disk does this at the `k`-th that counts; whether there are so many.
fn meets(work: Work, count: Count, k: u64, fault: Fault, left: Left) -> bool {
    let mut run = Run::ready(work);
    let before = run.commits();
    run.disk().fail_at(count, k, fault);
    if run.goes(true).is_ok() {
        // what is left to do at an end, and at a start
        run.world.end();
        let _ = run.world.try_open();
    }
    if run.disk().met().is_none() {
        return false;
    }
    let confirmed = run.world.committed.take().len() as u64;
    run.world.end();
    match fault {
        Fault::PowerLoss => run.disk().power_on(left).unwrap(),
        Fault::ForGood | Fault::Full => {
            // the world sees to it that nothing but the disk is blamed
            let _ = run.world.try_open();
            run.world.end();
            run.disk().mend();
        }
        Fault::Once => run.disk().mend(),
    }
    run.world.open();
    let what = format!("{} at {k} of {count:?}, {fault:?}, {left:?}", work.name());
    // a start may have something to commit
    let opened = run.world.committed.take().len() as u64;
    let (wanted, there) = (before + confirmed + opened, run.commits());
    // the last one before may be there although the disk had no time to say so
    let fits = (wanted..=wanted + 1).contains(&there);
    assert!(fits, "{what}: {wanted} commits were confirmed, {there} are there");
    run.goes(false).unwrap_or_else(|Ended| panic!("{what}: ended twice"));
    run.judge(&what);
    true
}

/// Lets this happen at each sync, or at every so many-th operation, beginning with another one in
/// each work.
fn all(works: &[Work], count: Count, fault: impl Fn(u64) -> (Fault, Left)) {
    let every = std::env::var_os("COUNTERFOIL_EVERY_OPERATION").is_some();
    let stride = if every || count == Count::Syncs { 1 } else { STRIDE };
    for (first, work) in (1..).zip(works) {
        let first = if stride == 1 { 1 } else { first };
        let ks = (first..).step_by(stride);
        let runs = ks.take_while(|k| {
            let (fault, left) = fault(*k);
            meets(*work, count, *k, fault, left)
        });
        let runs = runs.count();
        println!("{}: {runs} runs", work.name());
        assert!(runs > 2, "{}: {runs}", work.name());
    }
}

fn once_or_for_good(k: u64) -> (Fault, Left) {
    (if k.is_multiple_of(2) { Fault::Once } else { Fault::ForGood }, Left::Nothing)
}

#[test]
fn f12_the_power_fails_at_each_sync_of_a_sale() {
    all(&SALES, Count::Syncs, |_| (Fault::PowerLoss, Left::Nothing));
}

#[test]
fn f12_the_power_fails_at_each_sync_of_a_refund() {
    all(&REFUNDS, Count::Syncs, |_| (Fault::PowerLoss, Left::Nothing));
}

#[test]
fn f12_the_power_fails_and_the_last_writes_of_a_sale_are_torn() {
    all(&SALES, Count::All, |k| (Fault::PowerLoss, Left::Torn(k)));
}

#[test]
fn f12_the_power_fails_and_the_last_writes_of_a_refund_are_torn() {
    all(&REFUNDS, Count::All, |k| (Fault::PowerLoss, Left::Torn(k)));
}

#[test]
fn f13_the_disk_is_full_in_a_sale() {
    all(&SALES, Count::All, |_| (Fault::Full, Left::Nothing));
}

#[test]
fn f13_the_disk_is_full_in_a_refund() {
    all(&REFUNDS, Count::All, |_| (Fault::Full, Left::Nothing));
}

#[test]
fn f14_the_disk_fails_in_a_sale() {
    all(&SALES, Count::All, once_or_for_good);
}

#[test]
fn f14_the_disk_fails_in_a_refund() {
    all(&REFUNDS, Count::All, once_or_for_good);
}

/// What the others rest on: the log is brought back into the file, and begun again, in the middle
/// of each work.
#[test]
fn the_log_is_brought_back_on_the_way() {
    for work in SALES.into_iter().chain(REFUNDS) {
        let mut run = Run::ready(work);
        let log = log_of(run.world.folder());
        // its head counts how often that happened
        let times = || std::fs::read(&log).unwrap()[12..16].to_vec();
        let before = times();
        run.goes(true).unwrap();
        assert_ne!(times(), before, "{}", work.name());
    }
}
