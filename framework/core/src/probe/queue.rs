//! [`QueueProbe`]: what an inbox tells about itself.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

/// The gauges of one inbox.
#[derive(Debug)]
pub struct QueueProbe {
    capacity: AtomicUsize,
    depth: AtomicUsize,
    most: AtomicUsize,
    taken: AtomicU64,
    blocked_nanos: AtomicU64,
    /// Producers that wait for room now, and the sum of when they began to, in nanoseconds since `born`.
    blocked_now: AtomicU64,
    blocked_starts: AtomicU64,
    born: Instant,
    /// Nanoseconds from `born` to the arrival of the oldest batch; `u64::MAX` when empty.
    oldest: AtomicU64,
}

impl QueueProbe {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: AtomicUsize::new(capacity),
            depth: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            blocked_nanos: AtomicU64::new(0),
            blocked_now: AtomicU64::new(0),
            blocked_starts: AtomicU64::new(0),
            born: Instant::now(),
            oldest: AtomicU64::new(u64::MAX),
        }
    }

    /// Tuples that fit.
    pub fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.capacity.store(capacity, Relaxed);
    }

    /// Tuples that wait.
    pub fn depth(&self) -> usize {
        self.depth.load(Relaxed)
    }

    /// The greatest depth so far.
    pub fn most(&self) -> usize {
        self.most.load(Relaxed)
    }

    /// Tuples that were taken so far, each once: not again after it was put back.
    pub fn taken(&self) -> u64 {
        self.taken.load(Relaxed)
    }

    /// Time that producers have waited for room until `now`, summed over producers.
    pub fn blocked(&self, now: Instant) -> Duration {
        let waiting = self.blocked_now.load(Relaxed);
        let since_starts = self.nanos(now).saturating_mul(waiting);
        let under_way = since_starts.saturating_sub(self.blocked_starts.load(Relaxed));
        Duration::from_nanos(self.blocked_nanos.load(Relaxed) + under_way)
    }

    /// Producers that wait for room.
    pub fn blocked_producers(&self) -> u64 {
        self.blocked_now.load(Relaxed)
    }

    /// How long the oldest tuple has waited at `now`; `None` when nothing waits.
    pub fn oldest_age(&self, now: Instant) -> Option<Duration> {
        let oldest = self.oldest.load(Relaxed);
        let since = self.born.checked_add(Duration::from_nanos(oldest))?;
        (oldest != u64::MAX).then(|| now.saturating_duration_since(since))
    }

    pub(crate) fn note(&self, depth: usize, taken: usize, oldest: Option<Instant>) {
        self.depth.store(depth, Relaxed);
        if depth > self.most.load(Relaxed) {
            self.most.store(depth, Relaxed);
        }
        if taken > 0 {
            self.taken.fetch_add(taken as u64, Relaxed);
        }
        let nanos = oldest.map_or(u64::MAX, |at| self.nanos(at));
        self.oldest.store(nanos, Relaxed);
    }

    pub(crate) fn begin_block(&self, since: Instant) {
        self.blocked_starts.fetch_add(self.nanos(since), Relaxed);
        self.blocked_now.fetch_add(1, Relaxed);
    }

    pub(crate) fn end_block(&self, since: Instant, now: Instant) {
        self.blocked_now.fetch_sub(1, Relaxed);
        self.blocked_starts.fetch_sub(self.nanos(since), Relaxed);
        let time = now.saturating_duration_since(since);
        self.blocked_nanos.fetch_add(time.as_nanos() as u64, Relaxed);
    }

    fn nanos(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.born).as_nanos() as u64
    }
}
