//! Starting by itself when a person signs in to the computer: a file of Linux
//! (`autostart/Counterfoil.desktop` in the folder of settings) or macOS
//! (`~/Library/LaunchAgents/Counterfoil.plist`), a value of Windows (`…\CurrentVersion\Run`).
//!
//! What is found there is the truth; no copy of it is kept. `auto-launch` knows the places of
//! Windows and macOS. The file of Linux is written here: that library looks for the folder of
//! settings in one place only (`docs/decisions/0031-the-tray-goes-on.md`).

use counterfoil_commands::{Code, CommandError, Exit};
use tauri::AppHandle;

use crate::options::HIDDEN;

/// Of the file or value.
const NAME: &str = "Counterfoil";

/// Whether the program starts by itself; none where it cannot be told.
pub(crate) fn is_on(app: &AppHandle) -> Option<bool> {
    entry::is_on(app)
}

/// Has it start by itself from now on, or no longer. It opens out of the way: whoever signs in has
/// something else to do first.
///
/// # Errors
/// `login-start`
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<(), CommandError> {
    entry::set(app, on).ok_or_else(|| CommandError::new(Code::LoginStart, Exit::Unknown))
}

#[cfg(target_os = "linux")]
mod entry {
    use std::fs;
    use std::path::PathBuf;

    use tauri::Manager as _;

    use super::{AppHandle, HIDDEN, NAME};

    pub(super) fn is_on(app: &AppHandle) -> Option<bool> {
        file(app)?.try_exists().ok()
    }

    pub(super) fn set(app: &AppHandle, on: bool) -> Option<()> {
        let file = file(app)?;
        if !on {
            return fs::remove_file(file).ok();
        }
        // an AppImage runs from a place that is gone when it ends, and names its file
        let program = app.env().appimage.map(PathBuf::from);
        let program = program.or_else(|| std::env::current_exe().ok())?;
        fs::create_dir_all(file.parent()?).ok()?;
        fs::write(file, text(program.to_str()?)).ok()
    }

    fn file(app: &AppHandle) -> Option<PathBuf> {
        Some(app.path().config_dir().ok()?.join("autostart").join(format!("{NAME}.desktop")))
    }

    fn text(program: &str) -> String {
        let exec = quoted(program);
        format!("[Desktop Entry]\nType=Application\nName={NAME}\nExec={exec} {HIDDEN}\nTerminal=false\n")
    }

    /// As the Desktop Entry Specification quotes a word of Exec; a backslash counts twice.
    fn quoted(word: &str) -> String {
        let mut quoted = String::from('"');
        for letter in word.chars() {
            match letter {
                '\\' => quoted.push_str(r"\\\\"),
                '"' | '`' | '$' => quoted.extend(['\\', '\\', letter]),
                '%' => quoted.push_str("%%"),
                _ => quoted.push(letter),
            }
        }
        quoted + "\""
    }

    #[test]
    fn a_path_is_quoted_as_desktops_read_it() {
        for (path, wanted) in [
            ("/opt/counterfoil", r#"Exec="/opt/counterfoil" --hidden"#),
            ("/opt/王/my shop/c", r#"Exec="/opt/王/my shop/c" --hidden"#),
            (r"/a%b$c\d", r#"Exec="/a%%b\\$c\\\\d" --hidden"#),
        ] {
            assert!(text(path).lines().any(|line| line == wanted), "{}", text(path));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod entry {
    use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};

    use super::{AppHandle, HIDDEN, NAME};

    pub(super) fn is_on(_: &AppHandle) -> Option<bool> {
        named()?.is_enabled().ok()
    }

    pub(super) fn set(_: &AppHandle, on: bool) -> Option<()> {
        let entry = named()?;
        if on { entry.enable() } else { entry.disable() }.ok()
    }

    fn named() -> Option<AutoLaunch> {
        let program = std::env::current_exe().ok()?.into_os_string().into_string().ok()?;
        // the value of Windows is a line, in which a path with a blank is quoted
        let program = if cfg!(windows) { format!("\"{program}\"") } else { program };
        AutoLaunchBuilder::new()
            .set_app_name(NAME)
            .set_app_path(&program)
            .set_args(&[HIDDEN])
            .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
            .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
            .build()
            .ok()
    }
}
