//! Other hands at the same rows: what was decided is read again and decided again, and nothing is
//! sent or lost by it.

use counterfoil_domain::{OperationState, OrderId, PaymentState, Rail, RefundState};
use counterfoil_engine::ports::{Change, Guard, Store};
use counterfoil_engine::{EngineError, Step};
use counterfoil_tests::world::World;
use serde_json::json;

use crate::refunds::{given_back, paid, request, state, steps};

const START: &str = "2026-11-23T09:00:00+08:00";

/// Creates that arrived at the bank.
fn creates(world: &World) -> usize {
    world.bank.lock().unwrap().calls().filter(|call| call.service == "OrderCreate").count()
}

/// The next call of the engine.
fn call(world: &mut World) -> counterfoil_engine::BankCall {
    let now = world.clocks();
    match world.engine().step(now).unwrap() {
        Step::Send(call) => call,
        other @ (Step::Wait(_) | Step::Idle) => panic!("{other:?}"),
    }
}

#[test]
fn a_sale_meets_a_conflict_at_every_step_and_ends_as_without() {
    let mut world = World::new(START, 70);
    world.run_secs(5);
    world.points.conflict(2);
    let sold = world.sell(Rail::SinopacAccount, 100);
    assert_eq!(world.points.conflicts(), 0);
    world.points.conflict(2);
    world.run_secs(3);
    assert_eq!((world.state(sold.payment), creates(&world)), (PaymentState::Awaiting, 1));
    world.pay(sold.payment);
    world.points.conflict(2);
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(5);
    assert_eq!((world.state(sold.payment), world.points.conflicts()), (PaymentState::Paid, 0));
}

/// The answer to a create is kept in memory until its rows come to rest. Nothing is paused, nothing
/// is sent again.
#[test]
fn an_answer_that_meets_conflicts_again_and_again_waits_and_is_kept() {
    let mut world = World::new(START, 71);
    world.run_secs(5);
    let sold = world.sell(Rail::SinopacAccount, 100);
    let create = call(&mut world);
    assert!(create.is_write);
    let reply = world.call(create.bank, create.request);
    world.points.conflict(4);
    let now = world.clocks();
    world.engine().answered(now, create.ticket, &reply).unwrap();
    let op = world.engine().store().operations_of(sold.payment).unwrap().remove(0);
    assert_eq!((op.state, world.points.conflicts()), (OperationState::Sending, 1));
    world.run_secs(3);
    assert_eq!((world.state(sold.payment), creates(&world)), (PaymentState::Awaiting, 1));
}

/// A claim that meets them was not committed, so nothing leaves; it goes when they are over, within
/// the clerk's patience.
#[test]
fn a_claim_that_meets_conflicts_again_and_again_sends_nothing_until_they_are_over() {
    let mut world = World::new(START, 72);
    world.run_secs(5);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.points.conflict(3);
    let now = world.clocks();
    assert!(matches!(world.engine().step(now).unwrap(), Step::Wait(at) if at.ms_since(now.mono) <= 1_000));
    assert_eq!((creates(&world), world.points.conflicts()), (0, 0));
    world.run_secs(5);
    assert_eq!((world.state(sold.payment), creates(&world)), (PaymentState::Awaiting, 1));
}

/// The third conflict is reported to the person, and nothing is written.
#[test]
fn a_sale_that_meets_three_conflicts_is_not_begun() {
    let mut world = World::new(START, 73);
    world.run_secs(5);
    let now = world.clocks();
    let order = OrderId::from_random([7; 16]);
    let sale = World::sale(order, Rail::SinopacAccount, 100);
    world.points.conflict(3);
    let refused = world.engine().sell(now, &sale).unwrap_err();
    assert!(matches!(refused, EngineError::Store(counterfoil_engine::ports::StoreError::Conflict)));
    assert_eq!(world.engine().store().order(order).unwrap(), None);
}

/// A conflict at any commit, once a second: nothing that was decided and not committed is left
/// behind in memory.
#[test]
fn a_lost_account_that_turns_up_among_conflicts_is_cancelled() {
    let mut world = World::new(START, 74);
    let lost_answer = json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1, "acts": true });
    world.control("fault", &lost_answer);
    let lost = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(2);
    let again = world.try_sell(lost.order, true, Rail::SinopacAccount, 100).unwrap();
    for _ in 0..30 {
        world.points.conflict(1);
        world.run_secs(1);
    }
    // each claim met one and was read for again
    world.points.conflict(0);
    world.run_secs(30);
    assert_eq!(world.state(again.payment), PaymentState::Awaiting);
    assert_eq!(world.state(lost.payment), PaymentState::Cancelled);
}

/// An answer that meets conflicts still waits for the next step, and holds that one up no longer
/// than its own three tries.
#[test]
fn an_answer_that_meets_conflicts_still_waits_for_the_next_step() {
    let mut world = World::new(START, 75);
    world.run_secs(5);
    let sold = world.sell(Rail::SinopacAccount, 100);
    let create = call(&mut world);
    let reply = world.call(create.bank, create.request);
    world.points.conflict(3 + 3 + 1);
    let now = world.clocks();
    world.engine().answered(now, create.ticket, &reply).unwrap();
    for left in [4, 1] {
        assert_eq!((world.points.conflicts(), world.state(sold.payment)), (left, PaymentState::Issuing));
        let now = world.clocks();
        assert!(matches!(world.engine().step(now).unwrap(), Step::Wait(_)));
    }
    assert_eq!((world.points.conflicts(), world.state(sold.payment)), (0, PaymentState::Awaiting));
}

/// Money is posted to a day that is open, and rests on the other payments of its order; what only
/// confirms it rests on nothing.
#[test]
fn money_is_committed_on_its_order_and_its_day() {
    let mut world = World::new(START, 76);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    world.pay(sold.payment);
    let order = world.engine().store().order(sold.order).unwrap().unwrap();
    world.committed.watch();
    world.end();
    world.open();
    world.run_secs(60);
    let commits = world.committed.take();
    let posts = |change: &Change| matches!(change, Change::EntryAdded(_));
    let posted: Vec<_> = commits.iter().filter(|commit| commit.changes.iter().any(posts)).collect();
    let [posted] = posted.as_slice() else { panic!("{commits:?}") };
    assert_eq!(
        posted.guards,
        [Guard::Order(order.id, order.version), Guard::Day(posted.audit.at.day())],
        "{posted:?}"
    );
}

/// The first call of an account's refund brings two commits: its answer, and the second call. A
/// conflict at any of them leaves each answer in the file once, and the money goes back once.
#[test]
fn a_refund_meets_a_conflict_at_every_commit_and_ends_as_without() {
    for commits in 0..8 {
        let mut world = World::new(START, 76);
        world.control("switch", &json!({ "refund_digits": "off" }));
        let payment = paid(&mut world, Rail::SinopacAccount, 900);
        let refund = request(&mut world, payment, 900, 1);
        world.points.conflict_after(commits);
        world.run_secs(600);
        assert_eq!(world.points.conflicts(), 0, "{commits}");
        // a second call that met one is over: both go again
        let mut taken = steps(&mut world, refund);
        taken.retain(|(_, state)| state == "accepted");
        let kinds: Vec<_> = taken.iter().map(|(kind, _)| kind.as_str()).collect();
        assert!(kinds.ends_with(&["account-refund-token", "account-refund"]), "{commits}: {kinds:?}");
        assert_eq!(kinds.iter().filter(|kind| **kind == "account-refund").count(), 1, "{commits}");
        world.run_secs(2 * 86_400);
        assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 900));
    }
}
