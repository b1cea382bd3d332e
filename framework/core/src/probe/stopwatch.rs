//! [`Stopwatch`]: how long something has gone on, also while it does.

use std::{
    sync::{
        LazyLock,
        atomic::{
            AtomicI64, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
            fence,
        },
    },
    time::{Duration, Instant},
};

/// Instants are told as nanoseconds since this one; those before it are negative.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// It does not run.
const STOPPED: i64 = i64::MIN;

/// One task starts and stops it, anyone reads it.
///
/// It never seems to go back: its two numbers are read together, or not at all.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    /// Odd while the numbers are written.
    version: AtomicU64,
    total: AtomicU64,
    since: AtomicI64,
}

impl Default for Stopwatch {
    fn default() -> Self {
        Self { version: AtomicU64::new(0), total: AtomicU64::new(0), since: AtomicI64::new(STOPPED) }
    }
}

impl Stopwatch {
    /// Begins, unless it runs.
    pub(crate) fn start(&self, at: Instant) {
        if self.since.load(Relaxed) == STOPPED {
            self.write(self.total.load(Relaxed), nanos(at));
        }
    }

    /// Ends, if it runs.
    pub(crate) fn stop(&self, at: Instant) {
        let since = self.since.load(Relaxed);
        if since != STOPPED {
            self.write(self.total.load(Relaxed) + between(since, nanos(at)), STOPPED);
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.since.load(Relaxed) != STOPPED
    }

    /// The time until `now`.
    pub(crate) fn read(&self, now: Instant) -> Duration {
        loop {
            let version = self.version.load(Acquire);
            let (total, since) = (self.total.load(Relaxed), self.since.load(Relaxed));
            fence(Acquire);
            if version.is_multiple_of(2) && version == self.version.load(Relaxed) {
                let under_way = if since == STOPPED { 0 } else { between(since, nanos(now)) };
                return Duration::from_nanos(total + under_way);
            }
            // The task was interrupted while it wrote.
            std::thread::yield_now();
        }
    }

    fn write(&self, total: u64, since: i64) {
        let version = self.version.load(Relaxed);
        self.version.store(version.wrapping_add(1), Relaxed);
        fence(Release);
        self.total.store(total, Relaxed);
        self.since.store(since, Relaxed);
        self.version.store(version.wrapping_add(2), Release);
    }
}

fn nanos(at: Instant) -> i64 {
    let origin = *ORIGIN;
    match at.checked_duration_since(origin) {
        Some(after) => after.as_nanos() as i64,
        None => -(origin.saturating_duration_since(at).as_nanos() as i64),
    }
}

fn between(since: i64, until: i64) -> u64 {
    u64::try_from(until.saturating_sub(since)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_what_lies_between_starts_and_stops_and_what_is_under_way() {
        let (watch, began) = (Stopwatch::default(), Instant::now());
        let at = |seconds| began + Duration::from_secs(seconds);
        watch.start(at(1));
        watch.start(at(2));
        watch.stop(at(4));
        watch.stop(at(5));
        watch.start(at(10));

        assert_eq!(watch.read(at(12)), Duration::from_secs(5));
        assert_eq!(watch.read(at(10)), Duration::from_secs(3));
    }

    #[test]
    fn who_reads_while_it_is_written_never_sees_it_go_back() {
        let (watch, began) = (Stopwatch::default(), Instant::now());
        let end = began + Duration::from_millis(20_000);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for turn in 0..20_000 {
                    let at = began + Duration::from_millis(turn);
                    if turn % 2 == 0 { watch.start(at) } else { watch.stop(at) }
                }
            });
            // Read at an instant behind all starts: what is under way counts at least as much as it will.
            let mut least = Duration::ZERO;
            while watch.version.load(Relaxed) < 40_000 {
                let total = watch.read(began).max(least);
                assert!(watch.read(end) >= total, "less than {total:?}");
                least = total;
            }
        });
        assert_eq!(watch.read(end), Duration::from_secs(10));
    }
}
