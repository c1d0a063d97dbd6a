//! Whether the pages of the data file are sound, for which each is read.
//!
//! That takes seconds for a million orders. So a start does it only where it has a reason: the
//! program before was cut off, the file is of an older version, or damage was found. Else a running
//! shop does it beside its work, once a day. A note beside the data file says when, and of which
//! file. What has been touched is checked by SQLite itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_domain::Moment;
use rusqlite::{Connection, InterruptHandle};

use crate::error::{OpenError, damaged};
use crate::folder;
use crate::place::Place;

/// A file that was looked through is looked through again after so long.
const EVERY_MS: i64 = 24 * 3_600_000;
/// The note after damage; else it is when the file was sound, and which one it was.
const DAMAGED: &str = "damaged";

/// All pages are read before anything else.
pub(crate) fn must_be_read_first(folder: &Path) -> bool {
    folder::has_log(folder) || note(folder).as_deref() == Some(DAMAGED)
}

/// Reads all of them.
pub(crate) fn read(conn: &Connection) -> Result<(), OpenError> {
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged(found)) }
}

/// They are sound after all: a start no longer reads them first.
pub(crate) fn forget_damage(folder: &Path) {
    if note(folder).as_deref() == Some(DAMAGED) {
        drop(fs::remove_file(note_file(folder)));
    }
}

/// The next start reads all of them before anything else.
pub(crate) fn note_damage(folder: &Path) {
    write_note(folder, DAMAGED);
}

/// A look at all pages, to be done on another thread.
#[derive(Debug)]
pub struct PagesLook {
    reader: Connection,
    folder: PathBuf,
    /// What the note says afterwards, if they are sound.
    sound: String,
    is_stopped: Arc<AtomicBool>,
}

/// Ends a look early.
pub struct StopLook {
    is_stopped: Arc<AtomicBool>,
    question: InterruptHandle,
}

impl StopLook {
    /// Ends it; the next start looks again.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        self.question.interrupt();
    }
}

impl PagesLook {
    /// `None`: this very file was sound less than a day before `now`.
    pub(crate) fn when_due(reader: Connection, now: Moment) -> Option<Self> {
        let look = Self::new(reader, now)?;
        let is_done = note(&look.folder).is_some_and(|note| {
            let (Some((at, file)), Some((_, this))) = (note.split_once(' '), look.sound.split_once(' '))
            else {
                return false;
            };
            let ago_ms = at.parse().map(|at| now.ms_since(Moment::from_millis(at)));
            file == this && ago_ms.is_ok_and(|ms| (0..EVERY_MS).contains(&ms))
        });
        (!is_done).then_some(look)
    }

    /// Whether it is due or not.
    pub(crate) fn new(reader: Connection, now: Moment) -> Option<Self> {
        let folder = Path::new(reader.path()?).parent()?.to_owned();
        let sound = format!("{} {}", now.millis(), Place::of(&reader).name());
        Some(Self { reader, folder, sound, is_stopped: Arc::default() })
    }

    /// Ends it early, from another thread.
    pub fn stop(&self) -> StopLook {
        StopLook { is_stopped: Arc::clone(&self.is_stopped), question: self.reader.get_interrupt_handle() }
    }

    /// Reads all pages. Whether they are sound is in the note then.
    ///
    /// # Errors
    /// [`OpenError::Damaged`].
    pub fn take(self) -> Result<(), OpenError> {
        if self.is_stopped.load(Ordering::SeqCst) {
            return Ok(());
        }
        match read(&self.reader) {
            Err(OpenError::Damaged(found)) => {
                note_damage(&self.folder);
                Err(OpenError::Damaged(found))
            }
            Ok(()) => {
                write_note(&self.folder, &self.sound);
                Ok(())
            }
            // stopped, or kept from reading: the next start tries again
            Err(_) => Ok(()),
        }
    }
}

fn note_file(folder: &Path) -> PathBuf {
    folder.join(folder::CHECKED_FILE)
}

fn note(folder: &Path) -> Option<String> {
    let file = note_file(folder);
    // a note has a line
    let is_short = fs::symlink_metadata(&file).is_ok_and(|entry| entry.is_file() && entry.len() < 200);
    is_short.then(|| fs::read_to_string(file).ok()).flatten()
}

/// Without a note the pages are read again.
fn write_note(folder: &Path, text: &str) {
    drop(folder::write_private(&note_file(folder), text));
}
