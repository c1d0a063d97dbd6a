//! In the largest type and the smallest window: what a person needs next is whole, and nothing
//! lies on it.

use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, F2};
use serde_json::json;

use crate::people::{CLERK_PIN, OWNER_PIN, sign_in, with_people};
use crate::refunds::{ask, paid};

fn largest(window: &Window) {
    window.resize(1024, 700);
    (0..3).for_each(|_| window.press_with(CONTROL, "+"));
    window.see("html[data-size='200']");
}

/// It is inside the window, and its middle is no other element's.
fn is_open_to_see(window: &Window, css: &str) {
    window.see(css);
    let seen = window.run(
        "const it = document.querySelector(arguments[0]);
        const { left, top, right, bottom } = it.getBoundingClientRect();
        const on = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && it.contains(on)
            || [left, top, right, bottom, on?.outerHTML.slice(0, 200)];",
        &json!([css]),
    );
    assert_eq!(seen, true, "{css}");
}

#[test]
fn lock_name_account_and_methods_are_in_sight() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "1", OWNER_PIN);
    largest(&window);
    is_open_to_see(&window, "nav .shop");
    is_open_to_see(&window, "[data-signed-in] button");
    let foot = window.run(
        "const foot = document.querySelector('footer');
        return [foot, ...foot.querySelectorAll('*')].every((one) => one.scrollWidth <= one.clientWidth + 1 || one.clientWidth === 0);",
        &json!([]),
    );
    assert_eq!(foot, true, "the foot scrolls");
    window.press("12600");
    window.press(F2);
    is_open_to_see(&window, "[data-account]");
    bank.pay_all();
    window.see("[data-banner=paid]");
    is_open_to_see(&window, "[data-banner] button");
    for method in ["sinopac-account", "sinopac-card", "ctbc-card"] {
        is_open_to_see(&window, &format!("[data-method={method}]"));
    }
}

/// There is no room beside the queue then.
#[test]
fn what_needs_a_decision_is_above_the_other_refunds() {
    let bank = Bank::open();
    bank.control("switch", &json!({ "refund_digits": "off" }));
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    for amount in ["900", "700"] {
        paid(&bank, &window, amount);
        ask(&window, amount);
    }
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    bank.control("fault", &json!({ "kind": "code:E9922", "match": "OrderMaintain", "count": 1 }));
    window.press("gv");
    window.see("[data-approval]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-refund-banner=needs-person]");
    window.press_with(ALT, ENTER);
    window.press("gf");
    window.see("[data-needs-person='1'] [data-refund]");
    largest(&window);
    is_open_to_see(&window, "[data-needs-person='1'] [data-refund] .top");
}
