//! A check of a number that charts show.

use super::{Reading, View};
use crate::history::Metric;

/// Measures a number of a component, or of a topology as a whole.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) topology: String,
    pub(super) component: Option<String>,
    pub(super) metric: Metric,
}

impl super::Probe for Probe {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let Some(topology) = view.seen.topology(&self.topology) else { return Vec::new() };
        let reading = match &self.component {
            None => self.metric.of_topology(topology).map(|value| Reading::new(value).of(topology.name)),
            Some(name) => {
                let value =
                    topology.component(name).and_then(|component| self.metric.of_component(component));
                value.map(|value| Reading::new(value).about(topology.name, name))
            }
        };
        reading.into_iter().collect()
    }
}

/// The unit of a number, as it stands behind it.
pub(crate) fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Emitted => "tuples/s",
        Metric::Executed => "executes/s",
        Metric::Acked | Metric::Failed => "roots/s",
        Metric::Pending => "roots",
        Metric::QueueDepth => "tuples",
        Metric::Capacity | Metric::Blocked => "ratio",
        Metric::Restarts => "restarts/s",
        Metric::QueueOldest
        | Metric::ExecuteP50
        | Metric::ExecuteP99
        | Metric::CompleteP50
        | Metric::CompleteP99 => "s",
    }
}
