//! Starting the built programs, and ending them whatever happens.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The folder that this program was built into: `…/debug` or `…/release`.
fn built() -> PathBuf {
    let this = std::env::current_exe().expect("this program has a path");
    let folder = this.parent().expect("a program lies in a folder");
    // a test lies one deeper than a program
    let folder =
        if folder.ends_with("deps") { folder.parent().expect("deps lies in a folder") } else { folder };
    folder.to_path_buf()
}

/// A program of ours.
///
/// # Panics
/// When it was not built: `cargo xtask` builds all of them first.
pub fn program(name: &str) -> PathBuf {
    let path = built().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is not built: cargo build --workspace --features custom-protocol",
        path.display()
    );
    path
}

/// A process that ends with its owner.
pub struct Running(Child);

impl Running {
    /// Starts a command; its standard output stays with the caller of [`Running::child`] when it was piped.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let shown = command.get_program().to_owned();
        Self(command.stdin(Stdio::null()).spawn().unwrap_or_else(|why| panic!("{}: {why}", shown.display())))
    }

    /// The process.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // asked first, so that it can end what it started itself
        if cfg!(unix) {
            let asked = Command::new("kill").arg(self.0.id().to_string()).status();
            if asked.is_ok_and(|status| status.success()) {
                let _ended = self.0.wait();
                return;
            }
        }
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}
