//! What a topology does can be seen from outside, without asking a task: where its time goes, who waits for whom, what
//! went where and how long it took.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the message"
)]

mod latencies;
mod streams;
mod survival;
mod times;

use squall::{ComponentStatus, prelude::*};
use squall_testkit::work_for;
use squall_tests::ms;

fn of(running: &Running, component: &str) -> ComponentStatus {
    running.status().component(component).unwrap().clone()
}

#[track_caller]
fn assert_near(value: f64, expected: f64) {
    assert!((value - expected).abs() <= expected * 0.02 + 0.005, "{value}, and not {expected}");
}

/// The numbers of the component are the sums of those of its tasks.
#[track_caller]
fn assert_sums(of: &ComponentStatus) {
    let sum = |count: fn(&squall::TaskStatus) -> u64| of.per_task.iter().map(count).sum::<u64>();
    let seconds = |count: fn(&squall::TaskStatus) -> f64| of.per_task.iter().map(count).sum::<f64>();
    assert_eq!(sum(|task| task.executed), of.executed);
    assert_eq!(sum(|task| task.refused), of.refused);
    assert_eq!(sum(|task| task.emitted), of.emitted);
    assert_eq!(sum(|task| task.restarts), of.restarts);
    assert_eq!(of.per_task.iter().map(|task| task.held).sum::<usize>(), of.held);
    assert_eq!(sum(|task| task.pending.unwrap_or(0)), of.roots.as_ref().map_or(0, |roots| roots.pending));
    assert_near(seconds(|task| task.busy_seconds), of.busy_seconds);
    assert_near(seconds(|task| task.blocked_seconds), of.blocked_seconds);
    assert_near(seconds(|task| task.idle_seconds), of.idle_seconds);
    assert_eq!(of.streams.iter().map(|stream| stream.emitted).sum::<u64>(), of.emitted);
    assert_eq!(of.per_task.iter().map(|task| task.state).collect::<Vec<_>>(), of.task_states);
}

/// Computes for as long as `time` says, then emits the number.
struct Computes(fn(u64) -> u64);

impl Bolt for Computes {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        work_for(ms((self.0)(number)));
        out.emit(number);
        Ok(())
    }
}
