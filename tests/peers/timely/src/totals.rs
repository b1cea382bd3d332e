//! What the workers did.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// What the workers add up when they end.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    tuples: AtomicU64,
}

impl Totals {
    /// Adds what one worker's last operator took.
    pub(crate) fn add(&self, tuples: u64) {
        self.tuples.fetch_add(tuples, Ordering::Relaxed);
    }

    /// What all did in `elapsed`.
    pub(crate) fn outcome(&self, elapsed: Duration) -> Outcome {
        Outcome { tuples: self.tuples.load(Ordering::Relaxed), elapsed }
    }
}

/// What one run did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Tuples that the last operator took.
    pub(crate) tuples: u64,
    /// From before the first worker was started until the last one had ended.
    pub(crate) elapsed: Duration,
}
