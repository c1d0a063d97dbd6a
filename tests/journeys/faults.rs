//! Faults F1-F10 and what follows from them, one named test each (`docs/faults.md`). F15, F24, F26,
//! F28 and F29 are tested beside their rules: `process.rs`, the bank crate's door and opener tests,
//! and the amounts of the domain.

use counterfoil_commands::payment_view;
use counterfoil_domain::{Actor, Bank, DiscrepancyKind, OperationState, PaymentId, PaymentState, Rail};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{Notice, SaleRefused};
use counterfoil_tests::world::World;
use serde_json::json;

const START: &str = "2026-11-23T09:00:00+08:00";

fn fault(world: &World, kind: &str, service: &str, count: u32, acts: bool) {
    world.control("fault", &json!({ "kind": kind, "match": service, "count": count, "acts": acts }));
}

/// Creates that the bank acted upon, and all that arrived.
fn creates(world: &World) -> (usize, usize) {
    let bank = world.bank.lock().unwrap();
    let creates: Vec<_> = bank.calls().filter(|c| c.service == "OrderCreate").collect();
    (creates.iter().filter(|c| c.acted).count(), creates.len())
}

fn discrepancies(world: &mut World, payment: PaymentId) -> Vec<DiscrepancyKind> {
    world.engine().store().discrepancies_of(payment).unwrap().iter().map(|d| d.kind).collect()
}

fn create_state(world: &mut World, payment: PaymentId) -> (OperationState, u32) {
    let op = world.engine().store().operations_of(payment).unwrap().remove(0);
    (op.state, op.attempts)
}

/// Whether a screen may offer a new number for the order of this payment.
fn reissue(world: &mut World, payment: PaymentId) -> bool {
    let now = world.clocks();
    payment_view(world.engine().store(), payment, now.wall, None).unwrap().reissue
}

#[test]
fn f1_the_bank_acted_and_the_answer_was_lost() {
    for kind in ["drop-after", "html-500", "html-200", "truncated", "cut", "unlisted-code"] {
        let mut world = World::new(START, 10);
        fault(&world, kind, "OrderCreate", 1, true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(world.state(sold.payment), PaymentState::Issuing, "{kind}");
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1), "{kind}");
        world.run_secs(5);
        assert_eq!(
            world.state(sold.payment),
            PaymentState::Awaiting,
            "{kind}: found by a reading, and shown"
        );
        let payment = world.payment(sold.payment);
        assert!(payment.shown && payment.issued.unwrap().account.is_some(), "{kind}");
        assert_eq!(creates(&world), (1, 1), "{kind}: sent once");
    }
}

#[test]
fn f2_the_bank_never_got_it() {
    let mut world = World::new(START, 11);
    fault(&world, "drop-before", "OrderCreate", 1, false);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(600);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1));
    assert_eq!(world.state(sold.payment), PaymentState::Issuing, "one reading proves nothing");
    world.run_secs(900);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::DidNotHappen, 1));
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    assert_eq!(creates(&world), (0, 1), "never sent again by itself");
    let again = world.try_sell(sold.order, true, Rail::SinopacAccount, 100).unwrap();
    world.run_secs(3);
    assert_eq!(world.state(again.payment), PaymentState::Awaiting);
    assert_eq!(creates(&world), (1, 2));
}

#[test]
fn e0304_is_asked_about_and_never_sent_again() {
    let mut world = World::new(START, 30);
    fault(&world, "code:E0304", "OrderCreate", 1, false);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1));
    let now = world.clocks();
    let view = payment_view(world.engine().store(), sold.payment, now.wall, None).unwrap();
    assert!(view.reissue, "a new number may be issued at once");
    assert_eq!(view.why.unwrap().code, "E0304");
    world.run_secs(1_200);
    assert_eq!(world.state(sold.payment), PaymentState::Issuing, "one reading proves nothing");
    world.run_secs(100);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::DidNotHappen, 1));
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    assert_eq!(creates(&world), (0, 1));
}

#[test]
fn f3_an_answer_after_the_deadline_is_a_lost_one() {
    let mut world = World::new(START, 12);
    world.control("fault", &json!({ "kind": "delay", "seconds": 31, "match": "OrderCreate", "count": 1 }));
    let sold = world.sell(Rail::SinopacCard, 100);
    world.run_secs(3);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1));
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert_eq!(creates(&world), (1, 1));
}

#[test]
fn f4_no_connection_is_tried_three_times_and_then_given_up() {
    let mut world = World::new(START, 13);
    world.line.cut(true);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(25);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::Abandoned, 3));
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    let evidence = world.engine().store().evidence_of(sold.payment).unwrap();
    assert_eq!(evidence, vec![], "the bank has said nothing");
    world.line.cut(false);
    world.run_secs(3_600);
    assert_eq!(creates(&world), (0, 0), "never later by itself: the clerk has moved on");

    let mut world = World::new(START, 14);
    world.line.cut(true);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(1);
    world.line.cut(false);
    world.run_secs(10);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert_eq!(creates(&world), (1, 1));
}

#[test]
fn f4_a_failed_nonce_means_that_nothing_left() {
    for kind in ["drop-before", "html-503", "html-200", "drop-after"] {
        let mut world = World::new(START, 15);
        // the bank has named its time: the nonce is the sale's own
        world.run_secs(5);
        fault(&world, kind, "Nonce", 1, true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(15);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{kind}");
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Accepted, 2), "{kind}");
        assert_eq!(creates(&world), (1, 1), "{kind}");
    }
}

#[test]
fn a_sale_that_waits_for_its_next_attempt_says_so() {
    for code in ["connect", "E3001"] {
        let mut world = World::new(START, 28);
        world.line.cut(code == "connect");
        if code != "connect" {
            fault(&world, &format!("code:{code}"), "OrderCreate", 1, false);
        }
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(1);
        let told = |notices: &[Notice]| notices.contains(&Notice::Retrying(sold.payment));
        assert!(told(&world.engine().take_notices()), "{code}");
        let now = world.clocks();
        let view = payment_view(world.engine().store(), sold.payment, now.wall, None).unwrap();
        assert_eq!(view.state, PaymentState::Issuing, "{code}");
        let why = view.why.unwrap();
        assert_eq!(why.code, code);
        assert!(why.step_zh.contains("正在重試") && why.step_en.contains("trying again"), "{code}");
        // it may still be issued by itself: another one would make two
        assert!(!view.reissue, "{code}");
        let refused = world.refused(sold.order, true, Rail::SinopacAccount, 100);
        assert_eq!(refused, SaleRefused::StillOpen, "{code}");
        world.line.cut(false);
        world.run_secs(15);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{code}");
        assert!(!told(&world.engine().take_notices()), "{code}: told once");
        let now = world.clocks();
        assert_eq!(payment_view(world.engine().store(), sold.payment, now.wall, None).unwrap().why, None);
    }
}

#[test]
fn a_refused_nonce_is_not_now_and_goes_again() {
    for code in ["E3001", "E3002", "E3003"] {
        let mut world = World::new(START, 16);
        fault(&world, &format!("code:{code}"), "OrderCreate", 1, false);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(15);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{code}");
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Accepted, 2), "{code}");
    }
}

#[test]
fn f5_a_web_page_is_never_a_refusal() {
    for kind in ["html-500", "html-502", "html-503", "html-200"] {
        let mut world = World::new(START, 17);
        fault(&world, kind, "OrderCreate", 1, false);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(3);
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1), "{kind}");
    }
}

#[test]
fn f6_an_answer_that_cannot_be_read_is_unknown() {
    for kind in ["truncated", "wrong-charset", "bom", "duplicate-keys", "duplicate-keys-inside", "big-body"] {
        let mut world = World::new(START, 18);
        fault(&world, kind, "OrderCreate", 1, true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(3);
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1), "{kind}");
        world.run_secs(5);
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{kind}");
    }
}

#[test]
fn f7_a_forged_or_replayed_answer_changes_nothing() {
    for kind in ["wrong-sign", "wrong-nonce", "replay"] {
        let mut world = World::new(START, 19);
        let other = world.sell(Rail::SinopacAccount, 70);
        world.run_secs(3);
        let before = world.payment(other.payment);
        fault(&world, kind, "OrderCreate", 1, true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1), "{kind}");
        assert!(world.payment(sold.payment).issued.is_none(), "{kind}");
        assert_eq!(world.payment(other.payment), before, "{kind}: the other order is untouched");
        // and a question answered so says nothing about the payment
        world.pay(sold.payment);
        world.run_secs(8);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{kind}");
        assert_eq!(creates(&world), (2, 2), "{kind}");
    }
}

#[test]
fn f9_an_unequal_echo_needs_a_person() {
    for kind in ["unequal-amount", "unequal-order", "unequal-shop"] {
        let mut world = World::new(START, 20);
        fault(&world, kind, "OrderCreate", 1, true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2);
        assert_eq!(create_state(&mut world, sold.payment), (OperationState::Unknown, 1), "{kind}");
        assert!(world.payment(sold.payment).issued.is_none(), "{kind}: nothing of it is believed");
        assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::EchoDiffers], "{kind}");
    }
}

#[test]
fn a_reference_of_the_bank_that_another_payment_has_is_not_believed() {
    let mut world = World::new(START, 27);
    let first = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    // the bank forgets everything and counts from one again
    world.control("reset", &json!({}));
    let second = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(30);
    assert_eq!(create_state(&mut world, second.payment), (OperationState::Unknown, 1));
    assert_eq!(world.state(second.payment), PaymentState::Issuing);
    assert!(discrepancies(&mut world, second.payment).contains(&DiscrepancyKind::EchoDiffers));
    assert_eq!(world.state(first.payment), PaymentState::Awaiting);
}

#[test]
fn f9_a_bank_whose_books_disagree_is_found_out() {
    let mut world = World::new(START, 21);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    let order = world.payment(sold.payment).bank_order_no.to_string();
    world.control("plant", &json!({ "order": order, "amount": 101 }));
    world.pay(sold.payment);
    world.run_secs(3_600);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "not paid: the bank says another amount");
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::AmountDiffers], "listed once");
}

#[test]
fn f10_an_unlisted_state_is_shown_raw_and_not_guessed() {
    let mut world = World::new(START, 22);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    let order = world.payment(sold.payment).bank_order_no.to_string();
    world.control("plant", &json!({ "order": order, "state": "1A777" }));
    world.run_secs(120);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    let discrepancies = world.engine().store().discrepancies_of(sold.payment).unwrap();
    assert_eq!(
        (discrepancies.len(), discrepancies[0].kind, discrepancies[0].detail.as_str()),
        (1, DiscrepancyKind::UnlistedState, "1A777")
    );
}

#[test]
fn paid_before_it_was_made_is_a_discrepancy() {
    let mut world = World::new(START, 23);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    let order = world.payment(sold.payment).bank_order_no.to_string();
    world.control(
        "plant",
        &json!({ "order": order, "state": "1A400", "paid_at": "2026-11-23T08:59:00+08:00" }),
    );
    world.run_secs(120);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::PaidBeforeCreated]);
}

#[test]
fn the_lost_account_that_turns_up_after_a_new_one_is_cancelled_and_never_shown() {
    let mut world = World::new(START, 24);
    fault(&world, "drop-after", "OrderCreate", 1, true);
    let lost = world.sell(Rail::SinopacAccount, 100);
    // on its way: what it comes to is waited for
    let refused = world.refused(lost.order, true, Rail::SinopacAccount, 100);
    assert_eq!((reissue(&mut world, lost.payment), refused), (false, SaleRefused::StillOpen));
    world.run_secs(2);
    assert!(reissue(&mut world, lost.payment), "nobody was shown it");
    let again = world.try_sell(lost.order, true, Rail::SinopacAccount, 100).unwrap();
    world.run_secs(30);
    assert!(!reissue(&mut world, again.payment), "this one is handed out");
    assert_eq!(world.state(again.payment), PaymentState::Awaiting);
    assert_eq!(world.state(lost.payment), PaymentState::Cancelled);
    assert!(!world.payment(lost.payment).shown);
    // the customer pays both all the same: the engine sees both and proposes to refund the second
    world.pay(again.payment);
    world.run_secs(600);
    world.pay(lost.payment);
    world.run_secs(1_200);
    assert_eq!(world.state(again.payment), PaymentState::Paid);
    assert_eq!(world.state(lost.payment), PaymentState::PaidLate);
    let expected = [DiscrepancyKind::PaidTwice, DiscrepancyKind::PaidLate];
    let discrepancies = discrepancies(&mut world, lost.payment);
    assert!(
        discrepancies.len() == 2 && expected.iter().all(|kind| discrepancies.contains(kind)),
        "{discrepancies:?}"
    );
}

#[test]
fn the_lost_link_runs_out_unseen_and_the_order_may_go_on_meanwhile() {
    let mut world = World::new(START, 29);
    fault(&world, "drop-after", "OrderCreate", 1, true);
    let lost = world.sell(Rail::SinopacCard, 100);
    world.run_secs(2);
    fault(&world, "code:E0101", "OrderCreate", 1, false);
    let refused = world.try_sell(lost.order, true, Rail::SinopacCard, 100).unwrap();
    world.run_secs(60);
    assert_eq!(world.state(refused.payment), PaymentState::NotIssued);
    assert_eq!(world.state(lost.payment), PaymentState::Awaiting);
    assert!(!world.payment(lost.payment).shown);
    let third = world.try_sell(lost.order, true, Rail::SinopacAccount, 100).unwrap();
    world.run_secs(5);
    world.pay(third.payment);
    world.run_secs(1_200);
    assert_eq!(world.state(third.payment), PaymentState::Paid);
    assert_eq!(world.state(lost.payment), PaymentState::Expired);
}

#[test]
fn a_cancellation_without_an_answer_is_read_out() {
    let mut world = World::new(START, 25);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    fault(&world, "drop-after", "OrderMaintain", 1, true);
    let now = world.clocks();
    world.engine().cancel(now, sold.payment, Actor::Owner).unwrap();
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    world.run_secs(70);
    assert_eq!(world.state(sold.payment), PaymentState::Cancelled);
    let sent = world.bank.lock().unwrap().calls().filter(|c| c.service == "OrderMaintain").count();
    assert_eq!(sent, 1);
}

#[test]
fn f17_a_clock_that_is_wrong_by_a_day_hides_no_minute() {
    for skew_ms in [86_400_000, -86_400_000] {
        let mut world = World::new(START, 26);
        world.run_secs(60);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(5);
        // the computer's clock jumps; the bank's does not
        world.now = world.now.plus_ms(skew_ms);
        world.skew_ms = skew_ms;
        world.pay(sold.payment);
        world.run_secs(3_600);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{skew_ms}");
        let now = world.clocks();
        let bank_now = world.engine().bank_time(now);
        let covered =
            world.engine().store().coverage(Bank::Sinopac, 0, bank_now.minute().plus(-120)).unwrap();
        let ahead = covered.iter().any(|c| c.span.to > bank_now.minute().plus(-10));
        assert!(!ahead, "{skew_ms}: nothing is covered beyond the bank's own clock");
    }
}

#[test]
fn what_stays_unclear_after_all_readings_needs_a_person() {
    let mut world = World::new(START, 28);
    fault(&world, "drop-after", "OrderCreate", 1, true);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(2);
    // the bank has it with another amount: no reading can be believed
    let order = world.payment(sold.payment).bank_order_no.to_string();
    world.control("plant", &json!({ "order": order, "amount": 101 }));
    world.run_secs(5 * 86_400);
    assert_eq!(create_state(&mut world, sold.payment), (OperationState::NeedsPerson, 1));
    assert_eq!(world.state(sold.payment), PaymentState::Issuing, "nothing is claimed about it");
    let discrepancies = discrepancies(&mut world, sold.payment);
    assert_eq!(discrepancies, [DiscrepancyKind::AmountDiffers, DiscrepancyKind::StaysUnknown]);
    assert_eq!(creates(&world), (1, 1));
}

#[test]
fn an_order_that_vanished_from_the_bank_is_a_discrepancy() {
    let mut world = World::new(START, 29);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    world.control("reset", &json!({}));
    world.run_secs(1_200);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert_eq!(discrepancies(&mut world, sold.payment), [DiscrepancyKind::WentBack]);
}
