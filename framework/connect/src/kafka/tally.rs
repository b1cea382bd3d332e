//! [`Tally`]: what has happened to a source since it was made.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What has happened to a [`KafkaSource`](super::KafkaSource) since it was made, over all its tasks.
#[derive(Debug, Default)]
pub struct Tally {
    received: AtomicU64,
    done: AtomicU64,
    lost: AtomicU64,
    assigned: AtomicU64,
    revoked: AtomicU64,
    taken_away: AtomicU64,
    undrained: AtomicU64,
    rejoined: AtomicU64,
    commits: AtomicU64,
    failed_commits: AtomicU64,
}

impl Tally {
    /// Records that came from the broker.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Records of which everything was done.
    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }

    /// Offsets that were gone before they were read.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Partitions that came to a task.
    pub fn assigned(&self) -> u64 {
        self.assigned.load(Relaxed)
    }

    /// Partitions that a task gave back.
    pub fn revoked(&self) -> u64 {
        self.revoked.load(Relaxed)
    }

    /// Partitions that the group took from a task which it held for dead.
    pub fn taken_away(&self) -> u64 {
        self.taken_away.load(Relaxed)
    }

    /// Partitions that were given back before all that was under way was done: that comes again elsewhere.
    pub fn undrained(&self) -> u64 {
        self.undrained.load(Relaxed)
    }

    /// How often a task left the group and joined it anew, since partitions belonged to no member.
    pub fn rejoined(&self) -> u64 {
        self.rejoined.load(Relaxed)
    }

    /// Offsets that the broker has taken.
    pub fn commits(&self) -> u64 {
        self.commits.load(Relaxed)
    }

    /// Offsets that it has not taken; they are offered again.
    pub fn failed_commits(&self) -> u64 {
        self.failed_commits.load(Relaxed)
    }

    pub(super) fn add_received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    pub(super) fn add_done(&self) {
        self.done.fetch_add(1, Relaxed);
    }

    pub(super) fn add_lost(&self, offsets: u64) {
        self.lost.fetch_add(offsets, Relaxed);
    }

    pub(super) fn add_assigned(&self, partitions: usize) {
        self.assigned.fetch_add(partitions as u64, Relaxed);
    }

    pub(super) fn add_revoked(&self, partitions: usize) {
        self.revoked.fetch_add(partitions as u64, Relaxed);
    }

    pub(super) fn add_taken_away(&self, partitions: usize) {
        self.taken_away.fetch_add(partitions as u64, Relaxed);
    }

    pub(super) fn add_undrained(&self, partitions: usize) {
        self.undrained.fetch_add(partitions as u64, Relaxed);
    }

    pub(super) fn add_rejoined(&self) {
        self.rejoined.fetch_add(1, Relaxed);
    }

    pub(super) fn add_commit(&self, has_worked: bool) {
        let counter = if has_worked { &self.commits } else { &self.failed_commits };
        counter.fetch_add(1, Relaxed);
    }
}
