//! Selling and collecting when nothing goes wrong.

use std::cell::RefCell;
use std::rc::Rc;

use counterfoil_domain::{Actor, OperationState, OrderId, PaymentState, Query, Rail, Search, Twd};
use counterfoil_engine::ports::{AuditFilter, Page, Store};
use counterfoil_engine::shop::ShopRecord;
use counterfoil_engine::{Buyer, CancelStarted, EngineError, Expiry, Notice, ReturnSpot, Sale, SaleRefused};
use counterfoil_tests::world::{World, at};
use serde_json::json;

const START: &str = "2026-11-23T09:00:00+08:00";

#[test]
fn an_account_is_issued_paid_and_posted() {
    let mut world = World::new(START, 1);
    let sold = world.sell(Rail::SinopacAccount, 1_234);
    world.run_secs(2);
    let payment = world.payment(sold.payment);
    assert_eq!(payment.state, PaymentState::Awaiting);
    assert!(payment.shown);
    let account = payment.issued.unwrap().account.unwrap();
    assert!(account.len() == 14 && account.chars().all(|c| c.is_ascii_digit()));
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    world.pay(sold.payment);
    world.run_secs(4);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    assert!(!world.payment(sold.payment).late);
    let evidence = world.engine().store().evidence_of(sold.payment).unwrap();
    let said: Vec<_> = evidence.iter().map(|e| (e.query, e.said.as_str())).collect();
    assert_eq!(said, [(Query::Create, "S0000"), (Query::ByNumber, "1A400")]);
    let books = world.books();
    assert_eq!((books.len(), books[0].amount), (1, 1_234));
    let notices = world.engine().take_notices();
    let paid = notices.iter().filter(|n| **n == Notice::Moved(sold.payment, PaymentState::Paid)).count();
    assert_eq!(paid, 1, "said once");
    // no further notice, and nothing changes any more
    world.run_secs(3_600);
    assert!(world.engine().store().verify_audit().unwrap().broken_at.is_none());
    assert!(!world.engine().take_notices().contains(&Notice::Moved(sold.payment, PaymentState::Paid)));
}

#[test]
fn a_card_link_is_paid_without_any_return() {
    let mut world = World::new(START, 2);
    let sold = world.sell(Rail::SinopacCard, 180);
    world.run_secs(2);
    let link = world.payment(sold.payment).issued.unwrap().link.unwrap();
    assert!(link.starts_with("http://127.0.0.1:18080/"));
    world.pay(sold.payment);
    world.run_secs(70);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
}

#[test]
fn an_unpaid_account_is_cancelled_after_a_reading() {
    let mut world = World::new(START, 3);
    let sold = world.sell(Rail::SinopacAccount, 500);
    world.run_secs(2);
    let now = world.clocks();
    let started = world.engine().cancel(now, sold.payment, Actor::Owner).unwrap();
    assert!(matches!(started, CancelStarted::Planned(_)));
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Cancelled);
    // money that comes all the same is late, and never lost
    world.pay(sold.payment);
    world.run_secs(3_600);
    assert_eq!(world.state(sold.payment), PaymentState::PaidLate);
}

#[test]
fn paid_in_the_moment_of_cancelling_is_paid() {
    let mut world = World::new(START, 4);
    let sold = world.sell(Rail::SinopacAccount, 500);
    world.run_secs(2);
    world.pay(sold.payment);
    let now = world.clocks();
    world.engine().cancel(now, sold.payment, Actor::Owner).unwrap();
    world.run_secs(5);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    let ops = world.engine().store().operations_of(sold.payment).unwrap();
    assert_eq!(ops.last().unwrap().state, OperationState::Abandoned);
    assert_eq!(ops.last().unwrap().attempts, 0, "nothing was sent");
}

#[test]
fn a_link_that_ran_out_is_expired_by_the_bank_s_word_and_can_be_issued_again() {
    let mut world = World::new(START, 5);
    let sold = world.sell(Rail::SinopacCard, 500);
    world.run_secs(9 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    assert_eq!(world.refused(sold.order, true, Rail::SinopacCard, 500), SaleRefused::StillOpen);
    world.run_secs(3 * 60);
    assert_eq!(world.state(sold.payment), PaymentState::Expired);
    let again = world.try_sell(sold.order, true, Rail::SinopacCard, 500).unwrap();
    world.run_secs(2);
    world.pay(again.payment);
    world.run_secs(70);
    assert_eq!(world.state(again.payment), PaymentState::Paid);
    assert_eq!(world.state(sold.payment), PaymentState::Expired);
}

#[test]
fn the_same_sale_twice_is_one_sale() {
    let mut world = World::new(START, 6);
    let sold = world.sell(Rail::SinopacAccount, 500);
    let twice = world.try_sell(sold.order, false, Rail::SinopacAccount, 500).unwrap();
    assert_eq!(sold, twice);
    world.run_secs(10);
    assert_eq!(world.books().len(), 1);
}

/// No customer data goes to a bank, the same sale with another name is another sale, and erasing
/// leaves the order.
#[test]
fn a_customer_is_for_the_shop_alone_and_can_be_erased() {
    let mut world = World::new(START, 7);
    let sale = |name: &str| Sale {
        order: OrderId::from_bytes([7; 16]),
        again: false,
        rail: Rail::SinopacAccount,
        amount: Twd::new(500),
        description: String::new(),
        customer: Buyer { name: name.into(), note: "樓上鄰居".into() },
        expiry: Expiry::Default,
        return_spot: ReturnSpot::default(),
        who: Actor::Owner,
    };
    let now = world.clocks();
    let sold = world.engine().sell(now, &sale("歐陽小姐")).unwrap();
    assert_eq!(world.engine().sell(now, &sale("歐陽小姐")).unwrap(), sold);
    let other = world.engine().sell(now, &sale("林小姐"));
    assert!(matches!(other, Err(EngineError::Sale(SaleRefused::OrderIdUsed))), "{other:?}");
    let wire = Rc::new(RefCell::new(String::new()));
    let heard = Rc::clone(&wire);
    world.tamper = Some(Box::new(move |request, reply| {
        heard.borrow_mut().extend([format!("{request:?}"), reply.transcript.clone()]);
    }));
    world.run_secs(2);
    assert_eq!(world.state(sold.payment), PaymentState::Awaiting);
    let said = wire.take();
    assert!(said.contains("PrdtName") && !said.contains("歐陽") && !said.contains("鄰居"), "{said}");

    let order = world.engine().store().order(sold.order).unwrap().unwrap();
    let (id, search) = (order.customer.unwrap(), Search::read("歐陽", world.now.day()).unwrap());
    let page = Page { limit: 9, ..Page::default() };
    assert_eq!(world.engine().store().search(&search, page).unwrap().len(), 1);
    for _ in 0..2 {
        world.engine().erase_customer(now, id, Actor::Owner).unwrap();
    }
    let store = world.engine().store();
    assert!(store.customer(id).unwrap().unwrap().is_erased());
    assert_eq!(store.search(&search, page).unwrap(), []);
    assert_eq!(store.order(sold.order).unwrap(), Some(order));
    assert_eq!(store.verify_audit().unwrap().broken_at, None);
}

/// An owner may say how long: then customers of ended orders go by themselves, by a time that a
/// bank has named, and one line of the record says how many.
#[test]
fn customers_go_by_themselves_when_their_time_is_over() {
    let mut world = World::new(START, 41);
    world.run_secs(5);
    let sale = |n: u8, name: &str| {
        let customer = Buyer { name: name.into(), note: String::new() };
        Sale { customer, ..World::sale(OrderId::from_bytes([n; 16]), Rail::SinopacAccount, 500) }
    };
    let sell = |world: &mut World, n: u8, name: &str| {
        let now = world.clocks();
        let sold = world.engine().sell(now, &sale(n, name)).unwrap();
        world.run_secs(10);
        sold.payment
    };
    let known = |world: &mut World| {
        let names = world.engine().store().customers(None).unwrap().into_iter().map(|customer| customer.name);
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    let tend = |world: &mut World| {
        world.run_secs(61);
        let now = world.clocks();
        world.engine().tend_customers(now).unwrap();
    };
    let paid = sell(&mut world, 1, "A");
    world.pay(paid);
    let unpaid = sell(&mut world, 2, "B");
    world.run_secs(2 * 86_400);
    assert_eq!(world.state(paid), PaymentState::Paid);
    let late = sell(&mut world, 3, "C");
    world.pay(late);
    tend(&mut world);
    assert_eq!(known(&mut world), ["A", "B", "C"], "never, unless the owner says so");

    let to = ShopRecord { customer_days: 1, ..world.engine().shop().clone() };
    let now = world.clocks();
    world.engine().change_settings(now, to, Actor::Owner).unwrap();
    tend(&mut world);
    // B has not paid yet, and may still; C has paid a minute ago
    assert_eq!(known(&mut world), ["B", "C"]);
    let rows = |world: &mut World| {
        let only = Some(vec!["retention".to_owned()]);
        let filter = AuditFilter { what: only, limit: 9, ..AuditFilter::default() };
        let rows = world.engine().store().audit_rows(&filter).unwrap();
        rows.into_iter().map(|row| (row.who, row.subject, row.detail)).collect::<Vec<_>>()
    };
    let row = |customers: &str| ("engine".to_owned(), "1 days".to_owned(), customers.to_owned());
    assert_eq!(rows(&mut world), [row("1 customers")]);

    // by this computer's clock all of it is long over: no bank has said so yet
    world.end();
    world.sleep_to(world.now.plus_days(30));
    world.open();
    let now = world.clocks();
    world.engine().tend_customers(now).unwrap();
    assert_eq!(known(&mut world), ["B", "C"]);
    // a run of a few seconds is enough once a bank has told the time
    world.run_secs(5);
    let now = world.clocks();
    world.engine().tend_customers(now).unwrap();
    assert_eq!(known(&mut world), ["B"]);
    world.run_secs(600);
    tend(&mut world);
    // of B's account the bank has not said yet that it has ended
    assert_eq!(known(&mut world), ["B"], "{:?}", world.state(unpaid));
    world.run_secs(86_400);
    tend(&mut world);
    assert_eq!(known(&mut world), [""; 0], "{:?}", world.state(unpaid));
    assert_eq!(rows(&mut world), ["1", "1", "1"].map(|n| row(&[n, " customers"].concat())));
    assert_eq!(world.engine().store().verify_audit().unwrap().found, []);
}

/// A run of a few seconds proves no large move of a clock. The earlier of what the bank has named
/// and what this computer shows has passed all the same.
#[test]
fn a_short_run_with_a_wrong_clock_erases_what_is_over_and_nothing_else() {
    const HALF_AN_HOUR_MS: i64 = 30 * 60_000;
    const A_YEAR_MS: i64 = 365 * 86_400_000;
    for (days, ahead_ms, is_erased) in [
        (30, HALF_AN_HOUR_MS, true),
        (30, -HALF_AN_HOUR_MS, true),
        (1, A_YEAR_MS, false),
        (30, A_YEAR_MS, true),
    ] {
        let mut world = World::new(START, 47);
        world.run_secs(5);
        let customer = Buyer { name: "A".into(), note: String::new() };
        let sale = World::sale(OrderId::from_bytes([1; 16]), Rail::SinopacAccount, 500);
        let now = world.clocks();
        let sold = world.engine().sell(now, &Sale { customer, ..sale }).unwrap();
        world.run_secs(10);
        world.pay(sold.payment);
        world.run_secs(3_600);
        let (now, shop) = (world.clocks(), world.engine().shop().clone());
        let to = ShopRecord { customer_days: 2, ..shop };
        world.engine().change_settings(now, to, Actor::Owner).unwrap();
        world.end();
        world.sleep_to(world.now.plus_days(days));
        world.skew_ms += ahead_ms;
        world.now = world.now.plus_ms(ahead_ms);
        world.open();
        world.run_secs(5);
        let now = world.clocks();
        world.engine().tend_customers(now).unwrap();
        let is_left = !world.engine().store().customers(None).unwrap().is_empty();
        assert_eq!(is_left, !is_erased, "{days} days, {ahead_ms} ms ahead");
    }
}

#[test]
fn money_is_news_until_somebody_has_seen_it_also_over_a_restart() {
    let mut world = World::new(START, 31);
    let (first, second) = (world.sell(Rail::SinopacAccount, 100), world.sell(Rail::SinopacAccount, 200));
    world.run_secs(5);
    assert_eq!(world.engine().store().news(9).unwrap(), []);
    world.pay(second.payment);
    world.end();
    // it came while the program was closed
    world.sleep_to(world.now.plus_mins(30));
    world.open();
    world.run_secs(30);
    assert_eq!(world.engine().store().news(9).unwrap(), [second.payment]);
    let told = |notices: Vec<Notice>| notices.iter().filter(|n| matches!(n, Notice::News(_))).count();
    assert_eq!(told(world.engine().take_notices()), 1);
    world.end();
    world.open();
    assert_eq!(world.engine().store().news(9).unwrap(), [second.payment], "nobody has seen it yet");
    let now = world.clocks();
    world.engine().seen(now, second.payment, Actor::Owner).unwrap();
    world.run_secs(7_200);
    assert_eq!(world.engine().store().news(9).unwrap(), []);
    assert_eq!(told(world.engine().take_notices()), 0);
    assert_eq!(world.state(first.payment), PaymentState::Awaiting);
}

#[test]
fn settings_hold_at_once_and_what_makes_the_shop_stays() {
    let mut world = World::new(START, 32);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(2);
    let (now, before) = (world.clocks(), world.engine().shop().clone());
    let mut to = before.clone();
    (to.name, to.payee_name) = ("another".into(), "新戶名".into());
    to.polling.screen_s = 30;
    let sinopac = to.sinopac.as_mut().unwrap();
    (sinopac.account_limit, sinopac.shop_no) = (Twd::new(50), "XX0000_001".into());
    world.engine().change_settings(now, to, Actor::Owner).unwrap();
    world.end();
    world.open();
    let after = world.engine().shop().clone();
    assert_eq!((after.name, after.payee_name.as_str()), (before.name, "新戶名"));
    let (old, new) = (before.sinopac.unwrap(), after.sinopac.unwrap());
    assert_eq!((new.shop_no, new.account_limit), (old.shop_no, Twd::new(50)));
    assert_eq!(world.engine().limit(Rail::SinopacAccount), Some(Twd::new(50)));
    // the pace of the screen
    let now = world.clocks();
    world.engine().watch(now, sold.payment).unwrap();
    let asked =
        |world: &World| world.bank.lock().unwrap().calls().filter(|c| c.service == "OrderQuery").count();
    world.run_secs(2);
    let first = asked(&world);
    world.run_secs(26);
    assert!(asked(&world) - first <= 4, "every 30 seconds, beside looks and the sweep");
}

#[test]
fn money_shows_within_three_seconds_also_beside_a_sweep() {
    for (rail, step) in Rail::ALL.into_iter().flat_map(|r| (0..50).map(move |n| (r, n))) {
        let mut world = World::new(START, 33);
        // a sweep of five minutes falls into it
        world.run_to(at("2026-11-23T09:04:45+08:00"));
        let sold = world.sell(rail, 100);
        if rail == Rail::CtbcCard {
            world.open_page(sold.payment);
        }
        let now = world.clocks();
        world.engine().watch(now, sold.payment).unwrap();
        world.run_to(at("2026-11-23T09:04:58+08:00").plus_ms(step * 97));
        match rail {
            Rail::SinopacAccount | Rail::SinopacCard => world.pay(sold.payment),
            Rail::CtbcCard => drop(world.card_control("pay", sold.payment, &json!({}))),
        }
        world.run_secs(3);
        assert_eq!(world.state(sold.payment), PaymentState::Paid, "{rail:?} {step}");
    }
}

/// A repeated poll reports the bank's answer even when it is unchanged; where there is money, once.
#[test]
fn asking_again_is_answered_whatever_the_bank_says() {
    let mut world = World::new(START, 35);
    let sold = world.sell(Rail::SinopacAccount, 100);
    world.run_secs(3);
    let asked = |world: &mut World| {
        let notices = world.engine().take_notices();
        notices.iter().filter(|n| **n == Notice::Asked(sold.payment)).count()
    };
    for _ in 0..2 {
        asked(&mut world);
        let now = world.clocks();
        world.engine().watch(now, sold.payment).unwrap();
        world.run_secs(10);
        assert_eq!(asked(&mut world), 1, "once, though it is asked every three seconds");
    }
    // a refusal is an answer, silence is none
    for (kind, told) in [("code:E0101", 1), ("drop-before", 0)] {
        asked(&mut world);
        world.control("fault", &json!({ "kind": kind, "match": "OrderQuery", "count": 3 }));
        let now = world.clocks();
        world.engine().watch(now, sold.payment).unwrap();
        world.run_secs(7);
        assert_eq!(asked(&mut world), told, "{kind}");
        world.control("faults", &json!({ "clear": true }));
    }
    world.pay(sold.payment);
    // a refusal of the shop is over when its one question is answered
    world.run_secs(70);
    assert_eq!(world.state(sold.payment), PaymentState::Paid);
    let (before, now) = (world.calls, world.clocks());
    asked(&mut world);
    world.engine().watch(now, sold.payment).unwrap();
    world.run_secs(30);
    assert_eq!(asked(&mut world), 1);
    assert_eq!(world.calls - before, 1, "and no more");
}

#[test]
fn at_most_three_payments_are_on_the_screen_at_once() {
    let mut world = World::new(START, 34);
    let sold: Vec<_> = (1..=5).map(|n| world.sell(Rail::SinopacAccount, n)).collect();
    world.run_secs(20);
    for sold in &sold {
        let now = world.clocks();
        world.engine().watch(now, sold.payment).unwrap();
        world.run_secs(1);
    }
    world.run_secs(12);
    let read = |world: &mut World| sold.iter().filter(|s| world.engine().was_read(s.payment)).count();
    assert_eq!(read(&mut world), 3);
}

/// Whoever calls it: the limits hold in the engine itself.
#[test]
fn the_engine_refuses_an_amount_outside_the_rail() {
    let mut world = World::new(START, 36);
    for rail in Rail::ALL {
        let limit = world.engine().limit(rail).unwrap();
        for dollars in [limit.dollars() + 1, 0, -1] {
            let refused = world.refused(OrderId::from_bytes([9; 16]), false, rail, dollars);
            assert_eq!(refused, SaleRefused::Amount { limit }, "{rail:?} {dollars}");
        }
    }
    assert!(
        world.engine().store().order(OrderId::from_bytes([9; 16])).unwrap().is_none(),
        "nothing was written"
    );
    let most = world.engine().limit(Rail::SinopacAccount).unwrap();
    let sold = world.sell(Rail::SinopacAccount, most.dollars());
    world.run_secs(3);
    assert_eq!((most, world.state(sold.payment)), (Twd::new(30_000), PaymentState::Awaiting));
}
