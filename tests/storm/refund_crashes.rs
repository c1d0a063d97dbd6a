//! Crash points of refunds: every commit and every send from the request to the end state is
//! numbered. At each one the program ends, reopens the file and goes on. The end is the same as
//! without a crash: the bank gave the money back once, and the books say so.

use counterfoil_domain::{Actor, PaymentId, PaymentState, Rail, RefundId, RefundReason, RefundState, Twd};
use counterfoil_engine::RefundAsked;
use counterfoil_engine::ports::Store;
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{Ended, World, at, shop_json};
use serde_json::json;

/// A Monday; the next evening's batch captures what is sold here.
const START: &str = "2026-11-23T09:00:00+08:00";
const DOLLARS: i64 = 700;

/// From the request to the end state.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    pub(crate) rail: Rail,
    /// When it is asked for.
    pub(crate) asked: &'static str,
    /// Whole dollars.
    pub(crate) dollars: i64,
    /// Minutes in which the points are numbered.
    pub(crate) mins: i64,
    /// Days until everything is quiet, whatever happened on the way.
    pub(crate) quiet_days: i64,
}

pub(crate) const PATHS: [Path; 4] = [
    Path { rail: Rail::SinopacCard, asked: START, dollars: 700, mins: 3, quiet_days: 4 },
    Path { rail: Rail::SinopacAccount, asked: START, dollars: 300, mins: 8, quiet_days: 4 },
    Path { rail: Rail::CtbcCard, asked: START, dollars: 700, mins: 4, quiet_days: 4 },
    Path { rail: Rail::CtbcCard, asked: "2026-11-24T09:00:00+08:00", dollars: 300, mins: 3, quiet_days: 6 },
];

fn asked(payment: PaymentId, dollars: i64) -> RefundAsked {
    RefundAsked {
        id: RefundId::from_bytes([3; 16]),
        payment,
        xid: String::new(),
        amount: Twd::new(dollars),
        reason: RefundReason::Returned,
        note: None,
        who: Actor::Owner,
    }
}

/// A shop with one sale that is paid, at the time of the request.
pub(crate) fn paid(path: Path) -> (World, PaymentId) {
    let mut shop = shop_json();
    // the other bank alone has points of its own
    let other = if path.rail == Rail::CtbcCard { "sinopac" } else { "ctbc" };
    shop.as_object_mut().unwrap().remove(other);
    if path.rail == Rail::CtbcCard {
        // only then a batch is sure to have run, which proves what did not happen
        shop["ctbc"]["batch"] = json!({ "holidays": ["2026-12-25"] });
    }
    let mut world = World::of_shop(shop, START, 91, Points::default());
    let payment = world.sell(path.rail, DOLLARS).payment;
    world.run_secs(5);
    if path.rail == Rail::CtbcCard {
        world.open_page(payment);
        world.card_control("pay", payment, &json!({}));
    } else {
        world.control("switch", &json!({ "refund_digits": "off" }));
        world.pay(payment);
    }
    world.run_secs(300);
    if world.now < at(path.asked) {
        world.run_to(at(path.asked));
    }
    assert_eq!(world.state(payment), PaymentState::Paid);
    (world, payment)
}

pub(crate) fn journey(world: &mut World, payment: PaymentId, path: Path, mins: i64) -> Result<(), Ended> {
    world.try_refund(&asked(payment, path.dollars))?;
    world.try_run_to(world.now.plus_mins(mins))
}

/// What the bank's books say was given back, and by how many refunds.
fn given_back(world: &World, payment: PaymentId) -> (i64, usize) {
    let order = world.payment(payment).bank_order_no.to_string();
    let books = if world.payment(payment).rail == Rail::CtbcCard {
        world.card_control("books", payment, &json!({}))
    } else {
        world.control("books", &json!({ "order": order }))
    };
    let orders = books["orders"].as_array().unwrap();
    let refunds: usize = orders.iter().map(|order| order["refunds"].as_array().map_or(0, Vec::len)).sum();
    (orders.iter().map(|order| order["refunded"].as_i64().unwrap()).sum(), refunds)
}

fn ending_at(k: u64, path: Path) -> bool {
    let (mut world, payment) = paid(path);
    world.end();
    world.points = Points::ending_at(k);
    if world.try_open().is_ok() && journey(&mut world, payment, path, path.mins).is_ok() {
        return false;
    }
    world.end();
    world.points = Points::default();
    world.open();
    // the screen still holds its id: the person presses the key again
    let quiet = path.quiet_days * 24 * 60;
    journey(&mut world, payment, path, quiet).unwrap_or_else(|Ended| panic!("ended twice"));
    judge(&mut world, payment, path, &format!("point {k} of {} {}", path.rail.name(), path.asked));
    true
}

/// It is done, and nothing about it is under way.
pub(crate) fn is_over(world: &mut World, payment: PaymentId) -> bool {
    let store = world.engine().store();
    let refund = store.refund(asked(payment, 1).id).unwrap().unwrap();
    refund.state == RefundState::Done && store.open_operations().unwrap().is_empty()
}

/// What must have come of it, whatever happened on the way.
pub(crate) fn judge(world: &mut World, payment: PaymentId, path: Path, what: &str) {
    let store = world.engine().store();
    let refund = store.refund(asked(payment, 1).id).unwrap().unwrap();
    let operations = store.operations_of(payment).unwrap();
    assert_eq!(refund.state, RefundState::Done, "{what}: {refund:?} {operations:?}");
    assert!(store.open_operations().unwrap().is_empty(), "{what}");
    assert!(store.verify_audit().unwrap().broken_at.is_none(), "{what}");
    assert!(store.discrepancies(9).unwrap().is_empty(), "{what}: {:?}", store.discrepancies(9).unwrap());
    let reversed = path.rail == Rail::CtbcCard && path.dollars == DOLLARS;
    let (sum, count) = given_back(world, payment);
    assert_eq!((sum, count), if reversed { (0, 0) } else { (path.dollars, 1) }, "{what}");
    assert_eq!(ledger::must_fit(world.folder()), 2, "{what}");
}

fn every_point(path: Path) {
    let mut k = 1;
    while ending_at(k, path) {
        k += 1;
    }
    println!("{} {}: {} points", path.rail.name(), path.dollars, k - 1);
    assert!(k > 12, "{k}");
}

#[test]
fn a_card_of_sinopac_is_refunded_once() {
    every_point(PATHS[0]);
}

#[test]
fn an_account_is_refunded_once() {
    every_point(PATHS[1]);
}

#[test]
fn a_card_of_ctbc_is_reversed_once() {
    every_point(PATHS[2]);
}

#[test]
fn a_captured_card_of_ctbc_is_refunded_once() {
    every_point(PATHS[3]);
}
