//! Keyed bolts: no key is in two tasks at once, and state moves if it can.

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Feeder, quiescent, virtual_time};
use squall_tests::{assert_counts, s, start};

use super::{Counter, Watched, counted};

fn keys() -> impl Iterator<Item = u64> {
    (0..1_000).map(|n| n * n % 37)
}

fn stateful(feeder: &Feeder<u64>, watched: &Watched) -> Running {
    let mut t = TopologyBuilder::new("stateful");
    let keys = t.spout("keys", feeder.spouts()).output();
    t.stateful_bolt("count", watched.counters()).tasks(2).fields_by(keys, |key| *key);
    start(t)
}

async fn drained(running: &Running, feeder: &Feeder<u64>) -> squall::Report {
    feeder.end();
    running.drain(s(5));
    let report = running.wait().await.unwrap();
    feeder.tracker().assert_one_outcome_each();
    report
}

#[test]
fn state_moves_with_its_keys_again_and_again() {
    virtual_time(async || {
        let (feeder, watched) = (Feeder::new(), Watched::default());
        let running = stateful(&feeder, &watched);
        for tasks in [8, 2, 5, 1, 16, 2] {
            feeder.feed_all(keys());
            running.rebalance("count", tasks).await.unwrap();
            assert_eq!(running.status().component("count").unwrap().tasks, tasks);
            assert_counts(&running.status());
        }
        quiescent(&running).await;
        assert!(watched.drained().is_empty(), "a handover is no drain");

        let report = drained(&running, &feeder).await;

        assert_eq!((report.roots().acked, report.roots().failed), (6_000, 0));
        let six_times = counted(std::iter::repeat_n((), 6).flat_map(|()| keys()));
        assert_eq!(watched.drained(), six_times);
    });
}

#[test]
fn without_a_handover_hook_the_old_tasks_drain_before_the_new_ones_begin() {
    virtual_time(async || {
        let (feeder, watched) = (Feeder::new(), Watched::default());
        let mut t = TopologyBuilder::new("stateless");
        let numbers = t.spout("keys", feeder.spouts()).output();
        t.bolt("count", watched.counters()).tasks(2).fields_by(numbers, |key| *key);
        let running = start(t);

        feeder.feed_all(keys());
        quiescent(&running).await;
        running.rebalance("count", 4).await.unwrap();
        assert_eq!(watched.drained(), counted(keys()));
        feeder.feed_all(keys());
        drained(&running, &feeder).await;

        assert_eq!(watched.drained(), counted(keys().chain(keys())));
    });
}

#[test]
fn a_give_that_panics_rolls_the_rebalance_back_with_all_its_state() {
    rolls_back("give");
}

#[test]
fn a_take_that_panics_rolls_the_rebalance_back_with_all_its_state() {
    rolls_back("take");
}

fn rolls_back(hook: &'static str) {
    virtual_time(async || {
        let (feeder, watched) = (Feeder::new(), Watched::default());
        let running = stateful(&feeder, &watched);
        feeder.feed_all(keys());
        quiescent(&running).await;

        watched.arm(hook);
        let refused = running.rebalance("count", 8).await.unwrap_err();

        let said = refused.to_string();
        assert!(said.contains("count") && said.contains(&format!("a bomb in {hook}")), "{said}");
        assert_eq!(running.status().component("count").unwrap().tasks, 2);
        feeder.feed_all(keys());
        running.rebalance("count", 3).await.unwrap();
        feeder.feed_all(keys());
        let report = drained(&running, &feeder).await;
        assert_eq!(report.roots().failed, 0);
        assert_eq!(watched.drained(), counted(keys().chain(keys()).chain(keys())));
    });
}

#[test]
fn a_panic_between_two_rebalances_costs_the_state_of_one_task_only() {
    virtual_time(async || {
        let (feeder, watched) = (Feeder::<u64>::new(), Watched::default());
        let mut t = TopologyBuilder::new("panics");
        let numbers = t.spout("keys", feeder.spouts()).output();
        let counters = watched.counters();
        let factory = move || Fragile(counters());
        t.stateful_bolt("count", factory).tasks(4).fields_by(numbers, |key| *key % 100);
        let running = start(t);

        feeder.feed_all(0..40);
        running.rebalance("count", 8).await.unwrap();
        // Its task loses what it had; the other seven know theirs.
        feeder.feed(107);
        running.rebalance("count", 2).await.unwrap();
        quiescent(&running).await;
        let report = drained(&running, &feeder).await;

        assert_eq!((report.roots().acked, report.roots().failed), (40, 1));
        let left = watched.drained();
        assert!(left.len() < 40 && left.len() > 20, "{left:?}");
        assert!(!left.contains_key(&7));
    });
}

/// Panics at numbers above 100.
struct Fragile(Counter);

impl Bolt for Fragile {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, key: u64, out: &mut Output<()>) -> Result<()> {
        assert!(key <= 100, "too large");
        self.0.execute(key, out).await
    }

    async fn drain(&mut self, out: &mut Output<()>) -> Result<()> {
        self.0.drain(out).await
    }
}

impl squall::Handover for Fragile {
    type State = (u64, u64);

    fn give(&mut self, shares: &mut squall::Shares<(u64, u64)>) {
        self.0.give(shares);
    }

    fn take(&mut self, state: (u64, u64)) {
        self.0.take(state);
    }
}
