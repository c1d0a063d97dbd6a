//! "That transfer of 12,600 last Tuesday", asked at the real window, and what it comes to.

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::CONTROL;

#[test]
fn an_amount_and_a_day_are_found_together_with_their_sum() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    for dollars in ["12600", "12600", "860"] {
        let sold = shop.run(&["sell", "--rail", "sinopac-account", "--amount", dollars]);
        assert_eq!(sold.status, 0, "{sold:?}");
    }
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    window.press("/");
    window.see("#search:focus");
    for (typed, orders, sum) in [
        ("12600 今天", 2, "找到 2 筆，合計 NT$25,200"),
        ("today 860元", 1, "找到 1 筆，合計 NT$860"),
        ("今天", 3, "找到 3 筆，合計 NT$26,060"),
    ] {
        window.press_with(CONTROL, "a");
        window.press(typed);
        window.shows("[data-found-sum]", &[sum]);
        window.count("[data-held] [role=option]", orders);
    }
    window.press_with(CONTROL, "a");
    window.press("12600 昨天");
    window.see("[data-empty]");
    window.gone("[data-found-sum]");
}
