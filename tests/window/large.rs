//! Large type: in either language every word of every screen is whole.

use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DELETE, ENTER, ESCAPE, F2, F3, PAGE_DOWN, TAB};
use serde_json::json;

use super::open;
use super::people::{OWNER, OWNER_PIN, with_people};

/// Every screen with something on it.
fn walk(window: &Window, see: &dyn Fn(&str)) {
    window.press("gc");
    window.see("[data-link]");
    see("the counter");
    window.newest_order();
    see("an order");
    window.press(ESCAPE);
    window.press("f");
    window.see("[data-filter]");
    see("the filter");
    window.press(ESCAPE);
    window.press("x");
    window.press("gs");
    window.see("#ctbc_merchant_id");
    see("the settings");
    window.press(ESCAPE);
    window.press("?");
    window.see("[data-keys]");
    see("the keys");
    window.press(ESCAPE);
}

/// Whether an element is visible between the window's head and foot.
fn in_sight(window: &Window, css: &str) {
    window.see(css);
    let seen = window.run(
        "const [said, page] = [document.querySelector(arguments[0]), document.querySelector('main')].map((one) => one.getBoundingClientRect());
        return said.top >= page.top && said.bottom <= page.bottom;",
        &json!([css]),
    );
    assert_eq!(seen, true, "{css}");
}

/// In the largest type the slip fills the window, and a key's message is below it.
fn what_a_key_says_stands_in_sight(window: &Window) {
    window.press(ESCAPE);
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    window.press("c");
    in_sight(window, ".copied");
    window.run("document.querySelector('main').scrollTop = 0;", &json!([]));
    window.press(DELETE);
    in_sight(window, "[data-doubt]");
    window.newest_order();
    in_sight(window, "[data-slip] .hero");
    window.press("c");
    in_sight(window, "[data-said]");
    window.press("gc");
}

/// The people fill the window then, and what is typed next is below them.
#[test]
fn whoever_is_chosen_sees_where_the_pin_goes_at_200_percent() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    for (name, pin) in [("陳美玲", "495172"), ("張志豪", "638205")] {
        let clerk = ["--as", OWNER, "people", "add", "--name", name, "--role", "clerk"];
        assert_eq!(shop.run_typing(&clerk, &format!("{OWNER_PIN}\n{pin}\n")).status, 0, "{name}");
    }
    let window = Window::open(&shop.options(), &[]);
    window.see("[data-lock] [data-person]");
    window.resize(1024, 700);
    (0..3).for_each(|_| window.press_with(CONTROL, "+"));
    window.see("html[data-size='200']");
    let whole = |css: &str| {
        window.see(css);
        let seen = window.run(
            "const { top, bottom } = document.querySelector(arguments[0]).getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;",
            &json!([css]),
        );
        assert_eq!(seen, true, "{css}");
    };
    window.press("1");
    whole("[data-pin='0']");
    window.press("1");
    window.press(ENTER);
    whole("[data-wrong=pin]");
    whole("[data-lost=owner]");
}

/// The bar of the settings takes a third of the page then.
#[test]
fn a_field_of_the_settings_stands_above_their_bar_at_200_percent() {
    let (_bank, _shop, window) = open();
    window.resize(1024, 700);
    (0..3).for_each(|_| window.press_with(CONTROL, "+"));
    window.see("html[data-size='200']");
    window.press("gs");
    window.see("#customer_days");
    while !window
        .run("return document.activeElement?.id === 'customer_days';", &json!([]))
        .as_bool()
        .unwrap_or(true)
    {
        window.press(TAB);
    }
    window.press_with(CONTROL, "a");
    for typed in ["9", "9999"] {
        window.press(typed);
        window.press_with(CONTROL, ENTER);
        let above = window.run(
            "const [field, bar] = ['#customer_days', '[data-bar]'].map((css) => document.querySelector(css).getBoundingClientRect());
            return field.bottom <= bar.top && field.top >= document.querySelector('main').getBoundingClientRect().top;",
            &json!([]),
        );
        assert_eq!(above, true, "{typed}");
    }
}

/// Whether an element is whole above what lies at the foot of the window.
fn whole_above(window: &Window, css: &str, foot: &str) {
    window.see(css);
    let seen = window.run(
        "const [it, foot] = [arguments[0], arguments[1]].map((css) => document.querySelector(css)?.getBoundingClientRect());
        return it.top >= 0 && it.bottom <= Math.min(innerHeight, foot?.top ?? innerHeight) + 1;",
        &json!([css, foot]),
    );
    assert_eq!(seen, true, "{css} above {foot}: {}", window.text());
}

/// In the smallest window the amount lies above the keys of the counter, they lie above the demo's
/// bar, and the request for a refund keeps its button at its foot: amount, reason and note scroll
/// above it.
#[test]
fn the_keys_of_counter_and_request_stay_in_sight_in_a_small_window() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[]);
    window.see("[data-practice=demo]");
    window.resize(1024, 700);
    window.press("860");
    window.press(F2);
    window.see("[data-account]");
    window.press_with(ALT, "1");
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
    for size in ["100", "125", "150", "200"] {
        window.see(&format!("html[data-size='{size}']"));
        window.press("gc");
        window.see("#amount:focus");
        window.press("1259");
        whole_above(&window, "#amount", ".methods");
        in_sight(&window, "#amount");
        window.press(ESCAPE);
        for method in ["sinopac-account", "sinopac-card", "ctbc-card"] {
            whole_above(&window, &format!("[data-method={method}]"), "[data-demo-panel]");
        }
        // a screen has its name, whatever the size
        window.see("[data-place=refunds] .word");
        let named = window.run(
            "return [...document.querySelectorAll('[data-place] .word')].every((word) => word.offsetWidth > 0);",
            &json!([]),
        );
        assert_eq!(named, true, "the screens at {size} %");
        window.newest_order();
        window.press("x");
        window.see("#refund_amount:focus");
        window.press("500");
        window.see("[data-refund-told]");
        let foot = "[data-refund-foot]";
        whole_above(&window, "#refund_amount", foot);
        let title = "[data-refund-request] h2";
        whole_above(&window, title, foot);
        // nothing is left to type: what will happen comes into sight, below the title
        window.press_with(ALT, "1");
        window.see(".reasons .chosen input[value=returned]");
        whole_above(&window, "[data-refund-told] .label", foot);
        whole_above(&window, title, foot);
        // and the rest of it by the page keys
        window.press(&PAGE_DOWN.repeat(4));
        whole_above(&window, "[data-refund-told] dd:last-of-type", foot);
        whole_above(&window, title, foot);
        window.press_with(ALT, "5");
        whole_above(&window, ".reasons .chosen", foot);
        // "other" needs a note: the refusal is seen, and so is where it is typed
        window.press_with(CONTROL, ENTER);
        window.see("#refund_note:focus");
        whole_above(&window, "#refund_note", foot);
        let button = window.run(
            "const { top, bottom } = document.querySelector('[data-refund-foot] .main, [data-refund-foot] button:last-child').getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;",
            &json!([]),
        );
        assert_eq!(button, true, "the button at {size} %");
        window.press(ESCAPE);
        window.gone("[data-refund-request]");
        window.press_with(CONTROL, "+");
    }
}

/// The form of a person is higher than a small window, and its keys lie above the demo's bar.
#[test]
fn the_keys_of_a_new_person_stay_in_sight_in_a_small_window() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[]);
    window.see("[data-practice=demo]");
    window.resize(1024, 700);
    window.press_with(ALT, "o");
    for size in ["100", "125", "150", "200"] {
        window.see(&format!("html[data-size='{size}']"));
        window.see("#person_name:focus");
        whole_above(&window, "[data-form] .actions", "[data-demo-panel]");
        window.press(TAB);
        window.see("#new_pin:focus");
        whole_above(&window, "#new_pin", "[data-form] .actions");
        whole_above(&window, "#new_pin-hint", "[data-form] .actions");
        window.press(ESCAPE);
        window.press_with(CONTROL, "+");
        window.press_with(ALT, "o");
    }
}

#[test]
fn no_word_is_cut_at_150_and_200_percent_in_either_language() {
    let (_bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    for size in ["150", "200"] {
        let larger = |_| window.press_with(CONTROL, "+");
        (0..if size == "150" { 2 } else { 1 }).for_each(larger);
        window.see(&format!("html[data-size='{size}']"));
        for _ in 0..2 {
            let before = window.attribute("html", "lang");
            window.press("gl");
            window.see(&format!("html:not([lang={before}])"));
            let language = window.attribute("html", "lang");
            walk(&window, &|place| {
                let cut = window.cut_words();
                assert!(cut.is_empty(), "{place}, {language}, {size} %: {cut:?}");
            });
            // the largest number that can be typed
            window.press("gc");
            window.press(ESCAPE);
            window.press("999999999");
            let cut = window.cut_words();
            assert!(cut.is_empty(), "nine digits, {language}, {size} %: {cut:?}");
            window.press(ESCAPE);
            window.press("860");
            window.press(F3);
            window.see("[data-link]");
        }
    }
    what_a_key_says_stands_in_sight(&window);
    // and one that is cut is seen
    window.run("document.querySelector('h1').style.cssText = 'width: 1ch; overflow: hidden';", &json!([]));
    assert_eq!(window.cut_words().len(), 1);
    let low = "document.querySelector('h1').style.cssText = 'height: 2px; overflow: hidden';";
    window.run(low, &json!([]));
    assert_eq!(window.cut_words().len(), 1);
    window.press("go");
    let long = "document.querySelector('h1').style.cssText = ''; document.querySelector('#search').value = 'long '.repeat(50);";
    window.run(long, &json!([]));
    assert_eq!(window.cut_words().len(), 1);
}
