//! [`Row`]: a component in the table that says what the picture shows.

use super::Look;
use super::by::By;
use crate::seen::ComponentSeen;
use crate::show::{Count, Percent, Rate, Seconds, or_dash};

/// A component in the table that says what the picture shows.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) tasks: usize,
    /// `ok`, `warn` or `bad`.
    pub(super) tone: &'static str,
    pub(super) capacity: f64,
    pub(super) percent: Percent,
    /// Tuples that wait, and room for how many.
    pub(super) queue: Option<(Count, Count)>,
    pub(super) emitted: Rate,
    pub(super) executed: Rate,
    pub(super) latency: String,
    pub(super) latency_field: &'static str,
    pub(super) failed: Rate,
    pub(super) errors: Count,
    pub(super) mark: Option<(&'static str, String)>,
    /// To whom, and `true` if it waits for them.
    pub(super) sends: Vec<(String, bool)>,
}

impl Row {
    pub(super) fn all(look: &Look<'_>, by: By) -> Vec<Self> {
        look.seen.components.iter().map(|seen| Self::of(look, seen, by)).collect()
    }

    fn of(look: &Look<'_>, seen: &ComponentSeen, by: By) -> Self {
        let status = look.seen.status.component(&seen.name);
        let errors = status.map_or(0, |status| status.errors.iter().map(|error| error.count).sum());
        let mark = if look.is_bottleneck(&seen.name) {
            Some(("bad", "bottleneck".to_owned()))
        } else if look.waits(&seen.name) {
            Some(("warn", super::drawing::waits(seen)))
        } else {
            None
        };
        let is_spout = seen.queue_capacity == 0;
        let level = by.value(seen).map_or(0, |value| by.level(value));
        Self {
            name: seen.name.clone(),
            kind: seen.kind.replace('_', " "),
            tasks: seen.tasks,
            tone: if level > 3 {
                "bad"
            } else if level > 2 {
                "warn"
            } else {
                "ok"
            },
            capacity: seen.capacity,
            percent: Percent(seen.capacity),
            queue: (!is_spout).then_some((Count(seen.queue_depth as u64), Count(seen.queue_capacity as u64))),
            emitted: Rate(seen.emitted_per_s),
            executed: Rate(seen.executed_per_s),
            latency: or_dash(seen.execute_p99_seconds.or(seen.complete_p99_seconds).map(Seconds)),
            latency_field: if is_spout { "complete_p99_seconds" } else { "execute_p99_seconds" },
            failed: Rate(seen.failed_per_s),
            errors: Count(errors),
            mark,
            sends: seen.sends.iter().map(|sends| (sends.component.clone(), sends.is_blocked())).collect(),
        }
    }
}
