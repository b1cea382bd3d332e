//! [`Status`]: what a topology shows of itself, gathered from counters without asking any task.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;
use squall_core::{ErrorEntry, Kind, Phase, QueueProbe, Reason, RootCounts};

use crate::{
    findings::{self, Finding},
    totals::Totals,
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
    /// Threads that did not come back and were given up, and how many may be.
    pub leaked_threads: LeakedThreads,
    /// Its components, each behind those that it reads from.
    pub components: Vec<ComponentStatus>,
}

/// Threads that are stuck in user code. They cannot be ended, only left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
    /// The names of the components that it reads from.
    pub reads: Vec<String>,
    /// It is a spout that is [paused](crate::Running::pause_component) alone.
    pub paused: bool,
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
    /// How often a call did not come back within `stuck_after`.
    pub stuck: u64,
    /// Attempts that the engine made at roots of this spout, beyond the first of each.
    pub replays: u64,
    /// Roots of this spout that wait for their next attempt; they are pending.
    pub waiting: u64,
    /// Dead letters of this spout.
    pub dead_letters: u64,
    /// The calls of a concurrent bolt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<CallStatus>,
    /// A spout's roots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Roots>,
    /// The tasks of a spout that emit nothing until roots are done: `max_pending` of theirs are pending.
    pub full_tasks: usize,
    /// The tasks of a spout that have nothing more to emit, unless a root fails.
    pub ended_tasks: usize,
    /// Anchors that its tasks have taken by [`Output::hold`](squall_core::Output::hold) and not given up.
    pub held: usize,
    /// A bolt's inboxes: one that its tasks share, or one a task.
    pub inboxes: Vec<InboxStatus>,
    /// Its errors, grouped by message.
    pub errors: Vec<ErrorStatus>,
}

/// The calls of a concurrent bolt at one moment: sums over its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallStatus {
    /// Calls that are under way; those that wait for their turn, their key or their next attempt are among them.
    pub in_flight: u64,
    /// Attempts that followed a failed one.
    pub retried: u64,
    /// Attempts that were given up because their time was over.
    pub timed_out: u64,
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
    /// It has nothing to do and waits for the end of a rebalance.
    Parked,
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

/// Gathers a status, and asks for the threads last: they are counted before a task is named.
pub(crate) fn gather(
    wired: &Wired,
    state: TopologyState,
    uptime: Duration,
    leaked_threads: impl FnOnce() -> LeakedThreads,
) -> Status {
    let mut roots = RootCounts::default();
    let components: Vec<_> = wired
        .components
        .iter()
        .map(|component| of_component(component, &wired.components, &mut roots))
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

fn of_component(
    component: &ComponentWiring,
    all: &[ComponentWiring],
    all_roots: &mut RootCounts,
) -> ComponentStatus {
    let live = component.live();
    let mut totals = live.former;
    live.tasks.iter().for_each(|task| totals.add(&Totals::of(&task.probe.counters)));
    all_roots.add(&totals.roots);
    let kind = match component.kind {
        Kind::Spout => "spout",
        Kind::Bolt => "bolt",
        Kind::SyncBolt => "sync_bolt",
    };
    ComponentStatus {
        name: component.name.to_string(),
        kind,
        tasks: live.tasks.len(),
        reads: component.inputs.iter().filter_map(|from| Some(all.get(*from)?.name.to_string())).collect(),
        paused: component.is_paused.load(Ordering::Relaxed),
        task_states: live.tasks.iter().map(|task| task.state.get()).collect(),
        executed: totals.executed,
        refused: totals.refused,
        skipped: totals.skipped,
        dropped_untracked: totals.dropped_untracked,
        emitted: totals.emitted,
        busy_seconds: totals.busy.as_secs_f64(),
        restarts: totals.restarts,
        stuck: totals.stuck,
        replays: totals.replays,
        waiting: live.tasks.iter().map(|task| task.probe.counters.waiting() as u64).sum(),
        dead_letters: totals.dead_letters,
        calls: component.is_concurrent.then(|| CallStatus {
            in_flight: live.tasks.iter().map(|task| task.probe.counters.calls_in_flight() as u64).sum(),
            retried: totals.calls_retried,
            timed_out: totals.calls_timed_out,
        }),
        roots: (component.kind == Kind::Spout).then(|| totals.roots.into()),
        ended_tasks: live.tasks.iter().filter(|task| task.probe.counters.has_ended()).count(),
        full_tasks: live.tasks.iter().filter(|task| task.is_full()).count(),
        held: live.tasks.iter().map(|task| task.probe.counters.held()).sum(),
        inboxes: live.inboxes.iter().map(|inbox| of_inbox(inbox.probe())).collect(),
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
    const STATES: [TaskState; 6] = [
        TaskState::Waiting,
        TaskState::Running,
        TaskState::Parked,
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
