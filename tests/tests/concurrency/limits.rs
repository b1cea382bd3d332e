use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{assert_counts, ms, start};

use super::*;

#[test]
fn so_many_calls_are_under_way_at_once_and_never_more() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(100))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(7).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..100);

        advance(ms(50)).await;
        assert_eq!(calls.begun().len(), 7);
        assert_eq!(running.status().component("calls").unwrap().calls.as_ref().unwrap().in_flight, 7);
        assert_counts(&running.status());

        advance(ms(1600)).await;
        assert_eq!((calls.most(), feeder.tracker().acked_ids().len()), (7, 100));
        assert_counts(&running.status());
        let status = running.status();
        let bolt = status.component("calls").unwrap();
        assert_eq!((bolt.executed, bolt.emitted), (100, 100));
        assert_eq!(bolt.calls.as_ref().unwrap().in_flight, 0);
        running.kill();
    });
}

#[test]
fn every_task_has_its_own_calls() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(100))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(3).tasks(2).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..20);

        advance(ms(50)).await;
        assert_eq!(calls.begun().len(), 6);
        running.kill();
    });
}

#[test]
fn one_call_at_once_is_a_bolt() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::of(0..10), Calls::acting(|_, _| Act::Pass(ms(10))));
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(1).shuffle(numbers));
        start(t).wait().await.unwrap();

        assert_eq!(calls.most(), 1);
        assert_eq!(capture.tuples()[..10], (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_call_that_answers_at_once_takes_no_turn() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::of(0..5000), Calls::acting(|_, _| Act::Fail(ms(0))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(4).shuffle(numbers));
        let report = start(t).wait().await.unwrap();

        assert_eq!(report.roots().failed_by.get("explicit"), Some(&5000));
        assert_eq!(report.component("calls").unwrap().refused, 5000);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn tuples_that_share_a_root_are_called_side_by_side() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            25 => Act::Refuse,
            _ => Act::Pass(ms(value)),
        });
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(4).shuffle(numbers));
        let running = start(t);
        let good = feeder.feed_together(0..10);
        let bad = feeder.feed_together(20..30);

        advance(ms(500)).await;
        assert!(good.is_acked());
        assert_eq!(bad.reason(), Some(Reason::Explicit));
        assert_eq!(capture.tuples().iter().filter(|value| **value < 10).count(), 10);
        assert_eq!(running.status().roots.pending, 0);
        running.kill();
    });
}

#[test]
fn calls_stop_where_the_next_bolt_is_full() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(1))));
        let mut t = TopologyBuilder::new("full");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(10_000).output();
        let answered = t.concurrent_bolt("calls", calls.bolts()).concurrency(8).shuffle(numbers).output();
        let stalled = squall_testkit::Mock::<u64>::stalls_every(1);
        t.bolt_with("stalled", stalled.bolts()).inbox(100).shuffle(answered);
        let running = start(t);
        feeder.feed_all(0..5_000);

        advance(ms(5_000)).await;
        let begun = calls.begun().len();
        assert!(begun < 1000, "{begun} calls were made although nobody takes what they emit");

        stalled.release();
        feeder.end();
        let report = running.wait().await.unwrap();
        assert_eq!(report.roots().acked + report.roots().failed, 5_000);
        feeder.tracker().assert_one_outcome_each();
    });
}
