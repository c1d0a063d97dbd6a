//! The people of a shop by keyboard: the first owner, a clerk, the lock, and what each finds again.

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DELETE, DOWN, ENTER, ESCAPE, F2, TAB};
use serde_json::json;

pub(crate) const OWNER: &str = "吳明哲";
pub(crate) const OWNER_PIN: &str = "27495810";
pub(crate) const CLERK: &str = "林家瑜";
pub(crate) const CLERK_PIN: &str = "860371";

/// A shop with an owner and a clerk, added on the command line.
pub(crate) fn with_people(bank: &Bank) -> Shop {
    let shop = Shop::add(bank);
    let owner =
        shop.run_typing(&["people", "add", "--name", OWNER, "--role", "owner"], &format!("{OWNER_PIN}\n"));
    assert_eq!(owner.status, 0, "{owner:?}");
    let clerk = shop.run_typing(
        &["--as", OWNER, "people", "add", "--name", CLERK, "--role", "clerk"],
        &format!("{OWNER_PIN}\n{CLERK_PIN}\n"),
    );
    assert_eq!(clerk.status, 0, "{clerk:?}");
    shop
}

/// Chooses the person of a number and types the PIN.
pub(crate) fn sign_in(window: &Window, number: &str, pin: &str) {
    // the lock is there a moment before the people are
    window.see("[data-lock] [data-person]");
    window.press(number);
    window.see("[data-pin='0']");
    window.press(pin);
    window.press(ENTER);
    window.gone("[data-lock]");
}

fn html(window: &Window) -> String {
    window.run("return document.documentElement.outerHTML;", &json!([])).to_string()
}

#[test]
fn the_first_owner_is_made_by_keys_and_signs_in() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    window.see("[data-offer]");
    window.press_with(ALT, "o");
    window.see("#person_name:focus");
    // not now
    window.press(ESCAPE);
    window.see("#amount:focus");
    window.press_with(ALT, "o");
    window.see("#person_name:focus");
    window.press(OWNER);
    window.press(TAB);
    window.see("#new_pin:focus");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("#pin_again:focus");
    window.press(OWNER_PIN);
    assert!(!html(&window).contains(OWNER_PIN));
    window.press(ENTER);
    // one person needs no choice
    window.see("[data-lock] [data-pin='0']");
    window.press("27495811");
    window.press(ENTER);
    window.see("[data-wrong=pin]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-signed-in]");
    // and adds a clerk
    window.press("gp");
    window.see("[data-place=people][aria-current]");
    window.press("n");
    window.see("#person_name:focus");
    window.press(CLERK);
    window.press(ENTER);
    window.see("#new_pin:focus");
    window.press(CLERK_PIN);
    window.press(ENTER);
    window.press(CLERK_PIN);
    window.press(ENTER);
    window.see(&format!("[data-people] [data-person='{CLERK}']"));
    let listed = shop.run_typing(&["--as", OWNER, "people", "list"], &format!("{OWNER_PIN}\n"));
    assert_eq!(listed.said["people"].as_array().map(Vec::len), Some(2), "{listed:?}");
}

#[test]
fn the_offer_is_put_off_once() {
    let (_bank, _shop, window) = super::open();
    window.see("[data-offer]");
    window.press_with(ALT, "q");
    window.gone("[data-offer]");
    window.press("500");
    window.press(F2);
    window.see("[data-account]");
}

#[test]
fn each_person_finds_what_that_person_typed() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    window.shows("[data-signed-in]", &[CLERK]);
    window.gone("[data-place=settings]");
    window.press("12600");
    window.press(TAB);
    window.press("王小姐");
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    let locked = html(&window);
    assert!(!locked.contains("12,600") && !locked.contains("12600") && !locked.contains("王小姐"));
    // one key and the PIN: another person, who finds a clean counter
    sign_in(&window, "1", OWNER_PIN);
    window.see("#amount:focus");
    window.holds("#amount", "");
    window.holds("#customer", "");
    window.press("75");
    window.press_with(CONTROL, "l");
    sign_in(&window, "2", CLERK_PIN);
    window.holds("#amount", "12,600");
    window.holds("#customer", "王小姐");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.holds("#amount", "75");
}

#[test]
fn a_payment_that_arrives_while_locked_is_counted_and_shown_afterwards() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    window.press("4200");
    window.press(F2);
    window.see("[data-account]");
    let account = window.attribute("[data-account]", "data-account");
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    bank.pay_all();
    window.see("[data-arrived='1']");
    let locked = html(&window);
    assert!(!locked.contains("4,200") && !locked.contains("4200") && !locked.contains(&account));
    sign_in(&window, "2", CLERK_PIN);
    window.shows("[data-banner=paid]", &["4,200"]);
    // who sold it is on record
    window.press(ENTER);
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("ga");
    window.see("[data-audit-row]");
    window.shows("[data-audit-row][data-what=sell]", &[CLERK]);
    window.press("v");
    window.see("[data-callout=done]");
    window.press("e");
    let told = window.see("[data-exported]");
    let file = window.attribute("[data-exported]", "data-exported");
    let csv = std::fs::read_to_string(&file).expect("the file is where the screen says");
    assert!(csv.contains(&format!(",{CLERK},sell,")), "{csv}");
    // its name ends with the head that the screen shows
    let head = file.trim_end_matches(".csv").rsplit('-').next().unwrap_or_default();
    assert!(head.len() == 16 && told.contains(head), "{file} {told}");
}

#[test]
fn a_customer_is_corrected_and_erased_by_the_owner_and_masked_for_the_clerk() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    window.press("300");
    window.press(TAB);
    window.press("王小明");
    window.press(F2);
    window.see("[data-account]");
    window.newest_order();
    window.read("王○明");
    assert!(!html(&window).contains("王小明"));
    window.press("n");
    window.press("e");
    window.press("q");
    window.see("[data-said]");
    window.gone("[data-correct]");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.newest_order();
    window.read("王小明");
    window.press("n");
    window.see("#correct_name:focus");
    window.press_with(CONTROL, "a");
    window.press("王大明");
    window.press(ENTER);
    window.read("已更正");
    assert!(!html(&window).contains("王小明"));
    assert_eq!(shop.run(&["orders", "search", "王小明"]).said["orders"], json!([]));
    window.press("e");
    window.see("[data-doubt-erase]");
    window.press("e");
    window.read("顧客的名字和備註已經永久刪除");
    assert!(!html(&window).contains("王大明"));
    window.press("ga");
    let found = shop.run(&["orders", "search", "300"]).said;
    let number = found["orders"][0]["payments"][0]["bank_order_no"].as_str().expect("a number").to_owned();
    for what in ["customer-corrected", "erase-customer"] {
        window.shows(&format!("[data-audit-row][data-what={what}]"), &[&number]);
    }
}

/// What an owner does with a clerk until the clerk has left, and the PIN comes from the clipboard.
#[test]
fn an_owner_limits_a_clerk_sets_another_pin_and_lets_them_go() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "1", OWNER_PIN);
    window.press("gp");
    window.see("[data-place=people][aria-current]");
    window.press(DOWN);
    let limit = |typed: &str| {
        window.press("l");
        window.see("#ask_max:focus");
        window.press_with(CONTROL, "a");
        window.press(typed);
        window.press(ENTER);
    };
    let limited = || {
        window.gone("[data-form]");
        let listed = shop.run_typing(&["--as", OWNER, "people", "list"], &format!("{OWNER_PIN}\n"));
        listed.said["people"][1]["ask_max"].clone()
    };
    limit("12.5");
    window.see("[data-wrong=ask_max]");
    window.press(ESCAPE);
    limit("5,000");
    assert_eq!(limited(), 5000);
    limit(DELETE);
    assert_eq!(limited(), json!(null));
    // a new PIN: typed, and pasted
    let other = "495172";
    window.press("/");
    window.see("#search:focus");
    window.press(other);
    window.press_with(CONTROL, "a");
    window.press_with(CONTROL, "c");
    window.press(&ESCAPE.repeat(2));
    window.press("gp");
    window.see("[data-place=people][aria-current]");
    window.press("i");
    window.see("#new_pin:focus");
    window.press(other);
    window.press(ENTER);
    window.see("#pin_again:focus");
    window.press_with(CONTROL, "v");
    window.see("#pin_again[data-pin='6']");
    window.press(ENTER);
    window.gone("[data-form]");
    window.press_with(CONTROL, "l");
    // whom an owner gave a PIN chooses another one first
    sign_in(&window, "2", other);
    window.see("#new_pin:focus");
    window.see("[data-must]");
    window.count("[data-place]", 1);
    window.press("638205");
    window.press(ENTER);
    window.press("638205");
    window.press(ENTER);
    window.see("#amount:focus");
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("gp");
    window.see("[data-place=people][aria-current]");
    window.press(DOWN);
    window.press("x");
    window.see("[data-doubt-retire]");
    window.press("x");
    window.read("已離職");
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    window.count("[data-lock] [data-person]", 1);
}

#[test]
fn five_wrong_pins_lock_the_person_and_nobody_else() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    window.see("[data-lock] [data-person]");
    window.press("2");
    for wrong in 1..=5 {
        window.press("111111");
        window.see("[data-pin='6']");
        window.press(ENTER);
        window.see(if wrong < 5 { "[data-wrong=pin]" } else { "[data-wait]" });
    }
    // the way back stands where the PIN is needed
    window.see("[data-lost=clerk]");
    window.press(ESCAPE);
    sign_in(&window, "1", OWNER_PIN);
    // the program counts, not the lock: it is still so on the next one
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    window.press(DOWN);
    window.press(DOWN);
    window.see("[data-wait]");
}
