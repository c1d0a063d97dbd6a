//! Versions of the data file: which it has, and how an older one is brought up.
//!
//! Promise: a file is only ever brought up, by the migrations in `migrations/` in their order, all
//! in one transaction, after a copy of it was made and read. We refuse a file if its history is not
//! the beginning of ours.
//!
//! A new file is made by `fresh.sql`, which is what all migrations come to. They take four times as
//! long, because SQLite reads all tables anew for each `ALTER TABLE`.

use std::path::{Path, PathBuf};

use counterfoil_domain::Moment;
use counterfoil_domain::typed::key;
use refinery::{Migration, Runner, Target};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};

use crate::error::{OpenError, damaged};
use crate::folder::{self, Unfinished};

mod files {
    refinery::embed_migrations!("migrations");
}

/// Written by `cargo xtask bindings`.
const FRESH: &str = include_str!("../fresh.sql");

/// Copies of one upgrade that are kept: each try makes its own.
const COPIES_MAX: u32 = 100;

/// The migrations of this version, in their order.
pub(crate) fn embedded() -> Vec<Migration> {
    let mut migrations = files::migrations::runner().get_migrations().clone();
    // they come by the names of their files, where V10 is before V2
    migrations.sort_by_key(Migration::version);
    migrations
}

/// The version that they lead to.
pub(crate) fn newest(migrations: &[Migration]) -> i64 {
    migrations.iter().map(|m| i64::from(m.version())).max().unwrap_or(0)
}

/// Fills a new file. Migrations that are not those of this version, as tests have them, run.
pub(crate) fn fill(conn: &mut Connection, migrations: &[Migration]) -> Result<(), OpenError> {
    let ours = embedded();
    if migrations.starts_with(&ours) {
        conn.execute_batch(FRESH).map_err(|error| OpenError::of_step(error, OpenError::Upgrade))?;
        let run = Runner::new(&ours).set_target(Target::Fake).run(conn);
        run.map_err(|error| OpenError::Upgrade(error.to_string()))?;
    }
    run(conn, migrations)
}

/// Brings the file up. Migrations may ask for the key of a name.
pub(crate) fn run(conn: &mut Connection, migrations: &[Migration]) -> Result<(), OpenError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("counterfoil_key", 1, flags, |call| Ok(key(&call.get::<String>(0)?)))?;
    let run = Runner::new(migrations).set_grouped(true).run(conn);
    run.map(drop).map_err(|error| OpenError::Upgrade(error.to_string()))
}

/// The history in the file must be the beginning of ours, and end at the version that the file
/// claims.
pub(crate) fn check_history(
    conn: &Connection,
    version: i64,
    migrations: &[Migration],
) -> Result<(), OpenError> {
    const HISTORY: &str =
        "SELECT version, name, applied_on, checksum FROM refinery_schema_history ORDER BY version";
    let mut statement = conn
        .prepare(HISTORY)
        .map_err(|error| OpenError::Damaged(format!("it has no history of versions: {error}")))?;
    let mut rows = statement.query([]).map_err(damaged)?;
    let (mut last, mut ours) = (0, migrations.iter());
    while let Some(row) = rows.next().map_err(damaged)? {
        let (number, name, applied_on, checksum): (i64, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        // refinery takes both for granted
        let legible = checksum.parse::<u64>().is_ok() && Moment::parse_rfc3339(&applied_on).is_some();
        // the next one, also where another hand has taken out the one before it
        let known = ours.next().is_some_and(|m| {
            i64::from(m.version()) == number && m.name() == name && m.checksum().to_string() == checksum
        });
        if !legible || !known {
            return Err(OpenError::Damaged(format!("its version {number} is not the one of this program")));
        }
        last = number;
    }
    if last == version && version > 0 {
        Ok(())
    } else {
        Err(OpenError::Damaged(format!("it claims version {version} and its history ends at {last}")))
    }
}

/// Copies the file beside itself before it is brought up, and reads the copy.
pub(crate) fn copy(conn: &Connection, folder: &Path, from: i64, to: i64) -> Result<PathBuf, OpenError> {
    let unfinished = Unfinished::new(folder)?;
    unfinished.copy_of(conn)?;
    check_copy(unfinished.path(), from)?;
    let name = (1..=COPIES_MAX)
        .map(|n| folder::copy_name(from, to, n))
        .find(|name| !folder.join(name).exists())
        .ok_or_else(|| OpenError::Copy(format!("there are {COPIES_MAX} copies already")))?;
    unfinished.finish(&name)?;
    Ok(folder.join(name))
}

/// Reads a copy from its first page to its last.
pub(crate) fn check_copy(file: &Path, version: i64) -> Result<(), OpenError> {
    let failed = |error| OpenError::of_step(error, OpenError::Copy);
    let copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    let copied: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    copy.close().map_err(|(_, error)| failed(error))?;
    if found == "ok" && copied == version {
        Ok(())
    } else {
        Err(OpenError::Copy(format!("the copy has version {copied} and reads: {found}")))
    }
}
