//! The locks of the desk, from std or, in their models, from loom.

#[cfg(all(test, feature = "_loom"))]
pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(all(test, feature = "_loom")))]
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
use std::{sync::PoisonError, time::Duration};

/// Locks a mutex whose critical sections run no user code, so that poison means nothing.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits to be told, for so long at most.
pub(super) fn wait<'a, T>(told: &Condvar, guard: MutexGuard<'a, T>, most: Duration) -> MutexGuard<'a, T> {
    told.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner).0
}
