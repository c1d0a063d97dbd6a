//! A browser in the place of the person's own: it writes down where it was sent.

use std::os::unix::fs::PermissionsExt as _;

/// In the way of the system's opener, for a window that is started with its environment.
pub struct Browser(tempfile::TempDir);

impl Browser {
    /// # Panics
    /// When it cannot be made.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (browser, pipe) = (folder.path().join("xdg-open"), folder.path().join("address"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        std::fs::write(&browser, format!("#!/bin/sh\nprintf %s \"$1\" > '{}'\n", pipe.display()))
            .expect("a file");
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o700)).expect("a program");
        Self(folder)
    }

    /// The search path that begins with it.
    pub fn path(&self) -> String {
        let path = std::env::var_os("PATH").unwrap_or_default();
        format!("{}:{}", self.0.path().display(), path.display())
    }

    /// Where it is sent next: waited for.
    ///
    /// # Panics
    /// When it was not started.
    pub fn address(&self) -> String {
        std::fs::read_to_string(self.0.path().join("address")).expect("the browser was started")
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}
