//! Bank time = this computer's clock + what the bank's own Date headers told (money rules 6).
//!
//! A computer clock that goes back does not take bank time back; one that jumps ahead is corrected by the next answer. No
//! coverage is ever counted beyond the clock of the answer itself, so a wrong clock here never hides a minute.

use counterfoil_domain::Moment;

/// The Date header counts whole seconds: smaller differences are not news.
const GRAIN_MS: i64 = 2_000;
/// A computer clock this far off deserves a warning.
pub(crate) const SKEW_WARNING_MS: i64 = 60_000;

/// The offset, and the last reading of our own clock.
#[derive(Debug, Default)]
pub(crate) struct BankClock {
    offset_ms: i64,
    last: Option<Moment>,
}

impl BankClock {
    /// Bank time at our `now`.
    pub(crate) fn at(&mut self, now: Moment) -> Moment {
        let at = self.seen_at(now);
        self.offset_ms = at.ms_since(now);
        self.last = Some(now);
        at
    }

    /// The same, for somebody who only looks.
    pub(crate) fn seen_at(&self, now: Moment) -> Moment {
        let back = self.last.map_or(0, |last| last.ms_since(now).max(0));
        now.plus_ms(self.offset_ms.saturating_add(back))
    }

    /// The bank says what time it is; returns by how much bank time moved.
    pub(crate) fn told(&mut self, now: Moment, bank_now: Moment) -> i64 {
        let before = self.at(now);
        let off_by = bank_now.ms_since(before);
        if off_by.abs() < GRAIN_MS {
            return 0;
        }
        self.offset_ms = self.offset_ms.saturating_add(off_by);
        off_by
    }

    /// How far this computer's clock is from the bank's, in milliseconds.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bank_time_never_goes_back_with_the_computer() {
        let mut clock = BankClock::default();
        let at = Moment::from_millis;
        assert_eq!(clock.at(at(100_000)), at(100_000));
        assert_eq!(clock.seen_at(at(40_000)), at(100_000));
        assert_eq!(clock.seen_at(at(110_000)), at(110_000));
        assert_eq!(clock.at(at(40_000)), at(100_000));
        assert_eq!(clock.at(at(41_000)), at(101_000));
        // one day ahead until the bank speaks
        assert_eq!(clock.at(at(86_441_000)), at(86_501_000));
        clock.told(at(86_441_000), at(102_000));
        assert_eq!(clock.at(at(86_442_000)), at(103_000));
        // the grain of the header is no news
        assert_eq!(clock.told(at(86_442_000), at(102_000)), 0);
    }
}
