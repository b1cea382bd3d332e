//! The numbers of all components, also those that only the code says.

use super::by_hand::ByHand;
use crate::reload::Held;
use crate::site::Topology;

/// What the components run with, except for what the configuration says of a component itself.
pub(super) fn all(topologies: &[Topology], said: &[Held], by_hand: &[ByHand]) -> Vec<Held> {
    let mut all = Vec::new();
    for topology in topologies {
        let Some(plan) = topology.running.plan() else { continue };
        for component in plan.components() {
            for (setting, value) in component.numbers() {
                let path = format!("topology.{}.component.{}.{setting}", topology.name, component.name);
                if !said.iter().any(|held| held.path == path) {
                    let whole = format!("topology.{}.{setting}", topology.name);
                    let place = place(&path, &whole, said, by_hand);
                    all.push(Held { path, value, place });
                }
            }
        }
    }
    all
}

fn place(path: &str, whole: &str, said: &[Held], by_hand: &[ByHand]) -> String {
    if by_hand.iter().any(|change| change.path() == path) {
        return "changed by hand".to_owned();
    }
    let whole = said.iter().find(|held| held.path == whole);
    whole.map_or_else(|| "code".to_owned(), |held| held.place.clone())
}
