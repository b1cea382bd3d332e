//! [`Seen`]: a value that one thread changes and others wait for.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(crate) struct Seen<T> {
    value: Mutex<T>,
    changed: Condvar,
    /// The same for those who must not block.
    notified: Notify,
}

impl<T> Seen<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Mutex::new(value), changed: Condvar::new(), notified: Notify::new() }
    }

    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Changes it and wakes all who wait.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        self.notified.notify_waiters();
        result
    }

    /// Blocks until `wanted` gives something; `None` if it does not within `patience`.
    pub(crate) fn wait<R>(&self, patience: Duration, mut wanted: impl FnMut(&T) -> Option<R>) -> Option<R> {
        let end = Instant::now() + patience;
        let mut value = self.lock();
        loop {
            if let Some(found) = wanted(&value) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            let woken = self.changed.wait_timeout(value, left);
            value = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The same without blocking, for as long as it takes.
    pub(crate) async fn until<R>(&self, mut wanted: impl FnMut(&T) -> Option<R>) -> R {
        loop {
            let notified = self.notified.notified();
            if let Some(found) = wanted(&self.lock()) {
                return found;
            }
            notified.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
