//! The control calls, over their own requests: both forms, refusals, planting, clock, reset,
//! counting.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn call(bank: &mut Simulator, path: &str, body: &Value) -> (u16, Value) {
    let answer = bank.handle(&HttpRequest::post_json(path, body, None));
    (answer.status, answer.body_json().unwrap())
}

#[test]
fn a_call_has_its_name_in_the_path_or_around_its_arguments() {
    let mut bank = bank();
    let by_path = call(&mut bank, "/control/advance", &json!({"seconds": 5}));
    assert_eq!(by_path, (200, json!({"at": "2026-11-22T10:00:05.000+08:00", "frozen": false})));
    let around = call(&mut bank, "/control", &json!({"advance": {"seconds": 5}}));
    assert_eq!(around.1["at"], "2026-11-22T10:00:10.000+08:00");
}

#[test]
fn refused_calls_say_why_and_change_nothing() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    for (path, body, status, code) in [
        ("/control/explode", json!({}), 404, "unknown-call"),
        ("/control", json!({}), 404, "unknown-call"),
        ("/control/pay", json!({"bank": "ctbc", "shop": SHOP, "order": "A1"}), 404, "unknown-shop"),
        ("/control/late", json!({"bank": "ctbc", "shop": SHOP, "order": "A1"}), 501, "not-built"),
        ("/control/pay", json!({"bank": "other", "shop": SHOP, "order": "A1"}), 400, "member"),
        ("/control/pay", json!({"shop": SHOP}), 400, "member"),
        ("/control/pay", json!({"shop": "none", "order": "A1"}), 404, "unknown-shop"),
        ("/control/pay", json!({"shop": SHOP, "order": "A2"}), 404, "unknown-order"),
        ("/control/pay", json!({"shop": SHOP, "order": "A1", "at": "soon"}), 400, "member"),
        ("/control/decline", json!({"shop": SHOP, "order": "A1"}), 409, "state"),
        ("/control/run_batch", json!({"bank": "sinopac"}), 501, "not-built"),
        ("/control/run_batch", json!({"phase": "both"}), 409, "state"),
        ("/control/advance", json!({"seconds": -1}), 400, "member"),
        ("/control/clock", json!({"freeze": 1}), 400, "member"),
        ("/control/shops", json!({"shop": SHOP, "allow_ips": ["home"]}), 400, "member"),
        ("/control/fault", json!({"kind": "none"}), 400, "member"),
        ("/control/fault", json!({"kind": "code:99/zz"}), 400, "member"),
        ("/control/books", json!({"shop": "none"}), 404, "unknown-shop"),
        ("/control/switch", json!({"pay_job": true, "none": 1}), 400, "member"),
        ("/control/plant", json!({"shop": SHOP, "order": "X", "amount": -1}), 400, "member"),
        ("/control/pay_all", json!({"shop": SHOP, "orders": ["A1", "A2"]}), 404, "unknown-order"),
    ] {
        let answer = call(&mut bank, path, &body);
        assert_eq!((answer.0, &answer.1["error"]["code"]), (status, &json!(code)), "{path} {body}");
    }
    let mut get = HttpRequest::post_json("/control/reset", &json!({}), None);
    "GET".clone_into(&mut get.method);
    assert_eq!(bank.handle(&get).status, 405);
    let mut broken = HttpRequest::post_json("/control/pay", &json!({}), None);
    broken.body = b"{".to_vec();
    assert_eq!(bank.handle(&broken).status, 400);
    assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A200");
    assert_eq!(bank.control("switch", &json!({})).unwrap()["pay_job"], false);
}

#[test]
fn the_clock_is_set_stopped_and_stepped() {
    let mut bank = bank();
    call(&mut bank, "/control/clock", &json!({"at": "2026-11-24T00:00:00+08:00", "freeze": true}));
    bank.flow(Duration::from_secs(100));
    assert_eq!(bank.now(), at("2026-11-24T00:00:00+08:00"));
    bank.advance(Duration::from_secs(1));
    bank.freeze(false);
    bank.flow(Duration::from_secs(1));
    assert_eq!(bank.now(), at("2026-11-24T00:00:02+08:00"));
    let earlier = call(&mut bank, "/control/clock", &json!({"at": "202611220800"}));
    assert_eq!(earlier.1["at"], "2026-11-22T08:00:00.000+08:00");
    bank.run_to(at("2026-11-22T07:00:00+08:00"));
    assert_eq!(bank.now(), at("2026-11-22T08:00:00+08:00"), "never back by itself");
}

#[test]
fn disagreement_can_be_planted() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    let plant = |bank: &mut Simulator, args: Value| bank.control("plant", &args).unwrap();
    plant(
        &mut bank,
        json!({"shop": SHOP, "order": "A1", "amount": 499, "state": "1A900", "paid_at": "202611220800"}),
    );
    let seen = row(&mut bank, "A1");
    assert_eq!((&seen["Amount"], &seen["PayStatus"]), (&json!(49900), &json!("1A900")));
    assert_eq!(seen["PayDate"], "202611220800", "before its own TSDate");
    plant(&mut bank, json!({"shop": SHOP, "order": "A1", "paid_at": "202611220810"}));
    let hour = json!({"PayDateTimeS": "202611220800", "PayDateTimeE": "202611220900"});
    let rows = ask(&mut bank, "OrderQuery", hour)["OrderList"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "no trace of the earlier pay date");
    plant(&mut bank, json!({"shop": SHOP, "order": "A1", "state": "1A777"}));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A777");
    plant(&mut bank, json!({"shop": SHOP, "order": "OTHER", "amount": 100, "state": "1C300"}));
    assert_eq!(row(&mut bank, "OTHER")["PayType"], "C");
    let book = bank.book(SHOP, "OTHER").unwrap();
    assert!(book.planted && !bank.book(SHOP, "A1").unwrap().planted);
}

#[test]
fn many_accounts_are_paid_in_one_minute() {
    let mut bank = bank();
    for order in ["A1", "A2", "A3"] {
        create(&mut bank, account(order));
    }
    create(&mut bank, card("C1", "Y"));
    let some = json!({"shop": SHOP, "orders": ["A1"], "at": "202611220955"});
    assert_eq!(bank.control("pay_all", &some).unwrap(), json!({"paid": 1}));
    assert_eq!(bank.control("pay_all", &json!({"shop": SHOP})).unwrap(), json!({"paid": 2}));
    assert!(bank.bank.ledger.waiting_accounts().is_empty());
    assert_eq!(row(&mut bank, "A1")["PayDate"], "202611220955");
    assert_eq!(row(&mut bank, "A3")["PayDate"], "202611221000");
    assert_eq!(bank.book(SHOP, "C1").unwrap().state, "1C200");
}

#[test]
fn calls_count_what_was_acted_on_and_hold_no_secrets() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    ask(&mut bank, "OrderCreate", account("A1"));
    row(&mut bank, "A1");
    let shown = call(&mut bank, "/control/calls", &json!({"order": "A1"})).1;
    let lines: Vec<_> = shown["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["service"].as_str().unwrap(),
                line["code"].as_str().unwrap(),
                line["acted"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [("OrderCreate", "S0000", true), ("OrderCreate", "E0302", false), ("OrderQuery", "S0000", false)]
    );
    let all = call(&mut bank, "/control/calls", &json!({})).1;
    assert_eq!(all["calls"].as_array().unwrap().len(), 6);
    let books = call(&mut bank, "/control/books", &json!({})).1;
    for secret in [KEY_ID, HASH_ID, "86D50DEF3EB7400E", "E1B3713AB56A06C2"] {
        assert!(!all.to_string().contains(secret) && !books.to_string().contains(secret));
    }
}

#[test]
fn reset_forgets_orders_and_keeps_shops_and_clock() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    bank.advance(Duration::from_secs(5));
    bank.control("fault", &json!({"kind": "bom"})).unwrap();
    bank.control("switch", &json!({"rows_max": 1})).unwrap();
    bank.control("reset", &json!({})).unwrap();
    assert_eq!(bank.control("switch", &json!({})).unwrap()["rows_max"], 300);
    assert_eq!((bank.books().count(), bank.calls().count()), (0, 0));
    assert_eq!(bank.now(), at("2026-11-22T10:00:05+08:00"));
    create(&mut bank, account("A1"));
}

#[test]
fn one_seed_gives_one_history() {
    let history = || {
        let mut bank = bank();
        let answer = create(&mut bank, card("C1", "Y"));
        bank.pay(SHOP, "C1", None).unwrap_or_else(|_| panic!("paid"));
        (Value::Object(answer).to_string(), row(&mut bank, "C1").to_string())
    };
    assert_eq!(history(), history());
}

#[test]
fn the_readme_names_every_switch() {
    let readme = include_str!("../../README.md");
    let switches = bank().control("switch", &json!({})).unwrap();
    for name in switches.as_object().unwrap().keys() {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
