//! CTBC's adapter.

mod codes;
mod faults;
mod form;
mod inquire;
mod manage;
mod net;
mod port;
#[path = "../../../../tests/vectors/published.rs"]
mod published;
mod returns;
pub(crate) mod script;
mod secrets;
mod setup;
mod time;
