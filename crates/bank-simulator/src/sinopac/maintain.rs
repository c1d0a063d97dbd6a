//! `OrderMaintain` (sinopac.md 4.3): capture, cancel, refund, another end of an account. The stop
//! of recurring payments is known and answered E1802: no order recurs.

use serde_json::{Map, Value};

use super::answer::Members;
use super::bank::{Bank, Refused, World};
use super::fields::{Code, limited, order_no, text};
use super::refunds;
use crate::time::BankTime;

/// An account lives at most so many days.
const ACCOUNT_DAYS: i64 = 30;

/// Checks, then acts. An order number that is not in the books is E0300.
pub(crate) fn maintain(
    bank: &mut Bank,
    world: &mut World<'_>,
    shop: usize,
    fields: &Map<String, Value>,
) -> Result<Map<String, Value>, Code> {
    let number = order_no(fields)?;
    let id = bank.ledger.by_number(shop, number).ok_or("E0300")?;
    let given = text(fields, "Command")?;
    let amount = if given == Some("R") { refunds::amount(fields)? } else { None };
    let ends = if given == Some("M") { Some(new_end(fields, world.now)?) } else { None };
    limited(fields, "Remark", 40, "E1401", "E1402")?;
    let command = given.ok_or("E1800")?;
    let mut asked = None;
    let done = match command {
        "P" => bank.capture(world, id),
        "C" => bank.cancel(world, id),
        "R" => {
            asked = Some(refunds::ask(bank, world, id, amount, fields)?);
            Ok(())
        }
        "M" => match ends {
            Some((ends, shown)) => bank.extend(world, id, ends, shown),
            None => Err(Refused::State),
        },
        "E" => Err(Refused::State),
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
    match &asked {
        Some(asked) if world.switches.maintain_amount => out.amount("Amount", asked.amount),
        Some(_) | None => out.maybe("Amount", None),
    }
    out.text("Date", &world.date());
    out.success();
    out.maybe("RefundToken", asked.as_ref().and_then(|asked| asked.token.as_deref()));
    Ok(out.done())
}

/// `ExpireDateTime`: E0800 absent, E0801 no minute, E0802 past or more than thirty days ahead. The
/// account ends with that minute.
fn new_end(fields: &Map<String, Value>, now: BankTime) -> Result<(BankTime, &str), Code> {
    let shown = text(fields, "ExpireDateTime")?.ok_or("E0800")?;
    let ends = BankTime::from_minute(shown).ok_or("E0801")?.plus_minutes(1);
    let fits = ends > now && ends <= now.start_of_day().plus_days(ACCOUNT_DAYS + 1);
    if fits { Ok((ends, shown)) } else { Err("E0802") }
}
