//! The real window on the real money path, driven from outside by keyboard: `cargo xtask test`
//! builds the programs and installs the driver. The bank is the simulator as a process, so that a
//! test can also make it fail.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test makes ready is there, or the test says what is not"
)]

mod axe;
mod clerk;
mod direct;
mod ends;
mod find;
mod fingers;
#[cfg(target_os = "linux")]
mod in_sight;
mod input_method;
mod keyring;
mod large;
#[cfg(target_os = "linux")]
mod memory;
mod once;
#[cfg(target_os = "linux")]
mod other_file;
mod paid_at;
mod people;
#[cfg(target_os = "linux")]
mod qr;
mod refund_alone;
#[cfg(target_os = "linux")]
mod refund_ends;
#[cfg(target_os = "linux")]
mod refund_steps;
mod refunds;
mod shell;
#[cfg(target_os = "linux")]
mod tray;
mod trouble;
#[cfg(target_os = "linux")]
mod web_pages;

use counterfoil_store::{Mode, SqliteStore};
#[cfg(target_os = "linux")]
use counterfoil_tests::outside::browser::Browser;
#[cfg(target_os = "linux")]
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
#[cfg(target_os = "linux")]
use counterfoil_tests::outside::window::keys::F4;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, F2, F3};
use serde_json::json;

/// A shop with its window open.
fn open() -> (Bank, Shop, Window) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    (bank, shop, window)
}

#[test]
fn an_account_is_shown_and_paid_only_when_the_bank_says_so() {
    let (bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    let account = window.attribute("[data-account]", "data-account");
    assert!(account.len() == 14 && account.bytes().all(|b| b.is_ascii_digit()), "{account}");
    let groups = [&account[..4], &account[4..8], &account[8..12], &account[12..]].join(" ");
    window.read(&groups);
    assert!(!window.text().contains("已付款"), "{}", window.text());
    bank.pay_all();
    window.shows("[data-banner=paid]", &["12,600", "依訂單編號查詢（代碼 1A400）"]);
    window.press(ENTER);
    window.gone("[data-banner]");
    window.read("最近十筆");
    window.see("[data-recent] [data-state=paid]");
}

#[test]
fn a_card_link_is_the_bank_s_own() {
    let (bank, _shop, window) = open();
    window.press("500");
    window.press(F3);
    window.see("[data-link]");
    let link = window.attribute("[data-link]", "data-link");
    assert!(link.starts_with(&bank.origin()), "{link}");
    window.read(bank.origin().trim_start_matches("http://"));
}

/// A window with a browser that records every address it opens.
#[cfg(target_os = "linux")]
fn with_a_browser() -> (Bank, Shop, Window, Browser) {
    let (bank, browser) = (Bank::open(), Browser::new());
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), &[("PATH", &browser.path())]);
    window.see("#amount");
    (bank, shop, window, browser)
}

#[cfg(target_os = "linux")]
#[test]
fn the_link_opens_in_the_person_s_own_browser() {
    let (_bank, _shop, window, browser) = with_a_browser();
    window.press("500");
    window.press(F3);
    window.see("[data-link]");
    let link = window.attribute("[data-link]", "data-link");
    window.press("o");
    assert_eq!(browser.address(), link);
}

/// Digits and one key: the browser shows the bank's card page, the form was handed out once, and
/// the inquiry reports it paid.
#[cfg(target_os = "linux")]
#[test]
fn a_ctbc_card_takes_the_digits_and_one_key() {
    let (_bank, _shop, window, browser) = with_a_browser();
    window.press("1250");
    window.press(F4);
    let page = browser.address();
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    window.see("[data-page]");
    window.read("請顧客在銀行頁面輸入卡號");
    let back = customer::pay_at_ctbc(&customer::card_page(&page));
    back.send(&[]);
    window.shows("[data-banner=paid]", &["1,250", "中信"]);
}

/// The contract with CTBC: keys alone prove and replace the MAC key, and the page never shows it
/// again.
#[test]
fn the_mac_key_is_proved_and_replaced_in_the_settings() {
    let (bank, _shop, window) = open();
    window.press("gs");
    window.see("#ctbc_merchant_id");
    window.press_with(ALT, "t");
    window.read("檢查通過：中信");
    window.press_with(ALT, "m");
    window.see("#ctbc_mac_key:focus");
    let right = bank.shop_file()["ctbc"]["mac_key"].as_str().expect("a key").to_owned();
    let wrong: String = right.chars().rev().collect();
    window.press(&wrong);
    window.press_with(CONTROL, ENTER);
    window.read("中信金鑰沒有更換，原來的還在使用");
    window.press(&right);
    window.press_with(CONTROL, ENTER);
    window.read("新的中信金鑰檢查通過");
    let page = window.run("return document.documentElement.outerHTML;", &json!([])).to_string();
    assert!(!page.contains(&right) && !page.contains(&wrong));
}

#[test]
fn a_shop_that_another_program_has_open_says_so_and_opens_when_it_is_free() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let other = SqliteStore::open(std::path::Path::new(shop.options()[1]), Mode::Writer).expect("it opens");
    let window = Window::open(&shop.options(), &[]);
    window.shows("[data-problem=in-use]", &["另一個視窗或程式"]);
    // nothing is pressed
    drop(other);
    window.see("#amount");
}

#[test]
fn the_demo_shop_opens_by_itself_and_its_customer_can_be_played() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[]);
    window.see("[data-practice=demo]");
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    window.press_with(ALT, "1");
    window.shows("[data-banner=paid]", &["860"]);
}

#[test]
fn nothing_but_our_own_screens_and_commands() {
    let (bank, _shop, window) = open();
    let tried = window.ask(
        r#"const [bank, done] = arguments;
        const script = document.createElement("script");
        script.textContent = "window.planted = 1";
        const image = document.createElement("div");
        image.innerHTML = '<img src="nothing" onerror="window.planted = 2">';
        document.body.append(script, image);
        let opened = "refused";
        try { if (window.open(bank)) opened = "opened"; } catch { /* refused as well */ }
        location.href = bank;
        const outcome = (promise) => promise.then(() => "done", () => "refused");
        const invoke = window.__TAURI_INTERNALS__.invoke;
        Promise.all([
            outcome(fetch(bank)),
            outcome(invoke("plugin:window|set_title", { value: "x" })),
            outcome(invoke("plugin:webview|internal_toggle_devtools")),
            outcome(invoke("sell", { request: { order: "x", rail: "x", amount: "1", more: "x" } })),
            outcome(invoke("demo", { action: "pay", payment: "x" })),
        ]).then((refused) => done({
            planted: window.planted ?? null, opened, refused,
            global: typeof window.__TAURI__, here: location.hostname,
        }));"#,
        &json!([bank.origin()]),
    );
    let refused = ["refused"; 5];
    let wanted = json!({
        "planted": null, "opened": "refused", "refused": refused, "global": "undefined", "here": "localhost",
    });
    assert_eq!(tried, wanted);
    window.see("#amount");
}
