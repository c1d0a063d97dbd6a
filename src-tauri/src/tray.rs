//! The system tray icon: the number of unacknowledged payments, and a menu with three lines: open,
//! what is left to do, quit.
//!
//! A desktop without a tray, or a Linux without the library for it, gets the program without the
//! icon. While refunds wait, a closed window leaves the program here (`closing.rs`); the last line
//! says what ending it means, so that choosing it needs no further question.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use counterfoil_commands::UnfinishedView;
use tauri::menu::{MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager as _, Wry};

use crate::{closing, words};

const ICON: &str = "counterfoil";
const OPEN: &str = "open";
const LEFT: &str = "left";
const QUIT: &str = "quit";

/// Puts the icon there.
pub(crate) fn open(app: &AppHandle) {
    // making the icon loads the tray library, which panics when it is missing
    let made = catch_unwind(AssertUnwindSafe(|| make(app)));
    if !matches!(made, Ok(Ok(()))) {
        crate::complain("there is no tray here; the program runs without its icon");
    }
}

/// Shows the number of unacknowledged payments. Returns at once; does nothing without an icon.
pub(crate) fn unseen(app: &AppHandle, count: u32) {
    show(app, move |shown| shown.unseen = count);
}

/// Shows what is left to do at the banks, and what quitting means then, in the `demo` too. As
/// above.
pub(crate) fn left(app: &AppHandle, left: UnfinishedView, demo: bool) {
    show(app, move |shown| (shown.left, shown.demo) = (left, demo));
}

/// Says the same in the language of the screens. As above.
pub(crate) fn speak(app: &AppHandle) {
    show(app, |_| ());
}

fn show(app: &AppHandle, change: impl FnOnce(&mut Shown) + Send + 'static) {
    let (tray, language) = (app.clone(), words::language(app));
    let _program_is_ending = app.run_on_main_thread(move || {
        let Some(lines) = tray.try_state::<Lines>() else { return };
        let mut shown = lines.shown.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut shown);
        let Shown { unseen, ref left, demo } = *shown;
        // each system shows one or the other of the first two; the menu is read on all of them
        if let Some(icon) = tray.tray_by_id(ICON) {
            let _only_shown = icon.set_tooltip(Some(words::unseen(language, unseen)));
            let _only_shown = icon.set_title((unseen > 0).then(|| unseen.to_string()));
        }
        let _only_shown = lines.open.set_text(words::open(language, unseen));
        let _only_shown = lines.left.set_text(words::left(language, left));
        let _only_shown = lines.quit.set_text(words::quit(language, left, demo));
    });
}

/// Whether a person finds the icon. A Linux desktop may have no tray although the icon was made:
/// then no program owns the name at the session bus to which icons are handed.
pub(crate) fn is_seen(app: &AppHandle) -> bool {
    app.tray_by_id(ICON).is_some() && has_tray()
}

#[cfg(target_os = "linux")]
fn has_tray() -> bool {
    let asked = || {
        let bus = zbus::blocking::Connection::session()?;
        let watcher = zbus::names::BusName::from_static_str("org.kde.StatusNotifierWatcher")?;
        Ok::<_, zbus::Error>(zbus::blocking::fdo::DBusProxy::new(&bus)?.name_has_owner(watcher)?)
    };
    asked().unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
const fn has_tray() -> bool {
    true
}

/// The lines of the menu, and what they show.
struct Lines {
    open: MenuItem<Wry>,
    left: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    unseen: u32,
    left: UnfinishedView,
    demo: bool,
}

fn make(app: &AppHandle) -> tauri::Result<()> {
    let (language, shown) = (words::language(app), Shown::default());
    let lines = Lines {
        open: MenuItemBuilder::with_id(OPEN, words::open(language, 0)).build(app)?,
        left: MenuItemBuilder::with_id(LEFT, words::left(language, &shown.left)).enabled(false).build(app)?,
        quit: MenuItemBuilder::with_id(QUIT, words::quit(language, &shown.left, false)).build(app)?,
        shown: Mutex::new(shown),
    };
    let menu = MenuBuilder::new(app).items(&[&lines.open, &lines.left, &lines.quit]).build()?;
    let mut icon = TrayIconBuilder::with_id(ICON).menu(&menu);
    if let Some(picture) = app.default_window_icon() {
        icon = icon.icon(picture.clone());
    }
    // Linux reads the picture from a file; the usual place is one folder for all people of a
    // computer
    if let Ok(folder) = app.path().app_cache_dir() {
        icon = icon.temp_dir_path(folder);
    }
    icon.on_menu_event(chosen).build(app)?;
    app.manage(lines);
    unseen(app, 0);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that a menu calls")]
fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => {
            crate::to_the_front(app);
        }
        QUIT => closing::end(app),
        _ => {}
    }
}
