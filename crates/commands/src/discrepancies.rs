//! Discrepancies that wait for a person, and what a person types to close one.

use counterfoil_domain::discrepancy::REASON_CHARS_MAX;
use counterfoil_domain::refund::is_of_second;
use counterfoil_domain::typed::trimmed;
use counterfoil_domain::{
    Bank, Closing, Discrepancy, DiscrepancyId, DiscrepancyKind, Payment, Refund, RefundReason, Twd,
};
use counterfoil_engine::ports::{ForeignLine, ForeignMoney, Store};
use serde::Serialize;
use ts_rs::TS;

use crate::code::Code;
use crate::customers::Names;
use crate::error::CommandError;
use crate::people::name_of;
use crate::views::time;

/// The most rows of a list.
const ROWS_MAX: u32 = 500;

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DiscrepancyRowView {
    /// UUID; `discrepancies close` takes it.
    pub discrepancy: String,
    /// What does not fit.
    #[ts(type = "DiscrepancyKind")]
    pub kind: DiscrepancyKind,
    /// The facts side by side.
    pub detail: String,
    /// When it was first seen.
    pub since: String,
    /// UUID of the order; absent when it is about no payment.
    pub order: Option<String>,
    /// UUID.
    pub payment: Option<String>,
    /// The payment's bank.
    #[ts(type = "Bank | null")]
    pub bank: Option<Bank>,
    /// The number that the bank sees.
    pub bank_order_no: Option<String>,
    /// Whole dollars of the payment, or of money that is not ours.
    #[ts(type = "number | null")]
    pub amount: Option<i64>,
    /// When money that is not ours was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paid_at: Option<String>,
    /// What `refund request` can give back to settle it.
    pub refunds: Vec<ProposalView>,
    /// How a person closed it; absent while it is open.
    pub closed: Option<ClosingView>,
}

/// A refund that is proposed: the values of `refund request`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProposalView {
    /// UUID.
    pub payment: String,
    /// Of which transaction at CTBC; absent for the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub xid: Option<String>,
    /// Whole dollars.
    #[ts(type = "number")]
    pub amount: i64,
    /// `duplicate`.
    pub reason: &'static str,
}

/// How a person closed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ClosingView {
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why.
    pub reason: String,
}

/// Newest first: the open ones, or `all`.
///
/// # Errors
/// Of the store.
pub fn discrepancy_rows<S: Store>(
    store: &S,
    all: bool,
    names: Names,
) -> Result<Vec<DiscrepancyRowView>, CommandError> {
    if all {
        let rows = store.discrepancies_ever(ROWS_MAX)?.into_iter();
        let shown = |closing: Closing| Closing { reason: names.note(&closing.reason), ..closing };
        return rows.map(|(found, closing)| row(store, found, closing.map(shown))).collect();
    }
    store.discrepancies(ROWS_MAX)?.into_iter().map(|d| row(store, d, None)).collect()
}

/// Money that is not ours, among the rows of a list of orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ForeignRowView {
    /// `null`: no order explains it.
    pub order: Option<String>,
    /// `true`.
    pub foreign: bool,
    /// Of which bank.
    #[ts(type = "Bank")]
    pub bank: Bank,
    /// The number that the bank sees.
    pub bank_order_no: String,
    /// Whole dollars; `null`: the bank names none.
    #[ts(type = "number | null")]
    pub amount: Option<i64>,
    /// When it was paid.
    pub paid_at: Option<String>,
}

/// The shortest part of a number that is looked for: fewer letters find half of them.
const NUMBER_PART_CHARS_MIN: usize = 4;

/// Money that is not ours and that what was typed finds, by amount or by a part of its number;
/// without anything typed what a person has to look at. Newest first.
///
/// # Errors
/// Of the store.
pub fn foreign_rows<S: Store>(store: &S, typed: Option<&str>) -> Result<Vec<ForeignRowView>, CommandError> {
    let typed = typed.map(trimmed);
    let part = typed.filter(|part| part.chars().count() >= NUMBER_PART_CHARS_MIN).unwrap_or_default();
    let which = match typed {
        None => ForeignMoney::Open,
        Some(typed) => ForeignMoney::Found { part, amount: Twd::parse(typed, Twd::WIRE_MAX).ok() },
    };
    let row = |line: ForeignLine| ForeignRowView {
        order: None,
        foreign: true,
        bank: line.bank,
        bank_order_no: line.bank_order_no,
        amount: line.amount.map(Twd::dollars),
        paid_at: line.paid_minute.map(|minute| time(minute.start())),
    };
    let lines = store.foreign_money(which)?.into_iter();
    Ok(lines.take(usize::try_from(ROWS_MAX).unwrap_or(usize::MAX)).map(row).collect())
}

/// One of them.
///
/// # Errors
/// `not-found`, or of the store.
pub fn discrepancy_row<S: Store>(store: &S, typed: &str) -> Result<DiscrepancyRowView, CommandError> {
    let found = store.discrepancy(discrepancy_id(typed)?)?;
    let (found, closing) = found.ok_or_else(missing)?;
    row(store, found, closing)
}

fn missing() -> CommandError {
    CommandError::input(Code::NotFound).with("what", "discrepancy")
}

fn row<S: Store>(
    store: &S,
    found: Discrepancy,
    closing: Option<Closing>,
) -> Result<DiscrepancyRowView, CommandError> {
    let payment = found.payment.map(|id| store.payment(id)).transpose()?.flatten();
    let payment = payment.as_ref();
    let foreign = if found.kind == DiscrepancyKind::ForeignMoney {
        store.foreign_money(ForeignMoney::Number(&found.detail))?.pop()
    } else {
        None
    };
    let foreign = foreign.as_ref();
    let refunds = payment.map_or(Ok(Vec::new()), |payment| proposals(store, found.kind, payment))?;
    Ok(DiscrepancyRowView {
        discrepancy: found.id.to_string(),
        kind: found.kind,
        detail: found.detail,
        since: time(found.at),
        order: payment.map(|p| p.order.to_string()),
        payment: payment.map(|p| p.id.to_string()),
        bank: payment.map(|p| p.rail.bank()).or(foreign.map(|line| line.bank)),
        bank_order_no: payment
            .map(|p| p.bank_order_no.to_string())
            .or_else(|| foreign.map(|line| line.bank_order_no.clone())),
        amount: payment.map(|p| p.amount).or(foreign.and_then(|line| line.amount)).map(Twd::dollars),
        paid_at: foreign.and_then(|line| line.paid_minute).map(|minute| time(minute.start())),
        refunds,
        closed: closing.map(|closing| closed(store, closing)).transpose()?,
    })
}

fn closed<S: Store>(
    store: &S,
    Closing { at, who, reason, .. }: Closing,
) -> Result<ClosingView, CommandError> {
    Ok(ClosingView { at: time(at), who: name_of(store, who)?, reason })
}

/// Of what was paid or charged twice, what no refund gives back yet.
fn proposals<S: Store>(
    store: &S,
    kind: DiscrepancyKind,
    payment: &Payment,
) -> Result<Vec<ProposalView>, CommandError> {
    let targets: Vec<(String, Twd)> = match kind {
        DiscrepancyKind::PaidTwice => vec![(String::new(), payment.amount)],
        DiscrepancyKind::ChargedTwice => {
            store.charges_of(payment.id)?.into_iter().map(|charge| (charge.xid, charge.amount)).collect()
        }
        DiscrepancyKind::AmountDiffers
        | DiscrepancyKind::EchoDiffers
        | DiscrepancyKind::PaidBeforeCreated
        | DiscrepancyKind::WentBack
        | DiscrepancyKind::UnlistedState
        | DiscrepancyKind::RefundedOutside
        | DiscrepancyKind::RefundNotShown
        | DiscrepancyKind::CaptureFailed
        | DiscrepancyKind::NotCaptured
        | DiscrepancyKind::CoveredByNumber
        | DiscrepancyKind::StaysUnknown
        | DiscrepancyKind::PaidLate
        | DiscrepancyKind::ForeignMoney => Vec::new(),
    };
    let mut spent = store.refunds_of(payment.id)?;
    spent.retain(Refund::is_spent);
    let charges = store.charges_of(payment.id)?;
    let mut twins = Vec::new();
    for twin in store.payments_of(payment.order)?.into_iter().filter(|twin| twin.id != payment.id) {
        twins.extend(store.refunds_of(twin.id)?);
    }
    // the first of the two may go back as the double one
    let first = twins.iter().any(|refund| refund.is_spent() && refund.reason == RefundReason::Duplicate);
    // what was made at the bank's back office may be the surplus of any of them
    let mut booked = store.refunds_booked(payment.id)?.into_iter().map(|booked| booked.booked.amount);
    let booked = booked.try_fold(Twd::ZERO, Twd::checked_add);
    let is_free = |xid: &str, amount: Twd| {
        let here = |of: &str| payment.target(of) == payment.target(xid);
        let is_charge = kind == DiscrepancyKind::ChargedTwice;
        let all = booked.and_then(|booked| booked.checked_add(amount));
        let is_left = |all| is_of_second(payment, &charges, &spent, (xid, None, all));
        let left = if is_charge { all.is_some_and(is_left) } else { !first && booked == Some(Twd::ZERO) };
        left && !spent.iter().any(|refund| here(&refund.xid))
    };
    let free = targets.into_iter().filter(|(xid, amount)| is_free(xid, *amount));
    Ok(free
        .map(|(xid, amount)| ProposalView {
            payment: payment.id.to_string(),
            xid: Some(xid).filter(|xid| !xid.is_empty()),
            amount: amount.dollars(),
            reason: RefundReason::Duplicate.name(),
        })
        .collect())
}

/// The discrepancy that was typed.
///
/// # Errors
/// `not-found`.
pub fn discrepancy_id(typed: &str) -> Result<DiscrepancyId, CommandError> {
    DiscrepancyId::parse(typed).ok_or_else(missing)
}

/// A reason, without blanks at its ends.
///
/// # Errors
/// `reason-empty`, `reason-too-long`, `reason-control`.
pub fn checked_reason(typed: &str) -> Result<String, CommandError> {
    let reason = trimmed(typed);
    let chars = reason.chars().count();
    if reason.is_empty() {
        return Err(CommandError::input(Code::ReasonEmpty));
    }
    if chars > REASON_CHARS_MAX {
        return Err(CommandError::input(Code::ReasonTooLong)
            .with("chars", chars)
            .with("max", REASON_CHARS_MAX));
    }
    if let Some(place) = reason.chars().position(char::is_control) {
        return Err(CommandError::input(Code::ReasonControl).with("place", place + 1));
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_line_of_text() {
        assert_eq!(checked_reason(" 客人已領回 \u{3000}").unwrap(), "客人已領回");
        assert_eq!(checked_reason("\u{feff}\u{200b}").unwrap_err().code, Code::ReasonEmpty);
        assert_eq!(checked_reason(" \u{3000}").unwrap_err().code, Code::ReasonEmpty);
        assert_eq!(checked_reason("a\nb").unwrap_err().code, Code::ReasonControl);
        assert!(checked_reason(&"茶".repeat(200)).is_ok());
        assert_eq!(checked_reason(&"茶".repeat(201)).unwrap_err().code, Code::ReasonTooLong);
    }
}
