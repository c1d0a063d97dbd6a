//! Rows of the audit for a terminal and a spreadsheet.

use std::collections::BTreeMap;

use counterfoil_domain::Moment;
use counterfoil_engine::ports::{AuditFilter, AuditHead, AuditRow, Store};
use serde::Serialize;
use ts_rs::TS;

use crate::audit_page::{AuditAsked, wanted, who_acted};
use crate::error::CommandError;
use crate::views::time;

/// Rows of one question to the store.
const PAGE_ROWS: u32 = 500;

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditRowView {
    /// Its number.
    #[ts(type = "number")]
    pub row: u64,
    /// By bank time.
    pub at: String,
    /// Who acted: a person's name, or `engine`, `browser`, `owner`.
    pub who: String,
    /// The verb.
    pub what: String,
    /// What it is about.
    pub subject: String,
    /// Facts.
    pub detail: String,
}

/// Rows of the audit, newest first, at most `limit` of those before row `before`.
///
/// # Errors
/// `filter-day`, `filter-days`, or the store.
pub fn audit_rows<S: Store>(
    store: &S,
    asked: &AuditAsked,
    now: Moment,
    (before, limit): (Option<u64>, u32),
) -> Result<Vec<AuditRowView>, CommandError> {
    let filter = AuditFilter { before, limit, ..wanted(store, asked, now)? };
    store.audit_rows(&filter)?.into_iter().map(|row| view(store, row)).collect()
}

/// Rows as CSV, and the record that they are from.
#[derive(Debug)]
pub struct AuditCsv {
    /// RFC 4180, UTF-8 with the mark that spreadsheets want, oldest last, then head and count of
    /// the record.
    pub csv: String,
    /// Rows in it.
    pub rows: usize,
    /// How far the record had come. No later row is in the file.
    pub head: AuditHead,
}

/// What an owner has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordAccepted {
    /// Whose file it is, as the vault knows the shop.
    pub shop: String,
    /// As the record says it.
    pub accepts: String,
    /// How many rows of which tables go on with it.
    pub rows: BTreeMap<&'static str, i64>,
}

/// A file of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditExported {
    /// Where it is.
    pub out: String,
    /// Rows in it.
    #[ts(type = "number")]
    pub rows: usize,
    /// Rows of the whole record then.
    #[ts(type = "number")]
    pub chain: u64,
    /// Hash of the last one, hex.
    pub head: String,
}

/// All of these rows.
///
/// # Errors
/// As above.
pub fn audit_csv<S: Store>(store: &S, asked: &AuditAsked, now: Moment) -> Result<AuditCsv, CommandError> {
    let head = store.audit_end()?;
    // a row that is written meanwhile is in neither
    let before = Some(head.rows.saturating_add(1));
    let mut filter = AuditFilter { before, limit: PAGE_ROWS, ..wanted(store, asked, now)? };
    let mut csv = String::from("\u{feff}row,at,who,what,subject,detail\r\n");
    let mut count = 0;
    loop {
        let rows = store.audit_rows(&filter)?;
        filter.before = rows.last().map(|row| row.seq);
        count += rows.len();
        if rows.is_empty() {
            // a printed file says what the record held then: `audit verify --head … --count …`
            csv.push_str(&end_of(&head));
            return Ok(AuditCsv { csv, rows: count, head });
        }
        for row in rows {
            let AuditRowView { row, at, who, what, subject, detail } = view(store, row)?;
            let fields = [row.to_string(), at, who, what, subject, detail];
            csv.push_str(&fields.map(|field| quoted(&field)).join(","));
            csv.push_str("\r\n");
        }
    }
}

/// The last line of an export: how many rows the whole record has, and the hash of the last one.
fn end_of(head: &AuditHead) -> String {
    format!(",,,record-head,{},{}\r\n", head.hash, head.rows)
}

/// A field of CSV. What a spreadsheet would take for a formula begins with an apostrophe instead.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{field}") } else { field.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn view<S: Store>(store: &S, row: AuditRow) -> Result<AuditRowView, CommandError> {
    let AuditRow { seq, at, who, what, subject, detail } = row;
    Ok(AuditRowView { row: seq, at: time(at), who: who_acted(store, who)?, what, subject, detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_or_breaks_its_row() {
        for (field, written) in [
            ("sell", "sell"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\ta", "'\ta"),
            ("\ra", "\"'\ra\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}
