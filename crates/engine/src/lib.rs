//! The engine. Loads, asks the domain, commits one `Commit`, returns what to send and takes the
//! answer as an argument.
//!
//! Promise: no thread, no clock, no network in here, so that a shop and a simulated day drive the
//! same functions on one thread. [`Engine::step`] returns what to send or how long to wait;
//! [`Engine::answered`] takes what came back. The traits it needs are in [`ports`]. Left out: rules
//! (`counterfoil-domain`), wires (`counterfoil-banks`), files (`counterfoil-store`), and the loop
//! that drives it (the composition).

mod agenda;
mod audit;
mod bank_clock;
mod bank_port;
mod bank_times;
mod calls;
mod card_port;
mod charges;
mod collect;
mod customers;
mod discrepancies;
mod engine;
mod foreign;
mod form;
mod health;
mod lane;
mod limiter;
mod look;
mod memory;
mod next;
mod notice;
mod numbers;
mod people;
mod plan;
pub mod ports;
mod purpose;
mod refund;
mod screen;
mod sell;
mod settings;
pub mod shop;
mod sweep;
mod told;
mod work;

pub use bank_clock::{MADE_AT, SKEW_WARNING_MS};
pub use bank_times::BankTimes;
pub use calls::{BankCall, Leaves, Step, Ticket};
pub use customers::NameLeft;
pub use engine::{Engine, EngineError};
pub use health::{BankHealth, Health};
pub use limiter::CALLS_APART_MS;
pub use memory::Silence;
pub use notice::Notice;
pub use people::{AtTheLock, NewPerson, allowed, may_look, may_set_pin, recovered};
pub use refund::{
    Awaited, Booking, Decision, RefundAsked, RefundRefused, TargetRows, approval_of, approvers, awaited,
    may_ask, target_rows,
};
pub use sell::{
    ACCOUNT_DAYS, ACCOUNT_DAYS_MAX, Buyer, CancelStarted, Expiry, LINK_MINUTES, LINK_MINUTES_MAX, ReturnSpot,
    SALE_WAITS_MS, Sale, SaleRefused, Sold, may_issue_again,
};
pub use sweep::Swept;
