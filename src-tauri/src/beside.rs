//! The demo shop beside a shop of one's own: this program once more, with a window, a process and a
//! folder of its own, so that the shop that is open goes on asking its bank.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use counterfoil_commands::{Code, CommandError, Exit};

/// The demo window that was opened from here last. It stays when this window is closed; one that
/// has ended is forgotten when the next one is asked for.
pub(crate) struct Beside {
    /// Asked for at the start: a program that is replaced while it runs is found no more.
    program: io::Result<PathBuf>,
    last: Mutex<Option<Child>>,
}

impl Beside {
    /// With none open.
    pub(crate) fn new() -> Self {
        Self { program: std::env::current_exe(), last: Mutex::default() }
    }

    /// Opens it for the shop of this folder, which keeps the demo's own folder inside. On Linux the
    /// second start brings the window of the first one forward.
    ///
    /// # Errors
    /// `demo-open` elsewhere as long as a window has it open, `demo-not-opened` when the system
    /// starts no program.
    pub(crate) fn open(&self, data: &Path) -> Result<(), CommandError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // one that was started just now may not have its data file yet
        let starts = last.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        let is_open = starts || counterfoil_shop::is_demo_open(data);
        if is_open && cfg!(not(target_os = "linux")) {
            return Err(CommandError::new(Code::DemoOpen, Exit::NotAllowed));
        }
        let failed = || CommandError::new(Code::DemoNotOpened, Exit::Unknown);
        let mut demo = Command::new(self.program.as_ref().map_err(|_| failed())?);
        demo.args(["--demo", "--data"]).arg(data);
        let started = demo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        *last = Some(started.map_err(|_| failed())?);
        Ok(())
    }
}
