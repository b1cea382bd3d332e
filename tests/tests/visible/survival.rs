//! Nothing that was counted is lost when a task is restarted, or when a rebalance puts others in its place.

use squall::{ComponentStatus, TaskState, prelude::*};
use squall_testkit::{Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{s, start};

use super::{Computes, assert_near, assert_sums, of};

/// What only grows.
fn counts(of: &ComponentStatus) -> Vec<u64> {
    let streams = of.streams.iter().flat_map(|stream| {
        stream.to.iter().map(|to| to.transferred).chain([stream.emitted]).collect::<Vec<_>>()
    });
    let millis = [of.busy_seconds, of.blocked_seconds, of.idle_seconds].map(|seconds| (seconds * 1e3) as u64);
    let latencies = [&of.execute, &of.complete].map(squall::Latency::count);
    streams.chain(millis).chain(latencies).chain([of.executed, of.restarts]).collect()
}

#[track_caller]
fn assert_grown(before: &ComponentStatus, after: &ComponentStatus) {
    for (before_count, count) in counts(before).into_iter().zip(counts(after)) {
        assert!(before_count <= count, "{before:?}\n{after:?}");
    }
}

#[test]
fn counts_of_a_task_go_on_after_its_restarts() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::panics_every(5));
        let mut t = TopologyBuilder::new("restarts");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let mock = t.bolt_with("mock", mock.bolts()).tasks(2).fields(numbers, |n| n).output();
        t.bolt_with("sink", Mock::<u64>::echo().bolts()).shuffle(mock);
        let running = start(t);

        let mut before = of(&running, "mock");
        for round in 0..5 {
            feeder.feed_all(100 * round..100 * (round + 1));
            quiescent(&running).await;
            let now = of(&running, "mock");
            assert_grown(&before, &now);
            assert_sums(&now);
            before = now;
        }

        assert_eq!((before.restarts, before.executed, before.execute.count()), (100, 400, 400));
        assert_eq!((before.streams[0].emitted, before.streams[0].to[0].transferred), (400, 400));
        for task in &before.per_task {
            let said = &task.last_error.as_ref().unwrap();
            assert!(said.message.contains("panicked") && said.task == task.task, "{said:?}");
            assert!(task.restarts > 0 && task.inbox.is_some(), "{task:?}");
        }
    });
}

#[test]
fn counts_of_a_task_go_on_in_the_one_that_a_rebalance_puts_in_its_place() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("rebalanced");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let keyed = t.bolt("keyed", || Computes(|_| 10)).tasks(2).fields(numbers, |n| n).output();
        t.bolt_with("pool", Mock::<u64>::echo().bolts()).tasks(2).shuffle(keyed);
        let running = start(t);

        let mut before = of(&running, "keyed");
        for (round, tasks) in [(0, 3), (1, 5), (2, 8)] {
            feeder.feed_all(100 * round..100 * (round + 1));
            quiescent(&running).await;
            running.rebalance("keyed", tasks).await.unwrap();
            running.rebalance("pool", tasks).await.unwrap();
            let now = of(&running, "keyed");
            assert_eq!(now.per_task.len(), tasks);
            assert_grown(&before, &now);
            assert_sums(&now);
            assert_sums(&of(&running, "pool"));
            before = now;
        }
        assert_eq!((before.executed, before.execute.count()), (300, 300));
        assert_near(before.execute.mean().unwrap(), 0.01);
        assert_near(before.busy_seconds, 3.0);

        // Of those that are no more the component still tells.
        running.rebalance("keyed", 1).await.unwrap();
        let after = of(&running, "keyed");
        assert_grown(&before, &after);
        assert_eq!(after.executed, 300);
        assert_eq!(after.per_task.len(), 1);
        assert!(after.per_task[0].executed < 300);
    });
}

#[test]
fn the_times_of_roots_survive_the_tasks_of_their_spout() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("spouts");
        let numbers = t.spout("numbers", feeder.spouts()).tasks(2).output();
        t.bolt_with("sink", sink.bolts()).shuffle(numbers);
        let running = start(t);

        for (round, tasks) in [(0, 3), (1, 4)] {
            feeder.feed_all(100 * round..100 * (round + 1));
            quiescent(&running).await;
            running.rebalance("numbers", tasks).await.unwrap();
            assert_sums(&of(&running, "numbers"));
        }

        let numbers = of(&running, "numbers");
        assert_eq!((numbers.complete.count(), numbers.emitted), (200, 200));
    });
}

#[test]
fn a_task_tells_what_waits_before_it_and_what_it_has_pending() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::stalls_every(1));
        let mut t = TopologyBuilder::new("tasks");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("own", sink.bolts()).tasks(2).fields(numbers, |n| n);
        t.bolt_with("shared", Mock::<u64>::echo().bolts()).tasks(2).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..100);
        advance(s(10)).await;

        let own = of(&running, "own");
        let waiting = |at: usize| own.per_task[at].inbox.as_ref().unwrap().clone();
        assert_eq!(waiting(0).depth + waiting(1).depth, 98);
        // On the clock of the topology.
        assert!((9.0..=10.0).contains(&waiting(0).oldest_seconds.unwrap()), "{own:?}");
        assert!(of(&running, "shared").per_task.iter().all(|task| task.inbox.is_none()));
        let numbers = of(&running, "numbers");
        assert_eq!(numbers.per_task[0].pending, Some(100));
        assert_eq!((numbers.per_task[0].task, numbers.per_task[0].state), (0, TaskState::Running));
        assert_eq!(own.per_task[0].pending, None);
    });
}
