//! A data file that is not what it was, seen in the window: one that was put back, with the money
//! that it does not know, and one that is taken away while the window has it open. And doors that
//! are closed: what needs them stops, the rest goes on.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{CONTROL, ENTER, ESCAPE, F2, F3, F4};
use serde_json::json;

use super::open;
use crate::people::{CLERK_PIN, OWNER, OWNER_PIN, sign_in, with_people};

#[test]
fn a_file_put_back_is_told_on_every_screen_and_its_money_is_found() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sell = ["sell", "--rail", "sinopac-account", "--amount"];
    let sold = |dollars: &str| shop.run(&[&sell[..], &[dollars]].concat()).said["bank_order_no"].clone();
    sold("10");
    let data = Path::new(shop.options()[1]).join("counterfoil.db");
    let before = fs::read(&data).expect("a file");
    let lost = sold("700");
    bank.control("pay", &json!({ "order": lost }));
    fs::write(&data, before).expect("it is put back");
    let window = Window::open(&shop.options(), &[]);
    window.shows("[data-file=older-file]", &["比這台電腦上次用的舊", "收款照常", "G A", "按 A"]);
    window.shows("[data-health=foreign]", &["1 筆", "700"]);
    window.press("go");
    window.shows("[data-file=older-file]", &["比這台電腦上次用的舊"]);
    let lost = lost.as_str().expect("a number");
    for typed in ["700", &lost[6..]] {
        window.press("/");
        window.see("#search:focus");
        window.press(typed);
        window.shows(&format!("[data-foreign={lost}]"), &["永豐", "700", "這裡沒有這張訂單", "G F"]);
        window.press(&ESCAPE.repeat(2));
        window.gone(&format!("[data-foreign={lost}]"));
    }
    // the task of whoever works off what needs a person
    window.press("1");
    window.shows(&format!("[data-foreign={lost}]"), &["700"]);
}

/// The way out that the banner names: an owner accepts the file, with the PIN.
#[test]
fn an_owner_accepts_a_file_put_back_with_the_pin() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let sell = |dollars: &str| {
        let words = ["--as", OWNER, "sell", "--rail", "sinopac-account", "--amount", dollars];
        assert_eq!(shop.run_typing(&words, OWNER_PIN).status, 0);
    };
    sell("10");
    let data = Path::new(shop.options()[1]).join("counterfoil.db");
    let before = fs::read(&data).expect("a file");
    sell("700");
    fs::write(&data, before).expect("it is put back");
    let window = Window::open(&shop.options(), &[]);
    sign_in(&window, "2", CLERK_PIN);
    window.shows("[data-file=older-file]", &["G A", "按 A"]);
    window.press_with(CONTROL, "l");
    sign_in(&window, "1", OWNER_PIN);
    window.press("ga");
    window.see("[data-audit-rows]");
    window.press("a");
    window.see("#accept_pin:focus");
    window.press(CLERK_PIN);
    window.press(ENTER);
    window.shows("[data-wrong=accept_pin]", &["PIN"]);
    window.see("[data-file=older-file]");
    window.press(OWNER_PIN);
    window.press(ENTER);
    window.shows("[data-callout=done]", &["已接受這個資料檔"]);
    window.gone("[data-file]");
    window.see("[data-what=record-accepted]");
    assert_eq!(shop.run(&["coverage"]).said["alarms"], json!([]));
}

#[test]
fn a_file_taken_away_stops_the_counter_and_what_was_open_is_found() {
    let (bank, shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.press(ESCAPE);
    let data = Path::new(shop.options()[1]).join("counterfoil.db");
    fs::remove_file(&data).expect("it is removed");
    window.press("500");
    window.press(F2);
    window.shows("[data-paused=file-moved]", &["被移走、刪除或換掉", "counterfoil-rescued-"]);
    assert_eq!(bank.books(), 1, "nothing more is sent");
    // what was open can be looked at
    window.press("go");
    window.read("300");
    drop(window);
    let folder = data.parent().expect("a folder");
    let rescued = fs::read_dir(folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
    let is_rescued = |path: &std::path::PathBuf| path.to_string_lossy().contains("counterfoil-rescued-");
    let rescued: Vec<_> = rescued.filter(is_rescued).collect();
    let [rescued] = &rescued[..] else { panic!("{rescued:?}") };
    fs::rename(rescued, &data).expect("it is put in its place");
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    window.press("go");
    window.read("300");
    assert_eq!(shop.run(&["coverage"]).said["alarms"], json!([]), "it is the newest one");
}

/// The port of the return address belongs to another program: only the page of CTBC needs it.
#[test]
fn a_taken_port_stops_only_the_card_page() {
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
    let window = Window::open(&shop.options(), &[]);
    window.see("#amount");
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.shows("[data-health=port]", &[&port.to_string(), "永豐照常收款", "中信刷卡頁開不出來"]);
    window.press(ESCAPE);
    window.press("400");
    window.press(F3);
    window.see("[data-link]");
    window.press(ESCAPE);
    window.press("500");
    window.press(F4);
    window.shows("#amount-note[role=alert]", &[&port.to_string()]);
    assert_eq!(bank.books(), 2);
    drop(taken);
    window.press(F4);
    window.gone("[data-health=port]");
}
