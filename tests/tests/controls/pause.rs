//! One spout is paused while the others go on.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use squall::{Refused, prelude::*};
use squall_testkit::{Act, Fed, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, s, start, start_paused};

/// Two sources and one bolt that reads both.
struct Both {
    one: Feeder<u64>,
    other: Feeder<u64>,
    mock: Mock<u64>,
}

impl Both {
    fn new(mock: Mock<u64>) -> Self {
        Self { one: Feeder::new(), other: Feeder::new(), mock }
    }

    fn declare(&self) -> TopologyBuilder {
        let mut t = TopologyBuilder::new("both");
        let one = t.spout("one", self.one.spouts()).message_timeout(s(30)).output();
        let other = t.spout("other", self.other.spouts()).output();
        t.bolt_with("mock", self.mock.bolts()).stuck_after(s(300)).shuffle(one).shuffle(other);
        t
    }
}

fn emitted(running: &Running, spout: &str) -> u64 {
    running.status().component(spout).unwrap().roots.as_ref().unwrap().emitted
}

fn is_paused(running: &Running, component: &str) -> bool {
    running.status().component(component).unwrap().paused
}

#[test]
fn a_paused_spout_emits_nothing_while_the_others_go_on() {
    virtual_time(async || {
        let both = Both::new(Mock::echo());
        let running = start(both.declare());
        advance(ms(10)).await;
        running.pause_component("one").unwrap();
        assert!(is_paused(&running, "one") && !is_paused(&running, "other"));
        advance(ms(10)).await;

        let (kept, passed) = (both.one.feed(1), both.other.feed(2));
        advance(s(10)).await;
        assert!(passed.is_acked());
        assert_eq!((emitted(&running, "one"), both.one.waiting()), (0, 1));

        running.resume_component("one").unwrap();
        assert!(!is_paused(&running, "one"));
        quiescent(&running).await;
        advance(ms(10)).await;
        assert!(kept.is_acked());
    });
}

#[test]
fn the_pending_roots_of_a_paused_spout_come_to_their_ends_and_it_hears_of_them() {
    virtual_time(async || {
        let both = Both::new(Mock::acting(|call| if call.value == 0 { Act::Stall } else { Act::Hang }));
        let running = start(both.declare());
        let fed = both.one.feed_all(0..2);
        advance(ms(10)).await;

        running.pause_component("one").unwrap();
        advance(ms(10)).await;
        both.mock.release();
        advance(ms(10)).await;
        assert!(fed[0].is_acked());
        advance(s(60)).await;

        assert_eq!(fed[1].reason(), Some(Reason::Timeout), "its timeouts run on");
        assert_counts(&running.status());
        assert_eq!(running.status().roots.pending, 0);
    });
}

#[test]
fn a_pause_of_the_topology_and_of_one_spout_are_independent() {
    virtual_time(async || {
        let both = Both::new(Mock::echo());
        let running = start_paused(both.declare());
        running.pause_component("one").unwrap();
        running.resume();
        both.one.feed(1);
        both.other.feed(2);
        advance(ms(100)).await;
        assert_eq!((emitted(&running, "one"), emitted(&running, "other")), (0, 1), "paused before it began");

        running.pause();
        advance(ms(10)).await;
        running.resume_component("one").unwrap();
        advance(ms(100)).await;
        assert_eq!(emitted(&running, "one"), 0, "the topology is paused");
        running.resume();
        quiescent(&running).await;
        advance(ms(10)).await;
        assert_eq!((emitted(&running, "one"), emitted(&running, "other")), (1, 1));
    });
}

#[test]
fn a_drain_works_while_a_spout_is_paused() {
    virtual_time(async || {
        let both = Both::new(Mock::stalls_every(1));
        let running = start(both.declare());
        let fed = both.one.feed(1);
        advance(ms(10)).await;
        running.pause_component("one").unwrap();
        advance(ms(10)).await;
        both.one.feed(2);
        advance(ms(10)).await;

        running.drain(s(30));
        advance(ms(10)).await;
        both.mock.release();
        let report = running.wait().await.unwrap();

        assert!(fed.is_acked());
        assert_eq!((report.roots().acked, report.roots().failed, both.one.closed()), (1, 0, 1));
        assert!(matches!(running.pause_component("one"), Err(Refused::NotRunning)));
    });
}

#[test]
fn a_paused_spout_can_be_rebalanced_and_restarted_and_stays_paused() {
    virtual_time(async || {
        let both = Both::new(Mock::echo());
        let running = start(both.declare());
        advance(ms(10)).await;
        running.pause_component("one").unwrap();
        advance(ms(10)).await;
        let fed = both.one.feed_all(0..4);

        running.rebalance("one", 3).await.unwrap();
        running.restart_task("one", 2).await.unwrap();
        advance(s(1)).await;
        let status = running.status();
        assert_eq!((status.component("one").unwrap().tasks, emitted(&running, "one")), (3, 0));

        running.resume_component("one").unwrap();
        quiescent(&running).await;
        advance(ms(10)).await;
        assert!(fed.iter().all(Fed::is_acked));
    });
}

#[test]
fn roots_that_wait_for_their_next_attempt_wait_on_while_their_spout_is_paused() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::fails_every(2));
        let policy = squall::RetryPolicy { backoff: ms(100), max_backoff: ms(100), ..Default::default() };
        let mut t = TopologyBuilder::new("replayed");
        let (numbers, _) = t.spout("numbers", feeder.spouts()).replay(policy).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);
        let running = start(t);
        let fed = feeder.feed_all([1, 2]);
        advance(ms(10)).await;
        running.pause_component("numbers").unwrap();
        advance(s(10)).await;
        assert_eq!((mock.count(), running.status().component("numbers").unwrap().waiting), (2, 1));

        running.resume_component("numbers").unwrap();
        quiescent(&running).await;
        assert!(fed.iter().all(Fed::is_acked) && mock.count() == 3);
    });
}

/// Counts how often it is told to stop.
struct Told(Arc<AtomicUsize>);

impl Spout for Told {
    type Id = u64;
    type Out = Emit<u64>;

    async fn next(&mut self, _: &mut SpoutOutput<Emit<u64>, u64>) -> Result<Next> {
        std::future::pending().await
    }

    async fn deactivate(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_spout_is_told_that_it_is_paused_also_while_its_next_awaits() {
    virtual_time(async || {
        let told = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&told);
        let mut t = TopologyBuilder::new("told");
        let nothing = t.spout("told", move || Told(Arc::clone(&count))).output();
        t.bolt_with("mock", Mock::<u64>::echo().bolts()).shuffle(nothing);
        let running = start(t);
        advance(ms(10)).await;
        running.pause_component("told").unwrap();
        running.pause_component("told").unwrap();
        advance(ms(10)).await;
        assert_eq!(told.load(Relaxed), 1);
    });
}

#[test]
fn only_spouts_can_be_paused_alone() {
    virtual_time(async || {
        let both = Both::new(Mock::echo());
        let running = start(both.declare());
        let refused = |component| running.pause_component(component).unwrap_err().to_string();
        assert_eq!(
            refused("mock"),
            "`mock` is no spout, and only spouts can be paused; pause the spouts that feed it"
        );
        assert_eq!(refused("two"), "there is no component `two`; there are: one, other, mock");
        assert!(matches!(running.resume_component("mock"), Err(Refused::NotASpout { .. })));
    });
}
