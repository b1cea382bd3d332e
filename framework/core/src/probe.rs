//! What a task and its queue tell about themselves: plain counters, written once a batch, read by anyone.

mod activity;
mod errors;
mod queue;
mod stopwatch;
mod stream;

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

pub use errors::{ErrorEntry, ErrorLog};
pub use queue::QueueProbe;
pub use stream::{StreamProbe, SubscriptionProbe};

pub(crate) use activity::{Activity, Doing};
pub(crate) use stopwatch::Stopwatch;

use crate::{
    delivery::{Cause, Reason, Verdict},
    error::Error,
    latency::{Histogram, Latency},
    panics::Panicked,
};

/// The counts of the roots of one spout task, taken together under one lock.
///
/// `emitted == acked + failed() + pending` holds in every copy; `pending` is counted on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootCounts {
    /// Roots that were tracked.
    pub emitted: u64,
    /// Roots whose every tuple was acked.
    pub acked: u64,
    /// Roots that failed, by [`Reason`] in the order of [`Reason::ALL`].
    pub failed_by: [u64; Reason::ALL.len()],
    /// Roots without an outcome yet.
    pub pending: u64,
}

impl RootCounts {
    /// Roots that failed for any reason.
    pub fn failed(&self) -> u64 {
        self.failed_by.iter().sum()
    }

    /// Roots that failed for this reason.
    pub fn failed_for(&self, reason: Reason) -> u64 {
        self.failed_by.get(reason.index()).copied().unwrap_or_default()
    }

    /// What a spout that is lost leaves: its pending roots have failed, for nobody can tell any more.
    #[must_use]
    pub fn abandoned(mut self) -> Self {
        if let Some(count) = self.failed_by.get_mut(Reason::Dropped.index()) {
            *count += std::mem::take(&mut self.pending);
        }
        self
    }

    pub(crate) fn count_failure(&mut self, reason: Reason) {
        if let Some(count) = self.failed_by.get_mut(reason.index()) {
            *count += 1;
        }
    }

    /// Adds the counts of another task.
    pub fn add(&mut self, other: &Self) {
        self.emitted += other.emitted;
        self.acked += other.acked;
        self.pending += other.pending;
        for (sum, count) in self.failed_by.iter_mut().zip(other.failed_by) {
            *sum += count;
        }
    }
}

/// Three states of a task that runs, of which it is always in one.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub(crate) idle: Stopwatch,
    pub(crate) busy: Stopwatch,
    pub(crate) blocked: Stopwatch,
}

/// The counters of one task. They survive its restarts.
#[derive(Debug, Default)]
pub struct TaskProbe {
    executed: AtomicU64,
    refused: AtomicU64,
    skipped: AtomicU64,
    dropped_untracked: AtomicU64,
    /// What it has done with its time, since it was built first.
    times: Times,
    /// Of its executes if it is a bolt, of its roots if it is a spout; `None` where nobody wants to know.
    latency: Option<Histogram>,
    streams: Vec<Arc<StreamProbe>>,
    restarts: AtomicU32,
    held: AtomicUsize,
    has_ended: AtomicBool,
    stuck: AtomicU32,
    /// Odd while a poll of the task runs; another number with every call of user code.
    pulse: AtomicU64,
    replays: AtomicU64,
    dead_letters: AtomicU64,
    waiting: AtomicUsize,
    calls_in_flight: AtomicUsize,
    calls_retried: AtomicU64,
    calls_timed_out: AtomicU64,
    roots: Mutex<RootCounts>,
    /// Whose counters these are, once the task is put together: its component and its number.
    name: OnceLock<(Arc<str>, usize)>,
}

impl TaskProbe {
    /// A bit of the pulse: no task lives to count so far.
    const HALTED: u64 = 1 << 63;

    /// Fresh counters of a task with so many subscriptions to each of its streams.
    ///
    /// `latencies`: whether it is measured how long executes take, or roots.
    pub fn new(subscriptions: impl IntoIterator<Item = usize>, latencies: bool) -> Self {
        Self {
            latency: latencies.then(Histogram::new),
            streams: subscriptions.into_iter().map(|count| Arc::new(StreamProbe::new(count))).collect(),
            ..Self::default()
        }
    }

    /// A number that changes with every call of user code, and is odd while the task has its thread. If it
    /// stays odd and the same, the task does not give its thread back.
    #[inline]
    pub fn pulse(&self) -> u64 {
        self.pulse.load(Relaxed)
    }

    /// The task gets its thread.
    #[inline]
    pub(crate) fn enter(&self) {
        self.pulse.store(self.pulse() | 1, Relaxed);
    }

    /// The task gives its thread back, or waits for others on it.
    #[inline]
    pub(crate) fn leave(&self) {
        self.pulse.store((self.pulse() | 1).wrapping_add(1), Relaxed);
    }

    /// Another call of user code begins. Only the task itself writes: a load and a store. Returns whether
    /// the task was halted.
    #[inline]
    pub(crate) fn beat(&self) -> bool {
        let pulse = self.pulse();
        self.pulse.store(pulse.wrapping_add(2), Relaxed);
        pulse & Self::HALTED != 0
    }

    /// Tells a task that does not come back from a call that its work goes on elsewhere: it shall touch nothing
    /// when it does come back.
    pub fn halt(&self) {
        self.pulse.fetch_or(Self::HALTED, Relaxed);
    }

    /// Executes that answered, `Ok` or `Err`.
    pub fn executed(&self) -> u64 {
        self.executed.load(Relaxed)
    }

    /// Executes that answered `Err`.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Tuples handed to the task's streams.
    pub fn emitted(&self) -> u64 {
        self.streams.iter().map(|stream| stream.emitted()).sum()
    }

    /// The task's streams, in their order.
    pub fn streams(&self) -> impl Iterator<Item = &StreamProbe> {
        self.streams.iter().map(|stream| &**stream)
    }

    /// Tuples that were not executed because their root had failed already.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Relaxed)
    }

    /// Tuples without a root that were lost: refused, panicked on, or discarded at a stop.
    pub fn dropped_untracked(&self) -> u64 {
        self.dropped_untracked.load(Relaxed)
    }

    /// Time until `now` in which the task has worked: on a batch, a tick or an outcome. Time in which user code
    /// awaits something is part of it, unless that is room downstream; so is time in which calls of a concurrent
    /// bolt are under way.
    pub fn busy(&self, now: Instant) -> Duration {
        self.times.busy.read(now)
    }

    /// Time until `now` in which the task has waited for room downstream.
    pub fn blocked(&self, now: Instant) -> Duration {
        self.times.blocked.read(now)
    }

    /// Time until `now` in which the task has had nothing to do.
    pub fn idle(&self, now: Instant) -> Duration {
        self.times.idle.read(now)
    }

    /// How long executes of a bolt took that answered, and roots of a spout from `track` to their acks. Empty if
    /// that is not measured.
    ///
    /// Executes of one turn share its time equally: the clock is not read for each. A slow bolt, of which it matters,
    /// has single executes in a turn. Calls of a concurrent bolt are measured one by one, their retries included.
    pub fn latency(&self) -> Latency {
        self.latency.as_ref().map(Histogram::read).unwrap_or_default()
    }

    /// How often the task was rebuilt.
    pub fn restarts(&self) -> u32 {
        self.restarts.load(Relaxed)
    }

    /// Anchors that the task has taken by [`Output::hold`](crate::Output::hold) and not given up.
    pub fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// How often a call did not come back within its limit.
    pub fn stuck(&self) -> u32 {
        self.stuck.load(Relaxed)
    }

    /// A spout task has nothing more to emit, unless a root fails.
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Relaxed)
    }

    /// Attempts at roots of this spout task that the engine made, beyond the first of each.
    pub fn replays(&self) -> u64 {
        self.replays.load(Relaxed)
    }

    /// Dead letters that were written, each counted once however often it was emitted.
    pub fn dead_letters(&self) -> u64 {
        self.dead_letters.load(Relaxed)
    }

    /// Roots that wait to be emitted again.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Calls of a concurrent bolt that are under way.
    pub fn calls_in_flight(&self) -> usize {
        self.calls_in_flight.load(Relaxed)
    }

    /// Attempts of calls that were made after a failed one.
    pub fn calls_retried(&self) -> u64 {
        self.calls_retried.load(Relaxed)
    }

    /// Attempts of calls that were given up because their time was over.
    pub fn calls_timed_out(&self) -> u64 {
        self.calls_timed_out.load(Relaxed)
    }

    /// The roots of a spout task; zeros for a bolt.
    pub fn roots(&self) -> RootCounts {
        *self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one restart. For the supervisor.
    pub fn count_restart(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    /// Counts a call that did not come back within its limit. For the supervisor.
    pub fn count_stuck(&self) {
        self.stuck.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_name(&self, component: &Arc<str>, task: usize) {
        self.name.get_or_init(|| (Arc::clone(component), task));
    }

    /// This task as the cause of a failure.
    pub(crate) fn cause(&self, message: &str) -> Option<Arc<Cause>> {
        let (component, task) = self.name.get()?;
        let (component, message) = (component.to_string(), message.to_owned());
        Some(Arc::new(Cause { component, task: *task, message }))
    }

    pub(crate) fn set_ended(&self, has_ended: bool) {
        self.has_ended.store(has_ended, Relaxed);
    }

    pub(crate) fn add_replay(&self) {
        self.replays.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_dead_letter(&self) {
        self.dead_letters.fetch_add(1, Relaxed);
    }

    pub(crate) fn set_waiting(&self, roots: usize) {
        self.waiting.store(roots, Relaxed);
    }

    pub(crate) fn add_held(&self) {
        self.held.fetch_add(1, Relaxed);
    }

    pub(crate) fn remove_held(&self) {
        self.held.fetch_sub(1, Relaxed);
    }

    pub(crate) fn set_calls_in_flight(&self, calls: usize) {
        self.calls_in_flight.store(calls, Relaxed);
    }

    pub(crate) fn count_retried_call(&self) {
        self.calls_retried.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_timed_out_call(&self) {
        self.calls_timed_out.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_executed(&self, executed: usize, refused: usize, skipped: usize) {
        self.executed.fetch_add(executed as u64, Relaxed);
        if refused > 0 {
            self.refused.fetch_add(refused as u64, Relaxed);
        }
        if skipped > 0 {
            self.skipped.fetch_add(skipped as u64, Relaxed);
        }
    }

    /// The stream with this number; one that nobody looks at, if there is none.
    pub(crate) fn stream(&self, number: usize) -> Arc<StreamProbe> {
        self.streams.get(number).cloned().unwrap_or_default()
    }

    /// Whether it is measured how long things take.
    #[inline]
    pub(crate) fn has_latency(&self) -> bool {
        self.latency.is_some()
    }

    /// It took this long, so many times.
    pub(crate) fn record(&self, time: Duration, times: u64) {
        if let Some(latency) = &self.latency {
            latency.record(time, times);
        }
    }

    /// Counts untracked tuples that were lost.
    pub(crate) fn add_dropped(&self, tuples: u64) {
        self.dropped_untracked.fetch_add(tuples, Relaxed);
    }

    pub(crate) fn set_roots(&self, counts: RootCounts) {
        *self.roots.lock().unwrap_or_else(PoisonError::into_inner) = counts;
    }
}

/// The probes of one task: its counters, and the error log that it shares with its component.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The index of the task within its component.
    pub task: usize,
    /// Its counters.
    pub counters: Arc<TaskProbe>,
    /// The errors of its component.
    pub errors: Arc<ErrorLog>,
}

impl Probe {
    /// These counters for task number `task`.
    pub fn new(task: usize, errors: Arc<ErrorLog>, counters: TaskProbe) -> Self {
        Self { task, counters: Arc::new(counters), errors }
    }

    pub(crate) fn report(&self, message: &str) {
        self.errors.report(self.task, message);
    }

    /// Reports an error of user code. Returns what the root in hand fails with.
    pub(crate) fn refusal(&self, error: &Error) -> Verdict {
        let permanent = error.is_permanent();
        Verdict { permanent, ..self.verdict(Reason::Explicit, &error.to_string()) }
    }

    /// Reports a panic of user code. Returns what the root in hand fails with.
    pub(crate) fn crash(&self, panicked: &Panicked) -> Verdict {
        self.verdict(Reason::Panic, &panicked.to_string())
    }

    /// Reports what befell a root. Returns what it fails with.
    pub(crate) fn verdict(&self, reason: Reason, message: &str) -> Verdict {
        self.report(message);
        Verdict { cause: self.counters.cause(message), ..Verdict::of(reason) }
    }
}
