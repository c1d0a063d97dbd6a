//! Where an open data file lies, and whether its name leads to it still.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::folder::{Identity, LOCK_FILE};

/// The place of an open data file, and which file it was.
pub(crate) struct Place {
    path: PathBuf,
    file: Option<Identity>,
    /// The lock of the one writer: under a lock that is no longer ours another one writes too.
    lock: Option<Identity>,
    /// Of the log, from when it is there.
    log: Cell<Option<Identity>>,
}

impl Place {
    pub(crate) fn of(conn: &Connection) -> Self {
        let path = PathBuf::from(conn.path().unwrap_or_default());
        let lock = of_name(&path.with_file_name(LOCK_FILE));
        Self { file: of_name(&path), lock, log: Cell::new(None), path }
    }

    /// Of the file itself, for a note about it.
    pub(crate) fn name(&self) -> String {
        let (disk, number) = self.file.unwrap_or_default();
        format!("{disk} {number}")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the names lead to these files still.
    pub(crate) fn holds(&self) -> bool {
        let log = of_name(&self.log_path());
        if self.log.get().is_none() {
            self.log.set(log);
        }
        let is_ours = |lock| of_name(&self.path.with_file_name(LOCK_FILE)) == Some(lock);
        of_name(&self.path) == self.file && log == self.log.get() && self.lock.is_none_or(is_ours)
    }

    /// Removes the log under the old name, where it is this file's.
    pub(crate) fn forget_log(&self) {
        let log = self.log_path();
        if of_name(&self.path) != self.file && self.log.get().is_some() && of_name(&log) == self.log.get() {
            for file in [log, self.beside("-shm")] {
                // whoever opens the folder next is told of a log that stays
                drop(fs::remove_file(file));
            }
        }
    }

    fn log_path(&self) -> PathBuf {
        self.beside("-wal")
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(end);
        name.into()
    }
}

/// Which file a name leads to, and not through a link.
#[cfg(unix)]
fn of_name(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let entry = fs::symlink_metadata(path).ok()?;
    entry.is_file().then(|| (entry.dev(), entry.ino()))
}

/// Elsewhere an open file can be neither removed nor replaced.
#[cfg(not(unix))]
fn of_name(_: &Path) -> Option<Identity> {
    None
}
