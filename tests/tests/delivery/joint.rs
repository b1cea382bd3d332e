//! Tuples that are held, and tuples that are tied to several roots.

use std::sync::{Arc, Mutex};

use squall::{Anchor, Finding, TopologyBuilder, prelude::*};
use squall_testkit::{Act, Feeder, Mock, advance, quiescent, virtual_time};
use squall_tests::{Held, assert_counts, ms, s, start};

/// Gathers so many tuples and emits their sum, tied to them all.
struct Sums {
    size: usize,
    held: Vec<(u64, Anchor)>,
    then: fn(u64) -> Result<()>,
}

impl Sums {
    fn of(size: usize) -> Self {
        Self { size, held: Vec::new(), then: |_| Ok(()) }
    }
}

impl Bolt for Sums {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        self.held.push((n, out.hold()));
        if self.held.len() < self.size {
            return Ok(());
        }
        let sum = self.held.iter().map(|(n, _)| n).sum();
        out.emit_anchored(sum, self.held.iter().map(|(_, anchor)| anchor));
        self.held.drain(..).for_each(|(_, anchor)| anchor.ack());
        (self.then)(sum)
    }
}

#[test]
fn a_tuple_tied_to_several_roots_acks_them_when_it_is_done_and_not_before() {
    virtual_time(async || {
        let (feeder, last) = (Feeder::new(), Held::default());
        let mut t = TopologyBuilder::new("sums");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let sums = t.bolt("sums", || Sums::of(3)).shuffle(numbers).output();
        t.bolt("last", last.bolts(|_: &u64| true)).shuffle(sums);
        let running = start(t);

        let fed = feeder.feed_all([1, 2, 3]);
        advance(ms(10)).await;
        let status = running.status();
        assert_counts(&status);
        assert_eq!(status.roots.pending, 3);
        assert_eq!(status.component("sums").unwrap().held, 0, "what is emitted is not held any more");
        assert_eq!(status.component("last").unwrap().held, 1);
        last.ack();
        quiescent(&running).await;

        assert!(fed.iter().all(|fed| fed.is_acked()));
        assert_eq!(running.status().component("last").unwrap().held, 0);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_failure_of_such_a_tuple_fails_each_root_at_once_for_the_same_reason() {
    virtual_time(async || {
        let feeder = Feeder::new();
        let sink = Mock::<u64>::acting(|call| if call.value == 6 { Act::Refuse } else { Act::Pass });
        let mut t = TopologyBuilder::new("sums");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let sums = t.bolt("sums", || Sums::of(3)).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).shuffle(sums);
        let running = start(t);

        let failed = feeder.feed_all([1, 2, 3]);
        let acked = feeder.feed_all([4, 5, 6]);
        quiescent(&running).await;

        for fed in failed {
            let failure = fed.outcome().unwrap().failure.unwrap();
            assert_eq!((failure.reason, failure.permanent), (Reason::Explicit, true));
        }
        assert!(acked.iter().all(|fed| fed.is_acked()), "the same batch, other roots");
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn an_execute_that_fails_takes_the_roots_of_what_it_tied_with_it() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("sums");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let refuse = |sum| if sum == 6 { Err(Error::permanent("no sixes")) } else { Ok(()) };
        let sums = t.bolt("sums", move || Sums { then: refuse, ..Sums::of(3) }).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).shuffle(sums);
        let running = start(t);

        let failed = feeder.feed_all([1, 2, 3]);
        let acked = feeder.feed_all([4, 5, 6]);
        quiescent(&running).await;

        // They were acked behind the emit: what was emitted is what must not be lost.
        assert!(failed.iter().all(|fed| fed.reason() == Some(Reason::Explicit)));
        assert!(acked.iter().all(|fed| fed.is_acked()));
        assert_eq!(sink.values(), [15]);
        feeder.tracker().assert_one_outcome_each();
    });
}

/// Each tick sends on what is held, tied to it, and then does as told.
struct Parked {
    held: Vec<(u64, Anchor)>,
    on_tick: fn(u64) -> Result<()>,
}

impl Bolt for Parked {
    type In = u64;
    type Out = Emit<u64>;

    async fn execute(&mut self, n: u64, out: &mut Output<Emit<u64>>) -> Result<()> {
        out.emit(n);
        self.held.push((n, out.hold()));
        out.emit_anchored(100 + n, []);
        Ok(())
    }

    fn tick_period(&self) -> Option<std::time::Duration> {
        Some(s(1))
    }

    async fn tick(&mut self, out: &mut Output<Emit<u64>>) -> Result<()> {
        for (n, anchor) in self.held.drain(..) {
            out.emit_anchored(1000 + n, [&anchor]);
            anchor.ack();
            (self.on_tick)(n)?;
        }
        Ok(())
    }
}

#[test]
fn what_a_tick_emits_is_tied_to_what_it_says_and_lost_with_the_tick() {
    virtual_time(async || {
        let (feeder, sink) = (Feeder::new(), Mock::<u64>::echo());
        let mut t = TopologyBuilder::new("parked");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let on_tick = |n| if n == 3 { Err(Error::retryable("three")) } else { Ok(()) };
        let parked = t.bolt("parked", move || Parked { held: Vec::new(), on_tick }).shuffle(numbers).output();
        t.bolt_with("sink", sink.bolts()).shuffle(parked);
        let running = start(t);

        let acked = feeder.feed_all([1, 2]);
        advance(ms(900)).await;
        assert_eq!(sink.values(), [1, 101, 2, 102]);
        assert!(acked.iter().all(|fed| fed.outcome().is_none()));
        advance(ms(200)).await;
        assert_eq!(sink.values()[4..], [1001, 1002]);
        assert!(acked.iter().all(|fed| fed.is_acked()));

        // The tick fails behind its emits: 3 and 4 are lost together, 5 was not reached and is dropped.
        let failed = feeder.feed_all([4, 3, 5]);
        quiescent(&running).await;
        assert_eq!(sink.count(), 6 + 6, "nothing of the failed tick was sent");
        assert_eq!(failed[0].reason(), Some(Reason::Explicit));
        assert_eq!(failed[1].reason(), Some(Reason::Explicit));
        assert_eq!(failed[2].reason(), Some(Reason::Dropped));
        assert_eq!(running.status().component("sink").unwrap().dropped_untracked, 0);
        feeder.tracker().assert_one_outcome_each();
    });
}

#[test]
fn a_tuple_whose_other_root_has_failed_is_executed_for_the_one_that_lives() {
    virtual_time(async || {
        let (doomed, sound, sink, gate) =
            (Feeder::new(), Feeder::new(), Mock::<u64>::echo(), Held::default());
        let mut t = TopologyBuilder::new("half");
        let a = t.spout("doomed", doomed.spouts()).output();
        let b = t.spout("sound", sound.spouts()).output();
        // A second branch of the doomed root fails before the sum is there.
        t.bolt("gate", gate.bolts(|_: &u64| true)).shuffle(a);
        let sums = t.bolt("sums", || Sums::of(2)).shuffle(a).shuffle(b).output();
        t.bolt_with("sink", sink.bolts()).shuffle(sums);
        let running = start(t);

        let lost = doomed.feed(1);
        advance(ms(10)).await;
        gate.take().into_iter().for_each(|anchor| anchor.fail(Reason::Explicit));
        advance(ms(10)).await;
        let kept = sound.feed(2);
        quiescent(&running).await;

        assert_eq!(lost.reason(), Some(Reason::Explicit));
        assert!(kept.is_acked());
        assert_eq!(sink.values(), [3]);
    });
}

/// Tells the attempt of each tuple and sends it on.
struct Attempts(Arc<Mutex<Vec<u32>>>);

impl Bolt for Attempts {
    type In = u64;
    type Out = ();

    async fn execute(&mut self, _: u64, out: &mut Output<()>) -> Result<()> {
        self.0.lock().unwrap().push(out.delivery().attempt);
        Ok(())
    }
}

#[test]
fn a_tuple_of_several_roots_tells_the_delivery_of_the_most_attempts() {
    virtual_time(async || {
        let (feeder, seen) = (Feeder::new().replaying(3), Arc::new(Mutex::new(Vec::new())));
        let flaky = Mock::<u64>::acting(|call| match (call.value, call.delivery.attempt) {
            (1, 1 | 2) => Act::Fail,
            _ => Act::Pass,
        });
        let mut t = TopologyBuilder::new("attempts");
        let numbers = t.spout("numbers", feeder.spouts()).output();
        let passed = t.bolt_with("flaky", flaky.bolts()).shuffle(numbers).output();
        let sums = t.bolt("sums", || Sums::of(2)).shuffle(passed).output();
        let attempts = Arc::clone(&seen);
        t.bolt("attempts", move || Attempts(Arc::clone(&attempts))).shuffle(sums);
        let running = start(t);

        feeder.feed_all([1, 2]);
        quiescent(&running).await;
        feeder.feed_all([3, 4]);
        quiescent(&running).await;

        assert_eq!(*seen.lock().unwrap(), [3, 1]);
    });
}

#[test]
fn a_bolt_that_holds_all_that_may_be_pending_is_named() {
    virtual_time(async || {
        let (feeder, held) = (Feeder::new(), Held::default());
        feeder.feed_all(0..20);
        let mut t = TopologyBuilder::new("full");
        let numbers = t.spout("numbers", feeder.spouts()).max_pending(8).message_timeout(s(60)).output();
        let passed = t.bolt_with("pass", Mock::<u64>::echo().bolts()).shuffle(numbers).output();
        t.bolt("hold", held.bolts(|_: &u64| true)).shuffle(passed);
        let running = start(t);
        advance(s(1)).await;

        let status = running.status();
        let findings = status.findings();
        let (bolt, spout) = ("hold".to_owned(), "numbers".to_owned());
        assert_eq!(findings, [Finding::HoldsEverything { bolt, held: 8, spout, pending: 8 }]);
        let sentence = findings[0].to_string();
        assert!(sentence.contains("`hold` holds 8 tuples") && sentence.contains("`numbers`"), "{sentence}");
        held.ack();
        advance(ms(10)).await;
        held.ack();
        advance(ms(10)).await;

        assert_eq!(running.status().findings(), [], "four are pending, and held: there is room for four");
        held.ack();
    });
}
