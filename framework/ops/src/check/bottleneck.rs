//! `bottleneck`: the component that all others wait for.
//!
//! The one that is blocked is never the cause: it waits for room in the inbox of another one. The cause is a component
//! that has no room, or whose tuples are what a spout waits for, and that itself waits for nobody.

use std::time::Duration;

use super::{Bound, Check, Probe, Reading, View};
use crate::seen::{ComponentSeen, TopologySeen};

/// The share of its time from which on a component can do no more.
const FULL: f64 = 0.9;

/// The share of its time in which a component that is blocked is no cause of anything.
const WAITS_ITSELF: f64 = 0.3;

/// The share of its time from which on somebody waits.
const WAITS: f64 = 0.05;

/// The share of the seconds in which something must have waited in the inbox: now and then something always does.
const QUEUED: f64 = 0.8;

/// Names the component that is the cause, and everyone who waits for it.
#[derive(Debug)]
struct Bottleneck;

pub(super) fn check() -> Check {
    Check::new("bottleneck", Bound::Above(FULL), Bottleneck)
        .unit("ratio")
        .lasting(Duration::from_secs(5))
        .runbook("#bottleneck")
}

impl Probe for Bottleneck {
    fn probe(&mut self, view: View<'_>) -> Vec<Reading> {
        view.seen.topologies.iter().flat_map(of_topology).collect()
    }
}

fn of_topology(topology: &TopologySeen) -> Vec<Reading> {
    let readings = topology.bolts().map(|bolt| {
        let may_be = bolt.blocked < WAITS_ITSELF && bolt.queued >= QUEUED;
        // Who waits takes a walk through the whole topology: not for each of hundreds that nobody waits for.
        let waits = if may_be { who_waits(topology, bolt) } else { Vec::new() };
        let is_cause = !waits.is_empty();
        let value = if is_cause { bolt.capacity } else { 0.0 };
        let sentence = in_words(bolt, &waits);
        Reading::new(value)
            .about(topology.name, &bolt.name)
            .sentence(sentence)
            .what_to_do(format!(
                "raise the tasks of `{}` from {}, or make what it does faster",
                bolt.name, bolt.tasks
            ))
            .waits(waits)
    });
    readings.collect()
}

/// Those who are blocked on it, those who are blocked on them, and the spouts that may have nothing more in flight.
fn who_waits(topology: &TopologySeen, bolt: &ComponentSeen) -> Vec<String> {
    let mut waiting = vec![bolt.name.as_str()];
    let mut feeding = vec![bolt.name.as_str()];
    // Each stands behind those that it reads from: backwards, whoever is waited for comes first.
    for component in topology.components.iter().rev() {
        let reads: Vec<&str> = feeds(topology, component);
        let is_blocked = component
            .blocked_by
            .iter()
            .any(|blocked| blocked.share >= WAITS && waiting.contains(&blocked.component.as_str()));
        let is_upstream = reads.iter().any(|to| feeding.contains(to));
        if is_upstream {
            feeding.push(&component.name);
        }
        let is_full_spout = is_upstream && component.full_tasks > 0;
        if is_blocked || is_full_spout {
            waiting.push(&component.name);
        }
    }
    waiting.into_iter().skip(1).map(str::to_owned).collect()
}

/// The components that read from this one.
fn feeds<'a>(topology: &'a TopologySeen, component: &ComponentSeen) -> Vec<&'a str> {
    let all = topology.status.components.iter();
    let readers = all.filter(|reader| reader.reads.contains(&component.name));
    readers.map(|reader| reader.name.as_str()).collect()
}

fn in_words(bolt: &ComponentSeen, waits: &[String]) -> String {
    let noun = if bolt.tasks == 1 { "1 task is" } else { &format!("{} tasks are", bolt.tasks) };
    let percent = (bolt.capacity * 100.0).round();
    let queue = bolt.queue_depth;
    format!(
        "`{}` is the bottleneck: its {noun} busy {percent} % of the time, {queue} tuples wait in its inbox, and {} for it",
        bolt.name,
        wait(waits)
    )
}

fn wait(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nobody waits".to_owned(),
        [one] => format!("{one} waits"),
        [others @ .., last] => format!("{} and {last} wait", others.join(", ")),
    }
}

#[cfg(test)]
mod tests;
