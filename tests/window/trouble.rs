//! What goes wrong, seen in the window: it says what is wrong, what still works, and the way out;
//! and nothing is lost.

#[cfg(target_os = "linux")]
use counterfoil_tests::outside::process;
use counterfoil_tests::outside::programs::Bank;
use counterfoil_tests::outside::window::keys::{ESCAPE, F2, F3};
use counterfoil_tests::outside::{customer, http};
use serde_json::json;

use super::open;

#[test]
fn a_bank_that_goes_away_is_said_and_the_counter_goes_on_when_it_is_back() {
    let (bank, _shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.press(ESCAPE);
    // from the window's side a network that is cut looks the same
    bank.control("fault", &json!({ "kind": "drop-before", "match": "*", "count": 1_000 }));
    window.press("500");
    window.press(F2);
    window.shows("[data-health=bank]", &["沒有回覆", "仍可查看"]);
    window.see("[data-state=not-issued]");
    window.press("e");
    window.holds("#amount", "500");
    // what is there can be looked at
    window.press("go");
    window.read("300");
    window.press("gc");
    bank.control("faults", &json!({ "clear": true }));
    window.press(F2);
    window.see("[data-account]");
    window.gone("[data-health=bank]");
    assert_eq!(bank.books(), 2);
}

#[test]
fn a_bank_that_is_not_there_at_all_is_said() {
    let (bank, _shop, window) = open();
    drop(bank);
    window.press("500");
    window.press(F2);
    window.see("[data-health=bank]");
    window.see("[data-state=not-issued]");
    window.read("沒有收取任何金額");
}

/// The bank holds each question, then each sale too, for as long as it may: a sale has a place of
/// its own, and whoever is served next does not wait for the one before.
#[test]
fn a_bank_that_is_slow_with_questions_sells_and_one_that_is_slow_with_sales_says_so() {
    let (bank, _shop, window) = open();
    bank.control("fault", &json!({ "kind": "hang:60", "match": "OrderQuery", "count": 100 }));
    for (n, amount) in ["300", "500", "700"].into_iter().enumerate() {
        window.press(amount);
        window.press(F2);
        window.see("[data-account]");
        assert_eq!(bank.books(), n + 1);
        window.press(ESCAPE);
    }
    bank.control("fault", &json!({ "kind": "hang:60", "match": "OrderCreate", "count": 1 }));
    window.press("900");
    window.press(F2);
    window.see("[data-state=issuing]");
    // it is not waited for: the next customer's sale has its own place
    window.press("1100");
    window.press(F2);
    window.see("[data-account]");
    window.read("NT$1,100");
    assert_eq!(bank.acted("OrderCreate"), 5);
}

#[test]
fn a_time_that_is_hours_off_is_doubted_first() {
    let (bank, _shop, window) = open();
    bank.control("advance", &json!({ "seconds": 7_200 }));
    window.press("500");
    window.press(F2);
    window.see("[data-account]");
    // one answer is not enough for so much: the simulated days show how it is settled
    window.shows("[data-health=clock-doubted]", &["永豐回報的時間與這台電腦相差約 2 小時，正在確認"]);
    let text = window.read("時間確認中");
    assert!(!text.contains("還有"), "{text}");
    assert!(!text.contains("尚未核對"), "{text}");
}

#[test]
fn a_clock_that_is_a_few_minutes_off_is_said_at_once() {
    let (bank, _shop, window) = open();
    bank.control("advance", &json!({ "seconds": 240 }));
    window.press("500");
    window.press(F2);
    window.see("[data-account]");
    window.shows("[data-health=clock]", &["相差 4 分鐘（電腦較慢）", "收款照常"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_selling_and_nothing_else_and_is_over_when_there_is_room() {
    let (bank, shop, window) = open();
    window.press("300");
    window.press(F2);
    window.see("[data-account]");
    window.press(ESCAPE);
    process::fill_disk(shop.folder());
    window.press("500");
    window.press(F2);
    window.shows("[data-health=paused]", &["磁碟已滿", "仍可查看"]);
    window.holds("#amount", "500");
    assert_eq!(bank.books(), 1);
    window.press("go");
    window.read("300");
    window.press("gc");
    process::make_room(shop.folder());
    // by itself, a few seconds later
    window.gone("[data-health=paused]");
    window.press(F2);
    window.see("[data-account]");
    assert_eq!(bank.books(), 2);
}

/// F26: an address that is not the bank's is never shown, drawn or opened.
#[test]
fn f26_a_link_that_is_not_the_bank_s_is_not_shown() {
    let (bank, _shop, window) = open();
    let origin = bank.origin();
    let host = origin.trim_start_matches("http://").to_owned();
    for link in [
        "file:///etc/passwd".to_owned(),
        "smb://host/share".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("https://{host}@evil.example/"),
        format!("https://evil.example/?{host}"),
        format!("http://127.0.0.1:1/{host}"),
        format!("{origin}\r\nHost: evil.example"),
        "https://xn--snopac-3ve.example/".to_owned(),
    ] {
        bank.control("switch", &json!({ "card_pay_url": link }));
        window.press("500");
        window.press(F3);
        window.see("[data-why]");
        let shown = window
            .run("return document.querySelectorAll('[data-link], [data-qr], a[href]').length;", &json!([]));
        assert_eq!(shown, 0, "{link}");
        // nor does the program open it for whoever asks it to
        let opened = window.ask(
            "const [done] = arguments;
            const invoke = window.__TAURI_INTERNALS__.invoke;
            const payment = document.querySelector('[data-recent]').dataset.recent;
            invoke('open_link', { payment }).then(() => done('opened'), (why) => done(why.code));",
            &json!([]),
        );
        assert_eq!(opened, "link-refused", "{link}");
        assert!(!window.text().contains("evil"), "{link}: {}", window.text());
        window.press(ESCAPE);
        window.see("#amount");
    }
}

/// F24: what anybody posts to the return address only ever makes us ask.
#[test]
fn f24_a_forged_return_changes_nothing() {
    let (bank, shop, window) = open();
    // from here on only what is brought can make money known
    bank.control("fault", &json!({ "kind": "drop-before", "match": "OrderQuery", "count": 10_000 }));
    window.press("600");
    window.press(F3);
    window.see("[data-link]");
    let other = customer::pay_by_card(&window.attribute("[data-link]", "data-link"));
    window.press("500");
    window.press(F3);
    window.count("[data-recent]", 2);
    window.see("[data-link]");
    let link = window.attribute("[data-link]", "data-link");
    // the way back as the bank's own page has it
    let form = customer::decline_card(&link);
    let (shop_no, to) = (form.fields["ShopNo"].as_str(), form.action.as_str());
    let asked = |bank: &Bank| -> usize {
        let calls = bank.control("calls", &json!({ "service": "OrderPayQuery" }));
        calls["calls"].as_array().or(calls.as_array()).expect("a list").len()
    };
    let before = asked(&bank);
    for n in 0..2 {
        let forged = format!("FORGED0000000000{n}");
        // asked about once, however often it is brought
        for _ in 0..100 {
            http::post_form(to, [("ShopNo", shop_no), ("PayToken", &forged)]);
        }
        // none of these causes a poll: too short, another shop, no form, another path
        http::post_form(to, [("ShopNo", shop_no), ("PayToken", "x")]);
        http::post_form(to, [("ShopNo", "NA0249_002"), ("PayToken", &forged.replace("FORGED", "OTHERS"))]);
        http::get(to);
        http::post_json(to, &json!({ "PayToken": forged }));
        http::post_form(&format!("{to}x"), [("ShopNo", shop_no), ("PayToken", &forged)]);
    }
    let host = to.trim_start_matches("http://").split('/').next().expect("a host");
    let path = to.trim_start_matches("http://").trim_start_matches(host);
    let fresh = format!("ShopNo={shop_no}&PayToken=STRANGE0000000000");
    let post = |host: &str, more: &str, body: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}");
        let form = "Content-Type: application/x-www-form-urlencoded";
        http::send(to, format!("{head}{form}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    };
    // a name that was turned to this computer, a page from elsewhere, ten megabytes, and one that
    // never ends
    for (host, more, body) in [
        ("evil.example", "", fresh.clone()),
        (host, "Origin: https://evil.example\r\n", fresh.clone()),
        (host, "", fresh.clone() + &"x".repeat(10_000_000)),
    ] {
        let answer = post(host, more, &body);
        assert!(
            answer.as_ref().is_none_or(|said| (400..500).contains(&said.status)),
            "{host} {more}: {answer:?}"
        );
    }
    let _slow = std::net::TcpStream::connect(host).expect("the door");
    // a token that is true, of another order
    http::post_form(to, [("ShopNo", shop_no), ("PayToken", &other.fields["PayToken"])]);
    let found = shop.run(&["orders", "list"]);
    for order in found.said["orders"].as_array().expect("both") {
        assert_eq!(order["payments"][0]["state"], "awaiting", "{order}");
    }
    // tokens are asked about in their order: once the bank's own is through, the others are too
    customer::pay_by_card(&link).send(&[]);
    window.shows("[data-banner=paid]", &["500", "依付款結果代碼查詢"]);
    assert_eq!(asked(&bank) - before, 4, "one question for each well-formed token, no more");
    window.newest_order();
    window.see("[data-slip] [data-entry]");
    let states = window.run(
        "return [...document.querySelectorAll('[data-slip] [data-state]')].map((tag) => tag.dataset.state);",
        &json!([]),
    );
    assert_eq!(states[0], "paid", "{states}");
    assert_eq!(shop.run(&["orders", "search", "600"]).said["orders"][0]["payments"][0]["state"], "awaiting");
}
