//! [`Column`]: the numbers of a component, as tables and tiles show them.

use squall_runtime::ComponentStatus;

use crate::seen::ComponentSeen;
use crate::show::Unit;

/// A number that every component has, or could have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its name in addresses: `?sort=queue`.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// What it is, in a sentence without a stop.
    pub(super) about: &'static str,
    /// Its name in the stream; empty if it is not there.
    field: &'static str,
    unit: Unit,
    value: fn(&ComponentSeen, &ComponentStatus) -> Option<f64>,
}

/// One such number of one component.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Where the script finds a newer one, or nothing.
    pub(super) bind: String,
    /// What it is sorted by.
    pub(super) sort: f64,
}

const fn column(
    key: &'static str,
    title: &'static str,
    about: &'static str,
    field: &'static str,
    unit: Unit,
    value: fn(&ComponentSeen, &ComponentStatus) -> Option<f64>,
) -> Column {
    Column { key, title, about, field, unit, value }
}

/// All of them, in the order of tables.
pub(super) const COLUMNS: [Column; 16] = [
    column("tasks", "Tasks", "Tasks that run it", "tasks", Unit::Count, |seen, _| Some(seen.tasks as f64)),
    column(
        "capacity",
        "Capacity",
        "The share of what its tasks can do that is used; near 100 % it is as fast as it can be",
        "capacity",
        Unit::Percent,
        |seen, _| Some(seen.capacity),
    ),
    column(
        "queue",
        "Queue",
        "Tuples that wait in its inboxes",
        "queue_depth",
        Unit::Count,
        |seen, status| (!status.inboxes.is_empty()).then_some(seen.queue_depth as f64),
    ),
    column(
        "oldest",
        "Oldest",
        "How long the oldest of them has waited",
        "queue_oldest_seconds",
        Unit::Seconds,
        |seen, status| (!status.inboxes.is_empty()).then_some(seen.queue_oldest_seconds),
    ),
    column(
        "blocked",
        "Blocked",
        "The share of the time in which its tasks wait for room downstream",
        "blocked",
        Unit::Percent,
        |seen, _| Some(seen.blocked),
    ),
    column(
        "executed",
        "Executed/s",
        "Executes that answered",
        "executed_per_s",
        Unit::Rate,
        |seen, status| status.roots.is_none().then_some(seen.executed_per_s),
    ),
    column("emitted", "Emitted/s", "Tuples handed to its streams", "emitted_per_s", Unit::Rate, |seen, _| {
        Some(seen.emitted_per_s)
    }),
    column(
        "acked",
        "Acked/s",
        "Roots of a spout that came to a good end, executes of a bolt that answered Ok",
        "acked_per_s",
        Unit::Rate,
        |seen, _| Some(seen.acked_per_s),
    ),
    column(
        "failed",
        "Failed/s",
        "Roots of a spout that failed, executes of a bolt that answered an error",
        "failed_per_s",
        Unit::Rate,
        |seen, _| Some(seen.failed_per_s),
    ),
    column(
        "p50",
        "Execute p50",
        "Within this time half of the executes answer",
        "execute_p50_seconds",
        Unit::Seconds,
        |seen, _| seen.execute_p50_seconds,
    ),
    column(
        "p99",
        "Execute p99",
        "Within this time 99 of 100 executes answer",
        "execute_p99_seconds",
        Unit::Seconds,
        |seen, _| seen.execute_p99_seconds,
    ),
    column(
        "complete50",
        "Complete p50",
        "Within this time half of the roots of a spout are acked",
        "complete_p50_seconds",
        Unit::Seconds,
        |seen, _| seen.complete_p50_seconds,
    ),
    column(
        "complete",
        "Complete p99",
        "Within this time 99 of 100 roots of a spout are acked",
        "complete_p99_seconds",
        Unit::Seconds,
        |seen, _| seen.complete_p99_seconds,
    ),
    column(
        "pending",
        "In flight",
        "Roots of a spout without an outcome",
        "pending",
        Unit::Count,
        |_, status| status.roots.as_ref().map(|roots| roots.pending as f64),
    ),
    column("restarts", "Restarts", "How often tasks were rebuilt", "", Unit::Count, |_, status| {
        Some(status.restarts as f64)
    }),
    column("errors", "Errors", "Errors since the start", "", Unit::Count, |_, status| {
        Some(status.errors.iter().map(|error| error.count).sum::<u64>() as f64)
    }),
];

impl Column {
    /// The column with this name.
    pub(super) fn named(key: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.key == key)
    }

    /// The number of a component.
    pub(super) fn cell(&self, topology: &str, seen: &ComponentSeen, status: &ComponentStatus) -> Cell {
        let value = (self.value)(seen, status);
        let is_live = !self.field.is_empty() && value.is_some();
        let bind =
            || format!("topologies/{topology}/components/{}/{}|{}", seen.name, self.field, self.unit.name());
        Cell {
            text: self.unit.show(value),
            bind: if is_live { bind() } else { String::new() },
            sort: value.unwrap_or(-1.0),
        }
    }
}
