//! SinoPac's adapter.

mod calls;
mod codes;
mod faults;
mod keys;
pub(crate) mod script;
mod secrets;
mod time;
mod units;
