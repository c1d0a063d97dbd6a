//! What a CTBC card's slip shows: the bank's state, its transaction number, the card's tail, what a
//! refund would be now, and that polling has stopped.

use counterfoil_commands::{Names, PaymentView, order_in_full, payment_view};
use counterfoil_domain::card_refund::RefundMeaning;
use counterfoil_domain::{CardState, PaymentId, PaymentState};
use counterfoil_tests::world::{World, at};
use serde_json::json;

use crate::ctbc::{START, alone, opened, watch};

fn view(world: &mut World, payment: PaymentId) -> PaymentView {
    let now = world.clocks();
    let at = world.engine().bank_time(now);
    payment_view(world.engine().store(), payment, at, None).unwrap()
}

#[test]
fn a_paid_card_tells_its_state_its_end_and_what_a_refund_is_now() {
    let mut world = alone(21);
    let sold = opened(&mut world, 300);
    assert_eq!(view(&mut world, sold.payment).card, None, "the bank has shown nothing");
    world.card_control("pay", sold.payment, &json!({}));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let card = view(&mut world, sold.payment).card.unwrap();
    assert_eq!((card.state, card.number.as_str()), (CardState::CaptureQueued, "10"));
    assert_eq!(card.card_tail.as_deref(), Some("3312"));
    assert!(card.xid.is_some_and(|xid| !xid.is_empty() && xid == xid.trim()));
    assert_eq!(card.refund, RefundMeaning::WithdrawTonight);
    assert_eq!(card.batch_at.as_deref(), Some("2026-11-23T20:00:00+08:00"));
    assert_eq!(card.earliest.as_deref(), Some("2026-11-23T22:10:00+08:00"));
    world.run_to(at("2026-11-23T20:30:00+08:00"));
    assert_eq!(
        view(&mut world, sold.payment).card.unwrap().refund,
        RefundMeaning::WaitBatch,
        "the time decides too"
    );
    world.run_to(at("2026-11-24T09:00:00+08:00"));
    let card = view(&mut world, sold.payment).card.unwrap();
    assert_eq!((card.number.as_str(), card.refund), ("12", RefundMeaning::RefundWholeOrPart));
    assert_eq!((card.card_tail.as_deref(), card.earliest), (Some("3312"), None));
}

#[test]
fn a_declined_card_has_collected_nothing() {
    let mut world = alone(22);
    let sold = opened(&mut world, 300);
    watch(&mut world, sold.payment);
    world.card_control("decline", sold.payment, &json!({ "code": "8/51" }));
    world.run_secs(10);
    let card = view(&mut world, sold.payment).card.unwrap();
    assert_eq!((card.number.as_str(), card.refund, card.xid), ("-1", RefundMeaning::NothingCollected, None));
}

/// Two transactions under one number: whatever the state, a person finds out first.
#[test]
fn charged_twice_is_refunded_by_nobody_before_a_person_has_looked() {
    let mut world = World::new(START, 23);
    let sold = world.sell(counterfoil_domain::Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    for _ in 0..2 {
        world.post_form(&form);
        world.card_control("pay", sold.payment, &json!({}));
    }
    watch(&mut world, sold.payment);
    world.run_secs(4);
    assert_eq!(view(&mut world, sold.payment).card.unwrap().refund, RefundMeaning::AskPerson);
}

/// Money rules 2: without an approval for 14 days it stops, with a note.
#[test]
fn after_fourteen_days_without_an_approval_nobody_asks_and_the_slip_says_so() {
    let mut world = alone(24);
    let sold = opened(&mut world, 300);
    world.run_secs(36 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Expired);
    let ends = world.payment(sold.payment).expires_at.plus_days(14);
    world.run_to(ends);
    assert_eq!(view(&mut world, sold.payment).stopped_at, None);
    world.run_to(ends.plus_mins(1));
    let calls = world.calls;
    assert_eq!(view(&mut world, sold.payment).stopped_at, Some(ends.to_string()));
    world.run_to(ends.plus_days(7));
    assert_eq!(world.calls, calls, "and that is true");
    // opening the payment polls it all the same
    watch(&mut world, sold.payment);
    world.run_secs(4);
    assert!(world.calls > calls);
    let now = world.clocks();
    let order =
        order_in_full(world.engine().store(), &sold.order.to_string(), now.wall, Names::Full).unwrap();
    assert_eq!(order.payments[0].stopped_at, Some(ends.to_string()), "it stays in the order");
}
