//! CTBC: answers of the API, what a browser brings, and the form that we hand to one. As they come
//! from the wire, and sealed with the right key, since no engine guesses one.

use std::sync::OnceLock;

use counterfoil_banks::ctbc::seal::{self, MacFound, ShopKey};
use counterfoil_banks::ctbc::wire::{self, Fields};
use counterfoil_banks::ctbc::{
    Action, Brought, Ctbc, CtbcKeys, CtbcSettings, Found, Handles, Inquired, ReplyMac, Returned, Sale,
};
use counterfoil_domain::{BankAnswer, BankOrderNo, Twd};
use counterfoil_engine::ports::{BankReply, Said};
use counterfoil_engine::shop::{Environment, ReturnAddress};
use secrecy::SecretString;

use crate::paper::{Paper, bounded, bounded_reply, now};
use crate::published::ctbc_vectors;

const API_SHOP: &str = "2522";
const FORM_SHOP: &str = "10000";
const KEY: &str = "123456789012345678901234";
const OTHER_KEY: &str = "abcdefghijklmnopqrstuvwx";
const LIDM: &str = "TS20140410000005";
const AMOUNT: Twd = Twd::new(100);
const ACTIONS: [Action; 5] = [
    Action::Capture,
    Action::ReverseCapture,
    Action::ReverseAuthorization,
    Action::Refund { amount: Twd::new(40) },
    Action::ReverseRefund,
];

/// A body of the API.
pub(crate) fn answer(body: &[u8]) {
    for action in ACTIONS {
        let reply = manage(KEY, ReplyMac::Require, action, body);
        if is_accepted(&reply) {
            let (message, mac) = opened(body).expect("what is accepted opens");
            assert_eq!(mac, MacFound::Right, "believed without its MAC");
            assert_success(&message);
        }
    }
    let asked = inquire(KEY, ReplyMac::Require, body);
    if matches!(asked.found, Found::Row(_) | Found::Nothing | Found::Refused(_)) {
        assert_eq!(opened(body).map(|opened| opened.1), Some(MacFound::Right), "believed without its MAC");
    }
    let reply = manage(OTHER_KEY, ReplyMac::Check, Action::Capture, body);
    assert!(!is_accepted(&reply), "believed with another key");
    let asked = inquire(OTHER_KEY, ReplyMac::Check, body);
    assert!(matches!(asked.found, Found::Silent | Found::Unequal(..)), "believed with another key");
}

/// The bytes of a message, sealed with their MAC as the bank does it.
pub(crate) fn message(bytes: &[u8]) {
    let body = format!("MERID={API_SHOP}&ApiEnc={}", seal::api_enc(&key(KEY), bytes));
    for action in ACTIONS {
        if is_accepted(&manage(KEY, ReplyMac::Check, action, body.as_bytes())) {
            assert_success(&opened(body.as_bytes()).expect("what is accepted opens").0);
        }
    }
    let asked = inquire(KEY, ReplyMac::Check, body.as_bytes());
    if let Found::Row(row) = &asked.found {
        let message = opened(body.as_bytes()).expect("what is a row opens").0;
        assert_success(&message);
        assert!(row.amount.is_none_or(|amount| amount == AMOUNT), "a row of another amount");
        let lidm =
            serde_json::from_str::<Fields>(&message).ok().and_then(|fields| wire::text(&fields, "LID-M"));
        assert!(lidm.is_none_or(|lidm| lidm == LIDM), "a row of another order");
    }
}

/// The body of the form that a browser brings.
pub(crate) fn returned(body: &[u8]) {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    known_or_unverified(&shop(KEY, FORM_SHOP).read_return(&fields));
    assert_eq!(shop(OTHER_KEY, FORM_SHOP).read_return(&fields), Returned::Unverified);
    assert_eq!(shop(KEY, "10001").read_return(&fields), Returned::Unverified, "of another shop");
}

/// The text inside its URLResEnc, with a valid seal.
pub(crate) fn returned_text(bytes: &[u8]) {
    let sealed = seal::encipher(&key(KEY), bytes);
    known_or_unverified(&shop(KEY, FORM_SHOP).read_return(&brought(&sealed)));
}

/// Three lines that a person typed: name, description, address. The form sends exactly these
/// values.
pub(crate) fn form(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default().to_owned();
    let sale = Sale {
        bank_order_no: BankOrderNo::from_text("ORD20240101_0001"),
        amount: Twd::new(1680),
        merchant_name: line(),
        description: line(),
        return_url: line(),
    };
    let Ok(form) = shop(KEY, FORM_SHOP).form(&sale) else { return };
    assert!(form.url_enc.bytes().all(|b| b.is_ascii_hexdigit()) && form.url_enc.len() <= 4096);
    let plain = seal::from_big5(&seal::decipher(&key(KEY), &form.url_enc).unwrap()).unwrap();
    let fields = wire::return_fields(&plain).expect("no name stands twice");
    assert_eq!(fields.len(), 13, "a value has become a field: {plain}");
    for (name, value) in [
        ("merchantname", sale.merchant_name.trim()),
        ("orderdetail", sale.description.trim()),
        ("authresurl", sale.return_url.as_str()),
        ("purchamt", "1680"),
        ("lidm", "ORD20240101_0001"),
        ("autocap", "1"),
    ] {
        assert_eq!(fields.get(name).map(String::as_str), Some(value));
    }
}

/// The engine has no key, so the only sales that may be verified are the published ones.
fn known_or_unverified(returned: &Returned) {
    static KNOWN: OnceLock<Vec<Brought>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let published = ctbc_vectors(|vector| vector["input"]["URLResEnc"].is_string());
        let sealed = published.iter().filter_map(|vector| vector["input"]["URLResEnc"].as_str());
        let known: Vec<Brought> = sealed
            .filter_map(|sealed| match shop(KEY, FORM_SHOP).read_return(&brought(sealed)) {
                Returned::Verified(brought) => Some(brought),
                Returned::Unverified => None,
            })
            .collect();
        assert!(known.len() >= 3, "the published returns are read");
        known
    });
    if let Returned::Verified(brought) = returned {
        assert!(known.contains(brought), "believed without its OutMac: {brought:?}");
    }
}

fn brought(sealed: &str) -> Vec<(String, String)> {
    vec![("URLResEnc".to_owned(), sealed.to_owned()), ("merID".to_owned(), FORM_SHOP.to_owned())]
}

fn opened(body: &[u8]) -> Option<(String, MacFound)> {
    seal::open_api(&key(KEY), wire::envelope(body).ok()?.api_enc).ok()
}

/// By the usual reader: the one success, whatever ours thinks.
fn assert_success(message: &str) {
    let fields: Fields = serde_json::from_str(message).expect("what is believed is an object");
    let status = wire::text(&fields, "RespCode").expect("a status");
    assert!(matches!(status.as_str(), "0" | "00"), "{message}");
    assert_eq!(wire::text(&fields, "ErrCode").as_deref(), Some("00"), "{message}");
}

fn is_accepted(reply: &BankReply) -> bool {
    matches!(reply.said, Said::Write { meaning: BankAnswer::Accepted, .. })
}

fn manage(mac_key: &str, reply_mac: ReplyMac, action: Action, body: &[u8]) -> BankReply {
    let reply =
        now(bank(mac_key, API_SHOP, reply_mac, Paper::new([body])).manage(action, AMOUNT, &handles()));
    bounded_reply(&reply);
    assert!(!reply.transcript.contains(mac_key), "the key is a secret");
    reply
}

fn inquire(mac_key: &str, reply_mac: ReplyMac, body: &[u8]) -> Inquired {
    let bank = bank(mac_key, API_SHOP, reply_mac, Paper::new([body, body]));
    let asked = now(bank.inquire(&BankOrderNo::from_text(LIDM), AMOUNT, None));
    let facts = match &asked.found {
        Found::Unequal(_, facts) => Some(facts.as_str()),
        Found::Row(_) | Found::Nothing | Found::Refused(_) | Found::Silent => None,
    };
    bounded(&asked.code, &asked.transcript, facts);
    assert!(!asked.transcript.contains(mac_key), "the key is a secret");
    asked
}

fn handles() -> Handles {
    Handles {
        xid: "ABFA455300006404220_TS20140410000005".to_owned(),
        auth_code: "003313".to_owned(),
        auth_rrpid: None,
        term_seq: Some("49".to_owned()),
        batch_id: Some("2".to_owned()),
        batch_seq: Some("4".to_owned()),
    }
}

fn shop(mac_key: &str, mer_id: &str) -> Ctbc<Paper> {
    bank(mac_key, mer_id, ReplyMac::Check, Paper::new([]))
}

fn bank(mac_key: &str, mer_id: &str, reply_mac: ReplyMac, paper: Paper) -> Ctbc<Paper> {
    let settings = CtbcSettings {
        environment: Environment::Custom,
        base_url: Some("http://127.0.0.1:4455".to_owned()),
        mer_id: mer_id.to_owned(),
        merchant_id: "8220000000001".to_owned(),
        terminal_id: "90000001".to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        reply_mac,
        iv: CtbcSettings::IV,
        refund_remainder: true,
        batch: counterfoil_domain::calendar::BankCalendar::default(),
    };
    Ctbc::new(&settings, &CtbcKeys { mac_key: SecretString::from(mac_key) }, paper).unwrap()
}

fn key(mac_key: &str) -> ShopKey {
    ShopKey::new(&SecretString::from(mac_key), seal::IV).unwrap()
}
