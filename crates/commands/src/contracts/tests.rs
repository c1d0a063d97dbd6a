//! One test per rule of what a screen sees, changes and types of a contract.

use serde_json::{Value, json};

use super::*;
use crate::settings::{SettingsChange, changed_settings, settings_view};
use crate::shop_file::parse;

const NOW: Moment = Moment::from_millis(1_795_300_000_000);

fn file() -> Value {
    json!({
        "name": "茶行",
        "sinopac": { "environment": "custom", "base_url": "http://127.0.0.1:9/x", "shop_no": "NA0249_001",
            "key_id": "k", "a1": "1", "a2": "2", "b1": "3", "b2": "4", "return_url": "loopback" },
        "ctbc": { "environment": "test", "mac_key": "m-canary-m-canary-m-cana", "mer_id": "1",
            "merchant_id": "8220000000001", "terminal_id": "90000001", "return_url": "loopback",
            "batch": { "holidays": ["2026-12-25"] } }
    })
}

fn shop() -> ShopRecord {
    parse(&file().to_string(), NOW).unwrap_or_else(|e| panic!("{e:?}")).shop
}

fn without(bank: &str) -> ShopRecord {
    let mut file = file();
    file.as_object_mut().unwrap().remove(bank);
    parse(&file.to_string(), NOW).unwrap_or_else(|e| panic!("{e:?}")).shop
}

fn no_trouble(_: Bank) -> Option<CommandError> {
    None
}

/// What the screen would send back when nothing was changed.
fn change_of(shop: &ShopRecord) -> Value {
    let view = settings_view(shop, no_trouble, String::new(), NOW);
    let (sinopac, ctbc) = (json!(view.sinopac), json!(view.ctbc));
    let only = |view: &Value, names: &[&str]| {
        if view.is_null() {
            return Value::Null;
        }
        names
            .iter()
            .map(|name| ((*name).to_owned(), view[*name].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "payee_name": view.payee_name, "polling": json!(view.polling),
        "sinopac": only(&sinopac, &["return_url", "loopback_port", "account_limit"]),
        "ctbc": only(&ctbc, &["merchant_id", "terminal_id", "return_url", "loopback_port", "reply_mac",
            "refund_remainder", "batch"]),
    })
}

fn changed(shop: &ShopRecord, change: impl Fn(&mut Value)) -> Result<ShopRecord, CommandError> {
    let mut typed = change_of(shop);
    change(&mut typed);
    changed_settings(shop, &serde_json::from_value::<SettingsChange>(typed).unwrap())
}

#[test]
fn a_shop_shows_the_contracts_that_it_has_and_no_others() {
    let view = |shop: &ShopRecord| settings_view(shop, no_trouble, String::new(), NOW);
    let both = view(&shop());
    assert!(both.sinopac.is_some() && both.ctbc.is_some());
    assert_eq!(view(&without("sinopac")).sinopac, None);
    assert_eq!(view(&without("ctbc")).ctbc, None);
    let ctbc = both.ctbc.unwrap();
    assert_eq!((ctbc.mer_id.as_str(), ctbc.environment.name()), ("1", "sandbox"));
    assert_eq!(ctbc.batch.start, "20:00");
    assert!(!json!(ctbc).to_string().contains("canary"));
}

/// A screen that does not know the member changes nothing by it.
#[test]
fn the_paper_of_sinopac_can_be_changed_and_stays_when_it_is_left_out() {
    let older = changed(&shop(), |c| c["sinopac"]["paper"] = "v2.4".into()).unwrap();
    let paper = |shop: &ShopRecord| sinopac_view(shop.sinopac.as_ref().unwrap(), None).paper;
    assert_eq!((paper(&shop()), paper(&older)), ("v2.5", "v2.4"));
    assert_eq!(paper(&changed(&older, |_| ()).unwrap()), "v2.4");
    let wrong = changed(&shop(), |c| c["sinopac"]["paper"] = "v3".into()).unwrap_err();
    assert_eq!(wrong.values["field"], "sinopac.flags.paper");
}

#[test]
fn each_bank_tells_of_its_own_keys() {
    let lost = |bank| (bank == Bank::Ctbc).then(|| CommandError::input(Code::CtbcVaultMissing));
    let view = settings_view(&shop(), lost, String::new(), NOW);
    assert_eq!(view.sinopac.unwrap().keys, None);
    assert_eq!(view.ctbc.unwrap().key.unwrap().code, Code::CtbcVaultMissing);
}

#[test]
fn a_year_without_holidays_is_named() {
    let years = |now: &str| {
        let now = Moment::parse_rfc3339(now).unwrap();
        settings_view(&shop(), no_trouble, String::new(), now).ctbc.unwrap().unlisted_years
    };
    assert_eq!(years("2026-06-01T09:00:00+08:00"), [0; 0]);
    // the program's own list has 2026 and 2027
    assert_eq!(years("2026-12-01T09:00:00+08:00"), [0; 0]);
    assert_eq!(years("2027-12-20T09:00:00+08:00"), [2028]);
    assert_eq!(years("2025-06-01T09:00:00+08:00"), [2025]);
}

#[test]
fn what_is_not_changed_stays() {
    for shop in [shop(), without("sinopac"), without("ctbc")] {
        assert_eq!(changed(&shop, |_| {}).unwrap(), shop);
        assert_eq!(changed(&shop, |c| c["ctbc"] = Value::Null).unwrap(), shop);
        assert_eq!(changed(&shop, |c| c["sinopac"] = Value::Null).unwrap(), shop);
    }
}

#[test]
fn a_contract_that_is_not_there_is_not_changed() {
    for (bank, rail) in [("ctbc", "ctbc-card"), ("sinopac", "sinopac")] {
        let part = change_of(&shop())[bank].clone();
        let refused = changed(&without(bank), |c| c[bank] = part.clone()).unwrap_err();
        assert_eq!((refused.code, &refused.values["rail"]), (Code::RailAbsent, &rail.into()));
    }
}

#[test]
fn numbers_return_address_flags_and_batch_of_ctbc_may_change() {
    let to = changed(&shop(), |c| {
        c["ctbc"] = json!({
            "merchant_id": "8220000000002", "terminal_id": "90000002", "return_url": " https://shop.example/thanks ",
            "loopback_port": 0, "reply_mac": "require", "refund_remainder": false,
            "batch": { "start": "21:30", "minutes": 90, "margin_minutes": 5, "weekdays": [1, 6],
                "holidays": ["2026/1/1", "", " 2026-02-28 "], "extra_workdays": ["2026/02/07"],
                "no_batch_on_public_holidays": true }
        });
    });
    let ctbc = to.unwrap().ctbc.unwrap();
    assert_eq!((ctbc.merchant_id.as_str(), ctbc.terminal_id.as_str()), ("8220000000002", "90000002"));
    assert_eq!(ctbc.return_address, ReturnAddress::Page { url: "https://shop.example/thanks".into() });
    assert_eq!((ctbc.reply_mac, ctbc.refund_remainder), (ReplyMac::Require, false));
    let batch = CalendarFile::from(ctbc.batch);
    assert_eq!((batch.start.as_str(), batch.minutes, batch.margin_minutes), ("21:30", 90, 5));
    assert_eq!(batch.weekdays, [1, 6]);
    assert_eq!(batch.holidays, ["2026-01-01", "2026-02-28"]);
    assert_eq!(batch.extra_workdays, ["2026-02-07"]);
    assert!(batch.no_batch_on_public_holidays);
    assert_eq!(ctbc.mer_id, "1", "what makes the shop this shop stays");
}

#[test]
fn a_change_is_held_to_the_rules_of_the_shop_file() {
    type Break = fn(&mut Value);
    let rows: [(Break, &str); 10] = [
        (|c| c["merchant_id"] = "1".into(), "ctbc.merchant_id"),
        (|c| c["terminal_id"] = "1".into(), "ctbc.terminal_id"),
        (|c| c["return_url"] = "https://shop.example/a?b".into(), "ctbc.return_url"),
        (|c| c["reply_mac"] = "maybe".into(), "ctbc.flags.reply_mac"),
        (|c| c["batch"]["start"] = "8:00".into(), "ctbc.batch.start"),
        (|c| c["batch"]["minutes"] = 721.into(), "ctbc.batch.minutes"),
        (|c| c["batch"]["margin_minutes"] = (-1).into(), "ctbc.batch.margin_minutes"),
        (|c| c["batch"]["weekdays"] = json!([]), "ctbc.batch.weekdays"),
        (|c| c["batch"]["holidays"] = json!(["tomorrow"]), "ctbc.batch.holidays"),
        (|c| c["batch"]["extra_workdays"] = json!(["2026/12/25"]), "ctbc.batch.extra_workdays"),
    ];
    for (change, field) in rows {
        let refused = changed(&shop(), |typed| change(&mut typed["ctbc"])).unwrap_err();
        assert_eq!((refused.code, &refused.values["field"]), (Code::ShopField, &field.into()));
    }
}

#[test]
fn lines_that_are_no_dates_are_named_by_their_numbers() {
    let lines = ["2026-01-01", "", "元旦", "2026/2/30", "2026/2/28"];
    let refused = changed(&shop(), |c| c["ctbc"]["batch"]["holidays"] = json!(lines)).unwrap_err();
    assert_eq!(refused.values["lines"], "3, 4");
}

#[test]
fn a_typed_shop_is_read_by_the_rules_of_the_shop_file() {
    let sinopac = json!({ "environment": "sandbox", "shop_no": " NA0249_001 ", "return_url": "loopback", "loopback_port": 0,
        "keys": { "key_id": "k", "a1": "1", "a2": "2", "b1": "3", "b2": "4" } });
    let ctbc = json!({ "environment": "sandbox", "mer_id": " 1 ", "merchant_id": "8220000000001", "terminal_id": "90000001",
        "keys": { "mac_key": " m-canary-m-canary-m-cana " }, "return_url": "loopback", "loopback_port": 80 });
    let read = |sinopac: &Value, ctbc: &Value| {
        let typed = json!({ "name": "永康店", "payee_name": "禾日茶行", "banks": { "sinopac": sinopac, "ctbc": ctbc } });
        let typed: ShopTyped = serde_json::from_value(typed).unwrap();
        parse(typed.into_shop_file().expose_secret(), NOW)
    };
    let both = read(&sinopac, &ctbc).unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(both.shop.sinopac.unwrap().shop_no, "NA0249_001");
    let card = both.shop.ctbc.unwrap();
    assert_eq!((card.mer_id.as_str(), card.environment.name()), ("1", "sandbox"));
    assert_eq!(card.return_address, ReturnAddress::Loopback { port: 80 });
    assert_eq!(both.ctbc.unwrap().mac_key.expose_secret(), "m-canary-m-canary-m-cana");
    assert!(read(&Value::Null, &ctbc).unwrap_or_else(|e| panic!("{e:?}")).shop.sinopac.is_none());
    assert!(read(&sinopac, &Value::Null).unwrap_or_else(|e| panic!("{e:?}")).shop.ctbc.is_none());
    assert_eq!(read(&Value::Null, &Value::Null).err().unwrap().code, Code::ShopField);
    let mut earnest = ctbc;
    earnest["environment"] = "production".into();
    assert_eq!(read(&sinopac, &earnest).err().unwrap().values["field"], "ctbc.environment");
}

/// Minutes until the window locks: what is left out stays, and two hours is the most.
#[test]
fn the_lock_waits_as_long_as_the_owner_says_and_two_hours_at_most() {
    let shop = shop();
    let mins = |typed: Value| {
        changed(&shop, |change| change["lock_after_mins"] = typed.clone()).map(|shop| shop.lock_after_mins)
    };
    assert_eq!(changed(&shop, |_| {}).map(|shop| shop.lock_after_mins), Ok(5));
    assert_eq!(mins(json!(0)), Ok(0));
    assert_eq!(mins(json!(120)), Ok(120));
    let error = mins(json!(121)).unwrap_err();
    assert_eq!((error.code, error.values["field"].as_str()), (Code::ShopField, Some("lock_after_mins")));
}

/// Days until customers are erased by themselves: what is left out stays, and ten years is the
/// most.
#[test]
fn customers_stay_as_long_as_the_owner_says() {
    let shop = shop();
    let days = |typed: Value| {
        changed(&shop, |change| change["customer_days"] = typed.clone()).map(|shop| shop.customer_days)
    };
    assert_eq!(changed(&shop, |_| {}).map(|shop| shop.customer_days), Ok(0));
    assert_eq!((days(json!(1)), days(json!(3_650))), (Ok(1), Ok(3_650)));
    let error = days(json!(3_651)).unwrap_err();
    assert_eq!((error.code, error.values["field"].as_str()), (Code::ShopField, Some("customer_days")));
}
