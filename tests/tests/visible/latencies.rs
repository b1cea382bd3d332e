//! How long executes take, and roots.

use squall::{LATENCY_BOUNDS, RetryPolicy, prelude::*};
use squall_testkit::{Act, Feeder, Mock, quiescent, virtual_time};
use squall_tests::{Done, Slow, ms, s, start};

use super::{Computes, assert_near, of};

#[test]
fn a_bolt_that_takes_ten_milliseconds_shows_ten_milliseconds() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("ten");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("ten", || Computes(|_| 10)).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..500);
        quiescent(&running).await;

        let execute = of(&running, "ten").execute;
        assert_eq!(execute.count(), 500);
        for q in [0.01, 0.5, 0.99] {
            assert!((execute.quantile(q).unwrap() - 0.01).abs() < 1e-6, "{execute:?}");
        }
        assert_eq!(of(&running, "ten").complete.count(), 0, "a bolt has no roots");
    });
}

#[test]
fn a_few_slow_executes_among_many_are_seen_at_the_percentile_that_is_theirs() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("mixed");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("mixed", || Computes(|n| if n % 20 == 7 { 400 } else { 6 })).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..1000);
        quiescent(&running).await;

        let execute = of(&running, "mixed").execute;
        let p = |q| execute.quantile(q).unwrap();
        assert!(p(0.5) > 0.005 && p(0.5) <= 0.01, "{execute:?}");
        assert!(p(0.9) <= 0.01 && p(0.96) > 0.25 && p(0.99) <= 0.5, "{execute:?}");
        assert_near(execute.sum_seconds, 50.0 * 0.4 + 950.0 * 0.006);
    });
}

#[test]
fn executes_that_answer_are_measured_and_no_others() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| match call.value % 4 {
            0 => Act::Panic,
            1 => Act::Fail,
            _ => Act::Pass,
        });
        let mut t = TopologyBuilder::new("answers");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).tasks(3).fields(numbers, |n| n);
        let running = start(t);

        feeder.feed_all(0..400);
        quiescent(&running).await;

        let (mock, numbers) = (of(&running, "mock"), of(&running, "numbers"));
        assert_eq!((mock.executed, mock.execute.count()), (300, 300));
        let roots = numbers.roots.unwrap();
        assert_eq!((roots.acked, numbers.complete.count()), (200, 200));
    });
}

#[test]
fn the_time_of_a_root_is_that_from_its_track_to_its_ack_with_all_it_waits_for() {
    virtual_time(async || {
        let (feeder, done) = (Feeder::new(), Done::default());
        let mut t = TopologyBuilder::new("waits");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(10).output();
        let slow = t.bolt_with("slow", Slow::<u64>::bolts(&done, |_| s(2))).shuffle(numbers).output();
        t.bolt_with("sink", Mock::<u64>::echo().bolts()).shuffle(slow);
        let running = start(t);

        feeder.feed_all(0..10);
        quiescent(&running).await;

        // They wait for each other: 2 s, 4 s, … 20 s.
        let complete = of(&running, "numbers").complete;
        assert_eq!(complete.count(), 10);
        assert_near(complete.sum_seconds, 110.0);
        assert!((5.0..=10.0).contains(&complete.quantile(0.5).unwrap()), "{complete:?}");
        assert!((10.0..=25.0).contains(&complete.quantile(0.99).unwrap()), "{complete:?}");
        assert_near(of(&running, "slow").execute.mean().unwrap(), 2.0);
        assert_eq!(of(&running, "numbers").execute.count(), 0, "a spout executes nothing");
    });
}

#[test]
fn the_time_of_a_root_that_is_replayed_begins_with_its_first_attempt() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let work = Mock::<u64>::acting(|call| if call.delivery.attempt < 3 { Act::Fail } else { Act::Pass });
        let policy = RetryPolicy { attempts: 5, backoff: s(20), max_backoff: s(20) };
        let mut t = TopologyBuilder::new("replayed");
        let (numbers, _) = t.spout("numbers", feeder.spouts()).replay(policy).output();
        t.bolt_with("work", work.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed(1);
        quiescent(&running).await;

        let numbers = of(&running, "numbers");
        assert_eq!((numbers.replays, numbers.complete.count()), (2, 1));
        // A pause is the whole one less up to half of it.
        assert!((20.0..41.0).contains(&numbers.complete.sum_seconds), "{numbers:?}");
    });
}

/// Takes 100 ms beside others.
struct Lookup;

impl ConcurrentBolt for Lookup {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&self, number: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        tokio::time::sleep(ms(100)).await;
        out.emit(number);
        Ok(())
    }
}

#[test]
fn each_call_of_a_concurrent_bolt_is_measured_by_itself() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("calls");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.concurrent_bolt("lookup", || Lookup).concurrency(10).shuffle(numbers);
        let running = start(t);

        feeder.feed_all(0..100);
        quiescent(&running).await;

        let lookup = of(&running, "lookup");
        assert_eq!(lookup.concurrency, Some(10));
        assert_eq!((lookup.executed, lookup.execute.count()), (100, 100));
        assert_near(lookup.execute.mean().unwrap(), 0.1);
        // Ten at once, ten times: the task is busy while there are calls.
        assert_near(lookup.busy_seconds, 1.0);
        assert_eq!(of(&running, "numbers").concurrency, None);
    });
}

#[test]
fn what_nobody_wants_to_know_is_not_measured_and_all_else_is() {
    virtual_time(async || {
        let feeder = Feeder::of(0..100u64);
        let mut t = TopologyBuilder::new("off");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("sink", || Computes(|_| 10)).shuffle(numbers);
        let running = Running::start_here(&t.build().unwrap(), &Options::default().latencies(false));
        let report = running.wait().await.unwrap();

        for component in &report.status.components {
            assert_eq!((component.execute.count(), component.complete.count()), (0, 0));
            assert_eq!(component.execute.quantile(0.5), None);
        }
        assert_near(report.component("sink").unwrap().busy_seconds, 1.0);
    });
}

#[test]
fn every_measured_component_has_a_count_for_each_bound_and_one_above() {
    virtual_time(async || {
        let feeder = Feeder::<u64>::new();
        let mut t = TopologyBuilder::new("shape");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("sink", || Computes(|_| 10)).shuffle(numbers);
        let running = start(t);

        assert_eq!(of(&running, "sink").execute.counts.len(), LATENCY_BOUNDS.len() + 1);
        assert_eq!(of(&running, "numbers").complete.counts.len(), LATENCY_BOUNDS.len() + 1);
    });
}
