//! The real window, driven from outside: `cargo xtask test` builds it and installs the driver.

use counterfoil_tests::outside::window::Window;

#[test]
fn the_window_opens_on_the_counter() {
    let window = Window::open(&[], &[]);
    assert!(!window.see("main h1").is_empty());
}
