//! Keys: how they are read, which one is named, and what `shop check` finds out.

use counterfoil_banks::proof::{Proof, Verdict};
use counterfoil_banks::sinopac::prove::prove;
use counterfoil_banks::sinopac::seal::{HashId, KeyField, sign_query};
use counterfoil_banks::sinopac::shop::{base, check_keys};
use counterfoil_banks::sinopac::{SetUpError, Sinopac};
use counterfoil_engine::shop::Environment as E;
use secrecy::SecretString;
use serde_json::json;

use super::script::*;

#[test]
fn leading_zeros_stay() {
    let keys = keys_of("1234567890ABCDEF", "1034567890ABCD00", "0011223344556677", "0011223344550000");
    assert!(HashId::derive(&keys).unwrap().is("02000000000000EF0000000000006677"));
    let keys = keys_of(A1, A1, B1, B1);
    assert!(HashId::derive(&keys).unwrap().is(&"0".repeat(32)));
    assert!(hash_id().is(HASH_ID) && !hash_id().is(&HASH_ID.to_lowercase()) && !hash_id().is(""));
}

#[test]
fn hyphens_blanks_and_letter_case_are_tolerated() {
    let keys = keys_of(" 4D97-09D6-99CA-40EE\r\n", "5a4fef83140c4e9e", "BC74 3019 4513 4CB4", B2);
    assert!(HashId::derive(&keys).unwrap().is(HASH_ID));
}

#[test]
fn the_value_that_is_none_is_named_and_not_shown() {
    for bad in [
        "",
        "4D9709D699CA40E",
        "4D9709D699CA40EEF",
        "4D9709D699CA40EG",
        "４D9709D699CA40EE",
        "0x9709D699CA40EE",
    ] {
        for (field, keys) in [
            (KeyField::A1, keys_of(bad, A2, B1, B2)),
            (KeyField::A2, keys_of(A1, bad, B1, B2)),
            (KeyField::B1, keys_of(A1, A2, bad, B2)),
            (KeyField::B2, keys_of(A1, A2, B1, bad)),
        ] {
            let Err(error) = HashId::derive(&keys) else { panic!("{bad} was taken") };
            assert_eq!(error.field, field);
            assert_eq!(error.to_string(), format!("{} is not 16 hex digits", field.name()));
            let Err(error) = Sinopac::new(&shop(), &keys, Script::default()) else {
                panic!("{bad} was taken")
            };
            assert_eq!(error.field(), field.name());
        }
    }
}

#[test]
fn settings_of_one_world_do_not_meet_those_of_another() {
    let with = |environment: E, base_url: Option<&str>| {
        let mut shop = shop();
        shop.environment = environment;
        shop.base_url = base_url.map(str::to_owned);
        base(&shop).map(|url| url.to_string())
    };
    assert_eq!(with(E::Sandbox, None).unwrap(), "https://apisbx.sinopac.com/funBIZ-Sbx/QPay.WebAPI/api");
    assert_eq!(with(E::Production, None).unwrap(), "https://api.sinopac.com/funBIZ/QPay.WebAPI/api");
    assert_eq!(with(E::Custom, Some("http://127.0.0.1:4455/x")).unwrap(), "http://127.0.0.1:4455/x");
    assert_eq!(with(E::Demo, Some("http://127.0.0.1:4455")).unwrap(), "http://127.0.0.1:4455/");
    for (environment, base_url) in [
        (E::Production, Some("http://127.0.0.1:4455")),
        (E::Sandbox, Some("https://api.sinopac.com/funBIZ/QPay.WebAPI/api")),
        (E::Custom, None),
        (E::Demo, None),
        (E::Custom, Some("https://api.sinopac.com/")),
        (E::Custom, Some("http://localhost:4455")),
        (E::Custom, Some("http://0.0.0.0:1")),
        (E::Custom, Some("http://u@127.0.0.1:4455")),
        (E::Custom, Some("https://127.0.0.1:4455")),
        (E::Custom, Some("")),
        (E::Custom, Some("http://127.0.0.1.evil.example:4455")),
        (E::Custom, Some("http://[::1]:4455")),
        (E::Custom, Some("file:///etc")),
        (E::Demo, Some("http://127.0.0.1:4455/?x")),
    ] {
        assert_eq!(with(environment, base_url), Err(SetUpError::BaseUrl), "{base_url:?}");
    }
}

#[test]
fn the_sign_takes_top_level_scalars_by_name_without_letter_case() {
    let fields = json!({ "b": "2", "Memo": "", "C": "  ", "D": "\u{3000}", "n": null, "a": 1, "B2": " x ", "List": [1],
                         "Node": { "x": 1 }, "z": 0, "_": true });
    assert_eq!(sign_query(fields.as_object().unwrap()), "a=1&b=2&B2= x &z=0&_=True");
}

#[test]
fn the_form_of_all_five_is_checked() {
    assert_eq!(check_keys(&keys()), Ok(()));
    for bad in [
        "",
        "1f078484-87fe-4c61-a77d-22d865eeb4f",
        "1f07848487fe4c61a77d22d865eeb4f4",
        "1f078484-87fe-4c61-a77d-22d865eeb4fg",
        "1f078484-87fe-4c61-a77d-22d865eeb4f4-0",
    ] {
        let mut keys = keys();
        keys.key_id = SecretString::from(bad);
        assert_eq!(check_keys(&keys), Err(SetUpError::KeyId), "{bad}");
    }
    let mut keys = keys();
    keys.key_id = SecretString::from("x\r\nHost: evil");
    assert_eq!(Sinopac::new(&shop(), &keys, Script::default()).err(), Some(SetUpError::KeyId));
}

async fn proof(
    keys: &counterfoil_engine::ports::SinopacKeys,
    script: Script,
) -> (Verdict, Vec<&'static str>, String) {
    let Proof { verdict, fields, code } = prove(&shop(), keys, script).await;
    (verdict, fields, code)
}

#[tokio::test]
async fn good_settings_are_proved_by_one_question() {
    let nothing = json!({ "ShopNo": SHOP, "Status": "S", "Description": "S0001 – 處理成功，查無資料" });
    let script = Script::after_nonce(sealed(&nothing));
    assert_eq!(proof(&keys(), script.clone()).await, (Verdict::Good, vec![], "S0001".to_owned()));
    assert_eq!(script.sent.lock().unwrap().len(), 2);
    let asked = script.message(1);
    assert_eq!(asked.keys().collect::<Vec<_>>(), ["ShopNo", "OrderNo"], "a question and nothing else");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let all = || vec!["a1", "a2", "b1", "b2"];
    for (steps, verdict, fields, code) in [
        (vec![http(401, "Security failure")], Verdict::Wrong, vec!["key_id"], "http-401"),
        (vec![http(499, "9998 IP address not allowed")], Verdict::AddressNotListed, vec![], "http-499"),
        (vec![nonce(), http(499, "")], Verdict::AddressNotListed, vec![], "http-499"),
        (
            vec![http(200, r#"{"Status":"F","Description":"E0101 – x"}"#)],
            Verdict::Wrong,
            vec!["shop_no"],
            "E0101",
        ),
        (vec![nonce(), sealed(&refusal("E0102"))], Verdict::Wrong, vec!["shop_no"], "E0102"),
        (
            vec![nonce(), http(200, r#"{"Status":"F","Description":"E3501 – x"}"#)],
            Verdict::Wrong,
            all(),
            "E3501",
        ),
        (
            vec![nonce(), http(200, r#"{"Status":"F","Description":"E0000 – x"}"#)],
            Verdict::Wrong,
            all(),
            "E0000",
        ),
        (vec![http(404, "9999 Not Found")], Verdict::Wrong, vec!["base_url"], "http-404"),
        (vec![http(503, "<html>")], Verdict::Unclear, vec![], "http-503"),
        (vec![nonce(), sealed(&refusal("E9900"))], Verdict::Unclear, vec![], "E9900"),
    ] {
        assert_eq!(proof(&keys(), Script::new(steps)).await, (verdict, fields, code.to_owned()));
    }
}

#[tokio::test]
async fn a_bad_form_is_named_before_anything_is_sent() {
    let script = Script::new([]);
    assert_eq!(
        proof(&keys_of(A1, A2, "BC74301945134CB", B2), script).await,
        (Verdict::Wrong, vec!["b1"], "form".to_owned())
    );
    let mut short = keys();
    short.key_id = SecretString::from("1f078484-87fe-4c61-a77d-22d865eeb4f");
    assert_eq!(proof(&short, Script::new([])).await, (Verdict::Wrong, vec!["key_id"], "form".to_owned()));
}

#[tokio::test]
async fn exchanged_values_are_found() {
    // the bank seals its refusal with the right key
    let answer = || Script::after_nonce(sealed(&refusal("E3501")));
    for (keys, verdict, fields) in [
        (keys_of(B1, A2, A1, B2), Verdict::Exchanged, vec!["a1", "b1"]),
        (keys_of(B2, A2, B1, A1), Verdict::Exchanged, vec!["a1", "b2"]),
        (keys_of(A1, B1, A2, B2), Verdict::Exchanged, vec!["a2", "b1"]),
        (keys_of(A1, B2, B1, A2), Verdict::Exchanged, vec!["a2", "b2"]),
        (keys_of(B1, B2, A1, A2), Verdict::Exchanged, vec!["a1", "a2", "b1", "b2"]),
        (keys_of(A1, A2, B1, "961F67F8FCA44AB8"), Verdict::Wrong, vec!["a1", "a2", "b1", "b2"]),
    ] {
        assert_eq!(proof(&keys, answer()).await, (verdict, fields, "bad-sign".to_owned()));
    }
    // the two halves of a pair may come in either order
    let good = proof(&keys_of(A2, A1, B2, B1), Script::after_nonce(sealed(&refusal("E2101")))).await;
    assert_eq!(good, (Verdict::Unclear, vec![], "E2101".to_owned()));
}
