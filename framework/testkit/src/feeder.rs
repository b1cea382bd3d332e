//! [`Feeder`]: a source that a test feeds by hand.

use std::{
    collections::VecDeque,
    fmt,
    future::pending,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use squall_core::{Delivery, Emit, Error, Failure, Next, Reason, Result, Spout, SpoutOutput, Tuple};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{
    gate::Gate,
    mock::Act,
    tracker::{Fed, Tracker},
};

/// The handle of a source that a test feeds by hand, and that tells what became of each value. It is
/// shared by all tasks of its spout and outlives their restarts. Clones are handles of one source.
///
/// ```
/// use squall_core::Reason;
/// use squall_runtime::{Options, Running};
/// use squall_testkit::{Feeder, Mock, quiescent, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// virtual_time(async || {
///     let feeder = Feeder::new().replaying(2);
///     let mut t = TopologyBuilder::new("second-try");
///     let numbers = t.spout("numbers", feeder.spouts()).output();
///     t.bolt_with("mock", Mock::<u64>::fails_every(2).bolts()).shuffle(numbers);
///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
///
///     let (one, two) = (feeder.feed(1), feeder.feed(2));
///     quiescent(&running).await;
///
///     assert_eq!((one.outcomes().len(), two.outcomes().len()), (1, 2));
///     assert_eq!(two.outcomes()[0].reason(), Some(Reason::Explicit));
///     assert!(two.is_acked());
///     feeder.tracker().assert_one_outcome_each();
/// });
/// ```
pub struct Feeder<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    fed: Notify,
    gate: Gate,
    tracker: Tracker,
    attempts: u32,
    act: Option<Box<dyn Fn(u64) -> Act + Send + Sync>>,
}

struct State<T> {
    values: Vec<Vec<T>>,
    queue: VecDeque<Order>,
    emissions: u64,
    is_ended: bool,
    closed: usize,
}

/// A delivery to make.
#[derive(Clone, Copy)]
struct Order {
    id: u64,
    /// `None`: untracked.
    delivery: Option<Delivery>,
}

impl<T: Tuple> Feeder<T> {
    /// A source without values that goes on until [`end`](Self::end).
    #[expect(clippy::new_without_default, reason = "its clock starts: that should be seen in the code")]
    pub fn new() -> Self {
        let state =
            State { values: Vec::new(), queue: VecDeque::new(), emissions: 0, is_ended: false, closed: 0 };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            fed: Notify::new(),
            gate: Gate::new(),
            tracker: Tracker::new(),
            attempts: 1,
            act: None,
        }))
    }

    /// A source of these values, each a root of its own, that ends behind them.
    pub fn of(values: impl IntoIterator<Item = T>) -> Self {
        let feeder = Self::new();
        feeder.feed_all(values);
        feeder.end();
        feeder
    }

    /// Delivers a root again when it fails, up to so many deliveries in all. A permanent failure and a
    /// shutdown are final.
    ///
    /// # Panics
    ///
    /// It has other handles already.
    #[must_use]
    pub fn replaying(mut self, deliveries: u32) -> Self {
        self.configure().attempts = deliveries;
        self
    }

    /// Misbehaves at its n-th emission, counted from 1, as told. [`Act::Stall`] awaits
    /// [`release`](Self::release), [`Act::Delay`] and [`Act::Hang`] come before the emission too; the others
    /// happen after the root was tracked and its tuples emitted. A spout has no claims that it could hold:
    /// [`Act::Drop`], [`Act::Hold`] and [`Act::Leak`] do nothing here.
    ///
    /// # Panics
    ///
    /// It has other handles already.
    #[must_use]
    pub fn acting(mut self, act: impl Fn(u64) -> Act + Send + Sync + 'static) -> Self {
        self.configure().act = Some(Box::new(act));
        self
    }

    #[expect(clippy::expect_used, reason = "documented")]
    fn configure(&mut self) -> &mut Shared<T> {
        Arc::get_mut(&mut self.0).expect("a feeder is configured before its handles are given away")
    }

    /// The factory for `TopologyBuilder::spout`.
    pub fn spouts(&self) -> impl Fn() -> FeederSpout<T> + Send + Sync + use<T> {
        let feeder = self.clone();
        move || FeederSpout { feeder: feeder.clone(), due: None }
    }

    /// Emits a value as a root of its own.
    pub fn feed(&self, value: T) -> Fed {
        self.feed_together([value])
    }

    /// Emits values, each as a root of its own.
    pub fn feed_all(&self, values: impl IntoIterator<Item = T>) -> Vec<Fed> {
        values.into_iter().map(|value| self.feed(value)).collect()
    }

    /// Emits values that share one root.
    pub fn feed_together(&self, values: impl IntoIterator<Item = T>) -> Fed {
        self.order(values.into_iter().collect(), Some(Delivery::first()))
    }

    /// Emits a value without a root.
    pub fn feed_untracked(&self, value: T) {
        self.order(vec![value], None);
    }

    fn order(&self, values: Vec<T>, delivery: Option<Delivery>) -> Fed {
        let mut state = self.state();
        let id = state.values.len() as u64;
        state.values.push(values);
        state.queue.push_back(Order { id, delivery });
        if delivery.is_some() {
            self.0.tracker.expect(id);
        }
        drop(state);
        // All of them: one alone may be on a thread that is lost.
        self.0.fed.notify_waiters();
        Fed::new(id, self.0.tracker.clone())
    }

    /// No more values: the spout ends when all are emitted.
    pub fn end(&self) {
        self.state().is_ended = true;
        self.0.fed.notify_waiters();
    }

    /// Lets a stalled spout go on, for good.
    pub fn release(&self) {
        self.0.gate.open();
    }

    /// What became of everything.
    pub fn tracker(&self) -> &Tracker {
        &self.0.tracker
    }

    /// Values that wait to be emitted.
    pub fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// How many roots and untracked values were emitted, replays included.
    pub fn emissions(&self) -> u64 {
        self.state().emissions
    }

    /// How many of its tasks were closed.
    pub fn closed(&self) -> usize {
        self.state().closed
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the next emission will do. A stall that was released is none.
    fn next_act(&self) -> Act {
        let nth = self.emissions() + 1;
        match self.0.act.as_ref().map_or(Act::Pass, |act| act(nth)) {
            Act::Stall if self.0.gate.is_open() => Act::Pass,
            act => act,
        }
    }

    /// Whether there is a value; `None`: not now.
    fn look(&self) -> Option<bool> {
        let state = self.state();
        if state.queue.is_empty() { state.is_ended.then_some(false) } else { Some(true) }
    }

    fn take(&self) -> Option<(Order, Vec<T>)> {
        let mut state = self.state();
        let order = state.queue.pop_front()?;
        state.emissions += 1;
        let values = state.values.get(usize::try_from(order.id).ok()?).cloned()?;
        Some((order, values))
    }
}

/// A task of a [`Feeder`]'s spout.
pub struct FeederSpout<T> {
    feeder: Feeder<T>,
    /// When the delay of the next emission is over: `next` is dropped and asked again meanwhile.
    due: Option<Instant>,
}

impl<T: Tuple> FeederSpout<T> {
    /// Waits until there is a value, or `false`: until there will be none.
    async fn has_more(&self) -> bool {
        loop {
            // Made before the look, so that a value that is fed just behind it is noticed.
            let fed = self.feeder.0.fed.notified();
            match self.feeder.look() {
                Some(has_more) => return has_more,
                None => fed.await,
            }
        }
    }

    async fn delay(&mut self, time: Duration) {
        let due = *self.due.get_or_insert_with(|| Instant::now() + time);
        sleep_until(due).await;
        self.due = None;
    }
}

impl<T: Tuple> Spout for FeederSpout<T> {
    type Id = u64;
    type Out = Emit<T>;

    async fn next(&mut self, out: &mut SpoutOutput<Emit<T>, u64>) -> Result<Next> {
        if !self.has_more().await {
            return Ok(Next::End);
        }
        let act = self.feeder.next_act();
        match act {
            Act::Stall => self.feeder.0.gate.pass().await,
            Act::Delay(time) => self.delay(time).await,
            Act::Hang => pending().await,
            _ => {}
        }
        let Some((order, values)) = self.feeder.take() else { return Ok(Next::Idle) };
        let stream = match order.delivery {
            Some(delivery) => out.redeliver(order.id, delivery),
            None => out.untracked(),
        };
        values.into_iter().for_each(|value| stream.emit(value));
        match act {
            Act::Pass | Act::Stall | Act::Delay(_) | Act::Hang => Ok(Next::Emitted),
            Act::Drop | Act::Hold | Act::Leak => Ok(Next::Emitted),
            Act::Fail => Err(Error::retryable("the feeder fails as told")),
            Act::Refuse => Err(Error::permanent("the feeder refuses as told")),
            Act::Panic => panic!("the feeder panics as told"),
        }
    }

    async fn ack(&mut self, id: u64) {
        self.feeder.0.tracker.acked(id);
    }

    async fn failed(&mut self, id: u64, failure: Failure) {
        let Failure { reason, permanent, delivery, .. } = failure;
        let shared = &self.feeder.0;
        let replays = delivery.attempt < shared.attempts && !permanent && reason != Reason::Shutdown;
        if replays {
            // Owed before the outcome is told: nobody shall take this one for the last.
            shared.tracker.expect(id);
            self.feeder.state().queue.push_back(Order { id, delivery: Some(delivery.after(reason)) });
        }
        shared.tracker.failed(id, failure);
        if replays {
            shared.fed.notify_waiters();
        }
    }

    async fn close(&mut self) {
        self.feeder.state().closed += 1;
    }
}

impl<T> Clone for Feeder<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Feeder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feeder").field("tracker", &self.0.tracker).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for FeederSpout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeederSpout").field("feeder", &self.feeder).finish_non_exhaustive()
    }
}
