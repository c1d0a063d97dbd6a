//! `cargo xtask demo --pictures DIR`: drives the real window through the journey and saves a PNG of each screen.
//!
//! The same keys that a clerk presses, the same bank simulator that the tests ask; light, dark, and the second language.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a picture that cannot be taken ends the run with a sentence"
)]

use std::path::{Path, PathBuf};

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, DOWN, ENTER, ESCAPE, F2, F3, F4};
use serde_json::json;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("pictures DIR"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    journey(&folder, "light", &[]);
    journey(&folder, "dark", &[("GTK_THEME", "Adwaita:dark")]);
    card(&folder, "light", &[]);
    card(&folder, "dark", &[("GTK_THEME", "Adwaita:dark")]);
    demo(&folder, "light", &[]);
    demo(&folder, "dark", &[("GTK_THEME", "Adwaita:dark")]);
}

fn journey(folder: &Path, theme: &str, environment: &[(&str, &str)]) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), environment);
    let save = |name: &str| save(&window, &folder.join(format!("{name}-{theme}.png")));
    window.see("#amount");
    assert_eq!(window.attribute("html", "data-theme"), theme, "the window does not follow the system");
    save("01-counter-empty");

    window.press("12600");
    save("02-counter-amount");
    window.press(F2);
    window.see("[data-account]");
    save("03-account");
    bank.pay_all();
    window.see("[data-banner=paid]");
    save("04-account-paid");
    window.press(ENTER);
    window.gone("[data-banner]");

    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    save("05-card-link");
    let form = customer::pay_by_card(&window.attribute("[data-link]", "data-link"));
    form.send(&[]);
    window.see("[data-banner=paid]");
    save("06-card-paid");
    window.press(ENTER);
    window.gone("[data-banner]");

    bank.control("fault", &json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1 }));
    window.press("1500");
    window.press(F2);
    window.see("[data-why]");
    save("07-unknown");
    window.see("[data-account]");
    window.press(ESCAPE);

    bank.control("fault", &json!({ "kind": "code:E0102", "match": "OrderCreate", "count": 1 }));
    window.press("300");
    window.press(F3);
    window.see("[data-state=not-issued]");
    save("08-declined");
    window.press("e");

    window.press("000");
    window.read("超過上限");
    save("09-over-the-limit");
    window.press(ESCAPE);

    window.press("go");
    window.see("[data-held] [role=option]");
    save("10-orders");
    window.press(DOWN);
    window.press(DOWN);
    window.press(ENTER);
    window.see("[data-slip]");
    save("11-order");
    window.press(ESCAPE);
    window.press("/");
    window.press("860");
    window.count("[data-held] [role=option]", 1);
    save("12-search");
    window.press(ESCAPE);
    window.press(ESCAPE);
    window.press("f");
    window.press(DOWN);
    window.see("[data-filter]");
    save("26-filter");
    window.press(ESCAPE);
    window.press("x");
    window.gone("[data-filter]");
    window.press("gs");
    window.see("[data-place=settings][aria-current]");
    window.see("#payee_name");
    save("13-settings");
    window.press(ESCAPE);
    window.press("?");
    window.see("[data-keys]");
    save("14-keys");
    window.press(ESCAPE);

    // nobody at the bank answers
    window.press("gc");
    bank.control("fault", &json!({ "kind": "drop-before", "match": "*", "count": 100_000 }));
    window.press("75");
    window.press(F2);
    window.see("[data-health=bank]");
    window.see("[data-state=not-issued]");
    save("15-bank-away");
    bank.control("faults", &json!({ "clear": true }));
    window.press(ESCAPE);

    in_english_and_large(&window, &save);
}

/// The same in the second language, and with large type; what the web view keeps of them goes with its folder.
fn in_english_and_large(window: &Window, save: &dyn Fn(&str)) {
    window.run("document.querySelector('[data-language]').click();", &json!([]));
    window.press("4280");
    window.press(F2);
    window.see("[data-account]");
    save("16-account-english");
    window.press("go");
    window.see("[data-held] [role=option]");
    save("17-orders-english");
    window.press("gs");
    window.see("#payee_name");
    save("18-settings-english");
    window.press(ESCAPE);
    window.press("gc");
    larger(window);
    window.see("[data-account]");
    save("19-account-english-150");
    window.run("document.querySelector('[data-language]').click();", &json!([]));
    save("20-account-150");
    window.press("go");
    window.see("[data-held] [role=option]");
    save("21-orders-150");
    window.press("gs");
    window.see("#payee_name");
    save("22-settings-150");
}

/// A card at CTBC: its page, its slip after the batch, and the contract in the settings; in both languages.
fn card(folder: &Path, theme: &str, environment: &[(&str, &str)]) {
    let (bank, browser) = (Bank::open(), Browser::new());
    let shop = Shop::add(&bank);
    let path = browser.path();
    let window = Window::open(&shop.options(), &[environment, &[("PATH", &path)]].concat());
    let save = |name: &str| save(&window, &folder.join(format!("{name}-{theme}.png")));
    let language = || window.run("document.querySelector('[data-language]').click();", &json!([]));
    window.see("#amount");
    window.press("1250");
    window.press(F4);
    let page = browser.address();
    window.see("[data-page]");
    save("27-card-page");
    language();
    save("28-card-page-english");
    language();
    customer::pay_at_ctbc(&customer::card_page(&page)).send(&[]);
    window.see("[data-banner=paid]");
    save("29-card-page-paid");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.press("go");
    window.see("[data-held] [role=option]");
    window.press(DOWN);
    window.press(ENTER);
    window.see("[data-card]");
    save("30-card-order");
    language();
    save("31-card-order-english");
    window.press("gs");
    window.see("#ctbc_merchant_id");
    bring(&window, "ctbc_mer_id");
    save("32-card-settings-english");
    language();
    save("33-card-settings");
    bring(&window, "ctbc_start");
    save("34-card-batch");
    larger(&window);
    save("35-card-batch-150");
}

/// A picture in which every word is whole.
fn save(window: &Window, file: &Path) {
    window.picture(file);
    let cut = window.cut_words();
    assert!(cut.is_empty(), "{}: cut are {cut:?}", file.display());
}

/// Scrolls to a field.
fn bring(window: &Window, field: &str) {
    let script =
        "document.querySelector(`[data-field='${arguments[0]}'], #${arguments[0]}`).scrollIntoView();";
    window.run(script, &json!([field]));
}

/// The demo shop, as it is for somebody who has just opened the program.
fn demo(folder: &Path, theme: &str, environment: &[(&str, &str)]) {
    let home = tempfile::tempdir().expect("a folder");
    let window = Window::open(&["--data", home.path().to_str().expect("a path")], environment);
    let save = |name: &str| save(&window, &folder.join(format!("{name}-{theme}.png")));
    window.see("#amount");
    save("23-demo");
    window.press("1280");
    window.press(F2);
    window.see("[data-account]");
    window.run("document.querySelector('[data-demo=pay]').click();", &json!([]));
    window.see("[data-banner=paid]");
    save("24-demo-paid");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.press("gs");
    window.see("#payee_name");
    save("25-demo-settings");
}

/// Two steps: 150 %.
fn larger(window: &Window) {
    for _ in 0..2 {
        window.press_with(CONTROL, "+");
    }
    window.see("html[data-size='150']");
}
