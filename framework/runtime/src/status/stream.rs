//! [`StreamStatus`]: what a component sends to whom.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    totals::Totals,
    wiring::{ComponentWiring, StreamWiring},
};

/// An output stream of a component at one moment: sums over its tasks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct StreamStatus {
    /// Its name: the field of the `Outputs` struct, or `default`.
    pub name: &'static str,
    /// Tuples handed to it, each counted once whoever reads it.
    pub emitted: u64,
    /// Its subscriptions, in the order of the components that read it; one that reads it twice is there twice.
    pub to: Vec<SubscriptionStatus>,
}

/// A subscription to a stream at one moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SubscriptionStatus {
    /// The name of the component that reads the stream.
    pub component: String,
    /// How tuples are shared out among its tasks, as [`Grouping::name`](squall_core::Grouping::name) says it.
    pub grouping: &'static str,
    /// Tuples put into its inboxes: of an `all` grouping as many for each tuple as there are tasks.
    pub transferred: u64,
    /// Seconds in which tuples for it have waited for room in its inboxes, summed over the tasks that emit: who is
    /// waited for.
    ///
    /// A task that waits for room in several places waits for all of them at once; therefore these may add up to more
    /// than the seconds for which the component was blocked.
    pub blocked_seconds: f64,
    /// Whether tuples for it wait for room.
    pub blocked_now: bool,
}

pub(super) fn gather(
    streams: &[StreamWiring],
    totals: &Totals,
    all: &[ComponentWiring],
) -> Vec<StreamStatus> {
    let mut counted = totals.streams.iter();
    let of_stream = |stream: &StreamWiring| {
        let counts = counted.next().cloned().unwrap_or_default();
        let mut counted = counts.to.into_iter();
        let to = stream.to.iter().map(|subscription| {
            let counts = counted.next().unwrap_or_default();
            SubscriptionStatus {
                component: all.get(subscription.component).map_or("?", |to| &to.name).to_owned(),
                grouping: subscription.grouping.name(),
                transferred: counts.transferred,
                blocked_seconds: counts.blocked.as_secs_f64(),
                blocked_now: counts.is_blocked,
            }
        });
        StreamStatus { name: stream.name, emitted: counts.emitted, to: to.collect() }
    };
    streams.iter().map(of_stream).collect()
}
