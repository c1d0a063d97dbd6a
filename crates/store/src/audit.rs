//! Table `audit`: one row per commit, chained, so that what was changed, removed or put in between
//! is found. Each counter has a chain of its own; today there is one, number 1.
//!
//! A row's hash is HMAC-SHA256 under the key of the vault over a zero byte, the file's id (16
//! bytes), the hash of the row before it (32 bytes; of the first row 32 zero bytes), its number and
//! its instant in milliseconds (8 bytes each, big-endian), the texts who, what, subject and detail
//! (each after its length in bytes, 8 bytes big-endian), `changes` (32 bytes, see `commit.rs`), and
//! `marks` after their length (see `marks.rs`).
//!
//! Rows of older versions have no `marks`. Their hash is SHA-256 over the same without the zero
//! byte, the id and the marks. The key says with which row it begins, so none of them can follow.
//!
//! The chain and its rows alone cannot show that all of the file was put back to an older state:
//! for that, [`AuditHead`] is kept beside the key. Numbers
//! run from 1 without a gap.

use counterfoil_domain::Moment;
use counterfoil_engine::ports::{AuditFilter, AuditHead, AuditLine, AuditRow};
use rusqlite::{Connection, Result, Row, params};
use sha2::{Digest, Sha256};

use crate::marks::Keyed;
use crate::rows::{Columns, ROWS_MAX, all, one};

pub(crate) type Hash = [u8; 32];

pub(crate) const GENESIS: Hash = [0; 32];

/// The end of a chain.
pub(crate) struct Last {
    pub(crate) seq: i64,
    pub(crate) hash: Hash,
    /// Its row has marks.
    pub(crate) keyed: bool,
}

pub(crate) fn last(conn: &Connection) -> Result<Last> {
    const LAST: &str =
        "SELECT seq, hash, marks IS NOT NULL FROM audit WHERE counter = 1 ORDER BY seq DESC LIMIT 1";
    let last =
        one(conn, LAST, [], |row| Ok(Last { seq: row.get(0)?, hash: row.get(1)?, keyed: row.get(2)? }))?;
    Ok(last.unwrap_or(Last { seq: 0, hash: GENESIS, keyed: false }))
}

/// A head on paper may be so short, in hex digits: 64 bits.
const HEAD_DIGITS_MIN: usize = 16;

/// Whether the chain holds the row that was kept outside, as it was kept. The hash may be kept by
/// its beginning.
pub(crate) fn holds(conn: &Connection, kept: &AuditHead) -> Result<bool> {
    const HASH: &str = "SELECT hash FROM audit WHERE counter = 1 AND seq = ?1";
    let Ok(seq) = i64::try_from(kept.rows) else { return Ok(false) };
    let hash = if seq == 0 { Some(GENESIS) } else { one(conn, HASH, [seq], |row| row.get::<_, Hash>(0))? };
    Ok(hash
        .is_some_and(|hash| kept.hash.len() >= HEAD_DIGITS_MIN && hex::encode(hash).starts_with(&kept.hash)))
}

/// Rows of chains that no program writes.
pub(crate) fn outside(conn: &Connection) -> Result<u64> {
    const COUNT: &str = "SELECT count(*) FROM audit WHERE counter <> 1";
    Ok(one(conn, COUNT, [], |row| row.get::<_, i64>(0))?.unwrap_or_default().unsigned_abs())
}

/// The file's own id.
pub(crate) fn file_id(conn: &Connection) -> Result<[u8; 16]> {
    Ok(one(conn, "SELECT id FROM file", [], |row| row.get(0))?.unwrap_or_default())
}

/// The key with the file that it links.
pub(crate) struct Linked<'k> {
    pub(crate) keyed: &'k Keyed,
    pub(crate) file: [u8; 16],
}

impl Linked<'_> {
    /// What proves a text of this file.
    pub(crate) fn vouches(&self, text: &[u8]) -> Hash {
        self.keyed.proof(&[&self.file, text].concat())
    }
}

/// Adds the row of a commit, with its marks where there is a key.
pub(crate) fn add(
    conn: &Connection,
    line: &AuditLine,
    changes: Hash,
    linked: Option<(&Linked<'_>, &[u8])>,
) -> Result<()> {
    const ADD: &str =
        "INSERT INTO audit (counter, seq, at, who, what, subject, detail, changes, prev_hash, hash, marks)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let Last { seq, hash: before, .. } = last(conn)?;
    let AuditLine { at, who, what, subject, detail } = line;
    let (seq, at, who) = (seq.saturating_add(1), at.millis(), who.name());
    let texts = [who.as_str(), what, subject, detail];
    let row = Link { before: &before, seq, at, texts, changes: &changes };
    let (hash, marks) = match linked {
        Some((linked, marks)) => (row.keyed(linked, marks), Some(marks)),
        None => (row.plain(), None),
    };
    conn.prepare_cached(ADD)?
        .execute(params![seq, at, who, what, subject, detail, changes, before, hash, marks])?;
    Ok(())
}

/// Rows for people, newest first.
pub(crate) fn rows(conn: &Connection, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
    const ROWS: &str = "SELECT seq, at, who, what, subject, detail FROM audit
        WHERE counter = 1 AND seq < ?1 AND at >= ?2 AND at < ?3
            AND (?4 IS NULL OR instr(?4, ',' || who || ',') > 0)
            AND (?5 IS NULL OR instr(?5, ',' || what || ',') > 0)
            AND (?6 IS NULL OR instr(?6, ',' || subject || ',') > 0)
        ORDER BY seq DESC LIMIT ?7";
    let AuditFilter { from, until, who, what, subjects, before, limit } = filter;
    // none of the texts holds a comma
    let listed = |texts: &Option<Vec<String>>| texts.as_ref().map(|texts| format!(",{},", texts.join(",")));
    let (who, what, subjects) = (listed(who), listed(what), listed(subjects));
    let before = before.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
    let (from, until) = (from.map_or(i64::MIN, Moment::millis), until.map_or(i64::MAX, Moment::millis));
    let limit = (*limit).clamp(1, ROWS_MAX);
    all(conn, ROWS, params![before, from, until, who, what, subjects, limit], read)
}

/// What people did about a subject, oldest first.
pub(crate) fn acts_of(conn: &Connection, subject: &str) -> Result<Vec<AuditRow>> {
    const ACTS: &str = "SELECT seq, at, who, what, subject, detail FROM audit
        WHERE counter = 1 AND who NOT IN ('engine', 'browser') AND subject = ?1 ORDER BY seq LIMIT ?2";
    all(conn, ACTS, params![subject, ROWS_MAX], read)
}

fn read(row: &Row<'_>) -> Result<AuditRow> {
    let mut columns = Columns::of(row);
    Ok(AuditRow {
        seq: columns.get::<i64>()?.unsigned_abs(),
        at: columns.moment()?,
        who: columns.get()?,
        what: columns.get()?,
        subject: columns.get()?,
        detail: columns.get()?,
    })
}

/// What the hash of a row is made of.
pub(crate) struct Link<'r> {
    pub(crate) before: &'r Hash,
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) texts: [&'r str; 4],
    pub(crate) changes: &'r Hash,
}

impl Link<'_> {
    /// The hash of a row of an older version.
    pub(crate) fn plain(&self) -> Hash {
        Sha256::digest(self.message(&[])).into()
    }

    /// The hash of a row under the key.
    pub(crate) fn keyed(&self, linked: &Linked<'_>, marks: &[u8]) -> Hash {
        let mut message = self.message(&linked.file);
        message.extend_from_slice(&length(marks));
        message.extend_from_slice(marks);
        linked.keyed.hash(&message)
    }

    fn message(&self, file: &[u8]) -> Vec<u8> {
        let mut message = [file, self.before].concat();
        message.extend_from_slice(&self.seq.to_be_bytes());
        message.extend_from_slice(&self.at.to_be_bytes());
        for text in self.texts {
            message.extend_from_slice(&length(text.as_bytes()));
            message.extend_from_slice(text.as_bytes());
        }
        message.extend_from_slice(self.changes);
        message
    }
}

fn length(bytes: &[u8]) -> [u8; 8] {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes()
}

/// The rows of the chain in their order.
pub(crate) const WALK: &str =
    "SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash, marks FROM audit
        WHERE counter = 1 ORDER BY seq";

/// Those behind a number.
pub(crate) const WALK_ON: &str =
    "SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash, marks FROM audit
        WHERE counter = 1 AND seq > ?1 ORDER BY seq";

/// The version of the file at which the newest row was written; `None`: the row is not the key's.
pub(crate) fn proved_version(conn: &Connection, linked: &Linked<'_>) -> Result<Option<u16>> {
    const NEWEST: &str =
        "SELECT seq, at, who, what, subject, detail, changes, prev_hash, hash, marks FROM audit
            WHERE counter = 1 ORDER BY seq DESC LIMIT 1";
    let mut statement = conn.prepare(NEWEST)?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let before = Walk { count: row.get::<_, i64>(0)?.unsigned_abs().saturating_sub(1), head: row.get(7)? };
    let fits = { before }.take(row, Some(linked))?;
    let version = row.get_ref(9)?.as_blob_or_null()?.and_then(|marks| marks.first_chunk().copied());
    Ok(version.filter(|_| fits == Fits::Keyed).map(u16::from_be_bytes))
}

/// What a walk knows when it comes to a row.
pub(crate) struct Walk {
    /// Rows so far.
    pub(crate) count: u64,
    /// The hash of the last one.
    pub(crate) head: Hash,
}

impl Walk {
    pub(crate) const fn new() -> Self {
        Self { count: 0, head: GENESIS }
    }

    /// Where it has come to.
    pub(crate) fn head_as_kept(&self) -> AuditHead {
        AuditHead { rows: self.count, hash: hex::encode(self.head), people: None }
    }

    /// Takes the next row; whether it fits the ones before it and its own hash. Nothing proves a
    /// row before the key's first one that has marks: its key is lost.
    pub(crate) fn take(&mut self, row: &Row<'_>, linked: Option<&Linked<'_>>) -> Result<Fits> {
        self.count += 1;
        let seq: i64 = row.get(0)?;
        let texts = [row.get_ref(2)?, row.get_ref(3)?, row.get_ref(4)?, row.get_ref(5)?];
        let texts = texts.map(|text| text.as_str().unwrap_or_default());
        // what is not even a hash or a text any more is read as nothing, and so does not fit
        let [changes, before, kept] = [6, 7, 8].map(|column| row.get(column).unwrap_or(GENESIS));
        let marks = row.get_ref(9)?.as_blob_or_null().unwrap_or_default();
        let link = Link { before: &before, seq, at: row.get(1)?, texts, changes: &changes };
        let is_due = linked.is_some_and(|linked| self.count >= linked.keyed.from());
        let (fits, kind) = match (marks, linked) {
            (Some(marks), Some(linked)) if is_due => (kept == link.keyed(linked, marks), Fits::Keyed),
            (Some(_), _) => (true, Fits::Unproved),
            (None, _) => (!is_due && kept == link.plain(), Fits::Plain),
        };
        let in_place = u64::try_from(seq) == Ok(self.count) && before == self.head;
        self.head = kept;
        Ok(if fits && in_place { kind } else { Fits::Not })
    }
}

/// How a row fits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fits {
    /// Under the key.
    Keyed,
    /// As an older version has linked it.
    Plain,
    /// Its place fits, and nothing proves its content: its key is not this one.
    Unproved,
    /// It was changed, put in, moved, or the row before it was taken out.
    Not,
}
