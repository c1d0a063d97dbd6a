//! What an error of the data file says of a sale is true: whether anything was sent, and whether
//! the sale is in the file.

use std::collections::BTreeSet;
use std::path::Path;

use counterfoil_tests::outside::programs::{Bank, Shop};
use rusqlite::Connection;
use serde_json::json;

use crate::foreign::sell;

/// Steps by which the disk grows; a sale writes some 200 kB.
const STEP: u64 = 24 * 1024;

#[test]
fn whatever_a_full_disk_stops_what_is_said_of_the_sale_is_true() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    let sent =
        || bank.control("calls", &json!({ "service": "OrderCreate" }))["calls"].as_array().unwrap().len();
    let mut told = BTreeSet::new();
    for step in 1..40 {
        let (before, amount) = (sent(), (1_000 + step).to_string());
        let words = ["sell", "--rail", "sinopac-account", "--amount", &amount];
        let ended = shop.run_on_a_full_disk(step * STEP, &words);
        if ended.status == 0 {
            break;
        }
        let error = &ended.said["error"];
        assert_eq!((ended.status, &error["code"]), (6, &json!("disk-full")), "{ended:?}");
        let [left, stays] = ["sent", "stays"].map(|name| error["values"][name].clone());
        let message = error["message"].as_str().unwrap();
        let nothing = message.contains("Nothing was sent");
        let found = shop.run(&["orders", "search", &amount]).said["orders"].as_array().unwrap().len();
        if left == "no" {
            assert_eq!((sent(), stays == json!(true)), (before, found == 1), "{step}: {ended:?}");
            assert_eq!(nothing, found == 0, "{message}");
        } else {
            assert_eq!(
                (&left, &stays, found, nothing),
                (&json!("maybe"), &json!(true), 1, false),
                "{ended:?}"
            );
        }
        // what is not there is not sent later either
        shop.run(&["work", "--until-idle"]);
        assert!(found == 1 || sent() == before, "{step}: {ended:?}");
        told.insert((left.to_string(), stays.to_string()));
    }
    assert!(told.contains(&("\"no\"".to_owned(), "false".to_owned())), "{told:?}");
    assert!(told.contains(&("\"maybe\"".to_owned(), "true".to_owned())), "{told:?}");
}

#[test]
fn another_program_that_holds_the_file_is_named_and_nothing_was_sent() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    sell(&shop, "10");
    let other = Connection::open(Path::new(shop.options()[1]).join("counterfoil.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = shop.run(&["sell", "--rail", "sinopac-account", "--amount", "77"]);
    let error = &ended.said["error"];
    assert_eq!((ended.status, &error["code"]), (6, &json!("file-locked")), "{ended:?}");
    assert_eq!((&error["values"]["sent"], &error["values"]["stays"]), (&json!("no"), &json!(false)));
    assert!(error["message"].as_str().unwrap().contains("Another program"), "{error}");
    assert_eq!(bank.books(), 1);
    drop(other);
    sell(&shop, "77");
}

/// Of every command that may send to a bank, an error before the shop is open.
#[test]
fn whatever_cannot_open_the_file_says_that_it_has_sent_nothing() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let payment = sell(&shop, "10")["payment"].as_str().unwrap().to_owned();
    let data = Path::new(shop.options()[1]).join("counterfoil.db");
    std::fs::rename(&data, data.with_extension("away")).unwrap();
    let refund = "019a0000-0000-7000-8000-000000000000";
    let commands: [&[&str]; 9] = [
        &["sell", "--rail", "sinopac-card", "--amount", "5"],
        &["cancel", &payment],
        &["watch", &payment, "--for", "1"],
        &["refund", "request", &payment, "--amount", "5", "--reason", "returned"],
        &["refund", "approve", refund],
        &["refund", "withdraw", refund],
        &["refund", "decide", refund, "--keep-asking"],
        &["work", "--until-idle"],
        &["sweep", "--from", "2026-11-22T10:00:00+08:00", "--to", "2026-11-22T11:00:00+08:00"],
    ];
    for words in commands {
        let ended = shop.run(words);
        let error = &ended.said["error"];
        assert_eq!((ended.status, &error["code"]), (6, &json!("file-missing")), "{words:?} {ended:?}");
        let values = &error["values"];
        assert_eq!((&values["sent"], &values["stays"]), (&json!("no"), &json!(false)), "{words:?}");
    }
    // another program holds it while the shop opens
    std::fs::rename(data.with_extension("away"), &data).unwrap();
    let other = Connection::open(&data).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = shop.run(commands[3]);
    let error = &ended.said["error"];
    assert_eq!(
        (&error["code"], &error["values"]["sent"]),
        (&json!("file-locked"), &json!("no")),
        "{ended:?}"
    );
    assert!(error["message"].as_str().unwrap().contains("Nothing was sent"), "{error}");
}
