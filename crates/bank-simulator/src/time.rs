//! Bank time: a moment on the simulator's own clock, shown in Asia/Taipei (UTC+8, no summer time).
//!
//! Promises the three texts of the wire (`yyyyMMddHHmm`, `yyyyMMdd`, RFC 3339 with `+08:00`) and
//! the HTTP date, both ways where both are needed. Leaves out reading any real clock.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

const TAIPEI_MS: i64 = 8 * 3_600 * 1_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// A moment, in milliseconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankTime(i64);

impl BankTime {
    /// From milliseconds since the Unix epoch.
    pub const fn from_unix_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// From RFC 3339 text with any offset.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }

    /// From `yyyyMMddHHmm`, exactly twelve digits, Taipei.
    pub fn from_minute(text: &str) -> Option<Self> {
        if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let at = NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok()?;
        Some(Self(at.and_utc().timestamp_millis() - TAIPEI_MS))
    }

    /// From `yyyyMMdd`, exactly eight digits: midnight in Taipei.
    pub fn from_day(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let at = NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(0, 0, 0)?;
        Some(Self(at.and_utc().timestamp_millis() - TAIPEI_MS))
    }

    /// `yyyy-MM-ddTHH:mm:ss.SSS+08:00`.
    pub fn rfc3339(self) -> String {
        format!("{}+08:00", self.taipei().format("%Y-%m-%dT%H:%M:%S%.3f"))
    }

    /// `yyyyMMddHHmm` in Taipei.
    pub fn minute(self) -> String {
        self.taipei().format("%Y%m%d%H%M").to_string()
    }

    /// `yyyyMMdd` in Taipei.
    pub fn day(self) -> String {
        self.taipei().format("%Y%m%d").to_string()
    }

    /// `HHmmss` in Taipei.
    pub fn second_of_day(self) -> String {
        self.taipei().format("%H%M%S").to_string()
    }

    /// The text of an HTTP `Date` header.
    pub fn http_date(self) -> String {
        let at: DateTime<Utc> = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// This moment moved on by some milliseconds (back, when negative).
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This moment moved on.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        self.plus_ms(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }

    /// This moment moved on by whole minutes.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_ms(minutes.saturating_mul(MINUTE_MS))
    }

    /// This moment moved on by whole days.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_ms(days.saturating_mul(DAY_MS))
    }

    /// Milliseconds since an earlier moment; negative when it is later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The beginning of this minute.
    #[must_use]
    pub const fn start_of_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(MINUTE_MS))
    }

    /// Midnight in Taipei at the beginning of this day.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0 - (self.0.saturating_add(TAIPEI_MS)).rem_euclid(DAY_MS))
    }

    fn taipei(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.saturating_add(TAIPEI_MS)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_taipei_time() {
        let at = BankTime::from_rfc3339("2026-11-21T16:05:30.250Z").unwrap();
        assert_eq!(at.minute(), "202611220005");
        assert_eq!((at.day().as_str(), at.second_of_day().as_str()), ("20261122", "000530"));
        assert_eq!(at.rfc3339(), "2026-11-22T00:05:30.250+08:00");
        assert_eq!(at.http_date(), "Sat, 21 Nov 2026 16:05:30 GMT");
        assert_eq!(at.start_of_day().rfc3339(), "2026-11-22T00:00:00.000+08:00");
        assert_eq!(at.start_of_minute().rfc3339(), "2026-11-22T00:05:00.000+08:00");
    }

    #[test]
    fn minute_and_day_texts_are_read_strictly() {
        assert_eq!(BankTime::from_minute("202611220005").unwrap().minute(), "202611220005");
        assert_eq!(BankTime::from_day("20261122").unwrap().minute(), "202611220000");
        for wrong in
            ["", "20261122", "2026112200050", "202613220005", "202611222405", "2026 1220005", "+02611220005"]
        {
            assert_eq!(BankTime::from_minute(wrong), None, "{wrong}");
        }
        for wrong in ["", "2026112", "20260230", "2026-1-2", "+2026112"] {
            assert_eq!(BankTime::from_day(wrong), None, "{wrong}");
        }
    }
}
