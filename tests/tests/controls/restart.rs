//! A task that is built anew because somebody asked loses nothing and doubles nothing.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use squall::{HappeningKind, Refused, RestartPolicy, TaskState, prelude::*};
use squall_testkit::{Act, Fed, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, budget, ms, s, start, start_paused};
use tokio::task::spawn_local;

/// How often tasks of a component were built anew.
fn restarts(running: &Running, component: &str) -> u64 {
    running.status().component(component).unwrap().restarts
}

#[test]
fn every_root_is_kept_and_every_tuple_is_executed_once_under_load() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let (pool, keyed) = (Mock::<u64>::acting(|_| Act::Delay(ms(1))), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("loaded");
        let numbers = t.spout("numbers", feeder.spouts()).tasks(2).max_pending(64).output();
        // A single fruitless restart would fail the topology.
        let passed = t.bolt_with("pool", pool.bolts()).tasks(3).restart(budget(0)).shuffle(numbers).output();
        t.bolt_with("keyed", keyed.bolts()).tasks(2).restart(budget(0)).fields_by(passed, |n: &u64| *n);
        let running = start(t);
        let fed = feeder.feed_all(0..2000);

        for round in 0..20 {
            for (component, tasks) in [("numbers", 2), ("pool", 3), ("keyed", 2)] {
                running.restart_task(component, round % tasks).await.unwrap();
                assert_counts(&running.status());
            }
            advance(ms(3)).await;
        }
        assert!(running.status().roots.pending > 0, "it was under load to the end");
        quiescent(&running).await;

        assert!(fed.iter().all(Fed::is_acked));
        feeder.tracker().assert_one_outcome_each();
        let mut executed = keyed.values();
        executed.sort_unstable();
        assert_eq!(executed, (0..2000).collect::<Vec<_>>());
        assert_eq!((pool.count(), pool.built(), keyed.built()), (2000, 3 + 20, 2 + 20));
        for component in ["numbers", "pool", "keyed"] {
            assert_eq!(restarts(&running, component), 20, "{component}");
        }
    });
}

#[test]
fn nothing_is_lost_on_threads_either_and_sync_bolts_are_built_anew_too() {
    let built = Arc::new(AtomicUsize::new(0));
    let (feeder, sink) = (Feeder::of(0..20_000_u64), Mock::<u64>::echo());
    let mut t = TopologyBuilder::new("threads");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let count = Arc::clone(&built);
    let factory = move || {
        count.fetch_add(1, Relaxed);
        Doubling
    };
    let doubled = t.sync_bolt("double", factory).tasks(2).restart(budget(0)).shuffle(numbers).output();
    t.bolt_with("sink", sink.bolts()).restart(budget(0)).shuffle(doubled);
    let running = Running::start(t.build().unwrap(), Options::default().threads(2)).unwrap();

    let handle = running.clone();
    let operator = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (mut made, mut sunk) = (0, 0);
        runtime.block_on(async {
            // Until the topology is over.
            for task in (0..2).cycle() {
                let Ok(()) = handle.restart_task("double", task).await else { break };
                made += 1;
                let Ok(()) = handle.restart_task("sink", 0).await else { break };
                sunk += 1;
            }
        });
        (made, sunk)
    });
    let report = running.wait_blocking().unwrap();
    let (made, sunk) = operator.join().unwrap();

    assert_eq!((report.roots().acked, report.roots().failed), (20_000, 0));
    assert_eq!(sink.count(), 20_000);
    // The last one may have been made while the topology ended.
    let counted = report.component("double").unwrap().restarts;
    assert!((made..=made + 1).contains(&counted), "{made} made, {counted} counted");
    assert!(built.load(Relaxed) as u64 <= 2 + counted);
    assert!(report.component("sink").unwrap().restarts >= sunk);
}

struct Doubling;

impl SyncBolt for Doubling {
    type In = u64;
    type Out = Emit<u64>;

    fn execute(&mut self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(number * 2);
        Ok(())
    }
}

/// A feeder and a bolt that does as it is told, in one topology.
fn one_bolt(name: &str, feeder: &Feeder<u64>, mock: &Mock<u64>) -> Running {
    let mut t = TopologyBuilder::new(name);
    let numbers = t.spout("numbers", feeder.spouts()).output();
    t.bolt_with("mock", mock.bolts()).stuck_after(s(300)).shuffle(numbers);
    start(t)
}

#[test]
fn the_execute_in_hand_comes_to_its_end_first() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::stalls_every(1));
        let running = one_bolt("in-hand", &feeder, &mock);
        let fed = feeder.feed(1);
        advance(ms(10)).await;

        let handle = running.clone();
        let restart = spawn_local(async move { handle.restart_task("mock", 0).await });
        advance(s(5)).await;
        assert!(!restart.is_finished() && mock.built() == 1);
        mock.release();
        quiescent(&running).await;

        restart.await.unwrap().unwrap();
        assert!(fed.is_acked());
        assert_eq!((mock.count(), mock.built(), restarts(&running, "mock")), (1, 2, 1));
    });
}

#[test]
fn a_task_that_does_not_come_back_in_time_goes_on_as_before() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::stalls_every(1));
        let running = one_bolt("late", &feeder, &mock);
        feeder.feed(1);
        advance(ms(10)).await;

        let refused = running.restart_task("mock", 0).await.unwrap_err();
        assert!(matches!(&refused, Refused::TooSlow { tasks, .. } if tasks == &[0]), "{refused}");
        mock.release();
        quiescent(&running).await;
        feeder.feed(2);
        advance(ms(10)).await;

        assert_eq!((mock.count(), mock.built(), restarts(&running, "mock")), (2, 1, 0));
    });
}

#[test]
fn a_spout_that_is_built_anew_hears_of_the_roots_of_the_one_before() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::stalls_every(1));
        let running = one_bolt("spout", &feeder, &mock);
        let fed = feeder.feed_all(0..3);
        advance(ms(10)).await;

        running.restart_task("numbers", 0).await.unwrap();
        assert_eq!(running.status().roots.pending, 3);
        for _ in 0..3 {
            mock.release();
            advance(ms(10)).await;
        }
        quiescent(&running).await;

        assert!(fed.iter().all(Fed::is_acked));
        assert_eq!((restarts(&running, "numbers"), restarts(&running, "mock")), (1, 0));
        let last = running.happenings(0).pop().unwrap();
        let expected = HappeningKind::RestartedAsAsked { component: "numbers".to_owned(), task: 0 };
        assert_eq!(
            (last.what.clone(), last.to_string().as_str()),
            (expected, "Task 0 of `numbers` was built anew, as asked.")
        );
    });
}

/// Awaits its number of milliseconds.
struct Lookup;

impl ConcurrentBolt for Lookup {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        tokio::time::sleep(ms(number)).await;
        out.emit(number);
        Ok(())
    }
}

#[test]
fn the_calls_of_a_concurrent_bolt_go_on_beside_the_new_one() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::echo());
        let built = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&built);
        let mut t = TopologyBuilder::new("calls");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let factory = move || {
            count.fetch_add(1, Relaxed);
            Lookup
        };
        let found = t.concurrent_bolt("lookup", factory).concurrency(8).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).shuffle(found);
        let running = start(t);
        let fed = feeder.feed_all([900, 500, 700]);
        advance(ms(100)).await;

        running.restart_task("lookup", 0).await.unwrap();
        let later = feeder.feed(100);
        advance(ms(300)).await;
        assert!(later.is_acked() && built.load(Relaxed) == 2, "the new one works beside the old calls");
        quiescent(&running).await;

        assert!(fed.iter().all(Fed::is_acked));
        assert_eq!(sink.values(), [100, 500, 700, 900]);
        assert_eq!(restarts(&running, "lookup"), 1);
    });
}

#[test]
fn a_task_that_waits_for_its_restart_is_built_at_once_and_the_wait_is_not_charged_anew() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::<u64>::new(), Mock::<u64>::echo());
        let builds = Arc::new(Mutex::new(0));
        let log = Arc::clone(&builds);
        let policy = RestartPolicy { backoff: s(60), max_backoff: s(60), ..budget(1) };
        let mut t = TopologyBuilder::new("back-off");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let pass = sink.bolts();
        t.bolt_with("sink", async move |cx: &TaskContext| {
            let nth = {
                let mut builds = log.lock().unwrap();
                *builds += 1;
                *builds
            };
            if nth == 1 { Err(Error::retryable("no database")) } else { pass(cx).await }
        })
        .restart(policy)
        .shuffle(numbers);
        let running = start(t);
        let fed = feeder.feed(1);
        advance(ms(10)).await;
        assert_eq!(running.status().component("sink").unwrap().task_states, [TaskState::BackingOff]);

        running.restart_task("sink", 0).await.unwrap();
        advance(ms(10)).await;

        assert!(fed.is_acked(), "it did not wait for a minute");
        assert_eq!(running.status().component("sink").unwrap().task_states, [TaskState::Running]);
    });
}

#[test]
fn a_restart_that_cannot_be_made_says_why() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::<u64>::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("refused");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(3).shuffle(numbers);
        let running = start_paused(t);
        assert!(matches!(running.restart_task("mock", 0).await, Err(Refused::NotRunning)));
        running.resume();
        advance(ms(10)).await;

        let refused =
            async |component, task| running.restart_task(component, task).await.unwrap_err().to_string();
        assert_eq!(refused("mick", 0).await, "there is no component `mick`; there are: numbers, mock");
        assert_eq!(refused("mock", 3).await, "`mock` has no task 3; it has 3, from 0 to 2");
        assert_eq!(refused("numbers", 1).await, "`numbers` has no task 1; it has one task, number 0");

        feeder.end();
        running.wait().await.unwrap();
        assert!(matches!(running.restart_task("mock", 0).await, Err(Refused::NotRunning)));
    });
}
