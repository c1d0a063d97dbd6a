//! Any web page that the shop's browser shows, against the demo shop that every newcomer has open:
//! its bank listens on this computer. A page sends what a browser lets it send, and its name may
//! lead to this computer (DNS rebinding). It commands nothing and reads nothing.

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{DOWN, ESCAPE, F3, F4};
use serde_json::{Value, json};

/// Sends all that a page may send to these addresses; what it can read of the answers.
const SENDS: &str = r#"
    const [bases, page, done] = arguments;
    const tried = async (url, how) => {
        try {
            const answer = await fetch(url, how);
            return answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`;
        } catch { return "refused"; }
    };
    const calls = [tried(page, { mode: "no-cors" }), tried(page, { mode: "cors" })];
    const shown = (kind, src) => new Promise((over) => {
        const element = document.createElement(kind);
        element.onload = element.onerror = () => over(kind);
        element.src = src;
        document.body.append(element);
    });
    calls.push(shown("img", page), shown("iframe", page));
    const commands = ["advance", "pay_all", "switch", "clock", "plant"].map((name) => `/control/${name}`);
    for (const base of bases) {
        for (const path of [...commands, "/funBIZ-Sbx/QPay.WebAPI/api/Nonce"]) {
            const body = JSON.stringify({ seconds: 86400, shop: "NA0249_001", pay_job: true, order: "EVIL", amount: 1 });
            for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"])
                for (const mode of ["no-cors", "cors"])
                    calls.push(tried(base + path, { method: "POST", mode, body, headers: { "content-type": type } }));
            const frame = document.createElement("iframe");
            frame.name = base + path;
            document.body.append(frame);
            const form = document.createElement("form");
            Object.assign(form, { action: base + path, method: "post", enctype: "text/plain", target: frame.name });
            const field = document.createElement("input");
            Object.assign(field, { name: '{"seconds":86400,"shop":"NA0249_001","x":"', value: '"}' });
            form.append(field);
            document.body.append(form);
            calls.push(new Promise((over) => { frame.onload = () => over("form"); }));
            form.submit();
        }
        for (const mode of ["no-cors", "cors"]) calls.push(tried(`${base}/control/books`, { mode }));
    }
    Promise.all(calls).then((said) => done([...new Set(said)].sort()));
"#;

#[test]
fn no_web_page_commands_the_demo_bank_or_uses_up_a_card_page() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let browser = Browser::new();
    let options = ["--data", data.to_str().expect("a path")];
    let window = Window::open(&options, &[("PATH", &browser.path())]);
    window.see("[data-practice=demo]");
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    let link = window.attribute("[data-link]", "data-link");
    let bank = link.trim_start_matches("http://").split('/').next().expect("a host").to_owned();
    let port = bank.rsplit(':').next().expect("a port");
    window.press(ESCAPE);
    window.press("1250");
    window.press(F4);
    let page = browser.address();
    window.see("[data-page]");

    let evil = Window::of_another_site("evil.example");
    let rebound = format!("http://evil.example:{port}");
    let said = evil.ask(SENDS, &json!([[format!("http://{bank}"), rebound], page]));
    assert_eq!(said, json!(["form", "iframe", "img", "opaque", "refused"]), "nothing is read");
    // the page itself comes from there, as far as its browser knows
    evil.visit(&format!("{rebound}/control/books"));
    let read = "const done = arguments[0];
        Promise.all(['/control/books', '/control/clock', '/mauth/SSLAuthUI.jsp'].map(async (path) => {
            const answer = await fetch(path);
            return [answer.status, await answer.text()];
        })).then(done);";
    let read = evil.ask(read, &json!([]));
    for answer in read.as_array().expect("three answers") {
        assert_eq!(answer[0], 421, "{answer}");
        assert!(!answer[1].as_str().expect("a text").contains("order"), "{answer}");
    }

    // nothing was paid, and no time has passed
    let mut amounts = ["860", "1,250"];
    // two banks count the second in which both were sold
    if window.newest_order().contains(amounts[1]) {
        amounts.reverse();
    }
    for dollars in amounts {
        window.shows("[data-slip]", &[dollars]);
        window.press("q");
        window.shows("[data-slip] [data-said]", &["沒有新的結果"]);
        window.press(DOWN);
    }
    let paid = window.run("return document.querySelectorAll('[data-state=paid]').length;", &json!([]));
    assert_eq!(paid, Value::from(0));
    // and the customer's own browser still gets the card page
    let returns = customer::pay_at_ctbc(&customer::card_page(&page));
    returns.send(&[]);
    window.shows("[data-banner=paid]", &["1,250", "中信"]);
}
