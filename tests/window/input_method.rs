//! The counter with a Chinese input method on, in Chromium, which is the engine of the window on
//! Windows: digits are digits, keys are keys, and a text is composed only where a text belongs.

use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, ENTER, F2, F3, F4, TAB};
use serde_json::{Value, json};

/// A program that answers as the real one does, and writes down what it was asked, which keys came
/// and whether a browser would still have acted on them, and every touch of a pointer.
const PROGRAM: &str = r#"
    const shop = { name: "demo", payee_name: "禾日茶行", environment: "custom", account_limit: 30000, card_limit: 9999999, ctbc_limit: 9999999,
        link_qr: true, now: "2026-11-20T14:05:00+08:00", demo: false };
    const payment = { payment: "p1", order: "o1", rail: "sinopac-account", bank_order_no: "A1", state: "awaiting", amount: 12600,
        account: "99922632500581", link: null, payee_name: "禾日茶行", created_at: "2026-11-20T14:05:00+08:00",
        expires_at: "2026-11-23T23:59:59+08:00",
        evidence: [{ query: "create", at: "2026-11-20T14:05:00+08:00", said: "S0000" }], discrepancies: [], why: null, note: null };
    window.asked = []; window.keys = []; window.pointers = 0;
    let [calls, last] = [0, payment];
    window.__TAURI_INTERNALS__ = {
        transformCallback: () => ++calls,
        invoke: async (command, values) => {
            if (command === "sell") window.asked.push(values.request);
            switch (command) {
                case "shop": return shop;
                case "sell": return (last = { ...payment, ...values.request, amount: 12600, payment: `p${++calls}` });
                case "payment": return last;
                case "coverage": return { from: shop.now, to: shop.now, now: shop.now, gaps: [] };
                case "health": return { bank: null, clock_off_s: null, paused: null };
                case "who": return { person: null, people: false, rights: [], lock_after_mins: 5 };
                case "newest": case "orders": case "views": case "unseen": return [];
                default: return ++calls;
            }
        },
    };
    window.__TAURI_EVENT_PLUGIN_INTERNALS__ = { unregisterListener: () => {} };
    addEventListener("keydown", (event) =>
        setTimeout(() => window.keys.push([event.code, event.defaultPrevented])), { capture: true });
    for (const kind of ["pointerdown", "mousedown", "touchstart", "click"])
        addEventListener(kind, () => (window.pointers += 1), { capture: true });
"#;

fn open() -> Window {
    let window = Window::in_chromium(PROGRAM);
    window.see("#amount");
    window
}

/// What was sold so far.
fn sold(window: &Window) -> Vec<Value> {
    window.run("return window.asked;", &json!([])).as_array().cloned().unwrap_or_default()
}

fn next(window: &Window) {
    window.see("[data-account]");
    window.press("\u{e00c}");
    window.gone("[data-account]");
}

#[test]
fn digits_and_one_key_sell_while_an_input_method_is_on() {
    let window = open();
    for (key, rail) in [(F2, "sinopac-account"), (F3, "sinopac-card"), (F4, "ctbc-card")] {
        for code in ["Digit1", "Digit2", "Numpad6", "Digit0", "Numpad0"] {
            window.press_with_input_method(code);
        }
        window.holds("#amount", "12,600");
        window.press(key);
        next(&window);
        let last = sold(&window).pop().expect("it was sold");
        assert_eq!((last["amount"].as_str(), last["rail"].as_str()), (Some("12600"), Some(rail)));
    }
    assert_eq!(sold(&window).len(), 3);
    assert_eq!(window.run("return window.pointers;", &json!([])), 0);
}

#[test]
fn nothing_is_composed_in_the_amount() {
    let window = open();
    window.press("50");
    window.compose("ㄅㄨ");
    window.composed("布");
    window.holds("#amount", "50");
    window.press(F2);
    next(&window);
    assert_eq!(sold(&window)[0]["amount"], "50");
}

#[test]
fn a_customer_s_name_is_composed_and_its_keys_sell_nothing() {
    let window = open();
    window.press("12600");
    window.press(TAB);
    assert_eq!(window.run("return document.activeElement.id;", &json!([])), "customer");
    window.compose("ㄨㄤˊ");
    // choosing a word: digits, Enter and even F2 are the input method's own
    for code in ["Digit1", "Enter", "F2", "KeyC"] {
        window.press_with_input_method(code);
    }
    assert_eq!(sold(&window), Vec::<Value>::new());
    window.composed("王小姐");
    window.holds("#amount", "12,600");
    window.press(ENTER);
    next(&window);
    let last = sold(&window).pop().expect("it was sold");
    assert_eq!((last["amount"].as_str(), last["customer"].as_str()), (Some("12600"), Some("王小姐")));
}

/// F3 finds in a page, F5 reloads it, Ctrl+P prints it: not here.
#[test]
fn the_browser_s_own_keys_do_nothing() {
    let window = open();
    window.press("500");
    for key in ["\u{e031}", "\u{e035}", "\u{e036}", "\u{e037}"] {
        window.press(key);
    }
    for letter in ["p", "f", "r", "s", "o", "u", "g"] {
        window.press_with(CONTROL, letter);
    }
    window.press(F3);
    next(&window);
    let keys = window.run("return window.keys;", &json!([]));
    let untaken: Vec<&Value> = keys
        .as_array()
        .expect("a list")
        .iter()
        .filter(|key| {
            let code = key[0].as_str().unwrap_or_default();
            key[1] == false && (code.starts_with('F') || code.starts_with("Key"))
        })
        .collect();
    assert_eq!(untaken, Vec::<&Value>::new(), "keys that the browser would still have acted on");
    assert_eq!(sold(&window).len(), 1);
}
