//! Answers that are none: one meaning each, bounded, and nothing is sent again.

use std::collections::BTreeSet;

use counterfoil_banks::ctbc::seal::{MacFound, NotGenuine, decipher, encipher, open_api};
use counterfoil_banks::ctbc::{CardState, Ctbc, CtbcSettings, Found, ReplyMac};
use counterfoil_banks::transcript::BYTES_MAX;
use counterfoil_banks::transport::{BODY_BYTES_MAX, HttpReply, SendError};
use counterfoil_domain::BankAnswer;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::script::*;

/// The same answer to every write and to a question: unknown, silent, this code, one request.
async fn unclear(step: Result<HttpReply, SendError>, code: &str) {
    for action in ACTIONS {
        let script = Script::new([step.clone()]);
        let reply = script.bank().manage(action, AMOUNT, &handles()).await;
        assert_eq!((write(&reply), reply.code.as_str()), ((BankAnswer::Unknown, None), code));
        assert_eq!(script.sent.lock().unwrap().len(), 1, "nothing goes again");
        assert!(reply.transcript.len() <= BYTES_MAX);
    }
    let asked = ask([step]).await;
    assert_eq!((asked.found, asked.code.as_str()), (Found::Silent, code));
}

#[tokio::test]
async fn any_status_but_200_is_unknown_even_around_an_envelope() {
    for status in [100_u16, 201, 204, 302, 400, 401, 403, 404, 429, 500, 502, 503] {
        unclear(http(status, "<html>重要公告</html>"), &format!("http-{status}")).await;
        unclear(http(status, body(&accepted())), &format!("http-{status}")).await;
    }
}

#[tokio::test]
async fn pages_and_bodies_without_an_envelope() {
    for page in [
        "<!DOCTYPE html><title>重要公告</title>",
        "\u{feff}<?xml version=\"1.0\"?><html/>",
        "\u{feff}\r\n <!-- x --><html>",
        "  <html>MERID=2522&ApiEnc=00</html>",
    ] {
        unclear(http(200, page), "html").await;
    }
    let sealed = api_enc(&accepted().to_string(), None);
    for body in [
        String::new(),
        "MERID=2522".to_owned(),
        "ok".to_owned(),
        accepted().to_string(),
        format!("MERID=2522&apienc={sealed}"),
        format!("ApiEnc={sealed}&MERID=2522&ApiEnc={sealed}"),
        format!("MERID=2522&ApiEnc={sealed}&MERID=2522"),
        // no MERID is like that, so these name no other shop
        format!("MERID={sealed}&ApiEnc=2522"),
        format!("MERID=&ApiEnc={sealed}"),
        format!("MERID=2522 x&ApiEnc={sealed}"),
    ] {
        unclear(http(200, body), "no-envelope").await;
    }
    unclear(http(200, b"MERID=2522&ApiEnc=\xff\xfe".to_vec()), "no-envelope").await;
}

#[tokio::test]
async fn envelopes_that_cannot_be_verified() {
    let good = api_enc(&accepted().to_string(), None);
    let text = accepted().to_string();
    for sealed in [
        String::new(),
        "zz".to_owned(),
        "é".to_owned(),
        "00".repeat(8),
        good[..good.len() - 1].to_owned(),
        good[..good.len() - 16].to_owned(),
        good[16..].to_owned(),
        good.repeat(2),
        format!("{good}<html>"),
        // wrong, cut, long or odd MACs
        api_enc(&text, Some("0")),
        api_enc(&text, Some(&"0".repeat(48))),
        api_enc(&text, Some(&"0".repeat(96))),
        api_enc(&text, Some("功")),
        // sealed well, but no object with each name once
        api_enc(r#"{"RespCode":"0","RespCode":"0","ErrCode":"00"}"#, None),
        api_enc(r#"{"RespCode":"0","ErrCode":"00"#, None),
        api_enc(r#"{"RespCode":"0","ErrCode":"00","ERRDESC":"a"b"}"#, None),
        api_enc("[{}]", None),
        api_enc("}", None),
        api_enc("", Some("")),
        api_enc(&"{".repeat(5000), Some("}")),
        // longer than anything the bank says
        "0".repeat(300 * 1024),
    ] {
        // the shop that an unverified answer names means nothing
        for mer_id in ["2522", "9999"] {
            unclear(http(200, format!("MERID={mer_id}&ApiEnc={sealed}")), "bad-mac").await;
        }
    }
    let long = with(accepted(), &json!({ "ERRDESC": "x".repeat(128 * 1024) }));
    unclear(sealed(&long), "bad-mac").await;
    // bytes that are no Big5
    let odd = encipher(&shop_key(), b"{\"RespCode\":\"0\",\"ErrCode\":\"00\",\"ERRDESC\":\"\xff\xff\"}");
    unclear(http(200, format!("MERID=2522&ApiEnc={odd}")), "bad-mac").await;
    unclear(http(200, vec![b'A'; BODY_BYTES_MAX]), "no-envelope").await;
    unclear(http(200, format!("MERID=2522&ApiEnc={}", "A".repeat(BODY_BYTES_MAX - 20))), "bad-mac").await;
}

#[tokio::test]
async fn another_key_verifies_nothing() {
    let other =
        Ctbc::new(&shop(), &keys_of("abcdefghijklmnopqrstuvwx"), Script::new([sealed(&accepted())])).unwrap();
    let reply = other.manage(ACTIONS[0], AMOUNT, &handles()).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "bad-mac"));
    let iv = CtbcSettings { iv: *b"00000000", ..shop() };
    let reply = Script::new([sealed(&accepted())]).bank_of(&iv).manage(ACTIONS[0], AMOUNT, &handles()).await;
    assert_eq!(write(&reply).0, BankAnswer::Unknown);
}

#[tokio::test]
async fn the_mac_of_an_answer_counts_as_the_shop_has_set() {
    let text = accepted().to_string();
    let (right, absent, wrong) = (None, Some(""), Some("000000000000000000000000000000000000000000000000"));
    let (yes, no) = (BankAnswer::Accepted, BankAnswer::Unknown);
    for (reply_mac, meanings) in [
        (ReplyMac::Check, [yes, yes, no]),
        (ReplyMac::Require, [yes, no, no]),
        (ReplyMac::Ignore, [yes, yes, yes]),
    ] {
        for (behind, meaning) in [right, absent, wrong].into_iter().zip(meanings) {
            let body = format!("MERID=2522&ApiEnc={}", api_enc(&text, behind));
            let bank = Script::new([http(200, body)]).bank_of(&CtbcSettings { reply_mac, ..shop() });
            let reply = bank.manage(ACTIONS[0], AMOUNT, &handles()).await;
            assert_eq!(write(&reply).0, meaning, "{reply_mac:?} {behind:?}");
        }
    }
    // either letter case
    let lower = counterfoil_banks::ctbc::seal::mac(&shop_key(), text.as_bytes()).to_lowercase();
    assert_eq!(open_api(&shop_key(), &api_enc(&text, Some(&lower))), Ok((text, MacFound::Right)));
}

#[tokio::test]
async fn chinese_in_an_answer_is_read_whatever_bytes_its_characters_have() {
    // second bytes 5C, 7C and 7D: a backslash, a bar and a brace, were they read one by one
    let text = json!({ "RespCode": "3", "ErrCode": "40", "ERRDESC": "功許蓋育坉" });
    let reply = act(ACTIONS[0], sealed(&text)).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotNow, "3/40"));
    assert!(reply.transcript.contains("功許蓋育坉"), "{}", reply.transcript);
}

#[test]
fn each_flipped_byte_is_one_error_or_another_message() {
    let text = accepted().to_string();
    let good = hex::decode(api_enc(&text, None)).unwrap();
    // the last three blocks of the message itself
    let covered = (text.len() / 8 + 1 - 3) * 8;
    let mut errors = BTreeSet::new();
    for at in 0..good.len() {
        for bit in [0x01, 0x10, 0x80] {
            let mut flipped = good.clone();
            flipped[at] ^= bit;
            match open_api(&shop_key(), &hex::encode_upper(flipped)) {
                // the MAC of this wire sees no change before that: see the header of `seal`
                Ok((changed, found)) => {
                    let unseen = at < covered && changed != text;
                    assert!(found == MacFound::Wrong || unseen, "{at}");
                }
                Err(error) => drop(errors.insert(format!("{error} {error:?}"))),
            }
        }
    }
    for end in [0, 1, 7, 8, 9, good.len() - 8, good.len() - 1] {
        match open_api(&shop_key(), &hex::encode_upper(&good[..end])) {
            Ok((_, found)) => assert_ne!(found, MacFound::Right, "{end}"),
            Err(error) => drop(errors.insert(format!("{error} {error:?}"))),
        }
    }
    assert_eq!(errors.into_iter().collect::<Vec<_>>(), [format!("{NotGenuine} {NotGenuine:?}")]);
}

/// An answer that was sealed well, with one of these bits turned in each byte before the MAC, at
/// each place that a member can have in a block.
fn turned<'a>(answer: &'a Value, bits: &'a [u8]) -> impl Iterator<Item = String> + 'a {
    (0..8).flat_map(move |before| {
        let text = with(json!({ "A": "x".repeat(before) }), answer).to_string();
        let bytes = hex::decode(api_enc(&text, None)).unwrap();
        (0..text.len()).flat_map(move |at| {
            let bytes = bytes.clone();
            bits.iter().map(move |bit| {
                let mut turned = bytes.clone();
                turned[at] ^= bit;
                format!("MERID={MER_ID}&ApiEnc={}", hex::encode_upper(turned))
            })
        })
    })
}

// what is changed unseen garbles the eight bytes before it, and so the name of every member that
// decides
#[tokio::test]
async fn a_turned_bit_makes_no_success_and_no_other_state_of_anything() {
    for body in turned(&json!({ "RespCode": "1", "ErrCode": "00" }), &[0x01]) {
        let reply = act(ACTIONS[0], http(200, body)).await;
        assert_eq!(write(&reply).0, BankAnswer::Unknown, "{}", reply.transcript);
    }
    let row = json!({ "RespCode": "0", "ErrCode": "00", "QueryCode": "1", "CurrentState": "10" });
    for body in turned(&row, &[0x01, 0x02]) {
        let asked = ask([http(200, body.clone()), http(200, body)]).await;
        match &asked.found {
            Found::Row(row) => {
                assert!(matches!(row.state, CardState::CaptureQueued | CardState::Unlisted), "{row:?}");
            }
            Found::Silent | Found::Refused(_) => {}
            Found::Nothing | Found::Unequal(..) => panic!("{}", asked.transcript),
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_are_one_error(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,200}") {
        prop_assert_ne!(open_api(&shop_key(), &hex::encode_upper(&bytes)).map(|found| found.1), Ok(MacFound::Right));
        prop_assert_eq!(decipher(&shop_key(), &format!("{text}!")), Err(NotGenuine));
        let envelope = counterfoil_banks::ctbc::wire::envelope(&bytes);
        prop_assert!(envelope.is_err() || bytes.len() > 7);
    }
}
