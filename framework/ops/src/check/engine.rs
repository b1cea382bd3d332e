//! `engine`: what the engine itself finds.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use squall_runtime::Finding;

use super::{Bound, Check, Probe, Reading, View};

/// How long a call that was stuck is something to look into: the engine counts them since its start.
const RECENT: Duration = Duration::from_secs(600);

/// What the engine finds of its topologies: bolts that hold everything, calls that are stuck, threads that are lost.
#[derive(Debug, Default)]
struct Engine {
    /// How many calls of a component were stuck, and when that was first seen.
    stuck: BTreeMap<(&'static str, String), (u64, SystemTime)>,
}

pub(super) fn check() -> Check {
    Check::new("engine", Bound::Above(0.0), Engine::default())
        .unit("findings")
        .lasting(Duration::from_secs(2))
        .runbook("#the-engine-found-something")
        .pages()
}

impl Probe for Engine {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        let mut readings = Vec::new();
        for topology in &view.seen.topologies {
            // Of one component there is one reading: what was found of it stands in one sentence.
            let mut found: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
            for finding in topology.status.findings() {
                if self.is_present(topology.name, &finding, view.seen.at) {
                    found
                        .entry(component(&finding).map(str::to_owned))
                        .or_default()
                        .push(finding.to_string());
                }
            }
            readings.extend(found.into_iter().map(|(component, said)| {
                let reading = Reading::new(said.len() as f64).sentence(said.join("; and "));
                match component {
                    Some(component) => reading.about(topology.name, component),
                    None => reading.of(topology.name),
                }
            }));
        }
        readings
    }
}

impl Engine {
    fn is_present(&mut self, topology: &'static str, finding: &Finding, now: SystemTime) -> bool {
        let Finding::Stuck { component, times, .. } = finding else { return true };
        let known = self.stuck.entry((topology, component.clone())).or_insert((*times, now));
        if known.0 != *times {
            *known = (*times, now);
        }
        now.duration_since(known.1).is_ok_and(|age| age < RECENT)
    }
}

fn component(finding: &Finding) -> Option<&str> {
    match finding {
        Finding::HoldsEverything { bolt, .. } | Finding::HoldsTheEnd { bolt, .. } => Some(bolt),
        Finding::Stuck { component, .. } => Some(component),
        _ => None,
    }
}
