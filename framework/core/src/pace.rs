//! [`Pace`]: how many tuples a task takes at once, so that a turn stays short however slow the bolt is.

use std::time::{Duration, Instant};

use crate::batch::BATCH;

/// A turn that takes longer gives the rest of its batch back: ticks, neighbours on the thread and other
/// tasks of a shared inbox wait no longer than this and the execute in hand.
const TURN: Duration = Duration::from_millis(5);

/// A port hands over what is older than this, full or not.
pub(crate) const FLUSH_AFTER: Duration = Duration::from_millis(1);

/// Measures the executes of one task and chooses the size of its next batch.
///
/// It begins with one tuple, doubles while batches are quick, and shrinks when they are not. The clock is
/// read a few times a batch, not once a tuple.
pub(crate) struct Pace {
    most: usize,
    until_look: usize,
    began: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self { most: 1, until_look: 1, began: now }
    }

    /// How many tuples to take.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    pub(crate) fn begin(&mut self, now: Instant) {
        self.began = now;
        self.until_look = self.stride();
    }

    /// Counts one execute. Returns whether the clock should be read.
    #[inline]
    pub(crate) fn step(&mut self) -> bool {
        self.until_look -= 1;
        if self.until_look > 0 {
            return false;
        }
        self.until_look = self.stride();
        true
    }

    /// How long the turn has lasted.
    pub(crate) fn took(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// Whether the turn has lasted long enough.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.took(now) >= TURN
    }

    /// The turn ended after `executed` tuples. Returns how long it took.
    pub(crate) fn end(&mut self, executed: usize, now: Instant) -> Duration {
        let took = self.took(now);
        if executed == 0 {
            return took;
        }
        if took >= TURN {
            self.most = (executed / 2).max(1);
        } else if took < TURN / 4 && executed >= self.most {
            self.most = (self.most * 2).min(BATCH);
        }
        took
    }

    fn stride(&self) -> usize {
        (self.most / 4).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_bolt_gets_full_batches_and_a_slow_one_single_tuples() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..10 {
            pace.begin(now);
            now += Duration::from_micros(100);
            pace.end(pace.most(), now);
        }
        assert_eq!(pace.most(), BATCH);

        for _ in 0..10 {
            pace.begin(now);
            now += Duration::from_millis(20);
            pace.end(1, now);
        }
        assert_eq!(pace.most(), 1);
    }
}
