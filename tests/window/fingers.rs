//! What a finger or a scanner does by mistake at the real counter: no other amount is sold, and the
//! slip of the customer who waits is a key away.

use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{BACKSPACE, DOWN, ENTER, ESCAPE, F2};
use serde_json::json;

use super::open;

/// A scanner: keys a few milliseconds apart, whatever the machine is doing.
fn scan(window: &Window, text: &str) {
    window.run(
        "const [text] = arguments;
         const keys = [...text, 'Enter'].map((key, at) => {
           const code = /[0-9]/.test(key) ? 'Digit' + key : key;
           const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true });
           Object.defineProperty(event, 'timeStamp', { value: performance.now() + 1000 + at * 5 });
           return event;
         });
         for (const key of keys) (document.activeElement ?? document.body).dispatchEvent(key);",
        &json!([text]),
    );
}

#[test]
fn what_is_no_whole_amount_sells_no_other_one() {
    let (bank, _shop, window) = open();
    for typed in ["12.50", "1,200.00", "99.9", "-500", "12k"] {
        window.press(typed);
        window.holds("#amount", typed);
        window.see("#amount-note.problem");
        window.press(F2);
        window.see("#amount-note[role=alert]");
        window.press(ESCAPE);
        window.holds("#amount", "");
    }
    assert_eq!(bank.books(), 0);
    window.press("12.5");
    window.press(&BACKSPACE.repeat(2));
    window.press(F2);
    window.see("[data-account]");
    window.shows("[data-recent]", &["12"]);
    assert_eq!(bank.books(), 1);
}

#[test]
fn a_scanner_sells_nothing_and_the_slip_stays() {
    let (bank, _shop, window) = open();
    scan(&window, "4712345678901");
    window.shows("#amount-note.problem", &["掃描器"]);
    window.holds("#amount", "");
    window.press("500");
    window.press(F2);
    let account = window.see("[data-account]");
    scan(&window, "12345678");
    window.shows("[data-account]", &[&account]);
    window.read("掃描器");
    assert_eq!(bank.books(), 1);
}

#[test]
fn a_stray_digit_and_a_closed_slip_are_a_key_away() {
    let (bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    let first = window.see("[data-account]");
    window.press("7");
    window.gone("[data-account]");
    window.shows("#amount-note", &["要回到上一張，按 Esc"]);
    window.press(ESCAPE);
    window.shows("[data-account]", &[&first]);
    window.press(ESCAPE);
    window.gone("[data-account]");
    window.press("b");
    window.shows("[data-account]", &[&first]);
    // another customer, and the first one asks: a line of the strip
    window.press("860");
    window.press(F2);
    window.count("[data-recent]", 2);
    window.press(ESCAPE);
    window.see("#amount:focus");
    window.press(DOWN);
    window.press(DOWN);
    window.press(ENTER);
    window.shows("[data-account]", &[&first]);
    // it is on the screen, so it is asked about by itself
    bank.pay_all();
    window.shows("[data-banner=paid]", &["12,600"]);
}

#[test]
fn a_page_that_is_loaded_again_keeps_the_amount_and_esc_ends_at_the_list() {
    let (_bank, _shop, window) = open();
    window.press("860");
    window.holds("#amount", "860");
    window.run("document.documentElement.dataset.old = ''; location.reload();", &json!([]));
    window.see("html:not([data-old]) #amount");
    window.holds("#amount", "860");
    window.press(F2);
    window.see("[data-account]");
    window.newest_order();
    window.press(&ESCAPE.repeat(3));
    window.press("gc");
    window.see("[data-place=counter][aria-current]");
}
