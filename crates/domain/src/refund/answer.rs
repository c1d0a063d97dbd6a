//! What an answer to a step does to its refund (money rules 3 and 4).
//!
//! Promise: a refusal for now leads back to waiting, with its reason and its time, and never for
//! longer than 20 attempts or 14 days. Left out: which class a code belongs to (each bank's
//! `meaning`).

use super::plan::{Plan, Wait};
use super::why::{ByHandWhy, PersonWhy, WaitWhy};
use crate::calendar::BankCalendar;
use crate::named::named;
use crate::operation::rules::{Accepted, Declined, Rule};
use crate::operation::{ATTEMPTS_DAYS_MAX, ATTEMPTS_MAX, Operation, OperationKind, OperationState};
use crate::rail::Bank;
use crate::time::{Moment, day_plus};

named! {
    /// What a bank's code says about a refund, beyond its class.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Refusal {
        /// SinoPac E9918: already asked for, or the number of refunds is used up.
        UsedUp = "used-up",
        /// CTBC 3/52-56, 9/ne: done before. On our only send another hand did it.
        Duplicate = "duplicate",
        /// SinoPac E3606.
        NotActivated = "not-activated",
        /// SinoPac E3603.
        NoPayerAccount = "no-payer-account",
        /// SinoPac E9922, CTBC 3/20.
        TooOld = "too-old",
        /// CTBC 3/1, 9/nx.
        NotInContract = "not-in-contract",
        /// CTBC 3/71.
        CapturesShort = "captures-short",
        /// CTBC 3/70.
        EarlierQueued = "earlier-queued",
        /// CTBC 3/72.
        CaptureUnconfirmed = "capture-unconfirmed",
        /// CTBC 3/31, 3/40, 3/48: the batch, perhaps a late one; by day another program.
        Locked = "locked",
        /// SinoPac E3604.
        DayLimit = "day-limit",
        /// SinoPac E3610, E3611.
        NotYet = "not-yet",
        /// Any other code.
        Other = "other",
    }
}

impl Refusal {
    /// Of a code as [`Operation::code`] has it: `E9918`, `3/71`.
    pub fn of(bank: Bank, code: &str) -> Self {
        match bank {
            Bank::Sinopac => match code {
                "E9918" => Self::UsedUp,
                "E3606" => Self::NotActivated,
                "E3603" => Self::NoPayerAccount,
                "E9922" => Self::TooOld,
                "E3604" => Self::DayLimit,
                "E3610" | "E3611" => Self::NotYet,
                _ => Self::Other,
            },
            Bank::Ctbc => match code {
                "3/52" | "3/53" | "3/54" | "3/55" | "3/56" | "9/ne" => Self::Duplicate,
                "3/1" | "9/nx" => Self::NotInContract,
                "3/20" => Self::TooOld,
                "3/71" => Self::CapturesShort,
                "3/70" => Self::EarlierQueued,
                "3/72" => Self::CaptureUnconfirmed,
                "3/31" | "3/40" | "3/48" => Self::Locked,
                _ => Self::Other,
            },
        }
    }

    /// Only a transfer by hand is left.
    pub const fn by_hand(self) -> Option<ByHandWhy> {
        match self {
            Self::NotActivated => Some(ByHandWhy::NotActivated),
            Self::NoPayerAccount => Some(ByHandWhy::NoPayerAccount),
            Self::TooOld => Some(ByHandWhy::TooOld),
            Self::NotInContract => Some(ByHandWhy::NotInContract),
            Self::UsedUp
            | Self::Duplicate
            | Self::CapturesShort
            | Self::EarlierQueued
            | Self::CaptureUnconfirmed
            | Self::Locked
            | Self::DayLimit
            | Self::NotYet
            | Self::Other => None,
        }
    }
}

impl Operation {
    /// What the code of its last answer says.
    pub fn refusal(&self) -> Option<Refusal> {
        self.code.as_deref().map(|code| Refusal::of(self.kind.rule().bank, code))
    }
}

/// One attempt of a step of a refund that surely did nothing: refused for now, never left, or
/// proved by readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When, by bank time.
    pub at: Moment,
    /// What the bank's code says; `None` without one.
    pub refusal: Option<Refusal>,
    /// Readings proved it, or a person. They may have taken weeks, which were none of trying.
    pub is_proved: bool,
}

/// Today's captures may stay too small (3/71) for so many workdays.
pub const CAPTURES_SHORT_WORKDAYS_MAX: i64 = 5;
/// 3/71 is tried this often …
const CAPTURES_EVERY_MINS: i64 = 60;
/// … and on a later workday from this hour of bank time, when the day has captures.
const CAPTURES_FROM_HOUR: i64 = 12;
/// After a code of the batch the earliest next try is this far away, as at a locked state.
pub(crate) const LOCKED_MINS: i64 = 30;
/// A bank day begins to be asked about so long after midnight.
const BANK_DAY_MINS: i64 = 10;

/// 00:10 of the next bank day.
pub fn next_bank_day(now: Moment) -> Moment {
    Moment::start_of(day_plus(now.day(), 1)).plus_mins(BANK_DAY_MINS)
}

/// How many days with a batch have begun after the day of `since`, up to and with the day of `now`.
pub fn workdays_since(since: Moment, now: Moment, calendar: &BankCalendar) -> i64 {
    let days = since.day().iter_days().skip(1).take(60).take_while(|day| *day <= now.day());
    i64::try_from(days.filter(|day| calendar.is_workday(*day)).count()).unwrap_or(i64::MAX)
}

/// What follows an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAnswer {
    /// Ask the bank for the state, and plan again.
    ReadAndPlan,
    /// The second call of an account's refund may go now: [`may_second_call_go`].
    SecondCall,
    /// Only readings tell what became of it.
    ReadOut,
    /// This, without another reading.
    Plan(Plan),
}

/// What the answer to a step does to its refund. `op` has the state and the code of the answer;
/// `refused` are the attempts of the refund that did nothing, this one included, oldest first.
pub fn after_answer(
    op: &Operation,
    refused: &[Refused],
    now: Moment,
    calendar: &BankCalendar,
) -> AfterAnswer {
    match op.state {
        OperationState::Accepted if op.kind.rule().accepted == Accepted::Token => AfterAnswer::SecondCall,
        OperationState::Planned
        | OperationState::Accepted
        | OperationState::DidNotHappen
        | OperationState::Abandoned => AfterAnswer::ReadAndPlan,
        OperationState::Sending | OperationState::Pending | OperationState::Unknown => AfterAnswer::ReadOut,
        OperationState::NotNow | OperationState::NotSent => {
            AfterAnswer::Plan(again(op, refused, now, calendar))
        }
        OperationState::Declined => declined(op),
        OperationState::NeedsPerson => AfterAnswer::Plan(Plan::NeedsPerson(PersonWhy::Undecided)),
    }
}

fn declined(op: &Operation) -> AfterAnswer {
    // whether there is anything to transfer by hand, a fresh reading tells
    if op.refusal().and_then(Refusal::by_hand).is_some() {
        return AfterAnswer::ReadAndPlan;
    }
    match op.kind.rule().declined {
        Declined::Ends => AfterAnswer::Plan(Plan::Refused),
        // the planner never repeats a refused step
        Declined::Replan => AfterAnswer::ReadAndPlan,
    }
}

/// The next try, or a person.
fn again(op: &Operation, refused: &[Refused], now: Moment, calendar: &BankCalendar) -> Plan {
    match too_often(refused, now, calendar) {
        Some(why) => Plan::NeedsPerson(why),
        None => Plan::Wait(wait_after(op, refused, now, calendar)),
    }
}

/// What the last answer to a step asks for still: no start, person or other reading shortens it.
/// `None`: its time has come, or the answer was another one. One that is stamped more than a day
/// ahead of `now` was stamped by a clock that has been set right since, and holds nothing up.
pub(crate) fn still_waits(
    op: &Operation,
    refused: &[Refused],
    now: Moment,
    calendar: &BankCalendar,
) -> Option<Wait> {
    if !matches!(op.state, OperationState::NotNow | OperationState::NotSent) {
        return None;
    }
    let at = refused.last()?.at;
    let wait = wait_after(op, refused, at, calendar);
    (now < wait.until && at <= now.plus_days(1)).then_some(wait)
}

/// Until when, after an answer at `now`.
fn wait_after(op: &Operation, refused: &[Refused], now: Moment, calendar: &BankCalendar) -> Wait {
    let by = |minutes: i64| now.plus_mins(minutes);
    let free = |at: Moment| calendar.earliest(at, op.kind.rule().span_ms).unwrap_or(at);
    let counted = refused.iter().filter(|refused| is_counted(refused)).count();
    let busy = now.plus_ms(pause_ms(counted));
    let held = |at| if op.kind.rule().waits_for_batch { free(at) } else { at };
    let refusal = if op.state == OperationState::NotSent { None } else { op.refusal() };
    let (until, why) = match refusal {
        None if op.state == OperationState::NotSent => (held(busy), WaitWhy::NotSent),
        Some(Refusal::CapturesShort) => (next_captures(now, op, calendar), WaitWhy::CapturesShort),
        Some(Refusal::EarlierQueued) => (after_batch(now, op, calendar), WaitWhy::EarlierQueued),
        Some(Refusal::CaptureUnconfirmed) => (after_batch(now, op, calendar), WaitWhy::CaptureUnconfirmed),
        Some(Refusal::Locked) => {
            let why = if calendar.may_be_batch(now) { WaitWhy::Locked } else { WaitWhy::BankBusy };
            (free(by(LOCKED_MINS)), why)
        }
        Some(Refusal::DayLimit) => (next_bank_day(now), WaitWhy::DayLimit),
        Some(Refusal::NotYet) => (next_bank_day(now), WaitWhy::NotYet),
        None
        | Some(
            Refusal::UsedUp
            | Refusal::Duplicate
            | Refusal::NotActivated
            | Refusal::NoPayerAccount
            | Refusal::TooOld
            | Refusal::NotInContract
            | Refusal::Other,
        ) => (held(busy), WaitWhy::BankBusy),
    };
    Wait { until, why }
}

/// 1, 5, 15, 60 min, then every 3 hours.
fn pause_ms(attempts: usize) -> i64 {
    [1, 5, 15, 60].get(attempts.saturating_sub(1)).copied().unwrap_or(180) * 60_000
}

fn after_batch(now: Moment, op: &Operation, calendar: &BankCalendar) -> Moment {
    calendar.wait_for_capture(now, op.kind.rule().span_ms).map_or(now.plus_days(1), |wait| wait.earliest)
}

/// Hourly until the margin, then from noon of the next workday.
fn next_captures(now: Moment, op: &Operation, calendar: &BankCalendar) -> Moment {
    let next = now.plus_mins(CAPTURES_EVERY_MINS);
    let before = next < calendar.batch_of(now.day()).starts && calendar.is_workday(now.day());
    if before && next.day() == now.day() && calendar.may_send(next, op.kind.rule().span_ms) {
        return next;
    }
    let noon = Moment::start_of(calendar.workday_after(now.day())).plus_mins(CAPTURES_FROM_HOUR * 60);
    calendar.earliest(noon, op.kind.rule().span_ms).unwrap_or(noon)
}

/// 3/71 has a limit of its own and does not count towards the 20 attempts.
fn is_counted(refused: &Refused) -> bool {
    refused.refusal != Some(Refusal::CapturesShort)
}

/// 20 attempts, 14 days, or 5 workdays of captures that are too small: a person is asked.
pub fn too_often(refused: &[Refused], now: Moment, calendar: &BankCalendar) -> Option<PersonWhy> {
    let short = refused.iter().find(|refused| !is_counted(refused));
    if short.is_some_and(|first| workdays_since(first.at, now, calendar) >= CAPTURES_SHORT_WORKDAYS_MAX) {
        return Some(PersonWhy::CapturesStayShort);
    }
    let counted: Vec<&Refused> = refused.iter().filter(|refused| is_counted(refused)).collect();
    let attempts = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    let first = counted.iter().find(|refused| !refused.is_proved);
    let days = first.is_some_and(|first| now >= first.at.plus_days(ATTEMPTS_DAYS_MAX));
    (attempts >= ATTEMPTS_MAX || days).then_some(PersonWhy::TooOften)
}

/// The second call of an account's refund goes within this time after the first was sent.
pub const SECOND_CALL_MS: i64 = 90_000;
/// The bank's token is surely over this long after the first call was sent.
pub const FIRST_CALL_MS: i64 = 150_000;
/// A first call that the bank keeps alive (E9918) is tried so often.
pub const FIRST_CALLS_MAX: usize = 3;

/// May the second call go? `since_first_ms`: by the monotonic clock since the first call was sent;
/// `None` when another run of the program sent it. `asked_since`: an inquiry went between the two.
/// No: the first call goes again after [`FIRST_CALL_MS`] and a fresh reading.
pub const fn may_second_call_go(since_first_ms: Option<i64>, asked_since: bool) -> bool {
    match since_first_ms {
        Some(ms) => 0 <= ms && ms < SECOND_CALL_MS && !asked_since,
        None => false,
    }
}

impl OperationKind {
    /// The gate, asked once, where an operation is claimed, right before `Sending` is committed:
    /// may the whole step run now, by every clock? `clocks` is bank time by the anchor and by the
    /// newest Date. `Some`: not before this instant.
    pub fn held_until(self, clocks: &[Moment], calendar: &BankCalendar) -> Option<Moment> {
        let Rule { waits_for_batch, span_ms, .. } = self.rule();
        let held = clocks.iter().filter(|now| waits_for_batch && !calendar.may_send(**now, span_ms));
        held.map(|now| calendar.earliest(*now, span_ms).unwrap_or(now.plus_days(1))).max()
    }
}

#[cfg(test)]
mod tests;
