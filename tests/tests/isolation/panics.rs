//! Panics in `execute`, `tick`, `drain` and the factory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Act, Capture, Feeder, Mock, advance, complete_topology, quiescent, virtual_time};
use squall_tests::{assert_counts, ms, start};

#[test]
fn a_panic_fails_the_root_in_hand_and_the_rest_of_the_batch_is_executed_in_order() {
    virtual_time(async || {
        let feeder = Feeder::of(0..1000);
        let mock = Mock::<u64>::acting(|call| if call.value == 500 { Act::Panic } else { Act::Pass });
        let mut t = TopologyBuilder::new("one-panic");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
        let captured = Capture::of(&mut t, passed);

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(feeder.tracker().failed_ids(), [(500, Reason::Panic)]);
        assert_eq!(mock.values(), (0..1000).collect::<Vec<_>>(), "each once, in order");
        assert_eq!(captured.tuples(), (0..1000).filter(|n| *n != 500).collect::<Vec<_>>());
        assert_eq!((mock.built(), report.component("mock").unwrap().restarts), (2, 1));
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn neighbours_do_not_notice_a_panic() {
    virtual_time(async || {
        let (feeder, other) = (Feeder::of(0..300), Feeder::of(1000..1300));
        let (panics, sibling, stranger) =
            (Mock::<u64>::panics_every(3), Mock::<u64>::echo(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("neighbours");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let others = t.spout("others", other.spouts()).output();
        t.bolt_with("panics", panics.bolts()).tasks(2).shuffle(numbers);
        t.bolt_with("sibling", sibling.bolts()).shuffle(numbers);
        t.bolt_with("stranger", stranger.bolts()).shuffle(others);

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!((panics.count(), feeder.tracker().failed_ids().len()), (300, 100));
        assert_eq!((sibling.built(), stranger.built()), (1, 1));
        assert_eq!(stranger.count(), 300);
        assert_eq!(other.tracker().acked_ids().len(), 300);
        assert_counts(&report.status);
    });
}

#[test]
fn only_the_untracked_tuple_in_hand_is_lost_and_counted() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mock = Mock::<u64>::acting(|call| match call.value {
            40 => Act::Panic,
            60 => Act::Fail,
            _ => Act::Pass,
        });
        let mut t = TopologyBuilder::new("untracked");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("mock", mock.bolts()).shuffle(numbers).output();
        let captured = Capture::of(&mut t, passed);
        let running = start(t);

        (0..100).for_each(|n| feeder.feed_untracked(n));
        quiescent(&running).await;

        assert_eq!(captured.tuples(), (0..100).filter(|n| ![40, 60].contains(n)).collect::<Vec<_>>());
        assert_eq!(running.status().component("mock").unwrap().dropped_untracked, 2);
    });
}

#[test]
fn a_panic_in_every_execute_of_many_loses_nothing_silently() {
    virtual_time(async || {
        let feeder = Feeder::of(0..2000).replaying(4);
        let mock = Mock::<u64>::panics_every(3);
        let mut t = TopologyBuilder::new("many-panics");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("mock", mock.bolts()).tasks(2).fields(numbers, |n| n).output();
        let captured = Capture::of(&mut t, passed);

        complete_topology(&t.build().unwrap()).await.unwrap();

        feeder.tracker().assert_one_outcome_each();
        assert_eq!(captured.tuples().len(), feeder.tracker().acked_ids().len());
    });
}

#[test]
fn a_bolt_that_gets_on_is_rebuilt_at_once_for_ever() {
    virtual_time(async || {
        let feeder = Feeder::of(0..1000);
        let mock = Mock::<u64>::panics_every(2);
        let mut t = TopologyBuilder::new("every-second");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt_with("mock", mock.bolts()).shuffle(numbers);

        let report = complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(report.component("mock").unwrap().restarts, 500);
        assert_eq!(report.duration, Duration::ZERO, "nobody waited");
    });
}

#[test]
fn a_panic_after_an_await_is_a_panic_like_any_other() {
    struct Late;
    impl Bolt for Late {
        type In = u64;
        type Out = ();
        async fn execute(&mut self, n: u64, _: &mut Output<()>) -> Result<()> {
            tokio::time::sleep(ms(5)).await;
            assert!(n != 2, "two");
            Ok(())
        }
    }
    virtual_time(async || {
        let feeder = Feeder::of(1..=3);
        let mut t = TopologyBuilder::new("late");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("late", || Late).shuffle(numbers);

        complete_topology(&t.build().unwrap()).await.unwrap();

        assert_eq!(feeder.tracker().failed_ids(), [(1, Reason::Panic)]);
    });
}

/// Panics once in the hook that is named, and counts all its calls.
struct Hooks {
    calls: Arc<[AtomicU64; 2]>,
    panics_in: &'static str,
}

impl Hooks {
    fn call(&self, at: usize, hook: &str) {
        let nth = self.calls[at].fetch_add(1, Ordering::Relaxed);
        assert!(nth > 0 || self.panics_in != hook, "the first {hook} panics");
    }
}

impl Bolt for Hooks {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(n);
        Ok(())
    }

    async fn tick(&mut self, _: &mut Output<Emit<u64>>) -> Result<()> {
        self.call(0, "tick");
        Ok(())
    }

    async fn drain(&mut self, _: &mut Output<Emit<u64>>) -> Result<()> {
        self.call(1, "drain");
        Ok(())
    }
}

async fn run_hooks(panics_in: &'static str) -> (u64, u64, Report, Feeder<u64>) {
    let calls = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let feeder = Feeder::new();
    let mut t = TopologyBuilder::new("hooks");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let shared = Arc::clone(&calls);
    t.bolt("hooks", move || Hooks { calls: Arc::clone(&shared), panics_in }).shuffle(numbers).tick(ms(100));
    let running = start(t);
    feeder.feed_all(0..10);
    advance(ms(250)).await;
    feeder.feed_all(10..20);
    feeder.end();
    let report = running.wait().await.unwrap();
    (calls[0].load(Ordering::Relaxed), calls[1].load(Ordering::Relaxed), report, feeder)
}

#[test]
fn a_panic_in_a_tick_rebuilds_the_bolt_and_the_beat_goes_on() {
    virtual_time(async || {
        let (ticks, drains, report, feeder) = run_hooks("tick").await;
        assert_eq!((ticks, drains), (2, 1));
        assert_eq!(feeder.tracker().acked_ids().len(), 20);
        assert_eq!(report.component("hooks").unwrap().restarts, 1);
    });
}

#[test]
fn a_panic_in_the_last_words_does_not_keep_the_topology_from_its_end() {
    virtual_time(async || {
        let (ticks, drains, report, feeder) = run_hooks("drain").await;
        assert_eq!((ticks, drains), (2, 1), "the last words are said once");
        assert_eq!(feeder.tracker().acked_ids().len(), 20);
        let errors = &report.component("hooks").unwrap().errors;
        assert!(errors[0].message.contains("the first drain panics"), "{errors:?}");
    });
}

#[test]
fn a_panic_of_a_sync_bolt_on_its_own_thread_is_isolated_too() {
    struct Sums(Arc<AtomicU64>);
    impl SyncBolt for Sums {
        type In = u64;
        type Out = ();
        fn execute(&mut self, n: u64, _: &mut Output<()>) -> Result<()> {
            assert!(!n.is_multiple_of(10), "tens");
            self.0.fetch_add(n, Ordering::Relaxed);
            Ok(())
        }
    }
    let (feeder, sum) = (Feeder::of(1..=100), Arc::new(AtomicU64::new(0)));
    let mut t = TopologyBuilder::new("sync");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    let shared = Arc::clone(&sum);
    t.sync_bolt("sums", move || Sums(Arc::clone(&shared))).tasks(2).fields(numbers, |n| n);

    let running = Running::start(t.build().unwrap(), Options::default().threads(1)).unwrap();
    running.wait_blocking().unwrap();

    assert_eq!(sum.load(Ordering::Relaxed), 5050 - 550);
    assert_eq!(feeder.tracker().failed_ids().len(), 10);
    feeder.tracker().assert_one_outcome_each();
}

/// Holds what it reads, and panics at number 5.
struct Hoard(Vec<squall::Anchor>);

impl Bolt for Hoard {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, n: u64, out: &mut Output<()>) -> Result<()> {
        assert!(n != 5, "five");
        self.0.push(out.hold());
        Ok(())
    }
}

#[test]
fn what_a_bolt_held_when_it_panicked_fails_with_dropped_at_once() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("hoard");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        t.bolt("hoard", || Hoard(Vec::new())).shuffle(numbers);
        start(t);

        let fed = feeder.feed_all(1..=8);
        advance(ms(5)).await;

        let reasons: Vec<_> = fed.iter().map(squall_testkit::Fed::reason).collect();
        let dropped = Some(Reason::Dropped);
        assert_eq!(reasons, [dropped, dropped, dropped, dropped, Some(Reason::Panic), None, None, None]);
        assert_eq!(feeder.tracker().owed(), [5, 6, 7], "the rebuilt bolt holds these");
    });
}
