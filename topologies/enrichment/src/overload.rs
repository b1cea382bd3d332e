//! What there is to do, what can be done, and when it will be done.

mod behind;
#[cfg(feature = "kafka")]
mod kafka;

pub use behind::{Backlog, Behind, Log};
#[cfg(feature = "kafka")]
pub use kafka::BehindKafka;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Enrichers, Room, Tally};

/// What a topology has to do, and what it can. Cheap to clone: clones are the same.
///
/// A source says by [`behind`](Self::behind) what is still to be done; where none does, that is what waits for answers.
#[derive(Clone)]
pub struct Overload(Arc<Inner>);

struct Inner {
    tally: Arc<Tally>,
    room: Room,
    enrichers: Enrichers,
    /// Activities a second that are taken in at most, if that is limited.
    capacity: Option<u64>,
    sources: Mutex<Vec<Box<dyn Behind>>>,
}

impl Overload {
    /// Of a topology that counts in `tally`, where activities wait in `room` for `enrichers`, and which takes in
    /// `capacity` of them a second at most.
    pub fn new(tally: &Arc<Tally>, room: &Room, enrichers: &Enrichers, capacity: Option<u64>) -> Self {
        Self(Arc::new(Inner {
            tally: Arc::clone(tally),
            room: room.clone(),
            enrichers: enrichers.clone(),
            capacity,
            sources: Mutex::default(),
        }))
    }

    /// Asks this source, too, what is behind it.
    pub fn behind(&self, source: impl Behind + 'static) {
        self.sources().push(Box::new(source));
    }

    /// What is behind all sources.
    pub fn backlog(&self) -> Backlog {
        let sources = self.sources();
        let all = sources.iter().map(|source| source.backlog());
        all.reduce(Backlog::and).unwrap_or_else(|| Backlog {
            records: self.0.room.waiting() as u64,
            done: self.0.tally.written() + self.0.tally.rejected(),
            ..Backlog::default()
        })
    }

    fn sources(&self) -> MutexGuard<'_, Vec<Box<dyn Behind>>> {
        self.0.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Overload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overload")
            .field("capacity", &self.0.capacity)
            .field("room", &self.0.room)
            .field("enrichers", &self.0.enrichers.iter().len())
            .finish_non_exhaustive()
    }
}
