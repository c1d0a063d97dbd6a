//! Refunds by keyboard: a clerk asks, another person approves with a PIN, nobody approves their
//! own, and what was not sent is withdrawn.

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, BACKSPACE, CONTROL, DELETE, ENTER, ESCAPE, F2};
use serde_json::{Value, json};

use crate::people::{CLERK, CLERK_PIN, OWNER, OWNER_PIN, sign_in, with_people};

/// A bank that ends every refund of an account well, and a shop with an owner and a clerk.
fn open() -> (Bank, Shop, Window) {
    let bank = Bank::open();
    bank.control("switch", &json!({ "refund_digits": "off" }));
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    (bank, shop, window)
}

/// Sells by account, is paid, and opens the order's slip.
pub(crate) fn paid(bank: &Bank, window: &Window, amount: &str) {
    window.press("gc");
    window.see("#amount:focus");
    window.press(amount);
    window.press(F2);
    window.see("[data-account]");
    // the account of the sale before may still be in sight, while the bank has no new one
    while bank.control("pay_all", &json!({})).get("paid").and_then(Value::as_u64) == Some(0) {
        std::thread::yield_now();
    }
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.newest_order();
}

/// From the open slip: one key, the digits, one key for the reason, one to send.
pub(crate) fn request(window: &Window, amount: &str) {
    window.press("x");
    window.see("#refund_amount:focus");
    window.press(amount);
    window.see("[data-refund-told]");
    window.press_with(ALT, "1");
    window.press_with(CONTROL, ENTER);
    window.gone("[data-refund-request]");
}

/// The same where another person has to approve it.
pub(crate) fn ask(window: &Window, amount: &str) {
    request(window, amount);
    window.see("[data-slip] [data-refund-state=requested]");
}

/// The refunds as the command line lists them.
pub(crate) fn listed(shop: &Shop) -> Value {
    shop.run_typing(&["--as", OWNER, "refund", "list"], OWNER_PIN).said
}

#[test]
fn a_clerk_asks_by_keys_and_another_person_approves_with_a_pin() {
    let (bank, shop, window) = open();
    sign_in(&window, "2", CLERK_PIN);
    paid(&bank, &window, "1200");
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("1201");
    // it says how much is left
    window.shows("[data-refund-problem]", &["1,200"]);
    window.press(&BACKSPACE.repeat(4));
    window.press("500");
    window.shows("[data-refund-told]", &["由會計或負責人核准", "錢會退回顧客轉出的帳戶"]);
    // without a reason nothing is asked for
    window.press_with(CONTROL, ENTER);
    window.read("請選原因");
    window.press_with(ALT, "1");
    window.press_with(CONTROL, ENTER);
    window.gone("[data-refund-request]");
    window.see("[data-slip] [data-refund-state=requested]");
    window.gone("[data-place=approvals]");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.see("[data-count=approvals]");
    window.press("gv");
    window.shows("[data-approval]", &[CLERK, "退貨"]);
    // a wrong PIN moves nothing
    window.press("11111111");
    window.press(ENTER);
    window.see("[data-wrong=approve_pin]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-callout=done]");
    window.press("gf");
    window.see("[data-refund] [data-refund-state=at-bank]");
    let listed = listed(&shop);
    assert_eq!(listed["refunds"][0]["amount"], 500, "{listed}");
    assert_eq!(listed["refunds"][0]["steps"][1]["operation"], "account-refund", "{listed}");
}

/// The list gives one's own no PIN, and the core refuses whatever the screen sends.
#[test]
fn nobody_approves_what_they_asked_for() {
    let (bank, shop, window) = open();
    sign_in(&window, "1", OWNER_PIN);
    paid(&bank, &window, "800");
    ask(&window, "300");
    window.press("gv");
    window.see("[data-own]");
    window.gone("[data-pin]");
    let refund = listed(&shop)["refunds"][0]["refund"].clone();
    let refused = window.ask(
        "const [refund, pin, done] = arguments;
         window.__TAURI_INTERNALS__.invoke('approve_refund', { refund, amount: null, pin })
             .then(() => done('approved'), (why) => done(why.code));",
        &json!([refund, OWNER_PIN]),
    );
    assert_eq!(refused, "refund-own-request");
    let other = window.ask(
        "const [refund, pin, done] = arguments;
         window.__TAURI_INTERNALS__.invoke('approve_refund', { refund, amount: null, pin })
             .then(() => done('approved'), (why) => done(why.code));",
        &json!([refund, CLERK_PIN]),
    );
    assert_eq!(other, "pin-wrong", "another person's PIN is none of whoever is at the counter");
    assert_eq!(listed(&shop)["refunds"][0]["state"], "requested");
}

#[test]
fn what_was_not_sent_is_withdrawn_with_two_keys() {
    let (bank, shop, window) = open();
    sign_in(&window, "2", CLERK_PIN);
    paid(&bank, &window, "650");
    ask(&window, "650");
    window.press("gf");
    window.see("[data-refund]");
    window.press(DELETE);
    window.see("[data-doubt-withdraw]");
    window.press(ENTER);
    window.see("[data-callout=done]");
    window.see("[data-refund-state=withdrawn]");
    let listed = listed(&shop);
    assert_eq!(
        (&listed["refunds"][0]["state"], &listed["refunds"][0]["steps"]),
        (&json!("withdrawn"), &json!([]))
    );
    assert_eq!(bank.books(), 1, "the bank has the sale and nothing else");
}

/// A discrepancy is closed where it is shown, by a role that may, with a reason.
#[test]
fn the_slip_closes_a_discrepancy_by_key() {
    let (bank, shop, window) = open();
    sign_in(&window, "2", CLERK_PIN);
    paid(&bank, &window, "1200");
    let number = window.run("return document.querySelector('[data-slip] .written').innerText;", &json!([]));
    bank.control("refund", &json!({ "order": number, "amount": 200 }));
    window.press("q");
    window.shows("[data-discrepancy=refunded-outside]", &["不是從這裡退的", "銀行後台退過款"]);
    // a clerk reads it, and closes nothing
    window.press("d");
    window.gone("[data-discrepancy] button");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.newest_order();
    window.shows("[data-discrepancy=refunded-outside]", &["結案"]);
    window.press("d");
    window.see("#settle_reason:focus");
    window.press(ESCAPE);
    window.gone("[data-settle]");
    window.press("d");
    window.see("#settle_reason:focus");
    // without a reason it stays open
    window.press(ENTER);
    window.see("[data-wrong=settle_reason]");
    window.press("後台退的");
    window.press(ENTER);
    window.gone("[data-discrepancy]");
    window.shows("[data-slip] [data-said]", &["已結案"]);
    let all = shop.run_typing(&["--as", OWNER, "discrepancies", "list", "--all"], OWNER_PIN).said;
    let closed = &all["discrepancies"][0]["closed"];
    assert_eq!((&closed["who"], &closed["reason"]), (&json!(OWNER), &json!("後台退的")), "{all}");
}
