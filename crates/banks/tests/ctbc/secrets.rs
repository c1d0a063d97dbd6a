//! No secret in any transcript, and in no `Debug` of anything public.

use counterfoil_banks::ctbc::seal::{ShopKey, mac};
use counterfoil_banks::transcript::BYTES_MAX;
use counterfoil_banks::transport::{Fault, SendError};
use secrecy::SecretString;
use serde_json::json;

use super::script::*;

/// The key in every form in which it could be seen, its thirds, and what it seals.
fn forbidden(sealed: &[String]) -> Vec<Vec<u8>> {
    let mut secrets: Vec<String> = vec![KEY.to_owned(), "003313".to_owned(), "412345******3312".to_owned()];
    let in_mac = mac(
        &ShopKey::new(&SecretString::from(KEY), *b"hywebpg5").unwrap(),
        b"|8220000000001|90000001|ORD20240101_0001|1680|0|1|",
    );
    secrets.push(in_mac);
    secrets.extend(sealed.iter().filter(|text| text.len() > 16).cloned());
    let mut forms = Vec::new();
    for secret in &secrets {
        forms.push(secret.to_lowercase().into_bytes());
        forms.push(secret.clone().into_bytes());
        forms.push(hex::encode(secret).into_bytes());
        forms.push(hex::encode_upper(secret).into_bytes());
        forms.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    // no 24 characters of anything sealed in a row
    for text in sealed {
        let parts = text.as_bytes().chunks_exact(24);
        forms.extend(parts.map(<[u8]>::to_vec));
    }
    forms
}

fn assert_clean(text: &str, forms: &[Vec<u8>]) {
    for form in forms {
        let found = text.as_bytes().windows(form.len()).any(|window| window == form);
        assert!(!found, "{} in {text}", String::from_utf8_lossy(form));
    }
}

fn api_enc_of(text: &str) -> Vec<String> {
    text.split('&').filter_map(|pair| pair.strip_prefix("ApiEnc=")).map(str::to_owned).collect()
}

#[tokio::test]
async fn no_secret_stands_in_a_transcript_or_debug_output() {
    let data = "<row><PAN>412345******3312</PAN><AuthCode>003313</AuthCode></row>";
    let answers = [
        sealed(&accepted()),
        sealed(&row()),
        sealed(&with(row(), &json!({ "Data": data, "QueryCode": "2" }))),
        sealed(&refusal("3/40")),
        sealed(&with(refusal("9/nt"), &json!({ "ERRDESC": format!("no such key {KEY}") }))),
        sealed(&with(accepted(), &json!({ "XID": "X2" }))),
        http(200, body(&row()).replace("2522", "2523")),
        http(200, format!("MERID=2522&ApiEnc={}", api_enc(&row().to_string(), Some("00")))),
        // what a gateway may throw back at us
        http(503, format!("<html>{KEY} {}</html>", body(&row()))),
        http(200, format!("no such key {KEY}: {}", body(&row()))),
        http(500, format!("{}{}", "x".repeat(290), api_enc(&row().to_string(), None))),
        Err(SendError::Lost(Fault::Reset)),
        Err(SendError::NotSent(Fault::Tls)),
    ];
    for step in answers {
        let mut texts = Vec::new();
        let mut sealed: Vec<String> =
            step.iter().flat_map(|r| api_enc_of(&String::from_utf8_lossy(&r.body))).collect();
        for action in ACTIONS {
            let script = Script::new([step.clone()]);
            let bank = script.bank();
            let reply = bank.manage(action, AMOUNT, &handles()).await;
            let sent = script.sent.lock().unwrap().clone();
            sealed.extend(sent.iter().flat_map(|r| api_enc_of(&r.body)));
            assert!(reply.transcript.starts_with("POST /NewPos/"), "{}", reply.transcript);
            assert!(reply.transcript.len() <= BYTES_MAX && reply.code.len() <= 40);
            texts.push(format!("{} {reply:?} {bank:?} {sent:?} {:?}", reply.transcript, handles()));
        }
        let script = Script::new([step.clone(), step.clone()]);
        let asked = script.bank().inquire(&number(), AMOUNT, None).await;
        sealed.extend(script.sent.lock().unwrap().iter().flat_map(|r| api_enc_of(&r.body)));
        texts.push(format!("{} {asked:?} {step:?}", asked.transcript));
        let forms = forbidden(&sealed);
        for text in &texts {
            assert_clean(text, &forms);
        }
    }
    let form = Script::default().bank().form(&sale()).unwrap();
    let forms = forbidden(std::slice::from_ref(&form.url_enc));
    assert_clean(&format!("{form:?} {:?} {:?}", sale(), shop()), &forms);
}

#[tokio::test]
async fn a_transcript_shows_what_was_said() {
    let reply = act(ACTIONS[0], sealed(&refusal("3/40"))).await;
    for part in [
        "POST /NewPos/Cap (sealed: ApiEnc, MERID)\n> {",
        "\"CapAmt\":\"901 100 0\"",
        "\"AuthCode\":\"***\"",
        XID,
        "\n< 200 {\"RespCode\":\"3\",\"ErrCode\":\"40\",\"ERRDESC\":\"說明\"",
    ] {
        assert!(reply.transcript.contains(part), "{part} in {}", reply.transcript);
    }
    let asked = ask([sealed(&nothing()), sealed(&row())]).await;
    for part in [
        "POST /NewQuery/Inquiry ",
        "POST /NewQuery/InquiryByLidm ",
        "\"CurrentState\":\"10\"",
        "\"PAN\":\"***\"",
    ] {
        assert!(asked.transcript.contains(part), "{part} in {}", asked.transcript);
    }
    let page = act(ACTIONS[0], http(503, "<title>重要公告</title>")).await;
    assert!(
        page.transcript.contains("< 503 unverified, 27 bytes: <title>重要公告</title>"),
        "{}",
        page.transcript
    );
}

/// We keep no whole card number, even if the bank sends one against its own papers, in an unknown
/// member or on a page.
#[tokio::test]
async fn no_card_number_stands_in_a_transcript_wherever_the_bank_puts_it() {
    for number in ["4123450131003312", "4123 4501 3100 3312", "4123-4501-3100-3312", "41234501310033"] {
        let told = json!({ "CardNumber": number, "ERRDESC": format!("卡號 {number} 無效"),
            "More": [number, format!("{number} 2912"), format!("{number} declined")] });
        let reply = act(ACTIONS[0], sealed(&with(refusal("4/7"), &told))).await;
        let page = act(ACTIONS[0], http(503, format!("<p>{number}</p>"))).await;
        for transcript in [reply.transcript, page.transcript] {
            assert!(!transcript.contains(number) && transcript.contains("***"), "{transcript}");
        }
    }
    // the shop's own numbers, amounts and the bank's name of a sale are none
    let reply = act(ACTIONS[0], sealed(&accepted())).await;
    assert!(reply.transcript.contains(XID) && reply.transcript.contains("901 100 0"), "{}", reply.transcript);
}

#[tokio::test]
async fn a_transcript_is_bounded_and_on_its_lines() {
    let long = with(row(), &json!({ "ERRDESC": "說".repeat(5000) }));
    let asked = ask([sealed(&long)]).await;
    assert!(asked.transcript.len() <= BYTES_MAX && asked.transcript.ends_with('…'));
    let page = act(ACTIONS[0], http(500, "\u{1b}[31mred\r\n< 200 forged\n".repeat(1000))).await;
    let lines = page.transcript.lines().filter(|line| line.starts_with('<')).count();
    assert_eq!(lines, 1, "{}", page.transcript);
    assert!(!page.transcript.contains('\u{1b}'));
}
