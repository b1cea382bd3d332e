//! [`Home`]: where the outcomes of one spout task arrive, from whatever thread.

use std::{
    collections::HashSet,
    mem,
    task::{Context, Poll, Waker},
};

use crate::{
    anchor::Root,
    delivery::Verdict,
    sync::{Arc, AtomicBool, Mutex, Ordering, lock},
};

/// Where a root is kept by its spout. The generation tells apart the roots that used one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SlotKey {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl SlotKey {
    pub(crate) fn pack(self) -> u64 {
        (u64::from(self.slot) << 32) | u64::from(self.generation)
    }

    pub(crate) fn unpack(word: u64) -> Self {
        Self { slot: (word >> 32) as u32, generation: word as u32 }
    }
}

/// An outcome on its way to the spout, or just the memory of a root whose outcome was told before.
pub(crate) enum Told {
    /// The last claim is given up. Unless it is an ack, the root has failed before.
    Over { key: SlotKey, is_acked: bool, root: Option<Arc<Root>> },
    /// The first failure.
    Failed { key: SlotKey, verdict: Box<Verdict> },
}

/// Where the outcomes of one spout task arrive.
///
/// It holds at most three entries for each root that is alive: its outcome, its memory, a wish for time.
/// `max_pending` bounds the roots that are pending; one that has timed out lives on until inboxes and bolts,
/// which are bounded too, have let go of it.
pub(crate) struct Home {
    inner: Mutex<Arrivals>,
    /// A hint that spares the spout a lock per turn; `inner` decides.
    arrived: AtomicBool,
}

struct Arrivals {
    told: Vec<Told>,
    /// Roots whose timeout shall begin anew. Nobody waits for them: the next sweep asks.
    resets: HashSet<SlotKey>,
    waker: Option<Waker>,
}

impl Home {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Arrivals { told: Vec::new(), resets: HashSet::new(), waker: None }),
            arrived: AtomicBool::new(false),
        })
    }

    pub(crate) fn tell_one(&self, told: Told) {
        self.tell_with(|list| list.push(told));
    }

    pub(crate) fn tell_all(&self, told: &mut Vec<Told>) {
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

    /// The timeout of this root shall begin anew.
    pub(crate) fn reset(&self, key: SlotKey) {
        lock(&self.inner).resets.insert(key);
    }

    /// Takes the roots whose timeout shall begin anew.
    pub(crate) fn take_resets(&self) -> HashSet<SlotKey> {
        mem::take(&mut lock(&self.inner).resets)
    }
}
