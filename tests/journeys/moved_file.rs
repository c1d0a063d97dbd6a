//! A data file that is deleted, renamed or replaced while a program has it open: nothing more is
//! sent, and what was open is found beside it.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil_tests::outside::programs::{Bank, Shop};
use serde_json::{Value, json};

use crate::foreign::{copy, sell};

fn data_file(shop: &Shop) -> PathBuf {
    Path::new(shop.options()[1]).join("counterfoil.db")
}

/// Waits until the bank has been asked so often for this.
fn asked(bank: &Bank, service: &str, times: usize) {
    let calls = || bank.control("calls", &json!({ "service": service }));
    let arrived = |_: &usize| calls()["calls"].as_array().is_some_and(|calls| calls.len() >= times);
    assert!((0..100_000).find(arrived).is_some(), "{service}");
}

/// Sells, has the file moved while the bank holds the request, and gives what the sale ended with.
fn moved(hand: impl FnOnce(&Path)) -> (Bank, Shop, Value) {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    bank.control("fault", &json!({ "kind": "hang:5", "match": "OrderCreate", "count": 1 }));
    let running = shop.start(&["sell", "--rail", "sinopac-account", "--amount", "77"]);
    asked(&bank, "OrderCreate", 2);
    hand(&data_file(&shop));
    let ended = running.ended();
    let error = ended.said["error"].clone();
    assert_eq!((ended.status, &error["code"]), (6, &json!("file-moved")), "{ended:?}");
    assert_eq!(
        (&error["values"]["sent"], &error["values"]["stays"]),
        (&json!("maybe"), &json!(true)),
        "{ended:?}"
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("可能已經送到銀行") && !message.contains("Nothing was sent"), "{message}");
    let rescued = error["values"]["path"].clone();
    (bank, shop, rescued)
}

/// What was rescued takes the place of the file, and knows of the sale.
fn put_back(bank: &Bank, shop: &Shop, rescued: &Value) {
    let rescued = Path::new(rescued.as_str().unwrap());
    assert!(rescued.file_name().unwrap().to_str().unwrap().starts_with("counterfoil-rescued-"));
    assert_eq!(fs::metadata(rescued).unwrap().permissions_of_owner(), 0o600);
    fs::rename(rescued, data_file(shop)).unwrap();
    let listed = shop.run(&["orders", "search", "77"]).said;
    assert_eq!(listed["orders"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(shop.run(&["audit", "verify"]).status, 0);
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    let coverage = shop.run(&["coverage"]).said;
    assert!(!coverage["alarms"].to_string().contains("-file"), "{coverage}");
    assert_eq!(bank.books(), 2);
}

trait OfOwner {
    fn permissions_of_owner(&self) -> u32;
}

impl OfOwner for fs::Metadata {
    fn permissions_of_owner(&self) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&self.permissions()) & 0o777
    }
}

#[test]
fn a_file_deleted_in_the_middle_of_a_sale_is_rescued_with_it() {
    let (bank, shop, rescued) = moved(|file| fs::remove_file(file).unwrap());
    let gone = shop.run(&["orders", "list"]);
    assert_eq!((gone.status, &gone.said["error"]["code"]), (6, &json!("file-missing")));
    put_back(&bank, &shop, &rescued);
}

#[test]
fn a_folder_renamed_in_the_middle_of_a_sale_is_rescued_beside_it() {
    let (bank, shop, rescued) = moved(|file| {
        let folder = file.parent().unwrap();
        fs::rename(folder, folder.with_extension("away")).unwrap();
    });
    let folder = data_file(&shop).parent().unwrap().to_owned();
    fs::rename(folder.with_extension("away"), &folder).unwrap();
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(folder.join(format!("counterfoil.db{end}"))));
    }
    put_back(&bank, &shop, &rescued);
}

#[test]
fn an_older_file_put_in_the_place_of_the_open_one_is_told_twice() {
    let (_bank, shop, _) = moved(|file| {
        let older = file.with_file_name("older.db");
        fs::copy(file, &older).unwrap();
        fs::rename(older, file).unwrap();
    });
    // the next program takes the file that is there, and says that it is older
    assert_eq!(shop.run(&["work", "--until-idle"]).said["file"]["kind"], "older-file");
}

/// A program that waits notices it by itself, and sends nothing more.
#[test]
fn a_file_replaced_under_a_program_that_waits_stops_it() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    let kept = tempfile::tempdir().unwrap();
    copy(data_file(&shop).parent().unwrap(), kept.path());
    let running = shop.start(&["work", "--for", "60"]);
    asked(&bank, "OrderQuery", 1);
    fs::rename(kept.path().join("counterfoil.db"), data_file(&shop)).unwrap();
    let ended = running.ended();
    assert_eq!((ended.status, &ended.said["error"]["code"]), (6, &json!("file-moved")), "{ended:?}");
}

/// Without its lock another program would write beside it, and say that it has ended.
#[test]
fn a_program_whose_lock_is_taken_away_stops() {
    let (bank, shop, rescued) =
        moved(|file| fs::remove_file(file.with_file_name("counterfoil.lock")).unwrap());
    assert!(Path::new(rescued.as_str().unwrap()).exists());
    let listed = shop.run(&["orders", "search", "77"]).said;
    assert_eq!(listed["orders"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    assert_eq!(bank.books(), 2);
}
