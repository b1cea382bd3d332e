//! The numbers under which a component runs, and who set them.

use std::time::Duration;

use squall_core::Kind;
use squall_topology::{ComponentPlan, Plan};

use crate::show::Count;

/// A number under which a component runs.
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) value: String,
    pub(super) source: &'static str,
}

/// All of them.
pub(super) fn all(plan: &Plan, name: &str) -> Vec<Setting> {
    let Some(own) = plan.component(name) else { return Vec::new() };
    let settings = plan.settings();
    let set = settings.component.get(name).cloned().unwrap_or_default();
    let setting = |key, value: String, is_set| Setting { key, value, source: source(is_set) };
    let mut all = vec![setting("parallelism", own.tasks.to_string(), set.parallelism.is_some())];
    if own.kind() == Kind::Spout {
        all.push(setting("max_pending", count(own.max_pending), set.max_pending.is_some()));
        all.push(setting("message_timeout", time(own.message_timeout), set.message_timeout.is_some()));
    } else {
        all.push(setting("inbox", count(own.inbox), set.inbox.is_some()));
        all.extend(own.tick.map(|tick| setting("tick", time(tick), set.tick.is_some())));
    }
    all.push(setting("stuck_after", time(own.stuck_after), set.stuck_after.is_some()));
    all.extend(calls(own, set.concurrency.is_some(), set.call_timeout.is_some()));
    all.push(setting("restart", restart(own), set.restart.is_some()));
    all
}

fn calls(own: &ComponentPlan, is_concurrency_set: bool, is_timeout_set: bool) -> Vec<Setting> {
    let Some(calls) = &own.calls else { return Vec::new() };
    let concurrency =
        Setting { key: "concurrency", value: count(calls.concurrency), source: source(is_concurrency_set) };
    let timeout = calls.timeout.map(|timeout| Setting {
        key: "call_timeout",
        value: time(timeout),
        source: source(is_timeout_set),
    });
    [concurrency].into_iter().chain(timeout).collect()
}

fn restart(own: &ComponentPlan) -> String {
    let restart = &own.restart;
    format!(
        "{}, {} within {}",
        format!("{:?}", restart.policy).to_lowercase(),
        restart.budget,
        time(restart.window)
    )
}

/// A plan knows what its code says, and what holds now.
fn source(is_set: bool) -> &'static str {
    if is_set { "configuration or rebalance" } else { "code" }
}

fn count(number: usize) -> String {
    Count(number as u64).to_string()
}

fn time(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
