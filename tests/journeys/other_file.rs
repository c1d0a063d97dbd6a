//! A data file that is not the one that this computer had last: put back from a copy, or a copy
//! that sold on. Each program tells it, until an owner accepts it.

use std::fs;

use counterfoil_tests::outside::programs::{Bank, Shop};
use serde_json::{Value, json};

use crate::foreign::{copy, folder, put_back, sell, with_copy};

/// What `coverage` says of the file, at each bank.
fn alarms(shop: &Shop) -> Vec<(String, String)> {
    let said = shop.run(&["coverage"]).said;
    let text = |alarm: &Value, name: &str| alarm[name].as_str().unwrap_or_default().to_owned();
    let alarms = said["alarms"].as_array().unwrap_or_else(|| panic!("{said}"));
    let of_files = alarms.iter().filter(|alarm| text(alarm, "kind").ends_with("-file"));
    of_files.map(|alarm| (text(alarm, "bank"), text(alarm, "kind"))).collect()
}

fn at_both(kind: &str) -> Vec<(String, String)> {
    ["sinopac", "ctbc"].map(|bank| (bank.to_owned(), kind.to_owned())).into()
}

fn work(shop: &Shop) -> Value {
    let worked = shop.run(&["work", "--until-idle"]);
    assert_eq!(worked.status, 0, "{worked:?}");
    worked.said
}

#[test]
fn a_file_put_back_is_told_before_and_after_it_is_opened_until_it_is_accepted() {
    let bank = Bank::open();
    let (shop, kept) = with_copy(&bank);
    sell(&shop, "700");
    assert_eq!((alarms(&shop), &work(&shop)["file"]), (vec![], &Value::Null));
    put_back(&kept, &shop);

    assert_eq!(alarms(&shop), at_both("older-file"), "no program has written in it yet");
    let told = work(&shop)["file"].clone();
    assert_eq!(told["kind"], "older-file");
    // the time of which it knows nothing
    assert!(told["from"].as_str() <= told["to"].as_str(), "{told}");
    // the head of this file is in the vault by now, and ends nothing
    sell(&shop, "20");
    assert_eq!(alarms(&shop), at_both("older-file"));
    assert_eq!(work(&shop)["file"], told);
    assert_eq!(shop.run(&["audit", "accept"]).status, 0);
    assert_eq!((alarms(&shop), &work(&shop)["file"]), (vec![], &Value::Null));
}

#[test]
fn a_copy_that_sold_on_is_told_in_both_folders() {
    let bank = Bank::open();
    let (shop, kept) = with_copy(&bank);
    let there = shop.elsewhere(kept.path().to_owned());
    let lost = sell(&there, "700")["bank_order_no"].clone();
    sell(&there, "30");
    bank.control("pay", &json!({ "order": lost }));
    assert_eq!(alarms(&there), []);

    // the first one lacks what the other has, and the other now lacks what the first has
    sell(&shop, "40");
    assert_eq!(alarms(&shop), at_both("older-file"));
    sell(&there, "50");
    assert_eq!(alarms(&there), at_both("other-file"));
    assert_eq!(work(&shop)["file"]["kind"], "older-file");
    let found = shop.run(&["orders", "search", "700"]).said;
    assert_eq!((&found["orders"][0]["foreign"], &found["orders"][0]["bank_order_no"]), (&json!(true), &lost));
}

/// Both programs run at once, each by the lock of its own folder: whoever keeps its head later
/// looks first at what is there.
#[test]
fn a_running_program_does_not_overwrite_the_head_of_its_copy_unseen() {
    let bank = Bank::open();
    let (shop, kept) = with_copy(&bank);
    let there = shop.elsewhere(kept.path().to_owned());
    // in the middle of a sale that the bank holds up
    bank.control("fault", &json!({ "kind": "hang:60", "match": "OrderCreate", "count": 1 }));
    let running = shop.start(&["sell", "--rail", "sinopac-account", "--amount", "77"]);
    let arrived = |_: &usize| {
        let calls = bank.control("calls", &json!({ "service": "OrderCreate" }));
        calls["calls"].as_array().is_some_and(|calls| calls.len() > 1)
    };
    assert!((0..100_000).find(arrived).is_some(), "the sale went out");
    sell(&there, "700");
    running.ended();
    assert_eq!(alarms(&shop), at_both("other-file"));
}

#[test]
fn the_file_of_another_shop_is_told() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    let place = tempfile::tempdir().unwrap();
    let second = shop.elsewhere(place.path().join("shop"));
    let mut file = bank.shop_file();
    file["name"] = "second".into();
    assert_eq!(second.add_file(&file).status, 0);
    sell(&second, "20");
    fs::remove_dir_all(folder(&shop)).unwrap();
    copy(folder(&second), folder(&shop));
    assert_eq!(alarms(&shop), at_both("other-file"));
    assert_eq!(work(&shop)["file"]["kind"], "other-file");
    assert_eq!(alarms(&shop), at_both("other-file"), "and it stays");
}

/// Where nothing is kept any more, nothing tells that the file is not an older one.
#[test]
fn a_file_whose_key_is_lost_counts_as_older() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    fs::remove_file(shop.folder().join("keys")).unwrap();
    let mut file = bank.shop_file();
    file["name"] = "practice".into();
    let place = tempfile::tempdir().unwrap();
    let other = shop.elsewhere(place.path().join("shop"));
    // the keys of the bank come back, those of the record do not
    assert_eq!(other.add_file(&bank.shop_file()).status, 0);
    sell(&shop, "20");
    let told = alarms(&shop);
    assert!(told == at_both("older-file") || told == at_both("other-file"), "{told:?}");
    assert_eq!(shop.run(&["audit", "accept"]).status, 0);
    assert_eq!(alarms(&shop), []);
}
