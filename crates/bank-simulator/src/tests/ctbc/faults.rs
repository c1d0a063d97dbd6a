//! Each fault on NewPos and on the browser's way: what leaves the bank, and whether it acted.

use std::time::Duration;

use super::*;

/// Captures A1 under a fault, beside an older sale that was captured before.
fn under(kind: &str, more: &Value) -> (Simulator, HttpAnswer) {
    let mut bank = bank();
    let old = authorized(&mut bank, "OLD", "700");
    assert_eq!(code(&act(&mut bank, &old, "Cap", 700)), "0/00");
    let line = authorized(&mut bank, "A1", "500");
    let mut args = json!({"kind": kind, "match": "Cap"});
    args.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    bank.control("fault", &args).unwrap();
    let answer = bank.handle(&sealed("/NewPos/Cap", &full(&line, "Cap", 500)));
    assert_eq!(bank.calls().last().unwrap().fault.as_deref(), Some(kind));
    assert_eq!(bank.control("faults", &json!({})).unwrap(), json!({"faults": []}));
    (bank, answer)
}

fn did(bank: &Simulator) -> bool {
    let queued = state(bank, "A1") == "10";
    assert_eq!(bank.calls().last().unwrap().acted, queued);
    queued
}

fn api_enc(answer: &HttpAnswer) -> String {
    let body = String::from_utf8(answer.body.clone()).unwrap();
    body.strip_prefix("MERID=10000&ApiEnc=").unwrap().to_owned()
}

/// The JSON bytes and what follows them.
fn plain(answer: &HttpAnswer) -> (Vec<u8>, Vec<u8>) {
    let plain = key().decrypt(&api_enc(answer)).unwrap();
    let end = plain.iter().rposition(|byte| *byte == b'}').unwrap() + 1;
    (plain[..end].to_vec(), plain[end..].to_vec())
}

#[test]
fn a_lost_request_or_answer() {
    let (bank, answer) = under("drop-before", &json!({}));
    assert_eq!((answer.effect, did(&bank)), (Effect::Drop, false));
    let (bank, answer) = under("drop-after", &json!({}));
    assert_eq!((answer.effect, did(&bank)), (Effect::Drop, true));
    let (bank, answer) = under("delay", &json!({"seconds": 120}));
    assert_eq!((answer.effect, did(&bank)), (Effect::Delay(Duration::from_mins(2)), true));
}

#[test]
fn html_instead_of_an_answer() {
    for (kind, status) in [("html-200", 200), ("html-500", 500), ("html-502", 502), ("html-503", 503)] {
        let (bank, answer) = under(kind, &json!({}));
        assert_eq!((answer.status, did(&bank)), (status, false));
        assert!(String::from_utf8(answer.body).unwrap().contains("<title>重要公告</title>"));
        let (bank, answer) = under(kind, &json!({"acts": true}));
        assert_eq!((answer.status, did(&bank)), (status, true));
    }
}

#[test]
fn a_forged_or_missing_mac() {
    for kind in ["wrong-mac", "wrong-sign"] {
        let (bank, answer) = under(kind, &json!({}));
        assert!(did(&bank));
        let (json, mac) = plain(&answer);
        assert_eq!(mac.len(), 48);
        assert_ne!(key().mac(&json).as_bytes(), mac);
    }
    let (bank, answer) = under("no-mac", &json!({}));
    assert!(did(&bank));
    assert!(plain(&answer).1.is_empty());
}

#[test]
fn broken_bodies() {
    let whole = under("delay:0", &json!({})).1.body;
    let (bank, answer) = under("truncated", &json!({}));
    assert_eq!((answer.body.len(), answer.effect, did(&bank)), (whole.len() / 2, Effect::Send, true));
    let (_, answer) = under("cut", &json!({}));
    let after = whole.len() / 2;
    assert_eq!(
        (answer.body.len(), answer.effect),
        (whole.len(), Effect::Cut { after, hold: Duration::ZERO })
    );
    let (bank, answer) = under("hang:60", &json!({}));
    assert_eq!((answer.effect, did(&bank)), (Effect::Cut { after, hold: Duration::from_mins(1) }, true));
    let (_, answer) = under("flip:20", &json!({}));
    let differing = answer.body.iter().zip(&whole).filter(|(one, two)| one != two).count();
    assert_eq!((answer.body.len(), differing), (whole.len(), 1));
    let (_, answer) = under("big-body", &json!({}));
    assert_eq!(answer.effect, Effect::Pad { bytes: 50_000_000 });
    let (_, answer) = under("bom", &json!({}));
    assert_eq!(answer.body[..3], [0xEF, 0xBB, 0xBF]);
    let (_, answer) = under("duplicate-keys", &json!({}));
    assert!(answer.body.ends_with(b"&MERID=10000"));
}

#[test]
fn properly_sealed_lies() {
    let (bank, answer) = under("unequal-amount", &json!({}));
    assert_eq!((opened(&answer).text("ResAmt"), did(&bank)), ("901 501 0", true));
    let (bank, answer) = under("unequal-order", &json!({}));
    let line = bank.card(SHOP, "A1").unwrap();
    assert!(opened(&answer).text("XID").ends_with("_AX") && line.xid.ends_with("_A1"));
    let (_, answer) = under("unequal-shop", &json!({}));
    assert!(answer.body.starts_with(b"MERID=10007&ApiEnc="));
    let (bank, answer) = under("unlisted-code", &json!({}));
    assert_eq!((code(&opened(&answer)).as_str(), did(&bank)), ("99/zz", true));
    let (bank, answer) = under("unlisted-code", &json!({"acts": false}));
    assert_eq!((code(&opened(&answer)).as_str(), did(&bank)), ("99/zz", false));
    let (_, answer) = under("duplicate-keys-inside", &json!({}));
    let (json, mac) = plain(&answer);
    assert_eq!(key().mac(&json).as_bytes(), mac);
    assert_eq!(String::from_utf8(json).unwrap().matches("\"RespCode\"").count(), 2);
    let (_, answer) = under("wrong-charset", &json!({}));
    let (json, mac) = plain(&answer);
    assert_eq!(key().mac(&json).as_bytes(), mac);
    assert!(String::from_utf8(json).unwrap().contains("處理成功"));
}

#[test]
fn an_answer_about_another_order() {
    let (bank, answer) = under("replay", &json!({}));
    assert!(did(&bank));
    let old = bank.card(SHOP, "OLD").unwrap();
    assert_eq!(opened(&answer).text("XID"), old.xid);
}

#[test]
fn a_listed_code_instead_of_acting_or_after_it() {
    let (bank, answer) = under("code:3/40", &json!({}));
    assert_eq!((code(&opened(&answer)).as_str(), did(&bank)), ("3/40", false));
    let (bank, answer) = under("code:4/1", &json!({"acts": true}));
    assert_eq!((code(&opened(&answer)).as_str(), did(&bank)), ("4/1", true));
}

#[test]
fn a_fault_meets_its_bank_its_service_and_its_order() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    let fault = |bank: &mut Simulator, args: Value| bank.control("fault", &args).unwrap();
    fault(&mut bank, json!({"kind": "drop-before", "bank": "sinopac"}));
    fault(&mut bank, json!({"kind": "wrong-nonce"}));
    fault(&mut bank, json!({"kind": "code:E0302"}));
    fault(&mut bank, json!({"kind": "drop-before", "match": "CapRev", "order": "A2"}));
    assert_eq!(acted(&mut bank, "A1", "CapRev", 0), "0/00");
    fault(&mut bank, json!({"kind": "code:2/40", "order": "A1", "bank": "ctbc"}));
    assert_eq!(acted(&mut bank, "A1", "Cap", 500), "2/40");
    let left = bank.control("faults", &json!({"clear": false})).unwrap();
    assert_eq!(left["faults"].as_array().unwrap().len(), 4);
}

/// Pays under a fault of the reply.
fn replied(kind: &str) -> Option<String> {
    let mut bank = bank();
    sold(&mut bank, "OLD", "700");
    open(&mut bank, "A1", "500");
    bank.control("fault", &json!({"kind": kind, "match": "AuthReply", "order": "A1"})).unwrap();
    let paid = bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": "A1"})).unwrap();
    assert_eq!(state(&bank, "A1"), "10", "the bank acted");
    assert_eq!(bank.control("faults", &json!({})).unwrap(), json!({"faults": []}));
    paid["return"]["fields"]["URLResEnc"].as_str().map(str::to_owned)
}

fn plain_reply(sealed: &str) -> String {
    crate::ctbc::from_big5(&key().decrypt(sealed).unwrap()).unwrap()
}

#[test]
fn the_browsers_reply_is_lost_forged_broken_or_lies() {
    assert_eq!(replied("drop-before"), None);
    assert_eq!(replied("drop-after"), None);
    let good = opened_reply(&replied("unequal-order").unwrap());
    assert_eq!((good["lidm"].as_str(), good["status"].as_str()), ("AX", "0"), "properly sealed");
    assert_eq!(opened_reply(&replied("unequal-amount").unwrap())["authAmt"], "501");
    assert_eq!(opened_reply(&replied("unequal-shop").unwrap())["merID"], "10007");
    assert_eq!(opened_reply(&replied("unlisted-code").unwrap())["errcode"], "zz");
    let code = opened_reply(&replied("code:8/05").unwrap());
    assert_eq!((code["status"].as_str(), code["errDesc"].as_str()), ("8", "拒絕交易"));
    assert_eq!(opened_reply(&replied("replay").unwrap())["lidm"], "OLD");
    let no_mac = plain_reply(&replied("no-mac").unwrap());
    assert!(no_mac.contains("&outmac=&"));
    let forged = plain_reply(&replied("wrong-mac").unwrap());
    let mac = forged.split_once("outmac=").unwrap().1.split_once('&').unwrap().0.to_owned();
    assert_eq!(mac.len(), 48);
    assert!(std::panic::catch_unwind(|| opened_reply(&key().encrypt(&crate::ctbc::big5(&forged)))).is_err());
    let doubled = plain_reply(&replied("duplicate-keys-inside").unwrap());
    assert_eq!(doubled.matches("status=").count(), 2);
    let half = replied("truncated").unwrap();
    let flipped = replied("flip:3").unwrap();
    assert!(half.len() < flipped.len());
    let utf8 = key().decrypt(&replied("wrong-charset").unwrap()).unwrap();
    assert!(String::from_utf8(utf8).unwrap().contains("errDesc=處理成功"));
}

#[test]
fn the_first_page_can_be_lost_refused_or_replaced() {
    let page = |kind: &str| {
        let mut bank = bank();
        bank.control("fault", &json!({"kind": kind, "match": "SSLAuthUI", "seconds": 3})).unwrap();
        let answer = bank.handle(&form(&sale("A1", "500"), "1"));
        let opened = !bank.control("books", &json!({})).unwrap()["forms"].as_array().unwrap().is_empty();
        (answer, opened)
    };
    let (answer, opened) = page("drop-before");
    assert_eq!((answer.effect, opened), (Effect::Drop, false));
    let (answer, opened) = page("drop-after");
    assert_eq!((answer.effect, opened), (Effect::Drop, true));
    let (answer, opened) = page("html-503");
    assert_eq!((answer.status, opened), (503, false));
    let (answer, opened) = page("delay");
    assert_eq!((answer.effect, opened), (Effect::Delay(Duration::from_secs(3)), true));
    assert!(matches!(page("cut").0.effect, Effect::Cut { .. }));
    let (answer, opened) = page("code:10/105");
    assert!(!opened && String::from_utf8(answer.body).unwrap().contains("URLResEnc"));
}

#[test]
fn pages_and_replies_must_be_named() {
    let mut bank = bank();
    bank.control("fault", &json!({"kind": "drop-before", "match": "*"})).unwrap();
    sold(&mut bank, "A1", "500");
    assert_eq!(bank.handle(&sealed_text("/NewQuery/InquiryByLidm", "{\"A\":\"1\"}")).effect, Effect::Drop);
}
