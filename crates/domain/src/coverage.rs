//! Coverage: which minutes of bank time were asked about and answered completely (money rules 7).

use serde::{Deserialize, Serialize};

use crate::time::{BankMinute, Moment};

/// A span of whole minutes, both ends included, as SinoPac's PayDateTimeS and PayDateTimeE take them.
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
    /// The minutes.
    pub span: MinuteSpan,
    /// When the answer was received, by bank time.
    pub at: Moment,
    /// Covered by asking for each of our numbers, since the bank would not show the minute.
    pub by_number: bool,
    /// How many days after the span it was asked again: 0 for the running sweep, else 1 or 3.
    pub pass: u8,
}

/// Rows turn up late: this much before the answer is provisional and asked again.
pub const PROVISIONAL_MINS: i64 = 10;
/// The sweep runs this often.
pub const PERIOD_MINS: i64 = 5;
/// A tail that is older than this without an answer is a gap: period, provisional time, and one missed turn.
pub const TAIL_MINS_MAX: i64 = PERIOD_MINS * 2 + PROVISIONAL_MINS + 1;

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
    /// Minutes that the bank never showed as a whole: only our own numbers were asked about. Oldest first; an alarm too.
    pub by_number: Vec<MinuteSpan>,
}

/// The report of a shop that was added at `from`, at bank time `now`. `asked_again` are the passes of later days: a window of theirs
/// shows what was covered by number only.
pub fn report(
    from: BankMinute,
    now: Moment,
    spans: &[CoverageSpan],
    asked_again: &[CoverageSpan],
) -> CoverageReport {
    let newest = spans.iter().map(|s| s.span.to).max().unwrap_or(from.plus(-1));
    let due = now.minute().plus(-TAIL_MINS_MAX);
    let to = newest.max(due);
    let numbered = spans.iter().filter(|s| s.by_number).map(|s| s.span);
    let windows = || spans.iter().chain(asked_again).filter(|s| !s.by_number).map(|s| s.span);
    let mut by_number: Vec<_> = numbered.flat_map(|span| gaps(span.from, span.to, windows())).collect();
    by_number.sort_unstable();
    by_number.dedup();
    CoverageReport { from, to, gaps: gaps(from, to, spans.iter().map(|s| s.span)), by_number }
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

    fn covered(from: i64, to: i64, by_number: bool) -> CoverageSpan {
        CoverageSpan { span: span(from, to), at: m(to).start(), by_number, pass: 0 }
    }

    #[test]
    fn a_missing_answer_turns_the_report_red() {
        let all = [(0, 10), (8, 20), (18, 40)].map(|(from, to)| covered(from, to, false));
        let now = m(45).start();
        assert_eq!(report(m(0), now, &all, &[]).gaps, vec![]);
        assert_eq!(report(m(0), now, &[all[0], all[2]], &[]).gaps, vec![span(11, 17)]);
        // nobody asked for a while: the tail itself is a gap
        assert_eq!(report(m(0), m(120).start(), &all, &[]).gaps, vec![span(41, 120 - TAIL_MINS_MAX)]);
    }

    #[test]
    fn a_minute_that_was_asked_by_number_is_said_until_a_window_has_shown_it() {
        let all =
            [covered(0, 20, false), covered(21, 21, true), covered(22, 22, true), covered(23, 40, false)];
        let now = m(45).start();
        let said = report(m(0), now, &all, &[]);
        assert_eq!((said.gaps, said.by_number), (vec![], vec![span(21, 21), span(22, 22)]));
        assert_eq!(report(m(0), now, &all, &[covered(0, 21, false)]).by_number, vec![span(22, 22)]);
        assert_eq!(report(m(0), now, &all, &[covered(0, 30, true)]).by_number.len(), 2, "no window either");
    }
}
