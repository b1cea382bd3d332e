//! Calls and what the engine does meanwhile: other numbers, and limits for what hangs.

use squall::TopologySettings;
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{assert_counts, ms, s, start};

use super::*;

#[test]
fn a_rebalance_waits_for_the_calls_and_loses_none_of_them() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| match value % 50 {
            7 => Act::Panic(ms(20)),
            13 => Act::Fail(ms(5)),
            _ => Act::Pass(ms(value % 40)),
        });
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(8).shuffle(numbers));
        let running = start(t);
        for (round, tasks) in [3, 1, 4, 2, 8, 1].into_iter().enumerate() {
            feeder.feed_all((0..200).map(|number| round as u64 * 200 + number));
            advance(ms(10)).await;
            running.rebalance("calls", tasks).await.unwrap();
            assert_counts(&running.status());
        }
        feeder.end();
        let report = running.wait().await.unwrap();

        feeder.tracker().assert_one_outcome_each();
        assert_eq!(report.roots().acked, 1200 - 48);
        let mut sent: Vec<_> = capture.tuples().into_iter().filter(|value| *value < 2000).collect();
        sent.retain(|value| *value != 1000);
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent.len(), 1200 - 48 - 1, "each but the one that looks like a tick, once");
    });
}

#[test]
fn another_concurrency_holds_from_the_reload_on() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(ms(100))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.concurrency(2).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..10);
        advance(ms(50)).await;
        assert_eq!(calls.most(), 2);

        let mut settings = TopologySettings::default();
        settings.component.entry("calls".to_owned()).or_default().concurrency = Some(9);
        running.reconfigure(&settings).await.unwrap();
        feeder.feed_all(10..40);
        advance(s(1)).await;

        assert_eq!(calls.most(), 9);
        assert_eq!(feeder.tracker().acked_ids().len(), 40);
        feeder.tracker().assert_one_outcome_each();
        running.kill();
    });
}

#[test]
fn a_call_without_a_limit_of_its_own_has_that_of_its_component() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| if value == 0 { Act::Hang } else { Act::Pass(s(4)) });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.stuck_after(s(5)).shuffle(numbers));
        let running = start(t);
        feeder.feed(0);
        advance(s(2)).await;
        feeder.feed(1);
        advance(s(5)).await;

        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Timeout)]);
        assert_eq!(feeder.tracker().acked_ids(), [1]);
        let status = running.status();
        let bolt = status.component("calls").unwrap();
        assert_eq!((bolt.stuck, bolt.restarts, calls.log().built), (1, 0, 1));
        running.kill();
    });
}

#[test]
fn a_task_that_waits_for_room_among_its_calls_is_not_stuck() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(s(2))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| {
            bolt.concurrency(1).timeout(s(10)).stuck_after(ms(100)).shuffle(numbers)
        });
        let running = start(t);
        feeder.feed_all(0..5);
        advance(s(11)).await;

        assert_eq!(feeder.tracker().acked_ids(), [0, 1, 2, 3, 4]);
        let status = running.status();
        let bolt = status.component("calls").unwrap();
        assert_eq!((bolt.stuck, bolt.restarts), (0, 0));
        running.kill();
    });
}
