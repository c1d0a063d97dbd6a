//! The books (money rules 8): every payment with money is posted once, receivable against sales,
//! and nothing else is.

use counterfoil_domain::{PaymentState as S, Rail};
use counterfoil_tests::ledger;
use counterfoil_tests::world::World;
use serde_json::json;

use crate::ctbc::opened;
use crate::seen::cancel;

const START: &str = "2026-11-23T09:00:00+08:00";

#[test]
fn every_way_to_money_is_posted_once_and_no_other_way_at_all() {
    let mut world = World::new(START, 91);
    world.control("switch", &json!({ "settle_days": 1 }));
    world.run_secs(5);
    let account = world.sell(Rail::SinopacAccount, 1_234).payment;
    let link = world.sell(Rail::SinopacCard, 500).payment;
    let card = opened(&mut world, 300).payment;
    let waits = world.sell(Rail::SinopacAccount, 70).payment;
    let runs_out = world.sell(Rail::SinopacCard, 71).payment;
    let late = world.sell(Rail::SinopacAccount, 72).payment;
    world.run_secs(10);
    world.control("fault", &json!({ "kind": "code:E0101", "match": "OrderCreate" }));
    let refused = world.sell(Rail::SinopacAccount, 73).payment;
    world.run_secs(15);
    assert_eq!(ledger::must_fit(world.folder()), 0, "an order that was only opened is no money");
    cancel(&mut world, late);
    world.run_secs(60);
    for payment in [account, link, late] {
        world.pay(payment);
    }
    world.card_control("pay", card, &json!({}));
    world.run_secs(20 * 60);
    let states = [account, link, card, waits, runs_out, late, refused].map(|payment| world.state(payment));
    assert_eq!(states, [S::Paid, S::Paid, S::Paid, S::Awaiting, S::Expired, S::PaidLate, S::NotIssued]);
    assert_eq!(ledger::must_fit(world.folder()), 4);
    let of = ledger::entries(world.folder());
    assert_eq!(of[&account], [[("receivable.sinopac".to_owned(), 1_234), ("sales".to_owned(), -1_234)]]);
    assert_eq!(of[&card], [[("receivable.ctbc".to_owned(), 300), ("sales".to_owned(), -300)]]);
    // asked about again after a start, captured by the batch, paid out to the shop: posted before
    world.end();
    world.open();
    world.run_secs(3 * 86_400);
    assert_eq!((world.state(account), world.state(link)), (S::Settled, S::Settled));
    assert_eq!(ledger::must_fit(world.folder()), 4);
}
