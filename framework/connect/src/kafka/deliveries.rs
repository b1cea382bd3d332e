//! [`Deliveries`]: what became of what was written.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use squall_core::{LATENCY_BOUNDS, Latency};
use tokio::sync::Notify;

/// What became of the messages that a [`KafkaOutput`](super::KafkaOutput) has written.
#[derive(Debug)]
pub struct Deliveries {
    sent: AtomicU64,
    bytes: AtomicU64,
    failed: AtomicU64,
    under_way: AtomicU64,
    latency: Mutex<Latency>,
    /// One is over: there may be room.
    pub(super) over: Notify,
}

impl Default for Deliveries {
    fn default() -> Self {
        let latency = Latency { counts: vec![0; LATENCY_BOUNDS.len() + 1], sum_seconds: 0.0 };
        Self {
            sent: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            under_way: AtomicU64::new(0),
            latency: Mutex::new(latency),
            over: Notify::new(),
        }
    }
}

impl Deliveries {
    /// Messages that all replicas have.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Their keys and values, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Messages that were refused, or that nobody took in time.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Messages that wait for their brokers.
    pub fn under_way(&self) -> u64 {
        self.under_way.load(Relaxed)
    }

    /// The times from a write to the answer of its broker.
    pub fn latency(&self) -> Latency {
        self.lock().clone()
    }

    pub(super) fn begin(&self) {
        self.under_way.fetch_add(1, Relaxed);
    }

    /// The library has not taken what was begun.
    pub(super) fn take_back(&self) {
        self.under_way.fetch_sub(1, Relaxed);
    }

    pub(super) fn end(&self, bytes: u64, took: Duration, has_worked: bool) {
        if has_worked {
            self.sent.fetch_add(1, Relaxed);
            self.bytes.fetch_add(bytes, Relaxed);
            let seconds = took.as_secs_f64();
            let mut latency = self.lock();
            let bucket = LATENCY_BOUNDS.partition_point(|bound| *bound < seconds);
            if let Some(count) = latency.counts.get_mut(bucket) {
                *count += 1;
            }
            latency.sum_seconds += seconds;
        } else {
            self.failed.fetch_add(1, Relaxed);
        }
        self.under_way.fetch_sub(1, Relaxed);
        self.over.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Latency> {
        self.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
