//! How often a PIN may be wrong: five times, then a growing wait.
//!
//! Promise: no move of the wall clock, no restart and no reboot shortens the wait. The clock counts
//! from the start of the computer through sleep, and is compared as it is. Where a program cannot
//! know that clock, only the time counts that it has itself seen pass.

use crate::time::Mono;

/// So many wrong PINs in a row lock.
pub const WRONG_MAX: u32 = 5;
/// The first lock.
const LOCK_MS: i64 = 30_000;
/// Each further wrong PIN doubles it, up to this.
const LOCK_MS_MAX: i64 = 15 * 60_000;

/// Wrong PINs in a row under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub wrong: u32,
    /// When the last one was counted, since the start of the computer; `None`: by a program that
    /// could not know.
    pub at: Option<Mono>,
}

impl Tries {
    /// Milliseconds until the next try is looked at; 0: now. `now`: since the start of the
    /// computer, where that is known. `watched_ms`: for so long the program has known this count.
    pub fn locked_ms(self, now: Option<Mono>, watched_ms: i64) -> i64 {
        let doublings = match self.wrong.checked_sub(WRONG_MAX) {
            None => return 0,
            // 30 s doubled five times is past the longest
            Some(more) => more.min(5),
        };
        let delay = (LOCK_MS << doublings).min(LOCK_MS_MAX);
        let passed = now.zip(self.at).map_or(watched_ms, |(now, at)| now.passed_since(at));
        (delay - passed).max(0)
    }

    /// Further wrong ones until the next lock; 0: it has locked.
    pub const fn left(self) -> u32 {
        WRONG_MAX.saturating_sub(self.wrong)
    }

    /// One more that is counted before the PIN is compared.
    #[must_use]
    pub fn one_more(was: Option<Self>, now: Option<Mono>) -> Self {
        Self { wrong: was.map_or(0, |was| was.wrong).saturating_add(1), at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Mono {
        Mono::from_millis(s * 1000)
    }

    #[test]
    fn the_fifth_wrong_pin_locks_and_each_further_one_doubles_the_wait() {
        let mut tries = None;
        let mut waits = Vec::new();
        for _ in 0..12 {
            let next = Tries::one_more(tries, Some(at(1_000_000)));
            waits.push(next.locked_ms(Some(at(1_000_000)), 0) / 1000);
            tries = Some(next);
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        let many = Tries { wrong: u32::MAX, at: Some(at(0)) };
        assert_eq!(Tries::one_more(Some(many), Some(at(0))).locked_ms(Some(at(0)), 0), 900_000);
    }

    /// A restart of the program keeps the count and the clock. A restart of the computer sets the
    /// clock back to zero: at least the time since then has passed.
    #[test]
    fn only_time_that_has_surely_passed_opens() {
        let locked = Tries { wrong: 5, at: Some(at(1_000)) };
        assert_eq!(locked.locked_ms(Some(at(1_000)), i64::MAX), 30_000);
        assert_eq!(locked.locked_ms(Some(at(1_029)), i64::MAX), 1_000);
        assert_eq!(locked.locked_ms(Some(at(1_030)), i64::MAX), 0);
        // after a reboot
        assert_eq!(locked.locked_ms(Some(at(0)), i64::MAX), 30_000);
        assert_eq!(locked.locked_ms(Some(at(12)), i64::MAX), 18_000);
        assert_eq!(locked.locked_ms(Some(at(30)), i64::MAX), 0);
        // after a reboot that was long ago the wait is at most what it was
        assert_eq!(locked.locked_ms(Some(at(1_001)), i64::MAX), 29_000);
    }

    /// A clock that a person has moved for the program, or has read so when it counted, ends no
    /// wait: only what the program has itself seen pass does.
    #[test]
    fn without_a_known_clock_only_what_was_watched_opens() {
        for (counted, now) in [(None, Some(at(9_999_999))), (Some(at(0)), None), (None, None)] {
            let locked = Tries { wrong: 5, at: counted };
            let left = [0, 29_999, 30_000].map(|watched_ms| locked.locked_ms(now, watched_ms));
            assert_eq!(left, [30_000, 1, 0], "{counted:?} {now:?}");
        }
    }
}
