//! A card page at CTBC that was left: told at once, and replaced only when the bank, asked after
//! that, knows of no card or of one that failed.

use counterfoil_commands::payment_view;
use counterfoil_domain::{Actor, DiscrepancyKind, PaymentId, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{CancelStarted, SaleRefused};
use counterfoil_tests::world::{World, at};
use serde_json::{Value, json};

use crate::cancels::next_call;
use crate::ctbc::{alone, discrepancies, opened, watch};

/// The browser comes back with what the bank has signed.
fn comes_back(world: &mut World, id: PaymentId, code: &str, ends: bool) {
    let now = world.clocks();
    world.engine().browser_returned(now, id).unwrap();
    world.engine().page_came_back(now, id, code.to_owned(), ends).unwrap();
}

fn view(world: &mut World, id: PaymentId) -> Value {
    let now = world.clocks();
    let at = world.engine().bank_time(now);
    json!(payment_view(world.engine().store(), id, at, None).unwrap())
}

#[test]
fn a_declined_card_is_told_with_the_bank_s_reason_and_may_be_replaced() {
    let mut world = alone(90);
    let sold = opened(&mut world, 300);
    let first = sold.payment;
    watch(&mut world, first);
    world.run_secs(4);
    assert_eq!(world.refused(sold.order, true, Rail::CtbcCard, 300), SaleRefused::StillOpen);
    world.card_control("decline", first, &json!({ "code": "8/05" }));
    comes_back(&mut world, first, "8/05", true);
    let told = view(&mut world, first);
    assert_eq!((&told["left"]["code"], &told["left"]["read"]), (&json!("8/05"), &json!(false)));
    assert_eq!((&told["why"]["code"], &told["reissue"]), (&json!("8/05"), &json!(false)), "not read yet");
    world.run_secs(2);
    let told = view(&mut world, first);
    assert_eq!(
        (&told["state"], &told["left"]["read"], &told["reissue"]),
        (&json!("awaiting"), &json!(true), &json!(true))
    );
    let second = world.try_sell(sold.order, true, Rail::CtbcCard, 300).unwrap().payment;
    assert_eq!(view(&mut world, second)["note"], json!("old-page-open"));
    world.open_page(second);
    watch(&mut world, second);
    world.card_control("pay", second, &json!({}));
    world.run_secs(4);
    assert_eq!(world.state(second), PaymentState::Paid);
    // the old page was open all the time: its money is seen at the pace of the new one
    world.card_control("plant", first, &json!({ "state": "10" }));
    world.run_secs(12);
    assert_eq!(world.state(first), PaymentState::Paid);
    assert_eq!(discrepancies(&mut world, first), [DiscrepancyKind::PaidTwice]);
}

/// Each way of coming back, and whether it lets the page be replaced.
#[test]
fn only_a_clear_end_lets_a_page_be_replaced() {
    for (code, ends, planted, reissue) in [
        ("10/88", true, None, true),
        ("10/E0", true, None, true),
        ("8/68", false, None, false),
        ("0/00", false, None, false),
        // the bank shows an approval: it is not collected yet, and not gone
        ("8/05", true, Some("1"), false),
    ] {
        let mut world = alone(91);
        let id = opened(&mut world, 300).payment;
        watch(&mut world, id);
        world.run_secs(4);
        if let Some(state) = planted {
            world.card_control("pay", id, &json!({}));
            world.card_control("plant", id, &json!({ "state": state }));
        }
        comes_back(&mut world, id, code, ends);
        world.run_secs(4);
        let told = view(&mut world, id);
        assert_eq!(told["reissue"], json!(reissue), "{code} {planted:?}: {told}");
    }
}

/// What came back last counts: a customer who went on to another card has left no page.
#[test]
fn the_newest_return_counts() {
    let mut world = alone(92);
    let id = opened(&mut world, 300).payment;
    watch(&mut world, id);
    comes_back(&mut world, id, "8/05", true);
    world.run_secs(4);
    assert_eq!(view(&mut world, id)["reissue"], json!(true));
    comes_back(&mut world, id, "10/7", false);
    world.run_secs(4);
    let told = view(&mut world, id);
    assert_eq!((&told["left"]["code"], &told["reissue"]), (&json!("10/7"), &json!(false)));
}

/// A person says that the page is closed. Their name is in the journal, and the bank is asked.
#[test]
fn a_person_s_word_that_the_page_is_closed_lets_it_be_replaced() {
    let mut world = alone(93);
    let sold = world.sell(Rail::CtbcCard, 300);
    let id = sold.payment;
    let now = world.clocks();
    let unopened = world.engine().cancel(now, id, Actor::Owner).unwrap();
    assert_eq!(unopened, CancelStarted::RunsOut(world.payment(id).expires_at), "no one has seen it");
    world.open_page(id);
    world.line.cut(true);
    let now = world.clocks();
    assert_eq!(world.engine().cancel(now, id, Actor::Owner).unwrap(), CancelStarted::PageClosed);
    world.run_secs(4);
    assert_eq!(view(&mut world, id)["reissue"], json!(false), "the bank has not answered");
    world.line.cut(false);
    watch(&mut world, id);
    world.run_secs(4);
    let told = view(&mut world, id);
    assert_eq!((&told["left"]["who"], &told["reissue"]), (&json!("owner"), &json!(true)));
    let acts = world.engine().store().acts_of(&id.to_string()).unwrap();
    assert!(acts.iter().any(|act| act.what == "page-closed" && act.who == "owner"), "{acts:?}");
}

/// The program ends right after the return was written down: the next run asks, and knows.
#[test]
fn a_return_is_known_after_a_start() {
    let mut world = alone(94);
    let id = opened(&mut world, 300).payment;
    comes_back(&mut world, id, "10/88", true);
    world.end();
    world.open();
    let told = view(&mut world, id);
    assert_eq!((&told["left"]["code"], &told["reissue"]), (&json!("10/88"), &json!(false)));
    world.run_secs(240);
    assert_eq!(view(&mut world, id)["reissue"], json!(true));
    world.run_to(at("2026-12-20T09:00:00+08:00"));
    assert_eq!(view(&mut world, id).get("left"), None, "its life is over");
}

/// The answer to a question that left before the page was knows nothing of what came after.
#[test]
fn an_answer_to_an_older_question_lets_no_page_be_replaced() {
    let mut world = alone(95);
    let id = opened(&mut world, 300).payment;
    watch(&mut world, id);
    let older = next_call(&mut world);
    let reply = world.call(older.bank, older.request.clone());
    world.sleep_to(world.now.plus_ms(500));
    comes_back(&mut world, id, "8/05", true);
    let now = world.clocks();
    world.engine().answered(now, older.ticket, &reply).unwrap();
    assert_eq!(view(&mut world, id)["left"]["read"], json!(false));
    world.run_secs(6);
    assert_eq!(view(&mut world, id)["left"]["read"], json!(true));
}
