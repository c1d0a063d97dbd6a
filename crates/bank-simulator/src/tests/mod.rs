//! The dialect from outside: requests sealed by a small client of the tests' own, answers opened
//! and verified.

mod accounts;
mod cards;
mod checks;
mod control;
mod ctbc;
mod faults;
mod gateway;
mod over_http;
mod queries;
mod refunds;
mod switches;

use serde_json::{Map, Value, json};

use crate::sinopac::seal;
use crate::{BankTime, Doors, Effect, HttpAnswer, HttpRequest, SINOPAC_PATH, Simulator, demo_shop};

pub(crate) const SHOP: &str = "NA0249_001";
pub(crate) const KEY_ID: &str = "b5e6986d-8636-4aa0-8c93-441ad14b2098";
const HASH_ID: &str = "87282A2FA0E209EBE1B3713AB56A06C2";

/// A simulator on the morning of 2026-11-22.
pub(crate) fn bank() -> Simulator {
    // at this bank alone
    let mut shop = demo_shop();
    shop.as_object_mut().unwrap().remove("ctbc");
    Simulator::new(&json!([shop]), at("2026-11-22T10:00:00+08:00"), 7).unwrap()
}

pub(crate) fn at(text: &str) -> BankTime {
    BankTime::from_rfc3339(text).unwrap()
}

pub(crate) fn post(service: &str, body: &Value) -> HttpRequest {
    HttpRequest::post_json(&format!("{SINOPAC_PATH}/{service}"), body, Some(KEY_ID))
}

pub(crate) fn nonce(bank: &mut Simulator) -> String {
    let answer = bank.handle(&post("Nonce", &json!({"ShopNo": SHOP})));
    answer.body_json().unwrap()["Nonce"].as_str().unwrap().to_owned()
}

/// The request of a service with these fields.
pub(crate) fn sealed(bank: &mut Simulator, service: &str, fields: &Value) -> HttpRequest {
    let nonce = nonce(bank);
    post("Order", &envelope(service, &nonce, fields))
}

pub(crate) fn envelope(service: &str, nonce: &str, fields: &Value) -> Value {
    let query = seal::query_text(fields.as_object().unwrap());
    json!({
        "Version": "1.0.0",
        "ShopNo": SHOP,
        "APIService": service,
        "Sign": seal::sign(query.as_bytes(), nonce, HASH_ID),
        "Nonce": nonce,
        "Message": seal::encrypt(fields.to_string().as_bytes(), nonce, HASH_ID).unwrap(),
    })
}

/// Opens an answer and verifies its sign.
pub(crate) fn opened(answer: &HttpAnswer) -> Map<String, Value> {
    assert_eq!((answer.status, answer.effect), (200, Effect::Send));
    let outer = answer.body_json().unwrap();
    assert_eq!(outer["Version"], "1.0.0");
    let text = |name: &str| outer[name].as_str().unwrap().to_owned();
    let plain = seal::decrypt(&text("Message"), &text("Nonce"), HASH_ID).unwrap();
    let inner = crate::json::object(&plain).unwrap();
    let query = seal::query_text(&inner);
    assert_eq!(seal::sign(query.as_bytes(), &text("Nonce"), HASH_ID), text("Sign"));
    inner
}

/// Asks a service and opens its answer; `ShopNo` is added.
pub(crate) fn ask(bank: &mut Simulator, service: &str, mut fields: Value) -> Map<String, Value> {
    if fields.get("ShopNo").is_none() {
        fields["ShopNo"] = json!(SHOP);
    }
    let request = sealed(bank, service, &fields);
    opened(&bank.handle(&request))
}

/// The five letters of an answer's code.
pub(crate) fn code(answer: &Map<String, Value>) -> String {
    answer["Description"].as_str().unwrap().chars().take(5).collect()
}

pub(crate) fn account(order: &str) -> Value {
    json!({
        "ShopNo": SHOP, "OrderNo": order, "Amount": 50000, "CurrencyID": "TWD", "PayType": "A",
        "ATMParam": {"ExpireDate": "20261125"}, "CardParam": {}, "PrdtName": "虛擬帳號訂單",
        "ReturnURL": "http://127.0.0.1:9/return"
    })
}

pub(crate) fn card(order: &str, auto_billing: &str) -> Value {
    json!({
        "ShopNo": SHOP, "OrderNo": order, "Amount": 40400, "CurrencyID": "TWD", "PayType": "C",
        "ATMParam": [], "CardParam": {"AutoBilling": auto_billing}, "PrdtName": "信用卡訂單",
        "ReturnURL": "http://127.0.0.1:9/return"
    })
}

/// The only row of an `OrderQuery` by number.
pub(crate) fn row(bank: &mut Simulator, order: &str) -> Value {
    let answer = ask(bank, "OrderQuery", json!({"OrderNo": order}));
    let rows = answer["OrderList"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    rows[0].clone()
}

pub(crate) fn create(bank: &mut Simulator, fields: Value) -> Map<String, Value> {
    let answer = ask(bank, "OrderCreate", fields);
    assert_eq!(code(&answer), "S0000");
    answer
}
