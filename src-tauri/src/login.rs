//! Starting by itself when a person signs in to the computer: a file of Linux
//! (`~/.config/autostart/`) or macOS (`~/Library/LaunchAgents/`), a key of Windows
//! (`…\CurrentVersion\Run`). The library `auto-launch` knows each place; this one keeps no copy of
//! what it finds there.

use auto_launch::{AutoLaunch, AutoLaunchBuilder, LinuxLaunchMode, MacOSLaunchMode, WindowsEnableMode};
use counterfoil_commands::{Code, CommandError, Exit};
use tauri::{AppHandle, Manager as _};

/// Of the file or key.
const NAME: &str = "Counterfoil";

/// Whether the program starts by itself; none where it cannot be told.
pub(crate) fn is_on() -> Option<bool> {
    // whatever it starts
    entry("")?.is_enabled().ok()
}

/// Has it start by itself from now on, or no longer.
///
/// # Errors
/// `login-start`
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<(), CommandError> {
    let refused = || CommandError::new(Code::LoginStart, Exit::Unknown);
    let program = program(app).ok_or_else(refused)?;
    let entry = entry(&program).ok_or_else(refused)?;
    if on { entry.enable() } else { entry.disable() }.map_err(|_| refused())
}

/// What to start. An AppImage runs from a place that is gone when it ends, and names its file.
fn program(app: &AppHandle) -> Option<String> {
    #[cfg(target_os = "linux")]
    let image = app.env().appimage;
    #[cfg(not(target_os = "linux"))]
    let image: Option<std::ffi::OsString> = None;
    image.or_else(|| Some(std::env::current_exe().ok()?.into_os_string()))?.into_string().ok()
}

/// It opens out of the way: whoever signs in has something else to do first.
fn entry(program: &str) -> Option<AutoLaunch> {
    // a desktop file and a key of Windows hold one line, in which a path with a blank is quoted
    let path = if cfg!(target_os = "macos") { program.to_owned() } else { format!("\"{program}\"") };
    AutoLaunchBuilder::new()
        .set_app_name(NAME)
        .set_app_path(&path)
        .set_args(&[crate::options::HIDDEN])
        .set_linux_launch_mode(LinuxLaunchMode::XdgAutostart)
        .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .build()
        .ok()
}
