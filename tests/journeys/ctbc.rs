//! Selling by CTBC's card page: the form once, then only what the bank's inquiries say.

use counterfoil_domain::{
    Actor, Bank, CardState, CardTail, DiscrepancyKind, OperationKind, OperationState, PaymentId,
    PaymentState, Query, Rail, Seen,
};
use counterfoil_engine::ports::{Said, Store};
use counterfoil_engine::{CancelStarted, Sold};
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, at, shop_json};
use serde_json::json;

use crate::seen::operations;

/// A Monday.
pub(crate) const START: &str = "2026-11-23T09:00:00+08:00";

/// A sale with its page open in a browser.
pub(crate) fn opened(world: &mut World, dollars: i64) -> Sold {
    let sold = world.sell(Rail::CtbcCard, dollars);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    world.open_page(sold.payment);
    sold
}

/// A shop with this bank alone.
pub(crate) fn alone(seed: u64) -> World {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    World::of_shop(shop, START, seed, Points::default())
}

pub(crate) fn watch(world: &mut World, payment: PaymentId) {
    let now = world.clocks();
    world.engine().watch(now, payment).unwrap();
}

pub(crate) fn discrepancies(world: &mut World, payment: PaymentId) -> Vec<DiscrepancyKind> {
    world.engine().store().discrepancies_of(payment).unwrap().into_iter().map(|d| d.kind).collect()
}

fn said(world: &mut World, payment: PaymentId) -> Vec<(Query, String)> {
    let evidence = world.engine().store().evidence_of(payment).unwrap();
    evidence.into_iter().map(|e| (e.query, e.said)).collect()
}

fn form_state(world: &mut World, payment: PaymentId) -> OperationState {
    world.engine().store().operations_of(payment).unwrap()[0].state
}

#[test]
fn a_card_is_paid_posted_and_followed_until_the_bank_has_collected_it() {
    let mut world = World::new(START, 1);
    let sold = opened(&mut world, 1_680);
    assert_eq!(form_state(&mut world, sold.payment), OperationState::Pending);
    watch(&mut world, sold.payment);
    world.run_secs(10);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_secs(4);
    let payment = world.payment(sold.payment);
    assert_eq!((payment.state, payment.card), (PaymentState::Paid, Some(CardState::CaptureQueued)));
    let xid = payment.issued.unwrap().bank_ref.expect("the XID is kept");
    let captures = |world: &mut World| world.engine().store().captures_of(sold.payment).unwrap();
    let queued = captures(&mut world);
    assert!(queued.iter().all(|capture| capture.xid == xid), "{queued:?}");
    assert_eq!(payment.card_tail, CardTail::parse("3312"));
    assert_eq!(said(&mut world, sold.payment), [(Query::ByNumber, "10".to_owned())]);
    assert_eq!(form_state(&mut world, sold.payment), OperationState::Accepted);
    // after the batch, without anybody looking
    world.run_to(at("2026-11-23T22:15:00+08:00"));
    let payment = world.payment(sold.payment);
    assert_eq!((payment.state, payment.card), (PaymentState::Paid, Some(CardState::Captured)));
    assert_eq!(said(&mut world, sold.payment).len(), 2);
    let [capture] = captures(&mut world).try_into().unwrap();
    assert!(
        capture.xid == xid && !capture.batch_id.is_empty() && !capture.batch_seq.is_empty(),
        "{capture:?}"
    );
    let calls = world.calls;
    world.run_to(at("2026-11-27T09:00:00+08:00"));
    assert!(world.engine().store().payments_to_capture().unwrap().is_empty());
    assert!(calls < world.calls, "the other bank is still swept");
    assert_eq!(said(&mut world, sold.payment).len(), 2, "nothing more is asked or said");
    assert_eq!(discrepancies(&mut world, sold.payment), []);
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
}

#[test]
fn the_form_is_handed_out_once_and_not_after_its_time() {
    let mut world = World::new(START, 2);
    let sold = world.sell(Rail::CtbcCard, 100);
    assert!(world.hand_out(sold.payment).is_some());
    assert!(world.hand_out(sold.payment).is_none());
    let forms = operations(&mut world, sold.payment, OperationKind::PostForm);
    assert_eq!(forms, [(OperationState::Pending, 1)]);
    world.end();
    world.open();
    assert!(world.hand_out(sold.payment).is_none(), "a start changes nothing");
    let late = world.sell(Rail::CtbcCard, 200);
    world.run_secs(30 * 60);
    assert!(world.hand_out(late.payment).is_none());
    world.run_secs(10 * 60);
    assert_eq!(world.state(late.payment), PaymentState::Expired);
    assert_eq!(form_state(&mut world, late.payment), OperationState::Abandoned);
}

#[test]
fn a_declined_card_may_be_tried_again_until_the_page_is_over() {
    let mut world = alone(3);
    for code in ["8/05", "8/51", "8/54", "12/40"] {
        let sold = opened(&mut world, 300);
        watch(&mut world, sold.payment);
        world.card_control("decline", sold.payment, &json!({ "code": code }));
        world.run_secs(10);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{code}");
        assert_eq!(world.payment(sold.payment).card, Some(CardState::Failed));
        world.run_secs(36 * 60);
        assert_eq!(world.state(sold.payment), PaymentState::Failed, "{code}");
        assert_eq!(discrepancies(&mut world, sold.payment), []);
    }
}

#[test]
fn a_customer_who_cancels_or_never_comes_back_leaves_nothing() {
    let mut world = alone(4);
    let cancelled = opened(&mut world, 300);
    world.card_control("decline", cancelled.payment, &json!({ "code": "10/88" }));
    let now = world.clocks();
    world.engine().browser_returned(now, cancelled.payment).unwrap();
    let gone = opened(&mut world, 400);
    world.run_secs(25 * 60);
    for sold in [cancelled, gone] {
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    }
    world.run_secs(11 * 60);
    for sold in [cancelled, gone] {
        assert_eq!(world.state(sold.payment), PaymentState::Expired);
        assert_eq!(form_state(&mut world, sold.payment), OperationState::DidNotHappen);
        assert_eq!(said(&mut world, sold.payment), [(Query::ByNumber, "QueryCode 0".to_owned())]);
    }
    let now = world.clocks();
    assert_eq!(
        world.engine().cancel(now, gone.payment, Actor::Owner).unwrap(),
        CancelStarted::Nothing(PaymentState::Expired)
    );
    // after 14 days without an approval, polling stops
    world.run_to(at("2026-12-20T09:00:00+08:00"));
    assert_eq!(discrepancies(&mut world, gone.payment), []);
}

/// A return is never believed: it makes us ask, once more or ten times.
#[test]
fn a_return_brought_twice_or_forged_changes_nothing() {
    let mut world = World::new(START, 6);
    let sold = opened(&mut world, 300);
    for _ in 0..10 {
        let now = world.clocks();
        world.engine().browser_returned(now, sold.payment).unwrap();
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    }
    world.card_control("pay", sold.payment, &json!({}));
    for _ in 0..3 {
        let now = world.clocks();
        world.engine().browser_returned(now, sold.payment).unwrap();
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Paid);
    }
    assert_eq!(said(&mut world, sold.payment).len(), 1);
}

#[test]
fn money_after_the_pages_life_is_late() {
    let mut world = World::new(START, 7);
    let sold = world.sell(Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    // ten minutes after its end a page may still bring money in time
    world.run_secs(41 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Expired);
    // the browser stood still on our page for so long
    assert_eq!(world.post_form(&form), 200);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_to(at("2026-11-24T10:00:00+08:00"));
    let payment = world.payment(sold.payment);
    assert_eq!((payment.state, payment.card), (PaymentState::PaidLate, Some(CardState::Captured)));
    assert!(payment.late);
}

/// The bank's own minute decides, not the state that we happened to have.
#[test]
fn money_within_the_grace_of_an_expired_page_is_in_time() {
    let mut world = World::new(START, 7);
    let sold = world.sell(Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    world.run_secs(36 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Expired);
    assert_eq!(world.post_form(&form), 200);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_to(at("2026-11-24T10:00:00+08:00"));
    assert_eq!((world.state(sold.payment), world.payment(sold.payment).late), (PaymentState::Paid, false));
}

/// The customer posts the form twice, and the bank takes the used number.
#[test]
fn charged_twice_is_a_discrepancy() {
    let mut world = World::new(START, 8);
    let sold = world.sell(Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    for _ in 0..2 {
        assert_eq!(world.post_form(&form), 200);
        world.card_control("pay", sold.payment, &json!({}));
    }
    watch(&mut world, sold.payment);
    world.run_secs(4);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::ChargedTwice]);
    world.run_to(at("2026-11-24T10:00:00+08:00"));
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::ChargedTwice], "said once");
}

/// Once a transaction is known, another one that holds money under its number is another charge.
/// The known one is followed by its name.
#[test]
fn another_transaction_under_the_same_number_is_said_and_moves_nothing() {
    let mut world = World::new(START, 19);
    let sold = world.sell(Rail::CtbcCard, 300);
    let form = world.hand_out(sold.payment).unwrap();
    assert_eq!(world.post_form(&form), 200);
    world.card_control("pay", sold.payment, &json!({}));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let before = world.payment(sold.payment);
    assert_eq!((before.state, before.card), (PaymentState::Paid, Some(CardState::CaptureQueued)));
    assert_eq!(world.post_form(&form), 200);
    world.card_control("pay", sold.payment, &json!({}));
    world.run_to(at("2026-11-23T22:15:00+08:00"));
    let after = world.payment(sold.payment);
    assert_eq!((after.state, &after.issued), (before.state, &before.issued));
    assert_eq!(after.card, Some(CardState::Captured), "its own is followed");
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::ChargedTwice]);
}

/// No window is swept at this bank: whoever opens the program the next morning, or after a long
/// holiday, learns what was paid.
#[test]
fn what_was_paid_while_the_program_was_closed_is_asked_about_at_once() {
    for opened_again in ["2026-11-24T09:00:00+08:00", "2026-12-20T09:00:00+08:00"] {
        let mut world = World::new("2026-11-23T19:50:00+08:00", 20);
        let sold = opened(&mut world, 900);
        world.card_control("pay", sold.payment, &json!({}));
        world.end();
        world.sleep_to(at(opened_again));
        world.open();
        world.run_secs(10);
        let payment = world.payment(sold.payment);
        assert_eq!((payment.state, payment.card), (PaymentState::Paid, Some(CardState::Captured)));
    }
}

/// The calendar only says when a batch should be over; what the bank shows counts.
#[test]
fn a_batch_that_ends_late_is_followed_until_it_has_collected() {
    let mut world = World::new(START, 22);
    let sold = opened(&mut world, 900);
    world.card_control("pay", sold.payment, &json!({}));
    world.control("batch", &json!({ "bank": "ctbc", "shop": "10000", "end_late_minutes": 300 }));
    world.run_to(at("2026-11-23T22:15:00+08:00"));
    assert_eq!(world.payment(sold.payment).card, Some(CardState::CaptureLocked), "still at it");
    world.run_to(at("2026-11-24T10:00:00+08:00"));
    assert_eq!(world.payment(sold.payment).card, Some(CardState::Captured));
    assert_eq!(discrepancies(&mut world, sold.payment), []);
}

/// A shop with a network that is no longer registered (9/nz): the bank refuses every inquiry, so no
/// money would be seen.
#[test]
fn a_bank_that_refuses_to_be_asked_is_said_until_it_answers() {
    let mut world = World::new(START, 21);
    let sold = opened(&mut world, 900);
    let allow = |world: &World, ips: &serde_json::Value| {
        world.control("shops", &json!({ "bank": "ctbc", "shop": "10000", "allow_ips": ips }));
    };
    allow(&world, &json!(["192.0.2.1"]));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let refused = world.engine().health().of(Bank::Ctbc).refused.clone().unwrap();
    assert_eq!(refused.code, "9/nz");
    assert_eq!(world.engine().health().of(Bank::Ctbc).silence, None);
    let asked = world.calls;
    world.run_secs(50);
    assert_eq!(world.calls - asked, 0, "one question finds out when it is over");
    allow(&world, &serde_json::Value::Null);
    world.run_secs(10);
    assert_eq!(*world.engine().health(), counterfoil_engine::Health::default());
}

#[test]
fn a_capture_that_failed_and_a_refund_of_somebody_else_are_discrepancies() {
    let rows = [
        ("13", DiscrepancyKind::CaptureFailed),
        ("20", DiscrepancyKind::RefundedOutside),
        ("21", DiscrepancyKind::RefundedOutside),
        ("22", DiscrepancyKind::RefundedOutside),
        ("23", DiscrepancyKind::RefundedOutside),
    ];
    for (state, discrepancy) in rows {
        let mut world = World::new(START, 9);
        let sold = opened(&mut world, 300);
        world.card_control("pay", sold.payment, &json!({}));
        world.card_control("plant", sold.payment, &json!({ "state": state }));
        watch(&mut world, sold.payment);
        world.run_secs(4);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{state}");
        assert_eq!(discrepancies(&mut world, sold.payment), [discrepancy], "{state}");
    }
}

#[test]
fn an_authorization_is_not_money_and_one_that_was_taken_back_is_released() {
    let mut world = World::new(START, 10);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    world.card_control("plant", sold.payment, &json!({ "state": "1" }));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    assert_eq!(world.state(sold.payment), PaymentState::Authorized);
    world.card_control("plant", sold.payment, &json!({ "state": "0" }));
    world.run_secs(4);
    assert_eq!(world.state(sold.payment), PaymentState::Released);
}

#[test]
fn another_amount_at_the_bank_moves_nothing() {
    let mut world = World::new(START, 11);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    world.card_control("plant", sold.payment, &json!({ "amount": 301 }));
    watch(&mut world, sold.payment);
    world.run_secs(10);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert!(discrepancies(&mut world, sold.payment).contains(&DiscrepancyKind::AmountDiffers));
}

#[test]
fn a_silent_bank_holds_up_nobody_else_and_is_said() {
    let mut world = World::new(START, 12);
    let card = opened(&mut world, 300);
    world.card_control("pay", card.payment, &json!({}));
    watch(&mut world, card.payment);
    world.control("fault", &json!({ "kind": "drop-before", "bank": "ctbc", "match": "*", "count": 500 }));
    let account = world.sell(Rail::SinopacAccount, 500);
    world.run_secs(5);
    assert_eq!(world.state(account.payment), PaymentState::Awaiting);
    assert_eq!(world.state(card.payment), PaymentState::Awaiting);
    let health = world.engine().health().clone();
    assert!(
        health.of(Bank::Ctbc).silence.is_some() && health.of(Bank::Sinopac).silence.is_none(),
        "{health:?}"
    );
    world.control("faults", &json!({ "clear": true }));
    world.run_secs(30);
    assert_eq!(world.state(card.payment), PaymentState::Paid);
    assert_eq!(world.engine().health().of(Bank::Ctbc).silence, None);
}

/// A shop may have this bank alone: nothing is swept, nothing is missing.
#[test]
fn a_shop_with_this_bank_alone() {
    let mut world = alone(13);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    let now = world.clocks();
    assert!(world.engine().limit(Rail::SinopacAccount).is_none());
    world.engine().browser_returned(now, sold.payment).unwrap();
    world.run_secs(2);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    world.run_to(at("2026-11-23T12:00:00+08:00"));
    let now = world.clocks();
    assert!(world.engine().is_quiet(now).unwrap());
}

#[test]
fn the_customer_has_thirty_minutes_from_when_the_page_was_opened() {
    let mut world = World::new(START, 14);
    let sold = world.sell(Rail::CtbcCard, 300);
    world.run_secs(20 * 60);
    world.open_page(sold.payment);
    world.run_secs(20 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    world.card_control("pay", sold.payment, &json!({}));
    // 35 minutes after the form, whoever looks
    world.run_secs(16 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
}

/// A row that shows less than the bank has confirmed, or what no list holds, is listed and is no
/// step of the card.
#[test]
fn a_card_that_went_back_or_is_nowhere_listed_keeps_its_state() {
    let mut world = alone(30);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    assert_eq!(world.payment(sold.payment).card, Some(CardState::CaptureQueued));
    world.run_secs(11 * 60);
    world.card_control("plant", sold.payment, &json!({ "state": "1" }));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let payment = world.payment(sold.payment);
    assert_eq!((payment.state, payment.card), (PaymentState::Paid, Some(CardState::CaptureQueued)));
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::WentBack]);

    let unknown = opened(&mut world, 400);
    world.card_control("pay", unknown.payment, &json!({}));
    world.tamper = Some(Box::new(|_, reply| {
        if let Said::Rows(rows) = &mut reply.said {
            for row in rows {
                row.seen = Seen::of_ctbc(CardState::Unlisted);
                row.said = "77".into();
            }
        }
    }));
    watch(&mut world, unknown.payment);
    world.run_secs(4);
    let payment = world.payment(unknown.payment);
    assert_eq!((payment.state, payment.card), (PaymentState::Awaiting, None));
    assert_eq!(discrepancies(&mut world, unknown.payment), [DiscrepancyKind::UnlistedState]);
}

/// The bank shows one transaction, but not the one that was paid: said, though nothing else about
/// the row is odd.
#[test]
fn one_transaction_that_is_not_ours_is_a_second_charge() {
    let mut world = alone(31);
    let sold = opened(&mut world, 300);
    world.card_control("pay", sold.payment, &json!({}));
    watch(&mut world, sold.payment);
    world.run_secs(4);
    let before = world.payment(sold.payment);
    world.tamper = Some(Box::new(|_, reply| {
        if let Said::Rows(rows) = &mut reply.said {
            for row in rows {
                row.issued.as_mut().unwrap().bank_ref = Some("ANOTHER".into());
            }
        }
    }));
    world.run_to(at("2026-11-23T22:15:00+08:00"));
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::ChargedTwice]);
    let after = world.payment(sold.payment);
    assert_eq!((after.state, after.card, &after.issued), (before.state, before.card, &before.issued));
}
