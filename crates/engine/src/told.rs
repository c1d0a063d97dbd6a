//! What every answer says beside its answer: what time it is there, and whether the bank speaks to
//! this shop at all.

use counterfoil_domain::judge::judge_refused;
use counterfoil_domain::{Bank, Moment, Mono, Now, Payment, Query};

use crate::bank_clock::{AGREE_MS, MADE_AT};
use crate::collect::ReadAt;
use crate::engine::{Engine, EngineError, by_engine};
use crate::plan::Asked;
use crate::ports::{BankReply, Change, Jot, RefusalOf, Said, Store};
use crate::purpose::Purpose;
use crate::shop::ShopRecord;

/// A bank's clock is kept at least this often.
const KEEP_CLOCK_MS: i64 = 3_600_000;
/// So many refusals in a row that do not say of what are one of the shop, at a bank that has no
/// windows to try.
const UNCLEAR_MAX: u32 = 3;
/// The beginning of the coverage, typed by a clock that was ahead, is made smaller by so much at
/// most.
const BEGINS_EARLIER_DAYS_MAX: i64 = 1;

impl<S: Store> Engine<S> {
    /// Before the first anchor of a run this computer's clock alone proves nothing: what no Date
    /// vouches for is not past.
    pub(crate) fn surely_past(&self, bank: Bank, sent: Asked, reply: &BankReply) -> Moment {
        let anchored = self.lanes.get(bank).clock.is_anchored();
        let date = reply.bank_now.or(anchored.then_some(sent.sure));
        date.map_or(Moment::from_millis(i64::MIN), |date| date.min(sent.sure))
    }

    /// What an answer says about the bank's clock.
    pub(crate) fn take_time(
        &mut self,
        bank: Bank,
        sent: Mono,
        now: Now,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let lane = self.lanes.get_mut(bank);
        if let Some(heard) = reply.heard {
            lane.clock.hears(now.mono, heard);
        }
        lane.time_wanted &= !lane.clock.has_heard(now.mono);
        let Some(date) = reply.bank_now else { return Ok(()) };
        let told = lane.clock.told(sent, now, date);
        if bank == Bank::Sinopac {
            self.sweep.in_doubt = lane.clock.wants_answers(now.mono);
            if self.sweep.in_doubt {
                self.sweep.looks_soon(now.mono);
            }
        }
        let is_old = lane.kept_at.is_none_or(|at| now.mono.ms_since(at) >= KEEP_CLOCK_MS);
        if lane.clock.is_anchored() && (told.keep || is_old) {
            lane.kept_at = Some(now.mono);
            let kept = lane.clock.keep(now);
            self.store.jot(&[Jot::Clock(bank, kept)])?;
        }
        self.remember_doubt(bank, now)?;
        if told.replan {
            self.replan(bank, now)?;
        }
        let anchored = self.lanes.get(bank).clock.is_anchored();
        if bank == Bank::Sinopac && (told.keep || !anchored) {
            self.begins_by_the_bank(date, now)?;
        }
        Ok(())
    }

    /// A run that is too short to prove a large move leaves word of it to the next, and to whoever
    /// reads the file.
    fn remember_doubt(&mut self, bank: Bank, now: Now) -> Result<(), EngineError> {
        let lane = self.lanes.get_mut(bank);
        let off_ms = lane.clock.doubted(now.mono).map(|named| named.ms_since(now.wall));
        let is_same = match (lane.doubt_kept, off_ms) {
            (Some(was), Some(is)) => (was - is).abs() < AGREE_MS,
            (was, is) => was == is,
        };
        if !is_same {
            lane.doubt_kept = off_ms;
            self.store.jot(&[Jot::Doubted(bank, off_ms)])?;
        }
        Ok(())
    }

    /// The coverage begins at the computer's time of `shop add` where no bank had named one. Every
    /// Date makes it smaller, until an anchor settles it: a shop that was set up by a clock that is
    /// ahead may sell in runs too short for an anchor.
    fn begins_by_the_bank(&mut self, date: Moment, now: Now) -> Result<(), EngineError> {
        if self.shop.begins_by_bank {
            return Ok(());
        }
        let at = self.at(Bank::Sinopac, now);
        let clock = &self.lanes.get(Bank::Sinopac).clock;
        let anchored = clock.is_anchored();
        // typed by the clock that is as much ahead now; in doubt only what the bank names counts
        let (named, ahead_ms) = if anchored { (at.bank, clock.offset_ms(now).min(0)) } else { (date, 0) };
        if !anchored && named < MADE_AT {
            return Ok(());
        }
        let begun = self.shop.added_at;
        let typed = self.shop.typed_at.unwrap_or(begun);
        let a_day_ago = |from: Moment| from.plus_days(-BEGINS_EARLIER_DAYS_MAX);
        let lost_the_day = typed < MADE_AT || a_day_ago(typed) > named;
        let heard = if lost_the_day {
            // no sale is older than the first answer by more than the day of the set-up
            a_day_ago(named)
        } else {
            typed.plus_ms(ahead_ms).min(named).max(a_day_ago(typed))
        };
        let first = self.shop.typed_at.is_none();
        let added_at = if first && lost_the_day { heard } else { heard.min(begun) };
        if !anchored && added_at == begun {
            return Ok(());
        }
        let shop = ShopRecord {
            added_at,
            begins_by_bank: anchored,
            typed_at: Some(typed).filter(|_| !anchored),
            ..self.shop.clone()
        };
        self.commit(
            by_engine(at.bank, "coverage-begins", &shop.name, shop.added_at.to_string()),
            vec![Change::ShopChanged(shop.clone())],
        )?;
        self.shop = shop;
        Ok(())
    }

    /// Whether the bank speaks to this shop at all (money rules 3).
    pub(crate) fn take_refusal(&mut self, bank: Bank, purpose: &Purpose, now: Now, reply: &BankReply) {
        if matches!(purpose, Purpose::Write(_) | Purpose::Time) {
            return;
        }
        let is_window = matches!(purpose, Purpose::Window(_) | Purpose::Check(_));
        let lane = self.lanes.get_mut(bank);
        match &reply.said {
            Said::Rows(_) | Said::Bill(_) | Said::Unequal(..) | Said::Refused(RefusalOf::Question) => {
                lane.is_answered();
            }
            Said::Refused(RefusalOf::Shop) => lane.is_refused(now.mono),
            // a window tries another question first
            Said::Refused(RefusalOf::Unclear) if is_window => {}
            Said::Refused(RefusalOf::Unclear | RefusalOf::Nonce) => {
                if lane.is_refused_somehow() >= UNCLEAR_MAX {
                    lane.is_refused(now.mono);
                }
            }
            Said::Write { .. } | Said::Silent => {}
        }
    }

    /// An answered refusal counts towards the readings after which a person is asked; it proves
    /// nothing.
    pub(crate) fn refused_reading(
        &mut self,
        now: Now,
        payment: &Payment,
        asked: Asked,
    ) -> Result<(), EngineError> {
        let facts = self.facts(payment, None)?;
        let verdict = judge_refused(&facts.known(payment));
        let at = self.at(payment.rail.bank(), now).bank;
        let read = ReadAt { at, asked_at: asked.sure, query: Query::ByNumber, scheduled: true };
        let mut changes = self.operation_read(&facts, verdict.operation, read);
        for (kind, detail) in verdict.discrepancies {
            changes.push(self.discrepancy(at, payment.id, kind, detail));
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.commit(by_engine(at, "reading", payment.id, "refused"), changes)
    }
}

/// Refused readings count, so they are days apart in the end: a person is asked when the bank has
/// had its time.
pub(crate) fn refused_wait(readings: u32) -> i64 {
    let place = usize::try_from(readings).unwrap_or(9).saturating_sub(1);
    [1, 5, 15, 60, 180].get(place).copied().unwrap_or(24 * 60) * 60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_readings_are_days_apart_in_the_end() {
        let waits = [0, 1, 2, 3, 4, 5, 6, 99].map(|readings| refused_wait(readings) / 60_000);
        assert_eq!(waits, [1, 1, 5, 15, 60, 180, 24 * 60, 24 * 60]);
    }
}
