//! When a payment is asked about next (money rules 3 and 6). The numbers are settings with bounds in one place.

use serde::{Deserialize, Serialize};

use crate::card::{CardState, PAGE_LIFE_MINS};
use crate::operation::{Operation, OperationKind};
use crate::payment::{Payment, PaymentState};
use crate::rail::Rail;
use crate::time::Moment;

/// How often a shop wants its bank asked about a payment. Settings of the shop, within [`Polling::BOUNDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polling {
    /// On screen: every so many seconds for two minutes …
    pub screen_s: u16,
    /// … then every so many.
    pub screen_later_s: u16,
    /// Late money is normal: daily until this many days after expiry.
    pub after_expiry_days: u16,
}

impl Polling {
    /// Least and most of each number, in the order of the fields. The pace of the key (2 requests a second) holds anyway.
    pub const BOUNDS: [(&'static str, u16, u16); 3] =
        [("screen_s", 3, 30), ("screen_later_s", 5, 120), ("after_expiry_days", 7, 60)];

    /// The first number that is out of its bounds, with them.
    pub fn out_of_bounds(self) -> Option<(&'static str, u16, u16)> {
        let numbers = [self.screen_s, self.screen_later_s, self.after_expiry_days];
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
/// An unclear operation is read this many seconds after its send …
pub const UNCLEAR_SECS: [i64; 3] = [60, 300, 3_600];
/// … a create also at these …
pub const UNCLEAR_CREATE_SECS: [i64; 2] = [5, 20];
/// … then daily. The end is made certain soon after the time the customer had.
pub const SETTLE_AFTER_EXPIRY_MS: i64 = 60_000;

/// A question takes this long at most as far as the pace of the screen is concerned: a bank that is slow is not asked more often,
/// and between two questions another one has its second.
const WAY_MS_MAX: i64 = 900;

/// The next question about a payment on the screen since `since`, after the one of `asked`, whose answer took `way_ms`. The answer, not
/// the question, keeps the pace: money shows that much after it came, the way of the question included.
pub fn next_on_screen(polling: Polling, since: Moment, asked: Moment, way_ms: i64) -> Moment {
    let first = asked.ms_since(since) < SCREEN_FAST_FOR_MS;
    let pace = i64::from(if first { polling.screen_s } else { polling.screen_later_s });
    asked.plus_secs(pace).plus_ms(-way_ms.clamp(0, WAY_MS_MAX))
}

/// The next question about a payment in the background, later than `now`; `None`: no more by itself. The sweep still sees its
/// money.
pub fn next_in_background(polling: Polling, payment: &Payment, now: Moment) -> Option<Moment> {
    if payment.state.has_money() || payment.state == PaymentState::Released {
        return None;
    }
    let last = payment.expires_at.plus_days(i64::from(polling.after_expiry_days));
    let early = BACKGROUND_MINS.into_iter().map(|m| payment.created_at.plus_mins(m));
    let at_end = payment.state.is_open().then(|| payment.expires_at.plus_ms(SETTLE_AFTER_EXPIRY_MS));
    let daily = next_daily(payment.created_at, now);
    let next = early.chain(at_end).chain([daily]).filter(|at| *at > now).min();
    next.filter(|at| *at <= last || payment.state == PaymentState::Authorized)
}

/// A card at CTBC is asked about this long after its form was handed out, whatever has been read until then.
pub const AFTER_FORM_MINS: i64 = 35;

/// The next question about a card at CTBC in the background, later than `now`: a while after the sale, 35 min after its form was handed
/// out, after the next batch (`batch_done`), then daily until it is captured. Without an approval it stops with the days after
/// expiry; money is followed until the bank has collected it.
pub fn next_of_card(
    polling: Polling,
    payment: &Payment,
    batch_done: Option<Moment>,
    now: Moment,
) -> Option<Moment> {
    let captured = payment.card.is_some_and(CardState::is_captured);
    if captured || payment.state == PaymentState::Released {
        return None;
    }
    let paid = payment.state.has_money();
    let early = BACKGROUND_MINS.into_iter().map(|m| payment.created_at.plus_mins(m)).filter(|_| !paid);
    let after_form = payment.expires_at.plus_mins(AFTER_FORM_MINS - PAGE_LIFE_MINS);
    let daily = next_daily(payment.created_at, now);
    let next = early.chain([after_form, daily]).chain(batch_done).filter(|at| *at > now).min();
    let last = unapproved_until(polling, payment);
    next.filter(|at| last.is_none_or(|last| *at <= last))
}

/// Since when a card at CTBC that was never approved is no longer asked about by itself: the note of money rules 2. `None`: it still is,
/// or the rule is not about it.
pub fn stopped_asking(polling: Polling, payment: &Payment, now: Moment) -> Option<Moment> {
    let of_ctbc = payment.rail == Rail::CtbcCard;
    unapproved_until(polling, payment).filter(|last| of_ctbc && *last < now)
}

/// Without an approval the asking stops then. What was never answered after its life is not without one: it is asked on.
fn unapproved_until(polling: Polling, payment: &Payment) -> Option<Moment> {
    use PaymentState as S;
    match payment.state {
        S::Issuing | S::Awaiting | S::Authorized | S::Released | S::Paid | S::PaidLate | S::Settled => None,
        S::NotIssued | S::Expired | S::Cancelled | S::Failed => {
            Some(payment.expires_at.plus_days(i64::from(polling.after_expiry_days)))
        }
    }
}

/// The next scheduled reading of an unclear operation, later than `now`.
pub fn next_reading(op: &Operation, now: Moment) -> Option<Moment> {
    // a form is asked about by the schedule of its payment
    if !op.state.wants_reading() || op.kind == OperationKind::PostForm {
        return None;
    }
    let sent = op.sent_at.unwrap_or(op.planned_at);
    let create = if op.kind.is_create() { &UNCLEAR_CREATE_SECS[..] } else { &[] };
    let early = create.iter().chain(&UNCLEAR_SECS).map(|s| sent.plus_secs(*s));
    // two readings that count towards "did not happen": 10 min after the send, and 10 min after that
    let proof = [660, 1_320].into_iter().map(|s| sent.plus_secs(s)).filter(|_| op.kind.is_create());
    early.chain(proof).chain([next_daily(sent, now)]).filter(|at| *at > now).min()
}

/// The next whole number of days after `from` that lies after `now`.
fn next_daily(from: Moment, now: Moment) -> Moment {
    const DAY_MS: i64 = 86_400_000;
    let days = now.ms_since(from).max(0).div_euclid(DAY_MS).saturating_add(1);
    from.plus_days(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PaymentState as S;
    use crate::reading::tests::payment;

    const RULE: Polling = Polling { screen_s: 3, screen_later_s: 10, after_expiry_days: 14 };

    #[test]
    fn the_numbers_have_bounds_and_the_rule_is_what_a_shop_begins_with() {
        assert_eq!(Polling::default(), RULE);
        assert_eq!(RULE.out_of_bounds(), None);
        assert_eq!(Polling { screen_s: 2, ..RULE }.out_of_bounds(), Some(("screen_s", 3, 30)));
        assert_eq!(Polling { screen_later_s: 121, ..RULE }.out_of_bounds(), Some(("screen_later_s", 5, 120)));
        let least = Polling { screen_s: 3, screen_later_s: 5, after_expiry_days: 7 };
        assert_eq!(least.out_of_bounds(), None);
        assert_eq!(
            Polling { after_expiry_days: 6, ..least }.out_of_bounds(),
            Some(("after_expiry_days", 7, 60))
        );
    }

    #[test]
    fn on_screen_three_seconds_for_two_minutes_then_ten() {
        let since = Moment::from_millis(0);
        let next = |asked, way| next_on_screen(RULE, since, Moment::from_millis(asked), way).millis();
        assert_eq!((next(119_999, 0), next(120_000, 0)), (122_999, 130_000));
        // the answer is there in time; a slow bank, and a clock that was set back, do not change the pace
        assert_eq!((next(0, 120), next(0, 901), next(0, -5)), (2_880, 2_100, 3_000));
    }

    #[test]
    fn in_the_background_at_1_5_15_60_minutes_at_the_end_and_daily_for_14_days() {
        let mut p = payment(S::Awaiting);
        p.expires_at = p.created_at.plus_days(3);
        let mut now = p.created_at;
        let mut minutes = Vec::new();
        while let Some(at) = next_in_background(RULE, &p, now) {
            minutes.push(at.ms_since(p.created_at) / 60_000);
            now = at;
        }
        assert_eq!(minutes[..8], [1, 5, 15, 60, 1440, 2880, 4320, 4321]);
        assert_eq!(minutes.last(), Some(&(17 * 1440)));
        p.state = S::Paid;
        assert_eq!(next_in_background(RULE, &p, p.created_at), None);
        p.state = S::Expired;
        assert!(next_in_background(RULE, &p, p.expires_at.plus_days(13)).is_some());
        assert_eq!(next_in_background(RULE, &p, p.expires_at.plus_days(14)), None);
    }

    #[test]
    fn a_card_at_ctbc_35_minutes_after_its_form_after_the_batch_then_daily_until_it_is_captured() {
        let mut p = payment(S::Awaiting);
        p.rail = Rail::CtbcCard;
        // handed out two minutes after the sale
        p.expires_at = p.created_at.plus_mins(2 + PAGE_LIFE_MINS);
        let batch = p.created_at.plus_mins(600);
        let minutes = |p: &Payment| {
            let (mut now, mut minutes) = (p.created_at, Vec::new());
            while let Some(at) = next_of_card(RULE, p, Some(batch).filter(|b| *b > now), now) {
                minutes.push(at.ms_since(p.created_at) / 60_000);
                now = at;
                if minutes.len() > 40 {
                    break;
                }
            }
            minutes
        };
        assert_eq!(minutes(&p)[..8], [1, 5, 15, 37, 60, 600, 1440, 2880]);
        assert!(minutes(&p).len() > 40, "what nobody has answered is asked on");
        p.state = S::Expired;
        assert_eq!(minutes(&p).last(), Some(&(14 * 1440)), "without an approval it stops");
        p.state = S::Paid;
        p.card = Some(CardState::CaptureQueued);
        assert_eq!(minutes(&p)[..4], [37, 600, 1440, 2880]);
        assert!(minutes(&p).len() > 40, "money is followed until it is collected");
        p.card = Some(CardState::Captured);
        assert!(minutes(&p).is_empty());
    }

    #[test]
    fn when_nobody_asks_any_more_about_a_card_that_was_never_approved() {
        let mut p = payment(S::Expired);
        p.rail = Rail::CtbcCard;
        let last = p.expires_at.plus_days(14);
        assert_eq!(stopped_asking(RULE, &p, last), None, "it may still be asked about now");
        assert!(next_of_card(RULE, &p, None, last.plus_mins(-1)).is_some());
        assert_eq!(stopped_asking(RULE, &p, last.plus_mins(1)), Some(last));
        assert_eq!(next_of_card(RULE, &p, None, last.plus_mins(1)), None, "and it is not asked about");
        let week = Polling { after_expiry_days: 7, ..RULE };
        assert_eq!(stopped_asking(week, &p, last), Some(p.expires_at.plus_days(7)));
        for state in S::ALL {
            p.state = state;
            let ended = matches!(state, S::NotIssued | S::Expired | S::Cancelled | S::Failed);
            assert_eq!(stopped_asking(RULE, &p, last.plus_days(9)).is_some(), ended, "{state:?}");
        }
        p.state = S::Expired;
        p.rail = Rail::SinopacAccount;
        assert_eq!(stopped_asking(RULE, &p, last.plus_days(9)), None, "its money is seen by the sweep");
    }
}
