//! The bank as the engine asks it: writes by kind, requests of the other bank, several transactions
//! of one number.

use counterfoil_domain::{BankAnswer, BankRow, CardState, Handles, OperationKind as K, Seen, Twd};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, Inquiry, Said, Write};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::script::*;

fn card(kind: K, amount: Option<i64>) -> BankRequest {
    BankRequest::Write(Write::Card {
        kind,
        bank_order_no: number(),
        authorized: AMOUNT,
        amount: amount.map(Twd::new),
        handles: handles(),
    })
}

fn question(xid: Option<&str>) -> BankRequest {
    BankRequest::Ask(Inquiry::Card { bank_order_no: number(), amount: AMOUNT, xid: xid.map(str::to_owned) })
}

async fn call(request: BankRequest, answers: &[Value]) -> (BankReply, Vec<(String, String)>) {
    let script = Script::new(answers.iter().map(sealed));
    let reply = script.bank().call(request).await;
    let sent = script.sent();
    (reply, sent)
}

fn rows(reply: BankReply) -> Vec<BankRow> {
    let Said::Rows(rows) = reply.said else { panic!("{:?}", reply.said) };
    rows
}

#[tokio::test]
async fn each_operation_goes_to_its_path_with_what_the_reading_named() {
    for (kind, amount, path, member) in [
        (K::Cap, None, "/NewPos/Cap", "\"CapAmt\":\"901 100 0\""),
        (K::CapReversal, None, "/NewPos/CapRev", "\"CapRevAmt\":\"901 0 0\""),
        (K::Reversal, None, "/NewPos/Reversal", "\"AuthNewAmt\":\"901 0 0\""),
        (K::Refund, Some(40), "/NewPos/Refund", "\"CredAmt\":\"901 40 0\""),
        (K::Refund, Some(100), "/NewPos/Refund", "\"CredAmt\":\"901 100 0\""),
        (K::RefundReversal, None, "/NewPos/RefundRev", "\"CredRevAmt\":\"901 0 0\""),
    ] {
        let (reply, sent) = call(card(kind, amount), &[accepted()]).await;
        assert_eq!((write(&reply), reply.code.as_str()), ((BankAnswer::Accepted, None), "0/00"), "{kind:?}");
        let [(at, text)] = sent.as_slice() else { panic!("{kind:?}: one request") };
        assert_eq!(at, path);
        assert!(text.contains(member) && text.contains(&format!("\"XID\":\"{XID}\"")), "{text}");
        assert!(text.contains("\"OrgAmt\":\"901 100 0\"") && text.contains("\"AuthCode\":\"003313\""));
    }
}

#[tokio::test]
async fn what_is_no_write_of_this_bank_is_not_sent() {
    let mut requests = vec![
        card(K::Refund, None),
        card(K::Refund, Some(0)),
        card(K::Refund, Some(101)),
        card(K::Cap, Some(100)),
        card(K::CapReversal, Some(100)),
        card(K::Reversal, Some(100)),
        card(K::RefundReversal, Some(40)),
    ];
    let ours = [K::Cap, K::CapReversal, K::Reversal, K::Refund, K::RefundReversal];
    for kind in K::ALL {
        if !ours.contains(&kind) {
            requests.extend([card(kind, None), card(kind, Some(40))]);
        }
        requests.push(BankRequest::Write(Write::Manage { kind, bank_order_no: number() }));
        requests.push(BankRequest::Write(Write::Refund {
            kind,
            bank_order_no: number(),
            amount: Twd::new(40),
            token: Some(SecretString::from("t")),
        }));
    }
    for request in requests {
        let (reply, sent) = call(request.clone(), &[]).await;
        assert_eq!(
            (write(&reply).0, reply.code.as_str()),
            (BankAnswer::NotSent, "unsendable"),
            "{request:?}"
        );
        assert!(sent.is_empty());
    }
    let (reply, sent) = call(BankRequest::Ask(Inquiry::Bill { day: NOW.day() }), &[]).await;
    assert!(matches!(reply.said, Said::Silent) && sent.is_empty());
}

#[tokio::test]
async fn an_answer_about_another_order_is_unequal() {
    let other = with(accepted(), &json!({ "LID-M": "TS20140410000006" }));
    let (reply, _) = call(card(K::Refund, Some(40)), &[other]).await;
    let facts = "LID-M: ours TS20140410000005, bank TS20140410000006";
    assert_eq!(write(&reply), (BankAnswer::Unknown, Some(facts)));
    let ours = with(accepted(), &json!({ "LID-M": LIDM, "ResAmt": "901 40 0" }));
    assert_eq!(write(&call(card(K::Refund, Some(40)), &[ours]).await.0).0, BankAnswer::Accepted);
}

/// What the rules name, through a whole call.
#[tokio::test]
async fn refusals_of_a_refund_have_their_class() {
    use BankAnswer::{Declined, NotNow, Unknown};
    for (code, meaning) in [
        ("2/40", NotNow),
        ("3/15", NotNow),
        ("3/31", NotNow),
        ("3/40", NotNow),
        ("3/48", NotNow),
        ("3/70", NotNow),
        ("3/71", NotNow),
        ("3/72", NotNow),
        ("8/90", NotNow),
        ("3/52", Unknown),
        ("3/53", Unknown),
        ("3/54", Unknown),
        ("3/55", Unknown),
        ("3/56", Unknown),
        ("9/ne", Unknown),
        ("2/4", Unknown),
        ("4/1", Unknown),
        ("9/no", Unknown),
        ("3/1", Declined),
        ("3/20", Declined),
        ("3/21", Declined),
        ("3/51", Declined),
        ("9/nx", Declined),
    ] {
        let (reply, _) = call(card(K::Refund, Some(40)), &[refusal(code)]).await;
        assert_eq!((write(&reply), reply.code.as_str()), ((meaning, None), code));
    }
}

#[tokio::test]
async fn one_transaction_is_asked_by_its_xid() {
    let (reply, sent) = call(question(Some(XID)), &[row()]).await;
    assert!(sent[0].1.contains(&format!("\"XID\":\"{XID}\"")), "{}", sent[0].1);
    let rows = self::rows(reply);
    assert_eq!((rows.len(), rows[0].amount), (1, Some(AMOUNT)));
    assert_eq!(rows[0].seen, Seen::of_ctbc(CardState::CaptureQueued));
    assert_eq!(rows[0].handles.as_ref().map(|handles| handles.xid.as_str()), Some(XID));
    // that the bank calls it one of several asks for no others
    let several = with(row(), &json!({ "QueryCode": "2", "Data": "<XID>AA_FIRST</XID>" }));
    let (reply, sent) = call(question(Some(XID)), &[several]).await;
    assert_eq!((self::rows(reply).len(), sent.len()), (1, 1));
    // another one of the number says nothing about it
    let other = with(row(), &json!({ "XID": "FFFF_OTHER", "QueryCode": "2" }));
    let (reply, _) = call(question(Some(XID)), &[nothing(), other]).await;
    assert!(matches!(reply.said, Said::Silent));
}

#[tokio::test]
async fn of_several_the_latest_is_read_and_the_others_are_named() {
    let latest = with(row(), &json!({ "QueryCode": "2" }));
    let data = |rows: &str| with(latest.clone(), &json!({ "Data": rows }));
    let ask = async |rows: &str| call(question(None), &[latest.clone(), data(rows)]).await;
    let row_of = |xid: &str| format!("<Row><XID>{xid}</XID><CurrentState>12</CurrentState></Row>");
    let both = format!("<Rows>{}{}</Rows>", row_of("AA_FIRST"), row_of(XID));
    let (reply, sent) = ask(&both).await;
    let paths: Vec<&str> = sent.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/NewQuery/Inquiry", "/NewQuery/InquiryByLidm"]);
    let rows = rows(reply);
    let [first, second] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(first.seen, Seen::Ctbc { state: CardState::CaptureQueued, several: true });
    assert_eq!(second.seen, Seen::Ctbc { state: CardState::Unlisted, several: true });
    let name = |row: &BankRow| row.issued.as_ref().and_then(|issued| issued.bank_ref.clone());
    assert_eq!((name(first).as_deref(), name(second).as_deref()), (Some(XID), Some("AA_FIRST")));
    assert_eq!((second.amount, &second.handles), (None, &None::<Handles>), "only named");
    // anything else names none
    for odd in [
        String::new(),
        row_of(XID),
        "<XID>".to_owned(),
        "<XID></XID>".to_owned(),
        format!("<XID>{}</XID>", "X".repeat(41)),
        "<XID>a b</XID>".to_owned(),
        "<Xid>AA</Xid>".to_owned(),
    ] {
        assert_eq!(self::rows(ask(&odd).await.0).len(), 1, "{odd}");
    }
    let same = format!("{}{}", row_of("AA_FIRST"), row_of("AA_FIRST"));
    assert_eq!(self::rows(ask(&same).await.0).len(), 2, "named once");
    let many: String = (0..40).map(|n| row_of(&format!("AA{n}"))).collect();
    assert_eq!(self::rows(ask(&many).await.0).len(), 17, "bounded");
    // the reading counts without an answer to the second question
    let (reply, _) = call(question(None), &[latest.clone(), refusal("3/32")]).await;
    assert_eq!(self::rows(reply).len(), 1);
}
