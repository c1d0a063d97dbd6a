//! The envelope of NewPos: address, form, seal, MAC, JSON, members; both orders of an answer.

use super::*;

fn reversal(bank: &mut Simulator) -> Vec<(&'static str, String)> {
    let line = authorized(bank, "A1", "500");
    full(&line, "Reversal", 0)
}

/// The code in the log, which must be the one in the answer.
fn asked(bank: &mut Simulator, request: &HttpRequest) -> String {
    let answer = opened(&bank.handle(request));
    let call = bank.calls().last().unwrap();
    assert_eq!((call.code.clone(), call.acted), (code(&answer), false));
    code(&answer)
}

#[test]
fn the_form_and_the_seal_are_strict() {
    let mut bank = bank();
    let fields = reversal(&mut bank);
    let good = sealed("/NewPos/Reversal", &fields);
    let body = String::from_utf8(good.body.clone()).unwrap();
    let api_enc = body.strip_prefix("ApiEnc=").unwrap().split_once('&').unwrap().0.to_owned();
    for (body, expected) in [
        (format!("{body}&more=1"), "9/nt"),
        (format!("MERID={SHOP}"), "9/nt"),
        (format!("ApiEnc=&MERID={SHOP}"), "9/nm"),
        (body.to_lowercase().replace("apienc", "ApiEnc").replace("merid", "MERID"), "9/nm"),
        (format!("ApiEnc={}&MERID={SHOP}", &api_enc[..api_enc.len() - 2]), "9/nm"),
        (format!("ApiEnc={}&MERID={SHOP}", crate::ctbc::turned(&api_enc, api_enc.len() - 80)), "10/96"),
        // a MAC of this form binds the end only: what is gone or changed before it shows in the
        // message, if at all
        (format!("ApiEnc={}&MERID={SHOP}", crate::ctbc::turned(&api_enc, 32)), "9/nt"),
        (format!("ApiEnc={}&MERID={SHOP}", &api_enc[16..]), "9/nt"),
        (format!("ApiEnc={}&MERID={SHOP}", key().encrypt(b"{\"MERID\":\"10000\"}")), "10/96"),
    ] {
        assert_eq!(asked(&mut bank, &post("/NewPos/Reversal", body)), expected);
    }
    let mut json = good.clone();
    json.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    assert_eq!(asked(&mut bank, &json), "9/nt");
    assert_eq!(state(&bank, "A1"), "1");
    let other_order = post("/NewPos/Reversal", format!("MERID={SHOP}&ApiEnc={api_enc}"));
    assert_eq!(code(&opened(&bank.handle(&other_order))), "0/00", "by name");
}

#[test]
fn the_message_is_one_flat_object_of_this_shop() {
    let mut bank = bank();
    for (json, expected) in [
        ("{}", "10/96"),
        ("[\"MERID\",\"10000\"]", "9/nt"),
        ("{\"MERID\":10000,\"LID-M\":\"A1\"}", "9/nt"),
        ("{\"MERID\": \"10000\"}", "9/nt"),
        ("{\"MERID\":\"10000\",\"MERID\":\"10000\"}", "9/nt"),
        ("{\"MERID\":\"20000\"}", "9/nd"),
        ("{\"MERID\":\"10000\"}", "9/ng"),
    ] {
        assert_eq!(asked(&mut bank, &sealed_text("/NewQuery/Inquiry", json)), expected, "{json}");
    }
    let mut bytes = b"{\"MERID\":\"10000\",\"LID-M\":\"\xFF\xFF\"}".to_vec();
    let mac = key().mac(&bytes);
    bytes.extend(mac.bytes());
    let body = format!("ApiEnc={}&MERID={SHOP}", key().encrypt(&bytes));
    assert_eq!(asked(&mut bank, &post("/NewQuery/Inquiry", body)), "9/nt", "not Big5");
}

#[test]
fn every_member_of_a_shape_is_needed_and_no_other() {
    let mut bank = bank();
    let line = sold(&mut bank, "A1", "500");
    for operation in ["Cap", "CapRev", "Reversal", "Refund", "RefundRev"] {
        let path = format!("/NewPos/{operation}");
        for shape in [full(&line, operation, 0), short(&line, operation, 0)] {
            for name in shape.iter().map(|field| field.0).filter(|name| *name != "SSL-TYPE") {
                let mut fields = shape.clone();
                fields.retain(|field| field.0 != name);
                let answer = opened(&bank.handle(&sealed(&path, &fields)));
                assert_eq!((code(&answer).as_str(), answer.text("ERRDESC").ends_with(name)), ("9/ng", true));
                let empty = with(shape.clone(), name, "");
                let expected = if name == "MERID" { "9/nd" } else { "9/ng" };
                assert_eq!(asked(&mut bank, &sealed(&path, &empty)), expected, "{name}");
            }
            let more = with(shape.clone(), "TRV_DepartDay", "20261201");
            assert_eq!(asked(&mut bank, &sealed(&path, &more)), "9/nw");
        }
        let mixed = with(full(&line, operation, 0), "LID-M", "A1");
        assert_eq!(asked(&mut bank, &sealed(&path, &mixed)), "9/nw");
        let wrong = with(full(&line, operation, 0), "SSL-TYPE", "SSL_AUTH");
        assert_eq!(asked(&mut bank, &sealed(&path, &wrong)), "9/nt");
    }
    assert_eq!(state(&bank, "A1"), "10");
}

#[test]
fn members_have_their_forms() {
    let mut bank = bank();
    let line = sold(&mut bank, "A1", "500");
    let long = "A".repeat(41);
    for (name, value) in [
        ("XID", long.as_str()),
        ("XID", " "),
        ("OrgAmt", "500"),
        ("OrgAmt", "840 500 0"),
        ("OrgAmt", "901 500 2"),
        ("OrgAmt", "901 0 0"),
        ("CapRevAmt", "901 -1 0"),
        ("CapRevAmt", "901 10000001 0"),
        ("AuthCode", "1234567"),
        ("AuthCode", "12-456"),
        ("TermSeq", "x"),
        ("BatchID", "-1"),
        ("BatchSeq", "1.0"),
    ] {
        let fields = with(full(&line, "CapRev", 0), name, value);
        let answer = opened(&bank.handle(&sealed("/NewPos/CapRev", &fields)));
        assert_eq!(
            (code(&answer).as_str(), answer.text("ERRDESC").contains(name)),
            ("9/nt", true),
            "{name} {value}"
        );
    }
    assert_eq!(state(&bank, "A1"), "10");
}

#[test]
fn only_listed_addresses_may_ask() {
    let mut bank = bank();
    let fields = reversal(&mut bank);
    let request = sealed("/NewPos/Reversal", &fields);
    let shops = |bank: &mut Simulator, ips: Value| {
        bank.control("shops", &json!({"bank": "ctbc", "shop": "demo", "allow_ips": ips})).unwrap()
    };
    shops(&mut bank, json!(["192.0.2.1"]));
    assert_eq!(asked(&mut bank, &request), "9/nz");
    assert_eq!(inquiry(&mut bank, "A1", 500).text("ErrCode"), "nz");
    open(&mut bank, "A2", "500");
    assert_eq!(state(&bank, "A1"), "1", "a browser comes from anywhere; nothing was done");
    shops(&mut bank, json!(["127.0.0.1"]));
    shops(&mut bank, Value::Null);
    assert_eq!(code(&opened(&bank.handle(&request))), "0/00");
}

#[test]
fn an_unknown_shop_is_told_in_the_clear_and_unknown_paths_are_not_served() {
    let mut bank = bank();
    let answer = bank.handle(&post("/NewPos/Cap", "ApiEnc=00&MERID=999".to_owned()));
    let said = Fields::read(std::str::from_utf8(&answer.body).unwrap_or_default());
    assert!(said.is_none(), "Big5, not UTF-8");
    let said = Fields::read(&crate::ctbc::from_big5(&answer.body).unwrap()).unwrap();
    assert_eq!(code(&said), "9/ns");
    for path in ["/NewPos/Other", "/NewPos/", "/newpos/Cap", "/NewQuery/Cap"] {
        assert_eq!(bank.handle(&post(path, String::new())).status, 404, "{path}");
    }
    let mut get = post("/NewPos/Cap", String::new());
    "GET".clone_into(&mut get.method);
    assert_eq!(bank.handle(&get).status, 405);
    for path in [
        "/NewPos/Auth",
        "/NewPos/Installment",
        "/NewPos/Redeem",
        "/NewPos/BatchClose",
        "/NewQuery/SettleQuery",
    ] {
        assert_eq!(asked(&mut bank, &sealed_text(path, "{\"MERID\":\"10000\"}")), "9/nx", "{path}");
    }
}

#[test]
fn answers_come_in_either_order_with_either_code_and_type() {
    let mut bank = bank();
    let request = |lidm: &str| {
        sealed_text(
            "/NewQuery/InquiryByLidm",
            &format!("{{\"MERID\":\"10000\",\"LID-M\":\"{lidm}\",\"VERSION\":\"3.2\",\"SwRevision\":\"x\"}}"),
        )
    };
    let first = bank.handle(&request("A1"));
    assert_eq!(first.header("content-type"), Some("text/html;charset=Big5"));
    assert_eq!(opened(&first).text("RespCode"), "0");
    for (name, value) in [("api_enc_first", true), ("long_resp_code", true), ("html_type", false)] {
        switch(&mut bank, name, value);
    }
    let other = bank.handle(&request("A1"));
    assert_eq!(other.header("content-type"), Some("application/x-www-form-urlencoded"));
    let body = String::from_utf8(other.body).unwrap();
    let api_enc = body.strip_suffix(&format!("&MERID={SHOP}")).unwrap().strip_prefix("ApiEnc=").unwrap();
    assert_eq!(opened_body(api_enc).text("RespCode"), "00");
    let line = authorized(&mut bank, "A1", "500");
    let answer = bank.handle(&sealed("/NewPos/Cap", &full(&line, "Cap", 500)));
    let body = String::from_utf8(answer.body).unwrap();
    let api_enc = body.strip_prefix("ApiEnc=").unwrap().split_once('&').unwrap().0;
    assert_eq!(code(&opened_body(api_enc)), "00/00");
}
