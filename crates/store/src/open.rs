//! Opening a data file: who it belongs to and how new it is before anything else, then whether it
//! is sound where that is in doubt, then the settings, then the upgrade with its copy.
//!
//! A new file is made under another name and gets its own when it is finished. So a file of that
//! name that is empty, or holds half of what it should, was not left behind by a crash of ours: it
//! is damaged, and kept.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Mode, OpenError, damaged};
use crate::failed::is_of_the_disk;
use crate::folder::{self, Found, Refusal};
use crate::{SqliteStore, migrate, pages, pragmas};

/// `application_id` of our files: "CFOL".
pub(crate) const APPLICATION_ID: i64 = 0x4346_4F4C;

/// Who closes the file last does not write the log into it.
const KEEP_LOG: DbConfig = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;

impl SqliteStore {
    /// Opens the data file of a shop's folder. Only a maker makes folder and file where there are
    /// none. A writer brings an older file up after copying it; a reader does not.
    ///
    /// # Errors
    /// [`OpenError`]; then nothing of the file was changed.
    pub fn open(folder: &Path, mode: Mode) -> Result<Self, OpenError> {
        open_with(folder, mode, &migrate::embedded()).map_err(|error| told(error, folder))
    }
}

/// To SQLite a quota or a limit that is used up is no full disk.
fn told(error: OpenError, folder: &Path) -> OpenError {
    let refusal = if let OpenError::Sqlite(error) = &error
        && is_of_the_disk(error)
    {
        folder::refusal(folder)
    } else {
        None
    };
    match refusal {
        Some(Refusal::Full) => OpenError::Full,
        Some(Refusal::Denied) => OpenError::Denied,
        Some(Refusal::Other) | None => error,
    }
}

/// As [`SqliteStore::open`], with other migrations than those of this version.
pub(crate) fn open_with(
    folder: &Path,
    mode: Mode,
    migrations: &[refinery::Migration],
) -> Result<SqliteStore, OpenError> {
    if mode == Mode::Maker {
        folder::make(folder)?;
    }
    folder::check(folder)?;
    // whoever makes nothing leaves nothing behind either, not even a lock
    let makes = match (folder::look(folder)?, mode) {
        (Found::Nothing, Mode::Reader | Mode::Writer) => return Err(OpenError::Missing(folder.to_owned())),
        (Found::Lost, Mode::Reader | Mode::Writer) => return Err(OpenError::Gone(folder.to_owned())),
        (Found::Nothing | Found::Lost, Mode::Maker) => true,
        (Found::File, Mode::Reader | Mode::Writer | Mode::Maker) => false,
    };
    let lock = (mode != Mode::Reader).then(|| folder::lock(folder)).transpose()?;
    // two makers: the second one finds the file of the first
    if makes && !matches!(folder::look(folder)?, Found::File) {
        make(folder, migrations)?;
    }
    // asked before anything opens the file: SQLite reads the log in
    let is_suspect = pages::must_be_read_first(folder);
    let (mut conn, access) = connect(folder, mode)?;
    let (version, newest) = (identify(&conn, migrations)?, migrate::newest(migrations));
    folder::check_file(folder)?;
    match mode {
        Mode::Writer | Mode::Maker if is_suspect || version < newest => {
            // a start that fails leaves the log as it was
            conn.set_db_config(KEEP_LOG, true)?;
            pages::read(&conn)?;
            conn.set_db_config(KEEP_LOG, false)?;
            pages::forget_damage(folder);
        }
        Mode::Reader if version < newest => {
            return Err(OpenError::Older { file: version, program: newest });
        }
        Mode::Reader | Mode::Writer | Mode::Maker => {}
    }
    pragmas::set(&conn, access)?;
    if version < newest {
        migrate::copy(&conn, folder, version, newest)?;
        migrate::run(&mut conn, migrations)?;
    }
    Ok(SqliteStore::of(conn, access, lock))
}

/// Makes a new data file under another name and gives it its own at the end.
pub(crate) fn make(folder: &Path, migrations: &[refinery::Migration]) -> Result<(), OpenError> {
    let unfinished = folder::Unfinished::new(folder)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = Connection::open_with_flags(unfinished.path(), flags)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate::fill(&mut conn, migrations)?;
    // the mode is in the file: whoever opens it after a crash finds it whole
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.close().map_err(|(_, error)| error)?;
    unfinished.finish(folder::DATA_FILE)
}

/// Opens the file of a folder that takes no other one.
#[cfg(test)]
pub(crate) fn open_frozen(folder: &Path) -> Result<SqliteStore, OpenError> {
    let conn = freeze(&folder.join(folder::DATA_FILE))?;
    pragmas::set(&conn, Access::Frozen)?;
    Ok(SqliteStore::of(conn, Access::Frozen, None))
}

/// How a connection gets at its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
    /// The folder takes no file beside this one, so nobody writes and there is no log to read.
    Frozen,
}

fn connect(folder: &Path, mode: Mode) -> Result<(Connection, Access), OpenError> {
    let file = folder.join(folder::DATA_FILE);
    let flags = |access| access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    match mode {
        Mode::Writer | Mode::Maker => {
            let conn = Connection::open_with_flags(file, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
            Ok((conn, Access::Write))
        }
        Mode::Reader => {
            let read = flags(OpenFlags::SQLITE_OPEN_READ_ONLY);
            let mut conn = Connection::open_with_flags(&file, read)?;
            if !is_readable(&conn) && undo_half_written(folder)? {
                conn = Connection::open_with_flags(&file, read)?;
            }
            // SQLite wants to put the index of the log beside the file
            if is_readable(&conn) || !folder::takes_no_log(folder) {
                return Ok((conn, Access::Read));
            }
            Ok((freeze(&file)?, Access::Frozen))
        }
    }
}

/// Takes back what a program that wrote in the old mode of SQLite has left half-written: a reader
/// cannot. Whether it was done; a program that writes now does it itself.
fn undo_half_written(folder: &Path) -> Result<bool, OpenError> {
    let half_written = folder::has_old_journal(folder) && !folder::takes_no_log(folder);
    let Some(_lock) = half_written.then(|| folder::lock(folder).ok()).flatten() else { return Ok(false) };
    let (conn, _) = connect(folder, Mode::Writer)?;
    conn.pragma_query_value(None, "application_id", |_| Ok(true)).map_err(damaged)
}

fn is_readable(conn: &Connection) -> bool {
    let asked = conn.pragma_query_value(None, "application_id", |_| Ok(()));
    let codes = [ErrorCode::CannotOpen, ErrorCode::ReadOnly];
    asked.err().and_then(|error| error.sqlite_error_code()).is_none_or(|code| !codes.contains(&code))
}

/// The file as SQLite reads it without looking for its log and without a lock.
fn freeze(file: &Path) -> Result<Connection, OpenError> {
    let mut uri = "file:".to_owned();
    for byte in file.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // a text takes everything
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(uri + "?immutable=1", flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// The application and version of a file: the first questions to any file, as a foreign one must
/// get no others.
fn identify(conn: &Connection, migrations: &[refinery::Migration]) -> Result<i64, OpenError> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let id = number("application_id").map_err(damaged)?;
    if id != APPLICATION_ID {
        return Err(OpenError::NotOurs(id));
    }
    let (file, program) = (number("user_version").map_err(damaged)?, migrate::newest(migrations));
    if file > program {
        return Err(OpenError::Newer { file, program });
    }
    migrate::check_history(conn, file, migrations)?;
    Ok(file)
}
