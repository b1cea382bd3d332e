//! [`ComponentSeen`]: what a component did in the last seconds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use squall_runtime::{ComponentStatus, InboxStatus, TaskState};

use super::{SendsTo, Span, quantile};

/// What a component did in the last ten seconds: sums over its tasks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ComponentSeen {
    /// Its name.
    pub name: String,
    /// `spout`, `bolt` or `sync_bolt`.
    pub kind: &'static str,
    /// Number of tasks.
    pub tasks: usize,
    /// Of them, those that are at work.
    pub running: usize,
    /// Tuples emitted a second; of a spout: roots too.
    pub emitted_per_s: f64,
    /// Executes that answered, a second.
    pub executed_per_s: f64,
    /// Roots of a spout acked a second; of a bolt: executes that answered `Ok`.
    pub acked_per_s: f64,
    /// Roots of a spout that failed a second; of a bolt: executes that answered `Err`.
    pub failed_per_s: f64,
    /// Roots of a spout that failed a second, by reason.
    pub failed_by: BTreeMap<&'static str, f64>,
    /// Tasks rebuilt a second.
    pub restarts_per_s: f64,
    /// The share of what its tasks can do that is used, 0 to 1: of the time, or of the calls of a concurrent bolt.
    pub capacity: f64,
    /// The share of the time in which its tasks work, 0 to 1.
    pub busy: f64,
    /// The share of the time in which they have nothing to do.
    pub idle: f64,
    /// The share of the time in which they wait for room downstream.
    pub blocked: f64,
    /// For whom they wait: the component, and the share of the time of a task, the largest first.
    pub blocked_by: Vec<BlockedBy>,
    /// What it sends to each of its readers.
    pub sends: Vec<SendsTo>,
    /// Roots without an outcome, of a spout.
    pub pending: u64,
    /// Tasks of a spout that emit nothing until roots are done: the largest number in these seconds.
    pub full_tasks: usize,
    /// Tuples that wait in the inboxes.
    pub queue_depth: usize,
    /// Tuples that fit into them.
    pub queue_capacity: usize,
    /// How full the fullest of them is, 0 to 1.
    pub queue_fill: f64,
    /// Seconds that the oldest tuple has waited.
    pub queue_oldest_seconds: f64,
    /// The share of these seconds in which something waited, 0 to 1, as far as looks once a second tell.
    pub queued: f64,
    /// Seconds within which half of the executes answered.
    pub execute_p50_seconds: Option<f64>,
    /// Seconds within which 99 of 100 executes answered.
    pub execute_p99_seconds: Option<f64>,
    /// Seconds within which half of the roots of a spout were acked.
    pub complete_p50_seconds: Option<f64>,
    /// Seconds within which 99 of 100 were.
    pub complete_p99_seconds: Option<f64>,
}

/// A component that another one waits for.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BlockedBy {
    /// The component that has no room.
    pub component: String,
    /// The share of the time of a task, 0 to 1.
    pub share: f64,
}

impl ComponentSeen {
    /// Makes rates of what was counted between two looks.
    pub(super) fn between(to: &ComponentStatus, span: &Span) -> Self {
        let before = span.component(&to.name);
        let since = |of: fn(&ComponentStatus) -> u64| span.rate(before.map_or(0, of), of(to));
        let per_task = |share: f64| (share / to.tasks.max(1) as f64).min(1.0);
        let share = |of: fn(&ComponentStatus) -> f64| per_task(span.share(before.map_or(0.0, of), of(to)));
        let (busy, blocked) = (share(|of| of.busy_seconds), share(|of| of.blocked_seconds));
        let is_spout = to.roots.is_some();
        let executed_per_s = since(|of| of.executed);
        let refused_per_s = since(|of| of.refused);
        Self {
            name: to.name.clone(),
            kind: to.kind,
            tasks: to.tasks,
            running: to.task_states.iter().filter(|state| **state == TaskState::Running).count(),
            emitted_per_s: since(|of| of.emitted),
            executed_per_s,
            acked_per_s: if is_spout { since(acked) } else { (executed_per_s - refused_per_s).max(0.0) },
            failed_per_s: if is_spout { since(failed) } else { refused_per_s },
            failed_by: failed_by(before, to, span),
            restarts_per_s: since(|of| of.restarts),
            capacity: capacity(to, span).unwrap_or(busy),
            busy,
            idle: (1.0 - busy - blocked).max(0.0),
            blocked,
            blocked_by: blocked_by(before, to, |from, to| per_task(span.share(from, to))),
            sends: SendsTo::all(before, to, span),
            pending: to.roots.as_ref().map_or(0, |roots| roots.pending),
            full_tasks: span.looks(&to.name).map(|look| look.full_tasks).max().unwrap_or(0),
            queue_depth: sum(to, |inbox| inbox.depth),
            queue_capacity: sum(to, |inbox| inbox.capacity),
            queue_fill: most(to, |inbox| inbox.depth as f64 / inbox.capacity.max(1) as f64),
            queue_oldest_seconds: most(to, |inbox| inbox.oldest_seconds.unwrap_or(0.0)),
            queued: queued(to, span),
            execute_p50_seconds: quantile(before.map(|of| &of.execute), &to.execute, 0.5),
            execute_p99_seconds: quantile(before.map(|of| &of.execute), &to.execute, 0.99),
            complete_p50_seconds: quantile(before.map(|of| &of.complete), &to.complete, 0.5),
            complete_p99_seconds: quantile(before.map(|of| &of.complete), &to.complete, 0.99),
        }
    }
}

fn acked(of: &ComponentStatus) -> u64 {
    of.roots.as_ref().map_or(0, |roots| roots.acked)
}

fn failed(of: &ComponentStatus) -> u64 {
    of.roots.as_ref().map_or(0, |roots| roots.failed)
}

fn failed_by(
    before: Option<&ComponentStatus>,
    to: &ComponentStatus,
    span: &Span,
) -> BTreeMap<&'static str, f64> {
    let now = to.roots.iter().flat_map(|roots| &roots.failed_by);
    let then = |reason| before.and_then(|of| of.roots.as_ref()?.failed_by.get(reason).copied());
    let rates = now.map(|(reason, count)| (*reason, span.rate(then(*reason).unwrap_or(0), *count)));
    rates.filter(|(_, rate)| *rate > 0.0).collect()
}

fn sum(of: &ComponentStatus, value: fn(&InboxStatus) -> usize) -> usize {
    of.inboxes.iter().map(value).sum()
}

fn most(of: &ComponentStatus, value: fn(&InboxStatus) -> f64) -> f64 {
    of.inboxes.iter().map(value).fold(0.0, f64::max)
}

/// How many of the calls that a concurrent bolt may have under way are; nothing for other components.
fn capacity(to: &ComponentStatus, span: &Span) -> Option<f64> {
    let room = to.concurrency? * to.tasks;
    let looks = || span.looks(&to.name).filter_map(|look| look.calls.as_ref());
    let under_way: u64 = looks().map(|calls| calls.in_flight).sum();
    let most = looks().count() * room;
    Some(if most == 0 { 0.0 } else { (under_way as f64 / most as f64).min(1.0) })
}

fn queued(to: &ComponentStatus, span: &Span) -> f64 {
    let depths = || span.looks(&to.name).map(|look| sum(look, |inbox| inbox.depth));
    depths().filter(|depth| *depth > 0).count() as f64 / depths().count().max(1) as f64
}

fn blocked_by(
    before: Option<&ComponentStatus>,
    to: &ComponentStatus,
    share: impl Fn(f64, f64) -> f64,
) -> Vec<BlockedBy> {
    let waited = |of: &ComponentStatus, target: &str| -> f64 {
        let all = of.streams.iter().flat_map(|stream| &stream.to);
        all.filter(|to| to.component == target).map(|to| to.blocked_seconds).sum()
    };
    let mut targets: Vec<&str> =
        to.streams.iter().flat_map(|stream| &stream.to).map(|to| &*to.component).collect();
    targets.sort_unstable();
    targets.dedup();
    let shares = targets.into_iter().map(|target| BlockedBy {
        component: target.to_owned(),
        share: share(before.map_or(0.0, |before| waited(before, target)), waited(to, target)),
    });
    let mut shares: Vec<_> = shares.filter(|blocked| blocked.share > 0.0).collect();
    shares.sort_by(|one, other| other.share.total_cmp(&one.share));
    shares
}
