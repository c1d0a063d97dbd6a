//! What a phone reads from the screen: the codes as they are painted, in light and dark and in
//! large type.

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, ESCAPE, F2, F3};

/// The one code on the screen now.
fn read(window: &Window) -> String {
    let (width, height, grey) = window.shown().grey();
    let dot = |x, y| grey.get(y * width + x).copied().unwrap_or_default();
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, dot);
    let codes = seen.detect_grids();
    assert_eq!(codes.len(), 1, "codes on the screen");
    codes.first().expect("one").decode().expect("a phone can read it").1
}

#[test]
fn a_phone_reads_the_account_and_the_link_from_the_screen() {
    let bank = Bank::open();
    for theme in ["light", "dark"] {
        let shop = Shop::add(&bank);
        let dark = [("GTK_THEME", "Adwaita:dark")];
        let window = Window::open(&shop.options(), if theme == "dark" { &dark } else { &[] });
        window.see("#amount");
        assert_eq!(window.attribute("html", "data-theme"), theme);
        for size in ["100", "125", "150"] {
            window.see(&format!("html[data-size='{size}']"));
            window.press("12600");
            window.press(F2);
            window.see("[data-account]");
            let told = read(&window);
            let account = window.attribute("[data-account]", "data-account");
            for wanted in ["【示範】", "807", &account, "12,600"] {
                assert!(told.contains(wanted), "{theme}, {size} %, {wanted}: {told}");
            }
            window.press(ESCAPE);
            window.see("#amount");
            window.press("860");
            window.press(F3);
            window.see("[data-link]");
            assert_eq!(read(&window), window.attribute("[data-link]", "data-link"), "{theme}, {size} %");
            window.press(ESCAPE);
            window.see("#amount");
            window.press_with(CONTROL, "+");
        }
    }
}
