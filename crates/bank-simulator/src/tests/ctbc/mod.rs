//! The CTBC dialect from outside: forms and messages sealed by a small client of the tests' own,
//! answers opened and verified.

mod batches;
mod cards;
mod control;
mod envelope;
mod faults;
mod forms;
#[path = "../../../../../tests/vectors/published.rs"]
mod published;
mod queries;
mod refunds;
mod refusals;
mod states;
mod switches;
mod vectors;
mod wire;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ctbc::{Fields, Key};
use crate::{BankTime, CardLine, Doors, Effect, HttpAnswer, HttpRequest, Simulator, demo_ctbc};

pub(crate) const SHOP: &str = "10000";
const KEY: &str = "123456789012345678901234";
const RETURN: &str = "http://127.0.0.1:9/return";

/// A simulator on the morning of Monday 2026-11-23, with one shop.
pub(crate) fn bank() -> Simulator {
    bank_of(&json!([{"name": "demo", "payee_name": "存根示範商店", "ctbc": demo_ctbc()}]))
}

pub(crate) fn bank_of(shops: &Value) -> Simulator {
    Simulator::new(shops, at("2026-11-23T10:00:00+08:00"), 7).unwrap()
}

pub(crate) fn at(text: &str) -> BankTime {
    BankTime::from_rfc3339(text).unwrap()
}

pub(crate) fn key() -> Key {
    Key::new(KEY, "hywebpg5").unwrap()
}

pub(crate) fn post(path: &str, body: String) -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
        body: body.into_bytes(),
        source_ip: "127.0.0.1".parse().unwrap(),
    }
}

/// The fields of a normal sale, AutoCap 1.
pub(crate) fn sale(lidm: &str, amount: &str) -> Vec<(&'static str, String)> {
    let rows = [
        ("MerchantID", "8220000000001"),
        ("TerminalID", "90000001"),
        ("lidm", lidm),
        ("purchAmt", amount),
        ("txType", "0"),
        ("MerchantName", "存根"),
        ("AuthResURL", RETURN),
        ("OrderDetail", "茶"),
        ("ProdCode", ""),
        ("AutoCap", "1"),
        ("customize", "1"),
        ("NumberOfPay", "1"),
    ];
    rows.map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// Changes a field, or adds it.
pub(crate) fn with(
    mut fields: Vec<(&'static str, String)>,
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    match fields.iter_mut().find(|field| field.0 == name) {
        Some(field) => value.clone_into(&mut field.1),
        None => fields.push((name, value.to_owned())),
    }
    fields
}

/// Seals a form, with InMac by `option`.
pub(crate) fn form(fields: &[(&'static str, String)], option: &str) -> HttpRequest {
    let text = |name: &str| fields.iter().find(|field| field.0 == name).map_or("", |field| field.1.as_str());
    let members =
        [text("MerchantID"), text("TerminalID"), text("lidm"), text("purchAmt"), text("txType"), option];
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let plain = format!("{}&InMac={}", pairs.join("&"), key().bar_mac(&members));
    let sealed = key().encrypt(&crate::ctbc::big5(&plain));
    post("/mauth/SSLAuthUI.jsp", format!("merID={SHOP}&URLEnc={sealed}"))
}

/// Posts the form of a normal sale and gives the page.
pub(crate) fn open(bank: &mut Simulator, lidm: &str, amount: &str) -> String {
    let answer = bank.handle(&form(&sale(lidm, amount), "1"));
    assert_eq!(answer.status, 200);
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.contains("CardNo1"), "{page}");
    page
}

/// A sale that is paid: its line in the books.
pub(crate) fn sold(bank: &mut Simulator, lidm: &str, amount: &str) -> CardLine {
    open(bank, lidm, amount);
    bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": lidm})).unwrap();
    bank.card(SHOP, lidm).unwrap()
}

/// A sale that is authorized and not in the capture file.
pub(crate) fn authorized(bank: &mut Simulator, lidm: &str, amount: &str) -> CardLine {
    let fields = with(sale(lidm, amount), "AutoCap", "0");
    bank.handle(&form(&fields, "1"));
    bank.control("pay", &json!({"bank": "ctbc", "shop": SHOP, "order": lidm})).unwrap();
    let line = bank.card(SHOP, lidm).unwrap();
    assert_eq!(line.state, "1");
    line
}

/// A sale that a batch has collected.
pub(crate) fn captured(bank: &mut Simulator, lidm: &str, amount: &str) -> CardLine {
    sold(bank, lidm, amount);
    batch(bank);
    let line = bank.card(SHOP, lidm).unwrap();
    assert_eq!(line.state, "12");
    line
}

pub(crate) fn batch(bank: &mut Simulator) {
    bank.control("run_batch", &json!({"phase": "both"})).unwrap();
}

pub(crate) fn state(bank: &Simulator, lidm: &str) -> String {
    bank.card(SHOP, lidm).unwrap().state
}

pub(crate) fn switch(bank: &mut Simulator, name: &str, value: impl Into<Value>) {
    bank.control("switch", &json!({ name: value.into() })).unwrap();
}

/// What the fields of a browser's return say.
pub(crate) fn returned(fields: &Value) -> BTreeMap<String, String> {
    assert_eq!(fields["merID"], SHOP);
    opened_reply(fields["URLResEnc"].as_str().unwrap())
}

/// Opens a `URLResEnc` and verifies its outmac.
pub(crate) fn opened_reply(sealed: &str) -> BTreeMap<String, String> {
    let plain = crate::ctbc::from_big5(&key().decrypt(sealed).unwrap()).unwrap();
    let pairs = plain.split('&').map(|pair| pair.split_once('=').unwrap());
    let said: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let of = |name: &str| said[name].as_str();
    let members = [
        of("status"),
        of("errcode"),
        of("authCode"),
        of("authAmt"),
        of("lidm"),
        "",
        "",
        "",
        of("numberOfPay"),
        of("Last4digitPAN"),
    ];
    assert_eq!(key().bar_mac(&members), said["outmac"]);
    said
}

/// The full shape of an operation about a transaction.
pub(crate) fn full(line: &CardLine, operation: &str, amount: i64) -> Vec<(&'static str, String)> {
    let (kind, amount_name, batch) = members(operation);
    let mut fields = vec![
        ("SSL-TYPE", kind.to_owned()),
        ("MERID", SHOP.to_owned()),
        ("AuthCode", line.auth_code.clone()),
        ("XID", line.xid.clone()),
        ("OrgAmt", format!("901 {} 0", line.amount)),
        (amount_name, format!("901 {amount} 0")),
        ("AuthRRPID", line.xid.clone()),
    ];
    if matches!(operation, "Cap" | "CapRev" | "Reversal") {
        fields.push(("TermSeq", line.term_seq.to_string()));
    }
    if let Some((id, seq)) = batch {
        fields.push((id, line.batch_id.unwrap_or(1).to_string()));
        fields.push((seq, line.batch_seq.unwrap_or(1).to_string()));
    }
    fields.push(("VERSION", "2.9".to_owned()));
    fields.push(("SwRevision", "PosApi for PG6(PHP) 2.9 date: 2023/11/02".to_owned()));
    fields
}

/// The short shape of an operation about a transaction.
pub(crate) fn short(line: &CardLine, operation: &str, amount: i64) -> Vec<(&'static str, String)> {
    vec![
        ("MERID", SHOP.to_owned()),
        ("LID-M", line.order.clone()),
        ("AuthCode", line.auth_code.clone()),
        ("XID", line.xid.clone()),
        ("OrgAmt", format!("901 {} 0", line.amount)),
        (members(operation).1, format!("901 {amount} 0")),
        ("VERSION", "3.2".to_owned()),
        ("SwRevision", "MicroQuery Server 3.2 (2019/10/25)".to_owned()),
    ]
}

type Names = (&'static str, &'static str);

fn members(operation: &str) -> (&'static str, &'static str, Option<Names>) {
    match operation {
        "Cap" => ("SSL_CAP", "CapAmt", None),
        "CapRev" => ("SSL_CAPREV", "CapRevAmt", Some(("BatchID", "BatchSeq"))),
        "Reversal" => ("SSL_AUTHREV", "AuthNewAmt", None),
        "Refund" => ("SSL_CRED", "CredAmt", Some(("CapBatchID", "CapBatchSeq"))),
        "RefundRev" => ("SSL_CREDREV", "CredRevAmt", Some(("CredBatchID", "CredBatchSeq"))),
        other => panic!("{other}"),
    }
}

/// Seals a message.
pub(crate) fn sealed(path: &str, fields: &[(&'static str, String)]) -> HttpRequest {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    sealed_text(path, &format!("{{{}}}", pairs.join(",")))
}

pub(crate) fn sealed_text(path: &str, json: &str) -> HttpRequest {
    let mut json = crate::ctbc::big5(json);
    let mac = key().mac(&json);
    json.extend(mac.bytes());
    post(path, format!("ApiEnc={}&MERID={SHOP}", key().encrypt(&json)))
}

/// Opens an answer and verifies its MAC.
pub(crate) fn opened(answer: &HttpAnswer) -> Fields {
    assert_eq!((answer.status, answer.effect), (200, Effect::Send));
    let body = String::from_utf8(answer.body.clone()).unwrap();
    opened_body(body.strip_prefix(&format!("MERID={SHOP}&ApiEnc=")).unwrap())
}

pub(crate) fn opened_body(api_enc: &str) -> Fields {
    let plain = key().decrypt(api_enc).unwrap();
    let (json, mac) = plain.split_at(plain.len() - 48);
    assert_eq!(key().mac(json).as_bytes(), mac);
    Fields::read(&crate::ctbc::from_big5(json).unwrap()).unwrap()
}

/// `RespCode/ErrCode`.
pub(crate) fn code(fields: &Fields) -> String {
    format!("{}/{}", fields.text("RespCode"), fields.text("ErrCode"))
}

/// Sends an operation in the full shape.
pub(crate) fn act(bank: &mut Simulator, line: &CardLine, operation: &str, amount: i64) -> Fields {
    let path = format!("/NewPos/{operation}");
    opened(&bank.handle(&sealed(&path, &full(line, operation, amount))))
}

/// Sends an operation on the transaction as it is now, in the full shape, and returns the code.
pub(crate) fn acted(bank: &mut Simulator, lidm: &str, operation: &str, amount: i64) -> String {
    let line = bank.card(SHOP, lidm).unwrap();
    code(&act(bank, &line, operation, amount))
}

/// An operation that must be refused with this code in both shapes, and must change nothing.
pub(crate) fn refused(bank: &mut Simulator, lidm: &str, operation: &str, amount: i64, expected: &str) {
    let before = bank.card(SHOP, lidm).unwrap();
    let path = format!("/NewPos/{operation}");
    for fields in [full(&before, operation, amount), short(&before, operation, amount)] {
        let answer = opened(&bank.handle(&sealed(&path, &fields)));
        assert_eq!(code(&answer), expected, "{operation} {amount} at {}", before.state);
        assert!(!answer.text("ERRDESC").is_empty());
        assert!(!bank.calls().last().unwrap().acted);
    }
    assert_eq!(bank.card(SHOP, lidm).unwrap(), before);
}

pub(crate) fn inquiry(bank: &mut Simulator, lidm: &str, amount: i64) -> Fields {
    let fields = [
        ("SSL-TYPE", "SSL_INQUIRY".to_owned()),
        ("MERID", SHOP.to_owned()),
        ("LID-M", lidm.to_owned()),
        ("PurchAmt", format!("901 {amount} 0")),
        ("RECUR_NUM", "0".to_owned()),
        ("TX_ATTRIBUTE", "0".to_owned()),
        ("VERSION", "2.9".to_owned()),
        ("SwRevision", "x".to_owned()),
    ];
    opened(&bank.handle(&sealed("/NewQuery/Inquiry", &fields)))
}

pub(crate) fn by_lidm(bank: &mut Simulator, lidm: &str) -> Fields {
    let fields = [
        ("MERID", SHOP.to_owned()),
        ("LID-M", lidm.to_owned()),
        ("VERSION", "3.2".to_owned()),
        ("SwRevision", "MicroQuery Server 3.2 (2019/10/25)".to_owned()),
    ];
    opened(&bank.handle(&sealed("/NewQuery/InquiryByLidm", &fields)))
}
