//! What was given back of a payment elsewhere and booked here, and what CTBC charged beside it.

use counterfoil_domain::{Charge, PaymentId};
use counterfoil_engine::ports::{BookedRefund, Store, StoreError};
use serde::Serialize;
use ts_rs::TS;

use crate::code::Code;
use crate::error::CommandError;
use crate::people::name_of;
use crate::views::time;

/// SinoPac's have 17; a longer one leaves room for another paper.
const REFUND_NO_CHARS_MAX: usize = 32;

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
    pub who: String,
    /// When.
    pub at: String,
    /// In that person's words.
    pub reason: String,
}

impl BookingView {
    /// Without the words, for whoever may not see who bought.
    pub(crate) fn mask(&mut self) {
        self.reason.clear();
    }
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

/// A RefundNo as SinoPac names it, without blanks at its ends.
///
/// # Errors
/// `refund-no-wrong`.
pub fn checked_refund_no(typed: &str) -> Result<String, CommandError> {
    let no = typed.trim();
    let fits = (1..=REFUND_NO_CHARS_MAX).contains(&no.len()) && no.bytes().all(|c| c.is_ascii_alphanumeric());
    if fits { Ok(no.to_owned()) } else { Err(CommandError::input(Code::RefundNoWrong)) }
}

/// What was booked of a payment, oldest first.
pub(crate) fn bookings_of<S: Store>(store: &S, payment: PaymentId) -> Result<Vec<BookingView>, StoreError> {
    let view = |row: BookedRefund| {
        Ok(BookingView {
            payment: row.payment.to_string(),
            xid: Some(row.xid).filter(|xid| !xid.is_empty()),
            amount: row.booked.amount.dollars(),
            refund_no: row.booked.refund_no,
            who: name_of(store, row.who)?,
            at: time(row.booked.at),
            reason: row.reason,
        })
    };
    store.refunds_booked(payment)?.into_iter().map(view).collect()
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
