//! `cargo xtask demo --pictures DIR`: drives the real window through the journey and saves a PNG of each screen.
//!
//! The same keys that a clerk presses, the same bank simulator that the tests ask; light, dark, and the second language.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a picture that cannot be taken ends the run with a sentence"
)]

use std::path::{Path, PathBuf};

use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ENTER, ESCAPE, F2, F3};
use serde_json::json;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("pictures DIR"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    journey(&folder, "light", &[]);
    journey(&folder, "dark", &[("GTK_THEME", "Adwaita:dark")]);
}

fn journey(folder: &Path, theme: &str, environment: &[(&str, &str)]) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), environment);
    let save = |name: &str| window.picture(&folder.join(format!("{name}-{theme}.png")));
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

    window.run("[...document.querySelectorAll('footer button')].at(-1).click();", &json!([]));
    window.read("Amount to collect");
    window.press("4280");
    window.press(F2);
    window.see("[data-account]");
    save("10-account-english");
    // the words are remembered by the web view's own folder
    window.run("[...document.querySelectorAll('footer button')].at(-1).click();", &json!([]));
}
