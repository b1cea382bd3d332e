//! [`Ticker`]: the periodic timer of a task.

use std::{
    task::{Context, Poll},
    time::{Duration, Instant},
};

use crate::host::{Host, LocalFuture};

/// Fires every period; periods that nobody could attend to are skipped.
pub(crate) struct Ticker {
    period: Duration,
    next: Instant,
    timer: Option<LocalFuture<'static, ()>>,
}

impl Ticker {
    pub(crate) fn new(period: Duration, now: Instant) -> Self {
        Self { period, next: now + period, timer: None }
    }

    /// Whether a period has ended; if so the next one begins. For a task that is too busy to wait.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        let late = now.saturating_duration_since(self.next);
        let missed = late.as_nanos() / self.period.as_nanos().max(1);
        let periods = u32::try_from(missed + 1).unwrap_or(u32::MAX);
        self.next += self.period.saturating_mul(periods);
        self.timer = None;
        true
    }

    /// Ready when [`is_due`](Self::is_due) is worth asking.
    pub(crate) fn poll(&mut self, host: &dyn Host, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| host.sleep_until(self.next));
        let poll = timer.as_mut().poll(cx);
        if poll.is_ready() {
            self.timer = None;
        }
        poll
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_periods_are_skipped_and_the_beat_is_kept() {
        let start = Instant::now();
        let mut ticker = Ticker::new(Duration::from_millis(10), start);

        assert!(!ticker.is_due(start + Duration::from_millis(9)));
        assert!(ticker.is_due(start + Duration::from_millis(35)));
        assert!(!ticker.is_due(start + Duration::from_millis(39)));
        assert!(ticker.is_due(start + Duration::from_millis(40)));
    }
}
