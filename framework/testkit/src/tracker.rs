//! [`Tracker`]: which outcome each root had, how many, when and in which order.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use squall_core::{Failure, Reason};
use tokio::{sync::watch, time::Instant};

/// What became of one delivery of a root.
///
/// ```
/// use squall_core::{Delivery, Failure, Reason};
/// use squall_testkit::Tracker;
///
/// let tracker = Tracker::new();
/// tracker.expect(7);
/// tracker.failed(7, Failure::new(Reason::Timeout, Delivery::first()));
///
/// let outcome = &tracker.outcomes()[0];
/// assert_eq!((outcome.id, outcome.reason()), (7, Some(Reason::Timeout)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The root's id.
    pub id: u64,
    /// `None`: acked.
    pub failure: Option<Failure>,
    /// When the spout was told, since the tracker was made.
    pub at: Duration,
}

impl Outcome {
    /// Why it failed; `None`: acked.
    pub fn reason(&self) -> Option<Reason> {
        self.failure.as_ref().map(|failure| failure.reason)
    }
}

/// Books the outcomes of roots. A [`Feeder`](crate::Feeder) has one; a spout of your own may use one too.
/// Clones book into one ledger.
///
/// ```
/// use squall_testkit::Tracker;
///
/// let tracker = Tracker::new();
/// tracker.expect(7);
/// assert_eq!(tracker.owed(), [7]);
///
/// tracker.acked(7);
/// tracker.assert_one_outcome_each();
/// assert_eq!(tracker.outcomes().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Tracker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ledger: Mutex<Ledger>,
    changes: watch::Sender<()>,
    began: Instant,
}

#[derive(Debug, Default)]
struct Ledger {
    roots: BTreeMap<u64, Root>,
    /// In the order in which they were told.
    told: Vec<Outcome>,
    /// Outcomes of roots that had theirs already.
    excess: Vec<Outcome>,
}

#[derive(Debug, Default)]
struct Root {
    /// Deliveries without an outcome.
    owed: usize,
    told: Vec<Outcome>,
}

impl Tracker {
    /// Nothing is owed yet. Times count from here.
    #[expect(clippy::new_without_default, reason = "its clock starts: that should be seen in the code")]
    pub fn new() -> Self {
        let (ledger, changes) = (Mutex::default(), watch::Sender::new(()));
        Self(Arc::new(Shared { ledger, changes, began: Instant::now() }))
    }

    /// One more delivery of root `id`: it is owed one outcome.
    pub fn expect(&self, id: u64) {
        self.ledger().roots.entry(id).or_default().owed += 1;
    }

    /// For `Spout::ack`.
    pub fn acked(&self, id: u64) {
        self.tell(id, None);
    }

    /// For `Spout::failed`.
    pub fn failed(&self, id: u64, failure: Failure) {
        self.tell(id, Some(failure));
    }

    /// All outcomes in the order in which they were told.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.ledger().told.clone()
    }

    /// Ids of acked roots in the order in which they were told.
    pub fn acked_ids(&self) -> Vec<u64> {
        self.outcomes().iter().filter(|told| told.failure.is_none()).map(|told| told.id).collect()
    }

    /// Ids of failed roots with their reasons, in the order in which they were told.
    pub fn failed_ids(&self) -> Vec<(u64, Reason)> {
        self.outcomes().iter().filter_map(|told| Some((told.id, told.reason()?))).collect()
    }

    /// Ids whose last delivery has no outcome yet.
    pub fn owed(&self) -> Vec<u64> {
        self.ledger().roots.iter().filter(|(_, root)| root.owed > 0).map(|(id, _)| *id).collect()
    }

    /// Checks that every delivery had its outcome, and one only.
    ///
    /// # Panics
    ///
    /// If not; the message names the roots.
    #[track_caller]
    pub fn assert_one_outcome_each(&self) {
        let owed = self.owed();
        let excess = self.ledger().excess.clone();
        assert!(owed.is_empty(), "roots without an outcome: {owed:?}");
        assert!(excess.is_empty(), "outcomes of roots that had theirs already: {excess:?}");
    }

    fn tell(&self, id: u64, failure: Option<Failure>) {
        let outcome = Outcome { id, failure, at: self.0.began.elapsed() };
        let mut ledger = self.ledger();
        let root = ledger.roots.entry(id).or_default();
        root.told.push(outcome.clone());
        let is_owed = root.owed > 0;
        root.owed = root.owed.saturating_sub(1);
        if !is_owed {
            ledger.excess.push(outcome.clone());
        }
        ledger.told.push(outcome);
        drop(ledger);
        self.0.changes.send_replace(());
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_owed(&self, id: u64) -> bool {
        self.ledger().roots.get(&id).is_some_and(|root| root.owed > 0)
    }

    /// Waits until nothing is owed to root `id`.
    async fn settled(&self, id: u64) {
        let mut changes = self.0.changes.subscribe();
        while self.is_owed(id) {
            // The sender lives in `self`, so the channel cannot close meanwhile.
            drop(changes.changed().await);
        }
    }
}

/// A value that was fed: what became of its root. Made by [`Feeder::feed`](crate::Feeder::feed).
#[derive(Clone)]
pub struct Fed {
    id: u64,
    tracker: Tracker,
}

impl Fed {
    pub(crate) fn new(id: u64, tracker: Tracker) -> Self {
        Self { id, tracker }
    }

    /// Its number among the values of its feeder, from 0.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// One outcome for each delivery so far.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.tracker.ledger().roots.get(&self.id).map(|root| root.told.clone()).unwrap_or_default()
    }

    /// The last outcome, unless a delivery is under way.
    pub fn outcome(&self) -> Option<Outcome> {
        if self.tracker.is_owed(self.id) { None } else { self.outcomes().pop() }
    }

    /// Whether its last delivery was acked.
    pub fn is_acked(&self) -> bool {
        self.outcome().is_some_and(|told| told.failure.is_none())
    }

    /// Why its last delivery failed.
    pub fn reason(&self) -> Option<Reason> {
        self.outcome()?.reason()
    }

    /// Waits for the outcome of its last delivery.
    ///
    /// ```
    /// use squall_runtime::{Options, Running};
    /// use squall_testkit::{Feeder, Mock, virtual_time};
    /// use squall_topology::TopologyBuilder;
    ///
    /// virtual_time(async || {
    ///     let feeder = Feeder::new();
    ///     let mut t = TopologyBuilder::new("echo");
    ///     let numbers = t.spout("numbers", feeder.spouts()).output();
    ///     t.bolt_with("echo", Mock::<u64>::echo().bolts()).shuffle(numbers);
    ///     Running::start_here(&t.build().unwrap(), &Options::default());
    ///
    ///     assert_eq!(feeder.feed(1).settled().await.reason(), None);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// The value was fed untracked: nobody tells what became of it.
    pub async fn settled(&self) -> Outcome {
        self.tracker.settled(self.id).await;
        #[expect(clippy::expect_used, reason = "documented: it cannot be awaited")]
        self.outcomes().pop().expect("an untracked value has no outcome")
    }
}

impl fmt::Debug for Fed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fed").field("id", &self.id).field("outcomes", &self.outcomes()).finish()
    }
}
