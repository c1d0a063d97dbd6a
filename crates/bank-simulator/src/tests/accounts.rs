//! Virtual accounts: issue, payment, expiry, disabling, late money.

use std::time::Duration;

use serde_json::json;

use super::*;

#[test]
fn an_account_is_issued_with_the_members_in_order() {
    let mut bank = bank();
    let answer = create(&mut bank, account("A1"));
    let names: Vec<&str> = answer.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["OrderNo", "ShopNo", "TSNo", "Amount", "Status", "Description", "PayType", "ATMParam"]
    );
    assert_eq!(answer["TSNo"], "NA024900000001");
    assert_eq!(answer["Amount"], 50000);
    let number = answer["ATMParam"]["AtmPayNo"].as_str().unwrap();
    assert!(number.len() == 14 && number.starts_with("999225"), "{number}");
    let other = create(&mut bank, account("A2"));
    assert_ne!(other["ATMParam"]["AtmPayNo"], answer["ATMParam"]["AtmPayNo"]);
    assert_eq!(other["TSNo"], "NA024900000002");
}

#[test]
fn parameters_come_back_and_stay_away_as_they_were_sent() {
    let mut bank = bank();
    let mut fields = account("A1");
    fields["Param1"] = json!("一");
    fields["Param2"] = json!("");
    let answer = create(&mut bank, fields);
    assert_eq!((&answer["Param1"], &answer["Param2"]), (&json!("一"), &json!("")));
    assert!(!answer.contains_key("Param3"));
}

#[test]
fn a_payment_shows_in_the_query_and_in_the_books() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A200");
    bank.advance(Duration::from_secs(90));
    assert!(bank.pay(SHOP, "A1", None).unwrap().is_none());
    let row = row(&mut bank, "A1");
    assert_eq!(row["PayStatus"], "1A400");
    assert_eq!(row["PayDate"], "202611221001");
    assert_eq!(row["TSDate"], "202611221000");
    assert_eq!(row["ExpireDate"], "202611252359");
    assert_eq!(row["Amount"], 50000);
    assert_eq!((&row["RefundFlag"], &row["RefundStatus"]), (&json!("N"), &json!("")));
    assert_eq!(row["ATMParam"]["BankNo"], "807");
    let book = bank.book(SHOP, "A1").unwrap();
    assert_eq!((book.amount, book.state.as_str(), book.refunded), (500, "1A400", 0));
    assert_eq!(book.pay_date.as_deref(), Some("2026-11-22T10:01:30.000+08:00"));
    assert!(bank.pay(SHOP, "A1", None).is_err(), "paid once");
}

#[test]
fn a_payment_can_be_planned_and_can_lie_back() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    create(&mut bank, account("A2"));
    bank.pay(SHOP, "A1", Some(at("2026-11-23T08:00:00+08:00"))).unwrap_or_else(|_| panic!("planned"));
    bank.pay(SHOP, "A2", Some(at("2026-11-22T09:00:00+08:00"))).unwrap_or_else(|_| panic!("back"));
    assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A200");
    assert_eq!(row(&mut bank, "A2")["PayDate"], "202611220900");
    bank.run_to(at("2026-11-23T09:00:00+08:00"));
    assert_eq!(row(&mut bank, "A1")["PayDate"], "202611230800");
}

#[test]
fn an_account_ends_after_its_day_and_late_money_is_taken() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    bank.run_to(at("2026-11-25T23:59:59.999+08:00"));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A200");
    bank.run_to(at("2026-11-26T00:00:00+08:00"));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A250");
    assert!(bank.pay(SHOP, "A1", None).is_ok());
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A400");
}

#[test]
fn on_the_risk_limit_an_account_ends_a_second_before_its_hour() {
    let mut bank = bank();
    let mut fields = account("A1");
    fields["ATMParam"] = json!({"ExpireDate": "20261222"});
    create(&mut bank, fields);
    assert_eq!(row(&mut bank, "A1")["ExpireDate"], "202612220959");
    assert_eq!(bank.book(SHOP, "A1").unwrap().expires_at, "2026-12-22T09:59:59.000+08:00");
    let mut fields = account("A2");
    fields["ATMParam"] = json!({"ExpireDate": "20261122", "ExpireTime": "1530"});
    create(&mut bank, fields);
    assert_eq!(row(&mut bank, "A2")["ExpireDate"], "202611221530");
}

#[test]
fn a_waiting_account_can_be_disabled_once() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    let answer = ask(&mut bank, "OrderMaintain", json!({"OrderNo": "A1", "Command": "C"}));
    assert_eq!((code(&answer).as_str(), &answer["Command"]), ("S0000", &json!("C")));
    assert!(!answer.contains_key("Amount"));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A250");
    let again = ask(&mut bank, "OrderMaintain", json!({"OrderNo": "A1", "Command": "C"}));
    assert_eq!(code(&again), "E1802");
    assert!(bank.pay(SHOP, "A1", None).is_ok(), "late money to a disabled account");
}

#[test]
fn the_paying_job_spares_numbers_that_end_in_nine() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    create(&mut bank, account("A9"));
    bank.control("switch", &json!({"pay_job": true})).unwrap();
    bank.run_to(at("2026-11-22T10:04:59+08:00"));
    assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A200");
    bank.run_to(at("2026-11-22T10:11:00+08:00"));
    assert_eq!(row(&mut bank, "A1")["PayDate"], "202611221005");
    assert_eq!(bank.book(SHOP, "A9").unwrap().state, "1A200");
    bank.control("switch", &json!({"pay_job": false})).unwrap();
    create(&mut bank, account("A2"));
    bank.advance(Duration::from_hours(1));
    assert_eq!(bank.book(SHOP, "A2").unwrap().state, "1A200");
}

#[test]
fn settlement_moves_a_payment_on_when_switched_on() {
    let mut bank = bank();
    bank.control("switch", &json!({"settle_days": 2})).unwrap();
    create(&mut bank, account("A1"));
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    bank.advance(Duration::from_hours(48));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A900");
}
