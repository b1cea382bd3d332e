//! One outcome for each root, whoever comes first; and the spout is woken for it.

use loom::thread;

use super::{block_on, explore};
use crate::{
    Delivery, Reason,
    anchor::{Anchor, Home, Outcomes},
    slots::{Outcome, Slots},
    sync::Arc,
};

/// A spout task's side of its roots.
pub(super) struct Spout {
    pub(super) slots: Slots<u32>,
    home: Arc<Home>,
    outcomes: Vec<(u32, Option<Reason>)>,
}

impl Spout {
    pub(super) fn new() -> Self {
        let slots = Slots::new(2, std::time::Duration::from_secs(1));
        Self { home: slots.home(), slots, outcomes: Vec::new() }
    }

    pub(super) fn track(&mut self, id: u32) -> Anchor {
        self.slots.track(id, Delivery::first());
        self.slots.take_current()
    }

    /// Books what has arrived.
    pub(super) fn collect(&mut self) {
        let mut told = Vec::new();
        self.home.take(&mut told);
        for told in told {
            self.outcomes.extend(self.slots.settle(told).map(|outcome| match outcome {
                Outcome::Acked(id) => (id, None),
                Outcome::Failed(id, failure) => (id, Some(failure.reason)),
            }));
        }
    }

    /// Fails the first root that is overdue, if any.
    fn sweep(&mut self) {
        let Some((slot, failure)) = self.slots.next_overdue(0) else { return };
        if let Some(Outcome::Failed(id, failure)) = self.slots.fail(slot, failure) {
            self.outcomes.push((id, Some(failure.reason)));
        }
    }

    /// Waits for arrivals until this many roots have an outcome.
    pub(super) fn wait_for(&mut self, outcomes: usize) {
        while self.outcomes.len() < outcomes {
            block_on(|cx| self.home.poll_arrivals(cx));
            assert!(self.home.has_arrivals(), "the hint must not hide what has arrived");
            self.collect();
        }
    }

    /// After all threads: nothing more may arrive, and nothing is pending.
    pub(super) fn finish(mut self) -> Vec<(u32, Option<Reason>)> {
        self.collect();
        let counts = self.slots.ledger().counts();
        assert_eq!(counts.emitted, counts.acked + counts.failed());
        assert_eq!(counts.pending, 0);
        self.outcomes
    }
}

/// As a bolt task does at the end of a batch.
pub(super) fn release(anchor: Anchor) {
    let mut outcomes = Outcomes::default();
    outcomes.release(anchor);
}

#[test]
fn two_last_claims_given_up_at_once_ack_the_root_once() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let other = claim.branch();
        let task = thread::spawn(move || release(other));
        release(claim);
        task.join().unwrap();
        assert_eq!(spout.finish(), [(1, None)]);
    });
}

#[test]
fn a_claim_that_is_dropped_as_done_races_the_last_release() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let other = claim.branch();
        let task = thread::spawn(move || other.ack());
        release(claim);
        task.join().unwrap();
        assert_eq!(spout.finish(), [(1, None)]);
    });
}

#[test]
fn an_ack_that_races_a_failure_leaves_the_failure_and_the_memory_serves_the_next_root() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let other = claim.branch();
        let acks = thread::spawn(move || release(other));
        let fails = thread::spawn(move || claim.fail(Reason::Explicit));
        spout.wait_for(1);
        // The slot is used again while the memory of the old root may still be on its way.
        release(spout.track(2));
        acks.join().unwrap();
        fails.join().unwrap();
        spout.collect();
        release(spout.track(3));
        let explicit = Some(Reason::Explicit);
        assert_eq!(spout.finish(), [(1, explicit), (2, None), (3, None)]);
    });
}

#[test]
fn of_two_failures_one_is_told() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let other = claim.branch();
        let task = thread::spawn(move || other.fail(Reason::Panic));
        drop(claim);
        task.join().unwrap();
        let outcomes = spout.finish();
        assert!(matches!(outcomes[..], [(1, Some(Reason::Panic | Reason::Dropped))]), "{outcomes:?}");
    });
}

#[test]
fn an_ack_that_comes_after_the_timeout_does_not_touch_the_next_root_of_the_slot() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let task = thread::spawn(move || release(claim));
        // Nine periods of the sweep: the root is overdue whether or not it is acked by now.
        spout.slots.ledger().set_time(std::time::Duration::from_secs(2));
        spout.sweep();
        let next = spout.track(2);
        task.join().unwrap();
        spout.collect();
        assert_eq!(spout.slots.ledger().pending(), 1, "the second root is not done");
        release(next);
        assert_eq!(spout.finish(), [(1, Some(Reason::Timeout)), (2, None)]);
    });
}

#[test]
fn a_wish_for_time_that_races_the_outcome_does_not_prolong_the_next_root_of_the_slot() {
    explore(|| {
        let mut spout = Spout::new();
        let claim = spout.track(1);
        let other = claim.branch();
        let task = thread::spawn(move || {
            other.reset_timeout();
            release(other);
        });
        release(claim);
        spout.wait_for(1);
        let next = spout.track(2);
        spout.slots.ledger().set_time(std::time::Duration::from_secs(2));
        spout.slots.book_resets();
        // It was not reset: it is overdue.
        spout.sweep();
        task.join().unwrap();
        release(next);
        assert_eq!(spout.finish(), [(1, None), (2, Some(Reason::Timeout))]);
    });
}

#[test]
fn a_spout_that_waits_is_woken_by_each_of_two_outcomes() {
    explore(|| {
        let mut spout = Spout::new();
        let (first, second) = (spout.track(1), spout.track(2));
        let tasks =
            [thread::spawn(move || release(first)), thread::spawn(move || second.fail(Reason::Panic))];
        spout.wait_for(2);
        tasks.into_iter().for_each(|task| task.join().unwrap());
        let mut outcomes = spout.finish();
        outcomes.sort_by_key(|(id, _)| *id);
        assert_eq!(outcomes, [(1, None), (2, Some(Reason::Panic))]);
    });
}
