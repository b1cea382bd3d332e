//! [`Totals`]: the counts of a task, copied, so that they can be added up.

use std::time::{Duration, Instant};

use squall_core::{Latency, RootCounts, StreamProbe, TaskProbe};

/// The counts of some tasks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) executed: u64,
    pub(crate) refused: u64,
    pub(crate) skipped: u64,
    pub(crate) dropped_untracked: u64,
    pub(crate) busy: Duration,
    pub(crate) blocked: Duration,
    pub(crate) idle: Duration,
    pub(crate) restarts: u64,
    pub(crate) stuck: u64,
    pub(crate) replays: u64,
    pub(crate) dead_letters: u64,
    pub(crate) calls_retried: u64,
    pub(crate) calls_timed_out: u64,
    pub(crate) roots: RootCounts,
    /// Of executes, or of roots.
    pub(crate) latency: Latency,
    pub(crate) streams: Vec<StreamTotals>,
}

/// The counts of one stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamTotals {
    pub(crate) emitted: u64,
    pub(crate) to: Vec<SubscriptionTotals>,
}

/// The counts of one subscription.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SubscriptionTotals {
    pub(crate) transferred: u64,
    pub(crate) blocked: Duration,
    /// Some task is.
    pub(crate) is_blocked: bool,
}

impl Totals {
    pub(crate) fn of(probe: &TaskProbe, now: Instant) -> Self {
        Self {
            executed: probe.executed(),
            refused: probe.refused(),
            skipped: probe.skipped(),
            dropped_untracked: probe.dropped_untracked(),
            busy: probe.busy(now),
            blocked: probe.blocked(now),
            idle: probe.idle(now),
            restarts: probe.restarts().into(),
            stuck: probe.stuck().into(),
            replays: probe.replays(),
            dead_letters: probe.dead_letters(),
            calls_retried: probe.calls_retried(),
            calls_timed_out: probe.calls_timed_out(),
            roots: probe.roots(),
            latency: probe.latency(),
            streams: probe.streams().map(|stream| StreamTotals::of(stream, now)).collect(),
        }
    }

    /// What a task leaves behind: roots that a lost spout had pending have failed.
    pub(crate) fn left_by(probe: &TaskProbe, now: Instant) -> Self {
        let mut counts = Self::of(probe, now);
        counts.roots = counts.roots.abandoned();
        for subscription in counts.streams.iter_mut().flat_map(|stream| &mut stream.to) {
            subscription.is_blocked = false;
        }
        counts
    }

    /// Tuples handed to all streams.
    pub(crate) fn emitted(&self) -> u64 {
        self.streams.iter().map(|stream| stream.emitted).sum()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.executed += other.executed;
        self.refused += other.refused;
        self.skipped += other.skipped;
        self.dropped_untracked += other.dropped_untracked;
        self.busy += other.busy;
        self.blocked += other.blocked;
        self.idle += other.idle;
        self.restarts += other.restarts;
        self.stuck += other.stuck;
        self.replays += other.replays;
        self.dead_letters += other.dead_letters;
        self.calls_retried += other.calls_retried;
        self.calls_timed_out += other.calls_timed_out;
        self.roots.add(&other.roots);
        self.latency.add(&other.latency);
        // The streams of a component and their readers are the same at any time.
        let streams = self.streams.len().max(other.streams.len());
        self.streams.resize_with(streams, StreamTotals::default);
        self.streams.iter_mut().zip(&other.streams).for_each(|(sum, stream)| sum.add(stream));
    }
}

impl StreamTotals {
    fn of(probe: &StreamProbe, now: Instant) -> Self {
        let to = probe.subscriptions().iter().map(|subscription| SubscriptionTotals {
            transferred: subscription.transferred(),
            blocked: subscription.blocked(now),
            is_blocked: subscription.is_blocked(),
        });
        Self { emitted: probe.emitted(), to: to.collect() }
    }

    fn add(&mut self, other: &Self) {
        self.emitted += other.emitted;
        self.to.resize_with(self.to.len().max(other.to.len()), SubscriptionTotals::default);
        for (sum, subscription) in self.to.iter_mut().zip(&other.to) {
            sum.transferred += subscription.transferred;
            sum.blocked += subscription.blocked;
            sum.is_blocked |= subscription.is_blocked;
        }
    }
}
