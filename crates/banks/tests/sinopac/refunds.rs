//! Refunds: both calls of an account and the one of a card, their token, and the bank's statement.

use chrono::NaiveDate;
use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_domain::operation::OperationKind as K;
use counterfoil_domain::{BankAnswer, Handles, RefundSeen, Seen, Twd};
use counterfoil_engine::ports::{
    BankPort, BankRequest, BillKind, BillRow, Fuse, Inquiry, RefusalOf, Said, Write,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::script::*;

const TOKEN: &str = "5f3a58e04bd1a58b54232987530c4faa6e97be7b1de009c1d230f125c7802c91";

fn day() -> NaiveDate {
    NOW.plus_days(-1).day()
}

fn ask_bill() -> BankRequest {
    BankRequest::Ask(Inquiry::Bill { day: day() })
}

fn bill(rows: &Value) -> Value {
    json!({ "ShopNo": SHOP, "BillDate": "20261120", "Date": "202611210900", "Status": "S",
            "Description": "S0000 – 處理成功", "OrderList": rows })
}

fn bill_line() -> Value {
    json!({ "TSNo": "BA002600000001", "OrderNo": number().as_str(), "TSType": "R", "TSDate": "202611200855",
            "PayDate": "202611200910", "PayType": "A", "Amount": 12300 })
}

async fn message(request: BankRequest) -> (String, Value) {
    let script = Script::after_nonce(sealed(&refusal("E0001")));
    script.bank().call(request).await;
    let envelope: Value = serde_json::from_str(&script.sent.lock().unwrap()[1].body).unwrap();
    (envelope["APIService"].as_str().unwrap().to_owned(), Value::Object(script.message(1)))
}

#[tokio::test]
async fn a_refund_always_carries_its_amount_and_the_second_call_its_token() {
    let base = json!({ "ShopNo": SHOP, "OrderNo": number().as_str(), "Command": "R", "Amount": 12300 });
    let with_token = with(base.clone(), &json!({ "RefundToken": TOKEN }));
    for (kind, token, expected) in [
        (K::CardRefund, None, &base),
        (K::AccountRefundToken, None, &base),
        (K::AccountRefund, Some(TOKEN), &with_token),
    ] {
        let (service, sent) = message(refund(kind, 123, token)).await;
        assert_eq!((service.as_str(), sent.to_string()), ("OrderMaintain", expected.to_string()), "{kind:?}");
    }
}

#[tokio::test]
async fn what_is_no_refund_of_this_bank_is_not_sent() {
    let long = "a".repeat(65);
    let mut requests = vec![
        refund(K::CardRefund, 123, Some(TOKEN)),
        refund(K::AccountRefundToken, 123, Some(TOKEN)),
        refund(K::AccountRefund, 123, None),
        refund(K::AccountRefund, 123, Some("")),
        refund(K::AccountRefund, 123, Some("a\"b")),
        refund(K::AccountRefund, 123, Some(&long)),
        refund(K::CardRefund, 0, None),
        refund(K::CardRefund, -1, None),
        refund(K::CardRefund, 10_000_000, None),
    ];
    let refunds = [K::CardRefund, K::AccountRefundToken, K::AccountRefund];
    for kind in K::ALL.into_iter().filter(|kind| !refunds.contains(kind)) {
        requests.push(refund(kind, 123, None));
        requests.push(refund(kind, 123, Some(TOKEN)));
    }
    for kind in K::ALL {
        requests.push(BankRequest::Write(Write::Card {
            kind,
            bank_order_no: number(),
            authorized: Twd::new(123),
            amount: None,
            handles: Handles {
                xid: "X1".to_owned(),
                auth_code: "1".to_owned(),
                auth_rrpid: None,
                term_seq: None,
                batch_id: None,
                batch_seq: None,
            },
        }));
    }
    for request in requests {
        let script = Script::new([]);
        let reply = script.bank().call(request.clone()).await;
        assert_eq!(
            (write(&reply).0, reply.code.as_str()),
            (BankAnswer::NotSent, "unsendable"),
            "{request:?}"
        );
        assert!(script.sent.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_first_call_brings_a_token_that_nothing_prints() {
    let answer = with(accepted_refund(12_300), &json!({ "RefundToken": TOKEN }));
    let reply = call(refund(K::AccountRefundToken, 123, None), sealed(&answer)).await;
    let Said::Write { meaning: BankAnswer::Accepted, token: Some(token), .. } = &reply.said else {
        panic!("{:?}", reply.said)
    };
    assert_eq!(token.expose_secret(), TOKEN);
    let request = refund(K::AccountRefund, 123, Some(TOKEN));
    let printed = format!("{request:?} {reply:?} {}", reply.transcript);
    assert!(!printed.contains(TOKEN), "{printed}");
    assert!(reply.transcript.contains("\"RefundToken\":\"***\""), "{}", reply.transcript);
    // nor when the bank shows it elsewhere, or when the second call shows it
    let odd = with(answer, &json!({ "Description": format!("S0000 – {TOKEN}") }));
    let reply = call(refund(K::AccountRefundToken, 123, None), sealed(&odd)).await;
    assert!(!reply.transcript.contains(TOKEN), "{}", reply.transcript);
    let reply = call(request, http(200, format!("<html>{TOKEN} RefundToken={TOKEN}"))).await;
    assert!(!reply.transcript.contains(TOKEN), "{}", reply.transcript);
}

#[tokio::test]
async fn a_first_call_without_a_token_that_can_be_sent_is_unknown() {
    for token in [json!(null), json!(""), json!("  "), json!("a\"b"), json!("a".repeat(65)), json!([])] {
        let answer = with(accepted_refund(12_300), &json!({ "RefundToken": token }));
        let reply = call(refund(K::AccountRefundToken, 123, None), sealed(&answer)).await;
        assert!(matches!(reply.said, Said::Write { token: None, .. }));
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "no-token"), "{token}");
    }
    // a refused one brings none
    let refused = with(refusal("E9918"), &json!({ "RefundToken": TOKEN }));
    let reply = call(refund(K::AccountRefundToken, 123, None), sealed(&refused)).await;
    assert!(matches!(reply.said, Said::Write { meaning: BankAnswer::Unknown, token: None, .. }));
    assert_eq!(reply.code, "E9918");
}

#[tokio::test]
async fn a_refund_that_begins_another_first_call_is_unknown() {
    let other = TOKEN.replace('5', "6");
    for (kind, sent, told, meaning) in [
        (K::AccountRefund, Some(TOKEN), None, BankAnswer::Accepted),
        (K::AccountRefund, Some(TOKEN), Some(TOKEN), BankAnswer::Accepted),
        (K::AccountRefund, Some(TOKEN), Some(other.as_str()), BankAnswer::Unknown),
        (K::CardRefund, None, None, BankAnswer::Accepted),
        (K::CardRefund, None, Some(TOKEN), BankAnswer::Unknown),
    ] {
        let answer = with(accepted_refund(12_300), &json!({ "RefundToken": told }));
        let reply = call(refund(kind, 123, sent), sealed(&answer)).await;
        assert_eq!(write(&reply), (meaning, None, None), "{kind:?} {told:?}");
        assert_eq!(reply.code, if meaning == BankAnswer::Accepted { "S0000" } else { "other-token" });
        assert!(matches!(reply.said, Said::Write { token: None, .. }));
    }
}

#[tokio::test]
async fn an_unequal_echo_makes_a_refund_unknown() {
    for (changes, shown) in [
        (json!({ "Amount": 12400 }), Some("Amount: ours 12300, bank 12400")),
        (json!({ "Amount": 0 }), Some("Amount: ours 12300, bank 0")),
        (
            json!({ "OrderNo": "TL5K8000000002A" }),
            Some("OrderNo: ours TL5K8000000001A, bank TL5K8000000002A"),
        ),
        (json!({ "OrderNo": null }), Some("OrderNo: ours TL5K8000000001A, bank nothing")),
        (json!({ "Command": "C" }), Some("Command: ours R, bank C")),
        (json!({ "ShopNo": "NA0249_001" }), Some("the answer is of another shop")),
        // the paper lets an answer go without these two
        (json!({ "Amount": null }), None),
        (json!({ "Command": null }), None),
        (json!({ "Amount": "12300" }), None),
    ] {
        let reply =
            call(refund(K::CardRefund, 123, None), sealed(&with(accepted_refund(12_300), &changes))).await;
        let meaning = if shown.is_some() { BankAnswer::Unknown } else { BankAnswer::Accepted };
        assert_eq!(write(&reply), (meaning, None, shown), "{changes}");
    }
    // a create is never accepted without its amount
    let reply = call(issue_account(), sealed(&with(accepted_account(), &json!({ "Amount": null })))).await;
    assert_eq!(write(&reply).2, Some("Amount: ours 50000, bank nothing"));
}

#[tokio::test]
async fn refusals_of_refunds_keep_the_banks_code_and_class() {
    use BankAnswer::{Declined, NotNow, Unknown};
    for (code, card, first, second) in [
        ("E1802", Declined, Declined, Declined),
        ("E1803", Unknown, Unknown, Unknown),
        ("E3600", Declined, Unknown, Unknown),
        ("E3601", Declined, Declined, Declined),
        ("E3602", Declined, Declined, Declined),
        ("E3603", Unknown, Declined, Declined),
        ("E3604", NotNow, NotNow, NotNow),
        ("E3605", Unknown, Unknown, Declined),
        ("E3606", Declined, Declined, Declined),
        ("E3607", Unknown, Unknown, Declined),
        ("E3608", Declined, Declined, Declined),
        ("E3609", Unknown, NotNow, NotNow),
        ("E3610", NotNow, NotNow, NotNow),
        ("E3611", NotNow, NotNow, NotNow),
        ("E9917", Unknown, Unknown, Unknown),
        ("E9918", Unknown, Unknown, Unknown),
        ("E9919", Declined, Declined, Declined),
        ("E9920", Unknown, Unknown, Unknown),
        ("E9921", Unknown, Unknown, Unknown),
        ("E9922", Declined, Declined, Declined),
        ("E3612", Unknown, Unknown, Unknown),
    ] {
        for (kind, token, meaning) in [
            (K::CardRefund, None, card),
            (K::AccountRefundToken, None, first),
            (K::AccountRefund, Some(TOKEN), second),
        ] {
            let reply = call(refund(kind, 123, token), sealed(&refusal(code))).await;
            assert_eq!((write(&reply), reply.code.as_str()), ((meaning, None, None), code), "{kind:?}");
        }
    }
    let lost = call(refund(K::CardRefund, 123, None), Err(SendError::Lost(Fault::Timeout))).await;
    assert_eq!((write(&lost).0, lost.code.as_str()), (Unknown, "timeout"));
}

#[tokio::test]
async fn the_statement_of_a_day_is_read_row_by_row() {
    let (service, sent) = message(ask_bill()).await;
    assert_eq!(
        (service.as_str(), sent.to_string()),
        ("BillQuery", format!(r#"{{"ShopNo":"{SHOP}","BillDate":"20261120"}}"#))
    );
    let expected = BillRow {
        bank_order_no: number().to_string(),
        kind: BillKind::Refund,
        amount: Some(Twd::new(123)),
        at: Some(NOW.plus_days(-1).plus_mins(10).minute()),
        bank_ref: Some("BA002600000001".to_owned()),
        refund_no: None,
    };
    for (changes, row) in [
        (json!({}), expected.clone()),
        (json!({ "TSType": "P" }), BillRow { kind: BillKind::Payment, ..expected.clone() }),
        (json!({ "TSType": "r" }), BillRow { kind: BillKind::Unlisted, ..expected.clone() }),
        (json!({ "TSType": null }), BillRow { kind: BillKind::Unlisted, ..expected.clone() }),
        (json!({ "Amount": 12350 }), BillRow { amount: None, ..expected.clone() }),
        (json!({ "PayDate": "20261120" }), BillRow { at: None, ..expected.clone() }),
        (
            json!({ "TSNo": "", "RefundNo": "C2026110000000013" }),
            BillRow { bank_ref: None, refund_no: Some("C2026110000000013".to_owned()), ..expected },
        ),
    ] {
        let reply = call(ask_bill(), sealed(&bill(&json!([with(bill_line(), &changes)])))).await;
        let Said::Bill(rows) = reply.said else { panic!("no statement: {changes}") };
        assert_eq!(rows, [row], "{changes}");
    }
}

#[tokio::test]
async fn a_statement_that_is_none_is_no_answer() {
    for (answer, code) in [
        (with(bill(&json!([])), &json!({ "OrderList": null })), "bad-json"),
        (bill(&json!([1])), "bad-json"),
        (bill(&json!([with(bill_line(), &json!({ "OrderNo": "" }))])), "bad-json"),
        (with(bill(&json!([])), &json!({ "BillDate": "20261119" })), "echo-differs"),
    ] {
        let reply = call(ask_bill(), sealed(&answer)).await;
        assert!(matches!(reply.said, Said::Silent), "{answer}");
        assert_eq!(reply.code, code);
    }
    let nothing = json!({ "ShopNo": SHOP, "Status": "S", "Description": "S0001 – 處理成功，查無資料" });
    for answer in [nothing, bill(&json!([])), with(bill(&json!([])), &json!({ "BillDate": null }))] {
        let reply = call(ask_bill(), sealed(&answer)).await;
        assert!(matches!(reply.said, Said::Bill(rows) if rows.is_empty()), "{answer}");
    }
    for code in ["E2901", "E2902", "E2903"] {
        let reply = call(ask_bill(), sealed(&refusal(code))).await;
        assert!(matches!(reply.said, Said::Refused(RefusalOf::Question)), "{code}");
    }
}

#[tokio::test]
async fn a_row_shows_its_refunds() {
    let line = |no: Value, status: &str, amount: i64| json!({ "RefundNo": no, "RefundDate": "202611210901", "RefundAmount": amount, "RefundStatus": status });
    let shown = json!({
        "RefundFlag": "Y", "RefundStatus": "2A400", "RefundDate": "202611210901", "RefundAmount": 12300,
        "RefundList": [line(json!("C2"), "2A900", 12300), line(json!(null), "2A400", 50), line(json!(""), "2A290", 100)]
    });
    let reply = call(ask(), sealed(&list(&json!([with(row(), &shown)])))).await;
    let Said::Rows(rows) = reply.said else { panic!("no rows") };
    let Seen::Sinopac { refunds, .. } = &rows[0].seen else { panic!("of this bank") };
    let minute = Some(NOW.plus_mins(1).minute());
    assert_eq!((refunds.flag, refunds.status.as_deref(), refunds.date), (true, Some("2A400"), minute));
    assert_eq!(refunds.sum, Some(Twd::new(123)));
    let seen = |status: &str, amount| RefundSeen { status: status.to_owned(), amount, date: minute };
    let lines: Vec<_> = refunds.list.iter().map(|(no, seen)| (no.as_str(), seen.clone())).collect();
    assert_eq!(
        lines,
        [
            ("?1", seen("2A400", None)),
            ("?2", seen("2A290", Some(Twd::new(1)))),
            ("C2", seen("2A900", Some(Twd::new(123)))),
        ],
        "a line without a number is not lost"
    );
}

/// A computer that slept after the commit: the nonce is fetched, and the request stays here.
#[tokio::test]
async fn a_write_whose_fuse_has_burnt_down_never_leaves() {
    // before the nonce, which then stays at the bank too, or while it came
    for (burns_after, sent) in [(0, 0), (1, 1)] {
        let script = Script::after_nonce(sealed(&accepted_refund(12_300)));
        let asked = std::sync::atomic::AtomicU32::new(0);
        let fuse = Fuse::new(move || asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < burns_after);
        let reply = script.bank().call_while(refund(K::CardRefund, 123, None), fuse).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "never-left"));
        assert_eq!(script.sent.lock().unwrap().len(), sent);
    }
}
