//! `failures`: the share of the roots of a spout that fail.

use std::time::Duration;

use super::{Bound, Check, Reading, View};
use crate::seen::{ComponentSeen, TopologySeen};

pub(super) fn check() -> Check {
    Check::new("failures", Bound::Above(0.01), probe)
        .unit("ratio")
        .lasting(Duration::from_secs(30))
        .what_to_do("look at the errors of the components below it")
        .runbook("#failures")
}

fn probe(view: View<'_>) -> Vec<Reading> {
    let topologies = view.seen.topologies.iter();
    let readings = topologies.flat_map(|topology| {
        let spouts = topology.components.iter().filter(|component| component.kind == "spout");
        spouts.filter_map(|spout| reading(topology, spout))
    });
    readings.collect()
}

/// Nothing while no root comes to its end.
fn reading(topology: &TopologySeen, spout: &ComponentSeen) -> Option<Reading> {
    let ended = spout.acked_per_s + spout.failed_per_s;
    let share = if ended > 0.0 { spout.failed_per_s / ended } else { return None };
    let most = spout.failed_by.iter().max_by(|one, other| one.1.total_cmp(other.1));
    let reason = most.map_or("unknown", |(reason, _)| *reason);
    let mut sentence =
        format!("{:.1} % of the roots of `{}` fail, most of them by `{reason}`", share * 100.0, spout.name);
    if let Some((component, message)) = newest_error(topology) {
        sentence += &format!("; the newest error is of `{component}`: {message}");
    }
    Some(Reading::new(share).about(topology.name, &spout.name).sentence(sentence))
}

/// What was said last, and by whom.
pub(super) fn newest_error(topology: &TopologySeen) -> Option<(&str, &str)> {
    let components = topology.status.components.iter();
    let errors =
        components.flat_map(|component| component.errors.iter().map(move |error| (component, error)));
    let newest = errors.max_by(|(_, one), (_, other)| one.last.total_cmp(&other.last));
    newest.map(|(component, error)| (&*component.name, &*error.message))
}
