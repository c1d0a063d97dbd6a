//! One limiter per key: bank calls are spaced so that HTTP requests stay at 2 a second, nonces included (money rules 6).

use counterfoil_domain::Moment;

use crate::ports::BankRequest;

/// HTTP requests a second that a key may make.
const REQUESTS_PER_SEC: i64 = 2;

/// Spaces bank calls.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    free_at: Option<Moment>,
}

impl Limiter {
    /// When the next call may go, not before `now`.
    pub(crate) fn ready_at(&self, now: Moment) -> Moment {
        self.free_at.filter(|at| *at > now).unwrap_or(now)
    }

    /// A call goes now.
    pub(crate) fn spend(&mut self, now: Moment) {
        self.free_at = Some(now.plus_ms(i64::from(BankRequest::HTTP_REQUESTS) * 1000 / REQUESTS_PER_SEC));
    }

    /// The clock was corrected by this much: a wait is neither lengthened nor shortened.
    pub(crate) fn shift(&mut self, ms: i64) {
        self.free_at = self.free_at.map(|at| at.plus_ms(ms));
    }
}
