//! What a mock does when it lets nothing go, and what its topology shows of that.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "in a test a panic is the message")]

use std::time::Duration;

use squall_core::Reason;
use squall_runtime::{Finding, Options, Running};
use squall_testkit::{Act, Fed, Feeder, Mock, advance, quiescent, virtual_time};
use squall_topology::TopologyBuilder;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A feeder, its numbers, and this mock behind it.
fn start(feeder: &Feeder<u64>, mock: &Mock<u64>, max_pending: usize) -> Running {
    let mut t = TopologyBuilder::new("mock");
    let numbers = t.spout("numbers", feeder.spouts()).message_timeout(TIMEOUT).max_pending(max_pending);
    let numbers = numbers.output();
    t.bolt_with("mock", mock.bolts()).shuffle(numbers);
    Running::start_here(&t.build().unwrap(), &Options::default())
}

#[test]
fn held_roots_are_pending_until_the_mock_lets_go() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::holds_every(1));
        let running = start(&feeder, &mock, 100);

        let fed = feeder.feed_all(0..5);
        advance(TIMEOUT / 2).await;
        assert_eq!((mock.held(), running.status().roots.pending), (5, 5));
        mock.let_go();
        quiescent(&running).await;

        assert!(fed.iter().all(Fed::is_acked));
        assert_eq!((mock.held(), running.status().roots.pending), (0, 0));
    });
}

#[test]
fn a_leak_takes_all_the_room_and_gives_it_back_at_the_timeout() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::leaks_every(1));
        let running = start(&feeder, &mock, 3);

        let fed = feeder.feed_all(0..6);
        advance(TIMEOUT / 2).await;
        // Back-pressure up to the spout: the gauges say who is to blame.
        let status = running.status();
        assert_eq!((mock.leaked(), status.roots.pending, feeder.waiting()), (3, 3, 3));
        assert_eq!(status.component("mock").unwrap().held, 3);
        let findings = status.findings();
        assert!(
            matches!(&findings[..], [Finding::HoldsEverything { bolt, held: 3, .. }] if bolt == "mock"),
            "{findings:?}"
        );
        mock.release();
        mock.let_go();
        quiescent(&running).await;

        assert!(fed.iter().all(|fed| fed.reason() == Some(Reason::Timeout)));
        assert_eq!((mock.leaked(), running.status().roots.failed_by["timeout"]), (6, 6));
        assert_eq!(running.status().component("mock").unwrap().held, 6, "for ever");
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_mock_that_hangs_is_not_released() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::acting(|_| Act::Hang));
        let running = start(&feeder, &mock, 100);

        let fed = feeder.feed(1);
        advance(Duration::from_secs(1)).await;
        mock.release();

        assert_eq!(fed.settled().await.reason(), Some(Reason::Timeout));
        assert_eq!(mock.stalled(), 1, "it hangs still");
        running.kill();
        running.wait().await.unwrap();
        assert_eq!(mock.stalled(), 0);
    });
}

#[test]
fn a_delay_takes_its_time_and_a_drop_fails_at_once() {
    virtual_time(async || {
        let act = |n: u64| if n == 1 { Act::Delay(Duration::from_secs(7)) } else { Act::Drop };
        let (feeder, mock) = (Feeder::new(), Mock::acting(move |call| act(call.nth)));
        start(&feeder, &mock, 100);

        let (slow, dropped) = (feeder.feed(1), feeder.feed(2));

        assert_eq!(slow.settled().await.at, Duration::from_secs(7));
        assert_eq!(dropped.settled().await.reason(), Some(Reason::Dropped));
    });
}

#[test]
fn a_delayed_feeder_emits_at_its_instant_however_often_it_is_interrupted() {
    virtual_time(async || {
        // Outcomes of the first root interrupt the delay before the second.
        let delay = |nth| if nth == 2 { Act::Delay(Duration::from_secs(5)) } else { Act::Pass };
        let feeder = Feeder::new().acting(delay);
        let mock = Mock::acting(|call| Act::Delay(Duration::from_secs(2 * (2 - call.nth))));
        start(&feeder, &mock, 100);

        let fed = feeder.feed_all([1, 2]);
        fed[1].settled().await;

        assert_eq!(mock.calls().iter().map(|call| call.at.as_secs()).collect::<Vec<_>>(), [0, 5]);
    });
}

#[test]
fn a_feeder_that_hangs_emits_nothing_more() {
    virtual_time(async || {
        let feeder = Feeder::new().acting(|nth| if nth == 3 { Act::Hang } else { Act::Leak });
        let running = start(&feeder, &Mock::echo(), 100);

        feeder.feed_all(0..10);
        advance(Duration::from_secs(60)).await;

        assert_eq!((feeder.emissions(), running.status().roots.acked), (2, 2));
    });
}
