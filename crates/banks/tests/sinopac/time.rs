//! The bank's clock, nonces that come twice, and the times of rows.

use counterfoil_banks::transport::{Fault, HttpReply, SendError};
use counterfoil_domain::{BankAnswer, BankOrderNo, BankState, Moment};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, Fuse, Inquiry, RefusalOf, Said};
use serde_json::{Value, json};

use super::script::*;

type Step = Result<HttpReply, SendError>;

fn dated(step: Step, date: impl Into<Option<Moment>>) -> Step {
    let date = date.into();
    step.map(|reply| HttpReply { date, ..reply })
}

fn at(text: &str) -> Moment {
    Moment::parse_rfc3339(text).unwrap()
}

/// The clock that a call brings: proved, and heard.
fn clocks(reply: &BankReply) -> (Option<Moment>, Option<Moment>) {
    (reply.bank_now, reply.heard)
}

#[tokio::test]
async fn only_a_verified_answer_tells_the_banks_clock() {
    let (first, last) = (NOW.plus_secs(-2), NOW);
    let of_another = envelope(&with(accepted_account(), &json!({ "ShopNo": "NA0249_001" }))).to_string();
    let forged = with(envelope(&accepted_account()), &json!({ "Sign": "0" })).to_string();
    for (order, proved, heard) in [
        (dated(sealed(&accepted_account()), last), Some(last), Some(last)),
        (dated(sealed(&refusal("E0403")), last), Some(last), Some(last)),
        (dated(sealed(&accepted_account()), None), None, None),
        (dated(http(503, ""), last), None, Some(last)),
        (dated(http(503, envelope(&accepted_account()).to_string()), last), None, Some(last)),
        (dated(http(200, "{}"), last), None, Some(last)),
        (dated(http(200, r#"{"Status":"F","Description":"E0101 – x"}"#), last), None, Some(last)),
        (dated(http(200, of_another), last), None, Some(last)),
        (dated(http(200, forged), last), None, Some(last)),
        // the nonce was the last answer
        (Err(SendError::Lost(Fault::Timeout)), None, Some(first)),
        (Err(SendError::NotSent(Fault::Connect)), None, Some(first)),
    ] {
        let script = Script::new([dated(nonce(), first), order.clone()]);
        let reply = script.bank().call(issue_account()).await;
        assert_eq!(clocks(&reply), (proved, heard), "{order:?}");
    }
    let refused = Script::new([dated(http(401, ""), last)]).bank().call(issue_account()).await;
    assert_eq!(clocks(&refused), (None, Some(last)));
    let gone = Script::new([Err(SendError::NotSent(Fault::Dns))]).bank().call(issue_account()).await;
    assert_eq!(clocks(&gone), (None, None));
}

#[tokio::test]
async fn the_header_is_believed_within_90_seconds_of_the_signed_minute() {
    let says = |date: Value| sealed(&with(list(&json!([row()])), &json!({ "Date": date })));
    // NOW is the start of the signed minute, which ends 60 s later
    for (ms, believed) in [
        (-90_001, false),
        (-90_000, true),
        (0, true),
        (59_999, true),
        (150_000, true),
        (150_001, false),
        (8 * 3_600_000, false),
    ] {
        let header = NOW.plus_ms(ms);
        let reply = call(ask(), dated(says(json!("202611210900")), header)).await;
        assert_eq!(clocks(&reply), (believed.then_some(header), Some(header)), "{ms}");
        assert!(matches!(reply.said, Said::Rows(_)), "the answer itself counts");
    }
    for (signed, believed) in [
        (json!(202_611_210_900_i64), true),
        (json!(null), true),
        (json!(" "), true),
        (json!("20261121090000"), false),
        (json!("20261121"), false),
        (json!("now"), false),
    ] {
        let reply = call(ask(), dated(says(signed.clone()), NOW)).await;
        assert_eq!(reply.bank_now, believed.then_some(NOW), "{signed}");
    }
}

#[tokio::test]
async fn the_time_is_asked_with_a_nonce_and_no_order() {
    let request =
        || BankRequest::Ask(Inquiry::Time { bank_order_no: BankOrderNo::from_text("TL5K8000000009A") });
    for (step, code, heard) in [
        (dated(nonce(), NOW), "time", Some(NOW)),
        (dated(nonce(), None), "time", None),
        (dated(http(503, ""), NOW), "http-503", Some(NOW)),
        (dated(http(200, r#"{"Status":"F","Description":"E0102 – x"}"#), NOW), "E0102", Some(NOW)),
        (dated(http(200, "<html>"), NOW), "nonce", Some(NOW)),
        (Err(SendError::NotSent(Fault::Dns)), "dns", None),
        (Err(SendError::Lost(Fault::Timeout)), "nonce", None),
    ] {
        let script = Script::new([step]);
        let reply = script.bank().call(request()).await;
        assert!(matches!(reply.said, Said::Silent));
        assert_eq!((reply.code.as_str(), clocks(&reply)), (code, (None, heard)));
        let sent = script.sent.lock().unwrap();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].url.path().ends_with("/Nonce"));
        assert!(reply.transcript.contains("/Nonce") && !reply.transcript.contains(KEY_ID));
    }
}

/// The sale that asked for the time goes with the nonce that told it, whatever is asked between.
/// One that comes too late fetches its own, and the first is gone.
#[tokio::test]
async fn the_nonce_of_the_time_is_the_sale_s() {
    let of = |text: &str| http(200, json!({ "Nonce": text }).to_string());
    let time =
        || BankRequest::Ask(Inquiry::Time { bank_order_no: BankOrderNo::from_text("TL5K8000000009A") });
    let order = || sealed(&list(&json!([row()])));
    let steps = [of("a"), of("b"), order(), order(), of("c"), of("d"), order(), of("e"), order()];
    let script = Script::new(steps);
    let bank = script.bank();
    let young = |is_young| Fuse::endless().with_nonce(is_young);
    let calls = [
        (time(), false),
        (ask(), false),
        (issue_account(), true),
        (time(), false),
        (issue_account(), false),
        (issue_account(), true),
    ];
    for (request, is_young) in calls {
        bank.call_while(request, young(is_young)).await;
    }
    let (paths, nonces) = trail(&script);
    let order_of = ["nonce", "nonce", "order", "order", "nonce", "nonce", "order", "nonce", "order"];
    assert_eq!(paths, order_of);
    assert_eq!(nonces, ["b", "a", "d", "e"]);
}

/// The resources that were asked, and the nonces of the orders.
fn trail(script: &Script) -> (Vec<&'static str>, Vec<String>) {
    let sent = script.sent.lock().unwrap();
    let orders = sent.iter().filter(|request| request.url.path().ends_with("/Order"));
    let nonces = orders.map(|request| {
        let envelope: Value = serde_json::from_str(&request.body).unwrap();
        envelope["Nonce"].as_str().unwrap().to_owned()
    });
    let paths = sent.iter().map(|r| if r.url.path().ends_with("/Nonce") { "nonce" } else { "order" });
    (paths.collect(), nonces.collect())
}

#[tokio::test]
async fn a_nonce_that_comes_twice_is_used_once() {
    let of = |text: &str| http(200, json!({ "Nonce": text }).to_string());
    let order = || sealed(&list(&json!([row()])));
    let script = Script::new([of("a"), order(), of("a"), of("b"), order(), of("c"), order()]);
    let bank = script.bank();
    for _ in 0..3 {
        assert!(matches!(bank.call(ask()).await.said, Said::Rows(_)));
    }
    let (paths, nonces) = trail(&script);
    assert_eq!(paths, ["nonce", "order", "nonce", "nonce", "order", "nonce", "order"]);
    assert_eq!(nonces, ["a", "b", "c"]);

    // twice old: nothing leaves
    let script = Script::new([of("a"), order(), of("a"), dated(of("a"), NOW.plus_secs(1))]);
    let bank = script.bank();
    bank.call(ask()).await;
    let reply = bank.call(issue_account()).await;
    assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::NotSent, "nonce"));
    assert_eq!(clocks(&reply), (None, Some(NOW.plus_secs(1))));
    assert_eq!(trail(&script).0, ["nonce", "order", "nonce", "nonce"]);

    // the one asked for again does not come
    let script = Script::new([of("a"), order(), of("a"), http(503, "")]);
    let bank = script.bank();
    bank.call(ask()).await;
    let reply = bank.call(ask()).await;
    assert_eq!((reply.code.as_str(), reply.heard), ("http-503", Some(NOW)));
}

#[tokio::test]
async fn a_nonce_is_remembered_for_as_long_as_it_lives() {
    let of = |text: &str| http(200, json!({ "Nonce": text }).to_string());
    let order = || sealed(&list(&json!([row()])));
    // 63 calls after its own, it is still known
    let many = (0..64).flat_map(|n| [of(&format!("n{n}")), order()]);
    let script = Script::new(many.chain([of("n0"), of("new"), order()]));
    let bank = script.bank();
    for _ in 0..65 {
        bank.call(ask()).await;
    }
    assert_eq!(trail(&script).1.last().unwrap(), "new");
}

/// The only row of an answer.
async fn read(changes: &Value) -> counterfoil_domain::BankRow {
    let reply = call(ask(), sealed(&list(&json!([with(row(), changes)])))).await;
    let Said::Rows(rows) = reply.said else { panic!("no rows") };
    rows.into_iter().next().unwrap()
}

#[tokio::test]
async fn when_the_customer_paid() {
    let (approved, paid) = (Some(NOW.plus_mins(-4)), Some(NOW.plus_mins(-2)));
    for (said, date, expected) in [
        ("1A400", json!("202611210856"), paid),
        ("1A900", json!(null), paid),
        ("1C400", json!("202611210856"), approved),
        ("1C900", json!("202611210856"), approved),
        ("1C300", json!("202611210856"), approved),
        ("1C400", json!(null), paid),
        ("1C400", json!(""), paid),
        ("1C400", json!("2026"), paid),
        // no money, and no authorization
        ("1A200", json!("202611210856"), None),
        ("1A250", json!("202611210856"), None),
        ("1C200", json!("202611210856"), None),
        ("1C351", json!("202611210856"), None),
        ("1M400", json!("202611210856"), None),
    ] {
        let row = read(&json!({ "PayStatus": said, "ApprovedDate": date })).await;
        assert_eq!(row.paid_at, expected, "{said} {date}");
    }
    let uncaptured = json!({ "PayStatus": "1C300", "ApprovedDate": "202611210856", "PayDate": null });
    assert_eq!(read(&uncaptured).await.paid_at, approved);
    let unreadable = json!({ "PayStatus": "1A400", "Amount": 1 });
    assert_eq!(read(&unreadable).await.paid_at, None);
}

#[tokio::test]
async fn the_end_is_its_last_instant() {
    for (date, expected) in [
        (json!("202611242359"), Some("2026-11-24T23:59:59.999+08:00")),
        (json!(202_611_242_359_i64), Some("2026-11-24T23:59:59.999+08:00")),
        (json!("202611210910"), Some("2026-11-21T09:10:59.999+08:00")),
        (json!("20261124"), Some("2026-11-24T23:59:59.999+08:00")),
        (json!("202611242400"), None),
        (json!("20261324"), None),
        (json!("2026112"), None),
        (json!("2026-11-24"), None),
        (json!(""), None),
        (json!(null), None),
    ] {
        for said in ["1A200", "1C250", "1C400"] {
            let row = read(&json!({ "ExpireDate": date, "PayStatus": said })).await;
            assert_eq!(row.expires_at, expected.map(at), "{date}");
            assert_ne!(row.seen.state(), BankState::Unlisted, "{date} is no reason to doubt the row");
        }
    }
}

#[tokio::test]
async fn a_refusal_may_be_signed_with_an_amount_of_0() {
    // what the bank's toolkit signs, and what it leaves out of the message
    let signed_with_zero = |fields: &Value| {
        let zeroed = with(fields.clone(), &json!({ "Amount": 0 }));
        let sign = envelope(&zeroed)["Sign"].clone();
        http(200, with(envelope(fields), &json!({ "Sign": sign })).to_string())
    };
    for amount in [json!(null), json!("")] {
        let mut fields = refusal("E0403");
        fields["Amount"] = amount;
        let reply = call(issue_account(), signed_with_zero(&fields)).await;
        assert_eq!((write(&reply).0, reply.code.as_str()), (BankAnswer::Declined, "E0403"));
    }
    let reply = call(issue_account(), signed_with_zero(&refusal("E0403"))).await;
    assert_eq!((write(&reply), reply.bank_now), ((BankAnswer::Declined, None, None), Some(NOW)));
    let reply = call(ask(), signed_with_zero(&refusal("E2101"))).await;
    assert!(matches!(reply.said, Said::Refused(RefusalOf::Question)));
    // the amount itself may be there as well, and is no echo of ours
    let whole = sealed(&with(refusal("E0403"), &json!({ "Amount": 0 })));
    assert_eq!(write(&call(issue_account(), whole).await), (BankAnswer::Declined, None, None));

    // what accepts is never read so, nor any other sign
    let accepted = with(accepted_account(), &json!({ "Amount": null }));
    let query = with(list(&json!([row()])), &json!({}));
    for (request, fields) in [(issue_account(), accepted), (ask(), query)] {
        assert_eq!(call(request, signed_with_zero(&fields)).await.code, "bad-sign");
    }
    let other = with(refusal("E0403"), &json!({ "Amount": 50000 }));
    let sign = envelope(&refusal("E0403"))["Sign"].clone();
    let body = with(envelope(&other), &json!({ "Sign": sign })).to_string();
    assert_eq!(call(issue_account(), http(200, body)).await.code, "bad-sign");
    let sign = envelope(&with(refusal("E0403"), &json!({ "Amount": 0 })))["Sign"].clone();
    let body = with(envelope(&other), &json!({ "Sign": sign })).to_string();
    assert_eq!(
        call(issue_account(), http(200, body)).await.code,
        "bad-sign",
        "an amount that is there counts"
    );
    // a refusal that carries another amount is about something else
    let another = sealed(&with(refusal("E0403"), &json!({ "Amount": 50100 })));
    let reply = call(issue_account(), another).await;
    assert_eq!(write(&reply), (BankAnswer::Unknown, None, Some("Amount: ours 50000, bank 50100")));
    // and a success echoes what was sent
    let zero = sealed(&with(accepted_account(), &json!({ "Amount": 0 })));
    assert_eq!(call(issue_account(), zero).await.code, "echo-differs");
}
