//! Decides. The rules of orders, payments and money as pure functions and tables.
//!
//! Promise: nothing in here reads a clock, draws a random number, opens a file, speaks to a network
//! or knows SQL. Time and ids are arguments. Left out: what to do with a decision
//! (`counterfoil-engine`), and every word of a bank's wire (`counterfoil-banks`). The rules are
//! those of money rules 1-8; each module names its section.

pub mod actor;
pub mod answer;
pub mod bank_state;
pub mod calendar;
pub mod card;
pub mod card_refund;
pub mod coverage;
pub mod customer;
pub mod discrepancy;
pub mod evidence;
pub mod filter;
pub mod handles;
pub mod holidays;
pub mod ids;
pub mod judge;
pub mod ledger;
pub mod money;
mod named;
pub mod operation;
pub mod order;
pub mod page_left;
pub mod payment;
pub mod person;
pub mod rail;
pub mod reading;
pub mod refund;
pub mod rights;
pub mod schedule;
pub mod search;
pub mod seen;
pub mod sweep;
pub mod time;
pub mod tries;
pub mod typed;
pub mod view;

#[cfg(test)]
mod testing;

pub use actor::Actor;
pub use answer::BankAnswer;
pub use bank_state::BankState;
pub use card::{CardState, CardTail};
pub use coverage::{CoverageSpan, MinuteSpan};
pub use customer::Customer;
pub use discrepancy::{Closing, Discrepancy, DiscrepancyKind};
pub use evidence::{Evidence, Query};
pub use filter::Filter;
pub use handles::{Capture, Charge, Handles};
pub use ids::{
    BankOrderNo, CustomerId, DiscrepancyId, EvidenceId, OperationId, OrderId, PaymentId, PersonId, RefundId,
};
pub use ledger::{Account, Cause, Entry, Posting};
pub use money::Twd;
pub use operation::{Operation, OperationKind, OperationState, Reading, Shows};
pub use order::{Order, OrderState};
pub use page_left::PageLeft;
pub use payment::{Issued, Payment, PaymentState};
pub use person::{Clocks, LimitChange, Person, PersonError, PinChanged, PinError, PinGiven, Role};
pub use rail::{Bank, PerBank, Rail};
pub use reading::BankRow;
pub use refund::{Refund, RefundReason, RefundState};
pub use rights::{Denied, Right};
pub use search::{LookIn, Search};
pub use seen::{RefundSeen, RefundStatus, RefundsSeen, Seen};
pub use time::{BankMinute, Moment, Mono, Now};
pub use tries::Tries;
pub use view::View;
