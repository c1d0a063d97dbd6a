//! Does. Loads, asks the domain, commits one `Batch`, hands out what is to be sent and takes the answer as an argument.
//!
//! Promise: no thread, no clock, no network in here, so that a shop and a simulated day drive the same functions. The traits it
//! needs stand in [`ports`]. Left out: rules (`counterfoil-domain`), wires (`counterfoil-banks`), files
//! (`counterfoil-store`), and the loop that drives it (the composition).

pub mod ports;
pub mod shop;
