//! The audit record and who bought, from the command line: what a hand with the file alone changes
//! is named, and a name that is erased is nowhere in the folder.

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil_tests::outside::programs::{Bank, Shop};
use rusqlite::Connection;
use serde_json::{Value, json};

const SELL: [&str; 5] = ["sell", "--rail", "sinopac-account", "--amount", "500"];

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn done(shop: &Shop, words: &[&str]) -> Value {
    let ended = shop.run(words);
    assert_eq!(ended.status, 0, "{words:?}: {}", ended.said);
    ended.said
}

/// A sale to a customer.
fn sold(shop: &Shop, name: &str) -> Value {
    let more = ["--customer", name, "--note", "樓上鄰居"];
    done(shop, &SELL.into_iter().chain(more).collect::<Vec<_>>())
}

fn data_file(shop: &Shop) -> PathBuf {
    Path::new(shop.options()[1]).join("counterfoil.db")
}

fn found(shop: &Shop) -> (i32, Vec<String>) {
    let ended = shop.run(&["audit", "verify"]);
    let found = ended.said["found"].as_array().unwrap_or_else(|| panic!("{}", ended.said));
    assert_eq!(ended.said["ok"], json!(found.is_empty()));
    (ended.status, found.iter().map(|one| one.as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_row_changed_by_hand_is_named_and_without_the_key_nothing_is_verified() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = sold(&shop, "王小明");
    assert_eq!(found(&shop), (0, vec![]));
    let said = done(&shop, &["audit", "verify"]);
    assert_eq!(said["kept"], said["rows"], "kept at the end of the program");
    let before = fs::read(data_file(&shop)).unwrap();

    let drop = "DROP TRIGGER payments_step; UPDATE payments SET amount = 5";
    Connection::open(data_file(&shop)).unwrap().execute_batch(drop).unwrap();
    let (status, named) = found(&shop);
    assert_eq!(status, 4);
    let payment = format!("payments {}", text(&sold, "payment"));
    assert!(named.iter().any(|one| one.starts_with(&payment)), "{named:?}");
    assert!(named.iter().any(|one| one.contains("payments_step")), "{named:?}");

    // the file of before, put back after another sale
    fs::write(data_file(&shop), &before).unwrap();
    assert_eq!(found(&shop), (0, vec![]));
    done(&shop, &SELL);
    fs::write(data_file(&shop), &before).unwrap();
    let (status, named) = found(&shop);
    assert!(status == 4 && named[0].contains("kept outside the file"), "{named:?}");
    // the next program goes on with it, and hides nothing
    for _ in 0..2 {
        done(&shop, &SELL);
        assert_eq!(found(&shop).1, named);
    }
    let rows = done(&shop, &["audit", "list", "--what", "record-lost"])["rows"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    // an owner says that this file goes on; that stays in the record, and is no more than that
    let accepted = done(&shop, &["audit", "accept"]);
    assert_eq!((&accepted["found"], &accepted["accepted"]), (&json!([]), &json!(named)));
    assert_eq!(found(&shop), (0, vec![]));
    let rows = done(&shop, &["audit", "list", "--what", "record-accepted"])["rows"].clone();
    assert_eq!((rows.as_array().unwrap().len(), text(&rows[0], "who")), (1, "owner"), "{rows}");
    let nothing = shop.run(&["audit", "accept"]);
    assert_eq!((nothing.status, text(&nothing.said["error"], "code")), (2, "record-nothing"));
    fs::write(data_file(&shop), &before).unwrap();
    assert_eq!(found(&shop).0, 4, "put back once more");

    // a vault that takes nothing stops no shop
    let in_the_way = shop.folder().join("keys.unfinished");
    fs::create_dir(&in_the_way).unwrap();
    done(&shop, &SELL);
    fs::remove_dir(&in_the_way).unwrap();

    let keys = shop.folder().join("keys");
    let kept = fs::read(&keys).unwrap();
    fs::remove_file(&keys).unwrap();
    let refused = shop.run(&["audit", "verify"]);
    assert_eq!((refused.status, text(&refused.said["error"], "code")), (5, "audit-key-missing"));
    fs::write(&keys, kept).unwrap();
}

/// An empty chain under another id looks like the file of an older program. The computer remembers
/// that the shop's file had a key.
#[test]
fn a_file_under_another_id_is_not_taken_for_an_older_one() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    done(&shop, &SELL);
    let other = "DROP TRIGGER audit_stays; DROP TRIGGER file_is_not_edited; DELETE FROM audit;
        UPDATE file SET id = randomblob(16); DROP TRIGGER payments_step; UPDATE payments SET amount = 5";
    Connection::open(data_file(&shop)).unwrap().execute_batch(other).unwrap();
    let refused = shop.run(&["audit", "verify"]);
    assert_eq!((refused.status, text(&refused.said["error"], "code")), (5, "audit-key-missing"));
    done(&shop, &SELL);
    let (status, named) = found(&shop);
    let unproved = "no key here proves what the file held before audit row 1";
    assert!(status == 4 && named.iter().any(|one| one == unproved), "{named:?}");
    // an owner accepts the file, and not what was done in it
    assert_eq!(shop.run(&["audit", "accept"]).said["accepted"], json!([unproved]));
    let (status, rest) = found(&shop);
    assert!(status == 4 && !rest.is_empty() && !rest.iter().any(|one| one == unproved), "{rest:?}");
}

/// Another file in the place of a shop's own may have been linked anywhere, also with its own key.
#[test]
fn another_file_of_the_same_shop_is_told_from_its_first() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    done(&shop, &SELL);
    fs::remove_dir_all(data_file(&shop).parent().unwrap()).unwrap();
    assert_eq!(shop.add_file(&bank.shop_file()).status, 0);
    done(&shop, &SELL);
    let unproved = "no key here proves what the file held before audit row 1";
    assert_eq!(found(&shop), (4, vec![unproved.to_owned()]));
}

#[test]
fn a_name_is_corrected_then_erased_and_is_nowhere_in_the_folder() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = sold(&shop, "歐陽查無此人");
    let order = text(&sold, "order");
    let shown = done(&shop, &["customers", "correct", order, "--name", "歐陽真有其人"]);
    assert_eq!(shown["customer"], json!({ "name": "歐陽真有其人", "note": "樓上鄰居" }));
    assert_eq!(everywhere(shop.folder(), "查無此人"), [""; 0]);
    assert_eq!(done(&shop, &["customers", "find", "查無"])["customers"], json!([]));
    let rows = done(&shop, &["audit", "list", "--what", "customer-corrected"]);
    assert_eq!((&rows["rows"][0]["who"], &rows["rows"][0]["detail"]), (&json!("owner"), &json!("")));

    let found_one = done(&shop, &["customers", "find", "真有"]);
    assert_eq!(found_one["customers"][0]["orders"], json!([order]));
    // a copy by hand keeps the name, and is named: whoever erases has to know
    let copy = data_file(&shop).with_file_name("counterfoil copy.db");
    fs::copy(data_file(&shop), &copy).unwrap();
    let erased = done(&shop, &["customers", "erase", "--name", "歐陽真有其人"]);
    let verified = done(&shop, &["audit", "verify"]);
    for said in [&erased, &verified] {
        assert_eq!(said["copies"]["files"], json!(["counterfoil copy.db"]), "{said}");
        assert!(text(&said["copies"], "en").contains("Delete them"), "{said}");
    }
    assert_eq!(verified["strangers"], json!(["counterfoil copy.db"]));
    fs::remove_file(&copy).unwrap();
    let verified = done(&shop, &["audit", "verify"]);
    assert!(verified["copies"].is_null() && verified["strangers"].is_null(), "{verified}");
    let out = shop.folder().join("audit.csv");
    let exported = done(&shop, &["audit", "export", "--out", out.to_str().unwrap()]);
    let csv = fs::read_to_string(&out).unwrap();
    assert_eq!(csv.lines().count() as u64, exported["rows"].as_u64().unwrap() + 2);
    assert!(csv.contains(",owner,erase-customer,"), "{csv}");
    for name in ["歐陽", "真有其人", "樓上鄰居"] {
        assert_eq!(everywhere(shop.folder(), name), [""; 0]);
    }
    let shown = done(&shop, &["orders", "show", order]);
    assert_eq!((&shown["amount"], &shown["customer_erased"]), (&json!(500), &json!(true)));
    assert_eq!(found(&shop), (0, vec![]));
    let missing = shop.run(&["customers", "erase", "--name", "歐陽"]);
    assert_eq!((missing.status, text(&missing.said["error"], "code")), (2, "not-found"));
}

/// More of one name than a page holds, written in every way, and in every text about the orders.
#[test]
fn everyone_of_a_name_is_found_and_erased_with_what_was_typed_about_them() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = |name: &str, description: &str| {
        let more = ["--customer", name, "--description", description];
        done(&shop, &SELL.into_iter().chain(more).collect::<Vec<_>>())
    };
    let first = sold("Zoé 歐陽 100%_…", "ZOÉ歐陽100%_...的蛋糕");
    sold("ＺＯＥ\u{301}-歐陽　１００％＿…", "茶葉");
    sold("林小姐", "茶葉");
    // a name that was typed as a description only: shown, and erased by its order
    let only = ["--description", "宇文無客戶的蛋糕"];
    let only = done(&shop, &SELL.into_iter().chain(only).collect::<Vec<_>>());
    let listed = done(&shop, &["customers", "find", "宇文無客戶"]);
    assert_eq!((&listed["customers"], &listed["descriptions"]), (&json!([]), &json!([only["order"]])));
    done(&shop, &["customers", "erase", "--order", text(&only, "order")]);
    assert_eq!(everywhere(shop.folder(), "宇文"), [""; 0]);
    bank.control("pay", &json!({ "order": first["bank_order_no"] }));
    let payment = text(&first, "payment");
    done(&shop, &["watch", payment, "--for", "60"]);
    let book = ["refund", "book", payment, "--amount", "100", "--reason", "zoé歐陽100%_… came in"];
    done(&shop, &book);
    done(&shop, &book.into_iter().chain(["--undo"]).collect::<Vec<_>>());
    for typed in ["zoé歐陽", "ZOÉ 歐陽", "100%_", "…", "ｏé"] {
        let found = done(&shop, &["customers", "find", typed]);
        assert_eq!(found["customers"].as_array().unwrap().len(), 2, "{typed}: {found}");
        assert_eq!(found["more"], 0);
    }
    let said = done(&shop, &["customers", "erase", "--name", "zoé歐陽100%_…"]);
    assert_eq!((said["erased"].as_array().unwrap().len(), &said["finished"]), (2, &json!(true)));
    for name in ["歐陽", "Zoé", "ZOÉ", "zoé", "ＺＯＥ"] {
        assert_eq!(everywhere(shop.folder(), name), [""; 0], "{name}");
    }
    let shown = done(&shop, &["orders", "show", text(&first, "order")]);
    assert_eq!((&shown["description"], &shown["amount"]), (&json!(""), &json!(500)));
    assert_eq!(found(&shop), (0, vec![]));
}

/// Dots, widths and the order of its parts make no other name; what else may hold it is told.
#[test]
fn a_name_is_erased_however_it_was_written_and_what_stays_is_told() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = |name: &str, description: &str| {
        let more = ["--customer", name, "--description", description];
        text(&done(&shop, &SELL.into_iter().chain(more).collect::<Vec<_>>()), "order").to_owned()
    };
    for name in ["尤瑪·達陸", "尤瑪・達陸", "尤瑪．達陸", "達陸 尤瑪", "尤瑪達陸"] {
        sold(name, "茶葉");
    }
    sold("尤瑪·達陸先生", "茶葉");
    let named = sold("林小姐", "送給尤瑪‧達陸");
    let said = done(&shop, &["customers", "erase", "--name", "尤瑪‧達陸"]);
    assert_eq!(said["erased"].as_array().unwrap().len(), 5, "{said}");
    let looked_at = &said["looked_at"];
    assert_eq!(
        (&looked_at["fields"], &looked_at["descriptions"]),
        (&json!(["customer-name"]), &json!([named]))
    );
    assert_eq!(looked_at["customers"].as_array().unwrap().len(), 1, "{said}");
    assert_eq!(looked_at["not_alike"][0], "simplified-traditional");
}

/// The description is typed by hand, so a wrong name is in it too: a correction says where, and
/// `erase --order` erases all of it.
#[test]
fn an_older_name_is_left_in_no_description() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = |name: &str, description: &str| {
        let more = ["--customer", name, "--description", description];
        done(&shop, &SELL.into_iter().chain(more).collect::<Vec<_>>())
    };
    let first = sold("歐陽查無此人", "給歐陽 查無此人的茶葉");
    let correct = ["customers", "correct", text(&first, "order"), "--name", "林小姐"];
    let left = done(&shop, &correct)["left"].clone();
    assert_eq!(left, json!([{ "order": first["order"], "field": "description" }]));
    assert_ne!(everywhere(shop.folder(), "查無此人"), [""; 0]);
    let erased = done(&shop, &["customers", "erase", "--order", text(&first, "order")]);
    assert_eq!((erased["erased"].as_array().unwrap().len(), &erased["finished"]), (1, &json!(true)));
    assert_eq!(erased["order"], first["order"]);
    assert_eq!(everywhere(shop.folder(), "查無此人"), [""; 0]);
    // one act, one line
    for _ in 0..3 {
        sold("歐陽真有其人", "茶葉");
    }
    let lines = || done(&shop, &["audit", "list", "--limit", "500"])["rows"].as_array().unwrap().len();
    let before = lines();
    let erased = done(&shop, &["customers", "erase", "--name", "歐陽真有其人"]);
    assert_eq!((erased["erased"].as_array().unwrap().len(), lines()), (3, before + 1));
    assert_eq!(found(&shop), (0, vec![]));
}

/// Killed while the bank has the request, and the folder of before put back: the head was kept
/// before the request left, so that a refund is never without a trace.
#[test]
fn a_refund_that_left_is_known_to_the_vault_before_the_program_ends() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = done(&shop, &SELL);
    bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
    let payment = text(&sold, "payment");
    done(&shop, &["watch", payment, "--for", "60"]);
    let before = fs::read(data_file(&shop)).unwrap();
    bank.control("fault", &json!({ "kind": "hang:60", "match": "OrderMaintain", "count": 1 }));
    let refund = ["refund", "request", payment, "--amount", "500", "--reason", "returned"];
    let running = shop.start(&refund);
    let asked = || bank.control("calls", &json!({ "service": "OrderMaintain" }));
    let arrived = |_: &usize| asked()["calls"].as_array().is_some_and(|calls| !calls.is_empty());
    assert!((0..100_000).find(arrived).is_some(), "the refund went out");
    drop(running);
    for end in ["-wal", "-shm"] {
        fs::remove_file(data_file(&shop).with_file_name(format!("counterfoil.db{end}"))).unwrap();
    }
    fs::write(data_file(&shop), &before).unwrap();
    let (status, named) = found(&shop);
    assert_eq!(status, 4, "{named:?}");
    assert!(named.iter().any(|one| one.contains("kept outside")), "{named:?}");
}

/// Only the answer of a command and the data file hold a name: nothing else is written anywhere.
#[test]
fn no_name_is_in_anything_that_a_program_logs() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let names = ["歐陽查無此人", "歐陽真有其人", "樓上鄰居"];
    let sold = sold(&shop, names[0]);
    let order = text(&sold, "order");
    let commands: [&[&str]; 8] = [
        &["orders", "search", names[0]],
        &["orders", "search", "沒有這個歐陽查無此人"],
        &["customers", "correct", order, "--name", names[1]],
        &["customers", "correct", order, "--name", "歐陽真有其人\u{1b}"],
        &["discrepancies", "close", names[1], "--reason", names[1]],
        &["refund", "book", text(&sold, "payment"), "--amount", "1", "--reason", names[1]],
        &["customers", "find", names[1]],
        &["work", "--for", "1"],
    ];
    for words in commands {
        let ended = shop.run(words);
        assert!(!names.iter().any(|name| ended.errors.contains(name)), "{words:?}: {}", ended.errors);
    }
    for name in names {
        let files = everywhere(shop.folder(), name);
        assert!(files.iter().all(|file| file.contains("counterfoil.db")), "{files:?}");
    }
    let erased = shop.run(&["customers", "erase", "--name", names[1]]);
    assert_eq!((erased.status, erased.errors.as_str()), (0, ""));
    for name in names {
        assert_eq!(everywhere(shop.folder(), name), [""; 0]);
    }
}

/// The files below a folder that hold a text.
fn everywhere(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everywhere(&path, text));
        } else if fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Two shops of one computer, whose files a hand has swapped: each file for itself is right.
#[test]
fn the_file_of_another_shop_in_a_folder_is_named() {
    let bank = Bank::open();
    let first = Shop::add(&bank);
    let second = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = bank.shop_file();
    file["name"] = json!("second");
    assert_eq!(second.add_file(&file).status, 0);
    let keys = [&first, &second].map(|shop| shop.folder().join("keys"));
    let mut both = serde_json::Map::new();
    for path in &keys {
        both.extend(serde_json::from_slice::<serde_json::Map<_, _>>(&fs::read(path).unwrap()).unwrap());
    }
    for path in &keys {
        fs::write(path, Value::from(both.clone()).to_string()).unwrap();
    }
    for shop in [&first, &second] {
        assert_eq!(found(shop), (0, vec![]));
    }
    let swap = || {
        let [one, other] = [&first, &second].map(|shop| fs::read(data_file(shop)).unwrap());
        fs::write(data_file(&first), other).unwrap();
        fs::write(data_file(&second), one).unwrap();
    };
    swap();
    for shop in [&first, &second] {
        for _ in 0..2 {
            let (status, named) = found(shop);
            assert!(status == 4 && named[0].starts_with("this folder is another shop's"), "{named:?}");
            // whoever goes on with it hides nothing
            shop.run(&["work", "--until-idle"]);
        }
    }
    swap();
    for shop in [&first, &second] {
        assert_eq!(found(shop), (0, vec![]));
    }
    // a folder that is another shop's from now on
    swap();
    assert_eq!(done(&first, &["audit", "accept"])["ok"], json!(true));
    assert_eq!((found(&first), found(&second).0), ((0, vec![]), 4));
}

#[test]
fn a_shop_that_cannot_be_read_is_named_and_the_rest_is_looked_at() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = done(&shop, &SELL);
    let broken = "PRAGMA ignore_check_constraints = 1; UPDATE shop SET record = 'x';
        DROP TRIGGER payments_step; UPDATE payments SET amount = 5";
    Connection::open(data_file(&shop)).unwrap().execute_batch(broken).unwrap();
    let (status, named) = found(&shop);
    let payment = format!("payments {}", text(&sold, "payment"));
    for begins in ["shop: its record cannot be read", "shop", payment.as_str()] {
        assert!(status == 4 && named.iter().any(|one| one.starts_with(begins)), "{begins}: {named:?}");
    }
}
