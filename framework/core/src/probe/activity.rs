//! [`Activity`]: what a task does with its time.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Stopwatch, TaskProbe};

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// It does not run: it is not built, backs off, or is over.
    Off,
    /// It waits for something to do.
    Idle,
    /// It works, or its user code awaits something.
    Busy,
    /// It waits for room downstream.
    Blocked,
}

/// Tells the probe of a task when it turns from one thing to another. A task that is busy turn after turn tells
/// nothing.
#[derive(Debug)]
pub(crate) struct Activity {
    doing: Cell<Doing>,
    since: Cell<Instant>,
    blocked: Cell<Duration>,
    probe: Arc<TaskProbe>,
}

impl Activity {
    pub(crate) fn new(probe: Arc<TaskProbe>, now: Instant) -> Self {
        Self { doing: Cell::new(Doing::Off), since: Cell::new(now), blocked: Cell::default(), probe }
    }

    #[inline]
    pub(crate) fn turn_to(&self, doing: Doing, now: Instant) {
        if self.doing.get() != doing {
            self.change(doing, now);
        }
    }

    fn change(&self, doing: Doing, now: Instant) {
        let before = self.doing.replace(doing);
        let since = self.since.replace(now);
        if before == Doing::Blocked {
            self.blocked.set(self.blocked.get() + now.saturating_duration_since(since));
        }
        if let Some(watch) = self.watch(before) {
            watch.stop(now);
        }
        if let Some(watch) = self.watch(doing) {
            watch.start(now);
        }
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.doing.get() == Doing::Blocked
    }

    /// The time that the task has been blocked so far, without what is under way.
    #[inline]
    pub(crate) fn blocked(&self) -> Duration {
        self.blocked.get()
    }

    fn watch(&self, doing: Doing) -> Option<&Stopwatch> {
        let times = &self.probe.times;
        match doing {
            Doing::Off => None,
            Doing::Idle => Some(&times.idle),
            Doing::Busy => Some(&times.busy),
            Doing::Blocked => Some(&times.blocked),
        }
    }
}
