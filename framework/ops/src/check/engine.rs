//! `engine`: what the engine itself finds.

use squall_runtime::Finding;

use super::{Bound, Check, Probe, Reading, View};

/// What the engine finds of its topologies: bolts that hold everything, calls that are stuck, threads that are lost.
#[derive(Debug)]
struct Engine;

pub(super) fn check() -> Check {
    Check::new("engine", Bound::Above(0.0), Engine)
        .unit("findings")
        .lasting(std::time::Duration::from_secs(2))
        .runbook("#the-engine-found-something")
        .pages()
}

impl Probe for Engine {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let all = view.seen.topologies.iter();
        let readings = all.flat_map(|topology| {
            topology.status.findings().into_iter().map(|finding| {
                let reading = Reading::new(1.0);
                let reading = match component(&finding) {
                    Some(component) => reading.about(topology.name, component),
                    None => reading.of(topology.name),
                };
                reading.sentence(finding.to_string())
            })
        });
        readings.collect()
    }
}

fn component(finding: &Finding) -> Option<&str> {
    match finding {
        Finding::HoldsEverything { bolt, .. } | Finding::HoldsTheEnd { bolt, .. } => Some(bolt),
        Finding::Stuck { component, .. } => Some(component),
        _ => None,
    }
}
