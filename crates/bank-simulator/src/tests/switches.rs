//! The switches that refuse a whole shop, move the `Date`, and choose what an answer carries.

use std::time::Duration;

use serde_json::json;

use super::*;

const EIGHT_HOURS_MS: i64 = 8 * 3_600_000;

fn switch(bank: &mut Simulator, switches: &Value) {
    bank.control("switch", switches).unwrap();
}

/// A request of a service: its `Date` header, and the opened answer.
fn dated(bank: &mut Simulator, service: &str, fields: &Value) -> (String, Map<String, Value>) {
    let request = sealed(bank, service, fields);
    let answer = bank.handle(&request);
    (answer.header("Date").unwrap().to_owned(), opened(&answer))
}

#[test]
fn a_shop_that_is_refused_is_refused_everything_before_the_bank_acts() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    create(&mut bank, card("C1", "N"));
    bank.pay(SHOP, "C1", None).unwrap_or_else(|_| panic!("approved"));
    for refused_with in ["E0102", "E9999", "M0001", "E7777"] {
        switch(&mut bank, &json!({"refuse_all": refused_with}));
        for (service, fields) in [
            ("OrderQuery", json!({"OrderNo": "A1"})),
            ("OrderQuery", json!({"PayType": "A"})),
            ("OrderUnCapturedQuery", json!({})),
            ("OrderPayQuery", json!({"PayToken": "0".repeat(64)})),
            ("BillQuery", json!({"BillDate": "20261121"})),
            ("OrderCreate", account("A2")),
            ("OrderMaintain", json!({"OrderNo": "A1", "Command": "C"})),
            ("OrderMaintain", json!({"OrderNo": "C1", "Command": "P"})),
        ] {
            let answer = ask(&mut bank, service, fields);
            assert_eq!((code(&answer).as_str(), &answer["Status"]), (refused_with, &json!("F")), "{service}");
            assert!(!bank.calls().last().unwrap().acted);
        }
    }
    assert!(bank.book(SHOP, "A2").is_none());
    assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A200");
    assert_eq!(bank.book(SHOP, "C1").unwrap().state, "1C300");
    // customers go on paying
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    bank.advance(Duration::from_hours(8));
    assert_eq!(code(&ask(&mut bank, "OrderQuery", json!({"OrderNo": "A1"}))), "E7777", "until it is off");
    switch(&mut bank, &json!({"refuse_all": null}));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A400");
}

#[test]
fn the_date_header_can_be_off_alone_or_with_the_signed_date() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    let asked = json!({"ShopNo": SHOP, "OrderNo": "A1"});
    switch(&mut bank, &json!({"date_off_ms": EIGHT_HOURS_MS + 90_500}));
    let (header, answer) = dated(&mut bank, "OrderQuery", &asked);
    assert_eq!((header.as_str(), &answer["Date"]), ("Sun, 22 Nov 2026 10:01:30 GMT", &json!("202611221000")));
    let nonce = bank.handle(&post("Nonce", &json!({"ShopNo": SHOP})));
    assert_eq!(nonce.header("Date"), Some("Sun, 22 Nov 2026 10:01:30 GMT"));
    let gateway = bank.handle(&HttpRequest::post_json(&format!("{SINOPAC_PATH}/Nonce"), &json!({}), None));
    assert_eq!((gateway.status, gateway.header("Date")), (401, Some("Sun, 22 Nov 2026 10:01:30 GMT")));

    switch(&mut bank, &json!({"date_off_signed": true}));
    for (service, fields) in [
        ("OrderQuery", asked.clone()),
        ("OrderUnCapturedQuery", json!({"ShopNo": SHOP})),
        ("BillQuery", json!({"ShopNo": SHOP, "BillDate": "20261121"})),
        ("OrderMaintain", json!({"ShopNo": SHOP, "OrderNo": "A1", "Command": "C"})),
    ] {
        let (header, answer) = dated(&mut bank, service, &fields);
        assert_eq!(
            (header.as_str(), &answer["Date"]),
            ("Sun, 22 Nov 2026 10:01:30 GMT", &json!("202611221801")),
            "{service}"
        );
    }

    // books and control keep their own clock
    create(&mut bank, account("A2"));
    assert_eq!(row(&mut bank, "A2")["TSDate"], "202611221000");
    let clock = bank.handle(&HttpRequest::post_json("/control/clock", &json!({}), None));
    assert_eq!(clock.header("Date"), Some("Sun, 22 Nov 2026 02:00:00 GMT"));
    switch(&mut bank, &json!({"date_off_ms": -1_000}));
    assert_eq!(dated(&mut bank, "OrderQuery", &asked).0, "Sun, 22 Nov 2026 01:59:59 GMT");
}

#[test]
fn a_nonce_is_handed_out_twice_or_once() {
    let mut bank = bank();
    let four = |bank: &mut Simulator| [(); 4].map(|()| nonce(bank));
    let [a, b, c, d] = four(&mut bank);
    assert!(a != b && b != c && c != d);
    switch(&mut bank, &json!({"nonce_twice": true}));
    // the last one once more, then each twice
    let [again, b, b_again, c] = four(&mut bank);
    assert_eq!((again, &b_again), (d, &b));
    assert_ne!(b, c);
}

#[test]
fn a_list_of_nothing_is_an_empty_list_or_none() {
    let mut bank = bank();
    let nothing = |bank: &mut Simulator| ask(bank, "OrderQuery", json!({"OrderNo": "NONE"}));
    let answer = nothing(&mut bank);
    assert_eq!((code(&answer).as_str(), answer.get("OrderList")), ("S0001", Some(&json!([]))));
    switch(&mut bank, &json!({"empty_list": false}));
    assert_eq!(nothing(&mut bank).get("OrderList"), None);
    switch(&mut bank, &json!({"members": "empty"}));
    assert_eq!(nothing(&mut bank).get("OrderList"), Some(&json!([])));
}

#[test]
fn the_card_page_has_its_own_address_or_any() {
    let mut bank = bank();
    let link = |bank: &mut Simulator, order: &str| {
        let answer = create(bank, card(order, "Y"));
        answer["CardParam"]["CardPayURL"].as_str().unwrap().to_owned()
    };
    assert_ne!(link(&mut bank, "C1"), "javascript:alert(1)");
    switch(&mut bank, &json!({"card_pay_url": "javascript:alert(1)"}));
    assert_eq!(link(&mut bank, "C2"), "javascript:alert(1)");
    assert_eq!(row(&mut bank, "C1")["CardParam"]["CardPayURL"], "javascript:alert(1)");
}

/// Each switch that the bank shows is set by a test of this crate; the other tests have it as it is
/// by itself.
#[test]
fn every_switch_has_its_test() {
    let read = |folder: &str| -> String {
        let folder = format!("{}/src/tests/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect()
    };
    let tests = read("") + &read("ctbc");
    let mut both = demo_shop();
    both["ctbc"] = crate::demo_ctbc();
    let mut bank = Simulator::new(&json!([both]), at("2026-11-22T10:00:00+08:00"), 7).unwrap();
    let shown = bank.control("switch", &json!({})).unwrap();
    let untried = |name: &&String| {
        let set = [format!("\"{name}\":"), format!("\"{name}\",")];
        !set.iter().any(|set| tests.contains(set.as_str()))
    };
    let untried: Vec<_> = shown.as_object().unwrap().keys().filter(untried).collect();
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn a_refused_create_carries_an_amount_of_0_or_none() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    let again = ask(&mut bank, "OrderCreate", account("A1"));
    assert_eq!((code(&again).as_str(), &again["Amount"]), ("E0302", &json!(0)));
    let names: Vec<&str> = again.keys().map(String::as_str).collect();
    assert_eq!(names, ["ShopNo", "Amount", "Status", "Description"]);
    assert_eq!(ask(&mut bank, "OrderQuery", json!({})).get("Amount"), None, "creates alone");
    switch(&mut bank, &json!({"amounts": "string"}));
    assert_eq!(ask(&mut bank, "OrderCreate", account("A1"))["Amount"], "0");
    switch(&mut bank, &json!({"failure_amount": false}));
    assert_eq!(ask(&mut bank, "OrderCreate", account("A1")).get("Amount"), None);
}
