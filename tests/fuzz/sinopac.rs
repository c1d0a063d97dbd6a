//! Answers of SinoPac: as they come from the wire, and sealed with the right key, since no engine
//! guesses one.

use counterfoil_banks::sinopac::Sinopac;
use counterfoil_banks::sinopac::seal::{HashId, encipher, iv, sign, sign_text};
use counterfoil_banks::sinopac::wire::{self, Fields, Received};
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{BankAnswer, BankOrderNo, Moment, Twd};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, Inquiry, Said, SinopacKeys, Write};
use counterfoil_engine::shop::{Environment, ReturnAddress, SinopacSettings};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::paper::{Paper, bounded_reply, now};

const SHOP: &str = "BA0026_001";
const KEY_ID: &str = "1f078484-87fe-4c61-a77d-22d865eeb4f4";
const NUMBER: &str = "TL5K8000000001A";
const NONCE: &str = "YW5zd2VyLW5vbmNlLW5vYm9keS1tYXktc2Vl";
const BASE: &str = "http://127.0.0.1:4455/";
/// 2026-11-21T09:00:00+08:00
const NOW: Moment = Moment::from_millis(1_795_222_800_000);

/// A body of the Order service.
pub(crate) fn answer(body: &[u8]) {
    let received = wire::receive(body, &key(), SHOP);
    let genuine = matches!(received, Received::Genuine(_) | Received::OtherShop);
    if let Received::Genuine(fields) = &received {
        let outer: Fields = serde_json::from_slice(body).expect("what was verified is an object");
        let member = |name| wire::text(&outer, name).unwrap_or_default();
        let right = sign(&key(), &member("Nonce"), fields);
        assert!(right.eq_ignore_ascii_case(&member("Sign")), "believed without its sign");
        assert!(wire::says(fields, "ShopNo", SHOP) && wire::says(&outer, "ShopNo", SHOP), "of another shop");
    }
    let other = wire::receive(body, &other_key(), SHOP);
    assert!(matches!(other, Received::Plain(_) | Received::Forged(_)), "believed with another key");
    for request in requests() {
        let reply = call(request, body);
        match &reply.said {
            Said::Write { meaning, issued, .. } if !genuine => {
                assert_eq!((*meaning, issued), (BankAnswer::Unknown, &None), "{}", reply.code);
            }
            Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(_) => {
                assert!(genuine, "{}", reply.code);
            }
            Said::Write { .. } | Said::Silent => {}
        }
    }
}

/// The text of a message, sealed and signed as the bank does it.
pub(crate) fn message(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let fields = serde_json::from_str::<Fields>(text).ok();
    let sign = match &fields {
        Some(fields) => sign(&key(), NONCE, fields),
        None => sign_text(&key(), NONCE, text),
    };
    let message = encipher(&key(), &iv(NONCE), text);
    let body = json!({ "ShopNo": SHOP, "Nonce": NONCE, "Message": message, "Sign": sign }).to_string();
    let said = |name: &str| fields.as_ref().and_then(|fields| wire::text(fields, name));
    for request in requests() {
        let create =
            matches!(request, BankRequest::Write(Write::IssueAccount { .. } | Write::CreateLink { .. }));
        let question = matches!(request, BankRequest::Ask(Inquiry::Order { .. }));
        match call(request, body.as_bytes()).said {
            Said::Write { meaning: BankAnswer::Accepted, issued, .. } => {
                assert_eq!(said("Status").as_deref(), Some("S"));
                assert!(said("Description").unwrap().starts_with("S0000"));
                assert_eq!(said("OrderNo").as_deref(), Some(NUMBER));
                assert!(said("ShopNo").is_none_or(|no| no == SHOP));
                assert!(!create || said("Amount").as_deref() == Some("50000"));
                let issued = issued.map(|issued| (issued.account, issued.link));
                let (account, link) = issued.unwrap_or_default();
                assert_eq!(account.is_some() || link.is_some(), create, "something that a customer can use");
                assert!(link.is_none_or(|link| link.starts_with(BASE)), "a link of somebody else");
            }
            Said::Rows(rows) if question => {
                assert!(rows.len() <= 1 && rows.iter().all(|row| row.bank_order_no == NUMBER));
            }
            Said::Write { .. }
            | Said::Rows(_)
            | Said::Bill(_)
            | Said::Unequal(..)
            | Said::Refused(_)
            | Said::Silent => {}
        }
    }
}

/// A body of the Nonce service: plain JSON. It is what the usual reader reads, or nothing.
pub(crate) fn nonce(body: &[u8]) {
    let usual = serde_json::from_slice::<Value>(body).ok();
    match wire::nonce_of(body) {
        Ok(nonce) => {
            assert!(nonce.len() <= 512 && !nonce.trim().is_empty());
            let usual =
                usual.as_ref().and_then(Value::as_object).and_then(|object| wire::text(object, "Nonce"));
            assert_eq!(usual, Some(nonce));
        }
        Err(plain) => {
            assert!(plain.code.len() <= 8, "{}", plain.code);
            let read = Value::Object(plain.fields);
            assert!(members(&read) == 0 || usual.as_ref() == Some(&read));
            assert!(members(&read) == 0 || members(&read) == colons(body), "a name stands twice");
        }
    }
}

/// Members at every depth.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len() + fields.values().map(members).sum::<usize>(),
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Colons outside of texts: as many as members were written.
fn colons(json: &[u8]) -> usize {
    let (mut count, mut inside, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = inside,
            b'"' => inside = !inside,
            b':' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

fn call(request: BankRequest, body: &[u8]) -> BankReply {
    let nonce = json!({ "Nonce": NONCE }).to_string();
    let bank =
        Sinopac::new(&shop(), &keys("4D9709D699CA40EE"), Paper::new([nonce.as_bytes(), body])).unwrap();
    let reply = now(bank.call(request));
    bounded_reply(&reply);
    assert!(!reply.transcript.contains(KEY_ID), "the key of the gateway is a secret");
    reply
}

fn requests() -> [BankRequest; 6] {
    let number = || BankOrderNo::from_text(NUMBER);
    let (amount, product) = (Twd::new(500), "存根測試".to_owned());
    let return_url = "http://127.0.0.1:4460/r/00112233445566778899aabbccddeeff".to_owned();
    [
        BankRequest::Write(Write::IssueAccount {
            bank_order_no: number(),
            amount,
            product: product.clone(),
            expires_on: NOW.day(),
            return_url: return_url.clone(),
        }),
        BankRequest::Write(Write::CreateLink {
            bank_order_no: number(),
            amount,
            product,
            minutes: 10,
            auto_billing: true,
            return_url,
        }),
        BankRequest::Write(Write::Manage { kind: OperationKind::CancelAccount, bank_order_no: number() }),
        BankRequest::Ask(Inquiry::Order { bank_order_no: number() }),
        BankRequest::Ask(Inquiry::Token { token: SecretString::from("8ab3058e04bd1a58b54232987530c4fa") }),
        BankRequest::Ask(Inquiry::Uncaptured),
    ]
}

fn shop() -> SinopacSettings {
    SinopacSettings {
        environment: Environment::Custom,
        base_url: Some(BASE.to_owned()),
        shop_no: SHOP.to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        auto_billing: true,
        account_limit: Twd::new(30_000),
        paper: counterfoil_domain::refund::SinopacPaper::V25,
        own_prefixes: Vec::new(),
    }
}

/// The published sample keys, with this first half of the first pair.
fn keys(a1: &str) -> SinopacKeys {
    let secret = |text: &str| SecretString::from(text);
    SinopacKeys {
        key_id: secret(KEY_ID),
        a1: secret(a1),
        a2: secret("5A4FEF83140C4E9E"),
        b1: secret("BC74301945134CB4"),
        b2: secret("961F67F8FCA44AB9"),
    }
}

fn key() -> HashId {
    HashId::derive(&keys("4D9709D699CA40EE")).unwrap()
}

fn other_key() -> HashId {
    HashId::derive(&keys("4D9709D699CA40EF")).unwrap()
}
