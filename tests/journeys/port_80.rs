//! A return address without a port, as a bank wants it that takes ports 80 and 443 only: in a
//! network of its own, where port 80 is free and anybody's.

use std::process::Command;

use counterfoil_tests::outside::customer;
use counterfoil_tests::outside::programs::{Bank, Shop, wait_until_listening};

/// Set inside of the network.
const INSIDE: &str = "COUNTERFOIL_OWN_NETWORK";

#[test]
fn a_sale_returns_to_port_80_and_is_paid() {
    if std::env::var_os(INSIDE).is_some() {
        return by_card();
    }
    let own_network = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--map-root-user", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
        command
    };
    if !own_network().arg("true").status().is_ok_and(|made| made.success()) {
        println!("not tried: this computer gives nobody a network of their own");
        return;
    }
    let this = std::env::current_exe().unwrap();
    let test = ["port_80::a_sale_returns_to_port_80_and_is_paid", "--exact", "--nocapture"];
    let ended = own_network().arg(this).args(test).env(INSIDE, "1").status().unwrap();
    assert!(ended.success(), "{ended}");
}

/// As a browser asks: it leaves the port of the protocol out, in the Host too.
fn bare(address: &str) -> String {
    let bare = address.replacen(":80/", "/", 1);
    assert!(bare.starts_with("http://127.0.0.1/"), "{address}");
    bare
}

fn by_card() {
    let bank = Bank::open();
    bank.control("switch", &serde_json::json!({ "port_check": true }));
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = bank.shop_file();
    for of in ["sinopac", "ctbc"] {
        file[of]["return_url"] = "loopback".into();
        file[of]["loopback_port"] = 80.into();
    }
    assert_eq!(shop.add_file(&file).status, 0);
    for rail in ["sinopac-card", "ctbc-card"] {
        let sold = shop.run(&["sell", "--rail", rail, "--amount", "500"]);
        assert_eq!(sold.status, 0, "{sold:?}");
        let [payment, link] = ["payment", "link"].map(|name| sold.said[name].as_str().unwrap());
        let watching = shop.start(&["watch", payment, "--for", "60"]);
        wait_until_listening(80);
        let mut back = if rail == "ctbc-card" {
            customer::pay_at_ctbc(&customer::card_page(&bare(link)))
        } else {
            customer::pay_by_card(link)
        };
        back.action = bare(&back.action);
        assert_eq!(back.send(&[]).status, 200, "{}", back.action);
        let watched = watching.ended();
        assert_eq!((watched.status, watched.said["state"].as_str()), (0, Some("paid")), "{watched:?}");
    }
}
