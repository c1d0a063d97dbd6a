//! Who acts is proved where it is read: what another hand writes into the file, or a second folder
//! into the vault, gives no right.

use counterfoil_tests::outside::programs::{Bank, Shop, program};
use rusqlite::Connection;
use serde_json::json;

use crate::people_cli::{CLERK, OWNER, SELL, acting, code, data_file, done, paid, with_people};

/// The file with every trigger dropped, changed, and put back as it was.
pub(crate) fn by_hand(shop: &Shop, sql: &str) {
    let data = Connection::open(data_file(shop)).unwrap();
    let mut query = data.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let triggers: Vec<(String, String)> = triggers.map(Result::unwrap).collect();
    for (name, _) in &triggers {
        data.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    data.execute_batch(sql).unwrap();
    for (_, trigger) in triggers {
        data.execute_batch(&trigger).unwrap();
    }
}

/// A right that a hand writes for a moment is none: the record would look right afterwards.
#[test]
fn a_role_a_pin_or_a_line_changed_for_a_moment_gives_no_right() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let payment = &paid(&bank, &shop);
    let request = ["refund", "request", payment, "--amount", "5", "--reason", "returned"];
    let refund = done(acting(&shop, "王", CLERK, &request))["refund"].as_str().unwrap().to_owned();
    let approve = |name, pin| acting(&shop, name, pin, &["refund", "approve", &refund]);
    assert_eq!(code(&approve("陳", CLERK)), (7, "role-may-not"));
    let [clerk, owner] =
        ["clerk", "owner"].map(|role| format!("UPDATE people SET role = '{role}' WHERE name = '陳'"));
    by_hand(&shop, &owner);
    let refused = approve("陳", CLERK);
    assert_eq!(code(&refused), (7, "person-unproved"));
    let said = refused.said["error"]["message"].as_str().unwrap();
    assert!(said.contains("people recover") && said.contains("audit verify"), "{said}");
    assert_eq!(code(&acting(&shop, "陳", CLERK, &["customers", "find", "王"])), (7, "person-unproved"));
    by_hand(&shop, &clerk);
    assert_eq!(code(&approve("陳", CLERK)), (7, "role-may-not"));

    // one PIN for all: the hash covers the person, and the row is not the record's
    by_hand(&shop, "UPDATE people SET retired = 1 WHERE name = '王'");
    assert_eq!(code(&approve("林", OWNER)), (0, ""), "others go on");
    by_hand(&shop, "UPDATE people SET retired = 0 WHERE name = '王'");

    // a given PIN whose line is out of sight for a moment
    done(acting(&shop, "林", &format!("{OWNER}\n495172"), &["people", "pin", "陳"]));
    by_hand(&shop, "UPDATE audit SET what = 'x' WHERE what = 'people-pin'");
    assert_eq!(code(&acting(&shop, "陳", "495172", &SELL)), (7, "pin-to-change"));
    by_hand(&shop, "UPDATE audit SET what = 'people-pin' WHERE what = 'x'");
    let verified = done(shop.run(&["audit", "verify"]));
    assert_eq!(verified["found"], json!([]));
}

/// Who adds something to a shop is proved, though the shop itself is not open yet.
#[test]
fn an_owner_adds_a_bank_to_a_shop_with_people() {
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let without = |bank_name: &str| {
        let mut file = bank.shop_file();
        file.as_object_mut().unwrap().remove(bank_name);
        file
    };
    assert_eq!(shop.add_file(&without("ctbc")).status, 0);
    done(shop.run_typing(&["people", "add", "--name", "林", "--role", "owner"], OWNER));
    let file = shop.folder().join("ctbc.json");
    std::fs::write(&file, without("sinopac").to_string()).unwrap();
    let add = ["shop", "add", "--file", file.to_str().unwrap()];
    done(acting(&shop, "林", OWNER, &add));
    assert_eq!(code(&acting(&shop, "林", OWNER, &add)), (2, "shop-exists"));
    assert_eq!(done(acting(&shop, "林", OWNER, &["audit", "verify"]))["ok"], json!(true));
}

/// Another folder has no right to the keys that the first one sells with.
#[test]
fn a_second_folder_changes_neither_keys_nor_people_of_the_first() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let keys = || std::fs::read_to_string(shop.folder().join("keys")).unwrap();
    let (before, vault) = (keys(), format!("file:{}", shop.folder().join("keys").display()));
    let add = |folder: &str, a1: &str| {
        let mut file = bank.shop_file();
        file["sinopac"]["a1"] = a1.into();
        let path = shop.folder().join("other.json");
        std::fs::write(&path, file.to_string()).unwrap();
        let data = shop.folder().join(folder);
        let words = ["--json", "--data", data.to_str().unwrap(), "--vault", &vault, "shop", "add", "--file"];
        let mut command = std::process::Command::new(program("counterfoil"));
        let ended = command.args(words).arg(&path).output().unwrap();
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let (status, why) = add("second", "0123456789ABCDEF");
    assert!(status == Some(7) && why.contains("shop-elsewhere"), "{why}");
    assert_eq!(keys(), before);
    // the same keys change nothing
    let a1 = bank.shop_file()["sinopac"]["a1"].as_str().unwrap().to_owned();
    assert_eq!(add("second", &a1).0, Some(0));
    done(shop.run_typing(&["people", "add", "--name", "林", "--role", "owner"], OWNER));
    let (status, why) = add("third", &a1);
    assert!(status == Some(7) && why.contains("shop-elsewhere"), "{why}");
}

/// Whoever changes a refund for a moment neither approves his own nor hides an older one.
#[test]
fn a_refund_that_is_not_the_records_is_not_decided() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let payment = &paid(&bank, &shop);
    let request = ["refund", "request", payment, "--amount", "5", "--reason", "returned"];
    let refund = done(acting(&shop, "王", CLERK, &request))["refund"].as_str().unwrap().to_owned();
    let approve = |name, pin| acting(&shop, name, pin, &["refund", "approve", &refund]);
    assert_eq!(code(&approve("王", CLERK)), (7, "refund-own-request"));
    let requester = rusqlite::Connection::open(data_file(&shop))
        .unwrap()
        .query_row("SELECT requester FROM refunds", [], |row| row.get::<_, String>(0))
        .unwrap();
    by_hand(&shop, "UPDATE refunds SET requester = 'owner'");
    let refused = approve("王", CLERK);
    assert_eq!(code(&refused), (7, "refund-unproved"));
    let withdraw = ["refund", "withdraw", &refund];
    assert_eq!(code(&acting(&shop, "王", CLERK, &withdraw)), (7, "refund-unproved"));
    let book = ["refund", "book", payment, "--amount", "1", "--reason", "x"];
    assert_eq!(code(&acting(&shop, "王", CLERK, &book)), (7, "refund-unproved"));
    by_hand(&shop, &format!("UPDATE refunds SET requester = '{requester}'"));
    assert_eq!(code(&approve("王", CLERK)), (7, "refund-own-request"));
    assert_eq!(code(&approve("林", OWNER)), (0, ""));
    // what a hand approves is not sent
    let payment = &paid(&bank, &shop);
    let request = ["refund", "request", payment, "--amount", "560", "--reason", "returned"];
    let again = done(acting(&shop, "王", CLERK, &request))["refund"].as_str().unwrap().to_owned();
    by_hand(&shop, "UPDATE refunds SET state = 'approved', approver = 'owner' WHERE state = 'requested'");
    let sent = || bank.control("calls", &json!({ "service": "OrderMaintain" }))["calls"].clone();
    let before = sent();
    shop.run(&["work", "--for", "5"]);
    assert_eq!(sent(), before, "nothing more left");
    let shown = done(acting(&shop, "林", OWNER, &["refund", "show", &again]));
    assert_eq!(shown["state"], json!("needs-person"), "{shown}");
    assert_eq!(shop.run(&["audit", "verify"]).status, 4);
}

/// What was printed at some time is held against the record; a person that it does not prove is
/// marked.
#[test]
fn a_printed_head_and_an_unproved_person_are_shown() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let out = shop.folder().join("audit.csv");
    let export = ["audit", "export", "--out", out.to_str().unwrap()];
    let exported = done(acting(&shop, "林", OWNER, &export));
    let csv = std::fs::read_to_string(&out).unwrap();
    let last: Vec<&str> = csv.lines().next_back().unwrap().split(',').collect();
    let (head, count) = (last[4].to_owned(), last[5].to_owned());
    assert_eq!(
        (json!(head), json!(count.parse::<u64>().unwrap())),
        (exported["head"].clone(), exported["chain"].clone())
    );
    let verify = |head: &str, count: &str| shop.run(&["audit", "verify", "--head", head, "--count", count]);
    done(acting(&shop, "陳", CLERK, &["sell", "--rail", "sinopac-card", "--amount", "560"]));
    assert_eq!(done(verify(&head, &count))["ok"], json!(true));
    assert_eq!(done(verify(&head[..16].to_uppercase(), &count))["ok"], json!(true));
    for (head, count) in [("0".repeat(64), count.clone()), (head.clone(), "99999".to_owned())] {
        let ended = verify(&head, &count);
        assert_eq!((ended.status, &ended.said["ok"]), (4, &json!(false)), "{}", ended.said);
    }
    assert_eq!(verify(&head[..15], &count).status, 2);
    assert_eq!(shop.run(&["audit", "verify", "--head", &head]).status, 2);

    by_hand(&shop, "UPDATE people SET approve_max = 1 WHERE name = '陳'");
    let people = done(acting(&shop, "林", OWNER, &["people", "list"]));
    let marked: Vec<_> =
        people["people"].as_array().unwrap().iter().map(|one| one["unproved"].clone()).collect();
    assert_eq!(marked, [json!(null), json!(null), json!(true)]);
}
