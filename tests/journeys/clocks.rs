//! A computer with a wrong clock (money rules 6): bank time is the bank's, and no payment waits for
//! the clock.

use counterfoil_domain::{Actor, Bank, OperationKind, OperationState, OrderId, PaymentState, Rail};
use counterfoil_engine::Step;
use counterfoil_engine::ports::Store;
use counterfoil_tests::crash::Points;
use counterfoil_tests::world::{World, shop_json};
use serde_json::json;

use crate::ctbc::opened;
use crate::seen::{all_discrepancies, calls, gaps, jump, number, operations, secs_until};

const START: &str = "2026-11-23T09:00:00+08:00";
const HOUR_MS: i64 = 3_600_000;

/// Twenty cards were paid after the shop had closed; it opens fourteen hours later.
fn paid_at_night(off_ms: i64, both: bool, saves_settings: bool) {
    let case = format!("{off_ms} ms off, both banks {both}, settings saved {saves_settings}");
    let mut shop = shop_json();
    if !both {
        shop.as_object_mut().unwrap().remove("sinopac");
    }
    let mut world = World::of_shop(shop, START, 41, Points::default());
    let mut sold = Vec::new();
    for n in 0..20 {
        sold.push(opened(&mut world, 100 + n).payment);
        world.run_secs(2);
    }
    for payment in &sold {
        world.card_control("pay", *payment, &json!({}));
    }
    world.end();
    world.sleep_to(world.now.plus_mins(14 * 60));
    jump(&mut world, off_ms);
    world.open();
    world.run_secs(3);
    if saves_settings {
        let now = world.clocks();
        let mut shop = world.engine().shop().clone();
        shop.payee_name = "另一個".into();
        world.engine().change_settings(now, shop, Actor::Owner).unwrap();
    }
    world.run_secs(117);
    let seen = sold.iter().filter(|payment| world.state(**payment) == PaymentState::Paid).count();
    assert_eq!(seen, 20, "{case}");
    assert_eq!(all_discrepancies(&mut world), [], "{case}");
}

#[test]
fn cards_paid_at_night_are_seen_within_two_minutes_of_the_morning_whatever_the_clock_says() {
    for off_ms in [0, 61_000, -61_000] {
        for both in [false, true] {
            for saves_settings in [false, true] {
                paid_at_night(off_ms, both, saves_settings);
            }
        }
    }
}

/// Ahead for good, or put right a minute later: while the program runs, or from its start.
#[test]
fn a_clock_that_is_ahead_stops_no_sweep() {
    for hours in [1, 8, 24] {
        for restart in [false, true] {
            for put_right in [false, true] {
                let case = format!("{hours} h, start {restart}, put right {put_right}");
                let mut world = World::new(START, 42);
                let sold = world.sell(Rail::SinopacAccount, 100);
                world.run_secs(2 * 3_600);
                if restart {
                    world.end();
                }
                jump(&mut world, hours * HOUR_MS);
                if restart {
                    world.open();
                }
                world.run_secs(60);
                if put_right {
                    jump(&mut world, -hours * HOUR_MS);
                }
                world.pay(sold.payment);
                let secs = secs_until(&mut world, sold.payment, PaymentState::Paid, 360);
                assert!(secs < 360, "{case}");
                world.run_secs(3_600);
                assert_eq!(gaps(&mut world), [], "{case}");
                assert_eq!(all_discrepancies(&mut world), [], "{case}");
            }
        }
    }
}

/// One step with a wrong clock, right again before the answer.
#[test]
fn a_clock_that_is_ahead_for_one_step_stops_no_sweep() {
    for hours in [1, 8, 24] {
        let mut world = World::new(START, 43);
        let sold = world.sell(Rail::SinopacAccount, 100);
        world.run_secs(2 * 3_600);
        world.end();
        jump(&mut world, hours * HOUR_MS);
        world.open();
        let now = world.clocks();
        let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("a start asks") };
        jump(&mut world, -hours * HOUR_MS);
        let reply = world.call(call.bank, call.request.clone());
        world.sleep_to(world.now.plus_ms(120));
        let now = world.clocks();
        world.engine().answered(now, call.ticket, &reply).unwrap();
        // what was asked before is not the pace of this world
        world.sleep_to(world.now.plus_ms(1_000));
        world.pay(sold.payment);
        secs_until(&mut world, sold.payment, PaymentState::Paid, 360);
        world.run_secs(3_600);
        assert_eq!((gaps(&mut world), all_discrepancies(&mut world)), (vec![], vec![]), "{hours} h");
    }
}

/// The clerk has moved on: what was not sent in its twenty seconds is not sent when the clock has
/// caught up.
#[test]
fn a_sale_written_while_the_clock_was_ahead_is_not_sent_an_hour_later() {
    for restart in [false, true] {
        let mut world = World::new(START, 44);
        world.run_secs(600);
        world.end();
        jump(&mut world, HOUR_MS);
        world.open();
        world.line.cut(true);
        let sold = world.sell(Rail::SinopacAccount, 100);
        if restart {
            world.end();
            jump(&mut world, -HOUR_MS);
            world.open();
        } else {
            world.run_secs(25);
        }
        world.line.cut(false);
        world.run_secs(2 * 3_600);
        assert_eq!(world.state(sold.payment), PaymentState::NotIssued, "{restart}");
        assert_eq!(calls(&world, "OrderCreate"), 0, "{restart}: nothing went out");
    }
    // and one that can be sent goes at once, once
    let mut world = World::new(START, 44);
    world.run_secs(600);
    world.end();
    jump(&mut world, HOUR_MS);
    world.open();
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(10);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    world.run_secs(2 * 3_600);
    assert_eq!(calls(&world, "OrderCreate"), 1);
}

/// The first sale is made before any answer has named the bank's time.
#[test]
fn a_clock_that_is_slow_does_not_give_up_the_first_sale() {
    for off_ms in [-61_000, 61_000, -HOUR_MS] {
        let mut world = World::new(START, 45);
        world.run_secs(600);
        world.end();
        jump(&mut world, off_ms);
        world.open();
        let now = world.clocks();
        let Step::Send(call) = world.engine().step(now).unwrap() else { panic!("a start asks") };
        let sale = World::sale(OrderId::from_bytes([5; 16]), Rail::SinopacAccount, 100);
        let sold = world.engine().sell(now, &sale).unwrap();
        let reply = world.call(call.bank, call.request.clone());
        world.sleep_to(world.now.plus_ms(120));
        let now = world.clocks();
        world.engine().answered(now, call.ticket, &reply).unwrap();
        world.run_secs(10);
        let create = operations(&mut world, sold.payment, OperationKind::IssueAccount);
        assert_eq!(create, [(OperationState::Accepted, 1)], "{off_ms}");
        assert_eq!(world.state(sold.payment), PaymentState::Awaiting, "{off_ms}");
    }
}

/// A bank without a sweep may be asked once a day: while its time is in doubt the questions come
/// closer together.
#[test]
fn a_bank_that_is_asked_rarely_proves_its_time_within_minutes() {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    let mut world = World::of_shop(shop, START, 47, Points::default());
    opened(&mut world, 100);
    world.run_secs(5);
    world.run_secs(20 * 3_600);
    world.end();
    jump(&mut world, 30 * HOUR_MS);
    world.open();
    world.run_secs(30);
    assert!(world.engine().health().of(Bank::Ctbc).clock_doubted);
    world.run_secs(120);
    let health = world.engine().health();
    let off_by = health.clock_off_ms.map(|off| off + 30 * HOUR_MS);
    assert!(!health.of(Bank::Ctbc).clock_doubted && off_by.is_some_and(|ms| ms.abs() < 2_000), "{health:?}");
}

/// By the hour that was kept there is no gap to ask about and nothing is due but one payment: the
/// bank is asked on until three answers have proved its time.
#[test]
fn a_bank_is_asked_until_its_time_is_proved_although_nothing_is_open_any_more() {
    let mut world = World::new(START, 48);
    let early = world.sell(Rail::SinopacAccount, 100).payment;
    world.run_secs(145 * 60);
    let late = world.sell(Rail::SinopacAccount, 200).payment;
    world.run_secs(55 * 60);
    let orders = [early, late].map(|id| number(&world, id));
    world.end();
    world.sleep_to(world.now.plus_ms(HOUR_MS));
    for order in orders {
        world.control("pay", &json!({ "order": order }));
    }
    world.sleep_to(world.now.plus_ms(9 * HOUR_MS));
    jump(&mut world, -15 * HOUR_MS);
    world.open();
    world.run_secs(180);
    assert!(!world.engine().health().of(Bank::Sinopac).clock_doubted);
    assert_eq!([early, late].map(|id| world.state(id)), [PaymentState::Paid; 2]);
}

/// A sale takes its day from the bank, so by a computer that is behind it lies in the future: at
/// every start some payment is asked about at once.
#[test]
fn a_card_that_an_earlier_run_sold_is_seen_by_a_computer_that_is_behind() {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    for off_ms in [-8 * HOUR_MS, -20 * 60_000, -16 * 365 * 24 * HOUR_MS, 0, 8 * HOUR_MS] {
        let mut world = World::of_shop(shop.clone(), START, 49, Points::default());
        jump(&mut world, off_ms);
        world.end();
        world.open();
        let sold = opened(&mut world, 100).payment;
        world.run_secs(5);
        world.end();
        world.open();
        world.card_control("pay", sold, &json!({}));
        world.run_secs(60);
        assert_eq!(world.state(sold), PaymentState::Paid, "{off_ms} ms off");
    }
}

/// The offset of a day with a wrong clock, kept, hides nothing when the clock is right again.
#[test]
fn a_card_is_seen_after_the_clock_was_put_right_while_closed() {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    let mut world = World::of_shop(shop, START, 50, Points::default());
    let sold = opened(&mut world, 100).payment;
    world.run_secs(5);
    world.end();
    jump(&mut world, 8 * HOUR_MS);
    world.open();
    world.run_secs(95);
    world.end();
    jump(&mut world, -8 * HOUR_MS);
    world.open();
    world.card_control("pay", sold, &json!({}));
    world.run_secs(30);
    assert_eq!(world.state(sold), PaymentState::Paid);
}

/// One start with an empty battery, put right while running: later starts go by the right clock.
#[test]
fn a_start_in_another_year_leaves_nothing_behind() {
    let mut world = World::new(START, 51);
    let years = 16 * 365 * 24 * HOUR_MS;
    world.run_secs(60);
    world.end();
    jump(&mut world, -years);
    world.open();
    world.run_secs(12);
    jump(&mut world, years);
    world.run_secs(12);
    world.end();
    world.open();
    let now = world.clocks();
    assert!(world.engine().bank_time(now).ms_since(now.wall).abs() < 2_000);
    world.run_secs(30);
    let health = world.engine().health();
    assert!(health.clock_off_ms.is_none() && !health.of(Bank::Sinopac).clock_doubted, "{health:?}");
    assert_eq!(gaps(&mut world), []);
}

/// Bank time that was believed is kept, and what of it is not sure yet stays unsure over a restart.
#[test]
fn a_computer_that_is_behind_is_known_to_be_after_a_restart() {
    let mut world = World::new(START, 52);
    world.end();
    jump(&mut world, -8 * HOUR_MS);
    world.open();
    world.run_secs(120);
    world.end();
    world.open();
    let now = world.clocks();
    let off = world.engine().bank_time(now).ms_since(now.wall);
    assert!((off - 8 * HOUR_MS).abs() < 2_000, "{off}");
    world.run_secs(40 * 60);
    assert_eq!(gaps(&mut world), []);
}

/// Confirmed before bank time was known: polled once more as soon as it is, to correct the stamp.
#[test]
fn money_that_was_confirmed_by_a_wrong_time_is_confirmed_again_by_the_right_one() {
    for off_ms in [-8 * HOUR_MS, 30 * HOUR_MS] {
        let mut world = World::new(START, 53);
        world.end();
        jump(&mut world, off_ms);
        world.open();
        let sold = world.sell(Rail::SinopacAccount, 100).payment;
        world.run_secs(5);
        world.pay(sold);
        let now = world.clocks();
        world.engine().watch(now, sold).unwrap();
        world.run_secs(5);
        assert_eq!(world.state(sold), PaymentState::Paid, "{off_ms} ms off");
        world.run_secs(240);
        let payment = world.payment(sold);
        let bank_now = world.now.plus_ms(-off_ms);
        let stamped = payment.confirmed_at.unwrap().ms_since(bank_now);
        assert!((-300_000..=0).contains(&stamped), "{off_ms} ms off: stamped {stamped}");
        let evidence = world.engine().store().evidence_of(sold).unwrap();
        let proof = evidence.into_iter().find(|e| Some(e.id) == payment.proof).unwrap();
        assert_eq!(Some(proof.at), payment.confirmed_at);
        let rows = world.engine().store().verify_audit().unwrap().rows;
        world.run_secs(240);
        let again = world.payment(sold);
        assert_eq!(again.version, payment.version, "once is enough, {rows} rows");
    }
}

/// A bank that has never told its time and does not answer: the day of a sale there is the other
/// bank's.
#[test]
fn a_sale_at_a_bank_that_has_told_no_time_takes_the_day_from_the_other_one() {
    for restart in [false, true] {
        let mut world = World::new(START, 54);
        world.run_secs(60);
        world.end();
        jump(&mut world, -16 * 365 * 24 * HOUR_MS);
        world.open();
        world.run_secs(1_000);
        world.control(
            "fault",
            &json!({ "bank": "ctbc", "kind": "drop-after", "match": "Inquiry", "count": 99 }),
        );
        if restart {
            world.end();
            world.control("fault", &json!({ "kind": "drop-after", "match": "OrderQuery", "count": 99 }));
            world.open();
        }
        let sold = world.sell(Rail::CtbcCard, 100).payment;
        let bank_now = world.now.plus_ms(16 * 365 * 24 * HOUR_MS);
        let off = world.payment(sold).created_at.ms_since(bank_now);
        assert!(off.abs() < 60_000, "restart {restart}: {off} ms off");
    }
}

/// CTBC has no sweep: a Date that was believed and was wrong is found out by the next ones, and
/// nothing that it seemed to end stays unasked.
#[test]
fn a_card_is_seen_after_a_wrong_date_of_its_bank_was_believed_at_a_start() {
    let mut shop = shop_json();
    shop.as_object_mut().unwrap().remove("sinopac");
    for mins in [25, 40, 60] {
        let mut world = World::of_shop(shop.clone(), START, 55, Points::default());
        let sold = opened(&mut world, 100).payment;
        world.run_secs(30);
        world.end();
        world.control("switch", &json!({ "ctbc_date_off_ms": mins * 60_000 }));
        world.open();
        world.run_secs(100);
        world.control("switch", &json!({ "ctbc_date_off_ms": 0 }));
        world.run_secs(60);
        world.card_control("pay", sold, &json!({}));
        world.run_secs(420);
        assert_eq!(world.state(sold), PaymentState::Paid, "{mins} min");
    }
}

/// The computer is hours ahead, and the first Date of the bank is ahead too: both say that the
/// pages have ended, and neither is proved.
#[test]
fn no_page_ends_by_a_date_that_is_not_proved() {
    let mut world = World::new(START, 58);
    let sold: Vec<_> = (0..3).map(|n| opened(&mut world, 100 + n).payment).collect();
    world.run_secs(30);
    world.end();
    jump(&mut world, 8 * HOUR_MS);
    world.control("switch", &json!({ "ctbc_date_off_ms": 40 * 60_000 }));
    world.open();
    world.run_secs(50);
    world.control("switch", &json!({ "ctbc_date_off_ms": 0 }));
    for id in &sold {
        assert_eq!(world.state(*id), PaymentState::Awaiting);
    }
    world.run_secs(3_600);
    for id in sold {
        assert_eq!(world.state(id), PaymentState::Expired, "and by the right time they do");
    }
}

/// Closed over the end of pages, and opened by a computer that is two hours behind: each page ends
/// as soon as the bank's time is proved, not at its next point hours later.
#[test]
fn pages_whose_end_waits_for_the_time_are_asked_about_again() {
    let mut world = World::new(START, 59);
    let sold: Vec<_> = (0..4).map(|n| world.sell(Rail::CtbcCard, 100 + n).payment).collect();
    world.run_secs(30);
    world.end();
    world.sleep_to(world.now.plus_ms(100 * 24 * HOUR_MS));
    jump(&mut world, -2 * HOUR_MS);
    world.open();
    world.run_secs(180);
    for id in sold {
        assert_eq!(world.state(id), PaymentState::Expired);
    }
}

/// What was paid while the program was closed is looked at at once, although the computer's clock
/// is wrong and nothing may be covered by it yet.
#[test]
fn money_of_a_closure_is_seen_at_once_whatever_the_clock_says() {
    for off_ms in [-8 * HOUR_MS, 8 * HOUR_MS, -16 * 365 * 24 * HOUR_MS] {
        let mut world = World::new(START, 56);
        let sold: Vec<_> = (0..20).map(|n| world.sell(Rail::SinopacAccount, 100 + n).payment).collect();
        world.run_secs(3_600);
        let orders: Vec<_> = sold.iter().map(|id| number(&world, *id)).collect();
        world.end();
        for order in orders {
            world.sleep_to(world.now.plus_mins(1));
            world.control("pay", &json!({ "order": order }));
        }
        world.sleep_to(world.now.plus_ms(5 * HOUR_MS));
        jump(&mut world, off_ms);
        world.open();
        world.run_secs(15);
        let seen = sold.iter().filter(|id| world.state(**id) == PaymentState::Paid).count();
        assert_eq!(seen, 20, "{off_ms} ms off");
        assert_eq!(all_discrepancies(&mut world), [], "{off_ms} ms off");
    }
}

/// The wait for the bank's time is part of the clerk's patience: a computer that slept in it sends
/// nothing when it wakes.
#[test]
fn a_sale_that_slept_while_it_waited_for_the_time_never_goes() {
    let mut world = World::new(START, 57);
    world.end();
    world.open();
    let pressed = world.clocks();
    assert!(!world.engine().has_bank_time(pressed, Bank::Sinopac));
    world.sleep_to(world.now.plus_secs(100));
    world.engine().waits_no_longer(Bank::Sinopac, pressed.mono);
    let sold = {
        let now = world.clocks();
        let sale = World::sale(OrderId::from_random([8; 16]), Rail::SinopacAccount, 100);
        world.engine().sell(now, &sale).unwrap()
    };
    world.run_secs(10);
    assert_eq!(world.state(sold.payment), PaymentState::NotIssued);
    let sent = world.bank.lock().unwrap().calls().filter(|call| call.service == "OrderCreate").count();
    assert_eq!(sent, 0);
}
