//! [`StreamProbe`]: what a task has emitted on one stream, and what became of it.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use super::Stopwatch;

/// The counters of one stream of one task.
#[derive(Debug, Default)]
pub struct StreamProbe {
    emitted: AtomicU64,
    to: Vec<SubscriptionProbe>,
}

impl StreamProbe {
    pub(super) fn new(subscriptions: usize) -> Self {
        let to = (0..subscriptions).map(|_| SubscriptionProbe::default()).collect();
        Self { emitted: AtomicU64::new(0), to }
    }

    /// Tuples handed to the stream, each counted once whoever reads it.
    pub fn emitted(&self) -> u64 {
        self.emitted.load(Relaxed)
    }

    /// Its subscriptions, in the order of their declaration.
    pub fn subscriptions(&self) -> &[SubscriptionProbe] {
        &self.to
    }

    pub(crate) fn add_emitted(&self, tuples: usize) {
        self.emitted.fetch_add(tuples as u64, Relaxed);
    }
}

/// The counters of what one task sends to one subscriber.
#[derive(Debug, Default)]
pub struct SubscriptionProbe {
    transferred: AtomicU64,
    blocked: Stopwatch,
}

impl SubscriptionProbe {
    /// Tuples put into the subscriber's inboxes: of an `all` grouping as many for each tuple as there are tasks.
    pub fn transferred(&self) -> u64 {
        self.transferred.load(Relaxed)
    }

    /// Time until `now` in which tuples for the subscriber have waited for room in its inboxes.
    pub fn blocked(&self, now: Instant) -> Duration {
        self.blocked.read(now)
    }

    /// Whether tuples for the subscriber wait for room.
    pub fn is_blocked(&self) -> bool {
        self.blocked.is_running()
    }

    /// So many tuples went; whether others wait for room.
    pub(crate) fn note(&self, sent: usize, is_blocked: bool, now: Instant) {
        if sent > 0 {
            self.transferred.fetch_add(sent as u64, Relaxed);
        }
        if is_blocked {
            self.blocked.start(now);
        } else {
            self.blocked.stop(now);
        }
    }
}
