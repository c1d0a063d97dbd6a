//! What closing the window does: it ends the program, unless the banks still have something for it
//! to do. Then the window goes away and the program goes on, in the tray where there is one.
//!
//! Promises: the window says so whenever something waits of which it has not said so in this run,
//! and never loses a program: without a tray it is minimised, and a second start brings it back
//! (`docs/decisions/0031-the-tray-goes-on.md`).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use counterfoil_commands::{Failure, UnfinishedView, Waits};
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
    /// Of these the window has said what closing it means.
    said: BTreeSet<Waits>,
}

/// What becomes of a window that is to close.
#[derive(Debug, PartialEq, Eq)]
enum Close {
    Ends,
    /// It says first what waits.
    Says(UnfinishedView),
    Aside,
}

impl Next {
    fn close(&self) -> Close {
        if self.ends || self.unfinished.is_nothing() {
            Close::Ends
        } else if self.unfinished.which.is_subset(&self.said) {
            Close::Aside
        } else {
            Close::Says(self.unfinished.clone())
        }
    }
}

impl Closing {
    /// The desk has counted again. True: it is not as it was.
    pub(crate) fn counted(&self, unfinished: UnfinishedView) -> bool {
        self.next(|next| {
            let before = std::mem::replace(&mut next.unfinished, unfinished);
            before != next.unfinished
        })
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
    let app = window.app_handle();
    match closing.next(|next| next.close()) {
        Close::Ends => return,
        // a page that hangs does not keep the window open: the next close puts it away
        Close::Says(left) => say(app, &left),
        Close::Aside => aside(app),
    }
    api.prevent_close();
}

/// The window says what waits, and what closing it means.
fn say(app: &AppHandle, left: &UnfinishedView) {
    if let Some(closing) = app.try_state::<Closing>() {
        closing.next(|next| next.said.clone_from(&left.which));
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
    let left = app.try_state::<Closing>().map(|closing| closing.next(|next| next.unfinished.clone()));
    match left.filter(|left| !sure && !left.is_nothing()) {
        Some(left) => say(&app, &left),
        None => end(&app),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use counterfoil_shop::RefundId;

    use super::*;

    fn left(refunds: &[u8]) -> UnfinishedView {
        let which = refunds.iter().map(|n| Waits::Refund(RefundId::from_random([*n; 16]))).collect();
        UnfinishedView { refunds: u32::try_from(refunds.len()).unwrap(), requests: 0, which }
    }

    /// Closes the window while these wait.
    fn close(next: &mut Next, refunds: &[u8]) -> Close {
        next.unfinished = left(refunds);
        let close = next.close();
        if let Close::Says(left) = &close {
            next.said.clone_from(&left.which);
        }
        close
    }

    #[test]
    fn the_window_says_once_of_each_refund_what_closing_means() {
        let mut next = Next::default();
        assert_eq!(close(&mut next, &[]), Close::Ends);
        assert_eq!(close(&mut next, &[1]), Close::Says(left(&[1])));
        assert_eq!(close(&mut next, &[1]), Close::Aside);
        assert_eq!(close(&mut next, &[1, 2]), Close::Says(left(&[1, 2])));
        // one has ended: nothing waits that was not said
        assert_eq!(close(&mut next, &[2]), Close::Aside);
        // as many, and another one
        assert_eq!(close(&mut next, &[3]), Close::Says(left(&[3])));
        assert_eq!(close(&mut next, &[]), Close::Ends);
        next.ends = true;
        assert_eq!(close(&mut next, &[4]), Close::Ends);
    }
}
