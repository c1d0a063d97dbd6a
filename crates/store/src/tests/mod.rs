//! Tests of the store. `support` makes rows; every other module is one subject.

mod audit;
mod faults;
mod filter;
mod opening;
mod reads;
mod rules;
mod search;
mod support;
mod upgrades;
