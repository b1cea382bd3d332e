use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, start};

use super::*;

#[test]
fn a_drain_waits_for_the_calls_and_then_lets_the_bolt_speak() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|value, _| Act::Pass(ms(100 + value))));
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(8).shuffle(numbers));
        let running = start(t);
        // Without a root nobody waits for these but the drain itself.
        (0..5).for_each(|number| feeder.feed_untracked(number));
        feeder.end();
        running.wait().await.unwrap();

        assert_eq!(calls.said(), ["0", "1", "2", "3", "4", "drain"]);
        assert_eq!(capture.tuples(), [0, 1, 2, 3, 4, 2000]);
    });
}

#[test]
fn a_panic_during_the_drain_costs_its_own_tuple_only() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            2 => Act::Panic(ms(50)),
            _ => Act::Pass(ms(100)),
        });
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| {
            bolt.concurrency(8).per_key(|value| value % 2).shuffle(numbers)
        });
        let running = start(t);
        (0..6).for_each(|number| feeder.feed_untracked(number));
        feeder.end();
        let report = running.wait().await.unwrap();

        assert_eq!(report.component("calls").unwrap().dropped_untracked, 1);
        let mut tuples = capture.tuples();
        tuples.sort_unstable();
        assert_eq!(tuples, [0, 1, 3, 4, 5, 2000]);
    });
}

#[test]
fn ticks_go_on_beside_the_calls() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(2500))));
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.tick(ms(1000)).shuffle(numbers));
        let running = start(t);
        feeder.feed(7);

        advance(ms(3500)).await;
        assert_eq!(calls.said(), ["tick", "tick", "7", "tick"]);
        assert_eq!(capture.tuples(), [1000, 1000, 7, 1000]);
        running.kill();
    });
}

#[test]
fn what_is_under_way_at_a_kill_fails() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Hang));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(4).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);
        advance(ms(10)).await;

        running.kill();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().emitted, report.roots().failed), (10, 10));
        feeder.tracker().assert_one_outcome_each();
    });
}
