//! The walk through refunds: asking, approving, following, and what a person decides.

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{
    ALT, BACKSPACE, CONTROL, DELETE, DOWN, ENTER, ESCAPE, F2, F3, F4, TAB, UP,
};
use serde_json::json;

use crate::album::Album;

const OWNER_PIN: &str = "27495810";
const CLERK_PIN: &str = "860371";

/// A clerk asks for two refunds, the owner approves them, and one more needs a person.
pub(crate) fn refunds(album: &Album) {
    let (bank, browser) = (Bank::between_batches(), Browser::new());
    bank.control("switch", &json!({ "refund_digits": "off" }));
    let shop = with_people(&bank);
    let window = album.open_locked(&shop.options(), &[("PATH", &browser.path())]);
    let save = |name: &str| album.save(&window, name);
    sign_in(&window, "2", CLERK_PIN);
    window.press("gf");
    window.see("[data-refunds] [data-empty]");
    save("refunds-empty");
    sell(&window, "12600", Some("王小姐 5821"), F2);
    pays(&bank);
    opened(&window);
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("12601");
    window.see("[data-refund-problem]");
    save("refund-request-refused");
    window.press(&BACKSPACE.repeat(5));
    window.press("1150");
    window.press_with(ALT, "1");
    window.see("[data-refund-told]");
    save("refund-request");
    album.save_small(&window, "refund-request", None);
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=requested]");
    save("refund-requested");
    sell(&window, "3450", Some("王小姐 5821"), F4);
    customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
    opened(&window);
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("1000");
    window.press_with(ALT, "4");
    window.see("[data-refund-told] [data-callout]");
    save("refund-request-batch");
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=requested]");
    sell(&window, "800", Some("陳先生 0912"), F2);
    pays(&bank);
    opened(&window);
    window.press("x");
    window.see("#refund_amount:focus");
    window.press_with(ALT, "a");
    window.press_with(ALT, "2");
    window.see("[data-refund-told]");
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=requested]");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("gv");
    window.see("[data-approval]");
    window.press("274");
    save("approvals");
    album.save_small(&window, "approvals", None);
    window.press(&BACKSPACE.repeat(3));
    let approve = |left| {
        window.press(OWNER_PIN);
        window.press(ENTER);
        window.count("[data-approval]", left);
    };
    approve(2);
    approve(1);
    save("approvals-done");
    window.press("gf");
    window.see("[data-refund-state=at-bank]");
    window.see("[data-refund-state=waiting]");
    save("refunds");
    album.save_small(&window, "refunds", None);
    window.press(DOWN);
    window.press(ENTER);
    window.see("[data-sides]");
    save("refund-evidence");
    window.press(ESCAPE);
    window.press(DOWN);
    window.press(DELETE);
    window.see("[data-doubt-withdraw]");
    save("refund-withdraw");
    window.press(ESCAPE);
    by_hand(album, &bank, &window);
    ends(album, &bank, &window);
}

/// The bank knows no account of the payer: the shop transfers the money itself.
fn by_hand(album: &Album, bank: &Bank, window: &Window) {
    let save = |name: &str| album.save(window, name);
    bank.control("fault", &json!({ "kind": "code:E9922", "match": "OrderMaintain", "count": 1 }));
    window.press("gv");
    window.see("[data-approval]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-refund-banner=needs-person]");
    save("refund-news");
    album.save_small(window, "refund-news", None);
    window.press_with(ALT, ENTER);
    window.press("gf");
    window.see("[data-needs-person='1']");
    // the key may have led to other news
    window.press(&UP.repeat(5));
    window.see("[data-decide]");
    window.press(ENTER);
    window.see("[data-needs-person] [data-sides]");
    save("refund-person");
    album.save_small(window, "refund-person", Some("decide"));
    let by_hand = window.run(BY_HAND, &json!([]));
    window.press(by_hand.as_str().expect("a key"));
    window.see("#decide_text:focus");
    window.press("網銀轉帳序號 0042");
    save("refund-by-hand");
    window.press(ENTER);
    window.see("[data-callout=done]");
    save("refund-by-hand-done");
}

/// One's own request, an answer that is lost, a refusal, and what the bank has beside our orders.
fn ends(album: &Album, bank: &Bank, window: &Window) {
    let save = |name: &str| album.save(window, name);
    let asks = |amount: &str, key: &str| {
        sell(window, amount, None, F2);
        pays(bank);
        opened(window);
        window.press("x");
        window.see("#refund_amount:focus");
        window.press_with(ALT, "a");
        window.press_with(ALT, key);
        window.see("[data-refund-told]");
        window.press_with(CONTROL, ENTER);
        window.see("[data-slip] [data-refund-state=requested]");
    };
    window.press_with(CONTROL, "l");
    sign_in(window, "2", CLERK_PIN);
    asks("700", "3");
    asks("710", "1");
    window.press_with(CONTROL, "l");
    sign_in(window, "1", OWNER_PIN);
    asks("640", "1");
    window.press("gv");
    window.see("[data-own]");
    save("approvals-own");
    bank.control("fault", &json!({ "kind": "drop-after", "match": "OrderMaintain:R2", "count": 1 }));
    let approve = |left| {
        window.press(OWNER_PIN);
        window.press(ENTER);
        window.count("[data-approval]", left);
    };
    // one's own stays in the list
    approve(2);
    window.press("gf");
    window.see("[data-why=unclear]");
    bank.control("fault", &json!({ "kind": "code:E3602", "match": "OrderMaintain", "count": 1 }));
    window.press("gv");
    window.see("[data-approval]");
    approve(1);
    window.see("[data-refund-banner=declined]");
    save("refund-news-declined");
    window.press_with(ALT, ENTER);
    window.press("gv");
    save("approvals-mine");
    // the bank has money that is none of ours, and its back office has refunded a part
    bank.control("plant", &json!({ "order": "WEB20261125", "amount": 777, "state": "1A400" }));
    sell(window, "820", None, F2);
    pays(bank);
    opened(window);
    let payment = window.attribute("[data-slip] [data-payment]", "data-payment");
    let script = "const [payment, done] = arguments;
        window.__TAURI_INTERNALS__.invoke('payment', { payment }).then((one) => done(one.bank_order_no));";
    let number = window.ask(script, &json!([payment]));
    bank.control("refund", &json!({ "order": number, "amount": 20 }));
    window.press("q");
    window.see("[data-slip] [data-discrepancy]");
    window.press("gf");
    window.see("[data-discrepancy=refunded-outside]");
    save("refunds-ends");
    album.save_small(window, "refunds-ends", None);
    // the money of another order may stand above it by now
    let choose = "document.querySelector('[data-discrepancy=refunded-outside] button').click();";
    window.run(choose, &json!([]));
    window.see("[data-discrepancy=refunded-outside].chosen");
    window.press("b");
    window.see("#book_amount:focus");
    save("refunds-book");
}

/// A shop of one person, and a card whose second refund the bank may refuse.
pub(crate) fn alone(album: &Album) {
    let bank = Bank::between_batches();
    let shop = Shop::in_folder(tempfile::tempdir().expect("a folder"));
    let mut file = bank.shop_file();
    file["sinopac"]["flags"] = json!({ "paper": "v2.4" });
    let added = shop.add_file(&file);
    assert_eq!(added.status, 0, "{added:?}");
    let owner = ["people", "add", "--name", "吳明哲", "--role", "owner"];
    assert_eq!(shop.run_typing(&owner, &format!("{OWNER_PIN}\n")).status, 0);
    let window = album.open_locked(&shop.options(), &[]);
    let save = |name: &str| album.save(&window, name);
    // one person needs no choice
    types_pin(&window, OWNER_PIN);
    let call = |command: &str, given: serde_json::Value| {
        let script = "const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given).then(() => done('done'), (why) => done(why.code ?? why));";
        assert_eq!(window.ask(script, &json!([command, given])), "done", "{command}");
    };
    let polling = json!({ "screen_s": 3, "screen_later_s": 10, "after_expiry_days": 30 });
    let change = json!({ "payee_name": "禾日茶行", "sinopac": null, "ctbc": null, "polling": polling, "one_person": true });
    call("save_settings", json!({ "change": change }));
    window.press("560");
    window.press(F3);
    window.see("[data-link]");
    customer::pay_by_card(&window.attribute("[data-link]", "data-link")).send(&[]);
    opened(&window);
    let payment = window.attribute("[data-slip] [data-payment]", "data-payment");
    let booking = json!({ "payment": payment, "amount": "60", "refund_no": "", "reason": "後台先退了一包" });
    call("book_refund", json!({ "booking": booking }));
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("100");
    window.press_with(ALT, "1");
    window.see("[data-refund-told] [data-callout]");
    save("refund-request-second");
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=requested]");
    save("order-booked");
    window.press("gv");
    window.see("[data-approval]");
    save("approvals-alone");
    album.save_small(&window, "approvals-alone", None);
}

/// The key of the choice to transfer the money by hand.
const BY_HAND: &str = "return [...document.querySelectorAll('[data-decide] button')]
    .find((one) => /轉帳|transfer/.test(one.innerText)).querySelector('kbd').innerText;";

/// In the demo shop, hours pass until the bank's batch holds a refund up.
pub(crate) fn batch(album: &Album) {
    let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
    let data = home.path().join("data");
    let window = album.open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
    let save = |name: &str| album.save(&window, name);
    window.press("1250");
    window.press(F4);
    customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
    opened(&window);
    window.press("x");
    window.see("#refund_amount:focus");
    window.press("500");
    window.press_with(ALT, "4");
    window.see("[data-refund-told] [data-callout]");
    window.press_with(CONTROL, ENTER);
    window.see("[data-slip] [data-refund-state=waiting]");
    save("order-refund");
    window.press("gf");
    window.see("[data-refund]");
    save("demo-refunds");
    window.press_with(CONTROL, "q");
    window.see("[data-closing]");
    save("closing");
    album.save_small(&window, "closing", None);
    window.press(ESCAPE);
    for _ in 0..80 {
        window.press_with(ALT, "5");
        // the bank is polled by the new time, and the queue is read again
        window.ask("setTimeout(arguments[0], 1500);", &json!([]));
        if window.run("return !!document.querySelector('[data-batch-until]');", &json!([])) == true {
            save("refunds-batch");
            return;
        }
    }
}

/// A shop with an owner and a clerk.
fn with_people(bank: &Bank) -> Shop {
    let shop = Shop::add(bank);
    let add = |words: &[&str], pins: &str| {
        let added = shop.run_typing(words, pins);
        assert_eq!(added.status, 0, "{added:?}");
    };
    add(&["people", "add", "--name", "吳明哲", "--role", "owner"], &format!("{OWNER_PIN}\n"));
    let clerk = ["--as", "吳明哲", "people", "add", "--name", "林家瑜", "--role", "clerk"];
    add(&clerk, &format!("{OWNER_PIN}\n{CLERK_PIN}\n"));
    shop
}

fn sign_in(window: &Window, number: &str, pin: &str) {
    window.see("[data-lock] [data-person]");
    window.press(number);
    types_pin(window, pin);
}

fn types_pin(window: &Window, pin: &str) {
    window.see("[data-pin='0']");
    window.press(pin);
    window.press(ENTER);
    window.gone("[data-lock]");
}

fn sell(window: &Window, amount: &str, customer: Option<&str>, key: &str) {
    window.press("gc");
    window.see("#amount:focus");
    window.press(amount);
    if let Some(name) = customer {
        window.press(TAB);
        window.press(name);
    }
    window.press(key);
    window.see(if key == F4 { "[data-page]" } else { "[data-account]" });
}

/// The customer of the newest sale pays; its account may not be the bank's yet, while that of the
/// sale before is in sight.
fn pays(bank: &Bank) {
    while bank.control("pay_all", &json!({}))["paid"] == 0 {
        std::thread::yield_now();
    }
}

/// It is paid: the banner is acknowledged, and the order is opened.
fn opened(window: &Window) {
    window.see("[data-banner=paid]");
    window.press_with(ALT, ENTER);
    window.gone("[data-banner]");
    window.newest_order();
}
