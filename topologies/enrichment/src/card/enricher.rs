//! What the card tells of an enricher.

use squall_ops::show::{Count, Percent, Seconds, or_dash};

use crate::EnricherOutlook;

/// What the card tells of an enricher.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) answers: Count,
    pub(super) p50: String,
    pub(super) p99: String,
    /// The share of what it remembered.
    pub(super) remembered: String,
    /// What it could not tell and why, the most frequent reason first.
    pub(super) missing: Vec<(Count, String)>,
}

impl Told {
    pub(super) fn of(enricher: &EnricherOutlook) -> Self {
        let time = |ms: Option<f64>| or_dash(ms.map(|ms| Seconds(ms / 1e3)));
        let looked = enricher.cache_hits.zip(enricher.cache_misses);
        let share = looked.filter(|(hits, misses)| hits + misses > 0);
        let share = share.map(|(hits, misses)| Percent(hits as f64 / (hits + misses) as f64));
        let mut missing: Vec<_> = enricher.missing.iter().map(|(why, count)| (*count, why)).collect();
        missing.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        Self {
            name: enricher.name.clone(),
            answers: Count(enricher.answers),
            p50: time(enricher.p50_ms),
            p99: time(enricher.p99_ms),
            remembered: or_dash(share),
            missing: missing.into_iter().map(|(count, why)| (Count(count), why.replace('_', " "))).collect(),
        }
    }
}
