//! The walk through what rarely happens: a card page that brought nothing, a file that was put
//! back, a lost key, a taken port, money of no order here, and days that pass in the demo.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::keyring::Keyring;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DELETE, ENTER, ESCAPE, F2, F3, F4};
use serde_json::json;

use crate::album::Album;

/// Each with a shop of its own.
pub(crate) fn mishaps(album: &Album) {
    pages(album);
    days(album);
    older(album);
    key_lost(album);
    port_taken(album);
}

/// CTBC's page: declined, closed by a person's word, and the new one beside the old one.
fn pages(album: &Album) {
    let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
    let data = home.path().join("data");
    let window = album.open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
    window.press("1250");
    window.press(F4);
    customer::card_page(&browser.address()).send(&[]);
    window.see("[data-page]");
    window.press_with(ALT, "2");
    window.see("p[data-left], [data-why]");
    album.save(&window, "page-declined");
    window.press(ESCAPE);
    window.press("1400");
    window.press(F4);
    customer::card_page(&browser.address()).send(&[]);
    window.see("[data-page]");
    window.press(DELETE);
    window.see("[data-doubt]");
    album.save(&window, "page-close");
    window.press(DELETE);
    window.see("p[data-left]");
    album.save(&window, "page-closed");
    window.press("r");
    customer::card_page(&browser.address()).send(&[]);
    window.gone("p[data-left]");
    window.see("[data-page]");
    album.save(&window, "page-beside");
}

/// Refunds in the demo, a day later.
fn days(album: &Album) {
    let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
    let data = home.path().join("data");
    let window = album.open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
    for key in [F2, F3, F4] {
        window.press("gc");
        window.see("#amount:focus");
        window.press("1280");
        window.press(key);
        if key == F4 {
            customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
        } else {
            window.see("[data-state=awaiting]");
            window.press_with(ALT, "1");
        }
        window.see("[data-banner=paid]");
        window.press(ENTER);
        window.gone("[data-banner]");
        window.newest_order();
        window.press("x");
        window.see("#refund_amount:focus");
        window.press("500");
        window.see("[data-refund-told]");
        window.press_with(ALT, "1");
        window.press_with(CONTROL, ENTER);
        window.gone("[data-refund-request]");
    }
    window.press("gf");
    window.see("[data-refund]");
    album.save(&window, "demo-refunds");
    window.press_with(ALT, "6");
    window.see("[data-demo-told]:not(.refused)");
    album.save(&window, "demo-refunds-later");
}

/// A file that was put back, and the money that it does not know.
fn older(album: &Album) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sell = ["sell", "--rail", "sinopac-account", "--amount"];
    let sold = |dollars: &str| shop.run(&[&sell[..], &[dollars]].concat()).said["bank_order_no"].clone();
    sold("10");
    let data = Path::new(shop.options()[1]).join("counterfoil.db");
    let before = fs::read(&data).expect("a file");
    bank.control("pay", &json!({ "order": sold("12600") }));
    fs::write(&data, before).expect("it is put back");
    let window = album.open(&shop.options(), &[]);
    window.see("[data-health=foreign]");
    album.save(&window, "file-older");
    window.press("/");
    window.see("#search:focus");
    window.press("12600");
    window.see("[data-foreign]");
    album.save(&window, "search-foreign");
    window.press(&ESCAPE.repeat(2));
    window.press("gf");
    window.see("[data-place=refunds][aria-current]");
    window.see("[data-discrepancy], [data-foreign]");
    album.save(&window, "refunds-foreign");
}

/// One entry of SinoPac's is gone from the system's keyring.
fn key_lost(album: &Album) {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let (shop, file) = (Shop::in_keyring(&keyring), bank.shop_file());
    assert_eq!(shop.add_file(&file).status, 0);
    let number = file["sinopac"]["shop_no"].as_str().expect("a number");
    keyring.forget(&format!("demo custom {number}/sinopac.b1"));
    let environment: Vec<(&str, &str)> =
        keyring.environment().iter().map(|(name, path)| (*name, path.to_str().expect("a path"))).collect();
    let window = album.open(&shop.options(), &environment);
    window.see("[data-health=shut]");
    album.save(&window, "key-lost");
}

/// The port of the return address belongs to another program.
fn port_taken(album: &Album) {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("it is bound").port();
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().expect("a folder"));
    let mut file = bank.shop_file();
    for of in ["sinopac", "ctbc"] {
        file[of]["return_url"] = "loopback".into();
        file[of]["loopback_port"] = port.into();
    }
    assert_eq!(shop.add_file(&file).status, 0);
    let window = album.open(&shop.options(), &[]);
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.see("[data-health=port]");
    album.save(&window, "port-taken");
    window.press(ESCAPE);
    window.press("500");
    window.press(F4);
    window.see("#amount-note[role=alert]");
    album.save(&window, "port-taken-page");
}
