//! Bank time: Asia/Taipei, whatever the computer's own zone is. Taiwan has had no daylight saving
//! since 1979, so the zone is a fixed +08:00 (money rules 6).

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// An instant: milliseconds since 1970-01-01T00:00Z. Its day is the bank's day.
///
/// ```
/// use counterfoil_domain::Moment;
///
/// let at = Moment::parse_rfc3339("2026-11-20T16:00:00Z").unwrap();
/// assert_eq!(at.day().to_string(), "2026-11-21");
/// assert_eq!(at.to_string(), "2026-11-21T00:00:00+08:00");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

/// A minute of bank time, the grid of SinoPac's PayDate: minutes since 1970-01-01T00:00Z.
///
/// ```
/// use counterfoil_domain::Moment;
///
/// let at = Moment::parse_rfc3339("2026-11-21T09:05:59+08:00").unwrap();
/// assert_eq!(at.minute().to_string(), "2026-11-21T09:05:00+08:00");
/// assert_eq!(at.minute().plus(1).start(), at.plus_secs(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BankMinute(i64);

/// A reading of the monotonic clock: milliseconds since an instant that means nothing. It counts
/// sleep, never jumps, and says nothing about the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mono(i64);

/// Both clocks, read together. The wall clock jumps; the monotonic one does not (money rules 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// What the computer's clock shows.
    pub wall: Moment,
    /// What the monotonic clock shows.
    pub mono: Mono,
}

impl Mono {
    /// From milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This many minutes later.
    #[must_use]
    pub const fn plus_mins(self, mins: i64) -> Self {
        self.plus_ms(mins.saturating_mul(MINUTE_MS))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Milliseconds that have surely passed since `stamp`, which another program may have written,
    /// before a restart of the computer even: since then this clock runs from zero.
    pub const fn passed_since(self, stamp: Self) -> i64 {
        if self.0 >= stamp.0 { self.ms_since(stamp) } else { self.0 }
    }
}

impl Moment {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This many seconds later.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        self.plus_ms(secs.saturating_mul(1000))
    }

    /// This many minutes later.
    #[must_use]
    pub const fn plus_mins(self, mins: i64) -> Self {
        self.plus_ms(mins.saturating_mul(MINUTE_MS))
    }

    /// This many days of 24 hours later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_mins(days.saturating_mul(24 * 60))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The minute of bank time that this instant lies in.
    pub const fn minute(self) -> BankMinute {
        BankMinute(self.0.div_euclid(MINUTE_MS))
    }

    /// The bank's calendar day.
    pub fn day(self) -> NaiveDate {
        self.taipei().date_naive()
    }

    /// Wall clock of Taipei.
    pub fn taipei(self) -> DateTime<FixedOffset> {
        let utc = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        utc.with_timezone(&zone())
    }

    /// The instant at which a wall clock in Taipei shows this.
    pub fn from_taipei(wall: NaiveDateTime) -> Self {
        let ms = zone().from_local_datetime(&wall).earliest().map_or(0, |t| t.timestamp_millis());
        Self(ms)
    }

    /// The last second of a bank day.
    pub fn end_of(day: NaiveDate) -> Self {
        Self::from_taipei(day.and_hms_opt(23, 59, 59).unwrap_or_default())
    }

    /// The first instant of a bank day.
    pub fn start_of(day: NaiveDate) -> Self {
        Self::from_taipei(day.and_hms_opt(0, 0, 0).unwrap_or_default())
    }

    /// Reads RFC 3339 of any offset. `None` when it is none.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Self(t.timestamp_millis()))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 with `+08:00`, milliseconds only where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.taipei().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false))
    }
}

impl BankMinute {
    /// From minutes since the Unix epoch.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes)
    }

    /// Minutes since the Unix epoch.
    pub const fn minutes(self) -> i64 {
        self.0
    }

    /// First instant of the minute.
    pub const fn start(self) -> Moment {
        Moment(self.0.saturating_mul(MINUTE_MS))
    }

    /// This many minutes later (earlier when negative).
    #[must_use]
    pub const fn plus(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes))
    }
}

impl fmt::Display for BankMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start().fmt(f)
    }
}

/// Days since 1970-01-01.
pub fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days())
}

/// Days from one bank day to another.
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    to.signed_duration_since(from).num_days()
}

/// The day this many days later.
pub fn day_plus(day: NaiveDate, days: i64) -> NaiveDate {
    TimeDelta::try_days(days).and_then(|d| day.checked_add_signed(d)).unwrap_or(day)
}

fn zone() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_cut_in_taipei() {
        let at = |t| Moment::parse_rfc3339(t).unwrap();
        assert_eq!(at("2026-11-20T16:00:00Z").day().to_string(), "2026-11-21");
        assert_eq!(at("2026-11-20T15:59:59.999Z").day().to_string(), "2026-11-20");
        assert_eq!(at("2026-11-21T00:00:00+08:00").to_string(), "2026-11-21T00:00:00+08:00");
        assert_eq!(Moment::start_of(at("2026-11-21T05:00:00+08:00").day()), at("2026-11-20T16:00:00Z"));
        assert_eq!(Moment::end_of(at("2026-11-21T05:00:00+08:00").day()), at("2026-11-21T23:59:59+08:00"));
    }

    #[test]
    fn days_are_counted() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(day_number(day("1970-01-01")), 0);
        assert_eq!(day_number(day("2026-11-21")), 20_778);
        assert_eq!(days_between(day("2026-02-27"), day("2026-03-01")), 2);
        assert_eq!(days_between(day("2026-03-01"), day("2026-02-27")), -2);
    }

    #[test]
    fn minutes_round_down_even_before_the_epoch() {
        assert_eq!(Moment::from_millis(59_999).minute(), BankMinute::from_minutes(0));
        assert_eq!(Moment::from_millis(-1).minute(), BankMinute::from_minutes(-1));
    }
}
