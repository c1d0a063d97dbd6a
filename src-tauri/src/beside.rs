//! The demo shop beside a shop of one's own: this program once more, with a window, a process and a folder of its own, so that the
//! shop that is open goes on asking its bank.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use counterfoil_commands::{CommandError, Exit};

/// The demo window that was opened from here last. It stays when this window is closed.
#[derive(Default)]
pub(crate) struct Beside(Mutex<Option<Child>>);

impl Beside {
    /// Opens it for the shop of this folder, which keeps the demo's own folder inside.
    ///
    /// # Errors
    /// `demo-open` as long as the last one is open, `demo-not-opened` when the system starts no program.
    pub(crate) fn open(&self, data: &Path) -> Result<(), CommandError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None))) {
            return Err(CommandError::new("demo-open", Exit::NotAllowed));
        }
        let started = std::env::current_exe().and_then(|program| {
            let mut demo = Command::new(program);
            demo.args(["--demo", "--data"]).arg(data);
            demo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        });
        *last = Some(started.map_err(|_| CommandError::new("demo-not-opened", Exit::Unknown))?);
        Ok(())
    }
}
