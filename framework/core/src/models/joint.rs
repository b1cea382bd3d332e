//! Roots that stand for others: each parent has one outcome, whoever comes first.

use std::sync::Arc as StdArc;

use loom::thread;

use super::{
    anchor::{Spout, release},
    explore,
};
use crate::{Reason, anchor::Anchor, probe::TaskProbe};

/// A tuple made of two, whose own claims are given up.
fn tied(first: Anchor, second: Anchor) -> Anchor {
    let joint = Anchor::joint([&first, &second]);
    release(first);
    release(second);
    joint
}

fn sorted(mut outcomes: Vec<(u32, Option<Reason>)>) -> Vec<(u32, Option<Reason>)> {
    outcomes.sort_by_key(|(id, _)| *id);
    outcomes
}

#[test]
fn two_last_claims_on_a_joint_root_ack_each_parent_once() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = tied(spout.track(1), spout.track(2));
        let other = claim.branch();
        let task = thread::spawn(move || release(other));
        claim.ack();
        task.join().unwrap();
        assert_eq!(sorted(spout.finish()), [(1, None), (2, None)]);
    });
}

#[test]
fn a_failure_of_a_joint_root_that_races_an_ack_fails_both_parents() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = tied(spout.track(1), spout.track(2));
        let other = claim.branch();
        let acks = thread::spawn(move || release(other));
        let fails = thread::spawn(move || claim.fail(Reason::Explicit));
        spout.wait_for(2);
        acks.join().unwrap();
        fails.join().unwrap();
        spout.collect();
        // The memory of both serves again.
        release(tied(spout.track(3), spout.track(4)));
        let explicit = Some(Reason::Explicit);
        assert_eq!(sorted(spout.finish()), [(1, explicit), (2, explicit), (3, None), (4, None)]);
    });
}

#[test]
fn a_parent_that_fails_by_itself_leaves_the_other_to_the_joint_root() {
    explore(|| {
        let mut spout = Spout::new();
        let (first, second) = (spout.track(1), spout.track(2));
        let own = first.branch();
        let claim = tied(first, second);
        let task = thread::spawn(move || own.fail(Reason::Panic));
        release(claim);
        task.join().unwrap();
        assert_eq!(sorted(spout.finish()), [(1, Some(Reason::Panic)), (2, None)]);
    });
}

#[test]
fn the_last_claim_on_a_parent_races_that_of_the_joint_root() {
    explore(|| {
        let mut spout = Spout::new();
        let (first, second) = (spout.track(1), spout.track(2));
        let own = first.branch();
        let claim = tied(first, second);
        let task = thread::spawn(move || release(own));
        release(claim);
        task.join().unwrap();
        assert_eq!(sorted(spout.finish()), [(1, None), (2, None)]);
    });
}

#[test]
fn what_is_held_is_acked_once_and_counted_until_then() {
    explore(|| {
        let mut spout = Spout::new();
        let counters = StdArc::<TaskProbe>::default();
        let claim = spout.track(1);
        let held = Anchor::held(claim.branch(), &counters);
        assert_eq!(counters.held(), 1);
        let task = thread::spawn(move || held.ack());
        release(claim);
        task.join().unwrap();
        assert_eq!(counters.held(), 0);
        assert_eq!(spout.finish(), [(1, None)]);
    });
}
