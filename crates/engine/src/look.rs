//! Looking: windows that show money early and cover nothing.

use std::collections::BTreeMap;

use counterfoil_domain::coverage::PROVISIONAL_MINS;
use counterfoil_domain::sweep::{ROWS_MAX, WindowAnswer};
use counterfoil_domain::{Bank, MinuteSpan, Mono, Now, PaymentId, Rail};

use crate::engine::{Engine, EngineError};
use crate::ports::{PaidPart, Store};
use crate::sweep::{Goal, Sweep, Task};

/// One look after another, while something that was sold this long ago is open …
const LOOK_MS: i64 = 25_000;
const LOOK_FOR_MINS: i64 = 30;
/// … while anything else can still be paid …
const LOOK_LATER_MS: i64 = 60_000;
/// … and after one that had to be split.
pub(crate) const LOOK_SPLIT_MS: i64 = 60_000;
/// A closure is looked at as far back as this.
const CLOSURE_MINS_MAX: i64 = 31 * 24 * 60;
/// Orders are paid this long after they were made at most: an account lives 30 days, and money may
/// come late.
const MADE_BEFORE_MINS: i64 = 60 * 24 * 60;

impl Sweep {
    /// An open payment that was sold at `mono`: one looks for its money until it has ended.
    pub(crate) fn sold(&mut self, payment: PaymentId, mono: Mono) {
        self.open.insert(payment, mono.plus_mins(LOOK_FOR_MINS));
    }

    /// Something new is looked for: one look follows soon.
    pub(crate) fn looks_soon(&mut self, mono: Mono) {
        self.look_at = self.look_at.map(|at| at.min(mono.plus_ms(LOOK_MS)));
    }

    /// When one looks next.
    pub(crate) fn looks_at(&self, mono: Mono) -> Option<Mono> {
        (self.in_doubt || !self.open.is_empty()).then(|| self.look_at.unwrap_or(mono))
    }
}

impl<S: Store> Engine<S> {
    /// While anything can still be paid, one window looks for money: often after a sale, then each
    /// minute. Also while answers must prove the bank's time, since there may be no payment to ask
    /// about.
    pub(crate) fn plan_look(&mut self, now: Now) -> Result<(), EngineError> {
        if self.sweep.looks_at(now.mono).is_none_or(|at| at > now.mono) {
            return Ok(());
        }
        let mut open = BTreeMap::new();
        for (id, until) in std::mem::take(&mut self.sweep.open) {
            if self.payment(id)?.state.is_open() {
                open.insert(id, until);
            }
        }
        self.sweep.in_doubt = self.lanes.get(Bank::Sinopac).clock.wants_answers(now.mono);
        let soon = self.sweep.in_doubt || open.values().any(|until| *until > now.mono);
        self.sweep.open = open;
        self.sweep.look_at = Some(now.mono.plus_ms(if soon { LOOK_MS } else { LOOK_LATER_MS }));
        let looks = self.sweep.tasks.values().any(|task| task.goal == Goal::Look);
        if looks || (!self.sweep.in_doubt && self.sweep.open.is_empty()) {
            return Ok(());
        }
        let to = self.at(Bank::Sinopac, now).asking.minute();
        let from = to.plus(-(PROVISIONAL_MINS + 1));
        // what was paid while the program was closed is not covered before the bank's time is
        // believed, but seen
        let closed = self.sweep.in_doubt && !self.sweep.closure_seen;
        self.sweep.closure_seen = self.sweep.in_doubt;
        let before = if closed { self.store.covered_before(Bank::Sinopac, 0)? } else { None };
        let oldest = to.plus(-CLOSURE_MINS_MAX);
        let from = before.map_or(from, |before| before.max(oldest).min(from));
        for day in (MinuteSpan { from, to }).by_day() {
            self.sweep.add(day, PaidPart::default(), Goal::Look, now.mono);
        }
        Ok(())
    }

    /// What a full minute holds is seen in parts: by rail, then by when the orders were made.
    pub(crate) fn see_parts(&mut self, now: Now, span: MinuteSpan, answer: &WindowAnswer) {
        if !matches!(answer, WindowAnswer::Silent) {
            for rail in [Rail::SinopacAccount, Rail::SinopacCard] {
                let part = PaidPart { rail: Some(rail), made: None };
                self.sweep.add(span, part, Goal::Look, now.mono);
            }
        }
    }

    pub(crate) fn split_part(&mut self, now: Now, task: &Task, answer: &WindowAnswer) {
        let full = match answer {
            WindowAnswer::Rows(rows) => rows.len() >= ROWS_MAX,
            WindowAnswer::Refused => true,
            WindowAnswer::Silent => false,
        };
        let whole = MinuteSpan { from: task.span.from.plus(-MADE_BEFORE_MINS), to: task.span.to };
        let halves = task.part.made.unwrap_or(whole).halves().filter(|_| full);
        for made in halves.into_iter().flat_map(|(a, b)| [a, b]) {
            let part = PaidPart { made: Some(made), ..task.part };
            self.sweep.add(task.span, part, Goal::Look, now.mono);
        }
    }
}
