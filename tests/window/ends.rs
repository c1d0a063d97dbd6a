//! Sales that do not end as they should, by keyboard: money after the end, a card page that brings
//! nothing, a sale that may or may not be issued; and what people do with a slip afterwards: find,
//! copy, erase it.

use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, ESCAPE, F2, F3, TAB};
use serde_json::json;

use super::open;

/// The demo shop: keys play its customer, bank and clock too.
fn demo() -> (tempfile::TempDir, Window) {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[]);
    window.see("[data-practice=demo]");
    (home, window)
}

#[test]
fn money_that_comes_after_the_end_is_told_as_what_it_is() {
    let (_home, window) = demo();
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    window.press_with(ALT, "3");
    window.see("[data-state=expired]");
    // whoever comes back to the slip has it asked about again, although it has ended
    window.press("gs");
    window.see("#payee_name");
    window.press("gc");
    window.see("[data-place=counter][aria-current]");
    window.press_with(ALT, "1");
    window.shows("[data-banner=paid-late]", &["逾期入帳", "860"]);
    window.press(ENTER);
    window.gone("[data-banner]");
    window.see("[data-recent] [data-state=paid-late]");
}

#[cfg(target_os = "linux")]
#[test]
fn a_card_page_on_which_every_card_was_refused_fails_when_its_time_is_over() {
    use counterfoil_tests::outside::browser::Browser;
    use counterfoil_tests::outside::customer;
    use counterfoil_tests::outside::window::keys::F4;

    let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
    window.see("[data-practice=demo]");
    window.press("1250");
    window.press(F4);
    customer::card_page(&browser.address()).send(&[]);
    window.see("[data-page]");
    window.press_with(ALT, "2");
    window.read("這次刷卡被拒");
    window.press_with(ALT, "3");
    window.shows("[data-banner=failed]", &["1,250"]);
    window.press(ENTER);
    window.gone("[data-banner]");
    window.see("[data-state=failed]");
}

/// Money rules 3: the lost number was never shown, so the same order gets a new one at once, and
/// only that one is handed out.
#[test]
fn a_sale_without_a_clear_answer_has_a_new_number_and_stays_one_order() {
    let (bank, shop, window) = open();
    bank.control("fault", &json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1 }));
    bank.control("fault", &json!({ "kind": "drop-before", "match": "OrderQuery", "count": 1_000 }));
    window.press("1500");
    window.press(F2);
    window.see("[data-why]");
    window.shows("body", &["還不知道開好了沒有", "重新開立"]);
    window.press("r");
    window.see("[data-account]");
    assert_eq!(bank.books(), 2, "the lost one stands there too");
    let found = shop.run(&["orders", "search", "1500"]);
    let orders = found.said["orders"].as_array().expect("a list").clone();
    assert_eq!(orders.len(), 1, "{orders:?}");
    let states: Vec<_> = orders[0]["payments"].as_array().expect("two").iter().map(|p| &p["state"]).collect();
    assert_eq!(states, ["issuing", "awaiting"]);
}

#[test]
fn a_slip_is_found_by_the_end_of_its_account() {
    let (_bank, _shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    let first = window.attribute("[data-account]", "data-account");
    window.press("480");
    window.press(F2);
    window.count("[data-recent]", 2);
    window.gone(&format!("[data-account='{first}']"));
    window.see("[data-account]");
    window.press("/");
    window.see("#search:focus");
    window.press(&first[first.len() - 5..]);
    window.count("[data-held] [role=option]", 1);
    window.press(ENTER);
    window.shows("[data-slip]", &["300"]);
}

/// The clipboard of the desktop, read back by pasting.
#[test]
fn what_is_copied_can_be_pasted_as_digits() {
    let (_bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    let account = window.attribute("[data-account]", "data-account");
    for (key, copied) in [("c", account.as_str()), ("v", "12600")] {
        window.press(key);
        window.read(&format!("已複製 {copied}"));
        window.press("/");
        window.see("#search:focus");
        window.press_with(CONTROL, "a");
        window.press_with(CONTROL, "v");
        window.holds("#search", copied);
        window.press(&ESCAPE.repeat(2));
        window.press("gc");
    }
}

#[test]
fn a_customer_is_forgotten_and_the_order_stays() {
    let (_bank, shop, window) = open();
    window.press("1680");
    window.press(TAB);
    window.press("王小姐 5821");
    window.press(F2);
    window.see("[data-account]");
    window.newest_order();
    window.shows("[data-slip]", &["王小姐"]);
    window.press("e");
    window.shows("[data-doubt-erase]", &["王小姐 5821"]);
    window.press("e");
    window.read("已經永久刪除");
    window.unread("王小姐");
    assert_eq!(shop.run(&["orders", "search", "小姐"]).said["orders"], json!([]));
    assert_eq!(shop.run(&["orders", "search", "1680"]).said["orders"][0]["customer"], json!(null));
}
