//! Card links: the hosted page step by step, approval, decline, the end of the link, capture,
//! lapse, tokens, notices.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{ControlError, Push};

const GOOD: &str = "CardNo1=4143&CardNo2=5200&CardNo3=0187&CardNo4=0127&ExpireMM=12&ExpireYY=35&CVV2=123";

fn url(answer: &Map<String, Value>) -> String {
    let url = answer["CardParam"]["CardPayURL"].as_str().unwrap();
    url.strip_prefix("http://127.0.0.1").unwrap().to_owned()
}

fn browse(bank: &mut Simulator, method: &str, path: &str, form: &str) -> (u16, String) {
    let answer = bank.handle(&HttpRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: form.as_bytes().to_vec(),
        source_ip: "127.0.0.1".parse().unwrap(),
    });
    assert!(answer.header("content-type").unwrap().starts_with("text/html; charset=utf-8"));
    (answer.status, String::from_utf8(answer.body).unwrap())
}

/// The text between the first `before` and the next `"`.
fn attribute(html: &str, before: &str) -> String {
    html.split_once(before).unwrap().1.split_once('"').unwrap().0.replace("&amp;", "&")
}

/// Types a card and an OTP; gives the last page.
fn type_card(bank: &mut Simulator, path: &str, form: &str, otp: &str) -> String {
    let (_, html) = browse(bank, "POST", path, form);
    let action = attribute(&html, "action=\"");
    browse(bank, "POST", &action, &format!("OTP={otp}")).1
}

fn result(bank: &mut Simulator, html: &str) -> Map<String, Value> {
    let token = attribute(html, "name=\"PayToken\" value=\"");
    let answer = ask(bank, "OrderPayQuery", json!({"PayToken": token}));
    assert_eq!(code(&answer), "S0000");
    answer["TSResultContent"].as_object().unwrap().clone()
}

#[test]
fn the_page_asks_for_a_card_then_an_otp_and_brings_the_browser_back() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    let (status, form) = browse(&mut bank, "GET", &path, "");
    assert_eq!(status, 200);
    for name in ["CardNo1", "CardNo2", "CardNo3", "CardNo4", "ExpireMM", "ExpireYY", "CVV2"] {
        assert!(form.contains(&format!("name=\"{name}\"")), "{name}");
    }
    assert!(!form.contains("<script"));
    assert!(form.contains("信用卡訂單") && form.contains("NT$ 404"));
    let last = type_card(&mut bank, &path, GOOD, "123456");
    assert_eq!(attribute(&last, "<form method=\"post\" action=\""), "http://127.0.0.1:9/return");
    assert_eq!(attribute(&last, "name=\"ShopNo\" value=\""), SHOP);
    let inner = result(&mut bank, &last);
    assert_eq!((&inner["APType"], &inner["Status"]), (&json!("PayOut"), &json!("S")));
    assert_eq!((&inner["Amount"], &inner["PayDate"]), (&json!("40400"), &json!("202611221000")));
    assert_eq!((&inner["LeftCCNo"], &inner["RightCCNo"]), (&json!("414352"), &json!("0127")));
    let row = row(&mut bank, "C1");
    assert_eq!((&row["PayStatus"], &row["PayDate"]), (&json!("1C400"), &json!("202611221000")));
    assert_eq!(row["CardParam"]["AuthCode"], inner["AuthCode"]);
    assert!(browse(&mut bank, "GET", &path, "").1.contains("已經付款"));
}

#[test]
fn another_card_or_a_wrong_otp_is_declined_and_the_link_lives_on() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    for (form, otp, code) in [
        (GOOD.replace("4143", "4000"), "123456", "E2700"),
        (GOOD.replace("ExpireYY=35", "ExpireYY=34"), "123456", "E2700"),
        (GOOD.replace("CVV2=123", "CVV2=999"), "123456", "E2700"),
        (GOOD.to_owned(), "000000", "E2720"),
    ] {
        let last = type_card(&mut bank, &path, &form, otp);
        let inner = result(&mut bank, &last);
        assert_eq!(inner["Status"], "F");
        assert!(inner["Description"].as_str().unwrap().starts_with(code), "{form}");
        assert!(!inner.contains_key("PayDate"));
        assert_eq!(row(&mut bank, "C1")["PayStatus"], "1C200");
    }
    let last = type_card(&mut bank, &path, GOOD, "123456");
    assert_eq!(result(&mut bank, &last)["Status"], "S");
}

#[test]
fn a_card_that_is_not_well_formed_is_asked_for_again() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    for form in ["", "CardNo1=4143", &GOOD.replace("=12", "=13"), &GOOD.replace("4143", "41x3")] {
        let (_, html) = browse(&mut bank, "POST", &path, form);
        assert!(html.contains("格式不正確") && html.contains("CardNo1"), "{form}");
    }
    let otp_first = path.replace("PayCard", "CardOtp");
    assert!(browse(&mut bank, "POST", &otp_first, "OTP=123456").1.contains("請先輸入卡片資料"));
    assert_eq!(row(&mut bank, "C1")["PayStatus"], "1C200");
}

#[test]
fn the_link_ends_on_the_minute() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    assert_eq!(row(&mut bank, "C1")["ExpireDate"], "202611221010");
    let (_, otp_page) = browse(&mut bank, "POST", &path, GOOD);
    bank.advance(Duration::from_mins(10));
    assert!(browse(&mut bank, "GET", &path, "").1.contains("連結已逾期"));
    let (_, late) = browse(&mut bank, "POST", &attribute(&otp_page, "action=\""), "OTP=123456");
    assert!(late.contains("連結已逾期"));
    assert_eq!(row(&mut bank, "C1")["PayStatus"], "1C250");
}

#[test]
fn a_page_needs_number_and_ticket() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    assert_eq!(browse(&mut bank, "GET", &path.replace("TK=", "TK=0"), "").0, 404);
    assert_eq!(browse(&mut bank, "GET", "/QPay.WebPaySite/Bridge/PayCard", "").0, 404);
    assert_eq!(browse(&mut bank, "GET", &path.replace("PayCard", "PayMobile"), "").0, 404);
    assert_eq!(browse(&mut bank, "DELETE", &path, "").0, 405);
}

#[test]
fn text_of_the_shop_is_escaped() {
    let mut bank = bank();
    let mut fields = card("C1", "Y");
    fields["PrdtName"] = json!("<b>&");
    let path = url(&create(&mut bank, fields));
    assert!(browse(&mut bank, "GET", &path, "").1.contains("&lt;b&gt;&amp;"));
}

#[test]
fn card_numbers_are_kept_nowhere() {
    let mut bank = bank();
    let path = url(&create(&mut bank, card("C1", "Y")));
    type_card(&mut bank, &path, GOOD, "123456");
    for call in ["books", "calls"] {
        let shown = bank.control(call, &json!({})).unwrap().to_string();
        assert!(!shown.contains("4143") && !shown.contains("0187"), "{call}");
    }
}

#[test]
fn an_account_can_be_paid_on_its_page() {
    let mut bank = bank();
    let answer = create(&mut bank, account("A1"));
    let url = answer["ATMParam"]["WebAtmURL"].as_str().unwrap().replace("http://127.0.0.1", "");
    let (_, html) = browse(&mut bank, "GET", &url, "");
    assert!(html.contains(answer["ATMParam"]["AtmPayNo"].as_str().unwrap()));
    browse(&mut bank, "POST", &attribute(&html, "action=\""), "");
    assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A400");
    assert_eq!(browse(&mut bank, "POST", &url, "").0, 409);
}

#[test]
fn an_authorized_card_is_captured_once_by_command() {
    let mut bank = bank();
    create(&mut bank, card("C1", "N"));
    bank.pay(SHOP, "C1", None).unwrap_or_else(|_| panic!("approved"));
    let before = row(&mut bank, "C1");
    assert_eq!((&before["PayStatus"], &before["ApprovedDate"]), (&json!("1C300"), &json!("202611221000")));
    assert_eq!(before.get("PayDate"), None);
    let waiting = ask(&mut bank, "OrderUnCapturedQuery", json!({}));
    assert_eq!(waiting["OrderList"][0]["OrderNo"], "C1");
    assert_eq!(waiting["OrderList"][0]["AuthExpireDate"], "202612132359");
    bank.advance(Duration::from_hours(1));
    let answer = ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "P"}));
    assert_eq!((code(&answer).as_str(), &answer["TSNo"]), ("S0000", &json!("NA024900000001")));
    let after = row(&mut bank, "C1");
    assert_eq!((&after["PayStatus"], &after["PayDate"]), (&json!("1C400"), &json!("202611221100")));
    assert_eq!(code(&ask(&mut bank, "OrderUnCapturedQuery", json!({}))), "S0001");
    assert_eq!(code(&ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "P"}))), "E1802");
    assert_eq!(code(&ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "C"}))), "E1802");
}

#[test]
fn an_authorized_card_is_released_captured_by_the_bank_or_lapses() {
    let mut bank = bank();
    let mut days = card("C2", "N");
    days["CardParam"]["ExpBillingDays"] = json!(3);
    create(&mut bank, card("C1", "N"));
    create(&mut bank, days);
    create(&mut bank, card("C3", "N"));
    for order in ["C1", "C2", "C3"] {
        bank.pay(SHOP, order, None).unwrap_or_else(|_| panic!("approved"));
    }
    ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "C"}));
    assert_eq!(row(&mut bank, "C1")["PayStatus"], "1C351");
    bank.advance(Duration::from_hours(72));
    assert_eq!(
        (&row(&mut bank, "C2")["PayStatus"], &row(&mut bank, "C2")["PayDate"]),
        (&json!("1C400"), &json!("202611251000"))
    );
    bank.run_to(at("2026-12-13T23:59:59+08:00"));
    assert_eq!(row(&mut bank, "C3")["PayStatus"], "1C300");
    bank.run_to(at("2026-12-14T00:00:00+08:00"));
    assert_eq!(row(&mut bank, "C3")["PayStatus"], "1C350");
}

#[test]
fn control_gives_what_the_browser_would_post() {
    let mut bank = bank();
    create(&mut bank, card("C1", "Y"));
    let declined = bank.control("decline", &json!({"bank": "sinopac", "shop": SHOP, "order": "C1"})).unwrap();
    assert_eq!(declined["return"]["url"], "http://127.0.0.1:9/return");
    let token = declined["return"]["fields"]["PayToken"].as_str().unwrap().to_owned();
    assert_eq!(ask(&mut bank, "OrderPayQuery", json!({"PayToken": token}))["TSResultContent"]["Status"], "F");
    let paid = bank.control("pay", &json!({"bank": "sinopac", "shop": SHOP, "order": "C1"})).unwrap();
    assert_eq!(paid["return"]["fields"]["ShopNo"], SHOP);
    assert_eq!(bank.decline(SHOP, "C1").err(), Some(ControlError::State));
    create(&mut bank, account("A1"));
    assert_eq!(bank.control("pay", &json!({"shop": SHOP, "order": "A1"})).unwrap(), json!({"return": null}));
}

#[test]
fn the_links_carry_the_address_that_is_served() {
    let mut bank = bank();
    bank.set_base("http://127.0.0.1:8123/");
    let answer = create(&mut bank, card("C1", "Y"));
    let url = answer["CardParam"]["CardPayURL"].as_str().unwrap();
    assert!(
        url.starts_with("http://127.0.0.1:8123/QPay.WebPaySite/Bridge/PayCard?TD=NA024900000001&TK="),
        "{url}"
    );
}

fn pushes(bank: &mut Simulator) -> Vec<Push> {
    std::iter::from_fn(|| bank.take_push()).collect()
}

fn with_backend(mut fields: Value) -> Value {
    fields["BackendURL"] = json!("http://127.0.0.1:9/push");
    fields
}

#[test]
fn a_notice_is_sent_five_times_ten_minutes_apart() {
    let mut bank = bank();
    create(&mut bank, with_backend(account("A1")));
    assert!(pushes(&mut bank).is_empty());
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    let first = pushes(&mut bank);
    assert_eq!((first.len(), first[0].url.as_str()), (1, "http://127.0.0.1:9/push"));
    let body: BTreeMap<String, String> = serde_json::from_str(&first[0].body).unwrap();
    assert_eq!(body["ShopNo"], SHOP);
    let answer = ask(&mut bank, "OrderPayQuery", json!({"PayToken": body["PayToken"]}));
    assert_eq!(answer["TSResultContent"]["OrderNo"], "A1");
    for wrong in [&b""[..], b"OK", b"{\"Status\":\"F\"}", b"{\"status\":\"S\"}"] {
        bank.push_answered(first[0].notice, wrong);
    }
    bank.advance(Duration::from_secs(599));
    assert!(pushes(&mut bank).is_empty());
    bank.advance(Duration::from_hours(24));
    assert_eq!(pushes(&mut bank).len(), 4);
    let sent = &bank.notices()[0].sent;
    assert_eq!(sent.len(), 5);
    assert_eq!(sent[4], "2026-11-22T10:40:00.000+08:00");
}

#[test]
fn the_wanted_answer_ends_the_notices() {
    let mut bank = bank();
    create(&mut bank, with_backend(card("C1", "N")));
    bank.pay(SHOP, "C1", None).unwrap_or_else(|_| panic!("approved"));
    let first = pushes(&mut bank);
    bank.push_answered(first[0].notice, b"{\"Status\":\"S\"}");
    bank.advance(Duration::from_hours(1));
    assert!(pushes(&mut bank).is_empty());
    assert_eq!(bank.notices()[0].sent.len(), 1);
    ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "P"}));
    assert_eq!(pushes(&mut bank).len(), 1, "the capture has a notice of its own");
}

#[test]
fn notices_can_be_dropped_and_forged() {
    let mut bank = bank();
    bank.control("switch", &json!({"drop_notices": true})).unwrap();
    create(&mut bank, with_backend(account("A1")));
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    bank.advance(Duration::from_hours(1));
    assert!(pushes(&mut bank).is_empty());
    assert_eq!((bank.notices()[0].sent.len(), bank.notices()[0].dropped), (5, 5));
    let forged = json!({"shop": SHOP, "order": "A1", "token": "x", "count": 3});
    bank.control("notify", &forged).unwrap();
    let sent = pushes(&mut bank);
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|push| push.body.contains("\"PayToken\":\"x\"")));
    assert!(!format!("{:?}", bank.notices()).contains("PayToken"));
}
