//! Uneven days: one number makes three to ten days of a shop with both banks, and disturbs its
//! clock, its computer, its people and its banks. The simulators' books judge, at every commit and
//! at the end, by the rules U1 to U8 of docs/uneven-days.md.
//!
//! Time jumps from one due instant to the next, so that a run of weeks takes about a second. The
//! same number gives the same log.

mod books;
mod files;
mod given;
mod judge;
mod line;
mod named;
mod plan;
mod refunds;

use std::collections::BTreeMap;

use counterfoil_domain::{Actor, Bank, Moment, OrderId, PaymentId, Rail};
use counterfoil_engine::ports::Entropy;
use counterfoil_engine::{EngineError, SALE_WAITS_MS, Step};
use serde_json::json;

use self::judge::Judge;
use self::line::{Call, Sender};
use self::plan::{DAY_MS, Event, HOUR_MS, MINUTE_MS, Plan};
use crate::crash::Points;
use crate::world::{Ended, Seeded, World, at, shop_json};

/// Uneven days begin on the first. One number in four of the others: a Friday, the day before a
/// holiday, and the last of the year.
const STARTS: [&str; 4] = [
    "2026-11-23T08:00:00+08:00",
    "2026-11-27T08:00:00+08:00",
    "2026-12-24T08:00:00+08:00",
    "2026-12-31T08:00:00+08:00",
];
/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Three to ten days of selling.
    Uneven,
    /// One full day across a batch, and what was sold goes back on it and the days after.
    Refunds,
}

/// What came of one number.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was broken, with the rule's name first.
    pub violations: Vec<String>,
    /// Sales that were begun.
    pub payments: u64,
    /// Refunds that were asked for and taken down.
    pub refunds: u64,
    /// Calls that change nothing at a bank.
    pub questions: u64,
    /// How often each kind of disturbance came.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Of the event log, hex.
    pub hash: String,
    /// How long the days were, seconds.
    pub simulated_s: u32,
}

/// Runs the days of one number.
pub fn run(kind: Kind, number: u64) -> Outcome {
    let mut days = Days::new(kind, number);
    days.all();
    days.outcome()
}

/// A sale that waits for the bank's time.
struct Waiting {
    until: i64,
    rail: Rail,
}

struct Days {
    kind: Kind,
    start: Moment,
    world: World,
    dice: Seeded,
    plan: Plan,
    judge: Judge,
    calls: Vec<Call>,
    /// Writes that are claimed and not sent yet.
    senders: Vec<Sender>,
    waiting: Vec<Waiting>,
    /// Milliseconds of true time since the start.
    now: i64,
    /// While calls hang at this bank.
    hangs: BTreeMap<Bank, bool>,
    sold: u64,
}

impl Days {
    fn new(kind: Kind, number: u64) -> Self {
        let mut shop = shop_json();
        let mut dice = Seeded(number.wrapping_mul(0x9E37_79B9).wrapping_add(17));
        let mut start = STARTS[0];
        if kind == Kind::Refunds {
            start = STARTS[usize::try_from(dice.below(4)).unwrap()];
            // only then a batch is sure to have run, which proves what did not happen
            shop["ctbc"]["batch"] = json!({ "holidays": ["2026-12-25", "2027-01-01"] });
        }
        let mut world = World::of_shop(shop, start, number, Points::default());
        // every refund of an account ends well, whatever its number
        world.control("switch", &json!({ "refund_digits": "off" }));
        if number.is_multiple_of(2) {
            // a refund of a card ends on its day, so that the next one meets "one a day"
            world.control("switch", &json!({ "refund_done_minutes": 60 }));
        }
        world.committed.watch();
        world.end();
        world.open();
        let plan = Plan::new(&mut dice, kind);
        let start = at(start);
        let judge = Judge::new(start);
        let hangs = Bank::ALL.into_iter().map(|bank| (bank, false)).collect();
        Self {
            kind,
            start,
            world,
            dice,
            plan,
            judge,
            calls: Vec::new(),
            senders: Vec::new(),
            waiting: Vec::new(),
            now: 0,
            hangs,
            sold: 0,
        }
    }

    fn is_open(&self) -> bool {
        self.world.engine.is_some()
    }

    fn true_time(&self) -> Moment {
        self.start.plus_ms(self.now)
    }

    fn all(&mut self) {
        while self.plan.first().is_some() {
            self.run_to_the_next();
            if let Some(event) = self.plan.take_due(self.now) {
                self.happens(event);
                self.take_commits();
            }
        }
    }

    /// Runs the shop, awake, until the next event; what happens on the way may bring an earlier
    /// one.
    fn run_to_the_next(&mut self) {
        while let Some(until) = self.plan.first().filter(|first| *first > self.now) {
            if !self.is_open() {
                self.pass(until, false);
                return;
            }
            self.begin_waiting_sales();
            if !self.is_open() {
                continue;
            }
            let clocks = self.world.clocks();
            let step = self.world.engine().step(clocks);
            let Some(step) = self.did(step) else { continue };
            self.take_commits();
            let calls = self.calls.iter().map(|call| call.back_at);
            let back = calls.chain(self.senders.iter().map(|sender| sender.at)).min();
            let sale = self.waiting.iter().map(|waiting| waiting.until).min();
            let next = |wake: i64| back.into_iter().chain(sale).chain([wake, until]).min().unwrap();
            let target = match step {
                Step::Send(call) => {
                    self.leaves(call);
                    continue;
                }
                Step::Wait(wake) => next(self.now + wake.ms_since(clocks.mono)),
                Step::Idle => next(until),
            };
            self.pass(target, true);
            self.bring_back();
        }
    }

    /// Time passes; awake: the program could have done something in it.
    fn pass(&mut self, to: i64, awake: bool) {
        let span = to - self.now;
        if span > 0 {
            let runs = awake && self.is_open();
            self.judge.passes(self.now, span, runs, &self.hangs);
            self.now = to;
            self.world.sleep_to(self.world.now.plus_ms(span));
        }
    }

    /// What the engine did; `None`: the program was killed in it.
    fn did<T>(&mut self, result: Result<T, EngineError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(_) if self.world.points.ended() => {
                self.dies();
                None
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// The program is killed, and started again soon or on the next morning.
    fn dies(&mut self) {
        self.take_commits();
        self.close();
        let soon = 2_000 + self.dice.below(58_000).cast_signed();
        let morning = DAY_MS - self.now % DAY_MS + self.dice.below(3_600_000).cast_signed();
        let rests = match self.kind {
            Kind::Uneven => self.dice.below(8) == 0,
            // a day of refunds stays a day of many sales; later a batch often runs meanwhile
            Kind::Refunds => {
                let later = (12 * HOUR_MS..4 * DAY_MS).contains(&self.now);
                self.dice.below(2) == 0 && later
            }
        };
        let again = if rests { morning } else { soon };
        self.plan.add(self.now + again, Event::Open);
    }

    fn take_commits(&mut self) {
        for batch in self.world.committed.take() {
            self.judge.committed(self.now, &batch);
            self.judge.refunds_committed(&self.world, self.now, &batch);
        }
    }

    fn begin_waiting_sales(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            let bank = waiting.rail.bank();
            let clocks = self.world.clocks();
            let knows = self.world.engine().has_bank_time(clocks, bank);
            if !knows && self.now < waiting.until {
                self.waiting.push(waiting);
                continue;
            }
            let waited = self.now - (waiting.until - SALE_WAITS_MS);
            self.world.engine().waits_no_longer(bank, clocks.mono.plus_ms(-waited));
            self.sell(waiting.rail);
            if !self.is_open() {
                return;
            }
        }
    }

    fn sell(&mut self, rail: Rail) {
        self.sold += 1;
        let mut id = [0; 16];
        self.dice.fill(&mut id);
        let amount = 100 + self.sold.cast_signed();
        let clocks = self.world.clocks();
        let sale = World::sale(OrderId::from_random(id), rail, amount);
        let sold = self.world.engine().sell(clocks, &sale);
        let Some(sold) = self.did(sold) else { return };
        self.take_commits();
        self.judge.sold(self.now, sold.payment, rail, amount);
        // what is on the screen is asked about every 3 s: days of refunds have less of it
        let watched_of = if self.kind == Kind::Refunds { 24 } else { 2 };
        if self.dice.below(watched_of) == 0 {
            let watched = self.world.engine().watch(clocks, sold.payment);
            if self.did(watched).is_none() {
                return;
            }
            self.plan.add(self.now + 2 * MINUTE_MS, Event::Leave(sold.payment));
        }
        let soon = self.now + 20_000 + self.dice.below(460_000).cast_signed();
        let later = self.now + HOUR_MS + self.dice.below(19 * 3_600_000).cast_signed();
        let pays_at = match (self.dice.below(20), rail) {
            (0..=12, _) => Some(soon),
            (13..=16, Rail::SinopacAccount) => Some(later),
            (13..=14, Rail::SinopacCard | Rail::CtbcCard) => {
                Some(self.now + self.dice.below(3_600_000).cast_signed())
            }
            _ => None,
        };
        if rail == Rail::CtbcCard {
            self.plan
                .add(self.now + 2_000 + self.dice.below(60_000).cast_signed(), Event::HandOut(sold.payment));
        }
        if let Some(pays_at) = pays_at {
            self.plan.add(pays_at, Event::Pay(sold.payment));
        }
    }

    fn happens(&mut self, event: Event) {
        if let Some(kind) = event.kind() {
            self.judge.disturbed(kind);
        }
        match event {
            Event::Sale(rail) => {
                if self.is_open() {
                    self.waiting.push(Waiting { until: self.now + SALE_WAITS_MS, rail });
                    self.begin_waiting_sales();
                } else if self.kind == Kind::Refunds && self.now < 14 * HOUR_MS {
                    // the customer comes back
                    self.plan.add(self.now + 5 * MINUTE_MS, event);
                }
            }
            Event::HandOut(payment) => self.hand_out(payment),
            Event::Pay(payment) => self.pay(payment),
            Event::Leave(payment) => {
                if self.is_open() && !self.judge.is_lost(payment) {
                    let clocks = self.world.clocks();
                    let left = self.world.engine().unwatch(clocks, payment);
                    self.did(left);
                }
            }
            Event::Close(span) => {
                self.close();
                self.plan.add(self.now + span, Event::Open);
            }
            Event::Night => self.close(),
            Event::Copy => {
                self.close();
                self.world.copy_file();
                self.judge.copied();
            }
            Event::Swap => {
                self.close();
                self.world.swap_files();
                self.judge.swapped();
            }
            Event::Open => self.open(),
            Event::Sleep(span) => {
                if self.is_open() {
                    self.pass(self.now + span, false);
                    self.bring_back();
                }
            }
            Event::Jump(by) => {
                self.world.now = self.world.now.plus_ms(by);
                self.world.skew_ms += by;
            }
            Event::ClockRight => {
                self.world.now = self.world.now.plus_ms(-self.world.skew_ms);
                self.world.skew_ms = 0;
            }
            Event::DateOff { bank, by_ms, signed } => match bank {
                Bank::Sinopac => self.switch(&json!({ "date_off_ms": by_ms, "date_off_signed": signed })),
                Bank::Ctbc => self.switch(&json!({ "ctbc_date_off_ms": by_ms })),
            },
            Event::Refuse(bank, code) => {
                self.judge.refuses(bank, self.now, code.is_some());
                match bank {
                    Bank::Sinopac => self.switch(&json!({ "refuse_all": code })),
                    Bank::Ctbc => self.switch(&json!({ "ctbc_refuse_all": code })),
                }
            }
            Event::Lag(seconds) => {
                self.judge.lag_ms = seconds * 1_000;
                self.switch(&json!({ "late_seconds": seconds }));
            }
            Event::Hang(bank, hangs) => {
                self.judge.hangs(bank, self.now, hangs);
                self.hangs.insert(bank, hangs);
            }
            Event::Refund(payment, part) => self.refund(payment, part),
            Event::Withdraw(refund) => self.withdraw(refund),
            Event::Decide => self.decide(),
            Event::BankActs(payment) => self.bank_acts(payment),
            Event::Kill => self.world.points.end_in(1 + self.dice.below(60)),
            Event::OtherHand => self.world.points.withdraw_before_a_claim(),
            Event::BatchOver => self.judge.whole_file(&self.world, self.now),
            Event::Save => {
                if self.is_open() {
                    let clocks = self.world.clocks();
                    let mut to = self.world.engine().shop().clone();
                    to.polling.screen_s = if to.polling.screen_s == 3 { 4 } else { 3 };
                    let saved = self.world.engine().change_settings(clocks, to, Actor::Owner);
                    self.did(saved);
                }
            }
            Event::FourDaysLater | Event::WeekLater if !self.is_open() => {
                // it died in the last minute: as soon as it is there again
                self.happens(Event::Open);
                self.plan.add(self.now, event);
            }
            Event::FourDaysLater => {
                let now = self.true_time();
                self.judge.four_days_later(&mut self.world, now);
            }
            Event::WeekLater => {
                let now = self.true_time();
                self.judge.week_later(&mut self.world, now);
            }
        }
    }

    fn open(&mut self) {
        if self.is_open() {
            return;
        }
        if self.world.try_open().is_err() {
            return self.dies();
        }
        self.take_commits();
        self.judge.opened();
        self.judge.reads_file(&self.world, self.now);
        if self.kind == Kind::Refunds {
            self.judge.whole_file(&self.world, self.now);
        }
    }

    fn switch(&self, switches: &serde_json::Value) {
        self.world.control("switch", switches);
    }

    fn close(&mut self) {
        if self.kind == Kind::Uneven {
            self.world.keep_head();
        }
        self.world.end();
        self.world.points.go_on();
        self.calls.clear();
        self.senders.clear();
        self.waiting.clear();
    }

    /// The browser asks for the page and posts the form.
    fn hand_out(&mut self, payment: PaymentId) {
        if !self.is_open() || self.judge.is_lost(payment) {
            return;
        }
        let form = match self.world.try_hand_out(payment) {
            Ok(form) => form,
            Err(Ended) => return self.dies(),
        };
        if let Some(form) = form {
            self.take_commits();
            if self.world.post_form(&form) == 200 {
                self.judge.page_opened(payment, self.now);
            }
        }
    }

    /// The customer pays what they were shown, whether or not the shop is open.
    fn pay(&mut self, payment: PaymentId) {
        let Some((rail, number)) = self.judge.can_be_paid(payment) else { return };
        let args = match rail.bank() {
            Bank::Sinopac => json!({ "shop": "NA0249_001", "order": number }),
            Bank::Ctbc => json!({ "bank": "ctbc", "shop": "10000", "order": number }),
        };
        if self.world.try_control("pay", &args).is_some() {
            self.judge.paid(payment, self.now);
            if self.kind == Kind::Refunds {
                self.plans_refunds(payment);
            }
        }
    }

    fn outcome(mut self) -> Outcome {
        let simulated_s = u32::try_from(self.now / 1_000).unwrap_or(u32::MAX);
        Outcome { simulated_s, ..self.judge.outcome(self.sold) }
    }
}
