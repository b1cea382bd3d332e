//! [`Seen`]: what the topologies of a process did in the last seconds.
//!
//! The engine only counts. Here two looks at its counters become rates, shares of time and percentiles, once a second and
//! for everybody: pages, interface, checks.

mod component;
mod sends;
mod span;

pub use component::ComponentSeen;
pub use sends::SendsTo;
pub(crate) use span::Span;

use std::sync::Arc;
use std::time::SystemTime;

use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::{Latency, Status};

/// What the topologies of a process did in the last seconds.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Seen {
    /// When it was seen.
    #[serde(serialize_with = "crate::instant::serialize")]
    pub at: SystemTime,
    /// The topologies, in the order of the command line.
    pub topologies: Vec<TopologySeen>,
}

impl Seen {
    /// Nothing yet.
    pub(crate) fn nothing() -> Self {
        Self { at: SystemTime::now(), topologies: Vec::new() }
    }

    /// The topology with this name.
    pub fn topology(&self, name: &str) -> Option<&TopologySeen> {
        self.topologies.iter().find(|topology| topology.name == name)
    }
}

/// What a topology did in the last ten seconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TopologySeen {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// Roots tracked a second.
    pub emitted_per_s: f64,
    /// Roots acked a second.
    pub acked_per_s: f64,
    /// Roots failed a second.
    pub failed_per_s: f64,
    /// Roots without an outcome.
    pub pending: u64,
    /// Seconds within which half of its roots were acked; of its slowest spout.
    pub complete_p50_seconds: Option<f64>,
    /// Seconds within which 99 of 100 were.
    pub complete_p99_seconds: Option<f64>,
    /// Its components, each behind those that it reads from.
    pub components: Vec<ComponentSeen>,
    /// The counters since its start.
    #[serde(skip)]
    pub status: Arc<Status>,
}

impl TopologySeen {
    /// The component with this name.
    pub fn component(&self, name: &str) -> Option<&ComponentSeen> {
        self.components.iter().find(|component| component.name == name)
    }

    /// Those that have an inbox.
    pub(crate) fn bolts(&self) -> impl Iterator<Item = &ComponentSeen> {
        self.components.iter().filter(|component| component.queue_capacity > 0)
    }

    /// Makes rates of what was counted between two looks.
    pub(crate) fn between(name: &'static str, about: &'static str, span: &Span) -> Self {
        let (from, to) = (span.from(), span.to());
        let components: Vec<_> =
            to.components.iter().map(|component| ComponentSeen::between(component, span)).collect();
        let slowest =
            |of: fn(&ComponentSeen) -> Option<f64>| components.iter().filter_map(of).reduce(f64::max);
        Self {
            name,
            about,
            emitted_per_s: span.rate(from.roots.emitted, to.roots.emitted),
            acked_per_s: span.rate(from.roots.acked, to.roots.acked),
            failed_per_s: span.rate(from.roots.failed, to.roots.failed),
            pending: to.roots.pending,
            complete_p50_seconds: slowest(|seen| seen.complete_p50_seconds),
            complete_p99_seconds: slowest(|seen| seen.complete_p99_seconds),
            components,
            status: Arc::clone(to),
        }
    }
}

/// The percentile of what was measured between two looks.
fn quantile(from: Option<&Latency>, to: &Latency, q: f64) -> Option<f64> {
    from.map_or_else(|| to.quantile(q), |from| to.since(from).quantile(q))
}
