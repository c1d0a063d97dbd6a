//! What a screen may say of a bank's time, and when that bank is asked next.

use counterfoil_domain::{Bank, Moment, Now};

use crate::engine::Engine;
use crate::ports::Store;

/// A bank's clock and its next question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankTimes {
    /// Bank time.
    pub at: Moment,
    /// The bank has told it, or nothing speaks against this computer's clock.
    pub known: bool,
    /// What the newest answers say, while it is not proved yet.
    pub named: Option<Moment>,
    /// When the bank is asked next, where the engine knows it: SinoPac is also swept, so only
    /// while it refuses this shop.
    pub next_try: Option<Moment>,
}

impl<S: Store> Engine<S> {
    /// When the next gaps are looked for, by SinoPac's time; none where it is not swept.
    pub fn sweeps_next_at(&self, now: Now) -> Option<Moment> {
        let run_at = self.sweep.run_at.filter(|_| self.shop.has(Bank::Sinopac))?;
        let clock = &self.lanes.get(Bank::Sinopac).clock;
        Some(clock.at(run_at.max(now.mono)))
    }

    /// A bank's clock and its next question at `now`.
    pub fn bank_times(&self, bank: Bank, now: Now) -> BankTimes {
        let lane = self.lanes.get(bank);
        let by_payment = (bank == Bank::Ctbc).then(|| lane.agenda.next()).flatten();
        let next = lane.probe_at().or(by_payment).filter(|next| *next > now.mono);
        let at = lane.clock.at(now.mono);
        BankTimes {
            at,
            known: lane.clock.is_known(),
            named: lane.clock.doubted(now.mono),
            next_try: next.map(|next| at.plus_ms(next.ms_since(now.mono))),
        }
    }
}
