//! What was given back of a payment elsewhere and booked here, and what CTBC charged beside it.

use counterfoil_domain::{Charge, PaymentId};
use counterfoil_engine::ports::{BookedRefund, Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::views::time;

/// A refund that was made elsewhere, and that a person has booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BookingView {
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; absent for the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub xid: Option<String>,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// SinoPac's `RefundNo`, where it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refund_no: Option<String>,
    /// By whom.
    pub who: &'static str,
    /// When.
    pub at: String,
    /// In that person's words.
    pub reason: String,
}

/// Another charge of CTBC's under the number of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChargeView {
    /// UUID.
    pub payment: String,
    /// CTBC's name of it.
    pub xid: String,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// When it was read first.
    pub at: String,
}

/// What was booked of a payment, oldest first.
pub(crate) fn bookings_of<S: Store>(store: &S, payment: PaymentId) -> Result<Vec<BookingView>, StoreError> {
    let view = |row: BookedRefund| BookingView {
        payment: row.payment.to_string(),
        xid: Some(row.xid).filter(|xid| !xid.is_empty()),
        amount: row.booked.amount.dollars(),
        refund_no: row.booked.refund_no,
        who: row.who.name(),
        at: time(row.booked.at),
        reason: row.reason,
    };
    Ok(store.refunds_booked(payment)?.into_iter().map(view).collect())
}

/// The other charges under the number of a payment, oldest first.
pub(crate) fn charges_of<S: Store>(store: &S, payment: PaymentId) -> Result<Vec<ChargeView>, StoreError> {
    let view = |charge: Charge| ChargeView {
        payment: charge.payment.to_string(),
        xid: charge.xid,
        amount: charge.amount.dollars(),
        at: time(charge.at),
    };
    Ok(store.charges_of(payment)?.into_iter().map(view).collect())
}
