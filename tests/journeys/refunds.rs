//! Refunds (money rules 2 to 5): state first, then one step at a time, never twice, through the
//! bank's nightly batch.

use counterfoil_commands::{Names, refund_view};
use counterfoil_domain::refund::request::RequestError;
use counterfoil_domain::{
    Actor, DiscrepancyKind, OperationKind, OperationState, PaymentId, PaymentState, Rail, RefundId,
    RefundReason, RefundState, Twd,
};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{Booking, Decision, EngineError, RefundAsked, RefundRefused};
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::seen::{all_discrepancies, discrepancies, fault, number, operations};

/// A Monday.
pub(crate) const START: &str = "2026-11-23T09:00:00+08:00";
pub(crate) const TUESDAY: &str = "2026-11-24T09:00:00+08:00";
pub(crate) const DAY: i64 = 24 * 3_600;

/// A shop that has entered the holidays of the year: only then a batch is sure to have run.
pub(crate) fn with_holidays(seed: u64) -> World {
    let mut shop = shop_json();
    shop["ctbc"]["batch"] = json!({ "holidays": ["2026-12-25"] });
    World::of_shop(shop, START, seed, Points::default())
}

pub(crate) fn asked(payment: PaymentId, dollars: i64, id: u8) -> RefundAsked {
    RefundAsked {
        id: RefundId::from_bytes([id; 16]),
        payment,
        xid: String::new(),
        amount: Twd::new(dollars),
        reason: RefundReason::Returned,
        note: None,
        who: Actor::Owner,
    }
}

pub(crate) fn request(world: &mut World, payment: PaymentId, dollars: i64, id: u8) -> RefundId {
    let now = world.clocks();
    let asked = asked(payment, dollars, id);
    world.engine().request_refund(now, &asked).unwrap();
    asked.id
}

pub(crate) fn decide(
    world: &mut World,
    refund: RefundId,
    decision: &Decision,
) -> Result<RefundState, EngineError> {
    let now = world.clocks();
    world.engine().decide_refund(now, refund, Actor::Owner, decision).map(|refund| refund.state)
}

pub(crate) fn withdraw(world: &mut World, refund: RefundId) -> Result<(), EngineError> {
    let now = world.clocks();
    world.engine().withdraw_refund(now, refund, Actor::Owner)
}

pub(crate) fn wish(world: &mut World, refund: RefundId) -> Option<&'static str> {
    refund_view(world.engine().store(), refund, Names::Full).unwrap().wish.map(|wish| wish.why)
}

pub(crate) fn state(world: &mut World, refund: RefundId) -> RefundState {
    world.engine().store().refund(refund).unwrap().unwrap().state
}

/// What was sent for it: each step with its state, oldest first.
pub(crate) fn steps(world: &mut World, refund: RefundId) -> Vec<(String, String)> {
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    view.steps.into_iter().map(|step| (step.operation.to_owned(), step.state.to_owned())).collect()
}

pub(crate) fn waits(world: &mut World, refund: RefundId) -> Option<(String, String)> {
    let view = refund_view(world.engine().store(), refund, Names::Full).unwrap();
    view.waiting.map(|waiting| (waiting.text.text_zh, waiting.until))
}

/// Refunded in the bank's back office, and booked by the owner.
pub(crate) fn booking(payment: PaymentId, dollars: i64) -> Booking {
    Booking {
        payment,
        xid: String::new(),
        amount: Twd::new(dollars),
        refund_no: None,
        reason: "後台退的".to_owned(),
        who: Actor::Owner,
    }
}

/// What the bank's books say was given back of a sale, whole dollars.
pub(crate) fn given_back(world: &World, payment: PaymentId) -> i64 {
    let order = number(world, payment);
    let bank = if world.payment(payment).rail == Rail::CtbcCard { "ctbc" } else { "sinopac" };
    let shop = if bank == "ctbc" { "10000" } else { "NA0249_001" };
    let books = world.control("books", &json!({ "bank": bank, "shop": shop, "order": order }));
    let orders = books["orders"].as_array().unwrap();
    orders.iter().map(|order| order["refunded"].as_i64().unwrap()).sum()
}

/// A sale that was paid.
pub(crate) fn paid(world: &mut World, rail: Rail, dollars: i64) -> PaymentId {
    let payment = world.sell(rail, dollars).payment;
    world.run_secs(5);
    if rail == Rail::CtbcCard {
        world.open_page(payment);
        world.card_control("pay", payment, &json!({}));
    } else {
        world.pay(payment);
    }
    world.run_secs(300);
    assert!(world.state(payment).has_money(), "{:?}", world.state(payment));
    payment
}

#[test]
fn a_card_of_sinopac_goes_back_whole() {
    let mut world = World::new(START, 1);
    let payment = paid(&mut world, Rail::SinopacCard, 1_200);
    let refund = request(&mut world, payment, 1_200, 1);
    world.run_secs(30);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    assert_eq!(steps(&mut world, refund), [("card-refund".to_owned(), "accepted".to_owned())]);
    world.run_secs(2 * DAY);
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert_eq!(given_back(&world, payment), 1_200);
    assert_eq!(all_discrepancies(&mut world), []);
}

#[test]
fn an_account_goes_back_by_two_calls() {
    let mut world = World::new(START, 2);
    world.control("switch", &json!({ "refund_digits": "off" }));
    let payment = paid(&mut world, Rail::SinopacAccount, 900);
    let refund = request(&mut world, payment, 400, 1);
    world.run_secs(30);
    let two = [("account-refund-token", "accepted"), ("account-refund", "accepted")];
    assert_eq!(steps(&mut world, refund), two.map(|(a, b)| (a.to_owned(), b.to_owned())));
    world.run_secs(DAY);
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert_eq!(given_back(&world, payment), 400);
    // the remainder, exactly
    let rest = request(&mut world, payment, 500, 2);
    world.run_secs(DAY);
    assert_eq!(state(&mut world, rest), RefundState::Done);
    assert_eq!(given_back(&world, payment), 900);
    assert_eq!(all_discrepancies(&mut world), []);
}

/// Before the batch: out of the file and off the card, so that no charge shows.
#[test]
fn a_card_of_ctbc_is_reversed_on_the_day_of_the_sale() {
    let mut world = World::new(START, 3);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(60);
    let two = [("cap-reversal", "accepted"), ("reversal", "accepted")];
    assert_eq!(steps(&mut world, refund), two.map(|(a, b)| (a.to_owned(), b.to_owned())));
    world.run_secs(120);
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert_eq!(world.state(payment), PaymentState::Paid, "the refund is what moves");
    assert_eq!(discrepancies(&mut world, payment), []);
}

#[test]
fn a_captured_card_of_ctbc_goes_back_through_the_next_batch() {
    let mut world = World::new(START, 4);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    let refund = request(&mut world, payment, 300, 1);
    world.run_secs(60);
    assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
    assert_eq!(state(&mut world, refund), RefundState::AtBank);
    world.run_to(at("2026-11-25T02:00:00+08:00"));
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert_eq!(given_back(&world, payment), 300);
    // the remainder names the batch of the capture
    world.run_to(at("2026-11-25T09:00:00+08:00"));
    let rest = request(&mut world, payment, 500, 2);
    world.run_to(at("2026-11-26T02:00:00+08:00"));
    assert_eq!(state(&mut world, rest), RefundState::Done);
    assert_eq!(given_back(&world, payment), 800);
    assert_eq!(all_discrepancies(&mut world), []);
}

/// Asked at 19:55: nothing is sent around the batch; at 22:10 the new state decides.
#[test]
fn beside_the_batch_a_refund_waits_and_goes_by_the_new_state() {
    let mut world = World::new(START, 5);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-23T19:55:00+08:00"));
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(60);
    assert_eq!(state(&mut world, refund), RefundState::Waiting);
    let (text, until) = waits(&mut world, refund).unwrap();
    assert_eq!(text, "銀行批次 20:00 開始，最早 22:10（本機須開機）");
    assert_eq!(until, "2026-11-23T22:10:00+08:00");
    let writes = |world: &World| {
        world.bank.lock().unwrap().calls().filter(|call| call.acted && call.path.contains("NewPos")).count()
    };
    world.run_to(at("2026-11-23T22:09:59+08:00"));
    assert_eq!(writes(&world), 0);
    world.run_to(at("2026-11-23T22:11:00+08:00"));
    assert_eq!(steps(&mut world, refund), [("refund".to_owned(), "accepted".to_owned())]);
    world.run_to(at("2026-11-25T02:00:00+08:00"));
    assert_eq!(state(&mut world, refund), RefundState::Done);
    assert_eq!(given_back(&world, payment), 800);
}

/// A Saturday without a list of the shop, and a public holiday of the program's list of which the
/// shop said nothing: a batch may run, so nothing is sent beside it.
#[test]
fn a_day_that_the_shop_did_not_enter_is_a_day_with_a_batch() {
    let reversed = ["cap-reversal", "reversal"].as_slice();
    // on the holiday the bank's batch did run
    for (day, expected) in [("2026-11-28", reversed), ("2026-12-25", &["refund"])] {
        let mut world = World::new(&format!("{day}T09:00:00+08:00"), 15);
        let payment = paid(&mut world, Rail::CtbcCard, 800);
        world.run_to(at(&format!("{day}T19:55:00+08:00")));
        let refund = request(&mut world, payment, 800, 1);
        world.run_to(at(&format!("{day}T22:09:59+08:00")));
        let until = waits(&mut world, refund).map(|(_, until)| until);
        assert_eq!(until, Some(format!("{day}T22:10:00+08:00")));
        assert_eq!(steps(&mut world, refund), [], "{day}");
        world.run_secs(120);
        let kinds: Vec<_> = steps(&mut world, refund).into_iter().map(|step| step.0).collect();
        assert_eq!(kinds, expected, "{day}");
    }
}

/// The writes of this name that the bank has acted on.
fn acted(world: &World, service: &str) -> usize {
    world.bank.lock().unwrap().calls().filter(|call| call.acted && call.path.ends_with(service)).count()
}

/// F1: the bank has given the money back, and its answer is lost: read out, and sent once.
#[test]
fn f1_a_refund_whose_answer_is_lost_is_found_and_sent_once() {
    for (rail, service) in [(Rail::SinopacCard, "OrderMaintain"), (Rail::CtbcCard, "Refund")] {
        let mut world = World::new(START, 6);
        let payment = paid(&mut world, rail, 800);
        world.run_to(at(TUESDAY));
        fault(&world, "drop-after", service, 1);
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(30);
        assert_eq!(steps(&mut world, refund)[0].1, "unknown", "{rail:?}");
        world.run_secs(3 * DAY);
        assert_eq!(state(&mut world, refund), RefundState::Done, "{rail:?}");
        assert_eq!((given_back(&world, payment), steps(&mut world, refund).len()), (300, 1), "{rail:?}");
        assert_eq!(all_discrepancies(&mut world), [], "{rail:?}");
    }
}

/// F2: it never arrived: only the proofs of money rules 3 let another attempt go.
#[test]
fn f2_a_refund_that_never_arrived_goes_again_after_its_proofs() {
    for (rail, service) in [(Rail::SinopacCard, "OrderMaintain"), (Rail::CtbcCard, "Refund")] {
        let mut world = with_holidays(7);
        let payment = paid(&mut world, rail, 800);
        world.run_to(at(TUESDAY));
        fault(&world, "drop-before", service, 1);
        let refund = request(&mut world, payment, 300, 1);
        world.run_secs(6 * 3_600);
        assert_eq!(steps(&mut world, refund).len(), 1, "{rail:?}: not before the proofs");
        assert_eq!(given_back(&world, payment), 0, "{rail:?}");
        world.run_secs(5 * DAY);
        assert_eq!(state(&mut world, refund), RefundState::Done, "{rail:?}: {:?}", steps(&mut world, refund));
        let two = steps(&mut world, refund);
        assert_eq!((two.len(), two[0].1.as_str()), (2, "did-not-happen"), "{rail:?}: {two:?}");
        assert_eq!(given_back(&world, payment), 300, "{rail:?}");
    }
}

/// F19: between the plan and the attempt the sale was captured: a fresh reading, another plan.
#[test]
fn f19_what_was_captured_meanwhile_is_refunded_instead_of_reversed() {
    let mut world = World::new(START, 8);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    fault(&world, "code:3/40", "CapRev", 1);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(30);
    assert_eq!(state(&mut world, refund), RefundState::Waiting);
    world.end();
    world.sleep_to(at("2026-11-24T09:01:00+08:00"));
    world.open();
    world.run_secs(60);
    let kinds: Vec<_> = steps(&mut world, refund).into_iter().map(|step| step.0).collect();
    assert_eq!(kinds, ["cap-reversal", "refund"]);
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
}

/// F20: out of the file, and the reversal's answer is lost: a state of its own, no second CapRev.
#[test]
fn f20_a_reversal_whose_answer_is_lost_is_read_out_without_a_second_cap_reversal() {
    let mut world = World::new(START, 9);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    fault(&world, "drop-after", "Reversal", 1);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3_600);
    let two = [("cap-reversal", "accepted"), ("reversal", "accepted")];
    assert_eq!(steps(&mut world, refund), two.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!((state(&mut world, refund), acted(&world, "CapRev")), (RefundState::Done, 1));
}

/// F21: a person refunded in the bank's back office: nothing is sent until a person has looked.
#[test]
fn f21_a_refund_of_somebody_else_keeps_ours_back() {
    let mut world = World::new(START, 10);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    let order = number(&world, payment);
    world.control("refund", &json!({ "order": order, "amount": 300 }));
    let refund = request(&mut world, payment, 500, 1);
    world.run_secs(30);
    assert_eq!(waits(&mut world, refund).map(|(text, _)| text.contains("另一筆退款")), Some(true));
    world.run_secs(3 * DAY);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson);
    assert_eq!(steps(&mut world, refund), []);
    assert_eq!(discrepancies(&mut world, payment), [DiscrepancyKind::RefundedOutside]);
    assert_eq!(given_back(&world, payment), 300);
    // a person books it and closes the discrepancy: what is left goes back by itself
    let now = world.clocks();
    let booking = booking(payment, 300);
    world.engine().book_refund(now, &booking).unwrap();
    let found = world.engine().store().discrepancies_of(payment).unwrap().remove(0);
    world.engine().close_discrepancy(now, found.id, Actor::Owner, "已登記".to_owned()).unwrap();
    world.run_secs(3 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
    assert_eq!(all_discrepancies(&mut world), []);
}

/// F23: two equal parts, the first unknown: the second is not taken down until the first has ended.
#[test]
fn f23_a_second_equal_refund_waits_for_the_first() {
    let mut world = World::new(START, 11);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    fault(&world, "drop-after", "OrderMaintain", 1);
    let first = request(&mut world, payment, 300, 1);
    world.run_secs(30);
    let now = world.clocks();
    let second = world.engine().request_refund(now, &asked(payment, 300, 2));
    let refused = RefundRefused::Request(RequestError::OneIsOpen { refund: first });
    assert!(matches!(&second, Err(EngineError::Refund(why)) if *why == refused), "{second:?}");
    // the same key once more is the same refund
    assert_eq!(request(&mut world, payment, 300, 1), first);
    world.run_secs(3 * DAY);
    assert_eq!((state(&mut world, first), given_back(&world, payment)), (RefundState::Done, 300));
    let now = world.clocks();
    let above = world.engine().request_refund(now, &asked(payment, 501, 3));
    let refused = RefundRefused::Request(RequestError::AboveLeft { left: Twd::new(500) });
    assert!(matches!(&above, Err(EngineError::Refund(why)) if *why == refused), "{above:?}");
}

/// The computer slept between the commit and the first byte: nothing left, and it goes again.
#[test]
fn a_sleep_between_claim_and_send_sends_nothing() {
    let mut world = World::new(START, 12);
    let payment = paid(&mut world, Rail::SinopacCard, 800);
    world.falls_asleep_ms = 3_600_000;
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3_600 + 30);
    assert_eq!(given_back(&world, payment), 0);
    let sent = operations(&mut world, payment, OperationKind::CardRefund);
    assert_eq!(sent, [(OperationState::NotSent, 1)]);
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
    assert_eq!(operations(&mut world, payment, OperationKind::CardRefund), [(OperationState::Accepted, 2)]);
}

/// Before the batch a refund in the bank's file comes back; before a step was sent it is free.
#[test]
fn a_refund_is_withdrawn_before_a_step_or_before_the_batch() {
    let mut world = World::new(START, 13);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at("2026-11-23T19:55:00+08:00"));
    let free = request(&mut world, payment, 800, 1);
    world.run_secs(60);
    let now = world.clocks();
    world.engine().withdraw_refund(now, free, Actor::Owner).unwrap();
    assert_eq!(state(&mut world, free), RefundState::Withdrawn);
    world.run_to(at(TUESDAY));
    let queued = request(&mut world, payment, 800, 2);
    world.run_secs(60);
    assert_eq!(state(&mut world, queued), RefundState::AtBank);
    let now = world.clocks();
    world.engine().withdraw_refund(now, queued, Actor::Owner).unwrap();
    world.run_secs(120);
    assert_eq!(state(&mut world, queued), RefundState::Withdrawn, "{:?}", steps(&mut world, queued));
    world.run_secs(2 * DAY);
    assert_eq!(given_back(&world, payment), 0);
    assert_eq!(all_discrepancies(&mut world), []);
}

/// What no reading can settle is for a person, and blocks the next until a word is given.
#[test]
fn a_person_settles_what_no_reading_can() {
    let mut world = World::new(START, 14);
    let payment = paid(&mut world, Rail::CtbcCard, 800);
    world.run_to(at(TUESDAY));
    fault(&world, "code:3/53", "Refund", 1);
    let refund = request(&mut world, payment, 800, 1);
    world.run_secs(3_600);
    assert_eq!(state(&mut world, refund), RefundState::NeedsPerson, "{:?}", steps(&mut world, refund));
    let now = world.clocks();
    let told_by = "中信 林小姐 11/24".to_owned();
    world.engine().decide_refund(now, refund, Actor::Owner, &Decision::NotDone { told_by }).unwrap();
    world.run_secs(2 * DAY);
    assert_eq!((state(&mut world, refund), given_back(&world, payment)), (RefundState::Done, 800));
    let word = refund_view(world.engine().store(), refund, Names::Full).unwrap().word.unwrap();
    assert_eq!(
        (word.confirmed, word.text.as_str(), word.who.as_str()),
        ("not-done", "中信 林小姐 11/24", "owner")
    );
}
