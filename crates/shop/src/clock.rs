//! The clocks: the only place of the program that reads one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use counterfoil_domain::{Moment, Mono, Now};

/// The computer's clock, or one that starts at a chosen instant and runs on (`--at`), or the one of
/// the demo shop. Beside each runs the monotonic clock, which counts sleep and never jumps.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The computer's.
    System,
    /// Starts there; refused for production shops.
    From {
        /// What it showed …
        start: Moment,
        /// … then.
        since: Mono,
    },
    /// The computer's, so many milliseconds ahead; whoever plays the customer moves it on.
    Ahead(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `start` now.
    pub fn starting_at(start: Moment) -> Self {
        Self::From { start, since: mono() }
    }

    /// What both clocks show now.
    pub fn now(&self) -> Now {
        let mono = mono();
        match self {
            Self::System => Now { wall: wall(), mono },
            Self::From { start, since } => Now { wall: start.plus_ms(mono.ms_since(*since)), mono },
            Self::Ahead(ms) => {
                // time that was moved on has passed
                let ahead = ms.load(Ordering::Relaxed);
                Now { wall: wall().plus_ms(ahead), mono: mono.plus_ms(ahead) }
            }
        }
    }

    /// What the wall clock shows now.
    pub fn wall(&self) -> Moment {
        self.now().wall
    }

    /// A chosen clock is for practice.
    pub fn is_chosen(&self) -> bool {
        !matches!(self, Self::System)
    }
}

/// Time since the start of the computer, sleep included, whatever clock was chosen.
pub(crate) fn since_boot() -> Mono {
    mono()
}

#[expect(clippy::disallowed_methods, reason = "this is the composition's clock")]
fn wall() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Moment::from_millis(millis(since))
}

/// Linux and macOS have a monotonic clock that counts sleep under a name of its own.
#[cfg(unix)]
fn mono() -> Mono {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let now = clock_gettime(clock);
    let now = Mono::from_millis(now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000));
    #[cfg(target_os = "linux")]
    let now = now.plus_ms(-moved_for_this_program());
    now
}

/// Linux lets a person start a program whose clock is moved (`unshare --time`): by so many
/// milliseconds.
#[cfg(target_os = "linux")]
fn moved_for_this_program() -> i64 {
    use std::sync::LazyLock;
    // it never changes while a program runs
    static MOVED: LazyLock<i64> = LazyLock::new(|| {
        let offsets = std::fs::read_to_string("/proc/self/timens_offsets");
        offsets.map_or(0, |offsets| boot_offset(&offsets))
    });
    *MOVED
}

/// A line of it: the clock, then seconds and nanoseconds.
#[cfg(target_os = "linux")]
fn boot_offset(offsets: &str) -> i64 {
    let line = offsets.lines().find_map(|line| line.strip_prefix("boottime"));
    let mut numbers = line.unwrap_or_default().split_whitespace().map(str::parse::<i64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(secs)), Some(Ok(nanos))) => secs.saturating_mul(1000).saturating_add(nanos / 1_000_000),
        _ => 0,
    }
}

/// The performance counter of Windows runs on through sleep. It has no number of its own, so it is
/// counted from what the coarser clock said at the start of the program.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "this is the composition's clock")]
fn mono() -> Mono {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<(Duration, Instant)> =
        LazyLock::new(|| (uptime_lib::get().unwrap_or_default(), Instant::now()));
    let (up, start) = *START;
    Mono::from_millis(millis(up.saturating_add(start.elapsed())))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_clock_that_was_moved_for_the_program_is_read_as_the_computers() {
        assert_eq!(
            boot_offset("monotonic           0         0\nboottime        86400 500000000\n"),
            86_400_500
        );
        assert_eq!(boot_offset("monotonic 5 0\nboottime -20 0\n"), -20_000);
        assert_eq!([boot_offset(""), boot_offset("boottime x")], [0, 0]);
    }

    #[test]
    fn a_chosen_clock_runs_with_the_monotonic_one_and_a_moved_one_takes_it_along() {
        let start = Moment::from_millis(1_000_000);
        let Clock::From { since, .. } = Clock::starting_at(start) else { panic!("a chosen clock") };
        let now = Clock::From { start, since: since.plus_ms(-5_000) }.now();
        assert_eq!(now.wall.ms_since(start), now.mono.ms_since(since) + 5_000);
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = Clock::Ahead(Arc::clone(&ahead));
        let before = clock.now();
        ahead.store(3_600_000, Ordering::Relaxed);
        let after = clock.now();
        assert!(
            after.mono.ms_since(before.mono) >= 3_600_000 && after.wall.ms_since(before.wall) >= 3_600_000
        );
    }
}
