//! The ways through the screens, each with a shop and a window of its own.

use counterfoil_tests::outside::browser::Browser;
use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, DELETE, DOWN, ENTER, ESCAPE, F2, F3, F4, TAB};
use serde_json::json;

use crate::album::Album;
use crate::mishaps::mishaps;
use crate::refunds::{alone, batch, refunds};

/// A name, and the way that is walked.
type Walk = (&'static str, fn(&Album));

/// All of them, by name.
pub(crate) const ALL: [Walk; 11] = [
    ("counter", counter),
    ("people", people),
    ("trouble", trouble),
    ("orders", orders),
    ("refunds", refunds),
    ("batch", batch),
    ("alone", alone),
    ("settings", settings),
    ("demo", demo),
    ("beginnings", beginnings),
    ("mishaps", mishaps),
];

/// What a clerk sees all day.
fn counter(album: &Album) {
    let (bank, browser) = (Bank::open(), Browser::new());
    let shop = Shop::add(&bank);
    let window = album.open(&shop.options(), &[("PATH", &browser.path())]);
    let save = |name: &str| album.save(&window, name);
    save("counter-empty");
    window.press("12600");
    window.press(TAB);
    window.press("王小姐 5821");
    window.press(TAB);
    window.press("團購 烏龍");
    save("counter-amount");
    window.press(F2);
    window.see("[data-account]");
    save("account");
    window.press("m");
    window.see(".copied");
    save("account-copied");
    window.press(DELETE);
    window.see("[data-doubt]");
    save("account-cancel");
    window.press(ESCAPE);
    bank.pay_all();
    window.see("[data-banner=paid]");
    save("account-paid");
    seen(&window);
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    save("card-link");
    customer::pay_by_card(&window.attribute("[data-link]", "data-link")).send(&[]);
    window.see("[data-banner=paid]");
    save("card-paid");
    seen(&window);
    window.press("1250");
    window.press(F4);
    let page = browser.address();
    window.see("[data-page]");
    save("card-page");
    customer::pay_at_ctbc(&customer::card_page(&page)).send(&[]);
    window.see("[data-banner=paid]");
    save("card-page-paid");
    seen(&window);
    window.press("300000");
    window.see("[data-method=sinopac-account] .over");
    save("over-the-limit");
    window.press(ESCAPE);
    window.press("?");
    window.see("[data-keys]");
    save("keys");
}

/// Who works here: the first owner, the lock, switching person, and the record of it.
fn people(album: &Album) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = album.open(&shop.options(), &[]);
    let save = |name: &str| album.save(&window, name);
    save("owner-offer");
    window.press_with(ALT, "o");
    window.see("#person_name:focus");
    window.press("吳明哲");
    window.press(TAB);
    window.press("27495810");
    window.press(ENTER);
    window.press("2749");
    save("owner-first");
    window.press("5810");
    window.press(ENTER);
    window.see("[data-lock] [data-pin='0']");
    let sign_in = |pin: &str| {
        window.see("[data-pin='0']");
        window.press(pin);
        window.press(ENTER);
        window.see("[data-signed-in]");
    };
    sign_in("27495810");
    window.press("gp");
    let add = |name: &str, downs: &str, pin: &str| {
        window.press("n");
        window.see("#person_name:focus");
        window.press(name);
        window.press(TAB);
        window.press(downs);
        window.press(TAB);
        window.see("#new_pin:focus");
        window.press(pin);
        window.press(ENTER);
        window.press(pin);
        window.press(ENTER);
        window.see(&format!("[data-people] [data-person='{name}']"));
    };
    add("林家瑜", "", "860371");
    add("黃淑芬", DOWN, "951736");
    add("阿爾貝蒂娜歐陽夏侯上官諸葛司馬慕容雪", "", "860381");
    save("people");
    window.press("n");
    window.see("#person_name:focus");
    save("people-add");
    album.save_small(&window, "people-add", None);
    window.press(ESCAPE);
    window.press(DOWN);
    window.press("l");
    window.see("#ask_max:focus");
    window.press("5000");
    save("people-limits");
    album.save_small(&window, "people-limits", None);
    window.press(ENTER);
    window.see("[data-callout=done]");
    lock(album, &bank, &window);
}

/// A payment while the window is locked, another person, and the record of it all.
fn lock(album: &Album, bank: &Bank, window: &Window) {
    let save = |name: &str| album.save(window, name);
    window.press("gc");
    window.see("#amount:focus");
    window.press("4200");
    window.press(TAB);
    window.press("王小姐 5821");
    window.press(F2);
    window.see("[data-account]");
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    bank.pay_all();
    window.see("[data-arrived]");
    save("lock");
    album.save_small(window, "lock", None);
    window.press("2");
    window.see("[data-pin='0']");
    window.press("8603");
    save("lock-pin");
    window.press(ESCAPE);
    window.press("2");
    window.press("111111");
    window.press(ENTER);
    window.see("[data-wrong=pin]");
    save("lock-wrong");
    album.save_small(window, "lock-wrong", Some("pin"));
    window.press("860371");
    window.press(ENTER);
    window.see("[data-banner=paid]");
    save("signed-in");
    window.press(ENTER);
    window.newest_order();
    save("clerk-order");
    window.press_with(CONTROL, "l");
    window.see("[data-lock]");
    window.press("1");
    window.see("[data-pin='0']");
    window.press("27495810");
    window.press(ENTER);
    window.see("[data-signed-in]");
    window.newest_order();
    album.save_at(window, "order-names", Some("entry"));
    album.save_small(window, "order-names", Some("entry"));
    window.press("n");
    window.see("[data-correct]");
    save("order-correct");
    window.press(ESCAPE);
    window.press("e");
    window.see("[data-doubt-erase]");
    save("owner-erase");
    window.press("e");
    window.gone("[data-doubt-erase]");
    save("owner-erased");
    window.press("ga");
    window.see("[data-audit-row]");
    save("audit");
    window.press("f");
    window.see("[data-audit-filter]");
    window.press(ESCAPE);
    window.press("v");
    window.see("[data-callout=done]");
    save("audit-verified");
    window.press("gs");
    window.see("#lock_after_mins");
    album.save_at(window, "settings-people", Some("lock_after_mins"));
    album.save_at(window, "settings-retention", Some("customer_days"));
    album.save_small(window, "settings-retention", Some("customer_days"));
}

/// What may go wrong, and what still works.
fn trouble(album: &Album) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = album.open(&shop.options(), &[]);
    let save = |name: &str| album.save(&window, name);
    bank.control("fault", &json!({ "kind": "drop-after", "match": "OrderCreate", "count": 1 }));
    bank.control("fault", &json!({ "kind": "drop-before", "match": "OrderQuery", "count": 100_000 }));
    window.press("1500");
    window.press(F2);
    window.see("[data-why]");
    save("unclear");
    bank.control("faults", &json!({ "clear": true }));
    window.press(ESCAPE);
    bank.control("fault", &json!({ "kind": "code:E0102", "match": "OrderCreate", "count": 1 }));
    window.press("300");
    window.press(F3);
    window.see("[data-state=not-issued]");
    save("declined");
    window.press(ESCAPE);
    // a row of the bank's with another amount
    window.press("480");
    window.press(F2);
    window.see("[data-account]");
    let found = shop.run(&["orders", "search", "480"]);
    let number = found.said["orders"][0]["payments"][0]["bank_order_no"].clone();
    bank.control("plant", &json!({ "order": number, "amount": 481 }));
    window.newest_order();
    window.press("q");
    window.see("[data-discrepancy]");
    save("order-discrepancy");
    window.press("gc");
    window.press(ESCAPE);
    // so far off is believed at once
    bank.control("advance", &json!({ "seconds": 240 }));
    window.press("500");
    window.press(F2);
    window.see("[data-health=clock]");
    window.see("[data-account]");
    save("clock");
    window.press(ESCAPE);
    // and so far off only after minutes of answers that agree
    bank.control("advance", &json!({ "seconds": 7_200 }));
    window.press("520");
    window.press(F2);
    window.see("[data-health=clock-doubted]");
    window.see("[data-account]");
    save("clock-doubted");
    window.press(ESCAPE);
    bank.control("fault", &json!({ "kind": "drop-before", "match": "*", "count": 100_000 }));
    window.press("75");
    window.press(F2);
    window.see("[data-health=bank]");
    window.count("[data-recent] [data-state=not-issued]", 2);
    save("bank-away");
    drop(window);

    let [data, folder, vault, _] = shop.options();
    let elsewhere = format!("file:{}", shop.folder().join("no-keys").display());
    let window = album.open(&[data, folder, vault, &elsewhere], &[]);
    window.see("[data-health=paused]");
    album.save(&window, "paused");
    window.press("gs");
    window.see("#payee_name");
    album.save(&window, "paused-settings");
}

/// The list, its search and filters, and the slip of an order.
fn orders(album: &Album) {
    let (bank, browser) = (Bank::open(), Browser::new());
    let shop = Shop::add(&bank);
    let window = album.open(&shop.options(), &[("PATH", &browser.path())]);
    let save = |name: &str| album.save(&window, name);
    window.press("go");
    window.see("[data-empty]");
    save("orders-empty");
    window.press("gc");
    for (amount, name) in
        [("12600", "王小姐 5821"), ("1680", "禾日茶行股份有限公司台北營業處 陳先生 0912-345-678 分機 12")]
    {
        window.press(amount);
        window.press(TAB);
        window.press(name);
        window.press(F2);
        window.see("[data-account]");
        if amount == "12600" {
            bank.pay_all();
            window.see("[data-banner=paid]");
            seen(&window);
        }
        window.press(ESCAPE);
    }
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    window.press(ESCAPE);
    window.press("1250");
    window.press(F4);
    customer::pay_at_ctbc(&customer::card_page(&browser.address())).send(&[]);
    window.see("[data-banner=paid]");
    seen(&window);
    window.press("go");
    window.count("[data-held] [role=option]", 4);
    save("orders");
    window.newest_order();
    window.see("[data-card]");
    save("order-card");
    window.press(ESCAPE);
    window.press("/");
    window.see("#search:focus");
    window.press("1680");
    window.count("[data-held] [role=option]", 1);
    window.press(ENTER);
    window.see("[data-slip] [data-account]");
    save("order-account");
    window.press("e");
    window.see("[data-doubt-erase]");
    save("order-erase");
    window.press(&ESCAPE.repeat(2));
    window.press("/");
    window.see("#search:focus");
    window.press_with(CONTROL, "a");
    window.press("沒有這個人");
    window.see("[data-empty]");
    save("search-nothing");
    window.press(&ESCAPE.repeat(2));
    window.press("f");
    window.press(DOWN);
    window.see("[data-filter]");
    save("filter");
}

/// The contracts with both banks.
fn settings(album: &Album) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let window = album.open(&shop.options(), &[]);
    let save_at = |name: &str, field: &str| album.save_at(&window, name, Some(field));
    window.press("gs");
    window.see("#payee_name");
    album.save(&window, "settings");
    // a key of another shop, which the bank does not know: the wrong one is named
    let file = bank.shop_file();
    let key = |name: &str| file["sinopac"][name].as_str().expect("a key").to_owned();
    let wrong: String = key("a1").chars().rev().collect();
    let typed = [key("key_id"), wrong, key("a2"), key("b1"), key("b2")].join(TAB);
    window.press_with(ALT, "r");
    window.see("#key_id:focus");
    save_at("settings-keys", "key_id");
    window.press(&typed);
    window.press_with(CONTROL, ENTER);
    window.see("[data-reason], [data-wrong]");
    save_at("settings-wrong-key", "key_id");
    window.press(ESCAPE);
    save_at("settings-ctbc", "ctbc_mer_id");
    window.press_with(ALT, "m");
    window.see("#ctbc_mac_key:focus");
    save_at("settings-mac-key", "ctbc_mac_key");
    window.press(ESCAPE);
    save_at("settings-batch", "ctbc_start");
    window.run("document.querySelector('#payee_name').focus();", &json!([]));
    window.press("商行");
    window.see("[data-bar]:not(.kept)");
    save_at("settings-changed", "payee_name");
    album.save_small(&window, "settings-changed", Some("payee_name"));
}

/// The demo shop, with what comes late and what fails.
fn demo(album: &Album) {
    let (home, browser) = (tempfile::tempdir().expect("a folder"), Browser::new());
    let data = home.path().join("data");
    let window = album.open(&["--data", data.to_str().expect("a path")], &[("PATH", &browser.path())]);
    let save = |name: &str| album.save(&window, name);
    save("demo");
    window.press("1280");
    window.press(F2);
    window.see("[data-account]");
    window.press_with(ALT, "1");
    window.see("[data-banner=paid]");
    save("demo-paid");
    seen(&window);
    window.press("860");
    window.press(F3);
    window.see("[data-link]");
    window.press_with(ALT, "3");
    window.see("[data-state=expired]");
    save("demo-expired");
    window.press_with(ALT, "1");
    window.see("[data-banner=paid-late]");
    save("demo-paid-late");
    seen(&window);
    window.press("1250");
    window.press(F4);
    customer::card_page(&browser.address()).send(&[]);
    window.see("[data-page]");
    window.press_with(ALT, "2");
    window.see("[data-demo-told]:not(.refused)");
    window.press_with(ALT, "3");
    window.see("[data-banner=failed]");
    save("demo-failed");
    seen(&window);
    window.press("gs");
    window.see("#payee_name");
    save("demo-settings");
    window.press_with(ALT, "n");
    window.see("[data-add]");
    save("add-shop");
}

/// A shop with one bank, which the other one may join.
fn beginnings(album: &Album) {
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().expect("a folder"));
    let mut file = bank.shop_file();
    file.as_object_mut().expect("a shop").remove("ctbc");
    let added = shop.add_file(&file);
    assert_eq!(added.status, 0, "{added:?}");
    let window = album.open(&shop.options(), &[]);
    album.save(&window, "one-bank");
    window.press("gs");
    window.see("#payee_name");
    window.press_with(ALT, "b");
    window.see("[data-add]");
    album.save(&window, "join-ctbc");
}

/// Acknowledges the banner.
fn seen(window: &Window) {
    window.press_with(ALT, ENTER);
    window.gone("[data-banner]");
}
