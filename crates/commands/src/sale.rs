//! Checks a sale as it was typed.

use counterfoil_domain::customer::{CustomerField, check_customer};
use counterfoil_domain::order::check_description;
use counterfoil_domain::{Actor, OrderId, Rail, Twd};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{Buyer, Engine, Expiry, ReturnSpot, Sale};
use serde::Deserialize;
use ts_rs::TS;

use crate::code::Code;
use crate::error::{CommandError, shortened};

/// A wish to sell, as a screen or the command line hands it in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SellRequest {
    /// UUID, made by the screen: the same id twice is one sale.
    pub order: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: String,
    /// As typed: digits, full-width digits and thousands commas are read.
    pub amount: String,
    /// As typed; may be empty.
    #[serde(default)]
    #[ts(optional)]
    pub description: Option<String>,
    /// Who buys, at most 60 characters; not sent to a bank.
    #[serde(default)]
    #[ts(optional)]
    pub customer: Option<String>,
    /// Anything else about it, at most 200 characters; not sent to a bank.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
    /// `YYYY-MM-DD` for an account, minutes for a card.
    #[serde(default)]
    #[ts(optional)]
    pub expires: Option<String>,
    /// A further payment of the same order (re-issue).
    #[serde(default)]
    #[ts(optional)]
    pub again: Option<bool>,
}

/// Longest text that is looked at, whatever the field: longer is no honest input.
const TEXT_CHARS_MAX: usize = 10_000;

/// Checks what was typed. Writes nothing and asks no bank.
///
/// # Errors
/// The first rule that was broken, with the way out.
pub fn checked_sale<S: Store>(
    engine: &Engine<S>,
    request: &SellRequest,
    spot: ReturnSpot,
    who: Actor,
) -> Result<Sale, CommandError> {
    let rail = Rail::parse(&request.rail)
        .ok_or_else(|| CommandError::input(Code::RailUnknown).with("rail", shortened(&request.rail)))?;
    let limit =
        engine.limit(rail).ok_or_else(|| CommandError::input(Code::RailAbsent).with("rail", rail.name()))?;
    let typed: String = request.amount.chars().take(TEXT_CHARS_MAX).collect();
    let amount = Twd::parse(&typed, limit).map_err(|error| CommandError::amount(error, rail))?;
    let description = check_description(request.description.as_deref().unwrap_or_default())?;
    let customer = Buyer {
        name: check_customer(CustomerField::Name, request.customer.as_deref().unwrap_or_default())?,
        note: check_customer(CustomerField::Note, request.note.as_deref().unwrap_or_default())?,
    };
    let expiry = expiry(rail, request.expires.as_deref())?;
    let order = OrderId::parse(&request.order)
        .ok_or_else(|| CommandError::input(Code::NotFound).with("what", "order"))?;
    let again = request.again.unwrap_or(false);
    Ok(Sale { order, again, rail, amount, description, customer, expiry, return_spot: spot, who })
}

fn expiry(rail: Rail, typed: Option<&str>) -> Result<Expiry, CommandError> {
    let wrong = || CommandError::input(Code::ExpiryOutOfRange);
    let Some(text) = typed.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(Expiry::Default) };
    match rail {
        Rail::SinopacAccount => text.parse().map(Expiry::Day).map_err(|_| wrong()),
        Rail::SinopacCard | Rail::CtbcCard => text.parse().map(Expiry::Minutes).map_err(|_| wrong()),
    }
}
