//! Each fault on the wire: what leaves the bank, and whether it acted.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

/// Orders an account under a fault.
fn under(kind: &str, more: &Value) -> (Simulator, HttpAnswer) {
    let mut bank = bank();
    create(&mut bank, account("OLD"));
    let mut args = json!({"kind": kind, "match": "OrderCreate"});
    args.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    bank.control("fault", &args).unwrap();
    let request = sealed(&mut bank, "OrderCreate", &account("A1"));
    let answer = bank.handle(&request);
    assert_eq!(bank.calls().last().unwrap().fault.as_deref(), Some(kind));
    assert_eq!(bank.control("faults", &json!({})).unwrap(), json!({"faults": []}));
    (bank, answer)
}

fn acted(bank: &Simulator) -> bool {
    let in_books = bank.book(SHOP, "A1").is_some();
    assert_eq!(bank.calls().last().unwrap().acted, in_books);
    in_books
}

#[test]
fn a_dropped_connection_before_or_after_acting() {
    let (bank, answer) = under("drop-before", &json!({}));
    assert_eq!((answer.effect, acted(&bank)), (Effect::Drop, false));
    let (bank, answer) = under("drop-after", &json!({}));
    assert_eq!((answer.effect, acted(&bank)), (Effect::Drop, true));
}

#[test]
fn a_request_that_never_arrived_uses_up_no_nonce() {
    let mut bank = bank();
    bank.control("fault", &json!({"kind": "drop-before", "match": "*"})).unwrap();
    let nonce_lost = bank.handle(&post("Nonce", &json!({"ShopNo": SHOP})));
    assert_eq!(nonce_lost.effect, Effect::Drop);
    let request = sealed(&mut bank, "OrderCreate", &account("A1"));
    bank.control("fault", &json!({"kind": "drop-before", "order": "A1"})).unwrap();
    assert_eq!(bank.handle(&request).effect, Effect::Drop);
    assert_eq!(code(&opened(&bank.handle(&request))), "S0000");
}

#[test]
fn a_late_answer_is_a_good_answer() {
    let (bank, mut answer) = under("delay", &json!({"seconds": 30}));
    assert_eq!(answer.effect, Effect::Delay(Duration::from_secs(30)));
    answer.effect = Effect::Send;
    assert_eq!(code(&opened(&answer)), "S0000");
    assert!(acted(&bank));
}

#[test]
fn html_comes_with_any_status_and_by_choice_after_acting() {
    for status in [200, 500, 502, 503] {
        let (bank, answer) = under(&format!("html-{status}"), &json!({}));
        assert_eq!(answer.status, status);
        assert!(answer.body.starts_with(b"<!DOCTYPE html>") && !acted(&bank));
    }
    let (bank, answer) = under("html-500", &json!({"acts": true}));
    assert_eq!((answer.status, acted(&bank)), (500, true));
}

/// The parts of an envelope, and the message opened if it can be.
fn loosely(answer: &HttpAnswer) -> (Value, Option<Vec<u8>>, String) {
    let outer = answer.body_json().unwrap();
    let plain = seal::decrypt(outer["Message"].as_str().unwrap(), outer["Nonce"].as_str().unwrap(), HASH_ID);
    let fields = plain.as_deref().and_then(crate::json::object);
    let query = fields.map(|fields| seal::query_text(&fields)).unwrap_or_default();
    let sign = seal::sign(query.as_bytes(), outer["Nonce"].as_str().unwrap(), HASH_ID);
    (outer, plain, sign)
}

#[test]
fn a_broken_seal() {
    let (bank, answer) = under("wrong-sign", &json!({}));
    let (outer, plain, sign) = loosely(&answer);
    assert!(plain.is_some() && outer["Sign"] != json!(sign) && acted(&bank));
    let (_, answer) = under("wrong-nonce", &json!({}));
    let (outer, _, sign) = loosely(&answer);
    assert_eq!(outer["Nonce"].as_str().unwrap().len(), 108);
    assert_ne!(outer["Sign"], json!(sign));
    for byte in [0, 17, 40] {
        let (_, answer) = under(&format!("flip:{byte}"), &json!({}));
        let (outer, _, sign) = loosely(&answer);
        assert_ne!(outer["Sign"], json!(sign));
    }
}

#[test]
fn a_body_that_is_not_whole_or_not_plain() {
    let (bank, answer) = under("truncated", &json!({}));
    assert!(answer.body_json().is_none() && !answer.body.is_empty() && acted(&bank));
    let (_, answer) = under("cut", &json!({}));
    assert_eq!(answer.effect, Effect::Cut { after: answer.body.len() / 2, hold: Duration::ZERO });
    let (_, answer) = under("big-body", &json!({}));
    assert_eq!(answer.effect, Effect::Pad { bytes: 50_000_000 });
    let (_, answer) = under("bom", &json!({}));
    assert!(answer.body.starts_with(b"\xEF\xBB\xBF{"));
}

#[test]
fn names_that_stand_twice() {
    let (_, answer) = under("duplicate-keys", &json!({}));
    assert!(crate::json::object(&answer.body).is_none());
    assert!(answer.body_json().is_some(), "a careless reader takes it");
    let (_, answer) = under("duplicate-keys-inside", &json!({}));
    let (outer, plain, _) = loosely(&answer);
    let plain = plain.unwrap();
    assert!(crate::json::object(&plain).is_none());
    let careless: Map<String, Value> = serde_json::from_slice(&plain).unwrap();
    let query = seal::query_text(&careless);
    assert_eq!(outer["Sign"], seal::sign(query.as_bytes(), outer["Nonce"].as_str().unwrap(), HASH_ID));
}

#[test]
fn text_in_another_charset() {
    let (_, answer) = under("wrong-charset", &json!({}));
    let plain = loosely(&answer).1.unwrap();
    assert!(std::str::from_utf8(&plain).is_err());
}

#[test]
fn an_answer_about_another_order_is_sent_again() {
    let (bank, answer) = under("replay", &json!({}));
    assert_eq!(opened(&answer)["OrderNo"], "OLD");
    assert!(acted(&bank));
}

#[test]
fn an_echo_that_is_not_equal() {
    let (bank, answer) = under("unequal-amount", &json!({}));
    assert_eq!(opened(&answer)["Amount"], 50100);
    assert!(acted(&bank) && bank.book(SHOP, "A1").unwrap().amount == 500);
    let (_, answer) = under("unequal-order", &json!({}));
    assert_eq!(opened(&answer)["OrderNo"], "AX");
    let (_, answer) = under("unequal-shop", &json!({}));
    assert_eq!(opened(&answer)["ShopNo"], "NA0249_00X");
}

#[test]
fn an_echo_in_a_row_or_behind_a_token_is_not_equal() {
    let mut bank = bank();
    create(&mut bank, card("C1", "Y"));
    let paid = bank.control("pay", &json!({"shop": SHOP, "order": "C1"})).unwrap();
    bank.control("fault", &json!({"kind": "unequal-amount", "order": "C1", "count": 2})).unwrap();
    assert_eq!(row(&mut bank, "C1")["Amount"], 40500);
    let token = paid["return"]["fields"]["PayToken"].clone();
    let answer = ask(&mut bank, "OrderPayQuery", json!({"PayToken": token}));
    assert_eq!(answer["TSResultContent"]["Amount"], "40500");
    assert_eq!(row(&mut bank, "C1")["Amount"], 40400);
}

#[test]
fn codes_listed_and_unlisted() {
    let (bank, answer) = under("unlisted-code", &json!({}));
    assert_eq!((code(&opened(&answer)).as_str(), acted(&bank)), ("E7777", true));
    assert_eq!(bank.calls().last().unwrap().code, "E7777");
    let (bank, answer) = under("unlisted-code", &json!({"acts": false}));
    assert_eq!((code(&opened(&answer)).as_str(), acted(&bank)), ("E7777", false));
    let (bank, answer) = under("code:E0304", &json!({}));
    let inner = opened(&answer);
    assert_eq!(
        (inner["Description"].as_str().unwrap(), acted(&bank)),
        ("E0304 – 該筆商家訂單編號確認中", false)
    );
    let (_, answer) = under("code:M0001", &json!({}));
    assert_eq!(opened(&answer)["Status"], "F");
}

#[test]
fn the_nonce_service_fails_too() {
    let mut bank = bank();
    let mut under = |kind: &str| {
        bank.control("fault", &json!({"kind": kind, "match": "Nonce"})).unwrap();
        bank.handle(&post("Nonce", &json!({"ShopNo": SHOP})))
    };
    assert_eq!(under("html-503").status, 503);
    assert!(under("truncated").body_json().is_none());
    let busy = under("code:E9900").body_json().unwrap();
    assert_eq!(busy["Description"], "E9900 – 系統忙碌中");
    create(&mut bank, account("A1"));
}

#[test]
fn faults_can_be_taken_back() {
    let mut bank = bank();
    bank.control("fault", &json!({"kind": "bom", "count": 9})).unwrap();
    bank.control("faults", &json!({"clear": true})).unwrap();
    create(&mut bank, account("A1"));
}
