use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, start};

use super::*;

/// The first is the slowest.
fn falling(value: u64, _: u32) -> Act {
    Act::Pass(ms(100 - value % 10 * 10))
}

#[test]
fn ordered_calls_emit_in_the_order_of_their_tuples() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::of(0..100), Calls::acting(falling));
        let (t, capture) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(16).ordered().shuffle(numbers));
        start(t).wait().await.unwrap();

        assert_eq!(capture.tuples()[..100], (0..100).collect::<Vec<_>>());
        assert_eq!(calls.most(), 16);
    });
}

#[test]
fn unordered_calls_do_not_wait_for_a_slow_one() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| Act::Pass(ms(if value == 0 { 60_000 } else { 10 })));
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(2).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);

        advance(ms(100)).await;
        assert_eq!(capture.tuples(), (1..10).collect::<Vec<_>>());
        assert_eq!(feeder.tracker().owed(), [0]);
        running.kill();
    });
}

#[test]
fn a_slow_ordered_call_keeps_back_what_is_behind_it_and_no_more_begin_than_may() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| Act::Pass(ms(if value == 0 { 1000 } else { 10 })));
        let feeder = Feeder::new();
        let (t, capture) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(4).ordered().shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);

        advance(ms(500)).await;
        assert_eq!((capture.tuples().len(), calls.begun().len()), (0, 4));
        assert_eq!(feeder.tracker().owed().len(), 10);

        advance(ms(1000)).await;
        assert_eq!(capture.tuples(), (0..10).collect::<Vec<_>>());
        assert!(feeder.tracker().owed().is_empty());
        running.kill();
    });
}

#[test]
fn an_ordered_call_that_fails_is_told_at_once_and_keeps_nobody_back() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            0 => Act::Pass(ms(500)),
            1 => Act::Fail(ms(10)),
            2 => Act::Panic(ms(20)),
            _ => Act::Pass(ms(30)),
        });
        let feeder = Feeder::new();
        let (t, capture) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(8).ordered().shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..6);

        advance(ms(200)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(1, Reason::Explicit), (2, Reason::Panic)]);

        advance(ms(500)).await;
        assert_eq!(capture.tuples(), [0, 3, 4, 5]);
        running.kill();
    });
}
