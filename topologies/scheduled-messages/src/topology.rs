//! The wiring: one spout, one bolt.

use std::time::Duration;

use squall::{Error, Invalid, Plan, RetryPolicy, TopologyBuilder};

use crate::destination::Destinations;
use crate::due::DueMessages;
use crate::in_flight::InFlight;
use crate::send::Send;
use crate::store::Store;

/// The name of the topology.
pub const NAME: &str = "scheduled-messages";

/// Requests at the same time: a destination that takes its ten seconds to answer holds one of them.
const SENDERS: usize = 16;

/// Messages released and not yet settled: enough to keep every sender busy, few enough to be sent soon after.
const MAX_PENDING: usize = 256;

/// A full window of messages for a destination that lets every request take its ten seconds, and then some. If it ends
/// a root while its request is under way, the message is not sent a second time meanwhile: see [`InFlight`].
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(300);

/// What the topology works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The messages.
    pub store: Store,
    /// Where they go.
    pub destinations: Destinations,
    /// How often and how soon they are tried again.
    pub retry: RetryPolicy,
}

/// Wires the topology. Without its parts the plan can be drawn and checked, but its tasks do not start.
///
/// # Errors
///
/// None that a change of the configuration could cause.
pub fn plan(parts: Option<Parts>) -> Result<Plan, Invalid> {
    let mut topology = TopologyBuilder::new(NAME);
    let store = parts.as_ref().map(|parts| parts.store.clone());
    let due = topology
        .spout_with("due", async move |task| match &store {
            Some(_) if task.tasks > 1 => {
                Err(Error::permanent("`due` must have one task: two would release every message twice"))
            }
            Some(store) => Ok(DueMessages::new(store.clone())),
            None => Err(no_parts()),
        })
        .max_pending(MAX_PENDING)
        .message_timeout(MESSAGE_TIMEOUT)
        .output();
    let in_flight = InFlight::default();
    topology
        .bolt_with("send", async move |_| {
            let Parts { store, destinations, retry } = parts.clone().ok_or_else(no_parts)?;
            Ok(Send::new(store, destinations, retry)?.sharing(&in_flight))
        })
        .tasks(SENDERS)
        .shuffle(due);
    topology.build()
}

fn no_parts() -> Error {
    Error::permanent("this plan was made to be looked at: it has no store")
}
