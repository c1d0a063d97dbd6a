//! Gateway and envelope (sinopac.md 1, 2, 9.4, 12): what is checked before a service, and how its
//! answer is sealed.
//!
//! Promises the order of checks of sinopac.md 12 and that a refused request changes nothing but, at
//! most, its one-time number. The JSON form of gateway errors and the plain form of answers to
//! unknown shops are not published; the forms here are ours, and a client should not look into
//! them.

use serde_json::{Map, Value, json};

use crate::http::{HttpAnswer, HttpRequest};
use crate::json;

use super::answer::failure;
use super::bank::{Bank, World};
use super::fields::{Code, number, text};
use super::{bill, codes, create, maintain, nonces, query, seal};

/// Where the dialect lives.
pub(crate) const API_PATH: &str = "/funBIZ-Sbx/QPay.WebAPI/api";

const SERVICES: [&str; 6] =
    ["OrderCreate", "OrderQuery", "OrderPayQuery", "OrderMaintain", "OrderUnCapturedQuery", "BillQuery"];

/// Which service a request is for, as far as it can be told without acting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peek {
    pub(crate) shop: Option<usize>,
    pub(crate) service: String,
    pub(crate) order: Option<String>,
    /// The `Command`; `R2` is R with a RefundToken.
    pub(crate) command: Option<String>,
    /// The amount that it names, in whole dollars.
    pub(crate) amount: Option<i64>,
}

impl Peek {
    /// What an opened message says of itself.
    fn look(&mut self, bank: &Bank, fields: &Map<String, Value>) {
        self.order = order_of(bank, fields);
        self.command = command_of(fields);
        self.amount = number(fields, "Amount", "").ok().flatten().map(|amount| amount / 100);
    }
}

/// The answer of the application, before it is sealed.
pub(crate) struct Outcome {
    /// Inside of the envelope, or the whole body when there is no shop to seal for.
    pub(crate) inner: Map<String, Value>,
    pub(crate) shop: Option<usize>,
    pub(crate) service: String,
    pub(crate) order: Option<String>,
    pub(crate) code: String,
    pub(crate) command: Option<String>,
    pub(crate) amount: Option<i64>,
    /// The books were changed.
    pub(crate) acted: bool,
}

/// A request with its body read once; `outer` is `None` when the body is no JSON object.
pub(crate) struct Incoming<'a> {
    pub(crate) request: &'a HttpRequest,
    outer: Option<Map<String, Value>>,
}

impl<'a> Incoming<'a> {
    pub(crate) fn read(request: &'a HttpRequest) -> Self {
        Self { request, outer: json::object(&request.body) }
    }

    fn is_nonce(&self) -> bool {
        self.request.bare_path().ends_with("/Nonce")
    }

    fn text(&self, name: &str) -> &str {
        let member = self.outer.as_ref().and_then(|outer| outer.get(name));
        member.and_then(Value::as_str).unwrap_or_default()
    }
}

/// The checks of the gateway: path, method, media type, key, address, rate.
pub(crate) fn gateway(bank: &Bank, incoming: &Incoming<'_>, over_rate: bool) -> Option<HttpAnswer> {
    let request = incoming.request;
    let error = |status: u16, code: &str, text: &str| {
        Some(HttpAnswer::json(status, &json!({"code": code, "message": text})))
    };
    let path = request.bare_path();
    let known = [format!("{API_PATH}/Nonce"), format!("{API_PATH}/Order")];
    if !known.iter().any(|known| known == path) {
        let wrong_case = known.iter().any(|known| known.eq_ignore_ascii_case(path));
        return if wrong_case {
            error(403, "403", "No match found for request")
        } else {
            error(404, "9999", "Not Found")
        };
    }
    if request.method != "POST" {
        return error(405, "405", "Method Not Allowed");
    }
    let media = request.header("content-type").unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return error(415, "415", "Unsupported Media Type");
    }
    if request.header("x-keyid").is_none() {
        return error(401, "401", "unknown error");
    }
    let Some(by_key) = key_of(bank, request) else { return error(401, "401", "Security failure") };
    let shop = bank.shop(incoming.text("ShopNo")).unwrap_or(by_key);
    let refused = bank
        .shops
        .get(shop)
        .and_then(|shop| shop.allow_ips.as_ref())
        .is_some_and(|allowed| !allowed.contains(&request.source_ip));
    if refused {
        return error(499, "9998", "IP address not allowed");
    }
    if over_rate {
        return error(429, "429", "Too Many Requests");
    }
    None
}

/// The first shop with the key of a request.
pub(crate) fn key_of(bank: &Bank, request: &HttpRequest) -> Option<usize> {
    let key = request.header("x-keyid")?;
    bank.shops.iter().position(|shop| shop.key_id.eq_ignore_ascii_case(key))
}

/// Looks into a request without acting; `with_order` also opens the message.
pub(crate) fn target_of(bank: &Bank, incoming: &Incoming<'_>, with_order: bool) -> Peek {
    let shop = bank.shop(incoming.text("ShopNo"));
    if incoming.is_nonce() {
        return Peek { shop, service: "Nonce".to_owned(), ..Peek::default() };
    }
    let text = |name: &str| incoming.text(name);
    let service = text("APIService").to_owned();
    let inner = shop
        .filter(|_| with_order)
        .and_then(|at| bank.shops.get(at))
        .and_then(|shop| json::object(&seal::decrypt(text("Message"), text("Nonce"), &shop.hash_id)?));
    let mut peek = Peek { shop, service, ..Peek::default() };
    if let Some(fields) = inner {
        peek.look(bank, &fields);
    }
    peek
}

/// Nonce or Order, after the gateway. `forced` answers with a code where the service would act, and
/// so does the switch that refuses every order.
pub(crate) fn answer(
    bank: &mut Bank,
    world: &mut World<'_>,
    incoming: &Incoming<'_>,
    forced: Option<&str>,
) -> Outcome {
    if incoming.is_nonce() {
        nonce(bank, world, incoming, forced)
    } else {
        order(bank, world, incoming, forced)
    }
}

impl Outcome {
    /// The body: a sealed envelope with a nonce of its own, or plain JSON when there is no shop.
    pub(crate) fn seal(&self, bank: &Bank, world: &mut World<'_>) -> Vec<u8> {
        let query = seal::query_text(&self.inner);
        let plain = Value::Object(self.inner.clone()).to_string();
        match self.shop {
            Some(shop) => envelope(bank, world, shop, &self.service, query.as_bytes(), plain.as_bytes()),
            None => plain.into_bytes(),
        }
    }
}

/// An envelope around these bytes with the sign over these.
pub(crate) fn envelope(
    bank: &Bank,
    world: &mut World<'_>,
    shop: usize,
    service: &str,
    query: &[u8],
    plain: &[u8],
) -> Vec<u8> {
    let Some(shop) = bank.shops.get(shop) else { return Vec::new() };
    let nonce = nonces::fresh(world.now, world.dice);
    let sign = seal::sign(query, &nonce, &shop.hash_id);
    let message = seal::encrypt(plain, &nonce, &shop.hash_id).unwrap_or_default();
    json!({
        "Version": "1.0.0",
        "ShopNo": shop.number,
        "APIService": service,
        "Sign": sign,
        "Nonce": nonce,
        "Message": message,
    })
    .to_string()
    .into_bytes()
}

fn nonce(bank: &mut Bank, world: &mut World<'_>, incoming: &Incoming<'_>, forced: Option<&str>) -> Outcome {
    let checked = match &incoming.outer {
        None => Err("E0001"),
        Some(_) => known_shop(bank, incoming.text("ShopNo")),
    };
    let result = match (checked, forced) {
        (Ok(_), Some(code)) => Err(code),
        (checked, _) => checked,
    };
    let (code, inner) = match result {
        Ok(shop) => {
            let (ip, twice) = (incoming.request.source_ip, world.switches.nonce_twice);
            let text = bank.nonces.issue(shop, ip, world.now, world.dice, twice);
            ("S0000", json!({"Nonce": text}))
        }
        Err(code) => (code, json!({"Status": "F", "Description": codes::description(code)})),
    };
    let inner = inner.as_object().cloned().unwrap_or_default();
    let (service, code) = ("Nonce".to_owned(), code.to_owned());
    Outcome { inner, shop: None, service, order: None, code, command: None, amount: None, acted: false }
}

fn order(bank: &mut Bank, world: &mut World<'_>, incoming: &Incoming<'_>, forced: Option<&str>) -> Outcome {
    let in_form = incoming.outer.as_ref().is_some_and(|outer| outer.values().all(Value::is_string));
    if !in_form {
        return refuse(bank, world, Peek::default(), "E0001");
    }
    let mut peek = target_of(bank, incoming, false);
    let fields = match check_envelope(bank, world, incoming) {
        Ok(fields) => fields,
        Err(code) => return refuse(bank, world, peek, code),
    };
    peek.look(bank, &fields);
    if let Some(code) = forced.or(world.switches.refuse_all.as_deref()) {
        return refuse(bank, world, peek, code);
    }
    let Some(shop) = peek.shop else { return refuse(bank, world, peek, "E0101") };
    let result = match peek.service.as_str() {
        "OrderCreate" => create::create(bank, world, shop, &fields),
        "OrderQuery" => query::orders(bank, world, shop, &fields),
        "OrderPayQuery" => query::by_token(bank, world, shop, &fields),
        "OrderMaintain" => maintain::maintain(bank, world, shop, &fields),
        "BillQuery" => bill::bill(bank, world, shop, &fields),
        "OrderUnCapturedQuery" => query::uncaptured(bank, world, shop, &fields),
        _ => Err("E3401"),
    };
    match result {
        Ok(inner) => {
            let acted = matches!(peek.service.as_str(), "OrderCreate" | "OrderMaintain");
            let description = inner.get("Description").and_then(Value::as_str).unwrap_or_default();
            let code = description.chars().take(5).collect();
            let Peek { shop, service, order, command, amount } = peek;
            Outcome { inner, shop, service, order, code, command, amount, acted }
        }
        Err(code) => refuse(bank, world, peek, code),
    }
}

/// Everything between the gateway and the fields, in the order of sinopac.md 12. Gives the opened
/// message.
fn check_envelope(
    bank: &mut Bank,
    world: &World<'_>,
    incoming: &Incoming<'_>,
) -> Result<Map<String, Value>, Code> {
    let text = |name: &str| incoming.text(name);
    if text("Version") != "1.0.0" {
        return Err("E3301");
    }
    let shop = known_shop(bank, text("ShopNo"))?;
    if !SERVICES.contains(&text("APIService")) {
        return Err("E3401");
    }
    bank.nonces.redeem(text("Nonce"), shop, incoming.request.source_ip, world.now)?;
    let shop = bank.shops.get(shop).ok_or("E0101")?;
    let plain = seal::decrypt(text("Message"), text("Nonce"), &shop.hash_id).ok_or("E3501")?;
    let fields = json::object(&plain).ok_or("E3501")?;
    let sign = seal::sign(seal::query_text(&fields).as_bytes(), text("Nonce"), &shop.hash_id);
    if sign != text("Sign") {
        return Err("E0000");
    }
    if fields.get("ShopNo").and_then(Value::as_str) != Some(shop.number.as_str()) {
        return Err("E0100");
    }
    Ok(fields)
}

/// E0100 not a shop number, E0101 not ours, E0102 closed.
fn known_shop(bank: &Bank, shop_no: &str) -> Result<usize, Code> {
    if shop_no.trim().is_empty() || shop_no.chars().count() > 20 {
        return Err("E0100");
    }
    let at = bank.shop(shop_no).ok_or("E0101")?;
    if bank.shops.get(at).is_some_and(|shop| shop.open) { Ok(at) } else { Err("E0102") }
}

fn refuse(bank: &Bank, world: &World<'_>, peek: Peek, code: &str) -> Outcome {
    let shop_no = peek.shop.and_then(|at| bank.shops.get(at)).map(|shop| shop.number.as_str());
    let inner = if let Some(shop_no) = shop_no {
        failure(world.switches, &peek.service, shop_no, code)
    } else {
        let plain = json!({"Status": "F", "Description": codes::description(code)});
        plain.as_object().cloned().unwrap_or_default()
    };
    let Peek { shop, service, order, command, amount } = peek;
    Outcome { inner, shop, service, order, code: code.to_owned(), command, amount, acted: false }
}

fn command_of(fields: &Map<String, Value>) -> Option<String> {
    let command = text(fields, "Command").ok().flatten()?;
    let second = command == "R" && text(fields, "RefundToken").is_ok_and(|token| token.is_some());
    Some(if second { "R2".to_owned() } else { command.chars().take(8).collect() })
}

fn order_of(bank: &Bank, fields: &Map<String, Value>) -> Option<String> {
    let by_number = fields.get("OrderNo").and_then(Value::as_str).map(str::to_owned);
    by_number.or_else(|| {
        let token = bank.tokens.get(fields.get("PayToken")?.as_str()?)?;
        Some(bank.ledger.get(token.order)?.number.clone())
    })
}
