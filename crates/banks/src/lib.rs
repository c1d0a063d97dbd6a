//! Speaks: the wires of the banks, their codes, the way to their pages and back.
//!
//! Each bank is one folder with the same five files: `mod` (a call from end to end), `wire` (what stands on it), `seal`
//! (ciphers and signs), `meaning` (their words in ours), `units` (their numbers in ours). Beside them: [`transport`] (bytes out
//! and in), [`opener`] (to the bank's page) and [`return_door`] (back from it). Nothing in here decides about money: answers
//! become the known values of `counterfoil-domain`, by the tables of money rules 2 and 3.

pub mod codes;
pub mod ctbc;
pub mod opener;
pub mod return_door;
pub mod sinopac;
mod strict_json;
pub mod transport;
