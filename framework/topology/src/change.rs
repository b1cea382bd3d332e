//! [`Change`]: one number in which two plans of a topology differ.

use std::{fmt, time::Duration};

use serde::Serialize;
use squall_core::{CallOptions, Kind, RetryPolicy};

use crate::{plan::ComponentPlan, settings::RestartMode};

impl ComponentPlan {
    /// Everything that a configuration may set for a component of this kind, by key, as it holds now and as the
    /// configuration writes it; `none` if it is not set.
    pub fn numbers(&self) -> Vec<(&'static str, String)> {
        numbers(self)
    }
}

/// One number of a component that differs between two plans; see [`Plan::changes`](crate::Plan::changes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The component.
    pub component: String,
    /// The key of the configuration that sets the number, such as `parallelism` or `restart.budget`.
    pub setting: &'static str,
    /// What it is, as the configuration writes it; `none` if it is not set.
    pub from: String,
    /// What it becomes.
    pub to: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { component, setting, from, to } = self;
        write!(f, "{component}.{setting} {from} -> {to}")
    }
}

/// The numbers in which two plans of one component differ.
pub(crate) fn between(from: &ComponentPlan, to: &ComponentPlan) -> Vec<Change> {
    let change = |((setting, from), (_, after)): ((&'static str, String), (_, String))| {
        (from != after).then(|| Change { component: to.name.to_string(), setting, from, to: after })
    };
    numbers(from).into_iter().zip(numbers(to)).filter_map(change).collect()
}

/// Everything that a configuration may set for a component of this kind, in the order of the guide.
fn numbers(component: &ComponentPlan) -> Vec<(&'static str, String)> {
    let ComponentPlan {
        tasks, inbox, max_pending, message_timeout, tick, stuck_after, restart, replay, ..
    } = component;
    let policy = match restart.policy {
        RestartMode::Permanent => "permanent",
        RestartMode::Transient => "transient",
        RestartMode::Never => "never",
    };
    let of_kind = match component.kind() {
        Kind::Spout => {
            [("max_pending", max_pending.to_string()), ("message_timeout", in_words(*message_timeout))]
        }
        _ => [("inbox", inbox.to_string()), ("tick", tick.map_or_else(|| "none".to_owned(), in_words))],
    };
    let mut numbers = vec![("parallelism", tasks.to_string())];
    numbers.extend(of_kind);
    numbers.extend(component.calls.iter().flat_map(of_calls));
    numbers.extend([
        ("stuck_after", in_words(*stuck_after)),
        ("restart.policy", policy.to_owned()),
        ("restart.backoff", in_words(restart.backoff)),
        ("restart.max_backoff", in_words(restart.max_backoff)),
        ("restart.budget", restart.budget.to_string()),
        ("restart.window", in_words(restart.window)),
    ]);
    if let Some(policy) = replay {
        numbers.extend([
            ("replay.attempts", policy.attempts.to_string()),
            ("replay.backoff", in_words(policy.backoff)),
            ("replay.max_backoff", in_words(policy.max_backoff)),
        ]);
    }
    numbers
}

fn of_calls(calls: &CallOptions) -> [(&'static str, String); 5] {
    let none = || "none".to_owned();
    let retry = |word: fn(RetryPolicy) -> String| calls.retry.map_or_else(none, word);
    [
        ("concurrency", calls.concurrency.to_string()),
        ("call_timeout", calls.timeout.map_or_else(none, in_words)),
        ("retry.attempts", retry(|policy| policy.attempts.to_string())),
        ("retry.backoff", retry(|policy| in_words(policy.backoff))),
        ("retry.max_backoff", retry(|policy| in_words(policy.max_backoff))),
    ]
}

fn in_words(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
