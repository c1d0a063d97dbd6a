//! The sweep: never lose a paid order (money rules 7). What was answered stands in the data file as coverage; what is still to
//! be asked is in memory and is found again from the gaps at every start.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::coverage::{PERIOD_MINS, PROVISIONAL_MINS, gaps};
use counterfoil_domain::sweep::{
    AGAIN_AFTER_DAYS, MISSES_MAX, RETRY_MINS, WindowAnswer, WindowVerdict, judge_window,
};
use counterfoil_domain::time::day_plus;
use counterfoil_domain::{
    Bank, BankMinute, BankOrderNo, BankRow, CoverageSpan, Discrepancy, DiscrepancyKind, MinuteSpan, Moment,
    PaymentId, Query,
};

use crate::engine::{Engine, EngineError, Purpose, by_engine};
use crate::ports::{BankReply, BankRequest, Change, ForeignLine, Said, Store};

/// Days of history that are asked again whole.
const AGAIN_DAYS_MAX: i64 = 30;
/// Foreign numbers remembered, so that each is written once; beyond this the store sorts them out.
const FOREIGN_MAX: usize = 20_000;

#[derive(Debug, Default)]
pub(crate) struct Sweep {
    tasks: BTreeMap<u64, Task>,
    next_task: u64,
    run_at: Option<Moment>,
    foreign: BTreeSet<String>,
}

/// One window to be asked about.
#[derive(Debug, Clone)]
struct Task {
    span: MinuteSpan,
    /// 0 for the running sweep, else days after.
    pass: u8,
    not_before: Moment,
    tries: usize,
    misses: u32,
    under_way: bool,
    /// Instead of the window itself: one question per number.
    numbers: Option<Numbers>,
}

#[derive(Debug, Clone)]
struct Numbers {
    left: BTreeSet<PaymentId>,
    /// The minute could not be shown at all: it counts, but with an alarm.
    alarm: bool,
    /// One that was to be proved was not.
    failed: bool,
}

impl Sweep {
    /// When there is something to do next.
    pub(crate) fn next(&self) -> Option<Moment> {
        let tasks = self.tasks.values().filter(|t| !t.under_way).map(|t| t.not_before);
        tasks.chain(self.run_at).min()
    }

    /// Something is to be asked now, or under way.
    pub(crate) fn is_due(&self, at: Moment) -> bool {
        self.tasks.values().any(|t| t.under_way || t.not_before <= at)
    }

    fn add(&mut self, span: MinuteSpan, pass: u8, not_before: Moment) {
        let task = Task { span, pass, not_before, tries: 0, misses: 0, under_way: false, numbers: None };
        self.next_task += 1;
        self.tasks.insert(self.next_task, task);
    }
}

impl<S: Store> Engine<S> {
    /// Asks about a span now, whether or not it is covered.
    pub fn sweep_span(&mut self, now: Moment, span: MinuteSpan) {
        let at = self.bank_time(now);
        for day in by_day(span) {
            self.sweep.add(day, 0, at);
        }
    }

    /// Every five minutes: a task for each gap, newest first, and for each past day that is due to be asked again.
    pub(crate) fn sweep_plan(&mut self, at: Moment) -> Result<(), EngineError> {
        if !self.shop.has(Bank::Sinopac) || self.sweep.run_at.is_some_and(|run_at| at < run_at) {
            return Ok(());
        }
        self.sweep.run_at = Some(at.plus_mins(PERIOD_MINS));
        let added = self.shop.added_at.minute();
        self.plan_pass(0, added, at.minute(), at)?;
        let oldest = Moment::start_of(day_plus(at.day(), -AGAIN_DAYS_MAX)).minute().max(added);
        for days in AGAIN_AFTER_DAYS {
            let last = Moment::start_of(day_plus(at.day(), 1 - i64::from(days))).minute().plus(-1);
            self.plan_pass(days, oldest, last, at)?;
        }
        Ok(())
    }

    fn plan_pass(
        &mut self,
        pass: u8,
        from: BankMinute,
        to: BankMinute,
        at: Moment,
    ) -> Result<(), EngineError> {
        let covered = self.store.coverage(pass, from)?.into_iter().map(|c| c.span);
        let planned = self.sweep.tasks.values().filter(|t| t.pass == pass).map(|t| t.span);
        let open = gaps(from, to, covered.chain(planned));
        for span in open.into_iter().flat_map(by_day) {
            self.sweep.add(span, pass, at);
        }
        Ok(())
    }

    /// The next question of the sweep: windows first, newest first, then single numbers.
    pub(crate) fn next_window(&mut self, at: Moment) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let ready = self.sweep.tasks.iter().filter(|(_, t)| !t.under_way && t.not_before <= at);
        let first = ready
            .max_by_key(|(id, t)| (t.numbers.is_none(), t.pass == 0, t.span.to, **id))
            .map(|(id, _)| *id);
        let Some(id) = first else { return Ok(None) };
        let Some(task) = self.sweep.tasks.get_mut(&id) else { return Ok(None) };
        let Some(numbers) = &task.numbers else {
            task.under_way = true;
            return Ok(Some((Purpose::Window(id), BankRequest::AskPaid { span: task.span })));
        };
        if let Some(payment) = numbers.left.first().copied() {
            task.under_way = true;
            let bank_order_no = self.payment(payment)?.bank_order_no;
            return Ok(Some((Purpose::Number(id, payment), BankRequest::AskOrder { bank_order_no })));
        }
        self.numbers_done(at, id)?;
        Ok(None)
    }

    /// The answer to a window: every row is a reading or a foreign line; then the window is judged.
    pub(crate) fn window_answered(
        &mut self,
        at: Moment,
        id: u64,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Some(mut task) = self.sweep.tasks.remove(&id) else { return Ok(()) };
        task.under_way = false;
        // rows turn up late: the last minutes before the bank's own clock are provisional
        let clock = reply.bank_now.unwrap_or(at).min(at);
        let sure = MinuteSpan::new(task.span.from, task.span.to.min(clock.minute().plus(-PROVISIONAL_MINS)));
        let known = match sure {
            Some(sure) => self.store.payments_paid_in(sure)?,
            None => Vec::new(),
        };
        let known: Vec<(PaymentId, BankOrderNo)> =
            known.into_iter().map(|p| (p.id, p.bank_order_no)).collect();
        let answer = match &reply.said {
            Said::Rows(rows) => {
                self.rows_seen(at, asked_at, rows)?;
                // a row of another minute shows an answer to another question: it is read, but the window does not count
                let other = |r: &BankRow| r.paid_minute.is_some_and(|minute| !task.span.holds(minute));
                let number = |r: &BankRow| BankOrderNo::from_text(r.bank_order_no.clone());
                let astray = rows.iter().any(other);
                if astray {
                    WindowAnswer::Silent
                } else {
                    WindowAnswer::Rows(rows.iter().map(number).collect())
                }
            }
            Said::Refused => WindowAnswer::Refused,
            Said::Silent | Said::Unequal(..) | Said::Write { .. } => WindowAnswer::Silent,
        };
        match judge_window(task.span, &answer, &known) {
            WindowVerdict::Counts => {
                if let Some(sure) = sure {
                    self.covered(at, sure, task.pass, false)?;
                }
            }
            WindowVerdict::Split(a, b) => {
                self.sweep.add(a, task.pass, at);
                self.sweep.add(b, task.pass, at);
            }
            WindowVerdict::AskAgain => self.ask_again(at, id, task),
            WindowVerdict::Missing(missing) => {
                task.misses += 1;
                if task.misses >= MISSES_MAX {
                    task.numbers = Some(Numbers { left: missing, alarm: false, failed: false });
                    task.not_before = at;
                    self.sweep.tasks.insert(id, task);
                } else {
                    self.ask_again(at, id, task);
                }
            }
            WindowVerdict::ByNumber => {
                let final_at = task.span.to.plus(PROVISIONAL_MINS).start();
                if clock.minute().start() < final_at {
                    task.not_before = at.plus_ms(final_at.ms_since(clock.minute().start()));
                } else {
                    let left = self.unpaid_until(task.span.to, at)?;
                    task.numbers = Some(Numbers { left, alarm: true, failed: false });
                    task.not_before = at;
                }
                self.sweep.tasks.insert(id, task);
            }
        }
        Ok(())
    }

    /// The answer to one number of a task.
    pub(crate) fn number_answered(
        &mut self,
        at: Moment,
        id: u64,
        payment: PaymentId,
        asked_at: Moment,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let row = match &reply.said {
            Said::Rows(rows) => Some(rows.first()),
            Said::Refused | Said::Silent | Said::Unequal(..) | Said::Write { .. } => None,
        };
        if let Some(row) = row {
            self.take_reading(at, payment, Query::ByNumber, row, asked_at, false)?;
        }
        let Some(task) = self.sweep.tasks.get_mut(&id) else { return Ok(()) };
        task.under_way = false;
        let Some(numbers) = &mut task.numbers else { return Ok(()) };
        let Some(row) = row else {
            task.not_before = retry_at(at, task.tries);
            task.tries += 1;
            return Ok(());
        };
        numbers.left.remove(&payment);
        let paid_in = |r: &BankRow| r.paid_minute.is_some_and(|m| task.span.holds(m));
        numbers.failed |= !numbers.alarm && !row.is_some_and(paid_in);
        if numbers.left.is_empty() { self.numbers_done(at, id) } else { Ok(()) }
    }

    fn numbers_done(&mut self, at: Moment, id: u64) -> Result<(), EngineError> {
        let Some(mut task) = self.sweep.tasks.remove(&id) else { return Ok(()) };
        let Some(numbers) = task.numbers.take() else { return Ok(()) };
        if numbers.failed {
            task.misses = 0;
            self.ask_again(at, id, task);
            return Ok(());
        }
        self.covered(at, task.span, task.pass, numbers.alarm)
    }

    /// The window stays unasked and is asked whole again.
    fn ask_again(&mut self, at: Moment, id: u64, mut task: Task) {
        task.not_before = retry_at(at, task.tries);
        task.tries += 1;
        self.sweep.tasks.insert(id, task);
    }

    fn covered(
        &mut self,
        at: Moment,
        span: MinuteSpan,
        pass: u8,
        by_number: bool,
    ) -> Result<(), EngineError> {
        let mut changes = vec![Change::CoverageAdded(CoverageSpan { span, at, by_number, pass })];
        if by_number {
            let detail = span.from.to_string();
            let id = self.discrepancy_id();
            let kind = DiscrepancyKind::CoveredByNumber;
            changes.push(Change::DiscrepancyAdded(Discrepancy { id, kind, payment: None, at, detail }));
        }
        self.commit(by_engine(at, "cover", span.from, format!("to {} pass {pass}", span.to)), changes)
    }

    fn rows_seen(&mut self, at: Moment, asked_at: Moment, rows: &[BankRow]) -> Result<(), EngineError> {
        let mut foreign = Vec::new();
        for row in rows {
            if self.sweep.foreign.contains(&row.bank_order_no)
                || self.row_seen(at, asked_at, Query::ByWindow, row)?
            {
                continue;
            }
            if self.sweep.foreign.len() < FOREIGN_MAX {
                self.sweep.foreign.insert(row.bank_order_no.clone());
            }
            foreign.push(Change::ForeignLineAdded(ForeignLine {
                bank_order_no: row.bank_order_no.clone(),
                amount: row.amount,
                said: row.said.clone(),
                paid_minute: row.paid_minute,
                seen_at: at,
            }));
        }
        if foreign.is_empty() {
            return Ok(());
        }
        self.commit(by_engine(at, "foreign", "window", format!("{} rows", foreign.len())), foreign)
    }

    /// Every payment of ours that could have been paid by then and is not known to be.
    fn unpaid_until(&self, minute: BankMinute, at: Moment) -> Result<BTreeSet<PaymentId>, EngineError> {
        let watched = self.store.payments_to_watch(self.shop.polling.watched_since(at))?;
        let unpaid = watched.into_iter().filter(|p| {
            p.rail.bank() == Bank::Sinopac && !p.state.has_money() && p.created_at.minute() <= minute
        });
        Ok(unpaid.map(|p| p.id).collect())
    }
}

fn retry_at(at: Moment, tries: usize) -> Moment {
    at.plus_mins(RETRY_MINS.get(tries).or(RETRY_MINS.last()).copied().unwrap_or(PERIOD_MINS))
}

/// A span cut at midnight, bank time.
fn by_day(span: MinuteSpan) -> Vec<MinuteSpan> {
    let mut days = Vec::new();
    let mut rest = Some(span);
    while let Some(span) = rest {
        let next_day = Moment::start_of(day_plus(span.from.start().day(), 1)).minute();
        days.extend(MinuteSpan::new(span.from, span.to.min(next_day.plus(-1))));
        rest = MinuteSpan::new(next_day, span.to);
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_off_are_cut_at_midnight() {
        let at = |t: &str| Moment::parse_rfc3339(t).unwrap().minute();
        let span = MinuteSpan::new(at("2026-11-20T22:00:00+08:00"), at("2026-11-22T01:00:00+08:00")).unwrap();
        let days: Vec<String> = by_day(span).iter().map(|d| format!("{} {}", d.from, d.minutes())).collect();
        assert_eq!(
            days,
            [
                "2026-11-20T22:00:00+08:00 120",
                "2026-11-21T00:00:00+08:00 1440",
                "2026-11-22T00:00:00+08:00 61"
            ]
        );
    }
}
