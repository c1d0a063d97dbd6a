//! The built screens in Chromium, which is the engine of the window on Windows, with a fake program
//! behind them.
//!
//! It can play an input method as the browser sees one: its own keys, text being composed, finished
//! text (<https://chromedevtools.github.io/devtools-protocol/tot/Input/>).

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::http;
use super::programs::{Running, wait_until_listening};
use super::window::{Window, two_free_ports};

/// Each is a question to the driver and takes its time.
const LOOKS_MAX: u32 = 1_000;

impl Window {
    /// Opens the screens that were built. The script `before` runs first and fakes the program.
    ///
    /// # Panics
    /// When Chromium, its driver or the screens are missing.
    pub fn in_chromium(before: &str) -> Self {
        let screens = crate::folder().join("../ui/dist");
        assert!(screens.join("index.html").is_file(), "the screens are not built: cargo xtask setup");
        let window = Self::chromium(&[]);
        window.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": before }));
        window.visit(&serve(screens));
        window
    }

    /// Opens another site's page, as a person's own browser does.
    ///
    /// # Panics
    /// When Chromium or its driver is missing.
    pub fn of_a_customer(address: &str) -> Self {
        let window = Self::chromium(&[]);
        window.visit(address);
        window
    }

    /// Opens an empty page of another host, whose name leads to this computer with every port.
    ///
    /// # Panics
    /// When Chromium or its driver is missing.
    pub fn of_another_site(host: &str) -> Self {
        let page = tempfile::tempdir().expect("a folder").keep();
        std::fs::write(page.join("index.html"), "<!doctype html><body>").expect("a file");
        let window = Self::chromium(&[&format!("--host-resolver-rules=MAP {host} 127.0.0.1")]);
        window.visit(&serve(page).replace("127.0.0.1", host));
        window
    }

    fn chromium(more: &[&str]) -> Self {
        let (port, _) = two_free_ports();
        let home = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).env("HOME", home.path());
        let driver = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
        wait_until_listening(port);
        let options = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,832"];
        let options = [&options[..], more].concat();
        let wanted = json!({
            "timeouts": { "script": 60_000 },
            "goog:chromeOptions": { "args": options },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": wanted } });
        let answer = http::post_json(&format!("http://127.0.0.1:{port}/session"), &wanted).json();
        let id = answer["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no Chromium: {answer}"));
        let session = format!("http://127.0.0.1:{port}/session/{id}");
        Self { session, environment: Vec::new(), _running: vec![driver], home }
    }

    /// Goes to an address.
    pub fn visit(&self, address: &str) {
        self.call("url", &json!({ "url": address }));
    }

    /// Presses Back.
    pub fn back(&self) {
        self.call("back", &json!({}));
    }

    /// Looks until this holds on whatever page is there; while one page gives way to the next, it
    /// does not.
    ///
    /// # Panics
    /// When it never holds.
    pub fn until(&self, holds: &str) {
        let body = json!({ "script": format!("return !!document.body && ({holds});"), "args": [] });
        let look = || http::post_json(&format!("{}/execute/sync", self.session), &body).json();
        let seen = (0..LOOKS_MAX).any(|_| look()["value"] == true);
        assert!(seen, "never: {holds}; {}", look());
    }

    /// A command of the developer tools.
    pub fn devtools(&self, command: &str, values: &Value) -> Value {
        self.call("goog/cdp/execute", &json!({ "cmd": command, "params": values }))
    }

    /// A key that an input method takes for itself: the page only sees that something was pressed,
    /// and where on the keyboard.
    pub fn press_with_input_method(&self, code: &str) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Process", "code": code, "windowsVirtualKeyCode": 229 });
            self.devtools("Input.dispatchKeyEvent", &key);
        }
    }

    /// A text that an input method is still composing where the focus is.
    pub fn compose(&self, text: &str) {
        let end = text.chars().count();
        let composed = json!({ "text": text, "selectionStart": end, "selectionEnd": end });
        self.devtools("Input.imeSetComposition", &composed);
    }

    /// And the text that comes of it.
    pub fn composed(&self, text: &str) {
        self.devtools("Input.insertText", &json!({ "text": text }));
    }
}

/// Serves a folder of files on loopback until this program ends; gives the address of its index.
#[expect(clippy::disallowed_methods, reason = "whoever serves the screens does so beside the test")]
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    std::thread::spawn(move || {
        for line in listener.incoming().flatten() {
            // a browser that hangs up is no failure of the test
            let _hung_up = answer(line, &folder);
        }
    });
    format!("http://{address}/index.html")
}

fn answer(mut line: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut first = String::new();
    BufReader::new(&line).read_line(&mut first)?;
    let name = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let known = !name.contains("..") && folder.join(name).is_file();
    let body = if known { std::fs::read(folder.join(name))? } else { Vec::new() };
    let kind = match Path::new(name).extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        _ => "application/octet-stream",
    };
    let status = if known { "200 OK" } else { "404 Not Found" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    line.write_all(head.as_bytes())?;
    line.write_all(&body)
}
