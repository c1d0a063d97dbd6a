//! What the bank knows of a payment, in the real window: its minute of payment on stamp and slip,
//! and what does not fit looks like it before anyone hands out goods.

use counterfoil_tests::outside::window::keys::{ENTER, F2};
use serde_json::json;

use super::open;

#[test]
fn the_minute_of_payment_is_the_bank_s_on_banner_stamp_and_slip() {
    let (bank, _shop, window) = open();
    window.press("12600");
    window.press(F2);
    window.see("[data-account]");
    bank.pay_all();
    let paid = window.see("[data-banner=paid] [data-paid-at]");
    assert!(paid.starts_with("付款時間"), "{paid}");
    let at = window.attribute("[data-banner=paid] [data-paid-at]", "data-paid-at");
    let short = format!("{}/{} {}", &at[5..7], &at[8..10], &at[11..16]);
    assert!(window.attribute("[data-banner=paid] svg", "aria-label").contains(&short), "{short}");
    window.press(ENTER);
    window.gone("[data-banner]");
    window.newest_order();
    window.shows("[data-slip]", &["付款時間", &at[11..16]]);
    assert!(window.attribute("[data-slip] svg[role=img]", "aria-label").contains(&short), "{short}");
}

#[test]
fn a_slip_with_another_amount_at_the_bank_is_no_longer_handed_out() {
    let (bank, shop, window) = open();
    window.press("480");
    window.press(F2);
    window.see("[data-account]");
    window.read("複製帳號");
    let found = shop.run(&["orders", "search", "480"]);
    let number = found.said["orders"][0]["payments"][0]["bank_order_no"].clone();
    bank.control("plant", &json!({ "order": number, "amount": 481 }));
    // on screen it is asked about by itself
    window.shows("[data-odd=amount-differs]", &["先不要出貨"]);
    window.gone("[data-qr]");
    assert!(!window.text().contains("複製帳號"), "{}", window.text());
    window.shows("[data-count=orders]", &["1"]);
}
