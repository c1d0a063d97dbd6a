//! When an open refund is read again: often at first, then less, so that every end is seen and no
//! bank is asked for nothing.

use counterfoil_domain::judge::LAG_MS;
use counterfoil_domain::refund::{PersonWhy, Plan};
use counterfoil_domain::{Bank, Now, Refund, RefundState};

use super::planning::READ_AGAIN_MS;
use crate::engine::{Engine, EngineError};
use crate::ports::Store;

/// What the bank works on is read after these minutes, and then every …
const AT_BANK_MINS: [i64; 4] = [1, 5, 15, 60];
/// … so many.
const AT_BANK_LAST_MINS: i64 = 180;
/// What a person decides is read on daily for so many days, then weekly.
const PERSON_DAYS: i64 = 14;
const DAY_MINS: i64 = 24 * 60;

impl<S: Store> Engine<S> {
    /// When the refund is asked about again after a plan.
    pub(super) fn refund_turn_after(
        &mut self,
        refund: &Refund,
        planned: Plan,
        bank: Bank,
        now: Now,
    ) -> Result<(), EngineError> {
        let at = self.at(bank, now);
        let reads = self.refunds.reads.entry(refund.id).or_default();
        let at_bank = [Plan::Track(None), Plan::NeedsPerson(PersonWhy::PendingTooLong)].contains(&planned);
        let person = refund.state == RefundState::NeedsPerson && planned.wait().is_none() && !at_bank;
        let again = if person {
            // it is read on: the bank may show what became of it, or what a person did there
            let days = i64::try_from(*reads).unwrap_or(i64::MAX);
            *reads += 1;
            Some(match days {
                0 => now.mono.plus_ms(LAG_MS + READ_AGAIN_MS),
                1..=PERSON_DAYS => now.mono.plus_mins(DAY_MINS),
                _ => now.mono.plus_mins(7 * DAY_MINS),
            })
        } else if at_bank {
            let minutes = AT_BANK_MINS.get(*reads).copied().unwrap_or(AT_BANK_LAST_MINS);
            *reads += 1;
            Some(now.mono.plus_mins(minutes))
        } else {
            // without a wait its readings, its claim, its person or nothing at all bring it back
            planned.wait().map(|wait| at.mono_of(wait.until))
        };
        match again {
            Some(again) => self.refund_turn(refund, bank, again.max(now.mono.plus_ms(1_000))),
            None => self.refunds.turns.get_mut(bank).retain(|(_, id)| *id != refund.id),
        }
        if refund.state.is_final() {
            self.refunds.reads.remove(&refund.id);
            self.refunds.answered.remove(&refund.id);
        }
        self.ask_after(refund, now)
    }
}
