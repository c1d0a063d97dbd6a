//! The computer must be on: a closed window leaves the program in the tray while refunds wait, and
//! the program starts by itself at sign-in when the owner wants it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::program;
use counterfoil_tests::outside::session::Session;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, ENTER, ESCAPE, F2, F4};
use serde_json::json;

const CHINESE: (&str, &str) = ("LC_ALL", "zh_TW.UTF-8");
/// Lines of the tray.
const OPEN: usize = 0;
const QUIT: usize = 2;

/// The demo shop as a person opens it, on a desktop of its own.
fn demo(session: &Session, options: &[&str], more: &[(&str, &str)]) -> Window {
    let environment: Vec<_> = [session.address(), CHINESE].into_iter().chain(more.iter().copied()).collect();
    let window = Window::open(options, &environment);
    window.see("[data-practice=demo]");
    window
}

/// Turns the demo's clock on to about noon in Taiwan. It starts at this computer's time, which may
/// lie within a bank's nightly batch, when nothing is sent.
fn noon(window: &Window) {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let hour = (since_1970.as_secs() / 3600 + 8) % 24;
    pass(window, "hour", (24 + 12 - hour) % 24);
}

/// Sells by CTBC's page, is paid, and asks for a part of it back, which waits for the capture.
fn with_a_waiting_refund(window: &Window, browser: &Browser) {
    noon(window);
    asks_for_a_part(window, browser);
}

fn asks_for_a_part(window: &Window, browser: &Browser) {
    window.press("gc");
    window.see("#amount:focus");
    window.press("1250");
    window.press(F4);
    customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.newest_order();
    crate::refunds::request(window, "500");
    window.press("gf");
    window.see("[data-refund] [data-refund-state=waiting]");
}

/// What the cross of the window does.
fn close(window: &Window) {
    window.leave("window.__TAURI_INTERNALS__.invoke('close_window').catch(() => undefined);");
}

/// Waits until the page is told that it is seen, or not seen any more.
fn until_seen(window: &Window, seen: bool) {
    window.ask(
        "const [wanted, done] = arguments;
        const look = () => document.visibilityState === wanted && done(null);
        look(); document.addEventListener('visibilitychange', look);",
        &json!([if seen { "visible" } else { "hidden" }]),
    );
}

/// Lets so many hours or days of the demo pass at once.
fn pass(window: &Window, step: &str, count: u64) {
    let passed = window.ask(
        "const [action, count, done] = arguments;
        const pass = (left) => left === 0
            ? done('passed')
            : window.__TAURI_INTERNALS__.invoke('demo', { action, payment: null }).then(() => pass(left - 1), (why) => done(why.code));
        pass(count);",
        &json!([step, count]),
    );
    assert_eq!(passed, "passed");
}

/// Four days pass at once: over any weekend, a batch has run.
fn four_days(window: &Window) {
    pass(window, "day", 4);
}

/// A second start, as by the icon on the desktop.
fn start_again(window: &Window) {
    start_again_with(window, &[]);
}

/// The second start ends, and the window that is open comes to the front.
fn start_again_with(window: &Window, options: &[&str]) {
    let mut second = Command::new(program("counterfoil-desktop"));
    second.args(options).envs(window.environment().iter().cloned()).stdout(Stdio::null());
    let ended = second.status().expect("it was started");
    assert!(ended.success(), "{ended}");
}

#[test]
fn a_closed_window_goes_on_with_its_refund_and_tells_what_became_of_it() {
    let (session, browser) = (Session::open(), Browser::new());
    let _tray = session.tray();
    let (mut icon, mut told) = (session.listen(), session.listen());
    let window = demo(&session, &[], &[("PATH", &browser.path())]);
    let owner = icon.tray();
    // a menu that nobody has looked at tells no changes
    session.menu(&owner);
    with_a_waiting_refund(&window, &browser);
    icon.says("1 筆退款未完成");
    close(&window);
    window.shows("[data-closing]", &["還有 1 筆退款沒完成", "不會遺失"]);
    window.press(ESCAPE);
    window.gone("[data-closing]");
    // once is enough for this refund: the next close puts the window away
    close(&window);
    until_seen(&window, false);
    four_days(&window);
    window.see("[data-refund] [data-refund-state=at-bank]");
    four_days(&window);
    // it ended days ago, so that no list of today has it: the page knows all the same
    window.see("[data-refund-banner=done]");
    icon.says("沒有等待中的退款");
    let wanted = "退款完成 NT$500";
    while !told.notification()[0].contains(wanted) {}
    start_again(&window);
    until_seen(&window, true);
    window.shows("[data-refund-banner=done]", &["500"]);
    // nothing waits any more: closing ends the program
    close(&window);
    told.notifications_until_gone(&owner);
}

#[test]
fn the_tray_brings_the_window_back_and_says_what_quitting_means() {
    let (session, browser) = (Session::open(), Browser::new());
    let _tray = session.tray();
    let mut icon = session.listen();
    let window = demo(&session, &[], &[("PATH", &browser.path())]);
    let owner = icon.tray();
    // a menu that nobody has looked at tells no changes
    session.menu(&owner);
    with_a_waiting_refund(&window, &browser);
    icon.says("1 筆退款未完成");
    close(&window);
    window.see("[data-closing]");
    window.press(ENTER);
    until_seen(&window, false);
    // in the language of the screens, and true in the demo
    let menu = session.menu(&owner);
    assert!(menu.lines[QUIT].1.contains("示範店不保留"), "{menu:?}");
    window.press("gl");
    icon.says("1 refund waits");
    let menu = session.menu(&owner);
    assert!(menu.lines[QUIT].1.contains("the demo keeps nothing"), "{menu:?}");
    session.choose(&menu, OPEN);
    until_seen(&window, true);
    session.choose(&menu, QUIT);
    icon.notifications_until_gone(&owner);
}

/// Whoever closes the window is told of each refund that waits, and of none twice.
#[test]
fn the_window_says_again_what_closing_means_when_another_refund_waits() {
    let (session, browser) = (Session::open(), Browser::new());
    let _tray = session.tray();
    let window = demo(&session, &[], &[("PATH", &browser.path())]);
    with_a_waiting_refund(&window, &browser);
    close(&window);
    window.shows("[data-closing]", &["還有 1 筆退款沒完成"]);
    window.press(ENTER);
    until_seen(&window, false);
    start_again(&window);
    until_seen(&window, true);
    asks_for_a_part(&window, &browser);
    window.count("[data-refund] [data-refund-state=waiting]", 2);
    close(&window);
    window.shows("[data-closing]", &["還有 2 筆退款沒完成"]);
    window.press(ESCAPE);
    window.gone("[data-closing]");
    close(&window);
    until_seen(&window, false);
}

/// Without a tray nothing else ends the program once a refund waits.
#[test]
fn a_key_ends_the_program_after_it_has_said_what_waits() {
    let (session, browser) = (Session::open(), Browser::new());
    let mut icon = session.listen();
    let window = demo(&session, &[], &[("PATH", &browser.path())]);
    let owner = icon.tray();
    with_a_waiting_refund(&window, &browser);
    for _ in 0..2 {
        window.press_with(CONTROL, "q");
        window.shows("[data-closing]", &["還有 1 筆退款沒完成"]);
        window.press(ESCAPE);
        window.gone("[data-closing]");
    }
    window.press_with(CONTROL, "q");
    window.see("[data-closing]");
    window.leave(
        "dispatchEvent(new KeyboardEvent('keydown', { key: 'q', code: 'KeyQ', ctrlKey: true, cancelable: true }));",
    );
    icon.notifications_until_gone(&owner);
}

#[test]
fn closing_ends_the_program_when_nothing_waits() {
    let session = Session::open();
    let _tray = session.tray();
    let mut icon = session.listen();
    let window = demo(&session, &[], &[]);
    let owner = icon.tray();
    // money that a customer still has to bring keeps no program
    window.press("500");
    window.press(F2);
    window.see("[data-account]");
    close(&window);
    assert_eq!(icon.notifications_until_gone(&owner), 0);
}

#[test]
fn without_a_tray_a_second_start_brings_the_window_back() {
    let (session, browser) = (Session::open(), Browser::new());
    let window = demo(&session, &[], &[("PATH", &browser.path())]);
    with_a_waiting_refund(&window, &browser);
    close(&window);
    window.see("[data-closing]");
    window.press(ENTER);
    window.gone("[data-closing]");
    start_again(&window);
    until_seen(&window, true);
    window.see("[data-refund] [data-refund-state=waiting]");
}

/// A bare display: no session bus, so neither a tray nor a name at it by which one program finds
/// the other.
#[test]
fn without_a_session_bus_a_second_start_brings_the_window_back() {
    let (browser, home) = (Browser::new(), tempfile::tempdir().expect("a folder"));
    let folder = home.path().join("shop");
    for options in [vec![], vec!["--demo", "--data", folder.to_str().expect("a path")]] {
        let window = Window::open(&options, &[CHINESE, ("PATH", &browser.path())]);
        window.see("[data-practice=demo]");
        with_a_waiting_refund(&window, &browser);
        close(&window);
        window.see("[data-closing]");
        window.press(ENTER);
        window.gone("[data-closing]");
        start_again_with(&window, &options);
        until_seen(&window, true);
        window.see("[data-refund] [data-refund-state=waiting]");
        // a sign-in to the computer opens no second window either
        start_again_with(&window, &[&options[..], &["--hidden"]].concat());
    }
}

/// The file by which a desktop of Linux starts it.
fn entry(home: &Path) -> Option<String> {
    std::fs::read_to_string(home.join("autostart/Counterfoil.desktop")).ok()
}

fn save_choice(window: &Window, choice: &str) {
    window.run("document.querySelector(arguments[0]).click();", &json!([choice]));
    window.press_with(CONTROL, ENTER);
    window.read("已儲存：登入電腦時啟動存根");
}

#[test]
fn starting_at_sign_in_is_off_at_first_and_goes_on_and_off_with_its_file() {
    let (session, home) = (Session::open(), tempfile::tempdir().expect("a folder"));
    let window = demo(&session, &[], &[("XDG_CONFIG_HOME", home.path().to_str().expect("a path"))]);
    window.press("gs");
    window.see("#start_at_login-no:checked");
    assert_eq!(entry(home.path()), None);
    save_choice(&window, "#start_at_login-yes");
    let file = entry(home.path()).expect("the file is there");
    let starts = format!("Exec=\"{}\" --hidden", program("counterfoil-desktop").display());
    assert!(file.lines().any(|line| line == starts), "{file}");
    window.see("#start_at_login-yes:checked");
    save_choice(&window, "#start_at_login-no");
    assert_eq!(entry(home.path()), None);
    // one line for each, and none for what stayed as it was
    window.press_with(CONTROL, ENTER);
    window.press("ga");
    let lines = window.read("登入電腦時不再啟動");
    assert_eq!(lines.matches("登入電腦時").count(), 2, "{lines}");
}

#[test]
fn a_start_at_sign_in_waits_in_the_tray() {
    let session = Session::open();
    let _tray = session.tray();
    let mut icon = session.listen();
    let window = demo(&session, &["--hidden"], &[]);
    let owner = icon.tray();
    until_seen(&window, false);
    session.choose(&session.menu(&owner), OPEN);
    until_seen(&window, true);
}
