//! Tests of the store. `support` makes rows; every other module is one subject.

mod audit;
mod coverage;
mod erasing;
mod faults;
mod filter;
mod fresh;
mod jots;
mod moved;
mod opening;
mod pages;
mod people;
mod persons;
mod plans;
mod power;
mod proofs;
mod proved;
mod reads;
mod record;
mod refunds;
mod rules;
mod search;
mod sound;
mod standing;
mod support;
mod typed;
mod upgrades;
