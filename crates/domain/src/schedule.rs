//! When a payment is asked about next (money rules 3 and 6). The numbers are settings with bounds
//! in one place.
//!
//! Due is the first point of the schedule after the last *answered* reading. What is overdue is due
//! now, however long the program was closed: no point is skipped because the program did not run at
//! its time.

use serde::{Deserialize, Serialize};

use crate::card::{CardState, PAGE_LIFE_MINS};
use crate::operation::readings::unchanged_since;
use crate::operation::rules::{Reads, Then};
use crate::operation::{APART_MS, Operation, OperationState, Reading};
use crate::payment::{Payment, PaymentState};
use crate::rail::{Bank, Rail};
use crate::refund::answer::next_bank_day;
use crate::time::{Moment, Mono};

/// How often a shop wants its bank asked about a payment. Settings of the shop, within
/// [`Polling::BOUNDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Polling {
    /// On screen: every so many seconds for two minutes …
    pub screen_s: u16,
    /// … then every so many.
    pub screen_later_s: u16,
    /// Late money is normal: daily until this many days after expiry.
    pub after_expiry_days: u16,
}

impl Polling {
    /// Least and most of each number, in the order of the fields. The pace of the key (2 requests a
    /// second) holds anyway.
    pub const BOUNDS: [(&'static str, u16, u16); 3] =
        [("screen_s", 3, 30), ("screen_later_s", 5, 120), ("after_expiry_days", 7, 60)];

    /// The first number that is out of its bounds, with them.
    pub fn out_of_bounds(self) -> Option<(&'static str, u16, u16)> {
        let numbers: [u16; Self::BOUNDS.len()] = [self.screen_s, self.screen_later_s, self.after_expiry_days];
        let mut pairs = Self::BOUNDS.into_iter().zip(numbers);
        pairs.find(|((_, least, most), n)| !(least..=most).contains(&n)).map(|(bounds, _)| bounds)
    }

    /// Payments that ended before this are no longer asked about by themselves.
    pub fn watched_since(self, now: Moment) -> Moment {
        now.plus_days(-i64::from(self.after_expiry_days))
    }
}

impl Default for Polling {
    fn default() -> Self {
        Self { screen_s: 3, screen_later_s: 10, after_expiry_days: 14 }
    }
}

/// On screen the first pace holds for 2 min.
pub const SCREEN_FAST_FOR_MS: i64 = 120_000;
/// In the background: this many minutes after it was issued, then daily.
pub const BACKGROUND_MINS: [i64; 4] = [1, 5, 15, 60];
/// The end is made certain soon after the time that the customer had.
pub const SETTLE_AFTER_EXPIRY_MS: i64 = 60_000;
/// What a person decides is read daily for so many days, then weekly.
pub const PERSON_DAILY_DAYS: i64 = 14;
/// What began at a time that has not come yet, by a clock that was ahead, is asked about this
/// often.
const FROM_THE_FUTURE_MINS: i64 = 60;
const DAY_MS: i64 = 86_400_000;
/// The way of a question, and the grain of the bank's clock.
const PROOF_MARGIN_MS: i64 = 5_000;

/// A question takes this long at most as far as the pace of the screen is concerned: a bank that is
/// slow is not asked more often, and between two questions another one has its second.
const WAY_MS_MAX: i64 = 900;

/// The next question about a payment on the screen since `since`, after the one of `asked`; its
/// answer took `way_ms`. The pace runs from answer to answer, not from question to question: money
/// shows that soon after it came, the way of the question included.
pub fn next_on_screen(polling: Polling, since: Mono, asked: Mono, way_ms: i64) -> Mono {
    let first = asked.ms_since(since) < SCREEN_FAST_FOR_MS;
    let pace = i64::from(if first { polling.screen_s } else { polling.screen_later_s });
    asked.plus_ms(pace * 1000 - way_ms.clamp(0, WAY_MS_MAX))
}

/// The next question about a payment in the background; it may lie in the past, and is due then.
/// `None`: no more by itself. `batch_after`: the end of the bank's first batch that collects what
/// is in its file at an instant.
pub fn next_in_background(
    polling: Polling,
    payment: &Payment,
    batch_after: impl Fn(Moment) -> Option<Moment>,
    now: Moment,
) -> Option<Moment> {
    if let Some(next) = from_the_future(payment.created_at, payment.asked_at, now) {
        return still_asked(payment).then_some(next);
    }
    let last = answered(payment, now);
    let next = match payment.rail.bank() {
        Bank::Sinopac => next_of_sinopac(payment, last),
        Bank::Ctbc => next_of_card(payment, batch_after, last),
    };
    let end = unapproved_until(polling, payment);
    next.filter(|next| end.is_none_or(|end| *next <= end))
}

/// The sweep sees the money of an ended one.
fn next_of_sinopac(payment: &Payment, last: Option<Moment>) -> Option<Moment> {
    if !still_asked(payment) {
        return None;
    }
    let early = BACKGROUND_MINS.into_iter().map(|m| payment.created_at.plus_mins(m));
    let at_end = payment.state.is_open().then(|| payment.expires_at.plus_ms(SETTLE_AFTER_EXPIRY_MS));
    first_after(last, early.chain(at_end).chain([next_daily(payment.created_at, last)]))
}

/// A card at CTBC is asked about this long after its form was handed out, whatever has been read
/// until then.
pub const AFTER_FORM_MINS: i64 = 35;
/// While its page is open it is asked about this often, and until so long after the page's end.
pub const PAGE_OPEN_MINS: i64 = 3;
const PAGE_ENDED_MINS: i64 = 5;

/// A card at CTBC: every 3 min while its page is open, 35 min after its form was handed out, after
/// each batch that may move it, then daily. Without an approval it stops with the days after
/// expiry; money is followed until no batch moves it.
fn next_of_card(
    payment: &Payment,
    batch_after: impl Fn(Moment) -> Option<Moment>,
    last: Option<Moment>,
) -> Option<Moment> {
    if !still_asked(payment) {
        return None;
    }
    let created = payment.created_at;
    // an end that a wrong Date of the bank has put before its life is over counts for nothing
    let ends = payment.expires_at.max(created.plus_mins(PAGE_LIFE_MINS));
    let asked = last.map_or(0, |last| last.ms_since(created).max(0) / (PAGE_OPEN_MINS * 60_000));
    let page = Some(created.plus_mins((asked + 1) * PAGE_OPEN_MINS))
        .filter(|at| *at <= ends.plus_mins(PAGE_ENDED_MINS))
        .filter(|_| !payment.state.has_money());
    let minute = [created.plus_mins(1)].into_iter().filter(|_| !payment.state.has_money());
    let after_form = ends.plus_mins(AFTER_FORM_MINS - PAGE_LIFE_MINS);
    let batch = batch_after(last.unwrap_or(created).max(created));
    let points = page.into_iter().chain(minute).chain([after_form, next_daily(created, last)]).chain(batch);
    first_after(last, points)
}

/// After the end of a refund its sale is asked about for so many days at most.
pub const AFTER_REFUND_DAYS: i64 = 31;

/// The next question about a sale whose last refund ended at `ended`: one when the bank has had its
/// batch, or its next day, and on while the bank contradicts that end. As [`next_in_background`].
pub fn next_after_refund(
    payment: &Payment,
    ended: Moment,
    contradicted: bool,
    batch_after: impl Fn(Moment) -> Option<Moment>,
    now: Moment,
) -> Option<Moment> {
    let until = ended.plus_days(AFTER_REFUND_DAYS);
    if let Some(next) = from_the_future(ended, payment.asked_at, now) {
        return Some(next);
    }
    let last = answered(payment, now);
    let shown = shown_by(payment.rail.bank(), ended, batch_after).plus_ms(SETTLE_AFTER_EXPIRY_MS);
    let daily = contradicted.then(|| for_person(ended, last));
    first_after(last, daily.into_iter().chain([shown])).filter(|next| *next <= until)
}

/// By then a bank shows a refund that it has done at `from`.
pub fn shown_by(bank: Bank, from: Moment, batch_after: impl Fn(Moment) -> Option<Moment>) -> Moment {
    match bank {
        Bank::Sinopac => next_bank_day(from),
        Bank::Ctbc => batch_after(from).unwrap_or(from.plus_days(1)),
    }
}

/// The bank can still tell something new that nothing else would bring.
fn still_asked(payment: &Payment) -> bool {
    use PaymentState as S;
    match payment.state {
        S::Issuing | S::Awaiting | S::Authorized | S::NotIssued | S::Expired | S::Cancelled | S::Failed => {
            true
        }
        S::Paid | S::PaidLate | S::Settled => payment.card.is_some_and(CardState::waits_for_batch),
        S::Released => false,
    }
}

/// Since when a card at CTBC that was never approved is no longer asked about by itself: the note
/// of money rules 2. `None`: it still is, or the rule is not about it.
pub fn stopped_asking(polling: Polling, payment: &Payment, now: Moment) -> Option<Moment> {
    let of_ctbc = payment.rail == Rail::CtbcCard;
    unapproved_until(polling, payment).filter(|last| of_ctbc && *last < now)
}

/// Without an approval the asking stops then. What was never answered after its life is not without
/// one: it is asked on.
fn unapproved_until(polling: Polling, payment: &Payment) -> Option<Moment> {
    use PaymentState as S;
    match payment.state {
        S::Issuing | S::Awaiting | S::Authorized | S::Released | S::Paid | S::PaidLate | S::Settled => None,
        S::NotIssued | S::Expired | S::Cancelled | S::Failed => {
            Some(payment.expires_at.plus_days(i64::from(polling.after_expiry_days)))
        }
    }
}

/// The next scheduled reading of an operation that a reading may still prove; it may lie in the
/// past, and is due then. `readings`: its own, oldest first. `last`: when the last answered
/// question about its payment was asked.
pub fn next_reading(
    op: &Operation,
    readings: &[Reading],
    batch_after: impl Fn(Moment) -> Option<Moment>,
    last: Option<Moment>,
    now: Moment,
) -> Option<Moment> {
    let (secs, then) = match op.kind.rule().reads {
        Reads::WithPayment => return None,
        Reads::At(secs, then) => (secs, then),
    };
    if !op.state.may_be_proved() {
        return None;
    }
    let sent = op.sent_at.unwrap_or(op.planned_at);
    if let Some(next) = from_the_future(sent, last, now) {
        return Some(next);
    }
    let last = last.filter(|last| *last <= now).map_or(sent, |last| last.max(sent));
    if op.state == OperationState::NeedsPerson {
        return Some(for_person(sent, Some(last)));
    }
    let daily = next_daily(sent, Some(last));
    let early = secs.iter().map(|s| sent.plus_secs(*s));
    // the second of the two that prove what did not happen, however late the first one was
    let proof = unchanged_since(op, readings).map(|first| first.plus_ms(APART_MS + PROOF_MARGIN_MS));
    let named = match then {
        Then::Daily => None,
        Then::Batch => batch_after(last),
        Then::BankDay => Some(next_bank_day(sent)),
    };
    first_after(Some(last), early.chain(proof).chain(named).chain([daily]))
}

/// Daily, then weekly: a person decides.
fn for_person(from: Moment, last: Option<Moment>) -> Moment {
    let daily = next_daily(from, last);
    let days = daily.ms_since(from) / DAY_MS;
    if days <= PERSON_DAILY_DAYS { daily } else { from.plus_days((days + 6) / 7 * 7) }
}

/// When the last answered question was asked, unless by a clock that was ahead.
fn answered(payment: &Payment, now: Moment) -> Option<Moment> {
    payment.asked_at.filter(|asked| *asked <= now)
}

/// What began in the future, by a clock that was ahead: no point of its schedule means anything.
fn from_the_future(began: Moment, asked: Option<Moment>, now: Moment) -> Option<Moment> {
    let asked = asked.filter(|asked| *asked <= now);
    (began > now).then(|| asked.map_or(now, |asked| asked.plus_mins(FROM_THE_FUTURE_MINS)))
}

fn first_after(last: Option<Moment>, points: impl Iterator<Item = Moment>) -> Option<Moment> {
    points.filter(|point| last.is_none_or(|last| *point > last)).min()
}

/// The next whole number of days after `from` that lies after `last`.
fn next_daily(from: Moment, last: Option<Moment>) -> Moment {
    let days = last.map_or(0, |last| last.ms_since(from).max(0).div_euclid(DAY_MS));
    from.plus_days(days.saturating_add(1))
}

#[cfg(test)]
mod tests;
