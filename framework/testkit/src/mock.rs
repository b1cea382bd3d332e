//! [`Mock`]: a bolt that passes on what it reads, except where it is told to misbehave.

use std::{
    fmt,
    future::pending,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use squall_core::{Anchor, Bolt, Delivery, Emit, Error, Output, Result, TaskContext, Tuple};
use tokio::time::{Instant, sleep};

use crate::{faults::FaultSchedule, gate::Gate};

/// What a [`Mock`] does with one tuple, or a [`Feeder`](crate::Feeder) with one emission. A
/// [`FaultSchedule`] draws them at random.
///
/// ```
/// use squall_testkit::{Act, Mock};
///
/// let mock = Mock::<u64>::acting(|call| match call.value {
///     0..10 => Act::Pass,
///     _ if call.delivery.attempt < 3 => Act::Fail,
///     _ => Act::Refuse,
/// });
/// assert_eq!(mock.count(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Emits it.
    Pass,
    /// Answers a retryable error.
    Fail,
    /// Answers a permanent error.
    Refuse,
    /// Panics.
    Panic,
    /// Awaits its release, then emits it.
    Stall,
    /// Takes so much time, then emits it.
    Delay(Duration),
    /// Never comes back, whatever is released.
    Hang,
    /// Emits it and drops a claim on its root: the root fails with
    /// [`Reason::Dropped`](squall_core::Reason::Dropped).
    Drop,
    /// Emits it and holds a claim on its root until [`Mock::let_go`].
    Hold,
    /// Emits it and leaks a claim on its root, and a copy of the tuple: nobody can let go of them, and only
    /// the message timeout ends the root.
    Leak,
}

/// One execute of a mock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<T> {
    /// The tuple.
    pub value: T,
    /// The execute's number among those of all tasks, from 1.
    pub nth: u64,
    /// The task that executed it.
    pub task: usize,
    /// How often its root was delivered.
    pub delivery: Delivery,
    /// When it began, since the mock was made.
    pub at: Duration,
}

/// The handle of a bolt that emits what it reads, unless it is told something else, and that tells what
/// it saw. It is shared by all tasks of its bolt and outlives their restarts. Clones are handles of one
/// bolt.
///
/// ```
/// use squall_core::Reason;
/// use squall_runtime::{Options, Running};
/// use squall_testkit::{Act, Call, Feeder, Mock, quiescent, virtual_time};
/// use squall_topology::TopologyBuilder;
///
/// virtual_time(async || {
///     let feeder = Feeder::new();
///     let mock = Mock::acting(|call: &Call<String>| if call.value == "bad" { Act::Refuse } else { Act::Pass });
///     let mut t = TopologyBuilder::new("picky");
///     let words = t.spout("words", feeder.spouts()).output();
///     t.bolt_with("mock", mock.bolts()).tasks(2).shuffle(words);
///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
///
///     let good = feeder.feed("good".to_owned());
///     let bad = feeder.feed("bad".to_owned());
///     quiescent(&running).await;
///
///     assert!(good.is_acked());
///     assert!(bad.outcome().unwrap().failure.unwrap().permanent);
///     assert_eq!((mock.calls().len(), mock.built()), (2, 2));
/// });
/// ```
pub struct Mock<T>(Arc<Shared<T>>);

struct Shared<T> {
    log: Mutex<Log<T>>,
    gate: Gate,
    act: Choose<T>,
    began: Instant,
}

/// Decides what an execute does.
type Choose<T> = Box<dyn Fn(&Call<T>) -> Act + Send + Sync>;

struct Log<T> {
    calls: Vec<Call<T>>,
    built: usize,
    stalled: usize,
    held: Vec<Anchor>,
    leaked: usize,
}

impl<T: Tuple> Mock<T> {
    /// Emits everything that it reads.
    pub fn echo() -> Self {
        Self::acting(|_| Act::Pass)
    }

    /// Does with each tuple what `act` says.
    pub fn acting(act: impl Fn(&Call<T>) -> Act + Send + Sync + 'static) -> Self {
        let log = Log { calls: Vec::new(), built: 0, stalled: 0, held: Vec::new(), leaked: 0 };
        let (log, gate, began) = (Mutex::new(log), Gate::new(), Instant::now());
        Self(Arc::new(Shared { log, gate, act: Box::new(act), began }))
    }

    /// Panics on every `n`-th tuple.
    pub fn panics_every(n: u64) -> Self {
        Self::every(n, Act::Panic)
    }

    /// Answers a retryable error to every `n`-th tuple.
    pub fn fails_every(n: u64) -> Self {
        Self::every(n, Act::Fail)
    }

    /// Awaits [`release`](Self::release) on every `n`-th tuple.
    pub fn stalls_every(n: u64) -> Self {
        Self::every(n, Act::Stall)
    }

    /// Holds a claim on the root of every `n`-th tuple until [`let_go`](Self::let_go).
    pub fn holds_every(n: u64) -> Self {
        Self::every(n, Act::Hold)
    }

    /// Leaks every `n`-th tuple: a component that never lets go. What becomes of its topology:
    ///
    /// ```
    /// use std::time::Duration;
    /// use squall_core::Reason;
    /// use squall_runtime::{Options, Running};
    /// use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
    /// use squall_topology::TopologyBuilder;
    ///
    /// virtual_time(async || {
    ///     let (feeder, leaky) = (Feeder::new(), Mock::<u64>::leaks_every(2));
    ///     let mut t = TopologyBuilder::new("leaky");
    ///     let timeout = Duration::from_secs(10);
    ///     let numbers = t.spout("numbers", feeder.spouts()).message_timeout(timeout).output();
    ///     t.bolt_with("leaky", leaky.bolts()).shuffle(numbers);
    ///     let running = Running::start_here(&t.build().unwrap(), &Options::default());
    ///
    ///     let fed = feeder.feed_all(0..4);
    ///     advance(Duration::from_secs(5)).await;
    ///     let status = running.status();
    ///     assert_eq!((status.roots.acked, status.roots.pending), (2, 2)); // seen at once in the gauges …
    ///     assert_eq!((status.component("leaky").unwrap().held, leaky.leaked()), (2, 2));
    ///     quiescent(&running).await;
    ///     assert_eq!(fed[1].reason(), Some(Reason::Timeout)); // … and in the end as timeouts
    ///     assert_eq!(running.status().roots.failed_by["timeout"], 2);
    /// });
    /// ```
    pub fn leaks_every(n: u64) -> Self {
        Self::every(n, Act::Leak)
    }

    /// Does with the `n`-th tuple, counted from 1, what the schedule says for `n`.
    pub fn faulty(schedule: &FaultSchedule) -> Self {
        let schedule = schedule.clone();
        Self::acting(move |call| schedule.act(call.nth))
    }

    fn every(n: u64, act: Act) -> Self {
        Self::acting(move |call| if call.nth.is_multiple_of(n.max(1)) { act } else { Act::Pass })
    }

    /// The factory for `TopologyBuilder::bolt_with`.
    pub fn bolts(&self) -> impl AsyncFn(&TaskContext) -> Result<MockBolt<T>> + Send + Sync + use<T> {
        let mock = self.clone();
        async move |context: &TaskContext| {
            mock.log().built += 1;
            Ok(MockBolt { mock: mock.clone(), task: context.task })
        }
    }

    /// Lets all stalled executes go on; nothing stalls any more. What hangs, hangs.
    pub fn release(&self) {
        self.0.gate.open();
    }

    /// Acks all claims that it holds. It goes on to hold others.
    pub fn let_go(&self) {
        let held = mem::take(&mut self.log().held);
        held.into_iter().for_each(Anchor::ack);
    }

    /// How many claims it holds.
    pub fn held(&self) -> usize {
        self.log().held.len()
    }

    /// How many tuples it has leaked.
    pub fn leaked(&self) -> usize {
        self.log().leaked
    }

    /// Every execute, in the order of their begins.
    pub fn calls(&self) -> Vec<Call<T>> {
        self.log().calls.clone()
    }

    /// The tuples of every execute, in the order of their begins.
    pub fn values(&self) -> Vec<T> {
        self.log().calls.iter().map(|call| call.value.clone()).collect()
    }

    /// The tuples that one task executed, in order.
    pub fn values_of(&self, task: usize) -> Vec<T> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.task == task).map(|call| call.value).collect()
    }

    /// How many executes have begun.
    pub fn count(&self) -> usize {
        self.log().calls.len()
    }

    /// How many executes await their release, or hang.
    pub fn stalled(&self) -> usize {
        self.log().stalled
    }

    /// How often a task was built: once each, and once more for each restart.
    pub fn built(&self) -> usize {
        self.log().built
    }

    fn log(&self) -> MutexGuard<'_, Log<T>> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, value: &T, task: usize, delivery: Delivery) -> Act {
        let at = self.0.began.elapsed();
        let mut log = self.log();
        let nth = log.calls.len() as u64 + 1;
        let call = Call { value: value.clone(), nth, task, delivery, at };
        log.calls.push(call.clone());
        drop(log);
        (self.0.act)(&call)
    }
}

/// A task of a [`Mock`].
pub struct MockBolt<T> {
    mock: Mock<T>,
    task: usize,
}

impl<T: Tuple> Bolt for MockBolt<T> {
    type In = T;
    type Out = Emit<T>;

    async fn execute(&mut self, value: T, out: &mut Output<Emit<T>>) -> Result<()> {
        match self.mock.begin(&value, self.task, out.delivery()) {
            Act::Pass => {}
            Act::Delay(time) => sleep(time).await,
            Act::Drop => drop(out.hold()),
            Act::Hold => {
                let held = out.hold();
                self.mock.log().held.push(held);
            }
            Act::Leak => {
                mem::forget((out.hold(), value.clone()));
                self.mock.log().leaked += 1;
            }
            Act::Fail => return Err(Error::retryable("the mock fails as told")),
            Act::Refuse => return Err(Error::permanent("the mock refuses as told")),
            Act::Panic => panic!("the mock panics as told"),
            Act::Stall => {
                let stalled = Stalled::new(&self.mock);
                self.mock.0.gate.pass().await;
                drop(stalled);
            }
            Act::Hang => {
                let _stalled = Stalled::new(&self.mock);
                pending::<()>().await;
            }
        }
        out.emit(value);
        Ok(())
    }
}

/// Counts a stalled execute for as long as it is, even if it is dropped there.
struct Stalled<'m, T: Tuple>(&'m Mock<T>);

impl<'m, T: Tuple> Stalled<'m, T> {
    fn new(mock: &'m Mock<T>) -> Self {
        mock.log().stalled += 1;
        Self(mock)
    }
}

impl<T: Tuple> Drop for Stalled<'_, T> {
    fn drop(&mut self) {
        self.0.log().stalled -= 1;
    }
}

impl<T> Clone for Mock<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Mock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mock")
    }
}

impl<T> fmt::Debug for MockBolt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockBolt").field("task", &self.task).finish_non_exhaustive()
    }
}
