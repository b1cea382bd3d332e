//! The wiring: a spout and a bolt for messages, the same for what makes messages out of series.

use std::time::Duration;

use squall::{Error, Invalid, Plan, RetryPolicy, TopologyBuilder};

use crate::destination::Destinations;
use crate::due::DueMessages;
use crate::flow::Flow;
use crate::in_flight::InFlight;
use crate::send::Send;
use crate::series::{DueSeries, MakeMessages};
use crate::store::Store;

/// The name of the topology.
pub const NAME: &str = "scheduled-messages";

/// Messages that one task of the senders has under way. How many of them a destination gets is for [`Flow`] to say.
const CONCURRENCY: usize = 512;

/// Tasks of the senders.
const SENDERS: usize = 2;

/// Messages released and not yet settled: as many as the senders take.
const MAX_PENDING: usize = CONCURRENCY * SENDERS;

/// As long as a database may be away. If it ends a root while its request is under way, the message is not sent a second
/// time meanwhile: see [`InFlight`].
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(3600);

/// What the topology works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The messages.
    pub store: Store,
    /// Where they go.
    pub destinations: Destinations,
    /// How often and how soon they are tried again.
    pub retry: RetryPolicy,
    /// How much each destination gets at once.
    pub flow: Flow,
}

/// Wires the topology. Without its parts the plan can be drawn and checked, but its tasks do not start.
///
/// # Errors
///
/// None that a change of the configuration could cause.
pub fn plan(parts: Option<Parts>) -> Result<Plan, Invalid> {
    let mut topology = TopologyBuilder::new(NAME);
    let store = parts.as_ref().map(|parts| parts.store.clone());
    let series = topology
        .spout_with("series", async move |_| store.clone().map(DueSeries::new).ok_or_else(no_parts))
        // A look that is under way sees whatever another one would.
        .max_pending(1)
        .message_timeout(MESSAGE_TIMEOUT)
        .output();
    let store = parts.as_ref().map(|parts| parts.store.clone());
    topology
        .bolt_with("make", async move |_| store.clone().map(MakeMessages::new).ok_or_else(no_parts))
        .shuffle(series);
    let in_flight = InFlight::default();
    let for_spout = parts.as_ref().map(|parts| (parts.store.clone(), parts.flow.clone(), in_flight.clone()));
    let due = topology
        .spout_with("due", async move |task| match &for_spout {
            Some(_) if task.tasks > 1 => {
                Err(Error::permanent("`due` must have one task: two would claim the same messages"))
            }
            Some((store, flow, in_flight)) => {
                Ok(DueMessages::new(store.clone(), flow.clone(), in_flight.clone()))
            }
            None => Err(no_parts()),
        })
        .max_pending(MAX_PENDING)
        .message_timeout(MESSAGE_TIMEOUT)
        .output();
    topology
        .concurrent_bolt_with("send", async move |_| {
            let Parts { store, destinations, retry, flow } = parts.clone().ok_or_else(no_parts)?;
            Ok(Send::new(store, destinations, retry, flow, in_flight.clone())?)
        })
        .concurrency(CONCURRENCY)
        .tasks(SENDERS)
        .stuck_after(MESSAGE_TIMEOUT)
        .shuffle(due);
    topology.build()
}

fn no_parts() -> Error {
    Error::permanent("this plan was made to be looked at: it has no store")
}
