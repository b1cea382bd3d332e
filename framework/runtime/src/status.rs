//! [`Status`]: what a topology shows of itself, gathered from counters without asking any task.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;
use squall_core::{ErrorEntry, Kind, Phase, QueueProbe, Reason, RootCounts, TaskProbe};

use crate::{
    findings::{self, Finding},
    wiring::{ComponentWiring, Wired},
};

/// A topology at one moment.
#[derive(Clone, Debug, Serialize)]
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
    /// Its components, each behind those that it reads from.
    pub components: Vec<ComponentStatus>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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

/// A component at one moment: sums over its tasks.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ComponentStatus {
    /// Its name.
    pub name: String,
    /// `spout`, `bolt` or `sync_bolt`.
    pub kind: &'static str,
    /// Number of tasks.
    pub tasks: usize,
    /// What each task does.
    pub task_states: Vec<TaskState>,
    /// Executes that answered.
    pub executed: u64,
    /// Executes that answered `Err`.
    pub refused: u64,
    /// Tuples skipped because their root had failed already.
    pub skipped: u64,
    /// Tuples without a root that were lost.
    pub dropped_untracked: u64,
    /// Tuples handed to its streams.
    pub emitted: u64,
    /// Seconds between taking batches and being done with them.
    pub busy_seconds: f64,
    /// How often tasks were rebuilt.
    pub restarts: u64,
    /// A spout's roots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Roots>,
    /// The tasks of a spout that emit nothing until roots are done: `max_pending` of theirs are pending.
    pub full_tasks: usize,
    /// Anchors that its tasks have taken by [`Output::hold`](squall_core::Output::hold) and not given up.
    pub held: usize,
    /// A bolt's inboxes: one that its tasks share, or one a task.
    pub inboxes: Vec<InboxStatus>,
    /// Its errors, grouped by message.
    pub errors: Vec<ErrorStatus>,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskState {
    /// Not built yet: the topology was started paused.
    Waiting,
    /// It runs.
    Running,
    /// It failed and waits for its restart.
    BackingOff,
    /// It came to its end.
    Finished,
    /// It failed and will not be restarted.
    Failed,
}

/// An inbox at one moment.
#[derive(Clone, Debug, Serialize)]
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

/// One kind of error of a component.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ErrorStatus {
    /// What was said.
    pub message: String,
    /// How often.
    pub count: u64,
    /// When first, in seconds since 1970.
    pub first: f64,
    /// When last, in seconds since 1970.
    pub last: f64,
    /// The task of the last occurrence.
    pub task: usize,
}

/// Gathers a status.
pub(crate) fn gather(wired: &Wired, state: TopologyState, uptime: Duration) -> Status {
    let mut roots = RootCounts::default();
    let components: Vec<_> =
        wired.components.iter().map(|component| of_component(component, &mut roots)).collect();
    Status {
        topology: wired.name.to_string(),
        state,
        uptime_seconds: uptime.as_secs_f64(),
        roots: roots.into(),
        components,
    }
}

fn of_component(component: &ComponentWiring, all_roots: &mut RootCounts) -> ComponentStatus {
    let sum =
        |of: fn(&TaskProbe) -> u64| component.tasks.iter().map(|task| of(&task.probe.counters)).sum::<u64>();
    let mut roots = RootCounts::default();
    let mut full_tasks = 0;
    for task in &component.tasks {
        let of_task = task.probe.counters.roots();
        full_tasks += usize::from(of_task.pending >= component.max_pending as u64);
        roots.add(&of_task);
    }
    all_roots.add(&roots);
    let kind = match component.kind {
        Kind::Spout => "spout",
        Kind::Bolt => "bolt",
        Kind::SyncBolt => "sync_bolt",
    };
    ComponentStatus {
        name: component.name.to_string(),
        kind,
        tasks: component.tasks.len(),
        task_states: component.tasks.iter().map(|task| task.state.get()).collect(),
        executed: sum(TaskProbe::executed),
        refused: sum(TaskProbe::refused),
        skipped: sum(TaskProbe::skipped),
        dropped_untracked: sum(TaskProbe::dropped_untracked),
        emitted: sum(TaskProbe::emitted),
        busy_seconds: component.tasks.iter().map(|task| task.probe.counters.busy().as_secs_f64()).sum(),
        restarts: sum(|probe| u64::from(probe.restarts())),
        roots: (component.kind == Kind::Spout).then(|| roots.into()),
        full_tasks,
        held: component.tasks.iter().map(|task| task.probe.counters.held()).sum(),
        inboxes: component.inboxes.iter().map(|inbox| of_inbox(inbox.probe())).collect(),
        errors: component.errors.entries().into_iter().map(of_error).collect(),
    }
}

fn of_inbox(probe: &QueueProbe) -> InboxStatus {
    let now = Instant::now();
    InboxStatus {
        depth: probe.depth(),
        most: probe.most(),
        capacity: probe.capacity(),
        taken: probe.taken(),
        oldest_seconds: probe.oldest_age(now).map(|age| age.as_secs_f64()),
        blocked_seconds: probe.blocked(now).as_secs_f64(),
        blocked_producers: probe.blocked_producers(),
    }
}

fn of_error(entry: ErrorEntry) -> ErrorStatus {
    let seconds =
        |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    ErrorStatus {
        message: entry.message,
        count: entry.count,
        first: seconds(entry.first),
        last: seconds(entry.last),
        task: entry.task,
    }
}

/// The state of a task, written by the supervisor and read by anyone.
#[derive(Debug)]
pub(crate) struct StateCell(AtomicU8);

impl StateCell {
    const STATES: [TaskState; 5] = [
        TaskState::Waiting,
        TaskState::Running,
        TaskState::BackingOff,
        TaskState::Finished,
        TaskState::Failed,
    ];

    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(TaskState::Waiting as u8))
    }

    pub(crate) fn get(&self) -> TaskState {
        let at = usize::from(self.0.load(Ordering::Relaxed));
        Self::STATES.get(at).copied().unwrap_or(TaskState::Failed)
    }

    pub(crate) fn set(&self, state: TaskState) {
        self.0.store(state as u8, Ordering::Relaxed);
    }
}
