//! Rows of the audit for a screen, a terminal and a spreadsheet.

use counterfoil_domain::Moment;
use counterfoil_domain::time::day_plus;
use counterfoil_engine::ports::{AuditFilter, AuditRow, Store};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::CommandError;
use crate::filter::FilterTyped;
use crate::views::time;

/// Rows of one question to the store.
const PAGE_ROWS: u32 = 500;

/// Which rows, as it was typed or chosen. Empty members do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct AuditTyped {
    /// The first day, as in [`FilterTyped`].
    pub from: String,
    /// The last day.
    pub to: String,
    /// Who acted.
    pub who: String,
    /// The verb.
    pub what: String,
    /// The next page: the last row's number of the page before.
    #[ts(type = "number | null")]
    pub before: Option<u64>,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AuditRowView {
    /// Its number.
    #[ts(type = "number")]
    pub row: u64,
    /// By bank time.
    pub at: String,
    /// Who acted.
    pub who: String,
    /// The verb.
    pub what: String,
    /// What it is about.
    pub subject: String,
    /// Facts.
    pub detail: String,
}

/// Rows of the audit, newest first.
///
/// # Errors
/// `filter-day`, `filter-days`, or the store.
pub fn audit_rows<S: Store>(
    store: &S,
    typed: &AuditTyped,
    now: Moment,
    limit: u32,
) -> Result<Vec<AuditRowView>, CommandError> {
    let filter = AuditFilter { limit, ..filter(typed, now)? };
    Ok(store.audit_rows(&filter)?.into_iter().map(view).collect())
}

/// All of these rows as CSV (RFC 4180, UTF-8 with the mark that spreadsheets want), oldest last,
/// and how many they are.
///
/// # Errors
/// As above.
pub fn audit_csv<S: Store>(
    store: &S,
    typed: &AuditTyped,
    now: Moment,
) -> Result<(String, usize), CommandError> {
    let mut filter = AuditFilter { limit: PAGE_ROWS, ..filter(typed, now)? };
    let mut csv = String::from("\u{feff}row,at,who,what,subject,detail\r\n");
    let mut count = 0;
    loop {
        let rows = store.audit_rows(&filter)?;
        filter.before = rows.last().map(|row| row.seq);
        count += rows.len();
        if rows.is_empty() {
            return Ok((csv, count));
        }
        for AuditRowView { row, at, who, what, subject, detail } in rows.into_iter().map(view) {
            let fields = [row.to_string(), at, who, what, subject, detail];
            csv.push_str(&fields.map(|field| quoted(&field)).join(","));
            csv.push_str("\r\n");
        }
    }
}

/// A field of CSV. What a spreadsheet would take for a formula begins with an apostrophe instead.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{field}") } else { field.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn filter(typed: &AuditTyped, now: Moment) -> Result<AuditFilter, CommandError> {
    let AuditTyped { from, to, who, what, before } = typed;
    let days = FilterTyped { from: from.clone(), to: to.clone(), ..FilterTyped::default() }.read(now)?;
    let given = |text: &str| Some(vec![text.trim().to_owned()]).filter(|_| !text.trim().is_empty());
    Ok(AuditFilter {
        from: days.from.map(Moment::start_of),
        until: days.to.map(|day| Moment::start_of(day_plus(day, 1))),
        who: given(who),
        what: given(what),
        subjects: None,
        before: *before,
        limit: PAGE_ROWS,
    })
}

fn view(row: AuditRow) -> AuditRowView {
    let AuditRow { seq, at, who, what, subject, detail } = row;
    AuditRowView { row: seq, at: time(at), who, what, subject, detail }
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
