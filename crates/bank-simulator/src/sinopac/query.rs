//! The asking services: `OrderQuery`, `OrderPayQuery`, `OrderUnCapturedQuery` (sinopac.md 4.2, 4.4,
//! 4.5).

use serde_json::{Map, Value};

use crate::switches::{PastRows, RefundListRule};
use crate::time::BankTime;

use super::answer::{Members, card_pay_url, page_url};
use super::bank::{Bank, World};
use super::codes;
use super::fields::{Code, PairCodes, minutes, order_no, text};
use super::ledger::{Facts, Kind, Order, OrderId, State};
use super::refunds::Refund;

/// First six and last four digits of the only card that is approved; a card number typed into the
/// page is never kept.
const LEFT_DIGITS: &str = "414352";
const RIGHT_DIGITS: &str = "0127";
/// The payer of every account payment, as on the live sandbox.
const PAYER_BANK: &str = "807";
const PAYER_ACCOUNT: &str = "01700100003411";

const ORDER_TIME: PairCodes = PairCodes { from: "E1901", to: "E1902", both: "E1903", order: "E1904" };
const PAY_TIME: PairCodes = PairCodes { from: "E3201", to: "E3202", both: "E3204", order: "E3203" };

struct Filter {
    kind: Option<&'static str>,
    created: Option<(BankTime, BankTime)>,
    paid: Option<(BankTime, BankTime)>,
    flag: Option<Flag>,
}

#[derive(Clone, Copy)]
enum Flag {
    Yes,
    No,
    Over,
}

/// `OrderQuery`. With an order number the other conditions are ignored.
pub(crate) fn orders(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let given = text(fields, "OrderNo")?.is_some();
    let by_number = if given { Some(order_no(fields)?) } else { None };
    let rows = if let Some(number) = by_number {
        let found = bank.ledger.by_number(shop, number).and_then(|id| bank.ledger.get(id));
        let seen =
            found.and_then(|order| Some((order, order.seen(world.now, true, world.switches.late_scope)?)));
        seen.into_iter().collect()
    } else {
        select(bank, world, shop, &read_filter(fields)?)
    };
    if rows.len() > world.switches.rows_max && world.switches.past_rows == PastRows::Error {
        return Err("E2199");
    }
    let rows = rows.into_iter().take(world.switches.rows_max).map(|(order, facts)| row(world, order, facts));
    Ok(with_rows(bank, world, shop, rows.collect()))
}

/// `OrderUnCapturedQuery`: authorized and not captured.
pub(crate) fn uncaptured(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let given = text(fields, "OrderNo")?.is_some();
    let wanted = if given { Some(order_no(fields)?) } else { None };
    let all =
        bank.ledger.created_within(shop, BankTime::from_unix_ms(i64::MIN), BankTime::from_unix_ms(i64::MAX));
    let rows = all
        .filter(|(_, order)| wanted.is_none_or(|number| order.number == number))
        .filter_map(|(_, order)| {
            let facts = order.seen(world.now, wanted.is_some(), world.switches.late_scope)?;
            (order.kind == Kind::Card && facts.state == State::Authorized).then_some((order, facts))
        })
        .take(world.switches.rows_max)
        .map(|(order, facts)| {
            let mut out = Members::new(world.switches);
            out.text("OrderNo", &order.number);
            out.text("TSNo", &order.ts_no);
            out.text("TSDate", &order.created.minute());
            out.maybe("ApprovedDate", facts.approved.map(BankTime::minute).as_deref());
            out.text("ExpireDate", &order.expire_shown);
            out.amount("Amount", facts.amount);
            out.text("PayType", order.kind.letter());
            out.text("PrdtName", &order.product);
            out.maybe("Memo", order.memo.as_deref());
            out.text("PayStatus", facts.code(order.kind));
            out.text("AuthExpireDate", &order.auth_ends.plus_ms(-1).minute());
            out.done()
        })
        .collect();
    Ok(with_rows(bank, world, shop, rows))
}

/// `OrderPayQuery`: the result behind a token. Works any number of times.
pub(crate) fn by_token(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let text = text(fields, "PayToken")?.ok_or("E2501")?;
    if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("E2501");
    }
    let token = bank.tokens.get(text).ok_or("E2601")?;
    let order = bank.ledger.get(token.order).ok_or("E2601")?;
    if order.shop != shop {
        return Err("E2401");
    }
    let shop_no = bank.shops.get(shop).map_or("", |shop| shop.number.as_str());
    let mut result = Members::new(world.switches);
    result.text("APType", token.ap_type);
    result.text("TSNo", &order.ts_no);
    result.text("OrderNo", &order.number);
    result.text("ShopNo", shop_no);
    result.text("PayType", order.kind.letter());
    result.amount_text("Amount", token.amount.unwrap_or(order.facts.amount));
    match token.failure {
        None => {
            result.text("Status", "S");
            result.blank("Description");
        }
        Some(code) => {
            result.text("Status", "F");
            result.text("Description", &codes::description(code));
        }
    }
    for (name, value) in ["Param1", "Param2", "Param3"].into_iter().zip(&order.params) {
        result.maybe(name, value.as_deref());
    }
    let approved = order.kind == Kind::Card && token.failure.is_none();
    result.maybe("LeftCCNo", approved.then_some(LEFT_DIGITS));
    result.maybe("RightCCNo", approved.then_some(RIGHT_DIGITS));
    result.maybe("CCExpDate", None);
    result.maybe("CCToken", None);
    result.maybe("PayDate", token.failure.is_none().then(|| token.at.minute()).as_deref());
    result.maybe("CardType", approved.then_some("V"));
    result.maybe("AuthResponseCode", approved.then_some("00"));
    result.maybe("AuthCode", order.auth_code.as_deref().filter(|_| approved));
    let mut out = Members::new(world.switches);
    out.text("ShopNo", shop_no);
    out.text("PayToken", text);
    out.text("Date", &world.date());
    out.success();
    out.node("TSResultContent", result);
    Ok(out.done())
}

fn read_filter(fields: &Map<String, Value>) -> Result<Filter, Code> {
    let kind = match text(fields, "PayType")? {
        None => None,
        Some("A") => Some("A"),
        Some("C") => Some("C"),
        // other pay types may be asked for; no order of ours has them
        Some("M" | "P") => Some("none"),
        Some(_) => return Err("E0601"),
    };
    let created = minutes(fields, ("OrderDateTimeS", "OrderDateTimeE"), ORDER_TIME)?;
    let flag = match text(fields, "PayFlag")? {
        None => None,
        Some("Y") => Some(Flag::Yes),
        Some("N") => Some(Flag::No),
        Some("O") => Some(Flag::Over),
        Some(_) => return Err("E2001"),
    };
    let any_pay_time = text(fields, "PayDateTimeS")?.is_some() || text(fields, "PayDateTimeE")?.is_some();
    if kind.is_none() && created.is_none() && flag.is_none() && !any_pay_time {
        return Err("E2101");
    }
    let paid = minutes(fields, ("PayDateTimeS", "PayDateTimeE"), PAY_TIME)?;
    Ok(Filter { kind, created, paid, flag })
}

/// The rows that fit, oldest order first.
fn select<'a>(
    bank: &'a Bank,
    world: &World<'_>,
    shop: usize,
    filter: &Filter,
) -> Vec<(&'a Order, &'a Facts)> {
    let candidates: Vec<(OrderId, &Order)> = match (filter.paid, filter.created) {
        (Some((from, to)), _) => {
            let mut found: Vec<_> = bank.ledger.paid_within(shop, from, to).collect();
            found.sort_by_key(|row| row.0);
            found
        }
        (None, Some((from, to))) => bank.ledger.created_within(shop, from, to).collect(),
        (None, None) => {
            let (first, last) = (BankTime::from_unix_ms(i64::MIN), BankTime::from_unix_ms(i64::MAX));
            bank.ledger.created_within(shop, first, last).collect()
        }
    };
    let inside = |at: BankTime, range: Option<(BankTime, BankTime)>| {
        range.is_none_or(|(from, to)| (from..=to).contains(&at.start_of_minute()))
    };
    candidates
        .into_iter()
        .filter_map(|(_, order)| Some((order, order.seen(world.now, false, world.switches.late_scope)?)))
        .filter(|(order, _)| filter.kind.is_none_or(|kind| kind == order.kind.letter()))
        .filter(|(order, _)| inside(order.created, filter.created))
        .filter(|(_, facts)| filter.paid.is_none() || facts.paid.is_some_and(|at| inside(at, filter.paid)))
        .filter(|(order, facts)| filter.flag.is_none_or(|flag| flag_fits(flag, order.kind, facts.state)))
        .collect()
}

fn flag_fits(flag: Flag, kind: Kind, state: State) -> bool {
    match state {
        State::Paid | State::Settled => matches!(flag, Flag::Yes),
        State::Expired => matches!(flag, Flag::Over),
        State::Waiting => matches!(flag, Flag::No),
        State::Authorized | State::Lapsed | State::Released => matches!(flag, Flag::No) && kind == Kind::Card,
    }
}

fn row(world: &World<'_>, order: &Order, facts: &Facts) -> Map<String, Value> {
    let mut out = Members::new(world.switches);
    out.text("OrderNo", &order.number);
    out.text("TSNo", &order.ts_no);
    out.text("TSDate", &order.created.minute());
    out.maybe("ApprovedDate", facts.approved.map(BankTime::minute).as_deref());
    out.maybe("PayDate", facts.paid.map(BankTime::minute).as_deref());
    out.amount("Amount", facts.amount);
    out.text("PayType", order.kind.letter());
    out.text("PayStatus", facts.code(order.kind));
    out.text("ExpireDate", &order.expire_shown);
    let flag = facts.refunds.iter().any(|refund| refund.state.is_done());
    out.text("RefundFlag", if flag { "Y" } else { "N" });
    if let Some(last) = facts.refunds.last() {
        out.text("RefundStatus", last.state.code());
        out.text("RefundDate", &last.asked.minute());
    } else {
        out.blank("RefundStatus");
        out.blank("RefundDate");
    }
    out.text("PrdtName", &order.product);
    out.maybe("Memo", order.memo.as_deref());
    for (name, value) in ["Param1", "Param2", "Param3"].into_iter().zip(&order.params) {
        out.maybe(name, value.as_deref());
    }
    let mut node = Members::new(world.switches);
    match order.kind {
        Kind::Account => {
            node.text("AtmPayNo", &order.account);
            node.text("WebAtmURL", &page_url(world.base, "PayWebATM", order));
            if world.switches.otp_url {
                node.text("OtpURL", &page_url(world.base, "PayOTP", order));
            }
            let payer = facts.paid.filter(|_| order.has_payer);
            node.maybe("BankNo", payer.map(|_| PAYER_BANK));
            node.maybe("AcctNo", payer.map(|_| PAYER_ACCOUNT));
            out.node("ATMParam", node);
        }
        Kind::Card => {
            node.text("CardPayURL", &card_pay_url(world, order));
            for name in [
                "StagingFirstAmount",
                "StagingEachAmount",
                "BonusCount",
                "BonusAmount",
                "BonusPayAmount",
                "BonusLastCount",
            ] {
                node.maybe(name, None);
            }
            node.maybe("LeftCCNo", facts.paid.map(|_| LEFT_DIGITS));
            node.maybe("RightCCNo", facts.paid.map(|_| RIGHT_DIGITS));
            node.maybe("AuthCode", order.auth_code.as_deref().filter(|_| facts.approved.is_some()));
            node.maybe("CCExpDate", None);
            node.maybe("CCToken", None);
            out.node("CardParam", node);
        }
    }
    let listed = refund_list(world, facts, flag);
    if !listed.is_empty() {
        out.list("RefundList", listed);
    }
    if world.switches.refund_amount_member {
        out.amount("RefundAmount", facts.refunded());
    }
    out.done()
}

/// `RefundList`, or nothing: it comes with RefundFlag Y (sinopac.md 4.4).
fn refund_list(world: &World<'_>, facts: &Facts, flag: bool) -> Vec<Map<String, Value>> {
    let shown = |refund: &Refund| match world.switches.refund_list {
        RefundListRule::Flag => flag,
        RefundListRule::Done => refund.state.is_done(),
        RefundListRule::Always => true,
        RefundListRule::Never => false,
    };
    let line = |refund: &Refund| {
        let mut out = Members::new(world.switches);
        out.text("RefundNo", &refund.no);
        out.text("RefundDate", &refund.asked.minute());
        out.amount("RefundAmount", refund.amount);
        out.text("RefundStatus", refund.state.code());
        out.done()
    };
    facts.refunds.iter().filter(|refund| shown(refund)).map(line).collect()
}

fn with_rows(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    rows: Vec<Map<String, Value>>,
) -> Map<String, Value> {
    let mut out = Members::new(world.switches);
    out.text("ShopNo", bank.shops.get(shop).map_or("", |shop| shop.number.as_str()));
    out.text("Date", &world.date());
    out.text("Status", "S");
    out.text("Description", &codes::description(if rows.is_empty() { "S0001" } else { "S0000" }));
    out.list("OrderList", rows);
    out.done()
}
