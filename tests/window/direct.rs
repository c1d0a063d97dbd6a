//! Every command called past the screens, as from the page's inspector: with the window locked, and
//! by a clerk.

use counterfoil_commands::every_command;
use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, F2, TAB};
use serde_json::{Value, json};

use crate::people::{CLERK, CLERK_PIN, OWNER, OWNER_PIN, sign_in, with_people};

macro_rules! names {
    ($($module:ident::$name:ident $takes:tt -> $answer:ty;)*) => { [$(stringify!($name)),*] };
}

/// What a locked window may ask: none of these names a customer, an amount or a key. A customer is
/// played in the demo shop only, and nothing of the answer is shown. Whoever can press the cross of
/// the window may close it.
const OPEN: [&str; 14] = [
    "shop",
    "health",
    "again",
    "coverage",
    "people",
    "who",
    "sign_in",
    "sign_out",
    "pin_wait",
    "leave",
    "sale_nears",
    "speak",
    "close_window",
    "quit",
];
/// What a clerk may ask beside it.
const OF_A_CLERK: [&str; 20] = [
    "newest",
    "orders",
    "foreign_found",
    "order",
    "views",
    "unseen",
    "seen",
    "sell",
    "payment",
    "cancel",
    "open_link",
    "still_here",
    "open_demo",
    "demo",
    "refund_room",
    "refund_preview",
    "request_refund",
    "refunds",
    "refund",
    "withdraw_refund",
];

/// No refund of the shop.
const REFUND: &str = "0193a9a0-0000-7000-8000-000000000002";

/// Arguments that are right for each command, so that nothing but the person is in the way.
fn given(command: &str, order: &str, payment: &str, owner: &str) -> Value {
    let keys = json!({ "key_id": "x", "a1": "x", "a2": "x", "b1": "x", "b2": "x" });
    let banks = json!({ "sinopac": null, "ctbc": null });
    match command {
        "orders" => json!({ "view": "all", "typed": "", "filter": {}, "after": null }),
        "foreign_found" => json!({ "view": "all", "typed": "" }),
        "order" | "erase_customer" => json!({ "order": order }),
        "correct_customer" => json!({ "order": order, "name": "王", "note": "" }),
        "seen" | "payment" | "leave" | "cancel" | "open_link" => json!({ "payment": payment }),
        "sale_nears" => json!({ "typed": true }),
        "sell" => json!({ "request": {
            "order": "0193a9a0-0000-7000-8000-000000000001", "rail": "sinopac-account", "amount": "5",
        } }),
        "refund_room" => json!({ "payment": payment, "xid": "" }),
        "refund_preview" => json!({ "payment": payment, "xid": "", "amount": "5" }),
        "request_refund" => json!({ "request": {
            "refund": REFUND, "payment": payment, "amount": "5", "reason": "returned",
        } }),
        "approve_refund" => json!({ "refund": REFUND, "amount": null, "pin": CLERK_PIN }),
        "refund" | "withdraw_refund" => json!({ "refund": REFUND }),
        "decide_refund" => json!({ "refund": REFUND, "decision": { "choice": "keep-asking", "text": "" } }),
        "book_refund" => json!({ "booking": {
            "payment": payment, "amount": "5", "refund_no": "", "reason": "x",
        } }),
        "close_discrepancy" => json!({ "discrepancy": REFUND, "reason": "x" }),
        "audit" => json!({ "filter": {}, "before": null }),
        "audit_export" => json!({ "filter": {} }),
        "audit_accept" => json!({ "pin": CLERK_PIN }),
        "sign_in" => json!({ "name": OWNER, "pin": "" }),
        "pin_wait" => json!({ "name": OWNER }),
        "add_person" => json!({ "name": "又一個", "role": "owner", "pin": "40718263" }),
        "limit_person" => json!({ "person": owner, "ask": 1, "approve": null }),
        "retire_person" => json!({ "person": owner }),
        "set_pin" => json!({ "person": owner, "pin": "40718263" }),
        "save_settings" => json!({ "change": {
            "payee_name": "別人", "sinopac": null, "ctbc": null,
            "polling": { "screen_s": 3, "screen_later_s": 10, "after_expiry_days": 30 },
        } }),
        "prove" => json!({ "bank": "sinopac" }),
        "set_keys" => json!({ "shopNo": "NA0249_001", "keys": keys }),
        "set_card_key" => json!({ "merId": "10000", "keys": { "mac_key": "x" } }),
        "add_bank" => json!({ "banks": banks }),
        "add_shop" => json!({ "shop": { "name": "x", "payee_name": "x", "banks": banks } }),
        "demo" => json!({ "action": "pay", "payment": payment }),
        _ => json!({}),
    }
}

/// The codes with which calls are refused, `done` for one that was not, in their order.
fn call(window: &Window, calls: &[(&str, Value)]) -> Vec<String> {
    let answers = window.ask(
        "const [calls, done] = arguments;
         const one = ([name, given]) => window.__TAURI_INTERNALS__.invoke(name, given)
             .then(() => 'done', (why) => why.code ?? String(why));
         Promise.all(calls.map(one)).then(done);",
        &json!([calls]),
    );
    serde_json::from_value(answers).expect("a list of codes")
}

#[test]
fn a_locked_window_is_told_nothing_and_refuses_whatever_its_page_calls() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    window.press("4200");
    window.press(TAB);
    window.press("王小明");
    window.press(F2);
    window.see("[data-account]");
    let account = window.attribute("[data-account]", "data-account");
    let ids = window.ask(
        "const [done] = arguments;
         const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
         window.heard = [];
         const hear = (event) => invoke('plugin:event|listen', {
             event, target: { kind: 'Any' }, handler: transformCallback((told) => window.heard.push(told)),
         });
         Promise.all(['payment', 'news', 'arrived', 'health', 'covered'].map(hear))
             .then(() => Promise.all([invoke('newest'), invoke('people')]))
             .then(([[sold], [owner]]) => done([sold.order, sold.payments[0].payment, owner.person]));",
        &json!([]),
    );
    let [order, payment, owner] = [0, 1, 2].map(|at| ids[at].as_str().expect("an id").to_owned());
    let with = |names: &[&'static str]| -> Vec<(&'static str, Value)> {
        names.iter().map(|name| (*name, given(name, &order, &payment, &owner))).collect()
    };
    let all = every_command!(names);
    let closed: Vec<_> = all.into_iter().filter(|name| !OPEN.contains(name)).collect();

    // of a clerk: whatever an owner or an accountant does
    let owners: Vec<_> = closed.iter().copied().filter(|name| !OF_A_CLERK.contains(name)).collect();
    for (name, code) in owners.iter().zip(call(&window, &with(&owners))) {
        assert_eq!(code, "role-may-not", "{name} by {CLERK}");
    }

    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    // until it was locked the page may hear anything
    window.run("window.heard.length = 0;", &json!([]));
    bank.pay_all();
    window.see("[data-arrived='1']");
    let heard = window.run("return JSON.stringify(window.heard);", &json!([])).to_string();
    assert!(heard.contains(&payment), "{heard}");
    for kept in ["4200", "4,200", account.as_str(), "王", "bank_order_no"] {
        assert!(!heard.contains(kept), "{kept} in {heard}");
    }
    // a customer is played in the demo shop only
    let closed: Vec<_> = closed.into_iter().filter(|name| *name != "demo").collect();
    for (name, code) in closed.iter().zip(call(&window, &with(&closed))) {
        assert_eq!(code, "locked", "{name}");
    }
    // and nothing was done
    window.run("location.reload();", &json!([]));
    window.see("[data-lock]");
    sign_in(&window, "1", OWNER_PIN);
    window.see("[data-banner=paid]");
    window.newest_order();
    window.read("王小明");
}
