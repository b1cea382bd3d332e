//! [`Totals`]: the counts of a task, copied, so that they can be added up.

use std::time::Duration;

use squall_core::{RootCounts, TaskProbe};

/// The counts of some tasks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) executed: u64,
    pub(crate) refused: u64,
    pub(crate) skipped: u64,
    pub(crate) dropped_untracked: u64,
    pub(crate) emitted: u64,
    pub(crate) busy: Duration,
    pub(crate) restarts: u64,
    pub(crate) stuck: u64,
    pub(crate) replays: u64,
    pub(crate) dead_letters: u64,
    pub(crate) calls_retried: u64,
    pub(crate) calls_timed_out: u64,
    pub(crate) roots: RootCounts,
}

impl Totals {
    pub(crate) fn of(probe: &TaskProbe) -> Self {
        Self {
            executed: probe.executed(),
            refused: probe.refused(),
            skipped: probe.skipped(),
            dropped_untracked: probe.dropped_untracked(),
            emitted: probe.emitted(),
            busy: probe.busy(),
            restarts: probe.restarts().into(),
            stuck: probe.stuck().into(),
            replays: probe.replays(),
            dead_letters: probe.dead_letters(),
            calls_retried: probe.calls_retried(),
            calls_timed_out: probe.calls_timed_out(),
            roots: probe.roots(),
        }
    }

    /// What a task leaves behind: roots that a lost spout had pending have failed.
    pub(crate) fn left_by(probe: &TaskProbe) -> Self {
        let counts = Self::of(probe);
        Self { roots: counts.roots.abandoned(), ..counts }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.executed += other.executed;
        self.refused += other.refused;
        self.skipped += other.skipped;
        self.dropped_untracked += other.dropped_untracked;
        self.emitted += other.emitted;
        self.busy += other.busy;
        self.restarts += other.restarts;
        self.stuck += other.stuck;
        self.replays += other.replays;
        self.dead_letters += other.dead_letters;
        self.calls_retried += other.calls_retried;
        self.calls_timed_out += other.calls_timed_out;
        self.roots.add(&other.roots);
    }
}
