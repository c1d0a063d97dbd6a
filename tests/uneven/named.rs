//! The times that a bank names, as far as they tell a program how late it is.

use super::plan::MINUTE_MS;

/// A Date this close to the bank's time is a right one.
const DATE_NEAR_MS: i64 = 5 * MINUTE_MS;
/// So long after the first right Date bank time is known for sure.
const ANCHORED_WITHIN_MS: i64 = 15 * MINUTE_MS;
/// Wrong Dates are believed after this long.
const BELIEVED_AFTER_MS: i64 = MINUTE_MS;

/// The times that a bank has named since the program was opened.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// The first right one.
    right_at: Option<i64>,
    /// The first wrong one.
    wrong_at: Option<i64>,
    /// The first of those that are wrong on and on.
    wrong_since: Option<i64>,
}

impl Named {
    pub(super) fn name(&mut self, now: i64, off_ms: i64) {
        if off_ms.abs() <= DATE_NEAR_MS {
            self.right_at.get_or_insert(now);
            self.wrong_since = None;
        } else {
            self.wrong_at.get_or_insert(now);
            self.wrong_since.get_or_insert(now);
        }
    }

    /// The program has no reason to sell by another time than the bank's.
    pub(super) fn is_known(&self, now: i64) -> bool {
        self.right_at.is_some_and(|right| {
            let first = |wrong| wrong - right >= ANCHORED_WITHIN_MS;
            let odd = |since| now - since < BELIEVED_AFTER_MS;
            self.wrong_at.is_none_or(|wrong| first(wrong) && self.wrong_since.is_none_or(odd))
        })
    }
}
