//! [`Status`]: what a topology shows of itself, gathered from counters without asking any task.

mod component;
mod inbox;
mod stream;
mod task;

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::Serialize;
use squall_core::{Phase, Reason, RootCounts};
use tokio::time::Instant;

use crate::{
    findings::{self, Finding},
    wiring::Wired,
};

pub use component::{CallStatus, ComponentStatus, ErrorStatus};
pub use inbox::InboxStatus;
pub use stream::{StreamStatus, SubscriptionStatus};
pub(crate) use task::StateCell;
pub use task::{TaskState, TaskStatus};

/// A topology at one moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Status {
    /// The topology's name.
    pub topology: String,
    /// What it does.
    pub state: TopologyState,
    /// Seconds since it was started.
    pub uptime_seconds: f64,
    /// The roots of all its spouts.
    pub roots: Roots,
    /// Threads that did not come back and were given up, and how many may be.
    pub leaked_threads: LeakedThreads,
    /// Its components, each behind those that it reads from.
    pub components: Vec<ComponentStatus>,
}

/// Threads that are stuck in user code. They cannot be ended, only left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct LeakedThreads {
    /// So many are left behind.
    pub count: usize,
    /// One more than this fails the topology.
    pub budget: usize,
}

impl Status {
    /// The component with this name.
    pub fn component(&self, name: &str) -> Option<&ComponentStatus> {
        self.components.iter().find(|component| component.name == name)
    }

    /// What keeps the topology from getting on, as far as this status shows it.
    pub fn findings(&self) -> Vec<Finding> {
        findings::of(self)
    }
}

/// What a topology does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TopologyState {
    /// Spouts are asked for tuples.
    Running,
    /// Spouts are not asked.
    Paused,
    /// Spouts are not asked any more; what is in flight comes to its end.
    Draining,
    /// What is in flight fails.
    Stopping,
    /// Over.
    Ended,
    /// Over, because a component could not be kept alive.
    Failed,
}

impl From<Phase> for TopologyState {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Running => Self::Running,
            Phase::Paused => Self::Paused,
            Phase::Draining => Self::Draining,
            Phase::Stopping => Self::Stopping,
        }
    }
}

/// Counts of roots: `emitted == acked + failed + pending`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Roots {
    /// Tracked.
    pub emitted: u64,
    /// Acked.
    pub acked: u64,
    /// Failed for any reason.
    pub failed: u64,
    /// Failed, by reason; reasons that did not occur are left out.
    pub failed_by: BTreeMap<&'static str, u64>,
    /// Without an outcome.
    pub pending: u64,
}

impl From<RootCounts> for Roots {
    fn from(counts: RootCounts) -> Self {
        let by = |reason: Reason| (reason.name(), counts.failed_for(reason));
        Self {
            emitted: counts.emitted,
            acked: counts.acked,
            failed: counts.failed(),
            failed_by: Reason::ALL.into_iter().map(by).filter(|(_, count)| *count > 0).collect(),
            pending: counts.pending,
        }
    }
}

/// Gathers a status, and asks for the threads last: they are counted before a task is named.
pub(crate) fn gather(
    wired: &Wired,
    state: TopologyState,
    uptime: Duration,
    leaked_threads: impl FnOnce() -> LeakedThreads,
) -> Status {
    // The clock of the tasks, which may be virtual.
    let now = Instant::now().into_std();
    let mut roots = RootCounts::default();
    let components: Vec<_> = wired
        .components
        .iter()
        .map(|component| component::gather(component, &wired.components, &mut roots, now))
        .collect();
    Status {
        topology: wired.name.to_string(),
        state,
        uptime_seconds: uptime.as_secs_f64(),
        roots: roots.into(),
        leaked_threads: leaked_threads(),
        components,
    }
}
