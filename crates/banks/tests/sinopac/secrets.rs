//! No secret in any transcript, and in no `Debug` of anything public.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use counterfoil_banks::opener::PayPages;
use counterfoil_banks::sinopac::prove::prove;
use counterfoil_banks::sinopac::seal::HashId;
use counterfoil_banks::transcript::BYTES_MAX;
use counterfoil_engine::ports::{BankPort, BankRequest, Inquiry, PaidPart};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::script::*;

const TOKEN: &str = "8ab3058e04bd1a58b54232987530c4faa6e97be7b1de009c1d230f125c7802c9";
const REFUND_TOKEN: &str = "feedface04bd1a58b54232987530c4faa6e97be7b1de009c1d230f125c780000";
const LINK_KEY: &str = "a135ccb2-2e4c-4af4-b4ef-dfece6367731";
const PAYER: &str = "01700100003411";

/// Everything that must not be seen, in every form in which it could be.
fn forbidden(envelopes: &[Value]) -> Vec<Vec<u8>> {
    let mut secrets: Vec<String> = [
        A1,
        A2,
        B1,
        B2,
        HASH_ID,
        KEY_ID,
        TOKEN,
        REFUND_TOKEN,
        LINK_KEY,
        PAYER,
        REQUEST_NONCE,
        ANSWER_NONCE,
        "17D8E6558DC60E70",
        "2A6B57E1B9B7060D",
    ]
    .map(str::to_owned)
    .into();
    for name in ["Sign", "Message"] {
        let texts = envelopes.iter().filter_map(|e| e[name].as_str());
        secrets.extend(texts.filter(|text| text.len() > 16).map(str::to_owned));
    }
    let mut forms = Vec::new();
    for secret in &secrets {
        for text in [secret.clone(), secret.to_lowercase(), secret.to_uppercase(), secret.replace('-', "")] {
            forms.push(text.clone().into_bytes());
            forms.push(hex::encode(&text).into_bytes());
            forms.push(hex::encode_upper(&text).into_bytes());
            forms.push(STANDARD.encode(&text).into_bytes());
            forms.push(URL_SAFE_NO_PAD.encode(&text).into_bytes());
            forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
            forms.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        }
        // the bytes that a hex text encodes
        forms.extend(hex::decode(secret).ok().filter(|bytes| bytes.len() >= 8));
    }
    forms
}

fn assert_clean(text: &str, forms: &[Vec<u8>]) {
    for form in forms {
        let found = text.as_bytes().windows(form.len()).any(|window| window == form);
        assert!(!found, "{} in {text}", String::from_utf8_lossy(form));
    }
}

#[tokio::test]
async fn no_secret_stands_in_a_transcript_or_debug_output() {
    let ask_token = || BankRequest::Ask(Inquiry::Token { token: SecretString::from(TOKEN) });
    let token_answer = json!({
        "ShopNo": SHOP, "PayToken": TOKEN, "Status": "S", "Description": "S0000 – 處理成功",
        "TSResultContent": { "APType": "PayOut", "OrderNo": number().as_str(), "ShopNo": SHOP, "PayType": "C",
            "Amount": "50000", "Status": "S", "PayDate": "202611210859", "LeftCCNo": "414352", "RightCCNo": "0127",
            "CCToken": LINK_KEY, "AuthCode": "123456" } });
    let refund = json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "Status": "S", "Description": "S0000 – 處理成功",
                         "RefundToken": REFUND_TOKEN });
    let card_row =
        with(row(), &json!({ "PayType": "C", "CardParam": { "CardPayURL": LINK, "AuthCode": "123456" } }));
    // what a gateway or a firewall may throw back at us
    let echo = json!({ "error": "key 1f078484-87fe-4c61-a77d-22d865eeb4f4 refused", "X-KeyID": KEY_ID,
                       "body": envelope(&accepted_account()).to_string() });
    let html = format!("<html>{KEY_ID} {} {TOKEN} {REQUEST_NONCE}</html>", envelope(&refund)["Message"]);
    let conversations = [
        (issue_account(), sealed(&accepted_account())),
        (create_link(), sealed(&accepted_link())),
        (cancel(), sealed(&refund)),
        (ask(), sealed(&list(&json!([row()])))),
        (ask(), sealed(&list(&json!([card_row])))),
        (ask_token(), sealed(&token_answer)),
        (ask_token(), sealed(&refusal(&format!("E2501 – {TOKEN}")))),
        (ask_token(), http(500, format!("no such token {TOKEN}"))),
        (ask(), http(401, echo.to_string())),
        (issue_account(), http(200, echo.to_string())),
        (issue_account(), http(403, html.clone())),
        (issue_account(), http(200, html)),
        (issue_account(), sealed(&with(accepted_account(), &json!({ "Amount": 1 })))),
        (
            issue_account(),
            http(200, with(envelope(&accepted_account()), &json!({ "Sign": "0" })).to_string()),
        ),
        (
            issue_account(),
            Err(counterfoil_banks::transport::SendError::Lost(counterfoil_banks::transport::Fault::Reset)),
        ),
    ];
    for (request, step) in conversations {
        let script = Script::after_nonce(step.clone());
        let bank = script.bank();
        let reply = bank.call(request.clone()).await;
        let sent = script.sent.lock().unwrap().clone();
        let mut envelopes: Vec<Value> =
            sent.iter().filter_map(|r| serde_json::from_str(&r.body).ok()).collect();
        envelopes.extend(step.iter().filter_map(|r| serde_json::from_slice(&r.body).ok()));
        let forms = forbidden(&envelopes);
        assert_clean(&reply.transcript, &forms);
        assert!(reply.transcript.contains("/Order"), "{}", reply.transcript);
        assert!(reply.transcript.len() <= BYTES_MAX && reply.code.len() <= 40);
        let debug = format!(
            "{request:?} {bank:?} {sent:?} {step:?} {:?} {:?}",
            reply.code,
            PayPages::sinopac(&shop())
        );
        assert_clean(&debug, &forms);
        for shown in [&reply.code, &format!("{:?}", prove(&shop(), &keys(), Script::after_nonce(step)).await)]
        {
            assert_clean(shown, &forms);
        }
    }
}

#[tokio::test]
async fn a_transcript_shows_what_was_said() {
    let reply = call(issue_account(), sealed(&accepted_account())).await;
    for part in [
        "POST /funBIZ-Sbx/QPay.WebAPI/api/Order OrderCreate",
        "X-KeyID: ***",
        "\"Amount\":50000",
        "\"PrdtName\":\"***\"",
        number().as_str(),
        SHOP,
        "< 200 ",
        "S0000 – 處理成功",
        ACCOUNT,
        "TK=***",
    ] {
        assert!(reply.transcript.contains(part), "{part} in {}", reply.transcript);
    }
    let reply = call(ask(), http(403, "No match found for request")).await;
    assert!(
        reply.transcript.contains("< 403 unverified, 26 bytes: No match found for request"),
        "{}",
        reply.transcript
    );
    let reply = Script::new([http(429, "Too Many Requests")]).bank().call(ask()).await;
    assert!(
        reply.transcript.contains("no nonce") && reply.transcript.contains("was not sent"),
        "{}",
        reply.transcript
    );
}

/// We keep no whole card number, wherever the bank puts one.
#[tokio::test]
async fn no_card_number_stands_in_a_transcript_wherever_the_bank_puts_it() {
    for number in ["4123450131003312", "4123 4501 3100 3312", "4123-4501-3100-3312", "412345013100331"] {
        let told = json!({ "CardNumber": number, "More": [format!("{number} 2912")] });
        for answer in [
            sealed(&with(refusal(&format!("E2501 – {number} declined")), &told)),
            http(503, format!("<p>{number}</p>")),
        ] {
            let transcript = call(ask(), answer).await.transcript;
            assert!(!transcript.contains(number) && transcript.contains("***"), "{transcript}");
        }
    }
}

#[tokio::test]
async fn a_transcript_is_bounded_and_on_its_lines() {
    let rows: Vec<Value> = (0..300).map(|_| row()).collect();
    let span = counterfoil_domain::MinuteSpan::new(NOW.minute().plus(-10), NOW.minute()).unwrap();
    let reply = call(
        BankRequest::Ask(Inquiry::Paid { span, only: PaidPart::default() }),
        sealed(&list(&json!(rows))),
    )
    .await;
    assert!(reply.transcript.len() <= BYTES_MAX && reply.transcript.ends_with('…'));
    let reply = call(ask(), http(500, "\u{1b}[31mred\r\n< 200 forged\n".repeat(1000))).await;
    assert_eq!(
        reply.transcript.lines().filter(|line| line.starts_with('<')).count(),
        1,
        "{}",
        reply.transcript
    );
    assert!(!reply.transcript.contains('\u{1b}'));
}

#[test]
fn a_key_error_does_not_show_the_key() {
    let Err(error) = HashId::derive(&keys_of("4D9709D699CA40EX", A2, B1, B2)) else { panic!("it was taken") };
    assert_eq!(format!("{error} {error:?}"), "a1 is not 16 hex digits BadKey { field: A1 }");
}
