//! Writes: what is sent, and what an answer means beyond its code.

use counterfoil_banks::ctbc::{Action, Handles};
use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_domain::{BankAnswer, Twd};
use serde_json::{Value, json};

use super::script::*;

async fn sent(action: Action, handles: &Handles) -> (String, String, Value) {
    let script = Script::new([sealed(&accepted())]);
    script.bank().manage(action, AMOUNT, handles).await;
    let body = script.sent.lock().unwrap()[0].body.clone();
    let (path, text) = script.sent().remove(0);
    (path, text, body.into())
}

#[tokio::test]
async fn the_messages_are_those_of_the_document() {
    let (path, _, body) = sent(Action::ReverseAuthorization, &handles()).await;
    assert_eq!((path.as_str(), &body), ("/NewPos/Reversal", &vector("pos-req-02")["expected"]["form_body"]));
    let (path, _, body) = sent(Action::ReverseCapture, &handles()).await;
    assert_eq!((path.as_str(), &body), ("/NewPos/CapRev", &vector("pos-req-04")["expected"]["form_body"]));
    let end = "\"VERSION\":\"2.9\",\"SwRevision\":\"PosApi for PG6(PHP) 2.9 date: 2023/11/02\"}";
    let start = |kind: &str| {
        format!(
            "{{\"SSL-TYPE\":\"{kind}\",\"MERID\":\"2522\",\"AuthCode\":\"003313\",\"XID\":\"{XID}\",\"OrgAmt\":\"901 100 0\","
        )
    };
    for (action, path, kind, members) in [
        (
            Action::Capture,
            "/NewPos/Cap",
            "SSL_CAP",
            format!("\"CapAmt\":\"901 100 0\",\"AuthRRPID\":\"{XID}\",\"TermSeq\":\"49\","),
        ),
        (
            Action::Refund { amount: Twd::new(40) },
            "/NewPos/Refund",
            "SSL_CRED",
            format!(
                "\"CredAmt\":\"901 40 0\",\"AuthRRPID\":\"{XID}\",\"CapBatchID\":\"2\",\"CapBatchSeq\":\"4\","
            ),
        ),
        (
            Action::ReverseRefund,
            "/NewPos/RefundRev",
            "SSL_CREDREV",
            format!(
                "\"CredRevAmt\":\"901 0 0\",\"AuthRRPID\":\"{XID}\",\"CredBatchID\":\"2\",\"CredBatchSeq\":\"4\","
            ),
        ),
    ] {
        let (at, text, _) = sent(action, &handles()).await;
        assert_eq!((at.as_str(), text), (path, format!("{}{members}{end}", start(kind))));
    }
}

#[tokio::test]
async fn what_the_bank_has_not_told_is_left_out() {
    let bare = Handles { term_seq: None, batch_id: None, batch_seq: None, ..handles() };
    for action in ACTIONS {
        let (_, text, _) = sent(action, &bare).await;
        assert!(!text.contains("TermSeq") && !text.contains("Batch"), "{text}");
    }
    let named = Handles { auth_rrpid: Some("RRP1".to_owned()), ..handles() };
    let (_, text, _) = sent(Action::Capture, &named).await;
    assert!(text.contains("\"AuthRRPID\":\"RRP1\""), "{text}");
}

#[tokio::test]
async fn only_the_two_words_of_success_are_success() {
    for (status, errcode, meaning) in [
        ("0", "00", BankAnswer::Accepted),
        ("00", "00", BankAnswer::Accepted),
        ("0 ", " 00", BankAnswer::Accepted),
        ("000", "00", BankAnswer::Unknown),
        ("0", "0", BankAnswer::Unknown),
        ("0", "A000", BankAnswer::Unknown),
        ("0", "000", BankAnswer::Unknown),
        ("3", "00", BankAnswer::Unknown),
        ("0", "40", BankAnswer::Unknown),
    ] {
        for action in ACTIONS {
            let answer = with(accepted(), &json!({ "RespCode": status, "ErrCode": errcode }));
            assert_eq!(write(&act(action, sealed(&answer)).await), (meaning, None), "{status}/{errcode}");
        }
    }
    for answer in [
        json!({}),
        json!({ "RespCode": "0" }),
        json!({ "ErrCode": "00" }),
        json!({ "RespCode": [], "ErrCode": "00" }),
    ] {
        let reply = act(Action::Capture, sealed(&answer)).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, "bad-json"), "{answer}");
    }
}

#[tokio::test]
async fn an_unequal_echo_makes_a_success_unknown() {
    let partial = Action::Refund { amount: Twd::new(40) };
    for (action, changes, shown) in [
        (Action::Capture, json!({ "XID": "X2" }), format!("XID: ours {XID}, bank X2")),
        (Action::Capture, json!({ "ResAmt": "901 99 0" }), "ResAmt: ours 100, bank 901 99 0".to_owned()),
        (partial, json!({ "ResAmt": "901 100 0" }), "ResAmt: ours 40, bank 901 100 0".to_owned()),
        (partial, json!({ "ResAmt": "100" }), "ResAmt: ours 40, bank 100".to_owned()),
        (Action::ReverseCapture, json!({ "ResAmt": "901 1 0" }), "ResAmt: ours 0, bank 901 1 0".to_owned()),
        (partial, json!({ "SSL-TYPE": "SSL_CAP" }), "SSL-TYPE: ours SSL_CRED, bank SSL_CAP".to_owned()),
        (partial, json!({ "MERID": "2523" }), "MERID: ours 2522, bank 2523".to_owned()),
    ] {
        let reply = act(action, sealed(&with(accepted(), &changes))).await;
        assert_eq!(write(&reply), (BankAnswer::Unknown, Some(shown.as_str())));
        assert_eq!(reply.code, "echo-differs");
    }
    // a refusal of another transaction refuses nothing of ours
    let refused = with(refusal("3/21"), &json!({ "XID": "X2" }));
    assert_eq!(write(&act(Action::Capture, sealed(&refused)).await).0, BankAnswer::Unknown);
    let elsewhere = body(&accepted()).replace("MERID=2522", "MERID=2523");
    assert_eq!(write(&act(Action::Capture, http(200, elsewhere)).await).0, BankAnswer::Unknown);
}

#[tokio::test]
async fn an_equal_echo_is_accepted() {
    let padded = format!("{XID}  ");
    for (action, changes) in [
        (
            Action::Capture,
            json!({ "ResAmt": "901 100 0", "SSL-TYPE": "SSL_CAP", "XID": padded, "BatchID": "2" }),
        ),
        (Action::Refund { amount: Twd::new(40) }, json!({ "ResAmt": "901 40 0" })),
        (Action::ReverseAuthorization, json!({ "ResAmt": "901 0 0", "TermSeq": "50" })),
        (Action::ReverseCapture, json!({ "ResAmt": "901 100 0" })),
        (Action::ReverseRefund, json!({ "ResAmt": "" })),
    ] {
        let reply = act(action, sealed(&with(accepted(), &changes))).await;
        assert_eq!(write(&reply), (BankAnswer::Accepted, None), "{changes}");
        assert_eq!((reply.code.as_str(), reply.bank_now), ("0/00", Some(NOW)));
    }
    // the amount in a refusal means nothing
    let refused = with(refusal("3/21"), &json!({ "ResAmt": "901 0 0" }));
    assert_eq!(write(&act(Action::Capture, sealed(&refused)).await).0, BankAnswer::Declined);
}

#[tokio::test]
async fn what_never_left_is_not_sent_and_what_was_lost_is_unknown() {
    for fault in [Fault::Dns, Fault::Connect, Fault::Tls, Fault::Timeout] {
        let reply = act(Action::Capture, Err(SendError::NotSent(fault))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, fault.code()));
    }
    for fault in [Fault::Timeout, Fault::Reset, Fault::TooLarge] {
        let reply = act(Action::Capture, Err(SendError::Lost(fault))).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Unknown, fault.code()));
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    let script = Script::default();
    let bank = script.bank();
    let mut replies = Vec::new();
    for amount in [Twd::ZERO, Twd::new(-1), Twd::new(101), Twd::new(10_000_000)] {
        replies.push(bank.manage(Action::Refund { amount }, AMOUNT, &handles()).await);
    }
    replies.push(bank.manage(Action::Capture, Twd::ZERO, &handles()).await);
    for odd in ["a\"b", "a\\b", "a\nb", "a\u{7f}b", "x\",\"CredAmt\":\"901 1 0", "😀"] {
        for handles in [
            Handles { xid: odd.to_owned(), ..handles() },
            Handles { auth_code: odd.to_owned(), ..handles() },
            Handles { auth_rrpid: Some(odd.to_owned()), ..handles() },
            Handles { batch_id: Some(odd.to_owned()), ..handles() },
        ] {
            replies.push(bank.manage(Action::ReverseCapture, AMOUNT, &handles).await);
        }
    }
    for reply in replies {
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "unsendable"));
        assert!(reply.transcript.contains("nothing was sent"), "{}", reply.transcript);
    }
    assert!(script.sent.lock().unwrap().is_empty());
}
