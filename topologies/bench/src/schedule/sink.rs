//! Where arrivals are noted.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::Deserialize;
use squall_scheduled_messages::{Attempt, Capability, Clients, Destination, Limits, Outcome, Reply};

/// How late a message was, in microseconds.
pub(super) type Arrivals = mpsc::Receiver<i64>;

/// Notes how late each message is when it arrives.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    arrived: mpsc::Sender<i64>,
    count: Arc<AtomicUsize>,
}

impl Notes {
    pub(super) fn new() -> (Self, Arrivals) {
        let (arrived, arrivals) = mpsc::channel();
        (Self { arrived, count: Arc::default() }, arrivals)
    }

    pub(super) fn note(&self, due_at: Timestamp) {
        let late = Timestamp::now().as_microsecond() - due_at.as_microsecond();
        self.count.fetch_add(1, Ordering::Release);
        // An error means that nobody counts any more: the measurement was given up.
        self.arrived.send(late).ok();
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }
}

/// A destination in this process: what it costs to arrive is not measured.
#[derive(Debug, Deserialize)]
pub(super) struct Noop {
    #[serde(skip)]
    pub(super) notes: Option<Notes>,
}

#[typetag::deserialize(name = "bench-noop")]
impl Destination for Noop {
    fn capability(&self) -> Capability {
        Capability::Exact
    }

    fn limits(&self) -> Limits {
        Limits { concurrency: Some(u32::MAX), per_account: None }
    }

    fn deliver<'a>(&'a self, attempt: Attempt<'a>, _: &'a Clients) -> BoxFuture<'a, Reply> {
        if let Some(notes) = &self.notes {
            notes.note(attempt.due_at);
        }
        Box::pin(ready(Outcome::Accepted { receipt: None }.into()))
    }
}
