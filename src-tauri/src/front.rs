//! One window for each shop: a second start brings the window that is open to the front, and ends.
//!
//! The first program listens on the loopback and writes its port, and what to ask and to answer,
//! into the folder of the shop; whoever can read that folder can show the window, and nothing else.
//! It needs no session bus and no tray. A program that hangs does not answer: the second one opens
//! a window, and the lock of the folder still holds. Left out: plain starts on Windows and macOS,
//! where the system has a way of its own (`only_one` in `lib.rs`).

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tauri::AppHandle;

/// The second program waits so long: the first one may just have started.
const ASKS_MS: u64 = 5_000;
/// The first one waits so long for what is asked, and for its window.
const ANSWERS_MS: u64 = 2_000;
/// Asked to show the window, and only whether there is one.
const SHOW: u8 = b's';
const LOOK: u8 = b'l';

/// How the second program finds the first one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    port: u16,
    /// What no other program on this port knows.
    asks: String,
    answers: String,
}

/// The place at which later starts ask.
pub(crate) struct Front {
    listener: TcpListener,
    note: Note,
}

/// The file of the shop in this folder; a start with `--demo` has a window of its own.
pub(crate) fn file(folder: &Path, demo: bool) -> PathBuf {
    folder.join(if demo { "front-demo.json" } else { "front.json" })
}

/// Whether the window of this file is open; it comes to the front, unless this start is `hidden`.
pub(crate) fn is_open(file: &Path, hidden: bool) -> bool {
    ask(file, if hidden { LOOK } else { SHOW }).unwrap_or(false)
}

fn ask(file: &Path, what: u8) -> io::Result<bool> {
    let note: Note = serde_json::from_slice(&fs::read(file)?)?;
    let wait = Duration::from_millis(ASKS_MS);
    let mut first = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, note.port).into(), wait)?;
    first.set_read_timeout(Some(wait))?;
    first.write_all(note.asks.as_bytes())?;
    first.write_all(&[what])?;
    let mut answer = vec![0; note.answers.len()];
    first.read_exact(&mut answer)?;
    Ok(!answer.is_empty() && answer == note.answers.as_bytes())
}

impl Front {
    /// Writes the file. What asks from now on waits until [`Self::serve`].
    ///
    /// # Errors
    /// Of the system; then a second start opens a second window.
    pub(crate) fn open(file: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let note =
            Note { port, asks: counterfoil_shop::random_hex(), answers: counterfoil_shop::random_hex() };
        if let Some(folder) = file.parent() {
            for_us(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file)?.write_all(&serde_json::to_vec(&note)?)?;
        Ok(Self { listener, note })
    }

    /// Answers for as long as the program lives.
    ///
    /// # Errors
    /// When the system makes no thread.
    pub(crate) fn serve(self, app: &AppHandle) -> io::Result<()> {
        let app = app.clone();
        self.serve_by(move |what| what == LOOK || show(&app))
    }

    fn serve_by(self, shows: impl Fn(u8) -> bool + Send + 'static) -> io::Result<()> {
        let serve = move || {
            for asked in self.listener.incoming().flatten() {
                let _it_went_away = answer(asked, &self.note, &shows);
            }
        };
        std::thread::Builder::new().name("front".into()).spawn(serve).map(|_| ())
    }
}

fn answer(mut asked: TcpStream, note: &Note, shows: impl Fn(u8) -> bool) -> io::Result<()> {
    asked.set_read_timeout(Some(Duration::from_millis(ANSWERS_MS)))?;
    let mut line = vec![0; note.asks.len() + 1];
    asked.read_exact(&mut line)?;
    match line.split_last() {
        Some((what, asks)) if asks == note.asks.as_bytes() && shows(*what) => {
            asked.write_all(note.answers.as_bytes())
        }
        Some(_) | None => Ok(()),
    }
}

/// On the thread of the window, which a program that ends or hangs has no more.
fn show(app: &AppHandle) -> bool {
    let (done, shown) = sync_channel(1);
    let window = app.clone();
    let asked = app.run_on_main_thread(move || {
        let _no_one_waits = done.try_send(crate::to_the_front(&window));
    });
    asked.is_ok() && shown.recv_timeout(Duration::from_millis(ANSWERS_MS)).unwrap_or(false)
}

/// Makes the folder, for its owner only, where there is none.
fn for_us(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_finds_the_first_by_its_file_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let at = file(&home.path().join("new"), false);
        assert!(!is_open(&at, false), "there is no file");
        let (asked, heard) = sync_channel(9);
        Front::open(&at).unwrap().serve_by(move |what| asked.try_send(what).is_ok()).unwrap();
        assert!(is_open(&at, false) && is_open(&at, true));
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [SHOW, LOOK]);
        // another word, as of a program that has this port by now
        let note: Note = serde_json::from_slice(&fs::read(&at).unwrap()).unwrap();
        fs::write(&at, serde_json::to_vec(&Note { asks: "0".repeat(32), ..note.clone() }).unwrap()).unwrap();
        assert!(!is_open(&at, false));
        assert_eq!(heard.try_iter().count(), 0);
        // another answer, as of a program that takes any word
        let answers = note.answers.chars().rev().collect();
        fs::write(&at, serde_json::to_vec(&Note { answers, ..note.clone() }).unwrap()).unwrap();
        assert!(!is_open(&at, false));
        fs::write(&at, "{\"port\":").unwrap();
        assert!(!is_open(&at, false));
    }

    #[test]
    fn a_window_that_cannot_be_shown_is_not_open() {
        let home = tempfile::tempdir().unwrap();
        let at = file(home.path(), true);
        Front::open(&at).unwrap().serve_by(|_| false).unwrap();
        assert!(!is_open(&at, false));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let at = file(&home.path().join("new"), false);
        let _front = Front::open(&at).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&at), mode(at.parent().unwrap())), (0o600, 0o700));
    }
}
