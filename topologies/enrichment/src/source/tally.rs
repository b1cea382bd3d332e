//! [`FeedTally`]: what became of what came over a feed.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What became of what came over a feed, since the source was made.
#[derive(Debug, Default)]
pub struct FeedTally {
    pub(super) received: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) passed_over: AtomicU64,
    pub(super) too_long: AtomicU64,
    pub(super) done: AtomicU64,
    pub(super) connections: AtomicU64,
}

impl FeedTally {
    /// Events that came, however often.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Those that had come before, and were known by their id. They went no further.
    pub fn repeated(&self) -> u64 {
        self.repeated.load(Relaxed)
    }

    /// Those that are of no interest, such as a feed's own tests of itself.
    pub fn passed_over(&self) -> u64 {
        self.passed_over.load(Relaxed)
    }

    /// Those that were longer than they may be. They are lost, and said in the log.
    pub fn too_long(&self) -> u64 {
        self.too_long.load(Relaxed)
    }

    /// Events of which everything was done.
    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }

    /// Connections that were tried.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }
}
