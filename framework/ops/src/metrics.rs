//! What `/metrics` tells: of the engine, of the process, of the checks, and what the topologies bring.

mod checks;
mod engine;
mod families;
mod family;
mod process;
mod standing;

#[cfg(test)]
mod tests;

pub use family::histogram;

use std::fmt;
use std::sync::Arc;

use prometheus::Registry;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use tracing::error;

use crate::lookout::Lookout;
use crate::reload::ConfigState;
use crate::site::Topology;
use checks::Checks;
use engine::Engine;
pub(crate) use process::Proc;
use process::Process;
use standing::Standing;

/// The collectors that a topology brings.
#[derive(Clone, Default)]
pub(crate) struct Own(pub(crate) Vec<Arc<dyn Collector>>);

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().flat_map(|collector| collector.desc())).finish()
    }
}

/// Made anew whenever a topology is: so nothing has to be taken out, and nothing that is gone can stay.
///
/// Two that tell of the same cannot both be right: the second one is left out.
pub(crate) fn registry(
    (name, version): (&str, &str),
    topologies: &[Topology],
    lookout: &Lookout,
    config: &Arc<ConfigState>,
) -> Registry {
    let registry = Registry::new();
    let engine = Engine::new(topologies).and_then(|engine| registry.register(Box::new(engine)));
    let process = Process::new().and_then(|process| registry.register(Box::new(process)));
    let checks = Checks::new(lookout.board().clone()).and_then(|checks| registry.register(Box::new(checks)));
    let standing = Standing::new(name, version, config);
    let standing = standing.and_then(|standing| registry.register(Box::new(standing)));
    if let Err(reason) = engine.and(process).and(checks).and(standing) {
        error!(%reason, "Metrics of the engine or of the process are missing.");
    }
    for topology in topologies {
        for collector in &topology.own.0 {
            register(&registry, topology.name, Box::new(Shared(Arc::clone(collector))));
        }
    }
    registry
}

fn register(registry: &Registry, of: &str, collector: Box<dyn Collector>) {
    let metrics: Vec<String> = collector.desc().into_iter().map(|desc| desc.fq_name.clone()).collect();
    if let Err(reason) = registry.register(collector) {
        error!(of, metrics = metrics.join(", "), %reason, "Metrics left out: their names are taken, or none.");
    }
}

/// A collector that one registry after another holds.
struct Shared(Arc<dyn Collector>);

impl Collector for Shared {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.0.collect()
    }
}
