//! Which error of the data file it was: a person has another thing to do about each.

use std::path::Path;

use counterfoil_engine::ports::StoreError;
use rusqlite::{Connection, ErrorCode};

use crate::folder::{self, Refusal};

/// What an error of the disk was.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failed {
    Full,
    /// Another program holds the file.
    Locked,
    /// Nothing may be written there any more.
    Denied,
    /// The pages are not those of a data file.
    Damaged,
    Other,
}

impl Failed {
    pub(crate) fn of(error: &rusqlite::Error, conn: &Connection) -> Self {
        let tried = || conn.path().and_then(|file| Path::new(file).parent()).and_then(folder::refusal);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Denied,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            // to SQLite a quota or a limit that is used up is no full disk, and a disk that takes
            // nothing any more is a broken one
            Some(ErrorCode::SystemIoFailure) => match tried() {
                Some(Refusal::Full) => Self::Full,
                Some(Refusal::Denied) => Self::Denied,
                Some(Refusal::Other) | None => Self::Other,
            },
            _ => Self::Other,
        }
    }

    /// What the caller hears of it.
    pub(crate) fn told(self, text: &str) -> StoreError {
        match self {
            Self::Full => StoreError::DiskFull,
            Self::Locked => StoreError::Locked,
            Self::Denied => StoreError::Denied,
            Self::Damaged => StoreError::Damaged,
            Self::Other => StoreError::Storage(text.to_owned()),
        }
    }
}

/// The file or its disk, not the question, is at fault.
pub(crate) fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
        )
    )
}
