//! Speaks CTBC 中國信託 card payments (EPOS): the form that a customer's browser posts, what that
//! browser brings back, and the API (NewPos) that asks and acts afterwards.
//!
//! One call: one sealed request, one answer, opened, its MAC checked, compared with what was asked,
//! and put into our words; an inquiry that finds nothing asks once more in the bank's other way
//! before it is believed. Promise: never a second request for a write, never a redirect, never an
//! error instead of an answer. What a browser brings is a hint: [`Ctbc::read_return`] says whether
//! it was signed, and a sale is approved when [`Ctbc::inquire`] says so, not before. Why so old a
//! cipher, and what protects money beside it: [`seal`].
//!
//! Not here, on purpose. **No card number, ever**: the customer types it on the bank's page, so the
//! API's Auth, Installment and Redeem are not built, and no member of a request can hold one. **No
//! BatchClose**: it closes the batch of the whole shop, other tills included; the bank runs it
//! every workday by itself. Also left out: the bank's second reply (it needs a server in the open),
//! instalments, bonus, AMEX, tokens; when to ask and what to do with an answer
//! (`counterfoil-engine`).
//!
//! One file that SinoPac lacks: `values`. The engine has no types yet for this bank's form, return
//! and writes. Two are missing, `clock` and `nonces`: this bank signs no date and hands out no
//! nonce.

pub mod codes;
pub mod meaning;
mod port;
pub mod prove;
pub mod seal;
pub mod shop;
pub mod transcript;
pub mod units;
pub mod values;
pub mod wire;

use std::fmt;

use counterfoil_domain::{BankAnswer, BankOrderNo, Moment, Twd};
use counterfoil_engine::ports::{BankReply, Fuse, Said};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use self::meaning::Code;
use self::seal::{MacFound, ShopKey};
pub use self::shop::{CtbcKeys, CtbcSettings, ReplyMac, SetUpError};
use self::transcript::Transcript;
pub use self::values::{
    Action, Brought, CardRow, CardState, CardTail, Differs, Form, Found, Handles, Inquired, Returned, Sale,
};
pub use self::wire::BadInput;
use self::wire::{Fields, Message};
use crate::meaning::{NEVER_LEFT, Question};
use crate::strict_json;
use crate::transport::{HttpReply, HttpRequest, Transport};

/// An answer's envelope longer than this is not opened: the longest real ones are a few thousand
/// characters.
const SEALED_CHARS_MAX: usize = 256 * 1024;
/// What a browser brings is shorter than this.
const RETURN_CHARS_MAX: usize = 8 * 1024;

/// One shop at CTBC.
pub struct Ctbc<T> {
    shop: CtbcSettings,
    base: Url,
    mac_key: SecretString,
    key: ShopKey,
    transport: T,
}

impl<T> fmt::Debug for Ctbc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ctbc({}, {})", self.shop.mer_id, self.shop.environment.name())
    }
}

/// What came of one HTTP request.
enum Came {
    /// It never left.
    NotSent(String),
    /// Verified.
    Genuine(Fields),
    /// In an envelope of another shop.
    OtherShop(String),
    /// Anything else: our code for it.
    Unclear(String),
}

/// What came, and the Date header of the answer, whatever it was.
struct Exchange {
    came: Came,
    heard: Option<Moment>,
}

impl Exchange {
    fn not_sent(code: String) -> Self {
        Self { came: Came::NotSent(code), heard: None }
    }

    /// The bank's clock: only a verified answer tells it.
    fn bank_now(&self) -> Option<Moment> {
        match &self.came {
            Came::Genuine(_) => self.heard,
            Came::NotSent(_) | Came::OtherShop(_) | Came::Unclear(_) => None,
        }
    }
}

/// What one question brought.
struct Asked {
    found: Found,
    /// The XIDs in the answer's `Data`.
    named: Vec<String>,
    code: String,
    bank_now: Option<Moment>,
    heard: Option<Moment>,
}

impl<T> Ctbc<T> {
    /// Checks settings and key. Nothing is sent.
    ///
    /// # Errors
    /// [`SetUpError`] names the first thing that is wrong.
    pub fn new(shop: &CtbcSettings, keys: &CtbcKeys, transport: T) -> Result<Self, SetUpError> {
        let (base, key) = shop::check(shop, keys)?;
        let mac_key = SecretString::from(keys.mac_key.expose_secret().trim());
        Ok(Self { shop: shop.clone(), base, mac_key, key, transport })
    }

    /// The form of a sale. It is posted once and never again: the bank takes a used number.
    ///
    /// # Errors
    /// [`BadInput`] names the field of the bank that cannot be written.
    pub fn form(&self, sale: &Sale) -> Result<Form, BadInput> {
        let (mut pairs, in_mac) = wire::sale(sale, &self.shop)?;
        pairs.push(("InMac", seal::mac(&self.key, in_mac.as_bytes())));
        let text = wire::form_text(&pairs)?;
        let bytes = seal::big5(&text).map_err(|lacks| BadInput::unmappable(&pairs, lacks))?;
        Ok(Form {
            action: self.url("/mauth/SSLAuthUI.jsp"),
            mer_id: self.shop.mer_id.clone(),
            url_enc: seal::encipher(&self.key, &bytes),
        })
    }

    /// Reads what a browser brought: the decoded fields of its form. Never believed, so there is no
    /// error either.
    pub fn read_return(&self, fields: &[(String, String)]) -> Returned {
        self.brought(fields).map_or(Returned::Unverified, Returned::Verified)
    }

    fn brought(&self, fields: &[(String, String)]) -> Option<Brought> {
        let only = |name: &str| {
            let mut values = fields.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v);
            values.next().filter(|_| values.next().is_none())
        };
        let (sealed, mer_id) = (only("URLResEnc")?, only("merID")?);
        if sealed.len() > RETURN_CHARS_MAX || mer_id.trim() != self.shop.mer_id {
            return None;
        }
        let bytes = seal::decipher(&self.key, sealed.trim()).ok()?;
        let fields = wire::return_fields(&seal::from_big5(&bytes).ok()?)?;
        let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
        let signed = wire::options(&fields).iter().any(|option| {
            seal::big5(&wire::out_mac_text(&fields, option))
                .is_ok_and(|bytes| seal::mac_is(&self.key, &bytes, field("outmac")))
        });
        let ours = matches!(field("merid"), "") || field("merid") == self.shop.mer_id;
        let code = Code::new(field("status"), field("errcode"))?;
        let brought = Brought {
            bank_order_no: field("lidm").to_owned(),
            amount: units::amount_from_form(field("authamt")),
            code: code.shown(),
            success: code.is_success(),
            ends: code.ends_page(),
        };
        (signed && ours).then_some(brought)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    fn read(&self, reply: &HttpReply, transcript: &mut Transcript) -> Came {
        let status = reply.status;
        if status != 200 {
            transcript.plain(status, &reply.body);
            return Came::Unclear(format!("http-{status}"));
        }
        let envelope = match wire::envelope(&reply.body) {
            Ok(envelope) => envelope,
            Err(code) => {
                transcript.plain(status, &reply.body);
                return Came::Unclear(code.to_owned());
            }
        };
        let bytes = reply.body.len();
        let Some(fields) = self.open(envelope.api_enc) else {
            transcript.note(&format!("{status} a sealed answer that cannot be verified, {bytes} bytes"));
            return Came::Unclear("bad-mac".to_owned());
        };
        transcript.genuine(status, &fields);
        // in clear and inside the seal; what is in clear alone proves nothing, so the seal comes
        // first
        let told = envelope.mer_id.map(str::to_owned).into_iter().chain(wire::text(&fields, "MERID"));
        match told.into_iter().find(|theirs| *theirs != self.shop.mer_id) {
            Some(theirs) => Came::OtherShop(meaning::side_by_side("MERID", &self.shop.mer_id, &theirs)),
            None => Came::Genuine(fields),
        }
    }

    /// The members of an answer, if it can be verified as far as the shop wants it.
    fn open(&self, api_enc: &str) -> Option<Fields> {
        if api_enc.len() > SEALED_CHARS_MAX {
            return None;
        }
        let (message, mac) = seal::open_api(&self.key, api_enc).ok()?;
        let good = match self.shop.reply_mac {
            ReplyMac::Check => mac != MacFound::Wrong,
            ReplyMac::Require => mac == MacFound::Right,
            ReplyMac::Ignore => true,
        };
        match strict_json::parse(message.as_bytes())? {
            Value::Object(fields) => Some(fields).filter(|_| good),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }
}

impl<T: Transport> Ctbc<T> {
    /// Asks about one sale. Pass `xid` only if several transactions share the number
    /// (money rules 2); `amount` is the one to be collected: the bank finds nothing by another.
    ///
    /// If the bank refuses the question as such, or finds nothing, we ask by the number alone
    /// before we believe that. If it finds several, we ask that way which others there are.
    pub async fn inquire(&self, bank_order_no: &BankOrderNo, amount: Twd, xid: Option<&str>) -> Inquired {
        let lidm = bank_order_no.as_str();
        let mut transcript = Transcript::default();
        let first = match wire::inquiry(&self.shop.mer_id, lidm, amount, xid) {
            Ok(message) => self.ask(&message, amount, &mut transcript).await,
            Err(bad) => {
                let code = unsendable(&bad, &mut transcript);
                Asked { found: Found::Silent, named: Vec::new(), code, bank_now: None, heard: None }
            }
        };
        let Asked { mut found, mut named, mut code, mut bank_now, mut heard } = first;
        if xid.is_none() && matches!(&found, Found::Row(row) if row.several) {
            named = self.named(lidm, amount, &mut transcript).await;
        }
        let doubtful = matches!(found, Found::Nothing)
            || (matches!(found, Found::Refused(_)) && is_about_the_question(&code));
        if doubtful && let Ok(message) = wire::inquiry_by_number(&self.shop.mer_id, lidm) {
            let second = self.ask(&message, amount, &mut transcript).await;
            (found, named, code, heard) = (second.found, second.named, second.code, second.heard);
            bank_now = second.bank_now.or(bank_now);
            let of_another = |row: &CardRow| {
                let theirs = row.handles.as_ref().map(|handles| handles.xid.as_str());
                xid.is_some() && theirs != xid
            };
            if matches!(&found, Found::Row(row) if of_another(row)) {
                // the latest of several: it says nothing about the one that was asked about
                found = Found::Silent;
            }
        }
        if matches!(found, Found::Refused(_)) && code == NO_SUCH_ORDER {
            found = Found::Nothing;
        }
        let latest = match &found {
            Found::Row(row) if row.several && xid.is_none() => row.handles.as_ref().map(|h| h.xid.as_str()),
            Found::Row(_) | Found::Nothing | Found::Unequal(..) | Found::Refused(_) | Found::Silent => {
                named.clear();
                None
            }
        };
        named.retain(|xid| Some(xid.as_str()) != latest);
        let transcript = transcript.finish(&self.mac_key);
        Inquired { found, others: named, bank_now, heard, code, transcript }
    }

    /// The XIDs that the bank names in its other way, where several transactions share a number: it
    /// shows only the latest flat. Names and nothing else: the form of that list is not published.
    async fn named(&self, lidm: &str, amount: Twd, transcript: &mut Transcript) -> Vec<String> {
        match wire::inquiry_by_number(&self.shop.mer_id, lidm) {
            Ok(message) => self.ask(&message, amount, transcript).await.named,
            // the same number was written into the first question
            Err(_) => Vec::new(),
        }
    }

    /// What time it is there: one question about a number that no sale has, and nothing of its
    /// answer but the Date header.
    pub async fn time(&self, bank_order_no: &BankOrderNo) -> BankReply {
        let mut transcript = Transcript::default();
        let exchange = match wire::inquiry_by_number(&self.shop.mer_id, bank_order_no.as_str()) {
            Ok(message) => self.exchange(&message, &mut transcript).await,
            Err(bad) => Exchange::not_sent(unsendable(&bad, &mut transcript)),
        };
        let code = match exchange.came {
            Came::NotSent(code) | Came::Unclear(code) => code,
            Came::OtherShop(_) => "echo-differs".to_owned(),
            Came::Genuine(_) => "time".to_owned(),
        };
        let transcript = transcript.finish(&self.mac_key);
        BankReply { said: Said::Silent, bank_now: None, heard: exchange.heard, code, transcript }
    }

    /// Acts on one sale, once. `authorized` is the amount of the sale. A reading must have come
    /// just before (money rules 6); whether the action fits its state is the caller's to know.
    pub async fn manage(&self, action: Action, authorized: Twd, handles: &Handles) -> BankReply {
        self.manage_order(action, None, authorized, handles, &Fuse::endless()).await
    }

    /// The same. An answer that carries an order number must carry this one.
    pub(crate) async fn manage_order(
        &self,
        action: Action,
        bank_order_no: Option<&BankOrderNo>,
        authorized: Twd,
        handles: &Handles,
        fuse: &Fuse,
    ) -> BankReply {
        let mut transcript = Transcript::default();
        let message = match wire::action(&self.shop.mer_id, action, authorized, handles) {
            Ok(message) => message,
            Err(bad) => {
                let code = unsendable(&bad, &mut transcript);
                let (said, transcript) =
                    (written(BankAnswer::NotSent, None), transcript.finish(&self.mac_key));
                return BankReply { said, bank_now: None, heard: None, code, transcript };
            }
        };
        let exchange = if fuse.is_whole() {
            self.exchange(&message, &mut transcript).await
        } else {
            transcript.note(NEVER_LEFT);
            Exchange::not_sent(NEVER_LEFT.to_owned())
        };
        let (bank_now, heard) = (exchange.bank_now(), exchange.heard);
        let mut asked = message.fields();
        asked.extend(bank_order_no.map(|no| ("LID-M".to_owned(), no.as_str().into())));
        let (said, code) = judge(action, authorized, &asked, exchange.came);
        BankReply { said, bank_now, heard, code, transcript: transcript.finish(&self.mac_key) }
    }

    async fn ask(&self, message: &Message, amount: Twd, transcript: &mut Transcript) -> Asked {
        let exchange = self.exchange(message, transcript).await;
        let (bank_now, heard) = (exchange.bank_now(), exchange.heard);
        let unequal = |(differs, facts)| (Found::Unequal(differs, facts), "echo-differs".to_owned());
        let mut named = Vec::new();
        let (found, code) = match exchange.came {
            Came::NotSent(code) | Came::Unclear(code) => (Found::Silent, code),
            Came::OtherShop(facts) => unequal((Differs::Shop, facts)),
            Came::Genuine(fields) => match (Code::of(&fields), meaning::question_meaning(&fields)) {
                (None, _) => (Found::Silent, "bad-json".to_owned()),
                (Some(code), Question::Silent) => (Found::Silent, code.shown()),
                (Some(code), Question::Refused(of)) => (Found::Refused(of), code.shown()),
                (Some(code), Question::NothingFound) => (Found::Nothing, code.shown()),
                (Some(code), Question::Answered) => {
                    let other = meaning::other_transaction(&fields, &message.fields());
                    match (other.or_else(|| meaning::other_amount(&fields, amount)), meaning::row(&fields)) {
                        (Some(other), _) => unequal(other),
                        (None, Some(row)) => {
                            named = meaning::named_xids(&fields);
                            (Found::Row(row), code.shown())
                        }
                        (None, None) => (Found::Silent, "bad-json".to_owned()),
                    }
                }
            },
        };
        Asked { found, named, code, bank_now, heard }
    }

    async fn exchange(&self, message: &Message, transcript: &mut Transcript) -> Exchange {
        let sealed = wire::json_text(&message.members)
            .and_then(|text| seal::big5(&text).map_err(|lacks| BadInput::unmappable(&message.members, lacks)))
            .map(|bytes| seal::api_enc(&self.key, &bytes));
        let api_enc = match sealed {
            Ok(api_enc) => api_enc,
            Err(bad) => return Exchange::not_sent(unsendable(&bad, transcript)),
        };
        transcript.sent(message);
        let request = HttpRequest {
            url: self.url(message.path),
            content_type: "application/x-www-form-urlencoded",
            headers: Vec::new(),
            body: wire::body(&self.shop.mer_id, &api_enc),
        };
        match self.transport.post(request).await {
            Err(error) => {
                use crate::transport::SendError;
                let code = error.fault().code().to_owned();
                transcript.note(&code);
                match error {
                    SendError::NotSent(_) => Exchange::not_sent(code),
                    SendError::Lost(_) => Exchange { came: Came::Unclear(code), heard: None },
                }
            }
            Ok(reply) => Exchange { came: self.read(&reply, transcript), heard: reply.date },
        }
    }
}

/// Our code for it.
fn unsendable(bad: &BadInput, transcript: &mut Transcript) -> String {
    transcript.note(&format!("nothing was sent: {bad}"));
    "unsendable".to_owned()
}

/// Refusals that say nothing about the sale: the amount may not be the one the bank knows (ctbc.md
/// 5.4).
fn is_about_the_question(code: &str) -> bool {
    matches!(code, "9/nt" | "0/00" | NO_SUCH_ORDER)
}

/// The bank's accounts do not hold this number (ctbc.md 7).
const NO_SUCH_ORDER: &str = "10/11";

fn judge(action: Action, authorized: Twd, asked: &Fields, came: Came) -> (Said, String) {
    let fields = match came {
        Came::NotSent(code) => return (written(BankAnswer::NotSent, None), code),
        Came::Unclear(code) => return (written(BankAnswer::Unknown, None), code),
        Came::OtherShop(facts) => {
            return (written(BankAnswer::Unknown, Some(facts)), "echo-differs".to_owned());
        }
        Came::Genuine(fields) => fields,
    };
    let meaning = meaning::write_meaning(action, &fields);
    let accepted = meaning == BankAnswer::Accepted;
    let other = meaning::other_transaction(&fields, asked)
        .or_else(|| meaning::other_result(action, authorized, &fields).filter(|_| accepted));
    if let Some((_, facts)) = other {
        return (written(BankAnswer::Unknown, Some(facts)), "echo-differs".to_owned());
    }
    let code = Code::of(&fields).map_or_else(|| "bad-json".to_owned(), |code| code.shown());
    (written(meaning, None), code)
}

fn written(meaning: BankAnswer, unequal: Option<String>) -> Said {
    Said::Write { meaning, issued: None, unequal, token: None }
}
