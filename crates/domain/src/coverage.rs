//! Coverage: which minutes of bank time were asked about and answered completely (money rules 7).

use serde::{Deserialize, Serialize};

use crate::rail::Bank;
use crate::time::{BankMinute, Moment, day_plus};

/// A span of whole minutes, both ends included, as SinoPac's PayDateTimeS and PayDateTimeE take
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MinuteSpan {
    /// The first minute.
    pub from: BankMinute,
    /// The last minute.
    pub to: BankMinute,
}

impl MinuteSpan {
    /// A span; `None` when it would hold no minute.
    pub fn new(from: BankMinute, to: BankMinute) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// How many minutes.
    pub fn minutes(self) -> i64 {
        self.to.minutes().saturating_sub(self.from.minutes()).saturating_add(1)
    }

    /// Does the minute lie in it?
    pub fn holds(self, minute: BankMinute) -> bool {
        self.from <= minute && minute <= self.to
    }

    /// Cut at midnight, bank time.
    pub fn by_day(self) -> Vec<Self> {
        let mut days = Vec::new();
        let mut rest = Some(self);
        while let Some(span) = rest {
            let next_day = Moment::start_of(day_plus(span.from.start().day(), 1)).minute();
            days.extend(Self::new(span.from, span.to.min(next_day.plus(-1))));
            rest = Self::new(next_day, span.to);
        }
        days
    }

    /// Both halves; `None` when it is one minute, which cannot be split.
    pub fn halves(self) -> Option<(Self, Self)> {
        if self.minutes() < 2 {
            return None;
        }
        let middle = self.from.plus(self.minutes() / 2 - 1);
        Some((Self { from: self.from, to: middle }, Self { from: middle.plus(1), to: self.to }))
    }
}

/// A span that was asked about and answered completely. Only added, never edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoverageSpan {
    /// Which bank was asked.
    pub bank: Bank,
    /// The minutes.
    pub span: MinuteSpan,
    /// When the answer was received, by bank time.
    pub at: Moment,
    /// Covered by asking for each of our numbers, since the bank would not show the minute.
    pub by_number: bool,
    /// How many days after the span it was asked again: 0 for the running sweep, else 1 or 3.
    pub pass: u8,
}

/// Rows turn up late: a minute is provisional until this long after its end, and asked again.
pub const PROVISIONAL_MINS: i64 = 10;
/// The sweep runs this often.
pub const PERIOD_MINS: i64 = 5;
/// A tail that is older than this without an answer is a gap: two periods, a minute's own length,
/// its provisional time, and the minute that runs.
pub const TAIL_MINS_MAX: i64 = PERIOD_MINS * 2 + PROVISIONAL_MINS + 2;

/// The last minute with all its rows at `at`: the provisional time since its end is over.
pub fn last_final(at: Moment) -> BankMinute {
    at.minute().plus(-(PROVISIONAL_MINS + 1))
}

/// The minutes in `[from, to]` that no span covers, oldest first.
pub fn gaps(
    from: BankMinute,
    to: BankMinute,
    spans: impl IntoIterator<Item = MinuteSpan>,
) -> Vec<MinuteSpan> {
    let mut spans: Vec<MinuteSpan> = spans.into_iter().collect();
    spans.sort_unstable();
    let mut gaps = Vec::new();
    let mut next = from;
    for span in spans {
        if span.from > next {
            gaps.extend(MinuteSpan::new(next, span.from.plus(-1).min(to)));
        }
        next = next.max(span.to.plus(1));
        if next > to {
            return gaps;
        }
    }
    gaps.extend(MinuteSpan::new(next, to));
    gaps
}

/// What the owner is shown: from when, up to when, and the holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageReport {
    /// The minute the shop was added in.
    pub from: BankMinute,
    /// The last minute that is covered without a hole behind it being younger than normal.
    pub to: BankMinute,
    /// Holes, oldest first. Any is an alarm.
    pub gaps: Vec<MinuteSpan>,
    /// Minutes that the bank never showed as a whole: only our own numbers were asked about. Oldest
    /// first; an alarm too.
    pub by_number: Vec<MinuteSpan>,
}

/// The report of a shop that was added at `from`, at bank time `now`. `before`: every minute before
/// it is covered already. `spans`: the coverage from there on. `by_number`: minutes that only their
/// numbers cover.
pub fn report(
    from: BankMinute,
    before: Option<BankMinute>,
    now: Moment,
    spans: &[CoverageSpan],
    by_number: Vec<MinuteSpan>,
) -> CoverageReport {
    let before = before.unwrap_or(from);
    let newest = spans.iter().map(|s| s.span.to).max().unwrap_or(from.plus(-1)).max(before.plus(-1));
    let due = now.minute().plus(-TAIL_MINS_MAX);
    let to = newest.max(due);
    let mut gaps = gaps(before, to, spans.iter().map(|s| s.span));
    // a beginning that has not come yet: until then no minute is asked about
    gaps.extend(MinuteSpan::new(now.minute(), from.plus(-1)));
    CoverageReport { from, to, gaps, by_number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn m(minutes: i64) -> BankMinute {
        BankMinute::from_minutes(minutes)
    }

    fn span(from: i64, to: i64) -> MinuteSpan {
        MinuteSpan::new(m(from), m(to)).unwrap()
    }

    proptest! {
        /// Against the slow way: one flag per minute.
        #[test]
        fn gaps_are_exactly_the_uncovered_minutes(
            spans in prop::collection::vec((0_i64..100, 0_i64..20), 0..12), from in 0_i64..50, length in 0_i64..80,
        ) {
            let spans: Vec<_> = spans.into_iter().map(|(a, n)| span(a, a + n)).collect();
            let found = gaps(m(from), m(from + length), spans.iter().copied());
            for minute in from..=from + length {
                let covered = spans.iter().any(|s| s.holds(m(minute)));
                prop_assert_eq!(!covered, found.iter().any(|g| g.holds(m(minute))), "minute {}", minute);
            }
            for g in &found {
                prop_assert!(g.from >= m(from) && g.to <= m(from + length));
            }
        }

        #[test]
        fn halves_join_to_the_whole(from in 0_i64..1000, length in 1_i64..3000) {
            let whole = span(from, from + length);
            let (a, b) = whole.halves().unwrap();
            prop_assert_eq!((a.from, b.to, a.to.plus(1)), (whole.from, whole.to, b.from));
            prop_assert!(a.minutes() >= 1 && b.minutes() >= 1 && (a.minutes() - b.minutes()).abs() <= 1);
        }
    }

    #[test]
    fn one_minute_is_never_split() {
        assert_eq!(span(7, 7).halves(), None);
        assert_eq!(span(7, 8).halves(), Some((span(7, 7), span(8, 8))));
    }

    fn covered(from: i64, to: i64) -> CoverageSpan {
        CoverageSpan {
            bank: Bank::Sinopac,
            span: span(from, to),
            at: m(to).start(),
            by_number: false,
            pass: 0,
        }
    }

    fn holes(before: Option<i64>, now: i64, spans: &[CoverageSpan]) -> Vec<MinuteSpan> {
        report(m(0), before.map(m), m(now).start(), spans, Vec::new()).gaps
    }

    #[test]
    fn a_missing_answer_turns_the_report_red() {
        let all = [(0, 10), (8, 20), (18, 40)].map(|(from, to)| covered(from, to));
        assert_eq!(holes(None, 45, &all), vec![]);
        assert_eq!(holes(None, 45, &[all[0], all[2]]), vec![span(11, 17)]);
        // not asked for a while: the tail itself is a gap
        assert_eq!(holes(None, 120, &all), vec![span(41, 98)]);
        // what is known to be covered needs no span
        assert_eq!(holes(Some(18), 45, &all[2..]), vec![]);
        assert_eq!(holes(Some(17), 45, &all[2..]), vec![span(17, 17)]);
        assert_eq!(holes(Some(41), 120, &[]), vec![span(41, 98)]);
    }

    #[test]
    fn a_beginning_that_has_not_come_yet_is_red() {
        let report = report(m(100), None, m(40).start(), &[], Vec::new());
        assert_eq!(report.gaps, vec![span(40, 99)]);
        assert_eq!(holes(None, 0, &[]), vec![]);
    }

    #[test]
    fn a_minute_is_final_ten_minutes_after_its_end() {
        assert_eq!(last_final(m(11).start()), m(0));
        assert_eq!(last_final(m(11).start().plus_ms(-1)), m(-1));
    }

    #[test]
    fn days_off_are_cut_at_midnight() {
        let at = |t: &str| Moment::parse_rfc3339(t).unwrap().minute();
        let span = MinuteSpan::new(at("2026-11-20T22:00:00+08:00"), at("2026-11-22T01:00:00+08:00")).unwrap();
        let days: Vec<String> = span.by_day().iter().map(|d| format!("{} {}", d.from, d.minutes())).collect();
        assert_eq!(
            days,
            [
                "2026-11-20T22:00:00+08:00 120",
                "2026-11-21T00:00:00+08:00 1440",
                "2026-11-22T00:00:00+08:00 61"
            ]
        );
    }
}
