//! A page of the data file that has gone bad, while nothing needs it: a start is not held up by a
//! look at every page, and a shop that runs finds it.

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil_tests::outside::programs::{Bank, Shop};
use rusqlite::Connection;
use serde_json::json;

use crate::foreign::sell;

/// No sale and no start asks this table.
const UNTOUCHED: &str = "refunds_unbooked";

fn data_file(shop: &Shop) -> PathBuf {
    Path::new(shop.options()[1]).join("counterfoil.db")
}

/// Overwrites a page, and returns what the file was before.
fn harm(file: &Path) -> Vec<u8> {
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let root = |conn: &Connection| conn.query_row(root, [UNTOUCHED], |row| row.get::<_, i64>(0));
    let root = usize::try_from(root(&Connection::open(file).unwrap()).unwrap()).unwrap();
    let before = fs::read(file).unwrap();
    let mut bytes = before.clone();
    bytes[(root - 1) * 4096..root * 4096].fill(0xA5);
    fs::write(file, bytes).unwrap();
    before
}

#[test]
fn a_bad_page_that_nothing_needs_is_found_by_a_shop_that_runs_and_then_nothing_is_sold() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    harm(&data_file(&shop));
    // a sale touches other pages, and is not held up
    sell(&shop, "20");
    let ended = shop.run(&["work", "--for", "600"]);
    assert_eq!((ended.status, &ended.said["error"]["code"]), (6, &json!("file-damaged")), "{ended:?}");
    for words in [&["sell", "--rail", "sinopac-account", "--amount", "30"][..], &["work", "--until-idle"]] {
        let refused = shop.run(words);
        assert_eq!(
            (refused.status, &refused.said["error"]["code"]),
            (6, &json!("file-damaged")),
            "{refused:?}"
        );
    }
    assert_eq!(bank.books(), 2);
    // what is there can be looked at
    let listed = shop.run(&["orders", "list"]);
    assert_eq!(listed.said["orders"].as_array().map(Vec::len), Some(2), "{listed:?}");
}

#[test]
fn check_reads_every_page_and_a_sound_file_is_used_again() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    let sound = shop.run(&["check"]);
    assert_eq!((sound.status, &sound.said), (0, &json!({ "ok": true })));
    let good = harm(&data_file(&shop));
    let damaged = shop.run(&["check"]);
    assert_eq!((damaged.status, &damaged.said["error"]["code"]), (6, &json!("file-damaged")), "{damaged:?}");
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 6);
    fs::write(data_file(&shop), good).unwrap();
    sell(&shop, "20");
    assert_eq!(shop.run(&["check"]).status, 0);
    assert_eq!(bank.books(), 2);
}
