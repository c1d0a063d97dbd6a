//! A disk under SQLite that fails when it is told to: at the k-th operation, or by losing its power
//! and every write that was not synced.
//!
//! SQLite has no other door for this than its file system of function pointers, so this package is
//! the one place of the project with `unsafe` (`vfs.rs`); everything here is about bytes of files
//! and safe. The files of one folder are on such a disk from [`Disk::under`] on; every other file
//! goes straight to the system.
//!
//! Promises: an operation is counted before it is done, so that k = 1, 2, 3 … meets each one.
//! After [`Fault::PowerLoss`] nothing is read or written until [`Disk::power_on`], which leaves of
//! the unsynced writes what [`Left`] says. Left out: a disk that says it has synced and has not;
//! and what the kernel forgets after a sync that failed.

mod vfs;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Every operation: open, write, truncate, sync, delete.
    All,
    /// Those that put what was written before on the disk.
    Syncs,
}

/// What happens at an operation: open, write, truncate, sync or delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails once. Half of a write has been done.
    Once,
    /// It and all that follow fail, until [`Disk::mend`].
    ForGood,
    /// There is no room for a write, and none for the ones that follow, until [`Disk::mend`].
    Full,
    /// It does not happen, nor does anything after it, until [`Disk::power_on`].
    PowerLoss,
}

/// What a disk without power has kept of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// This seed throws dice for each one: gone, there in half, or there.
    Torn(u64),
}

/// A change of a file that is not known to be on the disk.
#[derive(Debug)]
struct Change {
    path: PathBuf,
    /// The bytes from here on are another's.
    at: u64,
    /// What was there, no further than the file went.
    old: Vec<u8>,
    /// How long the file was.
    old_len: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Written(Vec<u8>),
    /// Nothing is behind `at` any more.
    Cut,
    /// Whoever was allowed to open it.
    Deleted(Permissions),
}

#[derive(Debug, Default)]
struct State {
    /// Operations so far, while they are counted.
    passed: u64,
    /// None: nothing is counted, and all is well.
    next: Option<(Count, u64, Fault)>,
    /// What came.
    met: Option<Fault>,
    unsynced: Vec<Change>,
}

/// What is to be done with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Go,
    Fail,
    Full,
    /// Not done, and nothing else either.
    Off,
}

impl State {
    /// One operation; a read passes without being counted.
    fn pass(&mut self, is_sync: bool) -> Verdict {
        if let Some((count, at, fault)) = self.next {
            let counts = is_sync || count == Count::All;
            self.passed += u64::from(counts);
            if counts && self.passed == at {
                self.met = Some(fault);
                return match fault {
                    Fault::Once | Fault::ForGood => Verdict::Fail,
                    Fault::Full => Verdict::Full,
                    Fault::PowerLoss => Verdict::Off,
                };
            }
        }
        match self.met {
            Some(Fault::ForGood) => Verdict::Fail,
            Some(Fault::Full) => Verdict::Full,
            Some(Fault::PowerLoss) => Verdict::Off,
            Some(Fault::Once) | None => Verdict::Go,
        }
    }

    fn is_off(&self) -> bool {
        self.met == Some(Fault::PowerLoss)
    }

    /// What was done to this file is on the disk, its name too.
    fn synced(&mut self, path: &Path) {
        self.unsynced.retain(|change| change.path != path);
    }
}

type Shared = Arc<Mutex<State>>;

/// The folders that lie on such disks.
static FOLDERS: LazyLock<Mutex<BTreeMap<PathBuf, Shared>>> = LazyLock::new(Mutex::default);

/// A panic of a test that holds a lock is that test's own.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk of a file.
fn disk_of(path: &Path) -> Option<Shared> {
    locked(&FOLDERS).get(path.parent()?).cloned()
}

/// The disk under the SQLite files of one folder. Dropped, the folder is on the system's own again.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    state: Shared,
}

impl Disk {
    /// Puts this folder on a disk of its own: every SQLite file in it that is opened from now on by
    /// this process.
    ///
    /// # Errors
    /// The folder is not there, or SQLite did not take the file system.
    pub fn under(folder: &Path) -> Result<Self, String> {
        vfs::register()?;
        let folder = folder.canonicalize().map_err(|why| why.to_string())?;
        let state = Shared::default();
        locked(&FOLDERS).insert(folder.clone(), Arc::clone(&state));
        Ok(Self { folder, state })
    }

    /// Counts from here on, and lets this happen at the `k`-th that counts; the first is 1.
    pub fn fail_at(&self, count: Count, k: u64, fault: Fault) {
        let mut state = locked(&self.state);
        (state.passed, state.met, state.next) = (0, None, Some((count, k, fault)));
    }

    /// What came of [`Disk::fail_at`]; none: there were fewer operations.
    pub fn met(&self) -> Option<Fault> {
        locked(&self.state).met
    }

    /// From now on all is well.
    pub fn mend(&self) {
        let mut state = locked(&self.state);
        (state.met, state.next) = (None, None);
    }

    /// Gives power back, with so much of what was not synced. Every file has to be closed.
    ///
    /// # Errors
    /// The system's own.
    pub fn power_on(&self, left: Left) -> std::io::Result<()> {
        self.mend();
        let changes = std::mem::take(&mut locked(&self.state).unsynced);
        for change in changes.iter().rev() {
            change.undo()?;
        }
        let Left::Torn(mut seed) = left else { return Ok(()) };
        for change in &changes {
            // xorshift; it only has to be the same each time
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            change.again(seed % 3)?;
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        locked(&FOLDERS).remove(&self.folder);
    }
}

impl Change {
    fn undo(&self) -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&self.path)?;
        if let What::Deleted(permissions) = &self.what {
            file.set_permissions(permissions.clone())?;
        }
        file.set_len(self.old_len)?;
        file.seek(SeekFrom::Start(self.at))?;
        file.write_all(&self.old)
    }

    /// Reached the disk after all: by 0 not, by 1 in half, by 2 whole.
    fn again(&self, thirds: u64) -> std::io::Result<()> {
        match &self.what {
            What::Written(new) => {
                let kept = match thirds {
                    0 => return Ok(()),
                    1 => new.get(..new.len() / 2).unwrap_or_default(),
                    _ => new,
                };
                let mut file =
                    OpenOptions::new().write(true).create(true).truncate(false).open(&self.path)?;
                file.seek(SeekFrom::Start(self.at))?;
                file.write_all(kept)
            }
            What::Cut if thirds == 2 => OpenOptions::new().write(true).open(&self.path)?.set_len(self.at),
            What::Deleted(_) if thirds == 2 => fs::remove_file(&self.path),
            What::Cut | What::Deleted(_) => Ok(()),
        }
    }
}
