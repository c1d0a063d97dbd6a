//! The wire format: the form with its fields, the messages of the API, and how to parse answers
//! (ctbc.md 3 and 5).
//!
//! Promise: fields and members follow the order of the document. No value can become a second one:
//! a form's value never holds `&`, `=`, `|` or a control character, a member's value never `"`, `\`
//! or such a character. We refuse such values, and change none, since this wire escapes nothing. We
//! read answers by name, never by position; a repeated name voids the whole answer. Left out:
//! cipher and MAC (`seal`), and what an answer means (`meaning`).

use std::collections::BTreeMap;

use counterfoil_domain::Twd;
use serde_json::{Map, Value};

use super::seal::Unmappable;
use super::units::{ZERO, amount_to_form, amount_to_wire};
use super::{Action, CtbcSettings, Handles, Sale};

/// Members of an answer.
pub type Fields = Map<String, Value>;
/// Names and values of a request, in order.
pub type Pairs = Vec<(&'static str, String)>;

/// The library that the bank knows these messages from. Never taken from an answer.
const VERSION: &str = "2.9";
const REVISION: &str = "PosApi for PG6(PHP) 2.9 date: 2023/11/02";
/// What the bank's page takes as a description: full-width characters, and what else is not said.
pub const DESCRIPTION_CHARS_MAX: usize = 18;
/// The paper gives no length for the shop's name. Ours.
pub const NAME_CHARS_MAX: usize = 60;
/// Nor for the address.
const ADDRESS_CHARS_MAX: usize = 255;
/// An order number has at most so many characters.
const NUMBER_CHARS_MAX: usize = 19;

/// Why something cannot be put on the wire. Names the bank's field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    /// Big5 has no such character.
    #[error("{field}: Big5 has no {character:?}")]
    Unmappable {
        /// Where.
        field: String,
        /// Which.
        character: char,
    },
    /// A character that would end the field.
    #[error("{field}: {character:?} cannot stand there")]
    Forbidden {
        /// Where.
        field: String,
        /// Which.
        character: char,
    },
    /// Too long.
    #[error("{field}: more than {limit} characters")]
    TooLong {
        /// Where.
        field: String,
        /// In characters.
        limit: usize,
    },
    /// Not of the form that the field has: numbers, amounts, addresses.
    #[error("{field} has not its form")]
    Form {
        /// Where.
        field: String,
    },
}

impl BadInput {
    fn form(field: &str) -> Self {
        Self::Form { field: field.to_owned() }
    }

    /// The bank's field.
    pub fn field(&self) -> &str {
        match self {
            Self::Unmappable { field, .. }
            | Self::Forbidden { field, .. }
            | Self::TooLong { field, .. }
            | Self::Form { field } => field,
        }
    }

    pub(super) fn unmappable(pairs: &[(&str, String)], Unmappable(character): Unmappable) -> Self {
        let holds = |(_, value): &&(&str, String)| value.contains(character);
        let field = pairs.iter().find(holds).map_or("", |(name, _)| name).to_owned();
        Self::Unmappable { field, character }
    }
}

// -------------------------------------------------------------------------------------------------
// form

/// The text of an InMac: a bar before, between and behind the parts.
pub fn in_mac_text(parts: [&str; 6]) -> String {
    format!("|{}|", parts.join("|"))
}

/// The text of a URLEnc, unescaped.
///
/// # Errors
/// [`BadInput::Forbidden`].
pub fn form_text(pairs: &[(&str, String)]) -> Result<String, BadInput> {
    let mut text = String::new();
    for (name, value) in pairs {
        refuse(name, value, |c| matches!(c, '&' | '=' | '|'))?;
        let mark = if text.is_empty() { "" } else { "&" };
        text.extend([mark, name, "=", value]);
    }
    Ok(text)
}

/// The fields of a sale but its InMac, and the parts of that: a one-off payment, captured at once,
/// on a page in Chinese.
///
/// # Errors
/// [`BadInput`], the first field that cannot be put on the wire.
pub fn sale(sale: &Sale, shop: &CtbcSettings) -> Result<(Pairs, String), BadInput> {
    let lidm = number("lidm", sale.bank_order_no.as_str())?;
    let amount = amount_to_form(sale.amount).ok_or_else(|| BadInput::form("purchAmt"))?;
    let name = short("MerchantName", &sale.merchant_name, NAME_CHARS_MAX)?;
    let detail = short("OrderDetail", &sale.description, DESCRIPTION_CHARS_MAX)?;
    check_return_url(&sale.return_url)?;
    let in_mac = in_mac_text([&shop.merchant_id, &shop.terminal_id, &lidm, &amount, "0", "1"]);
    let pairs = vec![
        ("MerchantID", shop.merchant_id.clone()),
        ("TerminalID", shop.terminal_id.clone()),
        ("lidm", lidm),
        ("purchAmt", amount),
        ("txType", "0".to_owned()),
        ("MerchantName", name),
        ("AuthResURL", sale.return_url.clone()),
        ("OrderDetail", detail),
        ("ProdCode", String::new()),
        ("AutoCap", "1".to_owned()),
        ("customize", "1".to_owned()),
        ("NumberOfPay", "1".to_owned()),
    ];
    Ok((pairs, in_mac))
}

/// May the bank send a browser there? https, or http to this computer; visible ASCII without the
/// characters that leave the bank's page blank (ctbc.md 3.2) or end the field.
///
/// # Errors
/// [`BadInput`] of AuthResURL.
pub fn check_return_url(url: &str) -> Result<(), BadInput> {
    const FIELD: &str = "AuthResURL";
    let odd = |c: char| !c.is_ascii_graphic() || "?%@&$#=|\"'<>\\`".contains(c);
    refuse(FIELD, url, odd)?;
    if url.len() > ADDRESS_CHARS_MAX {
        return Err(BadInput::TooLong { field: FIELD.to_owned(), limit: ADDRESS_CHARS_MAX });
    }
    let parsed = url::Url::parse(url).map_err(|_| BadInput::form(FIELD))?;
    let here = parsed.scheme() == "http" && parsed.host_str() == Some("127.0.0.1");
    if parsed.scheme() == "https" || here { Ok(()) } else { Err(BadInput::form(FIELD)) }
}

/// The fields that a browser brought back, names in lower case. `None` for a repeated name: we
/// could use another value than the OutMac covers.
pub fn return_fields(text: &str) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        if fields.insert(name.trim().to_ascii_lowercase(), value.to_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// The text of an OutMac (ctbc.md 3.4). What is absent is empty.
pub fn out_mac_text(fields: &BTreeMap<String, String>, option: &str) -> String {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    format!(
        "|{}|{}|{}|{}|{}|{}|{}|{}|{option}|{}|",
        field("status"),
        field("errcode"),
        field("authcode"),
        field("authamt"),
        field("lidm"),
        field("offsetamt"),
        field("originalamt"),
        field("utilizedpoint"),
        field("last4digitpan"),
    )
}

/// The possible values of Option in an OutMac, likeliest first: the papers disagree (ctbc.md 3.4).
pub fn options(fields: &BTreeMap<String, String>) -> [String; 5] {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let (periods, product) = (field("numberofpay"), field("prodcode"));
    [periods.to_owned(), product.to_owned(), format!("{product}{periods}"), "1".to_owned(), String::new()]
}

// -------------------------------------------------------------------------------------------------
// API

/// A message of the API: where it goes, and its members.
pub struct Message {
    /// Below the bank's base.
    pub path: &'static str,
    /// In the order of the document.
    pub members: Pairs,
}

impl Message {
    /// The members by their names, to compare an answer with.
    pub fn fields(&self) -> Fields {
        self.members.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect()
    }
}

/// The question about one order. `xid` only if several transactions share one number.
///
/// # Errors
/// [`BadInput::Form`].
pub fn inquiry(mer_id: &str, lidm: &str, amount: Twd, xid: Option<&str>) -> Result<Message, BadInput> {
    let mut members = begin("SSL_INQUIRY", mer_id);
    members.push(("LID-M", number("LID-M", lidm)?));
    members.push(("PurchAmt", amount_to_wire(amount).ok_or_else(|| BadInput::form("PurchAmt"))?));
    members.push(("RECUR_NUM", "0".to_owned()));
    members.push(("TX_ATTRIBUTE", "0".to_owned()));
    members.extend(xid.map(|xid| ("XID", xid.to_owned())));
    Ok(end("/NewQuery/Inquiry", members))
}

/// The same question without an amount.
///
/// # Errors
/// [`BadInput::Form`].
pub fn inquiry_by_number(mer_id: &str, lidm: &str) -> Result<Message, BadInput> {
    let mut members = begin("SSL_InquiryByLidm", mer_id);
    members.push(("LID-M", number("LID-M", lidm)?));
    Ok(end("/NewQuery/InquiryByLidm", members))
}

/// A write. `authorized` is always the whole amount of the authorization.
///
/// # Errors
/// [`BadInput::Form`] for amounts: zero, too many digits, or a refund of more than was authorized.
pub fn action(mer_id: &str, action: Action, authorized: Twd, handles: &Handles) -> Result<Message, BadInput> {
    let whole = amount_to_wire(authorized).ok_or_else(|| BadInput::form("OrgAmt"))?;
    let (path, kind, amount_name, amount) = match action {
        Action::ReverseAuthorization => ("/NewPos/Reversal", "SSL_AUTHREV", "AuthNewAmt", ZERO.to_owned()),
        Action::Capture => ("/NewPos/Cap", "SSL_CAP", "CapAmt", whole.clone()),
        Action::ReverseCapture => ("/NewPos/CapRev", "SSL_CAPREV", "CapRevAmt", ZERO.to_owned()),
        Action::Refund { amount } => {
            let wire = amount_to_wire(amount).filter(|_| amount <= authorized);
            ("/NewPos/Refund", "SSL_CRED", "CredAmt", wire.ok_or_else(|| BadInput::form("CredAmt"))?)
        }
        Action::ReverseRefund => ("/NewPos/RefundRev", "SSL_CREDREV", "CredRevAmt", ZERO.to_owned()),
    };
    let mut members = begin(kind, mer_id);
    members.push(("AuthCode", handles.auth_code.clone()));
    members.push(("XID", handles.xid.clone()));
    members.push(("OrgAmt", whole));
    members.push((amount_name, amount));
    members.push(("AuthRRPID", handles.auth_rrpid.clone().unwrap_or_else(|| handles.xid.clone())));
    let term_seq = ("TermSeq", &handles.term_seq);
    let (id, seq) = (&handles.batch_id, &handles.batch_seq);
    // what the bank has not told is left out (ctbc.md 5.1), as an integrator does who never sends
    // these
    let rest: &[(&'static str, &Option<String>)] = match action {
        Action::ReverseAuthorization | Action::Capture => &[term_seq],
        Action::ReverseCapture => &[term_seq, ("BatchID", id), ("BatchSeq", seq)],
        Action::Refund { .. } => &[("CapBatchID", id), ("CapBatchSeq", seq)],
        Action::ReverseRefund => &[("CredBatchID", id), ("CredBatchSeq", seq)],
    };
    members.extend(rest.iter().filter_map(|(name, value)| Some((*name, (*value).clone()?))));
    Ok(end(path, members))
}

/// The text of a message: built by joining, since the bank escapes nothing.
///
/// # Errors
/// [`BadInput::Forbidden`].
pub fn json_text(members: &[(&str, String)]) -> Result<String, BadInput> {
    let mut text = String::new();
    for (name, value) in members {
        refuse(name, value, |c| matches!(c, '"' | '\\'))?;
        let mark = if text.is_empty() { "{\"" } else { ",\"" };
        text.extend([mark, name, "\":\"", value, "\""]);
    }
    text.push('}');
    Ok(text)
}

/// The body of a request.
pub fn body(mer_id: &str, api_enc: &str) -> String {
    format!("ApiEnc={api_enc}&MERID={mer_id}")
}

/// The two members of an answer's envelope.
#[derive(Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Sealed.
    pub api_enc: &'a str,
    /// In clear, so unverified.
    pub mer_id: Option<&'a str>,
}

/// Takes an answer's body apart, whatever the order. The `Content-Type` takes no part: a normal
/// answer may call itself HTML.
///
/// # Errors
/// Our code for what came instead: `html`, `no-envelope`.
pub fn envelope(body: &[u8]) -> Result<Envelope<'_>, &'static str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if body.starts_with(b"<") {
        return Err("html");
    }
    let text = std::str::from_utf8(body).map_err(|_| "no-envelope")?;
    let (mut api_enc, mut mer_id) = (None, None);
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        let place = match name.trim() {
            "ApiEnc" => &mut api_enc,
            "MERID" => &mut mer_id,
            _ => continue,
        };
        if place.replace(value.trim()).is_some() {
            return Err("no-envelope");
        }
    }
    // a MERID is digits (ctbc.md 5.2); anything else names no other shop either
    if mer_id.is_some_and(|shop: &str| shop.is_empty() || !shop.bytes().all(|b| b.is_ascii_digit())) {
        return Err("no-envelope");
    }
    Ok(Envelope { api_enc: api_enc.ok_or("no-envelope")?, mer_id })
}

/// A member as text without blanks at its ends: a text that is not blank, or a number.
pub fn text(fields: &Fields, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) => Some(text.trim()).filter(|t| !t.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn begin(kind: &str, mer_id: &str) -> Pairs {
    vec![("SSL-TYPE", kind.to_owned()), ("MERID", mer_id.to_owned())]
}

fn end(path: &'static str, mut members: Pairs) -> Message {
    members.push(("VERSION", VERSION.to_owned()));
    members.push(("SwRevision", REVISION.to_owned()));
    Message { path, members }
}

fn refuse(field: &str, value: &str, odd: impl Fn(char) -> bool) -> Result<(), BadInput> {
    match value.chars().find(|c| c.is_control() || odd(*c)) {
        Some(character) => Err(BadInput::Forbidden { field: field.to_owned(), character }),
        None => Ok(()),
    }
}

fn short(field: &str, value: &str, limit: usize) -> Result<String, BadInput> {
    let value = value.trim();
    if value.chars().count() > limit {
        return Err(BadInput::TooLong { field: field.to_owned(), limit });
    }
    Ok(value.to_owned())
}

fn number(field: &str, value: &str) -> Result<String, BadInput> {
    let good = (1..=NUMBER_CHARS_MAX).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if good { Ok(value.to_owned()) } else { Err(BadInput::form(field)) }
}
