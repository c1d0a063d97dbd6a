//! The demo shop beside a shop of one's own: this program once more, with a window, a process and a
//! folder of its own, so that the shop that is open goes on asking its bank.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use counterfoil_commands::{Code, CommandError, Exit};

/// The demo windows that were opened from here. They stay when this window is closed; one that has
/// ended is forgotten when the next one is asked for.
pub(crate) struct Beside {
    /// Asked for at the start: a program that is replaced while it runs is found no more.
    program: io::Result<PathBuf>,
    opened: Mutex<Vec<Child>>,
}

impl Beside {
    /// With none open.
    pub(crate) fn new() -> Self {
        Self { program: std::env::current_exe(), opened: Mutex::default() }
    }

    /// Opens it for the shop of this folder, which keeps the demo's own folder inside. The second
    /// start brings the window of the first one forward.
    ///
    /// # Errors
    /// `demo-not-opened` when the system starts no program.
    pub(crate) fn open(&self, data: &Path) -> Result<(), CommandError> {
        let failed = || CommandError::new(Code::DemoNotOpened, Exit::Unknown);
        let mut demo = Command::new(self.program.as_ref().map_err(|_| failed())?);
        demo.args(["--demo", "--data"]).arg(data);
        let started = demo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        opened.push(started.map_err(|_| failed())?);
        Ok(())
    }
}
