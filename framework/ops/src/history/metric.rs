//! [`Metric`]: what charts can show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ring::Fold;
use crate::seen::{ComponentSeen, TopologySeen};

/// What charts can show of a component, or of a topology as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// Tuples emitted a second; of a topology: roots.
    Emitted,
    /// Executes that answered, a second.
    Executed,
    /// Roots acked a second.
    Acked,
    /// Roots failed a second; of a bolt: executes that answered with an error.
    Failed,
    /// Roots without an outcome.
    Pending,
    /// Tuples that wait in the inboxes.
    QueueDepth,
    /// Seconds that the oldest of them has waited.
    QueueOldest,
    /// The share of what its tasks can do that is used, 0 to 1; of a topology: of its most loaded component.
    Capacity,
    /// The share of the time in which its tasks wait for room downstream, 0 to 1.
    Blocked,
    /// Seconds within which half of the executes answer.
    ExecuteP50,
    /// Seconds within which 99 of 100 executes answer.
    ExecuteP99,
    /// Seconds within which half of the roots are acked.
    CompleteP50,
    /// Seconds within which 99 of 100 roots are acked.
    CompleteP99,
    /// Tasks rebuilt a second.
    Restarts,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Emitted,
        Self::Executed,
        Self::Acked,
        Self::Failed,
        Self::Pending,
        Self::QueueDepth,
        Self::QueueOldest,
        Self::Capacity,
        Self::Blocked,
        Self::ExecuteP50,
        Self::ExecuteP99,
        Self::CompleteP50,
        Self::CompleteP99,
        Self::Restarts,
    ];

    pub(super) fn index(self) -> usize {
        self as usize
    }

    /// As it is called in the interface: `queue_depth`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Emitted => "emitted",
            Self::Executed => "executed",
            Self::Acked => "acked",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::QueueDepth => "queue_depth",
            Self::QueueOldest => "queue_oldest",
            Self::Capacity => "capacity",
            Self::Blocked => "blocked",
            Self::ExecuteP50 => "execute_p50",
            Self::ExecuteP99 => "execute_p99",
            Self::CompleteP50 => "complete_p50",
            Self::CompleteP99 => "complete_p99",
            Self::Restarts => "restarts",
        }
    }

    /// The metric with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// How several seconds become one number: a peak must not vanish in a mean.
    pub(super) fn fold(self) -> Fold {
        match self {
            Self::Emitted | Self::Executed | Self::Acked | Self::Failed | Self::Restarts => Fold::Mean,
            Self::Blocked | Self::Capacity => Fold::Mean,
            _ => Fold::Most,
        }
    }

    /// Several numbers as one, as charts do it; `None` of nothing.
    #[cfg(feature = "history")]
    pub(crate) fn of_several(self, values: impl Iterator<Item = f32>) -> Option<f32> {
        let (mut count, mut sum, mut most) = (0_u16, 0.0, f32::NEG_INFINITY);
        for value in values {
            (count, sum, most) = (count.saturating_add(1), sum + value, most.max(value));
        }
        (count > 0).then(|| if self.fold() == Fold::Mean { sum / f32::from(count) } else { most })
    }

    pub(crate) fn of_component(self, seen: &ComponentSeen) -> Option<f64> {
        match self {
            Self::Emitted => Some(seen.emitted_per_s),
            Self::Executed => Some(seen.executed_per_s),
            Self::Acked => Some(seen.acked_per_s),
            Self::Failed => Some(seen.failed_per_s),
            Self::Pending => Some(seen.pending as f64),
            Self::QueueDepth => Some(seen.queue_depth as f64),
            Self::QueueOldest => Some(seen.queue_oldest_seconds),
            Self::Capacity => Some(seen.capacity),
            Self::Blocked => Some(seen.blocked),
            Self::ExecuteP50 => seen.execute_p50_seconds,
            Self::ExecuteP99 => seen.execute_p99_seconds,
            Self::CompleteP50 => seen.complete_p50_seconds,
            Self::CompleteP99 => seen.complete_p99_seconds,
            Self::Restarts => Some(seen.restarts_per_s),
        }
    }

    pub(crate) fn of_topology(self, seen: &TopologySeen) -> Option<f64> {
        let components = || seen.components.iter();
        let sum = |of: fn(&ComponentSeen) -> f64| Some(components().map(of).sum());
        let most = |of: fn(&ComponentSeen) -> f64| Some(components().map(of).fold(0.0, f64::max));
        let slowest = |of: fn(&ComponentSeen) -> Option<f64>| components().filter_map(of).reduce(f64::max);
        match self {
            Self::Emitted => Some(seen.emitted_per_s),
            Self::Acked => Some(seen.acked_per_s),
            Self::Failed => Some(seen.failed_per_s),
            Self::Pending => Some(seen.pending as f64),
            Self::CompleteP50 => seen.complete_p50_seconds,
            Self::CompleteP99 => seen.complete_p99_seconds,
            Self::Executed => sum(|seen| seen.executed_per_s),
            Self::QueueDepth => sum(|seen| seen.queue_depth as f64),
            Self::Restarts => sum(|seen| seen.restarts_per_s),
            Self::QueueOldest => most(|seen| seen.queue_oldest_seconds),
            Self::Capacity => most(|seen| seen.capacity),
            Self::Blocked => most(|seen| seen.blocked),
            Self::ExecuteP50 => slowest(|seen| seen.execute_p50_seconds),
            Self::ExecuteP99 => slowest(|seen| seen.execute_p99_seconds),
        }
    }
}
