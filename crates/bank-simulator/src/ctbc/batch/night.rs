//! Runs the batches. A batch locks what is in the file when it starts, and decides it when it ends.

use crate::time::BankTime;

use super::super::bank::Bank;
use super::super::ledger::{Came, CardRefund, State, Txn};
use super::super::switches::RefundCover;
use super::super::world::{Refused, World};
use super::{BatchLine, BatchRun, Phase, Running};

impl Bank {
    /// Starts or ends the batch that is due first.
    pub(crate) fn run_batches(&mut self, world: &World<'_>) {
        let due = |at: &usize| self.runs.get(*at).and_then(BatchRun::next);
        let Some(shop) = (0..self.runs.len()).filter(|at| due(at).is_some()).min_by_key(due) else { return };
        let Some((run, known)) = self.runs.get_mut(shop).zip(self.shops.get(shop)) else { return };
        if run.locked() {
            self.end_batch(shop, world.now);
        } else if run.script.skip {
            run.script.skip = false;
            run.next_start = known.calendar.next_start(world.now.plus_ms(1));
        } else if run.script.start_late > 0 {
            let late = std::mem::take(&mut run.script.start_late);
            run.next_start = Some(world.now.plus_minutes(late));
        } else {
            self.start_batch(shop, world.now);
        }
    }

    /// The phase can be run by hand now.
    pub(crate) fn batch_can(&self, shop: usize, phase: Phase) -> bool {
        let locked = self.runs.get(shop).is_some_and(BatchRun::locked);
        match phase {
            Phase::Start => !locked,
            Phase::End => locked,
            Phase::Both => true,
        }
    }

    /// Runs the batch of a shop by hand.
    pub(crate) fn batch_by_hand(&mut self, shop: usize, phase: Phase, now: BankTime) -> Result<(), Refused> {
        if !self.batch_can(shop, phase) {
            return Err(Refused::State);
        }
        if phase != Phase::Start {
            // a batch that does not run has no end
            self.end_batch(shop, now);
        }
        if phase != Phase::End {
            self.start_batch(shop, now);
        }
        if phase == Phase::Both {
            self.end_batch(shop, now);
        }
        Ok(())
    }

    /// The clock was set back: plans again what was planned for later.
    pub(crate) fn clock_went_back(&mut self, now: BankTime) {
        for (run, shop) in self.runs.iter_mut().zip(&self.shops) {
            run.next_start = shop.calendar.next_start(now);
            if let Some(running) = &mut run.running {
                running.ends = running.ends.min(now.plus_minutes(shop.calendar.minutes()));
            }
        }
    }

    /// Whole dollars that a shop may still put into the file as refunds; `None`: no limit.
    pub(crate) fn cover(&self, shop: usize, rule: RefundCover, now: BankTime) -> Option<i64> {
        let since = match rule {
            RefundCover::Off => return None,
            RefundCover::Batch | RefundCover::Day => now.start_of_day(),
            RefundCover::Cleared => self.runs.get(shop).and_then(|run| run.ended).unwrap_or(now),
        };
        let of_txn = |txn: &Txn| {
            let refunds = |counts: fn(&CardRefund, BankTime) -> bool| -> i64 {
                let counting = txn.refunds.iter().filter(|refund| counts(refund, since));
                counting.map(|refund| refund.slot.amount).sum()
            };
            let alive = |refund: &CardRefund, since| {
                refund.asked >= since && matches!(refund.came, Came::Queued | Came::Locked | Came::Done)
            };
            let captures = match rule {
                RefundCover::Off => None,
                RefundCover::Batch => txn.capture.filter(|_| txn.state == State::CaptureQueued),
                RefundCover::Day => txn.capture.filter(|slot| slot.at >= since),
                RefundCover::Cleared => txn.capture.filter(|_| txn.captured_at.is_some_and(|at| at >= since)),
            };
            let refunds = match rule {
                RefundCover::Off => 0,
                RefundCover::Batch => refunds(|refund, _| refund.came == Came::Queued),
                RefundCover::Day | RefundCover::Cleared => refunds(alive),
            };
            captures.map_or(0, |slot| slot.amount) - refunds
        };
        Some(self.ledger.all().filter(|txn| txn.shop == shop).map(of_txn).sum())
    }

    fn start_batch(&mut self, shop: usize, now: BankTime) {
        let Some((run, known)) = self.runs.get_mut(shop).zip(self.shops.get(shop)) else { return };
        let minutes = known.calendar.minutes() + std::mem::take(&mut run.script.end_late);
        run.running = Some(Running { batch: run.open_batch, started: now, ends: now.plus_minutes(minutes) });
        run.next_start = known.calendar.next_start(now.plus_ms(1));
        run.open_batch += 1;
        run.next_seq = 1;
        for txn in self.ledger.all_mut().filter(|txn| txn.shop == shop) {
            if txn.state == State::CaptureQueued {
                txn.state = State::CaptureLocked;
            } else if txn.state == State::RefundQueued {
                txn.state = State::RefundLocked;
                txn.refund_came(Came::Locked, now);
            }
        }
    }

    fn end_batch(&mut self, shop: usize, now: BankTime) {
        let Some((run, known)) = self.runs.get_mut(shop).zip(self.shops.get(shop)) else { return };
        let Some(running) = run.running.take() else { return };
        run.ended = Some(now);
        let script = std::mem::take(&mut run.script);
        let mut line = BatchLine {
            shop: known.mer_id.clone(),
            batch_id: running.batch,
            started_at: running.started.rfc3339(),
            ended_at: now.rfc3339(),
            captured: 0,
            capture_failed: 0,
            refunded: 0,
            refund_failed: 0,
        };
        for txn in self.ledger.all_mut().filter(|txn| txn.shop == shop) {
            if txn.state == State::CaptureLocked {
                if script.spoils(false, &txn.lidm) {
                    txn.state = State::CaptureFailed;
                    line.capture_failed += 1;
                } else {
                    txn.state = State::Captured;
                    txn.captured = txn.capture.map_or(0, |slot| slot.amount);
                    txn.captured_at = Some(now);
                    line.captured += 1;
                }
            } else if txn.state == State::RefundLocked {
                let amount = txn.refund.take().map_or(0, |queued| queued.slot.amount);
                if script.spoils(true, &txn.lidm) {
                    txn.state = State::RefundFailed;
                    txn.refund_came(Came::Failed, now);
                    line.refund_failed += 1;
                } else {
                    txn.state = State::Refunded;
                    txn.refunded += amount;
                    txn.refund_came(Came::Done, now);
                    line.refunded += 1;
                }
            }
        }
        self.batches.push(line);
    }
}
