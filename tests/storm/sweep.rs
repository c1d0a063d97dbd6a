//! Never lose a paid order (money rules 7): 1,000 orders over three days, 350 paid, 310 of them in
//! one minute, 40 with rows that turn up 5 to 9 minutes late, and no notice ever arrives. Once the
//! bank cuts a list at 300 rows, once it refuses it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use counterfoil_domain::coverage::{CoverageReport, gaps, report};
use counterfoil_domain::{Bank, BankRow, BankState, Moment, PaymentId, PaymentState, Rail, Seen};
use counterfoil_engine::ports::{BankRequest, Inquiry, Said, Store};
use counterfoil_tests::ledger;
use counterfoil_tests::world::{Seeded, World, at};
use serde_json::json;

const START: &str = "2026-11-23T08:00:00+08:00";
const ORDERS: usize = 1_000;
const CROWD: usize = 310;
const LATE: usize = 40;

/// How far the bank has been asked.
fn coverage(world: &mut World) -> CoverageReport {
    let now = world.clocks();
    let engine = world.engine();
    let (at, from) = (engine.bank_time(now), engine.shop().added_at.minute());
    let store = engine.store();
    let before = store.covered_before(Bank::Sinopac, 0).unwrap();
    let spans = store.coverage(Bank::Sinopac, 0, before.unwrap_or(from)).unwrap();
    report(from, before, at, &spans, store.covered_by_number(Bank::Sinopac).unwrap())
}

/// Sells and pays as the header says, and runs on for two hours after the third day.
fn three_days(
    past_300: &str,
    seed: u64,
    tamper: Option<Box<dyn FnMut(&BankRequest, &mut counterfoil_engine::ports::BankReply)>>,
) -> (World, BTreeSet<PaymentId>) {
    let mut world = World::new(START, seed);
    world.control("switch", &json!({ "past_300": past_300, "drop_notices": true }));
    world.tamper = tamper;
    let mut dice = Seeded(seed);
    let mut paid = BTreeSet::new();
    let mut sold = Vec::new();
    for day in 0..3 {
        let opens = at(START).plus_days(day);
        for n in 0..ORDERS / 3 + usize::from(day == 0) {
            let when =
                opens.plus_secs(i64::try_from(n).unwrap() * 30 + i64::try_from(dice.below(10)).unwrap());
            world.run_to(when.max(world.now));
            sold.push(world.sell(Rail::SinopacAccount, 100 + i64::try_from(n).unwrap()).payment);
        }
        if day == 1 {
            // the crowd: 310 accounts of both days, all in one minute of the afternoon
            world.run_to(opens.plus_mins(6 * 60));
            for payment in sold.iter().filter(|p| world.state(**p) == PaymentState::Awaiting).take(CROWD) {
                world.pay(*payment);
                paid.insert(*payment);
            }
        }
    }
    world.run_to(at(START).plus_days(2).plus_mins(5 * 60));
    let left: Vec<PaymentId> = sold.iter().filter(|p| !paid.contains(p)).rev().take(LATE).copied().collect();
    for (n, payment) in left.into_iter().enumerate() {
        let order = world.payment(payment).bank_order_no.to_string();
        let seconds = 300 + (n as u64 * 240) / (LATE as u64 - 1);
        world.control("late", &json!({ "order": order, "seconds": seconds, "what": "changes" }));
        world.pay(payment);
        paid.insert(payment);
        world.run_secs(20);
    }
    assert_eq!((sold.len(), paid.len()), (ORDERS, CROWD + LATE));
    world.run_to(at(START).plus_days(3).plus_mins(120));
    (world, paid)
}

fn nothing_is_lost(past_300: &str, seed: u64) {
    let (mut world, paid) = three_days(past_300, seed, None);
    let missed: Vec<_> = paid.iter().filter(|p| world.state(**p) != PaymentState::Paid).collect();
    assert!(missed.is_empty(), "{} of {} missed", missed.len(), paid.len());
    let seen = coverage(&mut world);
    assert_eq!(seen.gaps, vec![], "every minute of bank time is covered");
    let opened = at(START).minute();
    for (days, days_asked) in [(1, 3), (3, 1)] {
        let spans =
            world.engine().store().coverage(Bank::Sinopac, days, opened).unwrap().into_iter().map(|c| c.span);
        let end = Moment::start_of(at(START).plus_days(days_asked).day()).minute().plus(-1);
        assert_eq!(gaps(opened, end, spans), vec![], "each bank day is asked again after {days}");
    }
    let busiest = world.control("books", &json!({}));
    assert!(
        busiest["busiest_second"].as_u64().unwrap() <= 2,
        "requests stay under the rate: {}",
        busiest["busiest_second"]
    );
    assert_eq!(seen.by_number.len(), 1, "the crowded minute is one alarm: {:?}", seen.by_number);
    let books = world.books();
    assert_eq!(books.len(), ORDERS, "one bank order per payment");
    assert_eq!(books.iter().filter(|b| b.state == "1A400").count(), paid.len());
    assert_eq!(ledger::must_fit(world.folder()), paid.len());
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
}

#[test]
fn a_bank_that_cuts_past_300_rows_hides_nothing() {
    nothing_is_lost("cut", 41);
}

#[test]
fn a_bank_that_refuses_past_300_rows_hides_nothing() {
    nothing_is_lost("error", 42);
}

/// The proof of coverage is one: an answer that never came leaves its minutes red.
#[test]
fn without_one_window_s_answer_the_coverage_is_red() {
    let mut world = World::new(START, 43);
    world.run_secs(3_600);
    assert_eq!(coverage(&mut world).gaps, vec![]);
    let hole = world.now.minute().plus(-3);
    // every answer about the windows that hold this minute is lost
    world.tamper = Some(Box::new(move |request, reply| {
        if matches!(request, BankRequest::Ask(Inquiry::Paid { span, .. }) if span.holds(hole)) {
            reply.said = Said::Silent;
        }
    }));
    world.run_secs(3 * 3_600);
    let seen = coverage(&mut world);
    assert!(seen.gaps.iter().any(|gap| gap.holds(hole)), "{seen:?}");
    // and as soon as the bank answers it is asked whole again, and green
    world.tamper = None;
    world.run_secs(3_600);
    assert_eq!(coverage(&mut world).gaps, vec![]);
}

/// "Nothing found" may also mean "the conditions do not match": a window without a known payment
/// does not count.
#[test]
fn an_empty_list_without_a_known_payment_does_not_count() {
    let mut world = World::new(START, 44);
    world.run_secs(600);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    world.pay(sold.payment);
    world.run_secs(60);
    let minute = world.payment(sold.payment).paid_minute.unwrap();
    assert_eq!(world.state(sold.payment), PaymentState::Paid, "known by number");
    let misses = Rc::new(Cell::new(0_u32));
    let counter = Rc::clone(&misses);
    world.tamper = Some(Box::new(move |request, reply| {
        if matches!(request, BankRequest::Ask(Inquiry::Paid { span, .. }) if span.holds(minute)) {
            reply.said = Said::Rows(Vec::new());
            let is_final = reply.bank_now.unwrap().minute() > minute.plus(10);
            counter.set(counter.get() + u32::from(is_final));
        }
    }));
    let covered = |world: &mut World| {
        world
            .engine()
            .store()
            .coverage(Bank::Sinopac, 0, minute)
            .unwrap()
            .iter()
            .any(|c| c.span.holds(minute))
    };
    while !covered(&mut world) {
        assert!(misses.get() < 10, "it counts at last");
        world.run_secs(10);
    }
    // three misses, at 1 and 5 minutes' distance, then the number proves it and the window counts
    assert_eq!(misses.get(), 3);
}

/// An answer to another question is read, since every row may be money, and never counts as
/// coverage.
#[test]
fn a_row_of_another_minute_is_read_and_covers_nothing() {
    let mut world = World::new(START, 45);
    world.run_secs(600);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(5);
    let payment = world.payment(sold.payment);
    let hole = world.now.minute();
    world.tamper = Some(Box::new(move |request, reply| {
        if let (BankRequest::Ask(Inquiry::Paid { span, .. }), Said::Rows(rows)) = (request, &mut reply.said) {
            rows.push(BankRow {
                bank_order_no: payment.bank_order_no.to_string(),
                seen: Seen::of_sinopac(BankState::Collected),
                said: "1A400".into(),
                amount: Some(payment.amount),
                created_minute: None,
                paid_minute: Some(span.to.plus(1)),
                paid_at: None,
                expires_at: None,
                issued: None,
                card_tail: None,
                handles: None,
            });
        }
    }));
    world.run_secs(3 * 3_600);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    assert!(coverage(&mut world).gaps.iter().any(|gap| gap.holds(hole)));
}

/// The last minutes before the bank's clock are asked again: a row that turns up nine minutes late
/// is seen by the running sweep, long before the day is asked again.
#[test]
fn a_row_nine_minutes_late_is_seen_within_twenty() {
    let mut world = World::new(START, 46);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3 * 3_600);
    let order = world.payment(sold.payment).bank_order_no.to_string();
    world.control("late", &json!({ "order": order, "seconds": 540, "what": "changes" }));
    world.pay(sold.payment);
    world.run_secs(20 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
}
