//! The SinoPac dialect. The wire is the one of `docs/banks/sinopac.md`; each file names its
//! section.

mod answer;
pub(crate) mod bank;
mod bill;
mod codes;
mod create;
mod fields;
mod ledger;
mod maintain;
mod nonces;
mod notices;
pub(crate) mod page;
mod query;
mod refunds;
pub(crate) mod seal;
pub(crate) mod tamper;
mod wire;

pub(crate) use ledger::{Facts, Kind, NewOrder, Order, OrderId, State};
pub use notices::NoticeLine;
pub(crate) use refunds::{Refund, RefundState};
pub(crate) use wire::{API_PATH, Incoming, answer, gateway, key_of, target_of};
