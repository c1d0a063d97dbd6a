//! The system tray icon: the number of unacknowledged payments, and a menu with two lines.
//!
//! It only shows. A desktop without a tray, or a Linux without the library for it, gets the program
//! without the icon; closing the window ends the program with or without it
//! (`docs/decisions/0009-closing-the-window-ends-the-program.md`).

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::menu::{MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager as _, Wry};

use crate::words;

const ICON: &str = "counterfoil";
const OPEN: &str = "open";
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
    let (tray, language) = (app.clone(), words::language());
    let _program_is_ending = app.run_on_main_thread(move || {
        let (Some(icon), Some(line)) = (tray.tray_by_id(ICON), tray.try_state::<OpenLine>()) else { return };
        // each system shows one or the other of the first two; the menu is read on all of them
        let _only_shown = icon.set_tooltip(Some(words::unseen(language, count)));
        let _only_shown = icon.set_title((count > 0).then(|| count.to_string()));
        let _only_shown = line.0.set_text(words::open(language, count));
    });
}

/// The first line of the menu.
struct OpenLine(MenuItem<Wry>);

fn make(app: &AppHandle) -> tauri::Result<()> {
    let language = words::language();
    let line = MenuItemBuilder::with_id(OPEN, words::open(language, 0)).build(app)?;
    let menu = MenuBuilder::new(app).item(&line).text(QUIT, words::quit(language)).build()?;
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
    app.manage(OpenLine(line));
    unseen(app, 0);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that a menu calls")]
fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => crate::to_the_front(app),
        // as by hand, so that what is done at closing is done
        QUIT => match app.get_webview_window(crate::MAIN).map(|window| window.close()) {
            Some(Ok(())) => {}
            Some(Err(_)) | None => app.exit(0),
        },
        _ => {}
    }
}
