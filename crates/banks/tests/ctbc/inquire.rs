//! Inquiries: what is asked, how the answer is read, and when it is asked in the other way.

use counterfoil_banks::ctbc::{CardRow, CardState, CardTail, Differs, Found, Handles};
use counterfoil_banks::transport::{Fault, SendError};
use counterfoil_domain::{Moment, Twd};
use counterfoil_engine::ports::RefusalOf;
use serde_json::{Value, json};

use super::script::*;

const BY_NUMBER: &str = "/NewQuery/InquiryByLidm";
const INQUIRY: &str = "/NewQuery/Inquiry";

async fn paths(
    steps: Vec<Result<counterfoil_banks::transport::HttpReply, SendError>>,
) -> (Found, String, Vec<String>) {
    let script = Script::new(steps);
    let asked = script.bank().inquire(&number(), AMOUNT, None).await;
    (asked.found, asked.code, script.sent().into_iter().map(|(path, _)| path).collect())
}

#[tokio::test]
async fn the_questions_are_those_of_the_published_vectors() {
    let script = Script::new([sealed(&nothing()), sealed(&nothing())]);
    let asked = script.bank().inquire(&number(), AMOUNT, None).await;
    assert_eq!((asked.found, asked.code.as_str(), asked.bank_now), (Found::Nothing, "0/00", Some(NOW)));
    let bodies: Vec<String> = script.sent.lock().unwrap().iter().map(|r| r.body.clone()).collect();
    let expected = ["pos-req-01", "pos-req-07"].map(|id| vector(id)["expected"]["form_body"].clone());
    assert_eq!(bodies.into_iter().map(Value::from).collect::<Vec<_>>(), expected);
    let urls: Vec<String> = script.sent.lock().unwrap().iter().map(|r| r.url.to_string()).collect();
    assert_eq!(
        urls,
        [format!("http://127.0.0.1:4455{INQUIRY}"), format!("http://127.0.0.1:4455{BY_NUMBER}")]
    );

    let script = Script::new([sealed(&row())]);
    script.bank().inquire(&number(), AMOUNT, Some(XID)).await;
    let (_, text) = script.sent().remove(0);
    assert!(text.contains(&format!("\"TX_ATTRIBUTE\":\"0\",\"XID\":\"{XID}\",\"VERSION\"")), "{text}");
    assert!(!text.contains("PAN"));
}

#[tokio::test]
async fn the_published_reply_is_read() {
    let body = vector("pos-res-01")["input"]["body"].as_str().unwrap().to_owned();
    let asked = ask([http(200, body)]).await;
    let expected = CardRow {
        state: CardState::CaptureQueued,
        said: "10".to_owned(),
        several: false,
        amount: Some(AMOUNT),
        tail: CardTail::parse("3312"),
        paid_at: None,
        handles: Some(Handles { batch_seq: Some("6".to_owned()), ..handles() }),
    };
    assert_eq!((asked.found, asked.code.as_str(), asked.bank_now), (Found::Row(expected), "0/00", Some(NOW)));
}

/// A number that is not masked is as if it were not there.
#[tokio::test]
async fn of_the_card_only_the_masked_end_is_taken() {
    for (pan, tail) in [
        (json!("412345******3312"), CardTail::parse("3312")),
        (json!("4123450131003312"), None),
        (json!("4123450131003312123"), None),
        (json!("3312"), None),
        (json!(4_123_450_131_003_312_i64), None),
        (json!(""), None),
        (json!(null), None),
    ] {
        let Found::Row(row) = found(&with(row(), &json!({ "PAN": pan }))).await else {
            panic!("{pan} is a row")
        };
        assert_eq!(row.tail, tail, "{pan}");
    }
}

#[tokio::test]
async fn the_states_by_their_numbers() {
    let states = [
        ("-1", CardState::Failed),
        ("0", CardState::Cancelled),
        ("1", CardState::Authorized),
        ("10", CardState::CaptureQueued),
        ("11", CardState::CaptureLocked),
        ("12", CardState::Captured),
        ("13", CardState::CaptureFailed),
        ("20", CardState::RefundQueued),
        ("21", CardState::RefundLocked),
        ("22", CardState::Refunded),
        ("23", CardState::RefundFailed),
        ("2", CardState::Unlisted),
        ("14", CardState::Unlisted),
        ("-2", CardState::Unlisted),
        ("01", CardState::Unlisted),
        ("已請款", CardState::Unlisted),
    ];
    for (said, state) in states {
        let Found::Row(row) = found(&with(row(), &json!({ "CurrentState": said }))).await else {
            panic!("{said} is a row")
        };
        assert_eq!((row.state, row.said.as_str()), (state, said));
    }
    let number = with(row(), &json!({ "CurrentState": 12, "QueryCode": 1 }));
    assert!(matches!(found(&number).await, Found::Row(row) if row.state == CardState::Captured));
}

#[tokio::test]
async fn one_envelope_in_its_odd_forms() {
    let sealed = api_enc(&row().to_string(), None);
    for body in [
        format!("MERID={MER_ID}&ApiEnc={sealed}"),
        format!("ApiEnc={sealed}&MERID={MER_ID}"),
        format!("\u{feff}\r\n MERID={MER_ID}&ApiEnc={sealed} \r\n\r\n"),
        format!("MERID={MER_ID}&ApiEnc={}\n", sealed.to_lowercase()),
        format!("MERID={MER_ID}&more=1&ApiEnc={sealed}&"),
        format!("ApiEnc={sealed}"),
        format!("MERID={MER_ID}&ApiEnc={}", api_enc(&row().to_string(), Some(""))),
        format!("MERID={MER_ID}&ApiEnc={}", api_enc(&format!("{} \r\n", row()), Some(" \n"))),
    ] {
        assert!(matches!(ask([http(200, body.clone())]).await.found, Found::Row(_)), "{body:.60}");
    }
    for (name, value) in [("RespCode", "00"), ("XID", &format!("{XID}    ")), ("LID-M", &format!("{LIDM}  "))]
    {
        let Found::Row(row) = found(&with(row(), &json!({ name: value }))).await else { panic!("{name}") };
        assert_eq!(row.handles.unwrap().xid, XID, "trimmed");
    }
}

#[tokio::test]
async fn nothing_is_believed_only_when_both_ways_say_so() {
    let refused = || sealed(&refusal("9/nt"));
    let both = vec![INQUIRY.to_owned(), BY_NUMBER.to_owned()];
    for first in [
        sealed(&refusal("9/nt")),
        sealed(&nothing()),
        sealed(&with(nothing(), &json!({ "QueryCode": "-1" }))),
    ] {
        let (found, code, sent) = paths(vec![first.clone(), sealed(&row())]).await;
        assert!(matches!(found, Found::Row(_)), "the other way knows it");
        assert_eq!((code.as_str(), &sent), ("0/00", &both));
        let (found, code, _) = paths(vec![first.clone(), Err(SendError::Lost(Fault::Timeout))]).await;
        assert_eq!((found, code.as_str()), (Found::Silent, "timeout"));
        let (found, code, _) = paths(vec![first.clone(), refused()]).await;
        assert_eq!((found, code.as_str()), (Found::Refused(RefusalOf::Question), "9/nt"));
        let (found, _, sent) = paths(vec![first, sealed(&nothing())]).await;
        assert_eq!((found, sent), (Found::Nothing, both.clone()));
    }
    // an order that the bank's accounts do not hold is asked about the other way too, and is none
    // when that says so as well
    for second in [refusal("10/11"), nothing()] {
        let (found, _, sent) = paths(vec![sealed(&refusal("10/11")), sealed(&second)]).await;
        assert_eq!((found, sent), (Found::Nothing, both.clone()));
    }
    // the clock of the first answer is the bank's too
    let asked = ask([sealed(&nothing()), Err(SendError::Lost(Fault::Reset))]).await;
    assert_eq!((asked.found, asked.bank_now), (Found::Silent, Some(NOW)));
    // no other refusal and no silence is asked about again
    for first in [sealed(&refusal("9/nz")), sealed(&refusal("3/32")), sealed(&refusal("2/40")), http(503, "")]
    {
        let (found, _, sent) = paths(vec![first]).await;
        assert!(matches!(found, Found::Refused(_) | Found::Silent) && sent == [INQUIRY]);
    }
}

#[tokio::test]
async fn the_flat_reply_of_the_other_way_is_enough() {
    let flat = json!({ "RespCode": "0", "ErrCode": "00", "CurrentState": "12", "XID": XID, "AuthCode": "003313",
                       "AuthAmt": "901 100 0", "PAN": "412345******3312", "ECI": "06", "Txn_date": "20140410",
                       "Txn_time": "101112" });
    let Found::Row(row) = ask([sealed(&nothing()), sealed(&flat)]).await.found else { panic!("it is a row") };
    assert_eq!((row.state, row.several, row.amount), (CardState::Captured, false, Some(AMOUNT)));
    assert_eq!(row.paid_at, Moment::parse_rfc3339("2014-04-10T10:11:12+08:00"));
    let handles = row.handles.unwrap();
    assert_eq!((handles.term_seq, handles.batch_id, handles.batch_seq), (None, None, None));
}

#[tokio::test]
async fn several_under_one_number_are_said() {
    let latest = with(row(), &json!({ "QueryCode": "2", "Data": "<rows/>" }));
    let asked = ask([sealed(&latest), sealed(&latest)]).await;
    let Found::Row(row) = asked.found else { panic!("the latest is shown") };
    assert!(asked.others.is_empty());
    assert!(row.several);
}

#[tokio::test]
async fn asked_by_transaction_another_one_is_no_answer() {
    let other = with(row(), &json!({ "XID": "FFFF_OTHER" }));
    let script = Script::new([sealed(&nothing()), sealed(&other)]);
    let asked = script.bank().inquire(&number(), AMOUNT, Some(XID)).await;
    assert_eq!(asked.found, Found::Silent, "the latest of several is not the one that was asked about");
    let script = Script::new([sealed(&other)]);
    let asked = script.bank().inquire(&number(), AMOUNT, Some(XID)).await;
    assert!(matches!(asked.found, Found::Unequal(Differs::Number, _)));
}

#[tokio::test]
async fn an_unequal_echo_is_no_reading() {
    let facts = |found: Found| match &found {
        Found::Unequal(differs, facts) => (*differs, facts.clone()),
        Found::Row(_) | Found::Nothing | Found::Refused(_) | Found::Silent => panic!("{found:?}"),
    };
    for (changes, differs, shown) in [
        (
            json!({ "LID-M": "TS20140410000006" }),
            Differs::Number,
            "LID-M: ours TS20140410000005, bank TS20140410000006",
        ),
        (json!({ "SSL-TYPE": "SSL_CAP" }), Differs::Number, "SSL-TYPE: ours SSL_INQUIRY, bank SSL_CAP"),
        (json!({ "AuthAmt": "901 101 0" }), Differs::Amount, "AuthAmt: ours 100, bank 901 101 0"),
        (json!({ "AuthAmt": "901 0 0" }), Differs::Amount, "AuthAmt: ours 100, bank 901 0 0"),
        (json!({ "AuthAmt": "840 100 0" }), Differs::Amount, "AuthAmt: ours 100, bank 840 100 0"),
        (json!({ "AuthAmt": "901 10000 -2" }), Differs::Amount, "AuthAmt: ours 100, bank 901 10000 -2"),
        (json!({ "AuthAmt": "\u{7}一百" }), Differs::Amount, "AuthAmt: ours 100, bank 一百"),
        (json!({ "MERID": "2523" }), Differs::Shop, "MERID: ours 2522, bank 2523"),
    ] {
        let asked = ask([sealed(&with(row(), &changes))]).await;
        assert_eq!(asked.code, "echo-differs", "{changes}");
        assert_eq!(facts(asked.found), (differs, shown.to_owned()));
    }
    let other = body(&row()).replace("MERID=2522", "MERID=2523");
    assert_eq!(facts(ask([http(200, other)]).await.found).0, Differs::Shop);
    // what the answer does not carry is not compared, and an answer's own name is not looked at
    for changes in [json!({ "LID-M": null, "AuthAmt": null }), json!({ "SSL-TYPE": "SSL_INQUIRY_RES" })] {
        assert!(matches!(found(&with(row(), &changes)).await, Found::Row(_)), "{changes}");
    }
    // what failed or was taken back may show no money
    for state in ["-1", "0"] {
        let Found::Row(row) =
            found(&with(row(), &json!({ "CurrentState": state, "AuthAmt": "901 0 0" }))).await
        else {
            panic!("{state} is a row")
        };
        assert_eq!(row.amount, None);
        let other = with(super::script::row(), &json!({ "CurrentState": state, "AuthAmt": "901 7 0" }));
        assert!(matches!(found(&other).await, Found::Unequal(Differs::Amount, _)));
    }
}

#[tokio::test]
async fn a_failed_authorization_may_come_with_its_pair() {
    let failed =
        with(row(), &json!({ "CurrentState": "-1", "RespCode": "8", "ErrCode": "05", "AuthCode": "" }));
    let asked = ask([sealed(&failed)]).await;
    assert_eq!(asked.code, "8/05");
    assert!(
        matches!(asked.found, Found::Row(row) if row.state == CardState::Failed && row.handles.is_none())
    );
    // no other state beside a refusal, nor nothing beside a state, nor a row without one
    for (changes, expected) in [
        (json!({ "RespCode": "8", "ErrCode": "05" }), Found::Refused(RefusalOf::Unclear)),
        (json!({ "RespCode": "4", "ErrCode": "1" }), Found::Silent),
        (json!({ "QueryCode": "0" }), Found::Silent),
        (json!({ "QueryCode": "3" }), Found::Silent),
        (json!({ "CurrentState": "" }), Found::Silent),
        (json!({ "RespCode": null }), Found::Silent),
        (json!({ "ErrCode": "0" }), Found::Refused(RefusalOf::Unclear)),
        (json!({ "ErrCode": "A000" }), Found::Refused(RefusalOf::Unclear)),
    ] {
        assert_eq!(found(&with(row(), &changes)).await, expected, "{changes}");
    }
}

#[tokio::test]
async fn what_cannot_be_named_again_has_no_handles() {
    for changes in [
        json!({ "XID": "" }),
        json!({ "XID": null }),
        json!({ "AuthCode": "" }),
        json!({ "AuthCode": "1234567" }),
        json!({ "XID": "a\"b" }),
        json!({ "XID": "交易" }),
        json!({ "XID": "X".repeat(41) }),
    ] {
        let Found::Row(row) = found(&with(row(), &changes)).await else { panic!("{changes} is a row") };
        assert_eq!(row.handles, None, "{changes}");
    }
    let odd = json!({ "BatchID": "2\\", "AuthRRPID": "Y".repeat(41), "TermSeq": {} });
    let Found::Row(row) = found(&with(row(), &odd)).await else { panic!("it is a row") };
    let handles = row.handles.unwrap();
    assert_eq!((handles.batch_id, handles.auth_rrpid, handles.term_seq), (None, None, None));
}

#[tokio::test]
async fn a_question_that_cannot_be_written_is_not_sent() {
    let bank = Script::default();
    let zero = bank.bank().inquire(&number(), Twd::ZERO, None).await;
    assert_eq!((zero.found, zero.code.as_str()), (Found::Silent, "unsendable"));
    let odd = bank.bank().inquire(&number(), AMOUNT, Some("a\"b")).await;
    assert_eq!((odd.found, odd.code.as_str()), (Found::Silent, "unsendable"));
    assert!(odd.transcript.contains("nothing was sent"), "{}", odd.transcript);
    assert!(bank.sent.lock().unwrap().is_empty());
}
