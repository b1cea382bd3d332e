//! [`SendsTo`]: what a component sent to one of its readers in the last seconds.

use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::{ComponentStatus, SubscriptionStatus};

use super::Span;

/// The share of the time from which on a line counts as blocked: now and then every inbox is full for a moment.
const BLOCKED: f64 = 0.05;

/// What a component sent to one of its readers in the last ten seconds, over all streams between the two.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SendsTo {
    /// The component that reads.
    pub component: String,
    /// Tuples put into its inboxes, a second.
    pub per_s: f64,
    /// The share of the time of a task in which tuples for it wait for room, 0 to 1.
    pub blocked: f64,
    /// The streams, and how the tuples of each are shared out among its tasks.
    pub streams: Vec<(&'static str, &'static str)>,
}

impl SendsTo {
    /// Whether the sender waits for the reader.
    pub fn is_blocked(&self) -> bool {
        self.blocked >= BLOCKED
    }

    /// To each reader, in the order of the streams.
    pub(super) fn all(before: Option<&ComponentStatus>, now: &ComponentStatus, span: &Span) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (stream, to) in subscriptions(now) {
            let streams = vec![(stream, to.grouping)];
            match all.iter_mut().find(|sends| sends.component == to.component) {
                Some(sends) => sends.streams.extend(streams),
                None => all.push(Self { component: to.component.clone(), per_s: 0.0, blocked: 0.0, streams }),
            }
        }
        for sends in &mut all {
            let name = sends.component.as_str();
            let (from, to) = (before.map_or((0, 0.0), |before| counted(before, name)), counted(now, name));
            sends.per_s = span.rate(from.0, to.0);
            sends.blocked = (span.share(from.1, to.1) / now.tasks.max(1) as f64).min(1.0);
        }
        all
    }
}

fn subscriptions(of: &ComponentStatus) -> impl Iterator<Item = (&'static str, &SubscriptionStatus)> {
    of.streams.iter().flat_map(|stream| stream.to.iter().map(|to| (stream.name, to)))
}

/// Tuples, and seconds of waiting.
fn counted(of: &ComponentStatus, reader: &str) -> (u64, f64) {
    let to_it = subscriptions(of).filter(|(_, to)| to.component == reader);
    to_it.fold((0, 0.0), |(tuples, seconds), (_, to)| (tuples + to.transferred, seconds + to.blocked_seconds))
}
