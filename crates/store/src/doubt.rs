//! Whether the data file is the one that this computer had last.
//!
//! A program that opens a file without the head that was kept outside writes a row about it
//! (`record-lost`). The file is in doubt from then on, until an owner accepts it, or until the file
//! that holds the head is back in its place.

use std::collections::HashSet;

use counterfoil_domain::Moment;
use counterfoil_engine::ports::{AuditHead, FileDoubt, FileDoubtKind, Finding};
use rusqlite::{Connection, Result};

use crate::audit::{self, Fits, Linked, Walk};
use crate::rows::one;
use crate::verify::{accepted_at, lost_at};

/// `kept`: outside of the file, where this program has not written a row about it yet.
pub(crate) fn doubt(
    conn: &Connection,
    linked: &Linked<'_>,
    kept: Option<&AuditHead>,
    now: Moment,
) -> Result<Option<FileDoubt>> {
    let Told { mut lost, accepted } = told(conn, linked)?;
    let next = audit::last(conn)?.seq.unsigned_abs() + 1;
    lost.extend(kept.map(|head| (next, head.clone())));
    let is_accepted = |finding: Finding| finding.acceptable().is_some_and(|it| accepted.contains(&it));
    let doubt = |kind, row: u64| {
        let to = instant(conn, row)?.unwrap_or(now);
        Ok(Some(FileDoubt { kind, from: instant(conn, row.saturating_sub(1))?.unwrap_or(to), to }))
    };
    for (row, head) in lost {
        if !audit::holds(conn, &head)? && !is_accepted(Finding::Cut(head.clone())) {
            let kind = if head.rows >= row { FileDoubtKind::Older } else { FileDoubtKind::Other };
            return doubt(kind, row);
        }
    }
    let from = linked.keyed.from();
    if is_accepted(Finding::KeyLost(from)) {
        return Ok(None);
    }
    if linked.keyed.replaces() {
        return doubt(FileDoubtKind::Other, from);
    }
    // another key, which is not here, wrote the rows before
    if has_marks(conn, from.saturating_sub(1))? { doubt(FileDoubtKind::Older, from) } else { Ok(None) }
}

/// What the record says of such files.
struct Told {
    /// The heads that a program missed, with the row that says so.
    lost: Vec<(u64, AuditHead)>,
    /// What an owner has accepted.
    accepted: HashSet<String>,
}

/// Of a head that is lost (`RECORD_LOST`) and of what was accepted (`ACCEPTED`): the condition is
/// that of the partial index, word for word.
fn told(conn: &Connection, linked: &Linked<'_>) -> Result<Told> {
    const TOLD: &str = "SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash, marks
            FROM audit INDEXED BY audit_of_doubt
            WHERE counter = 1 AND (what = 'record-lost' OR what = 'record-accepted') ORDER BY seq";
    let (mut lost, mut accepted) = (Vec::new(), HashSet::new());
    let mut statement = conn.prepare_cached(TOLD)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq = row.get::<_, i64>(0)?.unsigned_abs();
        lost.extend(lost_at(row)?.map(|head| (seq, head)));
        let before = Walk { count: seq.saturating_sub(1), head: row.get(7)? };
        if { before }.take(row, Some(linked))? == Fits::Keyed {
            accepted.extend(accepted_at(row)?);
        }
    }
    Ok(Told { lost, accepted })
}

fn instant(conn: &Connection, row: u64) -> Result<Option<Moment>> {
    const AT: &str = "SELECT at FROM audit WHERE counter = 1 AND seq = ?1";
    one(conn, AT, [i64::try_from(row).unwrap_or(i64::MAX)], |row| row.get(0).map(Moment::from_millis))
}

fn has_marks(conn: &Connection, row: u64) -> Result<bool> {
    const MARKED: &str = "SELECT marks IS NOT NULL FROM audit WHERE counter = 1 AND seq = ?1";
    Ok(one(conn, MARKED, [i64::try_from(row).unwrap_or(i64::MAX)], |row| row.get(0))?.unwrap_or_default())
}
