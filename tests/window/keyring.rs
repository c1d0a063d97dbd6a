//! F27 in the window: keys that cannot be had pause the counter, the window says why and the way
//! out, and nothing is kept elsewhere.

#[cfg(target_os = "linux")]
use counterfoil_tests::outside::keyring::Keyring;
use counterfoil_tests::outside::programs::{Bank, Shop};
use counterfoil_tests::outside::window::Window;
use counterfoil_tests::outside::window::keys::{ALT, CONTROL, ENTER, ESCAPE, F2, TAB};
#[cfg(target_os = "linux")]
use counterfoil_tests::outside::window::keys::{DELETE, F5};
use serde_json::Value;
#[cfg(target_os = "linux")]
use serde_json::json;

/// A key as the bank gave it out.
fn key(file: &Value, bank: &str, name: &str) -> String {
    file.pointer(&format!("/{bank}/{name}")).and_then(Value::as_str).expect("a key").to_owned()
}

/// Opens the fields for SinoPac's keys.
fn replace_keys(window: &Window) {
    window.press("gs");
    window.see("#payee_name");
    window.press_with(ALT, "r");
    window.see("#key_id:focus");
}

/// Types all of them and sends them.
fn send_keys(window: &Window, file: &Value) {
    window.press(&["key_id", "a1", "a2", "b1", "b2"].map(|name| key(file, "sinopac", name)).join(TAB));
    window.press_with(CONTROL, ENTER);
}

#[cfg(target_os = "linux")]
fn sell(window: &Window) {
    window.press("gc");
    window.see("#amount");
    window.press("500");
    window.press(F2);
    window.see("[data-account]");
}

/// A shop with its keys in the system's own keyring.
#[cfg(target_os = "linux")]
fn shop_in(keyring: &Keyring, file: &Value) -> Shop {
    let shop = Shop::in_keyring(keyring);
    assert_eq!(shop.add_file(file).status, 0);
    shop
}

#[cfg(target_os = "linux")]
fn open(shop: &Shop, keyring: &Keyring) -> Window {
    let environment: Vec<(&str, &str)> =
        keyring.environment().iter().map(|(name, path)| (*name, path.to_str().expect("a path"))).collect();
    Window::open(&shop.options(), &environment)
}

/// What lies beside the data is the shop file that was handed in.
#[cfg(target_os = "linux")]
fn assert_nothing_fell_back(shop: &Shop) {
    let beside: Vec<_> =
        std::fs::read_dir(shop.folder()).expect("it is there").flatten().map(|e| e.file_name()).collect();
    assert!(beside.iter().all(|name| name == "shop" || name == "shop.json"), "{beside:?}");
}

/// The name of an entry of the shop that every bank here knows.
#[cfg(target_os = "linux")]
fn entry(file: &Value, name: &str) -> String {
    format!("demo custom {}/sinopac.{name}", key(file, "sinopac", "shop_no"))
}

/// The way out is on the settings screen, by keyboard.
#[test]
fn f27_keys_that_are_gone_pause_the_counter_and_are_typed_anew() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let [data, folder, vault, _] = shop.options();
    let elsewhere = format!("file:{}", shop.folder().join("no-keys").display());
    let window = Window::open(&[data, folder, vault, &elsewhere], &[]);
    window.shows("[data-health=paused]", &["金鑰"]);
    window.see("#amount");
    window.press("500");
    window.press(F2);
    window.see("#amount-note[role=alert]");
    window.holds("#amount", "500");
    assert_eq!(bank.books(), 0);
    // the keys of both banks, as the bank gave them out
    let file = bank.shop_file();
    replace_keys(&window);
    send_keys(&window, &file);
    window.read("新金鑰檢查通過");
    window.see("[data-shut=ctbc-vault-missing]");
    window.press_with(ALT, "m");
    window.see("#ctbc_mac_key:focus");
    window.press(&key(&file, "ctbc", "mac_key"));
    window.press_with(CONTROL, ENTER);
    window.gone("[data-health=shut]");
    window.press(ESCAPE);
    window.press("gc");
    window.press(F2);
    window.see("[data-account]");
    assert_eq!(bank.books(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn f27_a_locked_keyring_pauses_the_counter_until_it_is_open() {
    let (bank, mut keyring) = (Bank::open(), Keyring::open());
    let shop = shop_in(&keyring, &bank.shop_file());
    keyring.lock();
    let window = open(&shop, &keyring);
    // with a display the keyring prompts, and no person answers
    window.shows("[data-health=paused]", &["鑰匙圈", "解鎖", "仍可查看"]);
    assert_nothing_fell_back(&shop);
    // the session ends with its bus, and the next one begins signed in
    drop(window);
    keyring.sign_in_again();
    let window = open(&shop, &keyring);
    window.see("#amount");
    window.gone("[data-health=paused]");
    sell(&window);
}

/// A person who dismisses the keyring's prompt sees it again only on demand.
#[cfg(target_os = "linux")]
#[test]
fn f27_a_dismissed_question_pauses_the_counter_and_is_asked_again_on_demand_only() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let shop = shop_in(&keyring, &bank.shop_file());
    let person = keyring.dismissing();
    keyring.lock();
    let window = open(&shop, &keyring);
    window.shows("[data-paused=vault-denied]", &["拒絕", "同意", "仍可查看"]);
    let before = person.dismissed();
    assert!(before >= 1, "the keyring has asked");
    window.see("#amount");
    window.press("500");
    window.press(F2);
    window.see("#amount-note[role=alert]");
    window.holds("#amount", "500");
    assert_eq!((bank.books(), person.dismissed()), (0, before));
    assert_nothing_fell_back(&shop);
    window.press(F5);
    person.dismisses(before + 1);
    // the recomposed shop is as paused as before
    window.ask(
        "const [done] = arguments; window.__TAURI_INTERNALS__.invoke('shop').then(() => done(null));",
        &json!([]),
    );
    window.press("0");
    window.gone("#amount-note[role=alert]");
    window.press(F2);
    window.see("#amount-note[role=alert]");
    window.see("[data-paused=vault-denied]");
    assert_eq!((bank.books(), person.dismissed()), (0, before + 1));
}

/// An entry is gone from the system's own keyring; and what cannot be written to it leaves the old
/// keys, and no file.
#[cfg(target_os = "linux")]
#[test]
fn f27_what_the_keyring_does_not_take_is_said_and_the_shop_goes_on() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let file = bank.shop_file();
    let shop = shop_in(&keyring, &file);
    keyring.forget(&entry(&file, "b1"));
    let window = open(&shop, &keyring);
    window.shows("[data-shut=vault-missing]", &["sinopac.b1", "其他銀行照常"]);
    replace_keys(&window);
    send_keys(&window, &file);
    window.read("新金鑰檢查通過");
    window.gone("[data-health=shut]");
    window.press(ESCAPE);
    keyring.lock();
    replace_keys(&window);
    send_keys(&window, &file);
    window.shows(".told [data-callout=failed]", &["鑰匙圈", "解鎖"]);
    assert_nothing_fell_back(&shop);
    // with the keys that it has
    window.press(&ESCAPE.repeat(2));
    sell(&window);
}

/// An older program of Windows wrote the entry as UTF-16; and a text that is too long for any
/// keyring is no key of a bank.
#[cfg(target_os = "linux")]
#[test]
fn f27_an_entry_of_an_older_program_and_one_that_is_too_long_are_named() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let file = bank.shop_file();
    let shop = shop_in(&keyring, &file);
    let older: Vec<u8> = key(&file, "sinopac", "a1").encode_utf16().flat_map(u16::to_le_bytes).collect();
    keyring.overwrite(&entry(&file, "a1"), &older);
    let window = open(&shop, &keyring);
    window.shows("[data-shut=vault-unreadable]", &["sinopac.a1", "更換金鑰"]);
    let asked = |service: &str| bank.control("calls", &json!({ "service": service }));
    let before = asked("Nonce");
    replace_keys(&window);
    // pasted
    let paste = "document.execCommand('insertText', false, arguments[0]);";
    window.run(paste, &json!(["7".repeat(2_561)]));
    window.press_with(CONTROL, ENTER);
    window.see("[data-wrong=key_id]");
    window.see("#key_id:focus");
    assert_eq!(asked("Nonce"), before, "nobody was asked about it");
    window.press_with(CONTROL, "a");
    window.press(DELETE);
    send_keys(&window, &file);
    window.read("新金鑰檢查通過");
    window.gone("[data-health=shut]");
    assert_nothing_fell_back(&shop);
    window.press(ESCAPE);
    sell(&window);
}
