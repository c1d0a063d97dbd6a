//! What every connection is set to, and read back, since SQLite answers a wrong or unsupported
//! setting with silence.
//!
//! | Setting | Value | Why |
//! | --- | --- | --- |
//! | `journal_mode` | `wal` | readers beside the writer; one sync per commit. Kept in the file, so set by the writer |
//! | `synchronous` | 2 (FULL) | a commit has reached the disk when `commit` returns; NORMAL would lose the last ones with the power |
//! | `fullfsync`, `checkpoint_fullfsync` | 1 | on macOS a plain fsync stops at the drive's own cache; elsewhere no effect |
//! | `foreign_keys` | 1 | no payment without its order |
//! | `recursive_triggers` | 1 | else REPLACE deletes a row without asking the triggers that forbid it |
//! | `trusted_schema` | 0 | nothing that a foreign hand wrote into the schema runs |
//! | `cell_size_check` | 1 | a damaged page is found when it is read |
//! | `mmap_size` | 0 | a damaged page or a failing disk is an error, not a killed program |
//! | `secure_delete` | 1 | what was erased is overwritten with zeros, not left in free pages |
//! | `temp_store` | 2 (memory) | no customer's data in the temporary folder |
//! | `busy_timeout` | 5000 ms | a checkpoint may wait for a reader; longer means another program |
//! | `cache_size` | 16 MiB | the upper pages of a million orders' indexes |
//! | `wal_autocheckpoint` | 1000 pages | about 4 MiB of log, and a start that reads it in no time |
//! | `query_only` | 1 for readers | a reader writes nothing, not even by mistake |
//!
//! And two that have no name as a pragma: `SQLITE_DBCONFIG_DEFENSIVE`, the schema cannot be written
//! as if it were a table; `SQLITE_DBCONFIG_ENABLE_QPSG`, the values that are bound do not change a
//! plan. Without it a new value has its statement parsed again: half the time of a simulated day.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;

use crate::error::OpenError;
use crate::open::Access;

/// How long a statement waits for another program.
pub(crate) const BUSY_TIMEOUT_MS: i64 = 5_000;

/// By name; the same value is expected back.
const OF_ALL: &[(&str, i64)] = &[
    ("synchronous", 2),
    ("fullfsync", 1),
    ("checkpoint_fullfsync", 1),
    ("foreign_keys", 1),
    ("recursive_triggers", 1),
    ("trusted_schema", 0),
    ("cell_size_check", 1),
    ("mmap_size", 0),
    ("secure_delete", 1),
    ("temp_store", 2),
    ("busy_timeout", BUSY_TIMEOUT_MS),
    ("cache_size", -16_384),
    ("wal_autocheckpoint", 1_000),
];

/// Statements kept ready: more than there are.
const STATEMENTS_MAX: usize = 128;

/// Sets a connection up and reads everything back.
pub(crate) fn set(conn: &Connection, access: Access) -> Result<(), OpenError> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let configs =
        [("defensive", DbConfig::SQLITE_DBCONFIG_DEFENSIVE), ("qpsg", DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG)];
    for (name, config) in configs {
        if !conn.set_db_config(config, true)? {
            return Err(OpenError::Setting { name, is: "0".to_owned() });
        }
    }
    match access {
        Access::Write => {
            conn.pragma_update(None, "journal_mode", "wal")?;
            expect(conn, "journal_mode", "wal")?;
        }
        // a copy that was put back may have another mode until a writer opens it
        Access::Read | Access::Frozen => {}
    }
    let query_only = ("query_only", i64::from(access != Access::Write));
    for (name, value) in OF_ALL.iter().chain([&query_only]) {
        conn.pragma_update(None, name, value)?;
        expect(conn, name, &value.to_string())?;
    }
    Ok(())
}

fn expect(conn: &Connection, name: &'static str, value: &str) -> Result<(), OpenError> {
    let is = match conn.pragma_query_value(None, name, |row| row.get(0))? {
        Value::Integer(n) => n.to_string(),
        Value::Text(text) => text,
        Value::Null | Value::Real(_) | Value::Blob(_) => String::new(),
    };
    if is == value { Ok(()) } else { Err(OpenError::Setting { name, is }) }
}
