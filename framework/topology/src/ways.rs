//! The ways that the tuples of a spout can take.

use std::collections::BTreeMap;

use squall_core::Edge;

use crate::plan::Plan;

impl Plan {
    /// For each component that the tuples of component number `from` reach, and for itself: its name and, in
    /// their order, the names of all components on the ways there, both ends included. Dead letters are no way.
    pub fn ways_from(&self, from: usize) -> BTreeMap<String, Vec<String>> {
        let components = self.components();
        // By component: which components lie on the ways to it. They stand behind those that they read from.
        let mut ways: Vec<Vec<usize>> = Vec::with_capacity(components.len());
        for (index, component) in components.iter().enumerate() {
            let inputs = component.inputs.iter().filter(|edge| !self.is_dead(edge));
            let above = inputs.filter_map(|edge| ways.get(edge.origin.component));
            let mut way: Vec<usize> = above.flatten().copied().collect();
            if index == from || !way.is_empty() {
                way.push(index);
            }
            way.sort_unstable();
            way.dedup();
            ways.push(way);
        }
        let name = |index: usize| components.get(index).map(|component| component.name.to_string());
        let named = ways.iter().enumerate().filter(|(_, way)| !way.is_empty());
        named
            .filter_map(|(to, way)| Some((name(to)?, way.iter().copied().filter_map(name).collect())))
            .collect()
    }

    /// Whether it carries the dead letters of a spout: the stream behind the one that it has.
    fn is_dead(&self, edge: &Edge) -> bool {
        let from = self.components().get(edge.origin.component);
        edge.origin.stream > 0 && from.is_some_and(|spout| spout.replay.is_some())
    }
}
