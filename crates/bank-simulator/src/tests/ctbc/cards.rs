//! The card page step by step: approve, each decline, cancel, time-out, the way back; and what
//! stays of a card.

use std::time::Duration;

use super::*;

const REST: &str = "ExpireMM=12&ExpireYY=35&CVV2=123";

fn browse(bank: &mut Simulator, path: &str, form: &str) -> String {
    let answer = bank.handle(&post(path, form.to_owned()));
    assert!(answer.header("content-type").unwrap().starts_with("text/html; charset=utf-8"));
    String::from_utf8(answer.body).unwrap()
}

/// The text between the first `before` and the next `"`.
fn attribute(html: &str, before: &str) -> String {
    html.split_once(before)
        .unwrap_or_else(|| panic!("{before} in {html}"))
        .1
        .split_once('"')
        .unwrap()
        .0
        .to_owned()
}

fn number(card: &str) -> String {
    let parts = [&card[..4], &card[4..8], &card[8..12], &card[12..]];
    format!("CardNo1={}&CardNo2={}&CardNo3={}&CardNo4={}&{REST}", parts[0], parts[1], parts[2], parts[3])
}

/// Types a card and an OTP; gives the last page.
fn type_card(bank: &mut Simulator, page: &str, form: &str, otp: &str) -> String {
    let otp_page = browse(bank, &attribute(page, "action=\""), form);
    browse(bank, &attribute(&otp_page, "action=\""), &format!("OTP={otp}"))
}

fn reply(html: &str) -> BTreeMap<String, String> {
    assert_eq!(attribute(html, "<form method=\"post\" action=\""), RETURN);
    assert_eq!(attribute(html, "name=\"merID\" value=\""), SHOP);
    opened_reply(&attribute(html, "name=\"URLResEnc\" value=\""))
}

fn result(said: &BTreeMap<String, String>) -> String {
    format!("{}/{}", said["status"], said["errcode"])
}

#[test]
fn the_page_asks_for_a_card_then_an_otp_and_brings_the_browser_back() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "1680");
    for name in ["CardNo1", "CardNo2", "CardNo3", "CardNo4", "ExpireMM", "ExpireYY", "CVV2"] {
        assert!(page.contains(&format!("name=\"{name}\"")), "{name}");
    }
    assert!(!page.contains("<script") && page.contains("NT$ 1680") && page.contains("存根"));
    let last = type_card(&mut bank, &page, &number("4123450131003312"), "123456");
    let said = reply(&last);
    assert_eq!(result(&said), "0/00");
    let line = bank.card(SHOP, "A1").unwrap();
    assert_eq!(
        (line.state.as_str(), line.amount, line.at.as_str()),
        ("10", 1680, "2026-11-23T10:00:00.000+08:00")
    );
    assert_eq!((&said["xid"], &said["authCode"]), (&line.xid, &line.auth_code));
    assert_eq!((&said["lidm"], &said["authAmt"]), (&"A1".to_owned(), &"1680".to_owned()));
    assert_eq!(
        (&said["CardNumber"], &said["Last4digitPAN"]),
        (&"412345******3312".to_owned(), &"3312".to_owned())
    );
    assert_eq!((&said["numberOfPay"], &said["AuthResURL"]), (&"1".to_owned(), &RETURN.to_owned()));
    assert!(line.xid.len() <= 40 && line.xid.ends_with("_A1"));
}

#[test]
fn each_card_has_its_result() {
    let mut bank = bank();
    for (at, (card, expected, kept)) in [
        ("4444444444444444", "0/00", "10"),
        ("5555444433332222", "0/00", "10"),
        ("3555444433332222", "0/00", "10"),
        ("4444444444440805", "8/05", "-1"),
        ("4444444444440851", "8/51", "-1"),
        ("4444444444440854", "8/54", "-1"),
        ("4444444444441240", "12/40", "-1"),
        ("4444444444440401", "4/1", "-1"),
        ("4444444444440402", "4/1", "10"),
        ("4000000000000000", "8/14", "-1"),
    ]
    .into_iter()
    .enumerate()
    {
        let lidm = format!("A{at}");
        let page = open(&mut bank, &lidm, "500");
        let said = reply(&type_card(&mut bank, &page, &number(card), "123456"));
        assert_eq!(result(&said), expected, "{card}");
        assert_eq!(state(&bank, &lidm), kept, "{card}");
        assert_eq!(said["authCode"].is_empty(), expected != "0/00");
        assert_eq!(said["errDesc"].is_empty(), expected == "0/00");
    }
}

#[test]
fn a_wrong_otp_and_an_expired_card_are_declined() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    assert_eq!(result(&reply(&type_card(&mut bank, &page, &number("4444444444444444"), "000000"))), "12/40");
    let page = open(&mut bank, "A2", "500");
    let expired = number("4444444444444444").replace("ExpireMM=12&ExpireYY=35", "ExpireMM=10&ExpireYY=26");
    assert_eq!(result(&reply(&type_card(&mut bank, &page, &expired, "123456"))), "8/54");
    let page = open(&mut bank, "A3", "500");
    let this_month = expired.replace("ExpireMM=10", "ExpireMM=11");
    assert_eq!(result(&reply(&type_card(&mut bank, &page, &this_month, "123456"))), "0/00");
}

#[test]
fn the_customer_can_cancel() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    let cancel = page.rsplit_once("action=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let said = reply(&browse(&mut bank, &cancel, ""));
    assert_eq!((result(&said).as_str(), said["errDesc"].as_str()), ("10/88", "使用者取消訂單"));
    assert_eq!((said["xid"].as_str(), said["CardNumber"].as_str()), ("", ""));
    assert!(bank.card(SHOP, "A1").is_none(), "nothing came to the books");
    assert_eq!(inquiry(&mut bank, "A1", 500).text("QueryCode"), "0");
    // and still when the bank waits for the OTP
    let page = open(&mut bank, "A2", "500");
    let otp_page = browse(&mut bank, &attribute(&page, "action=\""), &number("4444444444444444"));
    let cancel = otp_page.rsplit_once("action=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    assert_eq!(result(&reply(&browse(&mut bank, &cancel, ""))), "10/88");
    assert!(bank.card(SHOP, "A2").is_none());
}

#[test]
fn the_page_lives_for_half_an_hour() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    let card = attribute(&page, "action=\"");
    let otp_page = browse(&mut bank, &card, &number("4444444444444444"));
    bank.advance(Duration::from_mins(30));
    let late = browse(&mut bank, &attribute(&otp_page, "action=\""), "OTP=123456");
    assert_eq!(result(&reply(&late)), "10/E0");
    assert!(bank.card(SHOP, "A1").is_none());
    assert!(browse(&mut bank, &card, &number("4444444444444444")).contains("已經結束"));
    switch(&mut bank, "page_minutes", 1);
    let page = open(&mut bank, "A2", "500");
    bank.advance(Duration::from_mins(1));
    let late = browse(&mut bank, &attribute(&page, "action=\""), &number("4444444444444444"));
    assert_eq!(result(&reply(&late)), "10/E0");
}

#[test]
fn a_card_that_is_not_well_formed_is_asked_for_again() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    let card = attribute(&page, "action=\"");
    let good = number("4444444444444444");
    for form in ["", "CardNo1=4444", &good.replace("=12", "=13"), &good.replace("CVV2=123", "CVV2=12")] {
        let html = browse(&mut bank, &card, form);
        assert!(html.contains("格式不正確") && html.contains("CardNo1"), "{form}");
    }
    let otp = card.replace("SSLAuthCard", "SSLAuthOtp");
    assert!(browse(&mut bank, &otp, "OTP=123456").contains("請先輸入卡片資料"));
    assert!(bank.card(SHOP, "A1").is_none());
}

#[test]
fn a_page_is_used_once_and_needs_its_ticket() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    let card = attribute(&page, "action=\"");
    let last = type_card(&mut bank, &page, &number("4444444444444444"), "123456");
    assert_eq!(result(&reply(&last)), "0/00");
    for step in ["SSLAuthCard", "SSLAuthOtp", "SSLAuthCancel"] {
        let again = browse(&mut bank, &card.replace("SSLAuthCard", step), &number("4444444444444444"));
        assert!(again.contains("已經結束"), "{step}");
    }
    assert_eq!(bank.cards().count(), 1);
    assert_eq!(bank.handle(&post("/mauth/SSLAuthCard.jsp?S=0", String::new())).status, 404);
    assert_eq!(bank.handle(&post(&card.replace("SSLAuthCard", "Other"), String::new())).status, 404);
    let mut get = post("/mauth/SSLAuthUI.jsp", String::new());
    "GET".clone_into(&mut get.method);
    assert_eq!(bank.handle(&get).status, 405);
}

#[test]
fn without_a_return_address_the_page_ends_there() {
    let mut bank = bank();
    let fields = with(sale("A1", "500"), "AuthResURL", "");
    let page = String::from_utf8(bank.handle(&form(&fields, "1")).body).unwrap();
    let last = type_card(&mut bank, &page, &number("4444444444444444"), "123456");
    assert!(!last.contains("<form") && last.contains("付款完成"));
    assert_eq!(state(&bank, "A1"), "10");
}

#[test]
fn text_of_the_shop_is_escaped() {
    let mut bank = bank();
    let fields = with(sale("A1", "500"), "MerchantName", "<b>'\"");
    let page = String::from_utf8(bank.handle(&form(&fields, "1")).body).unwrap();
    assert!(page.contains("&lt;b&gt;&#39;&quot;") && !page.contains("<b>"));
}

#[test]
fn of_a_card_only_the_masked_form_stays() {
    let mut bank = bank();
    let page = open(&mut bank, "A1", "500");
    let last = type_card(&mut bank, &page, &number("4123450131003312"), "123456");
    let page = open(&mut bank, "A2", "500");
    let declined = type_card(&mut bank, &page, &number("4444444444440805"), "123456");
    let mut seen = format!("{last}{declined}{:?}", reply(&last));
    for call in ["books", "calls"] {
        seen += &bank.control(call, &json!({})).unwrap().to_string();
    }
    seen += &inquiry(&mut bank, "A1", 500).write();
    for secret in ["4123450131003312", "013100", "4444444444440805", "444444440805"] {
        assert!(!seen.contains(secret), "{secret}");
    }
    assert!(seen.contains("412345******3312"));
}

#[test]
fn the_second_reply_says_the_same_from_server_to_server() {
    let mut bank = bank();
    switch(&mut bank, "second_reply", true);
    switch(&mut bank, "second_reply_seconds", 60);
    let page = open(&mut bank, "A1", "500");
    let last = type_card(&mut bank, &page, &number("4444444444444444"), "123456");
    assert!(bank.take_push().is_none());
    bank.advance(Duration::from_mins(1));
    let push = bank.take_push().unwrap();
    assert_eq!((push.url.as_str(), push.media), (RETURN, "application/x-www-form-urlencoded"));
    let sealed = push.body.strip_prefix("merID=10000&URLResEnc=").unwrap();
    assert_eq!(opened_reply(sealed), reply(&last));
    bank.push_answered(push.notice, b"OK");
    assert!(bank.take_push().is_none(), "it is sent once");
    let page = open(&mut bank, "A2", "500");
    let cancel = page.rsplit_once("action=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    browse(&mut bank, &cancel, "");
    bank.advance(Duration::from_mins(1));
    assert!(bank.take_push().is_none(), "without an authorization there is none");
}

#[test]
fn the_second_reply_comes_also_when_the_browser_is_lost() {
    let mut bank = bank();
    switch(&mut bank, "second_reply", true);
    bank.control("fault", &json!({"kind": "drop-after", "match": "AuthReply"})).unwrap();
    let page = open(&mut bank, "A1", "500");
    let last = type_card(&mut bank, &page, &number("4444444444444444"), "123456");
    assert!(!last.contains("URLResEnc") && last.contains("付款完成"));
    let push = bank.take_push().unwrap();
    assert_eq!(result(&opened_reply(push.body.rsplit_once('=').unwrap().1)), "0/00");
}
