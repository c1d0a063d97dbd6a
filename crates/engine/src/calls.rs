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
    /// When it was handed out, and for a write committed as `Sending`.
    pub at: Now,
}

/// A wall clock that is put right by less has not jumped.
const WALL_BACK_MS: i64 = 1_000;

impl BankCall {
    /// By both clocks the call is young still: a write may leave (money rules 6).
    pub fn is_young(bank: Bank, at: Now, now: Now) -> bool {
        let most = match bank {
            // its nonce comes between
            Bank::Sinopac => 15_000,
            Bank::Ctbc => 5_000,
        };
        let (mono, wall) = (now.mono.ms_since(at.mono), now.wall.ms_since(at.wall));
        (0..=most).contains(&mono) && (-WALL_BACK_MS..=most).contains(&wall)
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
            BankCall::is_young(bank, at(100_000, 500), at(100_000 + wall, 500 + mono))
        };
        for (bank, most) in [(Bank::Sinopac, 15_000), (Bank::Ctbc, 5_000)] {
            assert!(young(bank, 0, 0) && young(bank, most, most), "{bank:?}");
            // it slept, or the wall clock jumped either way
            assert!(!young(bank, 0, most + 1) && !young(bank, most + 1, 0), "{bank:?}");
            assert!(young(bank, -1_000, 0) && !young(bank, -1_001, 0), "{bank:?}");
            assert!(!young(bank, 0, -1), "{bank:?}");
        }
    }
}
