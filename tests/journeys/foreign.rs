//! Real programs and a folder that was put back: the bank has money that the data file does not
//! know. A copy that sold on is the same seen from the other one.

use std::fs;
use std::path::Path;

use counterfoil_tests::outside::programs::{Bank, Shop};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A shop that has sold for NT$10, and a copy of its folder from then.
pub(crate) fn with_copy(bank: &Bank) -> (Shop, TempDir) {
    let shop = Shop::add(bank);
    sell(&shop, "10");
    let kept = tempfile::tempdir().unwrap();
    copy(folder(&shop), kept.path());
    (shop, kept)
}

/// The copy in the place of the folder.
pub(crate) fn put_back(kept: &TempDir, shop: &Shop) {
    fs::remove_dir_all(folder(shop)).unwrap();
    copy(kept.path(), folder(shop));
}

/// The data folder of a shop.
pub(crate) fn folder(shop: &Shop) -> &Path {
    Path::new(shop.options()[1])
}

/// Each file of a shop's folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    #[cfg(unix)]
    fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

pub(crate) fn sell(shop: &Shop, dollars: &str) -> Value {
    let sold = shop.run(&["sell", "--rail", "sinopac-account", "--amount", dollars]);
    assert_eq!(sold.status, 0, "{sold:?}");
    sold.said
}

#[test]
fn a_folder_that_was_put_back_tells_of_the_money_that_it_does_not_know() {
    let bank = Bank::open();
    let (shop, kept) = with_copy(&bank);
    let lost = sell(&shop, "700")["bank_order_no"].clone();
    bank.control("pay", &json!({ "order": lost }));
    put_back(&kept, &shop);

    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    let money = |said: &Value| -> Vec<Value> {
        let alarms = said["alarms"].as_array().unwrap().iter();
        alarms.filter(|alarm| alarm["kind"] == "foreign-money").cloned().collect()
    };
    let coverage = shop.run(&["coverage"]).said;
    let [alarm] = money(&coverage).try_into().unwrap_or_else(|_| panic!("{coverage}"));
    assert_eq!(alarm["bank"], "sinopac");
    let listed = shop.run(&["discrepancies", "list"]).said;
    let found = listed["discrepancies"].as_array().unwrap().clone();
    let [found] = found.as_slice() else { panic!("{listed}") };
    assert_eq!((&found["kind"], &found["bank_order_no"]), (&json!("foreign-money"), &lost));
    assert_eq!((&found["amount"], &found["paid_at"]), (&json!(700), &alarm["from"]));

    // the bank's own list of that time, asked again
    let (from, to) = (alarm["from"].as_str().unwrap(), alarm["to"].as_str().unwrap());
    let swept = shop.run(&["sweep", "--from", from, "--to", to]).said;
    assert_eq!((&swept["from"], &swept["to"], &swept["complete"]), (&json!(from), &json!(to), &json!(true)));
    let rows = swept["rows"].as_array().unwrap();
    let [row] = rows.as_slice() else { panic!("{swept}") };
    assert_eq!((&row["bank_order_no"], &row["amount"], &row["ours"]), (&lost, &json!(700), &json!(false)));

    for typed in ["700", "NT$700", lost.as_str().unwrap(), &lost.as_str().unwrap()[9..]] {
        let found = shop.run(&["orders", "search", typed]).said;
        let row = &found["orders"][0];
        assert_eq!((&row["order"], &row["foreign"]), (&Value::Null, &json!(true)), "{typed}: {found}");
        assert_eq!((&row["bank_order_no"], &row["amount"]), (&lost, &json!(700)));
    }
    assert_eq!(shop.run(&["orders", "search", "701"]).said["orders"], json!([]));
    let listed = shop.run(&["orders", "list", "--view", "needs-me"]).said;
    assert_eq!(listed["orders"][0]["bank_order_no"], lost);

    // a person has looked
    let id = found["discrepancy"].as_str().unwrap();
    assert_eq!(shop.run(&["discrepancies", "close", id, "--reason", "put back"]).status, 0);
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    assert_eq!(money(&shop.run(&["coverage"]).said), Vec::<Value>::new());
    assert_eq!(shop.run(&["discrepancies", "list"]).said["discrepancies"], json!([]));
}
