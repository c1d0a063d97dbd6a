//! The wire format: the requests as objects, the envelope, and the members of answers
//! (sinopac.md 1.2 and 4).
//!
//! Promise: members follow the order of the document. We read numbers as numbers or as text, and
//! treat absent, null and blank members alike. Left out: ciphers (`seal`), and what an answer means
//! (`meaning`).

use counterfoil_domain::Rail;
use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::operation::rules::Message;
use counterfoil_engine::ports::{BankRequest, Inquiry, Write};
use counterfoil_engine::shop::SinopacSettings;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::seal::{HashId, NotGenuine, Sealed, open};
use super::units::{amount_to_wire, day_to_wire, minute_to_wire};
use crate::strict_json;

/// An object of the wire.
pub type Fields = Map<String, Value>;

/// The only version there is. Never taken from an answer.
pub const VERSION: &str = "1.0.0";
/// A nonce has 108 characters; it is opaque, so anything up to this is taken.
const NONCE_CHARS_MAX: usize = 512;

/// The amount does not fit the wire's nine digits of hundredths, or the request is another bank's:
/// nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSendable;

/// The service that a request goes to: the `APIService` member.
pub const fn service(request: &BankRequest) -> &'static str {
    match request {
        BankRequest::Write(Write::IssueAccount { .. } | Write::CreateLink { .. }) => "OrderCreate",
        BankRequest::Write(Write::Manage { .. } | Write::Refund { .. }) => "OrderMaintain",
        BankRequest::Ask(Inquiry::Order { .. } | Inquiry::Paid { .. }) => "OrderQuery",
        BankRequest::Ask(Inquiry::Token { .. }) => "OrderPayQuery",
        BankRequest::Ask(Inquiry::Uncaptured) => "OrderUnCapturedQuery",
        BankRequest::Ask(Inquiry::Bill { .. }) => "BillQuery",
        // nothing but a nonce, and requests of the other bank
        BankRequest::Write(Write::Card { .. })
        | BankRequest::Ask(Inquiry::Time { .. } | Inquiry::Card { .. }) => "",
    }
}

/// The message of a request, members in the document's order.
///
/// # Errors
/// [`NotSendable`].
pub fn fields(request: &BankRequest, shop: &SinopacSettings) -> Result<Fields, NotSendable> {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("ShopNo", shop.shop_no.as_str().into());
    match request {
        BankRequest::Write(Write::IssueAccount {
            bank_order_no,
            amount,
            product,
            expires_on,
            return_url,
        }) => {
            put("OrderNo", bank_order_no.as_str().into());
            put("Amount", amount_to_wire(*amount).ok_or(NotSendable)?.into());
            put("CurrencyID", "TWD".into());
            put("PayType", "A".into());
            // only a day: the account then lives through 23:59:59 of it (sinopac.md 5)
            put("ATMParam", json!({ "ExpireDate": day_to_wire(*expires_on) }));
            put("PrdtName", wire_text(product).into());
            put("ReturnURL", return_url.as_str().into());
        }
        BankRequest::Write(Write::CreateLink {
            bank_order_no,
            amount,
            product,
            minutes,
            auto_billing,
            return_url,
        }) => {
            put("OrderNo", bank_order_no.as_str().into());
            put("Amount", amount_to_wire(*amount).ok_or(NotSendable)?.into());
            put("CurrencyID", "TWD".into());
            put("PayType", "C".into());
            // ExpBillingDays stays away: it was range-checked even where it is ignored (sinopac.md
            // 6)
            put(
                "CardParam",
                json!({ "AutoBilling": if *auto_billing { "Y" } else { "N" }, "ExpMinutes": minutes, "PayTypeSub": "ONE" }),
            );
            put("PrdtName", wire_text(product).into());
            put("ReturnURL", return_url.as_str().into());
        }
        BankRequest::Write(Write::Manage { kind, bank_order_no }) => {
            put("OrderNo", bank_order_no.as_str().into());
            put("Command", command(*kind).ok_or(NotSendable)?.into());
        }
        BankRequest::Write(Write::Refund { kind, bank_order_no, amount, token }) => {
            let token = refund_token(*kind, token.as_ref())?;
            put("OrderNo", bank_order_no.as_str().into());
            put("Command", "R".into());
            put("Amount", amount_to_wire(*amount).ok_or(NotSendable)?.into());
            if let Some(token) = token {
                put("RefundToken", token.into());
            }
        }
        BankRequest::Ask(Inquiry::Order { bank_order_no }) => put("OrderNo", bank_order_no.as_str().into()),
        BankRequest::Ask(Inquiry::Token { token }) => put("PayToken", token.expose_secret().into()),
        BankRequest::Ask(Inquiry::Paid { span, only }) => {
            // without PayType: accounts and cards in one question
            if let Some(rail) = only.rail {
                put("PayType", pay_type(rail).ok_or(NotSendable)?.into());
            }
            if let Some(made) = only.made {
                put("OrderDateTimeS", minute_to_wire(made.from).into());
                put("OrderDateTimeE", minute_to_wire(made.to).into());
            }
            put("PayDateTimeS", minute_to_wire(span.from).into());
            put("PayDateTimeE", minute_to_wire(span.to).into());
        }
        BankRequest::Ask(Inquiry::Uncaptured) => {}
        BankRequest::Ask(Inquiry::Bill { day }) => put("BillDate", day_to_wire(*day).into()),
        // no message of this bank: not sendable
        BankRequest::Write(Write::Card { .. })
        | BankRequest::Ask(Inquiry::Time { .. } | Inquiry::Card { .. }) => return Err(NotSendable),
    }
    Ok(fields)
}

/// The `PayType` of a rail; `None` for the other bank's.
const fn pay_type(rail: Rail) -> Option<&'static str> {
    match rail {
        Rail::SinopacAccount => Some("A"),
        Rail::SinopacCard => Some("C"),
        Rail::CtbcCard => None,
    }
}

/// The `RefundToken` of a refund: the second call of an account refund has one, no other has.
///
/// # Errors
/// [`NotSendable`]: no refund of this bank, a token where none belongs, or none where one does.
fn refund_token(kind: OperationKind, token: Option<&SecretString>) -> Result<Option<&str>, NotSendable> {
    match (kind.rule().message, token) {
        (Message::Refund, None) => Ok(None),
        (Message::RefundWithToken, Some(token)) if is_refund_token(token.expose_secret()) => {
            Ok(Some(token.expose_secret()))
        }
        (
            Message::Refund
            | Message::RefundWithToken
            | Message::Account
            | Message::Link
            | Message::Form
            | Message::Order
            | Message::Card,
            Some(_) | None,
        ) => Err(NotSendable),
    }
}

/// A `RefundToken` has up to 64 letters and digits (64 hex digits in practice).
fn is_refund_token(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The `RefundToken` of an answer, if it can be sent back.
pub fn refund_token_of(answer: &Fields) -> Option<SecretString> {
    text(answer, "RefundToken").filter(|token| is_refund_token(token)).map(SecretString::from)
}

/// The `Command` of `OrderMaintain` on a whole order.
const COMMANDS: [(OperationKind, &str); 3] = [
    (OperationKind::CancelAccount, "C"),
    (OperationKind::CancelAuthorization, "C"),
    (OperationKind::Capture, "P"),
];

/// `None`: a refund, which carries an amount, or no operation of this bank's orders.
pub fn command(kind: OperationKind) -> Option<&'static str> {
    COMMANDS.into_iter().find(|(of, _)| *of == kind).map(|(_, command)| command)
}

/// Text as the wire takes it: `'`, `"` and `%` full-width (sinopac.md 4), control characters as
/// blanks, no blanks at the ends.
pub fn wire_text(text: &str) -> String {
    let widened: String = text
        .chars()
        .map(|c| match c {
            '\'' => '＇',
            '"' => '＂',
            '%' => '％',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    widened.trim().to_owned()
}

/// The body of a `Nonce` request.
pub fn nonce_body(shop_no: &str) -> String {
    json!({ "ShopNo": shop_no }).to_string()
}

/// The nonce in the answer of the `Nonce` service.
///
/// # Errors
/// What the answer says instead.
pub fn nonce_of(body: &[u8]) -> Result<String, Plain> {
    let plain = Plain::read(body)?;
    match text(&plain.fields, "Nonce") {
        Some(nonce) if nonce.len() <= NONCE_CHARS_MAX => Ok(nonce),
        Some(_) | None => Err(plain),
    }
}

/// The body of an `Order` request.
pub fn envelope(shop_no: &str, service: &str, nonce: &str, sealed: &Sealed) -> String {
    json!({
        "Version": VERSION,
        "ShopNo": shop_no,
        "APIService": service,
        "Sign": sealed.sign,
        "Nonce": nonce,
        "Message": sealed.message,
    })
    .to_string()
}

/// A body that is not a sealed answer, so unverified.
#[derive(Clone, PartialEq)]
pub struct Plain {
    /// The code in its `Description`, else what is wrong with it: `html`, `bad-json`.
    pub code: String,
    /// Its members, where it is an object.
    pub fields: Fields,
}

impl Plain {
    fn read(body: &[u8]) -> Result<Self, Self> {
        if let Some(Value::Object(fields)) = strict_json::parse(body) {
            return Ok(Self { code: code_of(&fields).unwrap_or_else(|| "bad-json".to_owned()), fields });
        }
        let html = body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<');
        Err(Self { code: if html { "html" } else { "bad-json" }.to_owned(), fields: Fields::new() })
    }
}

/// What an answer of `Order` is.
pub enum Received {
    /// Verified.
    Genuine(Fields),
    /// An envelope that does not open.
    Forged(Envelope),
    /// No envelope.
    Plain(Plain),
    /// A verified envelope of another shop.
    OtherShop,
}

/// The sealed members of an answer's envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    nonce: String,
    message: String,
    sign: String,
}

impl Envelope {
    /// Opens it with a key.
    ///
    /// # Errors
    /// [`NotGenuine`].
    pub fn open(&self, hash_id: &HashId) -> Result<Fields, NotGenuine> {
        open(hash_id, &self.nonce, &self.message, &self.sign)
    }
}

/// Reads an answer of `Order`.
pub fn receive(body: &[u8], hash_id: &HashId, shop_no: &str) -> Received {
    let plain = match Plain::read(body) {
        Ok(plain) => plain,
        Err(plain) => return Received::Plain(plain),
    };
    let member = |name| text(&plain.fields, name);
    let (Some(message), Some(nonce)) = (member("Message"), member("Nonce")) else {
        return Received::Plain(plain);
    };
    let envelope = Envelope { nonce, message, sign: member("Sign").unwrap_or_default() };
    match envelope.open(hash_id) {
        Err(NotGenuine) => Received::Forged(envelope),
        // the envelope itself is not signed, so neither it nor its content may name another shop
        Ok(inner) if member("ShopNo").is_none_or(|no| no == shop_no) && says(&inner, "ShopNo", shop_no) => {
            Received::Genuine(inner)
        }
        Ok(_) => Received::OtherShop,
    }
}

/// Does the object, where it says anything under this name, say just this?
pub fn says(fields: &Fields, name: &str, ours: &str) -> bool {
    text(fields, name).is_none_or(|theirs| theirs == ours)
}

/// The code in an object's `Description`: a letter and four digits before the first blank
/// (sinopac.md 9.1).
pub fn code_of(fields: &Fields) -> Option<String> {
    let description = text(fields, "Description")?;
    let code = description.split([' ', '–', '-']).next()?;
    let mut letters = code.bytes();
    let good = letters.next().is_some_and(|b| b.is_ascii_uppercase()) && letters.all(|b| b.is_ascii_digit());
    (good && code.len() == 5).then(|| code.to_owned())
}

/// A member as text: a text that is not blank, or a number.
pub fn text(fields: &Fields, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A nested object; an absent or empty one is an empty one, as `[]` and `""` are (sinopac.md 3.3).
pub fn node<'a>(fields: &'a Fields, name: &str) -> Option<&'a Fields> {
    fields.get(name).and_then(Value::as_object)
}

/// The objects of a list; one that is absent is empty.
pub fn nodes<'a>(fields: &'a Fields, name: &str) -> impl Iterator<Item = &'a Fields> {
    fields.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_on_an_order_can_be_sent() {
        for kind in OperationKind::ALL {
            assert_eq!(command(kind).is_some(), kind.rule().message == Message::Order, "{kind:?}");
        }
    }
}
