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

/// The same, for what no other start of the program may shorten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SinceBoot {
    /// As the program reads it: two readings of one run are right beside each other.
    pub(crate) at: Mono,
    /// It counts from the start of the computer. Otherwise a person may have moved it.
    pub(crate) known: bool,
}

impl SinceBoot {
    /// What it shows now.
    pub(crate) fn now() -> Self {
        #[cfg(target_os = "linux")]
        let known = moved_for_this_program().is_some();
        #[cfg(not(target_os = "linux"))]
        let known = true;
        Self { at: mono(), known }
    }

    /// Where it is known.
    pub(crate) fn sure(self) -> Option<Mono> {
        self.known.then_some(self.at)
    }
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
    let now = now.plus_ms(-moved_for_this_program().unwrap_or(0));
    now
}

/// Linux lets a person start a program whose clock is moved (`unshare --time`): by so many
/// milliseconds. `None`: nothing tells.
#[cfg(target_os = "linux")]
fn moved_for_this_program() -> Option<i64> {
    use std::sync::LazyLock;
    // it never changes while a program runs
    static MOVED: LazyLock<Option<i64>> = LazyLock::new(|| {
        let has = |name| in_proc(name, rustix::fs::OFlags::PATH).map(drop);
        moved(offsets().ok().as_deref(), [has("self/ns/mnt"), has("self/ns/time")])
    });
    *MOVED
}

/// Of what `/proc` tells: the offsets, and whether it knows a namespace that every kernel has, and
/// the one of clocks. A kernel that has none of these moves no clock.
#[cfg(target_os = "linux")]
fn moved(offsets: Option<&str>, [any, clocks]: [rustix::io::Result<()>; 2]) -> Option<i64> {
    match offsets {
        Some(offsets) => boot_offset(offsets),
        None => (any.is_ok() && clocks == Err(rustix::io::Errno::NOENT)).then_some(0),
    }
}

#[cfg(target_os = "linux")]
fn offsets() -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = in_proc("self/timens_offsets", rustix::fs::OFlags::empty())?;
    std::fs::File::from(file).take(OFFSETS_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// More than two lines take.
#[cfg(target_os = "linux")]
const OFFSETS_BYTES_MAX: u64 = 1_024;

/// A file of the kernel itself: whoever moves a clock can also hide `/proc`, or lay another file
/// over one of it.
#[cfg(target_os = "linux")]
fn in_proc(name: &str, flags: rustix::fs::OFlags) -> rustix::io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, fstatfs, open, openat, openat2};
    let folder = open("/proc", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    if fstatfs(&folder)?.f_type != PROC_SUPER_MAGIC {
        return Err(rustix::io::Errno::XDEV);
    }
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat2(&folder, name, flags, Mode::empty(), ResolveFlags::NO_XDEV) {
        // a kernel from before it has no clocks to move either
        Err(rustix::io::Errno::NOSYS) => openat(&folder, name, flags, Mode::empty()),
        opened => opened,
    }
}

/// A line of it: the clock, then seconds and nanoseconds.
#[cfg(target_os = "linux")]
fn boot_offset(offsets: &str) -> Option<i64> {
    let line = offsets.lines().find_map(|line| line.strip_prefix("boottime"))?;
    let mut numbers = line.split_whitespace().map(str::parse::<i64>);
    let (Some(Ok(secs)), Some(Ok(nanos))) = (numbers.next(), numbers.next()) else { return None };
    Some(secs.saturating_mul(1000).saturating_add(nanos / 1_000_000))
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
        use rustix::io::Errno;
        for (offsets, moved_by) in [
            ("monotonic           0         0\nboottime        86400 500000000\n", Some(86_400_500)),
            ("monotonic 5 0\nboottime -20 0\n", Some(-20_000)),
            ("", None),
            ("boottime x", None),
        ] {
            assert_eq!(moved(Some(offsets), [Ok(()), Ok(())]), moved_by, "{offsets}");
        }
        // a kernel without namespaces of clocks
        assert_eq!(moved(None, [Ok(()), Err(Errno::NOENT)]), Some(0));
        // what tells is hidden
        for namespaces in [[Ok(()), Ok(())], [Err(Errno::NOENT); 2], [Ok(()), Err(Errno::XDEV)]] {
            assert_eq!(moved(None, namespaces), None, "{namespaces:?}");
        }
        let here =
            [in_proc("self/ns/mnt", rustix::fs::OFlags::PATH), in_proc("self/no", rustix::fs::OFlags::PATH)];
        assert!(here[0].is_ok() && here[1].is_err());
        assert!(moved_for_this_program().is_some(), "this system tells");
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
