//! The clock: the only place of the program that reads one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use counterfoil_domain::Moment;

/// The computer's clock, or one that starts at a chosen instant and runs on (`--at`), or the one of the demo shop.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The computer's.
    System,
    /// Starts there; refused for production shops.
    From {
        /// What it showed …
        start: Moment,
        /// … then.
        since: Instant,
    },
    /// The computer's, so many milliseconds ahead; whoever plays the customer moves it on.
    Ahead(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `start` now.
    #[expect(clippy::disallowed_methods, reason = "this is the composition's clock")]
    pub fn starting_at(start: Moment) -> Self {
        Self::From { start, since: Instant::now() }
    }

    /// What it shows now.
    #[expect(clippy::disallowed_methods, reason = "this is the composition's clock")]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                Moment::from_millis(millis(since))
            }
            Self::From { start, since } => start.plus_ms(millis(since.elapsed())),
            Self::Ahead(ms) => Self::System.now().plus_ms(ms.load(Ordering::Relaxed)),
        }
    }

    /// A chosen clock is for practice.
    pub fn is_chosen(&self) -> bool {
        !matches!(self, Self::System)
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
