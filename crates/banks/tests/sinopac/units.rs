//! Hundredths, minutes and days, both ways.

use chrono::NaiveDate;
use counterfoil_banks::sinopac::units::{
    amount_from_wire, amount_to_wire, day_to_wire, minute_from_wire, minute_to_wire,
};
use counterfoil_domain::{BankMinute, Twd};
use proptest::prelude::*;

#[test]
fn amounts_at_the_edges() {
    for (dollars, wire) in [(1, "100"), (180, "18000"), (30_000, "3000000"), (9_999_999, "999999900")] {
        assert_eq!(amount_to_wire(Twd::new(dollars)).unwrap().to_string(), wire);
        assert_eq!(amount_from_wire(wire), Some(Twd::new(dollars)));
    }
    for dollars in [i64::MIN, -1, 0, 10_000_000, i64::MAX / 100 + 1, i64::MAX] {
        assert_eq!(amount_to_wire(Twd::new(dollars)), None, "{dollars}");
    }
    for wire in [
        "",
        "0",
        "00",
        "000",
        "1",
        "150",
        "101",
        "1.00",
        "100.00",
        "-100",
        "+100",
        " 100",
        "100 ",
        "1,000",
        "１００",
        "1e300",
        "1000000000",
        "99999999999999999999900",
        "NaN00",
        "0x100",
    ] {
        assert_eq!(amount_from_wire(wire), None, "{wire}");
    }
}

#[test]
fn minutes_are_taipeis() {
    // 2026-11-20T16:30Z is half past midnight of the next day there
    let minute = BankMinute::from_minutes(29_919_870);
    assert_eq!(minute_to_wire(minute), "202611210030");
    assert_eq!(minute_from_wire("202611210030"), Some(minute));
    for bad in [
        "",
        "20261121",
        "20261121003",
        "2026112100300",
        "202611212400",
        "202602300000",
        "20261121003０",
        "2026112100 0",
        "+02611210030",
    ] {
        assert_eq!(minute_from_wire(bad), None, "{bad}");
    }
    assert_eq!(day_to_wire(NaiveDate::from_ymd_opt(2026, 1, 2).unwrap()), "20260102");
}

proptest! {
    #[test]
    fn amounts_come_back(dollars in any::<i64>()) {
        match amount_to_wire(Twd::new(dollars)) {
            Some(wire) => {
                prop_assert!((1..=9_999_999).contains(&dollars));
                prop_assert_eq!(wire, dollars * 100);
                prop_assert_eq!(amount_from_wire(&wire.to_string()), Some(Twd::new(dollars)));
                // a hundred times too much or too little is not the same amount
                prop_assert_ne!(amount_from_wire(&dollars.to_string()), Some(Twd::new(dollars)));
            }
            None => prop_assert!(!(1..=9_999_999).contains(&dollars)),
        }
    }

    #[test]
    fn small_amounts_come_back(dollars in 1..=9_999_999_i64) {
        let wire = amount_to_wire(Twd::new(dollars)).unwrap().to_string();
        prop_assert!(wire.len() <= 9 && wire.ends_with("00"));
        prop_assert_eq!(amount_from_wire(&wire), Some(Twd::new(dollars)));
    }

    #[test]
    fn no_text_is_rounded(text in "[0-9]{1,12}") {
        let parsed: i64 = text.parse().unwrap();
        let exact = parsed % 100 == 0 && (1..=9_999_999).contains(&(parsed / 100)) && text.len() >= 3;
        prop_assert_eq!(amount_from_wire(&text), exact.then(|| Twd::new(parsed / 100)));
    }

    #[test]
    fn minutes_come_back(minutes in 0..70_000_000_i64) {
        let minute = BankMinute::from_minutes(minutes);
        prop_assert_eq!(minute_from_wire(&minute_to_wire(minute)), Some(minute));
    }
}
