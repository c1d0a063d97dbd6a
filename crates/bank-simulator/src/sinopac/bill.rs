//! `BillQuery` (sinopac.md 4.6): what was paid on one of the last thirty days. Refund rows come
//! with refunds.

use serde_json::{Map, Value};

use crate::time::BankTime;

use super::answer::Members;
use super::bank::{Bank, World};
use super::codes;
use super::fields::{Code, text};

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
    let paid = bank.ledger.paid_within(shop, day, day.plus_days(1).plus_ms(-1));
    let rows: Vec<_> = paid
        .map(|(_, order)| {
            let mut row = Members::new(world.switches);
            row.text("TSNo", &order.ts_no);
            row.text("OrderNo", &order.number);
            row.text("TSType", "P");
            row.text("TSDate", &order.created.minute());
            row.maybe("PayDate", order.facts.paid.map(BankTime::minute).as_deref());
            row.text("PayType", order.kind.letter());
            row.amount("Amount", order.facts.amount);
            for (name, value) in ["Param1", "Param2", "Param3"].into_iter().zip(&order.params) {
                row.maybe(name, value.as_deref());
            }
            row.done()
        })
        .collect();
    let mut out = Members::new(world.switches);
    out.text("ShopNo", bank.shops.get(shop).map_or("", |shop| shop.number.as_str()));
    out.text("BillDate", day_text);
    out.text("Date", &world.date());
    out.text("Status", "S");
    out.text("Description", &codes::description(if rows.is_empty() { "S0001" } else { "S0000" }));
    out.list("OrderList", rows);
    Ok(out.done())
}
