//! The `refund.*` steps of the demo in the window, by keyboard, each within its budget of keys:
//! 6 and the digits from anywhere to a request, 2 and the PIN to an approval, 2 to a withdrawal.
//!
//! The demo shop's own keys play the customer, the hours and the days. The amounts end in digits
//! with which its bank refunds an account well.

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DELETE, ENTER, F2, F3, F4};
use serde_json::{Value, json};

use crate::clerk::{count, counted};
use crate::people::{CLERK_PIN, OWNER_PIN, sign_in, with_people};
use crate::refunds::{listed, paid};

/// Keys to ask for a refund from anywhere, without the digits of sale and amount.
const ASK_MAX: usize = 6;
/// Keys to approve one on its screen, without the PIN.
const APPROVE_MAX: usize = 2;
/// Keys to take one back in the queue.
const WITHDRAW_MAX: usize = 2;
/// Weekends and holidays are over by then, and a batch has run.
const DAYS: usize = 5;

/// The demo shop in the forenoon, and a browser.
struct Days {
    window: Window,
    browser: Browser,
    _home: tempfile::TempDir,
}

impl Days {
    fn begin() -> Self {
        let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
        let data = home.path().join("data");
        let window = Window::open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
        window.see("[data-practice=demo]");
        let days = Self { window, browser, _home: home };
        days.to(10);
        days
    }

    /// Hours pass until it is this one.
    fn to(&self, hour: usize) {
        // twice around the clock: an hour that ends meanwhile is passed over
        for _ in 0..48 {
            if self.hour() == hour {
                return;
            }
            self.passes("5");
        }
        panic!("it never is {hour}:00");
    }

    fn hour(&self) -> usize {
        let script = "const [done] = arguments;
            window.__TAURI_INTERNALS__.invoke('shop').then((shop) => done(shop.now));";
        let now = self.window.ask(script, &json!([]));
        let hour = now.as_str().and_then(|now| now.get(11..13));
        hour.and_then(|hour| hour.parse().ok()).expect("an hour")
    }

    fn days(&self) {
        for _ in 0..DAYS {
            self.passes("6");
        }
    }

    /// One key of the demo: an hour, or a day.
    fn passes(&self, key: &str) {
        self.window.press_with(ALT, key);
        self.window.see("[data-demo-told]:not(.refused)");
    }

    /// Sells and is paid.
    fn sells(&self, amount: &str, key: &str) {
        let window = &self.window;
        window.press("gc");
        window.see("#amount:focus");
        window.press(amount);
        window.press(key);
        if key == F4 {
            customer::pay_at_ctbc(&customer::card_page(&self.browser.address())).send(&[]);
        } else {
            window.see("[data-state=awaiting]");
            window.press_with(ALT, "1");
        }
        window.see("[data-banner=paid]");
        window.press(ENTER);
        window.gone("[data-banner]");
    }

    /// From the queue: search, open, ask, send. `part`: else all of it. Gives what was told.
    fn asks(&self, sold: &str, part: Option<&str>) -> String {
        let window = &self.window;
        window.press("gf");
        window.see("[data-place=refunds][aria-current]");
        count(window);
        window.press("/");
        window.see("#search:focus");
        window.press(sold);
        window.press(ENTER);
        window.see(&format!("[data-slip='{}'] [data-payment]", self.order(sold)));
        window.press("x");
        window.see("#refund_amount:focus");
        match part {
            Some(part) => window.press(part),
            None => window.press_with(ALT, "a"),
        }
        let told = window.see("[data-refund-told]");
        window.press_with(ALT, "1");
        window.press_with(CONTROL, ENTER);
        window.gone("[data-refund-request]");
        let digits = sold.len() + part.map_or(0, str::len);
        within(window, ASK_MAX + digits);
        told
    }

    /// In the queue until the refund of this amount is in this state.
    fn sees(&self, amount: &str, state: &str) {
        self.window.press("gf");
        self.window.see(&format!("[data-refund='{}'] [data-refund-state={state}]", self.refund(amount)));
    }

    /// On the slip of this sale, until its refund is done.
    fn ends(&self, sold: &str) {
        let window = &self.window;
        window.press("/");
        window.see("#search:focus");
        window.press(sold);
        window.press(ENTER);
        window.see(&format!("[data-slip='{}'] [data-refund-state=done]", self.order(sold)));
    }

    /// The order of this amount.
    fn order(&self, amount: &str) -> String {
        let script = "const [amount, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('newest').then((rows) =>
                done(rows.find((row) => String(row.amount) === amount)?.order));";
        let id = self.window.ask(script, &json!([amount]));
        id.as_str().unwrap_or_else(|| panic!("no order of {amount}: {}", self.window.text())).to_owned()
    }

    /// The refund of this amount.
    fn refund(&self, amount: &str) -> String {
        let script = "const [amount, done] = arguments;
            window.__TAURI_INTERNALS__.invoke('refunds').then(({ rows }) =>
                done(rows.find(({ refund }) => String(refund.amount) === amount)?.refund.refund));";
        let id = self.window.ask(script, &json!([amount]));
        id.as_str().unwrap_or_else(|| panic!("no refund of {amount}: {}", self.window.text())).to_owned()
    }
}

/// So many keys at most since the page began to count, and no pointer.
fn within(window: &Window, max: usize) {
    let Value::Array(counts) = counted(window) else { panic!("it counts") };
    let pressed = counts[0].as_u64().and_then(|keys| usize::try_from(keys).ok()).expect("a number");
    assert!((1..=max).contains(&pressed), "{pressed} keys, {max} at most");
    assert_eq!(counts[1], 0, "no pointer");
}

#[test]
fn the_refund_steps_of_the_demo_keep_their_budgets_of_keys() {
    let days = Days::begin();
    for (amount, key) in [("1680", F4), ("900", F4), ("450", F4), ("1250", F2), ("560", F3)] {
        days.sells(amount, key);
    }
    // refund.ctbc-card.reversal
    days.asks("1680", None);
    days.passes("5");
    days.sees("1680", "done");
    // refund.sinopac-account, refund.sinopac-card
    days.asks("1250", Some("1000"));
    days.sees("1000", "at-bank");
    days.asks("560", Some("200"));
    days.sees("200", "at-bank");
    days.days();
    days.ends("1250");
    days.ends("560");
    // refund.ctbc-card.settled
    days.asks("900", Some("400"));
    days.sees("400", "at-bank");
    // refund.ctbc-card.blackout
    days.to(20);
    let told = days.asks("450", None);
    assert!(told.contains("20:00") && told.contains("22:10") && told.contains("本機須開機"), "{told}");
    days.sees("450", "waiting");
    days.window.see("[data-batch-until]");
    days.to(23);
    days.sees("450", "at-bank");
    days.days();
    days.ends("450");
    days.ends("900");
}

#[test]
fn an_approval_takes_one_key_and_the_pin_and_a_withdrawal_two() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    for amount in ["300", "400"] {
        paid(&bank, &window, amount);
        crate::refunds::ask(&window, amount);
    }
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("gv");
    window.count("[data-approval]", 2);
    count(&window);
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.see("[data-callout=done]");
    within(&window, APPROVE_MAX + OWNER_PIN.len());
    window.press("gf");
    window.see("[data-refund]:has([data-refund-state=requested])");
    count(&window);
    window.press(DELETE);
    window.see("[data-doubt-withdraw]");
    window.press(ENTER);
    window.see("[data-refund-state=withdrawn]");
    within(&window, WITHDRAW_MAX);
    let refunds = listed(&shop)["refunds"].clone();
    let withdrawn = refunds.as_array().into_iter().flatten().filter(|refund| refund["state"] == "withdrawn");
    assert_eq!(withdrawn.count(), 1, "{refunds}");
}
