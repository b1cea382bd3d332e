use squall::RetryPolicy;
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

use super::*;

#[test]
fn a_call_past_its_time_fails_its_root_and_makes_room() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| if value < 2 { Act::Hang } else { Act::Pass(ms(10)) });
        let feeder = Feeder::new();
        let (t, capture) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(2).timeout(s(1)).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..4);

        advance(ms(990)).await;
        assert_eq!(calls.begun().len(), 2);

        advance(ms(100)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Timeout), (1, Reason::Timeout)]);
        assert_eq!(feeder.tracker().acked_ids(), [2, 3]);
        assert_eq!(capture.tuples(), [2, 3]);
        let status = running.status();
        let bolt = status.component("calls").unwrap();
        assert_eq!(bolt.calls.as_ref().unwrap().timed_out, 2);
        assert_eq!((bolt.executed, bolt.restarts), (2, 0));
        assert!(bolt.errors[0].message.contains("took longer than its 1s"), "{:?}", bolt.errors);
        running.kill();
    });
}

#[test]
fn every_attempt_has_the_whole_time() {
    virtual_time(async || {
        let calls = Calls::acting(|_, attempt| if attempt < 3 { Act::Hang } else { Act::Pass(ms(900)) });
        let policy = RetryPolicy { attempts: 3, backoff: ms(100), max_backoff: s(1) };
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| {
            bolt.concurrency(2).timeout(s(1)).retry(policy).shuffle(numbers)
        });
        let running = start(t);
        let fed = feeder.feed(7);

        advance(s(4)).await;
        assert!(fed.is_acked());
        assert_eq!(capture.tuples(), [7]);
        let status = running.status();
        let made = status.component("calls").unwrap().calls.as_ref().unwrap();
        assert_eq!((made.timed_out, made.retried, made.in_flight), (2, 2, 0));
        running.kill();
    });
}

#[test]
fn a_call_that_is_slow_and_within_its_limit_is_waited_for() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Pass(s(25))));
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed(7);

        advance(s(26)).await;
        assert!(fed.is_acked());
        assert_eq!(capture.tuples(), [7]);
        running.kill();
    });
}
