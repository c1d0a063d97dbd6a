//! The two questions (ctbc.md 5.3, 5.4): by amount and order number, and by order number alone.

use super::bank::Bank;
use super::codes::Code;
use super::ledger::{Txn, TxnId};
use super::message::{Fields, dollars, triplet};
use super::shapes::Operation;
use super::world::World;

/// The rows that a question finds, oldest first, or why it was refused.
pub(crate) fn rows(
    bank: &Bank,
    shop: usize,
    operation: Operation,
    fields: &Fields,
) -> Result<Vec<TxnId>, (Code, String)> {
    let bad = |text: &str| (Code("9", "nt"), text.to_owned());
    let lidm = fields.text("LID-M");
    if !is_lidm(lidm) {
        return Err(bad("LID-M"));
    }
    let rows = bank.ledger.by_lidm(shop, lidm);
    if operation == Operation::InquiryByLidm {
        return Ok(rows);
    }
    let amount = dollars(fields.text("PurchAmt")).ok_or_else(|| bad("PurchAmt"))?;
    if amount == 0 {
        return Err(bad("PurchAmt 必需大於零"));
    }
    let periods: u8 = fields
        .get("RECUR_NUM")
        .filter(|text| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| bad("RECUR_NUM"))?;
    let attribute = fields.text("TX_ATTRIBUTE");
    if !matches!(attribute, "0" | "1" | "2" | "3" | "4" | "9") {
        return Err(bad("TX_ATTRIBUTE"));
    }
    let xid = fields.get("XID").map(str::trim_end);
    let fits = |txn: &Txn| {
        txn.authorized == amount
            && (attribute == "9" || (txn.periods == periods && txn.attribute() == attribute))
            && xid.is_none_or(|xid| xid == txn.xid)
    };
    Ok(rows.into_iter().filter(|id| bank.ledger.get(*id).is_some_and(fits)).collect())
}

/// The answer about these rows: the newest one flat, all of them as XML where there are several and
/// no amount was asked.
pub(crate) fn show(bank: &Bank, world: &World<'_>, operation: Operation, rows: &[TxnId]) -> Fields {
    let mut out = Fields::default();
    out.add("SSL-TYPE", operation.ssl_type());
    let newest = rows.last().and_then(|id| bank.ledger.get(*id));
    if let Some(txn) = newest {
        out.add("TX_ATTRIBUTE", txn.attribute());
    }
    out.add("QueryCode", &rows.len().min(2).to_string());
    let success = if world.switches.long_resp_code { "00" } else { "0" };
    match newest {
        None => {
            out.add("RespCode", success);
            out.add("ErrCode", "00");
        }
        Some(txn) => {
            out.add("LID-M", &txn.lidm);
            out.add("XID", &padded(&txn.xid, world));
            out.add("AuthRRPID", &padded(&txn.xid, world));
            out.add("PAN", &txn.masked);
            out.add("ECI", "06");
            out.add("AuthAmt", &triplet(txn.authorized));
            out.add("RespCode", success);
            out.add("ErrCode", "00");
            out.add("AuthCode", &txn.auth_code);
            out.add("TermSeq", &txn.term_seq.to_string());
            out.add("RetrRef", &txn.retr_ref);
            out.add("CurrentState", txn.state_text());
            if let Some(slot) = txn.shown_slot() {
                out.add("BatchID", &slot.batch.to_string());
                out.add("BatchSeq", &slot.seq.to_string());
            }
            let (day, clock) = (txn.at.day(), txn.at.second_of_day());
            let marks = world.switches.txn_marks;
            out.add("Txn_date", &if marks { marked(&day, 4, "-") } else { day });
            out.add("Txn_time", &if marks { marked(&clock, 2, ":") } else { clock });
        }
    }
    out.add("VERSION", "3.2");
    out.add("ERRDESC", "");
    if operation == Operation::InquiryByLidm && rows.len() > 1 {
        out.add("Data", &xml(bank, rows));
    }
    out
}

/// 1 to 19 of letters, digits and the underscore.
pub(crate) fn is_lidm(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// An XID with the blanks that were switched on.
pub(crate) fn padded(xid: &str, world: &World<'_>) -> String {
    format!("{xid}{}", " ".repeat(world.switches.xid_spaces))
}

/// Three groups of digits, the last two of two, with a mark between them.
fn marked(digits: &str, first: usize, mark: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, first), part(first, first + 2), part(first + 2, first + 4)].join(mark)
}

/// Elements only: an attribute would need a quotation mark, which the envelope cannot hold. The
/// schema is not public.
fn xml(bank: &Bank, rows: &[TxnId]) -> String {
    let row = |txn: &Txn| {
        format!(
            "<Row><LID-M>{}</LID-M><XID>{}</XID><AuthAmt>{}</AuthAmt><AuthCode>{}</AuthCode>\
             <CurrentState>{}</CurrentState></Row>",
            txn.lidm,
            txn.xid,
            txn.authorized,
            txn.auth_code,
            txn.state_text()
        )
    };
    let rows: String = rows.iter().filter_map(|id| bank.ledger.get(*id)).map(row).collect();
    format!("<Rows>{rows}</Rows>")
}
