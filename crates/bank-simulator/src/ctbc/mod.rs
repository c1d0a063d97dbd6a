//! The CTBC dialect: the hosted card page, NewPos, and the nightly batch. The wire is the one of
//! `docs/banks/ctbc.md`; each file names its section. Leaves out: authorization by API, redeem,
//! UnionPay, AMEX, tokens, batch files.

mod attempts;
mod bank;
pub(crate) mod batch;
mod calendar;
mod cards;
mod codes;
mod inquiry;
mod ledger;
mod message;
mod operations;
mod outcome;
mod page;
mod reply;
mod seal;
mod shapes;
pub(crate) mod shop;
mod switches;
mod tamper;
mod url;
mod wire;
mod world;

pub(crate) use bank::Bank;
pub(crate) use codes::Code;
pub(crate) use ledger::{Came, CardRefund, State, Txn};
pub(crate) use operations::act;
pub(crate) use page::{answer as page, is_page, takes as page_takes};
pub(crate) use reply::takes as reply_takes;
pub(crate) use shapes::Operation;
pub(crate) use switches::Switches;
pub(crate) use wire::{answer, is_api, key_of};
pub(crate) use world::{Refused, Verdict, World};

#[cfg(test)]
pub(crate) use message::Fields;
#[cfg(test)]
pub(crate) use seal::{Key, big5, from_big5};
#[cfg(test)]
pub(crate) use tamper::turned;
