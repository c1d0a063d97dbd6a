//! `OrderQuery` by conditions, 300 rows, rows that turn up late, the styles of members, the daily
//! bill.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn numbers(answer: &Map<String, Value>) -> Vec<String> {
    let rows = answer.get("OrderList").and_then(Value::as_array).cloned().unwrap_or_default();
    rows.iter().map(|row| row["OrderNo"].as_str().unwrap().to_owned()).collect()
}

fn query(bank: &mut Simulator, fields: Value) -> Vec<String> {
    numbers(&ask(bank, "OrderQuery", fields))
}

fn pay(bank: &mut Simulator, order: &str) {
    bank.pay(SHOP, order, None).unwrap_or_else(|_| panic!("paid"));
}

/// A1 waiting and A2 paid at 10:00 and 10:20, C1 captured, C2 authorized, C3 link over, A4 over.
fn street() -> Simulator {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    create(&mut bank, account("A2"));
    create(&mut bank, card("C1", "Y"));
    create(&mut bank, card("C2", "N"));
    create(&mut bank, card("C3", "Y"));
    let mut short = account("A4");
    short["ATMParam"] = json!({"ExpireDate": "20261122", "ExpireTime": "1005"});
    create(&mut bank, short);
    pay(&mut bank, "C1");
    pay(&mut bank, "C2");
    bank.advance(Duration::from_mins(20));
    pay(&mut bank, "A2");
    bank
}

#[test]
fn each_condition_chooses_its_rows() {
    let mut bank = street();
    for (fields, expected) in [
        (json!({"PayType": "A"}), vec!["A1", "A2", "A4"]),
        (json!({"PayType": "C"}), vec!["C1", "C2", "C3"]),
        (json!({"PayType": "M"}), vec![]),
        (json!({"PayFlag": "Y"}), vec!["A2", "C1"]),
        (json!({"PayFlag": "N"}), vec!["A1", "C2"]),
        (json!({"PayFlag": "O"}), vec!["C3", "A4"]),
        (json!({"PayFlag": "O", "PayType": "A"}), vec!["A4"]),
        (json!({"PayDateTimeS": "202611221020", "PayDateTimeE": "202611221020"}), vec!["A2"]),
        (json!({"PayDateTimeS": "202611220959", "PayDateTimeE": "202611221019"}), vec!["C1"]),
        (json!({"PayDateTimeS": "202611221000", "PayDateTimeE": "202611221020"}), vec!["A2", "C1"]),
        (
            json!({"OrderDateTimeS": "202611221000", "OrderDateTimeE": "202611221000", "PayType": "A"}),
            vec!["A1", "A2", "A4"],
        ),
        (json!({"OrderDateTimeS": "202611221001", "OrderDateTimeE": "202611221020"}), vec![]),
        // conditions combine
        (json!({"PayType": "C", "PayDateTimeS": "202611221000", "PayDateTimeE": "202611221020"}), vec!["C1"]),
        (json!({"PayType": "A", "PayDateTimeS": "202611221000", "PayDateTimeE": "202611221020"}), vec!["A2"]),
        (json!({"PayType": "A", "PayDateTimeS": "202611221000", "PayDateTimeE": "202611221019"}), vec![]),
        (json!({"OrderNo": "A1", "PayType": "C", "OrderDateTimeS": "wrong"}), vec!["A1"]),
        (json!({"OrderNo": "NONE"}), vec![]),
    ] {
        assert_eq!(query(&mut bank, fields.clone()), expected, "{fields}");
    }
    let none = ask(&mut bank, "OrderQuery", json!({"OrderNo": "NONE"}));
    assert_eq!((code(&none).as_str(), &none["Status"]), ("S0001", &json!("S")));
    assert_eq!(none["Date"], "202611221020");
}

#[test]
fn a_paid_minute_is_taken_apart_by_pay_type_and_time_of_order() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    create(&mut bank, card("C1", "Y"));
    bank.advance(Duration::from_mins(5));
    create(&mut bank, account("A2"));
    create(&mut bank, card("C2", "Y"));
    for order in ["A1", "C1", "A2", "C2"] {
        pay(&mut bank, order);
    }
    let paid = json!({"PayDateTimeS": "202611221005", "PayDateTimeE": "202611221005"});
    let mut asked = |more: Value| {
        let mut fields = paid.clone();
        fields.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        query(&mut bank, fields)
    };
    let early = json!({"OrderDateTimeS": "202611220900", "OrderDateTimeE": "202611221004"});
    let late = json!({"OrderDateTimeS": "202611221005", "OrderDateTimeE": "202611221005"});
    assert_eq!(asked(json!({})), ["A1", "C1", "A2", "C2"]);
    assert_eq!(asked(early.clone()), ["A1", "C1"]);
    assert_eq!(asked(late.clone()), ["A2", "C2"]);
    let with_type = |mut fields: Value, kind: &str| {
        fields["PayType"] = json!(kind);
        fields
    };
    assert_eq!(asked(with_type(early.clone(), "A")), ["A1"]);
    assert_eq!(asked(with_type(early, "C")), ["C1"]);
    assert_eq!(asked(with_type(late, "C")), ["C2"]);
}

#[test]
fn past_three_hundred_rows_the_rest_is_cut_or_the_query_fails() {
    let mut bank = bank();
    let minute = json!({"PayDateTimeS": "202611220930", "PayDateTimeE": "202611220930"});
    let plant = |bank: &mut Simulator, order: &str, count: u32| {
        let args = json!({"shop": SHOP, "order": order, "count": count, "paid_at": "202611220930",
            "created_at": "202611220900"});
        bank.control("plant", &args).unwrap();
    };
    plant(&mut bank, "F", 300);
    assert_eq!(query(&mut bank, minute.clone()).len(), 300);
    bank.control("switch", &json!({"past_300": "error"})).unwrap();
    assert_eq!(query(&mut bank, minute.clone()).len(), 300);
    plant(&mut bank, "G", 1);
    assert_eq!(code(&ask(&mut bank, "OrderQuery", minute.clone())), "E2199");
    bank.control("switch", &json!({"past_300": "cut"})).unwrap();
    let rows = query(&mut bank, minute);
    assert_eq!((rows.len(), rows[0].as_str(), rows[299].as_str()), (300, "F00001", "F00300"));
    assert_eq!(query(&mut bank, json!({"OrderNo": "G00001"})), ["G00001"]);
}

#[test]
fn an_answer_may_hold_fewer_rows() {
    let mut bank = street();
    let accounts = json!({"PayType": "A"});
    assert_eq!(query(&mut bank, accounts.clone()).len(), 3);
    bank.control("switch", &json!({"rows_max": 2})).unwrap();
    assert_eq!(query(&mut bank, accounts.clone()).len(), 2);
    bank.control("switch", &json!({"past_300": "error"})).unwrap();
    assert_eq!(code(&ask(&mut bank, "OrderQuery", accounts)), "E2199");
}

#[test]
fn with_the_late_switch_changes_show_later() {
    let mut bank = bank();
    bank.control("switch", &json!({"late_seconds": 540})).unwrap();
    create(&mut bank, account("A1"));
    assert!(query(&mut bank, json!({"OrderNo": "A1"})).is_empty());
    bank.advance(Duration::from_mins(5));
    pay(&mut bank, "A1");
    bank.advance(Duration::from_mins(4));
    assert_eq!(row(&mut bank, "A1")["PayStatus"], "1A200");
    let minute = json!({"PayDateTimeS": "202611221005", "PayDateTimeE": "202611221005"});
    bank.advance(Duration::from_secs(299));
    assert!(query(&mut bank, minute.clone()).is_empty());
    bank.advance(Duration::from_secs(1));
    assert_eq!(query(&mut bank, minute), ["A1"]);
    assert_eq!(row(&mut bank, "A1")["PayDate"], "202611221005");
}

#[test]
fn lateness_can_be_for_ranges_only_and_for_one_order_only() {
    let mut bank = bank();
    bank.control("switch", &json!({"late_scope": "range"})).unwrap();
    create(&mut bank, account("A1"));
    create(&mut bank, account("A2"));
    bank.control("late", &json!({"shop": SHOP, "order": "A1", "seconds": 300, "what": "row"})).unwrap();
    assert_eq!(query(&mut bank, json!({"PayType": "A"})), ["A2"]);
    assert_eq!(query(&mut bank, json!({"OrderNo": "A1"})), ["A1"]);
    bank.advance(Duration::from_mins(5));
    assert_eq!(query(&mut bank, json!({"PayType": "A"})), ["A1", "A2"]);
    bank.control("late", &json!({"shop": SHOP, "order": "A2", "seconds": 300})).unwrap();
    pay(&mut bank, "A2");
    assert_eq!(query(&mut bank, json!({"PayType": "A", "PayFlag": "N"})), ["A1", "A2"]);
    bank.advance(Duration::from_mins(5));
    assert_eq!(query(&mut bank, json!({"PayFlag": "Y"})), ["A2"]);
}

#[test]
fn random_lateness_stays_within_its_limit() {
    let mut bank = bank();
    bank.control("switch", &json!({"late_seconds": 540, "late_random": true})).unwrap();
    for order in 0..20 {
        create(&mut bank, account(&format!("A{order}")));
    }
    let early = query(&mut bank, json!({"PayType": "A"})).len();
    bank.advance(Duration::from_mins(4));
    let some = query(&mut bank, json!({"PayType": "A"})).len();
    bank.advance(Duration::from_mins(5));
    assert!(early < some && some < 20, "{early} {some}");
    assert_eq!(query(&mut bank, json!({"PayType": "A"})).len(), 20);
}

#[test]
fn members_without_value_come_in_three_styles() {
    for (style, pay_date, list) in [
        ("absent", None, Some(json!([]))),
        ("null", Some(Value::Null), Some(Value::Null)),
        ("empty", Some(json!("")), Some(json!([]))),
    ] {
        let mut bank = bank();
        bank.control("switch", &json!({"members": style})).unwrap();
        create(&mut bank, account("A1"));
        assert_eq!(row(&mut bank, "A1").get("PayDate"), pay_date.as_ref(), "{style}");
        assert_eq!(ask(&mut bank, "OrderQuery", json!({"OrderNo": "NONE"})).get("OrderList"), list.as_ref());
        let failure = ask(&mut bank, "OrderCreate", account("A1"));
        assert_eq!(failure.get("TSNo").is_some(), style != "absent");
    }
}

#[test]
fn amounts_come_as_numbers_or_text() {
    for (style, in_row, in_token) in [
        ("documented", json!(40400), json!("40400")),
        ("number", json!(40400), json!(40400)),
        ("string", json!("40400"), json!("40400")),
    ] {
        let mut bank = bank();
        bank.control("switch", &json!({"amounts": style})).unwrap();
        create(&mut bank, card("C1", "Y"));
        let paid = bank.control("pay", &json!({"shop": SHOP, "order": "C1"})).unwrap();
        let token = paid["return"]["fields"]["PayToken"].clone();
        assert_eq!(row(&mut bank, "C1")["Amount"], in_row);
        let answer = ask(&mut bank, "OrderPayQuery", json!({"PayToken": token}));
        assert_eq!(answer["TSResultContent"]["Amount"], in_token, "{style}");
    }
}

#[test]
fn old_profiles_can_be_switched_on_and_off() {
    let mut bank = bank();
    bank.control("switch", &json!({"otp_url": true, "refund_amount_member": false})).unwrap();
    let answer = create(&mut bank, account("A1"));
    assert!(answer["ATMParam"]["OtpURL"].as_str().unwrap().contains("/PayOTP?TD="));
    assert_eq!(row(&mut bank, "A1").get("RefundAmount"), None);
}

#[test]
fn the_bill_of_a_day_holds_what_was_paid_on_it() {
    let mut bank = street();
    bank.run_to(at("2026-11-23T00:00:00+08:00"));
    let bill = ask(&mut bank, "BillQuery", json!({"BillDate": "20261122"}));
    assert_eq!(numbers(&bill), ["C1", "A2"]);
    assert_eq!(
        (&bill["OrderList"][1]["TSType"], &bill["OrderList"][1]["Amount"]),
        (&json!("P"), &json!(50000))
    );
}

#[test]
fn thousands_of_orders_stay_apart_by_minute() {
    let mut bank = bank();
    for minute in 0..40 {
        let at = bank.now().plus_minutes(-minute).minute();
        let args = json!({"shop": SHOP, "order": format!("F{minute}N"), "count": 50, "paid_at": at, "created_at": at});
        bank.control("plant", &args).unwrap();
    }
    for minute in 0..40 {
        let at = bank.now().plus_minutes(-minute).minute();
        assert_eq!(query(&mut bank, json!({"PayDateTimeS": at, "PayDateTimeE": at})).len(), 50);
    }
}
