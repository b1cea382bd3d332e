//! `tasks`: those that are not at work though they should be.

use std::time::Duration;

use squall_runtime::{ComponentStatus, TaskState};

use super::{Bound, Check, Reading, View};

pub(super) fn check() -> Check {
    Check::new("tasks", Bound::Above(0.0), probe)
        .unit("tasks")
        .lasting(Duration::from_secs(10))
        .what_to_do("look at the errors of the component: its tasks cannot be built, or fail at once")
        .runbook("#tasks")
        .pages()
}

fn probe(view: View<'_>) -> Vec<Reading> {
    let topologies = view.seen.topologies.iter();
    let readings = topologies.flat_map(|topology| {
        let components = topology.status.components.iter();
        components.map(|component| reading(component).about(topology.name, &component.name))
    });
    readings.collect()
}

fn reading(component: &ComponentStatus) -> Reading {
    let is_down = |state: &&TaskState| matches!(state, TaskState::BackingOff | TaskState::Failed);
    let down = component.task_states.iter().filter(is_down).count();
    Reading::new(down as f64).sentence(format!(
        "{down} of {} tasks of `{}` do not run: they failed, and wait for their restart",
        component.tasks, component.name,
    ))
}
