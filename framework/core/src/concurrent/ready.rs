//! [`Ready`]: which calls were woken, so that a wake-up costs one poll and not one of every call.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use std::task::{Context, Wake, Waker};

/// The woken calls of one task, by slot.
pub(super) struct Ready(Arc<Shared>);

struct Shared(Mutex<State>);

struct State {
    woken: Vec<usize>,
    /// Wakes the task.
    task: Option<Waker>,
}

impl Ready {
    pub(super) fn new() -> Self {
        Self(Arc::new(Shared(Mutex::new(State { woken: Vec::new(), task: None }))))
    }

    /// The bell of the call in `slot`.
    pub(super) fn bell(&self, slot: usize) -> Bell {
        let wake = Arc::new(WakeSlot { slot, is_woken: AtomicBool::new(false), ready: Arc::clone(&self.0) });
        Bell { waker: Waker::from(Arc::clone(&wake)), wake }
    }

    /// Swaps the slots that were woken into the empty `into`. Later wake-ups wake the task of `cx`.
    pub(super) fn take(&self, into: &mut Vec<usize>, cx: &Context<'_>) {
        let mut state = self.0.lock();
        std::mem::swap(&mut state.woken, into);
        if !state.task.as_ref().is_some_and(|task| task.will_wake(cx.waker())) {
            state.task = Some(cx.waker().clone());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What wakes one call. It serves one call after another: a wake-up that comes too late costs the next one a poll.
pub(super) struct Bell {
    wake: Arc<WakeSlot>,
    waker: Waker,
}

impl Bell {
    /// The waker for a poll of the call. It may ring again from here on.
    pub(super) fn for_poll(&self) -> Waker {
        self.wake.is_woken.store(false, Ordering::Release);
        self.waker.clone()
    }
}

struct WakeSlot {
    slot: usize,
    is_woken: AtomicBool,
    ready: Arc<Shared>,
}

impl Wake for WakeSlot {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut state = self.ready.lock();
        state.woken.push(self.slot);
        let task = state.task.clone();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_woken_twice_is_polled_once() {
        let ready = Ready::new();
        let (first, second) = (ready.bell(0), ready.bell(1));
        let cx = Context::from_waker(Waker::noop());
        let mut woken = Vec::new();

        let waker = second.for_poll();
        waker.wake_by_ref();
        first.for_poll().wake();
        waker.wake_by_ref();
        ready.take(&mut woken, &cx);
        assert_eq!(woken, [1, 0]);

        woken.clear();
        waker.wake_by_ref();
        ready.take(&mut woken, &cx);
        assert!(woken.is_empty(), "its poll is still owed");

        second.for_poll();
        waker.wake();
        ready.take(&mut woken, &cx);
        assert_eq!(woken, [1]);
    }
}
