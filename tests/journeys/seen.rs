//! What the journeys of this folder look at from outside: the bank's list of calls, the coverage,
//! the discrepancies, the clock.

use counterfoil_commands::{Note, payment_view};
use counterfoil_domain::coverage::{CoverageReport, report};
use counterfoil_domain::{
    Actor, Bank, DiscrepancyKind, MinuteSpan, OperationKind, OperationState, PaymentId, PaymentState, Rail,
};
use counterfoil_engine::ports::Store;
use counterfoil_tests::world::World;
use serde_json::json;

/// Requests of this service that reached the bank.
pub(crate) fn calls(world: &World, service: &str) -> usize {
    world.bank.lock().unwrap().calls().filter(|call| call.service == service).count()
}

/// How far the bank has been asked.
pub(crate) fn coverage(world: &mut World) -> CoverageReport {
    let now = world.clocks();
    let engine = world.engine();
    let (at, from) = (engine.bank_time(now), engine.shop().added_at.minute());
    let store = engine.store();
    let before = store.covered_before(Bank::Sinopac, 0).unwrap();
    let spans = store.coverage(Bank::Sinopac, 0, before.unwrap_or(from)).unwrap();
    report(from, before, at, &spans, store.covered_by_number(Bank::Sinopac).unwrap())
}

/// Minutes that the running sweep has not covered, beyond what is normal.
pub(crate) fn gaps(world: &mut World) -> Vec<MinuteSpan> {
    coverage(world).gaps
}

/// What does not fit about a payment.
pub(crate) fn discrepancies(world: &mut World, payment: PaymentId) -> Vec<DiscrepancyKind> {
    world.engine().store().discrepancies_of(payment).unwrap().iter().map(|d| d.kind).collect()
}

/// What does not fit anywhere in the shop.
pub(crate) fn all_discrepancies(world: &mut World) -> Vec<DiscrepancyKind> {
    world.engine().store().discrepancies(500).unwrap().iter().map(|d| d.kind).collect()
}

/// State and attempts of every operation of this kind, oldest first.
pub(crate) fn operations(
    world: &mut World,
    payment: PaymentId,
    kind: OperationKind,
) -> Vec<(OperationState, u32)> {
    let all = world.engine().store().operations_of(payment).unwrap();
    all.into_iter().filter(|op| op.kind == kind).map(|op| (op.state, op.attempts)).collect()
}

/// What the slip says beside the state.
pub(crate) fn note(world: &mut World, payment: PaymentId) -> Option<Note> {
    let now = world.clocks();
    payment_view(world.engine().store(), payment, now.wall, None).unwrap().note
}

/// Whether the slip offers a new number for the order.
pub(crate) fn reissue(world: &mut World, payment: PaymentId) -> bool {
    let now = world.clocks();
    payment_view(world.engine().store(), payment, now.wall, None).unwrap().reissue
}

/// The computer's clock jumps; the bank's does not.
pub(crate) fn jump(world: &mut World, by_ms: i64) {
    world.now = world.now.plus_ms(by_ms);
    world.skew_ms += by_ms;
}

/// A clerk presses the key that cancels.
pub(crate) fn cancel(world: &mut World, payment: PaymentId) -> counterfoil_engine::CancelStarted {
    let now = world.clocks();
    world.engine().cancel(now, payment, Actor::Owner).unwrap()
}

/// The order's number at the bank.
pub(crate) fn number(world: &World, payment: PaymentId) -> String {
    world.payment(payment).bank_order_no.to_string()
}

/// So many accounts, sold three seconds after each other.
pub(crate) fn accounts(world: &mut World, count: i64) -> Vec<PaymentId> {
    let mut sold = Vec::new();
    for n in 0..count {
        sold.push(world.sell(Rail::SinopacAccount, 100 + n).payment);
        world.run_secs(3);
    }
    sold
}

/// The next request of this kind is spoiled.
pub(crate) fn fault(world: &World, kind: &str, service: &str, count: u32) {
    world.control("fault", &json!({ "kind": kind, "match": service, "count": count }));
}

/// Seconds until the payment is in this state; panics after `secs`.
pub(crate) fn secs_until(world: &mut World, payment: PaymentId, state: PaymentState, secs: i64) -> i64 {
    for passed in 0..secs {
        if world.state(payment) == state {
            return passed;
        }
        world.run_secs(1);
    }
    panic!("{:?} after {secs} s", world.state(payment));
}
