//! Control calls about CTBC: payments, declines, books, planting, reset, two banks in one
//! simulator.

use super::*;
use crate::{ControlError, demo_shop};

fn call(bank: &mut Simulator, name: &str, more: &Value) -> Result<Value, ControlError> {
    let mut args = json!({"bank": "ctbc", "shop": SHOP, "order": "A1"});
    args.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    bank.control(name, &args)
}

#[test]
fn a_payment_needs_an_open_page_and_gives_what_the_browser_brings_back() {
    let mut bank = bank();
    assert_eq!(call(&mut bank, "pay", &json!({})).err(), Some(ControlError::UnknownOrder));
    open(&mut bank, "A1", "500");
    let paid = call(&mut bank, "pay", &json!({"shop": "demo"})).unwrap();
    assert_eq!(paid["return"]["url"], RETURN);
    let said = returned(&paid["return"]["fields"]);
    assert_eq!((said["status"].as_str(), said["lidm"].as_str()), ("0", "A1"));
    assert_eq!(call(&mut bank, "pay", &json!({})).err(), Some(ControlError::State));
    assert_eq!(call(&mut bank, "decline", &json!({})).err(), Some(ControlError::State));
    open(&mut bank, "A1", "500");
    assert!(call(&mut bank, "pay", &json!({})).is_ok(), "a second page of the number");
    assert_eq!(bank.cards().count(), 2);
}

#[test]
fn a_payment_may_happen_later_or_carry_an_earlier_time() {
    let mut bank = bank();
    open(&mut bank, "A1", "500");
    let later = call(&mut bank, "pay", &json!({"at": "202611231010"})).unwrap();
    assert_eq!(later, json!({"return": null}));
    assert!(bank.card(SHOP, "A1").is_none());
    bank.run_to(at("2026-11-23T10:10:00+08:00"));
    assert_eq!(bank.card(SHOP, "A1").unwrap().at, "2026-11-23T10:10:00.000+08:00");
    open(&mut bank, "A2", "500");
    call(&mut bank, "pay", &json!({"order": "A2", "at": "202611231005"})).unwrap();
    assert_eq!(bank.card(SHOP, "A2").unwrap().at, "2026-11-23T10:05:00.000+08:00");
    open(&mut bank, "A3", "500");
    call(&mut bank, "pay", &json!({"order": "A3", "at": "202611231200"})).unwrap();
    bank.run_to(at("2026-11-23T12:00:00+08:00"));
    assert!(bank.card(SHOP, "A3").is_none(), "the page had ended by then");
}

#[test]
fn a_decline_has_any_listed_code() {
    let mut bank = bank();
    for (code, kept) in
        [("8/05", true), ("8/51", true), ("12/40", true), ("4/1", true), ("10/88", false), ("10/E0", false)]
    {
        open(&mut bank, "A1", "500");
        let before = bank.cards().count();
        let answer = call(&mut bank, "decline", &json!({ "code": code })).unwrap();
        let said = returned(&answer["return"]["fields"]);
        assert_eq!(format!("{}/{}", said["status"], said["errcode"]), code);
        assert_eq!(bank.cards().count() - before, usize::from(kept), "{code}");
    }
    assert_eq!(state(&bank, "A1"), "-1");
    open(&mut bank, "A1", "500");
    let plain = call(&mut bank, "decline", &json!({})).unwrap();
    assert_eq!(returned(&plain["return"]["fields"])["errcode"], "05");
    for code in ["0/00", "99/zz", "05"] {
        open(&mut bank, "A1", "500");
        let refused = call(&mut bank, "decline", &json!({ "code": code })).err();
        assert_eq!(refused, Some(ControlError::Member("code")));
    }
}

#[test]
fn a_page_that_ended_cannot_be_paid_but_timed_out() {
    let mut bank = bank();
    open(&mut bank, "A1", "500");
    bank.advance(std::time::Duration::from_mins(30));
    assert_eq!(call(&mut bank, "pay", &json!({})).err(), Some(ControlError::State));
    let out = call(&mut bank, "decline", &json!({"code": "10/E0"})).unwrap();
    assert_eq!(returned(&out["return"]["fields"])["errcode"], "E0");
}

#[test]
fn the_books_show_transactions_forms_and_batches_of_both_banks() {
    let shops = json!([{"name": "both", "sinopac": demo_shop()["sinopac"], "ctbc": demo_ctbc()}]);
    let mut bank = bank_of(&shops);
    sold(&mut bank, "A1", "500");
    open(&mut bank, "A2", "700");
    let plant = json!({"shop": "both", "order": "S1", "amount": 100, "state": "1A400"});
    bank.control("plant", &plant).unwrap();
    let books = bank.control("books", &json!({})).unwrap();
    assert_eq!(
        (&books["orders"][0]["bank"], &books["orders"][1]["bank"]),
        (&json!("sinopac"), &json!("ctbc"))
    );
    let line = &books["orders"][1];
    assert_eq!(
        (&line["shop"], &line["order"], &line["amount"], &line["state"], &line["refunded"]),
        (&json!(SHOP), &json!("A1"), &json!(500), &json!("10"), &json!(0))
    );
    let forms = books["forms"].as_array().unwrap();
    assert_eq!((forms.len(), &forms[0]["open"], &forms[1]["open"]), (2, &json!(false), &json!(true)));
    for (args, count) in [
        (json!({"bank": "ctbc"}), 1),
        (json!({"bank": "sinopac"}), 1),
        (json!({"shop": SHOP}), 1),
        (json!({"shop": "both"}), 2),
        (json!({"order": "A1"}), 1),
        (json!({"bank": "sinopac", "order": "A1"}), 0),
    ] {
        let found = bank.control("books", &args).unwrap()["orders"].as_array().unwrap().len();
        assert_eq!(found, count, "{args}");
    }
    let wrong = bank.control("books", &json!({"bank": "sinopac", "shop": SHOP})).err();
    assert_eq!(wrong, Some(ControlError::UnknownShop));
}

#[test]
fn disagreement_can_be_planted() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    call(&mut bank, "plant", &json!({"state": "22", "amount": 600})).unwrap();
    let line = bank.card(SHOP, "A1").unwrap();
    assert_eq!((line.state.as_str(), line.refunded, line.amount, line.planted), ("22", 600, 600, false));
    call(&mut bank, "plant", &json!({"order": "X1", "amount": 100, "state": "20"})).unwrap();
    let line = bank.card(SHOP, "X1").unwrap();
    assert_eq!((line.state.as_str(), line.refund_queued, line.planted), ("20", 100, true));
    batch(&mut bank);
    assert_eq!(state(&bank, "X1"), "22", "it goes its way like any other");
    call(&mut bank, "plant", &json!({"order": "X2", "state": "99"})).unwrap();
    assert_eq!(state(&bank, "X2"), "99");
    for wrong in [json!({"amount": 0}), json!({"state": 1}), json!({"amount": "1"})] {
        assert!(matches!(call(&mut bank, "plant", &wrong).err(), Some(ControlError::Member(_))), "{wrong}");
    }
}

#[test]
fn reset_forgets_transactions_and_keeps_shops() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    switch(&mut bank, "one_lidm", true);
    bank.control("run_batch", &json!({"phase": "start"})).unwrap();
    bank.control("reset", &json!({})).unwrap();
    assert_eq!((bank.cards().count(), bank.calls().count()), (0, 0));
    assert_eq!(bank.control("switch", &json!({})).unwrap()["one_lidm"], false);
    assert_eq!(sold(&mut bank, "A1", "500").batch_id, Some(1));
    assert_eq!(acted(&mut bank, "A1", "CapRev", 0), "0/00", "no batch runs");
}

#[test]
fn a_shop_has_one_type_and_a_wrong_member_is_named() {
    let mut bank = bank();
    let shown = call(&mut bank, "shops", &json!({"tx_type": 1, "refunds": false})).unwrap();
    assert_eq!(shown, json!({"shop": SHOP, "allow_ips": null, "tx_type": 1, "refunds": false}));
    for (args, member) in [
        (json!({"tx_type": 2}), "tx_type"),
        (json!({"refunds": 1}), "refunds"),
        (json!({"allow_ips": "127.0.0.1"}), "allow_ips"),
        (json!({"allow_ips": ["home"]}), "allow_ips"),
    ] {
        assert_eq!(call(&mut bank, "shops", &args).err(), Some(ControlError::Member(member)));
    }
    assert_eq!(call(&mut bank, "notify", &json!({})).err(), Some(ControlError::NotBuilt));
}

#[test]
fn one_seed_gives_one_history_and_requests_are_counted() {
    let history = || {
        let mut bank = bank();
        sold(&mut bank, "A1", "500");
        batch(&mut bank);
        let shown = inquiry(&mut bank, "A1", 500).write();
        (shown, bank.control("books", &json!({})).unwrap().to_string())
    };
    assert_eq!(history(), history());
    let mut bank = bank();
    for _ in 0..3 {
        by_lidm(&mut bank, "A1");
    }
    let books = bank.control("books", &json!({})).unwrap();
    assert_eq!((&books["requests"], &books["busiest_second"]), (&json!(3), &json!(3)));
}

#[test]
fn nothing_shown_holds_the_key() {
    let mut bank = bank();
    sold(&mut bank, "A1", "500");
    inquiry(&mut bank, "A1", 500);
    for name in ["books", "calls", "batch", "switch", "faults"] {
        assert!(!bank.control(name, &json!({})).unwrap().to_string().contains(KEY), "{name}");
    }
}
