//! What a store remembers beside its rows.

use counterfoil_domain::{Bank, DiscrepancyId, Moment, PaymentId};

/// What is worth remembering and no money rests on: lost, it costs one question more. Written
/// without an audit line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jot {
    /// The last answered question about a payment was asked then, by the bank's clock
    /// ([`counterfoil_domain::Payment::asked_at`]).
    Asked(PaymentId, Moment),
    /// A bank's clock, as it was seen last.
    Clock(Bank, KeptClock),
    /// What a bank's newest answers name while it is not believed, in milliseconds to add to this
    /// computer's clock; `None`: nothing speaks against bank time.
    Doubted(Bank, Option<i64>),
    /// A reading did not show this closed discrepancy any more.
    Gone(DiscrepancyId),
    /// The bank refuses this shop; `None`: no longer.
    Refused(Bank, Option<Silence>),
}

/// A bank that does not answer, or refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Of the first question without an answer, by bank time.
    pub since: Moment,
    /// What came instead, of the last one: as [`crate::ports::BankReply::code`].
    pub code: String,
}

/// A bank's clock beside this computer's (money rules 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptClock {
    /// Add it to this computer's clock to have the bank's.
    pub offset_ms: i64,
    /// The latest bank time that was surely past.
    pub bank_now: Moment,
    /// What was surely past was this much behind bank time: the clock had moved forward a short
    /// while ago.
    pub behind_ms: i64,
    /// When it had moved, by bank time.
    pub moved_at: Option<Moment>,
}

/// No shop runs for longer on a computer that is this much behind: its clock was put right.
const OFFSET_MS_MAX: i64 = 2 * 24 * 3_600_000;

impl KeptClock {
    /// Bank time at a start, before any answer: this computer's clock with the offset, or without
    /// it where it must have been put right since. Never earlier than what was known to be past.
    pub fn bank_time(&self, wall: Moment) -> Moment {
        if self.is_stale(wall) { wall } else { wall.plus_ms(self.offset_ms).max(self.bank_now) }
    }

    /// The computer's clock was put right since: with the offset it would be before what is past,
    /// or days beyond the clock itself.
    pub fn is_stale(&self, wall: Moment) -> bool {
        let fits = wall.plus_ms(self.offset_ms) >= self.bank_now && self.offset_ms <= OFFSET_MS_MAX;
        wall >= self.bank_now && !fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_computer_is_more_than_two_days_behind() {
        let (now, days) = (Moment::from_millis(0), 2 * 86_400_000);
        let stale = |offset_ms, wall: Moment| {
            KeptClock { offset_ms, bank_now: now, behind_ms: 0, moved_at: None }.is_stale(wall)
        };
        assert!(!stale(days, now) && stale(days + 1, now));
        assert!(!stale(days + 1, now.plus_ms(-1)), "it shows what is past");
        assert!(stale(-1, now) && !stale(-1, now.plus_ms(1)));
    }
}
