//! One limiter per key: bank calls are spaced so that HTTP requests stay at 2 a second, nonces
//! included (money rules 6).

use counterfoil_domain::Mono;

use crate::ports::BankRequest;

/// HTTP requests a second that a key may make.
const REQUESTS_PER_SEC: i64 = 2;
/// From one call to the next, whichever program makes it.
pub const CALLS_APART_MS: i64 = BankRequest::HTTP_REQUESTS * 1000 / REQUESTS_PER_SEC;

/// Spaces bank calls.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    free_at: Option<Mono>,
}

impl Limiter {
    /// When the next call may go, not before `now`.
    pub(crate) fn ready_at(&self, now: Mono) -> Mono {
        self.free_at.map_or(now, |at| at.max(now))
    }

    /// No call has gone yet.
    pub(crate) fn is_unused(&self) -> bool {
        self.free_at.is_none()
    }

    /// A call goes now.
    pub(crate) fn spend(&mut self, now: Mono) {
        self.free_at = Some(now.plus_ms(CALLS_APART_MS));
    }
}
