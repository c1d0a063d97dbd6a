//! Speaks to SinoPac 豐收款 (QPay.WebAPI).
//!
//! One call: a fresh nonce, one sealed request, one answer, opened, verified, compared with what was asked, and put into our
//! words. Promise: never a second order request for one call, no nonce used twice, never a redirect, never an error instead of
//! an answer. Left out: when to ask, what to do with an answer, and how often (`counterfoil-engine`).

mod clock;
pub mod meaning;
mod nonces;
pub mod prove;
pub mod seal;
pub mod transcript;
pub mod units;
pub mod wire;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use counterfoil_domain::{BankAnswer, BankRow, Moment};
use counterfoil_engine::ports::{BankPort, BankReply, BankRequest, BoxFuture, Said, SinopacKeys};
use counterfoil_engine::shop::{Environment, SinopacSettings};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use self::meaning::Question;
use self::nonces::Nonces;
use self::seal::{BadKey, HashId};
use self::transcript::Transcript;
use self::wire::{Envelope, Fields, Plain, Received};
use crate::opener::{PayPages, loopback_base};
use crate::transport::{HttpReply, HttpRequest, SendError, Transport};

/// Why a shop cannot be spoken for. Never shows a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetUpError {
    /// One of the four values has not the right form.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// The X-KeyID is empty, or cannot stand in a header.
    #[error("key_id is not a key")]
    KeyId,
    /// `base_url` stands with an environment that has its own, or is no `http://127.0.0.1:port` where it is needed.
    #[error("base_url does not belong to the environment")]
    BaseUrl,
}

impl SetUpError {
    /// The member of `shop.json` below `sinopac` that is wrong.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Key(bad) => bad.field.name(),
            Self::KeyId => "key_id",
            Self::BaseUrl => "base_url",
        }
    }
}

/// Looks at the form of the five keys, without sending anything: four times 16 hex digits, and a UUID.
///
/// # Errors
/// [`SetUpError`] names the first that is not of its form.
pub fn check_keys(keys: &SinopacKeys) -> Result<(), SetUpError> {
    HashId::derive(keys)?;
    let key_id = keys.key_id.expose_secret().trim();
    let groups = key_id.split('-').map(str::len);
    let hex = key_id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if hex && groups.eq([8, 4, 4, 4, 12]) { Ok(()) } else { Err(SetUpError::KeyId) }
}

/// Where the services of a shop are (sinopac.md 1.1). Sandbox and production have their own and take no other; `demo` and
/// `custom` take any `http://127.0.0.1:port`, which for `demo` the composition fills in.
///
/// # Errors
/// [`SetUpError::BaseUrl`].
pub fn base(shop: &SinopacSettings) -> Result<Url, SetUpError> {
    let own = |text| if shop.base_url.is_none() { Url::parse(text).ok() } else { None };
    match shop.environment {
        Environment::Sandbox => own("https://apisbx.sinopac.com/funBIZ-Sbx/QPay.WebAPI/api"),
        Environment::Production => own("https://api.sinopac.com/funBIZ/QPay.WebAPI/api"),
        Environment::Demo | Environment::Custom => shop.base_url.as_deref().and_then(loopback_base),
    }
    .ok_or(SetUpError::BaseUrl)
}

/// One shop at SinoPac.
pub struct Sinopac<T> {
    shop: SinopacSettings,
    base: Url,
    key_id: SecretString,
    hash_id: HashId,
    pages: PayPages,
    nonces: Nonces,
    /// Fetched for the bank's time, for the sale that asked for it.
    spare: Mutex<Option<String>>,
    transport: T,
}

impl<T> fmt::Debug for Sinopac<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sinopac({}, {})", self.shop.shop_no, self.shop.environment.name())
    }
}

/// What came of the two HTTP requests.
enum Came {
    /// The `Order` request never left.
    NotSent(String),
    /// Verified, and of our shop.
    Genuine(Fields),
    /// Verified, and of another shop.
    OtherShop,
    /// An envelope that does not open with our key.
    Forged(Envelope),
    /// Anything else: our code for it, or the bank's in a text that nobody vouches for.
    Unclear(String),
}

struct Exchange {
    came: Came,
    /// The Date header of the last answer of the two.
    heard: Option<Moment>,
    transcript: Transcript,
}

impl Exchange {
    /// The bank's clock, as far as it is proved: only a verified answer tells it.
    fn bank_now(&self) -> Option<Moment> {
        match &self.came {
            Came::Genuine(fields) => clock::agreed(self.heard, fields),
            Came::NotSent(_) | Came::OtherShop | Came::Forged(_) | Came::Unclear(_) => None,
        }
    }
}

impl<T: Transport> Sinopac<T> {
    /// Checks settings and keys. Nothing is sent.
    ///
    /// # Errors
    /// [`SetUpError`] names the first thing that is wrong.
    pub fn new(shop: &SinopacSettings, keys: &SinopacKeys, transport: T) -> Result<Self, SetUpError> {
        let base = base(shop)?;
        let key_id = keys.key_id.expose_secret().trim();
        if key_id.is_empty() || !key_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SetUpError::KeyId);
        }
        Ok(Self {
            base,
            key_id: SecretString::from(key_id),
            hash_id: HashId::derive(keys)?,
            pages: PayPages::sinopac(shop),
            nonces: Nonces::default(),
            spare: Mutex::default(),
            shop: shop.clone(),
            transport,
        })
    }

    async fn post(&self, resource: &str, body: String) -> Result<HttpReply, SendError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{resource}", self.base.path().trim_end_matches('/')));
        let headers = vec![("X-KeyID", self.key_id.clone())];
        self.transport.post(HttpRequest { url, content_type: "application/json", headers, body }).await
    }

    /// A nonce, or the code of what came instead, and the Date header of the answer.
    async fn nonce(&self, transcript: &mut Transcript) -> (Result<String, String>, Option<Moment>) {
        match self.post("Nonce", wire::nonce_body(&self.shop.shop_no)).await {
            Err(SendError::NotSent(fault)) => (Err(fault.code().to_owned()), None),
            // whatever became of the nonce, the request itself did not leave
            Err(SendError::Lost(_)) => (Err("nonce".to_owned()), None),
            Ok(reply) => {
                let nonce = nonce_from(&reply).inspect_err(|_| transcript.plain(reply.status, &reply.body));
                (nonce, reply.date)
            }
        }
    }

    /// A nonce that no call of ours has had. One that the bank hands out again is asked for once more.
    async fn fresh_nonce(&self, transcript: &mut Transcript) -> (Result<String, String>, Option<Moment>) {
        let (nonce, heard) = self.nonce(transcript).await;
        if nonce.as_ref().is_ok_and(|nonce| !self.nonces.take(nonce)) {
            transcript.note("a nonce that was used before");
            let (nonce, heard) = self.nonce(transcript).await;
            return (
                nonce.and_then(|n| if self.nonces.take(&n) { Ok(n) } else { Err("nonce".to_owned()) }),
                heard,
            );
        }
        (nonce, heard)
    }

    /// Nonce, then order.
    async fn exchange(&self, service: &str, fields: &Fields, is_create: bool) -> Exchange {
        let mut transcript = Transcript::default();
        let path = self.base.path().trim_end_matches('/').to_owned();
        // the next call has it, or none: it lives a minute
        let spare = self.spare().take().filter(|_| is_create);
        let (nonce, mut heard) = match spare {
            Some(nonce) => (Ok(nonce), None),
            None => self.fresh_nonce(&mut transcript).await,
        };
        let nonce = match nonce {
            Ok(nonce) => nonce,
            Err(code) => {
                transcript.note(&format!("no nonce from {path}/Nonce: {code}; {service} was not sent"));
                return Exchange { came: Came::NotSent(code), heard, transcript };
            }
        };
        let sealed = seal::seal(&self.hash_id, &nonce, fields);
        transcript.sent(&format!("{path}/Order"), service, fields);
        let body = wire::envelope(&self.shop.shop_no, service, &nonce, &sealed);
        let came = match self.post("Order", body).await {
            Err(error) => {
                let code = error.fault().code();
                transcript.note(code);
                match error {
                    SendError::NotSent(_) => Came::NotSent(code.to_owned()),
                    SendError::Lost(_) => Came::Unclear(code.to_owned()),
                }
            }
            Ok(reply) => {
                heard = reply.date;
                self.read(&reply, &mut transcript)
            }
        };
        Exchange { came, heard, transcript }
    }

    fn spare(&self) -> MutexGuard<'_, Option<String>> {
        // no code panics while it holds the lock
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is there: the Date header of a nonce, which is kept for the sale that asked.
    async fn time(&self) -> BankReply {
        let mut transcript = Transcript::default();
        let (nonce, heard) = self.fresh_nonce(&mut transcript).await;
        let code = match nonce {
            Ok(nonce) => {
                *self.spare() = Some(nonce);
                "time".to_owned()
            }
            Err(code) => code,
        };
        transcript.note(&format!("{}/Nonce: {code}", self.base.path().trim_end_matches('/')));
        let transcript = transcript.finish(std::iter::once(&self.key_id));
        BankReply { said: Said::Silent, bank_now: None, heard, code, transcript }
    }

    fn read(&self, reply: &HttpReply, transcript: &mut Transcript) -> Came {
        let status = reply.status;
        if !is_success(status) {
            // the gateway speaks before the application does, and nobody vouches for it: money rules 3 know no such refusal
            transcript.plain(status, &reply.body);
            return Came::Unclear(format!("http-{status}"));
        }
        match wire::receive(&reply.body, &self.hash_id, &self.shop.shop_no) {
            Received::Genuine(fields) => {
                transcript.genuine(status, &fields);
                Came::Genuine(fields)
            }
            Received::Plain(Plain { code, .. }) => {
                transcript.plain(status, &reply.body);
                Came::Unclear(code)
            }
            Received::OtherShop => {
                transcript.note(&format!("{status} a verified answer of another shop"));
                Came::OtherShop
            }
            Received::Forged(envelope) => {
                transcript.note(&format!(
                    "{status} a sealed answer that cannot be verified, {} bytes",
                    reply.body.len()
                ));
                Came::Forged(envelope)
            }
        }
    }

    async fn answer(&self, request: BankRequest) -> BankReply {
        if matches!(request, BankRequest::AskTime { .. }) {
            return self.time().await;
        }
        let write = is_write(&request);
        let Ok(fields) = wire::fields(&request, &self.shop) else {
            let said = if write { unclear_write(BankAnswer::NotSent) } else { Said::Silent };
            return BankReply {
                said,
                bank_now: None,
                heard: None,
                code: "unsendable".to_owned(),
                transcript: "nothing was sent".to_owned(),
            };
        };
        let is_create = matches!(request, BankRequest::IssueAccount { .. } | BankRequest::CreateLink { .. });
        let exchange = self.exchange(wire::service(&request), &fields, is_create).await;
        let bank_now = exchange.bank_now();
        let Exchange { came, heard, transcript } = exchange;
        let (said, code) = match came {
            Came::Genuine(answer) if write => self.judge_write(&request, &fields, &answer),
            Came::Genuine(answer) => self.judge_question(&request, &answer),
            Came::NotSent(code) if write => (unclear_write(BankAnswer::NotSent), code),
            Came::OtherShop if write => {
                let unequal = Some("the answer is of another shop".to_owned());
                (
                    Said::Write { meaning: BankAnswer::Unknown, issued: None, unequal },
                    "echo-differs".to_owned(),
                )
            }
            Came::Forged(_) if write => (unclear_write(BankAnswer::Unknown), "bad-sign".to_owned()),
            Came::Unclear(code) if write => (unclear_write(BankAnswer::Unknown), code),
            Came::NotSent(code) | Came::Unclear(code) => (Said::Silent, code),
            Came::OtherShop => (Said::Silent, "echo-differs".to_owned()),
            Came::Forged(_) => (Said::Silent, "bad-sign".to_owned()),
        };
        let token = match &request {
            BankRequest::AskToken { token } => Some(token),
            BankRequest::IssueAccount { .. }
            | BankRequest::CreateLink { .. }
            | BankRequest::Maintain { .. }
            | BankRequest::AskOrder { .. }
            | BankRequest::AskPaid { .. }
            | BankRequest::AskTime { .. }
            | BankRequest::AskUncaptured
            | BankRequest::AskCard { .. } => None,
        };
        BankReply {
            said,
            bank_now,
            heard,
            code,
            transcript: transcript.finish(std::iter::once(&self.key_id).chain(token)),
        }
    }

    fn judge_write(&self, request: &BankRequest, sent: &Fields, answer: &Fields) -> (Said, String) {
        use counterfoil_domain::operation::OperationKind as K;
        let kind = match request {
            BankRequest::IssueAccount { .. } => K::IssueAccount,
            BankRequest::CreateLink { .. } => K::CreateLink,
            BankRequest::Maintain { kind, .. } => *kind,
            BankRequest::AskOrder { .. }
            | BankRequest::AskToken { .. }
            | BankRequest::AskPaid { .. }
            | BankRequest::AskTime { .. }
            | BankRequest::AskUncaptured
            | BankRequest::AskCard { .. } => return (Said::Silent, "unsendable".to_owned()),
        };
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        let meaning = meaning::write_meaning(kind, answer);
        if let Some(unequal) = unequal(sent, answer, meaning == BankAnswer::Accepted) {
            let said = Said::Write { meaning: BankAnswer::Unknown, issued: None, unequal: Some(unequal) };
            return (said, "echo-differs".to_owned());
        }
        if meaning != BankAnswer::Accepted || !kind.is_create() {
            return (Said::Write { meaning, issued: None, unequal: None }, code);
        }
        // a create is accepted only with something that a customer can use
        let is_link = kind == K::CreateLink;
        let issued = meaning::issued(answer, &self.pages);
        let usable = |issued: &counterfoil_domain::Issued| {
            if is_link { issued.link.is_some() } else { issued.account.is_some() }
        };
        if let Some(issued) = issued.filter(usable) {
            return (Said::Write { meaning, issued: Some(issued), unequal: None }, code);
        }
        let code = if is_link { "link-refused" } else { "account-refused" };
        (unclear_write(BankAnswer::Unknown), code.to_owned())
    }

    fn judge_question(&self, request: &BankRequest, answer: &Fields) -> (Said, String) {
        let code = wire::code_of(answer).unwrap_or_else(|| "bad-json".to_owned());
        match meaning::question_meaning(answer) {
            Question::Silent => (Said::Silent, code),
            Question::Refused(of) => (Said::Refused(of), code),
            Question::NothingFound => (Said::Rows(Vec::new()), code),
            Question::Answered => match self.rows(request, answer) {
                Ok(rows) => (Said::Rows(rows), code),
                Err(code) => (Said::Silent, code.to_owned()),
            },
        }
    }

    /// The rows of an answer, if they are an answer to this question.
    fn rows(&self, request: &BankRequest, answer: &Fields) -> Result<Vec<BankRow>, &'static str> {
        if let BankRequest::AskToken { token } = request {
            let content = wire::node(answer, "TSResultContent").ok_or("bad-json")?;
            let ours = wire::says(answer, "PayToken", token.expose_secret())
                && wire::text(content, "ShopNo").as_deref() == Some(&self.shop.shop_no);
            let row = meaning::token_row(content, self.shop.auto_billing).ok_or("bad-json")?;
            return if ours { Ok(vec![row]) } else { Err("echo-differs") };
        }
        // without a list it is no answer: an empty window must say so
        let list = answer.get("OrderList").and_then(Value::as_array).ok_or("bad-json")?;
        let rows = list.iter().map(|item| meaning::row(item.as_object()?, &self.pages));
        let rows: Vec<BankRow> = rows.collect::<Option<_>>().ok_or("bad-json")?;
        let ours = match request {
            BankRequest::AskOrder { bank_order_no } => {
                rows.len() <= 1 && rows.iter().all(|row| row.bank_order_no == bank_order_no.as_str())
            }
            // every row of a window is read; whether it covers the window is the sweep's to judge
            BankRequest::AskPaid { .. }
            | BankRequest::AskTime { .. }
            | BankRequest::AskUncaptured
            | BankRequest::AskCard { .. }
            | BankRequest::AskToken { .. }
            | BankRequest::IssueAccount { .. }
            | BankRequest::CreateLink { .. }
            | BankRequest::Maintain { .. } => true,
        };
        if ours { Ok(rows) } else { Err("echo-differs") }
    }
}

impl<T: Transport> BankPort for Sinopac<T> {
    fn call(&self, request: BankRequest) -> BoxFuture<'_, BankReply> {
        Box::pin(self.answer(request))
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn is_write(request: &BankRequest) -> bool {
    match request {
        BankRequest::IssueAccount { .. } | BankRequest::CreateLink { .. } | BankRequest::Maintain { .. } => {
            true
        }
        BankRequest::AskOrder { .. }
        | BankRequest::AskToken { .. }
        | BankRequest::AskPaid { .. }
        | BankRequest::AskTime { .. }
        | BankRequest::AskUncaptured
        | BankRequest::AskCard { .. } => false,
    }
}

fn unclear_write(meaning: BankAnswer) -> Said {
    Said::Write { meaning, issued: None, unequal: None }
}

/// The nonce, or the code of what came instead.
fn nonce_from(reply: &HttpReply) -> Result<String, String> {
    if !is_success(reply.status) {
        return Err(format!("http-{}", reply.status));
    }
    wire::nonce_of(&reply.body)
        .map_err(|plain| wire::code_of(&plain.fields).unwrap_or_else(|| "nonce".to_owned()))
}

/// What an answer to a write echoes otherwise than it was sent, side by side. An accepted one must echo the number, and the
/// amount where one was sent. The amount 0 of a refusal is no echo: the bank's toolkit writes it where there is none.
fn unequal(sent: &Fields, answer: &Fields, accepted: bool) -> Option<String> {
    let refused = wire::text(answer, "Status").as_deref() == Some("F");
    let differs = |name: &str| match (wire::text(sent, name), wire::text(answer, name)) {
        (Some(_), Some(theirs)) if name == "Amount" && refused && theirs == "0" => false,
        (Some(ours), Some(theirs)) => ours != theirs,
        (Some(_), None) => accepted && matches!(name, "OrderNo" | "Amount"),
        (None, Some(_) | None) => false,
    };
    let side = |fields: &Fields, name: &str| {
        wire::text(fields, name).map_or_else(|| "nothing".to_owned(), |t| t.chars().take(50).collect())
    };
    let facts: Vec<String> = ["OrderNo", "Amount", "PayType", "Command"]
        .into_iter()
        .filter(|name| differs(name))
        .map(|name| format!("{name}: ours {}, bank {}", side(sent, name), side(answer, name)))
        .collect();
    (!facts.is_empty()).then(|| facts.join("; "))
}
