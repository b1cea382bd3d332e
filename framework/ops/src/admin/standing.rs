//! [`Standing`]: how everything stands at one moment, as the interface and the stream tell it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::{LeakedThreads, Roots, TopologyState};

use crate::seen::{Seen, Span, TopologySeen};
use crate::site::{Site, Topology};

/// How everything stands at one moment.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Standing {
    /// When it was seen.
    #[serde(serialize_with = "crate::instant::serialize")]
    #[schemars(with = "crate::instant::Text")]
    at: SystemTime,
    /// The version of the binary.
    version: String,
    /// The process is on its way to the end.
    draining: bool,
    /// Seconds since the topology that has run for longest was started.
    uptime_seconds: f64,
    /// What runs, in the order of the command line.
    topologies: Vec<TopologyStanding>,
}

/// How a topology stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TopologyStanding {
    /// What it did in the last ten seconds.
    #[serde(flatten)]
    seen: TopologySeen,
    /// What it does.
    state: TopologyState,
    /// Seconds since it was started.
    uptime_seconds: f64,
    /// Its roots since then.
    roots: Roots,
    /// Threads that did not come back and were given up.
    leaked_threads: LeakedThreads,
}

impl Standing {
    /// As it was seen last.
    pub(crate) fn seen(site: &Site, seen: &Seen) -> Self {
        let topologies = seen.topologies.iter().cloned().map(TopologyStanding::new);
        Self::new(site, seen.at, topologies.collect())
    }

    /// As it is now: what somebody did a moment ago shows, and rates are those that were seen last.
    pub(super) fn now(site: &Site) -> Self {
        let seen = site.lookout.seen();
        let topologies = site.topologies.iter().map(|topology| TopologyStanding::now(topology, &seen));
        Self::new(site, SystemTime::now(), topologies.collect())
    }

    fn new(site: &Site, at: SystemTime, topologies: Vec<TopologyStanding>) -> Self {
        let uptimes = topologies.iter().map(|topology| topology.uptime_seconds);
        Self {
            at,
            version: site.version.clone(),
            draining: site.is_draining(),
            uptime_seconds: uptimes.fold(0.0, f64::max),
            topologies,
        }
    }
}

impl TopologyStanding {
    fn new(seen: TopologySeen) -> Self {
        let status = Arc::clone(&seen.status);
        Self {
            seen,
            state: status.state,
            uptime_seconds: status.uptime_seconds,
            roots: status.roots.clone(),
            leaked_threads: status.leaked_threads,
        }
    }

    /// With the counters of this moment.
    pub(super) fn now(topology: &Topology, seen: &Seen) -> Self {
        Self::new(fresh(topology, seen))
    }
}

/// What was seen last of a topology, with what it is at this moment.
pub(super) fn fresh(topology: &Topology, seen: &Seen) -> TopologySeen {
    let status = topology.running.status();
    let mut fresh =
        TopologySeen::between(topology.name, topology.about, &Span::new(0, Instant::now(), status));
    let Some(before) = seen.topology(topology.name) else { return fresh };
    let components =
        std::mem::take(&mut fresh.components).into_iter().map(|now| match before.component(&now.name) {
            Some(before) => crate::seen::ComponentSeen {
                tasks: now.tasks,
                running: now.running,
                pending: now.pending,
                queue_depth: now.queue_depth,
                queue_capacity: now.queue_capacity,
                queue_fill: now.queue_fill,
                queue_oldest_seconds: now.queue_oldest_seconds,
                ..before.clone()
            },
            None => now,
        });
    TopologySeen {
        components: components.collect(),
        status: Arc::clone(&fresh.status),
        pending: fresh.pending,
        ..before.clone()
    }
}
