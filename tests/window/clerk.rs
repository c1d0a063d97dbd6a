//! The clerk's journeys by keyboard, with every key and every touch of a pointer counted by the
//! page itself.

use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
#[cfg(target_os = "linux")]
use counterfoil_tests::outside::window::keys::F4;
use counterfoil_tests::outside::window::keys::{ALT, DELETE, DOWN, ENTER, ESCAPE, F2, F3, TAB};
use serde_json::json;

use super::open;

/// From here on the page counts; a key pressed while others are held is one.
#[cfg(target_os = "linux")]
pub(crate) fn count(window: &Window) {
    window.run(
        r#"const counts = window.pressed !== undefined;
        window.pressed = 0; window.pointers = 0;
        if (counts) return;
        addEventListener("keydown", (event) => { if (event.isTrusted && !["Alt", "Control", "Shift", "Meta"].includes(event.key)) window.pressed += 1; }, { capture: true });
        for (const kind of ["pointerdown", "pointermove", "mousedown", "mousemove", "touchstart", "wheel", "click"])
            // a web view tells of a move too when the page moves beneath a pointer that rests
            addEventListener(kind, (event) => {
                if (!kind.endsWith("move") || event.movementX || event.movementY) window.pointers += 1;
            }, { capture: true });"#,
        &json!([]),
    );
}

/// Keys pressed since, and touches of a pointer.
#[cfg(target_os = "linux")]
pub(crate) fn counted(window: &Window) -> serde_json::Value {
    window.run("const n = [window.pressed, window.pointers]; window.pressed = 0; return n;", &json!([]))
}

#[cfg(target_os = "linux")]
#[test]
fn each_rail_takes_the_digits_and_one_key_and_no_pointer() {
    let (_bank, _shop, window, browser) = super::with_a_browser();
    count(&window);
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    assert_eq!(counted(&window), json!([6, 0]));
    // the next one begins with its first digit
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    assert_eq!(counted(&window), json!([4, 0]));
    // Enter is the last way again
    window.press("75");
    window.press(ENTER);
    window.see("[data-state=awaiting]");
    window.count("[data-recent]", 3);
    window.see("[data-link]");
    assert_eq!(counted(&window), json!([3, 0]));
    window.press("1250");
    window.press(F4);
    assert!(browser.address().starts_with("http://127.0.0.1:"));
    window.see("[data-page]");
    assert_eq!(counted(&window), json!([5, 0]));
}

#[test]
fn customer_and_note_go_with_the_order_and_it_is_found_by_them() {
    let (_bank, shop, window) = open();
    window.press("1680");
    window.press(TAB);
    window.press("王小姐 5821");
    window.press(TAB);
    window.press("團購 烏龍");
    window.press(F2);
    window.see("[data-account]");
    for typed in ["小姐", "團購", "5821", "1680"] {
        let found = shop.run(&["orders", "search", typed]);
        let order = &found.said["orders"][0];
        assert_eq!(order["customer"]["name"], "王小姐 5821", "{typed}: {order}");
        assert_eq!(order["amount"], 1680, "{typed}");
    }
}

#[test]
fn a_card_is_paid_on_the_bank_s_page_and_the_return_makes_it_known() {
    let (_bank, _shop, window) = open();
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    let form = customer::pay_by_card(&window.attribute("[data-link]", "data-link"));
    form.send(&[]);
    window.shows("[data-banner=paid]", &["860"]);
}

#[test]
fn an_account_that_was_handed_out_is_taken_back_by_the_bank_only() {
    let (bank, _shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.press(DELETE);
    window.see("[data-doubt]");
    window.press(DELETE);
    window.see("[data-state=cancelled]");
    assert_eq!(bank.books(), 1);
    // and the same order once more, with another number
    let first = window.attribute("[data-account]", "data-account");
    window.press("r");
    window.see("[data-state=awaiting]");
    window.gone(&format!("[data-account='{first}']"));
    assert_eq!(bank.books(), 2);
}

/// Those who stand at the counter are told first, with no key or one; the rest is one card.
#[test]
fn the_money_of_who_waits_is_on_top_of_what_came_while_closed() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = ["4200", "2150", "900"].map(|dollars| {
        let sold = shop.run(&["sell", "--rail", "sinopac-account", "--amount", dollars]);
        sold.said["payment"].as_str().expect("a payment").to_owned()
    });
    bank.pay_all();
    for payment in sold {
        let watched = shop.run(&["watch", &payment, "--for", "60"]);
        assert_eq!(watched.said["state"], "paid", "{watched:?}");
    }
    let window = Window::open(&shop.options(), &[]);
    window.shows("[data-digest='3']", &["先前收到 3 筆，共 NT$7,250"]);
    window.press_with(ALT, "l");
    window.count("[data-digest-row]", 3);
    window.press_with(ALT, "l");
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    bank.pay_all();
    // no key at all
    window.shows("[data-banner=paid]", &["12,600"]);
    window.press(ENTER);
    window.see("[data-digest='3']");
    window.press(ENTER);
    window.gone("[data-digest]");
    let left = "const [done] = arguments;
        window.__TAURI_INTERNALS__.invoke('unseen').then((left) => done(left.length));";
    assert_eq!(window.ask(left, &json!([])), 0);
}

#[test]
fn what_was_paid_while_the_window_was_closed_is_told_first_and_once() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = shop.run(&["sell", "--rail", "sinopac-account", "--amount", "4200"]);
    assert_eq!(sold.status, 0, "{sold:?}");
    bank.pay_all();
    let window = Window::open(&shop.options(), &[]);
    // nothing is pressed: it comes by itself, before anything is sold
    window.shows("[data-banner=paid]", &["4,200"]);
    drop(window);
    // the program ended before anybody had seen it
    let window = Window::open(&shop.options(), &[]);
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.press("5");
    window.press(F2);
    window.see("[data-account]");
    window.press(ESCAPE);
    drop(window);
    let window = Window::open(&shop.options(), &[]);
    window.see("[data-recent] [data-state=paid]");
    window.gone("[data-banner]");
}

#[test]
fn every_screen_is_reached_by_its_letters_and_the_slip_is_still_there() {
    let (_bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    window.press("go");
    window.see("[data-place=orders][aria-current]");
    window.press("gs");
    window.see("[data-place=settings][aria-current]");
    window.press(ESCAPE);
    window.press("gc");
    window.see("[data-place=counter][aria-current]");
    window.see("[data-account]");
    // did mine arrive? the search box from anywhere
    window.press("300");
    window.press(F2);
    window.count("[data-recent]", 2);
    window.press("/");
    window.press("12600");
    window.count("[data-held] [role=option]", 1);
}

#[test]
fn a_list_is_narrowed_and_whole_again_by_keys() {
    let (_bank, _shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    window.press("go");
    window.count("[data-held] [role=option]", 2);
    window.press("f");
    // the ways; then the states
    window.press(DOWN);
    window.press(DOWN);
    window.count("[data-held] [role=option]", 1);
    window.press(TAB);
    window.press(DOWN);
    window.count("[data-held] [role=option]", 1);
    window.press(&TAB.repeat(2));
    window.press("1/1");
    window.press(ENTER);
    window.see("[data-empty]");
    window.press("x");
    window.count("[data-held] [role=option]", 2);
}

#[test]
fn asking_again_says_that_the_bank_has_answered_also_when_it_is_paid() {
    let (bank, _shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.newest_order();
    window.press("q");
    window.read("銀行剛才回覆了，沒有新的結果");
    bank.pay_all();
    window.see("[data-slip] [data-state=paid]");
    window.press("q");
    window.read("銀行剛才回覆了，沒有新的結果");
}

/// F28: what a customer is called is text, whatever it looks like.
#[test]
fn f28_names_are_shown_as_they_are_and_do_nothing() {
    let (_bank, shop, window) = open();
    let name = "<img src=x onerror=window.planted=1>😀";
    let note = "=HYPERLINK(\"http://x\") ＝1+1 '; DROP TABLE orders;-- \u{202e}abc";
    window.press("500");
    for typed in [name, note] {
        window.press(TAB);
        window.press(typed);
    }
    window.press(F2);
    window.see("[data-account]");
    window.press("go");
    window.read(name);
    let found = shop.run(&["orders", "search", "DROP"]);
    assert_eq!(found.said["orders"][0]["customer"]["note"], note);
    assert_eq!(found.said["orders"][0]["customer"]["name"], name);
    let planted =
        window.run("return [window.planted ?? null, document.querySelectorAll('img').length];", &json!([]));
    assert_eq!(planted, json!([null, 0]));
    // too long, or with an invisible character: reported, and nothing is written
    for (customer, code) in
        [("長".repeat(10_000), "customer-too-long"), ("a\u{0}b".into(), "customer-control")]
    {
        let request = json!({ "order": "6f0f7c1e-0000-4000-8000-0000000000f3", "rail": "sinopac-account", "amount": "5",
            "customer": customer });
        let refused = window.ask(
            "const [request, done] = arguments; window.__TAURI_INTERNALS__.invoke('sell', { request }).then(done, done);",
            &json!([request]),
        );
        assert_eq!(refused["code"], code);
    }
}
