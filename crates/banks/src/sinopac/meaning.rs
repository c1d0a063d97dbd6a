//! What the bank's words mean: codes (money rules 3), states (money rules 2), rows.
//!
//! Promise: one table of codes (`codes`), one of states, no ranges, nothing guessed: a code that is
//! not listed is `Unknown`, a state that is not listed is `Unlisted`. Left out: how an answer is
//! opened and verified (`wire`, `seal`).

use counterfoil_domain::operation::OperationKind;
use counterfoil_domain::{BankAnswer, BankMinute, BankRow, BankState, Issued, RefundSeen, RefundsSeen, Seen};
use counterfoil_engine::ports::{BillKind, BillRow};

use super::codes;
use super::units::{amount_from_wire, last_instant_from_wire, minute_from_wire};
use super::wire::{Fields, code_of, node, nodes, text};
use crate::meaning::Question;
use crate::opener::PayPages;

/// The code of success. Together with Status S the only one that a write is accepted by.
const DONE: &str = "S0000";
/// Nothing found, or the conditions do not match: a complete answer to a question.
const NOTHING_FOUND: &str = "S0001";
/// Maintenance. The paper lists it among the codes of success, so it may come with either Status.
const MAINTENANCE: &str = "M0001";

/// What a verified answer to a write means, echo aside.
pub fn write_meaning(kind: OperationKind, fields: &Fields) -> BankAnswer {
    let code = code_of(fields).unwrap_or_default();
    match text(fields, "Status").as_deref() {
        Some("S") if code == DONE => BankAnswer::Accepted,
        Some("F") => codes::row(&code).map_or(BankAnswer::Unknown, |row| row.written(kind)),
        Some(_) | None => BankAnswer::Unknown,
    }
}

/// What a verified answer to a question is. An unlisted code beside Status F is a refusal too.
pub fn question_meaning(fields: &Fields) -> Question {
    let code = code_of(fields).unwrap_or_default();
    match (text(fields, "Status").as_deref(), code.as_str()) {
        (Some("S"), DONE) => Question::Answered,
        (Some("S"), NOTHING_FOUND) => Question::NothingFound,
        (Some("F"), code) | (Some("S"), code @ MAINTENANCE) => Question::with_code(codes::row(code)),
        (Some(_) | None, _) => Question::Silent,
    }
}

/// The state of an order by its `PayStatus` (sinopac.md 9.2). Mobile pay is not ours.
pub fn state(pay_status: &str) -> BankState {
    match pay_status {
        "1A200" | "1C200" => BankState::Waiting,
        "1A250" | "1C250" => BankState::Expired,
        "1C300" => BankState::Authorized,
        "1A400" | "1C400" => BankState::Collected,
        "1A900" | "1C900" => BankState::Settled,
        "1C350" | "1C351" => BankState::Released,
        _ => BankState::Unlisted,
    }
}

/// The refunds that a row shows (sinopac.md 4.4, 9.3). A line of the list without a RefundNo gets
/// its place as a name, so that one more such line is a new refund.
fn refunds(row: &Fields) -> RefundsSeen {
    let of_list = |(at, line): (usize, &Fields)| {
        let seen = RefundSeen {
            status: text(line, "RefundStatus").unwrap_or_default(),
            amount: text(line, "RefundAmount").as_deref().and_then(amount_from_wire),
            date: text(line, "RefundDate").as_deref().and_then(minute_from_wire),
        };
        (text(line, "RefundNo").unwrap_or_else(|| format!("?{at}")), seen)
    };
    RefundsSeen {
        flag: text(row, "RefundFlag").is_some_and(|flag| flag != "N"),
        status: text(row, "RefundStatus"),
        date: text(row, "RefundDate").as_deref().and_then(minute_from_wire),
        list: nodes(row, "RefundList").enumerate().map(of_list).collect(),
        sum: text(row, "RefundAmount").as_deref().and_then(amount_from_wire),
    }
}

/// Account or link of an answer. Only what can be used: 14 digits, and links to the bank's own
/// pages; the sign does not cover the nested objects that hold them.
pub fn issued(fields: &Fields, pages: &PayPages) -> Option<Issued> {
    let link = |node: Option<&Fields>, name| {
        node.and_then(|n| text(n, name)).filter(|l| pages.checked_link(l).is_ok())
    };
    let atm = node(fields, "ATMParam");
    let account = atm
        .and_then(|n| text(n, "AtmPayNo"))
        .filter(|no| no.len() == 14 && no.bytes().all(|b| b.is_ascii_digit()));
    let issued = Issued {
        account,
        link: link(node(fields, "CardParam"), "CardPayURL"),
        web_atm: link(atm, "WebAtmURL"),
        bank_ref: text(fields, "TSNo"),
    };
    (issued.account.is_some() || issued.link.is_some()).then_some(issued)
}

/// One row of `OrderQuery` or `OrderUnCapturedQuery`. `None` without an order number: it belongs to
/// no order.
///
/// If we cannot read its amount or minutes, a row keeps its number and becomes `Unlisted`: it
/// changes nothing and a person sees it, while the other rows count.
pub fn row(fields: &Fields, pages: &PayPages) -> Option<BankRow> {
    let bank_order_no = text(fields, "OrderNo")?;
    let said = text(fields, "PayStatus").unwrap_or_default();
    let minute = |name| text(fields, name).map(|t| minute_from_wire(&t));
    let (created, paid) = (minute("TSDate"), minute("PayDate"));
    let amount = text(fields, "Amount").as_deref().and_then(amount_from_wire);
    let readable = amount.is_some() && created != Some(None) && paid != Some(None);
    let state = if readable { state(&said) } else { BankState::Unlisted };
    // a card is captured later than its holder paid
    let approved = minute("ApprovedDate").flatten().filter(|_| said.starts_with("1C"));
    let paid_at = approved.or(paid.flatten()).filter(|_| has_paid(state));
    Some(BankRow {
        bank_order_no,
        seen: Seen::Sinopac { state, refunds: refunds(fields) },
        said: if readable { said } else { unreadable(&said, fields) },
        amount,
        created_minute: created.flatten(),
        paid_minute: paid.flatten(),
        paid_at: paid_at.map(BankMinute::start),
        expires_at: text(fields, "ExpireDate").as_deref().and_then(last_instant_from_wire),
        issued: issued(fields, pages),
        card_tail: None,
        handles: None,
    })
}

/// One row of `BillQuery`. `None` without an order number: it belongs to no order.
pub fn bill_row(fields: &Fields) -> Option<BillRow> {
    Some(BillRow {
        bank_order_no: text(fields, "OrderNo")?,
        kind: match text(fields, "TSType").as_deref() {
            Some("P") => BillKind::Payment,
            Some("R") => BillKind::Refund,
            Some(_) | None => BillKind::Unlisted,
        },
        amount: text(fields, "Amount").as_deref().and_then(amount_from_wire),
        at: text(fields, "PayDate").as_deref().and_then(minute_from_wire),
        bank_ref: text(fields, "TSNo"),
        refund_no: text(fields, "RefundNo"),
    })
}

/// Money, or an authorization, is there.
const fn has_paid(state: BankState) -> bool {
    match state {
        BankState::Authorized | BankState::Collected | BankState::Settled => true,
        BankState::Waiting | BankState::Expired | BankState::Released | BankState::Unlisted => false,
    }
}

fn unreadable(said: &str, fields: &Fields) -> String {
    let shown =
        |name| text(fields, name).unwrap_or_else(|| "-".to_owned()).chars().take(20).collect::<String>();
    format!("{said} Amount {} TSDate {} PayDate {}", shown("Amount"), shown("TSDate"), shown("PayDate"))
}

/// The `TSResultContent` of `OrderPayQuery` as a row. It has no PayStatus: APType and its own
/// Status say what happened.
///
/// A card counts as collected by a `CaptureOut`, or by a `PayOut` with a PayDate where the shop
/// captures at once; every other good `PayOut` of a card is only authorized, since the later
/// `OrderQuery` may raise it and nothing may lower it. A failed attempt leaves the order waiting:
/// the link lives on.
pub fn token_row(content: &Fields, auto_billing: bool) -> Option<BankRow> {
    let bank_order_no = text(content, "OrderNo")?;
    let (ap_type, status) = (text(content, "APType")?, text(content, "Status")?);
    let pay_type = text(content, "PayType").unwrap_or_default();
    let amount = text(content, "Amount").as_deref().and_then(amount_from_wire);
    let paid = text(content, "PayDate").map(|t| minute_from_wire(&t));
    let readable = amount.is_some() && paid != Some(None);
    let paid = paid.flatten();
    let state = match (ap_type.as_str(), pay_type.as_str(), status.as_str()) {
        _ if !readable => BankState::Unlisted,
        ("PayOut", "A", "S") | ("CaptureOut", "C", "S") => BankState::Collected,
        ("PayOut", "C", "S") if auto_billing && paid.is_some() => BankState::Collected,
        ("PayOut", "C", "S") => BankState::Authorized,
        ("PayOut", "C", "F") => BankState::Waiting,
        _ => BankState::Unlisted,
    };
    let code = code_of(content).map(|code| format!(" {code}")).unwrap_or_default();
    // the PayDate of a CaptureOut is the capture's: nothing here tells when the customer paid
    let paid_at = paid.filter(|_| has_paid(state) && ap_type == "PayOut");
    Some(BankRow {
        bank_order_no,
        seen: Seen::of_sinopac(state),
        said: format!("{ap_type} {pay_type} {status}{code}").chars().take(40).collect(),
        amount,
        created_minute: None,
        paid_minute: paid.filter(|_| matches!(state, BankState::Collected)),
        paid_at: paid_at.map(BankMinute::start),
        expires_at: None,
        issued: None,
        card_tail: None,
        handles: None,
    })
}
