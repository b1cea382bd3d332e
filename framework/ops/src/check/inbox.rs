//! `inbox`: one that is full, and nobody works on it.
//!
//! A full inbox alone is back-pressure at work: `bottleneck` names its cause. This is about one whose bolt is neither busy
//! nor blocked.

use std::time::Duration;

use super::{Bound, Check, Reading, View};
use crate::seen::ComponentSeen;

/// The share of its time from which on a bolt is busy.
const BUSY: f64 = 0.9;

/// The share of its time from which on it is blocked.
const BLOCKED: f64 = 0.3;

pub(super) fn check() -> Check {
    Check::new("inbox", Bound::Above(0.8), |view: View<'_>| view.each_bolt(reading))
        .unit("ratio")
        .lasting(Duration::from_secs(30))
        .what_to_do(
            "look at its errors and its tasks: they are rebuilt, or wait for something that does not come",
        )
        .runbook("#inbox")
}

fn reading(bolt: &ComponentSeen) -> Reading {
    let has_cause = bolt.capacity >= BUSY || bolt.blocked >= BLOCKED;
    Reading::new(if has_cause { 0.0 } else { bolt.queue_fill }).sentence(format!(
        "the inbox of `{}` is {:.0} % full, and its tasks are busy only {:.0} % of the time",
        bolt.name,
        bolt.queue_fill * 100.0,
        bolt.busy * 100.0,
    ))
}
