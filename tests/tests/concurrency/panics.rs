use squall::RestartPolicy;
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{assert_counts, budget, ms, s, start};

use super::*;

fn patient() -> RestartPolicy {
    RestartPolicy { backoff: s(100), max_backoff: s(100), ..RestartPolicy::default() }
}

#[test]
fn a_panic_in_one_call_leaves_the_others_alone() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            5 => Act::Panic(ms(50)),
            _ => Act::Pass(ms(100)),
        });
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(10).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..30);

        advance(s(1)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(5, Reason::Panic)]);
        assert_eq!(feeder.tracker().acked_ids().len(), 29);
        assert_eq!(capture.tuples().len(), 29);
        let bolts = |number| calls.begun().iter().filter(|begun| begun.bolt == number).count();
        assert_eq!((bolts(1), bolts(2)), (10, 20), "the next calls are made by a bolt built anew");
        let status = running.status();
        assert_eq!(status.component("calls").unwrap().restarts, 1);
        assert_counts(&status);
        running.kill();
    });
}

#[test]
fn the_calls_beside_one_that_panicked_do_not_wait_for_the_back_off() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            0 => Act::Panic(ms(10)),
            _ => Act::Pass(ms(500)),
        });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.restart(patient()).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);

        advance(ms(600)).await;
        assert_eq!(feeder.tracker().acked_ids().len(), 9);
        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Panic)]);
        let fed = feeder.feed(10);
        advance(ms(600)).await;
        assert!(fed.is_acked(), "an answer is an achievement, after which there is no back-off");
        running.kill();
    });
}

#[test]
fn a_late_panic_of_an_old_bolts_call_does_not_cost_the_new_bolt_its_life() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            0 => Act::Pass(ms(0)),
            1 => Act::Panic(ms(10)),
            2 => Act::Panic(ms(100)),
            _ => Act::Pass(ms(200)),
        });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..3);
        advance(ms(50)).await;
        feeder.feed_all(3..6);
        advance(s(1)).await;

        assert_eq!(feeder.tracker().failed_ids(), [(1, Reason::Panic), (2, Reason::Panic)]);
        assert_eq!(feeder.tracker().acked_ids(), [0, 3, 4, 5]);
        assert_eq!(calls.log().built, 2);
        assert_eq!(running.status().component("calls").unwrap().restarts, 1);
        running.kill();
    });
}

#[test]
fn a_call_that_panics_when_it_is_dropped_is_caught() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value {
            0 => Act::Bomb,
            _ => Act::Pass(ms(700)),
        });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.timeout(ms(500)).shuffle(numbers));
        let running = start(t);
        feeder.feed(0);
        advance(ms(200)).await;
        let beside = feeder.feed(1);
        advance(s(1)).await;

        assert_eq!(feeder.tracker().failed_ids()[0], (0, Reason::Panic));
        assert_eq!(beside.reason(), Some(Reason::Timeout));
        assert_counts(&running.status());
        running.kill();
    });
}

#[test]
fn calls_that_panic_when_the_topology_is_killed_are_caught() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Bomb));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);
        advance(ms(10)).await;

        running.kill();
        let report = running.wait().await.unwrap();
        assert_eq!((report.roots().failed, report.roots().pending), (10, 0));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_bolt_all_of_whose_calls_panic_uses_up_its_budget() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Panic(ms(5))));
        let (t, _) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(1).restart(budget(3)).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..100);

        let failed = running.wait().await.unwrap_err();
        assert!(failed.to_string().contains("panicked as told"), "{failed}");
        assert_eq!(calls.log().built, 4);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn panics_all_the_time_cost_their_own_tuples_only() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value % 100 {
            7 => Act::Panic(ms(value % 13)),
            _ => Act::Pass(ms(value % 17)),
        });
        let feeder = Feeder::of(0..5000);
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(32).tasks(2).shuffle(numbers));
        let report = start(t).wait().await.unwrap();

        assert_eq!(report.roots().failed_by.get("panic"), Some(&50));
        assert_eq!(report.roots().acked, 4950);
        feeder.tracker().assert_one_outcome_each();
    });
}
