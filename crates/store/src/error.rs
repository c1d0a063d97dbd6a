//! Why a data file is not opened.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// What the file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As a writer, and makes folder and file where there are none: for who adds a shop.
    Maker,
    /// Reads and commits. One per folder: the others get [`OpenError::InUse`].
    Writer,
    /// Reads, beside a writer or without one. Makes and upgrades nothing.
    Reader,
}

/// Why a data file was not opened. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program is the writer.
    #[error("the data folder is in use by another program")]
    InUse,
    /// There is no data file, and only [`Mode::Maker`] makes one.
    #[error("there is no data file in {0}")]
    Missing(PathBuf),
    /// A shop was open in this folder, and its data file is gone.
    #[error("the data file of {0} is gone")]
    Gone(PathBuf),
    /// The file is a link or has a second name, so two programs could write it with two locks. Or
    /// it is no file.
    #[error("{0} is a link, has a second name, or is no file")]
    NotPlain(PathBuf),
    /// Other users of the computer can read the file, and can get at the folder.
    #[error(
        "other users can read {file} (mode {mode:03o}): take their access away, for example with chmod 600"
    )]
    ExposedFile {
        /// Which file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Other users of the computer could read or change the folder.
    #[error(
        "other users can get at {folder} (mode {mode:03o}): take their access away, for example with chmod 700"
    )]
    Exposed {
        /// Which folder.
        folder: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The folder is on a network or is copied about by a cloud service: SQLite files break there.
    #[error("{folder} is on {place}, where data files break: choose a folder on this computer's own disk")]
    Place {
        /// Which folder.
        folder: PathBuf,
        /// What is wrong with it.
        place: String,
    },
    /// The file belongs to another program.
    #[error("the file is not one of this program (application id {0:#010x})")]
    NotOurs(i64),
    /// The file was written by a newer version of this program. Nothing is ever migrated down.
    #[error(
        "the file has version {file}, this program knows versions up to {program}: install the newer program"
    )]
    Newer {
        /// Version of the file.
        file: i64,
        /// Newest version that this program knows.
        program: i64,
    },
    /// A reader found a file of an older version; a writer brings it up.
    #[error("the file has version {file}, this program needs {program}: open the shop once to bring it up")]
    Older {
        /// Version of the file.
        file: i64,
        /// Version that this program needs.
        program: i64,
    },
    /// The file has the name of ours but not the content. It is kept; a copy can be put in its
    /// place.
    #[error("the data file is damaged and was left as it is: {0}")]
    Damaged(String),
    /// The copy before an upgrade could not be made, so nothing was upgraded.
    #[error("no copy could be made before the upgrade, so nothing was changed: {0}")]
    Copy(String),
    /// The upgrade failed; the file is as before, with its copy beside it.
    #[error("the upgrade failed: {0}")]
    Upgrade(String),
    /// A setting that safety rests on did not take.
    #[error("the setting {name} did not take, it is {is:?}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// What was read back.
        is: String,
    },
    /// The folder or a file in it could not be made or read.
    #[error("{what}: {why}")]
    Io {
        /// Which step.
        what: &'static str,
        /// The system's word.
        why: std::io::Error,
    },
    /// The disk has no room.
    #[error("the disk is full")]
    Full,
    /// The account that runs the program may not write there.
    #[error("the data file or its folder takes no writes")]
    Denied,
    /// Another program, and none of ours, holds the file.
    #[error("another program holds the data file")]
    Locked,
    /// SQLite could not open it.
    #[error("the data file cannot be opened: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Denied,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Sqlite(error),
        }
    }
}

impl OpenError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |why| Self::Io { what, why }
    }

    /// An error of SQLite in a step that has an error of its own.
    pub(crate) fn of_step(error: rusqlite::Error, step: impl FnOnce(String) -> Self) -> Self {
        let told = Self::from(error);
        if let Self::Sqlite(error) = told { step(error.to_string()) } else { told }
    }
}

/// Is the error that of a file that SQLite cannot read as its own?
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// What SQLite says of a file that is not sound.
pub(crate) fn damaged(error: rusqlite::Error) -> OpenError {
    if is_damage(&error) { OpenError::Damaged(error.to_string()) } else { error.into() }
}
