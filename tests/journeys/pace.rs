//! How fast a bank is asked (money rules 6): at most four calls at once, three of them questions,
//! two requests a second, and everybody has a turn.

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_domain::{Bank, OrderId, PaymentId, PaymentState, Rail};
use counterfoil_engine::ports::{BankRequest, Inquiry};
use counterfoil_engine::{BankCall, Step};
use counterfoil_tests::world::World;
use serde_json::json;

use crate::seen::{accounts, calls, cancel, number, secs_until};

const START: &str = "2026-11-23T09:00:00+08:00";

fn watch(world: &mut World, payment: PaymentId) {
    let now = world.clocks();
    world.engine().watch(now, payment).unwrap();
}

/// What goes out to SinoPac within so many seconds while nothing comes back.
fn unanswered(world: &mut World, secs: i64) -> Vec<BankCall> {
    let until = world.now.plus_secs(secs);
    let mut sent = Vec::new();
    while world.now < until {
        let now = world.clocks();
        match world.engine().step(now).unwrap() {
            Step::Send(call) if call.bank == Bank::Sinopac => sent.push(call),
            Step::Send(call) => panic!("{:?}", call.request),
            Step::Wait(at) => world.sleep_to(world.now.plus_ms(at.ms_since(now.mono)).min(until)),
            Step::Idle => world.sleep_to(until),
        }
    }
    sent
}

#[test]
fn three_questions_that_hang_leave_a_place_for_a_sale_and_four_calls_are_all() {
    let mut world = World::new(START, 21);
    let sold = accounts(&mut world, 6);
    for payment in &sold[..3] {
        watch(&mut world, *payment);
    }
    let hang = unanswered(&mut world, 60);
    assert_eq!(hang.len(), 3, "{:?}", hang.iter().map(|call| &call.request).collect::<Vec<_>>());
    assert!(hang.iter().all(|call| !call.is_write));
    let now = world.clocks();
    let sale = World::sale(OrderId::from_bytes([6; 16]), Rail::SinopacAccount, 999);
    let sale = world.engine().sell(now, &sale).unwrap();
    let went = unanswered(&mut world, 2);
    assert!(matches!(went.as_slice(), [call] if call.is_write), "{went:?}");
    // no further one, write or not
    cancel(&mut world, sold[0]);
    assert_eq!(unanswered(&mut world, 120).len(), 0);
    for call in hang.into_iter().chain(went) {
        let reply = world.call(call.bank, call.request.clone());
        let now = world.clocks();
        world.engine().answered(now, call.ticket, &reply).unwrap();
    }
    world.run_secs(20);
    assert_eq!(world.state(sale.payment), PaymentState::Awaiting);
    assert_eq!(world.state(sold[0]), PaymentState::Cancelled);
}

/// A program that is started for each sale keeps the pace of the key too; the world looks at every
/// call.
#[test]
fn a_start_right_after_a_sale_waits_its_second() {
    let mut world = World::new(START, 22);
    world.run_secs(5);
    let sold = world.sell(Rail::SinopacAccount, 100);
    while calls(&world, "OrderCreate") == 0 {
        world.run_to(world.now.plus_ms(20));
    }
    world.end();
    world.open();
    watch(&mut world, sold.payment);
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    let books = world.control("books", &json!({}));
    assert!(books["busiest_second"].as_u64().unwrap() <= 2, "{}", books["busiest_second"]);
}

/// Three slips are looked at, which alone would take every second: the sweep has its turn, and the
/// engine is not asked in vain.
#[test]
fn three_slips_that_are_looked_at_leave_the_sweep_its_turn() {
    let mut world = World::new(START, 23);
    let sold = accounts(&mut world, 3);
    world.run_secs(285);
    for payment in &sold {
        watch(&mut world, *payment);
    }
    let until = world.now.plus_secs(118);
    let (mut steps, mut sent, mut windows, mut longest) = (0, 0, 0, 0);
    let mut since = 0;
    while world.now < until {
        let now = world.clocks();
        steps += 1;
        match world.engine().step(now).unwrap() {
            Step::Send(call) => {
                sent += 1;
                since += 1;
                if matches!(call.request, BankRequest::Ask(Inquiry::Paid { .. })) {
                    windows += 1;
                    longest = longest.max(since);
                    since = 0;
                }
                let reply = world.call(call.bank, call.request.clone());
                world.sleep_to(world.now.plus_ms(120));
                let now = world.clocks();
                world.engine().answered(now, call.ticket, &reply).unwrap();
            }
            Step::Wait(at) => world.sleep_to(world.now.plus_ms(at.ms_since(now.mono)).min(until)),
            Step::Idle => world.sleep_to(until),
        }
    }
    assert!(sent > 60, "{sent} calls: the screen is busy");
    assert!(
        windows >= 4 && longest <= 35,
        "{windows} windows in {sent} calls, one at the latest after {longest}"
    );
    assert!(steps <= 4 * sent, "{steps} steps for {sent} calls");
}

/// No slip is on screen: the sweep's looks see each within half a minute.
#[test]
fn twenty_open_slips_are_each_seen_half_a_minute_after_they_were_paid() {
    let mut world = World::new(START, 24);
    for payment in accounts(&mut world, 20) {
        world.pay(payment);
        let secs = secs_until(&mut world, payment, PaymentState::Paid, 31);
        assert!(secs <= 30, "{secs} s");
    }
}

/// More in one minute than the bank shows in a list, which it cuts or refuses; sold just now, or so
/// long ago that only money is looked for.
fn a_crowd_is_seen(seed: u64, past_300: &str, sold_mins_ago: i64) {
    let mut world = World::new(START, seed);
    world.control("switch", &json!({ "late_seconds": 300, "past_300": past_300 }));
    let mut sold = Vec::new();
    for n in 0..1_000 {
        sold.push(world.sell(Rail::SinopacAccount, 100 + n).payment);
        world.run_secs(1);
    }
    world.run_secs(sold_mins_ago * 60);
    world.run_to(world.now.plus_mins(1).minute().start().plus_secs(2));
    for payment in sold.iter().rev().step_by(2).take(350) {
        world.pay(*payment);
    }
    world.run_secs(300 + 120);
    let seen = sold.iter().filter(|payment| world.state(**payment) == PaymentState::Paid).count();
    assert_eq!(seen, 350);
}

#[test]
fn a_crowd_of_350_in_one_minute_is_seen_two_minutes_after_the_bank_shows_it() {
    a_crowd_is_seen(25, "cut", 0);
}

#[test]
fn a_crowd_that_the_bank_refuses_to_list_is_seen_as_soon() {
    a_crowd_is_seen(28, "error", 0);
}

#[test]
fn a_crowd_of_old_slips_is_seen_as_soon() {
    a_crowd_is_seen(29, "cut", 45);
}

#[test]
fn a_crowd_of_old_slips_that_the_bank_refuses_to_list_is_seen_as_soon() {
    a_crowd_is_seen(35, "error", 45);
}

/// A crowd in the background after a closure, and three slips on the screen: nine calls of ten are
/// the screen's.
#[test]
fn what_keeps_no_one_waiting_has_one_call_in_ten_beside_the_screen() {
    let mut world = World::new(START, 26);
    let sold = accounts(&mut world, 40);
    world.end();
    world.sleep_to(world.now.plus_days(3));
    world.open();
    for payment in &sold[..3] {
        watch(&mut world, *payment);
    }
    let shown: Vec<String> = sold[..3].iter().map(|id| number(&world, *id)).collect();
    let (counts, log) = counted();
    world.tamper = Some(Box::new(move |request, _| {
        let of_screen = matches!(request, BankRequest::Ask(Inquiry::Order { bank_order_no })
            if shown.iter().any(|no| no == bank_order_no.as_str()));
        let mut log = log.borrow_mut();
        if of_screen { log.0 += 1 } else { log.1 += 1 }
    }));
    world.run_secs(90);
    let (screen, rest) = *counts.borrow();
    assert!(screen > 50 && (screen / 12..=screen / 6).contains(&rest), "{screen} of the screen, {rest}");
}

type Counts = Rc<RefCell<(u32, u32)>>;

fn counted() -> (Counts, Counts) {
    let counts = Counts::default();
    (Rc::clone(&counts), counts)
}

/// The slip on the screen is asked about every three seconds, whatever else is due just before.
#[test]
fn what_keeps_no_one_waiting_stays_behind_the_screen() {
    let mut world = World::new(START, 27);
    let sold = accounts(&mut world, 40);
    let shown = number(&world, sold[0]);
    world.end();
    world.sleep_to(world.now.plus_days(2));
    world.open();
    world.run_secs(3);
    watch(&mut world, sold[0]);
    let until = world.now.plus_secs(118);
    let (mut last, mut others, mut longest) = (world.now, 0, 0);
    while world.now < until {
        let now = world.clocks();
        match world.engine().step(now).unwrap() {
            Step::Send(call) => {
                if matches!(&call.request, BankRequest::Ask(Inquiry::Order { bank_order_no })
                    if bank_order_no.as_str() == shown)
                {
                    longest = longest.max(world.now.ms_since(last));
                    last = world.now;
                } else {
                    others += 1;
                }
                let reply = world.call(call.bank, call.request.clone());
                world.sleep_to(world.now.plus_ms(120));
                let now = world.clocks();
                world.engine().answered(now, call.ticket, &reply).unwrap();
            }
            Step::Wait(at) => world.sleep_to(world.now.plus_ms(at.ms_since(now.mono)).min(until)),
            Step::Idle => world.sleep_to(until),
        }
    }
    // from answer to answer
    assert_eq!(longest, 3_000 - 120);
    assert!(others >= 30, "{others}");
}
