//! [`ComponentStatus`]: a component with its tasks.

use std::{
    sync::atomic::Ordering,
    time::{Instant, SystemTime},
};

use schemars::JsonSchema;
use serde::Serialize;
use squall_core::{ErrorEntry, Kind, Latency, RootCounts};

use super::{InboxStatus, Roots, StreamStatus, TaskState, TaskStatus, stream, task};
use crate::{
    totals::Totals,
    wiring::{ComponentWiring, Live},
};

/// A component at one moment: sums over its tasks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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
    /// Seconds in which tasks have worked: on tuples, ticks and outcomes. What user code awaits is part of it, unless
    /// that is room downstream; so is time in which calls of a concurrent bolt are under way. It grows while a call
    /// lasts, and not only when it is over.
    pub busy_seconds: f64,
    /// Seconds in which tasks have waited for room downstream; [`SubscriptionStatus`](super::SubscriptionStatus) tells
    /// where.
    pub blocked_seconds: f64,
    /// Seconds in which tasks ran and had nothing to do. A task that is not built, backs off or is over is neither
    /// busy nor blocked nor idle.
    pub idle_seconds: f64,
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
    /// Of a concurrent bolt: how many calls a task may have under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<usize>,
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
    /// Its output streams, and who reads them.
    pub streams: Vec<StreamStatus>,
    /// Each of its tasks, by number.
    pub per_task: Vec<TaskStatus>,
    /// How long executes of a bolt took that answered; of a spout it is empty. Its count is that of `executed`.
    ///
    /// Executes of one turn share its time equally, for the clock is not read for each of them: a turn of a quick bolt
    /// has up to 256, one of a bolt that takes milliseconds has one. A call of a concurrent bolt is measured by
    /// itself, from its begin to its answer, with its retries and the pauses between them.
    #[schemars(with = "LatencyShape")]
    pub execute: Latency,
    /// How long roots of a spout took from `track` to their acks, retries by the engine included; of a bolt it is
    /// empty. Its count is that of the acked roots.
    ///
    /// The clock is read once a turn, which lasts a millisecond unless the spout itself takes longer.
    #[schemars(with = "LatencyShape")]
    pub complete: Latency,
    /// Its errors, grouped by message.
    pub errors: Vec<ErrorStatus>,
}

/// The calls of a concurrent bolt at one moment: sums over its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CallStatus {
    /// Calls that are under way; those that wait for their turn, their key or their next attempt are among them.
    pub in_flight: u64,
    /// Attempts that followed a failed one.
    pub retried: u64,
    /// Attempts that were given up because their time was over.
    pub timed_out: u64,
}

/// How a [`Latency`] is written.
#[derive(JsonSchema)]
#[schemars(rename = "Latency")]
#[expect(dead_code, reason = "it only describes")]
struct LatencyShape {
    /// How many took so long: one for each of the bounds, and one for what took longer.
    counts: Vec<u64>,
    /// The sum of all.
    sum_seconds: f64,
}

impl CallStatus {
    fn of(live: &Live, totals: &Totals) -> Self {
        Self {
            in_flight: live.tasks.iter().map(|task| task.probe.counters.calls_in_flight() as u64).sum(),
            retried: totals.calls_retried,
            timed_out: totals.calls_timed_out,
        }
    }
}

/// One kind of error of a component.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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

impl From<ErrorEntry> for ErrorStatus {
    fn from(entry: ErrorEntry) -> Self {
        let seconds =
            |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Self {
            message: entry.message,
            count: entry.count,
            first: seconds(entry.first),
            last: seconds(entry.last),
            task: entry.task,
        }
    }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Spout => "spout",
        Kind::Bolt => "bolt",
        Kind::SyncBolt => "sync_bolt",
    }
}

pub(super) fn gather(
    component: &ComponentWiring,
    all: &[ComponentWiring],
    all_roots: &mut RootCounts,
    now: Instant,
) -> ComponentStatus {
    let live = component.live();
    let totals = live.totals(now);
    all_roots.add(&totals.roots);
    let is_spout = component.kind == Kind::Spout;
    let (execute, complete) = if is_spout {
        (Latency::default(), totals.latency.clone())
    } else {
        (totals.latency.clone(), Latency::default())
    };
    ComponentStatus {
        name: component.name.to_string(),
        kind: name_of(component.kind),
        tasks: live.tasks.len(),
        reads: component.inputs.iter().filter_map(|from| Some(all.get(*from)?.name.to_string())).collect(),
        paused: component.is_paused.load(Ordering::Relaxed),
        task_states: live.tasks.iter().map(|task| task.state.get()).collect(),
        executed: totals.executed,
        refused: totals.refused,
        skipped: totals.skipped,
        dropped_untracked: totals.dropped_untracked,
        emitted: totals.emitted(),
        busy_seconds: totals.busy.as_secs_f64(),
        blocked_seconds: totals.blocked.as_secs_f64(),
        idle_seconds: totals.idle.as_secs_f64(),
        restarts: totals.restarts,
        stuck: totals.stuck,
        replays: totals.replays,
        waiting: live.tasks.iter().map(|task| task.probe.counters.waiting() as u64).sum(),
        dead_letters: totals.dead_letters,
        concurrency: live.concurrency(),
        calls: live.concurrency().map(|_| CallStatus::of(&live, &totals)),
        roots: is_spout.then(|| totals.roots.into()),
        ended_tasks: live.tasks.iter().filter(|task| task.probe.counters.has_ended()).count(),
        full_tasks: live.tasks.iter().filter(|task| task.is_full()).count(),
        held: live.tasks.iter().map(|task| task.probe.counters.held()).sum(),
        inboxes: live.inboxes.iter().map(|inbox| InboxStatus::of(inbox.probe(), now)).collect(),
        streams: stream::gather(&component.streams, &totals, all),
        per_task: task::gather(component, &live, now),
        execute,
        complete,
        errors: component.errors.entries().into_iter().map(ErrorStatus::from).collect(),
    }
}
