//! The shared vectors, opened and sealed with the simulator's own code, and sent to a bank that
//! serves their shop.

use serde_json::Value;

use super::published::ctbc_vectors;
use super::*;

fn of_kind(kind: &str) -> Vec<Value> {
    ctbc_vectors(|vector| vector["kind"] == kind)
}

fn text<'a>(node: &'a Value, name: &str) -> &'a str {
    node[name].as_str().unwrap_or_else(|| panic!("{name}"))
}

fn key_of(input: &Value, name: &str) -> Key {
    Key::new(text(input, name), text(input, "iv_ascii")).unwrap()
}

#[test]
fn forms_open_and_meet_a_bank_that_serves_them() {
    for vector in of_kind("url_request") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let key = key_of(input, "key");
        let plain = key.decrypt(text(expected, "URLEnc")).unwrap();
        assert_eq!(hex::encode(&plain), text(expected, "urlenc_plaintext_big5_hex"));
        assert_eq!(crate::ctbc::from_big5(&plain).unwrap(), text(expected, "urlenc_plaintext"));
        assert_eq!(key.encrypt(&plain), text(expected, "URLEnc"));
        assert_eq!(key.mac(text(expected, "in_mac_string").as_bytes()), text(expected, "InMac"));
        let mut shop = demo_ctbc();
        shop["merchant_id"] = input["MerchantID"].clone();
        shop["terminal_id"] = input["TerminalID"].clone();
        let mut bank = bank_of(&json!([{ "ctbc": shop }]));
        let kind = text(input, "txType");
        if kind == "1" {
            bank.control("shops", &json!({"bank": "ctbc", "shop": SHOP, "tx_type": 1})).unwrap();
        }
        let body = format!("merID={SHOP}&URLEnc={}", text(expected, "URLEnc"));
        bank.handle(&post("/mauth/SSLAuthUI.jsp", body));
        // redeem is read and verified, but no shop here has it
        let wanted = if kind == "2" { "10/95" } else { "0/00" };
        assert_eq!(bank.calls().last().unwrap().code, wanted, "{}", vector["id"]);
    }
}

#[test]
fn replies_open_and_have_the_expected_mac() {
    for vector in of_kind("url_reply") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let key = key_of(input, "key");
        let plain = crate::ctbc::from_big5(&key.decrypt(text(input, "URLResEnc")).unwrap()).unwrap();
        assert_eq!(plain, text(expected, "plaintext"));
        assert_eq!(key.encrypt(&crate::ctbc::big5(&plain)), text(input, "URLResEnc"));
        let members: Vec<&str> = text(expected, "out_mac_string").trim_matches('|').split('|').collect();
        let mac = key.mac(text(expected, "out_mac_string").as_bytes());
        assert_eq!(mac, text(expected, "outmac"));
        assert!(members.len() >= 8);
    }
}

#[test]
fn a_reply_of_ours_has_the_members_of_the_vector_in_its_order() {
    let vector = of_kind("url_reply").remove(0);
    let names = |plain: &str| {
        plain.split('&').map(|pair| pair.split_once('=').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    let mut bank = bank();
    open(&mut bank, "A1", "1680");
    let paid = bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": "A1"})).unwrap();
    let sealed = paid["return"]["fields"]["URLResEnc"].as_str().unwrap();
    let plain = crate::ctbc::from_big5(&key().decrypt(sealed).unwrap()).unwrap();
    assert_eq!(names(&plain), names(text(&vector["expected"], "plaintext")));
}

#[test]
fn messages_open_and_meet_a_bank_that_serves_them() {
    for vector in of_kind("newpos_request") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let key = key_of(input, "MacKey");
        let plain = key.decrypt(text(expected, "ApiEnc")).unwrap();
        let (json, mac) = plain.split_at(plain.len() - 48);
        assert_eq!(crate::ctbc::from_big5(json).unwrap(), text(expected, "json"));
        assert_eq!((key.mac(json).as_bytes(), mac), (text(expected, "mac").as_bytes(), mac));
        let fields = Fields::read(text(expected, "json")).unwrap();
        for pair in input["fields_in_order"].as_array().unwrap() {
            assert_eq!(fields.text(pair[0].as_str().unwrap()), pair[1]);
        }
        assert_eq!(fields.write(), text(expected, "json"));
        let mut shop = demo_ctbc();
        shop["mer_id"] = input["MERID"].clone();
        shop["mac_key"] = input["MacKey"].clone();
        let mut bank = bank_of(&json!([{ "ctbc": shop }]));
        bank.handle(&post(text(input, "path"), text(expected, "form_body").to_owned()));
        let code = bank.calls().last().unwrap().code.clone();
        let wanted = match text(input, "path") {
            "/NewQuery/Inquiry" | "/NewQuery/InquiryByLidm" => "0/00",
            "/NewPos/Auth" => "9/nx",
            _ => "3/25",
        };
        assert_eq!(code, wanted, "{}", vector["id"]);
    }
}

#[test]
fn answers_open_and_have_the_expected_mac() {
    for vector in of_kind("newpos_reply") {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let key = key_of(input, "MacKey");
        let body = text(input, "body");
        let plain = key.decrypt(body.split_once("&ApiEnc=").unwrap().1).unwrap();
        let (json, mac) = plain.split_at(plain.len() - 48);
        assert_eq!(crate::ctbc::from_big5(json).unwrap(), text(expected, "json"));
        assert_eq!((key.mac(json).as_bytes(), mac), (mac, text(expected, "trailing_mac").as_bytes()));
        let fields = Fields::read(text(expected, "json")).unwrap();
        for (name, value) in expected["parsed"].as_object().unwrap() {
            assert_eq!(fields.text(name), value);
        }
    }
}

#[test]
fn padding_and_hex_are_strict() {
    let sealed = key().encrypt(b"12345678");
    assert_eq!(sealed.len(), 32, "an aligned text gains a block");
    assert_eq!(key().decrypt(&sealed).unwrap(), b"12345678");
    for wrong in [sealed.to_lowercase(), sealed[..16].to_owned(), sealed[..31].to_owned(), String::new()] {
        assert_eq!(key().decrypt(&wrong), None, "{wrong}");
    }
    assert!(crate::ctbc::from_big5(b"\xFF\xFF").is_none());
}
