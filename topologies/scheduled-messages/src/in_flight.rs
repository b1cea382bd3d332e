//! The messages whose request is under way in this process.

use std::sync::Arc;

use dashmap::DashSet;

use crate::message::MessageId;

/// The messages whose request is under way in this process. A clone is a handle to the same set.
///
/// The row tells processes that a crash divides in time what is unfinished; it cannot tell a request that a timeout of
/// the engine gave up, and that still runs, from one that is over.
///
/// ```
/// use squall_scheduled_messages::{InFlight, MessageId};
///
/// let in_flight = InFlight::default();
/// let id = MessageId::new();
///
/// let flight = in_flight.enter(id);
/// assert!(flight.is_some());
/// assert!(in_flight.enter(id).is_none());
///
/// drop(flight);
/// assert!(in_flight.enter(id).is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    ids: Arc<DashSet<MessageId>>,
}

impl InFlight {
    /// Notes that a request for the message begins; `None` if one is under way.
    pub fn enter(&self, id: MessageId) -> Option<Flight> {
        self.ids.insert(id).then(|| Flight { in_flight: self.clone(), id })
    }

    /// Whether a request for the message is under way.
    pub fn has(&self, id: MessageId) -> bool {
        self.ids.contains(&id)
    }
}

/// A request that is under way until this is dropped, by a panic too.
#[derive(Debug)]
pub struct Flight {
    in_flight: InFlight,
    id: MessageId,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.in_flight.ids.remove(&self.id);
    }
}
