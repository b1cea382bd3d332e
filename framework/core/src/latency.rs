//! [`Latency`]: how long something took, each time that it happened, as counts by bucket.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

/// The upper bounds of the buckets of a [`Latency`] in seconds, each within its bucket: 1, 2.5 and 5 times a power of
/// ten from a microsecond to 100 seconds. One bucket more is above all of them.
pub const LATENCY_BOUNDS: &[f64] = &[
    1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1,
    0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0,
];

const BUCKETS: usize = LATENCY_BOUNDS.len() + 1;

/// [`LATENCY_BOUNDS`] in nanoseconds.
const NANOS: [u64; LATENCY_BOUNDS.len()] = nanos();

#[allow(clippy::indexing_slicing, reason = "the compiler runs it")]
const fn nanos() -> [u64; LATENCY_BOUNDS.len()] {
    let mut nanos = [0; LATENCY_BOUNDS.len()];
    let mut at = 0;
    while at < nanos.len() {
        nanos[at] = (LATENCY_BOUNDS[at] * 1e9 + 0.5) as u64;
        at += 1;
    }
    nanos
}

/// How long something took, each time that it happened.
///
/// ```
/// use squall_core::{LATENCY_BOUNDS, Latency};
///
/// let mut counts = vec![0; LATENCY_BOUNDS.len() + 1];
/// (counts[12], counts[15]) = (90, 10); // (5 ms, 10 ms] and (50 ms, 100 ms]
/// let latency = Latency { counts, sum_seconds: 1.5 };
///
/// assert_eq!(latency.count(), 100);
/// assert_eq!(latency.quantile(0.9), Some(0.01));
/// assert!((latency.quantile(0.95).unwrap() - 0.075).abs() < 1e-9);
/// assert_eq!(latency.since(&latency).quantile(0.5), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// How often it took what falls into a bucket, by the bounds of [`LATENCY_BOUNDS`]: a bucket has its own count and
    /// not that of those below it. Empty where nothing is measured.
    pub counts: Vec<u64>,
    /// All these times together, in seconds.
    pub sum_seconds: f64,
}

impl Latency {
    /// How often it happened.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The mean time in seconds; `None` if it never happened.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum_seconds / count as f64)
    }

    /// The time in seconds that a share `q` of all times does not exceed; `None` if it never happened.
    ///
    /// What lies in one bucket is taken for evenly spread over it. If all times lie in one, their mean says more and
    /// is the answer. Of times above all bounds only that is known: the answer is the last bound.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * total as f64;
        let (mut below, mut lower) = (0, 0.0);
        for (&count, &upper) in self.counts.iter().zip(LATENCY_BOUNDS) {
            if count == total {
                return self.mean().map(|mean| mean.clamp(lower, upper));
            }
            if count > 0 && (below + count) as f64 >= rank {
                let share = ((rank - below as f64) / count as f64).clamp(0.0, 1.0);
                return Some(lower + share * (upper - lower));
            }
            below += count;
            lower = upper;
        }
        Some(lower)
    }

    /// What happened since `earlier`, a look at the same thing.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = earlier.counts.iter().chain(std::iter::repeat(&0));
        Self {
            counts: self.counts.iter().zip(before).map(|(now, then)| now.saturating_sub(*then)).collect(),
            sum_seconds: (self.sum_seconds - earlier.sum_seconds).max(0.0),
        }
    }

    /// Adds what happened elsewhere.
    pub fn add(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, count)| *sum += count);
        self.sum_seconds += other.sum_seconds;
    }
}

/// A [`Latency`] that one task writes and anyone reads.
#[derive(Debug)]
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS],
    sum_nanos: AtomicU64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS], sum_nanos: AtomicU64::new(0) }
    }

    /// It took this long, so many times.
    pub(crate) fn record(&self, time: Duration, times: u64) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let bucket = NANOS.partition_point(|bound| *bound < nanos);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(times, Relaxed);
        }
        self.sum_nanos.fetch_add(nanos.saturating_mul(times), Relaxed);
    }

    pub(crate) fn read(&self) -> Latency {
        Latency {
            counts: self.counts.iter().map(|count| count.load(Relaxed)).collect(),
            sum_seconds: Duration::from_nanos(self.sum_nanos.load(Relaxed)).as_secs_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[(f64, u64)]) -> Latency {
        let histogram = Histogram::new();
        times.iter().for_each(|(seconds, times)| histogram.record(Duration::from_secs_f64(*seconds), *times));
        histogram.read()
    }

    #[test]
    fn a_bound_lies_in_the_bucket_below_it_and_what_is_above_all_has_one_too() {
        for (bucket, bound) in LATENCY_BOUNDS.iter().enumerate() {
            let at = of(&[(*bound, 1)]);
            assert_eq!(at.counts.iter().position(|count| *count == 1), Some(bucket), "{bound}");
            let above = of(&[(*bound * 1.001, 1)]);
            assert_eq!(above.counts.iter().position(|count| *count == 1), Some(bucket + 1), "{bound}");
        }
    }

    #[test]
    fn a_quantile_lies_in_the_bucket_of_the_time_that_has_its_rank() {
        let mixed = of(&[(0.002, 900), (0.03, 90), (3.0, 9), (200.0, 1)]);
        let expected = [(0.5, 0.001, 0.0025), (0.95, 0.025, 0.05), (0.995, 2.5, 5.0), (1.0, 100.0, 100.0)];
        for (q, least, most) in expected {
            let time = mixed.quantile(q).unwrap_or_default();
            assert!((least..=most).contains(&time), "{q}: {time}");
        }
    }

    #[test]
    fn times_that_are_all_alike_have_their_mean_at_every_quantile() {
        let alike = of(&[(0.01, 1000)]);
        for q in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(alike.quantile(q), Some(0.01));
        }
    }

    #[test]
    fn a_difference_and_what_was_before_it_add_up() {
        let (before, after) = (of(&[(0.01, 3)]), of(&[(0.01, 4), (1.0, 2)]));

        let between = after.since(&before);
        let mut sum = before;
        sum.add(&between);

        assert_eq!(between.count(), 3);
        assert_eq!(sum.counts, after.counts);
        assert_eq!(Latency::default().since(&sum).count(), 0);
    }
}
