//! Settings: what we refuse before we send the bank anything.

use counterfoil_banks::ctbc::prove::prove;
use counterfoil_banks::ctbc::{Ctbc, CtbcSettings, ReplyMac, SetUpError};
use counterfoil_banks::proof::Verdict;
use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_engine::shop::{Environment, ReturnAddress};

use serde_json::json;

use super::script::*;

/// What is wrong with a shop.
type Change = fn(&mut CtbcSettings);

fn refused(shop: &CtbcSettings, key: &str) -> SetUpError {
    Ctbc::new(shop, &keys_of(key), Script::default()).map(|_| ()).unwrap_err()
}

#[test]
fn each_setting_is_named_when_it_has_not_its_form() {
    let cases: [(&str, Change); 14] = [
        ("mer_id", |s| s.mer_id = String::new()),
        ("mer_id", |s| s.mer_id = "25x2".to_owned()),
        ("mer_id", |s| s.mer_id = "8220000000001".to_owned()),
        ("merchant_id", |s| s.merchant_id = "2522".to_owned()),
        ("merchant_id", |s| s.merchant_id = "822000000000|".to_owned()),
        ("terminal_id", |s| s.terminal_id = "9000000".to_owned()),
        ("terminal_id", |s| s.terminal_id = "９0000001".to_owned()),
        ("base_url", |s| s.base_url = None),
        ("base_url", |s| s.base_url = Some("http://192.168.0.1:80".to_owned())),
        ("base_url", |s| s.base_url = Some("https://epos.ctbcbank.com".to_owned())),
        ("base_url", |s| s.environment = Environment::Production),
        ("base_url", |s| s.environment = Environment::Sandbox),
        ("return_url", |s| s.return_address = page("http://shop.example.com/back")),
        ("return_url", |s| s.return_address = page("shop.example.com")),
    ];
    for (field, change) in cases {
        let mut wrong = shop();
        change(&mut wrong);
        assert_eq!(refused(&wrong, KEY).field(), field, "{wrong:?}");
    }
    for key in
        ["", "12345678", "1234567890123456789012345", "12345678901234567890123 4", "123456789012345678901２"]
    {
        assert_eq!(refused(&shop(), key).field(), "mac_key");
    }
    assert_eq!(
        refused(&shop(), "12345678").to_string(),
        "mac_key is not 24 characters",
        "and never shows it"
    );
    assert!(Ctbc::new(&shop(), &keys_of(" 123456789012345678901234\n"), Script::default()).is_ok());
}

fn page(url: &str) -> ReturnAddress {
    ReturnAddress::Page { url: url.to_owned() }
}

#[test]
fn an_address_that_leaves_the_banks_page_blank_is_refused_at_set_up() {
    for odd in ['?', '%', '@', '&', '$', '#', '=', '|', '"', '\'', '<', '\\', ' ', '\n', 'é', '謝'] {
        let mut shop = shop();
        shop.return_address = page(&format!("https://shop.example.com/ba{odd}ck"));
        assert_eq!(refused(&shop, KEY).field(), "return_url", "{odd:?}");
        let mut sale = sale();
        sale.return_url = format!("http://127.0.0.1:4460/ba{odd}ck");
        let bank = Script::default().bank();
        assert_eq!(bank.form(&sale).unwrap_err().field(), "AuthResURL", "{odd:?}");
    }
    let mut long = shop();
    long.return_address = page(&format!("https://shop.example.com/{}", "a".repeat(300)));
    assert_eq!(refused(&long, KEY).field(), "return_url");
    let mut good = shop();
    good.return_address = page("https://shop.example.com/thanks/you_1.html");
    assert!(Ctbc::new(&good, &keys_of(KEY), Script::default()).is_ok());
}

#[test]
fn each_world_has_its_own_host() {
    for (environment, host) in [
        (Environment::Sandbox, "https://testepos.ctbcbank.com"),
        (Environment::Production, "https://epos.ctbcbank.com"),
    ] {
        let shop = CtbcSettings { environment, base_url: None, ..shop() };
        let form = Script::default().bank_of(&shop).form(&sale()).unwrap();
        assert_eq!(form.action.as_str(), format!("{host}/mauth/SSLAuthUI.jsp"));
    }
    let shop = CtbcSettings { base_url: Some("http://127.0.0.1:4455/ctbc/".to_owned()), ..shop() };
    let form = Script::default().bank_of(&shop).form(&sale()).unwrap();
    assert_eq!(form.action.as_str(), "http://127.0.0.1:4455/ctbc/mauth/SSLAuthUI.jsp");
}

#[test]
fn the_check_of_the_reply_mac_is_a_setting() {
    assert_eq!(ReplyMac::default(), ReplyMac::Check);
    for (name, mac) in
        [("check", ReplyMac::Check), ("require", ReplyMac::Require), ("ignore", ReplyMac::Ignore)]
    {
        assert_eq!(ReplyMac::parse(name), Some(mac));
    }
    assert_eq!(ReplyMac::parse("Check"), None);
}

#[tokio::test]
async fn the_check_names_what_is_wrong() {
    let other_shop = body(&nothing()).replace("2522", "2523");
    let other_key = "MERID=2522&ApiEnc=".to_owned() + &"00".repeat(64);
    for (step, verdict, fields, code) in [
        (sealed(&nothing()), Verdict::Good, vec![], "0/00"),
        (sealed(&refusal("10/11")), Verdict::Good, vec![], "10/11"),
        (http(200, other_key), Verdict::Wrong, vec!["mac_key"], "bad-mac"),
        (sealed(&refusal("10/96")), Verdict::Wrong, vec!["mac_key"], "10/96"),
        (sealed(&refusal("9/ns")), Verdict::Wrong, vec!["mer_id"], "9/ns"),
        (sealed(&refusal("3/32")), Verdict::Wrong, vec!["mer_id"], "3/32"),
        (http(200, other_shop), Verdict::Wrong, vec!["mer_id"], "echo-differs"),
        (sealed(&refusal("9/nz")), Verdict::AddressNotListed, vec![], "9/nz"),
        (http(404, ""), Verdict::Wrong, vec!["base_url"], "http-404"),
        (http(503, "<html>"), Verdict::Unclear, vec![], "http-503"),
        (sealed(&refusal("2/40")), Verdict::Unclear, vec![], "2/40"),
        (sealed(&json!({})), Verdict::Unclear, vec![], "bad-json"),
        (Err(SendError::NotSent(Fault::Connect)), Verdict::Unclear, vec![], "connect"),
    ] {
        let script = Script::new([step]);
        let proof = prove(&shop(), &keys_of(KEY), script.clone()).await;
        assert_eq!((proof.verdict, proof.fields, proof.code.as_str()), (verdict, fields, code));
        let asked = script.sent();
        assert_eq!(
            (asked.len(), asked[0].0.as_str()),
            (1, "/NewQuery/InquiryByLidm"),
            "one harmless question"
        );
    }
    let nobody = Script::default();
    let proof = prove(&shop(), &keys_of("12345678"), nobody.clone()).await;
    assert_eq!((proof.verdict, proof.fields, proof.code.as_str()), (Verdict::Wrong, vec!["mac_key"], "form"));
    assert!(nobody.sent.lock().unwrap().is_empty());
}
