//! [`Host`]: what a run loop needs from the thread that runs it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Instant,
};

/// A future that stays on its thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The clock and the scheduler of a thread. The runtime implements it with tokio's; core knows only this.
pub trait Host: fmt::Debug {
    /// The present, real or virtual.
    fn now(&self) -> Instant;

    /// A future that is ready at `at`, rounded as the host's timer does.
    fn sleep_until(&self, at: Instant) -> LocalFuture<'static, ()>;

    /// Ready while the task may go on; pending (and woken) when others on the thread must have a turn.
    fn poll_budget(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Whether the thread belongs to this task alone, so that it may block.
    fn is_own_thread(&self) -> bool;
}

/// What the spouts of a topology are told to do. Each is stronger than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Call `next`.
    Running,
    /// Do not call `next`; take outcomes. The topology may be resumed.
    Paused,
    /// Never call `next` again; wait for outcomes; then close.
    Draining,
    /// Fail what is pending with [`Reason::Shutdown`](crate::Reason::Shutdown); then close.
    Stopping,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Draining, Self::Stopping];
}

/// The switch through which a topology's spouts learn their phase.
pub struct Control {
    phase: AtomicU8,
    wakers: Mutex<Vec<Waker>>,
}

impl Control {
    /// A switch in this phase.
    pub fn new(phase: Phase) -> Self {
        Self { phase: AtomicU8::new(phase as u8), wakers: Mutex::new(Vec::new()) }
    }

    /// The phase now.
    #[inline]
    pub fn phase(&self) -> Phase {
        let at = usize::from(self.phase.load(Ordering::Acquire));
        Phase::ALL.get(at).copied().unwrap_or(Phase::Stopping)
    }

    /// Changes the phase and wakes all spouts. A drain or stop is never taken back: then this does nothing
    /// and returns `false`.
    pub fn set(&self, phase: Phase) -> bool {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.phase();
        if now >= Phase::Draining && phase < now {
            return false;
        }
        self.phase.store(phase as u8, Ordering::Release);
        let woken = std::mem::take(&mut *wakers);
        drop(wakers);
        woken.into_iter().for_each(Waker::wake);
        true
    }

    /// Ready once the phase is another than `seen`.
    pub(crate) fn poll_changed(&self, seen: Phase, cx: &mut Context<'_>) -> Poll<()> {
        let mut wakers = self.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.phase() != seen {
            return Poll::Ready(());
        }
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
