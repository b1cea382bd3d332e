//! Replays: the engine tells, the spout decides, bolts see the counts.

use squall::{Delivery, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Capture, Feeder, Mock, complete_topology, quiescent, virtual_time};
use squall_tests::{s, start};

#[test]
fn the_counters_of_a_replay_are_seen_in_execute() {
    virtual_time(async || {
        let feeder = Feeder::new().replaying(5);
        let mock = Mock::<u64>::acting(|call| match call.delivery.attempt {
            1 | 3 => Act::Fail,
            2 => Act::Panic,
            4 => Act::Stall,
            _ => Act::Pass,
        });
        let mut t = TopologyBuilder::new("counters");
        let numbers = t.spout("numbers", feeder.spouts()).message_timeout(s(1)).output();
        t.bolt_with("mock", mock.bolts()).tasks(2).shuffle(numbers);
        let running = start(t);

        let fed = feeder.feed(7_u64);
        quiescent(&running).await;

        let seen: Vec<_> = mock.calls().iter().map(|call| call.delivery).collect();
        let delivery = |attempt, refused, redelivered| Delivery { attempt, refused, redelivered };
        assert_eq!(
            seen,
            [delivery(1, 0, 0), delivery(2, 1, 0), delivery(3, 1, 1), delivery(4, 2, 1), delivery(5, 2, 2)]
        );
        assert!(fed.is_acked());
        assert_eq!(running.status().roots.emitted, 5, "each delivery is a root");
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn the_counters_travel_down_the_tree() {
    virtual_time(async || {
        let feeder = Feeder::new().replaying(2);
        let (first, second) = (Mock::echo(), Mock::<u64>::fails_every(1));
        let mut t = TopologyBuilder::new("deep");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("first", first.bolts()).shuffle(numbers).output();
        t.bolt_with("second", second.bolts()).shuffle(passed);
        let running = start(t);

        feeder.feed(7);
        quiescent(&running).await;

        let attempts: Vec<_> = second.calls().iter().map(|call| call.delivery.attempt).collect();
        assert_eq!(attempts, [1, 2]);
    });
}

#[test]
fn an_untracked_tuple_is_always_a_first_delivery() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("untracked");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);

        feeder.feed_untracked(7);
        quiescent(&running).await;

        assert_eq!(mock.calls()[0].delivery, Delivery::first());
        assert_eq!(running.status().roots.emitted, 0);
    });
}

#[test]
fn a_spout_that_has_ended_may_replay_what_fails() {
    virtual_time(async || {
        let feeder = Feeder::of(0..100).replaying_all();
        let mock = Mock::<u64>::acting(|call| if call.delivery.attempt < 3 { Act::Fail } else { Act::Pass });
        let mut t = TopologyBuilder::new("after-the-end");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
        let captured = Capture::of(&mut t, passed);

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(captured.sorted(), (0..100_u64).collect::<Vec<_>>());
        assert_eq!((report.roots().emitted, report.roots().acked, report.roots().failed), (300, 100, 200));
        feeder.tracker().assert_one_outcome_each();
    });
}

/// A name for what the test says.
trait ReplayingAll {
    fn replaying_all(self) -> Self;
}

impl ReplayingAll for Feeder<u64> {
    fn replaying_all(self) -> Self {
        self.replaying(u32::MAX)
    }
}

#[test]
fn what_a_failed_execute_emitted_is_not_sent() {
    /// Emits, then fails at the first attempt.
    struct EmitsFirst;
    impl Bolt for EmitsFirst {
        type In = u64;
        type Out = Emit<u64>;
        async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
            out.emit(n);
            match out.delivery().attempt {
                1 => Err(Error::retryable("not yet")),
                2 => panic!("not yet"),
                _ => Ok(()),
            }
        }
    }

    virtual_time(async || {
        let feeder = Feeder::of(0..10).replaying_all();
        let mut t = TopologyBuilder::new("emits-first");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let emitted = t.bolt("emits-first", || EmitsFirst).shuffle(numbers).output();
        let captured = Capture::of(&mut t, emitted);

        complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(captured.sorted(), (0..10).collect::<Vec<_>>());
    });
}
