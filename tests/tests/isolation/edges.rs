//! Panics at the edges: keys, conversions, `Clone` and `Drop` of tuples, `Drop` of components.

use std::panic;

use serde::{Deserialize, Serialize};
use squall::{TopologyBuilder, prelude::*};
use squall_testkit::{Capture, Feeder, Mock, quiescent, virtual_time};
use squall_tests::start;

/// A number whose `Clone` or `Drop` panics for some values.
#[derive(Debug, Serialize, Deserialize)]
struct Touchy {
    n: u64,
    /// Panics when cloned.
    clone: bool,
    /// Panics when dropped.
    drop: bool,
}

impl Touchy {
    fn calm(n: u64) -> Self {
        Self { n, clone: false, drop: false }
    }
}

impl Clone for Touchy {
    fn clone(&self) -> Self {
        assert!(!self.clone, "no copy of {}", self.n);
        Self { n: self.n, clone: self.clone, drop: self.drop }
    }
}

impl Drop for Touchy {
    fn drop(&mut self) {
        assert!(!self.drop || std::thread::panicking(), "{} does not go quietly", self.n);
    }
}

/// Makes a touchy tuple of a number.
struct Make(fn(u64) -> Touchy);

impl Bolt for Make {
    type In = u64;
    type Out = Emit<Touchy>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<Touchy>>) -> Result<()> {
        out.emit((self.0)(n));
        Ok(())
    }
}

/// Drops what it reads.
struct Sink;

impl Bolt for Sink {
    type In = Touchy;
    type Out = ();

    async fn execute(&mut self, touchy: Touchy, _: &mut Output<()>) -> Result<()> {
        drop(touchy);
        Ok(())
    }
}

/// Feeds 0 to 99, of which the number 50 strikes; returns which roots failed.
async fn who_fails(
    feeder: Feeder<u64>,
    wire: impl FnOnce(&mut TopologyBuilder, squall::Stream<u64>),
) -> (Vec<(u64, Reason)>, squall::Status) {
    let mut t = TopologyBuilder::new("edges");
    let numbers = t.spout("numbers", feeder.spouts()).output();
    wire(&mut t, numbers);
    let running = start(t);
    let fed = feeder.feed_all(0..100);
    quiescent(&running).await;
    feeder.tracker().assert_one_outcome_each();
    assert_eq!(fed.iter().filter(|fed| fed.is_acked()).count(), 99);
    (feeder.tracker().failed_ids(), running.status())
}

#[test]
fn a_panic_in_the_key_of_a_grouping_fails_that_root_only() {
    virtual_time(async || {
        let mock = Mock::<u64>::echo();
        let (failed, status) = who_fails(Feeder::new(), |t, numbers| {
            let key = |n: &u64| {
                assert!(*n != 50, "fifty has no key");
                *n
            };
            t.bolt_with("mock", mock.bolts()).tasks(3).fields_by(numbers, key);
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
        assert_eq!(mock.count(), 99);
        let spout = status.component("numbers").unwrap();
        assert_eq!(spout.restarts, 0, "the emitting task goes on");
        assert!(spout.errors[0].message.contains("the key of a grouping"), "{:?}", spout.errors);
    });
}

#[test]
fn a_panic_in_a_conversion_fails_that_root_only() {
    virtual_time(async || {
        let mock = Mock::<String>::echo();
        let (failed, status) = who_fails(Feeder::new(), |t, numbers| {
            let convert = |n: u64| {
                assert!(n != 50, "fifty has no text");
                n.to_string()
            };
            t.bolt_with("mock", mock.bolts()).shuffle(numbers.via(convert));
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
        assert_eq!(mock.count(), 99);
        assert_eq!(status.component("numbers").unwrap().restarts, 0);
    });
}

#[test]
fn a_panic_in_the_clone_of_a_tuple_fails_that_root_only() {
    virtual_time(async || {
        let (failed, status) = who_fails(Feeder::new(), |t, numbers| {
            let make = |n| Touchy { clone: n == 50, ..Touchy::calm(n) };
            let made = t.bolt("make", move || Make(make)).shuffle(numbers).output();
            t.bolt("left", || Sink).shuffle(made);
            t.bolt("right", || Sink).tasks(2).all(made);
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
        assert_eq!(status.component("left").unwrap().executed, 99);
        assert_eq!(status.component("right").unwrap().executed, 198);
        assert_eq!(status.component("make").unwrap().restarts, 0);
    });
}

#[test]
fn a_panic_in_the_drop_of_a_tuple_fails_that_root_only() {
    virtual_time(async || {
        let (failed, status) = who_fails(Feeder::new(), |t, numbers| {
            let make = |n| Touchy { drop: n == 50, ..Touchy::calm(n) };
            let made = t.bolt("make", move || Make(make)).shuffle(numbers).output();
            t.bolt("sink", || Sink).shuffle(made);
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
        assert_eq!(status.component("sink").unwrap().restarts, 1);
    });
}

#[test]
fn a_panic_in_the_drop_of_a_skipped_tuple_is_reported_and_harmless() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("skipped");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let make = |n| Touchy { drop: n == 2, ..Touchy::calm(n) };
        let made = t.bolt("make", move || Make(make)).shuffle(numbers).output();
        t.bolt("picky", || Picky).shuffle(made);
        let running = start(t);

        let (batch, next) = (feeder.feed_together([1, 2, 3]), feeder.feed(4));
        quiescent(&running).await;

        assert_eq!(batch.reason(), Some(Reason::Explicit));
        assert!(next.is_acked());
        let status = running.status();
        let picky = status.component("picky").unwrap();
        assert_eq!((picky.restarts, picky.skipped), (0, 2));
    });
}

/// Refuses number 1.
struct Picky;

impl Bolt for Picky {
    type In = Touchy;
    type Out = ();

    async fn execute(&mut self, touchy: Touchy, _: &mut Output<()>) -> Result<()> {
        if touchy.n == 1 { Err(Error::permanent("not one")) } else { Ok(()) }
    }
}

#[test]
fn a_panic_in_the_drop_of_a_bolt_does_not_keep_it_from_being_rebuilt() {
    struct Bomb;
    impl Bolt for Bomb {
        type In = u64;
        type Out = ();
        async fn execute(&mut self, n: u64, _: &mut Output<()>) -> Result<()> {
            assert!(n != 50, "fifty");
            Ok(())
        }
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("does not go quietly");
        }
    }
    virtual_time(async || {
        let (failed, status) = who_fails(Feeder::new(), |t, numbers| {
            t.bolt("bomb", || Bomb).shuffle(numbers);
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
        assert_eq!(status.component("bomb").unwrap().restarts, 1);
    });
}

#[test]
fn a_payload_that_is_no_text_and_panics_when_dropped_is_contained() {
    struct Payload;
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("again");
        }
    }
    struct Thrower;
    impl Bolt for Thrower {
        type In = u64;
        type Out = ();
        async fn execute(&mut self, n: u64, _: &mut Output<()>) -> Result<()> {
            if n == 50 {
                panic::panic_any(Payload);
            }
            Ok(())
        }
    }
    virtual_time(async || {
        let (failed, _) = who_fails(Feeder::new(), |t, numbers| {
            t.bolt("thrower", || Thrower).shuffle(numbers);
        })
        .await;

        assert_eq!(failed, [(50, Reason::Panic)]);
    });
}

#[test]
fn a_key_that_panics_on_an_untracked_tuple_loses_that_one_and_counts_it() {
    virtual_time(async || {
        let (feeder, mock) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("untracked");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let key = |n: &u64| {
            assert!(*n != 50, "fifty has no key");
            *n
        };
        t.bolt_with("mock", mock.bolts()).tasks(3).fields_by(numbers, key);
        let running = start(t);

        (0..100).for_each(|n| feeder.feed_untracked(n));
        quiescent(&running).await;

        assert_eq!(mock.count(), 99);
        assert_eq!(running.status().component("numbers").unwrap().dropped_untracked, 1);
    });
}

#[derive(Outputs)]
struct TwoOut {
    touchy: Emit<Touchy>,
    plain: Emit<u64>,
}

/// Emits on both streams; for zero it refuses, or panics, with a touchy tuple in hand.
struct Two {
    panics: bool,
}

impl Bolt for Two {
    type In = u64;
    type Out = TwoOut;

    async fn execute(&mut self, n: u64, out: &mut Output<TwoOut>) -> Result<()> {
        out.plain.emit(n);
        if n > 0 {
            return Ok(());
        }
        out.touchy.emit(Touchy { n, clone: false, drop: true });
        assert!(!self.panics, "no zero");
        Err(Error::retryable("no zero"))
    }
}

/// Runs 1, 0, 2 through [`Two`] and returns what came out on its second stream.
fn plain_outputs(panics: bool) -> Vec<u64> {
    let mut plain = Vec::new();
    virtual_time(async || {
        let feeder = Feeder::new();
        let mut t = TopologyBuilder::new("two");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let two = t.bolt("two", move || Two { panics }).shuffle(numbers).output();
        t.bolt("touchy", || Sink).shuffle(two.touchy);
        let capture = Capture::of(&mut t, two.plain);
        let running = start(t);
        let fed = feeder.feed_all([1, 0, 2]);
        quiescent(&running).await;

        assert_eq!(fed.iter().map(|fed| fed.is_acked()).collect::<Vec<_>>(), [true, false, true]);
        plain = capture.tuples();
    });
    plain
}

#[test]
fn a_drop_that_panics_leaves_nothing_of_a_refused_execute() {
    assert_eq!(plain_outputs(false), [1, 2]);
}

#[test]
fn a_drop_that_panics_leaves_nothing_of_a_panicked_execute() {
    assert_eq!(plain_outputs(true), [1, 2]);
}
