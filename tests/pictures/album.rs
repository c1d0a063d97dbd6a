//! One look of the window, and what a picture must hold.

use std::cell::Cell;
use std::path::Path;

use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::CONTROL;
use serde_json::json;

/// As wide and as high as the window is opened.
const USUAL: (u32, u32) = (1280, 800);
/// The smallest laptop of a counter.
const SMALL: (u32, u32) = (1024, 700);
/// The largest type, in percent.
const LARGEST: &str = "200";
const DARK: (&str, &str) = ("GTK_THEME", "Adwaita:dark");

/// Every walk in every look, or the walk of this name.
pub(crate) fn take(folder: &Path, only: Option<&str>) {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    for dark in [false, true] {
        for english in [false, true] {
            let album = Album { folder, dark, english, taken: Cell::new(0) };
            for (_, walk) in
                crate::walks::ALL.iter().filter(|(name, _)| only.is_none_or(|only| only == *name))
            {
                walk(&album);
            }
        }
    }
}

/// The pictures of one look of the window, numbered in the order in which they are taken.
pub(crate) struct Album<'a> {
    folder: &'a Path,
    dark: bool,
    english: bool,
    taken: Cell<u32>,
}

impl Album<'_> {
    /// Opens the window in this look.
    pub(crate) fn open(&self, options: &[&str], environment: &[(&str, &str)]) -> Window {
        self.open_at(options, environment, "#amount")
    }

    /// The same of a shop with people, which begins locked.
    pub(crate) fn open_locked(&self, options: &[&str], environment: &[(&str, &str)]) -> Window {
        self.open_at(options, environment, "[data-lock] [data-person]")
    }

    fn open_at(&self, options: &[&str], environment: &[(&str, &str)], first: &str) -> Window {
        let look: &[(&str, &str)] = if self.dark { &[DARK] } else { &[] };
        let window = Window::open(options, &[look, environment].concat());
        window.see(first);
        let theme = window.attribute("html", "data-theme");
        assert_eq!(theme, self.theme(), "the window does not follow the system");
        if self.english {
            window.press("gl");
            window.see("html[lang=en]");
        }
        window
    }

    /// A picture of the window now.
    pub(crate) fn save(&self, window: &Window, name: &str) {
        self.save_at(window, name, None);
    }

    /// A picture scrolled to a field, and one with the largest type.
    pub(crate) fn save_at(&self, window: &Window, name: &str, field: Option<&str>) {
        self.taken.set(self.taken.get() + 1);
        self.take(window, name, field, "");
        self.take_large(window, name, field);
    }

    /// Pictures of a small window, also with the largest type; where it is light.
    pub(crate) fn save_small(&self, window: &Window, name: &str, field: Option<&str>) {
        self.taken.set(self.taken.get() + 1);
        if self.dark {
            return;
        }
        let (width, height) = SMALL;
        window.resize(width, height);
        self.take(window, name, field, "-small");
        self.take_large(window, name, field);
        let (width, height) = USUAL;
        window.resize(width, height);
    }

    fn take_large(&self, window: &Window, name: &str, field: Option<&str>) {
        while window.attribute("html", "data-size") != LARGEST {
            window.press_with(CONTROL, "+");
        }
        self.take(window, name, field, &format!("-{LARGEST}"));
        window.press_with(CONTROL, "0");
        window.see("html[data-size='100']");
    }

    fn take(&self, window: &Window, name: &str, field: Option<&str>, size: &str) {
        if let Some(field) = field {
            bring(window, field);
        }
        let language = if self.english { "-english" } else { "" };
        let file = format!("{:02}-{name}-{}{language}{size}.png", self.taken.get(), self.theme());
        window.picture(&self.folder.join(&file));
        let cut = window.cut_words();
        assert!(cut.is_empty(), "{file}: cut are {cut:?}");
    }

    fn theme(&self) -> &'static str {
        if self.dark { "dark" } else { "light" }
    }
}

/// Scrolls to a field.
fn bring(window: &Window, field: &str) {
    let script = "document.querySelector(`[data-field='${arguments[0]}'], #${arguments[0]}, [data-${arguments[0]}]`).scrollIntoView();";
    window.run(script, &json!([field]));
}
