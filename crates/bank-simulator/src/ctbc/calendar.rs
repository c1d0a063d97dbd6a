//! When the nightly batch runs (ctbc.md 2, money rules 5): start, length, workdays, holidays,
//! make-up workdays.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::time::BankTime;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
const TAIPEI_MS: i64 = 8 * 3_600_000;
/// The next batch is looked for on so many days.
const LOOK_DAYS: i64 = 400;

/// The batch data of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    start_ms: i64,
    minutes: i64,
    /// Monday first.
    weekdays: [bool; 7],
    /// `yyyyMMdd`.
    holidays: BTreeSet<String>,
    extra_workdays: BTreeSet<String>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            start_ms: 20 * 60 * MINUTE_MS,
            minutes: 120,
            weekdays: [true, true, true, true, true, false, false],
            holidays: BTreeSet::new(),
            extra_workdays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// From `{start, minutes, margin_minutes, weekdays, holidays, extra_workdays}`, each optional.
    /// The margin is the shop's own caution: it is checked and of no use to the bank.
    pub(crate) fn read(value: Option<&Value>) -> Option<Self> {
        let mut calendar = Self::default();
        let Some(value) = value.filter(|value| !value.is_null()) else { return Some(calendar) };
        let object = value.as_object()?;
        if let Some(start) = object.get("start") {
            calendar.start_ms = clock(start.as_str()?)?;
        }
        if let Some(minutes) = object.get("minutes") {
            calendar.minutes = minutes.as_i64().filter(|minutes| (1..=720).contains(minutes))?;
        }
        if let Some(margin) = object.get("margin_minutes") {
            margin.as_i64().filter(|margin| (0..=720).contains(margin))?;
        }
        if let Some(days) = object.get("weekdays") {
            calendar.weekdays = [false; 7];
            for day in days.as_array()? {
                let place = usize::try_from(day.as_u64()?.checked_sub(1)?).ok()?;
                *calendar.weekdays.get_mut(place)? = true;
            }
        }
        if let Some(days) = object.get("holidays") {
            calendar.holidays = dates(days)?;
        }
        if let Some(days) = object.get("extra_workdays") {
            calendar.extra_workdays = dates(days)?;
        }
        Some(calendar)
    }

    /// How long a batch runs.
    pub(crate) fn minutes(&self) -> i64 {
        self.minutes
    }

    /// True for a day with a batch.
    pub(crate) fn is_workday(&self, at: BankTime) -> bool {
        let day = at.day();
        if self.extra_workdays.contains(&day) {
            return true;
        }
        // 1970-01-01 was a Thursday
        let days = at.start_of_day().unix_ms().saturating_add(TAIPEI_MS).div_euclid(DAY_MS);
        let place = usize::try_from(days.saturating_add(3).rem_euclid(7)).unwrap_or(0);
        self.weekdays.get(place).copied().unwrap_or(false) && !self.holidays.contains(&day)
    }

    /// The first start of a batch at this moment or later.
    pub(crate) fn next_start(&self, from: BankTime) -> Option<BankTime> {
        let first = from.start_of_day();
        (0..LOOK_DAYS)
            .map(|days| first.plus_days(days))
            .filter(|day| self.is_workday(*day))
            .map(|day| day.plus_ms(self.start_ms))
            .find(|start| *start >= from)
    }
}

/// `HH:MM` as milliseconds of the day.
fn clock(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, most: i64| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= most)
    };
    Some((number(hours, 23)? * 60 + number(minutes, 59)?) * MINUTE_MS)
}

/// `yyyy-MM-dd` each.
fn dates(list: &Value) -> Option<BTreeSet<String>> {
    let day = |day: &Value| {
        let text = day.as_str()?;
        let bars = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let day = text.replace('-', "");
        BankTime::from_day(&day).filter(|_| bars).map(|_| day)
    };
    list.as_array()?.iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> BankTime {
        BankTime::from_minute(text).unwrap()
    }

    #[test]
    fn the_next_batch_is_on_the_next_workday() {
        let calendar = Calendar::read(Some(&json!({
            "start": "15:30", "minutes": 90, "margin_minutes": 5,
            "holidays": ["2026-12-25"], "extra_workdays": ["2026-12-26"]
        })))
        .unwrap();
        assert_eq!(calendar.minutes(), 90);
        for (from, next) in [
            ("202611200000", "202611201530"),
            ("202611201530", "202611201530"),
            ("202611201531", "202611231530"),
            ("202611221000", "202611231530"),
            ("202612241600", "202612261530"),
            ("202612261600", "202612281530"),
        ] {
            assert_eq!(calendar.next_start(at(from)).unwrap().minute(), next, "{from}");
        }
    }

    #[test]
    fn without_workdays_there_is_no_batch() {
        let none = Calendar::read(Some(&json!({"weekdays": []}))).unwrap();
        assert_eq!(none.next_start(at("202611200000")), None);
        let sunday = Calendar::read(Some(&json!({"weekdays": [7]}))).unwrap();
        assert!(sunday.is_workday(at("202611221000")) && !sunday.is_workday(at("202611231000")));
    }

    #[test]
    fn wrong_data_is_refused_and_absent_data_has_defaults() {
        assert_eq!(Calendar::read(None), Some(Calendar::default()));
        assert_eq!(Calendar::read(Some(&Value::Null)), Some(Calendar::default()));
        for wrong in [
            json!([]),
            json!({"start": "8:00"}),
            json!({"start": "24:00"}),
            json!({"start": 20}),
            json!({"minutes": 0}),
            json!({"minutes": "120"}),
            json!({"margin_minutes": -1}),
            json!({"weekdays": [0]}),
            json!({"weekdays": [8]}),
            json!({"weekdays": "1"}),
            json!({"holidays": ["20261225"]}),
            json!({"holidays": ["2026-13-25"]}),
            json!({"extra_workdays": [1]}),
        ] {
            assert_eq!(Calendar::read(Some(&wrong)), None, "{wrong}");
        }
    }
}
