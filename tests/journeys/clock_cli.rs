//! The built command line on a computer whose clock is wrong, in runs too short to prove it.

use counterfoil_domain::Moment;
use counterfoil_tests::outside::programs::{Bank, Shop};
use serde_json::{Value, json};

const SELL: [&str; 5] = ["sell", "--rail", "sinopac-account", "--amount", "300"];

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member}: {value}"))
}

/// A computer that has lost its clock, and a shop with CTBC alone: the alarm names that bank and
/// the day of its newest sale, and nothing else is wrong.
#[test]
fn a_computer_in_2010_is_told_the_day_of_its_bank() {
    let bank = Bank::open();
    let shop = Shop::in_folder(tempfile::tempdir().unwrap());
    let mut file = bank.shop_file();
    file.as_object_mut().unwrap().remove("sinopac");
    assert_eq!(shop.add_file(&file).status, 0);
    let past = ["--at", "2010-05-01T09:00:00+08:00"];
    let then = |words: &[&str]| shop.run(&[&past, words].concat());
    let sold = then(&["sell", "--rail", "ctbc-card", "--amount", "300"]);
    assert_eq!(sold.status, 0, "{sold:?}");
    let covered = then(&["coverage"]).said;
    assert_eq!(covered["gaps"], json!([]));
    let alarms = covered["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "{covered}");
    assert_eq!((text(&alarms[0], "bank"), text(&alarms[0], "kind")), ("ctbc", "clock-off"));
    assert!(text(&alarms[0], "from") < "2011", "{covered}");
    let expires = text(&sold.said, "expires_at");
    let to = text(&alarms[0], "to");
    assert!("2026-11-02" < to && to < expires, "later than the program, earlier than its end: {covered}");
}

/// A computer that was right jumps eight hours ahead, in runs too short to prove it: nothing lies
/// open in the time to come, and the clock is named from the first answer on, until it is right.
#[test]
fn a_computer_that_is_ahead_is_named_before_it_is_proved() {
    let bank = Bank::open();
    let shop = Shop::add(&bank);
    assert_eq!(shop.run(&SELL).status, 0);
    let covered = shop.run(&["coverage"]).said;
    assert_eq!(covered["alarms"], json!([]));
    // to the minute, and the bank's lag ago
    let now = Moment::parse_rfc3339(text(&covered, "to")).unwrap();
    let ahead = now.plus_ms(8 * 3_600_000).to_string();
    let then = |words: &[&str]| shop.run(&[&["--at", &ahead], words].concat());
    assert_eq!(then(&SELL).status, 0);
    let covered = then(&["coverage"]).said;
    assert_eq!(covered["gaps"], json!([]));
    let alarms = covered["alarms"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "{covered}");
    assert_eq!((text(&alarms[0], "bank"), text(&alarms[0], "kind")), ("sinopac", "clock-off"));
    let named = Moment::parse_rfc3339(text(&alarms[0], "from")).unwrap();
    assert!(named >= now && named < now.plus_ms(3_600_000), "{covered}");
    assert_eq!(shop.run(&["work", "--until-idle"]).status, 0);
    assert_eq!(shop.run(&["coverage"]).said["alarms"], json!([]));
}
