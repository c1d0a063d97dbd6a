//! When a payment is asked about next (money rules 3 and 6). The numbers are settings with bounds in one place.

use crate::operation::Operation;
use crate::payment::Payment;
use crate::time::Moment;

/// On screen: every 3 s …
pub const SCREEN_FAST_MS: i64 = 3_000;
/// … for 2 min …
pub const SCREEN_FAST_FOR_MS: i64 = 120_000;
/// … then every 10 s.
pub const SCREEN_SLOW_MS: i64 = 10_000;
/// In the background: this many minutes after it was issued …
pub const BACKGROUND_MINS: [i64; 4] = [1, 5, 15, 60];
/// … then daily, until this many days after expiry: late money is normal.
pub const AFTER_EXPIRY_DAYS: i64 = 14;
/// An unclear operation is read this many seconds after its send …
pub const UNCLEAR_SECS: [i64; 3] = [60, 300, 3_600];
/// … a create also at these …
pub const UNCLEAR_CREATE_SECS: [i64; 2] = [5, 20];
/// … then daily. The end is made certain soon after the time the customer had.
pub const SETTLE_AFTER_EXPIRY_MS: i64 = 60_000;

/// The next question about a payment on the screen since `since`.
pub fn next_on_screen(since: Moment, now: Moment) -> Moment {
    now.plus_ms(if now.ms_since(since) < SCREEN_FAST_FOR_MS { SCREEN_FAST_MS } else { SCREEN_SLOW_MS })
}

/// The next question about a payment in the background, later than `now`; `None`: no more by itself. The sweep still sees its
/// money.
pub fn next_in_background(payment: &Payment, now: Moment) -> Option<Moment> {
    if payment.state.has_money() || payment.state == crate::PaymentState::Released {
        return None;
    }
    let last = payment.expires_at.plus_days(AFTER_EXPIRY_DAYS);
    let early = BACKGROUND_MINS.into_iter().map(|m| payment.created_at.plus_mins(m));
    let at_end = payment.state.is_open().then(|| payment.expires_at.plus_ms(SETTLE_AFTER_EXPIRY_MS));
    let daily = next_daily(payment.created_at, now);
    let next = early.chain(at_end).chain([daily]).filter(|at| *at > now).min();
    next.filter(|at| *at <= last || payment.state == crate::PaymentState::Authorized)
}

/// The next scheduled reading of an unclear operation, later than `now`.
pub fn next_reading(op: &Operation, now: Moment) -> Option<Moment> {
    if !op.state.wants_reading() {
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

    #[test]
    fn on_screen_three_seconds_for_two_minutes_then_ten() {
        let since = Moment::from_millis(0);
        assert_eq!(next_on_screen(since, Moment::from_millis(119_999)).millis(), 122_999);
        assert_eq!(next_on_screen(since, Moment::from_millis(120_000)).millis(), 130_000);
    }

    #[test]
    fn in_the_background_at_1_5_15_60_minutes_at_the_end_and_daily_for_14_days() {
        let mut p = payment(S::Awaiting);
        p.expires_at = p.created_at.plus_days(3);
        let mut now = p.created_at;
        let mut minutes = Vec::new();
        while let Some(at) = next_in_background(&p, now) {
            minutes.push(at.ms_since(p.created_at) / 60_000);
            now = at;
        }
        assert_eq!(minutes[..8], [1, 5, 15, 60, 1440, 2880, 4320, 4321]);
        assert_eq!(minutes.last(), Some(&(17 * 1440)));
        p.state = S::Paid;
        assert_eq!(next_in_background(&p, p.created_at), None);
        p.state = S::Expired;
        assert!(next_in_background(&p, p.expires_at.plus_days(13)).is_some());
        assert_eq!(next_in_background(&p, p.expires_at.plus_days(14)), None);
    }
}
