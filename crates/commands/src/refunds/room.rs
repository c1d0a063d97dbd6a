//! What of a payment can still be given back, and what a person sends to ask for it.

use counterfoil_domain::refund::approval::Approvals;
use counterfoil_domain::refund::{Gone, left};
use counterfoil_domain::{Actor, Payment, PaymentId, RefundId, Right, Twd};
use counterfoil_engine::ports::Store;
use counterfoil_engine::{TargetRows, allowed, target_rows};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RefundTyped;
use crate::code::Code;
use crate::customers::Names;
use crate::error::CommandError;
use crate::failure::Failure;
use crate::orders::customer;
use crate::views::CustomerView;

/// A wish to give money back, as a screen hands it in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// UUID, made by the screen: the same id twice is one refund.
    pub refund: String,
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; left out for the only one.
    #[serde(default)]
    #[ts(optional)]
    pub xid: Option<String>,
    /// As typed.
    pub amount: String,
    /// One of the reasons.
    pub reason: String,
    /// In one's own words.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

impl RefundRequest {
    /// Its id, and what was typed.
    ///
    /// # Errors
    /// `not-found`.
    pub fn read(self) -> Result<(RefundId, RefundTyped), CommandError> {
        let missing = || CommandError::input(Code::NotFound).with("what", "refund");
        let id = RefundId::parse(&self.refund).ok_or_else(missing)?;
        let Self { payment, xid, amount, reason, note, .. } = self;
        Ok((id, RefundTyped { payment, xid: xid.unwrap_or_default(), amount, reason, note }))
    }
}

/// A refund that was made at the bank's back office, as a screen hands it in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BookingTyped {
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; left out for the only one.
    #[serde(default)]
    #[ts(optional)]
    pub xid: Option<String>,
    /// As typed.
    pub amount: String,
    /// SinoPac's RefundNo; empty where the bank shows none.
    pub refund_no: String,
    /// In one's own words.
    pub reason: String,
}

impl BookingTyped {
    /// What was typed, and the number where there is one.
    pub fn read(self) -> (RefundTyped, Option<String>) {
        let Self { payment, xid, amount, refund_no, reason } = self;
        let typed = RefundTyped { payment, xid: xid.unwrap_or_default(), amount, reason, note: None };
        (typed, Some(refund_no).filter(|no| !no.trim().is_empty()))
    }
}

/// Whole dollars of a target: what came, and where it has gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct RefundTotals {
    /// What came.
    #[ts(type = "number")]
    pub captured: i64,
    /// The bank has given it back, and says so.
    #[ts(type = "number")]
    pub returned: i64,
    /// A person has recorded it: transferred by the shop, or booked from the bank's back office.
    #[ts(type = "number")]
    pub by_hand: i64,
    /// Asked for, and not over.
    #[ts(type = "number")]
    pub in_flight: i64,
    /// What is left.
    #[ts(type = "number")]
    pub left: i64,
}

impl RefundTotals {
    /// Those of another target, to sum up an order.
    pub(crate) const fn add(&mut self, other: &Self) {
        self.captured += other.captured;
        self.returned += other.returned;
        self.by_hand += other.by_hand;
        self.in_flight += other.in_flight;
        self.left += other.left;
    }
}

/// What a screen needs before anything is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RefundRoom {
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; absent for the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub xid: Option<String>,
    /// UUID of its order.
    pub order: String,
    /// When it was sold, by bank time: two orders of one amount look alike.
    pub sold_at: String,
    /// The number the bank sees.
    pub bank_order_no: String,
    /// The payment method.
    #[ts(type = "Rail")]
    pub rail: counterfoil_domain::Rail,
    /// Who bought; `null` when nothing was typed, or when it was erased.
    pub customer: Option<CustomerView>,
    /// What came, and where it has gone.
    pub totals: RefundTotals,
    /// The most that whoever asks may ask for at once; `null`: any.
    #[ts(type = "number | null")]
    pub ask_max: Option<i64>,
    /// Why nothing can be asked for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused: Option<Failure>,
}

/// The money of a target.
///
/// # Errors
/// Of the store.
pub(crate) fn totals<S: Store>(
    store: &S,
    payment: &Payment,
    xid: &str,
) -> Result<RefundTotals, CommandError> {
    let TargetRows { captured, refunds, booked } = target_rows(store, payment, xid)?;
    let captured = captured.unwrap_or(payment.amount);
    let Gone { returned, by_hand, in_flight } = Gone::of(&refunds, &booked);
    Ok(RefundTotals {
        captured: captured.dollars(),
        returned: returned.dollars(),
        by_hand: by_hand.dollars(),
        in_flight: in_flight.dollars(),
        left: left(captured, &refunds, &booked).dollars(),
    })
}

/// What of a payment `who` can ask to have given back.
///
/// # Errors
/// `not-found`, or of the store.
pub fn refund_room<S: Store>(
    store: &S,
    payment: PaymentId,
    xid: &str,
    who: Actor,
) -> Result<RefundRoom, CommandError> {
    let missing = |what| CommandError::input(Code::NotFound).with("what", what);
    let payment = store.payment(payment)?.ok_or_else(|| missing("payment"))?;
    let order = store.order(payment.order)?.ok_or_else(|| missing("order"))?;
    let names = Names::seen_by(store, who)?;
    let person = match who {
        Actor::Person(id) => store.person(id)?,
        Actor::Engine | Actor::Browser | Actor::Owner => None,
    };
    let refused = refusal(store, &payment, xid, who)?;
    Ok(RefundRoom {
        payment: payment.id.to_string(),
        xid: Some(xid.to_owned()).filter(|xid| !xid.is_empty()),
        order: order.id.to_string(),
        sold_at: order.created_at.to_string(),
        bank_order_no: payment.bank_order_no.to_string(),
        rail: payment.rail,
        customer: order.customer.map(|id| customer(store, id, names)).transpose()?.flatten(),
        totals: totals(store, &payment, xid)?,
        ask_max: person.and_then(|person| person.limit(Right::AskRefund)).map(Twd::dollars),
        refused: refused.map(Failure::from),
    })
}

/// Why not even the smallest amount can be asked for.
fn refusal<S: Store>(
    store: &S,
    payment: &Payment,
    xid: &str,
    who: Actor,
) -> Result<Option<CommandError>, CommandError> {
    if let Err(error) = allowed(store, who, Right::AskRefund, Twd::ZERO) {
        return Ok(Some(error.into()));
    }
    let rows = target_rows(store, payment, xid)?;
    let shop = store.shop()?.ok_or_else(|| CommandError::input(Code::NoShop))?;
    let approvals: Approvals = shop.approvals(payment.rail.bank(), store.has_people()?);
    let wanted = super::before::wanted(payment, xid, Twd::new(1));
    let refused = match rows.of(payment) {
        None => Some(counterfoil_engine::RefundRefused::NoSuchTransaction),
        Some(target) => {
            counterfoil_domain::refund::request(&wanted, &target, approvals).err().map(Into::into)
        }
    };
    Ok(refused.map(CommandError::from))
}
