//! Crash points: every commit and every send of selling and collecting is numbered; at each the program ends, every handle is
//! dropped, the file is opened anew and runs to quiet. The end is the same as without a crash, with one bank order per payment.

use counterfoil_domain::{OrderId, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{Ended, World};

const START: &str = "2026-11-23T09:00:00+08:00";

/// Minutes in which the points are numbered: selling, showing, asking, paid or run out.
const PATH_MINS: i64 = 12;
/// Minutes until everything is quiet after a start: the last proof that something did not happen takes 22.
const QUIET_MINS: i64 = 40;

/// What the customer does, once, when the order can be paid.
#[derive(Clone, Copy, PartialEq)]
enum Customer {
    Pays,
    Stays,
}

/// One sale, and a payment as soon as somebody was shown an account or a link. What nobody can show after eight seconds is issued
/// anew with another number. Ends at the crash or after `mins` minutes.
fn journey(
    world: &mut World,
    rail: Rail,
    customer: Customer,
    order: OrderId,
    mins: i64,
) -> Result<(), Ended> {
    let mut sold = world.try_sell(order, false, rail, 700)?;
    world.try_run_to(world.now.plus_secs(8))?;
    if world.state(sold.payment) == PaymentState::Issuing {
        sold = world.try_sell(order, true, rail, 700)?;
        world.try_run_to(world.now.plus_secs(8))?;
    }
    if customer == Customer::Pays && !has_paid(world) {
        world.pay(sold.payment);
    }
    if customer == Customer::Pays {
        let now = world.now;
        world.engine().watch(now, sold.payment).unwrap();
    }
    world.try_run_to(world.now.plus_mins(mins))
}

fn has_paid(world: &World) -> bool {
    world.books().iter().any(|line| line.pay_date.is_some())
}

/// The same journey with the program ending at point `k`; returns whether there is such a point.
fn ending_at(k: u64, rail: Rail, customer: Customer) -> bool {
    let order = OrderId::from_bytes([7; 16]);
    let mut world = World::with_points(START, 77, Points::ending_at(k));
    let ended = journey(&mut world, rail, customer, order, PATH_MINS).is_err();
    if !ended {
        return false;
    }
    world.end();
    world.points = Points::default();
    world.open();
    // the screen still holds its id: the clerk presses the key again
    journey(&mut world, rail, customer, order, QUIET_MINS).unwrap_or_else(|Ended| panic!("ended twice"));
    let payments = world.engine().store().payments_of(order).unwrap();
    let wanted = match (customer, rail) {
        (Customer::Pays, _) => PaymentState::Paid,
        (Customer::Stays, Rail::SinopacAccount) => PaymentState::Awaiting,
        (Customer::Stays, Rail::SinopacCard | Rail::CtbcCard) => PaymentState::Expired,
    };
    let (shown, given_up): (Vec<_>, Vec<_>) = payments.iter().partition(|p| p.shown);
    assert_eq!(shown.len(), 1, "point {k}: one payment was shown");
    assert_eq!(shown[0].state, wanted, "point {k}");
    assert!(shown[0].issued.is_some(), "point {k}");
    assert!(given_up.iter().all(|p| p.state == PaymentState::NotIssued), "point {k}");
    let numbers: Vec<String> = world.books().into_iter().map(|line| line.order).collect();
    assert_eq!(
        numbers,
        [shown[0].bank_order_no.to_string()],
        "point {k}: one bank order, the one that was shown"
    );
    let store = world.engine().store();
    assert!(store.open_operations().unwrap().is_empty(), "point {k}");
    assert!(store.verify_audit().unwrap().broken_at.is_none(), "point {k}");
    true
}

fn every_point(rail: Rail, customer: Customer) {
    let mut k = 1;
    while ending_at(k, rail, customer) {
        k += 1;
    }
    println!(
        "{} {}: {} points",
        rail.name(),
        if customer == Customer::Pays { "paid" } else { "unpaid" },
        k - 1
    );
    assert!(k > 20, "{k}");
}

#[test]
fn an_account_that_is_paid() {
    every_point(Rail::SinopacAccount, Customer::Pays);
}

#[test]
fn an_account_that_waits() {
    every_point(Rail::SinopacAccount, Customer::Stays);
}

#[test]
fn a_card_that_is_paid() {
    every_point(Rail::SinopacCard, Customer::Pays);
}

#[test]
fn a_card_link_that_runs_out() {
    every_point(Rail::SinopacCard, Customer::Stays);
}

/// The program ended before the request left, and was started again after the clerk had moved on: it is never sent later by itself.
#[test]
fn a_sale_that_nobody_sent_in_time_is_given_up() {
    let mut world = World::new(START, 78);
    let sold = world.sell(Rail::SinopacAccount, 700);
    world.end();
    world.now = world.now.plus_secs(21);
    world.open();
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    world.run_secs(3_600);
    assert_eq!(world.books().len(), 0);
    assert!(world.engine().store().open_operations().unwrap().is_empty());
}
