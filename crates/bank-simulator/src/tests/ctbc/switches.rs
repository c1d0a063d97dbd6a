//! The switches that refuse a whole shop, move the `Date` header, and choose how a time is written.

use super::*;

#[test]
fn a_shop_that_is_refused_is_refused_everything_before_the_bank_acts() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    authorized(&mut bank, "A2", "500");
    captured(&mut bank, "A3", "500");
    let forms =
        |bank: &mut Simulator| bank.control("books", &json!({})).unwrap()["forms"].as_array().unwrap().len();
    let before = forms(&mut bank);
    switch(&mut bank, "ctbc_refuse_all", "12/24");
    assert_eq!(code(&inquiry(&mut bank, "A1", 500)), "12/24");
    assert_eq!(code(&by_lidm(&mut bank, "A1")), "12/24");
    for (lidm, operation, amount) in
        [("A1", "CapRev", 0), ("A2", "Cap", 500), ("A2", "Reversal", 0), ("A3", "Refund", 500)]
    {
        refused(&mut bank, lidm, operation, amount, "12/24");
    }
    // the form is turned away too, through the browser
    let page = String::from_utf8(bank.handle(&form(&sale("A4", "500"), "1")).body).unwrap();
    assert!(page.contains("12/24") && page.contains("URLResEnc") && !page.contains("CardNo1"), "{page}");
    assert_eq!(forms(&mut bank), before);
    switch(&mut bank, "ctbc_refuse_all", Value::Null);
    assert_eq!(inquiry(&mut bank, "A1", 500).text("CurrentState"), "12", "collected meanwhile");
    open(&mut bank, "A4", "500");
}

#[test]
fn the_date_header_can_be_off() {
    let mut bank = bank();
    let date = |answer: &HttpAnswer| answer.header("Date").unwrap().to_owned();
    switch(&mut bank, "ctbc_date_off_ms", 3_600_000);
    let page = bank.handle(&form(&sale("A1", "500"), "1"));
    assert_eq!(date(&page), "Mon, 23 Nov 2026 03:00:00 GMT");
    let unknown = bank.handle(&post("/NewPos/Cap", String::new()));
    assert_eq!(date(&unknown), "Mon, 23 Nov 2026 03:00:00 GMT");
    let control = bank.handle(&HttpRequest::post_json("/control/clock", &json!({}), None));
    assert_eq!(date(&control), "Mon, 23 Nov 2026 02:00:00 GMT");
    // the other bank has a switch of its own, and the books their own clock
    let other =
        bank.handle(&HttpRequest::post_json(&format!("{}/Nonce", crate::SINOPAC_PATH), &json!({}), None));
    assert_eq!(date(&other), "Mon, 23 Nov 2026 02:00:00 GMT");
    sold(&mut bank, "A2", "500");
    assert_eq!(inquiry(&mut bank, "A2", 500).text("Txn_time"), "100000");
}

#[test]
fn a_time_is_written_with_marks_or_without() {
    let mut bank = bank();
    bank.advance(std::time::Duration::from_secs(65));
    sold(&mut bank, "A1", "500");
    let written = |bank: &mut Simulator| {
        let shown = inquiry(bank, "A1", 500);
        (shown.text("Txn_date").to_owned(), shown.text("Txn_time").to_owned())
    };
    assert_eq!(written(&mut bank), ("20261123".to_owned(), "100105".to_owned()));
    switch(&mut bank, "txn_marks", true);
    assert_eq!(written(&mut bank), ("2026-11-23".to_owned(), "10:01:05".to_owned()));
    assert_eq!(by_lidm(&mut bank, "A1").text("Txn_date"), "2026-11-23");
}
