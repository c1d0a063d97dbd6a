//! The form that opens the card page: InMac, every field with its code, and who gets the refusal.

use super::*;

/// Posts a form and gives the code it was answered with.
fn posted(bank: &mut Simulator, request: &HttpRequest) -> String {
    let answer = bank.handle(request);
    assert_eq!(answer.status, 200);
    let code = bank.calls().last().unwrap().code.clone();
    let page = String::from_utf8(answer.body).unwrap();
    assert_eq!(page.contains("CardNo1"), code == "0/00");
    assert!(code == "0/00" || page.contains(&code), "the page says {code}");
    code
}

#[test]
fn three_forms_of_number_of_pay_pass_in_a_normal_sale() {
    let mut bank = bank();
    for (at, form_of) in ["", "0", "1"].into_iter().enumerate() {
        let fields = with(sale(&format!("A{at}"), "500"), "NumberOfPay", form_of);
        assert_eq!(posted(&mut bank, &form(&fields, "1")), "0/00", "{form_of}");
    }
    let mut fields = sale("A9", "500");
    fields.retain(|field| !matches!(field.0, "OrderDetail" | "ProdCode" | "NumberOfPay" | "customize"));
    fields.reverse();
    assert_eq!(posted(&mut bank, &form(&fields, "1")), "0/00", "by name, not by position");
    let mut older = form(&sale("A10", "500"), "1");
    "/auth/SSLAuthUI.jsp".clone_into(&mut older.path);
    assert_eq!(posted(&mut bank, &older), "0/00");
}

#[test]
fn each_field_is_checked() {
    let mut bank = bank();
    for (name, value, expected) in [
        ("lidm", "", "10/19"),
        ("lidm", "12345678901234567890", "10/19"),
        ("lidm", "A-1", "10/19"),
        ("lidm", "訂單", "10/19"),
        ("purchAmt", "0", "10/20"),
        ("purchAmt", "12345678", "10/20"),
        ("purchAmt", "1.5", "10/20"),
        ("purchAmt", "", "10/20"),
        ("MerchantID", "822000000000", "10/80"),
        ("MerchantID", "8220000000002", "10/102"),
        ("TerminalID", "9000000", "10/80"),
        ("TerminalID", "90000002", "3/32"),
        ("txType", "3", "10/80"),
        ("txType", "6", "10/95"),
        ("txType", "9", "10/95"),
        ("NumberOfPay", "3", "10/80"),
        ("ProdCode", "00", "10/80"),
        ("AutoCap", "2", "10/80"),
        ("customize", "5", "10/100"),
        ("customize", "6", "10/80"),
        ("OrderDetail", "一二三四五六七八九十一二三四五六七八九", "10/80"),
        ("AuthResURL", "https://shop.example/?a", "10/80"),
        ("AuthResURL", "https://shop.example/%41", "10/80"),
        ("AuthResURL", "https://a@shop.example/", "10/80"),
        ("AuthResURL", "https://shop.example/#a", "10/80"),
        ("AuthResURL", "https://shop.example/$", "10/80"),
        ("AuthResURL", "https://shop.example/&a", "10/80"),
        ("AuthResURL", "shop.example", "10/80"),
        ("AuthResURL", "javascript:alert(1)", "10/80"),
        ("Unknown", "1", "10/80"),
    ] {
        let request = form(&with(sale("A1", "500"), name, value), "1");
        assert_eq!(posted(&mut bank, &request), expected, "{name} {value}");
    }
    let longest =
        with(sale("1234567890123456789", "9999999"), "OrderDetail", "一二三四五六七八九十一二三四五六七八");
    assert_eq!(posted(&mut bank, &form(&longest, "1")), "0/00");
    assert_eq!(bank.cards().count(), 0);
}

#[test]
fn in_mac_is_over_the_six_members() {
    let mut bank = bank();
    assert_eq!(posted(&mut bank, &form(&sale("A1", "500"), "2")), "10/96");
    let plain = "MerchantID=8220000000001&TerminalID=90000001&lidm=A1&purchAmt=500&txType=0";
    let without =
        post("/mauth/SSLAuthUI.jsp", format!("merID={SHOP}&URLEnc={}", key().encrypt(plain.as_bytes())));
    assert_eq!(posted(&mut bank, &without), "10/96");
    let mac = key().bar_mac(&["8220000000001", "90000001", "A1", "500", "0", "1"]);
    let changed = format!("{}&InMac={mac}", plain.replace("500", "5"));
    let changed =
        post("/mauth/SSLAuthUI.jsp", format!("merID={SHOP}&URLEnc={}", key().encrypt(changed.as_bytes())));
    assert_eq!(posted(&mut bank, &changed), "10/96");
}

#[test]
fn in_mac_of_a_normal_sale_is_over_0_or_1_or_nothing() {
    let mut bank = bank();
    for (at, option) in ["1", "0", ""].into_iter().enumerate() {
        let lidm = format!("A{at}");
        assert_eq!(posted(&mut bank, &form(&sale(&lidm, "500"), option)), "0/00", "{option}");
        let paid = bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": lidm})).unwrap();
        // the reply's own MAC is over the same
        assert_eq!(returned(&paid["return"]["fields"])["numberOfPay"], option);
    }
    bank.control("shops", &json!({"bank": "ctbc", "shop": SHOP, "tx_type": 1})).unwrap();
    let instalment = with(with(sale("A9", "1200"), "txType", "1"), "NumberOfPay", "6");
    for option in ["1", "0", ""] {
        assert_eq!(posted(&mut bank, &form(&instalment, option)), "10/96", "of a normal sale alone");
    }
}

#[test]
fn a_blank_customize_is_none() {
    let mut bank = bank();
    for (value, expected) in [(" ", "0/00"), ("", "0/00"), (" 5", "10/100"), ("x", "10/80")] {
        let request = form(&with(sale("A1", "500"), "customize", value), "1");
        assert_eq!(posted(&mut bank, &request), expected, "{value:?}");
    }
}

#[test]
fn bytes_that_are_no_big5_are_shown_as_they_are() {
    // half a character before the end of each value
    let sealed = |name: &str, value: &[u8]| {
        let mac = key().bar_mac(&["8220000000001", "90000001", "A1", "500", "0", "1"]);
        let head = format!(
            "MerchantID=8220000000001&TerminalID=90000001&lidm=A1&purchAmt=500&txType=0&AutoCap=1&InMac={mac}&{name}="
        );
        let plain = [head.as_bytes(), value].concat();
        post("/mauth/SSLAuthUI.jsp", format!("merID={SHOP}&URLEnc={}", key().encrypt(&plain)))
    };
    let tea = [&crate::ctbc::big5("茶")[..], b"\xff\xfe"].concat();
    let mut bank = bank();
    for name in ["MerchantName", "OrderDetail", "OrderDesc"] {
        let page = bank.handle(&sealed(name, &tea));
        assert!(String::from_utf8(page.body).unwrap().contains("茶\u{fffd}"), "{name}");
        assert_eq!(bank.calls().last().unwrap().code, "0/00");
    }
    assert_eq!(posted(&mut bank, &sealed("AuthResURL", &tea)), "10/80", "what is more than shown");
    // as long as it came, not as it is shown
    assert_eq!(posted(&mut bank, &sealed("OrderDetail", &[0xff; 36])), "0/00");
    assert_eq!(posted(&mut bank, &sealed("OrderDetail", &[0xff; 37])), "10/80");
    switch(&mut bank, "refuse_odd_bytes", true);
    assert_eq!(posted(&mut bank, &sealed("OrderDetail", &tea)), "10/80");
    assert_eq!(posted(&mut bank, &sealed("OrderDetail", &crate::ctbc::big5("茶"))), "0/00");
}

#[test]
fn a_third_field_beside_the_two_is_not_looked_at() {
    let mut bank = bank();
    let mut request = form(&sale("A1", "500"), "1");
    request.body.extend(b"&submit=%E9%80%81%E5%87%BA");
    assert_eq!(posted(&mut bank, &request), "0/00");
}

#[test]
fn the_envelope_is_strict() {
    let mut bank = bank();
    let good = form(&sale("A1", "500"), "1");
    let text = String::from_utf8(good.body.clone()).unwrap();
    for (body, expected) in [
        (text.replace("merID=10000", "merID=10001"), "10/101"),
        (text.replace("merID=10000", "merID=1000a"), "10/18"),
        (text.replace("merID=10000&", ""), "10/18"),
        (text.replace("URLEnc=", "URLEnc=zz"), "10/80"),
        (text[..text.len() - 16].to_owned(), "10/80"),
        (format!("merID=10000&URLEnc={}", text.split_once("URLEnc=").unwrap().1.to_lowercase()), "10/80"),
        (format!("merID=10000&URLEnc={}", key().encrypt("lidm=訂單".as_bytes())), "10/80"),
        (format!("merID=10000&URLEnc={}", key().encrypt(b"lidm=A1&lidm=A2")), "10/80"),
        (format!("merID=10000&URLEnc={}", key().encrypt(b"lidm")), "10/80"),
    ] {
        assert_eq!(posted(&mut bank, &post("/mauth/SSLAuthUI.jsp", body)), expected);
    }
    let mut json = good;
    json.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    assert_eq!(posted(&mut bank, &json), "10/80");
}

#[test]
fn the_type_must_be_the_one_of_the_shop() {
    let mut bank = bank();
    let instalment = with(with(sale("A1", "1200"), "txType", "1"), "NumberOfPay", "6");
    assert_eq!(posted(&mut bank, &form(&instalment, "6")), "10/95");
    bank.control("shops", &json!({"bank": "ctbc", "shop": SHOP, "tx_type": 1})).unwrap();
    assert_eq!(posted(&mut bank, &form(&with(instalment.clone(), "OrderDetail", "一二三四"), "6")), "0/00");
    assert_eq!(
        posted(&mut bank, &form(&with(instalment.clone(), "OrderDetail", "一二三四五"), "6")),
        "10/80"
    );
    assert_eq!(posted(&mut bank, &form(&with(instalment.clone(), "NumberOfPay", "1"), "1")), "3/13");
    assert_eq!(posted(&mut bank, &form(&with(instalment, "NumberOfPay", "123"), "123")), "3/13");
    assert_eq!(posted(&mut bank, &form(&sale("A1", "500"), "1")), "10/95");
}

#[test]
fn a_refusal_after_in_mac_goes_back_through_the_browser() {
    let mut bank = bank();
    let told = |bank: &mut Simulator, request: &HttpRequest| {
        let page = String::from_utf8(bank.handle(request).body).unwrap();
        page.split_once("name=\"URLResEnc\" value=\"").map(|found| {
            assert!(page.contains(&format!("action=\"{RETURN}\"")));
            opened_reply(found.1.split_once('"').unwrap().0)
        })
    };
    let said = told(&mut bank, &form(&with(sale("A1", "500"), "txType", "6"), "1")).unwrap();
    assert_eq!((said["status"].as_str(), said["errcode"].as_str(), said["xid"].as_str()), ("10", "95", ""));
    assert_eq!((said["lidm"].as_str(), said["authAmt"].as_str()), ("A1", "500"));
    assert!(told(&mut bank, &form(&sale("A1", "500"), "2")).is_none(), "10/96: the address is not trusted");
    assert!(told(&mut bank, &form(&sale("A-1", "500"), "1")).is_none());
    let bad_url = with(sale("A1", "500"), "AuthResURL", "https://shop.example/?a");
    assert!(told(&mut bank, &form(&bad_url, "1")).is_none());
}

#[test]
fn a_number_may_be_used_twice_unless_the_bank_is_asked_not_to() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    sold(&mut bank, "A1", "500");
    assert_eq!(bank.cards().count(), 2);
    switch(&mut bank, "one_lidm", true);
    let posted_again = |bank: &mut Simulator, lidm: &str| posted(bank, &form(&sale(lidm, "500"), "1"));
    assert_eq!(posted_again(&mut bank, "A1"), "10/E1");
    assert_eq!(posted_again(&mut bank, "A2"), "0/00");
    assert_eq!(posted_again(&mut bank, "A2"), "10/E2");
    bank.control("decline", &json!({"bank": "ctbc", "shop": SHOP, "order": "A2"})).unwrap();
    assert_eq!(posted_again(&mut bank, "A2"), "0/00", "a declined attempt leaves it free");
    bank.advance(std::time::Duration::from_mins(30));
    assert_eq!(posted_again(&mut bank, "A2"), "0/00", "a page that ended too");
    authorized(&mut bank, "A3", "500");
    assert_eq!(acted(&mut bank, "A3", "Reversal", 0), "0/00");
    assert_eq!(posted_again(&mut bank, "A3"), "10/E1", "a cancelled one does not");
}
