use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, start};

use super::*;

/// Values of one key, in the order in which they were answered.
fn answered(calls: &Calls, key: u64) -> Vec<u64> {
    let values = calls.said().into_iter().filter_map(|said| said.parse::<u64>().ok());
    values.filter(|value| value % 5 == key).collect()
}

#[test]
fn calls_of_one_key_follow_each_other_and_other_keys_go_on_beside() {
    virtual_time(async || {
        // The later ones of a key would be the quicker ones.
        let (feeder, calls) = (Feeder::of(0..100), Calls::acting(|value, _| Act::Pass(ms(200 - value))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| {
            bolt.concurrency(20).per_key(|value| value % 5).tasks(2).fields_by(numbers, |value| value % 5)
        });
        start(t).wait().await.unwrap();

        for key in 0..5 {
            let in_order: Vec<_> = (0..100).filter(|value| value % 5 == key).collect();
            assert_eq!(answered(&calls, key), in_order);
        }
        assert_eq!(calls.most(), 5);
        feeder.tracker().assert_one_outcome_each();
        assert_eq!(feeder.tracker().acked_ids().len(), 100);
    });
}

#[test]
fn a_call_that_fails_panics_or_times_out_gives_its_key_free() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            5 => Act::Fail(ms(1)),
            10 => Act::Panic(ms(1)),
            15 => Act::Hang,
            _ => Act::Pass(ms(1)),
        });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| {
            bolt.per_key(|value| value % 5).timeout(ms(50)).shuffle(numbers)
        });
        let running = start(t);
        feeder.feed_all([0, 5, 10, 15, 20]);

        advance(ms(500)).await;
        assert_eq!(answered(&calls, 0), [0, 20]);
        assert!(feeder.tracker().owed().is_empty());
        running.kill();
    });
}

#[test]
fn what_waits_for_its_key_is_called_by_the_bolt_built_anew() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            0 => Act::Panic(ms(10)),
            _ => Act::Pass(ms(10)),
        });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.per_key(|_| 0).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..3);

        advance(ms(500)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Panic)]);
        assert_eq!(feeder.tracker().acked_ids(), [1, 2]);
        assert_eq!(calls.begun().iter().map(|begun| begun.bolt).collect::<Vec<_>>(), [1, 2, 2]);
        running.kill();
    });
}

#[test]
fn a_key_that_panics_fails_its_tuple_and_no_other() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(100))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| {
            bolt.per_key(|value| if *value == 2 { panic!("no key") } else { *value }).shuffle(numbers)
        });
        let running = start(t);
        feeder.feed_all(0..5);

        advance(ms(500)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(2, Reason::Panic)]);
        assert_eq!(feeder.tracker().acked_ids().len(), 4);
        running.kill();
    });
}
