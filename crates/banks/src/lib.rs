//! Speaks: the wires of the banks, their codes, the way to their pages and back.
//!
//! Each bank is one folder with the same files: `mod` (one call), `port` (the engine's requests and
//! answers), `shop` (settings and keys), `wire` (messages), `seal` (ciphers and signs), `meaning`
//! and `codes` (the bank's words in ours), `units` (its numbers in ours), `prove` (a check of the
//! settings) and `transcript`. Where a bank has another file, the header of its `mod` says why.
//!
//! Both banks share [`meaning`], [`proof`], [`transcript`] and [`addresses`], and the doors:
//! [`transport`] (bytes out and in), [`opener`] (to the bank's page) and [`return_door`] (back from
//! it). Nothing in here decides about money: answers become the known values of
//! `counterfoil-domain`, by the tables of money rules 2 and 3.

pub mod addresses;
pub mod ctbc;
pub mod meaning;
pub mod opener;
pub mod proof;
pub mod return_door;
pub mod sinopac;
mod strict_json;
pub mod transcript;
pub mod transport;
