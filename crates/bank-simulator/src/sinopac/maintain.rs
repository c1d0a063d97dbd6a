//! `OrderMaintain` (sinopac.md 4.3): capture, cancel. Refund, expiry change and stop are known and
//! answered E1802.

use serde_json::{Map, Value};

use super::answer::Members;
use super::bank::{Bank, Refused, World};
use super::fields::{Code, limited, order_no, text};

/// Checks, then acts. An order number that is not in the books is E0300.
pub(crate) fn maintain(
    bank: &mut Bank,
    world: &mut World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let number = order_no(fields)?;
    let id = bank.ledger.by_number(shop, number).ok_or("E0300")?;
    limited(fields, "Remark", 40, "E1401", "E1402")?;
    let command = text(fields, "Command")?.ok_or("E1800")?;
    let done = match command {
        "P" => bank.capture(world, id),
        "C" => bank.cancel(world, id),
        "R" | "M" | "E" => Err(Refused::State),
        _ => return Err("E1801"),
    };
    done.map_err(|refused| match refused {
        Refused::State => "E1802",
        Refused::Unknown => "E0300",
    })?;
    let mut out = Members::new(world.switches);
    out.text("OrderNo", number);
    out.text("ShopNo", bank.shops.get(shop).map_or("", |shop| shop.number.as_str()));
    out.maybe("TSNo", bank.ledger.get(id).map(|order| order.ts_no.as_str()));
    out.text("Command", command);
    out.maybe("Amount", None);
    out.text("Date", &world.date());
    out.success();
    out.maybe("RefundToken", None);
    Ok(out.done())
}
