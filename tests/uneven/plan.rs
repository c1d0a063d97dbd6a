//! What happens in uneven days, and when: all of it from one number.

use std::collections::BTreeMap;

use counterfoil_domain::{Bank, PaymentId, Rail, RefundId};

use super::Kind;
use super::refunds::Part;
use crate::world::Seeded;

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Sale(Rail),
    HandOut(PaymentId),
    Pay(PaymentId),
    /// It is on the screen no longer.
    Leave(PaymentId),
    /// The program ends, and is opened again so many milliseconds later.
    Close(i64),
    /// It ends, and opens again in the morning.
    Night,
    Open,
    /// The folder is copied while it is closed.
    Copy,
    /// The copy takes the place of the folder, and the folder that of the copy.
    Swap,
    /// The computer sleeps.
    Sleep(i64),
    /// The computer's clock jumps.
    Jump(i64),
    ClockRight,
    DateOff {
        bank: Bank,
        by_ms: i64,
        signed: bool,
    },
    Refuse(Bank, Option<&'static str>),
    /// Changes show in the bank's lists so many seconds later.
    Lag(i64),
    Hang(Bank, bool),
    /// A person wants so much of it back.
    Refund(PaymentId, Part),
    Withdraw(RefundId),
    /// A person settles what needs one, with the bank's word.
    Decide,
    /// A person acts at the bank's own back office.
    BankActs(PaymentId),
    /// The program is killed at one of its next commits.
    Kill,
    /// Another hand withdraws the next refund whose step is claimed.
    OtherHand,
    /// The batch is over: the whole file is judged.
    BatchOver,
    /// Settings are saved.
    Save,
    FourDaysLater,
    WeekLater,
}

impl Event {
    /// The kind of disturbance that begins with it.
    pub(crate) fn kind(self) -> Option<&'static str> {
        match self {
            Self::Close(_) => Some("closed"),
            Self::Sleep(_) => Some("slept"),
            Self::Jump(_) => Some("clock"),
            Self::DateOff { by_ms, .. } if by_ms != 0 => Some("date"),
            Self::Refuse(_, Some(_)) => Some("refused"),
            Self::Lag(seconds) if seconds > 0 => Some("lag"),
            Self::Hang(_, true) => Some("hung"),
            Self::Save => Some("saved"),
            Self::Kill => Some("killed"),
            Self::Swap => Some("other-file"),
            Self::OtherHand => Some("other-hand"),
            Self::Sale(_)
            | Self::HandOut(_)
            | Self::Pay(_)
            | Self::Leave(_)
            | Self::Refund(..)
            | Self::Withdraw(_)
            | Self::Decide
            | Self::BankActs(_)
            | Self::BatchOver
            | Self::Night
            | Self::Open
            | Self::Copy
            | Self::ClockRight
            | Self::DateOff { .. }
            | Self::Refuse(_, None)
            | Self::Lag(_)
            | Self::Hang(_, false)
            | Self::FourDaysLater
            | Self::WeekLater => None,
        }
    }
}

/// The shop sells in the first twelve hours of its days; on a day of refunds in every third hour of
/// them: while a shop sells, it asks its bank all the time.
const fn busy(of_twelve_hours: i64) -> i64 {
    let (third, within) = (of_twelve_hours / (3 * HOUR_MS), of_twelve_hours % (3 * HOUR_MS));
    third * 3 * HOUR_MS + HOUR_MS + within / 3
}

/// Everything to come, by time.
pub(crate) struct Plan {
    events: BTreeMap<(i64, u64), Event>,
    next: u64,
}

impl Plan {
    /// Uneven days, or one full day whose sales are refunded on it and on the next ones.
    pub(crate) fn new(dice: &mut Seeded, kind: Kind) -> Self {
        let mut plan = Self { events: BTreeMap::new(), next: 0 };
        let (days, sales_days, sales) = match kind {
            Kind::Uneven => {
                let days = 3 + dice.below(8).cast_signed();
                (days, days.cast_unsigned(), 5 + dice.below(56))
            }
            Kind::Refunds => (4, 1, 210),
        };
        let mut end = days * DAY_MS;
        let rails = [Rail::SinopacAccount, Rail::SinopacCard, Rail::CtbcCard];
        for _ in 0..sales {
            let day = dice.below(sales_days).cast_signed();
            let hour = dice.below(12 * 3_600_000).cast_signed();
            let when = day * DAY_MS + if kind == Kind::Refunds { busy(hour) } else { hour };
            let rail = rails[usize::try_from(dice.below(3)).unwrap()];
            plan.add(when, Event::Sale(rail));
        }
        for day in 0..days {
            // most evenings the shop closes for the night
            if dice.below(4) > 0 {
                plan.add(day * DAY_MS + 13 * HOUR_MS, Event::Night);
                plan.add((day + 1) * DAY_MS - dice.below(7_200_000).cast_signed(), Event::Open);
            }
        }
        if kind == Kind::Refunds {
            for _ in 0..3 {
                // of two days: the ones after it are quiet
                plan.add(dice.below(15 * 3_600_000).cast_signed(), Event::Kill);
                plan.add(dice.below(2 * 86_400_000).cast_signed(), Event::OtherHand);
            }
            for day in 0..10 {
                plan.add(day * DAY_MS + 3 * HOUR_MS, Event::Decide);
                plan.add(day * DAY_MS + 14 * HOUR_MS + 30 * MINUTE_MS, Event::BatchOver);
            }
        }
        for _ in 0..2 + dice.below(7) {
            let when = dice.below(days.cast_unsigned() * 86_400_000).cast_signed();
            end = end.max(plan.disturb(dice, when, kind));
        }
        if kind == Kind::Uneven && dice.below(3) == 0 {
            end = end.max(plan.two_files(dice, days));
        }
        plan.quiet(end);
        plan
    }

    /// The folder is copied while it is closed, and the copy comes into its place: put back, or a
    /// copy that sold on if the first one comes back too. When it is over.
    fn two_files(&mut self, dice: &mut Seeded, days: i64) -> i64 {
        let mut between =
            |least: i64, most: i64| least + dice.below((most - least).cast_unsigned()).cast_signed();
        let mut when = between(HOUR_MS, days * DAY_MS);
        let sold_by = |number: i64| [Rail::SinopacAccount, Rail::CtbcCard][usize::from(number == 0)];
        self.add(when - between(10_000, 3 * MINUTE_MS), Event::Sale(sold_by(between(0, 3))));
        self.add(when, Event::Close(between(2_000, MINUTE_MS)));
        self.add(when, Event::Copy);
        for _ in 0..between(1, 4) {
            when += between(10 * MINUTE_MS, 2 * DAY_MS);
            self.add(when - between(2 * MINUTE_MS, 9 * MINUTE_MS), Event::Open);
            self.add(when - between(10_000, 2 * MINUTE_MS), Event::Sale(sold_by(between(0, 3))));
            self.add(when, Event::Close(between(2_000, HOUR_MS)));
            self.add(when, Event::Swap);
        }
        when + HOUR_MS
    }

    /// One disturbance; when it is over.
    fn disturb(&mut self, dice: &mut Seeded, when: i64, kind: Kind) -> i64 {
        let mut between =
            |least: i64, most: i64| least + dice.below((most - least).cast_unsigned()).cast_signed();
        let rail = if between(0, 3) == 0 { Rail::CtbcCard } else { Rail::SinopacAccount };
        let bank = rail.bank();
        match between(0, 9) {
            0 => {
                // a day of refunds stays a day of many sales
                let longest = if kind == Kind::Refunds { 2 } else { 4 };
                let span = match between(0, longest) {
                    0 => between(2_000, 60_000),
                    1 => between(MINUTE_MS, HOUR_MS),
                    2 => between(HOUR_MS, 20 * HOUR_MS),
                    _ => between(DAY_MS, 20 * DAY_MS),
                };
                if between(0, 2) == 0 {
                    // the customer at the counter pays while it is closed
                    self.add(when - between(10_000, 3 * MINUTE_MS), Event::Sale(rail));
                }
                self.add(when, Event::Close(span));
                when + span
            }
            1 => {
                let span = between(MINUTE_MS, 10 * HOUR_MS);
                if between(0, 2) == 0 {
                    // the lid is shut on a sale that has not left yet
                    self.add(when, Event::Sale(Rail::SinopacAccount));
                }
                self.add(when, Event::Sleep(span));
                when + span
            }
            2 | 3 => {
                let by = match (between(0, 10), between(0, 2)) {
                    (0, _) => -between(3 * DAY_MS, 16 * 365 * DAY_MS),
                    (_, 0) => between(MINUTE_MS, 30 * HOUR_MS),
                    (_, _) => -between(MINUTE_MS, 30 * HOUR_MS),
                };
                // at a start, or while it runs
                if between(0, 2) == 0 {
                    let span = between(5_000, HOUR_MS);
                    self.add(when - between(10_000, 3 * MINUTE_MS), Event::Sale(rail));
                    self.add(when, Event::Close(span));
                    self.add(when + span / 2, Event::Jump(by));
                } else {
                    self.add(when, Event::Jump(by));
                }
                if between(0, 3) > 0 {
                    let span = between(10_000, 30 * HOUR_MS);
                    self.add(when + span, Event::ClockRight);
                    return when + span;
                }
                when
            }
            4 => {
                let by_ms = match between(0, 4) {
                    0 => between(10_000, 280_000),
                    1 => -between(10_000, 280_000),
                    2 => between(6 * MINUTE_MS, 60 * HOUR_MS),
                    _ => -between(6 * MINUTE_MS, 60 * HOUR_MS),
                };
                let (span, signed) = (between(10_000, 600_000), between(0, 2) == 0);
                self.add(when, Event::DateOff { bank, by_ms, signed });
                // sold by a bank that has just begun to name another time
                self.add(when + between(2_000, MINUTE_MS), Event::Sale(rail));
                self.add(when + span, Event::DateOff { bank, by_ms: 0, signed: false });
                if between(0, 3) == 0 {
                    // started again while the bank's clock is wrong
                    self.add(when + span / 2, Event::Close(between(2_000, 20_000)));
                }
                when + span
            }
            5 => {
                let code = match (bank, between(0, 2)) {
                    (Bank::Sinopac, 0) => "E0102",
                    (Bank::Sinopac, _) => "E9999",
                    (Bank::Ctbc, _) => "9/nz",
                };
                let span = between(MINUTE_MS, 8 * HOUR_MS);
                self.add(when, Event::Refuse(bank, Some(code)));
                self.add(when + span, Event::Refuse(bank, None));
                when + span
            }
            6 => {
                let span = between(HOUR_MS, 20 * HOUR_MS);
                self.add(when, Event::Lag(between(30, 541)));
                self.add(when + span, Event::Lag(0));
                when + span
            }
            7 => {
                let span = between(MINUTE_MS, 2 * HOUR_MS);
                self.add(when, Event::Hang(bank, true));
                self.add(when + span, Event::Hang(bank, false));
                when + span
            }
            _ => {
                self.add(when, Event::Save);
                when
            }
        }
    }

    /// A quiet week after the last disturbance, the shop open for two hours of each day.
    fn quiet(&mut self, end: i64) {
        let end = end + HOUR_MS;
        self.add(end, Event::Open);
        self.add(end + 2 * HOUR_MS, Event::Night);
        for day in 1..=8 {
            let morning = end + day * DAY_MS;
            self.add(morning, Event::Open);
            let shut = morning + 2 * HOUR_MS;
            match day {
                4 => self.add(shut, Event::FourDaysLater),
                8 => self.add(shut, Event::WeekLater),
                _ => {}
            }
            self.add(shut + 1, Event::Night);
        }
    }

    pub(crate) fn add(&mut self, when: i64, event: Event) {
        self.next += 1;
        self.events.insert((when, self.next), event);
    }

    /// When the next event is.
    pub(crate) fn first(&self) -> Option<i64> {
        self.events.keys().next().map(|(when, _)| *when)
    }

    /// The next event, if its time has come.
    pub(crate) fn take_due(&mut self, now: i64) -> Option<Event> {
        let first = self.events.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }
}
