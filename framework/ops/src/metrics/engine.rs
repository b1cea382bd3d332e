//! [`Engine`]: what the engine counts of every topology.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{LabelPair, MetricFamily};
use squall_runtime::{ComponentStatus, Running, Status};

use super::families::{COMPONENT, TIMES, TOPOLOGY};
use super::family::label;
use crate::site::Topology;

/// What the engine counts of every topology: read at each scrape from counters that are kept anyway.
pub(super) struct Engine {
    topologies: Vec<(&'static str, Running)>,
    descs: Vec<Desc>,
}

impl Engine {
    pub(super) fn new(topologies: &[Topology]) -> prometheus::Result<Self> {
        let of_topologies = TOPOLOGY.iter().map(|family| family.desc(&["topology"]));
        let of_components = COMPONENT.iter().map(|family| family.desc(&["topology", "component"]));
        let times = TIMES.iter().map(|times| times.desc(&["topology", "component"]));
        Ok(Self {
            topologies: topologies.iter().map(|topology| (topology.name, topology.running.clone())).collect(),
            descs: of_topologies.chain(of_components).chain(times).collect::<Result<_, _>>()?,
        })
    }
}

impl Collector for Engine {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let now: Vec<(&str, Status)> =
            self.topologies.iter().map(|(name, running)| (*name, running.status())).collect();
        let of_topologies = TOPOLOGY.iter().map(|family| {
            family.gather(now.iter().map(|(name, status)| (vec![label("topology", name)], status)))
        });
        let components = || {
            now.iter().flat_map(|(name, status)| {
                status.components.iter().map(|component| (place(name, component), component))
            })
        };
        let of_components = COMPONENT.iter().map(|family| family.gather(components()));
        let times = TIMES.iter().map(|times| times.gather(components()));
        of_topologies.chain(of_components).chain(times).collect()
    }
}

fn place(topology: &str, component: &ComponentStatus) -> Vec<LabelPair> {
    vec![label("topology", topology), label("component", &component.name)]
}
