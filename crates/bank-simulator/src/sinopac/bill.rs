//! `BillQuery` (sinopac.md 4.6): what was paid on one of the last thirty days, and what was
//! asked back on it.

use serde_json::{Map, Value};

use crate::time::BankTime;

use super::answer::Members;
use super::bank::{Bank, World};
use super::codes;
use super::fields::{Code, text};
use super::ledger::Order;
use super::refunds::Refund;

const DAYS: i64 = 30;

/// E2901 no date, E2902 no `yyyyMMdd`, E2903 not one of the thirty days before today.
pub(crate) fn bill(
    bank: &Bank,
    world: &World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let day_text = text(fields, "BillDate")?.ok_or("E2901")?;
    let day = BankTime::from_day(day_text).ok_or("E2902")?;
    let today = world.now.start_of_day();
    if day >= today || day < today.plus_days(-DAYS) {
        return Err("E2903");
    }
    let ends = day.plus_days(1).plus_ms(-1);
    let mut rows: Vec<_> = bank
        .ledger
        .paid_within(shop, day, ends)
        .map(|(_, order)| row(world, order, "P", order.facts.paid, order.facts.amount))
        .collect();
    // a refund that failed for good is none
    let refunds = bank.ledger.refunded_within(shop, day, ends).flat_map(|(_, order)| {
        let of_day = |refund: &&Refund| (day..=ends).contains(&refund.asked) && refund.state.counts();
        let lines = order.facts.refunds.iter().filter(of_day);
        lines.map(|refund| row(world, order, "R", Some(refund.asked), refund.amount))
    });
    rows.extend(refunds);
    let mut out = Members::new(world.switches);
    out.text("ShopNo", bank.shops.get(shop).map_or("", |shop| shop.number.as_str()));
    out.text("BillDate", day_text);
    out.text("Date", &world.date());
    out.text("Status", "S");
    out.text("Description", &codes::description(if rows.is_empty() { "S0001" } else { "S0000" }));
    out.list("OrderList", rows);
    Ok(out.done())
}

fn row(
    world: &World<'_>,
    order: &Order,
    kind: &str,
    at: Option<BankTime>,
    amount: i64,
) -> Map<String, Value> {
    let mut row = Members::new(world.switches);
    row.text("TSNo", &order.ts_no);
    row.text("OrderNo", &order.number);
    row.text("TSType", kind);
    row.text("TSDate", &order.created.minute());
    row.maybe("PayDate", at.map(BankTime::minute).as_deref());
    row.text("PayType", order.kind.letter());
    row.amount("Amount", amount);
    for (name, value) in ["Param1", "Param2", "Param3"].into_iter().zip(&order.params) {
        row.maybe(name, value.as_deref());
    }
    row.done()
}
