//! The metrics of the engine, one a row. Labels name components and streams and never tasks: their number does not
//! grow with parallelism.

use std::collections::BTreeMap;

use squall_core::Reason;
use squall_runtime::{
    ComponentStatus, InboxStatus, Roots, Status, SubscriptionStatus, TaskState, TopologyState,
};

use super::family::{Family, Times, Values, counter, gauge, one};
use crate::check::{CheckState, CheckStatus};
use crate::instant;
use crate::reload::Shown;

/// Labelled by topology.
pub(super) const TOPOLOGY: &[Family<Status>] = &[
    gauge("squall_topology_state", "1 for what the topology does, 0 for what it does not.", state)
        .by("state"),
    gauge("squall_topology_uptime_seconds", "Time since the topology was started.", |status| {
        one(status.uptime_seconds)
    }),
    gauge("squall_topology_leaked_threads", "Threads that did not come back and were given up.", |status| {
        one(status.leaked_threads.count as f64)
    }),
    gauge(
        "squall_topology_leaked_threads_budget",
        "One more leaked thread than this fails the topology.",
        |status| one(status.leaked_threads.budget as f64),
    ),
];

/// Labelled by topology and component.
pub(super) const COMPONENT: &[Family<ComponentStatus>] = &[
    gauge("squall_component_tasks", "Tasks, by what they do.", tasks).by("state"),
    counter("squall_component_executed_total", "Executes that answered.", |of| one(of.executed as f64)),
    counter("squall_component_refused_total", "Executes that answered with an error.", |of| {
        one(of.refused as f64)
    }),
    counter("squall_component_emitted_total", "Tuples handed to its streams.", |of| one(of.emitted as f64)),
    counter("squall_component_stream_emitted_total", "Tuples handed to a stream.", by_stream).by("stream"),
    counter("squall_component_transferred_total", "Tuples put into the inboxes of a component.", transferred)
        .by("to"),
    counter(
        "squall_component_skipped_total",
        "Tuples skipped because their root had failed already.",
        |of| one(of.skipped as f64),
    ),
    counter("squall_component_dropped_untracked_total", "Tuples without a root that were lost.", |of| {
        one(of.dropped_untracked as f64)
    }),
    counter(
        "squall_component_busy_seconds_total",
        "Time in which tasks have worked, or user code has awaited something.",
        |of| one(of.busy_seconds),
    ),
    counter(
        "squall_component_blocked_seconds_total",
        "Time in which tasks have waited for room downstream.",
        |of| one(of.blocked_seconds),
    ),
    counter(
        "squall_component_blocked_on_seconds_total",
        "Time in which tuples for a component have waited for room in its inboxes.",
        blocked_on,
    )
    .by("to"),
    counter("squall_component_idle_seconds_total", "Time in which tasks ran and had nothing to do.", |of| {
        one(of.idle_seconds)
    }),
    counter("squall_component_restarts_total", "How often tasks were rebuilt.", |of| one(of.restarts as f64)),
    counter("squall_component_stuck_total", "Calls that did not come back within `stuck_after`.", |of| {
        one(of.stuck as f64)
    }),
    gauge("squall_component_held_anchors", "Anchors that tasks have taken and not given up.", |of| {
        one(of.held as f64)
    }),
    counter("squall_component_roots_emitted_total", "Roots that the spout tracked.", |of| {
        of_roots(of, |roots| roots.emitted)
    }),
    counter("squall_component_roots_acked_total", "Roots of the spout that were acked.", |of| {
        of_roots(of, |roots| roots.acked)
    }),
    counter("squall_component_roots_failed_total", "Roots of the spout that failed, by reason.", failed)
        .by("reason"),
    gauge("squall_component_roots_pending", "Roots of the spout without an outcome.", |of| {
        of_roots(of, |roots| roots.pending)
    }),
    gauge("squall_component_roots_waiting", "Pending roots that wait for their next attempt.", |of| {
        of_roots(of, |_| of.waiting)
    }),
    counter(
        "squall_component_replays_total",
        "Attempts at roots of the spout beyond the first of each.",
        |of| of_roots(of, |_| of.replays),
    ),
    counter("squall_component_dead_letters_total", "Dead letters of the spout.", |of| {
        of_roots(of, |_| of.dead_letters)
    }),
    gauge(
        "squall_component_full_tasks",
        "Tasks of the spout that emit nothing until roots are done.",
        |of| of_roots(of, |_| of.full_tasks as u64),
    ),
    gauge("squall_component_ended_tasks", "Tasks of the spout that have nothing more to emit.", |of| {
        of_roots(of, |_| of.ended_tasks as u64)
    }),
    gauge("squall_component_inbox_tuples", "Tuples that wait in the inboxes.", |of| {
        of_inboxes(of, |inbox| inbox.depth as f64, sum)
    }),
    gauge("squall_component_inbox_capacity_tuples", "Tuples that fit into the inboxes.", |of| {
        of_inboxes(of, |inbox| inbox.capacity as f64, sum)
    }),
    gauge(
        "squall_component_inbox_oldest_seconds",
        "How long the oldest tuple has waited; 0 if none does.",
        |of| of_inboxes(of, |inbox| inbox.oldest_seconds.unwrap_or(0.0), f64::max),
    ),
    gauge("squall_component_blocked_producers", "Producers that wait for room in the inboxes.", |of| {
        of_inboxes(of, |inbox| inbox.blocked_producers as f64, sum)
    }),
    counter(
        "squall_component_inbox_blocked_seconds_total",
        "Time that producers have waited for room in the inboxes; it begins anew when a rebalance makes new ones.",
        |of| of_inboxes(of, |inbox| inbox.blocked_seconds, sum),
    ),
    gauge(
        "squall_component_concurrency",
        "Calls that a task of a concurrent bolt may have under way.",
        |of| of.concurrency.iter().map(|calls| ("", *calls as f64)).collect(),
    ),
    gauge("squall_component_calls_in_flight", "Calls of a concurrent bolt that are under way.", |of| {
        of.calls.iter().map(|calls| ("", calls.in_flight as f64)).collect()
    }),
    counter("squall_component_calls_retried_total", "Attempts of calls that followed a failed one.", |of| {
        of.calls.iter().map(|calls| ("", calls.retried as f64)).collect()
    }),
    counter("squall_component_calls_timed_out_total", "Attempts of calls whose time was over.", |of| {
        of.calls.iter().map(|calls| ("", calls.timed_out as f64)).collect()
    }),
];

/// How long things take, labelled by topology and component.
pub(super) const TIMES: &[Times<ComponentStatus>] = &[
    Times {
        name: "squall_component_execute_seconds",
        help: "How long executes of the bolt took that answered.",
        of: |of| &of.execute,
    },
    Times {
        name: "squall_component_complete_seconds",
        help: "How long roots of the spout took from their track to their ack.",
        of: |of| &of.complete,
    },
];

/// Labelled by check, topology and component; the latter are empty where a check is about the process.
pub(super) const CHECK: &[Family<CheckState>] = &[
    gauge("squall_check_value", "What the check measured last, in its own unit.", |of| {
        of.value.map(|value| ("", value)).into_iter().collect()
    }),
    gauge("squall_check_bound", "What the value must not pass.", |of| one(of.bound.value())),
    gauge("squall_check_raised", "1 while the bound has been broken for long enough, else 0.", raised)
        .by("category"),
];

/// Labelled by name and version.
pub(super) const BUILD: &[Family<()>] =
    &[gauge("squall_build_info", "1; the labels say which binary this is.", |()| one(1.0))];

/// Of the process.
pub(super) const CONFIG: &[Family<Shown>] = &[
    gauge(
        "squall_config_last_reload_successful",
        "1 if the last reload of the configuration was accepted, or there was none, else 0.",
        |of| one(f64::from(of.last_reload.as_ref().is_none_or(|reload| reload.ok))),
    ),
    gauge(
        "squall_config_last_reload_timestamp_seconds",
        "When the configuration that holds was read, in seconds since 1970.",
        |of| one(instant::unix_seconds(of.since)),
    ),
];

const TOPOLOGY_STATES: [(TopologyState, &str); 6] = [
    (TopologyState::Running, "running"),
    (TopologyState::Paused, "paused"),
    (TopologyState::Draining, "draining"),
    (TopologyState::Stopping, "stopping"),
    (TopologyState::Ended, "ended"),
    (TopologyState::Failed, "failed"),
];

const TASK_STATES: [(TaskState, &str); 6] = [
    (TaskState::Waiting, "waiting"),
    (TaskState::Running, "running"),
    (TaskState::Parked, "parked"),
    (TaskState::BackingOff, "backing_off"),
    (TaskState::Finished, "finished"),
    (TaskState::Failed, "failed"),
];

fn raised(of: &CheckState) -> Values<'_> {
    vec![(of.category.name(), f64::from(of.status == CheckStatus::Raised))]
}

fn sum(one: f64, other: f64) -> f64 {
    one + other
}

fn state(of: &Status) -> Values<'_> {
    TOPOLOGY_STATES.map(|(state, name)| (name, f64::from(state == of.state))).to_vec()
}

/// Those that do not occur are told too: an alert on something that is not there never fires.
fn tasks(of: &ComponentStatus) -> Values<'_> {
    let count = |wanted| of.task_states.iter().filter(|state| **state == wanted).count();
    TASK_STATES.map(|(state, name)| (name, count(state) as f64)).to_vec()
}

fn failed(of: &ComponentStatus) -> Values<'_> {
    let by = |roots: &Roots, reason: Reason| roots.failed_by.get(reason.name()).copied().unwrap_or(0) as f64;
    let reasons = |roots| Reason::ALL.map(|reason| (reason.name(), by(roots, reason))).to_vec();
    of.roots.as_ref().map(reasons).unwrap_or_default()
}

/// Bolts have no roots of their own.
fn of_roots(of: &ComponentStatus, count: impl Fn(&Roots) -> u64) -> Values<'_> {
    of.roots.iter().map(|roots| ("", count(roots) as f64)).collect()
}

fn by_stream(of: &ComponentStatus) -> Values<'_> {
    of.streams.iter().map(|stream| (stream.name, stream.emitted as f64)).collect()
}

fn transferred(of: &ComponentStatus) -> Values<'_> {
    by_target(of, |to| to.transferred as f64)
}

fn blocked_on(of: &ComponentStatus) -> Values<'_> {
    by_target(of, |to| to.blocked_seconds)
}

/// A component that reads several streams, or one twice, has one value.
fn by_target(of: &ComponentStatus, value: fn(&SubscriptionStatus) -> f64) -> Values<'_> {
    let mut sums = BTreeMap::new();
    for to in of.streams.iter().flat_map(|stream| &stream.to) {
        *sums.entry(&*to.component).or_insert(0.0) += value(to);
    }
    sums.into_iter().collect()
}

/// Spouts have no inboxes.
fn of_inboxes(of: &ComponentStatus, value: fn(&InboxStatus) -> f64, both: fn(f64, f64) -> f64) -> Values<'_> {
    of.inboxes.iter().map(value).reduce(both).map(one).unwrap_or_default()
}
