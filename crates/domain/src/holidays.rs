//! The public holidays that ship with the program (money rules 5).
//!
//! Promise: they answer only *When is it captured?*, and they end the warning about a year without
//! a list. They never say that we may send, and they prove no completed batch, unless the shop's
//! contract does ([`crate::calendar`]). Left out: days closed without notice, as for a typhoon.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};

const FILE: &str = include_str!("../data/tw-bank-holidays.tsv");

static DAYS: LazyLock<BTreeSet<NaiveDate>> = LazyLock::new(|| days(FILE));

/// Is it a public holiday of the list? Weekends are not in it.
pub fn is_public(day: NaiveDate) -> bool {
    DAYS.contains(&day)
}

/// Does the list hold this year?
pub fn has_year(year: i32) -> bool {
    DAYS.iter().any(|day| day.year() == year)
}

fn days(text: &str) -> BTreeSet<NaiveDate> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split('\t').next()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    #[test]
    fn every_line_is_a_weekday_of_a_listed_year() {
        let lines = FILE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), DAYS.len(), "each line is a day, and none comes twice");
        assert!(DAYS.iter().all(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)));
        let years: BTreeSet<i32> = DAYS.iter().map(Datelike::year).collect();
        assert_eq!(years, BTreeSet::from([2026, 2027]));
        let of = |year| DAYS.iter().filter(|day| day.year() == year).count();
        assert_eq!((of(2026), of(2027)), (16, 17));
        assert!(is_public(NaiveDate::from_ymd_opt(2026, 12, 25).unwrap()));
        assert!(has_year(2027) && !has_year(2028));
    }
}
