//! Table `audit`: one row per commit, chained by hash, so that what was changed, removed or put in
//! between is found. Each counter has a chain of its own; today there is one, number 1.
//!
//! A row's hash is SHA-256 over, in this order: the hash of the row before it (32 bytes; of the
//! first row 32 zero bytes), its number and its instant in milliseconds (8 bytes each, big-endian),
//! the texts who, what, subject and detail (each after its length in bytes, 8 bytes big-endian),
//! and `changes` (32 bytes, see `commit.rs`).
//!
//! The chain proves that nothing in it was touched. It cannot prove that its end was not cut off,
//! nor that a program with write access did not rewrite it as a whole: for both, keep `rows` and
//! `head` of the report outside the file and compare them. Numbers run from 1 without a gap.

use counterfoil_engine::ports::{AuditLine, AuditReport};
use rusqlite::{Connection, Result, params};
use sha2::{Digest, Sha256};

use crate::rows::one;

pub(crate) type Hash = [u8; 32];

const GENESIS: Hash = [0; 32];

/// Adds the row of a commit.
pub(crate) fn add(conn: &Connection, line: &AuditLine, changes: Hash) -> Result<()> {
    const ADD: &str =
        "INSERT INTO audit (counter, seq, at, who, what, subject, detail, changes, prev_hash, hash)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    const LAST: &str = "SELECT seq, hash FROM audit WHERE counter = 1 ORDER BY seq DESC LIMIT 1";
    let last = one(conn, LAST, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (seq, before): (i64, Hash) = last.unwrap_or((0, GENESIS));
    let seq = seq.saturating_add(1);
    let AuditLine { at, who, what, subject, detail } = line;
    let who = who.name();
    let hash = hash(&before, seq, at.millis(), [&who, what, subject, detail], &changes);
    conn.prepare_cached(ADD)?.execute(params![
        seq,
        at.millis(),
        who,
        what,
        subject,
        detail,
        changes,
        before,
        hash
    ])?;
    Ok(())
}

/// Walks the chain from the first row.
pub(crate) fn verify(conn: &Connection) -> Result<AuditReport> {
    const WALK: &str = "SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash FROM audit
            WHERE counter = 1 ORDER BY seq";
    let mut statement = conn.prepare_cached(WALK)?;
    let mut rows = statement.query([])?;
    let (mut count, mut head, mut broken_at) = (0_u64, GENESIS, None);
    while let Some(row) = rows.next()? {
        count += 1;
        let seq: i64 = row.get(0)?;
        let texts = [row.get_ref(2)?, row.get_ref(3)?, row.get_ref(4)?, row.get_ref(5)?];
        let [who, what, subject, detail] = texts.map(|text| text.as_str().unwrap_or_default());
        // what is not even a hash or a text any more is read as nothing, and so does not fit
        let [changes, before, kept] = [6, 7, 8].map(|column| row.get(column).unwrap_or(GENESIS));
        let fits = u64::try_from(seq) == Ok(count)
            && before == head
            && kept == hash(&before, seq, row.get(1)?, [who, what, subject, detail], &changes);
        if !fits {
            // for a missing row its own number: the row after it is out of place
            broken_at = broken_at.or(Some(count));
        }
        head = kept;
    }
    Ok(AuditReport { rows: count, head: hex::encode(head), broken_at })
}

/// The hash of a row, as the header of this file says.
pub(crate) fn hash(before: &Hash, seq: i64, at: i64, texts: [&str; 4], changes: &Hash) -> Hash {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(seq.to_be_bytes());
    digest.update(at.to_be_bytes());
    for text in texts {
        digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text);
    }
    digest.update(changes);
    digest.finalize().into()
}
