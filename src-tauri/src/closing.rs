//! What closing the window does: it ends the program, unless the banks still have something for it
//! to do. Then the window goes away and the program goes on, in the tray where there is one.
//!
//! Promises: the window says so the first time, and never loses a program: without a tray it is
//! minimised, and a second start brings it back (`docs/decisions/0031-the-tray-goes-on.md`).

use std::sync::{Mutex, PoisonError};

use counterfoil_commands::{Failure, UnfinishedView};
use tauri::{AppHandle, CloseRequestApi, Emitter as _, Manager as _, WebviewWindow, Window};

use crate::counter::Counter;
use crate::place::Keeper;
use crate::tray;

/// What the next close does.
#[derive(Default)]
pub(crate) struct Closing(Mutex<Next>);

#[derive(Default)]
struct Next {
    /// What goes on only while the program runs, as the desk counted it last.
    unfinished: UnfinishedView,
    /// A person has chosen to end it all the same.
    ends: bool,
    /// The window has said what closing it means, whether or not the disk has taken that.
    said: bool,
}

impl Closing {
    /// The desk has counted again. True: it is not as it was.
    pub(crate) fn counted(&self, unfinished: UnfinishedView) -> bool {
        self.next(|next| std::mem::replace(&mut next.unfinished, unfinished) != unfinished)
    }

    fn next<T>(&self, act: impl FnOnce(&mut Next) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The window is about to close.
pub(crate) fn asked(window: &Window, api: &CloseRequestApi) {
    let Some(place) = window.try_state::<Keeper>() else { return };
    place.keep(window);
    let Some(closing) = window.try_state::<Closing>() else { return };
    let left = closing.next(|next| (!next.ends).then_some(next.unfinished));
    let Some(left) = left.filter(|left| !left.is_nothing()) else { return };
    api.prevent_close();
    // a page that hangs does not keep the window open: the next close puts it away
    if closing.next(|next| next.said) || place.has_said_it() {
        aside(window.app_handle());
    } else {
        say(window.app_handle(), left);
    }
}

/// The window says what waits, and what closing it means.
fn say(app: &AppHandle, left: UnfinishedView) {
    if let (Some(closing), Some(place)) = (app.try_state::<Closing>(), app.try_state::<Keeper>()) {
        closing.next(|next| next.said = true);
        place.says_it();
    }
    let _page_hangs = app.emit("closing", left);
}

/// Puts the window away; the program goes on.
pub(crate) fn aside(app: &AppHandle) {
    let Some(window) = app.get_webview_window(crate::MAIN) else { return };
    // no one sees who leaves the counter: whoever opens it again says who it is
    let _page_hangs = window.emit("put-away", ());
    let away = if tray::is_seen(app) { window.hide() } else { minimised(&window) };
    if away.is_err() {
        crate::complain("the window could not be put away");
    }
}

/// One that was never shown is shown as one that a person has minimised.
fn minimised(window: &WebviewWindow) -> tauri::Result<()> {
    window.minimize()?;
    if window.is_visible()? { Ok(()) } else { window.show() }
}

/// Ends the program, as closing the window by hand does, whatever is left to do.
pub(crate) fn end(app: &AppHandle) {
    if let Some(closing) = app.try_state::<Closing>() {
        closing.next(|next| next.ends = true);
    }
    match app.get_webview_window(crate::MAIN).map(|window| window.close()) {
        Some(Ok(())) => {}
        Some(Err(_)) | None => app.exit(0),
    }
}

/// Closes the window: after it has said what that means, the program goes on.
pub(crate) async fn close_window(counter: &Counter) -> Result<(), Failure> {
    if let Some(window) = counter.app().get_webview_window(crate::MAIN) {
        let _window_is_closing = window.close();
    }
    Ok(())
}

/// Ends the program. While something waits the window says first what that means, unless a person
/// is `sure`.
pub(crate) async fn quit(counter: &Counter, sure: bool) -> Result<(), Failure> {
    let app = counter.app();
    let left = app.try_state::<Closing>().map(|closing| closing.next(|next| next.unfinished));
    match left.filter(|left| !sure && !left.is_nothing()) {
        Some(left) => say(&app, left),
        None => end(&app),
    }
    Ok(())
}
