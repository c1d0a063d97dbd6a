//! Pretends: two banks over HTTP, with their own books, clock and scripted faults.
//!
//! [`Simulator`] is a pure core: no network, no clock, no random numbers but the seeded ones.
//! [`server`] puts HTTP around it on loopback. Each dialect follows its bank's paper and shares no
//! code with the rest of the project, so that the two can disagree. It refuses before it acts.
//! Leaves out: refunds of SinoPac, batch and settlement files. The README lists every control call,
//! fault and switch.

mod calls;
mod control;
mod ctbc;
mod dice;
mod doors;
mod faults;
mod html;
mod http;
mod json;
mod push;
pub mod server;
mod shops;
mod simulator;
mod sinopac;
mod switches;
mod time;

pub use calls::Call;
pub use control::{BookLine, BrowserReturn, CardLine, ControlError, RefundLine};
pub use doors::Doors;
pub use http::{Effect, HttpAnswer, HttpRequest};
pub use push::Push;
pub use shops::{ShopsError, demo_ctbc, demo_shop};
pub use simulator::Simulator;
pub use sinopac::NoticeLine;
pub use time::BankTime;

/// Path of the SinoPac service below the simulator's address.
pub const SINOPAC_PATH: &str = sinopac::API_PATH;

#[cfg(test)]
mod tests;

/// The example of the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
