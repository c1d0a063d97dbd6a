//! Inquiry and InquiryByLidm: what they find, what they show, what they refuse.

use super::*;

#[test]
fn an_inquiry_shows_the_transaction() {
    let mut bank = bank();
    let line = sold(&mut bank, "A1", "1680");
    let shown = inquiry(&mut bank, "A1", 1680);
    for (name, value) in [
        ("SSL-TYPE", "SSL_INQUIRY"),
        ("TX_ATTRIBUTE", "0"),
        ("QueryCode", "1"),
        ("LID-M", "A1"),
        ("XID", &line.xid),
        ("PAN", "412345******3312"),
        ("AuthAmt", "901 1680 0"),
        ("RespCode", "0"),
        ("ErrCode", "00"),
        ("AuthCode", &line.auth_code),
        ("TermSeq", &line.term_seq.to_string()),
        ("CurrentState", "10"),
        ("BatchID", "1"),
        ("BatchSeq", "1"),
        ("Txn_date", "20261123"),
        ("Txn_time", "100000"),
        ("ERRDESC", ""),
    ] {
        assert_eq!(shown.get(name), Some(value), "{name}");
    }
    assert_eq!(shown.text("RetrRef").len(), 12);
    let call = bank.calls().last().unwrap();
    assert_eq!(
        (call.service.as_str(), call.order.as_deref(), call.shop.as_deref()),
        ("Inquiry", Some("A1"), Some(SHOP))
    );
}

#[test]
fn every_state_is_shown_by_its_number() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    for state in ["-1", "0", "1", "10", "11", "12", "13", "20", "21", "22", "23", "77"] {
        let args = json!({"bank": "ctbc", "shop": SHOP, "order": "A1", "state": state});
        bank.control("plant", &args).unwrap();
        assert_eq!(inquiry(&mut bank, "A1", 500).text("CurrentState"), state);
        assert_eq!(by_lidm(&mut bank, "A1").text("CurrentState"), state);
    }
}

#[test]
fn what_does_not_fit_is_not_found() {
    let mut bank = bank();
    let line = sold(&mut bank, "A1", "500");
    let found = |bank: &mut Simulator, name: &'static str, value: &str| {
        let fields = vec![
            ("MERID", SHOP.to_owned()),
            ("LID-M", "A1".to_owned()),
            ("PurchAmt", "901 500 0".to_owned()),
            ("RECUR_NUM", "0".to_owned()),
            ("TX_ATTRIBUTE", "0".to_owned()),
            ("XID", line.xid.clone()),
            ("VERSION", "2.9".to_owned()),
            ("SwRevision", "x".to_owned()),
        ];
        let answer = opened(&bank.handle(&sealed("/NewQuery/Inquiry", &with(fields, name, value))));
        format!("{} {}", answer.text("QueryCode"), code(&answer))
    };
    for (name, value, expected) in [
        ("LID-M", "A1", "1 0/00"),
        ("LID-M", "A2", "0 0/00"),
        ("PurchAmt", "901 501 0", "0 0/00"),
        ("RECUR_NUM", "3", "0 0/00"),
        ("TX_ATTRIBUTE", "1", "0 0/00"),
        ("TX_ATTRIBUTE", "9", "1 0/00"),
        ("XID", "0123456789AB00000001_A1", "0 0/00"),
        ("PurchAmt", "901 0 0", "-1 9/nt"),
        ("PurchAmt", "500", "-1 9/nt"),
        ("RECUR_NUM", "x", "-1 9/nt"),
        ("TX_ATTRIBUTE", "7", "-1 9/nt"),
        ("LID-M", "A-1", "-1 9/nt"),
        ("BatchID", "1", "-1 9/nw"),
    ] {
        assert_eq!(found(&mut bank, name, value), expected, "{name} {value}");
    }
    assert!(inquiry(&mut bank, "A1", 0).text("ERRDESC").ends_with("PurchAmt 必需大於零"));
}

#[test]
fn of_several_the_newest_is_shown_and_each_by_its_xid() {
    let mut bank = bank();
    let first = sold(&mut bank, "A1", "500");
    let second = sold(&mut bank, "A1", "500");
    let shown = inquiry(&mut bank, "A1", 500);
    assert_eq!((shown.text("QueryCode"), shown.text("XID")), ("2", second.xid.as_str()));
    assert_eq!(shown.get("Data"), None);
    let flat = by_lidm(&mut bank, "A1");
    assert_eq!((flat.text("QueryCode"), flat.text("XID")), ("2", second.xid.as_str()));
    let data = flat.text("Data");
    assert!(data.contains(&format!("<XID>{}</XID>", first.xid)) && data.contains(&second.xid));
    let fields = [
        ("MERID", SHOP.to_owned()),
        ("LID-M", "A1".to_owned()),
        ("PurchAmt", "901 500 0".to_owned()),
        ("RECUR_NUM", "0".to_owned()),
        ("TX_ATTRIBUTE", "0".to_owned()),
        ("XID", first.xid.clone()),
        ("VERSION", "2.9".to_owned()),
        ("SwRevision", "x".to_owned()),
    ];
    let shown = opened(&bank.handle(&sealed("/NewQuery/Inquiry", &fields)));
    assert_eq!((shown.text("QueryCode"), shown.text("XID")), ("1", first.xid.as_str()));
    let third = sold(&mut bank, "A1", "500");
    let shown = inquiry(&mut bank, "A1", 500);
    assert_eq!((shown.text("QueryCode"), shown.text("XID")), ("2", third.xid.as_str()), "2 is several");
}

#[test]
fn by_number_alone_no_amount_is_needed() {
    let mut bank = bank();
    let none = by_lidm(&mut bank, "A1");
    assert_eq!((none.text("QueryCode"), code(&none).as_str(), none.get("CurrentState")), ("0", "0/00", None));
    let line = sold(&mut bank, "A1", "500");
    let flat = by_lidm(&mut bank, "A1");
    for (name, value) in [
        ("QueryCode", "1"),
        ("CurrentState", "10"),
        ("XID", &line.xid),
        ("AuthAmt", "901 500 0"),
        ("ECI", "06"),
    ] {
        assert_eq!(flat.get(name), Some(value), "{name}");
    }
    assert_eq!(flat.get("Data"), None);
}

#[test]
fn shops_do_not_see_each_other() {
    let mut second = demo_ctbc();
    second["mer_id"] = json!("20000");
    let mut bank = bank_of(&json!([{"ctbc": second}, {"ctbc": demo_ctbc()}]));
    let line = sold(&mut bank, "A1", "500");
    let text = r#"{"MERID":"20000","LID-M":"A1","VERSION":"3.2","SwRevision":"x"}"#;
    let mut request = sealed_text("/NewQuery/InquiryByLidm", text);
    request.body =
        String::from_utf8(request.body).unwrap().replace("MERID=10000", "MERID=20000").into_bytes();
    let body = String::from_utf8(bank.handle(&request).body).unwrap();
    assert_eq!(opened_body(body.strip_prefix("MERID=20000&ApiEnc=").unwrap()).text("QueryCode"), "0");
    assert_eq!(line.shop, SHOP);
}
