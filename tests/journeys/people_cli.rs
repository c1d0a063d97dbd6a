//! People by the command line: what a name opens, what a wrong PIN closes, and the way back.

use std::path::{Path, PathBuf};

use counterfoil_tests::outside::programs::{Bank, Ended, Shop};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

pub(crate) const OWNER: &str = "27495810";
pub(crate) const CLERK: &str = "836201";

/// Code and exit status of what was refused.
pub(crate) fn code(ended: &Ended) -> (i32, &str) {
    (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default())
}

pub(crate) fn done(ended: Ended) -> Value {
    assert_eq!(ended.status, 0, "{}", ended.said);
    ended.said
}

/// A shop with an owner 林, an accountant 王 and a clerk 陳.
pub(crate) fn with_people(bank: &Bank) -> Shop {
    let shop = Shop::add(bank);
    let add = |name, role| ["people", "add", "--name", name, "--role", role];
    done(shop.run_typing(&add("林", "owner"), OWNER));
    for (name, role) in [("王", "accountant"), ("陳", "clerk")] {
        done(acting(&shop, "林", &format!("{OWNER}\n{CLERK}"), &add(name, role)));
    }
    shop
}

pub(crate) fn acting(shop: &Shop, name: &str, pin: &str, words: &[&str]) -> Ended {
    let mut all = vec!["--as", name];
    all.extend_from_slice(words);
    shop.run_typing(&all, pin)
}

pub(crate) const SELL: [&str; 5] = ["sell", "--rail", "sinopac-card", "--amount", "560"];

/// A payment that the clerk sold, and whose money this file has just seen: nothing more is due at
/// the bank.
pub(crate) fn paid(bank: &Bank, shop: &Shop) -> String {
    let sold = done(acting(shop, "陳", CLERK, &SELL));
    let payment = sold["payment"].as_str().unwrap().to_owned();
    bank.control("pay", &json!({ "order": sold["bank_order_no"] }));
    done(shop.run(&["watch", &payment, "--for", "60"]));
    payment
}

pub(crate) fn data_file(shop: &Shop) -> PathBuf {
    Path::new(shop.options()[1]).join("counterfoil.db")
}

fn audit(shop: &Shop, what: &str) -> Vec<String> {
    let data = Connection::open_with_flags(data_file(shop), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query = data.prepare("SELECT who FROM audit WHERE what = ?1 ORDER BY seq").unwrap();
    query.query_map([what], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The vault, with the tries changed as a test needs it.
fn edit_tries(shop: &Shop, edit: impl Fn(&mut (String, u32, i64))) {
    let path = shop.folder().join("keys");
    let mut all: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (_, of_shop) in all.as_object_mut().unwrap() {
        let text = of_shop["people.tries"].as_str().unwrap_or("[]");
        let mut rows: Vec<(String, u32, i64)> = serde_json::from_str(text).unwrap();
        rows.iter_mut().for_each(&edit);
        of_shop["people.tries"] = serde_json::to_string(&rows).unwrap().into();
    }
    std::fs::write(&path, all.to_string()).unwrap();
}

#[test]
fn once_there_are_people_every_act_wants_a_name() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let add = ["people", "add", "--name", "林", "--role"];
    let first = |role, pin| shop.run_typing(&[&add[..], &[role]].concat(), pin);
    assert_eq!(code(&first("clerk", CLERK)), (2, "person-first-is-owner"));
    assert_eq!(code(&first("owner", "")), (2, "pin-missing"));
    assert_eq!(code(&first("owner", "274958")), (2, "pin-digits"));
    assert_eq!(code(&first("owner", "11111111")), (2, "pin-guessable"));
    assert_eq!(code(&first("king", OWNER)), (2, "person-role"));
    let sold = [
        &["sell", "--rail", "sinopac-account", "--amount", "300"][..],
        &["--customer", "王小明", "--note", "樓上鄰居", "--description", "蛋糕"],
    ]
    .concat();
    let before = done(shop.run(&sold));
    drop(shop);

    let shop = with_people(&bank);
    let payment = done(acting(&shop, "陳", CLERK, &sold))["payment"].as_str().unwrap().to_owned();
    for words in [
        &sold[..],
        &["cancel", &payment],
        &["people", "list"],
        &["discrepancies", "list"],
        &["refund", "list"],
        &["people", "one-person", "on"],
        &["people", "add", "--name", "李", "--role", "clerk"],
    ] {
        assert_eq!(code(&shop.run(words)), (7, "locked"), "{words:?}");
    }
    for words in [
        &["orders", "list"][..],
        &["orders", "search", "300"],
        &["coverage"],
        &["audit", "verify"],
        &["work", "--for", "1"],
        &["watch", &payment, "--for", "0"],
        &["shop", "check", "demo"],
    ] {
        let ended = shop.run(words);
        assert_ne!(ended.status, 7, "{words:?} {}", ended.said);
        // a name that is given is always checked
        assert_eq!(code(&acting(&shop, "陳", "836202", words)), (7, "pin-wrong"), "{words:?}");
        done(acting(&shop, "陳", CLERK, &["orders", "list"]));
    }
    // whoever has no name given sees what a clerk sees, and no guess of a name is confirmed
    let ways = |words: &[&str]| {
        [shop.run(words), acting(&shop, "陳", CLERK, words), acting(&shop, "王", CLERK, words)].map(done)
    };
    let name = |rows: Value| rows["orders"][0]["customer"]["name"].as_str().map(str::to_owned);
    let seen = |names: [Option<&str>; 3]| names.map(|name| name.map(str::to_owned));
    let all = seen([Some("王○明"), Some("王○明"), Some("王小明")]);
    for words in [&["orders", "list"][..], &["orders", "search", "300"], &["orders", "search", "蛋糕"]] {
        assert_eq!(ways(words).map(name), all, "{words:?}");
    }
    for guess in ["王小明", "小明", "王", "樓上", "王小明 蛋糕"] {
        let found = ways(&["orders", "search", guess]).map(name);
        assert_eq!(found, seen([None, None, Some("王小明")]), "{guess}");
    }
    for guess in ["王小明", "沒有這個人"] {
        let erase = ["customers", "erase", "--name", guess];
        assert_eq!(code(&acting(&shop, "陳", CLERK, &erase)), (7, "role-may-not"), "{guess}");
    }
    let order = done(shop.run(&["orders", "list"]))["orders"][0]["order"].as_str().unwrap().to_owned();
    let notes = ways(&["orders", "show", &order]).map(|order| order["customer"]["note"].clone());
    assert_eq!(notes, [json!(""), json!(""), json!("樓上鄰居")]);
    // no one is owner, engine or browser by name
    for other in ["owner", "engine", "browser"] {
        assert_eq!(code(&acting(&shop, other, OWNER, &["people", "list"])), (7, "pin-wrong"), "{other}");
    }
    done(acting(&shop, "林", OWNER, &["cancel", &payment]));
    let shown = done(shop.run(&["orders", "show", &order]));
    let acts = shown["acts"].as_array().unwrap().iter();
    let acts: Vec<_> = acts.map(|act| (act["who"].as_str(), act["what"].as_str())).collect();
    assert_eq!(acts, [(Some("陳"), Some("sell")), (Some("林"), Some("cancel"))]);
    let list = done(acting(&shop, "林", OWNER, &["people", "list"]));
    let clerk = list["people"][2]["person"].as_str().unwrap();
    assert_eq!(audit(&shop, "sell"), [clerk], "the audit names the person");
    assert_eq!(audit(&shop, "people-add")[0], "owner", "the first person was added by nobody else");
    assert!(before["payment"].is_string());
}

#[test]
fn two_people_refund_and_views_show_their_names() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let sold = done(acting(&shop, "陳", CLERK, &["sell", "--rail", "sinopac-card", "--amount", "560"]));
    let (payment, number) = (sold["payment"].as_str().unwrap(), &sold["bank_order_no"]);
    bank.control("pay", &json!({ "order": number }));
    done(shop.run(&["watch", payment, "--for", "60"]));
    let request =
        ["refund", "request", payment, "--amount", "200", "--reason", "returned", "--note", "王小明退貨"];
    done(acting(&shop, "林", OWNER, &["people", "limits", "陳", "--ask", "199"]));
    assert_eq!(code(&acting(&shop, "陳", CLERK, &request)), (7, "above-limit-of-person"));
    done(acting(&shop, "林", OWNER, &["people", "limits", "陳", "--ask", "200"]));
    // without an own limit it is the role's again
    let free = ["people", "limits", "陳", "--ask", "role"];
    assert_eq!(done(acting(&shop, "林", OWNER, &free))["ask_max"], Value::Null);
    let refund = done(acting(&shop, "陳", CLERK, &request));
    let id = refund["refund"].as_str().unwrap();
    assert_eq!((&refund["state"], &refund["requester"]), (&json!("requested"), &json!("陳")));
    assert_eq!(code(&acting(&shop, "陳", CLERK, &["refund", "approve", id])), (7, "role-may-not"));
    for (name, pin, note) in [("陳", CLERK, Value::Null), ("林", OWNER, json!("王小明退貨"))] {
        let shown = done(acting(&shop, name, pin, &["refund", "show", id]));
        let listed = done(acting(&shop, name, pin, &["refund", "list"]));
        assert_eq!((&shown["note"], &listed["refunds"][0]["note"]), (&note, &note), "{name}");
    }
    let close = ["discrepancies", "close", id, "--reason", "x"];
    assert_eq!(code(&acting(&shop, "陳", CLERK, &close)), (7, "role-may-not"));
    assert_eq!(code(&acting(&shop, "王", CLERK, &close)), (2, "not-found"));
    done(acting(&shop, "林", OWNER, &["people", "limits", "王", "--approve", "199"]));
    assert_eq!(code(&acting(&shop, "王", CLERK, &["refund", "approve", id])), (7, "above-limit-of-person"));
    done(acting(&shop, "林", OWNER, &["people", "limits", "王", "--approve", "200"]));
    let approved = acting(&shop, "王", CLERK, &["refund", "approve", id]).said;
    assert_eq!((&approved["approver"], &approved["alone"]), (&json!("王"), &Value::Null));

    // one's own request: never, and in one-person mode only after it has cooled
    let own = acting(&shop, "林", OWNER, &["sell", "--rail", "sinopac-card", "--amount", "90"]).said;
    bank.control("pay", &json!({ "order": own["bank_order_no"] }));
    let payment = own["payment"].as_str().unwrap();
    done(shop.run(&["watch", payment, "--for", "60"]));
    let request = ["refund", "request", payment, "--amount", "90", "--reason", "mistake"];
    let id = done(acting(&shop, "林", OWNER, &request))["refund"].as_str().unwrap().to_owned();
    let approve = ["refund", "approve", &id, "--amount", "90"];
    assert_eq!(code(&acting(&shop, "林", OWNER, &approve)), (7, "refund-own-request"));
    assert_eq!(code(&acting(&shop, "王", CLERK, &["people", "one-person", "on"])), (7, "role-may-not"));
    assert_eq!(
        done(acting(&shop, "林", OWNER, &["people", "one-person", "on"])),
        json!({ "one_person": true })
    );
    // what was asked for before stays as it was
    assert_eq!(code(&acting(&shop, "林", OWNER, &approve)), (7, "refund-own-request"));
    done(acting(&shop, "林", OWNER, &["refund", "withdraw", &id]));
    let id = done(acting(&shop, "林", OWNER, &request))["refund"].as_str().unwrap().to_owned();
    let approve = ["refund", "approve", &id, "--amount", "90"];
    assert_eq!(code(&acting(&shop, "林", OWNER, &approve)), (7, "refund-cooling"));
    // the clock of this command moved on alone cools nothing
    let at = ["--at", "2036-01-01T00:00:00+08:00"];
    assert_eq!(code(&acting(&shop, "林", OWNER, &[&at[..], &approve].concat())), (7, "refund-cooling"));
}

/// Gives a person another name behind the program's back.
fn renamed(shop: &Shop, from: &str, to: &str) {
    let file = rusqlite::Connection::open(data_file(shop)).unwrap();
    let rules = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'people'";
    let mut rules = file.prepare(rules).unwrap();
    for rule in rules.query_map([], |row| row.get::<_, String>(0)).unwrap().collect::<Vec<_>>() {
        file.execute_batch(&format!("DROP TRIGGER {}", rule.unwrap())).unwrap();
    }
    let changed = file.execute("UPDATE people SET name = ?2, key = ?2 WHERE name = ?1", [from, to]).unwrap();
    assert_eq!(changed, 1);
}

/// Each command is a program of its own, so every line here is a restart too.
#[test]
fn wrong_pins_lock_whatever_is_moved_or_put_back() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let yesterday = std::fs::read(data_file(&shop)).unwrap();
    let list = ["orders", "list"];
    for made_up in ["趙", "錢", "孫", "李", "周"] {
        assert_eq!(code(&acting(&shop, "陳", "111222", &list)), (7, "pin-wrong"));
        // names that do not exist are counted and locked alike, all under one
        assert_eq!(code(&acting(&shop, made_up, "111222", &list)), (7, "pin-wrong"));
    }
    let locked = |shop: &Shop, words: &[&str], name: &str| {
        // even by the right PIN, which is not looked at
        let ended = acting(shop, name, CLERK, words);
        assert_eq!(code(&ended), (7, "pin-locked"), "{words:?}");
        ended.said["error"]["values"]["seconds"].as_i64().unwrap()
    };
    for _ in 0..5 {
        assert!((1..=30).contains(&locked(&shop, &list, "陳")), "tries while locked do not count");
        assert!((1..=30).contains(&locked(&shop, &list, "趙")));
    }
    for at in ["2020-01-01T00:00:00+08:00", "2036-01-01T00:00:00+08:00"] {
        locked(&shop, &["--at", at, "orders", "list"], "陳");
    }
    // nor does another name for the same person, by whatever hand
    renamed(&shop, "陳", "甲");
    assert_eq!(code(&acting(&shop, "甲", CLERK, &list)), (7, "person-unproved"));
    std::fs::write(data_file(&shop), &yesterday).unwrap();
    locked(&shop, &list, "陳");
    done(acting(&shop, "林", OWNER, &list));

    // the computer has run since the last try: only that opens, and the next wrong one doubles
    edit_tries(&shop, |(_, _, at)| *at -= 30_000);
    assert_eq!(code(&acting(&shop, "陳", "111222", &list)), (7, "pin-wrong"));
    assert!((31..=60).contains(&locked(&shop, &list, "陳")));
    edit_tries(&shop, |(_, _, at)| *at -= 60_000);
    done(acting(&shop, "陳", CLERK, &list));
    assert_eq!(code(&acting(&shop, "陳", "111222", &list)), (7, "pin-wrong"));
    done(acting(&shop, "陳", CLERK, &list));
    // another PIN forgets the tries as well
    for _ in 0..5 {
        acting(&shop, "陳", "111222", &list);
    }
    locked(&shop, &list, "陳");
    done(acting(&shop, "林", &format!("{OWNER}\n495172"), &["people", "pin", "陳"]));
    done(acting(&shop, "陳", "495172", &list));
}

#[test]
fn a_lost_owner_pin_has_a_way_back_that_everyone_sees() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    for _ in 0..5 {
        acting(&shop, "林", "99887766", &["orders", "list"]);
    }
    let recover = |name: &str, pin: &str| shop.run_typing(&["people", "recover", name], pin);
    assert_eq!(code(&recover("陳", "495172")), (7, "person-no-owner"));
    assert_eq!(code(&recover("趙", "64027193")), (2, "not-found"));
    assert_eq!(code(&recover("林", "495172")), (2, "pin-digits"));
    assert_eq!(audit(&shop, "people-recover"), Vec::<String>::new());
    // the vault takes no writes: it says so, and the PIN is as it was
    let in_the_way = shop.folder().join("keys.unfinished");
    std::fs::create_dir(&in_the_way).unwrap();
    assert_eq!(code(&recover("林", "64027193")), (5, "vault-unavailable"));
    assert_eq!(audit(&shop, "people-recover"), Vec::<String>::new());
    std::fs::remove_dir(&in_the_way).unwrap();
    let recovered = done(recover("林", "64027193"));
    assert!(recovered["recovered_at"].is_string(), "{recovered}");
    assert_eq!(audit(&shop, "people-recover"), ["owner"], "by nobody who has signed in");
    assert_eq!(code(&acting(&shop, "林", OWNER, &["people", "list"])), (7, "pin-wrong"));
    let list = done(acting(&shop, "王", CLERK, &["people", "list"]));
    assert!(list["people"][0]["recovered_at"].is_string(), "{list}");
    assert!(list["people"][1]["recovered_at"].is_null(), "{list}");
    done(acting(&shop, "林", "64027193", &["people", "list"]));
    // whoever recovered it may be another: until the owner has changed it, it opens nothing else
    let limits = ["people", "limits", "陳", "--ask", "5"];
    assert_eq!(code(&acting(&shop, "林", "64027193", &limits)), (7, "pin-to-change"));
    let own = |lines: &str| acting(&shop, "林", lines, &["people", "pin", "林"]);
    assert_eq!(code(&own("64027193\n64027193")), (2, "pin-same"));
    assert_eq!(done(own("64027193\n27495810"))["pin_to_change"], Value::Null);
    done(acting(&shop, "林", OWNER, &limits));
}

/// Two people, one hand: whoever sets a PIN could act as both.
#[test]
fn a_pin_that_another_has_set_opens_nothing_but_its_change() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let payment = &paid(&bank, &shop);
    let ask = |name, pin| {
        let request = ["refund", "request", payment, "--amount", "5", "--reason", "returned"];
        done(acting(&shop, name, pin, &request))["refund"].as_str().unwrap().to_owned()
    };
    let id = ask("陳", CLERK);
    let approve = |name, pin| acting(&shop, name, pin, &["refund", "approve", &id]);
    let given = |name| {
        let set = acting(&shop, "林", &format!("{OWNER}\n495172"), &["people", "pin", name]);
        let said = done(set);
        assert_eq!((&said["pin_given_by"], &said["pin_to_change"]), (&json!("林"), &json!(true)));
    };
    given("陳");
    given("王");
    assert_eq!(code(&acting(&shop, "陳", "495172", &SELL)), (7, "pin-to-change"));
    assert_eq!(code(&approve("王", "495172")), (7, "pin-to-change"));
    assert_eq!(code(&approve("林", OWNER)), (7, "refund-one-hand"), "who has set the requester's PIN");
    let own = |name, lines: &str| done(acting(&shop, name, lines, &["people", "pin", name]));
    let changed = own("王", "495172\n836207");
    assert_eq!((&changed["pin_given_by"], &changed["pin_to_change"]), (&json!("林"), &Value::Null));
    // whoever gave the PIN could have changed it as its person, who is shut out then
    assert!(changed["pin_apart_at"].is_string(), "{changed}");
    assert_eq!(code(&approve("王", "836207")), (7, "refund-one-hand"), "within a day");
    own("陳", "495172\n836209");
    done(acting(&shop, "陳", "836209", &SELL));
    let later = ["--at", "2036-01-01T00:00:00+08:00", "refund", "approve", &id];
    let moved = acting(&shop, "王", "836207", &later);
    assert_eq!(code(&moved), (7, "refund-one-hand"), "the computer's clock alone passes no day");
}

/// Without people whoever comes would be the owner.
#[test]
fn a_file_whose_people_were_taken_out_sells_nothing() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let sell = ["sell", "--rail", "sinopac-account", "--amount", "300"];
    let right = std::fs::read(data_file(&shop)).unwrap();
    let taken_out = "DROP TRIGGER people_stay; DELETE FROM people";
    Connection::open(data_file(&shop)).unwrap().execute_batch(taken_out).unwrap();
    let add = ["people", "add", "--name", "趙", "--role", "owner"];
    assert_eq!(code(&shop.run(&sell)), (6, "record-people-gone"));
    assert_eq!(code(&shop.run_typing(&add, OWNER)), (6, "record-people-gone"));
    assert_eq!(shop.run(&["audit", "verify"]).status, 4);
    std::fs::write(data_file(&shop), right).unwrap();
    done(acting(&shop, "陳", CLERK, &sell));
}

#[test]
fn who_has_left_signs_in_no_more_and_the_last_owner_stays() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let owner = |words: &[&str]| acting(&shop, "林", OWNER, words);
    assert_eq!(code(&owner(&["people", "retire", "林"])), (7, "person-last-owner"));
    assert_eq!(code(&owner(&["people", "limits", "陳", "--approve", "5"])), (2, "person-approves-nothing"));
    done(owner(&["people", "retire", "陳"]));
    assert_eq!(code(&acting(&shop, "陳", CLERK, &["orders", "list"])), (7, "pin-wrong"));
    // what one person has asked for, another of the same name could approve
    let add = |name: &str| {
        let words = ["people", "add", "--name", name, "--role", "clerk"];
        acting(&shop, "林", &format!("{OWNER}\n495172"), &words)
    };
    for (name, refused) in [
        ("陳", "person-name-retired"),
        ("陳　", "person-name-retired"),
        ("\u{200b}陳", "person-name-control"),
        ("\u{202e}陳", "person-name-control"),
        ("王", "person-name-taken"),
        ("ｏwner", "person-name-reserved"),
        ("引擎", "person-name-reserved"),
        ("負責人", "person-name-reserved"),
        ("nobody", "person-name-reserved"),
    ] {
        assert_eq!(code(&add(name)), (2, refused), "{name}");
    }
    done(add("Amy 2"));
    for alike in ["ａｍｙ２", "Аmy 2", "Amу2"] {
        assert_eq!(code(&add(alike)), (2, "person-name-taken"), "{alike}");
    }
    // a name opens however it is written, and its tries are counted together
    done(acting(&shop, "ＡＭＹ2", "495172", &["orders", "list"]));
    for name in ["Amy 2", "amy2", "AMY 2", "ａｍｙ２", "A my2"] {
        assert_eq!(code(&acting(&shop, name, "111222", &["orders", "list"])), (7, "pin-wrong"));
    }
    assert_eq!(code(&acting(&shop, "Amy 2", "495172", &["orders", "list"])), (7, "pin-locked"));
    let limits = |name: &str, ask: &str| owner(&["people", "limits", name, &["--ask=", ask].concat()]);
    assert_eq!(code(&limits("王", "-5")), (2, "person-limit-negative"));
    let unknown = limits("趙", "5");
    assert_eq!(code(&unknown), (2, "not-found"));
    assert!(unknown.said["error"]["message"].as_str().unwrap().contains("people list"), "{}", unknown.said);
}

/// Not in the data file, not in the vault, not in anything that was said.
#[test]
fn a_pin_is_found_nowhere() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let mut said = vec![acting(&shop, "林", OWNER, &["people", "list"]).said.to_string()];
    said.push(acting(&shop, "陳", "908172", &["people", "list"]).said.to_string());
    let folders = [shop.folder().to_path_buf(), PathBuf::from(shop.options()[1])];
    for entry in folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = entry.unwrap().path();
        if path.is_file() {
            said.push(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
    let said = said.join("\n");
    for pin in [OWNER, CLERK, "908172"] {
        assert!(!said.contains(pin), "{pin}");
    }
}

/// Nobody can tell who works there before the file is of this version.
#[test]
fn a_file_of_an_older_version_is_brought_up_to_date_from_the_terminal() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let version = || {
        let data = Connection::open_with_flags(data_file(&shop), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        data.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
    };
    let newest = version();
    // as version 17 has left it, but for what its triggers did
    let data = Connection::open(data_file(&shop)).unwrap();
    let run = |sql: String| data.execute_batch(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    let triggers = [
        ("orders_are_not_edited", "orders"),
        ("refunds_step", "refunds"),
        ("discrepancy_closings_are_not_edited", "discrepancy_closings"),
        ("refunds_booked_are_not_edited", "refunds_booked"),
        ("refunds_unbooked_are_not_edited", "refunds_unbooked"),
    ];
    for (trigger, table) in triggers {
        run(format!("DROP TRIGGER {trigger}; ALTER TABLE {table} DROP COLUMN salt"));
    }
    for (trigger, table) in triggers.into_iter().chain([("refunds_notes_are_only_erased", "refunds")]) {
        run(format!("CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} BEGIN SELECT 1; END"));
    }
    let marked =
        ["asked", "clocks", "refusals", "discrepancies_gone", "counters", "erasures", "coverage_marks"];
    for table in marked {
        run(format!("ALTER TABLE {table} DROP COLUMN mark"));
    }
    let older = "DROP TABLE pages_left; DROP TABLE pages_undated; DROP TABLE clock_doubts; DROP TABLE standing; DROP TABLE words_due;
        DROP INDEX audit_of_people; DROP INDEX audit_of_doubt; DELETE FROM refinery_schema_history WHERE version > 17; PRAGMA user_version = 17;";
    run(older.to_owned());
    drop(data);
    assert_eq!(code(&shop.run(&["orders", "list"])), (6, "file-older"));
    done(shop.run(&["work", "--until-idle"]));
    assert_eq!(version(), newest);
    done(shop.run(&["orders", "list"]));
}

/// Who tries PINs is not known; whose they are, and when it was locked, is.
#[test]
fn wrong_pins_leave_a_line_each_until_they_are_locked() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let list = ["orders", "list"];
    for _ in 0..7 {
        acting(&shop, "陳", "908172", &list);
    }
    assert_eq!(code(&acting(&shop, "nobody here", "908172", &list)), (7, "pin-wrong"));
    let who = audit(&shop, "pin-wrong");
    assert_eq!((who.len(), audit(&shop, "pin-locked").len()), (5, 1), "not those while it was locked");
    assert!(who.iter().all(|who| who == "engine"));
    let data = Connection::open_with_flags(data_file(&shop), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let subjects = "SELECT count(DISTINCT subject), max(subject) FROM audit WHERE what LIKE 'pin-%'";
    let subjects = data.query_row(subjects, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    assert_eq!(subjects.unwrap(), (2, "nobody".to_owned()));
    drop(data);
    // while another program has the file, the vault keeps the line for the next start
    let lock = data_file(&shop).with_file_name("counterfoil.lock");
    let held = std::fs::File::options().write(true).open(lock).unwrap();
    held.lock().unwrap();
    assert_eq!(code(&acting(&shop, "王", "908172", &list)), (7, "pin-wrong"));
    assert_eq!(audit(&shop, "pin-wrong").len(), 5);
    drop(held);
    for _ in 0..2 {
        done(acting(&shop, "林", OWNER, &["people", "limits", "陳", "--ask", "5"]));
        assert_eq!(audit(&shop, "pin-wrong").len(), 6, "once");
    }
    assert_eq!(shop.run(&["audit", "verify"]).said["ok"], json!(true));
}
