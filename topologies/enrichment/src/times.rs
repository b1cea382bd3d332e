//! [`Times`]: how often something took how long.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use squall::{LATENCY_BOUNDS, Latency};

/// How often something took how long.
#[derive(Debug, Default)]
pub(crate) struct Times {
    counts: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    nanos: AtomicU64,
}

impl Times {
    pub(crate) fn note(&self, took: Duration) {
        self.note_each(took, 1);
    }

    /// So many took this long each.
    pub(crate) fn note_each(&self, took: Duration, times: u64) {
        let seconds = took.as_secs_f64();
        let bucket = LATENCY_BOUNDS.partition_point(|bound| *bound < seconds);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(times, Relaxed);
        }
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos.saturating_mul(times), Relaxed);
    }

    pub(crate) fn latency(&self) -> Latency {
        Latency {
            counts: self.counts.iter().map(|count| count.load(Relaxed)).collect(),
            sum_seconds: Duration::from_nanos(self.nanos.load(Relaxed)).as_secs_f64(),
        }
    }
}
