//! The bank's clock, the time of a payment, and what this bank cannot send.

use counterfoil_banks::ctbc::{CtbcSettings, Found, ReplyMac};
use counterfoil_banks::transport::{Fault, HttpReply, SendError};
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{BankAnswer, MinuteSpan, Moment};
use counterfoil_engine::ports::{BankPort, BankRequest, Inquiry, PaidPart, RefusalOf, Said, Write};
use serde_json::{Value, json};

use super::script::*;

type Step = Result<HttpReply, SendError>;

fn dated(step: Step, date: impl Into<Option<Moment>>) -> Step {
    let date = date.into();
    step.map(|reply| HttpReply { date, ..reply })
}

fn forged() -> Step {
    http(200, format!("MERID={MER_ID}&ApiEnc={}", api_enc(&row().to_string(), Some(&"0".repeat(48)))))
}

#[tokio::test]
async fn only_a_verified_answer_tells_the_banks_clock() {
    let of_another = || http(200, body(&row()).replace("MERID=2522", "MERID=2523"));
    for (step, proved, heard) in [
        (sealed(&row()), Some(NOW), Some(NOW)),
        (sealed(&refusal("3/40")), Some(NOW), Some(NOW)),
        (dated(sealed(&row()), None), None, None),
        (http(503, ""), None, Some(NOW)),
        (http(503, body(&row())), None, Some(NOW)),
        (http(200, "<html>"), None, Some(NOW)),
        (of_another(), None, Some(NOW)),
        (forged(), None, Some(NOW)),
        (Err(SendError::Lost(Fault::Timeout)), None, None),
    ] {
        let asked = ask([step.clone()]).await;
        assert_eq!((asked.bank_now, asked.heard), (proved, heard), "{step:?}");
        let reply = act(ACTIONS[0], step.clone()).await;
        assert_eq!((reply.bank_now, reply.heard), (proved, heard), "{step:?}");
        let reply = Script::new([step])
            .bank()
            .call(BankRequest::Ask(Inquiry::Card { bank_order_no: number(), amount: AMOUNT, xid: None }))
            .await;
        assert_eq!((reply.bank_now, reply.heard), (proved, heard));
    }
}

#[tokio::test]
async fn an_absent_mac_that_the_shop_takes_tells_the_clock_too() {
    let unsigned = http(200, format!("MERID={MER_ID}&ApiEnc={}", api_enc(&row().to_string(), Some(""))));
    for (reply_mac, proved) in [(ReplyMac::Check, Some(NOW)), (ReplyMac::Require, None)] {
        let bank = Script::new([unsigned.clone()]).bank_of(&CtbcSettings { reply_mac, ..shop() });
        assert_eq!(bank.inquire(&number(), AMOUNT, None).await.bank_now, proved, "{reply_mac:?}");
    }
}

#[tokio::test]
async fn of_two_answers_the_last_is_heard_and_the_last_verified_proves() {
    let later = NOW.plus_secs(2);
    for (second, proved, heard) in [
        (dated(sealed(&row()), later), later, Some(later)),
        (dated(http(503, ""), later), NOW, Some(later)),
        (dated(forged(), later), NOW, Some(later)),
        (Err(SendError::Lost(Fault::Reset)), NOW, None),
    ] {
        let asked = ask([sealed(&nothing()), second]).await;
        assert_eq!((asked.bank_now, asked.heard), (Some(proved), heard));
    }
}

#[tokio::test]
async fn the_time_is_asked_with_one_inquiry() {
    for (step, code, heard) in [
        (sealed(&nothing()), "time", Some(NOW)),
        (sealed(&refusal("10/11")), "time", Some(NOW)),
        (sealed(&row()), "time", Some(NOW)),
        (http(503, ""), "http-503", Some(NOW)),
        (forged(), "bad-mac", Some(NOW)),
        (http(200, body(&row()).replace("MERID=2522", "MERID=2523")), "echo-differs", Some(NOW)),
        (Err(SendError::NotSent(Fault::Dns)), "dns", None),
        (Err(SendError::Lost(Fault::Timeout)), "timeout", None),
    ] {
        let script = Script::new([step]);
        let reply = script.bank().call(BankRequest::Ask(Inquiry::Time { bank_order_no: number() })).await;
        assert!(matches!(reply.said, Said::Silent));
        assert_eq!((reply.code.as_str(), reply.bank_now, reply.heard), (code, None, heard));
        let [(path, text)] = script.sent().try_into().unwrap();
        assert_eq!(path, "/NewQuery/InquiryByLidm");
        assert!(text.contains(LIDM), "{text}");
    }
}

#[tokio::test]
async fn a_write_that_this_bank_cannot_send_has_not_left() {
    let return_url = || "https://shop.example.com/r".to_owned();
    let writes = [
        BankRequest::Write(Write::IssueAccount {
            bank_order_no: number(),
            amount: AMOUNT,
            product: "茶".to_owned(),
            expires_on: NOW.day(),
            return_url: return_url(),
        }),
        BankRequest::Write(Write::CreateLink {
            bank_order_no: number(),
            amount: AMOUNT,
            product: "茶".to_owned(),
            minutes: 10,
            auto_billing: true,
            return_url: return_url(),
        }),
        BankRequest::Write(Write::Manage { kind: OperationKind::Capture, bank_order_no: number() }),
    ];
    let script = Script::default();
    for request in writes {
        let reply = script.bank().call(request).await;
        assert_eq!((write(&reply), reply.code.as_str()), ((BankAnswer::NotSent, None), "unsendable"));
        assert_eq!((reply.bank_now, reply.heard), (None, None));
    }
    let span = MinuteSpan::new(NOW.minute(), NOW.minute()).unwrap();
    for request in [
        BankRequest::Ask(Inquiry::Order { bank_order_no: number() }),
        BankRequest::Ask(Inquiry::Paid { span, only: PaidPart::default() }),
        BankRequest::Ask(Inquiry::Uncaptured),
    ] {
        let reply = script.bank().call(request).await;
        assert!(matches!(reply.said, Said::Silent));
        assert_eq!(reply.code, "unsendable");
    }
    assert!(script.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_refusal_reaches_the_engine_with_its_class() {
    for (code, of) in [("3/32", RefusalOf::Shop), ("3/15", RefusalOf::Question), ("8/05", RefusalOf::Unclear)]
    {
        let script = Script::new([sealed(&refusal(code))]);
        let reply = script
            .bank()
            .call(BankRequest::Ask(Inquiry::Card { bank_order_no: number(), amount: AMOUNT, xid: None }))
            .await;
        assert!(matches!(reply.said, Said::Refused(said) if said == of), "{code}");
    }
}

async fn paid_at(changes: &Value) -> Option<Moment> {
    let row = with(row(), &json!({ "Txn_date": "20261121", "Txn_time": "085900", "CurrentState": "12" }));
    let Found::Row(row) = found(&with(row, changes)).await else { panic!("{changes} is a row") };
    row.paid_at
}

#[tokio::test]
async fn when_the_customer_paid() {
    let paid = Some(NOW.plus_mins(-1));
    for changes in [
        json!({}),
        json!({ "Txn_date": "2026-11-21" }),
        json!({ "Txn_time": "08:59:00" }),
        json!({ "Txn_date": "2026-11-21", "Txn_time": "08:59:00" }),
        json!({ "Txn_date": "20261121 ", "Txn_time": " 085900" }),
    ] {
        assert_eq!(paid_at(&changes).await, paid, "{changes}");
    }
    for changes in [
        json!({ "Txn_date": null }),
        json!({ "Txn_time": "" }),
        json!({ "Txn_date": "2026/11/21" }),
        json!({ "Txn_date": "202611-21" }),
        json!({ "Txn_date": "2026-1121" }),
        json!({ "Txn_date": "26-11-2021" }),
        json!({ "Txn_date": "20261321" }),
        json!({ "Txn_time": "0859" }),
        json!({ "Txn_time": "85900" }),
        json!({ "Txn_time": "246000" }),
        json!({ "Txn_time": "085960" }),
        json!({ "Txn_time": "08:5900" }),
    ] {
        assert_eq!(paid_at(&changes).await, None, "{changes}");
    }
    for (state, has_paid) in [
        ("-1", false),
        ("0", false),
        ("7", false),
        ("1", true),
        ("10", true),
        ("11", true),
        ("12", true),
        ("13", true),
        ("20", true),
        ("22", true),
        ("23", true),
    ] {
        assert_eq!(paid_at(&json!({ "CurrentState": state })).await.is_some(), has_paid, "{state}");
    }
    let answer = with(row(), &json!({ "Txn_date": "2026-11-21", "Txn_time": "08:59:00" }));
    let script = Script::new([sealed(&answer)]);
    let reply = script
        .bank()
        .call(BankRequest::Ask(Inquiry::Card { bank_order_no: number(), amount: AMOUNT, xid: None }))
        .await;
    let Said::Rows(rows) = reply.said else { panic!("it is a row") };
    assert_eq!((rows[0].paid_at, rows[0].expires_at), (paid, None));
}
