//! A bank on paper: answers are written down beforehand, in order, and what was sent is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use counterfoil_banks::ctbc::seal::{self, MacFound, ShopKey};
use counterfoil_banks::ctbc::{
    Action, Ctbc, CtbcKeys, CtbcSettings, Found, Handles, Inquired, ReplyMac, Sale, wire,
};
use counterfoil_banks::transport::{HttpReply, HttpRequest, SendError, Transport};
use counterfoil_domain::calendar::BankCalendar;
use counterfoil_domain::{BankAnswer, BankOrderNo, Moment, Twd};
use counterfoil_engine::ports::{BankReply, BoxFuture, Said};
use counterfoil_engine::shop::{Environment, ReturnAddress};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::published::ctbc_vectors;

pub(crate) const MER_ID: &str = "2522";
pub(crate) const KEY: &str = "123456789012345678901234";
pub(crate) const LIDM: &str = "TS20140410000005";
pub(crate) const XID: &str = "ABFA455300006404220_TS20140410000005";
pub(crate) const AMOUNT: Twd = Twd::new(100);
/// 2026-11-21T09:00:00+08:00
pub(crate) const NOW: Moment = Moment::from_millis(1_795_222_800_000);

/// All the five.
pub(crate) const ACTIONS: [Action; 5] = [
    Action::Capture,
    Action::ReverseCapture,
    Action::ReverseAuthorization,
    Action::Refund { amount: Twd::new(40) },
    Action::ReverseRefund,
];

pub(crate) fn keys_of(mac_key: &str) -> CtbcKeys {
    CtbcKeys { mac_key: SecretString::from(mac_key) }
}

pub(crate) fn shop_key() -> ShopKey {
    ShopKey::new(&SecretString::from(KEY), seal::IV).unwrap()
}

pub(crate) fn shop() -> CtbcSettings {
    CtbcSettings {
        environment: Environment::Custom,
        base_url: Some("http://127.0.0.1:4455".to_owned()),
        mer_id: MER_ID.to_owned(),
        merchant_id: "8220000000001".to_owned(),
        terminal_id: "90000001".to_owned(),
        return_address: ReturnAddress::Loopback { port: 0 },
        reply_mac: ReplyMac::Check,
        iv: CtbcSettings::IV,
        refund_remainder: true,
        batch: BankCalendar::default(),
    }
}

pub(crate) fn sale() -> Sale {
    Sale {
        bank_order_no: BankOrderNo::from_text("ORD20240101_0001"),
        amount: Twd::new(1680),
        merchant_name: "TestShop".to_owned(),
        description: "TestOrder".to_owned(),
        return_url: "https://shop.example.com/ctbc/return".to_owned(),
    }
}

pub(crate) fn number() -> BankOrderNo {
    BankOrderNo::from_text(LIDM)
}

pub(crate) fn handles() -> Handles {
    Handles {
        xid: XID.to_owned(),
        auth_code: "003313".to_owned(),
        auth_rrpid: None,
        term_seq: Some("49".to_owned()),
        batch_id: Some("2".to_owned()),
        batch_seq: Some("4".to_owned()),
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

    pub(crate) fn bank(&self) -> Ctbc<Self> {
        self.bank_of(&shop())
    }

    pub(crate) fn bank_of(&self, shop: &CtbcSettings) -> Ctbc<Self> {
        Ctbc::new(shop, &keys_of(KEY), self.clone()).unwrap()
    }

    /// What was sent: its path, and the opened message.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        let open = |request: &HttpRequest| {
            let envelope = wire::envelope(request.body.as_bytes()).unwrap();
            let (text, mac) = seal::open_api(&shop_key(), envelope.api_enc).unwrap();
            assert_eq!((mac, envelope.mer_id), (MacFound::Right, Some(MER_ID)));
            assert!(request.body.starts_with("ApiEnc=") && request.headers.is_empty());
            assert_eq!(request.content_type, "application/x-www-form-urlencoded");
            (request.url.path().to_owned(), text)
        };
        self.sent.lock().unwrap().iter().map(open).collect()
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

/// A text sealed as the bank seals its answers, with this behind it; `None`: its MAC.
pub(crate) fn api_enc(text: &str, behind: Option<&str>) -> String {
    let mut bytes = seal::big5(text).unwrap();
    let mac = seal::mac(&shop_key(), &bytes);
    bytes.extend_from_slice(behind.unwrap_or(&mac).as_bytes());
    seal::encipher(&shop_key(), &bytes)
}

pub(crate) fn body(fields: &Value) -> String {
    format!("MERID={MER_ID}&ApiEnc={}", api_enc(&fields.to_string(), None))
}

/// A sealed answer of the bank.
pub(crate) fn sealed(fields: &Value) -> Step {
    http(200, body(fields))
}

/// The answer that accepts a write.
pub(crate) fn accepted() -> Value {
    json!({ "RespCode": "0", "ErrCode": "00", "ERRDESC": "", "VERSION": "3.2" })
}

/// A refusal.
pub(crate) fn refusal(code: &str) -> Value {
    let (status, errcode) = code.split_once('/').unwrap();
    json!({ "RespCode": status, "ErrCode": errcode, "ERRDESC": "說明", "VERSION": "3.2" })
}

/// The row of a sale in the capture file.
pub(crate) fn row() -> Value {
    json!({ "SSL-TYPE": "SSL_INQUIRY", "TX_ATTRIBUTE": "0", "QueryCode": "1", "LID-M": LIDM, "XID": XID,
            "PAN": "412345******3312", "ECI": "06", "AuthAmt": "901 100 0", "RespCode": "0", "ErrCode": "00",
            "AuthCode": "003313", "TermSeq": "49", "RetrRef": "007946000049", "CurrentState": "10", "BatchID": "2",
            "BatchSeq": "6", "VERSION": "3.2", "ERRDESC": "" })
}

/// "There is none."
pub(crate) fn nothing() -> Value {
    json!({ "RespCode": "0", "ErrCode": "00", "QueryCode": "0" })
}

/// With members replaced; `null` takes one away.
pub(crate) fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members: &mut Map<String, Value> = object.as_object_mut().unwrap();
        if value.is_null() {
            members.shift_remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

/// An inquiry against these answers.
pub(crate) async fn ask(steps: impl IntoIterator<Item = Step>) -> Inquired {
    Script::new(steps).bank().inquire(&number(), AMOUNT, None).await
}

/// An inquiry against one answer, unchanged.
pub(crate) async fn found(answer: &Value) -> Found {
    ask([sealed(answer)]).await.found
}

/// One write against one answer.
pub(crate) async fn act(action: Action, step: Step) -> BankReply {
    Script::new([step]).bank().manage(action, AMOUNT, &handles()).await
}

/// The parts of a reply to a write.
pub(crate) fn write(reply: &BankReply) -> (BankAnswer, Option<&str>) {
    let Said::Write { meaning, issued: None, unequal, token: None } = &reply.said else {
        panic!("{:?} is no write of ours", reply.said)
    };
    (*meaning, unequal.as_deref())
}

/// A vector of the published file.
pub(crate) fn vector(id: &str) -> Value {
    ctbc_vectors(|vector| vector["id"] == id).remove(0)
}
