//! [`InboxStatus`].

use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;
use squall_core::QueueProbe;

/// An inbox at one moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InboxStatus {
    /// Tuples that wait.
    pub depth: usize,
    /// The greatest depth so far.
    pub most: usize,
    /// Tuples that fit.
    pub capacity: usize,
    /// Tuples taken so far.
    pub taken: u64,
    /// Seconds that the oldest tuple has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_seconds: Option<f64>,
    /// Seconds that producers have waited for room, those that wait now included.
    pub blocked_seconds: f64,
    /// Producers that wait for room.
    pub blocked_producers: u64,
}

impl InboxStatus {
    pub(super) fn of(probe: &QueueProbe, now: Instant) -> Self {
        Self {
            depth: probe.depth(),
            most: probe.most(),
            capacity: probe.capacity(),
            taken: probe.taken(),
            oldest_seconds: probe.oldest_age(now).map(|age| age.as_secs_f64()),
            blocked_seconds: probe.blocked(now).as_secs_f64(),
            blocked_producers: probe.blocked_producers(),
        }
    }
}
