//! The way to the application: gateway, envelope, one-time numbers; each refusal, and the order of
//! refusals.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn status(bank: &mut Simulator, change: impl FnOnce(&mut HttpRequest)) -> u16 {
    let mut request = sealed(bank, "OrderCreate", &account("A1"));
    change(&mut request);
    let answer = bank.handle(&request);
    assert!(answer.header("Date").is_some());
    assert_eq!(bank.books().count(), usize::from(answer.status == 200));
    answer.status
}

#[test]
fn the_gateway_refuses_plainly() {
    assert_eq!(status(&mut bank(), |_| {}), 200);
    assert_eq!(status(&mut bank(), |r| r.headers.retain(|h| h.0 != "x-keyid")), 401);
    assert_eq!(status(&mut bank(), |r| "wrong".clone_into(&mut r.headers[1].1)), 401);
    assert_eq!(status(&mut bank(), |r| r.path = r.path.to_lowercase()), 403);
    assert_eq!(status(&mut bank(), |r| r.path.push('s')), 404);
    assert_eq!(status(&mut bank(), |r| r.path = r.path.replace("api/", "api//")), 404);
    assert_eq!(status(&mut bank(), |r| "PUT".clone_into(&mut r.method)), 405);
    assert_eq!(status(&mut bank(), |r| "text/plain".clone_into(&mut r.headers[0].1)), 415);
    assert_eq!(
        status(&mut bank(), |r| "application/json; charset=utf-8".clone_into(&mut r.headers[0].1)),
        200
    );
    assert_eq!(status(&mut bank(), |r| r.headers[1].1 = r.headers[1].1.to_uppercase()), 200);
}

#[test]
fn the_date_header_is_bank_time() {
    let answer = bank().handle(&post("Nonce", &json!({"ShopNo": SHOP})));
    assert_eq!(answer.header("date"), Some("Sun, 22 Nov 2026 02:00:00 GMT"));
}

#[test]
fn addresses_can_be_refused() {
    let mut bank = bank();
    bank.control("shops", &json!({"bank": "sinopac", "shop": SHOP, "allow_ips": ["10.0.0.1"]})).unwrap();
    assert_eq!(bank.handle(&post("Nonce", &json!({"ShopNo": SHOP}))).status, 499);
    bank.control("shops", &json!({"bank": "sinopac", "shop": "demo", "allow_ips": null})).unwrap();
    assert_eq!(bank.handle(&post("Nonce", &json!({"ShopNo": SHOP}))).status, 200);
}

#[test]
fn the_rate_is_counted_always_and_refused_when_switched_on() {
    let mut bank = bank();
    let ask = |bank: &mut Simulator| bank.handle(&post("Nonce", &json!({"ShopNo": SHOP}))).status;
    assert!((0..9).all(|_| ask(&mut bank) == 200));
    assert_eq!(bank.control("books", &json!({})).unwrap()["busiest_second"], 9);
    bank.advance(Duration::from_secs(1));
    bank.control("switch", &json!({"rate_limit": 5})).unwrap();
    let statuses: Vec<u16> = (0..6).map(|_| ask(&mut bank)).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
    bank.advance(Duration::from_secs(1));
    assert_eq!(ask(&mut bank), 200);
}

/// What an envelope is answered, plain or sealed, and that nothing was done.
fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut bank = bank();
    let nonce = nonce(&mut bank);
    let mut body = envelope("OrderCreate", &nonce, &account("A1"));
    change(&mut body);
    let answer = bank.handle(&post("Order", &body));
    assert_eq!(bank.books().count(), 0);
    let plain = answer.body_json().unwrap();
    if plain.get("Message").is_some() { code(&opened(&answer)) } else { code(plain.as_object().unwrap()) }
}

#[test]
fn the_envelope_is_checked_member_by_member() {
    assert_eq!(refused(|body| body["Version"] = json!("1.0.1")), "E3301");
    assert_eq!(refused(|body| body["Version"] = json!(1)), "E0001");
    assert_eq!(refused(|body| *body = json!([])), "E0001");
    assert_eq!(refused(|body| body["ShopNo"] = json!("")), "E0100");
    assert_eq!(refused(|body| body["ShopNo"] = json!("x".repeat(21))), "E0100");
    assert_eq!(refused(|body| body["ShopNo"] = json!("NA0249_002")), "E0101");
    assert_eq!(refused(|body| body["APIService"] = json!("orderCreate")), "E3401");
    assert_eq!(refused(|body| body["APIService"] = json!("AllotQuery")), "E3401");
    assert_eq!(refused(|body| body["Nonce"] = json!("x")), "E3001");
    assert_eq!(refused(|body| body["Message"] = json!("00")), "E3501");
    assert_eq!(refused(|body| body["Message"] = json!("")), "E3501");
    let lower = |body: &mut Value| body["Message"] = json!(body["Message"].as_str().unwrap().to_lowercase());
    assert_eq!(refused(lower), "E3501");
    let lower = |body: &mut Value| body["Sign"] = json!(body["Sign"].as_str().unwrap().to_lowercase());
    assert_eq!(refused(lower), "E0000");
    assert_eq!(refused(|body| body["Sign"] = json!("0".repeat(64))), "E0000");
}

#[test]
fn the_inner_shop_number_must_be_the_outer_one() {
    let mut bank = bank();
    let mut fields = account("A1");
    fields["ShopNo"] = json!("NA0249_002");
    let request = sealed(&mut bank, "OrderCreate", &fields);
    assert_eq!(code(&opened(&bank.handle(&request))), "E0100");
}

#[test]
fn a_message_with_a_name_twice_is_not_read() {
    let mut bank = bank();
    let nonce = nonce(&mut bank);
    let mut body = envelope("OrderCreate", &nonce, &account("A1"));
    let twice = account("A1").to_string().replacen('{', "{\"Amount\":100,", 1);
    body["Message"] = json!(seal::encrypt(twice.as_bytes(), &nonce, HASH_ID).unwrap());
    assert_eq!(code(&opened(&bank.handle(&post("Order", &body)))), "E3501");
}

#[test]
fn earlier_checks_win() {
    let all_wrong = |body: &mut Value| {
        body["Version"] = json!("2");
        body["ShopNo"] = json!("other");
        body["Nonce"] = json!("x");
    };
    assert_eq!(refused(all_wrong), "E3301");
    let service_before_nonce = |body: &mut Value| {
        body["APIService"] = json!("None");
        body["Nonce"] = json!("x");
    };
    assert_eq!(refused(service_before_nonce), "E3401");
    let message_before_sign = |body: &mut Value| {
        body["Message"] = json!("00");
        body["Sign"] = json!("x");
    };
    assert_eq!(refused(message_before_sign), "E3501");
}

#[test]
fn a_nonce_lives_a_minute_for_one_call_from_one_address() {
    let mut bank = bank();
    let nonce = nonce(&mut bank);
    let request = post("Order", &envelope("OrderQuery", &nonce, &json!({"ShopNo": SHOP, "PayType": "A"})));
    let mut elsewhere = request.clone();
    elsewhere.source_ip = "10.0.0.1".parse().unwrap();
    assert_eq!(code(&opened(&bank.handle(&elsewhere))), "E3002");
    let mut later = Simulator::new(&json!([demo_shop()]), bank.now(), 7).unwrap();
    super::nonce(&mut later);
    later.advance(Duration::from_millis(60_001));
    assert_eq!(code(&opened(&later.handle(&request))), "E3003");
    bank.advance(Duration::from_mins(1));
    assert_eq!(code(&opened(&bank.handle(&request))), "S0001");
    assert_eq!(code(&opened(&bank.handle(&request))), "E3001");
}

#[test]
fn the_nonce_service_checks_the_shop() {
    let mut bank = bank();
    let mut said = |body: Value| {
        let answer = bank.handle(&post("Nonce", &body)).body_json().unwrap();
        code(answer.as_object().unwrap())
    };
    assert_eq!(said(json!([])), "E0001");
    assert_eq!(said(json!({})), "E0100");
    assert_eq!(said(json!({"ShopNo": "NA0249_009"})), "E0101");
    bank.control("shops", &json!({"shop": SHOP, "open": false})).unwrap();
    let answer = bank.handle(&post("Nonce", &json!({"ShopNo": SHOP}))).body_json().unwrap();
    assert_eq!(code(answer.as_object().unwrap()), "E0102");
}

#[test]
fn several_shops_have_books_and_keys_of_their_own() {
    let other = json!({"name": "second", "sinopac": {
        "environment": "custom", "shop_no": "BA0026_001", "key_id": "1f078484-87fe-4c61-a77d-22d865eeb4f4",
        "a1": "4D9709D699CA40EE", "a2": "5A4FEF83140C4E9E", "b1": "BC74301945134CB4", "b2": "961F67F8FCA44AB9"}});
    let mut bank = Simulator::new(&json!([demo_shop(), other]), at("2026-11-22T10:00:00+08:00"), 7).unwrap();
    create(&mut bank, account("A1"));
    bank.control("plant", &json!({"shop": "second", "order": "A1", "amount": 7})).unwrap();
    assert_eq!(bank.book("BA0026_001", "A1").unwrap().ts_no, "BA002600000001");
    assert_eq!(bank.book(SHOP, "A1").unwrap().amount, 500);
    let nonce =
        bank.handle(&post("Nonce", &json!({"ShopNo": "BA0026_001"}))).body_json().unwrap()["Nonce"].clone();
    let body = envelope("OrderQuery", nonce.as_str().unwrap(), &json!({"ShopNo": SHOP, "OrderNo": "A1"}));
    assert_eq!(code(&opened(&bank.handle(&post("Order", &body)))), "E3002", "a nonce of another shop");
    let link = json!({"shop": "second", "order": "C1", "pay_type": "C", "state": "1C200"});
    bank.control("plant", &link).unwrap();
    let paid = bank.control("pay", &json!({"shop": "second", "order": "C1"})).unwrap();
    let token = paid["return"]["fields"]["PayToken"].clone();
    let answer = ask(&mut bank, "OrderPayQuery", json!({"PayToken": token}));
    assert_eq!(code(&answer), "E2401", "a token of another shop");
}
