//! Several tries of one customer on a CTBC card page: several transactions under one number.

use counterfoil_domain::{CardState, DiscrepancyKind, PaymentId, PaymentState, Rail, RefundState};
use counterfoil_engine::ports::{CardForm, Store};
use counterfoil_tests::ledger;
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::ctbc::{START, discrepancies, watch};
use crate::refunds::asked;

/// Tries of one customer under one number, in this order.
fn tries(world: &mut World, approved: &[bool]) -> (PaymentId, CardForm) {
    let sold = world.sell(Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    for approved in approved {
        assert_eq!(world.post_form(&form), 200);
        let (path, body) =
            if *approved { ("pay", json!({})) } else { ("decline", json!({ "code": "8/05" })) };
        world.card_control(path, sold.payment, &body);
    }
    (sold.payment, form)
}

/// Money rules 2: of several transactions the one that holds money is the payment, whatever failed
/// before or after it, and nobody was charged twice.
#[test]
fn one_approved_try_among_failed_ones_is_the_payment() {
    for approved in [&[true, false][..], &[false, true], &[false, true, false], &[false, false, true]] {
        let mut world = World::new(START, 18);
        let (payment, _) = tries(&mut world, approved);
        watch(&mut world, payment);
        world.run_secs(10);
        assert_eq!(world.state(payment), PaymentState::Paid, "{approved:?}");
        world.run_to(at("2026-11-24T10:00:00+08:00"));
        let paid = world.payment(payment);
        assert_eq!((paid.state, paid.card), (PaymentState::Paid, Some(CardState::Captured)), "{approved:?}");
        assert_eq!(discrepancies(&mut world, payment), [], "{approved:?}");
        ledger::must_fit(world.folder());
    }
}

/// The same in a run that learns of it after the page is over, and of money that a try brought
/// when the first one had ended the payment.
#[test]
fn an_approved_try_is_found_after_the_first_one_has_failed_the_payment() {
    let mut world = World::new(START, 18);
    let (payment, form) = tries(&mut world, &[false]);
    world.run_secs(40 * 60);
    assert_eq!(world.state(payment), PaymentState::Failed);
    assert_eq!(world.post_form(&form), 200);
    world.card_control("pay", payment, &json!({}));
    world.run_to(at("2026-11-24T10:00:00+08:00"));
    assert!(world.state(payment).has_money());
    assert!(!discrepancies(&mut world, payment).contains(&DiscrepancyKind::ChargedTwice));
}

/// Tries that all failed end with the page, and say nothing of money.
#[test]
fn tries_that_all_failed_end_with_their_page() {
    let mut world = World::new(START, 18);
    let (payment, _) = tries(&mut world, &[false; 3]);
    watch(&mut world, payment);
    world.run_secs(60);
    assert_eq!(world.state(payment), PaymentState::Awaiting);
    world.run_to(at("2026-11-23T10:40:00+08:00"));
    assert_eq!(world.state(payment), PaymentState::Failed);
    assert_eq!(discrepancies(&mut world, payment), []);
}

/// A refund of it reads its own transaction, also in a run that does not know of the others yet.
#[test]
fn one_approved_try_among_failed_ones_is_refunded() {
    for approved in [&[true, false][..], &[false, true]] {
        let mut world = World::new(START, 18);
        let (payment, _) = tries(&mut world, approved);
        watch(&mut world, payment);
        world.run_secs(10);
        world.end();
        world.open();
        let asked = asked(payment, 300, 1);
        let now = world.clocks();
        world.engine().request_refund(now, &asked).unwrap();
        world.run_secs(3 * 24 * 3_600);
        let refund = world.engine().store().refund(asked.id).unwrap().unwrap();
        assert_eq!(refund.state, RefundState::Done, "{approved:?}: {refund:?}");
        assert_eq!(discrepancies(&mut world, payment), [], "{approved:?}");
        ledger::must_fit(world.folder());
    }
}
