//! Keys in the real Secret Service (fault F27), by the command line and directly. Each test has a
//! bus and a keyring of its own.

use std::process::Command;
use std::time::Duration;

use counterfoil_engine::ports::{KeyringFault, Vault, VaultError};
use counterfoil_tests::outside::keyring::Keyring;
use counterfoil_tests::outside::programs::{Bank, Ended, Shop};
use counterfoil_vault::OsVault;
use secrecy::ExposeSecret;
use serde_json::Value;

const SALE: [&str; 5] = ["sell", "--rail", "sinopac-account", "--amount", "300"];
const CHECK: [&str; 3] = ["shop", "check", "demo"];

fn code(ended: &Ended) -> (i32, &str) {
    (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default())
}

fn add(shop: &Shop, file: &Value) {
    let added = shop.add_file(file);
    assert_eq!(added.status, 0, "{added:?}");
}

/// A keyring that fails is never replaced by a file: what lies beside the data is the shop file
/// that was handed in.
fn assert_nothing_fell_back(shop: &Shop) {
    let beside = std::fs::read_dir(shop.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let beside: Vec<_> = beside.filter(|name| name != "shop" && name != "shop.json").collect();
    assert!(beside.is_empty(), "{beside:?}");
}

#[test]
fn a_shop_is_added_checked_and_sells_with_its_keys_in_the_keyring() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let shop = Shop::in_keyring(&keyring);
    add(&shop, &bank.shop_file());
    let checked = shop.run(&CHECK);
    assert_eq!((checked.status, &checked.said["sinopac"]["verdict"]), (0, &"proved".into()));
    let sold = shop.run(&SALE);
    assert_eq!((sold.status, &sold.said["state"]), (0, &"awaiting".into()));
    bank.pay_all();
    let watched = shop.run(&["watch", sold.said["payment"].as_str().unwrap(), "--for", "60"]);
    assert_eq!((watched.status, &watched.said["state"]), (0, &"paid".into()));
    assert_nothing_fell_back(&shop);
}

#[test]
fn a_second_shop_of_the_same_name_does_not_take_the_place_of_the_first() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let first = Shop::in_keyring(&keyring);
    add(&first, &bank.shop_file());
    for (field, value) in [("shop_no", "NA9999_001"), ("environment", "sandbox")] {
        let mut file = bank.shop_file();
        file["sinopac"][field] = value.into();
        file["sinopac"]["a1"] = "0000000000000000".into();
        if field == "environment" {
            file["sinopac"].as_object_mut().unwrap().remove("base_url");
        }
        add(&Shop::in_keyring(&keyring), &file);
        let checked = first.run(&CHECK);
        assert_eq!(checked.status, 0, "{field}: {checked:?}");
    }
}

#[test]
fn f27_a_locked_keyring_pauses_selling_until_somebody_signs_in() {
    let (bank, mut keyring) = (Bank::open(), Keyring::open());
    let shop = Shop::in_keyring(&keyring);
    add(&shop, &bank.shop_file());
    keyring.lock();
    // it wants to ask for the password, and there is no screen to ask at
    for words in [&SALE[..], &CHECK[..]] {
        assert_eq!(code(&shop.run(words)), (5, "vault-denied"));
    }
    let fresh = Shop::in_keyring(&keyring);
    assert_eq!(code(&fresh.add_file(&bank.shop_file())), (5, "vault-denied"));
    assert_eq!(bank.books(), 0);
    // what needs no key goes on
    assert_eq!(shop.run(&["orders", "list"]).status, 0);
    assert_nothing_fell_back(&shop);
    keyring.sign_in_again();
    let sold = shop.run(&SALE);
    assert_eq!(sold.status, 0, "{sold:?}");
}

#[test]
fn f27_a_missing_key_is_named_and_shop_add_brings_it_back() {
    let (bank, keyring) = (Bank::open(), Keyring::open());
    let shop = Shop::in_keyring(&keyring);
    let file = bank.shop_file();
    add(&shop, &file);
    keyring.forget(&format!("demo custom {}/sinopac.b1", file["sinopac"]["shop_no"].as_str().unwrap()));
    let refused = shop.run(&SALE);
    assert_eq!(code(&refused), (5, "vault-missing"));
    assert_eq!(refused.said["error"]["values"]["name"], "sinopac.b1");
    assert_eq!(bank.books(), 0);
    // keys of another shop are not taken for it
    let mut other = file.clone();
    other["sinopac"]["shop_no"] = "NA9999_001".into();
    assert_eq!(code(&shop.add_file(&other)), (2, "shop-exists"));
    add(&shop, &file);
    assert_eq!(shop.run(&CHECK).status, 0);
    assert_eq!(code(&shop.add_file(&file)), (2, "shop-exists"), "nothing is missing any more");
    let audit = shop.run(&["audit", "verify"]);
    assert_eq!((audit.status, &audit.said["rows"]), (0, &2.into()), "added, and brought back");
}

#[test]
fn f27_without_a_keyring_nothing_is_kept() {
    let bank = Bank::open();
    for keyring in [Keyring::none(), Keyring::empty()] {
        let shop = Shop::in_keyring(&keyring);
        assert_eq!(code(&shop.add_file(&bank.shop_file())), (5, "vault-absent"));
        assert_eq!(code(&shop.run(&SALE)), (2, "no-shop"));
        assert_nothing_fell_back(&shop);
    }
}

/// Runs itself once more inside the session, because a program cannot change its own environment
/// safely.
#[test]
fn the_vault_keeps_replaces_and_forgets_in_the_real_keyring() {
    const INSIDE: &str = "COUNTERFOIL_TEST_INSIDE_KEYRING";
    if std::env::var_os(INSIDE).is_some() {
        return keep_replace_forget();
    }
    let keyring = Keyring::open();
    let mut again = Command::new(std::env::current_exe().unwrap());
    let name = "keyring::the_vault_keeps_replaces_and_forgets_in_the_real_keyring";
    again.args(["--exact", name, "--nocapture"]).env(INSIDE, "").envs(keyring.environment().iter().cloned());
    let done = again.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

fn keep_replace_forget() {
    let mut vault = OsVault::open(Duration::from_mins(1)).unwrap();
    let longest = "x".repeat(2_560);
    for secret in ["86D50DEF3EB7400E", "茶 \u{1f375}", "", &longest] {
        vault.set("茶行", "sinopac.a1", secret.into()).unwrap();
        vault.set("茶行", "sinopac.a2", "other".into()).unwrap();
        assert_eq!(vault.get("茶行", "sinopac.a1").unwrap().expose_secret(), secret);
    }
    let long = vault.set("茶行", "sinopac.a1", "x".repeat(2_561).into());
    assert!(matches!(long, Err(VaultError::Keyring(KeyringFault::TooLong { bytes_max: 2_560, .. }))));
    // another program that looks the entries up finds ours, and a new one of ours as well
    let again = OsVault::open(Duration::from_mins(1)).unwrap();
    assert_eq!(again.get("茶行", "sinopac.a1").unwrap().expose_secret(), longest);
    for _ in 0..2 {
        vault.delete("茶行", "sinopac.a1").unwrap();
        assert!(matches!(vault.get("茶行", "sinopac.a1"), Err(VaultError::Missing(_))));
    }
    assert_eq!(vault.get("茶行", "sinopac.a2").unwrap().expose_secret(), "other");
}
