//! A bank on paper: answers are written down beforehand, in order, and what was sent is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use counterfoil_banks::sinopac::Sinopac;
use counterfoil_banks::sinopac::seal::{HashId, open, seal};
use counterfoil_banks::transport::{HttpReply, HttpRequest, SendError, Transport};
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{BankAnswer, BankOrderNo, Issued, Moment, Twd};
use counterfoil_engine::ports::{
    BankPort, BankReply, BankRequest, BoxFuture, Inquiry, Said, SinopacKeys, Write,
};
use counterfoil_engine::shop::{Environment, ReturnAddress, SinopacSettings};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

pub(crate) const SHOP: &str = "BA0026_001";
pub(crate) const KEY_ID: &str = "1f078484-87fe-4c61-a77d-22d865eeb4f4";
pub(crate) const A1: &str = "4D9709D699CA40EE";
pub(crate) const A2: &str = "5A4FEF83140C4E9E";
pub(crate) const B1: &str = "BC74301945134CB4";
pub(crate) const B2: &str = "961F67F8FCA44AB9";
pub(crate) const HASH_ID: &str = "17D8E6558DC60E702A6B57E1B9B7060D";
pub(crate) const REQUEST_NONCE: &str = "cmVxdWVzdC1ub25jZS1ub2JvZHktbWF5LXNlZQ==";
pub(crate) const ANSWER_NONCE: &str = "YW5zd2VyLW5vbmNlLW5vYm9keS1tYXktc2Vl";
pub(crate) const ACCOUNT: &str = "99922530174617";
pub(crate) const LINK: &str = "http://127.0.0.1:4455/QPay.WebPaySite/Bridge/PayCard?TD=BA002600000001&TK=\
                        a135ccb2-2e4c-4af4-b4ef-dfece6367731";
/// 2026-11-21T09:00:00+08:00
pub(crate) const NOW: Moment = Moment::from_millis(1_795_222_800_000);

pub(crate) fn keys_of(a1: &str, a2: &str, b1: &str, b2: &str) -> SinopacKeys {
    let secret = |text: &str| SecretString::from(text);
    SinopacKeys { key_id: secret(KEY_ID), a1: secret(a1), a2: secret(a2), b1: secret(b1), b2: secret(b2) }
}

pub(crate) fn keys() -> SinopacKeys {
    keys_of(A1, A2, B1, B2)
}

pub(crate) fn hash_id() -> HashId {
    HashId::derive(&keys()).unwrap()
}

pub(crate) fn shop() -> SinopacSettings {
    SinopacSettings {
        environment: Environment::Custom,
        base_url: Some("http://127.0.0.1:4455/funBIZ-Sbx/QPay.WebAPI/api".to_owned()),
        shop_no: SHOP.to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        auto_billing: true,
        account_limit: Twd::new(30_000),
        paper: counterfoil_domain::refund::SinopacPaper::V25,
        own_prefixes: Vec::new(),
    }
}

type Step = Result<HttpReply, SendError>;

/// A transport that answers from a list.
#[derive(Clone, Default)]
pub(crate) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    pub(crate) sent: Arc<Mutex<Vec<HttpRequest>>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: Arc::new(Mutex::new(steps.into_iter().collect())), sent: Arc::default() }
    }

    /// A nonce, then this.
    pub(crate) fn after_nonce(step: Step) -> Self {
        Self::new([nonce(), step])
    }

    pub(crate) fn bank(&self) -> Sinopac<Self> {
        Sinopac::new(&shop(), &keys(), self.clone()).unwrap()
    }

    /// The opened message of a sent `Order` request.
    pub(crate) fn message(&self, at: usize) -> Map<String, Value> {
        let sent = self.sent.lock().unwrap();
        let envelope: Value = serde_json::from_str(&sent[at].body).unwrap();
        let text = |name: &str| envelope[name].as_str().unwrap();
        open(&hash_id(), text("Nonce"), text("Message"), text("Sign")).unwrap()
    }
}

impl Transport for Script {
    fn post(&self, request: HttpRequest) -> BoxFuture<'_, Step> {
        self.sent.lock().unwrap().push(request);
        let step = self.steps.lock().unwrap().pop_front().expect("no further request was written down");
        Box::pin(async move { step })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a step of a script, as the others")]
pub(crate) fn http(status: u16, body: impl Into<Vec<u8>>) -> Step {
    Ok(HttpReply { status, date: Some(NOW), body: body.into() })
}

pub(crate) fn nonce() -> Step {
    http(200, json!({ "Nonce": REQUEST_NONCE }).to_string())
}

/// A sealed answer of the bank.
pub(crate) fn sealed(fields: &Value) -> Step {
    http(200, envelope(fields).to_string())
}

pub(crate) fn envelope(fields: &Value) -> Value {
    let sealed = seal(&hash_id(), ANSWER_NONCE, fields.as_object().unwrap());
    json!({ "Version": "1.0.0", "ShopNo": SHOP, "APIService": "OrderCreate", "Sign": sealed.sign,
            "Nonce": ANSWER_NONCE, "Message": sealed.message })
}

pub(crate) fn number() -> BankOrderNo {
    BankOrderNo::from_text("TL5K8000000001A")
}

pub(crate) fn issue_account() -> BankRequest {
    BankRequest::Write(Write::IssueAccount {
        bank_order_no: number(),
        amount: Twd::new(500),
        product: "存根測試".to_owned(),
        expires_on: NOW.day(),
        return_url: "http://127.0.0.1:4460/r/00112233445566778899aabbccddeeff".to_owned(),
    })
}

pub(crate) fn create_link() -> BankRequest {
    BankRequest::Write(Write::CreateLink {
        bank_order_no: number(),
        amount: Twd::new(500),
        product: "存根測試".to_owned(),
        minutes: 10,
        auto_billing: true,
        return_url: "http://127.0.0.1:4460/r/00112233445566778899aabbccddeeff".to_owned(),
    })
}

pub(crate) fn cancel() -> BankRequest {
    BankRequest::Write(Write::Manage { kind: OperationKind::CancelAccount, bank_order_no: number() })
}

pub(crate) fn refund(kind: OperationKind, amount: i64, token: Option<&str>) -> BankRequest {
    BankRequest::Write(Write::Refund {
        kind,
        bank_order_no: number(),
        amount: Twd::new(amount),
        token: token.map(SecretString::from),
    })
}

/// The answer that accepts a refund of so many hundredths.
pub(crate) fn accepted_refund(amount: i64) -> Value {
    json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "TSNo": "BA002600000001", "Command": "R",
            "Amount": amount, "Date": "202611210900", "Status": "S", "Description": "S0000 – 處理成功" })
}

pub(crate) fn ask() -> BankRequest {
    BankRequest::Ask(Inquiry::Order { bank_order_no: number() })
}

/// The answer that accepts [`issue_account`].
pub(crate) fn accepted_account() -> Value {
    json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "TSNo": "BA002600000001", "Amount": 50000, "Status": "S",
            "Description": "S0000 – 處理成功", "PayType": "A",
            "ATMParam": { "AtmPayNo": ACCOUNT, "WebAtmURL": LINK.replace("PayCard", "PayWebATM") } })
}

/// The answer that accepts [`create_link`].
pub(crate) fn accepted_link() -> Value {
    json!({ "OrderNo": number().as_str(), "ShopNo": SHOP, "TSNo": "BA002600000001", "Amount": "50000", "Status": "S",
            "Description": "S0000 – 處理成功", "PayType": "C", "CardParam": { "CardPayURL": LINK } })
}

/// A refusal, sealed.
pub(crate) fn refusal(code: &str) -> Value {
    json!({ "ShopNo": SHOP, "Status": "F", "Description": format!("{code} – 說明") })
}

/// An answer to a question with these rows.
pub(crate) fn list(rows: &Value) -> Value {
    json!({ "ShopNo": SHOP, "Date": "202611210900", "Status": "S", "Description": "S0000 – 處理成功", "OrderList": rows })
}

/// A row about [`number`].
pub(crate) fn row() -> Value {
    json!({ "OrderNo": number().as_str(), "TSNo": "BA002600000001", "TSDate": "202611210855", "PayDate": "202611210858",
            "Amount": 50000, "PayType": "A", "PayStatus": "1A400", "ExpireDate": "202611242359", "RefundFlag": "N",
            "RefundStatus": "", "RefundDate": "", "PrdtName": "存根測試",
            "ATMParam": { "AtmPayNo": ACCOUNT, "WebAtmURL": "", "BankNo": "807", "AcctNo": "01700100003411" } })
}

/// With members replaced; `null` takes one away.
pub(crate) fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = object.as_object_mut().unwrap();
        if value.is_null() {
            members.shift_remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

/// One call against one `Order` answer.
pub(crate) async fn call(request: BankRequest, step: Step) -> BankReply {
    Script::after_nonce(step).bank().call(request).await
}

/// The parts of a reply to a write.
pub(crate) fn write(reply: &BankReply) -> (BankAnswer, Option<&Issued>, Option<&str>) {
    let Said::Write { meaning, issued, unequal, .. } = &reply.said else {
        panic!("{:?} is no write", reply.said)
    };
    (*meaning, issued.as_ref(), unequal.as_deref())
}

/// What a header of a request holds.
pub(crate) fn header(request: &HttpRequest, name: &str) -> Option<String> {
    let found = request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.expose_secret().to_owned())
}
