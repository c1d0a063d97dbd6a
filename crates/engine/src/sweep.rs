//! The sweep: never lose a paid order (money rules 7). What was answered is in the data file as
//! coverage; what is still to be asked is in memory and is found again from the gaps at every
//! start.
//!
//! A window covers, every five minutes, or looks, every half minute after a sale, then each minute
//! while anything can be paid: that shows money and covers nothing.
//!
//! Longer than 500 lines because every split of a window and its answer are one machine.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil_domain::coverage::{PERIOD_MINS, PROVISIONAL_MINS, gaps, last_final};
use counterfoil_domain::sweep::{
    AGAIN_AFTER_DAYS, MISSES_MAX, REFUSALS_MAX, WindowAnswer, WindowVerdict, judge_window,
};
use counterfoil_domain::time::day_plus;
use counterfoil_domain::{
    Bank, BankMinute, BankOrderNo, BankRow, CoverageSpan, MinuteSpan, Moment, Mono, Now, PaymentId,
};

use crate::engine::{Engine, EngineError, by_engine};
use crate::look::LOOK_SPLIT_MS;
use crate::next::question;
use crate::numbers::retry_at;
use crate::plan::{Asked, At};
use crate::ports::{BankReply, BankRequest, Change, Inquiry, PaidPart, RefusalOf, Said, Store};
use crate::purpose::Purpose;

/// Days of history that are asked again whole.
const AGAIN_DAYS_MAX: i64 = 30;
/// A day is asked again when it is over by this much: its last rows are there.
const AGAIN_AFTER_MINS: i64 = 60;
/// A clock that moves to and fro does not plan faster than this.
const REPLAN_MS: i64 = 60_000;
/// The list of authorized cards without an answer is asked for again after this.
const UNCAPTURED_AGAIN_MINS: i64 = 15;
/// Refusals without a reason, in a row: then the reason is another than their size. A look is asked
/// three times, and halves a day eleven times …
const LOOKS_REFUSED_MAX: u32 = 15;
/// … and the parts of a minute are of two methods, and halve sixty days seventeen times.
const PARTS_REFUSED_MAX: u32 = 20;
/// Of so many calls of the rest one is the background's.
const BACKGROUND_ONE_IN: u32 = 4;

#[derive(Debug, Default)]
pub(crate) struct Sweep {
    pub(crate) tasks: BTreeMap<u64, Task>,
    pub(crate) next_task: u64,
    /// When the next gaps are looked for; `None`: now.
    pub(crate) run_at: Option<Mono>,
    pub(crate) ran_at: Option<Mono>,
    /// When the list of authorized cards is asked for; `None`: now.
    pub(crate) uncaptured_at: Option<Mono>,
    /// The bank's time is in doubt: one looks, for its Dates.
    pub(crate) in_doubt: bool,
    pub(crate) closure_seen: bool,
    /// What can still be paid, and until when one looks for it often.
    pub(crate) open: BTreeMap<PaymentId, Mono>,
    pub(crate) look_at: Option<Mono>,
    /// Minutes that no window shows: they wait for the numbers.
    pub(crate) by_number: Vec<(MinuteSpan, u8)>,
    pub(crate) numbers: Option<Numbers>,
    pub(crate) foreign: BTreeSet<(String, Option<BankMinute>, String)>,
    /// What a person asked for, and what came of it.
    pub(crate) asked: Option<Swept>,
    pub(crate) turns: u32,
    /// Windows that were refused in a row without a reason.
    pub(crate) looks_refused: u32,
    /// Parts of minutes that were refused in a row.
    pub(crate) parts_refused: u32,
}

/// What the bank has shown of a span that a person asked for.
#[derive(Debug, Clone)]
pub struct Swept {
    /// As asked.
    pub span: MinuteSpan,
    /// What was paid in it, by number.
    pub rows: BTreeMap<String, BankRow>,
    counted: Vec<MinuteSpan>,
}

impl Swept {
    /// Every minute of it was answered with all that the bank has.
    pub fn is_complete(&self) -> bool {
        gaps(self.span.from, self.span.to, self.counted.iter().copied()).is_empty()
    }
}

/// What a window is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Goal {
    /// To cover; 0 for the running sweep, else days after.
    Cover(u8),
    /// To see money early.
    Look,
}

/// One window to be asked about.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) span: MinuteSpan,
    pub(crate) part: PaidPart,
    pub(crate) goal: Goal,
    pub(crate) not_before: Mono,
    pub(crate) silent_at: Option<Mono>,
    pub(crate) tries: usize,
    pub(crate) misses: u32,
    /// Refusals that do not say of what.
    pub(crate) refusals: u32,
    /// What the last answer to it may cover.
    pub(crate) sure: Option<MinuteSpan>,
    /// A minute that no window shows was asked once more when its rows were all there.
    pub(crate) once_more: bool,
    pub(crate) under_way: bool,
    /// Known payments that are missing from it: each is asked by number.
    pub(crate) proof: Option<Proof>,
}

impl Task {
    /// Looks go first, then the running sweep, then past days, then single numbers.
    fn rank(&self) -> u8 {
        match self.goal {
            Goal::Look => 3,
            Goal::Cover(_) if self.proof.is_some() => 0,
            Goal::Cover(0) => 2,
            Goal::Cover(_) => 1,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Proof {
    pub(crate) left: BTreeSet<PaymentId>,
    /// One that was to be proved was not.
    pub(crate) failed: bool,
}

/// Every unpaid number of ours, once, for all minutes that no window shows.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) left: BTreeSet<PaymentId>,
    pub(crate) serves: Vec<(MinuteSpan, u8)>,
    pub(crate) not_before: Mono,
    pub(crate) tries: usize,
    pub(crate) under_way: bool,
}

impl Sweep {
    /// When there is something to do next.
    pub(crate) fn next(&self, mono: Mono) -> Mono {
        let tasks = self.tasks.values().filter(|t| !t.under_way).map(|t| t.not_before);
        let numbers = self.numbers.as_ref().filter(|n| !n.under_way).map(|n| n.not_before);
        let now_or = |at: Option<Mono>| at.unwrap_or(mono);
        let begins = self.begins_numbers().then_some(mono);
        let rest = [now_or(self.run_at), now_or(self.uncaptured_at)].into_iter().chain(begins);
        tasks.chain(numbers).chain(self.looks_at(mono)).chain(rest).min().unwrap_or(mono)
    }

    /// Something is to be asked now, or under way.
    pub(crate) fn is_due(&self, mono: Mono) -> bool {
        let numbers = self.numbers.as_ref().is_some_and(|n| n.under_way || n.not_before <= mono);
        numbers
            || self.begins_numbers()
            || self.uncaptured_at.is_none_or(|at| at <= mono)
            || self.tasks.values().any(|t| t.under_way || t.not_before <= mono)
    }

    /// The bank answers windows: one that got no answer waits no longer than a sweep.
    fn bank_answers(&mut self) {
        for task in self.tasks.values_mut() {
            let sooner = task.silent_at.map_or(task.not_before, |at| at.plus_mins(PERIOD_MINS));
            task.not_before = task.not_before.min(sooner);
        }
    }

    /// Minutes wait for a pass over the numbers, and none is under way.
    pub(crate) fn begins_numbers(&self) -> bool {
        self.numbers.is_none() && !self.by_number.is_empty()
    }

    /// The list of authorized cards is due, and is asked for now: next time on the next day.
    pub(crate) fn takes_uncaptured(&mut self, at: At) -> bool {
        if self.uncaptured_at.is_some_and(|due| due > at.mono) {
            return false;
        }
        let tomorrow = Moment::start_of(day_plus(at.asking.day(), 1)).plus_mins(30);
        self.uncaptured_at = Some(at.mono_of(tomorrow));
        true
    }

    /// The bank's clock has moved: what was not asked yet is found again from the gaps.
    pub(crate) fn replan(&mut self) {
        self.tasks.retain(|_, task| task.under_way || task.proof.is_some());
        self.run_at = self.ran_at.map(|ran| ran.plus_ms(REPLAN_MS)).min(self.run_at);
        self.uncaptured_at = self.uncaptured_at.map(|at| {
            let again = self.ran_at.map_or(at, |ran| ran.plus_mins(UNCAPTURED_AGAIN_MINS));
            at.min(again)
        });
    }

    /// The background has its turn among the rest.
    pub(crate) fn is_backgrounds_turn(&self) -> bool {
        self.turns + 1 >= BACKGROUND_ONE_IN
    }

    /// And has had it.
    pub(crate) fn gives_turn(&mut self) {
        self.turns = 0;
    }

    pub(crate) fn add(&mut self, span: MinuteSpan, part: PaidPart, goal: Goal, not_before: Mono) -> u64 {
        let task = Task {
            span,
            part,
            goal,
            not_before,
            silent_at: None,
            tries: 0,
            misses: 0,
            refusals: 0,
            sure: None,
            once_more: false,
            under_way: false,
            proof: None,
        };
        self.next_task += 1;
        self.tasks.insert(self.next_task, task);
        self.next_task
    }
}

impl<S: Store> Engine<S> {
    /// Asks about a span now, whether or not it is covered.
    pub fn sweep_span(&mut self, now: Now, span: MinuteSpan) {
        self.sweep.asked = Some(Swept { span, rows: BTreeMap::new(), counted: Vec::new() });
        for day in span.by_day() {
            self.sweep.add(day, PaidPart::default(), Goal::Cover(0), now.mono);
        }
    }

    /// What has come of the last [`Self::sweep_span`].
    pub fn swept(&self) -> Option<&Swept> {
        self.sweep.asked.as_ref()
    }

    /// Every five minutes: a task for each gap, newest first, and for each past day that is due to
    /// be asked again. Windows end at the smaller of bank time and the newest Date.
    pub(crate) fn sweep_plan(&mut self, now: Now) -> Result<(), EngineError> {
        if !self.shop.has(Bank::Sinopac) || self.sweep.run_at.is_some_and(|run_at| now.mono < run_at) {
            return Ok(());
        }
        self.sweep.run_at = Some(now.mono.plus_mins(PERIOD_MINS));
        self.sweep.ran_at = Some(now.mono);
        let at = self.at(Bank::Sinopac, now);
        let last = at.bank.min(at.asking).minute();
        let added = self.shop.added_at.minute();
        let before = self.store.covered_before(Bank::Sinopac, 0)?.unwrap_or(added).max(added);
        self.plan_pass(0, before, last, now)?;
        let over = last.plus(-AGAIN_AFTER_MINS).start().day();
        let oldest = Moment::start_of(day_plus(over, -AGAIN_DAYS_MAX)).minute().max(added);
        for days in AGAIN_AFTER_DAYS {
            let last = Moment::start_of(day_plus(over, 1 - i64::from(days))).minute().plus(-1);
            self.plan_pass(days, oldest, last, now)?;
        }
        Ok(())
    }

    fn plan_pass(&mut self, pass: u8, from: BankMinute, to: BankMinute, now: Now) -> Result<(), EngineError> {
        let covered = self.store.coverage(Bank::Sinopac, pass, from)?.into_iter().map(|c| c.span);
        let tasks = self.sweep.tasks.values().filter(|t| t.goal == Goal::Cover(pass)).map(|t| t.span);
        let numbers = self.sweep.numbers.iter().flat_map(|numbers| &numbers.serves);
        let waiting = self.sweep.by_number.iter().chain(numbers).filter(|(_, p)| *p == pass).map(|(s, _)| *s);
        let open = gaps(from, to, covered.chain(tasks).chain(waiting));
        for span in open.into_iter().flat_map(MinuteSpan::by_day) {
            self.sweep.add(span, PaidPart::default(), Goal::Cover(pass), now.mono);
        }
        Ok(())
    }

    /// The next question of the sweep: a look, then windows, newest first, then single numbers.
    pub(crate) fn next_window(&mut self, now: Now) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        self.plan_look(now)?;
        let ready = self.sweep.tasks.iter().filter(|(_, t)| !t.under_way && t.not_before <= now.mono);
        let first = ready.max_by_key(|(id, t)| (t.rank(), t.span.to, **id)).map(|(id, _)| *id);
        let call = match first {
            Some(id) => self.call_of(now, id)?,
            None => None,
        };
        let call = match call {
            Some(call) => Some(call),
            None => self.next_number(now)?,
        };
        self.sweep.turns += u32::from(call.is_some());
        Ok(call)
    }

    fn call_of(&mut self, now: Now, id: u64) -> Result<Option<(Purpose, BankRequest)>, EngineError> {
        let Some(task) = self.sweep.tasks.get_mut(&id) else { return Ok(None) };
        task.under_way = true;
        let (span, part) = (task.span, task.part);
        if let Some(proof) = &task.proof {
            let Some(payment) = proof.left.first().copied() else {
                self.proofs_done(now, id)?;
                return Ok(None);
            };
            let request = question(&self.payment(payment)?, None);
            return Ok(Some((Purpose::Proof(id, payment), request)));
        }
        if task.refusals >= REFUSALS_MAX {
            return Ok(Some((Purpose::Check(id), self.another_question(now)?)));
        }
        Ok(Some((Purpose::Window(id), BankRequest::Ask(Inquiry::Paid { span, only: part }))))
    }

    /// A question of another kind than a window that was refused: one number, or where there is
    /// none the last minute.
    fn another_question(&self, now: Now) -> Result<BankRequest, EngineError> {
        let at = self.at(Bank::Sinopac, now);
        let watched = self.store.payments_to_watch(self.shop.polling.watched_since(at.asking))?;
        let ours = watched.iter().rev().find(|payment| payment.rail.bank() == Bank::Sinopac);
        let last = at.asking.minute().plus(-1);
        let only = PaidPart::default();
        Ok(ours.map_or(
            BankRequest::Ask(Inquiry::Paid { span: MinuteSpan { from: last, to: last }, only }),
            |ours| question(ours, None),
        ))
    }

    /// The answer to a window: every row is a reading or a foreign line; then the window is judged.
    pub(crate) fn window_answered(
        &mut self,
        now: Now,
        id: u64,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Some(mut task) = self.sweep.tasks.remove(&id) else { return Ok(()) };
        task.under_way = false;
        task.silent_at = None;
        // by this answer's own Date and by bank time before it: the last minutes are provisional,
        // rows turn up late
        let sure_to = reply.bank_now.map(|date| last_final(date.min(asked.sure)));
        task.sure = sure_to.and_then(|to| MinuteSpan::new(task.span.from, task.span.to.min(to)));
        let is_part = task.part != PaidPart::default();
        let answer = match &reply.said {
            Said::Rows(rows) => {
                task.refusals = 0;
                self.sweep.bank_answers();
                let refused_in_row =
                    if is_part { &mut self.sweep.parts_refused } else { &mut self.sweep.looks_refused };
                *refused_in_row = 0;
                self.rows_seen(now, asked, rows)?;
                if let Some(swept) = &mut self.sweep.asked {
                    let held = rows.iter().filter(|row| row.paid_minute.is_some_and(|m| swept.span.holds(m)));
                    swept.rows.extend(held.map(|row| (row.bank_order_no.clone(), row.clone())));
                }
                // a row of another minute shows an answer to another question: it is read, but the
                // window does not count
                let astray = rows.iter().any(|row| row.paid_minute.is_some_and(|m| !task.span.holds(m)));
                let number = |row: &BankRow| BankOrderNo::from_text(row.bank_order_no.clone());
                if astray {
                    WindowAnswer::Silent
                } else {
                    WindowAnswer::Rows(rows.iter().map(number).collect())
                }
            }
            // a part is asked for because its minute holds too much: so may it
            Said::Refused(RefusalOf::Question | RefusalOf::Unclear) if is_part => {
                self.sweep.parts_refused += 1;
                let of_its_size = self.sweep.parts_refused < PARTS_REFUSED_MAX;
                if of_its_size { WindowAnswer::Refused } else { WindowAnswer::Silent }
            }
            Said::Refused(RefusalOf::Question) => WindowAnswer::Refused,
            Said::Refused(RefusalOf::Shop | RefusalOf::Nonce) => {
                // asked whole again, of a refused shop with its one question
                if task.goal != Goal::Look {
                    task.not_before = now.mono;
                    self.sweep.tasks.insert(id, task);
                }
                return Ok(());
            }
            // of what is found out at once: the money in it cannot wait
            Said::Refused(RefusalOf::Unclear) => {
                task.refusals += 1;
                task.not_before = now.mono;
                self.sweep.looks_refused += 1;
                if task.goal != Goal::Look || self.sweep.looks_refused < LOOKS_REFUSED_MAX {
                    self.sweep.tasks.insert(id, task);
                }
                return Ok(());
            }
            Said::Silent | Said::Unequal(..) | Said::Bill(_) | Said::Write { .. } => WindowAnswer::Silent,
        };
        self.take_window(now, id, task, &answer)
    }

    fn take_window(
        &mut self,
        now: Now,
        id: u64,
        mut task: Task,
        answer: &WindowAnswer,
    ) -> Result<(), EngineError> {
        let sure = task.sure;
        if task.part != PaidPart::default() {
            self.split_part(now, &task, answer);
            return Ok(());
        }
        let known = match sure {
            Some(sure) => self.store.payments_paid_in(sure)?,
            None => Vec::new(),
        };
        let ours = known.into_iter().filter(|payment| payment.rail.bank() == Bank::Sinopac);
        let known: Vec<(PaymentId, BankOrderNo)> = ours.map(|p| (p.id, p.bank_order_no)).collect();
        match (judge_window(task.span, answer, &known), task.goal) {
            (WindowVerdict::Split(a, b), goal) => {
                for half in [a, b] {
                    let id = self.sweep.add(half, PaidPart::default(), goal, now.mono);
                    // what was found out about the whole is known of its halves: one refusal is
                    // enough
                    let of_the_question = *answer == WindowAnswer::Refused;
                    if let Some(half) = self.sweep.tasks.get_mut(&id).filter(|_| of_the_question) {
                        half.refusals = REFUSALS_MAX - 1;
                    }
                }
                self.sweep.look_at = Some(now.mono.plus_ms(LOOK_SPLIT_MS));
            }
            (WindowVerdict::ByNumber, Goal::Look) => self.see_parts(now, task.span, answer),
            // the next look comes soon, and the sweep covers
            (WindowVerdict::Counts | WindowVerdict::AskAgain | WindowVerdict::Missing(_), Goal::Look) => {}
            (WindowVerdict::Counts, Goal::Cover(pass)) => {
                if let Some(swept) = &mut self.sweep.asked {
                    swept.counted.push(task.span);
                }
                if let Some(sure) = sure {
                    self.covered(now, &[sure], pass, false)?;
                }
            }
            (WindowVerdict::AskAgain, Goal::Cover(_)) => self.ask_again(now, id, task),
            (WindowVerdict::Missing(left), Goal::Cover(_)) => {
                task.misses += 1;
                if task.misses < MISSES_MAX {
                    self.ask_again(now, id, task);
                } else {
                    task.proof = Some(Proof { left, failed: false });
                    task.not_before = now.mono;
                    self.sweep.tasks.insert(id, task);
                }
            }
            (WindowVerdict::ByNumber, Goal::Cover(pass)) => {
                if !task.once_more {
                    self.see_parts(now, task.span, answer);
                }
                if sure.is_none() {
                    let at = self.at(Bank::Sinopac, now);
                    let final_at = task.span.to.plus(PROVISIONAL_MINS + 1).start();
                    task.not_before = at.mono_of(final_at).max(now.mono.plus_mins(1));
                    self.sweep.tasks.insert(id, task);
                } else if task.once_more {
                    self.sweep.by_number.push((task.span, pass));
                } else {
                    task.once_more = true;
                    task.not_before = now.mono;
                    self.sweep.tasks.insert(id, task);
                }
            }
        }
        Ok(())
    }

    /// The answer to another question than a window that was refused three times: answered, the
    /// refusal was of that window; refused alike, it is of the shop.
    pub(crate) fn check_answered(&mut self, now: Now, id: u64, reply: &BankReply) -> Result<(), EngineError> {
        let Some(mut task) = self.sweep.tasks.remove(&id) else { return Ok(()) };
        task.under_way = false;
        match &reply.said {
            Said::Rows(_) | Said::Unequal(..) | Said::Refused(RefusalOf::Question) => {
                task.refusals = REFUSALS_MAX - 1;
                return self.take_window(now, id, task, &WindowAnswer::Refused);
            }
            // asked again at once, until the lane counts it as the shop's
            Said::Refused(RefusalOf::Nonce) => {
                task.not_before = now.mono;
                self.sweep.tasks.insert(id, task);
            }
            Said::Refused(RefusalOf::Shop | RefusalOf::Unclear) => {
                task.refusals = 0;
                task.not_before = now.mono;
                self.lanes.get_mut(Bank::Sinopac).is_refused(now.mono);
                self.sweep.tasks.insert(id, task);
            }
            Said::Silent | Said::Bill(_) | Said::Write { .. } if task.goal == Goal::Look => {}
            Said::Silent | Said::Bill(_) | Said::Write { .. } => self.ask_again(now, id, task),
        }
        Ok(())
    }

    /// The window stays unasked and is asked whole again.
    pub(crate) fn ask_again(&mut self, now: Now, id: u64, mut task: Task) {
        task.not_before = retry_at(now.mono, task.tries);
        task.silent_at = Some(now.mono);
        task.tries += 1;
        self.sweep.tasks.insert(id, task);
    }

    pub(crate) fn covered(
        &mut self,
        now: Now,
        spans: &[MinuteSpan],
        pass: u8,
        by_number: bool,
    ) -> Result<(), EngineError> {
        let at = self.at(Bank::Sinopac, now).bank;
        for span in spans {
            let covered = CoverageSpan { bank: Bank::Sinopac, span: *span, at, by_number, pass };
            let detail = format!("to {} pass {pass}", span.to);
            self.commit(by_engine(at, "cover", span.from, detail), vec![Change::CoverageAdded(covered)])?;
        }
        Ok(())
    }

    /// The answer to the list of authorized cards.
    pub(crate) fn uncaptured_answered(
        &mut self,
        now: Now,
        asked: Asked,
        reply: &BankReply,
    ) -> Result<(), EngineError> {
        let Said::Rows(rows) = &reply.said else {
            self.sweep.uncaptured_at = Some(now.mono.plus_mins(UNCAPTURED_AGAIN_MINS));
            return Ok(());
        };
        rows.iter().try_for_each(|row| self.uncaptured_row(now, asked, row))
    }
}

#[cfg(test)]
mod tests;
