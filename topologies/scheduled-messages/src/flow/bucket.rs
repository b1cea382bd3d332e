//! What the configuration allows an account.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};

use crate::destination::Quota;

/// A token bucket: full at first, and full again when a window has passed.
pub(super) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, Hand, NoOpMiddleware<Duration>>,
    made_at: Instant,
    window: Duration,
    last: Instant,
}

/// The clock of a bucket: it stands where it was put. Counts from when the bucket was made.
#[derive(Clone, Debug, Default)]
struct Hand(Cell<Duration>);

impl Clock for Hand {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

impl Bucket {
    /// A full bucket; `None` if the quota is as good as none.
    pub(super) fn new(quota: Quota, now: Instant) -> Option<Self> {
        let messages = NonZeroU32::new(quota.messages).unwrap_or(NonZeroU32::MIN);
        let refill = governor::Quota::with_period(quota.window / messages.get())?;
        let limiter = RateLimiter::direct_with_clock(refill.allow_burst(messages), Hand::default());
        Some(Self { limiter, made_at: now, window: quota.window, last: now })
    }

    /// Takes a token, or says when there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        self.limiter.clock().0.set(now.saturating_duration_since(self.made_at));
        self.limiter.check().map_err(|not_until| self.made_at + not_until.earliest_possible())?;
        self.last = self.last.max(now);
        Ok(())
    }

    /// From when on it is full.
    pub(super) fn full_from(&self) -> Instant {
        self.last + self.window
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("window", &self.window)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}
