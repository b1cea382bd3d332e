//! [`Inbox`]: the bounded queue in front of a bolt. It outlives the tasks that read it.
//!
//! A component that is reached only by shuffle has one inbox from which all its tasks take; any other
//! component has one inbox a task. Producers hold a [`Sender`]; when the last one is dropped the inbox is
//! closed, and a reader is told so after it has taken everything: a drain walks down the topology by
//! itself.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    task::{Context, Poll, Waker},
    time::Instant,
};

use crate::{
    batch::Batch,
    delivery::Reason,
    orders::Life,
    panics::drop_caught,
    probe::QueueProbe,
    sync::{Arc, Mutex, MutexGuard, lock},
};

#[cfg(all(test, not(loom)))]
#[allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "in a test a panic is the message")]
mod tests;

/// A bounded queue of batches. Clones are handles of one queue.
pub(crate) struct Inbox<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    /// Tasks that take from this inbox.
    readers: AtomicUsize,
    /// It knows the capacity too.
    probe: std::sync::Arc<QueueProbe>,
}

struct State<T> {
    queue: VecDeque<Queued<T>>,
    depth: usize,
    /// Tuples at the front that were taken before and put back.
    returned: usize,
    /// The tasks that hold a sender, each as often as it holds one.
    senders: Vec<Life>,
    /// Some task has lost its senders.
    has_revoked: bool,
    waiting_readers: Vec<Waker>,
    waiting_senders: Vec<Waker>,
}

struct Queued<T> {
    batch: Batch<T>,
    since: Instant,
}

/// What a reader got.
pub(crate) enum Received<T> {
    Batch(Batch<T>),
    /// Every sender is gone and nothing is left.
    Closed,
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Inbox<T> {
    /// `capacity` in tuples, for `readers` tasks; both at least 1.
    pub(crate) fn new(capacity: usize, readers: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                depth: 0,
                returned: 0,
                senders: Vec::new(),
                has_revoked: false,
                waiting_readers: Vec::new(),
                waiting_senders: Vec::new(),
            }),
            readers: AtomicUsize::new(readers.max(1)),
            probe: std::sync::Arc::new(QueueProbe::new(capacity.max(1))),
        }))
    }

    pub(crate) fn probe(&self) -> std::sync::Arc<QueueProbe> {
        std::sync::Arc::clone(&self.0.probe)
    }

    /// A sender for the task with this life.
    pub(crate) fn sender(&self, life: Life) -> Sender<T> {
        lock(&self.0.state).senders.push(life);
        Sender { inbox: self.clone(), life, blocked_since: None }
    }

    /// Takes its senders away from a task that is given up: it can neither send any more nor keep the
    /// inbox open.
    pub(crate) fn revoke(&self, life: Life) {
        let mut state = lock(&self.0.state);
        state.has_revoked = true;
        state.senders.retain(|sender| *sender != life);
        let readers = state.readers_of_closed();
        drop(state);
        readers.into_iter().for_each(Waker::wake);
    }

    /// From now on so many tasks take from this inbox.
    pub(crate) fn set_readers(&self, readers: usize) {
        self.0.readers.store(readers.max(1), Relaxed);
    }

    /// From now on so many tuples fit. What is queued stays.
    pub(crate) fn set_capacity(&self, capacity: usize) {
        let mut state = lock(&self.0.state);
        self.0.probe.set_capacity(capacity.max(1));
        let senders = std::mem::take(&mut state.waiting_senders);
        drop(state);
        senders.into_iter().for_each(Waker::wake);
    }

    /// Whether several tasks take from this inbox.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.readers.load(Relaxed) > 1
    }

    /// Whether nothing was queued a moment ago. Asks no lock, so that looking again and again does not slow
    /// down the senders.
    pub(crate) fn looks_empty(&self) -> bool {
        self.0.probe.depth() == 0
    }

    /// Takes the next batch, at most `most` tuples and at most one reader's share of what is queued. It is of one
    /// piece as it was queued, so never more than fits: what is [put back](Self::put_back) does not add up.
    pub(crate) fn poll_receive(&self, most: usize, cx: &mut Context<'_>) -> Poll<Received<T>> {
        let mut state = lock(&self.0.state);
        let Some(mut first) = state.queue.pop_front() else {
            if state.senders.is_empty() {
                return Poll::Ready(Received::Closed);
            }
            remember(&mut state.waiting_readers, cx);
            return Poll::Pending;
        };
        let share = state.depth.div_ceil(self.0.readers.load(Relaxed)).min(most).max(1);
        let batch = if first.batch.len() <= share {
            first.batch
        } else {
            let head = first.batch.take_front(share);
            state.queue.push_front(first);
            head
        };
        state.depth -= batch.len();
        // A reader that has work must not be woken in the place of one that waits.
        state.waiting_readers.retain(|waker| !waker.will_wake(cx.waker()));
        let taken_first = state.take_returned(batch.len());
        self.note(&state, taken_first);
        let woken = self.whom_to_wake(&mut state);
        drop(state);
        woken.into_iter().for_each(Waker::wake);
        Poll::Ready(Received::Batch(batch))
    }

    /// A reader that waited turns to something else. If a sender has just woken it, another one is woken in
    /// its place.
    pub(crate) fn stop_waiting(&self, cx: &Context<'_>) {
        let mut state = lock(&self.0.state);
        let before = state.waiting_readers.len();
        state.waiting_readers.retain(|waker| !waker.will_wake(cx.waker()));
        let was_woken = state.waiting_readers.len() == before;
        let other = if was_woken && state.depth > 0 { state.waiting_readers.pop() } else { None };
        drop(state);
        if let Some(other) = other {
            other.wake();
        }
    }

    /// Room was made: blocked senders may go on once half the inbox is free, so that they hand over
    /// batches and not single tuples. What is left is for the next idle reader.
    fn whom_to_wake(&self, state: &mut State<T>) -> Vec<Waker> {
        let mut woken = Vec::new();
        if state.depth <= self.0.probe.capacity() / 2 {
            woken.append(&mut state.waiting_senders);
        }
        if state.depth > 0 {
            woken.extend(state.waiting_readers.pop());
        }
        woken
    }

    /// Puts tuples that were taken and not executed back in front. They were admitted before, so the
    /// capacity is not asked again.
    pub(crate) fn put_back(&self, batch: Batch<T>, now: Instant) {
        if batch.is_empty() {
            return;
        }
        let mut state = lock(&self.0.state);
        state.depth += batch.len();
        state.returned += batch.len();
        state.queue.push_front(Queued { batch, since: now });
        self.note(&state, 0);
        let reader = state.waiting_readers.pop();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Fails everything that is queued, and returns how many tuples that were.
    pub(crate) fn discard(&self, reason: Reason) -> usize {
        let mut state = lock(&self.0.state);
        let queue = std::mem::take(&mut state.queue);
        let depth = std::mem::take(&mut state.depth);
        let taken_first = state.take_returned(depth);
        self.note(&state, taken_first);
        let senders = std::mem::take(&mut state.waiting_senders);
        drop(state);
        for mut queued in queue {
            while let Some(run) = queued.batch.next_run() {
                run.anchor.fail(reason);
            }
            drop_caught(queued);
        }
        senders.into_iter().for_each(Waker::wake);
        depth
    }

    fn note(&self, state: &MutexGuard<'_, State<T>>, taken: usize) {
        self.0.probe.note(state.depth, taken, state.queue.front().map(|queued| queued.since));
    }
}

impl<T> State<T> {
    /// So many tuples leave the front. Returns how many of them leave it for the first time.
    fn take_returned(&mut self, leaving: usize) -> usize {
        let again = self.returned.min(leaving);
        self.returned -= again;
        leaving - again
    }

    /// Whom to tell that the last sender is gone, if it is.
    fn readers_of_closed(&mut self) -> Vec<Waker> {
        if self.senders.is_empty() { std::mem::take(&mut self.waiting_readers) } else { Vec::new() }
    }
}

/// A producer's end. The inbox is closed when the last sender is dropped.
pub(crate) struct Sender<T> {
    inbox: Inbox<T>,
    life: Life,
    blocked_since: Option<Instant>,
}

impl<T> Sender<T> {
    /// Hands over as much of `batch` as there is room for; ready when nothing is left of it.
    pub(crate) fn poll_send(&mut self, batch: &mut Batch<T>, now: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if batch.is_empty() {
            return Poll::Ready(());
        }
        let shared = &self.inbox.0;
        let mut state = lock(&shared.state);
        if state.has_revoked && !state.senders.contains(&self.life) {
            drop(state);
            // The roots of what it held have ended by timeout, or end now.
            drop_caught(std::mem::replace(batch, Batch::empty()));
            return Poll::Ready(());
        }
        let room = shared.probe.capacity().saturating_sub(state.depth);
        let mut reader = None;
        if room > 0 {
            let part = batch.take_front(room);
            state.depth += part.len();
            state.queue.push_back(Queued { batch: part, since: now });
            self.inbox.note(&state, 0);
            reader = state.waiting_readers.pop();
        }
        let blocked = !batch.is_empty();
        if blocked {
            remember(&mut state.waiting_senders, cx);
        }
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
        self.note_blocked(blocked, now);
        if blocked { Poll::Pending } else { Poll::Ready(()) }
    }

    fn note_blocked(&mut self, blocked: bool, now: Instant) {
        match (blocked, self.blocked_since) {
            (true, None) => {
                self.inbox.0.probe.begin_block(now);
                self.blocked_since = Some(now);
            }
            (false, Some(since)) => {
                self.inbox.0.probe.end_block(since, now);
                self.blocked_since = None;
            }
            _ => {}
        }
    }

    pub(crate) fn depth(&self) -> usize {
        self.inbox.0.probe.depth()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if let Some(since) = self.blocked_since {
            // It gave up: what it waited until now is not known here and not counted.
            self.inbox.0.probe.end_block(since, since);
        }
        let mut state = lock(&self.inbox.0.state);
        if let Some(at) = state.senders.iter().position(|sender| *sender == self.life) {
            state.senders.swap_remove(at);
        }
        let readers = state.readers_of_closed();
        drop(state);
        readers.into_iter().for_each(Waker::wake);
    }
}

/// Registers the waker of this poll once.
fn remember(wakers: &mut Vec<Waker>, cx: &Context<'_>) {
    if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
        wakers.push(cx.waker().clone());
    }
}
