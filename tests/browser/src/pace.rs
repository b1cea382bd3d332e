//! [`Pace`]: so many a second.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// What a spout was kept from emitting for longer than this, it does not make up for.
const BURST: Duration = Duration::from_millis(50);

/// A spout's own speed.
pub(crate) struct Pace {
    due: Instant,
    period: Duration,
}

impl Pace {
    pub(crate) fn per_second(count: u32) -> Self {
        Self { due: Instant::now(), period: Duration::from_secs(1) / count.max(1) }
    }

    /// Waits until the next one is due. Cancel safe: what was waited for stays due.
    pub(crate) async fn next(&mut self) {
        sleep_until(self.due).await;
        let now = Instant::now();
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        self.due = self.due.max(earliest) + self.period;
    }
}
