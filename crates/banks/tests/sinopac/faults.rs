//! Faults F5 to F10 of the list, at the wire: the answer is unknown, and nothing is sent again.

use counterfoil_banks::sinopac::seal::{NotGenuine, open, seal};
use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_domain::BankAnswer;
use counterfoil_engine::ports::{BankPort, Said};
use serde_json::{Map, Value, json};

use super::script::*;

/// The same `Order` answer to a write and to a question: unknown, silent, this code, two requests.
async fn unclear(step: Result<counterfoil_banks::transport::HttpReply, SendError>, code: &str) {
    for request in [issue_account(), create_link(), cancel(), ask()] {
        let script = Script::after_nonce(step.clone());
        let reply = script.bank().call(request).await;
        assert_eq!(reply.code, code);
        assert_eq!(script.sent.lock().unwrap().len(), 2, "nothing goes again");
        match reply.said {
            Said::Write { meaning, issued, .. } => {
                assert_eq!((meaning, issued), (BankAnswer::Unknown, None), "{code}");
            }
            Said::Silent => {}
            Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(_) => {
                panic!("{code} is no answer")
            }
        }
    }
}

#[tokio::test]
async fn what_is_lost_or_refused_by_the_gateway_is_unknown() {
    for fault in [Fault::Timeout, Fault::Reset, Fault::TooLarge] {
        unclear(Err(SendError::Lost(fault)), fault.code()).await;
    }
    // these are unverified, so they refuse nothing
    for status in [302_u16, 400, 401, 403, 404, 405, 415, 429, 499, 500, 502, 503] {
        unclear(http(status, "<html>no</html>"), &format!("http-{status}")).await;
    }
    // not even with an envelope that is right
    let genuine = envelope(&refusal("E0403")).to_string();
    unclear(http(500, genuine), "http-500").await;
}

#[tokio::test]
async fn an_order_request_that_never_left_is_not_sent() {
    for fault in [Fault::Dns, Fault::Connect, Fault::Tls, Fault::Timeout] {
        let reply = call(issue_account(), Err(SendError::NotSent(fault))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, fault.code()));
        assert!(matches!(call(ask(), Err(SendError::NotSent(fault))).await.said, Said::Silent));
    }
}

#[tokio::test]
async fn bodies_that_are_no_answer_are_unknown() {
    let whole = envelope(&accepted_account()).to_string();
    let cut = &whole[..whole.len() - 1];
    let marked = format!("\u{feff}{whole}");
    let twice = whole.replacen('{', r#"{"Nonce":"x","#, 1);
    let twice_status = whole.replacen('{', r#"{"Version":"1.0.0","#, 1);
    for body in [cut, &marked, &twice, &twice_status, "", "null", "[]", "{}", r#""S0000""#] {
        unclear(http(200, body), "bad-json").await;
    }
    unclear(http(200, b"\xff\xfe{\0}\0".to_vec()), "bad-json").await;
    unclear(http(200, "\r\n <!doctype html>"), "html").await;
    // a plain text may say what it likes
    for (code, body) in [
        ("E0403", r#"{"Status":"F","Description":"E0403 – x"}"#),
        (
            "S0000",
            r#"{"Status":"S","Description":"S0000 – 處理成功","OrderNo":"TL5K8000000001A","Amount":50000}"#,
        ),
        ("E0101", r#"{"Status":"F","Description":"E0101 – 商店編號不存在","Message":"","Nonce":null}"#),
    ] {
        unclear(http(200, body), code).await;
    }
}

#[tokio::test]
async fn seals_that_do_not_fit_are_unknown() {
    let good = envelope(&accepted_account());
    let other_nonce = json!(REQUEST_NONCE);
    let other_sign = seal(&hash_id(), ANSWER_NONCE, &Map::new()).sign;
    for changes in [
        json!({ "Sign": other_sign }),
        json!({ "Sign": "" }),
        json!({ "Sign": null }),
        json!({ "Sign": 7 }),
        json!({ "Nonce": other_nonce }),
        json!({ "Message": "00" }),
        json!({ "Message": "zz" }),
        json!({ "Message": "é" }),
        json!({ "Message": good["Message"].as_str().unwrap().repeat(2) }),
    ] {
        unclear(http(200, with(good.clone(), &changes).to_string()), "bad-sign").await;
    }
    // sealed well, but not one object with each name once
    for text in [r#"{"Status":"S","Status":"F"}"#, "[]", "\"x\"", "", "{\"a\":1}x", "\u{feff}{}"] {
        let iv = counterfoil_banks::sinopac::seal::iv(ANSWER_NONCE);
        let message = counterfoil_banks::sinopac::seal::encipher(&hash_id(), &iv, text);
        unclear(http(200, with(good.clone(), &json!({ "Message": message })).to_string()), "bad-sign").await;
    }
}

#[tokio::test]
async fn an_answer_of_another_shop_or_order_is_a_mismatch() {
    let cases = [
        with(accepted_account(), &json!({ "OrderNo": "TL5K8000000002A" })),
        with(accepted_account(), &json!({ "OrderNo": null })),
        with(accepted_account(), &json!({ "Amount": 50100 })),
        with(accepted_account(), &json!({ "Amount": 500 })),
        with(accepted_account(), &json!({ "Amount": 5_000_000 })),
        with(accepted_account(), &json!({ "Amount": null })),
        with(accepted_account(), &json!({ "PayType": "C" })),
        with(accepted_account(), &json!({ "ShopNo": "NA0249_001" })),
        // a refusal, or an unlisted word, about another order says nothing about ours
        with(refusal("E0403"), &json!({ "OrderNo": "TL5K8000000002A" })),
        with(refusal("E0403"), &json!({ "ShopNo": "NA0249_001" })),
    ];
    for answer in cases {
        let reply = call(issue_account(), sealed(&answer)).await;
        let (meaning, issued, unequal) = write(&reply);
        assert_eq!(
            (meaning, issued, reply.code.as_str()),
            (BankAnswer::Unknown, None, "echo-differs"),
            "{answer}"
        );
        assert!(unequal.is_some(), "{answer}");
    }
    let reply = call(issue_account(), sealed(&with(accepted_account(), &json!({ "Amount": 50100 })))).await;
    assert_eq!(write(&reply).2, Some("Amount: ours 50000, bank 50100"));
    // the envelope names another shop than the message in it
    let outer = with(envelope(&accepted_account()), &json!({ "ShopNo": "NA0249_001" })).to_string();
    assert_eq!(call(issue_account(), http(200, outer.clone())).await.code, "echo-differs");
    assert!(matches!(call(ask(), http(200, outer)).await.said, Said::Silent));
    // an old answer to a cancel does not answer a capture
    let answer = json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "Command": "P", "Status": "S",
                         "Description": "S0000 – 處理成功" });
    assert_eq!(write(&call(cancel(), sealed(&answer)).await).0, BankAnswer::Unknown);
}

#[test]
fn each_flipped_byte_gives_the_one_error() {
    let fields = accepted_account();
    let fields: &Map<String, Value> = fields.as_object().unwrap();
    let good = seal(&hash_id(), ANSWER_NONCE, fields);
    let bytes = hex::decode(&good.message).unwrap();
    assert_eq!(open(&hash_id(), ANSWER_NONCE, &good.message, &good.sign).as_ref(), Ok(fields));
    assert_eq!(
        open(&hash_id(), ANSWER_NONCE, &good.message.to_ascii_lowercase(), &good.sign.to_ascii_lowercase())
            .as_ref(),
        Ok(fields),
        "letter case of hex is the bank's own business"
    );
    let mut errors = std::collections::BTreeSet::new();
    for at in 0..bytes.len() {
        for bit in [0x01, 0x10, 0x80] {
            let mut flipped = bytes.clone();
            flipped[at] ^= bit;
            let error = open(&hash_id(), ANSWER_NONCE, &hex::encode_upper(flipped), &good.sign).unwrap_err();
            errors.insert(format!("{error} {error:?}"));
        }
    }
    for at in 0..good.sign.len() {
        let mut sign = good.sign.clone().into_bytes();
        sign[at] = if sign[at] == b'0' { b'1' } else { b'0' };
        let error =
            open(&hash_id(), ANSWER_NONCE, &good.message, std::str::from_utf8(&sign).unwrap()).unwrap_err();
        errors.insert(format!("{error} {error:?}"));
    }
    for end in [0, 1, 2, 31, 32, good.message.len() - 32, good.message.len() - 1] {
        let error = open(&hash_id(), ANSWER_NONCE, &good.message[..end], &good.sign).unwrap_err();
        errors.insert(format!("{error} {error:?}"));
    }
    assert_eq!(errors.into_iter().collect::<Vec<_>>(), [format!("{NotGenuine} {NotGenuine:?}")]);
}
