//! SinoPac's adapter.

mod calls;
mod faults;
mod keys;
mod refunds;
pub(crate) mod script;
mod secrets;
mod time;
mod units;
