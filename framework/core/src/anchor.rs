//! [`Anchor`]: the claim of one tuple on its root. Acks are drops that were announced; a drop that was
//! not announced fails the root.
//!
//! A root is one `Arc`. Every tuple of its tree holds a clone. The outcome reaches the spout through the
//! root's [`Home`]: a failure at once, by whoever fails it first; the ack by whoever gives up the last
//! claim. The last owner sends the memory along, so that the spout uses it again.

use std::{
    mem,
    sync::atomic::{AtomicU64, AtomicUsize},
    task::{Context, Poll, Waker},
};

use crate::{
    delivery::{Delivery, Reason, State},
    sync::{Arc, AtomicBool, AtomicU8, Mutex, Ordering, lock},
};

/// Where a root is kept by its spout. The generation tells apart the roots that used one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotKey {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl SlotKey {
    fn pack(self) -> u64 {
        (u64::from(self.slot) << 32) | u64::from(self.generation)
    }

    fn unpack(word: u64) -> Self {
        Self { slot: (word >> 32) as u32, generation: word as u32 }
    }
}

/// Roots that have failed and still have claims, in all topologies of the process.
///
/// A hint: while it is zero nobody need look at the state of a root, which would fetch its cache line from
/// the core that works on it. Missing a failure costs some wasted work and nothing else.
static FAILED_ALIVE: AtomicUsize = AtomicUsize::new(0);

/// One tuple tree, shared by all its tuples.
///
/// `key` and `delivery` change only while the spout alone holds the root; handing it over synchronises, so
/// every access is relaxed and loom need not see them.
pub(crate) struct Root {
    key: AtomicU64,
    delivery: AtomicU64,
    state: AtomicU8,
    home: Arc<Home>,
}

impl Root {
    pub(crate) fn new(key: SlotKey, delivery: Delivery, home: Arc<Home>) -> Self {
        Self {
            key: AtomicU64::new(key.pack()),
            delivery: AtomicU64::new(delivery.pack()),
            state: AtomicU8::new(State::ALIVE.0),
            home,
        }
    }

    /// Makes a settled root live again under another key. Only its spout holds it.
    #[inline]
    pub(crate) fn renew(&self, key: SlotKey, delivery: Delivery) {
        self.key.store(key.pack(), Ordering::Relaxed);
        self.delivery.store(delivery.pack(), Ordering::Relaxed);
        self.state.store(State::ALIVE.0, Ordering::Relaxed);
    }

    #[inline]
    fn key(&self) -> SlotKey {
        SlotKey::unpack(self.key.load(Ordering::Relaxed))
    }

    /// The last claim is given up. Returns what is left to tell.
    #[inline]
    fn settle(&self) -> State {
        // Relaxed: the caller is the only owner.
        let alive = self.state.load(Ordering::Relaxed) == State::ALIVE.0;
        self.state.store(State::SETTLED.0, Ordering::Relaxed);
        if alive {
            return State::ALIVE;
        }
        FAILED_ALIVE.fetch_sub(1, Ordering::Relaxed);
        State::SETTLED
    }

    /// The first failure wins and is told at once.
    #[cold]
    fn fail(&self, reason: Reason, permanent: bool) {
        let failed = State::failed(reason, permanent);
        let first = self
            .state
            .compare_exchange(State::ALIVE.0, failed.0, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        if first {
            FAILED_ALIVE.fetch_add(1, Ordering::Relaxed);
            self.home.tell_one(Told { key: self.key(), state: failed, root: None });
        }
    }
}

impl Drop for Root {
    /// Two last claims given up at once both see another owner; then nobody takes the memory home, and
    /// the outcome is told from here.
    fn drop(&mut self) {
        match self.state.load(Ordering::Acquire) {
            state if state == State::ALIVE.0 => {
                self.home.tell_one(Told { key: self.key(), state: State::ALIVE, root: None });
            }
            state if state == State::SETTLED.0 => {}
            _ => {
                FAILED_ALIVE.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

/// An outcome on its way to the spout, or just the memory of a root whose outcome was told before.
pub(crate) struct Told {
    pub(crate) key: SlotKey,
    /// [`State::ALIVE`]: acked. A failure: failed. [`State::SETTLED`]: nothing to tell.
    pub(crate) state: State,
    pub(crate) root: Option<Arc<Root>>,
}

/// Where the outcomes of one spout task arrive.
///
/// It holds at most two entries for each root that is alive: its outcome, its memory. `max_pending` bounds the
/// roots that are pending; one that has timed out lives on until inboxes and bolts, which are bounded too,
/// have let go of it.
pub(crate) struct Home {
    inner: Mutex<Arrivals>,
    /// A hint that spares the spout a lock per turn; `inner` decides.
    arrived: AtomicBool,
}

struct Arrivals {
    told: Vec<Told>,
    waker: Option<Waker>,
}

impl Home {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Arrivals { told: Vec::new(), waker: None }),
            arrived: AtomicBool::new(false),
        })
    }

    fn tell_one(&self, told: Told) {
        self.tell_with(|list| list.push(told));
    }

    fn tell_all(&self, told: &mut Vec<Told>) {
        self.tell_with(|list| list.append(told));
    }

    fn tell_with(&self, add: impl FnOnce(&mut Vec<Told>)) {
        let mut inner = lock(&self.inner);
        add(&mut inner.told);
        self.arrived.store(true, Ordering::Release);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether a call of [`take`](Self::take) would probably yield something.
    #[inline]
    pub(crate) fn has_arrivals(&self) -> bool {
        self.arrived.load(Ordering::Relaxed)
    }

    /// Swaps what arrived into the empty `into`.
    pub(crate) fn take(&self, into: &mut Vec<Told>) {
        let mut inner = lock(&self.inner);
        mem::swap(&mut inner.told, into);
        self.arrived.store(false, Ordering::Relaxed);
    }

    /// Ready as soon as something has arrived.
    pub(crate) fn poll_arrivals(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut inner = lock(&self.inner);
        if inner.told.is_empty() {
            inner.waker = Some(cx.waker().clone());
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

/// The claim of one tuple on its root.
///
/// [`ack`](Self::ack) or [`fail`](Self::fail) decide; a drop without a decision fails the root with
/// [`Reason::Dropped`]. A root is acked when all its claims are acked. User code meets an anchor only
/// through [`Output::hold`](crate::Output::hold).
#[must_use = "dropping an anchor fails its root; call `ack` or keep it"]
pub struct Anchor(Option<Arc<Root>>);

impl Anchor {
    /// The anchor of a tuple that belongs to no root.
    pub(crate) const NONE: Self = Self(None);

    #[inline]
    pub(crate) fn new(root: Arc<Root>) -> Self {
        Self(Some(root))
    }

    /// Another claim on the same root.
    #[inline]
    pub(crate) fn branch(&self) -> Self {
        Self(self.0.as_ref().map(Arc::clone))
    }

    /// Moves the claim out and leaves none.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        Self(self.0.take())
    }

    #[inline]
    pub(crate) fn is_same_root(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// Whether the tuple belongs to a root.
    #[inline]
    pub fn is_tracked(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the root has failed already, so that work on it is wasted.
    #[inline]
    pub fn is_failed(&self) -> bool {
        FAILED_ALIVE.load(Ordering::Relaxed) > 0
            && self.0.as_ref().is_some_and(|root| root.state.load(Ordering::Relaxed) != State::ALIVE.0)
    }

    /// How often the root was delivered. An untracked tuple is always a first delivery.
    pub fn delivery(&self) -> Delivery {
        let packed = self.0.as_ref().map(|root| root.delivery.load(Ordering::Relaxed));
        packed.map_or(Delivery::first(), Delivery::unpack)
    }

    /// Gives up the claim: this tuple is done.
    #[inline]
    pub fn ack(mut self) {
        self.0 = None;
    }

    /// Fails the root, unless it failed before.
    pub fn fail(self, reason: Reason) {
        self.fail_with(reason, false);
    }

    pub(crate) fn fail_with(mut self, reason: Reason, permanent: bool) {
        if let Some(root) = self.0.take() {
            root.fail(reason, permanent);
        }
    }
}

impl Drop for Anchor {
    #[inline]
    fn drop(&mut self) {
        if let Some(root) = &self.0 {
            root.fail(Reason::Dropped, false);
        }
    }
}

impl std::fmt::Debug for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slot = self.0.as_ref().map(|root| root.key().slot);
        f.debug_struct("Anchor").field("slot", &slot).field("failed", &self.is_failed()).finish()
    }
}

/// Outcomes that a task has collected and tells their homes together, once a batch.
#[doc(hidden)]
#[derive(Default)]
pub struct Outcomes {
    homes: Vec<(Arc<Home>, Vec<Told>)>,
    /// Where the last outcome went: most batches come from one spout task.
    last: usize,
    waiting: bool,
}

impl Outcomes {
    /// Acks one claim. The last claim of a root takes its memory along.
    #[inline]
    pub fn release(&mut self, mut anchor: Anchor) {
        let Some(mut root) = anchor.0.take() else { return };
        // Not the last owner: dropping the `Arc` is all there is to do.
        if Arc::get_mut(&mut root).is_none() {
            return;
        }
        let (state, key) = (root.settle(), root.key());
        self.list_of(&root).push(Told { key, state, root: Some(root) });
        self.waiting = true;
    }

    #[inline]
    fn list_of(&mut self, root: &Root) -> &mut Vec<Told> {
        let is_last = self.homes.get(self.last).is_some_and(|(home, _)| Arc::ptr_eq(home, &root.home));
        if !is_last {
            let known = self.homes.iter().position(|(home, _)| Arc::ptr_eq(home, &root.home));
            self.last = known.unwrap_or_else(|| {
                self.homes.push((Arc::clone(&root.home), Vec::new()));
                self.homes.len() - 1
            });
        }
        #[expect(clippy::indexing_slicing, reason = "`last` was set to a valid index just above")]
        &mut self.homes[self.last].1
    }

    /// Tells everything that was collected.
    pub(crate) fn tell(&mut self) {
        if !mem::take(&mut self.waiting) {
            return;
        }
        for (home, told) in &mut self.homes {
            if !told.is_empty() {
                home.tell_all(told);
            }
        }
    }
}

impl std::fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcomes").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Drop for Outcomes {
    fn drop(&mut self) {
        self.tell();
    }
}
