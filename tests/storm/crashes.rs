//! Crash points: every commit and every send of selling and collecting is numbered. At each one the
//! program ends, drops every handle, reopens the file and runs until quiet. The end is the same as
//! without a crash, with one bank order per payment.

use counterfoil_domain::{OrderId, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_tests::crash::Points;
use counterfoil_tests::ledger;
use counterfoil_tests::world::{Ended, World, shop_json};
use serde_json::json;

pub(crate) const START: &str = "2026-11-23T09:00:00+08:00";

/// Minutes in which the points are numbered: selling, showing, asking, paid or run out.
pub(crate) const PATH_MINS: i64 = 12;
/// Minutes until everything is quiet after a start: the last proof that something did not happen
/// takes 22.
pub(crate) const QUIET_MINS: i64 = 40;

/// What the customer does, once, when the order can be paid.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Customer {
    Pays,
    Stays,
}

/// One sale, and a payment as soon as the customer sees an account or a link. Whatever cannot be
/// shown after eight seconds is issued again with another number. Ends at the crash or after `mins`
/// minutes.
pub(crate) fn journey(
    world: &mut World,
    rail: Rail,
    customer: Customer,
    order: OrderId,
    mins: i64,
) -> Result<(), Ended> {
    let mut sold = world.try_sell(order, false, rail, 700)?;
    world.try_run_to(world.now.plus_secs(8))?;
    if matches!(world.state(sold.payment), PaymentState::Issuing | PaymentState::NotIssued) {
        sold = world.try_sell(order, true, rail, 700)?;
        world.try_run_to(world.now.plus_secs(8))?;
    }
    if customer == Customer::Pays && !has_paid(world) {
        world.pay(sold.payment);
    }
    if customer == Customer::Pays {
        let now = world.clocks();
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
    judge(&mut world, rail, customer, order, &format!("point {k}"));
    true
}

/// What must have come of it, whatever happened on the way.
pub(crate) fn judge(world: &mut World, rail: Rail, customer: Customer, order: OrderId, what: &str) {
    let payments = world.engine().store().payments_of(order).unwrap();
    let wanted = match (customer, rail) {
        (Customer::Pays, _) => PaymentState::Paid,
        (Customer::Stays, Rail::SinopacAccount) => PaymentState::Awaiting,
        (Customer::Stays, Rail::SinopacCard | Rail::CtbcCard) => PaymentState::Expired,
    };
    let (shown, given_up): (Vec<_>, Vec<_>) = payments.iter().partition(|p| p.shown);
    assert_eq!(shown.len(), 1, "{what}: one payment was shown");
    assert_eq!(shown[0].state, wanted, "{what}");
    assert!(shown[0].issued.is_some(), "{what}");
    assert!(given_up.iter().all(|p| p.state == PaymentState::NotIssued), "{what}");
    let numbers: Vec<String> = world.books().into_iter().map(|line| line.order).collect();
    assert_eq!(
        numbers,
        [shown[0].bank_order_no.to_string()],
        "{what}: one bank order, the one that was shown"
    );
    assert_eq!(ledger::must_fit(world.folder()), usize::from(customer == Customer::Pays), "{what}");
    let store = world.engine().store();
    assert!(store.open_operations().unwrap().is_empty(), "{what}");
    assert!(store.verify_audit().unwrap().broken_at.is_none(), "{what}");
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

/// A card sale at CTBC with the program ending at point `k`. The form is posted at most once
/// whatever happens, and what the bank has then is what we end with.
fn card_ending_at(k: u64, customer: Customer) -> bool {
    let order = OrderId::from_bytes([8; 16]);
    let mut shop = shop_json();
    // this bank alone: the other one's sweep has its own points
    shop.as_object_mut().unwrap().remove("sinopac");
    let mut world = World::of_shop(shop, START, 79, Points::ending_at(k));
    let mut posted = 0;
    let ended = card_journey(&mut world, customer, order, &mut posted, 40).is_err();
    if !ended {
        return false;
    }
    world.end();
    world.points = Points::default();
    world.open();
    card_journey(&mut world, customer, order, &mut posted, 40).unwrap_or_else(|Ended| panic!("ended twice"));
    card_judge(&mut world, customer, order, posted, &format!("point {k}"));
    true
}

/// What must have come of it, whatever happened on the way.
pub(crate) fn card_judge(world: &mut World, customer: Customer, order: OrderId, posted: u32, what: &str) {
    let payments = world.engine().store().payments_of(order).unwrap();
    assert_eq!(payments.len(), 1, "{what}: one payment");
    let wanted = match (customer, posted) {
        (Customer::Pays, 1) => PaymentState::Paid,
        // the program ended between writing down and handing out: the form is never handed out
        // again
        (_, 0) | (Customer::Stays, _) => PaymentState::Expired,
        (Customer::Pays, _) => panic!("{what}: posted {posted} times"),
    };
    assert!(posted <= 1, "{what}: posted {posted} times");
    assert_eq!(payments[0].state, wanted, "{what}, posted {posted}");
    assert_eq!(ledger::must_fit(world.folder()), usize::from(wanted == PaymentState::Paid), "{what}");
    let store = world.engine().store();
    assert!(store.open_operations().unwrap().is_empty(), "{what}");
    assert!(store.verify_audit().unwrap().broken_at.is_none(), "{what}");
    assert!(store.discrepancies(9).unwrap().is_empty(), "{what}");
}

pub(crate) fn card_journey(
    world: &mut World,
    customer: Customer,
    order: OrderId,
    posted: &mut u32,
    mins: i64,
) -> Result<(), Ended> {
    let sold = world.try_sell(order, false, Rail::CtbcCard, 700)?;
    world.try_run_to(world.now.plus_secs(3))?;
    if let Some(form) = world.try_hand_out(sold.payment)? {
        *posted += 1;
        assert_eq!(world.post_form(&form), 200);
        if customer == Customer::Pays {
            world.card_control("pay", sold.payment, &json!({}));
        }
    }
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.try_run_to(world.now.plus_secs(20))?;
    let now = world.clocks();
    world.engine().unwatch(now, sold.payment).unwrap();
    world.try_run_to(world.now.plus_mins(mins))
}

#[test]
fn a_form_is_posted_at_most_once_wherever_the_program_ends() {
    for customer in [Customer::Pays, Customer::Stays] {
        let mut k = 1;
        while card_ending_at(k, customer) {
            k += 1;
        }
        println!("ctbc-card: {} points", k - 1);
        assert!(k > 8, "{k}");
    }
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

/// The program ended before the request left, and was started again after the clerk had moved on:
/// it is never sent later by itself.
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
