//! [`Engine`]: what the engine counts of every topology.

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};
use squall_runtime::{ComponentStatus, Running, Status};
use tracing::error;

use super::families::{COMPONENT, Family, TOPOLOGY};
use crate::site::Topology;

/// What the engine counts of every topology: read at each scrape from counters that are kept anyway.
pub(super) struct Engine {
    topologies: Vec<(&'static str, Running)>,
    descs: Vec<Desc>,
}

impl Engine {
    pub(super) fn new(topologies: &[Topology]) -> Self {
        let of_topologies = TOPOLOGY.iter().map(|family| desc(family, &["topology"]));
        let of_components = COMPONENT.iter().map(|family| desc(family, &["topology", "component"]));
        let descs = of_topologies.chain(of_components).filter_map(|desc| {
            desc.map_err(|reason| error!(%reason, "The engine does not describe one of its metrics.")).ok()
        });
        Self {
            topologies: topologies.iter().map(|topology| (topology.name, topology.running.clone())).collect(),
            descs: descs.collect(),
        }
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
            let places = now.iter().map(|(name, status)| (vec![label("topology", name)], status));
            gather(family, places)
        });
        let of_components = COMPONENT.iter().map(|family| {
            let places = now.iter().flat_map(|(name, status)| {
                status.components.iter().map(|component| (place(name, component), component))
            });
            gather(family, places)
        });
        of_topologies.chain(of_components).collect()
    }
}

fn desc<T>(family: &Family<T>, place: &[&str]) -> prometheus::Result<Desc> {
    let labels = place.iter().copied().chain(family.label).map(str::to_owned).collect();
    Desc::new(family.name.to_owned(), family.help.to_owned(), labels, Default::default())
}

fn gather<'a, T: 'a>(
    family: &Family<T>,
    places: impl Iterator<Item = (Vec<LabelPair>, &'a T)>,
) -> MetricFamily {
    let mut metrics = Vec::new();
    for (place, status) in places {
        for (value_of_label, value) in (family.values)(status) {
            let mut labels = place.clone();
            labels.extend(family.label.map(|name| label(name, value_of_label)));
            metrics.push(metric(family.kind, labels, value));
        }
    }
    let mut gathered = MetricFamily::default();
    gathered.set_name(family.name.to_owned());
    gathered.set_help(family.help.to_owned());
    gathered.set_field_type(family.kind);
    gathered.set_metric(metrics);
    gathered
}

fn metric(kind: MetricType, labels: Vec<LabelPair>, value: f64) -> Metric {
    let mut metric = Metric::from_label(labels);
    if kind == MetricType::COUNTER {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

fn place(topology: &str, component: &ComponentStatus) -> Vec<LabelPair> {
    vec![label("topology", topology), label("component", &component.name)]
}

fn label(name: &str, value: &str) -> LabelPair {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    label
}
