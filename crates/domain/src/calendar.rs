//! The bank's calendar: when its nightly batch runs, so when nothing may be sent, and when a card
//! sale is captured (money rules 5). CTBC takes no management write around its batch.
//!
//! Promise: two questions with opposite safe sides. [`BankCalendar::may_send`] says no on every day
//! that is not *known* to have no batch: a workday, and in a year without a holiday list every
//! other day as well, since it may be a make-up workday missing from our list.
//! [`BankCalendar::next_batch`] answers by weekdays, holidays and extra workdays alone, and
//! [`BankCalendar::completed_batch`], on which a verdict about money rests, counts certain workdays
//! only. The list of public holidays that ships with the program ([`crate::holidays`]) answers the
//! second question only, unless the shop's contract says that no batch runs on those days.
//! Left out: what waits, and for how long (planning of refunds); days closed without notice,
//! as for a typhoon: no list can hold them.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::holidays;
use crate::time::{Moment, day_plus};

/// A batch takes at most this long, so that a day always has hours in which we may send …
pub const MINUTES_MAX: i64 = 720;
/// … and the margin on either side is at most this.
pub const MARGIN_MINUTES_MAX: i64 = 240;
/// A step that needs no longer than this finds its time every day, whatever the calendar (see
/// [`BankCalendar::earliest`]).
pub const SPAN_MS_ALWAYS_FITS: i64 = (24 * 60 - MINUTES_MAX - 2 * MARGIN_MINUTES_MAX) * 60_000 - 1;
/// Dates in one list.
const DATES_MAX: usize = 2_000;
/// Years of four digits, so that days before and after exist.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9000;
/// A batch may be this late.
const LATE_MINS: i64 = 8 * 60;
/// How many days ahead a time to send is looked for.
const DAYS_AHEAD: i64 = 35;

/// `batch` as the shop file has it. CTBC's usual values fill in what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarFile {
    /// When the batch starts, bank time: `20:00`.
    pub start: String,
    /// How long it takes.
    pub minutes: i64,
    /// Before and after it.
    pub margin_minutes: i64,
    /// Days with a batch: 1 Monday to 7 Sunday.
    pub weekdays: Vec<i64>,
    /// Weekdays without one: `2026-12-25`. A year that has none in here has no list.
    pub holidays: Vec<String>,
    /// Other days with one 補班日.
    pub extra_workdays: Vec<String>,
    /// The shop's contract with the bank says that no batch runs on public holidays. Only then the
    /// list that ships with the program lets us send on those days.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_batch_on_public_holidays: bool,
}

impl Default for CalendarFile {
    fn default() -> Self {
        Self {
            start: "20:00".to_owned(),
            minutes: 120,
            margin_minutes: 10,
            weekdays: vec![1, 2, 3, 4, 5],
            holidays: Vec::new(),
            extra_workdays: Vec::new(),
            no_batch_on_public_holidays: false,
        }
    }
}

/// What is wrong with a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("batch.{field}: {wants}")]
pub struct CalendarError {
    /// The member of `batch`.
    pub field: &'static str,
    /// What it has to be.
    pub wants: &'static str,
}

/// A date as a person types or pastes it: `2026-01-01`, `2026/1/1`.
pub fn typed_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.trim().split(['-', '/']);
    let mut number = |most: usize| {
        let part = parts.next()?;
        let digits = (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse::<u32>().ok() } else { None }
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (parts.next().is_none() && YEARS.contains(&date.year())).then_some(date)
}

/// A bank's calendar, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CalendarFile", into = "CalendarFile")]
pub struct BankCalendar {
    start: NaiveTime,
    minutes: i64,
    margin_minutes: i64,
    weekdays: BTreeSet<i64>,
    holidays: BTreeSet<NaiveDate>,
    extra_workdays: BTreeSet<NaiveDate>,
    no_batch_on_public_holidays: bool,
}

/// One run of the batch. It belongs to the day on which it starts, though it may end on the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankBatch {
    /// Its day.
    pub day: NaiveDate,
    /// What is in the capture file before this is captured by it.
    pub starts: Moment,
    /// By our reckoning: the bank does not publish it.
    pub ends: Moment,
}

/// Why we wait, and until when: the values of 「銀行批次 20:00 開始，最早 22:10（本機須開機）」.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchWait {
    /// The batch that is waited for; it may turn out not to run.
    pub batch: BankBatch,
    /// We may send from then on.
    pub earliest: Moment,
}

impl BankCalendar {
    /// Checks a calendar.
    ///
    /// # Errors
    /// [`CalendarError`] names the first member that is wrong.
    pub fn new(file: &CalendarFile) -> Result<Self, CalendarError> {
        let start = NaiveTime::parse_from_str(&file.start, "%H:%M").ok();
        let start = start.filter(|time| wall_clock(*time) == file.start);
        let start = start.ok_or(CalendarError { field: "start", wants: "HH:MM" })?;
        if !(1..=MINUTES_MAX).contains(&file.minutes) {
            return Err(CalendarError { field: "minutes", wants: "1-720" });
        }
        if !(0..=MARGIN_MINUTES_MAX).contains(&file.margin_minutes) {
            return Err(CalendarError { field: "margin_minutes", wants: "0-240" });
        }
        let weekdays: BTreeSet<i64> = file.weekdays.iter().copied().collect();
        if weekdays.is_empty() || weekdays.iter().any(|day| !(1..=7).contains(day)) {
            return Err(CalendarError { field: "weekdays", wants: "1-7" });
        }
        let holidays = dates("holidays", &file.holidays)?;
        let extra_workdays = dates("extra_workdays", &file.extra_workdays)?;
        if !holidays.is_disjoint(&extra_workdays) {
            return Err(CalendarError { field: "extra_workdays", wants: "no day of holidays" });
        }
        let (minutes, margin_minutes) = (file.minutes, file.margin_minutes);
        let no_batch_on_public_holidays = file.no_batch_on_public_holidays;
        Ok(Self {
            start,
            minutes,
            margin_minutes,
            weekdays,
            holidays,
            extra_workdays,
            no_batch_on_public_holidays,
        })
    }

    /// May a step start at `at` that may take `span_ms`? Touching a possible batch or its margin is
    /// no.
    pub fn may_send(&self, at: Moment, span_ms: i64) -> bool {
        self.in_the_way(at, span_ms).is_none()
    }

    /// The first time not before `now` at which [`BankCalendar::may_send`] says yes. `None`: no
    /// pause of the next five weeks is as long as the step; never so up to [`SPAN_MS_ALWAYS_FITS`].
    pub fn earliest(&self, now: Moment, span_ms: i64) -> Option<Moment> {
        let last = now.plus_days(DAYS_AHEAD);
        let mut at = now;
        while at <= last {
            match self.in_the_way(at, span_ms) {
                None => return Some(at),
                Some(batch) => at = self.free_after(&batch),
            }
        }
        None
    }

    /// What to show a person if a step cannot go now: the batch in the way, and the earliest time.
    /// `None`: it can go now, or never.
    pub fn wait(&self, now: Moment, span_ms: i64) -> Option<BatchWait> {
        let batch = self.in_the_way(now, span_ms)?;
        self.earliest(now, span_ms).map(|earliest| BatchWait { batch, earliest })
    }

    /// What to show a person if a step needs the sale to be captured first.
    pub fn wait_for_capture(&self, now: Moment, span_ms: i64) -> Option<BatchWait> {
        let batch = self.next_batch(now);
        self.earliest(self.free_after(&batch), span_ms).map(|earliest| BatchWait { batch, earliest })
    }

    /// The next workday's batch: the one that captures what is in the file at `at`. What comes at
    /// its very start is too late.
    pub fn next_batch(&self, at: Moment) -> BankBatch {
        let today = self.batch_of(at.day());
        if self.is_workday(today.day) && at < today.starts {
            return today;
        }
        self.batch_of(self.workday_after(at.day()))
    }

    /// The first batch after `at` that cannot be ruled out. A proof that must come before any batch
    /// counts until here: on a holiday of the shipped list a batch may run.
    pub fn next_possible_batch(&self, at: Moment) -> BankBatch {
        let days = (0..=DAYS_AHEAD).map(|ahead| day_plus(at.day(), ahead));
        let mut possible = days.filter(|day| !self.surely_none(*day)).map(|day| self.batch_of(day));
        possible.find(|batch| at < batch.starts).unwrap_or_else(|| self.next_batch(at))
    }

    /// The latest batch that began after `since` and is over, with its margin, at `until`, on a day
    /// that surely was a workday: listed, or a weekday of a year with a holiday list.
    pub fn completed_batch(&self, since: Moment, until: Moment) -> Option<BankBatch> {
        // two days cover a batch over midnight with its margin; before them lie long holidays
        let days = (0..=DAYS_AHEAD).map(|back| day_plus(until.day(), -back));
        let certain = |day: &NaiveDate| {
            let listed =
                self.knows_year(*day) || (self.no_batch_on_public_holidays && holidays::has_year(day.year()));
            self.extra_workdays.contains(day) || (self.is_workday(*day) && listed)
        };
        days.filter(certain)
            .map(|day| self.batch_of(day))
            .find(|batch| since < batch.starts && self.free_after(batch) <= until)
    }

    /// May a batch of the bank be what holds up a request at `at`? From a batch's margin on, late
    /// ones included.
    pub fn may_be_batch(&self, at: Moment) -> bool {
        let days = [day_plus(at.day(), -1), at.day()].into_iter();
        let mut batches = days.map(|day| self.batch_of(day));
        batches.any(|batch| {
            batch.starts.plus_mins(-self.margin_minutes) <= at && at < batch.ends.plus_mins(LATE_MINS)
        })
    }

    /// Is it a day with a batch, by weekdays, holidays, public holidays and extra workdays?
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        self.by_the_shop(day) && (self.extra_workdays.contains(&day) || !holidays::is_public(day))
    }

    /// The same without the list that ships with the program.
    fn by_the_shop(&self, day: NaiveDate) -> bool {
        let weekday = self.weekdays.contains(&i64::from(day.weekday().number_from_monday()));
        self.extra_workdays.contains(&day) || (weekday && !self.holidays.contains(&day))
    }

    /// The first workday after a day.
    pub fn workday_after(&self, day: NaiveDate) -> NaiveDate {
        // one day of each week has a batch, and the holidays come to an end
        day.iter_days().skip(1).find(|day| self.is_workday(*day)).unwrap_or_else(|| day_plus(day, 1))
    }

    /// Does the shop have a holiday list of its own for the year of a day?
    pub fn knows_year(&self, day: NaiveDate) -> bool {
        self.holidays.iter().any(|holiday| holiday.year() == day.year())
    }

    /// The years without a holiday list, of the shop or of the program, that begin at most so many
    /// days after `at`, this one included: a person is warned of them.
    pub fn unlisted_years(&self, at: Moment, days: i64) -> Vec<i32> {
        let mut years = BTreeSet::from([at.day().year(), day_plus(at.day(), days).year()]);
        years.retain(|year| {
            !holidays::has_year(*year) && self.holidays.iter().all(|holiday| holiday.year() != *year)
        });
        years.into_iter().collect()
    }

    /// The batch of a day, if it has one: `20:00` to `22:00`.
    pub fn batch_of(&self, day: NaiveDate) -> BankBatch {
        let starts = Moment::from_taipei(day.and_time(self.start));
        BankBatch { day, starts, ends: starts.plus_mins(self.minutes) }
    }

    /// The first possible batch that a step would touch, margins counted.
    fn in_the_way(&self, at: Moment, span_ms: i64) -> Option<BankBatch> {
        // no plan reaches further ahead, and instants of a far future have no date
        let done = at.plus_ms(span_ms.clamp(0, DAYS_AHEAD * 86_400_000));
        // a batch and its margins reach at most one day from the day of the batch
        let (first, last) = (day_plus(at.day(), -1), day_plus(done.day(), 1));
        let days = first.iter_days().take_while(|day| *day <= last);
        days.filter(|day| !self.surely_none(*day))
            .map(|day| self.batch_of(day))
            .find(|batch| at < self.free_after(batch) && done >= batch.starts.plus_mins(-self.margin_minutes))
    }

    fn free_after(&self, batch: &BankBatch) -> Moment {
        batch.ends.plus_mins(self.margin_minutes)
    }

    /// Known to have no batch: by the shop's own dates, or by its contract on a public holiday.
    fn surely_none(&self, day: NaiveDate) -> bool {
        let by_contract = self.no_batch_on_public_holidays && holidays::is_public(day);
        (self.knows_year(day) && !self.by_the_shop(day))
            || (by_contract && !self.extra_workdays.contains(&day))
    }
}

impl Default for BankCalendar {
    /// CTBC's usual: workdays 20:00, two hours, ten minutes; no holidays known.
    fn default() -> Self {
        Self {
            start: NaiveTime::from_hms_opt(20, 0, 0).unwrap_or_default(),
            minutes: 120,
            margin_minutes: 10,
            weekdays: (1..=5).collect(),
            holidays: BTreeSet::new(),
            extra_workdays: BTreeSet::new(),
            no_batch_on_public_holidays: false,
        }
    }
}

impl TryFrom<CalendarFile> for BankCalendar {
    type Error = CalendarError;

    fn try_from(file: CalendarFile) -> Result<Self, CalendarError> {
        Self::new(&file)
    }
}

impl From<BankCalendar> for CalendarFile {
    fn from(calendar: BankCalendar) -> Self {
        let texts = |days: &BTreeSet<NaiveDate>| days.iter().map(ToString::to_string).collect();
        Self {
            start: wall_clock(calendar.start),
            minutes: calendar.minutes,
            margin_minutes: calendar.margin_minutes,
            weekdays: calendar.weekdays.into_iter().collect(),
            holidays: texts(&calendar.holidays),
            extra_workdays: texts(&calendar.extra_workdays),
            no_batch_on_public_holidays: calendar.no_batch_on_public_holidays,
        }
    }
}

impl BatchWait {
    /// `20:00`.
    pub fn starts_text(&self) -> String {
        wall_clock(self.batch.starts.taipei().time())
    }

    /// `22:10`, with the day where it is not the day of `now`: `11/24 00:40`. A step is never
    /// promised before its time: what does not fall on a minute is rounded up.
    pub fn earliest_text(&self, now: Moment) -> String {
        let whole = self.earliest.plus_ms(59_999).minute().start();
        let time = wall_clock(whole.taipei().time());
        let day = whole.day();
        if day == now.day() { time } else { format!("{:02}/{:02} {time}", day.month(), day.day()) }
    }
}

fn wall_clock(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn dates(field: &'static str, texts: &[String]) -> Result<BTreeSet<NaiveDate>, CalendarError> {
    if texts.len() > DATES_MAX {
        return Err(CalendarError { field, wants: "2000 dates at most" });
    }
    let date = |text: &String| {
        let day = text.parse::<NaiveDate>().ok().filter(|day| day.to_string() == *text);
        day.filter(|day| YEARS.contains(&day.year())).ok_or(CalendarError { field, wants: "YYYY-MM-DD" })
    };
    texts.iter().map(date).collect()
}

#[cfg(test)]
mod tests;
