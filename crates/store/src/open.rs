//! Opening a data file: who it belongs to and how new it is before anything else, then whether it
//! is sound, then the settings, then the upgrade with its copy.
//!
//! A new file is made under another name and gets its own when it is finished. So a file of that
//! name that is empty, or holds half of what it should, was not left behind by a crash of ours: it
//! is damaged, and kept.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Mode, OpenError, damaged};
use crate::folder::{self, Found};
use crate::pragmas;
use crate::{SqliteStore, migrate};

/// `application_id` of our files: "CFOL".
pub(crate) const APPLICATION_ID: i64 = 0x4346_4F4C;

impl SqliteStore {
    /// Opens the data file of a shop's folder. A writer makes folder and file where there are none,
    /// and brings an older file up after copying it; a reader does neither.
    ///
    /// # Errors
    /// [`OpenError`]; then nothing of the file was changed.
    pub fn open(folder: &Path, mode: Mode) -> Result<Self, OpenError> {
        open_with(folder, mode, &migrate::embedded())
    }
}

/// As [`SqliteStore::open`], with other migrations than those of this version.
pub(crate) fn open_with(
    folder: &Path,
    mode: Mode,
    migrations: &[refinery::Migration],
) -> Result<SqliteStore, OpenError> {
    let lock = match mode {
        Mode::Writer => {
            folder::make(folder)?;
            folder::check(folder)?;
            Some(folder::lock(folder)?)
        }
        Mode::Reader => {
            folder::check(folder)?;
            None
        }
    };
    match (folder::look(folder)?, mode) {
        (Found::Nothing, Mode::Reader) => return Err(OpenError::Missing(folder.to_owned())),
        (Found::Nothing, Mode::Writer) => make(folder, migrations)?,
        (Found::File, Mode::Reader | Mode::Writer) => {}
    }
    let mut conn = connect(&folder.join(folder::DATA_FILE), mode)?;
    let (version, newest) = (identify(&conn, migrations)?, migrate::newest(migrations));
    folder::check_file(folder)?;
    match mode {
        Mode::Writer => check_pages(&conn)?,
        Mode::Reader if version < newest => {
            return Err(OpenError::Older { file: version, program: newest });
        }
        Mode::Reader => {}
    }
    pragmas::set(&conn, mode)?;
    if version < newest {
        migrate::copy(&conn, folder, version, newest)?;
        migrate::run(&mut conn, migrations)?;
    }
    Ok(SqliteStore::of(conn, mode, lock))
}

/// Makes a new data file under another name and gives it its own at the end.
fn make(folder: &Path, migrations: &[refinery::Migration]) -> Result<(), OpenError> {
    let unfinished = folder::Unfinished::new(folder)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = Connection::open_with_flags(unfinished.path(), flags)?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate::run(&mut conn, migrations)?;
    conn.close().map_err(|(_, error)| error)?;
    unfinished.finish(folder::DATA_FILE)
}

fn connect(file: &Path, mode: Mode) -> Result<Connection, OpenError> {
    let flags = match mode {
        Mode::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    Ok(Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
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

/// Every page is read once; the file of a shop with a million orders takes about a second.
fn check_pages(conn: &Connection) -> Result<(), OpenError> {
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged(found)) }
}
