//! What a destination said is left before it refuses more.

use std::time::{Duration, Instant};

/// Two resets so close to each other are the same: destinations tell them in whole seconds, and answers take a while.
const SAME: Duration = Duration::from_secs(2);

/// When so few are left, they are paced, if the destination did not say of how many.
const FEW: u64 = 10;

/// What is left until a reset: as fast as one likes while there is plenty, and then evenly until the reset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    left: u64,
    /// From here on they are paced.
    few: u64,
    /// When the last one went.
    last: Instant,
    resets_at: Instant,
}

impl Window {
    pub(super) fn new(left: u64, of: Option<u64>, now: Instant, resets_at: Instant) -> Self {
        let few = of.map_or(FEW, |limit| (limit / 10).max(1));
        Self { left, few, last: now, resets_at }
    }

    /// Takes in a newer word; of the same window, the lower count holds, because answers overtake each other.
    pub(super) fn learn(&mut self, said: Self) {
        let apart = said.resets_at.max(self.resets_at) - said.resets_at.min(self.resets_at);
        let left = if apart <= SAME { said.left.min(self.left) } else { said.left };
        *self = Self { left, last: self.last, ..said };
    }

    /// Not before this instant; in the past if there is no need to wait.
    pub(super) fn earliest(&self) -> Instant {
        if self.left > self.few {
            return self.last;
        }
        let parts = u32::try_from(self.left).unwrap_or(u32::MAX).saturating_add(1);
        self.last + self.resets_at.saturating_duration_since(self.last) / parts
    }

    pub(super) fn take(&mut self, now: Instant) {
        self.left = self.left.saturating_sub(1);
        self.last = now;
    }

    pub(super) fn resets_at(&self) -> Instant {
        self.resets_at
    }
}
