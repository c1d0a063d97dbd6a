//! What the engine hands out: a call to a bank, or how long there is none.

use counterfoil_domain::{Bank, Mono, Now};

use crate::ports::BankRequest;

/// Names one bank call between [`Engine::step`](crate::Engine::step) and
/// [`Engine::answered`](crate::Engine::answered).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub(crate) u64);

/// What to send. Before a write gets here, it is committed as `Sending`.
#[derive(Debug)]
pub struct BankCall {
    /// Give it back with the answer.
    pub ticket: Ticket,
    /// To whom it goes.
    pub bank: Bank,
    /// What to ask.
    pub request: BankRequest,
    /// It may change something at the bank.
    pub is_write: bool,
    /// A write leaves within this time or never.
    pub leaves: Leaves,
    /// A nonce was fetched for it a moment ago: it goes with that one.
    pub has_nonce: bool,
    /// And nothing has gone since: the nonce has taken its turn.
    pub has_turn: bool,
}

/// When a call may leave.
#[derive(Debug, Clone, Copy)]
pub struct Leaves {
    /// When it was handed out, and for a write committed as `Sending`.
    from: Now,
    /// Milliseconds from then, by both clocks.
    within_ms: i64,
}

/// A wall clock that is put right by less has not jumped.
const WALL_BACK_MS: i64 = 1_000;

impl Leaves {
    /// `patience_ms`: what is left of the clerk's, for a create.
    pub(crate) fn new(bank: Bank, from: Now, patience_ms: Option<i64>) -> Self {
        let most = match bank {
            // its nonce comes between
            Bank::Sinopac => 15_000,
            Bank::Ctbc => 5_000,
        };
        Self { from, within_ms: patience_ms.map_or(most, |left| left.min(most)) }
    }

    /// By both clocks it is in time still (money rules 6).
    pub fn in_time(self, now: Now) -> bool {
        let (mono, wall) = (now.mono.ms_since(self.from.mono), now.wall.ms_since(self.from.wall));
        (0..=self.within_ms).contains(&mono) && (-WALL_BACK_MS..=self.within_ms).contains(&wall)
    }
}

/// What to do now.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one at a time, moved once: a box would only be opened again")]
pub enum Step {
    /// Send this, and ask `step` again at once.
    Send(BankCall),
    /// Nothing to send before this instant of the monotonic clock, unless something happens.
    Wait(Mono),
    /// Nothing to send until something happens.
    Idle,
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_domain::Moment;

    /// Both clocks, and each bank's own time for the way.
    #[test]
    fn a_write_leaves_soon_after_its_commit_or_never() {
        let at =
            |wall: i64, mono: i64| Now { wall: Moment::from_millis(wall), mono: Mono::from_millis(mono) };
        let young = |bank, wall: i64, mono: i64| {
            Leaves::new(bank, at(100_000, 500), None).in_time(at(100_000 + wall, 500 + mono))
        };
        for (bank, most) in [(Bank::Sinopac, 15_000), (Bank::Ctbc, 5_000)] {
            assert!(young(bank, 0, 0) && young(bank, most, most), "{bank:?}");
            // it slept, or the wall clock jumped either way
            assert!(!young(bank, 0, most + 1) && !young(bank, most + 1, 0), "{bank:?}");
            assert!(young(bank, -1_000, 0) && !young(bank, -1_001, 0), "{bank:?}");
            assert!(!young(bank, 0, -1), "{bank:?}");
        }
    }

    /// Its last attempt begins late in the clerk's patience, and the computer falls asleep.
    #[test]
    fn a_create_leaves_within_the_clerks_patience() {
        let at = |ms: i64| Now { wall: Moment::from_millis(ms), mono: Mono::from_millis(ms) };
        for (left, leaves) in [(8_000, 8_000), (20_000, 15_000)] {
            let create = Leaves::new(Bank::Sinopac, at(0), Some(left));
            assert!(create.in_time(at(leaves)) && !create.in_time(at(leaves + 1)));
        }
    }
}
