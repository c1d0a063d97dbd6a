//! The record of who did what: its key, what is kept of it outside the data file, and what a walk
//! over it finds.

use std::fmt::{self, Write as _};

use counterfoil_domain::{Actor, Moment};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::ports::AuditLine;

/// The key of a data file's audit chain. It is kept in the vault, so whoever can write the data
/// file alone cannot make a row that fits. No `Debug`, no `Serialize`, no `Clone`.
pub struct AuditKey {
    key: SecretBox<[u8; 32]>,
    from: u64,
    replaces: bool,
}

/// Behind a key that was made though the file had one before.
const REPLACES: &str = "replaces";

impl AuditKey {
    /// A key made of random bytes for the rows from this number on.
    pub fn new(random: [u8; 32], from: u64) -> Self {
        Self { key: SecretBox::new(Box::new(random)), from, replaces: false }
    }

    /// The same in the place of a key that is lost: nothing proves the rows before its first one.
    #[must_use]
    pub fn replacing(self) -> Self {
        Self { replaces: true, ..self }
    }

    /// As the vault keeps it, with blanks between: 64 hex digits, the first row's number, and
    /// whether it replaces another key.
    pub fn parse(text: &SecretString) -> Option<Self> {
        let (digits, rest) = text.expose_secret().split_once(' ')?;
        let (from, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut key = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (byte, place) in key.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(digits.get(place..place + 2)?, 16).ok()?;
        }
        let key = Self::new(key, from.parse().ok()?);
        match more {
            "" => Some(key),
            REPLACES => Some(key.replacing()),
            _ => None,
        }
    }

    /// For the vault.
    pub fn to_text(&self) -> SecretString {
        let mut text = String::new();
        for byte in self.key.expose_secret() {
            // a text takes everything
            let _ = write!(text, "{byte:02x}");
        }
        let _ = write!(text, " {}", self.from);
        if self.replaces {
            let _ = write!(text, " {REPLACES}");
        }
        text.into()
    }

    /// The bytes, for the store alone.
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.expose_secret()
    }

    /// The first row that this key links. Older programs linked the rows before it without a key.
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// Another key, which is lost, may have linked the rows before.
    pub const fn replaces(&self) -> bool {
        self.replaces
    }
}

/// How far a chain had come when its program ended, kept beside its key: a file that was cut, or
/// put back, no longer holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Its rows.
    pub rows: u64,
    /// The hash of the last one, hex; of an empty chain 64 zeros.
    pub hash: String,
    /// The newest row with which a person was written; 0: there is none. `None`: of an older
    /// program.
    pub people: Option<u64>,
}

impl AuditHead {
    /// As the vault keeps it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let (rows, hash) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        Some(Self { rows, hash, people: parts.next().map(str::parse).transpose().ok()? })
    }

    /// And back.
    pub fn to_text(&self) -> String {
        self.people.map_or_else(|| self.to_string(), |people| format!("{self} {people}"))
    }
}

/// The verb of [`AuditHead::line`].
pub const RECORD_LOST: &str = "record-lost";

impl AuditHead {
    /// The row of a record that does not hold this head. No later head hides it.
    pub fn line(&self, at: Moment) -> AuditLine {
        let (subject, detail) = (format!("row {}", self.rows), self.hash.clone());
        AuditLine { at, who: Actor::Engine, what: RECORD_LOST.to_owned(), subject, detail }
    }

    /// And back, from what a row did, its subject and its detail.
    pub fn lost(what: &str, subject: &str, detail: &str) -> Option<Self> {
        let rows = subject.strip_prefix("row ").filter(|_| what == RECORD_LOST)?;
        Some(Self { rows: rows.parse().ok()?, hash: detail.to_owned(), people: None })
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rows, self.hash)
    }
}

/// How a data file differs from the one that this computer had last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileDoubtKind {
    /// It lacks rows that were there, or nothing here tells how far it had come.
    Older,
    /// It went another way: a copy sold on, or it is another shop's.
    Other,
}

impl FileDoubtKind {
    /// For views and scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Older => "older-file",
            Self::Other => "other-file",
        }
    }
}

/// The data file is not the one that this computer had last, and no owner has accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDoubt {
    /// What it is instead.
    pub kind: FileDoubtKind,
    /// The last that the file knows of the time before.
    pub from: Moment,
    /// When a program opened it.
    pub to: Moment,
}

/// A row of the audit, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number.
    pub seq: u64,
    /// By bank time.
    pub at: Moment,
    /// Who acted. A text: rows of every version can be read.
    pub who: String,
    /// The verb.
    pub what: String,
    /// What it is about.
    pub subject: String,
    /// Facts.
    pub detail: String,
}

/// Which rows of the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Not older.
    pub from: Option<Moment>,
    /// Older than this.
    pub until: Option<Moment>,
    /// By one of these people or parts of the program.
    pub who: Option<Vec<String>>,
    /// With one of these verbs.
    pub what: Option<Vec<String>>,
    /// About one of these.
    pub subjects: Option<Vec<String>>,
    /// A lower number than this: the next page.
    pub before: Option<u64>,
    /// At most so many, 1-500.
    pub limit: u32,
}

/// The result of walking the audit chain and the rows that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Audit rows walked.
    pub rows: u64,
    /// Hash of the last row, hex; of the empty chain 64 zeros.
    pub head: String,
    /// The first audit row that does not fit.
    pub broken_at: Option<u64>,
    /// What does not fit, that audit row first. A long list ends with [`Finding::More`].
    pub found: Vec<Finding>,
    /// What an owner has accepted, so that this file goes on.
    pub accepted: Vec<Finding>,
    /// The names of the people whose rows no commit under this key has written as they are. Where
    /// another key is lost, a row that was only sealed counts as well.
    pub people: Vec<String>,
    /// How many rows the file holds of each table that the record speaks of.
    pub tables: Vec<(&'static str, i64)>,
}

/// One thing that another hand did to the file. The texts are for people and for scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The first audit row that was changed, put in, moved or taken out.
    Row(u64),
    /// The chain ends before the row that was kept outside, or has another one there.
    Cut(AuditHead),
    /// The key of older rows is lost: nothing proves the rows before this number.
    KeyLost(u64),
    /// So many audit rows are outside the chain.
    Outside(u64),
    /// A row that no commit wrote with this content.
    Changed {
        /// Of which table.
        table: &'static str,
        /// Its key.
        row: String,
    },
    /// A row that a later commit had replaced.
    RolledBack {
        /// Of which table.
        table: &'static str,
        /// Its key.
        row: String,
    },
    /// What a commit wrote is not in the table: it was changed or deleted.
    Missing {
        /// Of which table.
        table: &'static str,
        /// The audit row of that commit.
        audit_row: u64,
    },
    /// A commit changed a row that was not as the chain says.
    WasChanged {
        /// Of which table.
        table: &'static str,
        /// The audit row of that commit.
        audit_row: u64,
    },
    /// A table of one row that holds none: the next program that writes puts one there.
    Emptied(&'static str),
    /// The folder held the data file of another shop, by the name that the vault has for it.
    OtherShop(String),
    /// SQLite's own word about pages that are damaged.
    Pages(String),
    /// An index does not hold what its table holds, so that lists and searches show something else.
    Index(String),
    /// The words for searching are not those of the orders.
    Words,
    /// What proves the people of the shop is not the key's, or was put back.
    Standing,
    /// A table or a rule of the file is not the program's.
    Rule(String),
    /// So many more.
    More(usize),
}

/// The verb with which an owner accepts findings.
pub const ACCEPTED: &str = "record-accepted";

/// Begins the last part of such a row: how many rows of which tables were accepted.
const HOLDS: &str = "holds";

impl AuditReport {
    /// The facts of the row with which an owner accepts what can be; `None`: nothing can.
    pub fn acceptance(&self) -> Option<String> {
        let mut parts: Vec<String> = self.found.iter().filter_map(Finding::acceptable).collect();
        if parts.is_empty() {
            return None;
        }
        // what the vault has kept may be what the record says as well
        parts.sort_unstable();
        parts.dedup();
        let rows = self.tables.iter().filter(|(_, rows)| *rows > 0);
        parts.push(rows.fold(HOLDS.to_owned(), |text, (table, rows)| format!("{text} {table} {rows}")));
        Some(parts.join(ACCEPTED_ENDS))
    }
}

impl Finding {
    /// What an owner may accept, as the record names it: that the file was put back or copied, or
    /// has another key. Not that a row was changed.
    pub fn acceptable(&self) -> Option<String> {
        match self {
            Self::Cut(head) => Some(format!("row {head}")),
            Self::KeyLost(from) => Some(format!("key {from}")),
            Self::OtherShop(file) => Some(format!("folder of {file}")),
            Self::Row(_)
            | Self::Outside(_)
            | Self::Changed { .. }
            | Self::RolledBack { .. }
            | Self::Missing { .. }
            | Self::WasChanged { .. }
            | Self::Emptied(_)
            | Self::Pages(_)
            | Self::Index(_)
            | Self::Words
            | Self::Standing
            | Self::Rule(_)
            | Self::More(_) => None,
        }
    }
}

/// Behind one finding in the detail of such a row.
pub const ACCEPTED_ENDS: &str = ", ";

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => write!(f, "audit row {row}"),
            Self::Cut(kept) => {
                write!(f, "audit row {}: not the one that was kept outside the file", kept.rows)
            }
            Self::KeyLost(before) => {
                write!(f, "no key here proves what the file held before audit row {before}")
            }
            Self::Outside(rows) => write!(f, "audit rows outside the chain: {rows}"),
            Self::Changed { table, row } => write!(f, "{table} {row}: changed or put in by another hand"),
            Self::RolledBack { table, row } => write!(f, "{table} {row}: rolled back to an older content"),
            Self::Missing { table, audit_row } => {
                write!(f, "{table}: a row of audit row {audit_row} is changed or gone")
            }
            Self::WasChanged { table, audit_row } => {
                write!(f, "{table}: a row was changed by another hand before audit row {audit_row}")
            }
            Self::Emptied(table) => {
                write!(f, "{table}: its only row is gone, and the next start of the program makes it anew")
            }
            Self::OtherShop(file) => write!(f, "this folder is another shop's: it held the data {file}"),
            Self::Pages(said) => write!(f, "the file's pages are damaged: {said}"),
            Self::Index(name) => write!(f, "the index {name} does not hold what its table holds"),
            Self::Words => write!(f, "the words for searching are not those of the orders"),
            Self::Standing => write!(f, "what proves the people was changed or put back by another hand"),
            Self::Rule(name) => write!(f, "the file's own rule {name} is not the program's"),
            Self::More(count) => write!(f, "and {count} more"),
        }
    }
}
