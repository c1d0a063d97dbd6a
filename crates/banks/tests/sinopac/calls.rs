//! Longer than 500 lines because each answer has its row.
//!
//! What is sent, and what each answer becomes.

use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{BankAnswer, BankState, MinuteSpan, Rail, Twd};
use counterfoil_engine::ports::{BankPort, BankRequest, Inquiry, PaidPart, RefusalOf, Said, Write};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::script::*;

const TOKEN: &str = "8ab3058e04bd1a58b54232987530c4faa6e97be7b1de009c1d230f125c7802c9";

fn ask_token() -> BankRequest {
    BankRequest::Ask(Inquiry::Token { token: SecretString::from(TOKEN) })
}

fn ask_paid() -> BankRequest {
    ask_part(PaidPart::default())
}

fn ask_part(only: PaidPart) -> BankRequest {
    BankRequest::Ask(Inquiry::Paid {
        span: MinuteSpan::new(NOW.minute().plus(-10), NOW.minute()).unwrap(),
        only,
    })
}

fn token_answer(content: &Value) -> Value {
    json!({ "ShopNo": SHOP, "PayToken": TOKEN, "Date": "202611210900", "Status": "S",
            "Description": "S0000 – 處理成功", "TSResultContent": content })
}

fn token_content() -> Value {
    json!({ "APType": "PayOut", "TSNo": "BA002600000001", "OrderNo": number().as_str(), "ShopNo": SHOP,
            "PayType": "C", "Amount": "50000", "Status": "S", "Description": "", "PayDate": "202611210859",
            "CCToken": null })
}

/// What is sent for a request: the service and the opened message.
async fn sent(request: BankRequest) -> (String, String) {
    let script = Script::after_nonce(sealed(&refusal("E0001")));
    script.bank().call(request).await;
    let sent = script.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 2, "a nonce and an order, nothing else");
    let base = "http://127.0.0.1:4455/funBIZ-Sbx/QPay.WebAPI/api";
    assert_eq!(
        [sent[0].url.as_str(), sent[1].url.as_str()],
        [format!("{base}/Nonce"), format!("{base}/Order")]
    );
    assert_eq!(sent[0].body, format!(r#"{{"ShopNo":"{SHOP}"}}"#));
    for request in &sent {
        assert_eq!(header(request, "X-KeyID").as_deref(), Some(KEY_ID));
        assert_eq!(request.content_type, "application/json");
    }
    let envelope: Value = serde_json::from_str(&sent[1].body).unwrap();
    assert_eq!((envelope["Version"].as_str(), envelope["ShopNo"].as_str()), (Some("1.0.0"), Some(SHOP)));
    assert_eq!(envelope["Nonce"].as_str(), Some(REQUEST_NONCE));
    (envelope["APIService"].as_str().unwrap().to_owned(), Value::Object(script.message(1)).to_string())
}

#[tokio::test]
async fn requests_stand_on_the_wire_as_the_bank_s_page_has_them() {
    let returns = "http://127.0.0.1:4460/r/00112233445566778899aabbccddeeff";
    let yesterday = NOW.plus_days(-1).minute();
    let made = MinuteSpan::new(yesterday, yesterday.plus(60)).unwrap();
    let cases = [
        (
            issue_account(),
            "OrderCreate",
            format!(
                r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A","Amount":50000,"CurrencyID":"TWD","PayType":"A","ATMParam":{{"ExpireDate":"20261121"}},"PrdtName":"存根測試","ReturnURL":"{returns}"}}"#
            ),
        ),
        (
            create_link(),
            "OrderCreate",
            format!(
                r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A","Amount":50000,"CurrencyID":"TWD","PayType":"C","CardParam":{{"AutoBilling":"Y","ExpMinutes":10,"PayTypeSub":"ONE"}},"PrdtName":"存根測試","ReturnURL":"{returns}"}}"#
            ),
        ),
        (
            cancel(),
            "OrderMaintain",
            format!(r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A","Command":"C"}}"#),
        ),
        (
            BankRequest::Write(Write::Manage { kind: OperationKind::Capture, bank_order_no: number() }),
            "OrderMaintain",
            format!(r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A","Command":"P"}}"#),
        ),
        (
            BankRequest::Write(Write::Manage {
                kind: OperationKind::CancelAuthorization,
                bank_order_no: number(),
            }),
            "OrderMaintain",
            format!(r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A","Command":"C"}}"#),
        ),
        (ask(), "OrderQuery", format!(r#"{{"ShopNo":"{SHOP}","OrderNo":"TL5K8000000001A"}}"#)),
        (
            ask_paid(),
            "OrderQuery",
            format!(r#"{{"ShopNo":"{SHOP}","PayDateTimeS":"202611210850","PayDateTimeE":"202611210900"}}"#),
        ),
        (
            ask_part(PaidPart { rail: Some(Rail::SinopacAccount), made: None }),
            "OrderQuery",
            format!(
                r#"{{"ShopNo":"{SHOP}","PayType":"A","PayDateTimeS":"202611210850","PayDateTimeE":"202611210900"}}"#
            ),
        ),
        (
            ask_part(PaidPart { rail: None, made: Some(made) }),
            "OrderQuery",
            format!(
                r#"{{"ShopNo":"{SHOP}","OrderDateTimeS":"202611200900","OrderDateTimeE":"202611201000","PayDateTimeS":"202611210850","PayDateTimeE":"202611210900"}}"#
            ),
        ),
        (
            ask_part(PaidPart { rail: Some(Rail::SinopacCard), made: Some(made) }),
            "OrderQuery",
            format!(
                r#"{{"ShopNo":"{SHOP}","PayType":"C","OrderDateTimeS":"202611200900","OrderDateTimeE":"202611201000","PayDateTimeS":"202611210850","PayDateTimeE":"202611210900"}}"#
            ),
        ),
        (ask_token(), "OrderPayQuery", format!(r#"{{"ShopNo":"{SHOP}","PayToken":"{TOKEN}"}}"#)),
        (BankRequest::Ask(Inquiry::Uncaptured), "OrderUnCapturedQuery", format!(r#"{{"ShopNo":"{SHOP}"}}"#)),
    ];
    for (request, service, message) in cases {
        assert_eq!(sent(request).await, (service.to_owned(), message));
    }
}

#[tokio::test]
async fn product_names_lose_the_signs_that_the_wire_does_not_take() {
    for (typed, expected) in [
        ("Tom's \"50%\" tee", "Tom＇s ＂50％＂ tee"),
        ("  茶\t葉\n ", "茶 葉"),
        ("\u{1b}[31m\0x", "[31m x"),
        ("=HYPERLINK(1) <img onerror> ☕\u{202e}x", "=HYPERLINK(1) <img onerror> ☕\u{202e}x"),
    ] {
        let mut request = issue_account();
        if let BankRequest::Write(Write::IssueAccount { product, .. }) = &mut request {
            typed.clone_into(product);
        }
        let message: Value = serde_json::from_str(&sent(request).await.1).unwrap();
        assert_eq!(message["PrdtName"].as_str(), Some(expected));
    }
}

#[tokio::test]
async fn an_amount_that_nine_digits_cannot_carry_is_not_sent() {
    for dollars in [i64::MIN, -1, 0, 10_000_000, i64::MAX] {
        let mut request = issue_account();
        if let BankRequest::Write(Write::IssueAccount { amount, .. }) = &mut request {
            *amount = Twd::new(dollars);
        }
        let script = Script::new([]);
        let reply = script.bank().call(request).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "unsendable"));
        assert!(script.sent.lock().unwrap().is_empty());
    }
}

/// Every kind but those of `OrderMaintain` on a whole order. Sent without its command it would be
/// refused at best; a refund without its amount would give back everything.
#[tokio::test]
async fn an_operation_that_this_bank_does_not_know_is_not_sent() {
    let commands = [OperationKind::CancelAccount, OperationKind::CancelAuthorization, OperationKind::Capture];
    for kind in OperationKind::ALL.into_iter().filter(|kind| !commands.contains(kind)) {
        let script = Script::new([]);
        let request = BankRequest::Write(Write::Manage { kind, bank_order_no: number() });
        let reply = script.bank().call(request).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "unsendable"), "{kind:?}");
        assert!(script.sent.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_other_banks_rail_is_no_part_of_a_window() {
    let script = Script::new([]);
    let reply = script.bank().call(ask_part(PaidPart { rail: Some(Rail::CtbcCard), made: None })).await;
    assert!(matches!(reply.said, Said::Silent));
    assert_eq!((reply.code.as_str(), reply.heard), ("unsendable", None));
    assert!(script.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_create_is_accepted_with_its_account_or_link() {
    let reply = call(issue_account(), sealed(&accepted_account())).await;
    let (meaning, issued, unequal) = write(&reply);
    let issued = issued.unwrap();
    assert_eq!((meaning, unequal, reply.code.as_str()), (BankAnswer::Accepted, None, "S0000"));
    assert_eq!((issued.account.as_deref(), issued.link.as_deref()), (Some(ACCOUNT), None));
    assert_eq!(issued.bank_ref.as_deref(), Some("BA002600000001"));
    assert!(issued.web_atm.as_deref().is_some_and(|link| link.contains("PayWebATM")));
    assert_eq!(reply.bank_now, Some(NOW));

    let reply = call(create_link(), sealed(&accepted_link())).await;
    let (meaning, issued, _) = write(&reply);
    assert_eq!((meaning, issued.and_then(|i| i.link.as_deref())), (BankAnswer::Accepted, Some(LINK)));
}

#[tokio::test]
async fn a_create_without_something_to_pay_at_is_unknown() {
    for no in ["9992253017461", "999225301746170", "9992253017461x", "９9922530174617", ""] {
        let answer = with(accepted_account(), &json!({ "ATMParam": { "AtmPayNo": no } }));
        let reply = call(issue_account(), sealed(&answer)).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "account-refused"), "{no}");
    }
    for link in
        ["https://evil.example/QPay", "javascript:alert(1)", "http://127.0.0.1:4456/QPay.WebPaySite/x", ""]
    {
        let answer = with(accepted_link(), &json!({ "CardParam": { "CardPayURL": link } }));
        let reply = call(create_link(), sealed(&answer)).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "link-refused"), "{link}");
    }
    // a web ATM link to another site is left out; the account is kept
    let answer = with(
        accepted_account(),
        &json!({ "ATMParam": { "AtmPayNo": ACCOUNT, "WebAtmURL": "https://evil.example/" } }),
    );
    let reply = call(issue_account(), sealed(&answer)).await;
    let (meaning, issued, _) = write(&reply);
    assert_eq!((meaning, issued.unwrap().web_atm.as_deref()), (BankAnswer::Accepted, None));
}

#[tokio::test]
async fn only_s_with_s0000_accepts_a_write() {
    for (status, code) in [
        ("S", "S0001"),
        ("S", "S0002"),
        ("S", "M0001"),
        ("S", "E2706"),
        ("S", "E0302"),
        ("F", "S0000"),
        ("F", "S0001"),
        ("", "S0000"),
        ("s", "S0000"),
        ("S", "S000"),
        ("S", "S00000"),
        ("S", ""),
    ] {
        let changes = json!({ "Status": status, "Description": format!("{code} – 處理成功") });
        for (request, answer) in [(issue_account(), accepted_account()), (create_link(), accepted_link())] {
            let reply = call(request, sealed(&with(answer, &changes))).await;
            assert_eq!(write(&reply).0, BankAnswer::Unknown, "{status} {code}");
        }
        let answer = json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "Command": "C" });
        let reply = call(cancel(), sealed(&with(answer, &changes))).await;
        assert_eq!(write(&reply).0, BankAnswer::Unknown, "{status} {code}");
    }
    let answer = json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "Command": "C", "Status": "S",
                         "Description": "S0000 – 處理成功" });
    assert_eq!(write(&call(cancel(), sealed(&answer)).await).0, BankAnswer::Accepted);
}

#[tokio::test]
async fn refusals_keep_the_banks_code_and_class() {
    for (code, meaning) in [
        ("E0403", BankAnswer::Declined),
        ("E1202", BankAnswer::Declined),
        ("E0302", BankAnswer::Declined),
        ("E0304", BankAnswer::Unknown),
        ("E3002", BankAnswer::NotNow),
        ("E9900", BankAnswer::Unknown),
        ("M0001", BankAnswer::Unknown),
        ("E4711", BankAnswer::Unknown),
    ] {
        let reply = call(issue_account(), sealed(&refusal(code))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (meaning, code));
    }
    // the dash without a blank behind it, as some lines of the document have it
    let reply =
        call(issue_account(), sealed(&with(refusal(""), &json!({ "Description": "E0403 –說明" })))).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Declined, "E0403"));
}

#[tokio::test]
async fn a_description_without_a_code_has_ours() {
    for description in ["E0403x – 說明", "E040 – 說明", "E04033", "e0403 – x", "失敗", "", "– E0403"]
    {
        let answer = with(refusal(""), &json!({ "Description": description }));
        let reply = call(issue_account(), sealed(&answer)).await;
        assert_eq!(
            (write(&reply).0, reply.code.as_str()),
            (BankAnswer::Unknown, "bad-json"),
            "{description}"
        );
    }
}

#[tokio::test]
async fn an_order_is_read_by_its_number() {
    let reply = call(ask(), sealed(&list(&json!([row()])))).await;
    let Said::Rows(rows) = reply.said else { panic!("no rows") };
    let [row] = rows.try_into().unwrap();
    assert_eq!(
        (row.seen.state(), row.said.as_str(), row.amount),
        (BankState::Collected, "1A400", Some(Twd::new(500)))
    );
    assert_eq!(row.created_minute, Some(NOW.minute().plus(-5)));
    assert_eq!(row.paid_minute, Some(NOW.minute().plus(-2)));
    assert_eq!(row.issued.unwrap().account.as_deref(), Some(ACCOUNT));
    assert_eq!(row.paid_at, Some(NOW.plus_mins(-2)));
    assert!(!row.seen.shows_refund());

    let nothing = json!({ "ShopNo": SHOP, "Status": "S", "Description": "S0001 – 處理成功，查無資料" });
    let reply = call(ask(), sealed(&nothing)).await;
    assert!(matches!(reply.said, Said::Rows(rows) if rows.is_empty()));
    assert_eq!(reply.code, "S0001");
}

#[tokio::test]
async fn states_and_refunds_are_told_apart() {
    use BankState as S;
    for (said, state) in [
        ("1A200", S::Waiting),
        ("1C200", S::Waiting),
        ("1A250", S::Expired),
        ("1C250", S::Expired),
        ("1C300", S::Authorized),
        ("1A400", S::Collected),
        ("1C400", S::Collected),
        ("1A900", S::Settled),
        ("1C900", S::Settled),
        ("1C350", S::Released),
        ("1C351", S::Released),
        ("1M400", S::Unlisted),
        ("1A300", S::Unlisted),
        ("1a400", S::Unlisted),
        ("", S::Unlisted),
    ] {
        let reply = call(ask(), sealed(&list(&json!([with(row(), &json!({ "PayStatus": said }))])))).await;
        let Said::Rows(rows) = reply.said else { panic!("no rows") };
        assert_eq!((rows[0].seen.state(), rows[0].said.as_str()), (state, said));
    }
    for (flag, status, refunded) in [
        ("N", "", false),
        ("", "", false),
        ("Y", "2C900", true),
        ("N", "2C200", true),
        ("N", "2A260", true),
        ("N", "2A290", false),
        ("Y", "2A290", true),
        ("N", "2Z999", true),
        ("R", "", true),
    ] {
        let changes = json!({ "RefundFlag": flag, "RefundStatus": status });
        let reply = call(ask(), sealed(&list(&json!([with(row(), &changes)])))).await;
        let Said::Rows(rows) = reply.said else { panic!("no rows") };
        assert_eq!(rows[0].seen.shows_refund(), refunded, "{flag} {status}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_counts_and_changes_nothing() {
    for changes in [
        json!({ "Amount": 50050 }),
        json!({ "Amount": 500.5 }),
        json!({ "Amount": null }),
        json!({ "Amount": "" }),
        json!({ "Amount": -50000 }),
        json!({ "PayDate": "20261121" }),
        json!({ "TSDate": "202613210855" }),
    ] {
        let reply = call(ask(), sealed(&list(&json!([with(row(), &changes)])))).await;
        let Said::Rows(rows) = reply.said else { panic!("no rows") };
        assert_eq!((rows.len(), rows[0].seen.state()), (1, BankState::Unlisted), "{changes}");
        assert!(rows[0].said.starts_with("1A400 Amount "), "{}", rows[0].said);
    }
    // absent, null and blank dates are alike: there is none
    for none in [json!(null), json!(""), json!("  ")] {
        let mut unpaid = with(row(), &json!({ "PayStatus": "1A200" }));
        unpaid["PayDate"] = none;
        let reply = call(ask(), sealed(&list(&json!([unpaid])))).await;
        let Said::Rows(rows) = reply.said else { panic!("no rows") };
        assert_eq!((rows[0].seen.state(), rows[0].paid_minute), (BankState::Waiting, None));
    }
}

#[tokio::test]
async fn an_answer_to_another_question_is_no_answer() {
    let other = with(row(), &json!({ "OrderNo": "TL5K8000000002A" }));
    for rows in [json!([other]), json!([row(), row()]), json!([row(), other])] {
        let reply = call(ask(), sealed(&list(&rows))).await;
        assert!(matches!(reply.said, Said::Silent), "{rows}");
        assert_eq!(reply.code, "echo-differs");
    }
    // a window may hold anybody's rows; which minutes it covers is judged by the sweep
    let reply = call(ask_paid(), sealed(&list(&json!([row(), other])))).await;
    assert!(matches!(reply.said, Said::Rows(rows) if rows.len() == 2));
    // no list at all, rows that are none
    for rows in [json!(null), json!(""), json!({}), json!([1]), json!([{ "Amount": 50000 }])] {
        let reply = call(ask_paid(), sealed(&list(&rows))).await;
        assert!(matches!(reply.said, Said::Silent), "{rows}");
        assert_eq!(reply.code, "bad-json");
    }
    let reply = call(ask_paid(), sealed(&list(&json!([])))).await;
    assert!(matches!(reply.said, Said::Rows(rows) if rows.is_empty()));
}

#[tokio::test]
async fn questions_are_refused_or_not_answered() {
    let [shop, question, unclear, nonce] =
        [RefusalOf::Shop, RefusalOf::Question, RefusalOf::Unclear, RefusalOf::Nonce].map(Some);
    for (status, code, refusal) in [
        ("F", "E2101", question),
        ("F", "E3204", question),
        ("F", "E0102", shop),
        ("F", "E9915", shop),
        ("F", "E9900", shop),
        ("F", "E3001", nonce),
        ("F", "E3002", nonce),
        ("F", "E3003", nonce),
        ("F", "M0001", shop),
        // the paper lists maintenance among the successes
        ("S", "M0001", shop),
        ("F", "E2199", unclear),
        ("F", "E4711", unclear),
        ("F", "", unclear),
        ("S", "E2706", None),
        ("S", "S0002", None),
        ("F", "S0001", None),
    ] {
        let answer = json!({ "ShopNo": SHOP, "Status": status, "Description": format!("{code} – 說明") });
        let reply = call(ask_paid(), sealed(&answer)).await;
        let said = match reply.said {
            Said::Refused(of) => Some(of),
            Said::Silent => None,
            Said::Write { .. } | Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) => {
                panic!("{status} {code}")
            }
        };
        assert_eq!(said, refusal, "{status} {code}");
        assert_eq!(reply.code, if code.is_empty() { "bad-json" } else { code });
    }
}

#[tokio::test]
async fn a_token_becomes_a_row_that_never_says_too_much() {
    use BankState as S;
    for (changes, state, said) in [
        (json!({}), S::Collected, "PayOut C S"),
        (json!({ "PayDate": "" }), S::Authorized, "PayOut C S"),
        (json!({ "APType": "CaptureOut" }), S::Collected, "CaptureOut C S"),
        (json!({ "PayType": "A" }), S::Collected, "PayOut A S"),
        (json!({ "Status": "F", "Description": "E2720 – 3D 驗證失敗" }), S::Waiting, "PayOut C F E2720"),
        (json!({ "APType": "VARefundOut", "PayType": "A" }), S::Unlisted, "VARefundOut A S"),
        (json!({ "PayType": "W" }), S::Unlisted, "PayOut W S"),
        (json!({ "Amount": "50001" }), S::Unlisted, "PayOut C S"),
    ] {
        let reply = call(ask_token(), sealed(&token_answer(&with(token_content(), &changes)))).await;
        let Said::Rows(rows) = reply.said else { panic!("no rows: {changes}") };
        assert_eq!((rows[0].seen.state(), rows[0].said.as_str()), (state, said), "{changes}");
        assert_eq!(rows[0].paid_minute.is_some(), state == S::Collected, "{changes}");
        // of a capture the token tells nothing but the capture
        let paid = state == S::Collected && !said.starts_with("CaptureOut");
        assert_eq!(rows[0].paid_at, paid.then(|| NOW.plus_mins(-1)), "{changes}");
    }
    // where cards are captured later, a PayOut is an authorization
    let mut later = shop();
    later.auto_billing = false;
    let script = Script::after_nonce(sealed(&token_answer(&token_content())));
    let bank = counterfoil_banks::sinopac::Sinopac::new(&later, &keys(), script).unwrap();
    let Said::Rows(rows) = bank.call(ask_token()).await.said else { panic!("no rows") };
    assert_eq!((rows[0].seen.state(), rows[0].paid_minute), (S::Authorized, None));
    assert_eq!(rows[0].paid_at, Some(NOW.plus_mins(-1)), "the customer has paid, the shop has not");
}

#[tokio::test]
async fn a_token_of_another_shop_or_another_token_is_no_answer() {
    let answers = [
        token_answer(&with(token_content(), &json!({ "ShopNo": "NA0249_001" }))),
        token_answer(&with(token_content(), &json!({ "ShopNo": null }))),
        with(token_answer(&token_content()), &json!({ "PayToken": TOKEN.replace('8', "9") })),
    ];
    for answer in answers {
        let reply = call(ask_token(), sealed(&answer)).await;
        assert!(matches!(reply.said, Said::Silent));
        assert_eq!(reply.code, "echo-differs");
    }
    for code in ["E2401", "E2501", "E2601"] {
        assert!(matches!(
            call(ask_token(), sealed(&refusal(code))).await.said,
            Said::Refused(RefusalOf::Question)
        ));
    }
}

#[tokio::test]
async fn a_failed_nonce_means_that_nothing_was_sent() {
    let cases = [
        (Err(SendError::NotSent(Fault::Dns)), "dns"),
        (Err(SendError::Lost(Fault::Timeout)), "nonce"),
        (http(401, "Security failure"), "http-401"),
        (http(503, "<html>"), "http-503"),
        (http(302, ""), "http-302"),
        (http(200, r#"{"Status":"F","Description":"E0101 – 商店編號不存在"}"#), "E0101"),
        (http(200, "<html>Request Rejected</html>"), "nonce"),
        (http(200, "{}"), "nonce"),
        (http(200, ""), "nonce"),
        (http(200, r#"{"Nonce":""}"#), "nonce"),
        (http(200, r#"{"Nonce":"a","Nonce":"b"}"#), "nonce"),
        (http(200, json!({ "Nonce": "x".repeat(513) }).to_string()), "nonce"),
    ];
    for (step, code) in cases {
        for (request, is_write) in
            [(issue_account(), true), (cancel(), true), (ask(), false), (ask_token(), false)]
        {
            let script = Script::new([step.clone()]);
            let reply = script.bank().call(request).await;
            assert_eq!(script.sent.lock().unwrap().len(), 1, "the order never leaves");
            assert_eq!(reply.code, code);
            match &reply.said {
                Said::Write { meaning, .. } => assert!(is_write && *meaning == BankAnswer::NotSent),
                Said::Silent => assert!(!is_write),
                Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(_) => panic!("{code}"),
            }
        }
    }
}
