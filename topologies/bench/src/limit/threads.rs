//! Two threads, each with a current-thread runtime.

use std::{future::Future, pin::Pin, thread};

use tokio::{runtime::Builder, task::JoinSet};

/// A component's task.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the tasks, every other one on the same thread, until all have ended.
pub(super) fn run(tasks: Vec<Task>) {
    let mut halves = [Vec::new(), Vec::new()];
    for (index, task) in tasks.into_iter().enumerate() {
        if let Some(half) = halves.get_mut(index % 2) {
            half.push(task);
        }
    }
    thread::scope(|scope| {
        for half in halves {
            scope.spawn(|| run_all(half));
        }
    });
}

#[expect(clippy::expect_used, reason = "a benchmark without its threads has nothing to say")]
fn run_all(tasks: Vec<Task>) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let mut running: JoinSet<()> = tasks.into_iter().collect();
        while let Some(ended) = running.join_next().await {
            ended.expect("no task of the limit panics");
        }
    });
}
