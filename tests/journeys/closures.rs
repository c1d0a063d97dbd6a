//! A shop that was closed: what fell due meanwhile is asked at the start, however long it was
//! (money rules 3 and 6).

use counterfoil_banks::ctbc::{Action, Found};
use counterfoil_domain::{CardState, DiscrepancyKind, PaymentState, Rail, Twd};
use counterfoil_tests::world::{World, at};
use futures_util::FutureExt;
use serde_json::json;

use crate::ctbc::opened;
use crate::seen::{all_discrepancies, fault, gaps, reissue};

const START: &str = "2026-11-23T09:00:00+08:00";

/// Closed for so many minutes.
fn closed(world: &mut World, mins: i64) {
    world.end();
    world.sleep_to(world.now.plus_mins(mins));
    world.open();
}

#[test]
fn a_lost_account_is_read_out_at_the_start() {
    for hours in [2, 14, 30] {
        let mut world = World::new(START, 51);
        fault(&world, "drop-after", "OrderCreate", 1);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Issuing);
        closed(&mut world, hours * 60);
        world.run_secs(60);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "closed {hours} h");
    }
}

#[test]
fn what_ran_out_meanwhile_has_run_out_at_the_start_and_may_be_issued_anew() {
    let closures = [
        (Rail::SinopacAccount, 5),
        (Rail::SinopacCard, 1),
        (Rail::SinopacCard, 15),
        (Rail::SinopacAccount, 18),
        (Rail::CtbcCard, 20),
        (Rail::SinopacAccount, 60),
    ];
    for (rail, days) in closures {
        let mut world = World::new(START, 52);
        let sold = world.sell(rail, 100);
        world.run_secs(10);
        closed(&mut world, days * 24 * 60);
        world.run_secs(120);
        assert_eq!(world.state(sold.payment), PaymentState::Expired, "{rail:?} closed {days} days");
        assert!(reissue(&mut world, sold.payment), "{rail:?} closed {days} days");
    }
}

#[test]
fn money_of_a_long_holiday_is_seen_at_the_start() {
    let mut world = World::new(START, 53);
    let [in_time, late] = [100, 200].map(|dollars| world.sell(Rail::SinopacAccount, dollars).payment);
    world.run_secs(10);
    world.end();
    world.sleep_to(world.now.plus_days(1));
    // no program has the file open: only the bank's books know
    let orders = world.books();
    let pay = |world: &World, dollars: i64| {
        let line = orders.iter().find(|line| line.amount == dollars).unwrap();
        world.control("pay", &json!({ "order": line.order }));
    };
    pay(&world, 100);
    world.sleep_to(world.now.plus_days(8));
    pay(&world, 200);
    world.sleep_to(world.now.plus_days(9));
    world.open();
    world.run_secs(300);
    assert_eq!((world.state(in_time), world.state(late)), (PaymentState::Paid, PaymentState::PaidLate));
    world.run_secs(1_800);
    assert_eq!(gaps(&mut world), []);
    assert_eq!(counterfoil_tests::ledger::must_fit(world.folder()), 2);
}

/// A refund in the bank's own back office: asked about after each batch, until one has moved it.
#[test]
fn a_card_in_refund_is_followed_until_the_bank_has_refunded_it() {
    let mut world = World::new(START, 54);
    world.control("switch", &json!({ "refund_cover": false }));
    let sold = opened(&mut world, 100);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_to(at("2026-11-24T14:00:00+08:00"));
    let payment = world.payment(sold.payment);
    assert_eq!(payment.card, Some(CardState::Captured));
    let adapter = world.card_adapter();
    let found = adapter.inquire(&payment.bank_order_no, payment.amount, None).now_or_never().unwrap().found;
    let Found::Row(row) = found else { panic!("{found:?}") };
    let refund = Action::Refund { amount: Twd::new(40) };
    adapter.manage(refund, payment.amount, &row.handles.unwrap()).now_or_never().unwrap();
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(10);
    let now = world.clocks();
    world.engine().unwatch(now, sold.payment).unwrap();
    assert_eq!(world.payment(sold.payment).card, Some(CardState::RefundQueued));
    world.run_to(at("2026-11-24T23:00:00+08:00"));
    assert_eq!(world.payment(sold.payment).card, Some(CardState::Refunded), "after the batch of the evening");
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    let discrepancies = all_discrepancies(&mut world);
    assert!(
        !discrepancies.is_empty()
            && discrepancies.iter().all(|kind| *kind == DiscrepancyKind::RefundedOutside),
        "{discrepancies:?}"
    );
}
