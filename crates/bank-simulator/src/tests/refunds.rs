//! Longer than 500 lines because each check has its row.
//!
//! Refunds: every check with its code, the two calls of an account, what becomes of a refund as
//! time goes on, what queries and books show of it, and another end of an account.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{BookLine, ControlError, RefundLine};

/// A card that was captured: NT$404.
fn paid_card(bank: &mut Simulator, order: &str) {
    create(bank, card(order, "Y"));
    bank.pay(SHOP, order, None).unwrap_or_else(|_| panic!("paid"));
}

/// An account that was paid: NT$500.
fn paid_account(bank: &mut Simulator, order: &str) {
    create(bank, account(order));
    bank.pay(SHOP, order, None).unwrap_or_else(|_| panic!("paid"));
}

fn refund(bank: &mut Simulator, order: &str, dollars: i64) -> Map<String, Value> {
    ask(bank, "OrderMaintain", json!({"OrderNo": order, "Command": "R", "Amount": dollars * 100}))
}

fn second(bank: &mut Simulator, order: &str, dollars: i64, token: &Value) -> Map<String, Value> {
    let fields = json!({"OrderNo": order, "Command": "R", "Amount": dollars * 100, "RefundToken": token});
    ask(bank, "OrderMaintain", fields)
}

/// Both calls of an account refund.
fn both(bank: &mut Simulator, order: &str, dollars: i64) -> String {
    let first = refund(bank, order, dollars);
    assert_eq!(code(&first), "S0000");
    code(&second(bank, order, dollars, &first["RefundToken"]))
}

/// A refund that must be refused with this code and change nothing.
fn refused(bank: &mut Simulator, order: &str, dollars: i64, expected: &str) {
    let before = bank.book(SHOP, order).unwrap();
    let answer = refund(bank, order, dollars);
    assert_eq!((code(&answer).as_str(), &answer["Status"]), (expected, &json!("F")), "{order} {dollars}");
    assert!(!bank.calls().last().unwrap().acted);
    assert!(!answer.contains_key("RefundToken"));
    assert_eq!(bank.book(SHOP, order).unwrap(), before);
}

fn switch(bank: &mut Simulator, name: &str, value: impl Into<Value>) {
    bank.control("switch", &json!({ name: value.into() })).unwrap();
}

fn book(bank: &Simulator, order: &str) -> BookLine {
    bank.book(SHOP, order).unwrap()
}

fn states(bank: &Simulator, order: &str) -> Vec<String> {
    book(bank, order).refunds.into_iter().map(|refund| refund.state).collect()
}

fn day_of(bank: &mut Simulator, day: &str) -> Vec<(String, String, i64)> {
    let bill = ask(bank, "BillQuery", json!({"BillDate": day}));
    let rows = bill["OrderList"].as_array().unwrap().iter();
    rows.map(|row| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("OrderNo"), text("TSType"), row["Amount"].as_i64().unwrap())
    })
    .collect()
}

#[test]
fn a_card_refund_is_taken_worked_on_and_done() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    let answer = refund(&mut bank, "C1", 404);
    let names: Vec<&str> = answer.keys().map(String::as_str).collect();
    assert_eq!(names, ["OrderNo", "ShopNo", "TSNo", "Command", "Amount", "Date", "Status", "Description"]);
    assert_eq!((&answer["Command"], &answer["Amount"]), (&json!("R"), &json!(40400)));
    let shown = |bank: &mut Simulator| {
        let row = row(bank, "C1");
        assert_eq!((&row["PayStatus"], &row["RefundDate"]), (&json!("1C400"), &json!("202611221000")));
        let list = row.get("RefundList").cloned();
        (row["RefundStatus"].clone(), row["RefundFlag"].clone(), row["RefundAmount"].clone(), list)
    };
    assert_eq!(shown(&mut bank), (json!("2C200"), json!("N"), json!(0), None));
    bank.advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(shown(&mut bank).0, "2C200");
    bank.advance(Duration::from_secs(1));
    assert_eq!(shown(&mut bank), (json!("2C400"), json!("N"), json!(0), None));
    assert_eq!((book(&bank, "C1").refunded, book(&bank, "C1").captured), (0, 404));
    bank.run_to(at("2026-11-23T09:59:59.999+08:00"));
    assert_eq!(shown(&mut bank).0, "2C400");
    bank.run_to(at("2026-11-23T10:00:00+08:00"));
    let list = json!([{"RefundNo": "C2026110000000001", "RefundDate": "202611221000", "RefundAmount": 40400,
                       "RefundStatus": "2C900"}]);
    assert_eq!(shown(&mut bank), (json!("2C900"), json!("Y"), json!(40400), Some(list)));
    let line = RefundLine {
        no: "C2026110000000001".to_owned(),
        amount: 404,
        state: "2C900".to_owned(),
        done: true,
        asked_at: "2026-11-22T10:00:00.000+08:00".to_owned(),
        ended_at: Some("2026-11-23T10:00:00.000+08:00".to_owned()),
        by_hand: false,
    };
    let book = book(&bank, "C1");
    assert_eq!((book.captured, book.refunded, book.refunds), (404, 404, vec![line]));
}

#[test]
fn an_account_refund_has_two_calls() {
    let mut bank = bank();
    paid_account(&mut bank, "A1");
    let first = refund(&mut bank, "A1", 123);
    assert_eq!((code(&first).as_str(), &first["Amount"]), ("S0000", &json!(12300)));
    let token = first["RefundToken"].clone();
    assert_eq!(token.as_str().unwrap().len(), 64);
    let before = row(&mut bank, "A1");
    assert_eq!((&before["RefundStatus"], &before["RefundDate"]), (&json!(""), &json!("")), "no trace");
    assert_eq!(book(&bank, "A1").refunds, []);
    refused(&mut bank, "A1", 123, "E9918");
    refused(&mut bank, "A1", 501, "E3602");
    bank.advance(Duration::from_millis(119_999));
    let answer = second(&mut bank, "A1", 123, &token);
    assert_eq!((code(&answer).as_str(), answer.get("RefundToken")), ("S0000", None));
    assert_eq!(states(&bank, "A1"), ["2A400"]);
    refused(&mut bank, "A1", 1, "E9918");
    let again = second(&mut bank, "A1", 123, &token);
    assert_eq!(code(&again), "E3608", "its refund was asked");
    bank.run_to(at("2026-11-22T10:04:59.999+08:00"));
    assert_eq!(states(&bank, "A1"), ["2A400"]);
    bank.run_to(at("2026-11-22T10:05:00+08:00"));
    assert_eq!(states(&bank, "A1"), ["2A900"]);
    assert_eq!(row(&mut bank, "A1")["RefundDate"], "202611221001");
    // the rest of it
    assert_eq!(both(&mut bank, "A1", 377), "S0000");
    assert_eq!(book(&bank, "A1").refunds.iter().map(|refund| refund.amount).sum::<i64>(), 500);
}

#[test]
fn a_token_is_of_one_order_one_amount_and_two_minutes() {
    let mut bank = bank();
    paid_account(&mut bank, "A1");
    paid_account(&mut bank, "A2");
    paid_card(&mut bank, "C1");
    let token = refund(&mut bank, "A1", 123)["RefundToken"].clone();
    for (order, dollars, token, expected) in [
        ("A1", 123, json!("0".repeat(64)), "E3607"),
        ("A1", 124, token.clone(), "E3601"),
        ("A2", 123, token.clone(), "E3607"),
        ("C1", 123, token.clone(), "E3607"),
    ] {
        assert_eq!(code(&second(&mut bank, order, dollars, &token)), expected, "{order} {dollars}");
        assert!(!bank.calls().last().unwrap().acted);
        assert_eq!(book(&bank, order).refunds, []);
    }
    bank.advance(Duration::from_mins(2));
    assert_eq!(code(&second(&mut bank, "A1", 123, &token)), "E3605");
    assert_eq!(book(&bank, "A1").refunds, []);
    // the shop may start again; without an amount the first call's counts
    let token = refund(&mut bank, "A1", 200)["RefundToken"].clone();
    let fields = json!({"OrderNo": "A1", "Command": "R", "RefundToken": token});
    let answer = ask(&mut bank, "OrderMaintain", fields);
    assert_eq!((code(&answer).as_str(), &answer["Amount"]), ("S0000", &json!(20000)));
}

#[test]
fn the_second_call_is_checked_like_the_first() {
    let mut bank = bank();
    let pair = |bank: &mut Simulator, order: &str, meanwhile: &dyn Fn(&mut Simulator)| {
        paid_account(bank, order);
        let token = refund(bank, order, 300)["RefundToken"].clone();
        meanwhile(bank);
        code(&second(bank, order, 300, &token))
    };
    let contract = |bank: &mut Simulator, on: bool| {
        bank.control("shops", &json!({"shop": SHOP, "refunds": on})).unwrap();
    };
    assert_eq!(pair(&mut bank, "A1", &|bank| contract(bank, false)), "E3606");
    contract(&mut bank, true);
    let by_hand = |bank: &mut Simulator| {
        bank.control("refund", &json!({"shop": SHOP, "order": "A2", "amount": 201})).unwrap();
        bank.control("refund_state", &json!({"shop": SHOP, "order": "A2", "state": "2A900"})).unwrap();
    };
    assert_eq!(pair(&mut bank, "A2", &by_hand), "E9919", "the back office was faster");
    assert_eq!((book(&bank, "A1").refunds.len(), book(&bank, "A2").refunds.len()), (0, 1));
}

#[test]
fn a_card_refund_is_never_done_before_it_is_worked_on() {
    let mut bank = bank();
    switch(&mut bank, "refund_work_minutes", 60);
    switch(&mut bank, "refund_done_minutes", 10);
    paid_card(&mut bank, "C1");
    refund(&mut bank, "C1", 100);
    bank.advance(Duration::from_mins(59));
    assert_eq!(states(&bank, "C1"), ["2C200"]);
    bank.advance(Duration::from_mins(1));
    assert_eq!(states(&bank, "C1"), ["2C900"]);
    assert_eq!(book(&bank, "C1").refunds[0].ended_at.as_deref(), Some("2026-11-22T11:00:00.000+08:00"));
}

#[test]
fn without_an_amount_everything_is_given_back() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    let answer = ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C1", "Command": "R"}));
    assert_eq!((code(&answer).as_str(), &answer["Amount"]), ("S0000", &json!(40400)));
    assert_eq!(book(&bank, "C1").refunds[0].amount, 404);
}

#[test]
fn only_what_was_collected_can_be_given_back() {
    let mut bank = bank();
    for (order, auto) in [("C1", "Y"), ("C2", "N"), ("C3", "N"), ("C4", "Y")] {
        create(&mut bank, card(order, auto));
    }
    for order in ["C2", "C3"] {
        bank.pay(SHOP, order, None).unwrap_or_else(|_| panic!("approved"));
    }
    ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C3", "Command": "C"}));
    create(&mut bank, account("A1"));
    bank.advance(Duration::from_mins(11));
    for order in ["C1", "C2", "C3", "C4", "A1"] {
        refused(&mut bank, order, 1, "E1802");
    }
    ask(&mut bank, "OrderMaintain", json!({"OrderNo": "C2", "Command": "P"}));
    assert_eq!(code(&refund(&mut bank, "C2", 1)), "S0000");
    let settled = json!({"shop": SHOP, "order": "A1", "state": "1A900"});
    bank.control("plant", &settled).unwrap();
    assert_eq!(both(&mut bank, "A1", 500), "S0000");
}

#[test]
fn amounts_have_their_bounds() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    refused(&mut bank, "C1", 405, "E3602");
    refused(&mut bank, "C1", 0, "E3601");
    bank.control("plant", &json!({"shop": SHOP, "order": "C1", "whole_only": true})).unwrap();
    refused(&mut bank, "C1", 403, "E3600");
    bank.control("plant", &json!({"shop": SHOP, "order": "C1", "whole_only": false})).unwrap();
    assert_eq!(code(&refund(&mut bank, "C1", 404)), "S0000");
    bank.advance(Duration::from_hours(24));
    refused(&mut bank, "C1", 1, "E9919");
    paid_account(&mut bank, "A1");
    assert_eq!(both(&mut bank, "A1", 499), "S0000");
    bank.advance(Duration::from_hours(1));
    refused(&mut bank, "A1", 2, "E9919");
    assert_eq!(both(&mut bank, "A1", 1), "S0000");
}

#[test]
fn whole_payments_of_a_kind_are_given_back_whole() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    bank.control("plant", &json!({"shop": SHOP, "order": "C1", "whole_only": true})).unwrap();
    assert_eq!(code(&refund(&mut bank, "C1", 404)), "S0000");
}

#[test]
fn a_card_is_given_back_at_most_once_a_day() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    assert_eq!(code(&refund(&mut bank, "C1", 100)), "S0000");
    bank.run_to(at("2026-11-22T23:59:59.999+08:00"));
    refused(&mut bank, "C1", 100, "E3610");
    bank.run_to(at("2026-11-23T00:00:00+08:00"));
    assert_eq!(code(&refund(&mut bank, "C1", 100)), "S0000");
    refused(&mut bank, "C1", 100, "E3610");
    bank.run_to(at("2026-11-24T00:00:00+08:00"));
    assert_eq!(code(&refund(&mut bank, "C1", 204)), "S0000");
    assert_eq!(states(&bank, "C1"), ["2C900", "2C900", "2C200"]);
    let list = row(&mut bank, "C1")["RefundList"].clone();
    assert_eq!(list.as_array().unwrap().len(), 3, "all of them, once one succeeded");
    // another order may be given back on the same day
    paid_card(&mut bank, "C2");
    assert_eq!(code(&refund(&mut bank, "C2", 100)), "S0000");
}

#[test]
fn by_the_older_paper_there_is_one_refund() {
    let mut bank = bank();
    switch(&mut bank, "refunds", "one");
    paid_card(&mut bank, "C1");
    assert_eq!(code(&refund(&mut bank, "C1", 100)), "S0000");
    refused(&mut bank, "C1", 100, "E9918");
    bank.advance(Duration::from_hours(48));
    refused(&mut bank, "C1", 100, "E9918");
    // one that failed for good is none
    paid_account(&mut bank, "A1");
    assert_eq!(both(&mut bank, "A1", 100), "S0000");
    bank.control("refund_state", &json!({"shop": SHOP, "order": "A1", "state": "2A290"})).unwrap();
    assert_eq!(both(&mut bank, "A1", 100), "S0000");
    bank.advance(Duration::from_hours(1));
    refused(&mut bank, "A1", 100, "E9918");
}

#[test]
fn limits_of_number_day_age_and_contract() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    paid_card(&mut bank, "C2");
    switch(&mut bank, "refund_day_limit", 150);
    assert_eq!(code(&refund(&mut bank, "C1", 100)), "S0000");
    refused(&mut bank, "C2", 51, "E3604");
    assert_eq!(code(&refund(&mut bank, "C2", 50)), "S0000");
    bank.advance(Duration::from_hours(24));
    assert_eq!(code(&refund(&mut bank, "C2", 150)), "S0000", "of a day");
    switch(&mut bank, "refund_day_limit", 0);
    switch(&mut bank, "refunds_max", 2);
    bank.advance(Duration::from_hours(24));
    refused(&mut bank, "C2", 1, "E9918");
    bank.control("shops", &json!({"shop": SHOP, "refunds": false})).unwrap();
    refused(&mut bank, "C1", 1, "E3606");
    bank.control("shops", &json!({"shop": SHOP, "refunds": true})).unwrap();
    assert_eq!(code(&refund(&mut bank, "C1", 1)), "S0000");
    paid_account(&mut bank, "A1");
    bank.control("plant", &json!({"shop": SHOP, "order": "A1", "payer": false})).unwrap();
    refused(&mut bank, "A1", 1, "E3603");
    assert_eq!(row(&mut bank, "A1")["ATMParam"].get("AcctNo"), None);
    bank.control("plant", &json!({"shop": SHOP, "order": "A1", "payer": true})).unwrap();
    bank.advance(Duration::from_hours(180 * 24));
    refused(&mut bank, "A1", 1, "E9922");
    switch(&mut bank, "order_refund_days", 181);
    assert_eq!(both(&mut bank, "A1", 1), "S0000");
}

/// The last digit of the refund's number, as in the bank's sandbox.
#[test]
fn account_refunds_end_by_the_last_digit_of_their_number() {
    let mut bank = bank();
    for number in 1..=10 {
        let order = format!("A{number}");
        paid_account(&mut bank, &order);
        assert_eq!(both(&mut bank, &order, 500), "S0000");
    }
    bank.advance(Duration::from_mins(5));
    let ends: Vec<String> = (1..=10).map(|number| states(&bank, &format!("A{number}")).concat()).collect();
    assert_eq!(
        ends,
        ["2A900", "2A900", "2A260", "2A290", "2A900", "2A900", "2A900", "2A260", "2A290", "2A900"]
    );
    let failed = row(&mut bank, "A3");
    assert_eq!((&failed["RefundFlag"], &failed["RefundStatus"]), (&json!("N"), &json!("2A260")));
    // money that comes back is not there yet
    refused(&mut bank, "A3", 500, "E9918");
    assert_eq!(both(&mut bank, "A4", 500), "S0000", "one that failed for good may be started again");
    bank.advance(Duration::from_hours(24));
    assert_eq!(states(&bank, "A3"), ["2A290"]);
    assert_eq!((book(&bank, "A3").refunded, book(&bank, "A3").refunds[0].done), (0, false));
    assert_eq!(both(&mut bank, "A3", 500), "S0000");
    // money that comes back sooner
    switch(&mut bank, "refund_digits", "amount");
    switch(&mut bank, "refund_return_minutes", 60);
    paid_account(&mut bank, "A11");
    assert_eq!(both(&mut bank, "A11", 13), "S0000");
    bank.advance(Duration::from_mins(5));
    assert_eq!(states(&bank, "A11"), ["2A260"]);
    bank.advance(Duration::from_hours(1));
    assert_eq!(states(&bank, "A11"), ["2A290"]);
}

#[test]
fn the_digit_can_be_the_amounts_or_none() {
    let mut bank = bank();
    for (digits, dollars, end) in [
        ("amount", 13, "2A260"),
        ("amount", 14, "2A290"),
        ("amount", 15, "2A900"),
        ("off", 13, "2A900"),
        ("off", 14, "2A900"),
    ] {
        switch(&mut bank, "refund_digits", digits);
        let order = format!("{digits}{dollars}");
        paid_account(&mut bank, &order);
        assert_eq!(both(&mut bank, &order, dollars), "S0000");
        bank.advance(Duration::from_mins(5));
        assert_eq!(states(&bank, &order), [end], "{digits} {dollars}");
    }
}

#[test]
fn the_bill_of_the_day_of_asking_holds_the_refund() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    paid_account(&mut bank, "A1");
    refund(&mut bank, "C1", 100);
    both(&mut bank, "A1", 500);
    refund(&mut bank, "A1", 1);
    bank.run_to(at("2026-11-23T00:30:00+08:00"));
    refund(&mut bank, "C1", 50);
    let of = |order: &str, kind: &str, dollars: i64| (order.to_owned(), kind.to_owned(), dollars * 100);
    assert_eq!(
        day_of(&mut bank, "20261122"),
        [of("C1", "P", 404), of("A1", "P", 500), of("C1", "R", 100), of("A1", "R", 500)]
    );
    bank.run_to(at("2026-11-24T00:00:00+08:00"));
    assert_eq!(day_of(&mut bank, "20261123"), [of("C1", "R", 50)]);
    let bill = ask(&mut bank, "BillQuery", json!({"BillDate": "20261123"}));
    assert_eq!(bill["OrderList"][0]["PayDate"], "202611230030");
    // one that failed for good is in no bill
    bank.control("refund_state", &json!({"shop": SHOP, "order": "A1", "state": "2A290"})).unwrap();
    assert!(!day_of(&mut bank, "20261122").contains(&of("A1", "R", 500)));
}

#[test]
fn the_list_of_refunds_is_a_choice() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    refund(&mut bank, "C1", 100);
    bank.advance(Duration::from_hours(24));
    refund(&mut bank, "C1", 50);
    for (rule, count) in [("flag", 2), ("done", 1), ("always", 2), ("never", 0)] {
        switch(&mut bank, "refund_list", rule);
        let row = row(&mut bank, "C1");
        assert_eq!(row.get("RefundList").map_or(0, |list| list.as_array().unwrap().len()), count, "{rule}");
    }
    paid_card(&mut bank, "C2");
    refund(&mut bank, "C2", 50);
    for (rule, count) in [("flag", 0), ("done", 0), ("always", 1), ("never", 0)] {
        switch(&mut bank, "refund_list", rule);
        let row = row(&mut bank, "C2");
        assert_eq!(row.get("RefundList").map_or(0, |list| list.as_array().unwrap().len()), count, "{rule}");
    }
}

#[test]
fn the_amount_of_an_answer_is_a_choice() {
    let mut bank = bank();
    switch(&mut bank, "maintain_amount", false);
    paid_card(&mut bank, "C1");
    let answer = refund(&mut bank, "C1", 100);
    assert_eq!((code(&answer).as_str(), answer.get("Amount")), ("S0000", None));
}

#[test]
fn the_shop_is_told_when_an_account_is_paid_back() {
    let mut bank = bank();
    let mut fields = account("A1");
    fields["BackendURL"] = json!("http://127.0.0.1:9/push");
    create(&mut bank, fields);
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("paid"));
    let paid = bank.take_push().unwrap();
    bank.push_answered(paid.notice, b"{\"Status\":\"S\"}");
    both(&mut bank, "A1", 123);
    bank.advance(Duration::from_mins(5));
    let push = bank.take_push().unwrap();
    let body: Value = serde_json::from_str(&push.body).unwrap();
    let answer = ask(&mut bank, "OrderPayQuery", json!({"PayToken": body["PayToken"]}));
    let result = &answer["TSResultContent"];
    assert_eq!(
        (&result["APType"], &result["Amount"], &result["PayDate"]),
        (&json!("VARefundOut"), &json!("12300"), &json!("202611221005"))
    );
}

#[test]
fn refunds_show_late_like_everything_else() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    switch(&mut bank, "late_seconds", 300);
    refund(&mut bank, "C1", 100);
    assert_eq!(row(&mut bank, "C1")["RefundStatus"], "");
    assert_eq!(states(&bank, "C1"), ["2C200"], "the books know it at once");
    bank.advance(Duration::from_mins(5));
    assert_eq!(row(&mut bank, "C1")["RefundStatus"], "2C200");
    bank.advance(Duration::from_mins(25));
    assert_eq!(states(&bank, "C1"), ["2C400"]);
    assert_eq!(row(&mut bank, "C1")["RefundStatus"], "2C200", "each step shows late");
}

#[test]
fn a_refund_that_failed_for_good_takes_nothing_from_the_limits() {
    let mut bank = bank();
    bank.control("switch", &json!({"refund_day_limit": 500, "refunds_max": 1})).unwrap();
    paid_account(&mut bank, "A1");
    paid_account(&mut bank, "A2");
    assert_eq!(both(&mut bank, "A1", 500), "S0000");
    refused(&mut bank, "A2", 1, "E3604");
    bank.control("refund_state", &json!({"shop": SHOP, "order": "A1", "state": "2A290"})).unwrap();
    assert_eq!(both(&mut bank, "A1", 500), "S0000");
}

#[test]
fn faults_leave_the_refund_where_the_bank_had_it() {
    for (kind, acts) in
        [("drop-before", false), ("code:E3611", false), ("html-500", false), ("drop-after", true)]
    {
        let mut bank = bank();
        paid_card(&mut bank, "C1");
        bank.control("fault", &json!({"kind": kind, "match": "OrderMaintain"})).unwrap();
        let fields = json!({"ShopNo": SHOP, "OrderNo": "C1", "Command": "R", "Amount": 40400});
        let request = sealed(&mut bank, "OrderMaintain", &fields);
        bank.handle(&request);
        assert_eq!(!book(&bank, "C1").refunds.is_empty(), acts, "{kind}");
        assert_eq!(bank.calls().last().unwrap().acted, acts, "{kind}");
    }
}

#[test]
fn a_fault_can_be_of_one_of_the_two_calls() {
    let mut bank = bank();
    paid_account(&mut bank, "A1");
    bank.control("fault", &json!({"kind": "code:E1803", "match": "OrderMaintain:R2"})).unwrap();
    let token = refund(&mut bank, "A1", 123)["RefundToken"].clone();
    assert_eq!(code(&second(&mut bank, "A1", 123, &token)), "E1803");
    assert_eq!(code(&second(&mut bank, "A1", 123, &token)), "S0000", "spent");
}

#[test]
fn each_write_is_kept_with_its_command_and_amount() {
    let mut bank = bank();
    paid_account(&mut bank, "A1");
    let token = refund(&mut bank, "A1", 123)["RefundToken"].clone();
    second(&mut bank, "A1", 123, &token);
    refused(&mut bank, "A1", 124, "E9918");
    let kept: Vec<_> = bank
        .calls()
        .filter(|call| matches!(call.service.as_str(), "OrderCreate" | "OrderMaintain"))
        .map(|call| (call.command.as_deref(), call.amount, call.code.as_str(), call.acted))
        .collect();
    assert_eq!(
        kept,
        [
            (None, Some(500), "S0000", true),
            (Some("R"), Some(123), "S0000", true),
            (Some("R2"), Some(123), "S0000", true),
            (Some("R"), Some(124), "E9918", false),
        ]
    );
    let shown = bank.control("calls", &json!({})).unwrap().to_string();
    assert!(!shown.contains(token.as_str().unwrap()), "a token is in no log");
    assert!(!bank.control("books", &json!({})).unwrap().to_string().contains(token.as_str().unwrap()));
}

#[test]
fn a_person_refunds_at_the_bank_itself() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    paid_account(&mut bank, "A1");
    let call = |bank: &mut Simulator, args: &Value| bank.control("refund", args);
    let part = json!({"shop": SHOP, "order": "C1", "amount": 100});
    assert_eq!(call(&mut bank, &part).unwrap(), json!({"refund": "C2026110000000001"}));
    call(&mut bank, &part).unwrap();
    let rest = json!({"shop": SHOP, "order": "C1"});
    call(&mut bank, &rest).unwrap();
    let lines = book(&bank, "C1").refunds;
    assert_eq!(
        lines.iter().map(|line| (line.amount, line.by_hand)).collect::<Vec<_>>(),
        [(100, true), (100, true), (204, true)]
    );
    assert_eq!(row(&mut bank, "C1")["RefundStatus"], "2C200");
    assert_eq!(call(&mut bank, &rest).err(), Some(ControlError::State), "nothing is left");
    call(&mut bank, &json!({"shop": SHOP, "order": "A1"})).unwrap();
    assert_eq!(states(&bank, "A1"), ["2A400"]);
    create(&mut bank, account("A2"));
    for (args, expected) in [
        (json!({"shop": SHOP, "order": "A2"}), ControlError::State),
        (json!({"shop": SHOP, "order": "A1", "amount": 1}), ControlError::State),
        (json!({"shop": SHOP, "order": "A1", "amount": 0}), ControlError::Member("amount")),
        (json!({"shop": SHOP, "order": "A9"}), ControlError::UnknownOrder),
    ] {
        assert_eq!(call(&mut bank, &args).err(), Some(expected), "{args}");
    }
    assert!(!bank.calls().any(|call| call.command.as_deref() == Some("R")), "no request of the shop");
}

#[test]
fn a_refund_can_be_put_into_a_state_of_its_kind() {
    let mut bank = bank();
    paid_card(&mut bank, "C1");
    paid_account(&mut bank, "A1");
    refund(&mut bank, "C1", 100);
    both(&mut bank, "A1", 100);
    let put = |bank: &mut Simulator, order: &str, state: &str| {
        bank.control("refund_state", &json!({"shop": SHOP, "order": order, "state": state}))
    };
    put(&mut bank, "C1", "2C900").unwrap();
    assert_eq!(states(&bank, "C1"), ["2C900"]);
    assert!(book(&bank, "C1").refunds[0].ended_at.is_some());
    put(&mut bank, "A1", "2A260").unwrap();
    assert_eq!(
        (states(&bank, "A1"), book(&bank, "A1").refunds[0].ended_at.clone()),
        (vec!["2A260".to_owned()], None)
    );
    bank.advance(Duration::from_hours(48));
    assert_eq!(
        (states(&bank, "C1").concat(), states(&bank, "A1").concat()),
        ("2C900".into(), "2A260".into())
    );
    assert_eq!(put(&mut bank, "C1", "2A900").err(), Some(ControlError::Member("state")));
    assert_eq!(put(&mut bank, "C1", "2C260").err(), Some(ControlError::Member("state")));
    let named = json!({"shop": SHOP, "order": "C1", "state": "2C400", "refund": "C2026110000000001"});
    bank.control("refund_state", &named).unwrap();
    let unknown = json!({"shop": SHOP, "order": "C1", "state": "2C400", "refund": "C1"});
    assert_eq!(bank.control("refund_state", &unknown).err(), Some(ControlError::State));
    assert_eq!(
        bank.control("refund_state", &json!({"bank": "ctbc", "shop": SHOP})).err(),
        Some(ControlError::NotBuilt)
    );
}

#[test]
fn an_account_gets_another_end() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    let extend = |bank: &mut Simulator, order: &str, end: &str| {
        code(&ask(bank, "OrderMaintain", json!({"OrderNo": order, "Command": "M", "ExpireDateTime": end})))
    };
    assert_eq!(extend(&mut bank, "A1", "202611271200"), "S0000");
    assert_eq!(row(&mut bank, "A1")["ExpireDate"], "202611271200");
    bank.run_to(at("2026-11-27T12:00:59+08:00"));
    assert_eq!(book(&bank, "A1").state, "1A200", "the old end has passed");
    bank.run_to(at("2026-11-27T12:01:00+08:00"));
    assert_eq!(book(&bank, "A1").state, "1A250");
    assert_eq!(extend(&mut bank, "A1", "202611281200"), "S0000", "it waits again");
    assert_eq!(book(&bank, "A1").state, "1A200");
    assert_eq!(extend(&mut bank, "A1", "202611271300"), "S0000", "sooner too");
    bank.run_to(at("2026-11-27T13:01:00+08:00"));
    assert_eq!(book(&bank, "A1").state, "1A250");
    bank.pay(SHOP, "A1", None).unwrap_or_else(|_| panic!("late money"));
    assert_eq!(extend(&mut bank, "A1", "202611281200"), "E1802");
    create(&mut bank, card("C1", "Y"));
    assert_eq!(extend(&mut bank, "C1", "202611281200"), "E1802");
}
