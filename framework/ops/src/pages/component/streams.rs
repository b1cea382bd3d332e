//! What a component reads and what it emits, stream by stream.

use squall_runtime::{ComponentStatus, Status};

use crate::show::{Count, Percent};

/// What is sent to one component over one stream.
pub(super) struct Output {
    pub(super) stream: &'static str,
    pub(super) emitted: Count,
    /// Who reads it; nobody, if it is empty.
    pub(super) to: String,
    pub(super) grouping: &'static str,
    pub(super) transferred: Count,
    /// The share of the time, since the start, in which tuples for it waited for room.
    pub(super) blocked: Percent,
    pub(super) is_blocked: bool,
}

/// What comes from one component over one stream.
pub(super) struct Input {
    pub(super) from: String,
    pub(super) stream: &'static str,
    pub(super) grouping: &'static str,
    pub(super) transferred: Count,
    pub(super) is_blocked: bool,
}

/// What the component emits.
pub(super) fn outputs(status: &ComponentStatus, uptime: f64) -> Vec<Output> {
    let time = (uptime * status.tasks as f64).max(f64::MIN_POSITIVE);
    let mut outputs = Vec::new();
    for stream in &status.streams {
        let none = Output {
            stream: stream.name,
            emitted: Count(stream.emitted),
            to: String::new(),
            grouping: "",
            transferred: Count(0),
            blocked: Percent(0.0),
            is_blocked: false,
        };
        if stream.to.is_empty() {
            outputs.push(none);
            continue;
        }
        outputs.extend(stream.to.iter().map(|to| Output {
            stream: stream.name,
            emitted: Count(stream.emitted),
            to: to.component.clone(),
            grouping: to.grouping,
            transferred: Count(to.transferred),
            blocked: Percent((to.blocked_seconds / time).min(1.0)),
            is_blocked: to.blocked_now,
        }));
    }
    outputs
}

/// What the component reads.
pub(super) fn inputs(status: &Status, name: &str) -> Vec<Input> {
    let mut inputs = Vec::new();
    for component in &status.components {
        for stream in &component.streams {
            inputs.extend(stream.to.iter().filter(|to| to.component == name).map(|to| Input {
                from: component.name.clone(),
                stream: stream.name,
                grouping: to.grouping,
                transferred: Count(to.transferred),
                is_blocked: to.blocked_now,
            }));
        }
    }
    inputs
}
