//! What the tests of the promises share: short ways to start, and bolts that the testkit has no need of.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::{
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use squall::{Anchor, RestartPolicy, Status, Tuple, prelude::*};

/// Builds the plan and starts it on this thread, under virtual time.
pub fn start(t: TopologyBuilder) -> Running {
    Running::start_here(&t.build().unwrap(), &Options::default())
}

/// As [`start`], paused.
pub fn start_paused(t: TopologyBuilder) -> Running {
    Running::start_here(&t.build().unwrap(), &Options::default().paused())
}

/// Checks promise 2 at one moment.
#[track_caller]
pub fn assert_counts(status: &Status) {
    let roots = &status.roots;
    assert_eq!(roots.emitted, roots.acked + roots.failed + roots.pending, "{roots:?}");
    assert_eq!(roots.failed, roots.failed_by.values().sum::<u64>(), "{roots:?}");
}

/// A policy that gives up early.
pub fn budget(restarts: u32) -> RestartPolicy {
    RestartPolicy { budget: restarts, ..RestartPolicy::default() }
}

/// A short duration, for brevity.
pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A duration, for brevity.
pub fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Takes its time for each tuple, then emits it.
#[derive(Debug)]
pub struct Slow<T> {
    time: Duration,
    seen: Arc<Mutex<Vec<(usize, T)>>>,
    task: usize,
}

/// What the tasks of a [`Slow`] have done, as (task, tuple).
pub type Done<T> = Arc<Mutex<Vec<(usize, T)>>>;

impl<T: Tuple> Slow<T> {
    /// A factory of bolts that take this time, by task.
    pub fn bolts(
        done: &Done<T>,
        time: fn(usize) -> Duration,
    ) -> impl AsyncFn(&TaskContext) -> Result<Self> + Send + Sync + use<T> {
        let done = Arc::clone(done);
        async move |cx: &TaskContext| Ok(Self { time: time(cx.task), seen: Arc::clone(&done), task: cx.task })
    }
}

impl<T: Tuple> Bolt for Slow<T> {
    type In = T;
    type Out = Emit<T>;

    async fn execute(&mut self, value: T, out: &mut Output<Emit<T>>) -> Result<()> {
        tokio::time::sleep(self.time).await;
        self.seen.lock().unwrap().push((self.task, value.clone()));
        out.emit(value);
        Ok(())
    }
}

/// The anchors that a [`Holding`] bolt has taken. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<Mutex<Vec<Anchor>>>);

impl Held {
    /// A factory of bolts that hold the anchors of all tuples for which `which` is true.
    pub fn bolts<T: Tuple>(
        &self,
        which: impl Fn(&T) -> bool + Send + Sync + Copy + 'static,
    ) -> impl Fn() -> Holding<T> + Send + Sync + 'static {
        let held = self.clone();
        move || Holding { held: held.clone(), which: Box::new(which) }
    }

    /// Takes the anchor of the tuple in hand.
    pub fn hold<O: Outputs>(&self, out: &mut Output<O>) {
        self.0.lock().unwrap().push(out.hold());
    }

    /// Takes all anchors out.
    pub fn take(&self) -> Vec<Anchor> {
        mem::take(&mut *self.0.lock().unwrap())
    }

    /// Acks all.
    pub fn ack(&self) {
        self.take().into_iter().for_each(Anchor::ack);
    }
}

/// Holds anchors and answers `Ok`.
pub struct Holding<T> {
    held: Held,
    which: Box<dyn Fn(&T) -> bool>,
}

impl<T> std::fmt::Debug for Holding<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holding").field("held", &self.held).finish_non_exhaustive()
    }
}

impl<T: Tuple> Bolt for Holding<T> {
    type In = T;
    type Out = ();

    async fn execute(&mut self, value: T, out: &mut Output<()>) -> Result<()> {
        if (self.which)(&value) {
            self.held.hold(out);
        }
        Ok(())
    }
}
