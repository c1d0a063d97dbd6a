//! Journeys of an order through engine, store, bank adapter and simulator, on simulated time.

mod faults;
mod process;
mod secrets;
mod selling;
