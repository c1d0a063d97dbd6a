//! Every check has its code: tables of one change to a good request and the answer it gets. Nothing
//! may be acted on.

use serde_json::{Value, json};

use super::*;

/// Changes one member (`a.b` for a node), or takes it away with `null`.
fn with(mut fields: Value, name: &str, value: Value) -> Value {
    let (node, leaf) = match name.split_once('.') {
        Some((node, leaf)) => (&mut fields[node], leaf),
        None => (&mut fields, name),
    };
    let map = node.as_object_mut().unwrap();
    if value.is_null() {
        map.shift_remove(leaf);
    } else {
        map.insert(leaf.to_owned(), value);
    }
    fields
}

fn long(letters: usize) -> Value {
    json!("長".repeat(letters))
}

fn url(letters: usize) -> Value {
    let head = "https://shop.example/";
    json!(format!("{head}{}", "a".repeat(letters - head.len())))
}

fn refuses(good: &Value, rows: &[(&str, Value, &str)]) {
    for (name, value, expected) in rows {
        let mut bank = bank();
        create(&mut bank, account("TAKEN"));
        let answer = ask(&mut bank, "OrderCreate", with(good.clone(), name, value.clone()));
        assert_eq!(&code(&answer), expected, "{name} = {value}");
        assert_eq!((&answer["Status"], &answer["ShopNo"]), (&json!("F"), &json!(SHOP)));
        assert_eq!(bank.books().count(), 1, "{name} = {value} was acted on");
        assert!(!bank.calls().last().unwrap().acted);
    }
}

fn takes(good: &Value, rows: &[(&str, Value)]) {
    for (name, value) in rows {
        let answer = ask(&mut bank(), "OrderCreate", with(good.clone(), name, value.clone()));
        assert_eq!(code(&answer), "S0000", "{name} = {value}");
    }
}

#[test]
fn fields_of_every_order() {
    let rows = [
        ("OrderNo", json!(null), "E0300"),
        ("OrderNo", json!("  "), "E0300"),
        ("OrderNo", json!(17), "E3501"),
        ("OrderNo", long(51), "E0301"),
        ("OrderNo", json!("TAKEN"), "E0302"),
        ("OrderNo", json!("A'1"), "E0303"),
        ("Amount", json!(null), "E0400"),
        ("Amount", json!("5e4"), "E0400"),
        ("Amount", json!(-100), "E0400"),
        ("Amount", json!(100.5), "E0400"),
        ("Amount", json!(1_000_000_000), "E0400"),
        ("Amount", json!(50001), "E0401"),
        ("Amount", json!(50010), "E0401"),
        ("Amount", json!(0), "E0405"),
        ("CurrencyID", json!(null), "E0500"),
        ("CurrencyID", json!("USD"), "E0500"),
        ("PayType", json!(null), "E0600"),
        ("PayType", json!("AC"), "E0601"),
        ("PayType", json!(1), "E0601"),
        ("PayType", json!("X"), "E0601"),
        ("PayType", json!("M"), "E0602"),
        ("PayType", json!("W"), "E0602"),
        ("PayType", json!("P"), "E0602"),
        ("PrdtName", json!(null), "E0700"),
        ("PrdtName", long(61), "E0701"),
        ("PrdtName", json!("100%"), "E0702"),
        ("PrdtName", json!("\"x\""), "E0702"),
        ("ReturnURL", json!(null), "E1200"),
        ("ReturnURL", json!("ftp://shop.example/"), "E1200"),
        ("ReturnURL", json!("https:///x"), "E1200"),
        ("ReturnURL", url(256), "E1201"),
        ("ReturnURL", json!("https://shop.example/?a=%20"), "E1202"),
        ("BackendURL", url(256), "E1301"),
        ("BackendURL", json!("https://shop.example/?a='"), "E1302"),
        ("Memo", long(31), "E1401"),
        ("Memo", json!("50%"), "E1402"),
        ("Param1", long(256), "E1501"),
        ("Param1", json!("'"), "E1502"),
        ("Param2", long(256), "E1601"),
        ("Param2", json!("'"), "E1602"),
        ("Param3", long(256), "E1701"),
        ("Param3", json!("'"), "E1702"),
        ("QRCodeStatus", json!("J"), "E3900"),
        ("QRCodeSize", json!(349), "E3901"),
        ("QRCodeSize", json!("big"), "E3901"),
    ];
    refuses(&account("NEW"), &rows);
    let card_rows: Vec<_> = rows.into_iter().filter(|row| row.0 != "PayType").collect();
    refuses(&card("NEW", "Y"), &card_rows);
}

#[test]
fn fields_of_an_account() {
    refuses(
        &account("NEW"),
        &[
            ("Amount", json!(3_000_100), "E0403"),
            ("ATMParam", json!(null), "E0800"),
            ("ATMParam", json!([]), "E0800"),
            ("ATMParam", json!("x"), "E3501"),
            ("ATMParam.ExpireDate", json!(null), "E0800"),
            ("ATMParam.ExpireDate", json!("2026-11-25"), "E0801"),
            ("ATMParam.ExpireDate", json!("20261131"), "E0801"),
            ("ATMParam.ExpireDate", json!("20261121"), "E0802"),
            ("ATMParam.ExpireDate", json!("20261223"), "E0802"),
            ("ATMParam.ExpireTime", json!("2460"), "E0801"),
            ("ATMParam.ExpireTime", json!("1"), "E0801"),
        ],
    );
    let today = with(account("NEW"), "ATMParam.ExpireDate", json!("20261122"));
    refuses(&today, &[("ATMParam.ExpireTime", json!("0959"), "E0802")]);
    let limit = with(account("NEW"), "ATMParam.ExpireDate", json!("20261222"));
    refuses(&limit, &[("ATMParam.ExpireTime", json!("1000"), "E0802")]);
    takes(
        &account("NEW"),
        &[
            ("Amount", json!(3_000_000)),
            ("Amount", json!("50000")),
            ("ATMParam.ExpireDate", json!("20261122")),
            ("ATMParam.ExpireDate", json!("20261222")),
            ("ATMParam.ExpireTime", json!("0000")),
            ("OrderNo", long(50)),
            ("PrdtName", long(60)),
            ("Memo", long(30)),
            ("Param1", long(255)),
            ("ReturnURL", url(255)),
            ("QRCodeStatus", json!("Y")),
        ],
    );
}

#[test]
fn fields_of_a_card_link() {
    refuses(
        &card("NEW", "Y"),
        &[
            ("CardParam.PayTypeSub", json!("STAGING"), "E0602"),
            ("CardParam.PayTypeSub", json!("HALF"), "E0601"),
            ("CardParam", json!(null), "E0900"),
            ("CardParam.AutoBilling", json!(null), "E0900"),
            ("CardParam.AutoBilling", json!("X"), "E0901"),
            ("CardParam.ExpBillingDays", json!("x"), "E1000"),
            ("CardParam.ExpBillingDays", json!(0), "E1001"),
            ("CardParam.ExpBillingDays", json!(31), "E1001"),
            ("CardParam.ExpMinutes", json!("x"), "E1100"),
            ("CardParam.ExpMinutes", json!(0), "E1101"),
            ("CardParam.ExpMinutes", json!(31), "E1101"),
            ("CardParam.CCToken", json!("t"), "E3702"),
            ("CardParam.BindNo", json!("b"), "E3706"),
        ],
    );
    takes(
        &card("NEW", "N"),
        &[
            ("Amount", json!(900_000_000)),
            ("CardParam.PayTypeSub", json!("ONE")),
            ("CardParam.ExpBillingDays", json!("2")),
            ("CardParam.ExpBillingDays", json!(30)),
            ("CardParam.ExpMinutes", json!(1)),
            ("CardParam.ExpMinutes", json!(30)),
            ("ReturnURL", json!("http://127.0.0.1:45678/")),
        ],
    );
}

#[test]
fn the_lower_code_wins() {
    let fields = json!({"ShopNo": SHOP, "PayType": "C", "Amount": 1, "PrdtName": "%"});
    assert_eq!(code(&ask(&mut bank(), "OrderCreate", fields)), "E0300");
    let fields = json!({"ShopNo": SHOP, "OrderNo": "A", "PayType": "C", "Amount": 1, "PrdtName": "%"});
    assert_eq!(code(&ask(&mut bank(), "OrderCreate", fields)), "E0401");
    let fields = with(with(card("A", "X"), "ReturnURL", json!(null)), "PrdtName", json!("%"));
    assert_eq!(code(&ask(&mut bank(), "OrderCreate", fields)), "E0702");
}

#[test]
fn switches_move_the_limits() {
    let mut bank = bank();
    bank.control("switch", &json!({"account_limit": false, "exp_billing_days_max": 7, "port_check": true}))
        .unwrap();
    let good = |order: &str| with(account(order), "ReturnURL", json!("https://shop.example/x"));
    let rich = with(good("A1"), "Amount", json!(9_440_300));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", rich)), "S0000");
    let port = with(account("A2"), "ReturnURL", json!("http://127.0.0.1:8080/"));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", port)), "E1200");
    let port = with(good("A2"), "BackendURL", json!("http://[::1]:81/"));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", port)), "E1302");
    let port = with(good("A2"), "BackendURL", json!("http://u:1@[::1]:443/a:1"));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", port)), "S0000");
    let days =
        with(with(card("C1", "Y"), "CardParam.ExpBillingDays", json!(8)), "ReturnURL", json!("https://a/"));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", days)), "E1001");
}

#[test]
fn order_numbers_are_taken_for_ever() {
    let mut bank = bank();
    create(&mut bank, account("A1"));
    bank.run_to(at("2027-11-22T10:00:00+08:00"));
    let again = with(account("A1"), "ATMParam.ExpireDate", json!("20271123"));
    assert_eq!(code(&ask(&mut bank, "OrderCreate", again)), "E0302");
}

#[test]
fn fields_of_the_other_services() {
    for (service, fields, expected) in [
        ("OrderQuery", json!({}), "E2101"),
        ("OrderQuery", json!({"OrderNo": ""}), "E2101"),
        ("OrderQuery", json!({"OrderNo": "x".repeat(51)}), "E0301"),
        ("OrderQuery", json!({"PayType": "X"}), "E0601"),
        ("OrderQuery", json!({"PayFlag": "X"}), "E2001"),
        ("OrderQuery", json!({"OrderDateTimeS": "20261122", "OrderDateTimeE": "202611221000"}), "E1901"),
        ("OrderQuery", json!({"OrderDateTimeS": "202611221000", "OrderDateTimeE": "x"}), "E1902"),
        ("OrderQuery", json!({"OrderDateTimeS": "202611221000"}), "E1903"),
        ("OrderQuery", json!({"OrderDateTimeS": "202611221001", "OrderDateTimeE": "202611221000"}), "E1904"),
        ("OrderQuery", json!({"PayDateTimeS": "x", "PayDateTimeE": "202611221000"}), "E3201"),
        ("OrderQuery", json!({"PayDateTimeS": "202611221000", "PayDateTimeE": "x"}), "E3202"),
        ("OrderQuery", json!({"PayDateTimeE": "202611221000"}), "E3204"),
        ("OrderQuery", json!({"PayDateTimeS": "202611221001", "PayDateTimeE": "202611221000"}), "E3203"),
        ("OrderPayQuery", json!({}), "E2501"),
        ("OrderPayQuery", json!({"PayToken": "short"}), "E2501"),
        ("OrderPayQuery", json!({"PayToken": "A".repeat(64)}), "E2501"),
        ("OrderPayQuery", json!({"PayToken": "a".repeat(64)}), "E2601"),
        ("OrderMaintain", json!({"Command": "P"}), "E0300"),
        ("OrderMaintain", json!({"OrderNo": "NONE", "Command": "P"}), "E0300"),
        ("OrderMaintain", json!({"OrderNo": "NONE", "Command": "R"}), "E0300"),
        ("OrderMaintain", json!({"OrderNo": "x".repeat(51), "Command": "P"}), "E0301"),
        ("OrderMaintain", json!({"OrderNo": "A1"}), "E1800"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "Z"}), "E1801"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "P"}), "E1802"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "R", "Amount": 50000}), "E1802"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "M"}), "E0800"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "M", "ExpireDateTime": "20261125"}), "E0801"),
        (
            "OrderMaintain",
            json!({"OrderNo": "A1", "Command": "M", "ExpireDateTime": "202611220959"}),
            "E0802",
        ),
        (
            "OrderMaintain",
            json!({"OrderNo": "A1", "Command": "M", "ExpireDateTime": "202612230000"}),
            "E0802",
        ),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "R", "Amount": "x"}), "E0400"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "R", "Amount": 50}), "E0401"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "R", "Amount": 0}), "E3601"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "R"}), "E1802"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "E"}), "E1802"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "C", "Remark": "x".repeat(41)}), "E1401"),
        ("OrderMaintain", json!({"OrderNo": "A1", "Command": "C", "Remark": "%"}), "E1402"),
        ("OrderUnCapturedQuery", json!({"OrderNo": "x".repeat(51)}), "E0301"),
        ("BillQuery", json!({}), "E2901"),
        ("BillQuery", json!({"BillDate": "2026-11-21"}), "E2902"),
        ("BillQuery", json!({"BillDate": "20261122"}), "E2903"),
        ("BillQuery", json!({"BillDate": "20261022"}), "E2903"),
        ("BillQuery", json!({"BillDate": "20261023"}), "S0001"),
    ] {
        let mut bank = bank();
        create(&mut bank, account("A1"));
        let answer = ask(&mut bank, service, fields.clone());
        assert_eq!(code(&answer), expected, "{service} {fields}");
        assert_eq!(bank.book(SHOP, "A1").unwrap().state, "1A200");
    }
}
