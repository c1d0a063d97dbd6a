//! A data file that is moved, deleted or replaced while the shop is open: nothing more is sold or
//! sent, and what is open is written into a file of its own. Which of the two goes on is for a
//! person to say.

use std::path::Path;

use counterfoil_commands::{Code, CommandError, Exit};
use counterfoil_engine::ports::BankReply;
use counterfoil_engine::{Notice, Ticket};

use crate::run_loop::Desk;

/// The data file was moved under the program.
pub(crate) fn is_moved(why: &CommandError) -> bool {
    matches!(why.code, Code::FileMoved | Code::FileMovedUnsaved)
}

impl Desk {
    /// Whether the data file is the one that was opened. If not, nothing more is sold or sent, and
    /// what is open is written beside it.
    ///
    /// # Errors
    /// `file-moved`.
    pub(crate) fn look_at_file(&mut self) -> Result<(), CommandError> {
        if self.paused.is_some() || self.engine.store().is_in_place() {
            return Ok(());
        }
        let why = self.rescued();
        self.paused = Some(why.clone());
        for later in std::mem::take(&mut self.later) {
            (later.job)(self);
        }
        self.hear(Notice::Health);
        Err(why)
    }

    /// Writes what is open beside the file that was moved, and says where.
    fn rescued(&mut self) -> CommandError {
        let at = self.moved_at.unwrap_or_else(|| self.bank_time());
        self.moved_at = Some(at);
        let told = |code, path: &Path| {
            CommandError::new(code, Exit::Storage).with("path", path.display().to_string())
        };
        match self.engine.store().rescue(at) {
            Ok(path) => told(Code::FileMoved, &path),
            Err(_) => told(Code::FileMovedUnsaved, &self.from.data),
        }
    }

    /// An answer after the file was moved: it is in what is rescued.
    pub(crate) fn answered_late(&mut self, ticket: Ticket, reply: &BankReply) {
        let kept = self.engine.answered(self.from.clock.now(), ticket, reply);
        self.tell();
        if kept.is_ok() {
            self.paused = Some(self.rescued());
            self.hear(Notice::Health);
        }
    }
}
