//! Promise 2, seen from outside: what happened is counted, exactly and for each interval.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the message")]

use squall::{ComponentStatus, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time, work_for};
use squall_tests::{assert_counts, ms, s, start};

fn of(running: &Running, component: &str) -> ComponentStatus {
    running.status().component(component).unwrap().clone()
}

#[test]
fn every_emission_ack_failure_and_execute_is_counted() {
    virtual_time(async || {
        let feeder = Feeder::new();
        // Acks, fails, acks, fails.
        let mock = Mock::<u64>::fails_every(2);
        let mut t = TopologyBuilder::new("hooks");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
        let running = start(t);

        let mut seen = Vec::new();
        for n in 0..4 {
            let mock = of(&running, "mock");
            let roots = running.status().roots;
            seen.push([mock.emitted, roots.acked, roots.failed, mock.executed]);
            feeder.feed(n);
            quiescent(&running).await;
        }

        // What a refused execute emitted is not sent, so it is not counted.
        assert_eq!(seen, [[0, 0, 0, 0], [1, 1, 0, 1], [1, 1, 1, 2], [2, 2, 1, 3]]);
        assert_eq!(of(&running, "mock").refused, 2);
        assert_counts(&running.status());
    });
}

#[test]
fn a_panic_is_no_execute_but_a_restart_and_counters_survive_it() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::panics_every(5));
        let mut t = TopologyBuilder::new("restarts");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
        let running = start(t);

        feeder.feed_all(0..100);
        quiescent(&running).await;

        let counted = of(&running, "mock");
        assert_eq!((counted.executed, counted.emitted, counted.restarts), (80, 80, 20));
        // What stood behind the tuple of a panic was put back, and taken once more.
        assert_eq!(counted.inboxes[0].taken, 100);
        assert_eq!((running.status().roots.acked, running.status().roots.failed_by["panic"]), (80, 20));
    });
}

/// What is counted in each interval, by looking at the end of it.
async fn intervals(running: &Running, seconds: &[u64], mut then: impl FnMut(usize)) -> Vec<u64> {
    let mut counts = Vec::new();
    let mut before = of(running, "mock").executed;
    for (nth, time) in seconds.iter().enumerate() {
        then(nth);
        advance(s(*time)).await;
        let now = of(running, "mock").executed;
        counts.push(now - before);
        before = now;
    }
    counts
}

#[test]
fn an_interval_in_which_nothing_happens_counts_nothing() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("buckets");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).global(numbers);
        let running = start(t);

        let fed = |interval| match interval {
            0 => drop(feeder.feed(1)),
            6 => drop(feeder.feed_all([2, 3])),
            _ => {}
        };
        let counts = intervals(&running, &[5; 8], fed).await;

        assert_eq!(counts, [1, 0, 0, 0, 0, 0, 2, 0]);
    });
}

#[test]
fn a_component_counts_what_all_its_tasks_did() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("tasks");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(2).all(numbers);
        let running = start(t);

        let counts =
            intervals(&running, &[5; 3], |interval| (0..interval).for_each(|n| drop(feeder.feed(n as u64))));

        assert_eq!(counts.await, [0, 2, 4]);
        assert_eq!((mock.values_of(0).len(), mock.values_of(1).len()), (3, 3), "each its share");
    });
}

#[test]
fn the_difference_of_two_looks_is_exact_over_ten_minutes_three_hours_and_a_day() {
    const HALF_MINUTE: u64 = 30;
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("day");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        // The counts at the end of each half minute, from none on.
        let mut looks = vec![0];
        for _ in 0..24 * 3600 / HALF_MINUTE {
            feeder.feed_together(0..100);
            advance(s(HALF_MINUTE)).await;
            looks.push(of(&running, "mock").executed);
        }

        let last = |seconds: u64| {
            let back = looks.len() - 1 - usize::try_from(seconds / HALF_MINUTE).unwrap();
            looks.last().unwrap() - looks.get(back).unwrap()
        };
        assert_eq!([last(600), last(3 * 3600), last(24 * 3600)], [2_000, 36_000, 288_000]);
    });
}

#[test]
fn the_mean_time_of_an_execute_is_busy_time_by_executes_in_every_interval() {
    virtual_time(async || {
        let feeder = Feeder::new();
        // Hundreds compute for 100 ms, the next hundred for 200 ms, and so on.
        let mock = Mock::<u64>::acting(|call| {
            work_for(ms(100 * (1 + call.value / 100)));
            Act::Pass
        });
        let mut t = TopologyBuilder::new("mean");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        let mut before = (0, 0.0);
        let mut means = Vec::new();
        for hundred in 0..3 {
            feeder.feed_all((0..100).map(|n| 100 * hundred + n));
            quiescent(&running).await;
            let mock = of(&running, "mock");
            means.push((mock.busy_seconds - before.1) / (mock.executed - before.0) as f64);
            before = (mock.executed, mock.busy_seconds);
        }

        for (mean, expected) in means.iter().zip([0.1, 0.2, 0.3]) {
            assert!((mean - expected).abs() < 1e-9, "{means:?}");
        }
    });
}
