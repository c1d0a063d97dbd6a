//! Window position: saves size, position and whether the window is maximized beside the shop's
//! data, and restores them at the next start, never off every screen.
//!
//! A position that cannot be read or saved is ignored; it is only a convenience.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tauri::{PhysicalPosition, PhysicalSize, WebviewWindow, Window};

/// A rectangle in pixels of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Rectangle {
    left: i32,
    top: i32,
    width: u32,
    height: u32,
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    #[serde(flatten)]
    at: Rectangle,
    maximized: bool,
}

/// The file that keeps it.
pub(crate) struct Keeper(PathBuf);

impl Keeper {
    /// For the shop of this folder; a start with `--demo` has a place of its own.
    pub(crate) fn new(data: &Path, demo: bool) -> Self {
        Self(data.join(if demo { "window-demo.json" } else { "window.json" }))
    }

    /// Puts the window where it stood.
    pub(crate) fn restore(&self, window: &WebviewWindow) {
        let Some(place) = self.read() else { return };
        let _stays_where_it_is = put(window, place);
    }

    /// Saves the current position. A maximized or minimized window keeps the one it will return to.
    pub(crate) fn keep(&self, window: &Window) {
        let _forgotten = self.write(window);
    }

    fn read(&self) -> Option<Place> {
        serde_json::from_slice(&fs::read(&self.0).ok()?).ok()
    }

    fn write(&self, window: &Window) -> tauri::Result<()> {
        let maximized = window.is_maximized()?;
        let before = self.read();
        let at = match before {
            Some(before) if maximized || window.is_minimized()? => before.at,
            Some(_) | None => {
                let (corner, size) = (window.outer_position()?, window.inner_size()?);
                Rectangle { left: corner.x, top: corner.y, width: size.width, height: size.height }
            }
        };
        Ok(self.put_down(Place { at, maximized })?)
    }

    fn put_down(&self, place: Place) -> std::io::Result<()> {
        fs::write(&self.0, serde_json::to_vec(&place)?)
    }
}

fn put(window: &WebviewWindow, place: Place) -> tauri::Result<()> {
    let screens: Vec<Rectangle> = window
        .available_monitors()?
        .iter()
        .map(|screen| {
            let area = screen.work_area();
            Rectangle {
                left: area.position.x,
                top: area.position.y,
                width: area.size.width,
                height: area.size.height,
            }
        })
        .collect();
    if let Some(at) = on_a_screen(place.at, &screens) {
        window.set_size(PhysicalSize::new(at.width, at.height))?;
        window.set_position(PhysicalPosition::new(at.left, at.top))?;
    }
    if place.maximized { window.maximize() } else { Ok(()) }
}

/// The rectangle moved, and where it must be made smaller, so that all of it is on the screen that
/// holds most of it; on the first one if none holds any. None without a screen.
fn on_a_screen(at: Rectangle, screens: &[Rectangle]) -> Option<Rectangle> {
    // of equal ones the first: the system names its main screen first
    let screen = screens.iter().rev().max_by_key(|screen| shared(at, **screen))?;
    let (width, height) = (at.width.min(screen.width), at.height.min(screen.height));
    Some(Rectangle {
        left: within(at.left, screen.left, screen.width.saturating_sub(width)),
        top: within(at.top, screen.top, screen.height.saturating_sub(height)),
        width,
        height,
    })
}

/// Pixels that two rectangles share.
fn shared(one: Rectangle, other: Rectangle) -> u64 {
    let along = |start: i32, length: u32, from: i32, over: u32| {
        let end = start.saturating_add_unsigned(length).min(from.saturating_add_unsigned(over));
        u64::try_from(i64::from(end).saturating_sub(i64::from(start.max(from)))).unwrap_or(0)
    };
    along(one.left, one.width, other.left, other.width).saturating_mul(along(
        one.top,
        one.height,
        other.top,
        other.height,
    ))
}

/// The nearest to `wanted` from `least` on, at most `room` further.
fn within(wanted: i32, least: i32, room: u32) -> i32 {
    wanted.clamp(least, least.saturating_add_unsigned(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(left: i32, top: i32, width: u32, height: u32) -> Rectangle {
        Rectangle { left, top, width, height }
    }

    const MAIN: Rectangle = at(0, 40, 1920, 1040);
    const SECOND: Rectangle = at(1920, 0, 1280, 1024);

    #[test]
    fn a_window_is_put_back_where_it_can_be_seen() {
        for (kept, screens, wanted) in [
            // where it was
            (at(100, 100, 1280, 800), &[MAIN, SECOND][..], at(100, 100, 1280, 800)),
            (at(1920, 0, 1280, 800), &[MAIN, SECOND], at(1920, 0, 1280, 800)),
            // the second screen was taken away
            (at(2000, 100, 1280, 800), &[MAIN], at(640, 100, 1280, 800)),
            // only a corner was left on it
            (at(-1200, -700, 1280, 800), &[MAIN, SECOND], at(0, 40, 1280, 800)),
            // a smaller screen than before
            (at(0, 0, 2560, 1440), &[SECOND], at(1920, 0, 1280, 1024)),
            // numbers that no screen has
            (at(i32::MAX, i32::MIN, u32::MAX, 1), &[MAIN], at(0, 40, 1920, 1)),
        ] {
            assert_eq!(on_a_screen(kept, screens), Some(wanted), "{kept:?}");
        }
        assert_eq!(on_a_screen(MAIN, &[]), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(folder.path(), false);
        assert_eq!(keeper.read(), None);
        fs::write(folder.path().join("window.json"), "{\"left\":").unwrap();
        assert_eq!(keeper.read(), None);
        fs::write(
            folder.path().join("window.json"),
            r#"{"left":1,"top":2,"width":3,"height":4,"maximized":true}"#,
        )
        .unwrap();
        assert_eq!(keeper.read(), Some(Place { at: at(1, 2, 3, 4), maximized: true }));
        assert_eq!(Keeper::new(folder.path(), true).read(), None);
    }
}
