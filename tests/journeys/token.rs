//! The token of a returned browser (SinoPac). It proves nothing: it makes us ask, once, and only
//! about the payment it belongs to.

use counterfoil_domain::seen::Seen;
use counterfoil_domain::{BankState, DiscrepancyKind, PaymentId, PaymentState, Query, Rail};
use counterfoil_engine::ports::{Said, Store};
use counterfoil_tests::world::World;
use secrecy::SecretString;
use serde_json::json;

use crate::cancels::next_call;
use crate::seen::{calls, discrepancies, number};

const START: &str = "2026-11-23T09:00:00+08:00";

/// Two links; the second is paid, and this is what its browser brings.
fn two_links(seed: u64) -> (World, PaymentId, PaymentId, String) {
    let mut world = World::new(START, seed);
    world.run_secs(5);
    let [first, second] = [180, 190].map(|dollars| world.sell(Rail::SinopacCard, dollars).payment);
    world.run_secs(5);
    let paid = world.control("pay", &json!({ "order": number(&world, second) }));
    let token = paid["return"]["fields"]["PayToken"].as_str().unwrap().to_owned();
    (world, first, second, token)
}

fn queries(world: &mut World, payment: PaymentId) -> Vec<Query> {
    world.engine().store().evidence_of(payment).unwrap().iter().map(|e| e.query).collect()
}

#[test]
fn the_right_token_is_asked_about_once() {
    let (mut world, _, second, token) = two_links(71);
    world.engine().token_arrived(second, SecretString::from(token));
    world.run_secs(3);
    assert_eq!(world.state(second), PaymentState::Paid);
    assert_eq!(queries(&mut world, second), [Query::Create, Query::ByToken]);
    assert_eq!(discrepancies(&mut world, second), []);
    world.run_secs(600);
    assert_eq!(calls(&world, "OrderPayQuery"), 1);
}

#[test]
fn the_token_of_another_order_moves_neither() {
    let (mut world, first, second, token) = two_links(72);
    world.engine().token_arrived(first, SecretString::from(token));
    world.run_secs(4);
    assert_eq!(calls(&world, "OrderPayQuery"), 1);
    assert_eq!(discrepancies(&mut world, first), [DiscrepancyKind::EchoDiffers]);
    assert_eq!(world.state(first), PaymentState::Awaiting);
    assert_eq!(world.state(second), PaymentState::Awaiting, "its own browser has not come back");
    assert_eq!(
        (queries(&mut world, first), queries(&mut world, second)),
        (vec![Query::Create], vec![Query::Create])
    );
    assert!(discrepancies(&mut world, second).is_empty());
    let asked = |world: &World, payment| {
        let no = number(world, payment);
        let bank = world.bank.lock().unwrap();
        bank.calls().filter(|c| c.service == "OrderQuery" && c.order.as_deref() == Some(&no)).count()
    };
    assert_eq!(
        (asked(&world, first), asked(&world, second)),
        (1, 0),
        "the one whose browser came is looked at"
    );
}

/// A made-up token, and one that gets no answer to its query.
#[test]
fn a_token_that_tells_nothing_makes_us_ask_by_number() {
    let (mut world, first, second, token) = two_links(73);
    world.engine().token_arrived(first, SecretString::from("0".repeat(64)));
    world.run_secs(4);
    assert_eq!((world.state(first), discrepancies(&mut world, first)), (PaymentState::Awaiting, vec![]));
    world.control("fault", &json!({ "kind": "drop-before", "match": "OrderPayQuery" }));
    world.engine().token_arrived(second, SecretString::from(token));
    world.run_secs(4);
    assert_eq!(queries(&mut world, second), [Query::Create, Query::ByNumber]);
    assert_eq!(world.state(second), PaymentState::Paid);
}

/// A question that left before a discrepancy was raised has not seen it: its answer does not close
/// it, whatever it says.
#[test]
fn an_answer_to_an_older_question_settles_nothing() {
    let (mut world, _, second, token) = two_links(74);
    let now = world.clocks();
    world.engine().watch(now, second).unwrap();
    let by_number = next_call(&mut world);
    let paid = world.call(by_number.bank, by_number.request.clone());
    world.engine().token_arrived(second, SecretString::from(token));
    world.sleep_to(world.now.plus_ms(1_000));
    let by_token = next_call(&mut world);
    let mut odd = world.call(by_token.bank, by_token.request.clone());
    if let Said::Rows(rows) = &mut odd.said
        && let Seen::Sinopac { state, .. } = &mut rows[0].seen
    {
        *state = BankState::Unlisted;
    }
    for (call, reply) in [(by_token, odd), (by_number, paid)] {
        let now = world.clocks();
        world.engine().answered(now, call.ticket, &reply).unwrap();
    }
    assert_eq!(world.state(second), PaymentState::Paid);
    assert_eq!(discrepancies(&mut world, second), [DiscrepancyKind::UnlistedState]);
    let now = world.clocks();
    world.engine().watch(now, second).unwrap();
    world.run_secs(30);
    assert_eq!(discrepancies(&mut world, second), []);
}
