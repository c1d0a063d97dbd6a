//! Accepting a file that was put back or copied: only somebody whom the record proves, and only
//! while it proves everyone else.

use counterfoil_tests::outside::programs::{Bank, Shop};
use rusqlite::Connection;
use serde_json::json;

use crate::people_cli::{CLERK, OWNER, acting, code, data_file, done, with_people};

/// The file as a hand leaves it that knows how to put the triggers back.
fn by_hand(shop: &Shop, sql: &str) {
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

/// Whoever accepts is somebody whom the record proves, and so is everyone else.
#[test]
fn who_made_himself_owner_by_hand_accepts_nothing() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let accept = ["audit", "accept"];
    let right = std::fs::read(data_file(&shop)).unwrap();
    let put_back = |sql: &str| {
        std::fs::write(data_file(&shop), &right).unwrap();
        by_hand(&shop, sql);
    };
    // a file put back can be accepted, and this row in it cannot
    done(acting(&shop, "林", OWNER, &["people", "limits", "陳", "--ask", "199"]));
    let owner = "UPDATE people SET role = 'owner' WHERE name = '陳'";
    put_back(owner);
    let refused = acting(&shop, "陳", CLERK, &accept);
    assert_eq!(code(&refused), (7, "record-people"));
    assert!(refused.said["error"]["values"]["people"].as_str().unwrap().contains("陳"), "{}", refused.said);
    // an emptied chain under another id looks like an older program's, and is sealed as it is
    put_back(&format!("{owner}; DELETE FROM audit; UPDATE file SET id = randomblob(16)"));
    let refused = acting(&shop, "陳", CLERK, &accept);
    assert_eq!(code(&refused), (7, "record-people"));
    for name in ["林", "王", "陳"] {
        assert!(refused.said["error"]["values"]["people"].as_str().unwrap().contains(name), "{name}");
    }
    assert_eq!(code(&acting(&shop, "林", OWNER, &accept)), (7, "record-people"));
    // or without people, where whoever comes would be the owner
    put_back("DELETE FROM people; DELETE FROM audit; UPDATE file SET id = randomblob(16)");
    assert_eq!(code(&shop.run(&accept)), (6, "record-people-gone"));

    // the file as it was is accepted, and the answer and the record say what that is
    put_back("");
    let said = done(acting(&shop, "林", OWNER, &accept));
    let now = &said["accepted_now"];
    assert_eq!(
        (&said["ok"], &now["rows"]["people"], &now["rows"]["shop"]),
        (&json!(true), &json!(3), &json!(1))
    );
    assert!(now["shop"].as_str().unwrap().ends_with("custom NA0249_001"), "{now}");
    let list = ["audit", "list", "--what", "record-accepted"];
    let rows = done(acting(&shop, "林", OWNER, &list));
    assert_eq!(rows["rows"][0]["detail"], now["accepts"]);
    assert!(now["accepts"].as_str().unwrap().ends_with(", holds shop 1 people 3"), "{now}");
}

/// With the keyring the proof of every row is lost. Who has a new PIN is proved again.
#[test]
fn after_a_lost_keyring_the_owner_accepts_when_every_pin_is_new() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    std::fs::remove_file(shop.folder().join("keys")).unwrap();
    done(shop.run_typing(&["people", "recover", "林"], "64027193"));
    done(acting(&shop, "林", "64027193\n27495810", &["people", "pin", "林"]));
    let accept = || acting(&shop, "林", OWNER, &["audit", "accept"]);
    done(acting(&shop, "林", &format!("{OWNER}\n836201"), &["people", "pin", "王"]));
    let refused = accept();
    assert_eq!(
        (code(&refused), &refused.said["error"]["values"]["people"]),
        ((7, "record-people"), &json!("陳"))
    );
    done(acting(&shop, "林", OWNER, &["people", "retire", "陳"]));
    assert_eq!(done(accept())["ok"], json!(true));
}
