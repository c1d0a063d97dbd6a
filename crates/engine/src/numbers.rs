//! Single numbers where windows do not do: to prove what is missing from one, and for the minutes
//! that none shows.

use std::collections::BTreeSet;

use counterfoil_domain::coverage::PERIOD_MINS;
use counterfoil_domain::sweep::{AGAIN_AFTER_DAYS, RETRY_MINS};
use counterfoil_domain::{Bank, BankMinute, BankRow, MinuteSpan, Mono, Now, PaymentId, PaymentState, Query};

use crate::collect::Ask;
use crate::engine::{Engine, EngineError};
use crate::next::question;
use crate::plan::Asked;
use crate::ports::{BankReply, BankRequest, Said, Store};
use crate::purpose::Purpose;
use crate::sweep::{Goal, Numbers};

impl<S: Store> Engine<S> {
    /// The answer to one number that was missing from a window.
    pub(crate) fn proof_answered(
        &mut self,
        now: Now,
        id: u64,
        payment: PaymentId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let rows = self.take_number(now, payment, asked, reply)?;
        let has_money = self.payment(payment)?.state.has_money();
        let Some(task) = self.sweep.tasks.get_mut(&id) else { return Ok(()) };
        task.under_way = false;
        let Some(proof) = &mut task.proof else { return Ok(()) };
        let Some(rows) = rows else {
            task.not_before = retry_at(now.mono, task.tries);
            task.tries += 1;
            return Ok(());
        };
        proof.left.remove(&payment);
        // a row with money proves it; where it names another minute, that minute is the payment's
        // from now on
        let proved = rows.iter().any(|row| row.paid_minute.is_some() && is_money(row)) && has_money;
        proof.failed |= !proved;
        if proof.left.is_empty() { self.proofs_done(now, id) } else { Ok(()) }
    }

    pub(crate) fn proofs_done(&mut self, now: Now, id: u64) -> Result<(), EngineError> {
        let Some(mut task) = self.sweep.tasks.remove(&id) else { return Ok(()) };
        task.under_way = false;
        let Some(proof) = task.proof.take() else { return Ok(()) };
        if let Goal::Cover(pass) = task.goal
            && !proof.failed
        {
            return self.covered(now, task.sure.as_slice(), pass, false);
        }
        task.misses = 0;
        self.ask_again(now, id, task);
        Ok(())
    }

    /// One number of ours, for all minutes that no window shows. A pass that began after a minute's
    /// final time serves it.
    pub(crate) fn next_number(&mut self, now: Now) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        if self.sweep.begins_numbers() {
            let serves = std::mem::take(&mut self.sweep.by_number);
            let last = serves.iter().map(|(span, _)| span.to).max();
            let left = last.map_or(Ok(BTreeSet::new()), |last| self.unpaid_until(last, now))?;
            let numbers = Numbers { left, serves, not_before: now.mono, tries: 0, under_way: false };
            self.sweep.numbers = Some(numbers);
        }
        let Some(numbers) = &mut self.sweep.numbers else { return Ok(None) };
        if numbers.under_way || numbers.not_before > now.mono {
            return Ok(None);
        }
        let Some(payment) = numbers.left.first().copied() else {
            self.numbers_done(now)?;
            return Ok(None);
        };
        numbers.under_way = true;
        let request = question(&self.payment(payment)?, None);
        Ok(Some((Purpose::Number(payment), request)))
    }

    /// The answer to one of them.
    pub(crate) fn number_answered(
        &mut self,
        now: Now,
        payment: PaymentId,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let answered = self.take_number(now, payment, asked, reply)?.is_some();
        let Some(numbers) = &mut self.sweep.numbers else { return Ok(()) };
        numbers.under_way = false;
        if answered {
            numbers.tries = 0;
            numbers.left.remove(&payment);
        } else {
            numbers.not_before = retry_at(now.mono, numbers.tries);
            numbers.tries += 1;
        }
        if numbers.left.is_empty() { self.numbers_done(now) } else { Ok(()) }
    }

    fn numbers_done(&mut self, now: Now) -> Result<(), EngineError> {
        let Some(numbers) = self.sweep.numbers.take() else { return Ok(()) };
        for pass in [0].into_iter().chain(AGAIN_AFTER_DAYS) {
            let of_pass = numbers.serves.iter().filter(|(_, p)| *p == pass).map(|(span, _)| *span);
            self.covered(now, &joined(of_pass.collect()), pass, true)?;
        }
        Ok(())
    }

    /// Reads one number; its row, or none. `None`: no answer.
    fn take_number<'r>(
        &mut self,
        now: Now,
        payment: PaymentId,
        asked: Asked,
        reply: &'r BankReply,
    ) -> Result<Option<&'r [BankRow]>, EngineError> {
        let Said::Rows(rows) = &reply.said else { return Ok(None) };
        let ask = Ask { query: Query::ByNumber, scheduled: false, asked };
        self.take_reading(now, payment, rows.first(), &reply.code, ask)?;
        Ok(Some(rows))
    }

    /// Every payment of ours that could have been paid by then and is not known to be. One that was
    /// made in the future was made by a clock that was ahead.
    fn unpaid_until(&self, minute: BankMinute, now: Now) -> Result<BTreeSet<PaymentId>, EngineError> {
        let at = self.at(Bank::Sinopac, now);
        let watched = self.store.payments_to_watch(self.shop.polling.watched_since(at.asking))?;
        let unpaid = watched.into_iter().filter(|p| {
            let made = p.created_at.minute() <= minute || p.created_at > at.asking;
            p.rail.bank() == Bank::Sinopac && !p.state.has_money() && made
        });
        Ok(unpaid.map(|p| p.id).collect())
    }
}

/// The row says that money was collected.
fn is_money(row: &BankRow) -> bool {
    row.seen.state().payment_state().is_some_and(PaymentState::has_money)
}

/// Spans that touch, as one.
fn joined(mut spans: Vec<MinuteSpan>) -> Vec<MinuteSpan> {
    spans.sort_unstable();
    let mut joined: Vec<MinuteSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.from <= last.to.plus(1) => last.to = last.to.max(span.to),
            Some(_) | None => joined.push(span),
        }
    }
    joined
}

/// When what got no clear answer is asked again.
pub(crate) fn retry_at(mono: Mono, tries: usize) -> Mono {
    mono.plus_mins(RETRY_MINS.get(tries).or(RETRY_MINS.last()).copied().unwrap_or(PERIOD_MINS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_that_touch_are_one_alarm() {
        let span =
            |from, to| MinuteSpan { from: BankMinute::from_minutes(from), to: BankMinute::from_minutes(to) };
        let spans = vec![span(5, 5), span(9, 9), span(6, 6), span(7, 7)];
        assert_eq!(joined(spans), [span(5, 7), span(9, 9)]);
    }
}
