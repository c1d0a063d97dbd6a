//! Accepting a file that was put back or copied: only somebody whom the record proves, and only
//! while it proves everyone else.

use counterfoil_tests::outside::programs::Bank;
use serde_json::json;

use crate::people_cli::{CLERK, OWNER, SELL, acting, code, data_file, done, paid, with_people};
use crate::proved::by_hand;

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
    assert_eq!(code(&acting(&shop, "陳", CLERK, &accept)), (7, "person-unproved"));
    // an emptied chain under another id looks like an older program's, and is sealed as it is
    put_back(&format!("{owner}; DELETE FROM audit; UPDATE file SET id = randomblob(16)"));
    for (name, pin) in [("陳", CLERK), ("林", OWNER)] {
        assert_eq!(code(&acting(&shop, name, pin, &accept)), (7, "person-unproved"), "{name}");
    }
    // or without people, where whoever comes would be the owner
    put_back("DELETE FROM people; DELETE FROM audit; UPDATE file SET id = randomblob(16)");
    assert_eq!(code(&shop.run(&accept)), (6, "record-people-gone"));

    // nothing in the file as it was tells who of its people has left since: the way back is this
    // computer's account, and it leaves its mark
    put_back("");
    assert_eq!(code(&acting(&shop, "林", OWNER, &accept)), (7, "person-unproved"));
    done(shop.run_typing(&["people", "recover", "林"], "64027193"));
    done(acting(&shop, "林", "64027193\n27495810", &["people", "pin", "林"]));
    // the file is accepted, and the answer and the record say what that is
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
    // and with it the people whom its record proves
    done(acting(&shop, "陳", CLERK, &["refund", "list"]));
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

/// Yesterday's file may not know of a refund: nothing is decided by it before an owner has accepted
/// it.
#[test]
fn a_file_that_was_put_back_decides_no_refund_until_it_is_accepted() {
    let bank = Bank::open();
    let shop = with_people(&bank);
    let payment = &paid(&bank, &shop);
    let request = ["refund", "request", payment, "--amount", "5", "--reason", "returned"];
    let refund = &done(acting(&shop, "王", CLERK, &request))["refund"].as_str().unwrap().to_owned();
    let yesterday = std::fs::read(data_file(&shop)).unwrap();
    done(acting(&shop, "陳", CLERK, &SELL));
    std::fs::write(data_file(&shop), yesterday).unwrap();
    let acts = [
        &["refund", "approve", refund][..],
        &["refund", "withdraw", refund],
        &["refund", "decide", refund, "--keep-asking"],
        &["refund", "book", payment, "--amount", "1", "--reason", "x"],
        &request,
    ];
    for words in acts {
        assert_eq!(code(&acting(&shop, "林", OWNER, words)), (7, "record-older"), "{words:?}");
    }
    done(acting(&shop, "陳", CLERK, &SELL));
    done(acting(&shop, "林", OWNER, &["audit", "accept"]));
    done(acting(&shop, "林", OWNER, &["refund", "approve", refund]));
}
