//! One bank's lost key, or a port that another program has, stops only what needs it.

use std::fs;
use std::net::TcpListener;

use counterfoil_tests::outside::programs::{Bank, Ended, Shop};
use serde_json::{Value, json};

fn sell(shop: &Shop, rail: &str) -> Ended {
    shop.run(&["sell", "--rail", rail, "--amount", "500"])
}

fn code(ended: &Ended) -> (i32, &str) {
    (ended.status, ended.said["error"]["code"].as_str().unwrap_or_default())
}

/// Takes a key of a bank out of the vault, and gives back how the vault was.
fn forget(shop: &Shop, name: &str) -> Vec<u8> {
    let path = shop.folder().join("keys");
    let was = fs::read(&path).unwrap();
    let mut vault: Value = serde_json::from_slice(&was).unwrap();
    let held = vault.as_object_mut().unwrap().values_mut();
    let taken: Vec<_> = held.filter_map(|of| of.as_object_mut()?.remove(name)).collect();
    assert_eq!(taken.len(), 1, "{name}");
    fs::write(&path, vault.to_string()).unwrap();
    was
}

#[test]
fn a_lost_key_of_one_bank_leaves_the_other_one_selling() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let banks = [
        ("ctbc.mac_key", "ctbc-vault-missing", "ctbc", "ctbc-card", "sinopac-account"),
        ("sinopac.b1", "vault-missing", "sinopac", "sinopac-account", "ctbc-card"),
    ];
    for (name, why, of, shut, open) in banks {
        let was = forget(&shop, name);
        let refused = sell(&shop, shut);
        assert_eq!(code(&refused), (5, why));
        let values = &refused.said["error"]["values"];
        assert_eq!(
            (&values["name"], &values["sent"], &values["stays"]),
            (&json!(name), &json!("no"), &json!(false))
        );
        let sold = sell(&shop, open);
        assert_eq!(sold.status, 0, "{sold:?}");
        // nothing waits for the bank that is shut, and it is named
        let worked = shop.run(&["work", "--until-idle"]);
        assert_eq!(worked.status, 0, "{worked:?}");
        assert_eq!(
            (&worked.said["shut"][0]["bank"], &worked.said["shut"][0]["why"]["code"]),
            (&json!(of), &json!(why))
        );
        fs::write(shop.folder().join("keys"), was).unwrap();
        let worked = shop.run(&["work", "--until-idle"]).said;
        assert_eq!(worked["shut"], Value::Null, "{worked}");
    }
    // without either there is nothing to sell at
    forget(&shop, "ctbc.mac_key");
    forget(&shop, "sinopac.b1");
    assert_eq!(code(&sell(&shop, "ctbc-card")), (5, "vault-missing"));
}

/// What is planned at the bank that is shut waits until its key is back.
#[test]
fn an_unpaid_account_of_a_shut_bank_is_neither_cancelled_nor_asked_about() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    let sold = sell(&shop, "sinopac-account").said;
    let payment = sold["payment"].as_str().unwrap();
    let was = forget(&shop, "sinopac.b1");
    let asked = || bank.control("calls", &json!({}))["calls"].as_array().unwrap().len();
    let before = asked();
    assert_eq!(code(&shop.run(&["cancel", payment])), (5, "vault-missing"));
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    assert_eq!(asked(), before);
    fs::write(shop.folder().join("keys"), was).unwrap();
    assert_eq!(shop.run(&["cancel", payment]).said["state"], "cancelled");
}

#[test]
fn a_taken_return_port_stops_only_the_form_that_it_hands_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = bank.shop_file();
    for of in ["sinopac", "ctbc"] {
        file[of]["return_url"] = "loopback".into();
        file[of]["loopback_port"] = port.into();
    }
    assert_eq!(shop.add_file(&file).status, 0);
    for rail in ["sinopac-account", "sinopac-card"] {
        let sold = sell(&shop, rail);
        assert_eq!(sold.status, 0, "{rail}: {sold:?}");
        // without a browser that comes back, polling does the work
        let payment = sold.said["payment"].as_str().unwrap();
        bank.control("pay", &json!({ "order": sold.said["bank_order_no"] }));
        assert_eq!(shop.run(&["watch", payment, "--for", "60"]).said["state"], "paid", "{rail}");
    }
    let refused = sell(&shop, "ctbc-card");
    assert_eq!((code(&refused), &refused.said["error"]["values"]["port"]), ((2, "listener"), &json!(port)));
}
