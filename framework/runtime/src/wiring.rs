//! From a plan to what its tasks are made of: inboxes, routes, probes.

use std::{sync::Arc, time::Duration};

use squall_core::{AnyInbox, Component, Control, ErrorLog, Kind, Probe, TaskContext, Wiring};
use squall_topology::{ComponentPlan, Plan, RestartMode, RestartPolicy};

use crate::status::StateCell;

/// What stays of a plan while it runs: everything that can be looked at.
pub(crate) struct Wired {
    pub(crate) name: Arc<str>,
    pub(crate) components: Vec<ComponentWiring>,
}

pub(crate) struct ComponentWiring {
    pub(crate) name: Arc<str>,
    pub(crate) kind: Kind,
    pub(crate) restart: RestartPolicy,
    pub(crate) max_pending: usize,
    pub(crate) inboxes: Vec<AnyInbox>,
    pub(crate) errors: Arc<ErrorLog>,
    pub(crate) tasks: Vec<TaskWiring>,
}

pub(crate) struct TaskWiring {
    pub(crate) probe: Probe,
    pub(crate) state: Arc<StateCell>,
}

/// A task that is not built yet.
pub(crate) struct Seed {
    pub(crate) component: Arc<dyn Component>,
    pub(crate) wiring: Wiring,
    /// The restart policy of its component is not `never`.
    pub(crate) may_restart: bool,
}

/// Makes the inboxes, then the routes of every task into them.
///
/// All senders exist before the first task runs, so that no inbox closes early. The seeds come by
/// component and task.
pub(crate) fn wire(plan: &Plan, control: &Arc<Control>) -> (Wired, Vec<Vec<Seed>>) {
    let components: Vec<_> = plan.components().iter().map(wire_component).collect();
    let timeouts = message_timeouts(plan);
    let seeds = plan
        .components()
        .iter()
        .enumerate()
        .map(|(index, declared)| {
            let tasks = 0..declared.tasks;
            let timeout = timeouts.get(index).copied().unwrap_or(declared.message_timeout);
            let seed = |task| seed(plan, &components, (index, declared), task, (timeout, control));
            tasks.map(seed).collect()
        })
        .collect();
    (Wired { name: Arc::clone(plan.name()), components }, seeds)
}

fn wire_component(declared: &ComponentPlan) -> ComponentWiring {
    let (count, readers) = if declared.shares_inbox() { (1, declared.tasks) } else { (declared.tasks, 1) };
    let inboxes = (0..count).filter_map(|_| declared.component().inbox(declared.inbox, readers)).collect();
    let errors = Arc::new(ErrorLog::default());
    let tasks = (0..declared.tasks).map(|task| TaskWiring {
        probe: Probe::new(task, Arc::clone(&errors)),
        state: Arc::new(StateCell::new()),
    });
    ComponentWiring {
        name: Arc::clone(&declared.name),
        kind: declared.kind(),
        restart: declared.restart,
        max_pending: declared.max_pending,
        inboxes,
        tasks: tasks.collect(),
        errors,
    }
}

fn seed(
    plan: &Plan,
    components: &[ComponentWiring],
    (index, declared): (usize, &ComponentPlan),
    task: usize,
    (message_timeout, control): (Duration, &Arc<Control>),
) -> Seed {
    let own = components.get(index);
    let inboxes = own.map(|own| own.inboxes.as_slice()).unwrap_or_default();
    let probe = own.and_then(|own| own.tasks.get(task)).map(|task| task.probe.clone());
    let wiring = Wiring {
        inbox: inboxes.get(task).or_else(|| inboxes.first()).cloned(),
        routes: routes(plan, components, index, declared.streams().len()),
        probe: probe.unwrap_or_else(|| Probe::new(task, Arc::default())),
        context: TaskContext {
            topology: Arc::clone(plan.name()),
            component: Arc::clone(&declared.name),
            task,
            tasks: declared.tasks,
            message_timeout,
        },
        control: Arc::clone(control),
        max_pending: declared.max_pending,
        message_timeout: declared.message_timeout,
        tick: declared.tick,
    };
    let may_restart = declared.restart.policy != RestartMode::Never;
    Seed { component: Arc::clone(declared.component()), wiring, may_restart }
}

/// By component: the least message timeout of the spouts whose tuples reach it.
fn message_timeouts(plan: &Plan) -> Vec<Duration> {
    let mut timeouts: Vec<Duration> = Vec::new();
    for component in plan.components() {
        // Each stands behind those that it reads from.
        let above = component.inputs.iter().filter_map(|edge| timeouts.get(edge.origin.component).copied());
        timeouts.push(above.min().unwrap_or(component.message_timeout));
    }
    timeouts
}

/// The routes of one task of component `from`, by stream.
fn routes(
    plan: &Plan,
    components: &[ComponentWiring],
    from: usize,
    streams: usize,
) -> Vec<Vec<squall_core::AnyRoute>> {
    let mut routes: Vec<Vec<_>> = (0..streams).map(|_| Vec::new()).collect();
    for (subscriber, wiring) in plan.components().iter().zip(components) {
        for edge in subscriber.inputs.iter().filter(|edge| edge.origin.component == from) {
            if let Some(stream) = routes.get_mut(edge.origin.stream) {
                stream.push(edge.connect(&wiring.inboxes));
            }
        }
    }
    routes
}
