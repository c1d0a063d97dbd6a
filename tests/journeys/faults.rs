//! Faults F1-F10, F15 and what follows from them, one named test each (reliability 7).

use counterfoil_domain::{DiscrepancyKind, OperationState, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_tests::world::World;
use serde_json::json;

const START: &str = "2026-11-23T09:00:00+08:00";

fn fault(world: &World, kind: &str, service: &str) {
    world.control("fault", &json!({ "kind": kind, "match": service, "count": 1 }));
}

/// Requests of this kind that the bank acted upon.
fn creates(world: &World) -> usize {
    world.bank.lock().unwrap().calls().filter(|c| c.service == "OrderCreate" && c.acted).count()
}

#[test]
fn f1_the_bank_acted_and_the_answer_was_lost() {
    for kind in [
        "drop-after",
        "html-500",
        "html-502",
        "truncated",
        "wrong-sign",
        "wrong-nonce",
        "html-200",
        "unlisted-code",
        "duplicate-keys",
    ] {
        let mut world = World::new(START, 10);
        let shop = world
            .control("fault", &json!({ "kind": kind, "match": "OrderCreate", "count": 1, "acts": true }));
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Issuing, "{kind} {shop}");
        world.run_secs(5);
        assert_eq!(
            world.state(sold.payment),
            PaymentState::Awaiting,
            "{kind}: found by a reading, and shown"
        );
        assert!(world.payment(sold.payment).shown && world.payment(sold.payment).issued.is_some());
        assert_eq!(creates(&world), 1, "{kind}: sent once");
    }
}
