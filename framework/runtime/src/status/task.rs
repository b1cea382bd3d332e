//! [`TaskStatus`]: one task of a component.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Instant,
};

use schemars::JsonSchema;
use serde::Serialize;
use squall_core::Kind;

use super::{ErrorStatus, InboxStatus};
use crate::{
    totals::Totals,
    wiring::{ComponentWiring, Live, LiveTask},
};

/// A task at one moment.
///
/// Its counts are those of all tasks that have had its number: they go on when the task is restarted, and when a
/// rebalance puts another one in its place. What tasks counted whose number is no more is found in the sums of the
/// component alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TaskStatus {
    /// Its number among the tasks of its component, from 0.
    pub task: usize,
    /// What it does.
    pub state: TaskState,
    /// Executes that answered.
    pub executed: u64,
    /// Executes that answered `Err`.
    pub refused: u64,
    /// Tuples handed to its streams.
    pub emitted: u64,
    /// Seconds in which it has worked, as [`ComponentStatus::busy_seconds`](super::ComponentStatus::busy_seconds).
    pub busy_seconds: f64,
    /// Seconds in which it has waited for room downstream.
    pub blocked_seconds: f64,
    /// Seconds in which it ran and had nothing to do.
    pub idle_seconds: f64,
    /// How often it was rebuilt.
    pub restarts: u64,
    /// Anchors that it has taken and not given up.
    pub held: usize,
    /// Roots of a task of a spout that have no outcome yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<u64>,
    /// Its inbox, if no other task takes from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox: Option<InboxStatus>,
    /// Of the errors of its component the one that it met last; its count and its times are the component's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<ErrorStatus>,
}

pub(super) fn gather(component: &ComponentWiring, live: &Live, now: Instant) -> Vec<TaskStatus> {
    let has_own_inboxes = live.inboxes.len() == live.tasks.len();
    let of_task = |task: &LiveTask| {
        let counters = &task.probe.counters;
        let number = task.id.task;
        let mut counts = Totals::of(counters, now);
        if let Some(former) = live.former.get(number) {
            counts.add(former);
        }
        let inbox = if has_own_inboxes { live.inboxes.get(number) } else { None };
        TaskStatus {
            task: number,
            state: task.state.get(),
            executed: counts.executed,
            refused: counts.refused,
            emitted: counts.emitted(),
            busy_seconds: counts.busy.as_secs_f64(),
            blocked_seconds: counts.blocked.as_secs_f64(),
            idle_seconds: counts.idle.as_secs_f64(),
            restarts: counts.restarts,
            held: counters.held(),
            pending: (component.kind == Kind::Spout).then_some(counts.roots.pending),
            inbox: inbox.map(|inbox| InboxStatus::of(inbox.probe(), now)),
            last_error: component.errors.last_of(number).map(ErrorStatus::from),
        }
    };
    live.tasks.iter().map(|task| of_task(task)).collect()
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
