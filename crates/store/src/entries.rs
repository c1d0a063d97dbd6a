//! Tables `entries` and `postings`: double entry. Added, never edited; the file itself refuses an entry that does not sum to
//! zero.

use counterfoil_domain::Entry;

use crate::commit::{Fault, Statement, Writer};
use crate::rows::{cells, one};

const POST: Statement = Statement {
    name: "posting-added",
    sql: "INSERT INTO postings (entry, no, account, amount) VALUES (?1, ?2, ?3, ?4)",
};

const CLOSE: Statement =
    Statement { name: "entry-added", sql: "INSERT INTO entries (seq, payment_id, at) VALUES (?1, ?2, ?3)" };

/// Postings first: adding the entry closes them and checks their sum.
pub(crate) fn add(writer: &mut Writer<'_>, entry: &Entry) -> Result<(), Fault> {
    const NEXT: &str = "SELECT ifnull(max(seq), 0) + 1 FROM entries";
    let seq: i64 = one(writer.conn(), NEXT, [], |row| row.get(0))?.unwrap_or(1);
    for (no, posting) in (1_i64..).zip(entry.postings()) {
        writer.run(&POST, cells![seq, no, posting.account.name(), posting.amount])?;
    }
    writer.run(&CLOSE, cells![seq, entry.payment().as_bytes(), entry.at()]).map(drop)
}
