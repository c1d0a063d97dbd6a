//! A refund that fails in the demo shop, which has no people: it is told all the same, and the day
//! that had to pass for it leaves no alarm behind.

use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, F2};

/// The bank has ended its transfer by then.
const DAYS: usize = 3;

#[test]
fn a_failed_refund_is_told_where_nobody_has_signed_in() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let window = Window::open(&["--data", data.to_str().expect("a path")], &[]);
    window.see("[data-practice=demo]");
    // with this last digit the demo's bank cannot refund an account
    window.press("994");
    window.press(F2);
    window.see("[data-state=awaiting]");
    window.press_with(ALT, "1");
    window.see("[data-banner=paid]");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.press("go");
    window.press("x");
    window.see("#refund_amount:focus");
    window.press_with(ALT, "a");
    window.see("[data-refund-told]");
    window.press_with(ALT, "1");
    window.press_with(CONTROL, ENTER);
    window.gone("[data-refund-request]");
    window.see("[data-slip] [data-refund-state=at-bank]");
    for _ in 0..DAYS {
        window.press_with(ALT, "6");
        window.see("[data-demo-told]:not(.refused)");
    }
    let banner = window.see("[data-refund-banner=needs-person]");
    assert!(banner.contains("994"), "{banner}");
    window.gone("[data-gap]");
    window.gone("main [role=alert]:not([data-refund-banner])");
}
