//! [`Bucket`]: how often something took so long.

use squall_runtime::{LATENCY_BOUNDS, Latency};

use crate::show::{Count, Percent, Seconds, or_dash};

/// How often something took so long.
pub(super) struct Bucket {
    /// `1.0 ms to 2.5 ms`.
    pub(super) range: String,
    pub(super) count: Count,
    pub(super) percent: Percent,
    /// Of the fullest bucket.
    pub(super) share: f64,
}

/// From the shortest to the longest that occurred.
pub(super) fn all(latency: &Latency) -> Vec<Bucket> {
    let counts = &latency.counts;
    let is_used = |count: &u64| *count > 0;
    let (Some(first), Some(last)) = (counts.iter().position(is_used), counts.iter().rposition(is_used))
    else {
        return Vec::new();
    };
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let total = latency.count().max(1) as f64;
    let used = counts.iter().enumerate().take(last + 1).skip(first);
    let bucket = |(at, count): (usize, &u64)| Bucket {
        range: range(at),
        count: Count(*count),
        percent: Percent(*count as f64 / total),
        share: *count as f64 / most,
    };
    used.map(bucket).collect()
}

fn range(at: usize) -> String {
    let bound = |at: usize| LATENCY_BOUNDS.get(at).copied().map(Seconds);
    let lower = at.checked_sub(1).and_then(bound);
    match (lower, bound(at)) {
        (None, Some(upper)) => format!("up to {upper}"),
        (Some(lower), Some(upper)) => format!("{lower} to {upper}"),
        (lower, None) => format!("more than {}", or_dash(lower)),
    }
}

/// Some points of it.
pub(super) fn quantiles(latency: &Latency) -> Vec<(&'static str, String)> {
    let quantile = |q| or_dash(latency.quantile(q).map(Seconds));
    vec![
        ("mean", or_dash(latency.mean().map(Seconds))),
        ("p50", quantile(0.5)),
        ("p90", quantile(0.9)),
        ("p99", quantile(0.99)),
        ("p99.9", quantile(0.999)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_shown_from_the_first_to_the_last_that_is_used() {
        let mut counts = vec![0; LATENCY_BOUNDS.len() + 1];
        (counts[9], counts[11]) = (30, 10);

        let buckets = all(&Latency { counts, sum_seconds: 0.1 });

        let shown: Vec<_> = buckets.iter().map(|bucket| (bucket.range.as_str(), bucket.count.0)).collect();
        assert_eq!(shown, [("500 µs to 1.0 ms", 30), ("1.0 ms to 2.5 ms", 0), ("2.5 ms to 5.0 ms", 10)]);
        assert_eq!(buckets[2].percent.to_string(), "25 %");
        assert!(all(&Latency::default()).is_empty());
    }
}
