//! The tasks of a component, one by one.

use squall_runtime::{ComponentStatus, InboxStatus, TaskStatus};

use crate::pages::state::State;
use crate::show::{Count, Percent, Seconds, or_dash};

/// A task.
pub(super) struct Task {
    pub(super) number: usize,
    pub(super) state: State,
    pub(super) executed: Count,
    pub(super) refused: Count,
    pub(super) emitted: Count,
    /// Shares of the time in which it ran.
    pub(super) busy: Percent,
    pub(super) blocked: Percent,
    /// `-` if it shares its inbox with others, or has none.
    pub(super) queue: String,
    pub(super) oldest: String,
    pub(super) in_hand: Count,
    pub(super) restarts: Count,
    pub(super) last_error: String,
}

/// All of them.
pub(super) fn all(status: &ComponentStatus) -> Vec<Task> {
    status.per_task.iter().map(of).collect()
}

fn of(task: &TaskStatus) -> Task {
    let time = (task.busy_seconds + task.blocked_seconds + task.idle_seconds).max(f64::MIN_POSITIVE);
    let inbox = task.inbox.as_ref();
    let queue =
        |inbox: &InboxStatus| format!("{} / {}", Count(inbox.depth as u64), Count(inbox.capacity as u64));
    Task {
        number: task.task,
        state: State::of_task(task.state),
        executed: Count(task.executed),
        refused: Count(task.refused),
        emitted: Count(task.emitted),
        busy: Percent(task.busy_seconds / time),
        blocked: Percent(task.blocked_seconds / time),
        queue: or_dash(inbox.map(queue)),
        oldest: or_dash(inbox.and_then(|inbox| inbox.oldest_seconds).map(Seconds)),
        in_hand: Count(task.pending.unwrap_or(task.held as u64)),
        restarts: Count(task.restarts),
        last_error: task.last_error.as_ref().map(|error| error.message.clone()).unwrap_or_default(),
    }
}
