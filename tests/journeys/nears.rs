//! A clerk types an amount: SinoPac's nonce is there before the key is pressed, and nothing else is
//! in its way.

use counterfoil_domain::{PaymentState, Rail};
use counterfoil_engine::Step;
use counterfoil_tests::world::World;

const NOON: &str = "2026-11-24T12:00:00+08:00";

/// A shop with a slip on the screen, which is asked about every 3 s.
fn busy(seed: u64) -> World {
    let mut world = World::new(NOON, seed);
    let sold = world.sell(Rail::SinopacAccount, 100);
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(63);
    world
}

fn nears(world: &mut World) {
    let now = world.clocks();
    world.engine().sale_nears(now);
}

/// How many calls the bank has had.
fn count(world: &World) -> usize {
    world.bank.lock().unwrap().calls().count()
}

/// What was asked of the bank since then, in its words.
fn asked(world: &World, since: usize) -> Vec<String> {
    let bank = world.bank.lock().unwrap();
    bank.calls().skip(since).map(|call| call.service.clone()).collect()
}

#[test]
fn a_sale_that_was_typed_leaves_at_once_with_the_nonce_that_is_there() {
    let mut world = busy(1);
    let since = count(&world);
    nears(&mut world);
    world.run_secs(4);
    assert_eq!(asked(&world, since), ["Nonce"], "the slip on the screen waits for the clerk");
    let (pressed, sold) = (world.now, world.sell(Rail::SinopacAccount, 200));
    world.run_to(pressed.plus_ms(200));
    assert_eq!(asked(&world, since), ["Nonce", "OrderCreate"]);
    let payment = world.payment(sold.payment);
    assert_eq!((payment.state, payment.shown), (PaymentState::Awaiting, true));
    // then the slip is asked about again
    world.run_secs(5);
    assert!(asked(&world, since).len() > 3, "{:?}", asked(&world, since));
}

#[test]
fn whoever_types_for_long_gets_a_nonce_of_the_sale_itself() {
    let mut world = busy(2);
    nears(&mut world);
    world.run_secs(21);
    let since = count(&world);
    let sold = world.sell(Rail::SinopacCard, 200);
    world.run_secs(2);
    let calls = asked(&world, since);
    let create = calls.iter().position(|service| service == "OrderCreate").unwrap();
    assert_eq!(calls[create - 1], "Nonce", "{calls:?}");
    let payment = world.payment(sold.payment);
    assert_eq!(payment.state, PaymentState::Awaiting);
}

#[test]
fn an_amount_that_is_taken_back_holds_up_nothing() {
    let mut world = busy(3);
    nears(&mut world);
    world.run_secs(1);
    let since = count(&world);
    world.engine().sale_is_off();
    world.run_secs(3);
    assert!(asked(&world, since).contains(&"OrderQuery".to_owned()), "{:?}", asked(&world, since));
}

/// The nonce of a sale has its turn only until something else goes.
#[test]
fn a_sale_that_a_question_came_before_keeps_its_distance() {
    let mut world = busy(5);
    nears(&mut world);
    world.run_secs(5);
    let since = count(&world);
    while count(&world) == since {
        world.run_to(world.now.plus_ms(10));
    }
    let (pressed, _) = (world.now, world.sell(Rail::SinopacAccount, 200));
    let now = world.clocks();
    assert!(matches!(world.engine().step(now).unwrap(), Step::Wait(_)));
    world.run_to(pressed.plus_ms(500));
    world.now = pressed.plus_ms(1_000);
    let now = world.clocks();
    let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("it waits") };
    assert!(call.request.is_sale() && call.has_nonce && !call.has_turn, "{call:?}");
}

/// A new digit brings a new nonce only when the first gets old, and questions go on meanwhile.
#[test]
fn typing_costs_the_bank_a_nonce_in_ten_seconds_at_most() {
    let mut world = busy(4);
    let since = count(&world);
    for _ in 0..12 {
        nears(&mut world);
        world.run_secs(1);
    }
    let nonces = asked(&world, since);
    assert_eq!(nonces, ["Nonce", "Nonce"], "nothing else while keys go down");
    world.run_secs(6);
    assert!(asked(&world, since).len() > 3, "{:?}", asked(&world, since));
}
