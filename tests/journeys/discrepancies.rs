//! Discrepancies that a person closes.

use counterfoil_domain::{Actor, DiscrepancyId, DiscrepancyKind, PaymentState};
use counterfoil_engine::ports::Store;
use counterfoil_tests::world::World;
use serde_json::json;

use crate::ctbc::{START, discrepancies, opened, watch};

fn close(world: &mut World, id: DiscrepancyId) {
    let now = world.clocks();
    world.engine().close_discrepancy(now, id, Actor::Owner, "the bank refunded it for us".into()).unwrap();
}

/// On screen the bank is asked every few seconds: what it shows still stays closed. Gone and shown
/// again, it is a new one.
#[test]
fn what_a_person_has_closed_comes_back_only_after_a_reading_without_it() {
    let mut world = World::new(START, 80);
    let sold = opened(&mut world, 300);
    let (id, outside) = (sold.payment, DiscrepancyKind::RefundedOutside);
    world.card_control("pay", id, &json!({}));
    world.card_control("plant", id, &json!({ "state": "20" }));
    watch(&mut world, id);
    world.run_secs(4);
    assert_eq!(discrepancies(&mut world, id), [outside]);
    let first = world.engine().store().discrepancies_of(id).unwrap().remove(0);
    close(&mut world, first.id);
    assert_eq!(discrepancies(&mut world, id), []);
    let rows = |world: &mut World| world.engine().store().verify_audit().unwrap().rows;
    let before = rows(&mut world);
    for _ in 0..3 {
        watch(&mut world, id);
        world.run_secs(4);
    }
    assert_eq!((discrepancies(&mut world, id), rows(&mut world)), (vec![], before), "it is shown still");

    world.card_control("plant", id, &json!({ "state": "12" }));
    watch(&mut world, id);
    world.run_secs(4);
    world.card_control("plant", id, &json!({ "state": "20" }));
    watch(&mut world, id);
    world.run_secs(4);
    assert_eq!(discrepancies(&mut world, id), [outside]);
    assert_eq!(world.state(id), PaymentState::Paid);
    assert_ne!(world.engine().store().discrepancies_of(id).unwrap()[0].id, first.id);
}

#[test]
fn a_discrepancy_is_closed_once_and_only_if_it_is_there() {
    let mut world = World::new(START, 81);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    world.card_control("plant", sold.payment, &json!({ "state": "13" }));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let found = world.engine().store().discrepancies(9).unwrap().remove(0);
    assert_eq!(found.kind, DiscrepancyKind::CaptureFailed);
    close(&mut world, found.id);
    close(&mut world, found.id);
    let (_, closing) = world.engine().store().discrepancy(found.id).unwrap().unwrap();
    let closing = closing.unwrap();
    assert_eq!((closing.who, closing.reason.as_str()), (Actor::Owner, "the bank refunded it for us"));
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
    let now = world.clocks();
    let missing = DiscrepancyId::from_random([9; 16]);
    assert!(world.engine().close_discrepancy(now, missing, Actor::Owner, "r".into()).is_err());
}
