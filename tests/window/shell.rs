//! The window in its desktop: one of it, its tray, its notifications, its place, and the fences
//! around its page.

use std::io::Read as _;
use std::net::TcpListener;

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use serde_json::json;

#[test]
fn scripts_pages_and_windows_from_elsewhere_are_blocked() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    // a listener that must receive no request
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", elsewhere.local_addr().expect("an address"));
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    let tried = window.ask(
        r#"const [elsewhere, done] = arguments;
        const foreign = ["http://tauri.evil.test/", "https://example.invalid/", "data:text/html,<p>", "file:///", elsewhere];
        const tried = (act) => { try { return act() ?? "nothing"; } catch { return "refused"; } };
        window.same = "page";
        const evaluated = [
            tried(() => eval("window.planted = 'eval'")),
            tried(() => new Function("return window.planted = 'function'")()),
            tried(() => { setTimeout("window.planted = 'timer'", 0); }),
        ];
        const add = (tag, properties) => document.body.appendChild(Object.assign(document.createElement(tag), properties));
        add("script", { textContent: "window.planted = 'script'" });
        add("script", { src: "data:text/javascript,window.planted='source'" });
        add("script", { src: elsewhere + "/x.js" });
        add("img", { src: elsewhere + "/x.png" });
        add("iframe", { src: elsewhere });
        add("link", { rel: "stylesheet", href: elsewhere + "/x.css" });
        add("link", { rel: "prefetch", href: elsewhere + "/x" });
        tried(() => { navigator.sendBeacon(elsewhere, "x"); });
        tried(() => { new WebSocket(elsewhere.replace("http", "ws")); });
        tried(() => { new EventSource(elsewhere); });
        add("div", { innerHTML: '<img src="nothing" onerror="window.planted = \'onerror\'"><svg onload="window.planted = \'onload\'">' });
        add("iframe", { srcdoc: "<script>parent.planted = 'frame'</" + "script>" });
        add("a", { href: "javascript:window.planted='link'" }).click();
        add("style", { textContent: "body { --planted: 1 }" });
        const opened = foreign.map((page) => tried(() => window.open(page)));
        for (const page of foreign) {
            tried(() => { window.open(page, "_self"); });
            tried(() => { location.href = page; });
            add("a", { href: page, target: "_blank" }).click();
            tried(() => { add("form", { action: page, method: "post" }).submit(); });
            // last, because the next way out gives up the one before
            add("a", { href: page }).click();
        }
        const outcome = (promise) => promise.then(() => "done", () => "refused");
        const invoke = window.__TAURI_INTERNALS__.invoke;
        const calls = foreign.map((page) => outcome(fetch(page)));
        // each is answered after what came before it has been decided
        calls.push(outcome(invoke("plugin:webview|internal_toggle_devtools")), outcome(invoke("plugin:window|destroy")));
        calls.push(outcome(invoke("plugin:event|emit", { event: "payment", payload: {} })));
        const frozen = tried(() => { "use strict"; Object.prototype.planted = 1; });
        Promise.all(calls).then((answers) => invoke("newest").then(() => done({
            evaluated, opened: [...new Set(opened)], answers: [...new Set(answers)], frozen,
            planted: window.planted ?? null, global: typeof window.__TAURI__,
            style: getComputedStyle(document.body).getPropertyValue("--planted"), same: window.same, here: location.origin,
        })));"#,
        &json!([address]),
    );
    let wanted = json!({
        "evaluated": ["refused", "refused", "nothing"], "opened": ["nothing"], "answers": ["refused"], "frozen": "refused",
        "planted": null, "global": "undefined", "style": "", "same": "page", "here": "tauri://localhost",
    });
    assert_eq!(tried, wanted);
    // and later: what was blocked is not only late
    window.see("#amount");
    assert_eq!(
        window.run("return [window.same, window.planted ?? null];", &json!([])),
        json!(["page", null])
    );
    // a web view may open a connection before it learns that it may not go: none carried a byte
    drop(window);
    elsewhere.set_nonblocking(true).expect("a setting of it");
    while let Ok((mut line, _)) = elsewhere.accept() {
        let mut said = String::new();
        line.set_nonblocking(false).and_then(|()| line.read_to_string(&mut said)).expect("it was hung up");
        assert_eq!(said, "", "somebody was asked");
    }
}

/// The desktop of Linux, which a test can play.
#[cfg(target_os = "linux")]
mod desktop {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use counterfoil_tests::outside::process;
    use counterfoil_tests::outside::programs::{Bank, Running, Shop, program};
    use counterfoil_tests::outside::session::Session;
    use counterfoil_tests::outside::window::Window;
    use counterfoil_tests::outside::window::keys::{ALT, ENTER, F2};
    use serde_json::json;

    const CHINESE: (&str, &str) = ("LC_ALL", "zh_TW.UTF-8");

    /// The last line of the tray.
    const QUIT: usize = 2;

    /// Makes the page keep the moment at which it next gets or loses the focus, and starts what
    /// makes it do so.
    fn focus<T>(window: &Window, event: &str, start: impl FnOnce() -> T) -> T {
        let script = "const [event] = arguments;
            window.turned = new Promise((turn) => window.addEventListener(event, turn, { once: true }));";
        window.run(script, &json!([event]));
        let started = start();
        window.ask("const done = arguments[0]; window.turned.then(() => done(null));", &json!([]));
        started
    }

    /// Another program that comes to the front of the same display: one with a folder of its own.
    fn in_front_of(window: &Window, session: &Session, folder: &Path) -> Running {
        let mut command = Command::new(program("counterfoil-desktop"));
        command.args(["--demo", "--data"]).arg(folder).stdout(Stdio::null());
        command.envs(window.environment().iter().cloned()).envs([session.address()]);
        focus(window, "blur", || Running::start(&mut command))
    }

    #[test]
    fn a_second_start_shows_the_first_window_and_ends() {
        let (session, folder) = (Session::open(), tempfile::tempdir().expect("a folder"));
        let window = Window::open(&[], &[session.address()]);
        window.see("[data-practice=demo]");
        // one with a folder that is named is another program, and stays
        let _other = in_front_of(&window, &session, folder.path());
        focus(&window, "focus", || {
            let mut second = Command::new(program("counterfoil-desktop"));
            let ended = second.envs(window.environment().iter().cloned()).status().expect("it was started");
            assert!(ended.success(), "{ended}");
        });
    }

    /// The demo opens in its own window, and the shop goes on behind it.
    #[test]
    fn the_demo_opens_beside_a_shop_with_one_key() {
        let bank = Bank::open();
        let (session, shop) = (Session::open(), Shop::add(&bank));
        let window = Window::open(&shop.options(), &[session.address(), CHINESE]);
        window.see("#amount");
        window.press("500");
        window.press(F2);
        window.see("[data-account]");
        window.press("gs");
        window.see("#payee_name");
        assert!(!process::demo_beside(shop.folder()));
        focus(&window, "blur", || window.press_with(ALT, "d"));
        assert!(process::demo_beside(shop.folder()));
        window.read("示範商店會開在另一個視窗");
        bank.pay_all();
        window.see("[data-banner=paid]");
        // the second time its own window comes to the front
        window.press_with(ALT, "d");
        window.read("示範商店會開在另一個視窗");
        assert!(process::demo_beside(shop.folder()));
    }

    #[test]
    fn without_a_session_it_opens_as_well() {
        Window::open(&[], &[]).see("[data-practice=demo]");
    }

    #[test]
    fn the_tray_has_three_lines_in_the_language_of_the_screens() {
        let (bank, session) = (Bank::open(), Session::open());
        let shop = Shop::add(&bank);
        let mut listener = session.listen();
        // whatever the system speaks
        let window = Window::open(&shop.options(), &[session.address(), ("LC_ALL", "en_US.UTF-8")]);
        window.see("#amount");
        let owner = listener.tray();
        // a menu that nobody has looked at tells no changes
        session.menu(&owner);
        for wanted in
            [["Open Counterfoil", "No refund waits", "Quit"], ["開啟存根", "沒有等待中的退款", "結束"]]
        {
            window.press("gl");
            listener.says(wanted[0]);
            let lines: Vec<String> = session.menu(&owner).lines.into_iter().map(|(_, words)| words).collect();
            assert_eq!(lines, wanted);
        }
    }

    #[test]
    fn the_size_is_kept_when_the_tray_ends_the_program() {
        let (bank, session) = (Bank::open(), Session::open());
        let shop = Shop::add(&bank);
        let mut listener = session.listen();
        let window = Window::open(&shop.options(), &[session.address()]);
        window.see("#amount");
        window.has_size(1_280, 800);
        window.resize(1_010, 707);
        let menu = session.menu(&listener.tray());
        session.choose(&menu, QUIT);
        assert_eq!(listener.notifications_until_gone(&menu.owner), 0);
        let again = Window::open(&shop.options(), &[session.address()]);
        again.see("#amount");
        again.has_size(1_010, 707);
    }

    #[test]
    fn a_payment_is_told_once_and_only_to_who_looks_away() {
        let (bank, session) = (Bank::open(), Session::open());
        let shop = Shop::add(&bank);
        let (mut listener, mut counts) = (session.listen(), session.listen());
        let window = Window::open(&shop.options(), &[session.address(), CHINESE]);
        let menu = session.menu(&listener.tray());
        let sell = |amount: &str| {
            window.see("#amount");
            window.press(amount);
            window.press(F2);
            window.see("[data-account]");
        };
        let pay = || {
            bank.pay_all();
            window.see("[data-banner=paid]");
            window.press(ENTER);
            window.gone("[data-banner]");
        };
        sell("500");
        pay();
        counts.says("\"開啟存根（1 筆收款未看）\"");
        counts.says("\"開啟存根\"");
        sell("12600");
        let folder = tempfile::tempdir().expect("a folder");
        let other = in_front_of(&window, &session, folder.path());
        bank.pay_all();
        let [title, body] = listener.notification();
        assert_eq!(title, "【示範】已付款 NT$12,600");
        let number = body.strip_prefix("虛擬帳號 ").unwrap_or_else(|| panic!("{body}"));
        assert!(number.bytes().all(|b| b.is_ascii_alphanumeric()), "{body}");
        counts.says("\"開啟存根（1 筆收款未看）\"");
        // the first line of the tray brings the window back
        focus(&window, "focus", || session.choose(&menu, 0));
        drop(other);
        pay();
        counts.says("\"開啟存根\"");
        sell("860");
        pay();
        session.choose(&menu, QUIT);
        assert_eq!(listener.notifications_until_gone(&menu.owner), 0);
    }
}
