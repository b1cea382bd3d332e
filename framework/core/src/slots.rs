//! [`Slots`]: the roots of one spout task that have no outcome yet, with their ids, counts and deadlines.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::Arc as StdArc,
    time::Duration,
};

use crate::{
    Delivery, Failure, Reason,
    anchor::{Anchor, Home, Root, SlotKey, Told},
    delivery::Verdict,
    probe::{RootCounts, TaskProbe},
    sync::Arc,
};

/// The message timeout is looked after this many times: a root without an outcome fails later than the
/// timeout and at most one eighth of it later still (plus the host's timer).
const SWEEPS: u32 = 8;

/// The roots of one spout task.
pub(crate) struct Slots<Id> {
    slots: Vec<Slot<Id>>,
    free: Vec<u32>,
    /// Roots whose memory came home.
    spare: Vec<Arc<Root>>,
    home: Arc<Home>,
    current: Anchor,
    max_pending: usize,
    ledger: Rc<Ledger>,
}

/// The counts and the time of the slots, for whoever watches while a pending `next` borrows the slots.
pub(crate) struct Ledger {
    counts: RefCell<RootCounts>,
    period: Duration,
    /// Sweep periods that have begun. Roots remember the one in which they were tracked.
    epoch: Cell<u32>,
    /// Nanoseconds since the start at the last look at the clock.
    now: Cell<u64>,
    /// Acks since then of roots that were tracked at one instant: that instant, and how many. Roots of one turn mostly
    /// come back together, and are counted together.
    acks: Cell<(u64, u64)>,
    /// Where it is counted how long roots take, if that is wanted.
    latency: OnceCell<StdArc<TaskProbe>>,
}

impl Ledger {
    pub(crate) fn counts(&self) -> RootCounts {
        *self.counts.borrow()
    }

    /// Roots without an outcome.
    #[inline]
    pub(crate) fn pending(&self) -> usize {
        self.counts.borrow().pending as usize
    }

    /// How often [`Slots::next_overdue`] should be asked.
    pub(crate) fn sweep_period(&self) -> Duration {
        self.period
    }

    /// Counts from now on how long roots take.
    pub(crate) fn measure(&self, counters: &StdArc<TaskProbe>) {
        if counters.has_latency() {
            self.latency.get_or_init(|| StdArc::clone(counters));
        }
    }

    #[inline]
    fn note_ack(&self, tracked: u64) {
        let (of, acks) = self.acks.get();
        if of == tracked {
            self.acks.set((of, acks + 1));
        } else {
            self.tell_acks();
            self.acks.set((tracked, 1));
        }
    }

    /// Tells how long the roots took whose acks were noted.
    #[cold]
    pub(crate) fn tell_acks(&self) {
        let (tracked, acks) = self.acks.take();
        if acks > 0
            && let Some(counters) = self.latency.get()
        {
            counters.record(Duration::from_nanos(self.now.get().saturating_sub(tracked)), acks);
        }
    }

    /// Brings the clock and the epoch up to date.
    pub(crate) fn set_time(&self, since_start: Duration) {
        self.tell_acks();
        self.now.set(u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX));
        let epoch = since_start.as_nanos() / self.period.as_nanos().max(1);
        self.epoch.set(u32::try_from(epoch).unwrap_or(u32::MAX));
    }
}

struct Slot<Id> {
    id: Option<Id>,
    generation: u32,
    epoch: u32,
    delivery: Delivery,
    /// When its first attempt was tracked, as [`Ledger::now`].
    tracked: u64,
}

/// A root with its outcome.
pub(crate) enum Outcome<Id> {
    Acked(Id),
    Failed(Id, Box<Failure>),
}

impl<Id> Slots<Id> {
    pub(crate) fn new(max_pending: usize, timeout: Duration) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
            home: Home::new(),
            current: Anchor::NONE,
            max_pending: max_pending.max(1),
            ledger: Rc::new(Ledger {
                counts: RefCell::new(RootCounts::default()),
                period: (timeout / SWEEPS).max(Duration::from_millis(1)),
                epoch: Cell::new(0),
                now: Cell::default(),
                acks: Cell::default(),
                latency: OnceCell::new(),
            }),
        }
    }

    pub(crate) fn home(&self) -> Arc<Home> {
        Arc::clone(&self.home)
    }

    pub(crate) fn ledger(&self) -> Rc<Ledger> {
        Rc::clone(&self.ledger)
    }

    #[inline]
    fn pending(&self) -> usize {
        self.ledger.pending()
    }

    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.max_pending.saturating_sub(self.pending())
    }

    #[inline]
    pub(crate) fn has_current(&self) -> bool {
        self.current.is_tracked()
    }

    /// The slot of the root in hand.
    pub(crate) fn current(&self) -> Option<u32> {
        self.current.slot()
    }

    /// Takes the claim of the root in hand.
    #[inline]
    pub(crate) fn take_current(&mut self) -> Anchor {
        self.current.take()
    }

    /// Begins a root; it is the one in hand.
    pub(crate) fn track(&mut self, id: Id, delivery: Delivery) {
        let key = self.occupy(id, delivery);
        let mut counts = self.ledger.counts.borrow_mut();
        counts.emitted += 1;
        counts.pending += 1;
        drop(counts);
        self.current = self.root(key, delivery);
    }

    #[inline]
    fn root(&mut self, key: SlotKey, delivery: Delivery) -> Anchor {
        let root = match self.spare.pop() {
            Some(root) => {
                root.renew(key, delivery);
                root
            }
            None => Arc::new(Root::new(key, delivery, Arc::clone(&self.home))),
        };
        Anchor::new(root)
    }

    /// The attempt is over and the root is not: what is told of it is ignored, and no timeout runs.
    pub(crate) fn park(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.generation = slot.generation.wrapping_add(1);
            slot.epoch = u32::MAX;
        }
    }

    /// Begins another attempt of a root that was parked.
    pub(crate) fn begin_again(&mut self, at: u32, delivery: Delivery) -> Option<Anchor> {
        let slot = self.slots.get_mut(at as usize).filter(|slot| slot.id.is_some())?;
        (slot.epoch, slot.delivery) = (self.ledger.epoch.get(), delivery);
        let key = SlotKey { slot: at, generation: slot.generation };
        Some(self.root(key, delivery))
    }

    fn occupy(&mut self, id: Id, delivery: Delivery) -> SlotKey {
        let (epoch, tracked) = (self.ledger.epoch.get(), self.ledger.now.get());
        if let Some(at) = self.free.pop()
            && let Some(slot) = self.slots.get_mut(at as usize)
        {
            slot.generation = slot.generation.wrapping_add(1);
            (slot.id, slot.epoch, slot.delivery) = (Some(id), epoch, delivery);
            slot.tracked = tracked;
            return SlotKey { slot: at, generation: slot.generation };
        }
        let at = self.slots.len() as u32;
        self.slots.push(Slot { id: Some(id), generation: 0, epoch, delivery, tracked });
        SlotKey { slot: at, generation: 0 }
    }

    /// Books what a task told, without replays.
    pub(crate) fn settle(&mut self, told: Told) -> Option<Outcome<Id>> {
        match told {
            Told::Over { key, is_acked, root } => {
                let slot = self.over(key, is_acked, root)?;
                self.ack(slot)
            }
            Told::Failed { key, verdict } => {
                let failure = self.failed(key, *verdict)?;
                self.fail(key.slot, failure)
            }
        }
    }

    /// The last claim on a root is given up. Returns its slot if that is its ack, unless the attempt is over
    /// already: it timed out before.
    #[inline]
    pub(crate) fn over(&mut self, key: SlotKey, is_acked: bool, root: Option<Arc<Root>>) -> Option<u32> {
        if let Some(root) = root
            && self.spare.len() < self.max_pending
        {
            self.spare.push(root);
        }
        (is_acked && self.is_current(key)).then_some(key.slot)
    }

    /// The failure of an attempt, unless it is over already.
    pub(crate) fn failed(&self, key: SlotKey, verdict: Verdict) -> Option<Failure> {
        let failure = self.failure(key.slot, verdict)?;
        self.is_current(key).then_some(failure)
    }

    /// Whether the slot is still that of this root.
    #[inline]
    fn is_current(&self, key: SlotKey) -> bool {
        self.slots.get(key.slot as usize).is_some_and(|slot| slot.generation == key.generation)
    }

    #[inline]
    pub(crate) fn ack(&mut self, at: u32) -> Option<Outcome<Id>> {
        let tracked = self.slots.get(at as usize)?.tracked;
        let id = self.vacate(at)?;
        self.ledger.counts.borrow_mut().acked += 1;
        self.ledger.note_ack(tracked);
        Some(Outcome::Acked(id))
    }

    /// The attempt in this slot with its verdict.
    pub(crate) fn failure(&self, at: u32, verdict: Verdict) -> Option<Failure> {
        let delivery = self.slots.get(at as usize)?.delivery;
        let Verdict { reason, permanent, cause } = verdict;
        Some(Failure { reason, permanent, delivery, cause })
    }

    pub(crate) fn fail(&mut self, at: u32, failure: Failure) -> Option<Outcome<Id>> {
        let id = self.vacate(at)?;
        self.ledger.counts.borrow_mut().count_failure(failure.reason);
        Some(Outcome::Failed(id, Box::new(failure)))
    }

    #[inline]
    fn vacate(&mut self, at: u32) -> Option<Id> {
        let slot = self.slots.get_mut(at as usize)?;
        let id = slot.id.take()?;
        self.free.push(at);
        self.ledger.counts.borrow_mut().pending -= 1;
        Some(id)
    }

    /// Books for which roots the timeout begins anew. Called by each sweep before it looks for overdue roots.
    pub(crate) fn book_resets(&mut self) {
        // The wish came in the period that ends with this sweep.
        let since = self.ledger.epoch.get().saturating_sub(1);
        for SlotKey { slot, generation } in self.home.take_resets() {
            let slot = self.slots.get_mut(slot as usize);
            if let Some(slot) = slot.filter(|slot| slot.generation == generation) {
                slot.epoch = slot.epoch.max(since);
            }
        }
    }

    /// The next slot, at or behind `from`, whose attempt has outlived the timeout, with its failure.
    pub(crate) fn next_overdue(&self, from: u32) -> Option<(u32, Failure)> {
        let epoch = self.ledger.epoch.get();
        self.next_that(from, Reason::Timeout, |slot| epoch.saturating_sub(slot.epoch) > SWEEPS)
    }

    /// The next slot, at or behind `from`, whose root is pending, with its failure: the topology stops.
    pub(crate) fn next_abandoned(&self, from: u32) -> Option<(u32, Failure)> {
        self.next_that(from, Reason::Shutdown, |_| true)
    }

    fn next_that(
        &self,
        from: u32,
        reason: Reason,
        is_it: impl Fn(&Slot<Id>) -> bool,
    ) -> Option<(u32, Failure)> {
        let slots = self.slots.iter().enumerate().skip(from as usize);
        let (at, _) = slots.into_iter().find(|(_, slot)| slot.id.is_some() && is_it(slot))?;
        let failure = self.failure(at as u32, Verdict::of(reason))?;
        Some((at as u32, failure))
    }
}
