use squall::RetryPolicy;
use squall_testkit::{Feeder, advance, virtual_time};
use squall_tests::{ms, s, start};

use super::*;

fn policy(attempts: u32) -> RetryPolicy {
    RetryPolicy { attempts, backoff: ms(1000), max_backoff: ms(3000) }
}

#[test]
fn a_failed_call_is_made_again_after_a_pause_that_grows() {
    virtual_time(async || {
        let calls = Calls::acting(|_, attempt| if attempt < 5 { Act::Fail(ms(0)) } else { Act::Pass(ms(0)) });
        let feeder = Feeder::new();
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.retry(policy(5)).shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed(7);

        advance(s(20)).await;
        assert!(fed.is_acked());
        assert_eq!(capture.tuples(), [7], "what a failed attempt emitted is not sent");
        let begun = calls.attempts(7);
        let pauses: Vec<_> = begun.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(pauses.len(), 4);
        for (pause, exact) in pauses.into_iter().zip([1000, 2000, 3000, 3000]) {
            assert!(pause >= ms(exact / 2) && pause <= ms(exact + 2), "{pause:?} of {exact} ms");
        }
        let status = running.status();
        let bolt = status.component("calls").unwrap();
        assert_eq!((bolt.executed, bolt.refused), (1, 0));
        assert_eq!(bolt.calls.as_ref().unwrap().retried, 4);
        running.kill();
    });
}

#[test]
fn a_call_that_goes_on_failing_is_given_up_after_the_last_attempt() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Fail(ms(0))));
        let (t, capture) = calling!(feeder, calls, |bolt, numbers| bolt.retry(policy(3)).shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed(7);

        advance(s(20)).await;
        assert_eq!(fed.reason(), Some(Reason::Explicit));
        assert_eq!((calls.attempts(7).len(), capture.tuples().len()), (3, 0));
        running.kill();
    });
}

#[test]
fn a_permanent_error_is_never_tried_again() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Refuse));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.retry(policy(9)).shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed(7);

        advance(ms(10)).await;
        assert!(fed.outcome().unwrap().failure.unwrap().permanent);
        assert_eq!(calls.attempts(7).len(), 1);
        running.kill();
    });
}

#[test]
fn a_call_that_panicked_is_not_tried_again() {
    virtual_time(async || {
        let (feeder, calls) = (Feeder::new(), Calls::acting(|_, _| Act::Panic(ms(0))));
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.retry(policy(9)).shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed(7);

        advance(s(10)).await;
        assert_eq!(fed.reason(), Some(Reason::Panic));
        assert_eq!(calls.attempts(7).len(), 1);
        running.kill();
    });
}

#[test]
fn a_call_that_waits_for_its_next_attempt_is_under_way() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| if value == 0 { Act::Fail(ms(0)) } else { Act::Pass(ms(0)) });
        let feeder = Feeder::new();
        let (t, _) =
            calling!(feeder, calls, |bolt, numbers| bolt.concurrency(1).retry(policy(2)).shuffle(numbers));
        let running = start(t);
        feeder.feed_all(0..2);

        advance(ms(400)).await;
        assert_eq!(calls.begun().len(), 1);
        advance(s(2)).await;
        assert_eq!(feeder.tracker().failed_ids(), [(0, Reason::Explicit)]);
        assert_eq!(feeder.tracker().acked_ids(), [1]);
        running.kill();
    });
}

#[test]
fn nothing_is_tried_again_for_a_root_that_another_tuple_has_failed_meanwhile() {
    virtual_time(async || {
        let calls = Calls::acting(|value, _| if value == 0 { Act::Refuse } else { Act::Fail(ms(0)) });
        let feeder = Feeder::new();
        let (t, _) = calling!(feeder, calls, |bolt, numbers| bolt.retry(policy(9)).shuffle(numbers));
        let running = start(t);
        let fed = feeder.feed_together([1, 0]);

        advance(s(30)).await;
        assert_eq!(fed.reason(), Some(Reason::Explicit));
        assert_eq!((calls.attempts(0).len(), calls.attempts(1).len()), (1, 1));
        let made = running.status().component("calls").unwrap().calls.clone().unwrap();
        assert_eq!((made.retried, made.in_flight), (0, 0));
        running.kill();
    });
}
