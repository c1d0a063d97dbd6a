//! The real window on a display of its own, driven through WebDriver
//! (<https://www.w3.org/TR/webdriver2/>).
//!
//! Waiting is done inside the page: a script ends when the page has changed as wanted, so nothing
//! here sleeps and looks again.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Value, json};

use super::http;
use super::programs::{Running, program, wait_until_listening};
use super::screen::Picture;

/// Longest wait for something to show, ms.
const SHOW_MS_MAX: u64 = 60_000;
/// Frames to wait for at most: a clock on the page never stops.
const FRAMES_MAX: usize = 20;

/// Environment: so many milliseconds later the page hears each answer of the program. A test that
/// judges what it saw first, or presses a key before it is taken, then fails each time, and not
/// only on a busy computer.
const LATE: &str = "COUNTERFOIL_ANSWERS_LATE_MS";
const ANSWERS_LATE: &str = "
    const [late] = arguments, now = window.fetch;
    window.fetch = (...asked) => new Promise((go) => setTimeout(go, late)).then(() => now(...asked));
";

/// Keys that are not letters, as WebDriver names them.
pub mod keys {
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// F2: a virtual account.
    pub const F2: &str = "\u{e032}";
    /// F3: a card link.
    pub const F3: &str = "\u{e033}";
    /// F5: once more.
    pub const F5: &str = "\u{e035}";
    /// Backspace.
    pub const BACKSPACE: &str = "\u{e003}";
    /// Page down.
    pub const PAGE_DOWN: &str = "\u{e00f}";
    /// Arrow down.
    pub const DOWN: &str = "\u{e015}";
    /// Arrow up.
    pub const UP: &str = "\u{e013}";
    /// Home: the first row.
    pub const HOME: &str = "\u{e011}";
    /// Delete.
    pub const DELETE: &str = "\u{e017}";
    /// F4: the other bank's card page.
    pub const F4: &str = "\u{e034}";
    /// Control.
    pub const CONTROL: &str = "\u{e009}";
    /// Alt.
    pub const ALT: &str = "\u{e00a}";
    /// Tab.
    pub const TAB: &str = "\u{e004}";
}

/// Compares each text, and each field's value or hint, with the boxes around it, in each direction
/// up to one that scrolls. Only the middle half of the height counts: letters are drawn in boxes
/// higher than they are. Text for screen readers only is left out, and a name with its full text in
/// its title.
const CUT_WORDS: &str = r#"
    const cut = [];
    const whole = (start, end, side, from) => {
        const [low, high, overflow] = side === "x" ? ["left", "right", "overflowX"] : ["top", "bottom", "overflowY"];
        for (let box = from; box && box !== document.body; box = box.parentElement) {
            const beyond = getComputedStyle(box)[overflow];
            if (beyond === "auto" || beyond === "scroll") return true;
            const around = box.getBoundingClientRect();
            if (beyond !== "visible" && (start < around[low] - 1 || end > around[high] + 1)) return false;
        }
        return start >= -1 && end <= (side === "x" ? innerWidth : innerHeight) + 1;
    };
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const text = words.currentNode, range = document.createRange();
        range.selectNodeContents(text);
        const { left, right, top, width, height } = range.getBoundingClientRect();
        if (text.data.trim() === "" || width === 0 || text.parentElement.closest(".said-only")) continue;
        if (text.parentElement.closest("[title]")?.title === text.data.trim()) continue;
        const fits = whole(left, right, "x", text.parentElement)
            && whole(top + height / 4, top + height * 3 / 4, "y", text.parentElement);
        if (!fits) cut.push(text.data.trim());
    }
    const pen = document.createElement("canvas").getContext("2d");
    for (const field of document.querySelectorAll("input:not([type=radio], [type=checkbox])")) {
        const style = getComputedStyle(field), shown = field.value || field.placeholder;
        pen.font = style.font;
        const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        if (field.clientWidth > 0 && field.type !== "password" && pen.measureText(shown).width > room + 1) cut.push(shown);
    }
    // the page itself never scrolls sideways
    for (const page of document.querySelectorAll("main"))
        if (page.scrollWidth > page.clientWidth + 1) cut.push(`main: ${page.scrollWidth - page.clientWidth} px`);
    return cut;
"#;

/// An open window. Dropping it ends the program, the driver and the display.
pub struct Window {
    pub(super) session: String,
    /// What was around the program.
    pub(super) environment: Vec<(String, String)>,
    /// In the order in which they end.
    pub(super) _running: Vec<Running>,
    pub(super) home: tempfile::TempDir,
}

impl Window {
    /// Opens the built program with these options and, beside the display, this environment.
    ///
    /// # Panics
    /// When a program is missing or does not start.
    pub fn open(options: &[&str], environment: &[(&str, &str)]) -> Self {
        // what a web view remembers of an earlier window is not seen
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().to_str().expect("a path");
        let (display, name) = display(folder);
        let (port, native) = two_free_ports();
        let mut around: Vec<(&str, &str)> =
            ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map(|name| (name, folder)).into();
        // no tray and no notification on the desktop of whoever runs the tests, unless a test
        // brings a bus
        around.push(("DBUS_SESSION_BUS_ADDRESS", "disabled:"));
        if let Some(name) = &name {
            around.extend([("DISPLAY", name.as_str()), ("GDK_BACKEND", "x11"), ("WAYLAND_DISPLAY", "")]);
        }
        around.extend(environment);
        let mut command = driver();
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).envs(around.iter().copied());
        let driver = Running::start(&mut command);
        for port in [port, native] {
            wait_until_listening(port);
        }
        let wanted = json!({
            "browserName": "wry",
            "timeouts": { "script": SHOW_MS_MAX },
            "tauri:options": { "application": program("counterfoil-desktop"), "args": options },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": wanted } });
        let answer = http::post_json(&format!("http://127.0.0.1:{port}/session"), &wanted);
        let value = answer.json();
        let id = value["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no window: {value}"));
        // from here on the native driver itself: tauri-driver only translates the wish for a
        // window, and its kept connections may have been closed meanwhile
        let window = Self {
            session: format!("http://127.0.0.1:{native}/session/{id}"),
            environment: around.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            _running: [driver].into_iter().chain(display).collect(),
            home,
        };
        if let Some(late) = std::env::var_os(LATE).and_then(|ms| ms.to_str()?.parse::<u32>().ok()) {
            window.run(ANSWERS_LATE, &json!([late]));
        }
        window
    }

    /// Waits until an element that fits is on the page, and gives its text.
    ///
    /// # Panics
    /// When it does not come.
    pub fn see(&self, css: &str) -> String {
        let looked = "const found = document.querySelector(wanted); return found && (found.innerText || found.value || ' ');";
        self.wait(looked, css)
    }

    /// Opens the slip of the newest order from wherever no text field has the focus, and gives its
    /// text. A list that was open before does not show that order at once.
    ///
    /// # Panics
    /// When there is none.
    pub fn newest_order(&self) -> String {
        let asked = "const [done] = arguments;
            window.__TAURI_INTERNALS__.invoke('newest').then(([newest]) => done(newest.order));";
        let order = self.ask(asked, &json!([]));
        let order = order.as_str().unwrap_or_else(|| panic!("no order: {order}"));
        self.press("go");
        self.see(&format!("[data-held] [data-row='{order}']"));
        self.press(keys::HOME);
        self.see(&format!("[data-held] [data-row='{order}'][aria-selected=true]"));
        self.press(keys::ENTER);
        self.see(&format!("[data-slip='{order}'] [data-payment]"));
        self.see("[data-slip]")
    }

    /// Waits until so many elements fit.
    ///
    /// # Panics
    /// When they do not come.
    pub fn count(&self, css: &str, wanted: usize) {
        self.wait(&format!("return document.querySelectorAll(wanted).length === {wanted} && ' ';"), css);
    }

    /// Waits until the page holds these words.
    ///
    /// # Panics
    /// When they do not come.
    pub fn read(&self, words: &str) -> String {
        self.wait("const text = document.body.innerText; return text.includes(wanted) && text;", words)
    }

    /// Waits until an element that fits holds all of these words, and gives its text.
    ///
    /// An element of the screen before may fit too, so a test never judges what it saw first.
    ///
    /// # Panics
    /// When it does not come.
    pub fn shows(&self, css: &str, words: &[&str]) -> String {
        self.wait(
            "const held = [...document.querySelectorAll(wanted[0])].map((one) => one.innerText);
            return held.find((text) => wanted[1].every((word) => text.includes(word)));",
            (css, words),
        )
    }

    /// Waits until the page does not hold these words any more.
    ///
    /// # Panics
    /// When they stay.
    pub fn unread(&self, words: &str) {
        self.wait("return document.body.innerText.includes(wanted) ? false : ' ';", words);
    }

    /// Waits until a field holds this.
    pub fn holds(&self, css: &str, wanted: &str) {
        self.ask(
            "const [css, wanted, done] = arguments;
            const look = () => document.querySelector(css)?.value === wanted && done(null);
            look(); addEventListener('input', look, true);",
            &json!([css, wanted]),
        );
    }

    /// Waits until no element fits any more.
    ///
    /// # Panics
    /// When it stays.
    pub fn gone(&self, css: &str) {
        self.wait("return document.querySelector(wanted) ? false : ' ';", css);
    }

    /// What can be read now.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText;", &json!([])).as_str().unwrap_or_default().to_owned()
    }

    /// An attribute of an element that is on the page.
    ///
    /// # Panics
    /// When it is not there.
    pub fn attribute(&self, css: &str, name: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.getAttribute(arguments[1]);";
        let value = self.run(script, &json!([css, name]));
        value.as_str().unwrap_or_else(|| panic!("no {name} at {css}: {}", self.text())).to_owned()
    }

    /// Presses keys, wherever the focus is.
    pub fn press(&self, typed: &str) {
        let strokes: Vec<Value> = typed
            .chars()
            .flat_map(|key| {
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        self.act(&strokes);
    }

    /// Presses a key while another is held.
    pub fn press_with(&self, held: &str, key: &str) {
        let keys = [("keyDown", held), ("keyDown", key), ("keyUp", key), ("keyUp", held)];
        let strokes: Vec<_> =
            keys.iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
        self.act(&strokes);
    }

    /// Presses and lets go of keys, stroke by stroke.
    pub fn act(&self, strokes: &[Value]) {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.call("actions", &json!({ "actions": [keyboard] }));
    }

    /// Saves a picture of the display as a PNG. Linux only.
    ///
    /// # Panics
    /// When it cannot be taken or written.
    pub fn picture(&self, file: &Path) {
        let size = self.run("return [innerWidth, innerHeight];", &json!([]));
        let [width, height] =
            [0, 1].map(|side| size[side].as_u64().and_then(|side| u32::try_from(side).ok()));
        self.shown().part(width.expect("a width"), height.expect("a height")).save(file);
    }

    /// The picture of the display, once it stops changing. Linux only.
    ///
    /// # Panics
    /// When it cannot be taken.
    pub fn shown(&self) -> Picture {
        // what the page holds now has been painted when a second frame begins
        self.ask(
            "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));",
            &json!([]),
        );
        let take = || Picture::read(self.home.path()).expect("the display of this window");
        let mut picture = take();
        for _ in 0..FRAMES_MAX {
            self.ask("setTimeout(arguments[0], 50);", &json!([]));
            let next = take();
            if next == picture {
                break;
            }
            picture = next;
        }
        picture
    }

    /// Words that do not fit: beyond the window's side, or cut by a box around them that does not
    /// scroll.
    pub fn cut_words(&self) -> Vec<String> {
        let cut = self.run(CUT_WORDS, &json!([]));
        cut.as_array().into_iter().flatten().map(ToString::to_string).collect()
    }

    /// The environment for another program on the same display, in the same home.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Gives the window this size, as a person does by dragging its corner.
    pub fn resize(&self, width: u32, height: u32) {
        self.call("window/rect", &json!({ "width": width, "height": height }));
        self.has_size(width, height);
    }

    /// Waits until the page has this size: it learns its size when it is redrawn.
    pub fn has_size(&self, width: u32, height: u32) {
        self.ask(
            "const [width, height, done] = arguments;
            const fits = () => innerWidth === width && innerHeight === height && done(null);
            if (!fits()) addEventListener('resize', fits);",
            &json!([width, height]),
        );
    }

    /// Runs a script on the page.
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.call("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Runs a script that hands its result to its last argument, a function.
    pub fn ask(&self, script: &str, arguments: &Value) -> Value {
        self.call("execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Waits until `look` returns something; `wanted` is its only name.
    fn wait(&self, look: &str, wanted: impl serde::Serialize) -> String {
        let script = format!(
            "const [wanted, done] = arguments; const look = () => {{ {look} }};
             const first = look(); if (first) return done(first);
             const eye = new MutationObserver(() => {{ const seen = look(); if (seen) {{ eye.disconnect(); done(seen); }} }});
             eye.observe(document, {{ childList: true, subtree: true, characterData: true, attributes: true }});"
        );
        let body = json!({ "script": script, "args": [wanted] });
        let answer = http::post_json(&format!("{}/execute/async", self.session), &body).json();
        match answer["value"].as_str() {
            Some(text) => text.to_owned(),
            None => panic!("{} did not come: {}\n{}", body["args"], answer["value"], self.text()),
        }
    }

    /// Runs a script after which the window may be gone before it has answered.
    pub fn leave(&self, script: &str) {
        let body = json!({ "script": script, "args": [] });
        http::post_json(&format!("{}/execute/sync", self.session), &body);
    }

    pub(super) fn call(&self, path: &str, body: &Value) -> Value {
        let mut answer = http::post_json(&format!("{}/{path}", self.session), body).json();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].take()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // ends the program; where that fails, the end of the driver and of the display does it
        if !std::thread::panicking() {
            http::exchange("DELETE", &self.session, "text/plain", "");
        }
    }
}

/// On Linux a file that grows beyond its limit is then an error like a full disk, and not the end
/// of the program.
fn driver() -> Command {
    if !cfg!(target_os = "linux") {
        return Command::new("tauri-driver");
    }
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", "tauri-driver"]);
    command
}

/// A display of its own on Linux: the tests type, and a developer keeps the keyboard. Its memory is
/// a file in this folder. It draws no pointer, which would lie on every picture.
fn display(folder: &str) -> (Option<Running>, Option<String>) {
    if !cfg!(target_os = "linux") {
        return (None, None);
    }
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-nocursor"]);
    command.args(["-fbdir", folder]);
    let mut server = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut number = String::new();
    let said = server.child().stdout.take().expect("it was piped");
    BufReader::new(said).read_line(&mut number).expect("the display says its number");
    (Some(server), Some(format!(":{}", number.trim())))
}

/// Below the ports that systems hand out, so that no program that asks for any port gets one of
/// these; two windows of one program get different ones.
pub(super) fn two_free_ports() -> (u16, u16) {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    let mine = u16::try_from(std::process::id() % 400).expect("below 400");
    let first = 20_000 + mine * 20 + ASKED.fetch_add(2, Ordering::Relaxed) % 20;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut ports = (first..first + 2).chain(28_000..30_000).filter(free);
    (ports.next().expect("a free port"), ports.next().expect("a second free port"))
}
