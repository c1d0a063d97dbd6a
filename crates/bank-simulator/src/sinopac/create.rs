//! `OrderCreate` (sinopac.md 4.1, 5, 6): the field checks in code-number order, then the order.
//!
//! Every check of the paper that concerns pay types A and C is made. E0304, E0402 and E0407 to
//! E0410 depend on the bank's inside; they are had by the fault `code:E…`.

use serde_json::{Map, Value};

use crate::switches::Switches;
use crate::time::BankTime;

use super::answer::{Members, card_pay_url, page_url};
use super::bank::{Bank, World};
use super::fields::{Code, limited, node, number, order_no, text};
use super::ledger::{Kind, NewOrder, OrderId};

/// Single limit of an account, in dollars x 100.
const ACCOUNT_LIMIT: i64 = 3_000_000;
/// The risk limit: an account lives at most so many days.
const ACCOUNT_DAYS: i64 = 30;

/// Checks, then creates.
pub(crate) fn create(
    bank: &mut Bank,
    world: &mut World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let new = check(bank, world, shop, fields)?;
    let id = bank.open(world, shop, new);
    Ok(answer(bank, world, fields, id))
}

fn check(bank: &Bank, world: &World<'_>, shop: usize, fields: &Map<String, Value>) -> Result<NewOrder, Code> {
    let number = order_no(fields)?;
    if bank.ledger.by_number(shop, number).is_some() {
        return Err("E0302");
    }
    let amount = amount(fields, world.switches)?;
    if text(fields, "CurrencyID")? != Some("TWD") {
        return Err("E0500");
    }
    let kind = pay_type(fields)?;
    let card = node(fields, "CardParam")?;
    check_sub_type(kind, &card)?;
    let product = limited(fields, "PrdtName", 60, "E0701", "E0702")?.ok_or("E0700")?;
    let (ends, expire_shown) = match kind {
        Kind::Account => account_end(&node(fields, "ATMParam")?, world.now)?,
        Kind::Card => (world.now, String::new()),
    };
    let (auto_billing, billing_days, minutes) = match kind {
        Kind::Account => (true, None, 0),
        Kind::Card => card_terms(&card, world.switches)?,
    };
    let (ends, expire_shown) = match kind {
        Kind::Account => (ends, expire_shown),
        Kind::Card => {
            let ends = world.now.plus_minutes(minutes);
            (ends, ends.minute())
        }
    };
    let return_url = return_url(fields, world.switches)?;
    let backend_url = limited(fields, "BackendURL", 255, "E1301", "E1302")?;
    if backend_url.as_deref().is_some_and(|url| world.switches.port_check && !usual_port(url)) {
        return Err("E1302");
    }
    let memo = limited(fields, "Memo", 30, "E1401", "E1402")?;
    let params = [
        param(fields, "Param1", "E1501", "E1502")?,
        param(fields, "Param2", "E1601", "E1602")?,
        param(fields, "Param3", "E1701", "E1702")?,
    ];
    if kind == Kind::Card {
        check_tokens(&card)?;
    }
    check_qr(fields)?;
    Ok(NewOrder {
        number: number.to_owned(),
        kind,
        amount,
        product,
        memo,
        params,
        return_url,
        backend_url,
        ends,
        expire_shown,
        auto_billing,
        billing_days,
        planted: false,
    })
}

/// E0400 absent or no number of at most nine digits, E0401, E0403 (accounts), E0405 nothing to pay.
fn amount(fields: &Map<String, Value>, switches: &Switches) -> Result<i64, Code> {
    let amount = number(fields, "Amount", "E0400")?.ok_or("E0400")?;
    if amount % 100 != 0 {
        return Err("E0401");
    }
    let account = fields.get("PayType").and_then(Value::as_str) == Some("A");
    if account && switches.account_limit && amount > ACCOUNT_LIMIT {
        return Err("E0403");
    }
    if amount == 0 {
        return Err("E0405");
    }
    Ok(amount)
}

fn pay_type(fields: &Map<String, Value>) -> Result<Kind, Code> {
    let Some(value) = fields.get("PayType").filter(|value| !value.is_null()) else { return Err("E0600") };
    match value.as_str() {
        Some("") => Err("E0600"),
        Some("A") => Ok(Kind::Account),
        Some("C") => Ok(Kind::Card),
        // known, and not contracted
        Some("M" | "W" | "P" | "L") => Err("E0602"),
        Some(_) | None => Err("E0601"),
    }
}

/// Only single payments are contracted.
fn check_sub_type(kind: Kind, card: &Map<String, Value>) -> Result<(), Code> {
    match (kind, text(card, "PayTypeSub")?) {
        (Kind::Account, _) | (Kind::Card, None | Some("ONE")) => Ok(()),
        (Kind::Card, Some("STAGING" | "BONUS" | "CUP" | "REGULAR")) => Err("E0602"),
        (Kind::Card, Some(_)) => Err("E0601"),
    }
}

/// The end of an account: a date alone lasts through that day, on the risk limit until the second
/// before creation time.
fn account_end(param: &Map<String, Value>, now: BankTime) -> Result<(BankTime, String), Code> {
    let day = BankTime::from_day(text(param, "ExpireDate")?.ok_or("E0800")?).ok_or("E0801")?;
    let time = text(param, "ExpireTime")?;
    let limit = now.start_of_day().plus_days(ACCOUNT_DAYS);
    if day < now.start_of_day() || day > limit {
        return Err("E0802");
    }
    let at_limit = now.plus_days(ACCOUNT_DAYS).plus_ms(-1_000);
    let ends = match time {
        None if day == limit => at_limit,
        None => day.plus_days(1),
        Some(time) => {
            let ends = BankTime::from_minute(&format!("{}{time}", day.day())).ok_or("E0801")?.plus_minutes(1);
            if ends <= now || ends > at_limit {
                return Err("E0802");
            }
            ends
        }
    };
    Ok((ends, ends.plus_ms(-1).minute()))
}

/// `AutoBilling`, `ExpBillingDays` (checked although `AutoBilling` is `Y`, as seen on the live
/// sandbox), `ExpMinutes`.
fn card_terms(card: &Map<String, Value>, switches: &Switches) -> Result<(bool, Option<i64>, i64), Code> {
    let auto_billing = match text(card, "AutoBilling")? {
        None => return Err("E0900"),
        Some("Y") => true,
        Some("N") => false,
        Some(_) => return Err("E0901"),
    };
    let days = number(card, "ExpBillingDays", "E1000")?;
    if days.is_some_and(|days| !(1..=switches.exp_billing_days_max).contains(&days)) {
        return Err("E1001");
    }
    let minutes = number(card, "ExpMinutes", "E1100")?.unwrap_or(10);
    if !(1..=30).contains(&minutes) {
        return Err("E1101");
    }
    Ok((auto_billing, days, minutes))
}

fn return_url(fields: &Map<String, Value>, switches: &Switches) -> Result<String, Code> {
    let url = limited(fields, "ReturnURL", 255, "E1201", "E1202")?.ok_or("E1200")?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let no_host = host.is_empty() || host.starts_with(['/', ':', '?']) || url.contains(char::is_whitespace);
    if no_host || (switches.port_check && !usual_port(&url)) {
        return Err("E1200");
    }
    Ok(url)
}

/// True when an address has no port, or 80 or 443.
fn usual_port(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |parts| parts.1);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |parts| parts.1);
    let after_host = host.rsplit_once(']').map_or(host, |parts| parts.1);
    match after_host.rsplit_once(':') {
        None => true,
        Some((_, port)) => matches!(port, "80" | "443"),
    }
}

/// A parameter that was sent empty is echoed empty.
fn param(
    fields: &Map<String, Value>,
    name: &str,
    too_long: Code,
    special: Code,
) -> Result<Option<String>, Code> {
    let given = limited(fields, name, 255, too_long, special)?;
    let sent_empty = fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(given.or(sent_empty))
}

/// Quick payment and bound cards are not contracted.
fn check_tokens(card: &Map<String, Value>) -> Result<(), Code> {
    if text(card, "CCToken")?.is_some() {
        return Err("E3702");
    }
    if text(card, "BindNo")?.is_some() || text(card, "BindToken")?.is_some() {
        return Err("E3706");
    }
    Ok(())
}

fn check_qr(fields: &Map<String, Value>) -> Result<(), Code> {
    if text(fields, "QRCodeStatus")?.is_some_and(|status| status != "Y" && status != "N") {
        return Err("E3900");
    }
    match number(fields, "QRCodeSize", "E3901")? {
        None => Ok(()),
        Some(size) if (350..=800).contains(&size) => Ok(()),
        Some(_) => Err("E3901"),
    }
}

fn answer(bank: &Bank, world: &World<'_>, fields: &Map<String, Value>, id: OrderId) -> Map<String, Value> {
    let mut out = Members::new(world.switches);
    let Some(order) = bank.ledger.get(id) else { return out.done() };
    out.text("OrderNo", &order.number);
    out.text("ShopNo", bank.shops.get(order.shop).map_or("", |shop| &shop.number));
    out.text("TSNo", &order.ts_no);
    out.amount("Amount", order.facts.amount);
    out.success();
    for (name, value) in ["Param1", "Param2", "Param3"].into_iter().zip(&order.params) {
        out.maybe(name, value.as_deref());
    }
    out.text("PayType", order.kind.letter());
    let wants_qr = fields.get("QRCodeStatus").and_then(Value::as_str) == Some("Y");
    let qr = wants_qr.then(|| page_url(world.base, "QRCode", order));
    out.maybe("QRCodeURL", qr.as_deref());
    let mut node = Members::new(world.switches);
    match order.kind {
        Kind::Account => {
            node.text("AtmPayNo", &order.account);
            node.text("WebAtmURL", &page_url(world.base, "PayWebATM", order));
            if world.switches.otp_url {
                node.text("OtpURL", &page_url(world.base, "PayOTP", order));
            }
            out.node("ATMParam", node);
        }
        Kind::Card => {
            node.text("CardPayURL", &card_pay_url(world, order));
            out.node("CardParam", node);
        }
    }
    out.done()
}
