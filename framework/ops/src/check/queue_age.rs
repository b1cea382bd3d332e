//! `queue-age`: how long the oldest tuple has waited in an inbox.

use std::time::Duration;

use super::{Bound, Check, Reading, View};
use crate::seen::ComponentSeen;

pub(super) fn check() -> Check {
    Check::new("queue-age", Bound::Above(60.0), |view: View<'_>| view.each_bolt(reading))
        .unit("s")
        .lasting(Duration::from_secs(60))
        .what_to_do("raise its tasks, or have its spout be slower: what waits so long may time out first")
        .runbook("#queue-age")
}

fn reading(bolt: &ComponentSeen) -> Reading {
    let ComponentSeen { name, queue_depth, queue_oldest_seconds, executed_per_s, .. } = bolt;
    Reading::new(*queue_oldest_seconds).sentence(sentence(
        name,
        *queue_depth,
        *queue_oldest_seconds,
        *executed_per_s,
    ))
}

fn sentence(bolt: &str, depth: usize, age: f64, per_s: f64) -> String {
    let noun = if depth == 1 { "tuple" } else { "tuples" };
    format!(
        "the oldest of {depth} {noun} in front of `{bolt}` has waited for {age:.0} s; it executes {per_s:.1} a second"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_more_than_a_minute_is_too_old() {
        let bound = check().bound();

        assert!(bound.is_broken_by(60.5) && !bound.is_broken_by(60.0));
    }

    #[test]
    fn the_sentence_says_what_waits_and_how_fast_it_goes() {
        assert_eq!(
            sentence("split", 12, 75.4, 3.25),
            "the oldest of 12 tuples in front of `split` has waited for 75 s; it executes 3.2 a second"
        );
        assert!(sentence("split", 1, 75.4, 3.25).starts_with("the oldest of 1 tuple in front"));
    }
}
