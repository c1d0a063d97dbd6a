//! Pretends: a bank over HTTP, with its own books, its own clock and scripted faults.
//!
//! [`Simulator`] is a pure core: no network, no clock, no random numbers but the seeded ones. [`server`] puts HTTP around
//! it on loopback. The dialect follows the bank's paper and shares no code with the rest of the project, so that the two
//! can disagree. It refuses before it acts. Leaves out: the CTBC dialect (its paths answer 404), refunds, settlement files.
//! The README lists every control call, fault and switch.

mod calls;
mod control;
mod dice;
mod faults;
mod http;
mod json;
pub mod server;
mod shops;
mod simulator;
mod sinopac;
mod switches;
mod time;

pub use calls::Call;
pub use control::{BookLine, BrowserReturn, ControlError};
pub use http::{Effect, HttpAnswer, HttpRequest};
pub use shops::{ShopsError, demo_shop};
pub use simulator::Simulator;
pub use sinopac::{NoticeLine, Push};
pub use time::BankTime;

/// Path of the SinoPac service below the simulator's address.
pub const SINOPAC_PATH: &str = sinopac::API_PATH;

#[cfg(test)]
mod tests;

/// The example of the README is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
