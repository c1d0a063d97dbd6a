//! How often a PIN may be wrong: five times, then a growing wait.
//!
//! Promise: no move of the wall clock, no restart and no reboot shortens the wait. The clock counts
//! from the start of the computer through sleep, and is compared as it is.

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
    /// When the last one was counted, since the start of the computer.
    pub at: Mono,
}

impl Tries {
    /// Milliseconds until the next try is looked at; 0: now.
    pub fn locked_ms(self, now: Mono) -> i64 {
        let doublings = match self.wrong.checked_sub(WRONG_MAX) {
            None => return 0,
            // 30 s doubled five times is past the longest
            Some(more) => more.min(5),
        };
        let delay = (LOCK_MS << doublings).min(LOCK_MS_MAX);
        (delay - now.passed_since(self.at)).max(0)
    }

    /// Further wrong ones until the next lock; 0: it has locked.
    pub const fn left(self) -> u32 {
        WRONG_MAX.saturating_sub(self.wrong)
    }

    /// One more that is counted before the PIN is compared.
    #[must_use]
    pub fn one_more(was: Option<Self>, now: Mono) -> Self {
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
            let next = Tries::one_more(tries, at(1_000_000));
            waits.push(next.locked_ms(at(1_000_000)) / 1000);
            tries = Some(next);
        }
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        let many = Tries { wrong: u32::MAX, at: at(0) };
        assert_eq!(Tries::one_more(Some(many), at(0)).locked_ms(at(0)), 900_000);
    }

    /// A restart of the program keeps the count and the clock. A restart of the computer sets the
    /// clock back to zero: at least the time since then has passed.
    #[test]
    fn only_time_that_has_surely_passed_opens() {
        let locked = Tries { wrong: 5, at: at(1_000) };
        assert_eq!(locked.locked_ms(at(1_000)), 30_000);
        assert_eq!(locked.locked_ms(at(1_029)), 1_000);
        assert_eq!(locked.locked_ms(at(1_030)), 0);
        // after a reboot
        assert_eq!(locked.locked_ms(at(0)), 30_000);
        assert_eq!(locked.locked_ms(at(12)), 18_000);
        assert_eq!(locked.locked_ms(at(30)), 0);
        // after a reboot that was long ago the wait is at most what it was
        assert_eq!(locked.locked_ms(at(1_001)), 29_000);
    }
}
