//! [`Outlook`]: how a topology stands against what it has to do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use squall::Latency;

use super::{CapacityFrom, Point};
use crate::{Missing, Name, Named};

/// Reasons of an enricher that are told one by one; the rest is told together.
const REASONS: usize = 20;

/// What the rest is called.
const OTHER: &str = "other";

/// How the topology stands against what it has to do.
///
/// Rates are means of the last seconds, and times that something took are those of the last minute.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Outlook {
    /// Records that are not done, as far as this process has to do them: those that wait where they come from, and those
    /// that are here.
    pub backlog_records: u64,
    /// Seconds since the oldest of them came; at least, if it came before this process looked. 0 if there is none.
    pub backlog_age_s: f64,
    /// Records a second that arrive.
    pub in_per_s: f64,
    /// Records a second that are done.
    pub out_per_s: f64,
    /// Records a second that could be done.
    pub capacity_per_s: f64,
    /// How that is known.
    pub capacity_from: CapacityFrom,
    /// What could be done beyond what arrives; negative while the backlog grows.
    pub spare_per_s: f64,
    /// Seconds until nothing is left to do; `null` if that never is so at this rate.
    pub predicted_drain_s: Option<f64>,
    /// Records that were gone before they were read, since the process was started.
    pub lost_records: u64,
    /// Seconds until what is forgotten overtakes what is read, if both go on like this; `null` if it does not.
    pub retention_left_s: Option<f64>,
    /// Logs that are read no further, each with the reason.
    pub stopped: Vec<String>,
    /// Activities that wait for answers.
    pub parked: u64,
    /// Bytes of these activities.
    pub parked_bytes: u64,
    /// Activities that may wait for answers; then nothing further is read.
    pub parked_limit: u64,
    /// Half of the activities that waited did so no longer than this; `null` if none did.
    pub waited_p50_ms: Option<f64>,
    /// 99 of a hundred.
    pub waited_p99_ms: Option<f64>,
    /// Each enricher, by name.
    pub enrichers: Vec<EnricherOutlook>,
    /// The backlog of the last quarter of an hour, a point a second, the oldest first.
    pub curve: Vec<Point>,
}

/// How an enricher does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EnricherOutlook {
    /// What it is called.
    pub name: String,
    /// Answers that it gave, since the process was started.
    pub answers: u64,
    /// Half of its answers took no longer than this; `null` if it gave none. Of those that are there at once one in
    /// sixteen is timed.
    pub p50_ms: Option<f64>,
    /// 99 of a hundred.
    pub p99_ms: Option<f64>,
    /// Answers that it remembered; `null` if it remembers nothing.
    pub cache_hits: Option<u64>,
    /// Answers that it did not.
    pub cache_misses: Option<u64>,
    /// What is missing in the events that were written, by the reason: the first twenty by name, and the others as `other`.
    pub missing: BTreeMap<String, u64>,
}

impl EnricherOutlook {
    /// Where its answers took so long lately, and so much is missing of all enrichers.
    pub(super) fn of(named: &Named, took: &Latency, missing: &[(Name, Missing, u64)]) -> Self {
        let cache = named.cache();
        Self {
            name: named.name().to_string(),
            answers: named.answers().given(),
            p50_ms: millis(took, 0.5),
            p99_ms: millis(took, 0.99),
            cache_hits: cache.map(|cache| cache.hits),
            cache_misses: cache.map(|cache| cache.misses),
            missing: reasons(missing.iter().filter(|(name, ..)| name == named.name())),
        }
    }
}

/// The first reasons by name, and the rest together. By name, so that no reason comes out of the rest again: its count
/// only grows.
fn reasons<'a>(missing: impl Iterator<Item = &'a (Name, Missing, u64)>) -> BTreeMap<String, u64> {
    let all: BTreeMap<&str, u64> = missing.map(|(_, why, count)| (why.as_str(), *count)).collect();
    let mut told = BTreeMap::new();
    for (at, (why, count)) in all.into_iter().enumerate() {
        *told.entry(if at < REASONS { why } else { OTHER }.to_owned()).or_default() += count;
    }
    told
}

/// A quantile in milliseconds, to the microsecond.
pub(super) fn millis(took: &Latency, quantile: f64) -> Option<f64> {
    took.quantile(quantile).map(|seconds| (seconds * 1e6).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_reasons_are_told_and_none_is_left_out() {
        const WORDS: &str = "abcdefghijklmnopqrstuvwxyz";
        let name = Name::from("links");
        let missing: Vec<_> =
            (0..26).map(|at| (name.clone(), Missing::new(&WORDS[at..=at]), at as u64 + 1)).collect();

        let told = reasons(missing.iter());

        assert_eq!(told.len(), 21);
        assert_eq!((told["a"], told["other"]), (1, 21 + 22 + 23 + 24 + 25 + 26));
    }
}
